"""Slow disks and long ways, by injected delay: what commits a second are left when a flush takes 1 or 10 ms, and what 50 ms
between two masters cost. The model that docs/scaling.md explains stands beside what is measured.

    [LATENCY_FLUSH_MS=0,1,10] [LATENCY_CLIENTS=1,8,32,128] [LATENCY_WAY_MS=0,25]
"""
import os
import statistics
import subprocess
from contextlib import contextmanager

import far
import replicas
import servers
import sysbench_tool
import visible
from findings import Table
from harness.wait import wait_until
from measure import flushes_a_second, in_turn, medians, percentile
from replicas import add_replication_user, follow
from report import figure
from settings import CURVE_ROUNDS, HERE, SECONDS, numbers

TITLE = 'Slow disks and long ways'
FLUSH_MS = numbers('LATENCY_FLUSH_MS', '0,1,10')
CLIENTS = numbers('LATENCY_CLIENTS', '1,8,32,128')
WAY_MS = numbers('LATENCY_WAY_MS', '0,25')
KINDS = ('gemel', 'mariadb')
SCRIPT = 'oltp_update_non_index'
SEMI_SYNC = {
    'gemel': ({'rpl_semi_sync_source_enabled': 1, 'rpl_semi_sync_source_timeout': 60000},
              {'rpl_semi_sync_replica_enabled': 1}),
    'mariadb': ({'rpl_semi_sync_master_enabled': 1, 'rpl_semi_sync_master_timeout': 60000},
                {'rpl_semi_sync_slave_enabled': 1}),
}


# ---------------------------------------------------------------- slow disks

def slow(kind, library, ms):
    """A server whose flushes take longer."""
    class Slow(servers.KINDS[kind]):
        def environment(self):
            return {**super().environment(), 'LD_PRELOAD': str(library), 'SLOW_FLUSH_US': str(ms * 1000)}
    return Slow


@contextmanager
def on_slow_disks(ms):
    with servers.scratch() as folder:
        library = folder / 'slow_flush.so'
        subprocess.run([os.environ.get('CC', 'cc'), '-O2', '-shared', '-fPIC', '-D_GNU_SOURCE', '-o', library,
                        HERE / 'slow_flush.c', '-ldl'], check=True)
        quick = [servers.make(kind, folder, server_id=number) for number, kind in enumerate(KINDS, 1)]
        for server in quick:
            server.start()
            sysbench_tool.fill(server)
            server.stop()
        made = [slow(kind, library, ms)(folder, kind, option_file=server.option_file) for kind, server in zip(KINDS, quick)]
        with servers.closing(*made):
            for server in made:
                server.start(deadline=300)
            yield made, 1000 / flushes_a_second(folder) + ms


def flush_model(clients, flush_ms, processor_us):
    """Commits a second. One flush is under way at a time; those who come during it share the next. So of many clients half
    wait for the flush that runs and half for the next one, and a client alone waits for nothing but its own. The
    processors bound it."""
    by_flushes = (1 if clients == 1 else clients / 2) / flush_ms * 1000
    return min(by_flushes, os.cpu_count() * 1e6 / processor_us)


def flush_rows():
    for ms in FLUSH_MS:
        with on_slow_disks(ms) as (both, flush_ms):
            for clients in CLIENTS:
                found = in_turn({server.kind: lambda server=server: sysbench_tool.rate(server, SCRIPT, clients, SECONDS)
                                 for server in both}, CURVE_ROUNDS)
                rates = medians({kind: [rate.transactions for rate in rates] for kind, rates in found.items()})
                used = statistics.median(rate.processor_us for rate in found['gemel'])
                yield [f'{ms} ms', clients, *(figure(rates[kind]) for kind in KINDS),
                       figure(rates['gemel'] / rates['mariadb']), figure(flush_model(clients, flush_ms, used)), figure(used),
                       figure(flush_ms, 'ms')]


# ---------------------------------------------------------------- long ways

@contextmanager
def source_and_distant_replica(kind, way_ms, source_options, replica_options):
    with servers.scratch() as folder:
        source = replicas.make(kind, folder, 'source', 1, **source_options)
        replica = replicas.make(kind, folder, 'replica', 2, **replica_options)
        with servers.closing(replica, source):
            source.start()
            replica.start()
            add_replication_user(source)
            begin = replicas.begin(source)
            with far.between(source.port, way_ms) as port:
                follow(replica, source, begin, start=False, MASTER_PORT=port)
                replica.execute('START SLAVE')
                wait_until(lambda: replica.replica_status()['Slave_IO_Running'] == 'Yes', 'the replica to be connected')
                yield source, replica
                replica.execute('STOP SLAVE')


def is_acknowledging(source):
    status = dict(source.rows("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync%clients'"))
    return any(int(value) > 0 for value in status.values())


def settle(source, replica):
    wait_until(lambda: replicas.is_at(replica, source.log_end_position()), 'the replica', 300)


def measure_way(kind, way_ms):
    """p50 and p99 in ms from a commit to its being seen; transactions a second of the source alone, and with each
    acknowledged by the replica."""
    found = {}
    with source_and_distant_replica(kind, way_ms, {}, {}) as (source, replica):
        sysbench_tool.fill(source)
        source.execute('CREATE DATABASE visible', 'CREATE TABLE visible.mark (id INT PRIMARY KEY, number BIGINT)',
                       'INSERT INTO visible.mark VALUES (1, 0)')
        settle(source, replica)
        program = visible.compile_client(source.folder, 'visible')
        times = [sent / 1000 for sent, _ in visible.measure(program, source, replica)]
        found['p50'], found['p99'] = percentile(times, 0.5), percentile(times, 0.99)
        found['alone'] = sysbench_tool.rate(source, SCRIPT, 32, SECONDS).transactions
        settle(source, replica)
    with source_and_distant_replica(kind, way_ms, *SEMI_SYNC[kind]) as (source, replica):
        wait_until(lambda: is_acknowledging(source), 'the replica to acknowledge')
        sysbench_tool.fill(source)
        for clients in (1, 32):
            found[clients] = sysbench_tool.rate(source, SCRIPT, clients, max(SECONDS, 3)).transactions
        settle(source, replica)
    return found


def way_model(near, way_ms):
    """Of the same, from what is measured without a way. A change travels one way once; an acknowledgement both, and all
    clients may wait for theirs at once."""
    there_and_back = 2 * way_ms / 1000
    return {'p50': near['p50'] + way_ms, 'p99': near['p99'] + way_ms, 'alone': near['alone'],
            1: 1 / (1 / near[1] + there_and_back), 32: 1 / (1 / near[32] + there_and_back / 32)}


def way_rows():
    names = {'p50': 'commit to visible, p50, ms', 'p99': 'commit to visible, p99, ms',
             'alone': 'updates a second, 32 clients, not acknowledged', 1: 'acknowledged by the replica, 1 client',
             32: 'acknowledged by the replica, 32 clients'}
    near = None
    for way_ms in WAY_MS:
        found = {kind: measure_way(kind, way_ms) for kind in KINDS}
        near = near or found
        model = way_model(near['gemel'], way_ms) if near is not found else {}
        for key, name in names.items():
            yield [f'{2 * way_ms} ms', name, *(figure(found[kind][key]) for kind in KINDS), figure(model.get(key))]


def run():
    yield Table('Flushes that take longer',
                ['added to a flush', 'clients', 'Gemel: updates/s', 'MariaDB: updates/s', 'ratio', 'model for Gemel',
                 'Gemel: processor, µs', 'a flush takes'], list(flush_rows()))
    yield Table('A long way to the other master', ['there and back', 'what', 'Gemel', 'MariaDB', 'model for Gemel'],
                list(way_rows()))
