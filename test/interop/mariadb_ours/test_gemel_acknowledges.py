"""mariadb->ours, semi-synchronous: Gemel's receiver acknowledges MariaDB's commits."""
import pytest

from harness.load import Load
from harness.topology import chain, wait_running, wait_same_rows
from harness.wait import wait_until


def counter(server, name):
    return server.rows(f"SHOW STATUS LIKE 'Rpl_semi_sync_master_{name}'")[0][1]


@pytest.fixture(params=['AFTER_SYNC', 'AFTER_COMMIT'])
def edges(make_server, request):
    theirs = make_server('theirs', kind='mariadb', rpl_semi_sync_master_enabled=1, rpl_semi_sync_master_timeout=60000,
                         rpl_semi_sync_master_wait_point=request.param)
    ours = make_server('ours', rpl_semi_sync_slave_enabled=1)
    edges = chain(theirs, ours)
    wait_until(lambda: counter(theirs, 'clients') == '1', 'the replica to say that it acknowledges')
    return edges


def test_commits_and_rotations(edges):
    theirs = edges[0][0]
    theirs.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    before = int(counter(theirs, 'yes_tx'))
    for n in range(20):
        theirs.execute(f'INSERT INTO d.t VALUES ({n})', *(['FLUSH LOGS'] if n % 5 == 0 else []))
    assert counter(theirs, 'no_tx') == '0' and int(counter(theirs, 'yes_tx')) >= before + 20
    wait_same_rows(edges)


def test_under_load_with_a_replica_that_goes_and_comes(edges):
    theirs, ours = edges[0]
    load = Load([theirs], connections=4, seconds=1)
    load.prepare(theirs)
    load.start()
    ours.execute('STOP SLAVE IO_THREAD', 'START SLAVE IO_THREAD')
    wait_running(ours)
    load.finish()
    assert load.transactions() > 0
    assert ours.rows("SHOW STATUS LIKE 'Rpl_semi_sync_slave_status'")[0][1] == 'ON'
    wait_same_rows(edges)
    load.check(ours)
