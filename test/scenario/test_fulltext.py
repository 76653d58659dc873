"""FULLTEXT keys and MATCH .. AGAINST. Ranks are InnoDB's: occurrences * log10(rows / rows with the word)^2."""
import math

import pymysql
import pytest

from harness.topology import wait_same_rows

ARTICLES = [(1, 'MySQL Tutorial', 'DBMS stands for DataBase ...'), (2, 'How To Use MySQL Well', 'After you went through'),
            (3, 'Optimizing MySQL', 'In this tutorial we show'), (4, 'MySQL Tricks', 'Never run mysqld as root'),
            (5, 'MySQL vs. YourSQL', 'In the following database comparison'), (6, 'MySQL Security', None)]


@pytest.fixture
def d(server):
    fill(server)
    return server


def fill(server):
    server.execute('CREATE DATABASE d', 'USE d',
                   'CREATE TABLE t (id INT PRIMARY KEY, title VARCHAR(200), body TEXT, FULLTEXT KEY both_of (title, body))')
    with server.control().cursor() as cursor:
        cursor.executemany('INSERT INTO t VALUES (%s, %s, %s)', ARTICLES)


def found(server, search, mode=''):
    return [row[0] for row in server.rows(
        f'SELECT id FROM t WHERE MATCH (title, body) AGAINST (%s {mode}) ORDER BY id', (search,))]


def expect(server, statement, number):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    assert error.value.args[0] == number, error.value


def test_natural_language(d):
    assert found(d, 'database') == [1, 5]
    assert found(d, 'DATABASE comparisons') == [1, 5]
    assert found(d, 'the in to') == []           # stopwords
    assert found(d, 'vs') == []                  # shorter than three characters
    assert found(d, 'security root', 'IN NATURAL LANGUAGE MODE') == [4, 6]
    ranks = dict(d.rows("SELECT id, MATCH (title, body) AGAINST ('tutorial') FROM t"))
    assert ranks[1] == ranks[3] == pytest.approx(math.log10(6 / 2) ** 2) and ranks[2] == 0
    first = d.rows("SELECT id, MATCH (body, title) AGAINST ('security mysql') AS r FROM t ORDER BY r DESC LIMIT 1")
    assert first[0] == (6, pytest.approx(math.log10(6) ** 2, rel=1e-6))
    assert d.rows('SELECT MATCH (title, body) AGAINST (NULL) FROM t WHERE id=1') == [(0.0,)]


@pytest.mark.parametrize('search, ids', [
    ('+mysql -yoursql', [1, 2, 3, 4, 6]),
    ('+mysql +database', [1, 5]),
    ('tut*', [1, 3]),
    ('"following database"', [5]),
    ('"database following"', []),
    ('"comparison following" @3', [5]),
    ('+mysql +(tricks security)', [4, 6]),
    ('+mysql -(tricks security)', [1, 2, 3, 5]),
    ('-mysql', []),
    ('+the +root', [4]),
    ('((((', []),
    ('', []),
])
def test_boolean_mode(d, search, ids):
    assert found(d, search, 'IN BOOLEAN MODE') == ids


def test_operators_that_weigh(d):
    order = 'SELECT id FROM t WHERE MATCH (title, body) AGAINST (%s IN BOOLEAN MODE) ' \
            'ORDER BY MATCH (title, body) AGAINST (%s IN BOOLEAN MODE) DESC, id'
    assert [row[0] for row in d.rows(order, ('tutorial >comparison', 'tutorial >comparison'))] == [5, 1, 3]
    assert [row[0] for row in d.rows(order, ('tutorial <security', 'tutorial <security'))] == [1, 3, 6]


def test_searches_in_changes_joins_and_prepared_statements(d):
    d.execute("UPDATE t SET title='Gone' WHERE MATCH (title, body) AGAINST ('root')")
    assert found(d, 'gone') == [4] and found(d, 'tricks') == []
    d.execute("DELETE FROM t WHERE MATCH (title, body) AGAINST ('gone')")
    joined = "SELECT a.id FROM t a JOIN t b ON a.id = b.id WHERE MATCH (b.title, b.body) AGAINST ('security')"
    assert d.rows(joined) == [(6,)]
    d.execute("PREPARE s FROM 'SELECT id FROM t WHERE MATCH (title, body) AGAINST (? IN BOOLEAN MODE)'", "SET @x = '+well'")
    assert d.rows('EXECUTE s USING @x') == [(2,)]
    d.execute("SET @x = 'yoursql'")
    assert d.rows('EXECUTE s USING @x') == [(5,)]


def test_definitions(d):
    assert 'FULLTEXT KEY `both_of` (`title`,`body`)' in d.rows('SHOW CREATE TABLE t')[0][1]
    d.execute('ALTER TABLE t ADD FULLTEXT (title)', 'CREATE FULLTEXT INDEX b ON t (body)')
    shown = [(row[2], row[4], row[10]) for row in d.rows('SHOW INDEX FROM t')]
    assert shown == [('PRIMARY', 'id', 'BTREE'), ('both_of', 'title', 'FULLTEXT'), ('both_of', 'body', 'FULLTEXT'),
                     ('title', 'title', 'FULLTEXT'), ('b', 'body', 'FULLTEXT')]
    assert d.rows("SELECT COUNT(*) FROM information_schema.statistics WHERE table_name='t' AND index_type='FULLTEXT'") \
        == [(4,)]
    d.execute('ALTER TABLE t RENAME INDEX title TO heading', 'DROP INDEX b ON t', 'ALTER TABLE t CHANGE title head TEXT',
              'CREATE TABLE copy LIKE t')
    assert 'FULLTEXT KEY `heading` (`head`)' in d.rows('SHOW CREATE TABLE copy')[0][1]
    d.execute('ALTER TABLE t DROP COLUMN head')
    d.restart()
    d.execute('USE d')
    assert 'FULLTEXT KEY `both_of` (`body`)' in d.rows('SHOW CREATE TABLE t')[0][1]
    assert d.rows("SELECT id FROM t WHERE MATCH (body) AGAINST ('root')") == [(4,)]


def test_what_is_refused(d):
    expect(d, "SELECT * FROM t WHERE MATCH (title) AGAINST ('x')", 1191)
    expect(d, "SELECT * FROM t WHERE MATCH (title, body) AGAINST (title)", 1210)
    expect(d, "SELECT * FROM t WHERE MATCH (title, body) AGAINST ('x' WITH QUERY EXPANSION)", 1235)
    expect(d, 'ALTER TABLE t ADD FULLTEXT (id)', 1283)
    expect(d, 'CREATE TABLE u (a BLOB, FULLTEXT (a))', 1283)


def test_a_replica_has_the_key_too(pair):
    a, b = pair
    fill(a)
    wait_same_rows(pair.edges)
    b.execute('USE d')
    assert found(b, 'database') == [1, 5]
