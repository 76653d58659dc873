"""A range of a secondary index that holds much of the table goes over to a scan of the table: the rows are the same."""
import pytest

NUMBERS = '(SELECT a.n + 10*b.n + 100*c.n + 1000*d.n + 10000*e.n AS i FROM digit a, digit b, digit c, digit d, digit e)'

ROWS = 20000


COLUMNS = 'COUNT(*), SUM(id), COUNT(DISTINCT id), MIN(text), MAX(v)'


@pytest.fixture
def a(server):
    server.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE digit (n INT)',
                   'INSERT INTO digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)',
                   'CREATE TABLE t (id INT PRIMARY KEY, v INT, w INT, text VARCHAR(20), KEY v (v), UNIQUE KEY w (w), '
                   'KEY text (text))',
                   f"INSERT INTO t SELECT i, (i * 7919) % {ROWS}, IF(i % 10, i, NULL), CONCAT('name ', i % 977) "
                   f'FROM {NUMBERS} x WHERE i < {ROWS}')
    return server


def with_and_without(ask, where):
    """The same by an index, as it is planned, and by a scan."""
    hints = ['FORCE INDEX (v, w, text)', '', 'IGNORE INDEX (v, w, text)']
    answers = [ask(f'SELECT {COLUMNS} FROM d.t {hint} WHERE {where}') for hint in hints]
    assert answers[0] == answers[1] == answers[2], where


def test_ranges(a):
    for column in ('v', 'w'):
        for condition in ('{} > 15000', '{} < 5000', '{} >= 10 AND {} <= 19990', '{} BETWEEN 3000 AND 9000', '{} > -5',
                          '{} <> 77', '{} > 19990', '{} > 5000 OR {} IS NULL'):
            with_and_without(a.rows, condition.replace('{}', column))
    for condition in ("text >= 'name 3'", "text LIKE 'name %'", "text < 'name 5'", "text BETWEEN 'name 2' AND 'name 8'"):
        with_and_without(a.rows, condition)


def test_in_a_transaction_that_has_written(a):
    with a.connect() as connection, connection.cursor() as cursor:
        def ask(query):
            cursor.execute(query)
            return cursor.fetchall()
        cursor.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT')
        a.execute('DELETE FROM d.t WHERE id = 5', 'UPDATE d.t SET v = 1 WHERE id = 6') # which it does not see
        cursor.execute('UPDATE d.t SET v = v + 100000 WHERE id % 100 = 3')
        cursor.execute('DELETE FROM d.t WHERE id % 100 = 4')
        cursor.execute('INSERT INTO d.t VALUES (50000, 60000, 70000, NULL)')
        with_and_without(ask, 'v >= 500')


def test_an_order_that_was_asked_for_is_kept(a):
    values = [row[0] for row in a.rows('SELECT v, text FROM d.t FORCE INDEX (v) WHERE v >= 100 ORDER BY v')]
    assert values == list(range(100, ROWS))


def test_limits(a):
    assert len(a.rows('SELECT text FROM d.t WHERE v >= 100 LIMIT 5000')) == 5000
    assert len(set(a.rows('SELECT id, text FROM d.t WHERE v >= 100 LIMIT 7000, 5000'))) == 5000
