"""a->b->c->d->a, and d dies while a write of its own is on the way. The ring closes without d, who alone would have
stopped its event by the server id.

The table has no key: a row that goes round twice is there twice.
"""
import pytest

from harness.shape import Shape
from harness.topology import follow, wait_caught_up
from harness.rows import assert_same_rows
from harness.wait import wait_until


@pytest.fixture
def broken_ring(make_server, request):
    """d is dead; its last row is on a and waits there for b. c's end, as it was before, is where a shall begin."""
    ring = Shape('a->b->c->d->a').make(make_server, **getattr(request, 'param', {}))
    a, b, c, d = (ring[name] for name in 'abcd')
    a.execute('CREATE DATABASE r', 'CREATE TABLE r.t (v INT)', 'INSERT INTO r.t VALUES (1)')
    wait_caught_up(ring.edges)
    b.execute('STOP SLAVE')
    ring.old_end = c.log_end_position()
    d.execute('INSERT INTO r.t VALUES (4)')
    wait_until(lambda: a.rows('SELECT v FROM r.t') == [(1,), (4,)], 'the row of d on a')
    d.kill()
    a.execute('STOP SLAVE')
    return ring


def close_ring(ring, **settings):
    a, b, c = (ring[name] for name in 'abc')
    follow(a, c, ring.old_end, **settings)
    b.execute('START SLAVE')
    edges = [(a, b), (b, c), (c, a)]
    wait_caught_up(edges)
    c.execute('INSERT INTO r.t VALUES (3)')
    wait_caught_up(edges)
    assert sorted(a.rows('SELECT v FROM r.t')) == [(1,), (3,), (4,)]
    assert_same_rows(a, b, c)


def rows_of_d(server):
    """How often the log has row events with d's server id."""
    names = [row[0] for row in server.rows('SHOW BINARY LOGS')]
    events = [event for name in names for event in server.rows(f"SHOW BINLOG EVENTS IN '{name}'")]
    return len([event for event in events if event[2].startswith('Write_rows') and event[3] == 4])


def test_gtids_stop_it(broken_ring):
    close_ring(broken_ring)
    assert [rows_of_d(broken_ring[name]) for name in 'abc'] == [1, 1, 1]


@pytest.mark.parametrize('broken_ring', [{'kinds': {'c': 'mariadb'}},
                                         {'gtid_mode': 'OFF', 'enforce_gtid_consistency': 'OFF'}],
                         ids=['mariadb', 'gtid_mode=OFF'], indirect=True)
def test_ignored_server_ids_stop_it(broken_ring):
    """MariaDB logs it without d's GTID, and nobody has one without gtid_mode."""
    close_ring(broken_ring, IGNORE_SERVER_IDS='(4)')
    status = broken_ring['a'].replica_status()
    assert status['Replicate_Ignore_Server_Ids'] == '4'
    assert [rows_of_d(broken_ring[name]) for name in 'abc'] == [1, 1, 1]
