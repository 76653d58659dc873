"""a->c, b->c: one replica of several sources, a channel each."""
import pymysql
import pytest

from harness.load import Load
from harness.topology import (PASSWORD, USER, add_replication_user, chain, executed_gtids, follow, follow_by_gtid, status_of,
                              wait_running, wait_same_gtids, wait_same_rows)
from harness.rows import assert_same_rows
from harness.wait import wait_until


def refused(server, statement):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    return error.value.args


def settings_of(source):
    return (f"MASTER_HOST='127.0.0.1', MASTER_PORT={source.port}, MASTER_USER='{USER}', "
            f"MASTER_PASSWORD='{PASSWORD}', MASTER_CONNECT_RETRY=1")


@pytest.fixture
def three(make_server):
    """Two sources with a database each, and a replica that follows neither yet."""
    a, b, c = (make_server(name) for name in 'abc')
    for source in (a, b):
        add_replication_user(source)
        source.execute(f'CREATE DATABASE d{source.name}', f'CREATE TABLE d{source.name}.t (id INT PRIMARY KEY)')
    return a, b, c


def follow_both(three, follow_one=follow_by_gtid):
    a, b, c = three
    for source in (a, b):
        follow_one(c, source, channel=source.name)


def wait_both(three):
    """c has what its sources have, each in its database."""
    a, b, c = three
    for source in (a, b):
        c.value(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{executed_gtids(source)}', 60)")
        assert_same_rows(source, c, databases=[f'd{source.name}'])


def test_each_by_itself(three):
    a, b, c = three
    follow_both(three)
    a.execute('INSERT INTO da.t VALUES (1)')
    b.execute('INSERT INTO db.t VALUES (2)')
    wait_both(three)
    assert [status['Channel_Name'] for status in c.records('SHOW SLAVE STATUS')] == ['a', 'b']
    c.execute("STOP SLAVE FOR CHANNEL 'a'")
    status = c.record("SHOW SLAVE STATUS FOR CHANNEL 'a'")
    assert (status['Slave_IO_Running'], status['Slave_SQL_Running']) == ('No', 'No')
    assert status_of(c, b)['Slave_IO_Running'] == 'Yes'
    a.execute('INSERT INTO da.t VALUES (3)')
    b.execute('INSERT INTO db.t VALUES (4)')
    assert c.value(f"SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS('{executed_gtids(b)}', 60, 'b')") >= 0
    assert c.rows('SELECT id FROM da.t') == [(1,)] and c.rows('SELECT id FROM db.t') == [(2,), (4,)]
    c.execute("START SLAVE FOR CHANNEL 'A'")
    wait_both(three)


def test_files_of_its_own(three):
    a, b, c = three
    follow_both(three, lambda replica, source, channel: follow(
        replica, source, position=(f'{source.name}-bin.000001', 4), channel=channel))
    wait_same_rows([(a, c)], databases=['da'])
    wait_same_rows([(b, c)], databases=['db'])
    names = {path.name for path in c.datadir.iterdir()}
    assert {'c-relay-a.index', 'c-relay-b.index', 'master-a.info', 'relay-log-b.info'} <= names
    assert status_of(c, a)['Relay_Log_File'].startswith('c-relay-a.0')
    c.execute("STOP SLAVE FOR CHANNEL 'a'", "RESET SLAVE ALL FOR CHANNEL 'a'")
    names = {path.name for path in c.datadir.iterdir()}
    assert not [name for name in names if name.startswith('c-relay-a.') or name == 'master-a.info']
    assert [status['Channel_Name'] for status in c.records('SHOW SLAVE STATUS')] == ['b']
    b.execute('INSERT INTO db.t VALUES (1)')
    wait_same_rows([(b, c)], databases=['db'])


def test_a_name_is_no_path(three):
    a, _, c = three
    follow_by_gtid(c, a, channel='../x y')
    c.value(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{executed_gtids(a)}', 60)")
    assert (c.datadir / 'c-relay-@002e@002e@002fx@0020y.index').exists()
    assert_same_rows(a, c, databases=['da'])
    c.restart()
    a.execute('INSERT INTO da.t VALUES (1)')
    wait_running(c)
    c.value(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{executed_gtids(a)}', 60)")
    assert_same_rows(a, c, databases=['da'])
    c.execute('STOP SLAVE', "RESET SLAVE ALL FOR CHANNEL '../x y'")


@pytest.mark.parametrize('again', ['restart', 'kill'])
def test_a_restart(three, again):
    a, b, c = three
    follow_both(three)
    wait_both(three)
    a.execute('INSERT INTO da.t VALUES (1)')
    if again == 'restart':
        c.restart()
    else:
        c.kill()
        c.start()
    b.execute('INSERT INTO db.t VALUES (2)')
    for source in (a, b):
        wait_running(c, source)
    wait_both(three)


def test_killed_under_load(three):
    a, b, c = three
    follow_both(three)
    loads = [Load([source], connections=2, seconds=5, database=f'load_{source.name}') for source in (a, b)]
    for load, source in zip(loads, (a, b)):
        load.prepare(source)
        load.start()
    for _ in range(2):
        c.kill()
        c.start()
        for source in (a, b):
            wait_running(c, source)
    for load, source in zip(loads, (a, b)):
        load.finish()
        c.value(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{executed_gtids(source)}', 60)")
        assert_same_rows(source, c, databases=[f'load_{source.name}'])


def test_who_means_one_has_to_name_it(three):
    a, b, c = three
    follow_both(three)
    several = (3079, 'Multiple channels exist on the slave. Please provide channel name as an argument.')
    assert refused(c, "CHANGE MASTER TO MASTER_HOST='x'") == several
    assert refused(c, 'SHOW RELAYLOG EVENTS') == several
    assert refused(c, "SELECT MASTER_POS_WAIT('x.000001', 4, 1)") == several
    assert refused(c, f"SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS('{executed_gtids(a)}', 1)") == several
    c.execute('STOP SLAVE')
    assert refused(c, "START SLAVE UNTIL MASTER_LOG_FILE='a-bin.000001', MASTER_LOG_POS=4") == several
    c.execute('SET GLOBAL gtid_mode=ON_PERMISSIVE', 'SET GLOBAL sql_slave_skip_counter=1')
    assert refused(c, 'START SLAVE')[0] == 3086
    c.execute('SET GLOBAL sql_slave_skip_counter=0', 'SET GLOBAL gtid_mode=ON')
    for statement in ('START SLAVE FOR CHANNEL', 'STOP SLAVE FOR CHANNEL', 'RESET SLAVE FOR CHANNEL',
                      'SHOW SLAVE STATUS FOR CHANNEL', 'SHOW RELAYLOG EVENTS FOR CHANNEL'):
        assert refused(c, f"{statement} 'nobody'") == (3074, "Slave channel 'nobody' does not exist."), statement
    assert refused(c, f"CHANGE MASTER TO {settings_of(a)} FOR CHANNEL '{'x' * 65}'")[0] == 3076
    assert refused(c, f"CHANGE MASTER TO {settings_of(a)} FOR CHANNEL 'group_replication_applier'")[0] == 3076
    c.execute('START SLAVE')
    wait_both(three)


def test_the_same_transactions_from_two(make_server):
    """a->b, a->c, b->c: c hears each transaction of a twice, and executes it once."""
    a, b, c = (make_server(name) for name in 'abc')
    for source in (a, b):
        add_replication_user(source)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)')
    follow_by_gtid(b, a)
    follow_by_gtid(c, a, channel='direct')
    follow_by_gtid(c, b, channel='around')
    for number in range(50):
        a.execute(f'INSERT INTO d.t (v) VALUES ({number})')
    wait_same_gtids(a, b, c)
    c.execute("STOP SLAVE FOR CHANNEL 'direct'")
    a.execute('UPDATE d.t SET v = v + 1')
    wait_same_gtids(a, b, c)
    c.execute("START SLAVE FOR CHANNEL 'direct'")
    a.execute('DELETE FROM d.t WHERE id < 10')
    wait_same_gtids(a, b, c)


# ------------------------------------------------------------------------------------------ as monitors see channels

def test_what_mysqls_own_tables_tell(three):
    a, b, c = three
    follow_both(three)
    for source in (a, b):
        source.execute(f'INSERT INTO d{source.name}.t VALUES (1)')
    wait_both(three)
    c.execute("STOP SLAVE FOR CHANNEL 'b'",
              "CHANGE MASTER TO MASTER_DELAY=3, IGNORE_SERVER_IDS=(8, 9), MASTER_HEARTBEAT_PERIOD=2.5 FOR CHANNEL 'b'")
    assert c.rows('SELECT Number_of_lines, Host, Port, User_name, User_password, Connect_retry, Enabled_auto_position, '
                  "Uuid, Ignored_server_ids, Heartbeat FROM mysql.slave_master_info WHERE Channel_name = 'b'") == [
        (33, '127.0.0.1', b.port, USER, PASSWORD, 1, 1, b.variable('server_uuid'), '2 8 9', 2.5)]
    assert [row[0] for row in c.rows('SELECT Channel_name FROM mysql.slave_master_info ORDER BY 1')] == ['a', 'b']
    status = status_of(c, a)
    assert c.rows('SELECT Number_of_lines, Relay_log_name, Relay_log_pos, Master_log_name, Master_log_pos, Sql_delay '
                  "FROM mysql.slave_relay_log_info WHERE Channel_name = 'a'") == [
        (14, './' + status['Relay_Log_File'], int(status['Relay_Log_Pos']), status['Relay_Master_Log_File'],
         int(status['Exec_Master_Log_Pos']), 0)]
    assert c.rows("SELECT Sql_delay FROM mysql.slave_relay_log_info WHERE Channel_name = 'b'") == [(3,)]
    c.execute("CREATE USER 'u'@'%'")
    client = c.connect(user='u')
    with pytest.raises(pymysql.err.MySQLError) as denied:
        client.query('SELECT User_password FROM mysql.slave_master_info')
    assert denied.value.args[0] == 1142
    client.close()
    wait_both(three)


def test_what_performance_schema_tells(three):
    a, b, c = three
    follow_both(three)
    a.execute('INSERT INTO da.t VALUES (1)')
    wait_both(three)
    c.execute("STOP SLAVE FOR CHANNEL 'b'")
    of = {row['CHANNEL_NAME']: row for row in c.records('''
        SELECT * FROM performance_schema.replication_connection_configuration
        JOIN performance_schema.replication_connection_status USING (CHANNEL_NAME)
        JOIN performance_schema.replication_applier_configuration USING (CHANNEL_NAME)''')}
    assert set(of) == {'a', 'b'}
    row = of['a']
    assert (row['HOST'], row['PORT'], row['USER'], row['AUTO_POSITION'], row['SSL_ALLOWED'], row['DESIRED_DELAY'],
            row['HEARTBEAT_INTERVAL'], row['ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS_TYPE'], row['TLS_CIPHERSUITES']) == (
        '127.0.0.1', a.port, USER, '1', 'NO', 0, 30.0, 'OFF', None)
    assert (row['SERVICE_STATE'], row['SOURCE_UUID'], row['RECEIVED_TRANSACTION_SET'], row['LAST_ERROR_NUMBER']) == (
        'ON', a.variable('server_uuid'), executed_gtids(a), 0)
    assert row['THREAD_ID'] in [process[0] for process in c.rows('SHOW PROCESSLIST')]
    assert row['LAST_QUEUED_TRANSACTION'] == f"{a.variable('server_uuid')}:3" and row['QUEUEING_TRANSACTION'] == ''
    assert c.value('''SELECT
                          LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP <= LAST_QUEUED_TRANSACTION_START_QUEUE_TIMESTAMP
                      AND LAST_QUEUED_TRANSACTION_START_QUEUE_TIMESTAMP <= LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP
                      AND LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP <= NOW(6)
                      AND LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP > NOW(6) - INTERVAL 1 MINUTE
                      FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = 'a' ''') == 1
    assert (of['b']['SERVICE_STATE'], of['b']['THREAD_ID']) == ('OFF', None)
    assert c.rows('SELECT CHANNEL_NAME, SERVICE_STATE FROM performance_schema.replication_applier_status') == [
        ('a', 'ON'), ('b', 'OFF')]
    c.execute("START SLAVE FOR CHANNEL 'b'")
    wait_both(three)


@pytest.mark.parametrize('workers', [0, 3])
def test_what_performance_schema_tells_of_appliers(make_server, workers):
    a, b = make_server('a'), make_server('b', slave_parallel_workers=workers)
    add_replication_user(a)
    follow_by_gtid(b, a)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    b.execute('STOP SLAVE SQL_THREAD')
    a.execute(*(f'INSERT INTO d.t VALUES ({number})' for number in range(200)))
    b.execute('START SLAVE SQL_THREAD')
    wait_same_gtids(a, b)
    wait_same_rows([(a, b)])
    processes = {process[0]: process[6] for process in b.rows('SHOW PROCESSLIST')}
    last = f"{a.variable('server_uuid')}:202"
    of_workers = b.records('SELECT * FROM performance_schema.replication_applier_status_by_worker')
    coordinators = b.records('SELECT * FROM performance_schema.replication_applier_status_by_coordinator')
    assert [row['WORKER_ID'] for row in of_workers] == (list(range(1, workers + 1)) or [0])
    assert len(coordinators) == (1 if workers else 0)
    for row in of_workers + coordinators:
        assert (row['CHANNEL_NAME'], row['SERVICE_STATE'], row['LAST_ERROR_NUMBER'], row['LAST_ERROR_MESSAGE']) == (
            '', 'ON', 0, '')
        assert row['THREAD_ID'] in processes
    assert last in [row['LAST_APPLIED_TRANSACTION'] for row in of_workers]
    assert [row['LAST_PROCESSED_TRANSACTION'] for row in coordinators] == [last] * len(coordinators)
    assert {row['APPLYING_TRANSACTION'] for row in of_workers} == {''}
    original, begun, ended, now = b.rows(f'''
        SELECT LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, LAST_APPLIED_TRANSACTION_START_APPLY_TIMESTAMP,
        LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP, NOW(6) FROM performance_schema.replication_applier_status_by_worker
        WHERE LAST_APPLIED_TRANSACTION = '{last}' ''')[0]
    assert original <= begun <= ended <= now

    a.execute('SET sql_log_bin=0', 'INSERT INTO d.t VALUES (1000)', 'SET sql_log_bin=1', 'DELETE FROM d.t WHERE id=1000')
    wait_until(lambda: b.replica_status()['Slave_SQL_Running'] == 'No', 'the applier to stop')
    table = 'coordinator' if workers else 'worker'
    assert b.rows('SELECT SERVICE_STATE, THREAD_ID, LAST_ERROR_NUMBER '
                  f'FROM performance_schema.replication_applier_status_by_{table}') == [('OFF', None, 1032)]
    b.execute('SET sql_log_bin=0', 'INSERT INTO d.t VALUES (1000)', 'START SLAVE')
    wait_same_rows([(a, b)])


def test_retries_of_an_applier(make_server):
    a, b = make_server('a'), make_server('b', slave_parallel_workers=0, innodb_lock_wait_timeout=1)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO d.t VALUES (1, 1)')
    wait_same_rows(edges)
    client = b.connect()
    client.begin()
    client.cursor().execute('SELECT * FROM d.t FOR UPDATE')
    a.execute('UPDATE d.t SET v=2')

    def retries(of):
        columns = ', '.join(f'{of}_TRANSACTION_{name}' for name in ('RETRIES_COUNT', 'LAST_TRANSIENT_ERROR_NUMBER'))
        (row,) = b.rows(f'SELECT {columns} FROM performance_schema.replication_applier_status_by_worker')
        return row
    wait_until(lambda: retries('APPLYING')[0] > 0, 'a retry')
    assert retries('APPLYING')[1] == 1205 and retries('LAST_APPLIED') == (0, 0)
    client.rollback()
    wait_same_rows(edges)
    assert retries('APPLYING') == (0, 0) and retries('LAST_APPLIED')[1] == 1205
