"""How rows are logged, and that whatever way they were, a replica makes the same of them."""
import shutil

import pytest

from harness.log import logged_rows, run_mariadb_binlog, log_paths
from harness.rows import read_tables
from harness.topology import chain, explain, wait_caught_up, wait_same_rows
from harness.wait import wait_until

TABLES = [
    'CREATE DATABASE d',
    '''CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, n INT DEFAULT 5, s VARCHAR(20), b TEXT,
        made DATETIME DEFAULT CURRENT_TIMESTAMP, seen TIMESTAMP NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP)''',
    'CREATE TABLE d.keyless (a INT, b VARCHAR(20), c DOUBLE DEFAULT 1.5, t TEXT)',
    'CREATE TABLE d.u (a INT NOT NULL, b VARCHAR(20), UNIQUE KEY (a))',
    '''CREATE TABLE d.computed (id INT PRIMARY KEY, a INT, double_a INT AS (a * 2) STORED, b INT,
        c INT DEFAULT (a + 1))''',
]
CHANGES = [
    "INSERT INTO d.t (s) VALUES ('one'), ('two'), ('three')",
    "INSERT INTO d.t (id, n, b) VALUES (10, NULL, 'text'), (11, 7, REPEAT('x', 3000))",
    "UPDATE d.t SET n = n + 1 WHERE id < 3",
    "UPDATE d.t SET b = NULL, s = 'ten' WHERE id = 10",
    "INSERT INTO d.t (id, s) VALUES (1, 'again'), (20, 'new') ON DUPLICATE KEY UPDATE s = VALUES(s)",
    "REPLACE INTO d.t (id, n) VALUES (2, 2), (21, 21)",
    'DELETE FROM d.t WHERE id = 3',
    "INSERT INTO d.keyless (a, b) VALUES (1, 'x'), (1, 'x'), (2, 'y'), (NULL, NULL)",
    'UPDATE d.keyless SET c = 2 WHERE a = 1 LIMIT 1',
    "UPDATE d.keyless SET t = 'long' WHERE a = 2",
    'DELETE FROM d.keyless WHERE a IS NULL',
    "INSERT INTO d.u VALUES (1, 'x'), (2, 'y'), (3, NULL)",
    "UPDATE d.u SET b = 'z' WHERE a = 1",
    'UPDATE d.u SET a = 20 WHERE a = 2',
    'DELETE FROM d.u WHERE a = 3',
    'INSERT INTO d.computed (id, a) VALUES (1, 1), (2, NULL)',
    'UPDATE d.computed SET a = 10 WHERE id = 1',
    'UPDATE d.computed SET b = 1',
    'INSERT INTO d.t () VALUES ()',
]


def one_way(source, statement):
    begins = source.log_end_position()[1]
    source.execute(statement)
    return logged_rows(source, begins)


def test_minimal_images(server):
    server.execute(*TABLES, 'SET binlog_row_image = MINIMAL', 'SET timestamp = 86400', "SET time_zone = '+00:00'")
    assert one_way(server, "INSERT INTO d.t (s) VALUES ('one')") == ["INSERT d.t @1=1 @3='one' @5='1970-01-02 00:00:00'"]
    assert one_way(server, 'UPDATE d.t SET n = 5, s = s') == []
    assert one_way(server, 'UPDATE d.t SET n = 6, s = s') == ["UPDATE d.t @1=1 -> @2=6 @3='one' @6=86400"]
    assert one_way(server, 'DELETE FROM d.t') == ['DELETE d.t @1=1']
    assert one_way(server, "INSERT INTO d.keyless (a) VALUES (1)") == ['INSERT d.keyless @1=1']
    assert one_way(server, "UPDATE d.keyless SET a = 2") == ['UPDATE d.keyless @1=1 @2=NULL @3=1.5 @4=NULL -> @1=2']
    assert one_way(server, "INSERT INTO d.u VALUES (1, 'x')") == ["INSERT d.u @1=1 @2='x'"]
    assert one_way(server, "UPDATE d.u SET b = 'y'") == ["UPDATE d.u @1=1 -> @2='y'"]
    assert one_way(server, 'INSERT INTO d.computed (id, a) VALUES (1, 1)') == ['INSERT d.computed @1=1 @2=1 @3=2 @5=2']
    assert one_way(server, 'UPDATE d.computed SET a = 3') == ['UPDATE d.computed @1=1 -> @2=3 @3=6']


def test_noblob_images(server):
    server.execute('SET GLOBAL binlog_row_image = NOBLOB', *TABLES, 'SET binlog_row_image = DEFAULT')
    assert server.value('SELECT @@binlog_row_image') == 'NOBLOB'
    assert one_way(server, "INSERT INTO d.t (s, made) VALUES ('one', NULL)") == [
        "INSERT d.t @1=1 @2=5 @3='one' @5=NULL @6=NULL"]
    assert one_way(server, "UPDATE d.t SET b = 'text', seen = NULL") == [
        "UPDATE d.t @1=1 @2=5 @3='one' @5=NULL @6=NULL -> @1=1 @2=5 @3='one' @4='text' @5=NULL @6=NULL"]
    assert one_way(server, 'DELETE FROM d.t') == ["DELETE d.t @1=1 @2=5 @3='one' @5=NULL @6=NULL"]


@pytest.mark.parametrize('metadata', ['MINIMAL', 'FULL'])
@pytest.mark.parametrize('image', ['MINIMAL', 'NOBLOB', 'FULL'])
def test_all_ways_to_a_replica_of_a_replica(make_server, image, metadata):
    """a->b->c: b logs in another way than a."""
    a = make_server('a', binlog_row_image=image, binlog_row_metadata=metadata, binlog_rows_query_log_events=1)
    b = make_server('b', binlog_row_image='MINIMAL' if image == 'FULL' else 'FULL', binlog_row_metadata='FULL')
    edges = chain(a, b, make_server('c'))
    a.execute(*TABLES, *CHANGES)
    wait_same_rows(edges)
    for server in (a, b):
        run_mariadb_binlog('-vv', *log_paths(server))


@pytest.mark.parametrize('image', ['MINIMAL', 'NOBLOB'])
def test_a_store_that_lost_images_in_part(make_server, scratch, image):
    """a: the rows that the store lost are made again from the log."""
    a = make_server('a', binlog_row_image=image, binlog_row_metadata='FULL')
    a.execute(*TABLES)
    a.stop()
    shutil.copytree(a.datadir / 'store', scratch / 'old-store')
    a.start()
    a.execute(*CHANGES)
    before = read_tables(a)
    a.kill()
    shutil.rmtree(a.datadir / 'store')
    shutil.move(scratch / 'old-store', a.datadir / 'store')
    a.start()
    assert read_tables(a) == before and len(before['d', 't'][1]) == 7


KEYS = ['PRIMARY KEY (id)', 'UNIQUE KEY (id)', 'UNIQUE KEY (code), KEY (n)', 'KEY (n)', None]


@pytest.mark.parametrize('image', ['MINIMAL', 'FULL'])
@pytest.mark.parametrize('theirs', KEYS)
@pytest.mark.parametrize('ours', KEYS[:1] + KEYS[-1:])
def test_keys_that_only_one_of_them_has(pair, image, ours, theirs):
    """a->b: rows are found by what both know of them."""
    a, b = pair
    columns = 'id INT NOT NULL, code VARCHAR(20) NOT NULL, n INT'
    for server, key in ((a, ours), (b, theirs)):
        server.execute('SET sql_log_bin = 0', 'CREATE DATABASE d',
                       f'CREATE TABLE d.t ({", ".join(filter(None, (columns, key)))})', 'SET sql_log_bin = 1')
    a.execute(f'SET binlog_row_image = {image}')
    a.execute("INSERT INTO d.t VALUES (1, 'one', 1), (2, 'two', 1), (3, 'three', NULL), (4, 'four', 2)",
              "UPDATE d.t SET n = 5 WHERE id = 2", "UPDATE d.t SET code = 'drei' WHERE n IS NULL",
              'UPDATE d.t SET id = id + 10', 'DELETE FROM d.t WHERE id = 14')
    wait_same_rows(pair.edges)


def test_rows_that_equal_each_other(pair):
    """a<->b: without keys, one of two equal rows is as good as the other."""
    a, b = pair
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (a INT, b TEXT)', 'SET binlog_row_image = MINIMAL')
    a.execute("INSERT INTO d.t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, 'x')",
              "UPDATE d.t SET b = 'y' WHERE a = 1 LIMIT 2", 'DELETE FROM d.t WHERE a = 1 LIMIT 1')
    wait_same_rows(pair.edges)


def only_on(server, *statements):
    server.execute('SET sql_log_bin = 0', *statements, 'SET sql_log_bin = 1')


@pytest.mark.parametrize('image', ['MINIMAL', 'FULL'])
def test_columns_by_name(make_server, image):
    """a->b: other order, other columns; where a's columns are names, b finds its own."""
    a, b = make_server('a', binlog_row_metadata='FULL', binlog_row_image=image), make_server('b')
    edges = chain(a, b)
    only_on(a, 'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, name VARCHAR(20), gone INT, n INT)')
    only_on(b, 'CREATE DATABASE d', '''CREATE TABLE d.t (extra INT DEFAULT 7, N BIGINT, name VARCHAR(40), id INT PRIMARY KEY,
            made DATETIME DEFAULT CURRENT_TIMESTAMP, serial INT AUTO_INCREMENT, UNIQUE KEY (serial))''',
            "SET GLOBAL slave_type_conversions = 'ALL_NON_LOSSY'")
    a.execute("SET timestamp = 1700000000", "INSERT INTO d.t VALUES (1, 'one', 0, 10), (2, 'two', 0, 20), (3, 'three', 0, 30)",
              "UPDATE d.t SET n = 21, gone = 1 WHERE id = 2", 'UPDATE d.t SET gone = 5 WHERE id = 1',
              'DELETE FROM d.t WHERE id = 3')
    wait_caught_up(edges)
    assert b.rows('SELECT id, name, n, extra, serial, UNIX_TIMESTAMP(made) FROM d.t ORDER BY id') == [
        (1, 'one', 10, 7, 1, 1700000000), (2, 'two', 21, 7, 2, 1700000000)]
    only_on(b, 'DROP DATABASE d')
    only_on(a, 'DROP DATABASE d')
    wait_same_rows(edges)


def test_columns_by_place(make_server):
    """a->b: without names, columns stand for those at their place; either may have more behind them."""
    a, b = make_server('a'), make_server('b')
    edges = chain(a, b)
    only_on(a, 'CREATE DATABASE d', 'CREATE TABLE d.more (id INT PRIMARY KEY, n INT, x INT)',
            'CREATE TABLE d.less (id INT PRIMARY KEY, n INT)', 'CREATE TABLE d.keyless (id INT, n INT)')
    only_on(b, 'CREATE DATABASE d', 'CREATE TABLE d.more (id INT PRIMARY KEY, m INT)',
            "CREATE TABLE d.less (id INT PRIMARY KEY, n INT, x VARCHAR(9) NOT NULL DEFAULT 'here')",
            "CREATE TABLE d.keyless (id INT, n INT, x VARCHAR(9) NOT NULL DEFAULT 'here')")
    a.execute('INSERT INTO d.more VALUES (1, 1, 1), (2, 2, 2)', 'INSERT INTO d.less VALUES (1, 1), (2, 2)',
              'INSERT INTO d.keyless VALUES (1, 1), (2, 2)')
    wait_caught_up(edges)
    only_on(b, "UPDATE d.keyless SET x = 'there'")
    a.execute('UPDATE d.more SET n = 5 WHERE id = 1', 'UPDATE d.less SET n = 5 WHERE id = 1',
              'UPDATE d.keyless SET n = 5 WHERE id = 1', 'DELETE FROM d.keyless WHERE id = 2')
    wait_caught_up(edges)
    assert b.rows('SELECT * FROM d.more') == [(1, 5), (2, 2)]
    assert b.rows('SELECT * FROM d.less') == [(1, 5, 'here'), (2, 2, 'here')]
    assert b.rows('SELECT * FROM d.keyless') == [(1, 5, 'there')]


def test_a_column_that_cannot_be_known(make_server):
    """a->b: what only b's expressions could compute stops its applier, by name."""
    a, b = make_server('a'), make_server('b')
    chain(a, b)
    only_on(a, 'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    only_on(b, 'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, twice INT AS (id * 2))')
    a.execute('INSERT INTO d.t VALUES (1)')

    def error():
        status = b.replica_status()
        return status['Slave_SQL_Running'] == 'No' and status['Last_SQL_Error']
    assert "'twice'" in wait_until(error, 'the applier to stop', show=lambda: explain(b))


def test_statements_for_people_to_read(pair):
    """a<->b: ROWS_QUERY stands in front of the rows of a statement, on whoever wants it."""
    a, b = pair
    b.execute('SET GLOBAL binlog_rows_query_log_events = 1', 'STOP SLAVE', 'START SLAVE')
    a.execute('CREATE DATABASE d', *(f'CREATE TABLE d.{name} (id INT PRIMARY KEY, n INT)' for name in 'tv'),
              'SET binlog_rows_query_log_events = ON')
    statements = ['INSERT INTO d.t VALUES (1, 1), (2, 2)', 'INSERT INTO d.v SELECT * FROM d.t',
                  'UPDATE d.t, d.v SET d.t.n = 5, d.v.n = 6 WHERE d.t.id = d.v.id AND d.t.id = 1',
                  'DELETE FROM d.t /* all */']
    begins = a.log_end_position()[1]
    a.execute(*statements, 'SET binlog_rows_query_log_events = OFF', 'DELETE FROM d.v')
    wait_same_rows(pair.edges)
    for server, position in ((a, begins), (b, 4)):
        events = server.rows(f"SHOW BINLOG EVENTS IN '{server.log_end_position()[0]}' FROM {position}")
        assert [row[5] for row in events if row[2] == 'Rows_query'] == [f'# {text}' for text in statements]
    kinds = [row[2] for row in events]
    assert all(kinds[i + 1] == 'Table_map' for i, kind in enumerate(kinds) if kind == 'Rows_query')
