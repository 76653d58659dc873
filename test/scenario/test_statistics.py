"""What the planner knows of indexes: groups of equals by samples, shown by SHOW INDEX, renewed as tables grow."""
import pytest


@pytest.fixture
def a(make_server):
    server = make_server('a')
    server.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE digit (n INT)',
                   'INSERT INTO digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)')
    return server


NUMBERS = ('(SELECT a.n + 10*b.n + 100*c.n + 1000*d.n + 10000*e.n AS i '
           'FROM d.digit a, d.digit b, d.digit c, d.digit d, d.digit e)')


def cardinalities(server, table):
    return {(row[2], row[4]): row[6] for row in server.rows(f'SHOW INDEX FROM d.{table}')}


def test_small_tables_are_counted(a):
    a.execute('CREATE TABLE d.t (id INT PRIMARY KEY, v INT, w VARCHAR(10), KEY v (v, w))',
              f"INSERT INTO d.t SELECT i, i % 7, CONCAT('w', i % 21) FROM {NUMBERS} x WHERE i < 1000")
    assert cardinalities(a, 't') == {('PRIMARY', 'id'): 1000, ('v', 'v'): 7, ('v', 'w'): 21}
    assert a.rows("SELECT index_name, column_name, cardinality FROM information_schema.statistics "
                  "WHERE table_schema='d' AND table_name='t' ORDER BY 1, seq_in_index") == [
                      ('PRIMARY', 'id', 1000), ('v', 'v', 7), ('v', 'w', 21)]


def test_large_tables_are_sampled(a):
    a.execute('CREATE TABLE d.t (id INT PRIMARY KEY, few INT, some INT, KEY few (few), KEY some (some, few))',
              f'INSERT INTO d.t SELECT i, i % 4, i % 2500 FROM {NUMBERS} x')
    found = cardinalities(a, 't')
    assert found['PRIMARY', 'id'] == 100000
    assert found['few', 'few'] == 4
    assert 1000 <= found['some', 'some'] <= 6000
    assert 1000 <= found['some', 'few'] <= 6000


def test_the_better_of_two_indexes_is_taken(a):
    a.execute('CREATE TABLE d.t (id INT PRIMARY KEY, few INT, many INT, c CHAR(50), KEY few (few), KEY many (many))',
              f"INSERT INTO d.t SELECT i, i % 3, i % 5000, 'c' FROM {NUMBERS} x WHERE i < 20000")
    (row,) = a.rows('EXPLAIN SELECT c FROM d.t WHERE few = 1 AND many = 77')
    assert row[6] == 'many' and 2 <= int(row[9]) <= 10
    # A third of the table is not worth a fetch for each row.
    (row,) = a.rows('EXPLAIN SELECT c FROM d.t WHERE few = 1')
    assert row[6] is None


def test_growth_and_analyze_renew_them(a):
    a.execute('CREATE TABLE d.t (id INT PRIMARY KEY, v INT, KEY v (v))', 'INSERT INTO d.t VALUES (1, 1), (2, 1), (3, 2)')
    assert cardinalities(a, 't')['v', 'v'] == 2
    a.execute(f'INSERT INTO d.t SELECT i + 10, i FROM {NUMBERS} x WHERE i < 500')
    assert cardinalities(a, 't')['v', 'v'] == 500
    a.execute('UPDATE d.t SET v = 9')
    assert a.rows('ANALYZE TABLE d.t') == [('d.t', 'analyze', 'status', 'OK')]
    assert cardinalities(a, 't')['v', 'v'] == 1
