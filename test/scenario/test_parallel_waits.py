"""a->b with workers: what a batch may have to wait for, and that every wait ends."""
import threading

import pytest

from harness.load import Load
from harness.topology import add_replication_user, chain, follow_by_gtid, wait_running, wait_same_gtids, wait_same_rows
from harness.wait import wait_until

WORKERS = 4
ROWS = 60


@pytest.fixture
def edges(make_server):
    edges = chain(make_server('a'), make_server('b', slave_parallel_workers=WORKERS))
    (a, _), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)',
              'INSERT INTO d.t VALUES ' + ','.join(f'({number},0)' for number in range(1, ROWS + 1)))
    wait_same_rows(edges)
    return edges


def update_all(a, b):
    """A transaction for each row, all of them fetched before the first is applied."""
    b.execute('STOP SLAVE SQL_THREAD')
    a.execute(*(f'UPDATE d.t SET v=v+1 WHERE id={number}' for number in range(1, ROWS + 1)))
    b.execute('START SLAVE SQL_THREAD')


def updated(b):
    return b.value('SELECT COUNT(*) FROM d.t WHERE v=1')


def hold_row(server, number):
    connection = server.connect()
    connection.begin()
    connection.cursor().execute(f'SELECT * FROM d.t WHERE id={number} FOR UPDATE')
    return connection


def test_a_client_that_holds_a_row(edges):
    """Nothing behind that row is committed, and what was executed of it holds no locks."""
    (a, b), = edges
    client = hold_row(b, 30)
    update_all(a, b)
    wait_until(lambda: updated(b) == 29, 'all before the row', show=lambda: updated(b))
    client.cursor().execute('SELECT * FROM d.t WHERE id > 30 FOR UPDATE')
    assert updated(b) == 29
    client.rollback()
    wait_same_rows(edges)


def test_stop_while_a_row_is_waited_for(edges):
    (a, b), = edges
    client = hold_row(b, 30)
    update_all(a, b)
    wait_until(lambda: updated(b) == 29, 'all before the row', show=lambda: updated(b))
    b.execute('STOP SLAVE')
    assert updated(b) == 29
    client.rollback()
    b.execute('START SLAVE')
    wait_same_rows(edges)


def test_stop_while_commits_are_blocked(edges):
    (a, b), = edges
    client = b.connect()
    client.cursor().execute('FLUSH TABLES WITH READ LOCK')
    update_all(a, b)
    stopping = threading.Thread(target=b.connect().cursor().execute, args=('STOP SLAVE',))
    stopping.start()
    stopping.join(60)
    assert not stopping.is_alive() and updated(b) == 0
    client.cursor().execute('UNLOCK TABLES')
    b.execute('START SLAVE')
    wait_same_rows(edges)


def test_a_gtid_that_a_client_owns(edges):
    (a, b), = edges
    gtid = f"{a.variable('server_uuid')}:{ROWS // 2 + 3}"
    client = b.connect(autocommit=True)
    client.cursor().execute(f"SET gtid_next='{gtid}'")
    client.cursor().execute('BEGIN')
    update_all(a, b)
    wait_until(lambda: updated(b) == ROWS // 2 - 1, 'all before the transaction', show=lambda: updated(b))
    client.cursor().execute('ROLLBACK')
    client.cursor().execute("SET gtid_next='AUTOMATIC'")
    wait_same_rows(edges)


def test_definitions_of_clients(edges):
    """Metadata locks of what is foreseen do not keep them out, and they do not spoil what was foreseen."""
    (a, b), = edges
    load = Load([a], connections=4, seconds=2)
    load.prepare(a)
    wait_same_rows(edges)
    b.execute('SET sql_log_bin=0')
    load.start()
    for number in range(8):
        b.execute(f'ALTER TABLE load_test.account ADD KEY extra_{number} (note(3), changed)')
        b.execute(f'ALTER TABLE load_test.account DROP KEY extra_{number}')
    load.finish()
    wait_same_rows(edges)
    load.check(b)


def test_stopped_again_and_again(edges):
    (a, b), = edges
    load = Load([a], connections=4, seconds=3)
    load.prepare(a)
    wait_same_rows(edges)
    load.start()
    while not load.is_over():
        b.execute('STOP SLAVE SQL_THREAD', 'START SLAVE SQL_THREAD')
    load.finish()
    wait_same_rows(edges)
    load.check(b)


def test_the_same_transactions_by_two_ways(make_server):
    """a->b->c, a->c: two crews want the same GTIDs and the same rows."""
    a, b, c = [make_server(name, slave_parallel_workers=WORKERS) for name in 'abc']
    for server in (a, b):
        add_replication_user(server)
    follow_by_gtid(b, a)
    follow_by_gtid(c, a, channel='a')
    follow_by_gtid(c, b, channel='b')
    load = Load([a], connections=4, seconds=2)
    load.prepare(a)
    load.start()
    load.finish()
    for source in (a, b):
        wait_running(c, source)
    wait_same_gtids(a, b, c)
    load.check(c)
