"""a->b: the files between receiver and applier, and what they tell people."""
import pymysql
import pytest

from harness.topology import PASSWORD, USER, chain, wait_caught_up, wait_running, wait_same_rows
from harness.wait import wait_until


def fill(server, first=1, count=3, size=10):
    server.execute(*(f"INSERT INTO d.t VALUES ({number}, REPEAT('x', {size}))" for number in range(first, first + count)))


@pytest.fixture
def edges(make_server):
    a, b = make_server('a'), make_server('b')
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')
    wait_same_rows(edges)
    return edges


def relay_files(server):
    return sorted(path.name for path in server.datadir.glob(f'{server.name}-relay.0*'))


def lines_of(server, name):
    return (server.datadir / name).read_text().split('\n')


def fetch_all(a, b):
    wait_until(lambda: (b.replica_status()['Master_Log_File'], int(b.replica_status()['Read_Master_Log_Pos'])) ==
               a.log_end_position(), 'all to be fetched')


def wait_applier_off(server):
    wait_until(lambda: server.replica_status()['Slave_SQL_Running'] == 'No', 'the applier to stop')


# ---------------------------------------------------------------- files

def test_names_and_places(make_server, scratch):
    a = make_server('a')
    b = make_server('b', relay_log='mine-bin', relay_log_index='mine.index', relay_log_info_file='mine-relay.info',
                    master_info_file=scratch / 'mine-master.info')
    edges = chain(a, b)
    b.execute("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1 FOR CHANNEL 'west'")
    a.execute('CREATE DATABASE d')
    wait_until(lambda: a.rows('SHOW DATABASES') == b.rows('SHOW DATABASES'), 'the database')
    names = {path.name for path in b.datadir.iterdir()}
    assert {'mine-bin.000002', 'mine.index', 'mine-relay.info', 'mine-bin-west.000002', 'mine-relay-west.info'} <= names
    assert (scratch / 'mine-master.info').exists() and (scratch / 'mine-master-west.info').exists()
    assert not {'master.info', 'relay-log.info'} & names
    status = b.record("SHOW SLAVE STATUS FOR CHANNEL ''")
    assert status['Master_Info_File'] == str(scratch / 'mine-master.info')
    assert status['Relay_Log_File'].startswith('mine-bin.')
    b.execute("RESET SLAVE ALL FOR CHANNEL 'west'")
    wait_same_rows(edges)


def test_the_info_files(edges):
    (a, b), = edges
    b.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_DELAY=0, MASTER_RETRY_COUNT=7, IGNORE_SERVER_IDS=(8, 9)')
    file, position = a.log_end_position()
    lines = lines_of(b, 'master.info')
    assert lines[:8] == ['33', file, str(position), '127.0.0.1', USER, PASSWORD, str(a.port), '1']
    assert len(lines) == 34 and lines[33] == ''
    assert lines[15:20] == ['30.000', '', '2 8 9', a.variable('server_uuid'), '7']
    lines = lines_of(b, 'relay-log.info')
    relay_file, relay_position = b.replica_status()['Relay_Log_File'], b.replica_status()['Relay_Log_Pos']
    assert lines == ['14', f'./{relay_file}', str(relay_position), file, str(position), '0',
                     b.variable('slave_parallel_workers'), '1', '', '', '', '0', '1', '1', '', '']
    b.execute('START SLAVE')
    fill(a)
    wait_same_rows(edges)


def test_flushing(edges):
    (a, b), = edges
    before = relay_files(b)[-1]
    b.execute('FLUSH RELAY LOGS')
    wait_until(lambda: before not in relay_files(b), 'the applier to leave the old file', show=lambda: relay_files(b))
    b.execute('STOP SLAVE SQL_THREAD')
    fill(a)
    fetch_all(a, b)
    b.execute("FLUSH RELAY LOGS FOR CHANNEL ''", 'FLUSH LOGS')
    fill(a, 4)
    fetch_all(a, b)
    assert len(relay_files(b)) == 3
    with pytest.raises(pymysql.err.MySQLError) as error:
        b.execute("FLUSH RELAY LOGS FOR CHANNEL 'nobody'")
    assert error.value.args[0] == 3074
    b.execute('STOP SLAVE IO_THREAD', 'FLUSH RELAY LOGS', 'START SLAVE')
    wait_same_rows(edges)
    wait_until(lambda: len(relay_files(b)) == 1, 'the applied ones to go', show=lambda: relay_files(b))


def test_flushing_under_load(edges):
    (a, b), = edges
    for number in range(60):
        fill(a, number * 10 + 1, 10, 300)
        b.execute('FLUSH RELAY LOGS')
    wait_same_rows(edges)


def test_keeping_what_was_applied(make_server):
    a, b = make_server('a'), make_server('b', relay_log_purge=0, max_relay_log_size=4096)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')
    fill(a, 1, 20, 1000)
    wait_same_rows(edges)
    files = relay_files(b)
    assert len(files) >= 4
    space = sum((b.datadir / name).stat().st_size for name in files)
    assert int(b.replica_status()['Relay_Log_Space']) == space
    assert lines_of(b, 'b-relay.index')[:-1] == [f'./{name}' for name in files]
    b.execute('SET GLOBAL relay_log_purge=1')
    fill(a, 21, 20, 1000)
    wait_same_rows(edges)
    wait_until(lambda: len(relay_files(b)) <= 2, 'old ones to go', show=lambda: relay_files(b))


def test_the_space_limit_holds_the_receiver(make_server):
    a, b = make_server('a'), make_server('b', max_relay_log_size=8192, relay_log_space_limit=32768)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')
    wait_same_rows(edges)
    b.execute('STOP SLAVE SQL_THREAD')
    fill(a, 1, 40, 3000)

    def wait_full():
        wait_until(lambda: 'free enough relay log space' in b.replica_status()['Slave_IO_State'], 'the receiver to wait',
                   show=lambda: b.replica_status()['Slave_IO_State'])
    wait_full()
    assert 32768 < int(b.replica_status()['Relay_Log_Space']) < 65536
    assert int(b.replica_status()['Read_Master_Log_Pos']) < a.log_end_position()[1]
    b.execute('STOP SLAVE IO_THREAD', 'START SLAVE IO_THREAD')  # all the rest is at hand now
    wait_full()
    assert int(b.replica_status()['Relay_Log_Space']) < 65536
    b.execute('START SLAVE SQL_THREAD')
    wait_same_rows(edges)
    wait_until(lambda: len(relay_files(b)) <= 2, 'old relay logs to go', show=lambda: relay_files(b))


def test_a_damaged_one_is_fetched_again(edges):
    (a, b), = edges
    b.execute('STOP SLAVE SQL_THREAD')
    fill(a)
    fetch_all(a, b)
    old = relay_files(b)
    b.stop()
    (b.datadir / old[-1]).write_bytes(b'damaged')
    b.start()
    wait_running(b)
    wait_same_rows(edges)
    assert not set(old) & set(relay_files(b))


# ---------------------------------------------------------------- their events

def test_events(edges):
    (a, b), = edges
    b.execute('STOP SLAVE SQL_THREAD')
    fill(a)
    fetch_all(a, b)
    events = b.rows('SHOW RELAYLOG EVENTS')
    name = relay_files(b)[-1]
    assert {row[0] for row in events} == {name} and [row[2] for row in events].count('Write_rows') == 3
    assert events[0][1:4] == (4, 'Format_desc', 2) and all(row[3] == 1 for row in events[1:])
    assert b.rows(f"SHOW RELAYLOG EVENTS IN '{name}' FROM {events[3][1]} LIMIT 2, 3") == events[5:8]
    assert b.rows(f"SHOW RELAYLOG EVENTS LIMIT 2 FOR CHANNEL ''") == events[:2]
    assert b.rows(f"SHOW RELAYLOG EVENTS IN '{name}' LIMIT 0") == []
    text = b.client('mariadb-binlog', str(b.datadir / name))
    assert 'Write_rows' in text
    b.execute('START SLAVE SQL_THREAD')
    wait_same_rows(edges)


def test_until_a_place_in_them(edges):
    (a, b), = edges
    b.execute('STOP SLAVE SQL_THREAD')
    fill(a)
    fetch_all(a, b)
    ends = [row for row in b.rows('SHOW RELAYLOG EVENTS') if row[2] == 'Gtid']
    name, place = ends[-2][:2]
    b.execute(f"START SLAVE SQL_THREAD UNTIL RELAY_LOG_FILE='{name}', RELAY_LOG_POS={place}")
    status = b.replica_status()
    assert (status['Until_Condition'], status['Until_Log_File'], status['Until_Log_Pos']) == ('Relay', name, place)
    wait_applier_off(b)
    assert b.rows('SELECT id FROM d.t') == [(1,)]
    b.execute(f"START SLAVE SQL_THREAD UNTIL RELAY_LOG_FILE='{name}', RELAY_LOG_POS={place}")
    assert b.replica_status()['Slave_SQL_Running'] == 'No'
    b.execute("START REPLICA SQL_THREAD UNTIL RELAY_LOG_FILE='b-relay.999999', RELAY_LOG_POS=4")
    fill(a, 4)
    wait_same_rows(edges)
    assert b.replica_status()['Slave_SQL_Running'] == 'Yes'


# ---------------------------------------------------------------- a part of the log as a replica

@pytest.mark.parametrize('words', ['MASTER', 'SOURCE'])
def test_until_a_place_of_the_source(edges, words):
    (a, b), = edges
    b.execute('STOP SLAVE')
    fill(a, 1, 1)
    file, position = a.log_end_position()
    fill(a, 2, 2)
    old = words == 'MASTER'
    b.execute(f"START {'SLAVE' if old else 'REPLICA'} UNTIL {words}_LOG_FILE='{file}', {words}_LOG_POS={position}")
    notes = b.rows('SHOW WARNINGS')
    assert [row[:2] for row in notes] == [('Note', 1278)]
    wait_applier_off(b)
    status = b.record(f"SHOW {'SLAVE' if old else 'REPLICA'} STATUS")
    assert (status['Until_Condition'], status['Until_Log_File'], status['Until_Log_Pos']) == (words.title(), file, position)
    assert b.rows('SELECT id FROM d.t') == [(1,)]
    b.execute('START SLAVE SQL_THREAD')
    wait_same_rows(edges)
    assert b.replica_status()['Until_Condition'] == 'None'


def test_until_gtids(edges):
    (a, b), = edges
    b.execute('STOP SLAVE')
    fill(a)
    uuid, last = a.variable('gtid_executed').split(':1-')
    last = int(last)
    b.execute(f"START SLAVE UNTIL SQL_AFTER_GTIDS='{uuid}:{last - 2}'")
    wait_applier_off(b)
    assert b.rows('SELECT id FROM d.t') == [(1,)] and b.replica_status()['Until_Condition'] == 'SQL_AFTER_GTIDS'
    b.execute(f"START SLAVE UNTIL SQL_BEFORE_GTIDS='{uuid}:{last}-{last + 5}'")
    wait_applier_off(b)
    assert b.rows('SELECT id FROM d.t') == [(1,), (2,)] and b.replica_status()['Until_Condition'] == 'SQL_BEFORE_GTIDS'
    for condition in (f"SQL_AFTER_GTIDS='{uuid}:1-3'", f"SQL_BEFORE_GTIDS='{uuid}:1'", 'SQL_AFTER_MTS_GAPS'):
        b.execute(f'START SLAVE SQL_THREAD UNTIL {condition}')
        assert b.replica_status()['Slave_SQL_Running'] == 'No', condition
        assert b.replica_status()['Until_Condition'] == condition.split('=')[0]
    b.execute('START SLAVE')
    wait_same_rows(edges)


def test_conditions_that_are_none(edges):
    (a, b), = edges
    b.execute('STOP SLAVE')
    for condition, number in (("MASTER_LOG_FILE='x'", 1277), ('MASTER_LOG_POS=4', 1277), ("RELAY_LOG_FILE='x'", 1277),
                              ("MASTER_LOG_FILE='x', MASTER_LOG_POS=4, SQL_AFTER_MTS_GAPS", 1277),
                              ("RELAY_LOG_FILE='other.000001', RELAY_LOG_POS=4", 1277),
                              ("SQL_BEFORE_GTIDS='x'", 1772), ("SQL_BEFORE_GTIDS='', SQL_AFTER_GTIDS=''", 1277)):
        with pytest.raises(pymysql.err.MySQLError) as error:
            b.execute(f'START SLAVE UNTIL {condition}')
        assert error.value.args[0] == number, condition
    with pytest.raises(pymysql.err.MySQLError) as error:
        b.execute("START SLAVE SQL_THREAD USER='u' PASSWORD='p'")
    assert error.value.args[0] == 1763
    b.execute("START SLAVE IO_THREAD UNTIL MASTER_LOG_FILE='x', MASTER_LOG_POS=4")
    assert [row[:2] for row in b.rows('SHOW WARNINGS')] == [('Note', 1279)]
    b.execute('START SLAVE')
    fill(a)
    wait_same_rows(edges)
