"""ours->mariadb, semi-synchronous: MariaDB's replica acknowledges Gemel's commits."""
import pytest

from harness.load import Load
from harness.topology import chain, wait_running, wait_same_rows
from harness.wait import wait_until


def counter(server, name):
    return server.rows(f"SHOW STATUS LIKE 'Rpl_semi_sync_master_{name}'")[0][1]


@pytest.fixture
def edges(make_server):
    ours = make_server('ours', rpl_semi_sync_source_enabled=1, rpl_semi_sync_source_timeout=60000,
                       gemel_semi_sync_fallback='never')
    theirs = make_server('theirs', kind='mariadb', rpl_semi_sync_slave_enabled=1)
    edges = chain(ours, theirs)
    wait_until(lambda: counter(ours, 'clients') == '1', 'the replica to say that it acknowledges')
    return edges



def test_commits_and_rotations(edges):
    ours = edges[0][0]
    ours.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    for n in range(20):
        ours.execute(f'INSERT INTO d.t VALUES ({n})', *(['FLUSH LOGS'] if n % 5 == 0 else []))
    assert counter(ours, 'no_tx') == '0' and int(counter(ours, 'yes_tx')) == 22
    wait_same_rows(edges)


def test_under_load_with_a_replica_that_goes_and_comes(edges):
    ours, theirs = edges[0]
    load = Load([ours], connections=4, seconds=1)
    load.prepare(ours)
    load.start()
    theirs.execute('STOP SLAVE IO_THREAD', 'START SLAVE IO_THREAD')
    wait_running(theirs)
    load.finish()
    assert counter(ours, 'no_tx') == '0' and load.transactions() > 0
    wait_same_rows(edges)
    load.check(theirs)
