"""ADD INDEX to a table so large that threads share the work: the index is whole, or is not there at all."""
import os
import threading
from pathlib import Path

import pymysql
import pytest

from harness.wait import wait_until

ROWS = 60000     # 9 MB of text that compresses little: worth two threads
THREADS = min(2, os.cpu_count())


@pytest.fixture
def a(make_server):
    server = make_server('a', gemel_large_commit_size=65536)
    server.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE digit (n INT)',
                   'INSERT INTO digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)',
                   'CREATE TABLE t (id INT PRIMARY KEY, n INT, text VARCHAR(200))',
                   f'INSERT INTO t SELECT i, i * 7919 % {ROWS}, CONCAT(SHA2(i, 512), i) FROM (SELECT a.n + 10*b.n + '
                   '100*c.n + 1000*d.n + 10000*e.n AS i FROM digit a, digit b, digit c, digit d, digit e) x '
                   f'WHERE i < {ROWS}')
    return server


def passes(server, point):
    return server.value(f"SELECT PASSES FROM information_schema.GEMEL_FAULTS WHERE NAME = '{point}'")


def indexes(server):
    return [row[2] for row in server.rows('SHOW INDEX FROM d.t')]


def is_whole(server):
    assert server.rows('CHECK TABLE d.t')[0][3] == 'OK'
    assert server.value('SELECT COUNT(*) FROM d.t') == ROWS


def load_files(server):
    return list(Path(server.datadir, 'store').glob('load.*'))


class Building(threading.Thread):
    """The statement, in a connection of its own."""

    def __init__(self, server, statement):
        super().__init__()
        self.connection = server.connect(database='d')
        self.statement, self.error = statement, None
        self.start()

    def run(self):
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(self.statement)
        except pymysql.err.MySQLError as error:
            self.error = error.args[0]


def test_parts_make_one_index(a):
    a.execute("SET GLOBAL gemel_faults = 'store.load_file=pause'")
    building = Building(a, 'ALTER TABLE t ADD KEY (text), ADD UNIQUE (n)')
    wait_until(lambda: passes(a, 'store.load_file') == THREADS, 'each thread with a file')
    a.execute("SET GLOBAL gemel_faults = ''")
    building.join()
    assert building.error is None
    is_whole(a)
    assert a.rows('SELECT id FROM d.t FORCE INDEX (n) WHERE n BETWEEN 20000 AND 20002 ORDER BY n') == \
        a.rows('SELECT id FROM d.t IGNORE INDEX (n) WHERE n BETWEEN 20000 AND 20002 ORDER BY n')
    ordered = 'SELECT MD5(GROUP_CONCAT(text ORDER BY text)) FROM d.t {} INDEX (text)'
    assert a.rows(ordered.format('FORCE')) == a.rows(ordered.format('IGNORE'))


def test_one_thread_makes_the_same(a):
    a.execute('SET SESSION innodb_ddl_threads = 1', 'ALTER TABLE d.t ADD KEY (text)')
    is_whole(a)


def test_duplicates(a):
    a.execute('UPDATE d.t SET n = 5 WHERE n = 59000', 'UPDATE d.t SET n = 58001 WHERE n = 58000')
    for _ in range(2):      # whoever is first: it is the smaller one that is told
        with pytest.raises(pymysql.err.IntegrityError) as info:
            a.execute('ALTER TABLE d.t ADD UNIQUE u (n)')
        assert info.value.args == (1062, "Duplicate entry '5' for key 't.u'")
    assert indexes(a) == ['PRIMARY'] and not load_files(a)
    is_whole(a)


def test_killed_while_it_sorts(a):
    a.execute("SET GLOBAL gemel_faults = 'sort.write=pause'")
    building = Building(a, 'ALTER TABLE t ADD KEY (text)')
    wait_until(lambda: passes(a, 'sort.write') == THREADS, 'the threads sort')
    a.execute(f'KILL QUERY {building.connection.thread_id()}', "SET GLOBAL gemel_faults = ''")
    building.join()
    assert building.error == 1317
    assert indexes(a) == ['PRIMARY'] and not load_files(a)
    is_whole(a)


@pytest.mark.parametrize('fault, error', [('sort.write=error:ENOSPC@3', 1878), ('store.load_file=error:ENOSPC@2', 1114)])
def test_one_part_fails(a, fault, error):
    a.execute(f"SET GLOBAL gemel_faults = '{fault}'")
    with pytest.raises(pymysql.err.MySQLError) as info:
        a.execute('ALTER TABLE d.t ADD KEY (text)')
    assert info.value.args[0] == error
    a.execute("SET GLOBAL gemel_faults = ''")
    assert indexes(a) == ['PRIMARY'] and not load_files(a)
    a.execute('ALTER TABLE d.t ADD KEY (text)')
    is_whole(a)


@pytest.mark.parametrize('point', ['sort.after_write', 'store.after_load_file', 'store.after_ingest'])
def test_a_crash_in_the_middle(a, point):
    a.execute(f"SET GLOBAL gemel_faults = '{point}=crash'")
    with pytest.raises(pymysql.err.MySQLError):
        a.execute('ALTER TABLE d.t ADD KEY (text)')
    wait_until(lambda: not a.is_running(), 'the end of it')
    a.start()
    assert indexes(a) == ['PRIMARY'] and not load_files(a)
    is_whole(a)
    a.execute('ALTER TABLE d.t ADD KEY (text)')
    is_whole(a)
