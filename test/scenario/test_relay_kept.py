"""a->b: what b has fetched survives b's restarts, even when a is gone for good."""
import pytest

from harness.rows import assert_same_rows
from harness.topology import chain, wait_same_rows
from harness.wait import wait_until


def is_fetched(edges):
    (a, b), = edges
    status = b.replica_status()
    return (status['Master_Log_File'], int(status['Read_Master_Log_Pos'])) == a.log_end_position()


@pytest.fixture
def edges(make_server):
    return chain(make_server('a'), make_server('b', skip_slave_start=None, max_relay_log_size=4096))


@pytest.mark.parametrize('end', ['stop', 'kill'])
def test_a_source_that_is_gone(edges, end):
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(100))')
    wait_same_rows(edges)
    b.execute('STOP SLAVE SQL_THREAD')
    for i in range(100):
        a.execute(f"INSERT INTO d.t VALUES ({i}, REPEAT('x', 100))")
    wait_until(lambda: is_fetched(edges), 'b to fetch all')
    retrieved = b.replica_status()['Retrieved_Gtid_Set']
    getattr(b, end)()
    rows = a.rows('SELECT * FROM d.t ORDER BY id')
    a.kill()
    b.start()
    assert b.value('SELECT COUNT(*) FROM d.t') == 0
    assert b.replica_status()['Retrieved_Gtid_Set'] == retrieved
    b.execute('START SLAVE SQL_THREAD')
    wait_until(lambda: b.rows('SELECT * FROM d.t ORDER BY id') == rows, 'b to apply what it has')
    a.start()
    b.execute('START SLAVE')
    a.execute("UPDATE d.t SET v='changed' WHERE id < 50")
    wait_same_rows(edges)


def test_killed_again_and_again(edges):
    """Nothing is applied twice and nothing is left out, wherever the relay log was."""
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, n INT)', 'CREATE TABLE d.log (x INT)')
    for round in range(6):
        for i in range(20):
            a.execute(f'INSERT INTO d.t VALUES ({i}, 1) ON DUPLICATE KEY UPDATE n=n+1', f'INSERT INTO d.log VALUES ({i})')
        if round % 2:
            b.execute('STOP SLAVE SQL_THREAD')
        b.kill()
        b.start()
        b.execute('START SLAVE')
    wait_same_rows(edges)


def test_relay_log_recovery_begins_anew(make_server):
    edges = chain(make_server('a'), make_server('b', skip_slave_start=None, relay_log_recovery=1))
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    wait_same_rows(edges)
    b.execute('STOP SLAVE SQL_THREAD')
    a.execute('INSERT INTO d.t VALUES (1)')
    wait_until(lambda: is_fetched(edges), 'b to fetch all')
    b.restart()
    assert b.replica_status()['Retrieved_Gtid_Set'] == ''
    b.execute('START SLAVE')
    wait_same_rows(edges)
    assert_same_rows(a, b)
