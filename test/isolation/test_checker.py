"""The checker by hand-made histories: each anomaly is found, by its name and no other, and harmless ones are not."""
import pytest

from isolation.checker import NAMES, check, names
from isolation.history import ABORTED, UNKNOWN, Append, History, Read, Transaction

KEYS = 'xyz'


def step(text, number):
    """a x 1 | r x 1 2 | r* x: an append; a read of a key; a read of a key by a range"""
    kind, key, *values = text.split()
    values = [int(value) for value in values]
    if kind == 'a':
        return Append(KEYS.index(key), values[0])
    return Read(KEYS.index(key), tuple(values), by_range=kind == 'r*', ended=number + 0.5)


def made(*transactions, final, has_order=True, begins=None):
    """Each transaction is its steps, separated by commas; an ! before them: rolled back, a ?: nobody knows."""
    made = []
    for number, text in enumerate(transactions, 1):
        status = {'!': ABORTED, '?': UNKNOWN}.get(text[0], 'committed')
        steps = [step(part, number) for part in text.lstrip('!?').split(',')]
        began = begins[number - 1] if begins else 0
        made.append(Transaction(number, steps, status, began))
    final = {KEYS.index(text.split()[0]): tuple(map(int, text.split()[1:])) for text in final.split(',')}
    return History(made, final, has_order)


LISTS = {
    'G0': made('a x 1, a y 2', 'a x 3, a y 4', final='x 1 3, y 4 2'),
    'G1a': made('!a x 1', 'r x 1', final='x'),
    'G1c': made('a x 1, r y 2', 'a y 2, r x 1', final='x 1, y 2'),
    'G-single': made('a x 1, a y 2', 'r x 1, r y', final='x 1, y 2'),
    'lost update': made('r x, a x 2', 'a x 1', final='x 1 2'),
    'G2-item': made('a x 1, a y 2', 'r x 1, r y 2, a x 3', 'r x 1, r y 2, a y 4', final='x 1 3, y 2 4'),
    'G2': made('r* x, a y 1', 'r* y, a x 2', final='x 2, y 1'),
    'internal': made('a x 1, r x', final='x 1'),
    'lost': made('a x 1', 'a x 2', final='x 2'),
    'torn': made('?a x 1, a y 2', final='x 1, y'),
    'resurrected': made('!a x 1', final='x 1'),
}


@pytest.mark.parametrize('name', LISTS)
def test_each_by_its_name(name):
    assert names(check(LISTS[name])) == {name}


def test_in_the_middle_of_a_transaction():
    """G1b is never alone: who read the middle is ahead of the rest."""
    assert names(check(made('a x 1, a x 2', 'r x 1', final='x 1 2'))) == {'G1b', 'G-single'}


def test_a_second_read_that_differs():
    assert names(check(made('r x, r x 1', 'a x 1', final='x 1'))) == {'fuzzy read', 'G-single'}


def test_a_dirty_read_is_one_even_if_its_writer_commits():
    history = made('a x 1', 'r x 1', final='x 1', begins=[9, 9])
    assert names(check(history)) == {'dirty read'}


def test_readers_agree_about_the_order():
    """A set has none to disagree about."""
    steps = ['a x 1', 'a x 2', 'r x 2']
    assert names(check(made(*steps, final='x 1 2'))) == {'order', 'G-single'}
    assert names(check(made(*steps, final='x 1 2', has_order=False))) == set()


def test_the_order_has_no_doubles():
    assert names(check(made('a x 1', 'r x 1 1', final='x 1'))) >= {'order'}
    assert names(check(made('a x 1', final='x 1 1'))) >= {'order'}


def test_a_value_that_nobody_wrote():
    assert names(check(made('r x 7', final='x'))) >= {'order'}


def test_who_was_not_answered_is_known_by_the_end():
    assert names(check(made('?a x 1, a y 2', 'r x 1', final='x 1, y 2'))) == set()
    assert names(check(made('?a x 1, a y 2', 'r x', final='x, y'))) == set()
    assert names(check(made('?a x 1', 'r x 1', final='x'))) == {'G1a'}


def test_a_cycle_of_many():
    ring = made('a x 1, r y', 'a y 2, r z', 'a z 3, r x', final='x 1, y 2, z 3')
    assert names(check(ring)) == {'G2-item'}
    long_skew = made('r z, r x 1', 'a x 1, r y 2', 'a y 2, r z 3', 'a z 3', final='x 1, y 2, z 3')
    assert names(check(long_skew)) == {'G-single'}


SETS = {
    'G1a': made('!a x 1', 'r x 1', final='x', has_order=False),
    'G1c': made('a x 1, r y 2', 'a y 2, r x 1', final='x 1, y 2', has_order=False),
    'G-single': made('a x 1, a y 2', 'r* x 1, r* y', final='x 1, y 2', has_order=False),
    'G2-item': made('r x, a y 2', 'r y, a x 1', final='x 1, y 2', has_order=False),
    'G2': made('r* x, a y 2', 'r* y, a x 1', final='x 1, y 2', has_order=False),
    'internal': made('a x 1, r* x', final='x 1', has_order=False),
    'lost': made('a x 1', final='x', has_order=False),
}


@pytest.mark.parametrize('name', SETS)
def test_sets_too(name):
    assert names(check(SETS[name])) == {name}


def test_what_is_serial_is_left_alone():
    serial = ['a x 1, a y 2', 'r x 1, r y 2, a x 3, r x 1 3', '!a y 9, r y 2 9', 'r* x 1 3, r* y 2, r* z']
    assert check(made(*serial, final='x 1 3, y 2')) == []
    assert check(made(*serial, final='x 1 3, y 2', has_order=False)) == []


def test_every_name_has_its_history():
    covered = set(LISTS) | {'G1b', 'fuzzy read', 'dirty read', 'order'}
    assert covered == set(NAMES)
