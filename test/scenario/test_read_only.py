"""read_only, as who hands the writing over from one master to the other sets it: a client with all rights but SUPER, c, on a.

    root --> a <-- c
"""
import pymysql
import pytest


@pytest.fixture
def c(server):
    server.execute("CREATE USER c@localhost", 'CREATE DATABASE d', "GRANT ALL ON d.* TO c@localhost",
                   'CREATE TABLE d.t (id INT PRIMARY KEY)')
    connection = server.connect(user='c', database='d', autocommit=True)
    yield connection
    connection.close()


def run(connection, *statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall()


def refused(connection, statement, number=1290):
    with pytest.raises(pymysql.err.MySQLError) as error:
        run(connection, statement)
    assert error.value.args[0] == number


def test_what_was_changed_before_may_not_be_committed_behind(server, c):
    run(c, 'BEGIN', 'INSERT INTO t VALUES (1)')
    server.execute('SET GLOBAL read_only = ON')
    refused(c, 'COMMIT')
    server.execute('SET GLOBAL read_only = OFF')
    run(c, 'COMMIT')
    assert server.rows('SELECT * FROM d.t') == []
    run(c, 'SET autocommit = 0', 'INSERT INTO t VALUES (2)')
    server.execute('SET GLOBAL super_read_only = ON')
    refused(c, 'COMMIT')
    refused(c, 'INSERT INTO t VALUES (3)')
    server.execute('SET GLOBAL read_only = OFF')
    run(c, 'INSERT INTO t VALUES (4)', 'COMMIT')
    assert server.rows('SELECT * FROM d.t') == [(4,)]


def test_a_transaction_that_only_read_ends_well(server, c):
    run(c, 'BEGIN', 'SELECT * FROM t FOR UPDATE')
    server.execute('SET GLOBAL read_only = ON')
    run(c, 'COMMIT')


@pytest.mark.parametrize('begin, end', [((), ()), (('BEGIN',), ('COMMIT',)),
                                        (('START TRANSACTION READ ONLY',), ('COMMIT',))])
def test_temporary_tables_are_their_sessions_business(server, c, begin, end):
    if begin != ('START TRANSACTION READ ONLY',):
        server.execute('SET GLOBAL read_only = ON')
    run(c, 'CREATE TEMPORARY TABLE m (a INT)', *begin, 'INSERT INTO m VALUES (1), (2)', 'REPLACE INTO m VALUES (3)',
        'INSERT INTO m SELECT id FROM t', 'UPDATE m SET a = a + 1', 'DELETE FROM m WHERE a = 2')
    refused(c, 'INSERT INTO t SELECT a FROM m', 1792 if begin == ('START TRANSACTION READ ONLY',) else 1290)
    if begin == ('START TRANSACTION READ ONLY',):
        for definition in ('CREATE TEMPORARY TABLE n (a INT)', 'DROP TEMPORARY TABLE m', 'TRUNCATE TABLE m'):
            refused(c, definition, 1792)
    assert run(c, *end, 'SELECT a FROM m ORDER BY a') == ((3,), (4,))
    run(c, 'ALTER TABLE m ADD b INT', 'TRUNCATE TABLE m', 'DROP TABLE m')
    if begin != ('START TRANSACTION READ ONLY',):
        refused(c, 'DROP TABLE t')


def test_super_may_what_read_only_forbids(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT)', 'SET GLOBAL read_only = ON',
                   'INSERT INTO d.t VALUES (1)')
    server.execute('SET GLOBAL super_read_only = ON')
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute('INSERT INTO d.t VALUES (1)')
    assert error.value.args == (1290, 'The MySQL server is running with the --super-read-only option so it cannot execute '
                                      'this statement')
