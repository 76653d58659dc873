"""a->b under an operator's hands: change, start, stop, reset, kill, what each tells, and what it leaves."""
import time

import pymysql
import pytest

from harness.topology import (PASSWORD, USER, add_replication_user, chain, follow, wait_caught_up, wait_running,
                              wait_same_rows)
from harness.wait import wait_until


@pytest.fixture
def edges(two_servers):
    a, b = two_servers
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO d.t VALUES (1, 1)')
    wait_same_rows(edges)
    return edges


def processes(server, user=None, command=None):
    rows = server.rows('SHOW PROCESSLIST')
    return [row for row in rows if user in (None, row[1]) and command in (None, row[4])]


def error_number(server, statement):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    return error.value.args[0]


def test_the_process_lists(edges):
    (a, b), = edges
    wait_until(lambda: {row[6] for row in processes(b, 'system user')} ==
               {'Waiting for master to send event', 'Slave has read all relay log; waiting for more updates',
                'Waiting for an event from Coordinator'}, 'all threads to wait', show=lambda: processes(b))
    dump, = processes(a, USER, 'Binlog Dump')
    assert dump[6] == 'Master has sent all binlog to slave; waiting for more updates'
    assert a.rows('SHOW SLAVE HOSTS') == [(2, '', b.port, 1, b.variable('server_uuid'))]


def test_stop_and_start(edges):
    (a, b), = edges
    b.execute('STOP SLAVE')
    status = b.replica_status()
    assert (status['Slave_IO_Running'], status['Slave_SQL_Running']) == ('No', 'No')
    assert processes(b, 'system user') == [] and status['Seconds_Behind_Master'] is None
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    b.execute('START SLAVE IO_THREAD')
    wait_until(lambda: int(b.replica_status()['Read_Master_Log_Pos']) == a.log_end_position()[1], 'the row to be read')
    assert b.rows('SELECT * FROM d.t') == [(1, 1)]
    b.execute('STOP SLAVE IO_THREAD', 'START SLAVE SQL_THREAD')
    wait_until(lambda: len(b.rows('SELECT * FROM d.t')) == 2, 'the row to be applied')
    assert b.replica_status()['Slave_IO_Running'] == 'No'
    b.execute('START SLAVE', 'START SLAVE')
    assert b.rows('SHOW WARNINGS')[0][1] == 3083
    wait_same_rows(edges)


def test_what_runs_is_not_changed(edges):
    (a, b), = edges
    assert error_number(b, "CHANGE MASTER TO MASTER_PASSWORD='x'") == 3021
    assert error_number(b, 'RESET SLAVE') == 3081
    b.execute('STOP SLAVE IO_THREAD')
    assert error_number(b, "CHANGE MASTER TO MASTER_PASSWORD='x'") == 3085
    b.execute('STOP SLAVE', f"CHANGE MASTER TO MASTER_PASSWORD='{PASSWORD}', MASTER_CONNECT_RETRY=7", 'START SLAVE')
    wait_running(b)
    assert b.replica_status()['Connect_Retry'] == 7
    wait_same_rows(edges)


def test_who_sees_the_error_can_start_again(edges):
    """The error is shown a moment before the thread has ended; START, CHANGE and RESET wait for that moment."""
    (a, b), = edges
    b.restart(faults='applier.ending=sleep:300')
    b.execute('INSERT INTO d.t VALUES (2, 2)')
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    wait_until(lambda: int(b.replica_status()['Last_SQL_Errno']) == 1062, 'the duplicate')
    b.execute('SET sql_log_bin=0', 'DELETE FROM d.t WHERE id=2', 'SET sql_log_bin=1', 'START SLAVE SQL_THREAD')
    assert b.rows('SHOW WARNINGS') == []
    wait_same_rows(edges)


def test_reset(edges):
    (a, b), = edges
    b.execute('STOP SLAVE', 'RESET SLAVE')
    status = b.replica_status()
    assert (status['Master_Host'], status['Master_Log_File'], status['Read_Master_Log_Pos']) == ('127.0.0.1', '', 4)
    b.execute('RESET SLAVE ALL')
    assert b.replica_status() is None
    assert not (b.datadir / 'master.info').exists() and not list(b.datadir.glob('b-relay*'))
    assert error_number(b, 'START SLAVE') == 1200
    follow(b, a)
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    wait_same_rows(edges)


def test_a_wrong_password_and_a_wrong_port(two_servers):
    a, b = two_servers
    add_replication_user(a)
    follow(b, a, start=False, MASTER_PASSWORD="'wrong'")
    b.execute('START SLAVE')
    status = wait_until(lambda: int(b.replica_status()['Last_IO_Errno']) and b.replica_status(), 'an error')
    assert status['Last_IO_Errno'] == 1045 and status['Slave_IO_Running'] == 'Connecting'
    assert status['Last_IO_Error'].startswith(
        f"error connecting to master '{USER}@127.0.0.1:{a.port}' - retry-time: 1 retries: 1 message: Access denied")
    b.execute('STOP SLAVE', f"CHANGE MASTER TO MASTER_PASSWORD='{PASSWORD}', MASTER_PORT=1", 'START SLAVE')
    status = wait_until(lambda: int(b.replica_status()['Last_IO_Errno']) and b.replica_status(), 'an error')
    assert status['Last_IO_Errno'] in (2002, 2003)
    b.execute('STOP SLAVE')


def test_the_source_goes_and_comes_back(edges):
    (a, b), = edges
    a.stop()
    wait_until(lambda: b.replica_status()['Slave_IO_Running'] == 'Connecting', 'the loss to be seen')
    a.start()
    wait_running(b)
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    wait_same_rows(edges)


def test_equal_server_ids(make_server):
    a, b = make_server('a', server_id=5), make_server('b', server_id=5)
    add_replication_user(a)
    follow(b, a, start=False)
    b.execute('START SLAVE')
    status = wait_until(lambda: int(b.replica_status()['Last_IO_Errno']) and b.replica_status(), 'an error')
    assert status['Last_IO_Errno'] == 1593 and 'equal MySQL server ids' in status['Last_IO_Error']
    assert status['Slave_IO_Running'] == 'No'


def test_killed_dump_and_killed_threads(edges):
    (a, b), = edges
    a.execute(f"KILL {processes(a, USER, 'Binlog Dump')[0][0]}")
    wait_until(lambda: processes(a, USER, 'Binlog Dump'), 'the replica to come back')
    wait_running(b)
    for row in processes(b, 'system user'):
        b.execute(f'KILL {row[0]}')
    wait_until(lambda: not processes(b, 'system user'), 'both threads to end')
    b.execute('START SLAVE')
    wait_running(b)
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    wait_same_rows(edges)


def test_heartbeats_keep_the_connection(make_server):
    a, b = make_server('a'), make_server('b', slave_net_timeout=2)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d')
    wait_same_rows(edges)
    dump, = processes(a, USER, 'Binlog Dump')
    end = time.monotonic() + 5
    wait_until(lambda: time.monotonic() > end, 'longer than the timeout')
    assert processes(a, USER, 'Binlog Dump')[0][0] == dump[0]
    assert b.replica_status()['Seconds_Behind_Master'] == 0


def test_until(edges):
    (a, b), = edges
    b.execute('STOP SLAVE')
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    file, position = a.log_end_position()
    a.execute('INSERT INTO d.t VALUES (3, 3)')
    b.execute(f"START SLAVE UNTIL MASTER_LOG_FILE='{file}', MASTER_LOG_POS={position}")
    wait_until(lambda: b.replica_status()['Slave_SQL_Running'] == 'No', 'the applier to stop')
    assert b.rows('SELECT id FROM d.t') == [(1,), (2,)]
    gtids = f"{a.variable('server_uuid')}:1-100"
    b.execute(f"START SLAVE SQL_THREAD UNTIL SQL_BEFORE_GTIDS='{gtids}'")
    wait_until(lambda: b.replica_status()['Slave_SQL_Running'] == 'No', 'the applier to stop')
    assert b.rows('SELECT id FROM d.t') == [(1,), (2,)]
    b.execute('START SLAVE')
    wait_same_rows(edges)


def test_waiting_for_a_position(edges):
    (a, b), = edges
    file, position = a.log_end_position()
    assert b.value(f"SELECT MASTER_POS_WAIT('{file}', {position})") == 0
    assert b.value(f"SELECT MASTER_POS_WAIT('{file}', {position + 1000}, 0.1)") == -1
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    file, position = a.log_end_position()
    assert b.value(f"SELECT MASTER_POS_WAIT('{file}', {position}, 60)") >= 0
    assert b.rows('SELECT id FROM d.t') == [(1,), (2,)]
    b.execute('STOP SLAVE')
    assert b.value(f"SELECT MASTER_POS_WAIT('{file}', {position + 1000}, 1)") is None
    b.execute('START SLAVE')
    wait_same_rows(edges)


def test_delay(edges):
    (a, b), = edges
    b.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_DELAY=3', 'START SLAVE')
    wait_running(b)
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    status = wait_until(lambda: b.replica_status()['SQL_Remaining_Delay'] is not None and b.replica_status(), 'a delay')
    assert status['SQL_Delay'] == 3 and b.rows('SELECT id FROM d.t') == [(1,)]
    wait_same_rows(edges)
    b.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_DELAY=0', 'START SLAVE')


def test_by_gtid(two_servers):
    a, b = two_servers
    add_replication_user(a)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'FLUSH LOGS', 'INSERT INTO d.t VALUES (1)')
    b.execute(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={a.port}, MASTER_USER='{USER}', "
              f"MASTER_PASSWORD='{PASSWORD}', MASTER_AUTO_POSITION=1", 'START SLAVE')
    wait_running(b)
    wait_same_rows([(a, b)])
    status = b.replica_status()
    assert status['Auto_Position'] == 1 and status['Executed_Gtid_Set'] == a.source_status()['Executed_Gtid_Set']
    b.execute('STOP SLAVE')
    assert error_number(b, "CHANGE MASTER TO MASTER_LOG_FILE='x', MASTER_LOG_POS=4") == 1776
    a.execute('INSERT INTO d.t VALUES (2)')
    b.execute('RESET SLAVE', 'START SLAVE')
    wait_running(b)
    wait_same_rows([(a, b)])


def test_two_sources(make_server):
    a, b, c = make_server('a'), make_server('b'), make_server('c')
    for number, source in enumerate((a, b)):
        add_replication_user(source)
        c.execute(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={source.port}, MASTER_USER='{USER}', "
                  f"MASTER_PASSWORD='{PASSWORD}', MASTER_AUTO_POSITION=1 FOR CHANNEL '{source.name}'")
        source.execute(f'CREATE DATABASE d{number}', f'CREATE TABLE d{number}.t (id INT PRIMARY KEY)',
                       f'INSERT INTO d{number}.t VALUES ({number})')
    c.execute('START SLAVE')
    wait_until(lambda: c.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema IN ('d0', 'd1')") == 2,
               'both tables')
    wait_until(lambda: c.rows('SELECT * FROM d0.t UNION ALL SELECT * FROM d1.t') == [(0,), (1,)], 'both rows')
    assert [row[55] for row in c.rows('SHOW SLAVE STATUS')] == ['a', 'b']
    c.execute("STOP SLAVE FOR CHANNEL 'a'")
    assert c.record("SHOW SLAVE STATUS FOR CHANNEL 'a'")['Slave_IO_Running'] == 'No'
    assert c.record("SHOW SLAVE STATUS FOR CHANNEL 'b'")['Slave_IO_Running'] == 'Yes'
    assert error_number(c, "START SLAVE FOR CHANNEL 'nobody'") == 3074
    c.restart()
    wait_until(lambda: [row[10] for row in c.rows('SHOW SLAVE STATUS')] == ['Yes', 'Yes'], 'both to run')
    a.execute('INSERT INTO d0.t VALUES (5)')
    wait_until(lambda: c.rows('SELECT * FROM d0.t') == [(0,), (5,)], 'the row')


def test_without_log_updates_and_without_log(make_server):
    a, b, c = make_server('a'), make_server('b', log_slave_updates=0), make_server('c', skip_log_bin=None)
    add_replication_user(a)
    for replica in (b, c):
        follow(replica, a)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'INSERT INTO d.t VALUES (1)')
    for replica in (b, c):
        wait_same_rows([(a, replica)])
        replica.kill()
        replica.start()
        wait_running(replica)
    a.execute('INSERT INTO d.t VALUES (2)')
    for replica in (b, c):
        wait_same_rows([(a, replica)])
    assert len([row for row in b.rows('SHOW BINLOG EVENTS') if row[2] == 'Gtid']) == 0
