"""ours->mysql: MySQL 5.6 follows Gemel by file and position; and both follow each other.

Both have GTIDs or neither has: a MySQL replica without them refuses a source with them (1593).
"""
import pytest

from harness.load import Load
from harness.topology import chain, pair as make_pair, wait_same_rows
from interop import types


@pytest.fixture(params=['ON', 'OFF'], ids=['gtid', 'no-gtid'])
def gtid_mode(request):
    return request.param


@pytest.fixture
def edges(make_server, gtid_mode):
    return chain(make_server('ours', gtid_mode=gtid_mode), make_server('theirs', kind='mysql56', gtid_mode=gtid_mode))


def test_every_type(edges):
    ours = edges[0][0]
    for statements in (types.CREATE, types.FILL, types.CHANGE, types.DEFINE):
        ours.execute(*types.without_json(statements))
        wait_same_rows(edges)


def test_after_a_rotation_and_restarts(edges):
    ours, theirs = edges[0]
    ours.execute(*types.without_json(types.CREATE), 'FLUSH LOGS', *types.without_json(types.FILL))
    theirs.restart()
    ours.execute(*types.without_json(types.CHANGE))
    ours.restart()
    ours.execute(*types.without_json(types.DEFINE))
    wait_same_rows(edges)


def test_a_source_that_is_killed(edges):
    ours = edges[0][0]
    load = Load([ours], connections=4, seconds=5)
    load.prepare(ours)
    load.start()
    ours.kill()
    ours.start()
    load.finish()
    wait_same_rows(edges)
    load.check(edges[0][1])


def test_a_pair_of_both_kinds(make_server, gtid_mode):
    ours = make_server('ours', gtid_mode=gtid_mode, auto_increment_increment=2, auto_increment_offset=1)
    theirs = make_server('theirs', kind='mysql56', gtid_mode=gtid_mode, auto_increment_increment=2,
                         auto_increment_offset=2)
    edges = make_pair(ours, theirs)
    load = Load([ours, theirs], connections=8, seconds=5)
    load.prepare(ours)
    wait_same_rows(edges)
    load.start().finish()
    wait_same_rows(edges)
    load.check(ours)
    load.check(theirs)


@pytest.mark.parametrize('binlog_format', ['STATEMENT', 'MIXED'])
def test_statements(make_server, binlog_format):
    edges = chain(make_server('ours', binlog_format=binlog_format), make_server('theirs', kind='mysql56', gtid_mode='ON'))
    for statements in (types.CREATE, types.FILL, types.CHANGE, types.DEFINE):
        edges[0][0].execute(*types.without_json(statements))
    wait_same_rows(edges)
