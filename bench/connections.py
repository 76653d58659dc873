"""Connections: many that are idle beside some that are busy, coming and going, and the memory that an idle one takes.

    [CONNECTIONS_IDLE=1000]
"""
import os
import resource
import statistics
from contextlib import contextmanager

import servers
import sysbench_tool
from findings import Goal, Line
from measure import in_turn, medians, memory
from settings import HERE, ROUNDS, SECONDS

TITLE = 'Connections'
IDLE = int(os.environ.get('CONNECTIONS_IDLE', 1000))
BUSY = 32
TWICE = Goal(times=2.0)
# What an idle connection may have done before: what it keeps of that counts.
HISTORIES = {
    'new': [],
    'after small reads': ['SELECT c FROM sbtest1 WHERE id=7', 'SELECT c FROM sbtest1 WHERE id BETWEEN 7 AND 106 ORDER BY c'],
    'after a write and a large result': ['UPDATE sbtest2 SET k=k+1 WHERE id=9', "SELECT REPEAT('x', 500000)"],
}


@contextmanager
def idle_connections(server, statements=()):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, IDLE + 1000), most))
    connections = []
    try:
        for _ in range(IDLE):
            connections.append(server.connect(database='sbtest'))
            with connections[-1].cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                    cursor.fetchall()
        yield
    finally:
        for connection in connections:
            connection.close()


def memory_of_idle(kind, statements):
    """KB a connection. A server that has just started: one that had as many before has their memory at hand."""
    with servers.running(kind) as (server,):
        sysbench_tool.fill(server, tables=2, rows=10000)
        for statement in statements * 20:
            server.connect(database='sbtest').cursor().execute(statement)   # what all share is there before
        before = memory(server)
        with idle_connections(server, statements):
            return (memory(server) - before) * 1024 / IDLE


def memory_lines():
    for name, statements in HISTORIES.items():
        yield Line(f'memory of an idle connection, {name}',
                   medians(in_turn({kind: lambda kind=kind: memory_of_idle(kind, statements)
                                    for kind in ('gemel', 'mariadb')}, rounds=1)), 'KB')


def rates(both, script, threads):
    def transactions(server):
        return sysbench_tool.rate(server, script, threads, SECONDS).transactions
    return in_turn({server.kind: lambda server=server: transactions(server) for server in both}, rounds=1)


def busy_line(both, name, script):
    """Beside the idle ones and alone, in turn."""
    beside, alone = {server.kind: [] for server in both}, {server.kind: [] for server in both}
    for _ in range(ROUNDS):
        for server in both:
            alone[server.kind] += rates([server], script, BUSY)[server.kind]
            with idle_connections(server, HISTORIES['after small reads']):
                beside[server.kind] += rates([server], script, BUSY)[server.kind]
    details = {f'{kind}: of the rate without idle ones':
               f'{statistics.median(beside[kind]) / statistics.median(alone[kind]):.2f}' for kind in beside}
    return Line(f'{name}, {BUSY} busy beside {IDLE:,} idle', medians(beside), goal=TWICE, details=details)


def come_and_go_line(both):
    def once(server):
        return sysbench_tool.rate(server, str(HERE / 'connect.lua'), 8, SECONDS)
    found = in_turn({server.kind: lambda server=server: once(server) for server in both})
    details = {f'{kind}: processor, µs': f'{statistics.median(rate.processor_us for rate in rates_):.0f}'
               for kind, rates_ in found.items()}
    return Line('connect, ask once, disconnect: 8 clients',
                medians({kind: [rate.transactions for rate in rates_] for kind, rates_ in found.items()}), goal=TWICE,
                details=details)


def run():
    yield from memory_lines()
    with servers.running('gemel', 'mariadb') as both:
        for server in both:
            sysbench_tool.fill(server)
        yield busy_line(both, 'point select', 'oltp_point_select')
        yield busy_line(both, 'write only', 'oltp_write_only')
        yield come_and_go_line(both)
