"""Optimizer hints: advice is read, MAX_EXECUTION_TIME obeyed, what is neither warned of as MySQL does.   topology: a"""
import pytest
import pymysql

LONG = 'COUNT(*) FROM d.t a JOIN d.t b JOIN d.t c JOIN d.t e'
NO_HINT = (1064, "Optimizer hint syntax error near '{0}' at line 1")
TOP_ONLY = (3125, 'MAX_EXECUTION_TIME hint is supported by top-level standalone SELECT statements only')


@pytest.fixture
def client(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)',
                   'INSERT INTO d.t WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 300) '
                   'SELECT i FROM n')
    return server


def warnings(client):
    return [(number, text) for _, number, text in client.rows('SHOW WARNINGS')]


@pytest.mark.parametrize('text', ['SELECT /*+ MAX_EXECUTION_TIME(50) */ ' + LONG,
                                  'select/*+max_execution_time( 50 )*/ ' + LONG,
                                  'SELECT /*+ NO_ICP(t) MAX_EXECUTION_TIME(50) */ ' + LONG])
def test_the_time_is_limited(client, text):
    for _ in range(3):      # the third time the text is known
        with pytest.raises(pymysql.err.MySQLError) as error:
            client.execute(text)
        assert error.value.args[0] == 3024
        assert client.value('SELECT @@max_execution_time') == 0


def test_prepared(client):
    client.execute("PREPARE s FROM 'SELECT /*+ MAX_EXECUTION_TIME(50) */ " + LONG + "'")
    with pytest.raises(pymysql.err.MySQLError) as error:
        client.execute('EXECUTE s')
    assert error.value.args[0] == 3024


def test_the_session_has_its_own_again(client):
    client.execute('SET max_execution_time = 40000')
    assert client.rows('SELECT /*+ MAX_EXECUTION_TIME(30000) */ @@max_execution_time, 1')[0][1] == 1
    assert warnings(client) == []
    assert client.value('SELECT /*+ MAX_EXECUTION_TIME(0) */ @@max_execution_time') == 40000
    assert client.value('SELECT @@max_execution_time') == 40000


@pytest.mark.parametrize('text, expected', [
    ('SELECT /*+ JOIN_ORDER(a, b) NO_INDEX_MERGE(t) QB_NAME(q) */ 1', []),
    ('SELECT 1 /*+ NONSENSE */', []),                                   # a comment, where it stands
    ('SELECT /* + NONSENSE */ 1', []),
    ('SELECT /*+ NONSENSE(1) */ 1', [(NO_HINT[0], NO_HINT[1].format('NONSENSE(1) */ 1'))]),
    ('SELECT /*+ BKA(t) BKA */ 1', [(NO_HINT[0], NO_HINT[1].format('BKA */ 1'))]),
    ('SELECT /*+ MAX_EXECUTION_TIME(x) */ 1', [(NO_HINT[0], NO_HINT[1].format('MAX_EXECUTION_TIME(x) */ 1'))]),
    ('SELECT /*+ MAX_EXECUTION_TIME(9000) MAX_EXECUTION_TIME(8000) */ 1',
     [(3126, 'Hint MAX_EXECUTION_TIME(8000) is ignored as conflicting/duplicated')]),
    ('SELECT 1 FROM (SELECT /*+ MAX_EXECUTION_TIME(9000) */ 1) t', [TOP_ONLY]),
    ('INSERT /*+ MAX_EXECUTION_TIME(9000) */ INTO d.t VALUES (1000)', [TOP_ONLY]),
    ('UPDATE /*+ NO_MERGE(t) */ d.t SET id = 2000 WHERE id = 2', []),
    ('DELETE /*+ NO_SUCH() */ FROM d.t WHERE id = 3',
     [(NO_HINT[0], NO_HINT[1].format('NO_SUCH() */ FROM d.t WHERE id = 3'))]),
    ('SELECT /*+ SET_VAR(sql_mode = 0) */ 1',
     [(1235, "This version of MySQL doesn't yet support 'SET_VAR(sql_mode = 0)'")]),
])
def test_warnings(client, text, expected):
    for _ in range(3):
        cursor = client.control().cursor()
        cursor.execute(text.replace('1000', str(1000 + _)))
        assert warnings(client) == expected
