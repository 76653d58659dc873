"""The SQL surface from a client's side, each a few lines of dialogue. Expected values are MySQL 8.0's."""
import threading
from decimal import Decimal

import pymysql
import pytest

from harness.wait import wait_until


@pytest.fixture
def d(server):
    """The server, with a database d in use."""
    server.execute('CREATE DATABASE d', 'USE d')
    return server


def expect(server, statement, number, text=None):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    assert error.value.args[0] == number, error.value
    if text:
        assert text in error.value.args[1], error.value


def expect_on(connection, statement, number):
    with pytest.raises(pymysql.err.MySQLError) as error:
        query(connection, statement)
    assert error.value.args[0] == number, error.value


def query(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


# -------------------------------------------------------------------- types

def test_integers_at_their_edges(d):
    types = {'TINYINT': 8, 'SMALLINT': 16, 'MEDIUMINT': 24, 'INT': 32, 'BIGINT': 64}
    columns = ', '.join(f's{bits} {name}, u{bits} {name} UNSIGNED' for name, bits in types.items())
    d.execute(f'CREATE TABLE t (id INT PRIMARY KEY, {columns})')
    low = ', '.join(f'{-2**(bits - 1)}, 0' for bits in types.values())
    high = ', '.join(f'{2**(bits - 1) - 1}, {2**bits - 1}' for bits in types.values())
    d.execute(f'INSERT INTO t VALUES (1, {low}), (2, {high})')
    assert d.rows('SELECT * FROM t ORDER BY id') == [
        (1, *[x for bits in types.values() for x in (-2**(bits - 1), 0)]),
        (2, *[x for bits in types.values() for x in (2**(bits - 1) - 1, 2**bits - 1)])]
    for bits in types.values():
        expect(d, f'UPDATE t SET s{bits}={2**(bits - 1)} WHERE id=1', 1264, f"'s{bits}'")
        expect(d, f'UPDATE t SET u{bits}=-1 WHERE id=1', 1264, f"'u{bits}'")


def test_decimals_and_floats(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(65,30), b DECIMAL(5,2), f FLOAT, g DOUBLE)')
    d.execute("INSERT INTO t VALUES (1, 12345678901234567890123456789012345.123456789012345678901234567890, 999.99, "
              "1.1, 1e308)")
    assert d.rows('SELECT a, b, f, g FROM t') == [
        (Decimal('12345678901234567890123456789012345.123456789012345678901234567890'), Decimal('999.99'), 1.1, 1e308)]
    expect(d, 'UPDATE t SET b=1000', 1264)
    d.execute('UPDATE t SET b=1.005')
    assert d.value('SELECT b FROM t') == Decimal('1.01')
    assert d.rows('SELECT 1/3, 0.1+0.2, 10 DIV 3, -7 % 3, 5/0') == [
        (Decimal('0.3333'), Decimal('0.3'), 3, -1, None)]


def test_texts(d):
    d.execute("CREATE TABLE t (id INT PRIMARY KEY, c CHAR(4), v VARCHAR(4), b BINARY(4), vb VARBINARY(4), "
              "tt TINYTEXT, l VARCHAR(4) CHARACTER SET latin1)")
    d.execute("INSERT INTO t VALUES (1, 'a  ', 'a  ', 'a', 'a', 'text', 'é')")
    assert d.rows('SELECT c, v, b, vb, l, LENGTH(l), HEX(l) FROM t') == [
        ('a', 'a  ', b'a\0\0\0', b'a', 'é', 1, 'E9')]
    expect(d, "UPDATE t SET v='12345'", 1406, "Data too long for column 'v' at row 1")
    expect(d, "UPDATE t SET l='日'", 1366, 'Incorrect string value')
    d.execute("UPDATE t SET v='日本é😀'")
    assert d.rows('SELECT v, CHAR_LENGTH(v), LENGTH(v) FROM t') == [('日本é😀', 4, 12)]


def test_collations_in_comparisons_and_keys(d):
    d.execute('CREATE TABLE t (v VARCHAR(10) PRIMARY KEY)', "INSERT INTO t VALUES ('Straße'), ('Émile')")
    assert d.rows("SELECT v FROM t WHERE v = 'emile'") == [('Émile',)]
    expect(d, "INSERT INTO t VALUES ('EMILE')", 1062, "Duplicate entry 'EMILE' for key 't.PRIMARY'")
    assert d.rows("SELECT 'a' = 'A', 'a' = BINARY 'A', 'a' = 'A' COLLATE utf8mb4_bin") == [(1, 0, 0)]


def test_dates(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, d DATE, dt DATETIME(3), ti TIME(2), y YEAR)')
    d.execute("INSERT INTO t VALUES (1, '2024-02-29', '2024-02-29 23:59:59.9996', '-838:59:59', 1999)")
    assert [str(x) for x in d.rows('SELECT d, dt, y FROM t')[0]] == ['2024-02-29', '2024-03-01 00:00:00', '1999']
    for bad in ("'2023-02-29'", "'0000-00-00'", "'2024-00-10'", "'nonsense'"):
        expect(d, f'UPDATE t SET d={bad}', 1292, 'Incorrect date value')
    expect(d, 'UPDATE t SET y=1900', 1264)
    assert [str(x) for x in d.rows("SELECT DATE_ADD('2024-01-31', INTERVAL 1 MONTH), DATEDIFF('2024-03-01', "
                                   "'2024-02-28'), LAST_DAY('2023-02-03'), YEARWEEK('2024-12-30', 3)")[0]] == [
        '2024-02-29', '2', '2023-02-28', '202501']


def test_timestamps_follow_the_time_zone(d):
    d.execute("SET time_zone='+00:00'", 'CREATE TABLE t (id INT PRIMARY KEY, ts TIMESTAMP, dt DATETIME)',
              "INSERT INTO t VALUES (1, '2024-06-01 12:00:00', '2024-06-01 12:00:00')", "SET time_zone='+05:30'")
    assert [str(x) for x in d.rows('SELECT ts, dt FROM t')[0]] == ['2024-06-01 17:30:00', '2024-06-01 12:00:00']


def test_default_and_on_update_timestamps(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, v INT, made TIMESTAMP DEFAULT CURRENT_TIMESTAMP, '
              'changed DATETIME(6) DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(6))',
              'SET timestamp=1000000000', 'INSERT INTO t (id, v) VALUES (1, 1)')
    assert d.value('SELECT UNIX_TIMESTAMP(made) FROM t') == 1000000000
    assert d.value('SELECT changed FROM t') is None
    d.execute('SET timestamp=1000000100', 'UPDATE t SET v=1')
    assert d.value('SELECT changed FROM t') is None
    d.execute('UPDATE t SET v=2')
    assert d.value('SELECT UNIX_TIMESTAMP(changed) FROM t') == Decimal('1000000100.000000')


def test_enum_set_bit_json(d):
    d.execute("CREATE TABLE t (id INT PRIMARY KEY, e ENUM('small','large'), s SET('a','b','c'), b BIT(10), j JSON)",
              "INSERT INTO t VALUES (1, 'LARGE', 'c,a', b'1000000001', '{\"b\": [1, 2.50, null], \"a\": \"x\"}')")
    assert d.rows('SELECT e, e+0, s, s+0, b+0, j->"$.b[1]", j->>"$.a" FROM t') == [
        ('large', 2, 'a,c', 5, 513, '2.5', 'x')]
    expect(d, "UPDATE t SET e='huge'", 1265, "Data truncated for column 'e' at row 1")
    expect(d, "UPDATE t SET j='{'", 3140, 'Invalid JSON text')


# -------------------------------------------------------------------- strict or not

def test_without_strict_mode_values_are_bent_and_warned_of(d):
    d.execute("SET sql_mode=''", 'CREATE TABLE t (id INT PRIMARY KEY, n TINYINT NOT NULL, v VARCHAR(3), d DATE)')
    for statement, found, number in (("(1, 300, 'ok', '2024-01-01')", 127, 1264),
                                     ("(2, 'x', 'ok', '2024-01-01')", 0, 1366),
                                     ("(3, 1, 'toolong', '2024-01-01')", 1, 1265),
                                     ("(4, 1, 'ok', '2024-02-31')", 1, 1264)):
        d.execute(f'INSERT INTO t VALUES {statement}')
        assert [row[1] for row in d.rows('SHOW WARNINGS')] == [number]
        assert d.value('SELECT n FROM t ORDER BY id DESC LIMIT 1') == found
    assert d.rows('SELECT v, CAST(d AS CHAR) FROM t WHERE id > 2') == [('too', '2024-01-01'), ('ok', '0000-00-00')]
    d.execute('INSERT INTO t (id) VALUES (5)')
    assert d.rows('SHOW WARNINGS') == [('Warning', 1364, "Field 'n' doesn't have a default value")]


def test_insert_ignore_and_on_duplicate_key(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, n INT, UNIQUE (n))', 'INSERT INTO t VALUES (1, 1), (2, 2)')
    assert d.execute('INSERT IGNORE INTO t VALUES (1, 9), (3, 3)').rowcount == 1
    assert [row[1] for row in d.rows('SHOW WARNINGS')] == [1062]
    assert d.execute('INSERT INTO t VALUES (1, 5) ON DUPLICATE KEY UPDATE n=VALUES(n)+n').rowcount == 2
    assert d.execute('INSERT INTO t VALUES (1, 6) ON DUPLICATE KEY UPDATE n=6').rowcount == 0
    assert d.execute('REPLACE INTO t VALUES (7, 2)').rowcount == 2
    assert d.rows('SELECT * FROM t ORDER BY id') == [(1, 6), (3, 3), (7, 2)]


# -------------------------------------------------------------------- statements

def test_update_and_delete_with_order_limit_and_joins(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, n INT)', 'CREATE TABLE u (id INT PRIMARY KEY, t INT)',
              'INSERT INTO t VALUES (1,1),(2,2),(3,3),(4,4)', 'INSERT INTO u VALUES (10,1),(20,2),(30,3)')
    assert d.execute('UPDATE t SET n=n*10 ORDER BY id DESC LIMIT 2').rowcount == 2
    assert d.execute('UPDATE t JOIN u ON u.t=t.id SET t.n=0, u.t=99 WHERE u.id=10').rowcount == 2
    assert d.execute('DELETE t, u FROM t JOIN u ON u.t=t.id WHERE u.id=30').rowcount == 2
    assert d.execute('DELETE FROM t ORDER BY n LIMIT 1').rowcount == 1
    assert d.rows('SELECT * FROM t ORDER BY id') == [(2, 2), (4, 40)]
    assert d.rows('SELECT * FROM u ORDER BY id') == [(10, 99), (20, 2)]
    d.execute('UPDATE t SET id=id+2 ORDER BY id DESC')
    assert d.rows('SELECT id FROM t') == [(4,), (6,)]


def test_select_of_many_kinds(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, g VARCHAR(5), n INT)',
              "INSERT INTO t VALUES (1,'a',10),(2,'a',20),(3,'b',30),(4,NULL,NULL)")
    assert d.rows('SELECT g, COUNT(*), SUM(n), AVG(n) FROM t GROUP BY g ORDER BY g') == [
        (None, 1, None, None), ('a', 2, Decimal(30), Decimal('15.0000')), ('b', 1, Decimal(30), Decimal('30.0000'))]
    assert d.rows('SELECT id, ROW_NUMBER() OVER (PARTITION BY g ORDER BY n DESC) r FROM t WHERE g IS NOT NULL '
                  'ORDER BY id') == [(1, 2), (2, 1), (3, 1)]
    assert d.rows('WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n<5) SELECT SUM(n) FROM c') == [
        (Decimal(15),)]
    assert d.rows('SELECT a.id, b.id FROM t a LEFT JOIN t b ON b.n = a.n + 10 ORDER BY 1') == [
        (1, 2), (2, 3), (3, None), (4, None)]
    assert d.rows('SELECT id FROM t WHERE n > ALL (SELECT n FROM t WHERE g=\'a\')') == [(3,)]
    assert d.rows("SELECT GROUP_CONCAT(id ORDER BY id DESC SEPARATOR '-') FROM t") == [('4-3-2-1',)]
    assert d.rows('SELECT 1 UNION SELECT 1 UNION ALL SELECT 2') == [(1,), (2,)]
    assert d.rows('SELECT SQL_CALC_FOUND_ROWS id FROM t ORDER BY id LIMIT 1, 2') == [(2,), (3,)]
    assert d.value('SELECT FOUND_ROWS()') == 4


def test_auto_increment(make_server):
    server = make_server('a', auto_increment_increment=10, auto_increment_offset=3)
    server.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)',
                   'INSERT INTO t (v) VALUES (1), (2)', 'INSERT INTO t VALUES (50, 3)', 'INSERT INTO t (v) VALUES (4)')
    assert server.rows('SELECT id FROM t ORDER BY id') == [(3,), (13,), (50,), (53,)]
    assert server.value('SELECT LAST_INSERT_ID()') == 53
    server.restart()
    server.execute('USE d', 'INSERT INTO t (v) VALUES (5)')
    assert server.value('SELECT MAX(id) FROM t') == 63


def test_an_update_makes_no_numbers(d):
    d.execute('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)', 'INSERT INTO t VALUES (1, 1), (2, 2)',
              'UPDATE t SET id = DEFAULT WHERE v = 2')
    assert d.rows('SELECT * FROM t') == [(0, 2), (1, 1)]
    expect(d, 'INSERT INTO t VALUES (1, 5) ON DUPLICATE KEY UPDATE id = DEFAULT', 1062, "'0'")
    d.execute('DELETE FROM t WHERE id = 0', 'INSERT INTO t VALUES (1, 5) ON DUPLICATE KEY UPDATE id = DEFAULT(id)')
    assert d.rows('SELECT * FROM t') == [(0, 1)]
    expect(d, 'UPDATE t SET id = NULL', 1048)
    d.execute("SET sql_mode = ''", 'UPDATE t SET id = 7', 'UPDATE t SET id = NULL')
    assert d.rows('SELECT id FROM t') == [(0,)]


def test_foreign_keys(d):
    d.execute('CREATE TABLE p (id INT PRIMARY KEY)',
              'CREATE TABLE c (id INT PRIMARY KEY, p INT, q INT, CONSTRAINT cp FOREIGN KEY (p) REFERENCES p (id) '
              'ON DELETE CASCADE ON UPDATE CASCADE, CONSTRAINT cq FOREIGN KEY (q) REFERENCES p (id))',
              'INSERT INTO p VALUES (1), (2), (3)', 'INSERT INTO c VALUES (1, 1, NULL), (2, 2, 3)')
    expect(d, 'INSERT INTO c VALUES (3, 9, NULL)', 1452, 'CONSTRAINT `cp` FOREIGN KEY (`p`) REFERENCES `p` (`id`)')
    expect(d, 'DELETE FROM p WHERE id=3', 1451, 'CONSTRAINT `cq`')
    d.execute('UPDATE p SET id=10 WHERE id=1')
    assert d.rows('SELECT p FROM c WHERE id=1') == [(10,)]
    d.execute('DELETE FROM p WHERE id=10')
    assert d.rows('SELECT id FROM c') == [(2,)]
    expect(d, 'DROP TABLE p', 3730)
    d.execute('SET foreign_key_checks=0', 'INSERT INTO c VALUES (3, 9, NULL)')


def test_alter_table(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10))', "INSERT INTO t VALUES (1, '7'), (2, '8')",
              'ALTER TABLE t ADD COLUMN n INT NOT NULL DEFAULT 5 AFTER id, ADD KEY vk (v)',
              'ALTER TABLE t MODIFY v BIGINT, RENAME COLUMN n TO m, RENAME TO u')
    assert d.rows('SELECT * FROM u') == [(1, 5, 7), (2, 5, 8)]
    assert d.rows('SHOW CREATE TABLE u')[0][1].splitlines()[1:5] == [
        '  `id` int NOT NULL,', "  `m` int NOT NULL DEFAULT '5',", '  `v` bigint DEFAULT NULL,',
        '  PRIMARY KEY (`id`),']
    expect(d, 'ALTER TABLE u ADD UNIQUE (m)', 1062)
    d.execute('ALTER TABLE u DROP COLUMN m, DROP PRIMARY KEY, ADD PRIMARY KEY (v)', 'TRUNCATE u')
    assert d.rows('SELECT * FROM u') == []


# -------------------------------------------------------------------- transactions

def test_commit_rollback_savepoint(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY)', 'BEGIN', 'INSERT INTO t VALUES (1)', 'SAVEPOINT s',
              'INSERT INTO t VALUES (2)', 'ROLLBACK TO s', 'INSERT INTO t VALUES (3)', 'COMMIT')
    assert d.rows('SELECT id FROM t') == [(1,), (3,)]
    d.execute('BEGIN', 'DELETE FROM t', 'ROLLBACK')
    assert d.rows('SELECT id FROM t') == [(1,), (3,)]
    expect(d, 'ROLLBACK TO nothing', 1305, 'SAVEPOINT nothing does not exist')


def test_a_failed_statement_leaves_nothing(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY)', 'BEGIN', 'INSERT INTO t VALUES (1)')
    expect(d, 'INSERT INTO t VALUES (2), (3), (1), (4)', 1062)
    d.execute('COMMIT')
    assert d.rows('SELECT id FROM t') == [(1,)]


def test_isolation(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, n INT)', 'INSERT INTO t VALUES (1, 1)')
    repeatable, committed = d.connect(database='d'), d.connect(database='d')
    query(committed, 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    for connection in (repeatable, committed):
        query(connection, 'BEGIN')
        assert query(connection, 'SELECT n FROM t') == [(1,)]
    d.execute('BEGIN', 'UPDATE t SET n=2')
    assert query(committed, 'SELECT n FROM t') == [(1,)]
    d.execute('COMMIT')
    assert query(committed, 'SELECT n FROM t') == [(2,)]
    assert query(repeatable, 'SELECT n FROM t') == [(1,)]
    assert query(repeatable, 'SELECT n FROM t FOR UPDATE') == [(2,)]
    query(repeatable, 'UPDATE t SET n=n+1')
    assert query(repeatable, 'SELECT n FROM t') == [(3,)]
    query(repeatable, 'COMMIT')


def test_lock_wait_timeout(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1), (2)', 'BEGIN',
              'SELECT * FROM t WHERE id=1 FOR UPDATE')
    other = d.connect(database='d')
    query(other, 'SET innodb_lock_wait_timeout=1')
    expect_on(other, 'DELETE FROM t WHERE id=1', 1205)
    query(other, 'DELETE FROM t WHERE id=2')
    expect_on(other, 'SELECT * FROM t WHERE id=1 FOR UPDATE NOWAIT', 3572)
    assert query(other, 'SELECT * FROM t FOR UPDATE SKIP LOCKED') == []
    d.execute('COMMIT')
    query(other, 'DELETE FROM t WHERE id=1')


def test_deadlock(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, n INT)', 'INSERT INTO t VALUES (1, 0), (2, 0)')
    connections = [d.connect(database='d') for _ in range(2)]
    outcomes = []

    def cross(connection, own):
        try:
            query(connection, f'UPDATE t SET n=n+1 WHERE id={3 - own}')
            query(connection, 'COMMIT')
            outcomes.append('done')
        except pymysql.err.MySQLError as error:
            outcomes.append(error.args[0])
            query(connection, 'ROLLBACK')

    for own, connection in enumerate(connections, 1):
        query(connection, 'BEGIN')
        query(connection, f'UPDATE t SET n=n+1 WHERE id={own}')
    threads = [threading.Thread(target=cross, args=(connection, own)) for own, connection in enumerate(connections, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(str, outcomes)) == ['1213', 'done']
    assert d.rows('SELECT n FROM t') == [(1,), (1,)]


def test_lock_tables_and_the_global_read_lock(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY)', 'CREATE TABLE u (id INT PRIMARY KEY)')
    other = d.connect(database='d')
    query(other, 'SET lock_wait_timeout=1')
    d.execute('LOCK TABLES t WRITE')
    expect(d, 'SELECT * FROM u', 1100, "Table 'u' was not locked with LOCK TABLES")
    expect_on(other, 'SELECT * FROM t', 1205)
    d.execute('UNLOCK TABLES', 'FLUSH TABLES WITH READ LOCK')
    expect(d, 'INSERT INTO t VALUES (1)', 1223)
    expect_on(other, 'INSERT INTO t VALUES (1)', 1205)
    assert query(other, 'SELECT * FROM t') == []
    d.execute('UNLOCK TABLES')
    query(other, 'INSERT INTO t VALUES (1)')


def test_a_lost_connection_rolls_back(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY)')
    other = d.connect(database='d')
    query(other, 'BEGIN')
    query(other, 'INSERT INTO t VALUES (1)')
    other.close()
    wait_until(lambda: len(d.rows('SHOW PROCESSLIST')) == 1, 'the other to be gone')
    assert d.rows('SELECT * FROM t') == []
    d.execute('INSERT INTO t VALUES (1)')
