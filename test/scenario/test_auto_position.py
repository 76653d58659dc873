"""a->b by MASTER_AUTO_POSITION: a replica gets what it lacks, from whoever has it, or hears why not."""
import pymysql
import pytest

from harness.load import Load
from harness.topology import (add_replication_user, executed_gtids, explain, follow, follow_by_gtid, status_of, wait_running,
                              wait_same_gtids, wait_same_rows)
from harness.wait import wait_until

THEIRS = '11111111-2222-3333-4444-555555555555'


def refused(server, statement):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    return error.value.args


def wait_io_error(replica, number):
    return wait_until(lambda: int(replica.replica_status()['Last_IO_Errno']) == number and replica.replica_status(),
                      f'error {number} of the receiver', show=replica.replica_status)['Last_IO_Error']


@pytest.fixture
def two(make_server):
    """a with rows, b with none and no source yet."""
    a, b = make_server('a'), make_server('b')
    for server in (a, b):
        add_replication_user(server)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO d.t VALUES (1, 1)')
    return a, b


def test_what_it_tells(two):
    a, b = two
    follow_by_gtid(b, a)
    a.execute('FLUSH LOGS', 'INSERT INTO d.t VALUES (2, 2)')
    wait_same_gtids(a, b)
    status = b.replica_status()
    uuid = a.variable('server_uuid')
    assert (status['Auto_Position'], status['Retrieved_Gtid_Set'], status['Executed_Gtid_Set']) == (
        1, f'{uuid}:1-4', f'{uuid}:1-4')
    assert b.value(f"SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS('{uuid}:1-4')") == 0
    assert b.value(f"SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS('{uuid}:5', 0.1)") == -1
    b.execute('STOP SLAVE SQL_THREAD')
    assert b.value(f"SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS('{uuid}:5', 10)") is None


def test_restarts(two):
    a, b = two
    follow_by_gtid(b, a)
    for number, again in enumerate((b.restart, lambda: (b.kill(), b.start()), a.restart, lambda: (a.kill(), a.start()))):
        again()
        a.execute(f'INSERT INTO d.t VALUES ({10 + number}, 0)')
        wait_running(b)
        wait_same_gtids(a, b)
    assert b.replica_status()['Auto_Position'] == 1


def test_nothing_more_to_send(two):
    """The source leaves out all that is behind the place where it began to look: the position is its end all the same."""
    a, b = two
    follow_by_gtid(b, a)
    wait_same_gtids(a, b)
    b.execute('STOP SLAVE', 'START SLAVE')
    told = '{};pos={}'.format(*a.log_end_position())
    wait_until(lambda: told in [row[5] for row in b.rows('SHOW RELAYLOG EVENTS') if row[2] == 'Rotate'],
               'the end to be told', show=lambda: explain(b))
    wait_same_rows([(a, b)])
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    wait_same_rows([(a, b)])


def test_a_replica_that_is_killed_under_load(two):
    a, b = two
    follow_by_gtid(b, a)
    load = Load([a], connections=4, seconds=6)
    load.prepare(a)
    load.start()
    for _ in range(3):
        b.kill()
        b.start()
        wait_running(b)
    load.finish()
    wait_same_gtids(a, b)
    load.check(b)


# -------------------------------------------------------------------------------------------------- who may not follow

def test_purged(two):
    a, b = two
    a.execute('FLUSH LOGS')
    a.execute(f"PURGE BINARY LOGS TO '{a.log_end_position()[0]}'")
    follow_by_gtid(b, a, start=False)
    b.execute('START SLAVE')
    text = wait_io_error(b, 1236)
    assert text == (
        "Got fatal error 1236 from master when reading data from binary log: 'Cannot replicate because the master purged "
        'required binary logs. Replicate the missing transactions from elsewhere, or provision a new slave from backup. '
        "Consider increasing the master's binary log expiration period. The GTID set sent by the slave is '', and the "
        f"missing transactions are '{a.variable('server_uuid')}:1-3'.'")
    # What the error says to do: the rows from elsewhere, and the GTIDs they stand for.
    b.execute('STOP SLAVE', f"SET GLOBAL gtid_purged='{executed_gtids(a)}'", 'SET sql_log_bin=0', 'CREATE DATABASE d',
              'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO d.t VALUES (1, 1)', 'SET sql_log_bin=1',
              'START SLAVE')
    wait_running(b)
    a.execute('INSERT INTO d.t VALUES (2, 2)')
    wait_same_gtids(a, b)


def test_what_was_never_in_the_log_is_missing_too(two):
    a, b = two
    a.execute(f"SET GLOBAL gtid_purged='+{THEIRS}:1-100'")
    follow_by_gtid(b, a, start=False)
    b.execute('START SLAVE')
    assert f"the missing transactions are '{THEIRS}:1-100'" in wait_io_error(b, 1236)
    b.execute('STOP SLAVE', f"SET GLOBAL gtid_purged='{THEIRS}:1-100'", 'START SLAVE')
    wait_running(b)
    wait_same_gtids(a, b)


def test_a_diverged_replica(two):
    a, b = two
    follow_by_gtid(b, a)
    wait_same_gtids(a, b)
    b.execute('STOP SLAVE')
    uuid = a.variable('server_uuid')
    b.execute(f"SET gtid_next='{uuid}:4'", 'INSERT INTO d.t VALUES (100, 0)', 'SET gtid_next=AUTOMATIC', 'START SLAVE')
    text = wait_io_error(b, 1236)
    assert "Slave has more GTIDs than the master has, using the master's SERVER_UUID." in text
    # The way out: the source gets a transaction by that name.
    a.execute(f"SET gtid_next='{uuid}:4'", 'INSERT INTO d.t VALUES (100, 0)', 'SET gtid_next=AUTOMATIC')
    b.execute('STOP SLAVE', 'START SLAVE')
    wait_running(b)
    a.execute('INSERT INTO d.t VALUES (5, 5)')
    wait_same_gtids(a, b)


def test_an_errant_transaction(two):
    """One of the replica's own harms nobody until it has to serve others; then it goes along."""
    a, b = two
    follow_by_gtid(b, a)
    wait_same_gtids(a, b)
    b.execute('INSERT INTO d.t VALUES (100, 0)')
    errant = b.value(f"SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '{executed_gtids(a)}')")
    assert errant == f"{b.variable('server_uuid')}:1"
    a.execute(f"SET gtid_next='{errant}'", 'BEGIN', 'COMMIT', 'SET gtid_next=AUTOMATIC', 'INSERT INTO d.t VALUES (100, 0)')
    wait_until(lambda: int(b.replica_status()['Last_SQL_Errno']) == 1062, 'the duplicate')
    b.execute('SET sql_log_bin=0', 'DELETE FROM d.t WHERE id=100', 'SET sql_log_bin=1', 'START SLAVE')
    wait_running(b)
    wait_same_gtids(a, b)


def test_modes_that_do_not_fit(make_server):
    a = make_server('a', gtid_mode='OFF_PERMISSIVE')
    b = make_server('b', gtid_mode='OFF')
    add_replication_user(a)
    assert refused(b, "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_AUTO_POSITION=1")[0] == 1777
    b.execute('SET GLOBAL gtid_mode=OFF_PERMISSIVE')
    follow_by_gtid(b, a, start=False)
    b.execute('START SLAVE')
    assert wait_io_error(b, 1593) == (
        'Fatal error: The replication receiver thread cannot start in AUTO_POSITION mode: the master has GTID_MODE = '
        'OFF_PERMISSIVE instead of ON.')
    assert refused(b, 'SET GLOBAL gtid_mode=OFF') == (
        3111, "SET @@GLOBAL.GTID_MODE = OFF is not allowed because replication channel '' is configured in AUTO_POSITION "
        "mode. Execute CHANGE MASTER TO MASTER_AUTO_POSITION = 0 FOR CHANNEL '' before you set @@GLOBAL.GTID_MODE = OFF.")
    b.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_AUTO_POSITION=0', 'SET GLOBAL gtid_mode=OFF')
    a.execute('SET GLOBAL gtid_mode=ON_PERMISSIVE', 'SET GLOBAL gtid_mode=ON')
    b.execute('START SLAVE')
    assert 'this server has GTID_MODE = OFF' in wait_io_error(b, 1593)
    b.execute('STOP SLAVE', 'SET GLOBAL gtid_mode=OFF_PERMISSIVE', 'START SLAVE')
    wait_running(b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'INSERT INTO d.t VALUES (1)')
    wait_same_gtids(a, b)


# ----------------------------------------------------------------------------------- transactions without GTIDs

def test_gtids_are_assigned_to_a_source_without(make_server):
    a = make_server('a', gtid_mode='OFF')
    b = make_server('b')
    add_replication_user(a)
    assert refused(b, "CHANGE MASTER TO MASTER_HOST='x', MASTER_AUTO_POSITION=1, "
                      'ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS=LOCAL')[0] == 4014
    assert refused(b, "CHANGE MASTER TO ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS='what'")[0] == 1210
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    follow(b, a, position=('a-bin.000001', 4), ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS=f"'{THEIRS}'")
    wait_same_rows([(a, b)])
    assert executed_gtids(b) == f'{THEIRS}:1-2'
    assert refused(b, 'SET GLOBAL gtid_mode=ON_PERMISSIVE')[0] == 3111
    b.kill()
    b.start()
    a.execute('INSERT INTO d.t VALUES (1)')
    wait_running(b)
    wait_same_rows([(a, b)])
    assert executed_gtids(b) == f'{THEIRS}:1-3'
    b.execute('STOP SLAVE', 'CHANGE MASTER TO ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS=LOCAL', 'START SLAVE')
    a.execute('INSERT INTO d.t VALUES (2)')
    wait_same_rows([(a, b)])
    assert executed_gtids(b) == ','.join(sorted([f'{THEIRS}:1-3', f"{b.variable('server_uuid')}:1"]))


# ------------------------------------------------------------------------------------------------ more than two

def test_a_replica_changes_its_source(make_server):
    """a->b, a->c; then a is gone, and c, whichever is ahead, follows b."""
    a, b, c = (make_server(name) for name in 'abc')
    for server in (a, b):
        add_replication_user(server)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)')
    follow_by_gtid(b, a)
    follow_by_gtid(c, a)
    wait_same_gtids(a, b, c)
    c.execute('STOP SLAVE')
    a.execute('INSERT INTO d.t VALUES (1, 1)', 'FLUSH LOGS', 'INSERT INTO d.t VALUES (2, 2)')
    wait_same_gtids(a, b)
    a.kill()
    b.execute('STOP SLAVE', 'RESET SLAVE ALL', 'INSERT INTO d.t VALUES (3, 3)')
    follow_by_gtid(c, b)
    wait_same_gtids(b, c)
    # The old source comes back as a replica.
    a.start()
    follow_by_gtid(a, b)
    b.execute('INSERT INTO d.t VALUES (4, 4)')
    wait_same_gtids(a, b, c)


def test_a_ring_of_three(make_server):
    """a->b->c->a: each transaction comes back to its server once, and is not asked for again."""
    servers = [make_server(name, auto_increment_increment=3, auto_increment_offset=offset)
               for offset, name in enumerate('abc', 1)]
    for server in servers:
        add_replication_user(server)
    for source, replica in zip(servers, servers[1:] + servers[:1]):
        follow_by_gtid(replica, source)
    a, b, c = servers
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, who CHAR(1))')
    wait_same_gtids(*servers)
    for _ in range(5):
        for server in servers:
            server.execute(f"INSERT INTO d.t (who) VALUES ('{server.name}')")
    wait_same_gtids(*servers)
    b.kill()
    a.execute("INSERT INTO d.t (who) VALUES ('x')")
    c.execute("INSERT INTO d.t (who) VALUES ('y')")
    b.start()
    b.execute("INSERT INTO d.t (who) VALUES ('z')")
    for server in servers:
        wait_running(server)
    wait_same_gtids(*servers)
    assert a.value('SELECT COUNT(*) FROM d.t') == 18
    assert all(status_of(server)['Auto_Position'] == 1 for server in servers)
