"""Prepared statements: every type of parameter and of result, cursors, long data, errors."""
import pytest

from harness import prepared, wire
from harness.prepared import Parameter, prepare


@pytest.fixture
def connection(server):
    server.execute('CREATE DATABASE d')
    connection = wire.Wire(server, database='d')
    yield connection
    connection.close()


NUMBERS = [
    ('TINYINT', prepared.TINY, -128, False), ('TINYINT UNSIGNED', prepared.TINY, 255, True),
    ('SMALLINT', prepared.SHORT, -32768, False), ('SMALLINT UNSIGNED', prepared.SHORT, 65535, True),
    ('MEDIUMINT', prepared.LONG, -8388608, False), ('INT', prepared.LONG, -2**31, False),
    ('INT UNSIGNED', prepared.LONG, 2**32 - 1, True), ('BIGINT', prepared.LONGLONG, -2**63, False),
    ('BIGINT UNSIGNED', prepared.LONGLONG, 2**64 - 1, True), ('FLOAT', prepared.FLOAT, 1.5, False),
    ('DOUBLE', prepared.DOUBLE, -1.25e300, False), ('YEAR', prepared.SHORT, 2026, False),
]
TEXTS = [
    ('DECIMAL(20,6)', prepared.NEWDECIMAL, b'-12345678901234.567890'), ('VARCHAR(20)', prepared.VAR_STRING, b'abc'),
    ('CHAR(20)', prepared.STRING, 'zwölf'.encode()), ('VARBINARY(20)', prepared.BLOB, b'\0\xff\x80'),
    ('LONGTEXT', prepared.BLOB, b'x' * 70000), ('LONGBLOB', prepared.BLOB, bytes(range(256)) * 300),
    ("ENUM('a','b')", prepared.STRING, b'b'), ("SET('a','b','c')", prepared.STRING, b'a,c'),
    ('JSON', prepared.VAR_STRING, b'{"a": 1}'),
]
TIMES = [
    ('DATE', prepared.DATE, (2026, 11, 21), (2026, 11, 21)),
    ('DATETIME', prepared.DATETIME, (2026, 11, 21, 3, 4, 5), (2026, 11, 21, 3, 4, 5)),
    ('DATETIME(6)', prepared.DATETIME, (2026, 11, 21, 3, 4, 5, 123456), (2026, 11, 21, 3, 4, 5, 123456)),
    ('TIMESTAMP(6) NULL', prepared.TIMESTAMP, (2026, 1, 2, 0, 0, 0, 1), (2026, 1, 2, 0, 0, 0, 1)),
    ('TIME', prepared.TIME, (1, 2, 3, 4, 5), (1, 2, 3, 4, 5)),
    ('TIME(6)', prepared.TIME, (0, 0, 3, 4, 5, 7), (0, 0, 3, 4, 5, 7)),
    ('TIME', prepared.TIME, (), ()),
]


def round_trip(connection, column, parameter):
    connection.query(f'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v {column})')
    insert = prepare(connection, 'INSERT INTO t (v) VALUES (?), (?)')
    assert len(insert.parameters) == 2
    insert.execute(parameter, Parameter(parameter.type, None))
    found = prepare(connection, 'SELECT v FROM t ORDER BY id').execute().rows
    assert found[1] == (None,)
    return found[0][0]


@pytest.mark.parametrize('column, kind, value, is_unsigned', NUMBERS, ids=[row[0] for row in NUMBERS])
def test_numbers(connection, column, kind, value, is_unsigned):
    assert round_trip(connection, column, Parameter(kind, value, is_unsigned)) == value


@pytest.mark.parametrize('column, kind, value', TEXTS, ids=[row[0] for row in TEXTS])
def test_texts(connection, column, kind, value):
    assert round_trip(connection, column, Parameter(kind, value)) == value


@pytest.mark.parametrize('column, kind, value, expected', TIMES, ids=[f'{row[0]}-{row[2]}' for row in TIMES])
def test_times(connection, column, kind, value, expected):
    assert round_trip(connection, column, Parameter(kind, value)) == expected


def test_types_are_kept_for_the_next_execution(connection):
    statement = prepare(connection, 'SELECT ? + 1')
    assert statement.execute(Parameter(prepared.LONGLONG, 4)).rows == [(5,)]
    assert statement.execute(Parameter(prepared.LONGLONG, 41), new_types=False).rows == [(42,)]


def test_cursor(connection):
    connection.query('CREATE TABLE t (id INT PRIMARY KEY)')
    connection.query('INSERT INTO t VALUES ' + ','.join(f'({n})' for n in range(10)))
    statement = prepare(connection, 'SELECT id FROM t ORDER BY id')
    opened = statement.execute(cursor=1)
    assert opened.status & wire.CURSOR_EXISTS
    first = statement.fetch(4)
    assert [row[0] for row in first.rows] == [0, 1, 2, 3] and not first.status & wire.LAST_ROW_SENT
    assert connection.query('SELECT 1').rows == [(b'1',)]
    rest = statement.fetch(100)
    assert [row[0] for row in rest.rows] == [4, 5, 6, 7, 8, 9] and rest.status & wire.LAST_ROW_SENT
    statement.reset()
    with pytest.raises(wire.ServerError):
        statement.fetch(1)


def test_long_data(connection):
    connection.query('CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)')
    insert = prepare(connection, 'INSERT INTO t VALUES (?, ?)')
    for piece in (b'one ', b'two ', b'three'):
        insert.send_long_data(1, piece)
    insert.execute(Parameter(prepared.LONG, 1), Parameter(prepared.BLOB, None, is_long_data=True))
    assert connection.query('SELECT v FROM t').rows == [(b'one two three',)]


def test_update_delete_and_like(connection):
    connection.query('CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10))')
    connection.query("INSERT INTO t VALUES (1,'aa'), (2,'ab'), (3,'b')")
    update = prepare(connection, 'UPDATE t SET v=CONCAT(v, ?) WHERE v LIKE ?')
    assert update.execute(Parameter(prepared.STRING, b'!'), Parameter(prepared.STRING, b'a%')).affected == 2
    delete = prepare(connection, 'DELETE FROM t WHERE id > ? LIMIT ?')
    assert delete.execute(Parameter(prepared.LONG, 1), Parameter(prepared.LONG, 1)).affected == 1
    assert connection.query('SELECT COUNT(*) FROM t').rows == [(b'2',)]


def test_a_table_changed_since(connection):
    connection.query('CREATE TABLE t (a INT)')
    connection.query('INSERT INTO t VALUES (1)')
    statement = prepare(connection, 'SELECT * FROM t')
    assert statement.execute().rows == [(1,)]
    connection.query('ALTER TABLE t ADD COLUMN b INT DEFAULT 2')
    assert statement.execute().rows == [(1, 2)]


def test_unknown_statement_and_closed_one(connection):
    statement = prepare(connection, 'SELECT 1')
    statement.close()
    with pytest.raises(wire.ServerError) as error:
        statement.execute()
    assert error.value.number == 1243


def test_what_cannot_be_prepared(connection):
    for text, number in (('SELEC 1', 1064), ('SELECT * FROM nowhere', 1146)):
        with pytest.raises(wire.ServerError) as error:
            prepare(connection, text)
        assert error.value.number == number


def test_sql_prepare(connection):
    connection.query("PREPARE p FROM 'SELECT ? * 2'")
    connection.query('SET @n := 21')
    assert connection.query('EXECUTE p USING @n').rows == [(b'42',)]
    connection.query('DEALLOCATE PREPARE p')
    with pytest.raises(wire.ServerError) as error:
        connection.query('EXECUTE p USING @n')
    assert error.value.number == 1243
