"""mariadb->ours: Gemel follows MariaDB 10.11 by file and position."""
import pymysql
import pytest

from harness.load import Load
from harness.topology import chain, wait_caught_up, wait_running, wait_same_rows
from harness.wait import wait_until
from interop import types


@pytest.fixture
def edges(make_server):
    return chain(make_server('theirs', kind='mariadb'), make_server('ours'))


@pytest.mark.parametrize('part', ['create', 'fill', 'change', 'define'])
def test_every_type(edges, part):
    theirs = edges[0][0]
    for name, statements in (('create', types.CREATE), ('fill', types.FILL), ('change', types.CHANGE),
                             ('define', types.DEFINE)):
        theirs.execute(*statements)
        if name == part:
            break
    wait_same_rows(edges)


HOW = [{'binlog_row_metadata': 'FULL'}, {'binlog_row_image': 'MINIMAL'}, {'binlog_row_image': 'NOBLOB'},
       {'log_bin_compress': 1, 'log_bin_compress_min_len': 10}, {'binlog_checksum': 'NONE'},
       {'binlog_annotate_row_events': 0},
       {'binlog_row_metadata': 'FULL', 'binlog_row_image': 'MINIMAL', 'log_bin_compress': 1,
        'binlog_row_event_max_size': 256}]


@pytest.mark.parametrize('option', HOW, ids=lambda option: '-'.join(f'{key}={value}' for key, value in option.items()))
def test_how_the_source_logs(make_server, option):
    theirs, ours = make_server('theirs', kind='mariadb', **option), make_server('ours')
    edges = chain(theirs, ours)
    theirs.execute(*types.CREATE, *types.FILL, *types.CHANGE, *types.DEFINE)
    wait_same_rows(edges)


def test_after_a_rotation_and_restarts(edges):
    theirs, ours = edges[0]
    theirs.execute(*types.CREATE, 'FLUSH LOGS', *types.FILL)
    ours.restart()
    theirs.execute(*types.CHANGE)
    theirs.restart()
    theirs.execute(*types.DEFINE)
    wait_running(ours)
    wait_same_rows(edges)


def test_a_replica_that_is_killed_under_load(edges):
    theirs, ours = edges[0]
    load = Load([theirs], connections=4, seconds=8)
    load.prepare(theirs)
    wait_same_rows(edges)
    load.start()
    for _ in range(3):
        ours.kill()
        ours.start()
        wait_running(ours)
    load.finish()
    wait_same_rows(edges)
    load.check(ours)


def test_temporary_tables(make_server):
    """The same name with two clients at once; their end is logged, too."""
    theirs, ours = make_server('theirs', kind='mariadb', binlog_format='STATEMENT'), make_server('ours')
    edges = chain(theirs, ours)
    theirs.execute('CREATE DATABASE d', 'CREATE TABLE d.t (a INT, b VARCHAR(10))')
    clients = [theirs.connect(database='d') for _ in range(2)]
    for step in ('CREATE TEMPORARY TABLE seen (a INT)', 'INSERT INTO seen VALUES ({0}), ({0} + 10)',
                 "INSERT INTO t SELECT a, 'seen' FROM seen", 'DELETE FROM seen WHERE a > 10',
                 "INSERT INTO t SELECT a, 'left' FROM seen", 'ALTER TABLE seen ADD c INT DEFAULT 5',
                 'UPDATE t JOIN seen ON t.a = seen.a SET t.b = seen.c'):
        for number, client in enumerate(clients):
            client.cursor().execute(step.format(number))
    clients[0].cursor().execute('DROP TEMPORARY TABLE seen')
    for client in clients:
        client.close()
    wait_same_rows(edges)


def test_a_statement_that_fails_on_both(make_server):
    """It was logged with its error; where there is none here, the applier says so and stops."""
    theirs, ours = make_server('theirs', kind='mariadb', binlog_format='STATEMENT'), make_server('ours')
    edges = chain(theirs, ours)
    theirs.execute('CREATE DATABASE d', 'CREATE TABLE d.t (a INT PRIMARY KEY) ENGINE=MyISAM', 'INSERT INTO d.t VALUES (1)')
    with pytest.raises(pymysql.err.IntegrityError):
        theirs.execute('INSERT INTO d.t VALUES (2), (1)')
    wait_caught_up(edges)
    ours.execute('SET sql_log_bin = 0', 'INSERT INTO d.t VALUES (2)', 'DELETE FROM d.t WHERE a = 1')
    theirs.execute('DELETE FROM d.t WHERE a = 2')
    with pytest.raises(pymysql.err.IntegrityError):
        theirs.execute('INSERT INTO d.t VALUES (3), (1)')
    wait_until(lambda: int(ours.replica_status()['Last_SQL_Errno']), 'the applier to stop')
    status = ours.replica_status()
    assert status['Last_SQL_Errno'] == 3002
    assert 'different errors on master and slave' in status['Last_SQL_Error'] and '1062' in status['Last_SQL_Error']
    ours.execute('INSERT INTO d.t VALUES (1)', 'START SLAVE')
    wait_caught_up(edges)
    ours.execute('INSERT INTO d.t VALUES (3)')
    wait_same_rows(edges)
