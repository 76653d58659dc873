"""LOAD DATA: formats, columns, what lines may lack, who may, and what a replica gets."""
import pymysql
import pytest

from harness.rows import assert_same_rows
from harness.topology import chain, wait_same_rows
from harness.wire import Wire

LOCAL_FILES = 0x80


@pytest.fixture
def loader(server, scratch):
    """load(text, 'FIELDS ...') -> rows of t (a INT, b VARCHAR(20), c DECIMAL(8,2)) after the file was loaded."""
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (a INT, b VARCHAR(20), c DECIMAL(8,2))', 'USE d')

    class Loader:
        info, warned = None, []

        def load(self, text, clauses='', head='', before='TRUNCATE d.t'):
            path = scratch / 'in.txt'
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            server.execute(before)
            cursor = server.execute(f"LOAD DATA INFILE '{path}' {head} INTO TABLE d.t {clauses}")
            self.info = cursor._result.message.decode()[1:]  # behind its length
            self.warned = [row[1] for row in server.rows('SHOW WARNINGS')]
            return [tuple(None if x is None else str(x) for x in row) for row in server.rows('SELECT * FROM d.t')]

        def fails(self, number, *arguments, **more):
            with pytest.raises(pymysql.err.MySQLError) as error:
                self.load(*arguments, **more)
            assert error.value.args[0] == number, error.value
            return error.value.args[1]

    made = Loader()
    made.server, made.scratch = server, scratch
    return made


def test_plain(loader):
    assert loader.load('1\tone\t1.5\n2\t\\N\t-2\n') == [('1', 'one', '1.50'), ('2', None, '-2.00')]
    assert loader.info == 'Records: 2  Deleted: 0  Skipped: 0  Warnings: 0'
    assert loader.load('') == []
    assert loader.load('3\tno end\t0') == [('3', 'no end', '0.00')]


CSV = "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'"


@pytest.mark.parametrize('text, clauses, rows', [
    ('1,"a,b",2\n2,"a\nb",3\n3,"say ""hi""",4\n', CSV, [('1', 'a,b', '2.00'), ('2', 'a\nb', '3.00'), ('3', 'say "hi"', '4.00')]),
    ('1,NULL,NULL\n2,"NULL",3\n', CSV, [('1', None, None), ('2', 'NULL', '3.00')]),
    ('1,"a"b",2\n', CSV, [('1', 'a"b', '2.00')]),
    ('1,a"b,2\r\n', CSV + " LINES TERMINATED BY '\\r\\n'", [('1', 'a"b', '2.00')]),
    ('1\ta\\tb\\\\\\0\t2\n', '', [('1', 'a\tb\\\0', '2.00')]),
    ('1\ta\\\nb\t2\n', '', [('1', 'a\nb', '2.00')]),
    ('1\ta\\b\t2\n', "FIELDS ESCAPED BY ''", [('1', 'a\\b', '2.00')]),
    ("1||a||2;;2||b||3;;", "FIELDS TERMINATED BY '||' LINES TERMINATED BY ';;'", [('1', 'a', '2.00'), ('2', 'b', '3.00')]),
    ('junk\nxx1\ta\t2\nno\nyyxx3\tb\t4\n', "LINES STARTING BY 'xx'", [('1', 'a', '2.00'), ('3', 'b', '4.00')]),
    ('head\nmore\n1\ta\t2\n', 'IGNORE 2 LINES', [('1', 'a', '2.00')]),
    ('1,a,2,3,b,4', "FIELDS TERMINATED BY ',' LINES TERMINATED BY ','", [('1', 'a', '2.00'), ('3', 'b', '4.00')]),
])
def test_formats(loader, text, clauses, rows):
    assert loader.load(text, clauses) == rows
    assert loader.warned == []


def test_columns_variables_and_set(loader):
    assert loader.load('x\t7\n', '(b, @n) SET a = @n * 2, c = a + 1') == [('14', 'x', '15.00')]
    assert loader.load('1\t2\n3\t4\n', '(@a, @b) SET a = @b, b = CONCAT(@a, "-", @b)') == [
        ('2', '1-2', None), ('4', '3-4', None)]
    assert loader.load('5\tskipped\t6\n', '(a, @dummy, c)') == [('5', None, '6.00')]
    loader.server.execute("ALTER TABLE d.t ALTER b SET DEFAULT 'none'")
    assert loader.load('1\n', '(a) SET b = DEFAULT') == [('1', 'none', None)]


def test_what_lines_lack_or_have_too_much(loader):
    loader.fails(1261, '1\ta\n')
    loader.fails(1262, '1\ta\t2\t3\n')
    loader.fails(1366, 'x\ta\t2\n')
    assert loader.load('1\ta\n2\tb\t3\t4\n\nx\tc\t1\n', head='IGNORE') == [
        ('1', 'a', None), ('2', 'b', '3.00'), ('0', None, None), ('0', 'c', '1.00')]
    assert loader.warned == [1261, 1262, 1366, 1261, 1261, 1366]
    loader.server.execute('ALTER TABLE d.t MODIFY a INT NOT NULL, MODIFY b VARCHAR(3)')
    loader.fails(1263, '\\N\ta\t1\n')
    assert loader.load('\\N\tabcdef\t1\n', head='IGNORE') == [('0', 'abc', '1.00')]
    assert loader.warned == [1263, 1265]


def test_duplicates(loader):
    keyed = 'ALTER TABLE d.t ADD PRIMARY KEY (a)'
    loader.load('1\told\t1\n', before=keyed)
    assert 'Duplicate entry' in loader.fails(1062, '2\tnew\t2\n1\tnew\t2\n', before='DO 0')
    assert loader.server.value('SELECT COUNT(*) FROM d.t') == 1
    assert loader.load('1\tnew\t2\n2\tnew\t2\n', head='IGNORE', before='DO 0') == [
        ('1', 'old', '1.00'), ('2', 'new', '2.00')]
    assert loader.info == 'Records: 2  Deleted: 0  Skipped: 1  Warnings: 1'
    assert loader.load('1\tnewer\t3\n', head='REPLACE', before='DO 0')[0] == ('1', 'newer', '3.00')
    assert loader.info == 'Records: 1  Deleted: 1  Skipped: 0  Warnings: 0'


def test_character_sets(loader):
    assert loader.load(b'1\tJ\xfcrgen\t2\n', 'CHARACTER SET latin1') == [('1', 'Jürgen', '2.00')]
    assert loader.load('1\tJürgen\t2\n') == [('1', 'Jürgen', '2.00')]
    assert loader.load(b'1\t\x95\\\t2\n', 'CHARACTER SET gbk') == [('1', '昞', '2.00')]  # its second byte is a backslash
    loader.fails(1115, '', 'CHARACTER SET klingon')


def test_big_file_is_streamed(loader):
    """Lines longer than a buffer, fields that meet its end, more bytes than are ever in memory at once."""
    loader.server.execute('CREATE TABLE d.big (id INT PRIMARY KEY, body LONGTEXT)')
    path = loader.scratch / 'big.txt'
    bodies = {n: chr(97 + n % 26) * (n * 7919 % 50021) + '\\t' + '"' * (n % 3) for n in range(400)}
    bodies[400] = 'long' * 500000
    with open(path, 'w') as file:
        for n, body in bodies.items():
            file.write(f'{n},"{body.replace(chr(34), chr(34) * 2)}"\n')
    loader.server.execute(f"LOAD DATA INFILE '{path}' INTO TABLE d.big FIELDS TERMINATED BY ',' ENCLOSED BY '\"'")
    assert dict(loader.server.rows('SELECT * FROM d.big')) == {n: body.replace('\\t', '\t') for n, body in bodies.items()}


def test_who_may_and_where(make_server, scratch):
    allowed, other = scratch / 'in', scratch / 'other.txt'
    allowed.mkdir()
    other.write_text('1\n')
    (allowed / 'a.txt').write_text('1\n')
    (allowed / 'link.txt').symlink_to(other)
    a = make_server('a', secure_file_priv=allowed)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (a INT)', "CREATE USER u", 'GRANT INSERT ON d.* TO u')
    a.execute(f"LOAD DATA INFILE '{allowed}/a.txt' INTO TABLE d.t")
    for path, number in ((other, 1290), (allowed / 'link.txt', 1290), (allowed / '../other.txt', 1290),
                         (allowed / 'none.txt', 13), (allowed / '.', 1290)):
        with pytest.raises(pymysql.err.MySQLError) as error:
            a.execute(f"LOAD DATA INFILE '{path}' INTO TABLE d.t")
        assert error.value.args[0] == number, path
    with pytest.raises(pymysql.err.MySQLError) as error:
        a.connect('u').cursor().execute(f"LOAD DATA INFILE '{allowed}/a.txt' INTO TABLE d.t")
    assert error.value.args[0] == 1045
    assert a.rows('SELECT * FROM d.t') == [(1,)]


# ---------------------------------------------------------------- the client's file

def test_local(loader):
    path = loader.scratch / 'local.csv'
    path.write_text('1\ta\t1\nx\tb\n')
    statement = f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE d.t"
    client = loader.server.connect(local_infile=True)
    with pytest.raises(pymysql.err.MySQLError) as error:
        client.cursor().execute(statement)
    assert error.value.args[0] == 3948
    loader.server.execute('SET GLOBAL local_infile=1')
    client.cursor().execute(statement)  # what is wrong with a line is passed over: nobody could stop the client
    assert [str(row) for row in loader.server.rows('SELECT a, b FROM d.t')] == ["(1, 'a')", "(0, 'b')"]
    loader.server.client('mariadb', '--local-infile=1', '-e', statement)
    assert loader.server.value('SELECT COUNT(*) FROM d.t') == 4
    loader.server.client('mariadb-import', '--local', '--columns=a,b,c', 'd', path.rename(loader.scratch / 't.csv'))
    assert loader.server.value('SELECT COUNT(*) FROM d.t') == 6


def test_local_when_it_fails_in_the_middle(loader):
    """The client sends on; the server listens to the end and then says what was wrong. The connection stays usable."""
    loader.server.execute('SET GLOBAL local_infile=1', 'ALTER TABLE d.t ADD PRIMARY KEY (a), ADD CHECK (a < 100)')
    wire = Wire(loader.server, capabilities=Wire.__init__.__defaults__[3] | LOCAL_FILES)
    wire.command(3, b"LOAD DATA LOCAL INFILE 'whatever' REPLACE INTO TABLE d.t")
    assert wire.receive() == b'\xfbwhatever'
    for n in (b'1\ta\t1\n', b'200\tb\t1\n', b'3\tc\t1\n', b''):
        wire.send(n)
    with pytest.raises(Exception) as error:
        wire.read_ok()
    assert error.value.number == 3819
    assert wire.query('SELECT COUNT(*) FROM d.t').rows == [(b'0',)]


def test_not_as_a_prepared_statement(loader):
    with pytest.raises(pymysql.err.MySQLError) as error:
        loader.server.execute("PREPARE s FROM 'LOAD DATA INFILE \"x\" INTO TABLE d.t'")
    assert error.value.args[0] == 1295


# ---------------------------------------------------------------- replicas

@pytest.mark.parametrize('binlog_format', ['ROW', 'STATEMENT', 'MIXED'])
def test_a_replica_gets_the_rows(make_server, scratch, binlog_format):
    a, b = make_server('a', binlog_format=binlog_format), make_server('b')
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (a INT PRIMARY KEY AUTO_INCREMENT, b VARCHAR(20), c TIMESTAMP(6))')
    path = scratch / 'in.txt'
    path.write_text(''.join(f'row {n}\n' for n in range(3000)))
    a.execute(f"LOAD DATA INFILE '{path}' INTO TABLE d.t (b) SET c = NOW(6)")
    path.write_text('7\tseven\n')
    a.execute(f"LOAD DATA INFILE '{path}' REPLACE INTO TABLE d.t (a, b)")
    wait_same_rows(edges)
    assert b.value('SELECT COUNT(*) FROM d.t') == 3000
    assert_same_rows(a, b)


def test_a_load_that_goes_to_the_store_as_files(make_server, scratch):
    """a->b: beside what others write meanwhile, and there after a crash of both."""
    options = {'gemel_large_commit_size': 65536, 'local_infile': 1}
    edges = chain(make_server('a', **options), make_server('b', slave_parallel_workers=4, **options))
    a, b = edges[0]
    lines = scratch / 'many.txt'
    lines.write_text(''.join(f'{i}\t{i * 7919 % 100003}\tvalue of {i}\n' for i in range(5000)))
    a.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE t (id INT PRIMARY KEY, k INT, v VARCHAR(40), UNIQUE (k), KEY (v))',
              "INSERT INTO t VALUES (-1, -1, 'before'), (7000, -2, 'behind')")
    other = a.connect(database='d', autocommit=False)
    with other.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (6000, -3, 'others')")
        load = a.connect(database='d', local_infile=True)
        with load.cursor() as loader:
            loader.execute(f"LOAD DATA LOCAL INFILE '{lines}' INTO TABLE t")
            assert loader.rowcount == 5000
        cursor.execute("UPDATE t SET v = 'others again' WHERE id = 6000")
    other.commit()
    a.execute('UPDATE t SET v = CONCAT(v, id) WHERE id >= 0', 'DELETE FROM t WHERE id % 3 = 0',
              "INSERT INTO t VALUES (3, 3, 'again')")
    load.close()
    other.close()
    wait_same_rows(edges)
    for server in (a, b):
        server.kill()
        server.start()
        assert server.rows('SELECT COUNT(*), SUM(k < 0) FROM d.t') == [(3336, 2)]
        assert server.rows('CHECK TABLE d.t')[0][3] == 'OK'
    wait_same_rows(edges)


def test_reads_by_key_see_what_went_to_the_store_as_files(make_server):
    a = make_server('a', gemel_large_commit_size=65536)
    a.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200))',
              "INSERT INTO t VALUES (0, REPEAT('v', 150))",
              *[f'INSERT INTO t SELECT id + {2 ** n}, v FROM t' for n in range(10)])
    reader = a.connect(database='d', autocommit=False)
    with reader.cursor() as cursor:
        for _ in range(3):
            cursor.execute('SELECT RIGHT(v, 3) FROM t WHERE id = 77')
            assert cursor.fetchall() == (('vvv',),)
        for number in range(3):
            a.execute(f"UPDATE t SET v = CONCAT(LEFT(v, 150), '-{number}')")
            assert a.rows('SELECT RIGHT(v, 2) FROM t WHERE id = 77') == [(f'-{number}',)]
            cursor.execute('SELECT RIGHT(v, 3) FROM t WHERE id = 77')
            assert cursor.fetchall() == (('vvv',),)
        a.execute('DELETE FROM t WHERE id > 10')
        assert a.rows('SELECT id FROM t WHERE id = 77') == []
        cursor.execute('SELECT RIGHT(v, 3) FROM t WHERE id = 77')
        assert cursor.fetchall() == (('vvv',),)
    reader.close()
