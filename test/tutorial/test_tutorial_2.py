"""The second tutorial (Kindahl 2008) with the stock clients, chapter by chapter: a master and a slave, the binary log,
the files of a slave, cloning a slave, dual masters."""
import re
import subprocess
import time

import pytest

from harness.rows import assert_same_rows
from harness.topology import wait_caught_up, wait_running
from harness.wait import wait_until
from tutorial.terminal import Terminal

LOGS = ['Log_name', 'File_size']
STATUS = ['File', 'Position', 'Binlog_Do_DB', 'Binlog_Ignore_DB']


@pytest.fixture
def master(make_server):
    return make_server('master', log_bin='master-bin.log', binlog_format='STATEMENT')


@pytest.fixture
def slave(make_server, master):
    return make_server('slave', **slave_options('slave'))


def slave_options(name):
    return {'relay_log_index': f'{name}-relay-bin.index', 'relay_log': f'{name}-relay-bin'}


def create_replication_user(master):
    terminal = Terminal(master)
    terminal.ok('CREATE USER repl_user@localhost;')
    terminal.ok("GRANT REPLICATION SLAVE ON *.*\n    TO repl_user@localhost IDENTIFIED BY 'xyzzy';")
    terminal.quit()


def change_master(source, host, more=''):
    return (f"CHANGE MASTER TO\n   MASTER_HOST = {host},\n   MASTER_PORT = {source.port},\n"
            f"   MASTER_USER = 'repl_user',\n   MASTER_PASSWORD = 'xyzzy'{more};")


def direct(slave, master, host="'localhost'", more=''):
    terminal = Terminal(slave)
    terminal.ok(change_master(master, host, more))
    terminal.ok('START SLAVE;')
    terminal.quit()
    wait_running(slave)


@pytest.fixture
def edges(master, slave):
    create_replication_user(master)
    direct(slave, master)
    return [(master, slave)]


def mysqlbinlog(path, *arguments):
    return subprocess.run(['mariadb-binlog', '--no-defaults', *arguments, path], capture_output=True, check=True,
                          timeout=60).stdout.decode()


# ----------------------------------------------------------------------------------------------- replication setup


def test_setup(edges):
    (master, slave), = edges
    terminal = Terminal(master)
    terminal.ok('CREATE TABLE tbl (a CHAR(20));')
    terminal.ok("INSERT INTO tbl VALUES ('Yeah! Replication!');", 'Query OK, 1 row affected')
    terminal.quit()
    wait_caught_up(edges)

    terminal = Terminal(slave)
    assert terminal.table('SHOW TABLES;', ['Tables_in_test'], '1 row in set') == [{'Tables_in_test': 'tbl'}]
    assert terminal.table('SELECT * FROM tbl;', ['a'], '1 row in set') == [{'a': 'Yeah! Replication!'}]
    terminal.quit()

    hosts = master.records('SHOW SLAVE HOSTS')
    assert [(row['Server_id'], row['Port'], row['Master_id']) for row in hosts] == [(2, slave.port, 1)]
    assert_same_rows(master, slave)


# -------------------------------------------------------------------------------------------------- the binary log


def test_log_files(master):
    terminal = Terminal(master)
    for _ in range(2):
        terminal.ok('FLUSH LOGS;')
    logs = terminal.table('SHOW BINARY LOGS;', LOGS, '3 rows in set')
    names = [f'master-bin.{number:06}' for number in (1, 2, 3)]
    assert [row['Log_name'] for row in logs] == names
    assert [int(row['File_size']) for row in logs] == [(master.datadir / name).stat().st_size for name in names]

    terminal.ok("PURGE BINARY LOGS TO 'master-bin.000002';")
    assert [row['Log_name'] for row in terminal.table('SHOW BINARY LOGS;', LOGS, '2 rows in set')] == names[1:]
    written = (master.datadir / names[1]).stat().st_mtime
    wait_until(lambda: time.time() > int(written) + 1, 'a later second than that of its last change')
    terminal.ok('PURGE BINARY LOGS BEFORE NOW();')
    assert [row['Log_name'] for row in terminal.table('SHOW BINARY LOGS;', LOGS, '1 row in set')] == names[2:]
    assert [path.name for path in sorted(master.datadir.glob('master-bin.0*'))] == names[2:]
    terminal.quit()


def without_boundaries(events):
    """What the tutorial's server, without GTIDs and transactions, would have listed."""
    return [event for event in events
            if event['Event_type'] not in ('Previous_gtids', 'Gtid', 'Anonymous_Gtid', 'Xid') and event['Info'] != 'BEGIN']


def test_events(edges):
    (master, slave), = edges
    terminal = Terminal(master)
    terminal.ok('RESET MASTER;')
    terminal.ok('create table t1 (a char(40));')
    terminal.ok("insert into t1 values ('Stuck In A Loop');", 'Query OK, 1 row affected')

    events = terminal.vertical('show binlog events\\G')
    assert list(events[0]) == ['Log_name', 'Pos', 'Event_type', 'Server_id', 'End_log_pos', 'Info']
    assert [event['Pos'] for event in events] == ['4'] + [event['End_log_pos'] for event in events[:-1]]
    assert {(event['Log_name'], event['Server_id']) for event in events} == {('master-bin.000001', '1')}
    version = master.variable('version')
    assert [(event['Event_type'], event['Info']) for event in without_boundaries(events)] == [
        ('Format_desc', f'Server ver: {version}, Binlog ver: 4'),
        ('Query', 'use `test`; create table t1 (a char(40))'),
        ('Query', "use `test`; insert into t1 values ('Stuck In A Loop')")]
    assert terminal.table('SHOW BINLOG EVENTS;', list(events[0]), f'{len(events)} rows in set') == events

    terminal.ok("SET @TITLE = 'Post Post-Modern Man';")
    terminal.ok('INSERT INTO t1 VALUES(@TITLE);', 'Query OK, 1 row affected')
    events = terminal.vertical(f"SHOW BINLOG EVENTS FROM {events[-1]['End_log_pos']}\\G")
    assert [(event['Event_type'], event['Info']) for event in without_boundaries(events)] == [
        ('User var', '@`TITLE`=_utf8mb4 0x506F737420506F73742D4D6F6465726E204D616E COLLATE utf8mb4_general_ci'),
        ('Query', 'use `test`; INSERT INTO t1 VALUES(@TITLE)')]
    terminal.quit()


def test_context_reaches_the_slave(edges):
    """The same events applied."""
    (master, slave), = edges
    terminal = Terminal(master)
    terminal.ok('create table t1 (a char(40));')
    terminal.ok("SET @TITLE = 'Post Post-Modern Man';")
    terminal.ok('INSERT INTO t1 VALUES(@TITLE);', 'Query OK, 1 row affected')
    terminal.quit()
    wait_caught_up(edges)
    assert slave.rows('SELECT * FROM test.t1') == [('Post Post-Modern Man',)]
    assert_same_rows(master, slave)


def test_mysqlbinlog(master, make_server):
    terminal = Terminal(master)
    terminal.ok('create table t1 (a int);')
    terminal.ok('insert into t1 values (1),(2);', 'Query OK, 2 rows affected')
    terminal.ok("SET @n = 3;")
    terminal.ok('insert into t1 values (@n);', 'Query OK, 1 row affected')
    terminal.quit()

    text = mysqlbinlog(master.datadir / 'master-bin.000001')
    for line in (r'DELIMITER /\*!\*/;', r'# at 4', r'#\d{6} [ \d]\d:\d\d:\d\d server id 1  end_log_pos \d+ '
                 r'.*\bStart: binlog v 4, '
                 r'server v \S+gemel\S* created .* at startup', r'ROLLBACK/\*!\*/;',
                 r'#\d{6} .* server id 1  end_log_pos \d+ .*\bQuery\tthread_id=\d+\texec_time=\d+\terror_code=0.*',
                 r'use `test`/\*!\*/;', r'SET TIMESTAMP=\d+(\.\d+)?/\*!\*/;',
                 r'SET @@session.foreign_key_checks=1, @@session.sql_auto_is_null=0, @@session.unique_checks=1, .*',
                 r'SET @@session.sql_mode=\d+/\*!\*/;', r'/\*!\\C utf8mb\d \*//\*!\*/;',
                 r'SET @@session.character_set_client=utf8mb\d,@@session.collation_connection=\d+,'
                 r'@@session.collation_server=\d+/\*!\*/;', r'create table t1 \(a int\)'):
        assert re.search(f'^{line}$', text, re.MULTILINE), line

    restored = make_server('restored')
    restored.client('mariadb', text=text)
    assert restored.rows('SELECT * FROM test.t1') == [(1,), (2,), (3,)]
    assert_same_rows(master, restored)


# ------------------------------------------------------------------------------------------- files of the slave


def test_info_files(edges):
    (master, slave), = edges
    master.execute('CREATE TABLE test.tbl (a CHAR(20))', "INSERT INTO test.tbl VALUES ('written down')")
    file, position = master.log_end_position()
    wait_caught_up(edges)

    def lines_of(name):
        return (slave.datadir / name).read_text().split('\n')

    wait_until(lambda: lines_of('master.info')[2] == str(position), 'master.info', show=lambda: lines_of('master.info'))
    lines = lines_of('master.info')
    assert lines[:15] == [str(len(lines) - 1), file, str(position), 'localhost', 'repl_user', 'xyzzy', str(master.port),
                          '60', '0', '', '', '', '', '', '0']

    wait_until(lambda: lines_of('relay-log.info')[4] == str(position), 'relay-log.info',
               show=lambda: lines_of('relay-log.info'))
    lines = lines_of('relay-log.info')
    status = slave.replica_status()
    assert lines[1:5] == [f"./{status['Relay_Log_File']}", str(status['Relay_Log_Pos']), file, str(position)]
    assert status['Relay_Log_File'].startswith('slave-relay-bin.0')
    assert (slave.datadir / 'slave-relay-bin.index').read_text().split() == [f"./{status['Relay_Log_File']}"]
    assert_same_rows(master, slave)


# ------------------------------------------------------------------------------------------------ cloning a slave


def test_clone_a_slave(edges, make_server, scratch):
    (master, slave), = edges
    master.execute('CREATE TABLE test.tbl (str VARCHAR(80))', "INSERT INTO test.tbl VALUES ('in the backup')")
    wait_caught_up(edges)

    on_slave, on_master = Terminal(slave), Terminal(master)
    on_slave.ok('STOP SLAVE;')
    on_master.ok('FLUSH TABLES WITH READ LOCK;')
    row, = on_master.table('SHOW MASTER STATUS;', STATUS, '1 row in set')
    file, position = row['File'], row['Position']
    on_master.ok('UNLOCK TABLES;')
    on_master.ok("INSERT INTO tbl VALUES ('Careful with that axe, Eugene!');", 'Query OK, 1 row affected')
    on_slave.ok(f"START SLAVE UNTIL\n    MASTER_LOG_FILE='{file}',\n    MASTER_LOG_POS={position};",
                'Query OK, 0 rows affected, 1 warning')  # without skip-slave-start a restart forgets the condition
    on_slave.ok(f"DO MASTER_POS_WAIT('{file}', {position});")
    wait_until(lambda: slave.replica_status()['Slave_SQL_Running'] == 'No', 'the slave to stop at its position')
    (slave.datadir / 'binlog_pos.dat').write_text(f'{file} {position}\n')
    backup = scratch / 'slave-backup.tar.gz'
    subprocess.run(['tar', 'czf', backup, '-C', slave.datadir, '.'], check=True)
    on_slave.ok('START SLAVE;')
    wait_caught_up(edges)

    slave2 = make_server('slave2', start=False, log_bin='slave-bin', skip_slave_start=None, **slave_options('slave2'))
    slave2.datadir.mkdir()
    subprocess.run(['tar', 'xzf', backup, '-C', slave2.datadir], check=True)
    (slave2.datadir / 'auto.cnf').unlink()
    slave2.start()
    assert slave2.rows('SELECT * FROM test.tbl') == [('in the backup',)]
    file, position = (slave2.datadir / 'binlog_pos.dat').read_text().split()
    direct(slave2, master, "'127.0.0.1'", f",\n   MASTER_LOG_FILE = '{file}',\n   MASTER_LOG_POS = {position}")
    on_master.ok("INSERT INTO tbl VALUES ('for both');", 'Query OK, 1 row affected')
    both = [(master, slave), (master, slave2)]
    wait_caught_up(both)
    assert sorted(row['Server_id'] for row in master.records('SHOW SLAVE HOSTS')) == [2, 3]
    for terminal in (on_master, on_slave):
        terminal.quit()
    assert_same_rows(master, slave, slave2)


# --------------------------------------------------------------------------------------------------- dual masters


def test_dual_masters(make_server):
    masters = [make_server(name, server_id=number, log_bin=f'{name}-bin', log_slave_updates=None,
                           binlog_format='STATEMENT') for number, name in ((1, 'master'), (3, 'master1'))]
    master, master1 = masters
    slave = make_server('slave', server_id=2, **slave_options('slave'))
    create_replication_user(master)
    direct(slave, master)
    wait_caught_up([(master, slave)])

    create_replication_user(master1)
    for server in masters:
        terminal = Terminal(server)
        terminal.ok('RESET MASTER;')
        terminal.quit()
    direct(master1, master, "'127.0.0.1'")
    direct(master, master1, "'127.0.0.1'")

    terminal = Terminal(slave)
    for statement in ('STOP SLAVE;', 'RESET SLAVE;', 'START SLAVE;'):
        terminal.ok(statement)
    wait_running(slave)
    terminal.quit()

    on_master, on_master1 = Terminal(master), Terminal(master1)
    on_master.ok('CREATE TABLE t1 (a INT);')
    on_master.ok('INSERT INTO t1 VALUES (1),(2);', 'Query OK, 2 rows affected')
    edges = [(master, master1), (master1, master), (master, slave)]
    wait_caught_up(edges)
    on_master1.ok('INSERT INTO t1 VALUES (3),(4);', 'Query OK, 2 rows affected')
    rows = [{'a': str(number)} for number in (1, 2, 3, 4)]
    assert on_master1.table('SELECT * FROM t1;', ['a'], '4 rows in set') == rows
    wait_caught_up(edges)
    on_slave = Terminal(slave)
    assert on_slave.table('SHOW TABLES;', ['Tables_in_test'], '1 row in set') == [{'Tables_in_test': 't1'}]
    assert on_slave.table('SELECT * FROM t1;', ['a'], '4 rows in set') == rows
    for terminal in (on_master, on_master1, on_slave):
        terminal.quit()
    assert_same_rows(master, master1, slave)


# --------------------------------------------------------------------------- appendix: a synchronization point


def test_synchronization_point(edges):
    (master, slave), = edges
    terminal = Terminal(master)
    terminal.ok('CREATE TABLE tbl (str VARCHAR(80));')
    terminal.ok("INSERT INTO tbl VALUES ('Careful with that axe, Eugene!');", 'Query OK, 1 row affected')
    expected = terminal.table('SELECT * FROM tbl;', ['str'], '1 row in set')
    row, = terminal.table('SHOW MASTER STATUS;', STATUS, '1 row in set')
    terminal.quit()

    terminal = Terminal(slave)
    terminal.ok(f"DO MASTER_POS_WAIT('{row['File']}', {row['Position']});")
    assert terminal.table('SELECT * FROM tbl;', ['str'], '1 row in set') == expected
    terminal.quit()
    assert_same_rows(master, slave)
