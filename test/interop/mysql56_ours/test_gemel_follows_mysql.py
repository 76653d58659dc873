"""mysql->ours: Gemel follows MySQL 5.6 by file and position."""
import pytest

from harness.load import Load
from harness.topology import chain, wait_running, wait_same_rows
from interop import types


@pytest.fixture
def edges(make_server):
    return chain(make_server('theirs', kind='mysql56'), make_server('ours'))


def test_every_type(edges):
    theirs = edges[0][0]
    for statements in (types.CREATE, types.FILL, types.CHANGE, types.DEFINE):
        theirs.execute(*types.without_json(statements))
        wait_same_rows(edges)


@pytest.mark.parametrize('option', [{'binlog_row_image': 'MINIMAL'}, {'binlog_row_image': 'NOBLOB'},
                                    {'binlog_checksum': 'NONE'}, {'binlog_rows_query_log_events': 1},
                                    {'binlog_format': 'MIXED'}, {'binlog_format': 'STATEMENT'}],
                         ids=lambda option: '-'.join(map(str, *option.items())))
def test_how_the_source_logs(make_server, option):
    edges = chain(make_server('theirs', kind='mysql56', **option), make_server('ours'))
    for statements in (types.CREATE, types.FILL, types.CHANGE, types.DEFINE):
        edges[0][0].execute(*types.without_json(statements))
    wait_same_rows(edges)


def test_after_a_rotation_and_restarts(edges):
    theirs, ours = edges[0]
    theirs.execute(*types.without_json(types.CREATE), 'FLUSH LOGS', *types.without_json(types.FILL))
    ours.restart()
    theirs.execute(*types.without_json(types.CHANGE))
    theirs.restart()
    theirs.execute(*types.without_json(types.DEFINE))
    wait_running(ours)
    wait_same_rows(edges)


def test_a_replica_that_is_killed_under_load(edges):
    theirs, ours = edges[0]
    load = Load([theirs], connections=4, seconds=5)
    load.prepare(theirs)
    wait_same_rows(edges)
    load.start()
    for _ in range(2):
        ours.kill()
        ours.start()
        wait_running(ours)
    load.finish()
    wait_same_rows(edges)
    load.check(ours)
