"""An index that a join asks again and again gives way to one in memory, made of one scan; the answers stay."""
import pytest

from harness.client import Client

ROWS = 3000
QUERIES = {
    'unique': 'SELECT SUM(a.id * b.size) FROM o a JOIN o b ON b.id = a.other',
    'not unique': 'SELECT COUNT(*), SUM(b.id) FROM o a JOIN o b ON b.size = a.size WHERE a.id < 900',
    'two columns': 'SELECT SUM(b.id) FROM o a JOIN o b ON b.size = a.size AND b.name = a.name',
    'text, by its collation': 'SELECT COUNT(*), SUM(b.id) FROM o a JOIN o b ON b.name = UPPER(a.name) WHERE a.id < 60',
    'NULL is none': 'SELECT COUNT(*) FROM o a LEFT JOIN o b ON b.some = a.some AND b.other > 0 WHERE b.id IS NULL',
    'NULL is NULL': 'SELECT COUNT(*) FROM o a JOIN o b ON b.some <=> a.some WHERE a.id < 100',
    'EXISTS': 'SELECT COUNT(*) FROM o a WHERE EXISTS (SELECT 1 FROM o b WHERE b.size = a.size AND b.other > a.other)',
    'a value of another type': 'SELECT COUNT(*) FROM o a JOIN o b ON b.id = a.id / 2e0 WHERE a.id < 900',
    'in order': 'SELECT GROUP_CONCAT(b.id ORDER BY a.id, b.id) FROM o a JOIN o b ON b.size = a.size WHERE a.id < 20',
}


@pytest.fixture
def client(server):
    server.execute('SET SESSION group_concat_max_len = 1000000, cte_max_recursion_depth = 100000',
                   'CREATE DATABASE d', 'USE d',
                   'CREATE TABLE o (id INT PRIMARY KEY, other INT, size INT, name VARCHAR(20), some INT, '
                   'KEY (size, name), KEY (name), KEY (some))',
                   f'INSERT INTO o WITH RECURSIVE n AS (SELECT 1 i UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) '
                   f"SELECT i, i * 7 % {ROWS} + 1, i % 50, CONCAT('n', i % 40), IF(i % 3, NULL, i) FROM n",
                   'ANALYZE TABLE o')
    connection = server.connect(database='d')
    yield Client(connection)
    connection.close()


def made(client):
    return client.counter('Gemel_transient_indexes')


def forced(query):
    """By the indexes that are there: a hint that forces keeps them."""
    return query.replace('o b', 'o b FORCE INDEX (PRIMARY, size, name, some)')


@pytest.mark.parametrize('query', QUERIES.values(), ids=QUERIES)
def test_it_answers_the_same(client, query):
    by_index = client.rows(forced(query))
    assert made(client) == 0
    assert client.rows(query) == by_index


def test_it_takes_over(client):
    client.rows(QUERIES['unique'])
    assert made(client) == 1


def test_few_probes_make_none(client):
    client.rows('SELECT SUM(b.size) FROM o a JOIN o b ON b.id = a.other WHERE a.id < 30')
    assert made(client) == 0


def test_it_sees_what_the_transaction_changed(client):
    client.rows('BEGIN')
    client.rows('UPDATE o SET size = size + 1000')
    assert client.rows(QUERIES['unique']) == client.rows(forced(QUERIES['unique']))
    client.rows('ROLLBACK')
