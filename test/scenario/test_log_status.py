"""The log's options and what SHOW says of it: checksums, caches, expiry, sizes, sql_log_bin, no log at all."""
import os

import pymysql
import pytest

from harness.log import log_names, log_paths, run_mariadb_binlog
from harness.rows import assert_same_rows
from harness.topology import chain, explain, wait_caught_up, wait_running, wait_same_rows
from harness.wait import wait_until

TABLE = ['CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v TEXT)']


def fails(server, number, statement):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    assert error.value.args[0] == number, error.value
    return error.value.args[1]


def counter(server, name, scope='GLOBAL'):
    return int(server.rows(f"SHOW {scope} STATUS LIKE '{name}'")[0][1])


# ------------------------------------------------------------------------------------------------- checksums


@pytest.mark.parametrize('first', ['CRC32', 'NONE'])
def test_checksums_change_while_replicas_follow(make_server, first):
    """a->b->c: a's kind of checksum changes under b's connection, and again while b is away."""
    second = 'NONE' if first == 'CRC32' else 'CRC32'
    a, b, c = make_server('a', binlog_checksum=first), make_server('b'), make_server('c', binlog_checksum='NONE')
    edges = chain(a, b, c)
    a.execute(*TABLE, "INSERT INTO d.t (v) VALUES ('before')")
    files = len(log_names(a))
    a.execute(f'SET GLOBAL binlog_checksum = {second}', "INSERT INTO d.t (v) VALUES ('after')")
    assert a.variable('binlog_checksum') == second and len(log_names(a)) == files + 1
    wait_same_rows(edges)
    b.execute('STOP SLAVE')
    a.execute(f'SET GLOBAL binlog_checksum = {first}', "INSERT INTO d.t (v) VALUES ('back')",
              f'SET GLOBAL binlog_checksum = {second}', "INSERT INTO d.t (v) VALUES ('again')")
    b.execute('START SLAVE')
    wait_running(b)
    wait_same_rows(edges)
    a.execute(f'SET GLOBAL binlog_checksum = {second}')
    assert len(log_names(a)) == files + 3
    text = run_mariadb_binlog('--verify-binlog-checksum', *log_paths(a))
    assert text.count('CRC32') > 4 and 'checksum' not in text.lower()
    a.restart()
    wait_running(b)
    a.execute("INSERT INTO d.t (v) VALUES ('last')")
    wait_same_rows(edges)


def damage(path, text):
    data = path.read_bytes()
    assert data.count(text) == 1
    path.write_bytes(data.replace(text, bytes(reversed(text))))


@pytest.mark.parametrize('verify', [0, 1])
def test_who_notices_a_damaged_log(make_server, verify):
    """a->b: with source_verify_checksum the source, else the replica."""
    a, b = make_server('a', source_verify_checksum=verify), make_server('b')
    edges = chain(a, b)
    a.execute(*TABLE)
    wait_caught_up(edges)
    b.execute('STOP SLAVE')
    a.execute("INSERT INTO d.t (v) VALUES ('undamaged')")
    damage(log_paths(a)[-1], b'undamaged')
    b.execute('START SLAVE')

    def error():
        return b.replica_status()['Last_IO_Error']
    text = wait_until(error, 'the receiver to fail', show=lambda: explain(b))
    assert ('did not pass crc check' in text) == bool(verify), text
    b.execute('STOP SLAVE', 'SET sql_log_bin = 0', "INSERT INTO d.t VALUES (1, 'undamaged')", 'SET sql_log_bin = 1')
    assert_same_rows(a, b)


def test_a_damaged_relay_log(make_server):
    """a->b: b checks what it wrote, unless it was told not to."""
    a, b = make_server('a'), make_server('b')
    edges = chain(a, b)
    a.execute(*TABLE)
    wait_caught_up(edges)
    assert b.variable('slave_sql_verify_checksum') == 'ON' == b.variable('replica_sql_verify_checksum')
    b.execute('STOP SLAVE SQL_THREAD')
    a.execute("INSERT INTO d.t (v) VALUES ('undamaged')")
    end = a.log_end_position()
    wait_until(lambda: int(b.replica_status()['Read_Master_Log_Pos']) == end[1], 'b to fetch it')
    damage(b.datadir / b.replica_status()['Relay_Log_File'], b'undamaged')
    b.execute('START SLAVE SQL_THREAD')

    def is_stopped():
        status = b.replica_status()
        return status['Slave_SQL_Running'] == 'No' and int(status['Last_SQL_Errno']) == 1594
    wait_until(is_stopped, 'the applier to stop', show=lambda: explain(b))
    b.execute('SET GLOBAL slave_sql_verify_checksum = OFF', 'START SLAVE SQL_THREAD')
    wait_caught_up(edges)
    assert b.rows('SELECT v FROM d.t') == [('degamadnu',)]
    b.execute('SET sql_log_bin = 0', "UPDATE d.t SET v = 'undamaged'", 'SET sql_log_bin = 1')
    wait_same_rows(edges)


# ---------------------------------------------------------------------------------------- sizes, caches, counters


def test_what_tutorial_3_looks_at(server):
    server.execute(*TABLE, "INSERT INTO d.t (v) VALUES ('one')")
    names = [row[0] for row in server.rows("SHOW GLOBAL STATUS LIKE '%binlog%'")]
    for name in ('Binlog_cache_disk_use', 'Binlog_cache_use', 'Binlog_stmt_cache_disk_use', 'Binlog_stmt_cache_use',
                 'Com_binlog', 'Com_show_binlog_events', 'Com_show_binlogs'):
        assert name in names


def test_caches(server):
    server.execute(*TABLE, 'SET GLOBAL binlog_cache_size = 4096')
    used, spilled = counter(server, 'Binlog_cache_use'), counter(server, 'Binlog_cache_disk_use')
    server.execute("INSERT INTO d.t (v) VALUES ('small')")
    assert counter(server, 'Binlog_cache_use') == used + 1 and counter(server, 'Binlog_cache_disk_use') == spilled
    server.execute('BEGIN', *(f"INSERT INTO d.t (v) VALUES (REPEAT('{digit}', 3000))" for digit in range(5)), 'COMMIT')
    assert counter(server, 'Binlog_cache_use') == used + 2 and counter(server, 'Binlog_cache_disk_use') == spilled + 1
    server.execute('SET GLOBAL max_binlog_cache_size = 8192', 'BEGIN', "INSERT INTO d.t (v) VALUES ('kept')")
    message = fails(server, 1197, "INSERT INTO d.t (v) VALUES (REPEAT('x', 20000))")
    assert 'max_binlog_cache_size' in message
    server.execute('COMMIT')
    assert server.rows("SELECT COUNT(*) FROM d.t WHERE v = 'kept' OR v LIKE 'xx%'") == [(1,)]


def test_a_file_s_size_while_running(server):
    server.execute(*TABLE, 'SET GLOBAL max_binlog_size = 4096')
    before = len(log_names(server))
    for _ in range(8):
        server.execute("INSERT INTO d.t (v) VALUES (REPEAT('x', 2000))")
    assert len(log_names(server)) >= before + 3


def test_counters_of_statements(server):
    def com(*names):
        return [counter(server, f'Com_{name}') for name in names]
    names = ('change_master', 'change_replication_source', 'slave_start', 'replica_start', 'slave_stop', 'replica_stop',
             'show_master_status', 'show_binlogs', 'show_binlog_events', 'show_slave_status', 'show_replica_status',
             'purge', 'purge_before_date', 'reset')
    before = com(*names)
    server.execute("CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1", 'START REPLICA SQL_THREAD', 'STOP SLAVE',
                   'SHOW BINARY LOG STATUS', 'SHOW MASTER STATUS', 'SHOW BINARY LOGS', 'SHOW BINLOG EVENTS LIMIT 1',
                   'SHOW REPLICA STATUS', f"PURGE BINARY LOGS TO '{log_names(server)[0]}'",
                   "PURGE BINARY LOGS BEFORE '2001-01-01'", 'RESET SLAVE')
    counted = [after - was for was, after in zip(before, com(*names))]
    assert counted == [1, 1, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1]


# ------------------------------------------------------------------------------------------------------- expiry


def age(server, names):
    for name in names:
        os.utime(server.datadir / name, (1e9, 1e9))


def test_expiry_by_days_or_seconds(make_server):
    server = make_server('a', expire_logs_days=14)
    assert server.variable('expire_logs_days') == '14' and server.variable('binlog_expire_logs_seconds') == '0'
    server.execute('SET GLOBAL expire_logs_days = 3')
    fails(server, 3683, 'SET GLOBAL binlog_expire_logs_seconds = 60')
    server.execute('SET GLOBAL expire_logs_days = 0', 'SET GLOBAL binlog_expire_logs_seconds = 60')
    fails(server, 3683, 'SET GLOBAL expire_logs_days = 5')


def test_expiry_that_is_off(make_server):
    server = make_server('a', binlog_expire_logs_auto_purge=0, binlog_expire_logs_seconds=60)
    server.execute('FLUSH LOGS')
    names = log_names(server)
    server.stop()
    age(server, names)
    server.start()
    server.execute('FLUSH LOGS')
    assert log_names(server)[:len(names)] == names
    server.stop()
    server.start('--binlog-expire-logs-auto-purge=1')
    wait_until(lambda: names[0] not in log_names(server), 'the old files to go')


# --------------------------------------------------------------------------------------- logging off, in part or all


def test_sql_log_bin(pair):
    """a<->b: what one session does not log stays on its server."""
    a, b = pair
    a.execute(*TABLE, 'SET sql_log_bin = 0', "INSERT INTO d.t VALUES (100, 'only here')", 'CREATE TABLE d.u (id INT)',
              'SET sql_log_bin = 1', "INSERT INTO d.t (v) VALUES ('everywhere')")
    wait_caught_up(pair.edges)
    assert b.rows('SELECT v FROM d.t') == [('everywhere',)]
    a.execute('BEGIN')
    fails(a, 1694, 'SET sql_log_bin = 0')
    a.execute('ROLLBACK', 'SET autocommit = 0', 'SELECT * FROM d.t')
    fails(a, 1694, 'SET sql_log_bin = 0')
    a.execute('COMMIT', 'SET autocommit = 1')
    fails(a, 1228, 'SET GLOBAL sql_log_bin = 0')
    a.execute("CREATE USER who@localhost IDENTIFIED BY 'x'")
    with a.connect(user='who', password='x').cursor() as cursor:
        with pytest.raises(pymysql.err.MySQLError) as error:
            cursor.execute('SET sql_log_bin = 0')
    assert error.value.args[0] == 1227
    a.execute('SET sql_log_bin = 0', 'DELETE FROM d.t WHERE id = 100', 'DROP TABLE d.u', 'SET sql_log_bin = 1')
    wait_same_rows(pair.edges)


def test_no_log(make_server):
    server = make_server('a', skip_log_bin=None)
    server.execute(*TABLE, "INSERT INTO d.t (v) VALUES ('one')")
    assert server.variable('log_bin') == 'OFF'
    assert server.rows('SHOW MASTER STATUS') == [] == server.rows('SHOW BINARY LOG STATUS')
    fails(server, 1381, 'SHOW BINARY LOGS')
    fails(server, 1381, 'SHOW BINLOG EVENTS')
    fails(server, 1186, 'RESET MASTER')
    server.execute('FLUSH LOGS', 'SET GLOBAL binlog_checksum = NONE', 'SET GLOBAL max_binlog_size = 4096')
    server.kill()
    server.start()
    assert server.rows('SELECT v FROM d.t') == [('one',)]
    assert not list(server.datadir.glob('*bin.0*'))


@pytest.mark.parametrize('log', [{'log_slave_updates': 0}, {'skip_log_bin': None}], ids=['not-of-updates', 'none'])
def test_a_replica_that_does_not_log(make_server, log):
    """a->b: positions and GTIDs are kept without a log, over restarts and crashes."""
    a, b = make_server('a'), make_server('b', **log)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (v TEXT)', "INSERT INTO d.t VALUES ('one')")
    wait_same_rows(edges)
    if 'log_slave_updates' in log:
        events = b.rows(f"SHOW BINLOG EVENTS IN '{log_names(b)[-1]}'")
        assert {row[2] for row in events} == {'Format_desc', 'Previous_gtids'}
    b.restart()
    wait_running(b)
    a.execute("INSERT INTO d.t VALUES ('two')")
    wait_same_rows(edges)
    b.kill()
    b.start()
    wait_running(b)
    a.execute("INSERT INTO d.t VALUES ('three')")
    wait_same_rows(edges)
    assert b.value('SELECT @@GLOBAL.gtid_executed').split('\n')[0].rstrip(',') == a.value('SELECT @@GLOBAL.gtid_executed')


def test_another_server_id_while_running(server):
    server.execute(*TABLE, 'SET GLOBAL server_id = 77')
    begins = server.log_end_position()[1]
    server.execute("INSERT INTO d.t (v) VALUES ('one')")
    events = server.rows(f"SHOW BINLOG EVENTS IN '{server.log_end_position()[0]}' FROM {begins}")
    assert {row[3] for row in events} == {77}
