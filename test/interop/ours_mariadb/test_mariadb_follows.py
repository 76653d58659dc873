"""ours->mariadb: MariaDB 10.11 follows Gemel by file and position."""
import pytest

from harness.load import Load
from harness.topology import chain, pair as make_pair, wait_same_rows
from interop import types


@pytest.fixture
def edges(make_server):
    return chain(make_server('ours'), make_server('theirs', kind='mariadb'))


@pytest.mark.parametrize('part', ['create', 'fill', 'change', 'define'])
def test_every_type(edges, part):
    ours = edges[0][0]
    for name, statements in (('create', types.CREATE), ('fill', types.FILL), ('change', types.CHANGE),
                             ('define', types.DEFINE)):
        ours.execute(*statements)
        if name == part:
            break
    wait_same_rows(edges)


HOW = [{'binlog_row_metadata': 'FULL'}, {'binlog_row_image': 'MINIMAL'}, {'binlog_row_image': 'NOBLOB'},
       {'binlog_checksum': 'NONE'}, {'binlog_rows_query_log_events': 1},
       {'binlog_row_metadata': 'FULL', 'binlog_row_image': 'MINIMAL', 'binlog_row_event_max_size': 256}]


@pytest.mark.parametrize('option', HOW, ids=lambda option: '-'.join(f'{key}={value}' for key, value in option.items()))
def test_how_we_log(make_server, option):
    edges = chain(make_server('ours', **option), make_server('theirs', kind='mariadb'))
    edges[0][0].execute(*types.CREATE, *types.FILL, *types.CHANGE, *types.DEFINE)
    wait_same_rows(edges)


def test_after_a_rotation_and_restarts(edges):
    ours, theirs = edges[0]
    ours.execute(*types.CREATE, 'FLUSH LOGS', *types.FILL)
    theirs.restart()
    ours.execute(*types.CHANGE)
    ours.restart()
    ours.execute(*types.DEFINE)
    wait_same_rows(edges)


def test_a_source_that_is_killed(edges):
    ours = edges[0][0]
    load = Load([ours], connections=4, seconds=6)
    load.prepare(ours)
    load.start()
    ours.kill()
    ours.start()
    load.finish()
    wait_same_rows(edges)
    load.check(edges[0][1])


def test_a_pair_of_both_kinds(make_server):
    ours = make_server('ours', auto_increment_increment=2, auto_increment_offset=1)
    theirs = make_server('theirs', kind='mariadb', auto_increment_increment=2, auto_increment_offset=2)
    edges = make_pair(ours, theirs)
    load = Load([ours, theirs], connections=8, seconds=5)
    load.prepare(ours)
    wait_same_rows(edges)
    load.start().finish()
    wait_same_rows(edges)
    load.check(ours)
    load.check(theirs)
