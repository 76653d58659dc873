"""a<->b, both semi-synchronous to each other."""
import pytest

from harness.load import Load
from harness.topology import pair, wait_caught_up, wait_running, wait_same_rows
from harness.wait import wait_until
from test_semi_sync import SEMI_SYNC, counter, cut, heal, start, wait_counter  # noqa: F401 (start is a fixture)


def test_two_masters_under_load_lose_one(start):
    """b is killed and comes back."""
    a, b = (start(name, rpl_semi_sync_source_timeout=500, auto_increment_increment=2,
                  auto_increment_offset=number) for number, name in enumerate('ab', 1))
    edges = pair(a, b)
    for server in (a, b):
        wait_counter(server, 'clients', 1)
    load = Load([a, b], connections=4, seconds=4)
    load.prepare(a)
    wait_caught_up(edges)
    load.start()
    wait_until(lambda: int(counter(a, 'yes_tx')) > 200, 'acknowledged commits on a')
    b.kill()
    wait_counter(a, 'status', 'OFF')
    b.start()
    for server in (a, b):
        wait_counter(server, 'status', 'ON')
    load.finish()
    wait_caught_up(edges)
    for server in (a, b):
        load.check(server)
        assert int(counter(server, 'yes_tx')) > 0
    wait_same_rows(edges)


@pytest.mark.parametrize('by_gtid', [True, False], ids=['gtid', 'position'])
def test_a_masters_own_transactions_come_back_acknowledged(make_server, by_gtid):
    """What b applies of a's is in b's log, and waits there for a, whose stream leaves out what a has."""
    a, b = [make_server(name, **SEMI_SYNC, rpl_semi_sync_source_timeout=20000) for name in 'ab']
    edges = pair(a, b)
    if by_gtid:
        for server in (a, b):
            server.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_AUTO_POSITION=1', 'START SLAVE')
            wait_running(server)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    wait_same_rows(edges)
    b.execute('STOP SLAVE SQL_THREAD')
    for i in range(5):
        a.execute(f'INSERT INTO d.t VALUES ({i})')
    cut(a)
    heal(a)
    wait_counter(b, 'clients', 1)
    b.execute('START SLAVE SQL_THREAD')
    wait_same_rows(edges)
    assert counter(b, 'no_times') == '0'
