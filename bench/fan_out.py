"""One source and many replicas: how fast its log goes out to 1, 4 and 16 readers, beside the wall; and 16 real replicas.

    [FAN_OUT_TRANSACTIONS=10000] [FAN_OUT_REPLICAS=16]

stream.c reads a log that is in the system's cache, and nothing is done with the bytes; the wall is the same readers and a
sender that has the bytes in memory: the loopback's bandwidth.
"""
import os
import subprocess

import keep_up
import replicas
import servers
import sysbench_tool
from findings import Curve, Goal, Line
from harness.ports import free_port
from harness.topology import PASSWORD, USER, wait_same_rows
from measure import in_turn, medians
from settings import IS_LONG
from visible import compile_client

TRANSACTIONS = int(os.environ.get('FAN_OUT_TRANSACTIONS', 10000))
REPLICAS = int(os.environ.get('FAN_OUT_REPLICAS', 16))
READERS = (1, 4, 16)
SECONDS = 5 if IS_LONG else 2
MEGABYTE = 1e6
PART = 0.95    # of the log: some of its events are for the file alone
PLAIN = {'gemel': {}, 'mariadb': {'binlog_annotate_row_events': 0}}     # the same in both logs


def read(program, *arguments):
    """Megabytes a second."""
    done = subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True, timeout=120)
    return float(done.stdout) / MEGABYTE


def streams(sources, program):
    logs = {source.kind: source.rows('SHOW BINARY LOGS')[0][:2] for source in sources}
    size = int(min(int(size) for _, size in logs.values()) * PART)

    def of_source(source, count):
        return lambda: read(program, 'read', source.port, count, size, USER, PASSWORD, logs[source.kind][0])
    curve = {kind: [] for kind in [*logs, 'wall']}
    for count in READERS:
        rates = medians(in_turn({**{source.kind: of_source(source, count) for source in sources},
                                 'wall': lambda count=count: read(program, 'wall', free_port(), count, size)}))
        for kind, rate in rates.items():
            curve[kind].append((count, rate))
        wall = rates.pop('wall')
        yield Line(f'the log to {count} readers at once', rates, 'MB/s', Goal(wall=0.9), wall)
    yield Curve('fan-out', 'replicas', 'MB a second', curve)


def stream_findings():
    kinds = servers.chosen('gemel', 'mariadb')
    with servers.scratch() as folder:
        sources = [replicas.make(kind, folder, kind, number, **PLAIN[kind]) for number, kind in enumerate(kinds, 1)]
        program = compile_client(folder, 'stream')
        with servers.closing(*sources):
            for source in sources:
                source.start()
                replicas.add_replication_user(source)
                sysbench_tool.fill(source)
                sysbench_tool.call(source, 'oltp_write_only', 16, f'--events={TRANSACTIONS}', '--time=0', 'run')
            yield from streams(sources, program)


def followers_line():
    with replicas.group('gemel', 1 + REPLICAS, rows=2000) as (source, *followers):
        edges = replicas.follow_from_begin(source, *followers)
        rate = sysbench_tool.rate(source, 'oltp_write_only', 8, SECONDS, rows=2000).transactions
        lag = keep_up.time_until_all_are_at(followers, source.log_end_position())
        wait_same_rows(edges, deadline=120)
    return Line(f'{REPLICAS} replicas on one machine: the last one\'s lag after {SECONDS} s of writes', {'gemel': lag}, 's',
                details={'gemel: the source\'s rate': f'{rate:,.0f}/s'}, note='they hold the same rows; all share its cores')


def run():
    yield from stream_findings()
    if 'gemel' in servers.chosen():
        yield followers_line()
