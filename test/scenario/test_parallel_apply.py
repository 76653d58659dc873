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


def change_few_rows(server, number, transactions):
    """Each meets many of those before it: by the primary key, a second unique one, a row without any, a parent."""
    connection = server.connect()
    connection.autocommit(False)
    cursor = connection.cursor()
    for step in range(transactions):
        row, value = step % 4, number * transactions + step
        cursor.execute(f'UPDATE h.t SET v=v+1, u={value} WHERE id={row}')
        cursor.execute(f'UPDATE h.bare SET v=v+1 WHERE n={row}')
        if step % 3 == 0:
            cursor.execute(f'DELETE FROM h.child WHERE id={row}')
            cursor.execute(f'INSERT INTO h.child VALUES ({row}, {row})')
        connection.commit()
    connection.close()


def prepare_few_rows(server):
    server.execute('CREATE DATABASE h', 'CREATE TABLE h.t (id INT PRIMARY KEY, u INT UNIQUE, v INT, KEY (v))',
                   'CREATE TABLE h.bare (n INT, v INT)',
                   'CREATE TABLE h.child (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES h.t (id))',
                   *(f'INSERT INTO h.t VALUES ({row}, {-1 - row}, 0)' for row in range(4)),
                   *(f'INSERT INTO h.bare VALUES ({row}, 0)' for row in range(4)))


def apply_few_rows(edges, fault=''):
    """A backlog of batches that stand on one another is applied, and logged so that others can apply it, too."""
    (a, b), *_ = edges
    prepare_few_rows(a)
    wait_same_rows(edges)
    b.execute('STOP SLAVE SQL_THREAD')
    threads = [threading.Thread(target=change_few_rows, args=(a, number, 200)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    b.execute(f"SET GLOBAL gemel_faults='{fault}'", 'START SLAVE SQL_THREAD')
    wait_same_rows(edges)
    assert a.rows('SELECT SUM(v) FROM h.t') == [(800,)]


def test_batches_that_meet(make_server):
    """a->b->c"""
    apply_few_rows(chain(make_server('a'), make_server('b', slave_parallel_workers=WORKERS),
                         make_server('c', slave_parallel_workers=WORKERS)))


@pytest.mark.parametrize('fault', ('commit.before_log=error@2', 'commit.after_log_write=error@4'))
def test_a_commit_that_fails_under_others(edges, fault):
    """What stands on it goes with it, and all of it is applied again."""
    apply_few_rows(edges, fault)


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
