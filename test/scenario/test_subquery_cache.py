"""A correlated subquery that is asked with the same outer values again is not evaluated again, and nobody can tell."""
import pytest

from harness.client import Client

QUERIES = {
    'scalar': 'SELECT id, (SELECT SUM(v) FROM i WHERE i.k = o.k) FROM o ORDER BY id',
    'no row': 'SELECT id, (SELECT v FROM i WHERE i.k = o.k AND v > 1000) FROM o ORDER BY id',
    'in a condition': 'SELECT id FROM o WHERE n < (SELECT AVG(v) FROM i WHERE i.k = o.k) ORDER BY id',
    'EXISTS': 'SELECT id FROM o WHERE EXISTS (SELECT 1 FROM i WHERE i.k = o.k AND i.v > 25) ORDER BY id',
    'NOT EXISTS': 'SELECT id FROM o WHERE NOT EXISTS (SELECT 1 FROM i WHERE i.k = o.k) ORDER BY id',
    'IN': 'SELECT id FROM o WHERE n IN (SELECT v FROM i WHERE i.k = o.k) ORDER BY id',
    'NOT IN': 'SELECT id, n NOT IN (SELECT v FROM i WHERE i.k = o.k) FROM o ORDER BY id',
    'two blocks out': 'SELECT id, (SELECT COUNT(*) FROM i WHERE i.k = o.k AND EXISTS '
                      '(SELECT 1 FROM i j WHERE j.k = o.k AND j.v > i.v)) FROM o ORDER BY id',
    'NULL and text': 'SELECT id, (SELECT COUNT(*) FROM i WHERE i.k <=> o.k AND o.t = \'a\') FROM o ORDER BY id',
}


@pytest.fixture
def client(server):
    server.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE o (id INT PRIMARY KEY, k INT, n INT, t VARCHAR(9))',
                   'CREATE TABLE i (k INT, v INT, KEY (k))',
                   "INSERT INTO o VALUES (1,1,10,'a'), (2,1,11,'A'), (3,2,30,'b'), (4,2,12,'a'), (5,3,1,'a'), "
                   "(6,NULL,1,'a'), (7,NULL,2,'a'), (8,1,10,'a')",
                   'INSERT INTO i VALUES (1,10), (1,20), (2,30), (2,5), (NULL,7)')
    connection = server.connect(database='d')
    yield Client(connection)
    connection.close()


def reused(client, statement):
    """Its rows, and how many subqueries were not evaluated."""
    before = client.counter('Gemel_subqueries_reused')
    return client.rows(statement), client.counter('Gemel_subqueries_reused') - before


@pytest.mark.parametrize('query', QUERIES.values(), ids=QUERIES)
def test_it_answers_the_same(client, query):
    kept, times = reused(client, query)
    client.rows('SET gemel_subquery_cache = OFF')
    assert reused(client, query) == (kept, 0)
    assert times >= 1


@pytest.mark.parametrize('inside', ['RAND() + i.k', '@x := 1', 'UUID()', 'SLEEP(0)', 'i.k FOR UPDATE'])
def test_what_may_differ_is_evaluated_each_time(client, inside):
    tail = ' FOR UPDATE' if inside.endswith('FOR UPDATE') else ''
    inside = inside.removesuffix(' FOR UPDATE')
    assert reused(client, f'SELECT id, (SELECT {inside} FROM i WHERE i.k = o.k LIMIT 1{tail}) FROM o')[1] == 0


def test_an_outer_aggregate_is_no_key(client):
    query = 'SELECT k, SUM(n), (SELECT COUNT(*) FROM i WHERE i.v < SUM(o.n)) c FROM o GROUP BY k ORDER BY k'
    assert client.rows(query) == [(None, 3, 0), (1, 31, 5), (2, 42, 5), (3, 1, 0)]


def test_warnings_come_each_time(client):
    client.rows("SET sql_mode = 'ERROR_FOR_DIVISION_BY_ZERO'")
    client.rows('SELECT id, (SELECT SUM(v / 0) FROM i WHERE i.k = o.k) FROM o WHERE k = 1')
    assert client.rows('SHOW COUNT(*) WARNINGS') == [(6,)]


def test_a_statement_sees_what_is_new(client):
    query = 'SELECT (SELECT SUM(v) FROM i WHERE i.k = o.k) FROM o WHERE k = 1'
    assert client.rows(query) == [(30,)] * 3
    client.rows('UPDATE i SET v = v + 1 WHERE k = 1')
    assert client.rows(query) == [(32,)] * 3
    client.rows('UPDATE o SET n = (SELECT SUM(v) FROM i WHERE i.k = o.k)')
    assert client.rows('SELECT n FROM o ORDER BY id') == [(32,), (32,), (35,), (35,), (None,), (None,), (None,), (32,)]
