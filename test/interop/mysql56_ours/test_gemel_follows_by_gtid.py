"""mysql->ours: Gemel follows MySQL 5.6 by auto position."""
import pytest

from harness.load import Load
from harness.topology import (add_replication_user, executed_gtids, follow, follow_by_gtid, wait_running, wait_same_gtids,
                              wait_same_rows)
from harness.wait import wait_until


@pytest.fixture
def two(make_server):
    theirs, ours = make_server('theirs', kind='mysql56', gtid_mode='ON'), make_server('ours')
    add_replication_user(theirs)
    theirs.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
                   'INSERT INTO d.t VALUES (1, 1)')
    return theirs, ours


def test_rotations_and_restarts(two):
    theirs, ours = two
    follow_by_gtid(ours, theirs)
    wait_same_gtids(theirs, ours)
    for number, again in enumerate((lambda: theirs.execute('FLUSH LOGS'), ours.restart, lambda: (ours.kill(), ours.start()),
                                    theirs.restart)):
        again()
        theirs.execute(f'INSERT INTO d.t VALUES ({10 + number}, 0)', 'BEGIN', 'UPDATE d.t SET v = v + 1', 'COMMIT')
        wait_running(ours)
        wait_same_gtids(theirs, ours)


def test_killed_under_load(two):
    theirs, ours = two
    follow_by_gtid(ours, theirs)
    load = Load([theirs], connections=3, seconds=4)
    load.prepare(theirs)
    load.start()
    for _ in range(2):
        ours.kill()
        ours.start()
        wait_running(ours)
    load.finish()
    wait_same_gtids(theirs, ours)
    load.check(ours)


def test_what_is_purged(two):
    theirs, ours = two
    theirs.execute('FLUSH LOGS')
    theirs.execute(f"PURGE BINARY LOGS TO '{theirs.log_end_position()[0]}'")
    follow_by_gtid(ours, theirs, start=False)
    ours.execute('START SLAVE')
    wait_until(lambda: int(ours.replica_status()['Last_IO_Errno']) == 1236, '1236', show=ours.replica_status)
    assert 'the master has purged binary logs containing GTIDs' in ours.replica_status()['Last_IO_Error']
    ours.execute('STOP SLAVE', f"SET GLOBAL gtid_purged='{executed_gtids(theirs)}'", 'SET sql_log_bin=0',
                 'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO d.t VALUES (1, 1)',
                 'SET sql_log_bin=1', 'START SLAVE')
    theirs.execute('INSERT INTO d.t VALUES (2, 2)')
    wait_running(ours)
    wait_same_gtids(theirs, ours)


def test_without_gtids_by_position(make_server):
    theirs, ours = make_server('theirs', kind='mysql56', gtid_mode='OFF'), make_server('ours')
    add_replication_user(theirs)
    follow(ours, theirs)
    theirs.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY) ENGINE=InnoDB', 'INSERT INTO d.t VALUES (1)')
    wait_same_rows([(theirs, ours)])
    assert executed_gtids(ours) == f"{ours.variable('server_uuid')}:1-3"
