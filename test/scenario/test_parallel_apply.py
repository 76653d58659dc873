"""a->b, a<->b: transactions applied beside one another give the same rows, in the source's order."""
import threading

import pytest

from harness.load import Load
from harness.random_statements import RandomStatements
from harness.topology import chain, pair as make_pair, wait_running, wait_same_rows
from harness.wait import wait_until

WORKERS = 4


@pytest.fixture
def edges(make_server):
    return chain(make_server('a'), make_server('b', slave_parallel_workers=WORKERS))


def run_streams(server, count, transactions):
    server.execute('CREATE DATABASE r CHARACTER SET utf8mb4')
    streams = [RandomStatements(server, 'r', number, 'parallel') for number in range(count)]
    for stream in streams:
        stream.prepare()
    threads = [threading.Thread(target=stream.run, args=(transactions,)) for stream in streams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_what_was_fetched_before(edges):
    """All at once, with every kind of key, definitions in between."""
    (a, b), = edges
    b.execute('STOP SLAVE SQL_THREAD')
    run_streams(a, 4, 150)
    b.execute('START SLAVE SQL_THREAD')
    wait_same_rows(edges)


def test_a_replica_that_is_killed(edges):
    (a, b), = edges
    load = Load([a], connections=6, seconds=6)
    load.prepare(a)
    wait_same_rows(edges)
    load.start()
    for _ in range(3):
        b.kill()
        b.start()
        wait_running(b)
    load.finish()
    wait_same_rows(edges)
    load.check(b)


def test_two_masters(make_server):
    a, b = [make_server(name, auto_increment_increment=2, auto_increment_offset=offset, slave_parallel_workers=WORKERS)
            for offset, name in enumerate('ab', 1)]
    edges = make_pair(a, b)
    load = Load([a, b], connections=8, seconds=6)
    load.prepare(a)
    wait_same_rows(edges)
    load.start().finish()
    wait_same_rows(edges)
    load.check(a)
    load.check(b)


def test_a_row_that_is_missing(edges):
    """All before the transaction that fails is there, nothing behind it."""
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)')
    for number in range(1, 41):
        a.execute(f'INSERT INTO d.t VALUES ({number}, 0)')
    wait_same_rows(edges)
    b.execute('STOP SLAVE', 'SET sql_log_bin=0', 'DELETE FROM d.t WHERE id=20')
    for number in range(1, 41):
        a.execute(f'UPDATE d.t SET v=1 WHERE id={number}')
    b.execute('START SLAVE')
    wait_until(lambda: b.replica_status()['Slave_SQL_Running'] == 'No', 'the applier to stop')
    assert int(b.replica_status()['Last_SQL_Errno']) == 1032
    assert b.rows('SELECT id FROM d.t WHERE v=1 ORDER BY id') == [(number,) for number in range(1, 20)]
    b.execute('INSERT INTO d.t VALUES (20, 0)', 'START SLAVE')
    wait_same_rows(edges)


def test_the_process_list(edges):
    (_, b), = edges
    wait_until(lambda: {'Slave has read all relay log; waiting for more updates',
                        'Waiting for an event from Coordinator'} <= {row[6] for row in b.rows('SHOW PROCESSLIST')},
               'coordinator and workers to wait')
