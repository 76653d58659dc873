"""Every topology under random writes on each of its masters: undisturbed, with a server killed, with a link cut."""
import os

import pytest

from harness.load import Load
from harness.network import Network
from harness.shape import Shape, database_of
from harness.topology import explain, is_running
from harness.wait import wait_until

SECONDS = float(os.environ.get('GEMEL_TOPOLOGY_SECONDS', 2))

LINES = {
    'one to many': 'a->b a->c a->d',
    'chain': 'a->b->c',
    'pair': 'a<->b',
    'pair with replicas': 'a<->b a->c a->d a->e b->f b->g b->h',
    'ring': 'a->b->c->d->a',
    'many to one': 'a->d b->d c->d',
}
VICTIMS = {'one to many': 'ab', 'chain': 'abc', 'pair': 'a', 'pair with replicas': 'bh', 'ring': 'c', 'many to one': 'bd'}


def shapes(places):
    return pytest.mark.parametrize('line, at', [(LINES[name], at) for name, all_at in places.items() for at in all_at],
                                   ids=lambda value: str(value).replace(' ', ','))


@pytest.fixture
def network():
    reason = Network.why_not()
    if reason:
        pytest.skip(f'no network namespaces here: {reason}')
    with Network() as network:
        yield network


def begin_loads(shape, seconds=SECONDS):
    """For each crowd of masters one, with two writers on every master."""
    loads = []
    for crowd in shape.crowds():
        masters = [shape[name] for name in crowd]
        loads.append(Load(masters, 2 * len(masters), seconds, seed=shape.line, database=database_of(crowd)))
        loads[-1].prepare(masters[0])
    shape.wait_same_rows()
    for load in loads:
        load.start()
    return loads


def load_seen_by(name, shape, loads):
    return next(load for crowd, load in zip(shape.crowds(), loads) if name in shape.below[crowd[0]])


def finish_loads(shape, loads):
    for load in loads:
        load.finish()
    shape.wait_running()
    shape.wait_same_rows()
    for crowd, load in zip(shape.crowds(), loads):
        assert load.transactions() > 20
        for name in shape.below[crowd[0]]:
            load.check(shape[name])


@pytest.mark.parametrize('line', LINES.values(), ids=LINES.keys())
def test_all_hold_the_same_rows(make_server, line):
    shape = Shape(line).make(make_server)
    finish_loads(shape, begin_loads(shape))


def kill_one(shape, victim):
    loads = begin_loads(shape)
    load_seen_by(victim, shape, loads).wait_for_writes(shape[victim], 50)
    shape[victim].kill()
    shape[victim].start()
    finish_loads(shape, loads)


@shapes(VICTIMS)
def test_one_is_killed(make_server, line, at):
    kill_one(Shape(line).make(make_server), at)


@pytest.mark.parametrize('how', [{'by_gtid': True}, {'gtid_mode': 'OFF', 'enforce_gtid_consistency': 'OFF'},
                                 {'binlog_format': 'STATEMENT'}, {'binlog_format': 'MIXED'}],
                         ids=lambda how: ','.join(f'{name}={value}' for name, value in how.items()))
@shapes({'ring': 'c'})
def test_one_is_killed_under_other_settings(make_server, line, at, how):
    kill_one(Shape(line).make(make_server, **how), at)


@shapes({'one to many': [('a', 'b')], 'chain': [('a', 'b')], 'pair': [('a', 'b')],
         'pair with replicas': [('a', 'b')], 'ring': [('b', 'c')], 'many to one': [('a', 'd')]})
def test_a_link_is_cut_and_healed(make_server, network, line, at):
    """The replica sees nothing for its slave_net_timeout, then keeps on trying. Nobody is told."""
    shape = Shape(line).make(make_server, network, slave_net_timeout=2)
    source, replica = (shape[name] for name in at)
    loads = begin_loads(shape, SECONDS + 3)
    load_seen_by(at[1], shape, loads).wait_for_writes(replica, 50)

    network.cut(*at)
    wait_until(lambda: not is_running(replica, source), 'the silence to be noticed',
               show=lambda: explain(replica, source))
    network.heal(*at)
    finish_loads(shape, loads)

    dumps = [row for row in source.rows('SHOW PROCESSLIST') if row[4] == 'Binlog Dump']
    assert len(dumps) == [name for name, _ in shape.edge_names].count(at[0]), 'a dump too many'
