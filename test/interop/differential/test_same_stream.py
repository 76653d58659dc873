"""source->{mariadb, ours}: what MariaDB's replica makes of a stream, ours makes of it too.

The same random statements, from a source of each kind, in each format; MariaDB's replica works in parallel.
"""
import threading

import pytest

from harness.random_statements import RandomStatements
from harness.topology import add_replication_user, follow, wait_same_rows

STREAMS, TRANSACTIONS = 3, 120


@pytest.fixture
def star(make_server):
    def make(kind, **options):
        source = make_server('source', kind=kind, **options)
        replicas = [make_server('theirs', kind='mariadb', slave_parallel_threads=4, slave_parallel_mode='optimistic'),
                    make_server('ours')]
        add_replication_user(source)
        for replica in replicas:
            follow(replica, source)
        return [(source, replica) for replica in replicas]
    return make


def run_streams(source, seed, **options):
    source.execute('CREATE DATABASE r CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci')
    streams = [RandomStatements(source, 'r', number, seed, **options) for number in range(STREAMS)]
    taken, failures = [], []

    def run(stream):
        try:
            taken.append(stream.run(TRANSACTIONS))
        except Exception as error:
            failures.append(error)

    for stream in streams:
        stream.prepare()
    threads = [threading.Thread(target=run, args=(stream,)) for stream in streams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    assert sum(taken) > STREAMS * TRANSACTIONS


@pytest.mark.parametrize('binlog_format', ['ROW', 'MIXED', 'STATEMENT'])
@pytest.mark.parametrize('kind', ['gemel', 'mariadb', 'mysql56'])
def test_the_same_rows(star, kind, binlog_format):
    edges = star(kind, binlog_format=binlog_format)
    # MariaDB does not read the fraction of a second that MySQL puts into a statement's event.
    run_streams(edges[0][0], f'{kind}/{binlog_format}', has_fractions=kind != 'mysql56' or binlog_format == 'ROW')
    wait_same_rows(edges, databases=['r'])
