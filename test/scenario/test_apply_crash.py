"""a->b: the replica dies at any step of a commit, or loses what its store had not flushed. Nothing is missed, nothing twice.

The tables have no key: a row that is applied twice is there twice.
"""
import shutil

import pytest

from harness.topology import chain, wait_caught_up, wait_running, wait_same_rows
from harness.wait import wait_until

STEPS = ['commit.before_log', 'commit.after_log_write', 'commit.after_log_flush', 'commit.after_publish',
         'commit.before_store', 'commit.after_store']


def work(source, rounds=6):
    """Rows and definitions in turn."""
    for number in range(rounds):
        source.execute(f"INSERT INTO d.t VALUES ({number}, 'one'), ({number}, 'two')",
                       'BEGIN', f"INSERT INTO d.t VALUES ({number}, 'three')", 'INSERT INTO d.u VALUES (1)', 'COMMIT',
                       f'CREATE TABLE d.made_{number} (id INT)',
                       'UPDATE d.u SET v=v+1',
                       f"DELETE FROM d.t WHERE id={number} AND v='two'")


@pytest.fixture(params=['gemel', 'mariadb'])
def edges(request, make_server):
    a, b = make_server('a', kind=request.param), make_server('b', slave_net_timeout=4)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT, v VARCHAR(10))', 'CREATE TABLE d.u (v INT)')
    wait_same_rows(edges)
    return edges


def restart_dying(replica, faults):
    """It may die before it answers."""
    replica.stop()
    replica.launch(faults=faults)


@pytest.mark.parametrize('step', STEPS)
def test_it_dies_in_a_commit(edges, step):
    (a, b), = edges
    for count in (1, 4, 9):
        restart_dying(b, f'{step}=crash@{count}')
        work(a)
        b.wait_end()
        b.start()
        wait_running(b)
        wait_same_rows(edges)
        a.execute('DROP DATABASE d', 'CREATE DATABASE d', 'CREATE TABLE d.t (id INT, v VARCHAR(10))',
                  'CREATE TABLE d.u (v INT)')
        wait_same_rows(edges)


def test_it_loses_what_the_store_had_not_flushed(edges, scratch):
    (a, b), = edges
    work(a, 2)
    wait_caught_up(edges)
    b.stop()
    old = scratch / 'old-store'
    shutil.copytree(b.datadir / 'store', old)
    b.start()
    wait_running(b)
    a.execute('DROP TABLE d.made_0, d.made_1')
    work(a)
    b.execute('CREATE DATABASE own', 'CREATE TABLE own.t (id INT PRIMARY KEY)', 'INSERT INTO own.t VALUES (1)')
    wait_caught_up(edges)
    b.kill()
    shutil.rmtree(b.datadir / 'store')
    shutil.move(old, b.datadir / 'store')
    b.start()
    wait_running(b)
    wait_until(lambda: b.rows('SELECT * FROM own.t') == [(1,)], 'own rows')
    b.execute('SET sql_log_bin=0', 'DROP DATABASE own', 'SET sql_log_bin=1')
    wait_same_rows(edges)
    work_more = ["INSERT INTO d.t VALUES (100, 'last')"]
    a.execute(*work_more)
    wait_same_rows(edges)
