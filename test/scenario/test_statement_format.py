"""binlog_format STATEMENT and MIXED: what stands in the log, what a replica makes of it, what is warned of."""
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pymysql
import pytest

from harness.load import Load
from harness.topology import chain, pair, wait_running, wait_same_rows

TABLE = 'CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(80), n DATETIME(6))'


@pytest.fixture
def edges(make_server):
    """a->b; a logs statements, b rows."""
    edges = chain(make_server('a', binlog_format='STATEMENT'), make_server('b'))
    edges[0][0].execute('CREATE DATABASE d', TABLE)
    return edges


def events(server, first=0):
    """(type, info) of what the log holds, GTIDs left out, from that number on."""
    file, _ = server.log_end_position()
    rows = server.rows(f"SHOW BINLOG EVENTS IN '{file}'")
    return [(row[2], row[5]) for row in rows if row[2] != 'Gtid'][first:]


def logged(server, *statements, database='d'):
    """What these statements of one client add to the log, BEGINs and commits left out."""
    before = len(events(server))
    connection = server.connect(database=database)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()
    return [event for event in events(server, before) if event[1] != 'BEGIN' and event[0] != 'Xid']


def warnings(server, *statements):
    connection = server.connect(database='d')
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute('SHOW WARNINGS')
        return cursor.fetchall()


def test_texts_and_their_context(edges):
    (a, _), = edges
    assert logged(a, "INSERT INTO t VALUES (NULL, 'a', NOW(6)), (NULL, 'b', NULL)") == [
        ('Intvar', 'INSERT_ID=1'), ('Query', "use `d`; INSERT INTO t VALUES (NULL, 'a', NOW(6)), (NULL, 'b', NULL)")]
    assert logged(a, "UPDATE t SET v = CONCAT(v, '!') WHERE id < 3", 'DELETE FROM t WHERE id = 2') == [
        ('Query', "use `d`; UPDATE t SET v = CONCAT(v, '!') WHERE id < 3"),
        ('Query', 'use `d`; DELETE FROM t WHERE id = 2')]
    assert logged(a, "SET @i = -5, @d = 1.50, @r = 1e3", 'INSERT INTO t (v) VALUES (@i), (@d), (@r), (@none)') == [
        ('Intvar', 'INSERT_ID=3'), ('User var', '@`i`=-5'), ('User var', '@`d`=1.50'), ('User var', '@`r`=1000'),
        ('User var', '@`none`=NULL'), ('Query', 'use `d`; INSERT INTO t (v) VALUES (@i), (@d), (@r), (@none)')]
    assert logged(a, "SET @title = 'Post'", 'INSERT INTO t (v) VALUES (@title)')[1:] == [
        ('User var', '@`title`=_utf8mb4 0x506F7374 COLLATE utf8mb4_general_ci'),
        ('Query', 'use `d`; INSERT INTO t (v) VALUES (@title)')]
    assert logged(a, "INSERT INTO t (v) VALUES ('x')", 'INSERT INTO t (v) VALUES (LAST_INSERT_ID())')[2:] == [
        ('Intvar', 'LAST_INSERT_ID=8'), ('Intvar', 'INSERT_ID=9'),
        ('Query', 'use `d`; INSERT INTO t (v) VALUES (LAST_INSERT_ID())')]
    types = [kind for kind, _ in logged(a, 'INSERT INTO t (v) VALUES (RAND())')]
    assert types == ['Intvar', 'RAND', 'Query']
    assert logged(a, "PREPARE p FROM 'INSERT INTO t (v) VALUES (?), (?)'", "SET @x = 'it''s', @y = 2.5",
                  'EXECUTE p USING @x, @y')[1:] == [('Query', "use `d`; INSERT INTO t (v) VALUES ('it''s'), (2.5)")]
    wait_same_rows(edges)


def test_what_is_undone_is_not_logged(edges):
    (a, _), = edges
    a.execute("INSERT INTO d.t VALUES (1, 'a', NULL)")
    connection = a.connect(database='d')
    before = len(events(a))
    with connection.cursor() as cursor:
        with pytest.raises(pymysql.err.IntegrityError):
            cursor.execute("INSERT INTO t VALUES (2, 'b', NULL), (1, 'c', NULL)")
        cursor.execute('BEGIN')
        cursor.execute("INSERT INTO t VALUES (3, 'd', NULL)")
        cursor.execute('ROLLBACK')
        assert len(events(a)) == before
        cursor.execute('BEGIN')
        cursor.execute("INSERT INTO t VALUES (4, 'e', NULL)")
        cursor.execute('SAVEPOINT s')
        cursor.execute("INSERT INTO t VALUES (5, 'f', NULL)")
        cursor.execute('ROLLBACK TO s')
        cursor.execute('COMMIT')
    assert [info for _, info in events(a, before)][1:-1] == ["use `d`; INSERT INTO t VALUES (4, 'e', NULL)"]
    wait_same_rows(edges)


UNSAFE = [('INSERT INTO t (v) VALUES (UUID())', 'it uses a system function'),
          ('INSERT INTO t (v) VALUES (@@hostname)', 'it uses a system variable'),
          ("UPDATE t SET v = 'y' LIMIT 1", 'it uses a LIMIT clause')]


@pytest.mark.parametrize('statement, reason', UNSAFE)
def test_unsafe_statements_are_rows_in_mixed_format(edges, statement, reason):
    (a, _), = edges
    a.execute("INSERT INTO d.t (v) VALUES ('x')")
    assert 'Query' not in [kind for kind, _ in logged(a, "SET binlog_format = 'MIXED'", statement)]
    assert warnings(a, "SET binlog_format = 'MIXED'", statement) == ()
    wait_same_rows(edges)
    (level, number, text), = warnings(a, statement)
    assert (level, number) == ('Note', 1592) and reason in text


def test_tables_made_of_queries(edges):
    (a, b), = edges
    a.execute("INSERT INTO d.t (v) VALUES ('x'), ('y')")
    made = 'CREATE TABLE made SELECT id, @v AS v FROM t'
    assert logged(a, 'SET @v = 7', made) == [('User var', '@`v`=7'), ('Query', f'use `d`; {made}')]
    assert logged(a, 'SET @v = 1.5', made.replace('made', 'other')) == [
        ('User var', '@`v`=1.5'), ('Query', f"use `d`; {made.replace('made', 'other')}")]
    # As rows it is two transactions; a replica passes the text on, whatever it logs itself.
    kinds = [kind for kind, _ in logged(a, "SET binlog_format = 'MIXED'", 'CREATE TABLE rowed SELECT UUID() AS u FROM t')]
    assert kinds == ['Query', 'Table_map', 'Write_rows']
    assert 'REPLACE' in warnings(a, 'CREATE TABLE replaced (id INT PRIMARY KEY) REPLACE SELECT id FROM t')[0][2]
    with pytest.raises(pymysql.err.MySQLError):
        a.execute('CREATE TABLE d.failed (id INT PRIMARY KEY) SELECT 1 AS id UNION ALL SELECT 1')
    assert not a.rows("SHOW TABLES FROM d LIKE 'failed'")
    wait_same_rows(edges)
    assert [info for kind, info in events(b) if 'CREATE TABLE made' in info] == [f'use `d`; {made}']


def test_setting_the_format(edges):
    (a, _), = edges
    connection = a.connect(database='d')
    with connection.cursor() as cursor:
        cursor.execute('BEGIN')
        with pytest.raises(pymysql.err.MySQLError) as error:
            cursor.execute("SET binlog_format = 'ROW'")
        assert error.value.args == (1679, 'Cannot modify @@session.binlog_format inside a transaction')
        cursor.execute('COMMIT')
        cursor.execute('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
        with pytest.raises(pymysql.err.MySQLError) as error:
            cursor.execute("INSERT INTO t (v) VALUES ('x')")
        assert error.value.args[0] == 1665
        cursor.execute("SET binlog_format = 'MIXED'")
        cursor.execute("INSERT INTO t (v) VALUES ('x')")
    assert events(a)[-2][0] == 'Write_rows'
    wait_same_rows(edges)


# -------------------------------------------------------------------------------------------------- under load

@pytest.mark.parametrize('format', ['STATEMENT', 'MIXED'])
def test_two_masters_and_kill(make_server, format):
    servers = [make_server(name, binlog_format=format, auto_increment_increment=2, auto_increment_offset=offset)
               for offset, name in enumerate('ab', 1)]
    edges, (a, b) = pair(*servers), servers
    load = Load(servers, connections=6, seconds=3, seed=format)
    load.prepare(a)
    wait_same_rows(edges)
    load.start()
    load.wait_for_writes(a, 50)
    a.kill()
    a.start()
    load.finish()
    for server in servers:
        wait_running(server)
    wait_same_rows(edges, deadline=120)
    load.check(a)
    load.check(b)


MEETING = [
    'INSERT INTO t (k, v) VALUES ({k}, {n}), ({k}, {n} + 1)',
    'INSERT INTO t (k, v) SELECT k, v + 1 FROM t WHERE k = {k} AND v < {n}',
    'INSERT INTO t (id, k, v) VALUES ({n}, {k}, 1) ON DUPLICATE KEY UPDATE v = v + 1',
    'UPDATE t SET v = v + 1 WHERE k = {k}',
    'UPDATE t SET v = v * 3 % 1000, k = {k} WHERE id = {n}',
    'UPDATE t SET v = (SELECT COUNT(*) FROM s) WHERE id = {n}',
    'INSERT INTO s SELECT {n}, MAX(v) FROM t ON DUPLICATE KEY UPDATE v = v + 1',
    'DELETE FROM t WHERE v > 900',
    'DELETE FROM s WHERE id = {n}',
    'REPLACE INTO s VALUES ({n}, {k})',
]


def meet(server, seed, format, until):
    """Writers on the same rows and ranges of rows; whoever is told to gives way."""
    pick = random.Random(seed)
    connection = server.connect(database='d')
    connection.cursor().execute(f"SET binlog_format = '{format}'")
    while time.monotonic() < until:
        try:
            connection.begin()
            for _ in range(pick.choice((1, 1, 2, 3))):
                statement = pick.choice(MEETING).format(k=pick.randrange(6), n=pick.randrange(1, 60))
                connection.cursor().execute(statement)
            connection.commit()
        except pymysql.err.MySQLError as error:
            assert error.args[0] in (1205, 1213), error
            connection.rollback()
    connection.close()


def test_writers_that_meet(edges):
    """The log's order is the order in which statements saw each other, also where rows are not there yet."""
    (a, _), = edges
    a.execute('DROP TABLE d.t', 'CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, k INT, v INT, KEY (k))',
              'CREATE TABLE d.s (id INT PRIMARY KEY, v INT)', 'SET GLOBAL innodb_lock_wait_timeout = 1')
    until = time.monotonic() + 4
    with ThreadPoolExecutor(8) as pool:
        formats = ['STATEMENT'] * 5 + ['MIXED'] * 2 + ['ROW']
        for done in [pool.submit(meet, a, seed, format, until) for seed, format in enumerate(formats)]:
            done.result()
    assert a.value('SELECT COUNT(*) FROM d.t') > 20
    wait_same_rows(edges)
