"""mariadb->ours: Gemel follows MariaDB 10.11 by MariaDB's own GTIDs, and speaks of them in MariaDB's words."""
import pymysql
import pytest

from harness.load import Load
from harness.rows import assert_same_rows
from harness.topology import PASSWORD, USER, add_replication_user, wait_running
from harness.wait import wait_until


def settings_of(source, use_gtid='slave_pos'):
    return (f"MASTER_HOST='127.0.0.1', MASTER_PORT={source.port}, MASTER_USER='{USER}', "
            f"MASTER_PASSWORD='{PASSWORD}', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID={use_gtid}")


def position(server):
    return server.value('SELECT @@GLOBAL.gtid_slave_pos')


def wait_applied(source, replica, databases=None):
    """How each test here ends: the replica is at the source's last GTID of each domain, with the same rows."""
    wanted = source.value('SELECT @@GLOBAL.gtid_binlog_pos')
    assert replica.value(f"SELECT MASTER_GTID_WAIT('{wanted}', 60)") == 0, replica.replica_status()
    assert_same_rows(source, replica, databases=databases)


def refused(server, statement):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    return error.value.args


def purge_all_but_last(mariadb):
    """It keeps a file until its engines have on disk what that tells of, and a thread of its own hears of that later."""
    last, _ = mariadb.log_end_position()

    def is_purged():
        mariadb.execute(f"PURGE BINARY LOGS TO '{last}'")
        return [row[0] for row in mariadb.rows('SHOW BINARY LOGS')] == [last]

    wait_until(is_purged, f'all logs before {last} to be purged', show=lambda: mariadb.rows('SHOW BINARY LOGS'))


@pytest.fixture
def two(make_server):
    theirs, ours = make_server('theirs', kind='mariadb'), make_server('ours')
    add_replication_user(theirs)
    theirs.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO d.t VALUES (1, 1)')
    return theirs, ours


def test_from_the_beginning(two):
    theirs, ours = two
    ours.execute(f'CHANGE MASTER TO {settings_of(theirs)}', 'START SLAVE')
    wait_applied(theirs, ours)
    assert position(ours) == theirs.value('SELECT @@GLOBAL.gtid_binlog_pos') == '0-1-3'
    status = ours.record('SHOW ALL SLAVES STATUS')
    assert (status['Connection_name'], status['Using_Gtid'], status['Gtid_IO_Pos'], status['Gtid_Slave_Pos']) == (
        '', 'Slave_Pos', '0-1-3', '0-1-3')
    assert status['Slave_SQL_Running'] == 'Yes' and status['Auto_Position'] == 0
    assert ours.value('SELECT @@GLOBAL.gtid_current_pos') == '0-1-3'


def test_rotations_and_restarts(two):
    theirs, ours = two
    ours.execute(f'CHANGE MASTER TO {settings_of(theirs)}', 'START SLAVE')
    wait_running(ours)
    for number, again in enumerate((lambda: theirs.execute('FLUSH LOGS'), ours.restart, lambda: (ours.kill(), ours.start()),
                                    theirs.restart, lambda: ours.execute('STOP SLAVE', 'START SLAVE'),
                                    lambda: ours.execute('STOP SLAVE', 'RESET SLAVE', 'START SLAVE'))):
        again()
        theirs.execute(f'INSERT INTO d.t VALUES ({10 + number}, 0)', 'BEGIN', 'UPDATE d.t SET v = v + 1',
                       f'DELETE FROM d.t WHERE id = {9 + number}', 'COMMIT')
        wait_running(ours)
        wait_applied(theirs, ours)


def test_several_domains(two):
    theirs, ours = two
    ours.execute(f'CHANGE MASTER TO {settings_of(theirs)}', 'START SLAVE')
    for number in range(10):
        theirs.execute(f'SET gtid_domain_id={number % 3}', f'INSERT INTO d.t VALUES ({100 + number}, 0)')
    theirs.execute('SET gtid_domain_id=0')
    wait_applied(theirs, ours)
    assert position(ours) == '0-1-7,1-1-3,2-1-3'
    ours.kill()
    ours.start()
    assert position(ours) == '0-1-7,1-1-3,2-1-3'
    theirs.execute('SET gtid_domain_id=5', 'INSERT INTO d.t VALUES (200, 0)', 'SET gtid_domain_id=0')
    wait_running(ours)
    wait_applied(theirs, ours)
    ours.execute('STOP SLAVE', 'RESET SLAVE ALL')
    assert position(ours) == '0-1-7,1-1-3,2-1-3,5-1-1'


def test_killed_under_load(two):
    theirs, ours = two
    ours.execute(f'CHANGE MASTER TO {settings_of(theirs)}', 'START SLAVE')
    load = Load([theirs], connections=3, seconds=4)
    load.prepare(theirs)
    load.start()
    for _ in range(3):
        ours.kill()
        ours.start()
        wait_running(ours)
    load.finish()
    wait_applied(theirs, ours)
    load.check(ours)


def test_from_a_copy(two):
    """As from a backup: the rows from a dump, the position from its GTID."""
    theirs, ours = two
    dump = theirs.client('mariadb-dump', '--databases', 'd', '--master-data=2', '--gtid', '--single-transaction')
    theirs.execute('INSERT INTO d.t VALUES (2, 2)')
    there, = [line for line in dump.splitlines() if 'SET GLOBAL gtid_slave_pos=' in line and line.startswith('--')] or ['']
    assert "'0-1-3'" in dump, there
    ours.client('mariadb', text=dump)
    ours.execute("SET GLOBAL gtid_slave_pos='0-1-3'", f'CHANGE MASTER TO {settings_of(theirs)}', 'START SLAVE')
    wait_applied(theirs, ours)
    assert position(ours) == '0-1-4'
    assert refused(ours, "SET GLOBAL gtid_slave_pos='0-1-1'")[0] == 1198
    assert refused(ours, "SET GLOBAL gtid_slave_pos='nonsense'")[0] == 1941


def test_between_the_ways(two):
    """File and position, then GTIDs, then back: no row is missed or repeated."""
    theirs, ours = two
    ours.execute(f"CHANGE MASTER TO {settings_of(theirs, 'no')}, MASTER_LOG_FILE='theirs-bin.000001', MASTER_LOG_POS=4",
                 'START SLAVE')
    wait_applied(theirs, ours)
    assert ours.record('SHOW ALL SLAVES STATUS')['Using_Gtid'] == 'No'
    theirs.execute('INSERT INTO d.t VALUES (2, 2)')
    ours.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_USE_GTID=current_pos', 'START SLAVE')
    theirs.execute('INSERT INTO d.t VALUES (3, 3)')
    wait_applied(theirs, ours)
    assert ours.record('SHOW ALL SLAVES STATUS')['Using_Gtid'] == 'Current_Pos'
    file, offset = theirs.log_end_position()
    theirs.execute('FLUSH LOGS', 'INSERT INTO d.t VALUES (4, 4)')
    wait_applied(theirs, ours)
    ours.execute('STOP SLAVE')
    theirs.execute('INSERT INTO d.t VALUES (5, 5)')
    status = ours.replica_status()
    ours.execute(f"CHANGE MASTER TO MASTER_LOG_FILE='{status['Relay_Master_Log_File']}', "
                 f"MASTER_LOG_POS={status['Exec_Master_Log_Pos']}", 'START SLAVE')
    assert ours.record('SHOW ALL SLAVES STATUS')['Using_Gtid'] == 'No'
    wait_applied(theirs, ours)


def test_a_replica_changes_its_source(make_server):
    """mariadb a->mariadb b, a->ours; then a is gone and ours follows b, in whose log the places are others."""
    a, b = make_server('a', kind='mariadb'), make_server('b', kind='mariadb', gtid_domain_id=1)
    ours = make_server('ours')
    for server in (a, b):
        add_replication_user(server)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)')
    b.execute(f'CHANGE MASTER TO {settings_of(a)}', 'START SLAVE')
    ours.execute(f'CHANGE MASTER TO {settings_of(a)}', 'START SLAVE')
    a.execute('INSERT INTO d.t VALUES (1, 1)')
    wait_applied(a, ours)
    ours.execute('STOP SLAVE')
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    wanted = a.value('SELECT @@GLOBAL.gtid_binlog_pos')
    assert b.value(f"SELECT MASTER_GTID_WAIT('{wanted}', 60)") == 0
    a.kill()
    b.execute('STOP SLAVE', 'INSERT INTO d.t VALUES (3, 3)')
    ours.execute(f'CHANGE MASTER TO MASTER_PORT={b.port}', 'START SLAVE')
    wait_applied(b, ours)
    assert position(ours) == '0-1-4,1-2-1'


def test_what_is_purged(two):
    theirs, ours = two
    theirs.execute('FLUSH LOGS', 'INSERT INTO d.t VALUES (2, 2)', 'FLUSH LOGS')
    purge_all_but_last(theirs)
    ours.execute(f'CHANGE MASTER TO {settings_of(theirs)}', 'START SLAVE')
    wait_until(lambda: int(ours.replica_status()['Last_IO_Errno']) == 1236, '1236', show=ours.replica_status)
    assert 'Could not find GTID state requested by slave in any binlog files' in ours.replica_status()['Last_IO_Error']
    dump = theirs.client('mariadb-dump', '--databases', 'd')
    ours.execute('STOP SLAVE', f"SET GLOBAL gtid_slave_pos='{theirs.value('SELECT @@GLOBAL.gtid_binlog_pos')}'")
    ours.client('mariadb', text=dump)
    ours.execute('START SLAVE')
    theirs.execute('INSERT INTO d.t VALUES (3, 3)')
    wait_applied(theirs, ours)


def test_named_connections(make_server):
    """Two MariaDB sources, a domain each, in MariaDB's words."""
    west, east = make_server('west', kind='mariadb', gtid_domain_id=1), make_server('east', kind='mariadb', gtid_domain_id=2)
    ours = make_server('ours')
    for source in (west, east):
        add_replication_user(source)
        source.execute(f'CREATE DATABASE d{source.name}', f'CREATE TABLE d{source.name}.t (id INT PRIMARY KEY)')
        ours.execute(f"CHANGE MASTER '{source.name}' TO {settings_of(source)}")
    ours.execute('START ALL SLAVES')
    for source in (west, east):
        source.execute(f'INSERT INTO d{source.name}.t VALUES (1)')
        wait_applied(source, ours, databases=[f'd{source.name}'])
    assert [row['Connection_name'] for row in ours.records('SHOW ALL SLAVES STATUS')] == ['west', 'east']
    assert position(ours) == '1-1-3,2-2-3'
    ours.execute("STOP SLAVE 'west'")
    assert ours.record("SHOW SLAVE 'west' STATUS")['Slave_IO_Running'] == 'No'
    assert ours.record("SHOW SLAVE 'east' STATUS")['Slave_IO_Running'] == 'Yes'
    ours.execute("SET @@default_master_connection='west'")
    assert ours.record('SHOW SLAVE STATUS')['Channel_Name'] == 'west'
    west.execute('INSERT INTO dwest.t VALUES (2)')
    ours.execute('START SLAVE', "SET @@default_master_connection=''")
    wait_applied(west, ours, databases=['dwest'])
    ours.kill()
    ours.start()
    for source in (west, east):
        source.execute(f'INSERT INTO d{source.name}.t VALUES (9)')
        wait_applied(source, ours, databases=[f'd{source.name}'])
    ours.execute('STOP ALL SLAVES', "RESET SLAVE 'west' ALL")
    assert [row['Connection_name'] for row in ours.records('SHOW ALL SLAVES STATUS')] == ['east']
    assert position(ours) == '1-1-5,2-2-4'


def test_what_has_no_meaning_here(two):
    _, ours = two
    assert (ours.value('SELECT @@GLOBAL.gtid_binlog_pos'), ours.value('SELECT @@GLOBAL.gtid_domain_id')) == ('', 0)
    file, offset = ours.log_end_position()
    assert ours.value(f"SELECT BINLOG_GTID_POS('{file}', {offset})") == ''
    assert ours.value("SELECT BINLOG_GTID_POS('nofile.000001', 4)") is None
    assert refused(ours, 'SET gtid_domain_id=1')[0] == 1235
    assert refused(ours, 'SET gtid_seq_no=100')[0] == 1235
    ours.execute('SET gtid_domain_id=0')
    other = "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_USE_GTID=sideways"
    assert refused(ours, other)[0] == 1210
