"""A source at its full write rate, and how far its replica is behind at the end: the time until it has everything.

    [KEEP_UP_SECONDS=5]     60 in the long mode; MariaDB, whose replica may take long, a sixth of it
"""
import os
import time

import replicas
import servers
import sysbench_tool
from findings import Goal, Line
from harness.topology import wait_same_rows
from settings import IS_LONG

SECONDS = int(os.environ.get('KEEP_UP_SECONDS', 60 if IS_LONG else 5))
THREADS = 32
LOOK_SECONDS = 0.005
PATIENCE_SECONDS = 600


def time_until_all_are_at(followers, end):
    began = time.monotonic()
    for replica in followers:
        while not replicas.is_at(replica, end):
            time.sleep(LOOK_SECONDS)
            assert time.monotonic() - began < PATIENCE_SECONDS, replica.replica_status()
    return time.monotonic() - began


def lag_after(source, replica, seconds):
    """The source's rate, and the seconds from its last commit until the replica has it."""
    rate = sysbench_tool.rate(source, 'oltp_write_only', THREADS, seconds).transactions
    return rate, time_until_all_are_at([replica], source.log_end_position())


def measure_kind(kind):
    with replicas.group(kind) as (source, replica):
        edges = replicas.follow_from_begin(source, replica)
        found = lag_after(source, replica, SECONDS if kind == 'gemel' else max(SECONDS // 6, 1))
        wait_same_rows(edges)
        return found


def run():
    found = {kind: measure_kind(kind) for kind in servers.chosen('gemel', 'mariadb')}
    yield Line(f'a replica\'s lag after {SECONDS} s of its source\'s full rate of writes',
               {kind: lag for kind, (_, lag) in found.items()}, 's', Goal(most=1.0),
               details={f'{kind}: the source\'s rate': f'{rate:,.0f}/s' for kind, (rate, _) in found.items()},
               note=f'write only, {THREADS} clients; MariaDB wrote for {max(SECONDS // 6, 1)} s')
