"""One server, several clients at once, each isolation level: nothing but what the level allows, and all that it does.

GEMEL_ISOLATION_SECONDS: how long each random run lasts (make soak's are longer).
"""
import os
import threading

import pytest

from isolation import dialogues, promises
from isolation.checker import check, names
from isolation.history import COMMITTED
from isolation.workload import LEAST_COMMITTED, LEVELS, record

SECONDS = float(os.environ.get('GEMEL_ISOLATION_SECONDS', 1))
RU, RC, RR, S = LEVELS


def assert_allowed(history, allowed):
    anomalies = check(history)
    others = [anomaly for anomaly in anomalies if anomaly.name not in allowed]
    assert not others, '\n'.join(map(str, others[:10]))
    assert sum(each.status == COMMITTED for each in history.transactions) >= LEAST_COMMITTED
    return names(anomalies)


@pytest.mark.parametrize('shape', ['list', 'set'])
@pytest.mark.parametrize('level, style', dict.fromkeys(key[:2] for key in promises.GEMEL))
def test_random_transactions(server, level, style, shape):
    history = record(server, shape, level, style, SECONDS)
    assert_allowed(history, promises.allowed(promises.GEMEL, level, style, shape))


@pytest.mark.parametrize('level, shape', [(RR, 'set'), (S, 'list')])
def test_killed_in_the_middle(server, level, shape):
    """What was acknowledged is there, whole, and only that; and the level holds across the crash."""
    def kill_twice(end):
        for _ in range(2):
            threading.Event().wait(SECONDS / 2)
            server.kill()
            server.start()

    history = record(server, shape, level, '', SECONDS * 2, meanwhile=kill_twice)
    assert_allowed(history, promises.allowed(promises.GEMEL, level, '', shape))


def test_the_checker_sees_what_innodb_lets_through(make_server):
    """Beside ours: it finds dirty reads where they are, and nothing where InnoDB's locks leave nothing."""
    mariadb = make_server('m', kind='mariadb')
    seen = assert_allowed(record(mariadb, 'list', RU, '', SECONDS), promises.allowed(promises.INNODB, RU, '', 'list'))
    assert seen >= {'dirty read', 'G-single'}
    for level, style in ((RR, promises.UPDATE), (S, '')):
        assert_allowed(record(mariadb, 'set', level, style, SECONDS), promises.allowed(promises.INNODB, level, style, 'set'))


# What shows in these dialogues, at which levels, here; INNODB: where it is otherwise there.
SHOWN = {
    'dirty_read': set(),
    'aborted_read': set(),
    'fuzzy_read': {RU, RC},
    'read_skew': {RU, RC},
    'phantom': {RU, RC},
    'phantom_while_locking': {RU, RC, RR},
    'lost_update': {RU, RC, RR},
    'lost_update_while_locking': set(),
    'write_skew': {RU, RC, RR},
    'write_skew_by_ranges': {RU, RC, RR},
    'write_beside_the_snapshot': {RU, RC, RR},
}
INNODB = {'dirty_read': {RU}, 'aborted_read': {RU}, 'phantom_while_locking': {RU, RC}}


def test_dialogues(server):
    assert dialogues.play_all(server, LEVELS) == SHOWN


def test_dialogues_with_innodb(make_server):
    assert dialogues.play_all(make_server('m', kind='mariadb'), LEVELS) == {**SHOWN, **INNODB}


def test_a_level_for_one_transaction(server):
    """SET TRANSACTION for the next one alone is as good as the session's level."""
    dialogues.prepare(server)
    a, b = (dialogues.Client(server, RR) for _ in range(2))
    for client in (a, b):
        client.do('COMMIT', f'SET TRANSACTION ISOLATION LEVEL {S}', 'BEGIN')
    with pytest.raises(dialogues.Prevented):
        dialogues.write_skew(a, b)
    for client in (a, b):
        client.do('ROLLBACK', 'BEGIN')
    assert dialogues.phantom_while_locking(a, b)


def test_a_unique_key_that_is_not_there_is_locked(server):
    """Named by a unique key, primary or not, a row that is not there is kept out by who looked for it with a lock."""
    dialogues.prepare(server)
    server.execute('ALTER TABLE dialogue.t ADD u INT UNIQUE')
    for where in ('id = 5', 'u = 5'):
        a, b = (dialogues.Client(server, RR) for _ in range(2))
        assert a.do(f'SELECT id FROM t WHERE {where} FOR UPDATE') == []
        with pytest.raises(dialogues.Prevented):
            b.do('INSERT INTO t VALUES (5, 50, 5)')
        b.do('ROLLBACK')
        a.do('INSERT INTO t VALUES (5, 50, 5)', 'ROLLBACK')
