"""One server that dies at a moment the sweep has found something at, or that is too rare for it."""
import os

import pymysql
import pytest


def die(server, fault, *statements):
    """The last of the statements never gets its answer."""
    server.execute(f"SET GLOBAL gemel_faults='{fault}'")
    with pytest.raises(pymysql.err.OperationalError):
        server.execute(*statements)
    assert server.wait_end() == 137
    server.start()


def log_files(server):
    """Those on the disk, and those in the index."""
    names = sorted(name for name in os.listdir(server.datadir) if name.startswith('a-bin.0'))
    return names, [row[0] for row in server.rows('SHOW BINARY LOGS')]


def test_rows_that_are_not_logged_with_rows_without_a_key(make_server):
    a = make_server('a', binlog_ignore_db='local')
    a.execute('CREATE DATABASE d', 'CREATE DATABASE local', 'CREATE TABLE d.t (v INT)', 'CREATE TABLE local.t (v INT)')
    # What is repeated gets other hidden row ids than it had: nobody took these.
    a.execute('BEGIN', 'INSERT INTO d.t VALUES (0)', 'INSERT INTO local.t VALUES (0)', 'ROLLBACK')
    die(a, 'commit.after_log_flush=crash', 'BEGIN', 'INSERT INTO d.t VALUES (1),(2)', 'INSERT INTO local.t VALUES (1),(2)',
        'UPDATE d.t SET v=3 WHERE v=2', 'UPDATE local.t SET v=3 WHERE v=2', 'COMMIT')
    for table in ('d.t', 'local.t'):
        assert a.rows(f'SELECT v FROM {table} ORDER BY v') == [(1,), (3,)]
    a.execute('INSERT INTO d.t VALUES (4)', 'INSERT INTO local.t VALUES (4)')
    for table in ('d.t', 'local.t'):
        assert a.rows(f'SELECT v FROM {table} ORDER BY v') == [(1,), (3,), (4,)]


@pytest.mark.parametrize('point', ['binlog_leaving.after_rename', 'binlog_index.after_rename', 'binlog.after_unlink'])
def test_a_purge_leaves_no_file_behind(server, point):
    server.execute('CREATE DATABASE d', *['FLUSH BINARY LOGS'] * 4)
    die(server, f'{point}=crash', "PURGE BINARY LOGS TO 'a-bin.000004'")
    on_disk, listed = log_files(server)
    assert on_disk == listed
    server.execute("PURGE BINARY LOGS TO 'a-bin.000005'", 'CREATE TABLE d.t (id INT)')
    on_disk, listed = log_files(server)
    assert on_disk == listed and listed[0] == 'a-bin.000005'


@pytest.mark.parametrize('point', ['reset.decided', 'binlog_leaving.after_rename', 'binlog_index.after_rename',
                                   'binlog.unlink', 'binlog.after_create', 'binlog.after_sync', 'reset.log_is_new',
                                   'reset.forgotten', 'own_log.claim', 'reset.settled'])
@pytest.mark.parametrize('way', ['RESET MASTER', 'RESET MASTER TO 7'])
def test_a_reset_that_was_begun_is_ended(server, point, way):
    """All or nothing, as far as anybody can tell; and what the tables hold was not asked for."""
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'FLUSH BINARY LOGS',
                   'INSERT INTO d.t VALUES (1)')
    die(server, f'{point}=crash', way)
    on_disk, listed = log_files(server)
    first = 'a-bin.000007' if way.endswith('7') else 'a-bin.000001'
    assert on_disk == listed and listed[0] == first
    assert server.value('SELECT @@gtid_executed') == ''
    server.execute('INSERT INTO d.t VALUES (2)')
    server.kill()
    server.start()
    assert server.rows('SELECT id FROM d.t ORDER BY id') == [(1,), (2,)]
    assert server.value('SELECT @@gtid_executed').count(':') == 1


@pytest.mark.parametrize('fault', ['auto_cnf.write=torn', 'auto_cnf.rename=crash', 'auto_cnf.after_rename=crash',
                                   'store.put=crash', 'store.after_put=crash', 'binlog.after_create=crash'])
def test_a_first_start_that_was_cut_is_made_again(make_server, fault):
    a = make_server('a', start=False)
    a.launch(faults=fault)
    assert a.wait_end() == 137
    a.start()
    a.execute('CREATE DATABASE d')


def test_a_reset_that_cannot_begin_changes_nothing(server):
    server.execute('CREATE DATABASE d', "SET GLOBAL gemel_faults='binlog_leaving.write=error:ENOSPC'")
    with pytest.raises(pymysql.err.MySQLError):
        server.execute('RESET MASTER')
    server.execute("SET GLOBAL gemel_faults=''", 'CREATE TABLE d.t (id INT)')
    executed = server.value('SELECT @@gtid_executed')
    assert executed
    server.kill()
    server.start()
    assert server.value('SELECT @@gtid_executed') == executed
    assert server.rows('SHOW TABLES FROM d') == [('t',)]


@pytest.mark.parametrize('point', ['catalog.drop_spaces', 'store.space_files_dropped', 'store.after_drop_space',
                                   'catalog.spaces_dropped'])
def test_a_database_is_dropped_as_a_whole(server, point):
    tables = [f'CREATE TABLE d.t{i} (id INT PRIMARY KEY, v INT, KEY (v))' for i in range(5)]
    rows = [f'INSERT INTO d.t{i} VALUES ({i}, {i})' for i in range(5)]
    server.execute('CREATE DATABASE d', 'CREATE DATABASE other', 'CREATE TABLE other.t (id INT PRIMARY KEY, v INT, KEY (v))',
                   'INSERT INTO other.t VALUES (1, 1)', *tables, *rows)
    die(server, f'{point}=crash', 'DROP DATABASE d')
    assert server.rows("SHOW DATABASES LIKE 'd'") == []
    server.execute('CREATE DATABASE d', *tables)
    for i in range(5):
        assert server.rows(f'SELECT * FROM d.t{i}') == []
        assert server.rows(f'SELECT id FROM d.t{i} WHERE v = {i}') == []
    assert server.rows('SELECT id FROM other.t WHERE v = 1') == [(1,)]
