"""a->b: what a replica's options and variables make of errors, of its own writers, and of what it tells its source."""
import signal
import socket
import time

import pymysql
import pytest

from harness.rows import assert_same_rows
from harness.topology import (PASSWORD, USER, add_replication_user, chain, follow, pair as make_pair, wait_caught_up,
                              wait_running, wait_same_rows)
from harness.wait import wait_until

TABLES = ['CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)']


def start(make_server, **options):
    a, b = make_server('a'), make_server('b', **options)
    edges = chain(a, b)
    a.execute(*TABLES, 'INSERT INTO d.t VALUES (1, 1), (2, 2)')
    wait_same_rows(edges)
    return edges


def alone(server, *statements):
    server.execute('SET sql_log_bin=0', *statements, 'SET sql_log_bin=1')


def error_number(server, statement, **connection):
    client = server.connect(**connection)
    with pytest.raises(pymysql.err.MySQLError) as error, client.cursor() as cursor:
        cursor.execute(statement)
    client.close()
    return error.value.args[0]


def wait_error(replica):
    def stopped():
        status = replica.replica_status()
        return int(status['Last_SQL_Errno']) and status['Slave_SQL_Running'] == 'No' and status
    return wait_until(stopped, 'the applier to stop with an error')


# ---------------------------------------------------------------- errors that are passed over

@pytest.mark.parametrize('binlog_format', ['ROW', 'STATEMENT'])
@pytest.mark.parametrize('listed', ['1062,1032', 'all'])
def test_skipped_errors(make_server, listed, binlog_format):
    edges = start(make_server, slave_skip_errors=listed)
    (a, b), = edges
    assert b.variable('slave_skip_errors') == b.variable('replica_skip_errors') == listed
    alone(b, 'INSERT INTO d.t VALUES (3, 33), (10, 10)', 'DELETE FROM d.t WHERE id=1')
    a.execute(f'SET SESSION binlog_format={binlog_format}', 'INSERT INTO d.t VALUES (3, 3)',
              'UPDATE d.t SET v=v+1 WHERE id=1', 'DELETE FROM d.t WHERE id=1', 'INSERT INTO d.t VALUES (4, 4)')
    wait_caught_up(edges)
    assert b.rows('SELECT * FROM d.t') == [(2, 2), (3, 33), (4, 4), (10, 10)]
    assert 'Passed over, as slave_skip_errors says' in b.log()
    alone(b, 'UPDATE d.t SET v=3 WHERE id=3', 'DELETE FROM d.t WHERE id=10')
    wait_same_rows(edges)


def test_skipped_rows_leave_the_others(make_server):
    edges = start(make_server, replica_skip_errors='1062')
    (a, b), = edges
    alone(b, 'INSERT INTO d.t VALUES (11, 0), (13, 0)')
    a.execute('BEGIN', 'INSERT INTO d.t VALUES (10, 1), (11, 1), (12, 1), (13, 1), (14, 1)',
              'DELETE FROM d.t WHERE id=2', 'COMMIT')
    wait_caught_up(edges)
    assert b.rows('SELECT id, v FROM d.t') == [(1, 1), (10, 1), (11, 0), (12, 1), (13, 0), (14, 1)]
    a.execute('UPDATE d.t SET v=5')
    wait_same_rows(edges)


def test_definitions_that_were_carried_out_before(make_server):
    edges = start(make_server, slave_skip_errors='ddl_exist_errors')
    (a, b), = edges
    alone(b, 'CREATE DATABASE e', 'CREATE TABLE d.u (id INT PRIMARY KEY)', 'ALTER TABLE d.t ADD w INT, ADD INDEX i (v)',
          'CREATE TABLE d.gone (id INT)')
    alone(a, 'CREATE TABLE d.gone (id INT)', 'CREATE TABLE d.only_here (id INT)')
    a.execute('CREATE DATABASE e', 'CREATE TABLE d.u (id INT PRIMARY KEY)', 'ALTER TABLE d.t ADD w INT',
              'ALTER TABLE d.t ADD INDEX i (v)', 'INSERT INTO d.only_here VALUES (1)', 'DROP TABLE d.only_here',
              'INSERT INTO d.u VALUES (1)', 'INSERT INTO d.t VALUES (9, 9, 9)')
    wait_same_rows(edges)
    alone(b, 'INSERT INTO d.u VALUES (5)')
    a.execute('INSERT INTO d.u VALUES (5)')
    assert wait_error(b)['Last_SQL_Errno'] == 1062
    alone(b, 'DELETE FROM d.u WHERE id=5')
    b.execute('START SLAVE')
    wait_same_rows(edges)


@pytest.mark.parametrize('option', ['slave-skip-errors=x', 'slave-skip-errors=1062,', 'slave-skip-errors=0',
                                    'slave-type-conversions=ALL_LOSSY,x'])
def test_values_that_are_none(make_server, option):
    b = make_server('b', start=False)
    b.option_file.write_text(b.option_file.read_text() + option + '\n')
    b.launch()
    assert b.wait_end() != 0 and 'b.cnf:' in b.log() and "can't be set to the value of" in b.log()


def test_idempotent(make_server):
    edges = start(make_server)
    (a, b), = edges
    b.execute("SET GLOBAL slave_exec_mode='IDEMPOTENT'")
    assert b.variable('replica_exec_mode') == 'IDEMPOTENT'
    alone(b, 'INSERT INTO d.t VALUES (3, 33)', 'DELETE FROM d.t WHERE id=1')
    a.execute('INSERT INTO d.t VALUES (3, 3)', 'DELETE FROM d.t WHERE id=1', 'UPDATE d.t SET v=9 WHERE id=3')
    wait_same_rows(edges)
    b.execute('STOP SLAVE SQL_THREAD', "SET GLOBAL slave_exec_mode='STRICT'", 'START SLAVE SQL_THREAD')
    alone(b, 'DELETE FROM d.t WHERE id=3')
    a.execute('DELETE FROM d.t WHERE id=3')
    status = wait_error(b)
    assert status['Last_SQL_Errno'] == 1032 and 'HA_ERR_KEY_NOT_FOUND' in status['Last_SQL_Error']
    alone(b, 'INSERT INTO d.t VALUES (3, 9)')
    b.execute('START SLAVE SQL_THREAD')
    wait_same_rows(edges)


def test_type_conversions(make_server):
    edges = start(make_server)
    (a, b), = edges
    alone(b, 'CREATE TABLE d.u (id INT PRIMARY KEY, v BIGINT, w TINYINT)')
    alone(a, 'CREATE TABLE d.u (id INT PRIMARY KEY, v INT, w INT)')
    assert error_number(b, "SET GLOBAL slave_type_conversions='x'") == 1231
    a.execute('INSERT INTO d.u VALUES (1, 1, 1)')
    assert wait_error(b)['Last_SQL_Errno'] == 1677
    b.execute("SET GLOBAL replica_type_conversions='ALL_NON_LOSSY,ALL_LOSSY'", 'START SLAVE')
    a.execute('INSERT INTO d.u VALUES (2, 2000000000, 100)')
    wait_same_rows(edges)


# ---------------------------------------------------------------- the counter

def test_skipping_as_tutorials_do(make_server):
    edges = start(make_server)
    (a, b), = edges
    alone(b, 'INSERT INTO d.t VALUES (3, 33)')
    a.execute('INSERT INTO d.t VALUES (3, 3)', 'INSERT INTO d.t VALUES (4, 4)')
    assert wait_error(b)['Last_SQL_Errno'] == 1062
    b.client('mariadb', text='slave stop;\nSET GLOBAL SQL_SLAVE_SKIP_COUNTER = 1;\nslave start;\n')
    wait_running(b)
    wait_caught_up(edges)
    assert b.rows('SELECT * FROM d.t WHERE id>2') == [(3, 33), (4, 4)] and b.replica_status()['Skip_Counter'] == 0
    assert b.variable('gtid_executed') == a.variable('gtid_executed')
    alone(b, 'UPDATE d.t SET v=3 WHERE id=3')
    wait_same_rows(edges)


def test_when_the_counter_is_refused(make_server):
    edges = start(make_server)
    (a, b), = edges
    assert error_number(b, 'SET GLOBAL sql_slave_skip_counter=1') == 3081
    b.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_AUTO_POSITION=1')
    assert error_number(b, 'SET GLOBAL sql_replica_skip_counter=1') == 1858
    b.execute('START SLAVE')
    wait_running(b)
    a.execute('INSERT INTO d.t VALUES (3, 3)')
    wait_same_rows(edges)


# ---------------------------------------------------------------- its own writers

@pytest.mark.parametrize('variable', ['read_only', 'super_read_only'])
def test_read_only_lets_the_applier_in(make_server, variable):
    edges = start(make_server, **{variable: 1})
    (a, b), = edges
    alone_is_refused = variable == 'super_read_only'
    if alone_is_refused:
        assert error_number(b, 'INSERT INTO d.t VALUES (100, 100)') == 1290
        b.execute('SET GLOBAL super_read_only=0')
    alone(b, "CREATE USER w@localhost IDENTIFIED BY 'w'", 'GRANT ALL ON d.* TO w@localhost')
    b.execute(f'SET GLOBAL {variable}=1')
    assert error_number(b, 'INSERT INTO d.t VALUES (100, 100)', user='w', password='w') == 1290
    a.execute('INSERT INTO d.t VALUES (3, 3)', 'CREATE TABLE d.u (id INT PRIMARY KEY)', 'INSERT INTO d.u VALUES (1)')
    wait_same_rows(edges)


def test_transactions_that_are_tried_again(make_server):
    edges = start(make_server, innodb_lock_wait_timeout=1, slave_transaction_retries=100)
    (a, b), = edges
    client = b.connect(autocommit=False)
    with client.cursor() as cursor:
        cursor.execute('SELECT * FROM d.t WHERE id=1 FOR UPDATE')
        a.execute('UPDATE d.t SET v=50 WHERE id=1')

        def retried():
            return int(b.rows("SHOW STATUS LIKE 'Slave_retried_transactions'")[0][1])
        wait_until(retried, 'a second attempt')
    client.rollback()
    client.close()
    wait_same_rows(edges)
    b.execute('STOP SLAVE', 'SET GLOBAL replica_transaction_retries=0', 'START SLAVE')
    client = b.connect(autocommit=False)
    with client.cursor() as cursor:
        cursor.execute('SELECT * FROM d.t WHERE id=1 FOR UPDATE')
        a.execute('UPDATE d.t SET v=51 WHERE id=1')
        assert wait_error(b)['Last_SQL_Errno'] == 1205
    client.close()
    b.execute('START SLAVE')
    wait_same_rows(edges)


# ---------------------------------------------------------------- what it tells, and how it starts

def test_what_a_replica_reports(make_server):
    a, b = make_server('a'), make_server('b', report_host='shown.example', report_port=1234, report_user='u',
                                         report_password='p')
    c = make_server('c')
    add_replication_user(a)
    for replica in (b, c):
        follow(replica, a)
    wait_until(lambda: len(a.rows('SHOW REPLICAS')) == 2, 'both')
    expected = [(2, 'shown.example', 1234, 1, b.variable('server_uuid')), (3, '', c.port, 1, c.variable('server_uuid'))]
    assert sorted(a.rows('SHOW SLAVE HOSTS')) == sorted(a.rows('SHOW REPLICAS')) == expected
    b.execute('STOP SLAVE')
    wait_until(lambda: len(a.rows('SHOW REPLICAS')) == 1, 'one to go')
    b.execute('START SLAVE')
    a.execute(*TABLES)
    for replica in (b, c):
        wait_same_rows([(a, replica)])


@pytest.mark.parametrize('option', ['skip_slave_start', 'skip_replica_start'])
def test_a_start_without_replication(make_server, option):
    edges = start(make_server)
    (a, b), = edges
    b.stop()
    b.start(f'--{option.replace("_", "-")}')
    status = b.replica_status()
    assert (status['Slave_IO_Running'], status['Slave_SQL_Running']) == ('No', 'No')
    assert b.variable('skip_slave_start') == 'ON'
    a.execute('INSERT INTO d.t VALUES (3, 3)')
    b.execute(f"START SLAVE USER='{USER}' PASSWORD='{PASSWORD}'")
    wait_same_rows(edges)


def test_what_it_wrote_itself(make_server):
    """b is rebuilt empty under its old server id, and fetches from a what it wrote before."""
    a, b = make_server('a', server_id=1), make_server('b', server_id=2)
    make_pair(a, b)
    b.execute(*TABLES, 'INSERT INTO d.t VALUES (1, 1)')
    wait_caught_up([(b, a)])
    a.execute('STOP SLAVE', 'INSERT INTO d.t VALUES (2, 2)')
    b.stop()
    c = make_server('c', server_id=2, replicate_same_server_id=1)
    assert c.variable('replicate_same_server_id') == 'ON'
    follow(c, a, position=('a-bin.000001', 4))
    wait_same_rows([(a, c)])
    assert c.rows('SELECT * FROM d.t') == [(1, 1), (2, 2)]


def test_a_loop_without_end_is_refused(make_server):
    b = make_server('b', start=False, replicate_same_server_id=1, gtid_mode='OFF')
    b.launch()
    assert b.wait_end() != 0 and 'log-slave-updates' in b.log()


# ---------------------------------------------------------------- the link to the source

def test_the_init_file_makes_and_starts_a_replica(make_server, scratch):
    """What it started is left as it is when the channels are started."""
    a = make_server('a')
    add_replication_user(a)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'INSERT INTO d.t VALUES (1)')
    (scratch / 'init.sql').write_text(
        f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={a.port}, MASTER_USER='{USER}', "
        f"MASTER_PASSWORD='{PASSWORD}', MASTER_AUTO_POSITION=1;\nSTART SLAVE;\n")
    b = make_server('b', init_file=scratch / 'init.sql')
    wait_running(b)
    wait_same_rows([(a, b)])


def test_a_source_that_falls_silent(make_server):
    edges = start(make_server, slave_net_timeout=2)
    (a, b), = edges
    assert b.replica_status()['Slave_IO_Running'] == 'Yes'
    a.process.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: b.replica_status()['Slave_IO_Running'] == 'Connecting', 'the silence to be noticed')
    finally:
        a.process.send_signal(signal.SIGCONT)
    wait_running(b)
    a.execute('INSERT INTO d.t VALUES (3, 3)')
    wait_same_rows(edges)


def test_a_source_that_never_greets(make_server):
    """A source that went between taking the connection and greeting is not waited for as long as a silent one."""
    edges = start(make_server)
    (a, b), = edges
    with socket.create_server(('127.0.0.1', 0)) as door:
        b.execute('STOP SLAVE', f'CHANGE MASTER TO MASTER_PORT={door.getsockname()[1]}, MASTER_CONNECT_RETRY=1',
                  'START SLAVE')
        begin = time.monotonic()
        wait_until(lambda: b.replica_status()['Last_IO_Errno'] == 2013, 'it to be noticed')
        assert time.monotonic() - begin < 30       # slave_net_timeout is 60
    b.execute('STOP SLAVE', f'CHANGE MASTER TO MASTER_PORT={a.port}, MASTER_AUTO_POSITION=1', 'START SLAVE')
    a.execute('INSERT INTO d.t VALUES (3, 3)')
    wait_same_rows(edges)


def test_attempts_are_counted(make_server):
    edges = start(make_server)
    (a, b), = edges
    b.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_RETRY_COUNT=2, MASTER_CONNECT_RETRY=1')
    status = b.replica_status()
    assert (status['Master_Retry_Count'], status['Connect_Retry']) == (2, 1)
    a.stop()
    b.execute('START SLAVE')
    status = wait_until(lambda: b.replica_status()['Slave_IO_Running'] == 'No' and b.replica_status(), 'it to give up')
    assert status['Last_IO_Errno'] in (2002, 2003) and 'retry-time: 1 retries: 2 message:' in status['Last_IO_Error']
    assert status['Slave_SQL_Running'] == 'Yes'
    a.start()
    b.execute('START SLAVE IO_THREAD')
    a.execute('INSERT INTO d.t VALUES (3, 3)')
    wait_same_rows(edges)


def test_the_address_that_is_used(make_server):
    edges = start(make_server)
    (a, b), = edges
    b.execute('STOP SLAVE', "CHANGE MASTER TO MASTER_BIND='127.0.0.9', MASTER_HOST='127.0.0.1'")
    alone(a, f"GRANT REPLICATION SLAVE ON *.* TO '{USER}'@'127.0.0.9' IDENTIFIED BY '{PASSWORD}'")
    b.execute('START SLAVE')
    wait_running(b)
    dump, = wait_until(lambda: [row for row in a.rows('SHOW PROCESSLIST') if row[4] == 'Binlog Dump'], 'a dump')
    assert dump[2].startswith('127.0.0.9:') and b.replica_status()['Master_Bind'] == '127.0.0.9'
    a.execute('INSERT INTO d.t VALUES (3, 3)')
    wait_same_rows(edges)


def test_servers_that_are_ignored(make_server):
    """a->b->c: c takes from b what b wrote itself, and nothing that came from a."""
    a, b, c = make_server('a'), make_server('b'), make_server('c')
    chain(a, b, c)
    a.execute(*TABLES)
    wait_caught_up([(a, b), (b, c)])
    c.execute('STOP SLAVE', 'CHANGE MASTER TO IGNORE_SERVER_IDS=(1, 7)', 'START SLAVE')
    assert c.replica_status()['Replicate_Ignore_Server_Ids'] == '1, 7'
    a.execute('INSERT INTO d.t VALUES (1, 1)')
    wait_caught_up([(a, b)])
    b.execute('INSERT INTO d.t VALUES (2, 2)')
    wait_caught_up([(b, c)])
    assert c.rows('SELECT * FROM d.t') == [(2, 2)]
    c.execute('STOP SLAVE', 'CHANGE MASTER TO IGNORE_SERVER_IDS=()', 'START SLAVE')
    assert c.replica_status()['Replicate_Ignore_Server_Ids'] == ''
    a.execute('DELETE FROM d.t WHERE id=9', 'CREATE TABLE d.u (id INT)')
    alone(c, 'INSERT INTO d.t VALUES (1, 1)')
    wait_caught_up([(a, b), (b, c)])
    assert_same_rows(b, c)


# ---------------------------------------------------------------- rules as variables

def test_rules_as_variables(make_server):
    """As MariaDB has them; for all channels."""
    edges = start(make_server)
    (a, b), = edges
    assert error_number(b, "SET GLOBAL replicate_ignore_db='x'") == 3085
    b.execute('STOP SLAVE SQL_THREAD', "SET GLOBAL replicate_ignore_table='d.u,d.w'",
              "SET GLOBAL replicate_wild_ignore_table='d.tmp%'", "SET GLOBAL replicate_rewrite_db='p->q'",
              'START SLAVE SQL_THREAD')
    assert error_number(b, "SET GLOBAL replicate_do_table='x.y'") == 3085
    status = b.replica_status()
    assert (status['Replicate_Ignore_Table'], status['Replicate_Rewrite_DB']) == ('d.u,d.w', '(p,q)')
    assert b.value('SELECT @@GLOBAL.replicate_rewrite_db') == 'p->q'
    assert b.rows("SHOW VARIABLES LIKE 'replicate_wild_ignore_table'") == [('replicate_wild_ignore_table', 'd.tmp%')]
    a.execute('CREATE TABLE d.u (id INT)', 'CREATE TABLE d.tmp1 (id INT)', 'CREATE TABLE d.kept (id INT)')
    wait_caught_up(edges)
    assert {name for name, in b.rows('SHOW TABLES FROM d')} == {'t', 'kept'}
    b.execute('STOP SLAVE SQL_THREAD')
    assert error_number(b, "SET GLOBAL replicate_do_table='x'") == 1210
    assert error_number(b, "SET GLOBAL replicate_wild_do_table='x'") == 3067
    b.execute("SET GLOBAL replicate_ignore_table=''", "SET GLOBAL replicate_wild_ignore_table=DEFAULT",
              'START SLAVE SQL_THREAD')
    alone(a, 'DROP TABLE d.u, d.tmp1')
    a.execute('CREATE TABLE d.u (id INT)')
    wait_caught_up(edges)
    assert_same_rows(a, b)
