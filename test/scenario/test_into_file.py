"""SELECT ... INTO OUTFILE, INTO DUMPFILE, LOAD_FILE(), and back by LOAD DATA."""
import pymysql
import pytest

from harness.rows import assert_same_rows, read_tables

TABLE = '''CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, i INT(6) ZEROFILL, f DOUBLE, e DECIMAL(9,3), s VARCHAR(40),
           l VARCHAR(20) CHARACTER SET latin1, x VARBINARY(20), d DATE, w DATETIME(3), m TIME, n ENUM('a','b'), y YEAR)'''
FORMATS = ['', r"FIELDS TERMINATED BY ',' ENCLOSED BY '\"'",
           r"FIELDS TERMINATED BY ';' OPTIONALLY ENCLOSED BY '\'' LINES TERMINATED BY '\r\n'",
           r"FIELDS TERMINATED BY 'ab' ESCAPED BY '!' LINES STARTING BY '>>' TERMINATED BY '<<\n'"]


@pytest.fixture
def filled(server):
    server.execute('CREATE DATABASE d', TABLE, 'USE d')
    texts = ['plain', '', 'tab\there', 'line\nbreak', 'quote " and \'', 'back\\slash', '\\N', 'NULL', 'zero\0byte',
             'aab>><<!', None]
    with server.control().cursor() as cursor:
        for n, text in enumerate(texts):
            cursor.execute('INSERT INTO t (i, f, e, s, l, x, d, w, m, n, y) '
                           'VALUES (%s,%s,%s,%s,%s,UNHEX(%s),%s,%s,%s,%s,%s)',
                           (n, n / 7, n, text, 'Jürgen', bytes([n, 9, 10, 92, 255 - n]).hex(), '2026-11-21',
                            '2026-11-21 01:02:03.004', '-10:00:01', 'ab'[n % 2], 1990 + n))
    return server


def error_of(server, statement):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    return error.value.args[0]


@pytest.mark.parametrize('clauses', FORMATS)
def test_there_and_back(filled, scratch, clauses):
    path = scratch / 'out.txt'
    cursor = filled.execute(f"SELECT * INTO OUTFILE '{path}' {clauses} FROM t ORDER BY id")
    assert cursor.rowcount == 11 and path.stat().st_mode & 0o777 == 0o640
    filled.execute('CREATE TABLE u LIKE t', f"LOAD DATA INFILE '{path}' INTO TABLE u CHARACTER SET binary {clauses}")
    tables = read_tables(filled)
    expected, found = tables['d', 't'], tables['d', 'u']
    assert found == expected
    assert_same_rows(filled)


def test_bytes_are_those_of_mysql(filled, scratch):
    def written(query, clauses=''):
        path = scratch / 'bytes.txt'
        path.unlink(missing_ok=True)
        filled.execute(f"SELECT {query} INTO OUTFILE '{path}' {clauses}")
        return path.read_bytes()
    assert written("1, NULL, 'a\tb', 'x\\0y'") == b'1\t\\N\ta\\\tb\tx\\0y\n'
    optional = "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'"
    assert written("1, 'a\"b', NULL, 1.50", optional) == b'1,"a\\"b",\\N,1.50\n'
    assert written("1, 'a,b'", "FIELDS TERMINATED BY ',' ENCLOSED BY '\"'") == b'"1","a,b"\n'
    assert written("1, NULL", "FIELDS ESCAPED BY ''") == b'1\tNULL\n'
    assert written("i, l FROM t LIMIT 1") == b'000000\tJ\xfcrgen\n'
    assert written("l FROM t LIMIT 1", '').startswith(b'J\xfc')
    path = scratch / 'utf8.txt'
    filled.execute(f"SELECT l INTO OUTFILE '{path}' CHARACTER SET utf8mb4 FROM t LIMIT 1")
    assert path.read_text() == 'Jürgen\n'


def test_dumpfile_and_load_file(filled, scratch):
    path = scratch / 'dump.bin'
    filled.execute(f"SELECT x INTO DUMPFILE '{path}' FROM t WHERE id=3")
    assert path.read_bytes() == bytes([2, 9, 10, 92, 253])
    assert filled.value(f"SELECT LOAD_FILE('{path}')") == bytes([2, 9, 10, 92, 253])
    assert filled.value("SELECT LOAD_FILE('/nowhere/at/all')") is None
    filled.execute(f"UPDATE t SET x = LOAD_FILE('{path}')")
    assert filled.value('SELECT COUNT(*) FROM t WHERE x = (SELECT x FROM t WHERE id=3)') == 11
    assert error_of(filled, f"SELECT x INTO DUMPFILE '{scratch}/two.bin' FROM t") == 1172
    assert not (scratch / 'two.bin').exists()


def test_what_is_refused(make_server, scratch):
    allowed = scratch / 'out'
    allowed.mkdir()
    a = make_server('a', secure_file_priv=allowed)
    a.execute('CREATE USER u', f"SELECT 1 INTO OUTFILE '{allowed}/a.txt'")
    assert error_of(a, f"SELECT 1 INTO OUTFILE '{allowed}/a.txt'") == 1086
    assert error_of(a, f"SELECT 1 INTO OUTFILE '{scratch}/b.txt'") == 1290
    assert error_of(a, f"SELECT 1 INTO OUTFILE '{allowed}/../b.txt'") == 1290
    assert error_of(a, f"SELECT 1 INTO OUTFILE '{allowed}/no/b.txt'") in (1, 1290)
    assert error_of(a, f"SELECT 1 INTO OUTFILE '{allowed}/c.txt' FIELDS ENCLOSED BY '--'") == 1083
    assert error_of(a, f"SELECT 1 UNION SELECT (SELECT 1 UNION SELECT 2) INTO OUTFILE '{allowed}/c.txt'") == 1242
    assert [path.name for path in allowed.iterdir()] == ['a.txt']
    with pytest.raises(pymysql.err.MySQLError) as error:
        a.connect('u').cursor().execute(f"SELECT 1 INTO OUTFILE '{allowed}/d.txt'")
    assert error.value.args[0] == 1045
    cursor = a.connect('u').cursor()
    cursor.execute(f"SELECT LOAD_FILE('{allowed}/a.txt')")
    assert cursor.fetchone() == (None,)


def test_dump_into_files_and_import(filled, make_server, scratch):
    """mariadb-dump --tab on one server, its files into another with mariadb and mariadb-import."""
    folder = scratch / 'tab'
    folder.mkdir()
    filled.client('mariadb-dump', f'--tab={folder}', 'd')
    other = make_server('b', local_infile=1)
    other.execute('CREATE DATABASE d')
    other.client('mariadb', 'd', text=(folder / 't.sql').read_text())
    other.client('mariadb-import', '--local', 'd', folder / 't.txt')
    assert_same_rows(filled, other)
