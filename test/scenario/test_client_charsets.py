"""Clients whose statements are not UTF-8: names, texts and headings are what they are to the client.   topology: a->b"""
import pytest
import pymysql

from harness.client import Client
from harness.topology import chain, wait_same_rows

# In gbk the second byte of a character may be that of a backslash (one of 誠's), or of the quote of names (one of 衊's).
CLIENTS = [('latin1', 'ü'), ('latin2', 'ő'), ('cp1251', 'ж'), ('gbk', '誠衊')]


@pytest.fixture
def edges(make_server):
    return chain(make_server('a'), make_server('b'))


@pytest.mark.parametrize('charset, x', CLIENTS)
def test_names_and_texts(edges, charset, x):
    (a, b), = edges
    client = Client(a.connect(charset=charset))
    for statement in (f'CREATE DATABASE d{x}',
                      f"CREATE TABLE d{x}.t{x} (id INT PRIMARY KEY, `a{x}` VARCHAR(9) DEFAULT '{x}' COMMENT '{x}', "
                      f"e ENUM('{x}', 'e')) COMMENT '{x}'",
                      f'USE `d{x}`',
                      f"INSERT INTO t{x} VALUES (1, '{x}', '{x}'), (2, '{x}\\'{x}', 'e')",
                      f'INSERT INTO `d{x}`.`t{x}` (id) VALUES (3)',
                      f"CREATE VIEW v{x} AS SELECT id, '{x}' FROM t{x} WHERE a{x} = '{x}'",
                      f'CREATE TABLE c{x} AS SELECT id, a{x} FROM t{x}',
                      f"SET @v{x} = '{x}'",
                      f"PREPARE p{x} FROM 'INSERT INTO t{x} SELECT 4, ''{x}{x}'', @v{x}'", f'EXECUTE p{x}',
                      f"CREATE USER 'u{x}'@'localhost' IDENTIFIED BY 'p{x}'",
                      f'GRANT SELECT ON d{x}.* TO u{x}@localhost'):
        client.rows(statement)
    stored = [(1, x, x), (2, f"{x}'{x}", 'e'), (3, x, None), (4, x + x, x)]
    assert client.rows(f'SELECT * FROM t{x} ORDER BY id') == stored
    assert a.rows(f'SELECT * FROM `d{x}`.`t{x}` ORDER BY id') == stored
    assert client.rows(f'SELECT * FROM v{x}') == [(1, x), (3, x)] == a.rows(f'SELECT * FROM d{x}.v{x}')
    for server in (a, b):
        wait_same_rows(edges)
        assert f"COMMENT '{x}'" in server.rows(f'SHOW CREATE TABLE d{x}.t{x}')[0][1]
        assert server.rows(f'SHOW TABLES FROM d{x}') == [(f'c{x}',), (f't{x}',), (f'v{x}',)]
        assert server.rows(f'SELECT * FROM d{x}.v{x}') == [(1, x), (3, x)]
        same = Client(server.connect(user=f'u{x}', password=f'p{x}'.encode(client.connection.encoding), charset=charset,
                                     database=f'd{x}'))
        assert same.rows('SELECT CURRENT_USER(), DATABASE()') == [(f'u{x}@localhost', f'd{x}')]
        assert same.rows(f'SELECT COUNT(*) FROM c{x}') == [(3,)]


@pytest.mark.parametrize('charset, x', CLIENTS)
def test_headings_and_errors(server, charset, x):
    client = server.connect(charset=charset)
    with client.cursor() as cursor:
        cursor.execute(f"SELECT '{x}', 1 AS `{x}`, CONCAT('{x}', '{x}')")
        assert [column[0] for column in cursor.description] == [x, x, f"CONCAT('{x}', '{x}')"]
        assert cursor.fetchall() == ((x, 1, x + x),)
        cursor.execute(f"SELECT HEX('{x}'), HEX(_{charset}'{x}'), HEX(_utf8mb4 x'41')")
        assert cursor.fetchall() == ((x.encode(client.encoding).hex().upper(),) * 2 + ('41',),)
        for statement, number in ((f'SELECT n{x}', 1054), (f'{x}', 1064)):
            with pytest.raises(pymysql.err.MySQLError) as error:
                cursor.execute(statement)
            assert error.value.args[0] == number
        cursor.execute('SHOW WARNINGS')
        assert f"near '{x}' at line 1" in cursor.fetchall()[0][2]


def test_bytes_that_are_no_text(server):
    """They stay bytes, with MySQL's warning; an introducer's refuse the statement."""
    client = server.connect(charset='gbk')
    with client.cursor() as cursor:
        cursor.execute(b"SELECT HEX('\xff\xff')")
        assert cursor.fetchall() == (('FFFF',),)
        cursor.execute('SHOW WARNINGS')
        assert [row[1] for row in cursor.fetchall()] == [1300]
        with pytest.raises(pymysql.err.MySQLError) as error:
            cursor.execute(b"SELECT _gbk'\xff\xff'")
        assert error.value.args[0] == 1300


def test_a_name_from_another_connection(edges):
    """What the server itself writes into the log has characters that the client's character set lacks."""
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.ж (id INT PRIMARY KEY, ы INT)')
    client = Client(a.connect(charset='latin1', database='d'))
    client.rows('CREATE TABLE ü AS SELECT * FROM (SELECT * FROM information_schema.columns) c LIMIT 0')
    client.rows('CREATE TEMPORARY TABLE x (a INT)')
    a.execute('CREATE VIEW d.v AS SELECT ы AS ö FROM d.ж')
    client.rows('CREATE TABLE y AS SELECT * FROM v')
    client.rows('DROP TABLE x, ü')
    wait_same_rows(edges)
    assert b.rows('SHOW TABLES FROM d') == [('v',), ('y',), ('ж',)]
