"""The log's files as an operator meets them: rotation, purge, reset, expiry, and stock mariadb-binlog reading them."""
import os
import re
import subprocess

import pymysql
import pytest

from harness.topology import add_replication_user, chain, wait_same_rows, USER, PASSWORD
from harness.wait import wait_until


@pytest.fixture
def filled(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(100))',
                   "INSERT INTO d.t (v) VALUES ('first')")
    return server


def log_names(server):
    return [row[0] for row in server.rows('SHOW BINARY LOGS')]


def log_path(server, name):
    return server.datadir / name


def binlog_text(*arguments):
    run = subprocess.run(['mariadb-binlog', '--no-defaults', *map(str, arguments)], capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr.decode(errors='replace')
    text = run.stdout.decode(errors='replace')
    assert 'WARNING' not in run.stderr.decode(errors='replace')
    return text


def test_flush_logs_begins_a_file(filled):
    before = log_names(filled)
    filled.execute('FLUSH LOGS')
    after = log_names(filled)
    assert after[:-1] == before and after[-1] == f'a-bin.{len(after):06}'
    index = log_path(filled, 'a-bin.index').read_text().split()
    assert [name.rsplit('/')[-1] for name in index] == after
    sizes = dict((row[0], int(row[1])) for row in filled.rows('SHOW BINARY LOGS'))
    assert all(log_path(filled, name).stat().st_size == sizes[name] for name in after)


def settings_of_begin(text, table):
    """{variable: value} as printed in front of the BEGIN of the transaction that changes the table."""
    transaction = text[:text.index(f'Table_map: `d`.`{table}`')]
    return dict(re.findall(r'@@session\.(\w+)=([^,/]+)', transaction[:transaction.rindex('BEGIN')]))


def test_begin_tells_of_its_session(make_server):
    a, b = make_server('a', server_id=1), make_server('b', server_id=2)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT)')
    client = a.connect(database='d', autocommit=True)
    for statement in ("SET sql_mode = 'ANSI_QUOTES,NO_ZERO_DATE'", 'SET foreign_key_checks = 0, unique_checks = 0',
                      'SET auto_increment_increment = 7, auto_increment_offset = 2', 'INSERT INTO t VALUES (), ()'):
        client.query(statement)
    wait_same_rows(edges)
    for server in (a, b):
        begin = settings_of_begin(binlog_text(*(log_path(server, name) for name in log_names(server))), 't')
        assert begin['sql_mode'] == str(1 << 2 | 1 << 24)
        assert (begin['foreign_key_checks'], begin['unique_checks']) == ('0', '0')
        assert (begin['auto_increment_increment'], begin['auto_increment_offset']) == ('7', '2')
    client.close()


def test_a_restart_begins_a_file(filled):
    before = log_names(filled)
    filled.restart()
    assert log_names(filled) == before + [f'a-bin.{len(before) + 1:06}']
    assert filled.rows('SELECT v FROM d.t') == [('first',)]


def test_rotation_by_size(make_server):
    server = make_server('a', max_binlog_size=4096)
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')
    for number in range(30):
        server.execute(f"INSERT INTO d.t VALUES ({number}, REPEAT('x', 500))")
    assert len(log_names(server)) >= 4
    assert all(int(row[1]) < 6000 for row in server.rows('SHOW BINARY LOGS'))


def test_purge_to_and_before(filled):
    for _ in range(4):
        filled.execute('FLUSH LOGS')
    names = log_names(filled)
    filled.execute(f"PURGE BINARY LOGS TO '{names[2]}'")
    assert log_names(filled) == names[2:]
    assert not log_path(filled, names[0]).exists()
    filled.execute("PURGE BINARY LOGS BEFORE '2999-01-01 00:00:00'")
    assert log_names(filled) == names[-1:]
    with pytest.raises(pymysql.err.MySQLError) as error:
        filled.execute("PURGE BINARY LOGS TO 'a-bin.999999'")
    assert error.value.args[0] == 1373


def test_reset_master(filled):
    filled.execute('FLUSH LOGS', 'RESET MASTER')
    assert log_names(filled) == ['a-bin.000001']
    filled.execute("INSERT INTO d.t (v) VALUES ('second')")
    assert filled.source_status()['Executed_Gtid_Set'].endswith(':4')  # no GTID names two transactions


def test_another_log_after_a_clean_stop(filled):
    executed = filled.source_status()['Executed_Gtid_Set']
    filled.stop()
    filled.start('--log-bin=other')
    assert log_names(filled) == ['other.000001']
    assert filled.source_status()['Executed_Gtid_Set'] == filled.value('SELECT @@GLOBAL.gtid_purged') == executed
    filled.execute("INSERT INTO d.t (v) VALUES ('second')")
    filled.kill()
    filled.start('--log-bin=other')
    assert filled.rows('SELECT v FROM d.t') == [('first',), ('second',)]
    assert filled.source_status()['Executed_Gtid_Set'] == executed.replace(':1-3', ':1-4')


@pytest.mark.parametrize('argument', ['--log-bin=other', '--skip-log-bin'])
def test_without_its_log_after_a_crash(filled, argument):
    """What was acknowledged last may be in there only."""
    filled.kill()
    filled.launch(argument)
    assert filled.wait_end() != 0
    assert "may be in the binary log 'a-bin' only" in filled.log()
    filled.start()
    assert filled.rows('SELECT v FROM d.t') == [('first',)]
    filled.stop()
    filled.start(argument)
    filled.execute("INSERT INTO d.t (v) VALUES ('second')")
    filled.kill()
    filled.start(argument)
    assert filled.rows('SELECT v FROM d.t') == [('first',), ('second',)]


def test_its_files_are_gone_after_a_crash(filled):
    filled.kill()
    for path in filled.datadir.glob('a-bin*'):
        path.rename(filled.folder / path.name)
    filled.launch()
    assert filled.wait_end() != 0 and not list(filled.datadir.glob('a-bin*'))
    for path in filled.folder.glob('a-bin*'):
        path.rename(filled.datadir / path.name)
    filled.start()
    assert filled.rows('SELECT v FROM d.t') == [('first',)]


def test_expiry_at_start(filled):
    names = log_names(filled)
    filled.execute('FLUSH LOGS')
    filled.stop()
    for name in names:
        os.utime(log_path(filled, name), (1e9, 1e9))
    filled.start('--expire_logs_days=3')
    wait_until(lambda: names[0] not in log_names(filled), 'the old files to go')


def test_show_binlog_events(filled):
    events = filled.rows("SHOW BINLOG EVENTS IN 'a-bin.000001'")
    kinds = [row[2] for row in events]
    assert kinds[0] == 'Format_desc' and kinds[1] == 'Previous_gtids'
    assert kinds[-5:] == ['Gtid', 'Query', 'Table_map', 'Write_rows', 'Xid']
    assert any('CREATE DATABASE d' in row[5] for row in events)
    assert [row[1] for row in events[1:]] == [row[4] for row in events[:-1]]
    start = events[-5][1]
    assert filled.rows(f"SHOW BINLOG EVENTS IN 'a-bin.000001' FROM {start} LIMIT 2") == events[-5:-3]
    with pytest.raises(pymysql.err.MySQLError) as error:
        filled.rows("SHOW BINLOG EVENTS IN 'a-bin.000077'")
    assert error.value.args[0] == 1220


def test_mariadb_binlog_prints_it(filled):
    filled.execute("UPDATE d.t SET v='changed'", 'DELETE FROM d.t')
    text = binlog_text('-v', '--base64-output=decode-rows', '--verify-binlog-checksum',
                       log_path(filled, 'a-bin.000001'))
    for word in ('CREATE DATABASE d', '### INSERT INTO `d`.`t`', '### UPDATE `d`.`t`', '### DELETE FROM `d`.`t`',
                 "@2='first'", "@2='changed'"):
        assert word in text, word
    assert 'Error' not in text and 'checksum' not in text.lower().replace('crc32', '').replace('checksum_alg', '')


def test_mariadb_binlog_reads_it_from_the_server(filled):
    add_replication_user(filled)
    filled.execute('FLUSH LOGS', "INSERT INTO d.t (v) VALUES ('in the second file')")
    text = binlog_text('-v', '--base64-output=decode-rows', '--read-from-remote-server', '-h127.0.0.1',
                       f'-P{filled.port}', f'-u{USER}', f'-p{PASSWORD}', '--to-last-log', 'a-bin.000001')
    assert "@2='first'" in text and "@2='in the second file'" in text


def test_a_replica_crosses_rotations(two_servers):
    edges = chain(*two_servers)
    a, b = two_servers
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    for number in range(5):
        a.execute(f'INSERT INTO d.t VALUES ({number})', 'FLUSH LOGS')
    wait_same_rows(edges)
    assert re.fullmatch(r'a-bin\.0*[6-9]', b.replica_status()['Master_Log_File'])
    hosts = a.rows('SHOW SLAVE HOSTS')
    assert [row[0] for row in hosts] == [2]


def test_a_replica_asks_for_what_was_purged(two_servers):
    a, b = two_servers
    add_replication_user(a)
    first = a.log_end_position()
    a.execute('CREATE DATABASE d', 'FLUSH LOGS', "PURGE BINARY LOGS BEFORE '2999-01-01'")
    b.execute(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={a.port}, MASTER_USER='{USER}', "
              f"MASTER_PASSWORD='{PASSWORD}', MASTER_LOG_FILE='{first[0]}', MASTER_LOG_POS={first[1]}", 'START SLAVE')
    status = wait_until(lambda: int(b.replica_status()['Last_IO_Errno']) == 1236 and b.replica_status(), 'error 1236')
    assert status['Slave_IO_Running'] == 'No' and 'Could not find first log file name' in status['Last_IO_Error']
