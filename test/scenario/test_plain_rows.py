"""INSERT of rows of plain literals: read in one go, they are what they are as expressions, on the server and on its replica."""
import itertools

import pymysql
import pytest

from harness.topology import chain, wait_same_rows

COLUMNS = '''(id INT PRIMARY KEY AUTO_INCREMENT, i BIGINT, u TINYINT UNSIGNED, d DECIMAL(10,3), f DOUBLE, s VARCHAR(20),
             l VARCHAR(20) CHARACTER SET latin1, b BLOB, e ENUM('1','a'), t DATETIME(2), ti TIME, y YEAR, bits BIT(9),
             n INT NOT NULL DEFAULT 5)'''
NAMES = ['i', 'u', 'd', 'f', 's', 'l', 'b', 'e', 't', 'ti', 'y', 'bits', 'n']
LITERALS = ['0', '-1', '255', '-0.0005', '12.3456', '1e3', '-1.5e-7', "'7'", "' 8 x'", "'a'", "'ä€'", "'it''s \\n \\\\'",
            'NULL', "''", "_binary 'b\\0'", "'2020-01-31 10:11:12.345'", '20200131101112', '2005', '99', '123456789012345678']
NUMBERS = range(1, 400)


def rows(separator):
    """Each literal in each column, sooner or later."""
    def literals(number):
        return [LITERALS[(number * 7 + place * number) % len(LITERALS)] for place in range(len(NAMES))]
    return ','.join(f"({separator.join([str(number), *literals(number)])})" for number in NUMBERS)


def insert(server, table, values, names, mode):
    """What the statement said, and what it warned of or why it failed."""
    server.execute(f'CREATE TABLE d.{table} {COLUMNS}')
    connection = server.connect(database='d', sql_mode=mode)
    with connection, connection.cursor() as cursor:
        cursor.execute(f'SET NAMES {names}, character_set_results = utf8mb4')
        cursor.execute(f"INSERT IGNORE INTO {table} (id, {', '.join(NAMES)}) VALUES {values}")
        count = cursor.rowcount
        cursor.execute('SHOW WARNINGS')
        return count, cursor.fetchall()


def test_values_are_those_of_expressions(make_server):
    """a->b"""
    a, b = make_server('a'), make_server('b')
    edges = chain(a, b)
    for names, mode in itertools.product(['utf8mb4', 'latin1', 'binary'], ['', 'NO_BACKSLASH_ESCAPES', 'STRICT_ALL_TABLES']):
        a.execute('DROP DATABASE IF EXISTS d', 'CREATE DATABASE d')
        plain = insert(a, 'plain', rows(', '), names, mode)
        assert plain == insert(a, 'general', rows(' /**/, '), names, mode)
        assert a.rows('SELECT * FROM d.plain ORDER BY id') == a.rows('SELECT * FROM d.general ORDER BY id')
    wait_same_rows(edges)


def test_a_row_that_fails_is_the_one_that_is_named(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, s VARCHAR(3) NOT NULL)')
    for values, error in (("(1,'a'),(2,'abcd')", (1406, "Data too long for column 's' at row 2")),
                          ("(1,'a'),(2)", (1136, "Column count doesn't match value count at row 2")),
                          ("(1,'a'),(2,NULL)", (1048, "Column 's' cannot be null")),
                          ("(1,'a'),(1,'b')", (1062, "Duplicate entry '1' for key 't.PRIMARY'")),
                          ("(1,'a'),(2,'b'", None)):
        with pytest.raises(pymysql.MySQLError) as failure:
            server.execute(f'INSERT INTO d.t VALUES {values}')
        assert failure.value.args[0] == 1064 if error is None else failure.value.args == error
        assert server.rows('SELECT * FROM d.t') == []
