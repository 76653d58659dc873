"""Statements as applications send them, found by running applications: each test is one habit of theirs."""
from decimal import Decimal

import pymysql
import pytest


@pytest.fixture
def d(server):
    """The server, with a database d in use."""
    server.execute('CREATE DATABASE d', 'USE d')
    return server


def expect(server, statement, number, text=''):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    assert error.value.args[0] == number and text in error.value.args[1], error.value


def test_hexadecimal_literals_are_numbers_to_columns_of_numbers(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, u BIGINT UNSIGNED, n DECIMAL(20), f DOUBLE, s VARCHAR(9), b BIT(8))')
    d.execute("INSERT INTO t VALUES (0x10, 0x8000000000000000, x'11', 0x12, 0x41, 0x41)")
    assert d.rows('SELECT * FROM t') == [(16, 1 << 63, Decimal(17), 18.0, 'A', b'A')]
    d.execute('INSERT INTO t (id) VALUES (0x10) ON DUPLICATE KEY UPDATE u=0x14')
    d.execute("UPDATE t SET id=x'20', n=0xff WHERE u=0x14")
    assert d.rows('SELECT id, u, n, s FROM t') == [(32, 20, Decimal(255), 'A')]


def test_group_by_a_name_of_several_tables_that_is_selected_once(d):
    d.execute('CREATE TABLE a (id INT PRIMARY KEY, v INT)', 'CREATE TABLE b (id INT, w INT)',
              'INSERT INTO a VALUES (1, 1), (2, 2)', 'INSERT INTO b VALUES (1, 5), (1, 6), (2, 7)')
    assert d.rows('SELECT a.id, SUM(w) FROM a JOIN b ON a.id = b.id GROUP BY id ORDER BY a.id') == [(1, 11), (2, 7)]
    expect(d, 'SELECT v FROM a JOIN b ON a.id = b.id GROUP BY id', 1052, "'id' in group statement")


def test_group_by_has_no_direction_since_8_0(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY)')
    expect(d, 'SELECT id FROM t GROUP BY id DESC', 1064)


def test_an_aggregate_in_order_by_alone_makes_one_row(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1), (2)')
    assert d.rows('SELECT 1 FROM t ORDER BY COUNT(*)') == [(1,)]


def test_order_by_outside_of_a_query_in_parentheses(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, v INT)', 'INSERT INTO t VALUES (1, 9), (2, 8), (3, 7)')
    assert d.rows('(SELECT id, v FROM t ORDER BY id LIMIT 2) ORDER BY v') == [(2, 8), (1, 9)]
    assert d.rows('(SELECT id, v FROM t ORDER BY id LIMIT 2) ORDER BY id + v DESC, 1 LIMIT 1') == [(1, 9)]


def test_trim_of_a_literal_in_another_character_set(d):
    assert d.rows("SELECT TRIM(_latin1' a '), TRIM(_latin2' b ')") == [('a', 'b')]


@pytest.fixture
def pair(d):
    """t and u, for subqueries of one over the other."""
    d.execute('CREATE TABLE t (a INT, b INT)', 'INSERT INTO t VALUES (1, 1), (2, 2), (5, 1)',
              'CREATE TABLE u (a INT, b INT)', 'INSERT INTO u VALUES (1, 1), (3, 2), (3, 2), (4, 9)')
    return d


@pytest.mark.parametrize('subquery, answers', [
    ('SELECT u.b FROM u ORDER BY u.a = t.a DESC, u.b LIMIT 1', [1, 1, 1]),
    ('SELECT u.b FROM u ORDER BY ABS(u.a - t.a), 1 DESC LIMIT 1', [1, 2, 9]),
    ('SELECT DISTINCT u.a FROM u ORDER BY u.a = t.b, u.a LIMIT 1', [3, 1, 3]),
    ('SELECT SUM(u.a) FROM u WHERE u.a = t.a GROUP BY t.b LIMIT 1', [1, None, None]),
    ('SELECT COUNT(*) FROM u GROUP BY u.a + t.a, u.b ORDER BY u.a + t.a DESC LIMIT 1', [1, 1, 1]),
    ('SELECT COUNT(*) FROM u GROUP BY u.a + t.a ORDER BY COUNT(*) * t.b DESC LIMIT 1', [2, 2, 2]),
    ('SELECT b FROM u UNION SELECT a FROM u ORDER BY b LIMIT 1', [1, 1, 1]),
    ('EXISTS (SELECT 1 FROM u GROUP BY u.a + t.a HAVING COUNT(*) > t.b)', [1, 0, 1]),
    ('t.a IN (SELECT u.a FROM u GROUP BY u.a, t.b UNION SELECT 5)', [1, 0, 1]),
])
def test_subqueries_order_and_group_by_columns_of_the_query_around_them(pair, subquery, answers):
    assert [row[0] for row in pair.rows(f'SELECT ({subquery}) FROM t ORDER BY a')] == answers


@pytest.mark.parametrize('query, answers', [
    ('SELECT a FROM u INTERSECT ALL SELECT 3', [3]),
    ('SELECT a FROM u INTERSECT ALL SELECT a FROM u ORDER BY a', [1, 3, 3, 4]),
    ('SELECT a FROM u EXCEPT ALL SELECT 3 ORDER BY a', [1, 3, 4]),
    ('SELECT a FROM u EXCEPT ALL (SELECT 3 UNION ALL SELECT 3 UNION ALL SELECT 3) ORDER BY a + 1 DESC', [4, 1]),
    ("SELECT 'a' EXCEPT ALL SELECT 'A'", []),
    ('SELECT a FROM u UNION SELECT b FROM u ORDER BY a % 3, a', [3, 9, 1, 4, 2]),
])
def test_set_operations_that_count(pair, query, answers):
    assert [row[0] for row in pair.rows(query)] == answers


def test_a_limit_below_zero_is_refused(pair):
    pair.execute("PREPARE s FROM 'SELECT a FROM u ORDER BY a LIMIT ?, ?'", 'SET @zero = 0, @one = 1, @below = -1')
    assert pair.rows('EXECUTE s USING @one, @one') == [(3,)]
    assert pair.rows('EXECUTE s USING @zero, @zero') == []
    for first, second in (('@below', '@one'), ('@one', '@below')):
        expect(pair, f'EXECUTE s USING {first}, {second}', 1210, 'Incorrect arguments to EXECUTE')


@pytest.mark.parametrize('query, answers', [
    ('SELECT a FROM u GROUP BY a WITH ROLLUP UNION SELECT 7', [1, 3, 4, None, 7]),
    ('SELECT 7 UNION ALL (SELECT a FROM u GROUP BY a WITH ROLLUP)', [7, 1, 3, 4, None]),
    ('SELECT 7 AS a UNION ALL SELECT SUM(a) FROM u GROUP BY b WITH ROLLUP ORDER BY a DESC LIMIT 3', [11, 7, 6]),
    ('SELECT COUNT(*) FROM u GROUP BY a WITH ROLLUP EXCEPT SELECT 1 ORDER BY 1', [2, 4]),
])
def test_rollups_are_members_of_set_operations(pair, query, answers):
    assert [row[0] for row in pair.rows(query)] == answers


def test_a_column_without_a_name(pair):
    cursor = pair.execute("SELECT a, 1 '' FROM (SELECT 2 '', 3 a) s")
    assert [column[0] for column in cursor.description] == ['a', '']
