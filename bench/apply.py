"""How fast a replica that is behind catches up.

    [APPLY_TRANSACTIONS=20000] [APPLY_WORK=oltp_write_only,oltp_insert] [APPLY_WORKERS=4]

Each source is filled by sysbench while its replica fetches and does not apply. Then the applier is started on the whole
relay log, and the time to its end is taken: beside it the processor time of the replica's process. Inserts are three
times as many: they would be applied before the clock could tell how fast.
"""
import os
import time

import keep_up
import replicas
import servers
import sysbench_tool
from findings import Goal, Line
from harness.rows import assert_same_rows
from harness.topology import add_replication_user, follow, wait_caught_up
from harness.wait import wait_until
from measure import processor_seconds
from settings import IS_LONG, names, numbers

WORK = names('APPLY_WORK', 'oltp_write_only,oltp_insert')
TRANSACTIONS = int(os.environ.get('APPLY_TRANSACTIONS', 60000 if IS_LONG else 20000))
TIMES = {'oltp_insert': 3}
WORKERS = numbers('APPLY_WORKERS', '4')
THREADS = 16
GOALS = {'oltp_write_only': Goal(times=10.0, or_figure=60000), 'oltp_insert': Goal(times=10.0)}
SERVERS = ('gemel', 'mariadb')


def count_of(work):
    return TRANSACTIONS * TIMES.get(work, 1)


def fill(source, work):
    """Where a replica has to begin: before the tables are made, and before the measured work."""
    source.start()
    add_replication_user(source)
    first = source.log_end_position()
    sysbench_tool.fill(source)
    middle = source.log_end_position()
    sysbench_tool.call(source, work, THREADS, f'--events={count_of(work)}', '--time=0', 'run')
    return first, middle


def measure(folder, source, first, middle, count, workers):
    """Transactions a second, and microseconds of processor time for each."""
    replica = replicas.make(source.kind, folder, f'replica{workers}', 2, workers)
    with servers.closing(replica):
        replica.start()
        follow(replica, source, first, start=False)
        replica.execute('START SLAVE IO_THREAD', 'START SLAVE SQL_THREAD UNTIL '
                        f"MASTER_LOG_FILE='{middle[0]}', MASTER_LOG_POS={middle[1]}")
        wait_until(lambda: replica.replica_status()['Slave_SQL_Running'] == 'No', 'the tables', 300)
        wait_until(lambda: replicas.has_fetched(replica, source), 'all of the log', 300)
        end, used, began = source.log_end_position(), processor_seconds(replica), time.monotonic()
        replica.execute('START SLAVE SQL_THREAD')
        keep_up.time_until_all_are_at([replica], end)
        seconds, used = time.monotonic() - began, processor_seconds(replica) - used
        wait_caught_up([(source, replica)])
        assert_same_rows(source, replica)
    return count / seconds, used / count * 1e6


def measure_kind(kind, work):
    """{workers: what was measured}"""
    with servers.scratch() as folder:
        source = replicas.make(kind, folder, 'source', 1)
        with servers.closing(source):
            first, middle = fill(source, work)
            return {workers: measure(folder, source, first, middle, count_of(work), workers) for workers in WORKERS}


def run():
    for work in WORK:
        found = {kind: measure_kind(kind, work) for kind in servers.chosen(*SERVERS)}
        for workers in WORKERS:
            yield Line(f'a replica applies a backlog, {work}, {workers} workers',
                       {kind: rates[workers][0] for kind, rates in found.items()}, goal=GOALS.get(work, Goal(times=10.0)),
                       details={f'{kind}: processor, µs': f'{rates[workers][1]:.1f}' for kind, rates in found.items()},
                       note=f'{count_of(work):,} transactions, {sysbench_tool.TABLES} x {sysbench_tool.ROWS:,} rows; '
                            f'MariaDB has {workers * 2} threads')
