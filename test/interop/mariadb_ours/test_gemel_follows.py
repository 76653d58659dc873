"""mariadb->ours: Gemel follows MariaDB 10.11 by file and position."""
import pytest

from harness.load import Load
from harness.topology import chain, wait_running, wait_same_rows
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
       {'log_bin_compress': 1, 'log_bin_compress_min_len': 10}, {'binlog_checksum': 'NONE'}, {'binlog_annotate_row_events': 0},
       {'binlog_row_metadata': 'FULL', 'binlog_row_image': 'MINIMAL', 'log_bin_compress': 1, 'binlog_row_event_max_size': 256}]


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
