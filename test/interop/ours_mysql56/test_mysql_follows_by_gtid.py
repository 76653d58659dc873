"""ours->mysql: MySQL 5.6 follows Gemel by auto position; and a pair of both kinds."""
import pytest

from harness.topology import (add_replication_user, executed_gtids, follow_by_gtid, wait_running, wait_same_gtids)
from harness.wait import wait_until


@pytest.fixture
def two(make_server):
    ours, theirs = make_server('ours'), make_server('theirs', kind='mysql56', gtid_mode='ON')
    add_replication_user(ours)
    ours.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO d.t VALUES (1, 1)')
    return ours, theirs


def test_rotations_and_restarts(two):
    ours, theirs = two
    follow_by_gtid(theirs, ours)
    wait_same_gtids(ours, theirs)
    for number, again in enumerate((lambda: ours.execute('FLUSH LOGS'), ours.restart, lambda: (ours.kill(), ours.start()),
                                    theirs.restart)):
        again()
        ours.execute(f'INSERT INTO d.t VALUES ({10 + number}, 0)', 'BEGIN', 'UPDATE d.t SET v = v + 1', 'COMMIT')
        wait_running(theirs)
        wait_same_gtids(ours, theirs)


def test_an_empty_transaction(two):
    ours, theirs = two
    follow_by_gtid(theirs, ours)
    ours.execute("SET gtid_next='11111111-2222-3333-4444-555555555555:1'", 'BEGIN', 'COMMIT', 'SET gtid_next=AUTOMATIC',
                 'INSERT INTO d.t VALUES (2, 2)')
    wait_same_gtids(ours, theirs)


def test_what_is_purged(two):
    ours, theirs = two
    ours.execute('FLUSH LOGS')
    ours.execute(f"PURGE BINARY LOGS TO '{ours.log_end_position()[0]}'")
    follow_by_gtid(theirs, ours, start=False)
    theirs.execute('START SLAVE')
    wait_until(lambda: int(theirs.replica_status()['Last_IO_Errno']) == 1236, '1236', show=theirs.replica_status)
    assert 'purged required binary logs' in theirs.replica_status()['Last_IO_Error']
    theirs.execute('STOP SLAVE', f"SET GLOBAL gtid_purged='{executed_gtids(ours)}'", 'SET sql_log_bin=0',
                   'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
                   'INSERT INTO d.t VALUES (1, 1)', 'SET sql_log_bin=1', 'START SLAVE')
    ours.execute('INSERT INTO d.t VALUES (2, 2)')
    wait_running(theirs)
    wait_same_gtids(ours, theirs)


def test_a_pair(make_server):
    """ours<->mysql: each gets the other's, and nothing of its own comes back to stay."""
    ours = make_server('ours', auto_increment_increment=2, auto_increment_offset=1)
    theirs = make_server('theirs', kind='mysql56', gtid_mode='ON', auto_increment_increment=2, auto_increment_offset=2)
    for server in (ours, theirs):
        add_replication_user(server)
    follow_by_gtid(theirs, ours)
    follow_by_gtid(ours, theirs)
    ours.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)')
    wait_same_gtids(ours, theirs)
    for number in range(20):
        ours.execute(f'INSERT INTO d.t (v) VALUES ({number})')
        theirs.execute(f'INSERT INTO d.t (v) VALUES ({number})')
    ours.kill()
    theirs.execute('INSERT INTO d.t (v) VALUES (100)')
    ours.start()
    for server in (ours, theirs):
        wait_running(server)
    wait_same_gtids(ours, theirs)
    assert ours.value('SELECT COUNT(*) FROM d.t') == 41
