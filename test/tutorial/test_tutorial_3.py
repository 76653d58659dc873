"""The third tutorial (Deimos 2013) with the stock clients: master 1, a slave made from its dump, and the way back; then
what to look at, and how to mend it."""
import re

import pytest

from harness.rows import assert_same_rows
from harness.server import option_lines
from harness.topology import explain, wait_caught_up, wait_running, wait_waiting
from harness.wait import wait_until
from tutorial.terminal import Terminal

STATUS = ['File', 'Position', 'Binlog_Do_DB', 'Binlog_Ignore_DB']
SLAVE_STATUS = '''Slave_IO_State Master_Host Master_User Master_Port Connect_Retry Master_Log_File Read_Master_Log_Pos
    Relay_Log_File Relay_Log_Pos Relay_Master_Log_File Slave_IO_Running Slave_SQL_Running Replicate_Do_DB
    Replicate_Ignore_DB Replicate_Do_Table Replicate_Ignore_Table Replicate_Wild_Do_Table Replicate_Wild_Ignore_Table
    Last_Errno Last_Error Skip_Counter Exec_Master_Log_Pos Relay_Log_Space Until_Condition Until_Log_File Until_Log_Pos
    Master_SSL_Allowed Master_SSL_CA_File Master_SSL_CA_Path Master_SSL_Cert Master_SSL_Cipher Master_SSL_Key
    Seconds_Behind_Master'''.split()
BINLOG_STATUS = ['Binlog_cache_disk_use', 'Binlog_cache_use', 'Com_binlog', 'Com_show_binlog_events', 'Com_show_binlogs']
PROCESSES = ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info']
DUMP = ['mariadb-dump', '--opt', '--add-drop-table', '--routines', '--triggers', '--events', '--single-transaction',
        '--master-data=2', '-B', 'wikidb']


def master_options(scratch, number):
    (scratch / f'log-{number}').mkdir(exist_ok=True)
    return {'log_bin': scratch / f'log-{number}/mysql-bin.log', 'binlog_do_db': 'wikidb',
            'binlog_ignore_db': ['mysql', 'test'], 'expire_logs_days': 14, 'sync_binlog': 1,
            'slave_compressed_protocol': 1, 'bind_address': '0.0.0.0'}


def create_replication_user(server):
    terminal = Terminal(server)
    terminal.ok("create user 'replication'@'127.0.0.1' identified by 'password';")
    assert terminal.refused("grant replication slave on wikidb.* to 'replication'@'127.0.0.1';") == 1221
    terminal.ok("grant replication slave on *.* to 'replication'@'127.0.0.1';")
    terminal.quit()


def change_master(source, file, position):
    return (f"change master to master_host='127.0.0.1', master_port={source.port}, master_user='replication', "
            f"master_password='password', master_log_file='{file}', master_log_pos={position};")


def check_slave_status(terminal, source, file):
    status, = terminal.vertical('show slave status\\G')
    assert list(status)[:len(SLAVE_STATUS)] == SLAVE_STATUS
    position = str(source.log_end_position()[1])
    expected = {
        'Slave_IO_State': 'Waiting for master to send event', 'Master_Host': '127.0.0.1', 'Master_User': 'replication',
        'Master_Port': str(source.port), 'Connect_Retry': '60', 'Master_Log_File': file, 'Read_Master_Log_Pos': position,
        'Relay_Master_Log_File': file, 'Slave_IO_Running': 'Yes', 'Slave_SQL_Running': 'Yes', 'Last_Errno': '0',
        'Last_Error': '', 'Skip_Counter': '0', 'Exec_Master_Log_Pos': position, 'Until_Condition': 'None',
        'Until_Log_File': '', 'Until_Log_Pos': '0', 'Master_SSL_Allowed': 'No', 'Seconds_Behind_Master': '0'}
    empty = [name for name in SLAVE_STATUS if name.startswith(('Replicate_', 'Master_SSL_')) and name not in expected]
    expected.update(dict.fromkeys(empty, ''))
    assert {name: status[name] for name in expected} == expected
    assert re.fullmatch(r'.*relay.*\.\d{6}', status['Relay_Log_File'])
    assert 0 < int(status['Relay_Log_Pos']) <= int(status['Relay_Log_Space'])


def end_of_dump(path):
    """What `head` shows of it."""
    head = ''.join(path.read_text().splitlines(keepends=True)[:100])
    return re.search(r"^-- CHANGE MASTER TO MASTER_LOG_FILE='(.*)', MASTER_LOG_POS=(\d+);$", head, re.MULTILINE).groups()


def configure_master_1(make_server, scratch):
    master1 = make_server('master1', **master_options(scratch, 1))
    assert master1.variable('slave_compressed_protocol') == 'ON' and master1.variable('sync_binlog') == '1'
    assert master1.variable('expire_logs_days') == '14'
    master1.execute('CREATE DATABASE wikidb', 'USE wikidb', 'CREATE TABLE page (id INT PRIMARY KEY AUTO_INCREMENT, '
                    'title VARCHAR(100) NOT NULL, body TEXT, changed TIMESTAMP NULL)',
                    "INSERT INTO page (title, body) VALUES ('Main', 'it''s here'), ('Help', NULL)")
    create_replication_user(master1)
    return master1


def backup_master_1(master1, scratch):
    terminal = Terminal(master1)
    terminal.ok('flush privileges;')
    terminal.ok('flush tables with read lock;')
    row, = terminal.table('show master status;', STATUS, '1 row in set')
    assert row['File'] == 'mysql-bin.000001' and (scratch / 'log-1/mysql-bin.000001').exists()
    assert (row['Binlog_Do_DB'], row['Binlog_Ignore_DB']) == ('wikidb', 'mysql,test')
    dump = scratch / 'wikidb.sql'
    dump.write_text(master1.client(*DUMP))
    assert end_of_dump(dump) == (row['File'], row['Position'])
    terminal.ok('unlock tables;')
    terminal.quit()
    return dump


def make_slave_1(make_server, scratch, master1, dump):
    slave1 = make_server('master2', server_id=2, log_bin=scratch / 'log-2/mysql-bin.log', bind_address='0.0.0.0',
                         expire_logs_days=14)
    slave1.client('mariadb', '-e', 'create database wikidb')
    slave1.client('mariadb', 'wikidb', text=dump.read_text())
    slave1.restart()
    terminal = Terminal(slave1)
    terminal.type('stop slave;')
    terminal.ok('reset slave;')
    file, position = end_of_dump(dump)
    terminal.ok(change_master(master1, file, position))
    terminal.ok('start slave;')
    wait_waiting(slave1)
    wait_caught_up([(master1, slave1)])
    check_slave_status(terminal, master1, file)
    terminal.quit()
    return slave1


def make_both_masters(master1, master2, scratch):
    """Master 2 logs as master 1 does, from now on; master 1 follows it."""
    with open(master2.option_file, 'a') as file:
        file.write('\n'.join(option_lines(master_options(scratch, 2))) + '\n')
    master2.restart()
    create_replication_user(master2)
    terminal = Terminal(master2)
    terminal.ok('flush privileges;')
    row, = terminal.table('show master status;', STATUS, '1 row in set')
    assert (row['Binlog_Do_DB'], row['Binlog_Ignore_DB']) == ('wikidb', 'mysql,test')
    terminal.quit()

    terminal = Terminal(master1)
    terminal.type('slave stop;')
    terminal.ok('reset slave;')
    terminal.ok(change_master(master2, row['File'], row['Position']))
    terminal.ok('start slave;')
    edges = [(master1, master2), (master2, master1)]
    wait_waiting(master1)
    wait_caught_up(edges)
    check_slave_status(terminal, master2, row['File'])
    terminal.quit()
    return edges


@pytest.fixture
def edges(make_server, scratch):
    (scratch / 'log-2').mkdir()
    master1 = configure_master_1(make_server, scratch)
    dump = backup_master_1(master1, scratch)
    master2 = make_slave_1(make_server, scratch, master1, dump)
    return make_both_masters(master1, master2, scratch)


def test_master_to_master(edges):
    master1, master2 = edges[0]
    for number, server in enumerate((master1, master2)):
        server.execute('USE wikidb', f"INSERT INTO page (id, title) VALUES ({10 + number}, 'from {server.name}')",
                       f"UPDATE page SET body='changed by {server.name}' WHERE id={1 + number}")
        wait_caught_up(edges)
        server.execute('CREATE DATABASE other', 'USE other', 'CREATE TABLE t (id INT)', 'INSERT INTO t VALUES (1)')
        wait_caught_up(edges)
    master1.execute('DROP DATABASE other')
    wait_caught_up(edges)
    assert master1.rows('SELECT id, body FROM wikidb.page WHERE id<3') == [
        (1, 'changed by master1'), (2, 'changed by master2')]
    assert master2.rows('SELECT * FROM other.t') == [(1,)]    # neither replicates it
    assert_same_rows(master1, master2, databases=['wikidb'])


def test_monitoring(edges):
    master1, master2 = edges[0]
    terminal = Terminal(master1)
    terminal.table('show binary logs;', ['Log_name', 'File_size'])
    rows = terminal.table("show global status like '%binlog%';", ['Variable_name', 'Value'])
    counters = {row['Variable_name']: int(row['Value']) for row in rows}
    assert set(BINLOG_STATUS) <= set(counters)
    assert counters['Com_show_binlogs'] == 1 and counters['Com_show_binlog_events'] == 0
    assert counters['Binlog_cache_use'] > 0 and counters['Binlog_cache_disk_use'] == 0
    terminal.quit()

    listed = master1.client('mysqladmin', 'processlist').splitlines()
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in listed if line.startswith('|')]
    assert cells[0] == PROCESSES
    by_user = {(row[1], row[4]): row for row in cells[1:]}
    states = {row[6] for row in cells[1:] if row[1] == 'system user'}
    states.discard('Waiting for an event from Coordinator')     # workers, which the tutorial's server had none of
    assert states == {'Waiting for master to send event', 'Slave has read all relay log; waiting for more updates'}
    dump = by_user['replication', 'Binlog Dump']
    assert dump[6] == 'Master has sent all binlog to slave; waiting for more updates'
    assert re.fullmatch(r'(localhost|127\.0\.0\.1):\d+', dump[2])
    assert by_user['root', 'Query'][7].lower() == 'show processlist'

    master2.stop()
    status = wait_until(lambda: int(master1.replica_status()['Last_IO_Errno']) and master1.replica_status(), 'an error',
                        show=lambda: explain(master1))
    assert status['Slave_IO_Running'] == 'Connecting' and status['Last_SQL_Error'] == ''
    assert re.match(rf"error (re)?connecting to master 'replication@127\.0\.0\.1:{master2.port}' - retry-time: 60 +retries: ",
                    status['Last_IO_Error'])
    master2.start()
    wait_running(master2)
    wait_caught_up(edges[:1])
    assert_same_rows(master1, master2, databases=['wikidb'])


def test_after_a_reboot(edges):
    """Both were down; the slave is told its place again."""
    master1, master2 = edges[0]
    for server in (master1, master2):
        server.stop()
    for server in (master1, master2):
        server.start()
    row, = master1.records('SHOW MASTER STATUS')
    terminal = Terminal(master2)
    terminal.ok('slave stop;')
    terminal.ok('reset slave;')
    terminal.ok(change_master(master1, row['File'], row['Position']))
    terminal.ok('start slave;')
    terminal.quit()
    wait_running(master2)
    master1.execute('STOP SLAVE', 'START SLAVE', 'USE wikidb', "INSERT INTO page (id, title) VALUES (50, 'after')")
    wait_running(master1)
    wait_caught_up(edges)
    assert_same_rows(master1, master2, databases=['wikidb'])


def stopped_status(slave):
    status = slave.replica_status()
    return status if int(status['Last_Errno']) and status['Slave_SQL_Running'] == 'No' else None


def test_repair(edges):
    master1, master2 = edges[0]
    master2.execute('SET sql_log_bin=0', "INSERT INTO wikidb.page (id, title) VALUES (70, 'in the way')", 'SET sql_log_bin=1')
    master1.execute('USE wikidb', "INSERT INTO page (id, title) VALUES (70, 'refused')",
                    "INSERT INTO page (id, title) VALUES (71, 'behind it')")
    status = wait_until(lambda: stopped_status(master2), 'the slave to stop', show=lambda: explain(master2))
    assert status['Last_Errno'] == 1062 and status['Slave_IO_Running'] == 'Yes'
    terminal = Terminal(master2)
    terminal.ok('stop slave;')
    terminal.ok("update wikidb.page set title='refused' where id=70;", 'Query OK, 1 row affected')
    terminal.ok('set global sql_slave_skip_counter=1;')
    terminal.ok('start slave;')
    terminal.quit()
    wait_running(master2)
    wait_caught_up(edges)
    assert_same_rows(master1, master2, databases=['wikidb'])


def test_its_misspelt_option_is_refused_by_name(make_server):
    server = make_server('a', start=False, expire_log_days=14)
    server.launch()
    assert server.wait_end() != 0
    assert "unknown variable 'expire-log-days=14'" in server.log()
