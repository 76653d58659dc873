"""a->b, a logs statements: after a crash recovery runs again what the store lost, with what it was first run with."""
import shutil

import pytest

from harness.statements import MADE_WORK, OWN_WORK, SCHEMA, WORK, work
from harness.topology import chain, wait_caught_up, wait_same_rows

@pytest.fixture(params=['STATEMENT', 'MIXED'])
def edges(request, make_server):
    edges = chain(make_server('a', binlog_format=request.param), make_server('b'))
    edges[0][0].execute(*SCHEMA)
    return edges


def test_a_replica_repeats_it_all(edges):
    work(edges[0][0], WORK + MADE_WORK + OWN_WORK)
    wait_same_rows(edges)


def test_recovery_repeats_it_all(edges, scratch):
    """The store comes back as it was before any of it: all is in the log alone."""
    (a, _), = edges
    a.stop()
    old = scratch / 'old-store'
    shutil.copytree(a.datadir / 'store', old)
    a.start()
    work(a, WORK + MADE_WORK + OWN_WORK)
    wait_caught_up(edges)
    a.kill()
    shutil.rmtree(a.datadir / 'store')
    shutil.move(old, a.datadir / 'store')
    a.start()
    assert 'transactions were repeated from the binary log' in a.log()
    wait_same_rows(edges)
    work(a, WORK[:3] + WORK[6:9])
    wait_same_rows(edges)


STEPS = ['commit.after_log_write', 'commit.after_log_flush', 'commit.after_publish', 'commit.before_store',
         'commit.after_store']


@pytest.mark.parametrize('step', STEPS)
def test_the_source_dies_in_a_commit(edges, step):
    (a, _), = edges
    a.restart(faults=f'{step}=crash@7')
    with pytest.raises(Exception, match='Lost connection|gone away|closed'):
        work(a)
    a.wait_end()
    a.start()
    wait_same_rows(edges)
