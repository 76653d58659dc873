"""UPDATE and DELETE of many rows: each is changed once, as it was when it was locked, in batches or after all were read."""
import threading

import pymysql
import pytest

from harness.log import log_paths, run_mariadb_binlog
from harness.topology import chain, wait_same_rows
from harness.wait import wait_until

ROWS = 3500     # several batches

NUMBERS = '(SELECT a.n + 10*b.n + 100*c.n + 1000*d.n AS i FROM digit a, digit b, digit c, digit d)'


def fill(server):
    server.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE digit (n INT)',
                   'INSERT INTO digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)',
                   'CREATE TABLE t (id INT PRIMARY KEY, k INT, v INT, text VARCHAR(200), KEY (k))',
                   f"INSERT INTO t SELECT i, i, 0, REPEAT('x', 100) FROM {NUMBERS} x WHERE i < {ROWS}")
    return server


@pytest.fixture(params=[25, 0], ids=['row_cache', 'no_row_cache'])
def a(request, make_server):
    return fill(make_server('a', gemel_row_cache_percent=request.param))


def counts(server, where):
    return server.rows(f'SELECT COUNT(*), SUM(v) FROM d.t WHERE {where}')[0]


def test_each_row_is_changed_once(a):
    for change, column in (('v = v + 1', 'v'), ('k = k + 1', 'k'), ('k = k + 1000, v = v + 1', 'k')):
        a.execute(f'UPDATE d.t SET {change} WHERE {column} >= 0')
    a.execute('UPDATE d.t FORCE INDEX (k) SET v = v + 1 WHERE k > -5')
    a.execute('UPDATE d.t SET id = id + 1 ORDER BY id DESC')
    assert a.rows('SELECT COUNT(*), SUM(v = 3), SUM(k = id + 1000) FROM d.t') == [(ROWS, ROWS, ROWS)]
    a.execute('UPDATE d.t SET v = v + 1 WHERE id % 2 = 0 OR id % 3 = 0 OR k < 1100 LIMIT 2000')
    assert a.value('SELECT SUM(v) FROM d.t') == 3 * ROWS + 2000
    a.execute('DELETE FROM d.t WHERE k % 2 = 0')
    assert a.value('SELECT COUNT(*) FROM d.t') == ROWS / 2
    assert a.rows('CHECK TABLE d.t')[0][3] == 'OK'


def test_what_reads_the_table_elsewhere_reads_it_as_it_was(a):
    a.execute('UPDATE d.t SET v = v + 1 WHERE v <= (SELECT m FROM (SELECT MIN(v) AS m FROM d.t) x)')
    assert counts(a, 'v = 1') == (ROWS, ROWS)
    a.execute('DELETE FROM d.t WHERE id >= (SELECT c FROM (SELECT COUNT(*) - 10 AS c FROM d.t) x)')
    assert counts(a, '1') == (ROWS - 10, ROWS - 10)


def test_own_writes_are_met(a):
    with a.connect(database='d', autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute('UPDATE t SET v = 5 WHERE id % 10 = 0')
        cursor.execute('DELETE FROM t WHERE id % 10 = 1')
        cursor.execute('INSERT INTO t VALUES (-1, 1, 7, NULL), (100000, 2, 7, NULL)')
        assert cursor.execute('UPDATE t SET v = v + 1') == ROWS - ROWS // 10 + 2
        cursor.execute('SELECT v, COUNT(*) FROM t GROUP BY v ORDER BY v')
        assert cursor.fetchall() == ((1, ROWS // 10 * 8), (6, ROWS // 10), (8, 2))
        assert cursor.execute('DELETE FROM t WHERE v = 1') == ROWS // 10 * 8
        connection.rollback()
    assert counts(a, '1') == (ROWS, 0)


def test_what_fails_in_the_middle_changes_nothing(a):
    a.execute('ALTER TABLE d.t ADD COLUMN small TINYINT NOT NULL DEFAULT 0',
              f'UPDATE d.t SET small = 100 WHERE id = {ROWS - 100}')
    with pytest.raises(pymysql.err.DataError):
        a.execute('UPDATE d.t SET v = 1, small = small + 100')
    assert counts(a, 'v = 0 AND small IN (0, 100)') == (ROWS, 0)
    a.execute('UPDATE IGNORE d.t SET v = 1, small = small + 100')
    assert a.rows('SELECT small, COUNT(*) FROM d.t GROUP BY small ORDER BY small') == [(100, ROWS - 1), (127, 1)]


def test_rows_that_cascades_reach_first(a):
    a.execute('CREATE TABLE d.tree (id INT PRIMARY KEY, parent INT, v INT DEFAULT 0, '
              'FOREIGN KEY (parent) REFERENCES d.tree (id) ON DELETE CASCADE)',
              'INSERT INTO d.tree SELECT id, NULL, 0 FROM d.t', 'UPDATE d.tree SET parent = id - 1 WHERE id % 10 > 0',
              'DELETE FROM d.tree WHERE id % 100 < 50')
    assert a.value('SELECT COUNT(*) FROM d.tree') == ROWS / 2


def is_locked(server, number):
    try:
        server.execute(f'SELECT id FROM d.t WHERE id = {number} FOR UPDATE NOWAIT')
    except pymysql.err.OperationalError as error:
        assert error.args[0] == 3572
        return True
    return False


def test_what_others_commit_while_it_waits(a):
    with a.connect(database='d') as large, a.connect(database='d', autocommit=False) as other:
        small = other.cursor()
        small.execute('UPDATE t SET v = 10 WHERE id = 1500')
        changing = threading.Thread(target=large.query, args=('UPDATE t SET v = v + 1',))
        changing.start()
        wait_until(lambda: is_locked(a, 1499), 'it to come to the row')
        small.execute('UPDATE t SET v = 20 WHERE id = 3000')
        small.execute('DELETE FROM t WHERE id = 3001')
        other.commit()
        changing.join()
    assert a.rows('SELECT id, v FROM d.t WHERE v <> 1') == [(1500, 11), (3000, 21)]
    assert counts(a, 'v = 1') == (ROWS - 3, ROWS - 3)


def test_events_leave_memory_while_the_statement_runs(make_server):
    """a->b: two tables by turns, and a statement that fails in its middle; what is written goes to the file bit by bit."""
    a, b = make_server('a'), make_server('b')
    edges = chain(a, b)
    fill(a).execute('SET GLOBAL binlog_cache_size = 4096', "SET GLOBAL gemel_faults = 'spill.write=count'",
                    'CREATE TABLE d.u LIKE d.t', 'INSERT INTO d.u SELECT * FROM d.t')
    a.execute('UPDATE d.t, d.u SET t.v = t.v + 1, u.v = u.v + 2 WHERE t.id = u.id')
    with a.connect(database='d', autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE t SET text = CONCAT(text, 'y')")
        with pytest.raises(pymysql.err.IntegrityError):
            cursor.execute('UPDATE t SET id = IF(id = 3000, 3001, id + 10000) ORDER BY id')
        cursor.execute('DELETE FROM u WHERE id % 2 = 1')
        connection.commit()
    assert counts(a, "v = 1 AND text LIKE '%xy'") == (ROWS, ROWS)
    assert a.rows('SELECT COUNT(*), SUM(v) FROM d.u') == [(ROWS // 2, ROWS)]
    wait_same_rows(edges)
    run_mariadb_binlog('--verify-binlog-checksum', *log_paths(a))
    assert a.value("SELECT PASSES FROM information_schema.GEMEL_FAULTS WHERE NAME = 'spill.write'") > 100
