"""sysbench's transactions: reads by key, ranges, writes."""
import statistics
from dataclasses import dataclass, field

import sysbench_tool
from findings import Failure, Goal, Line
from measure import in_turn
from servers import Wall, chosen, closing, running, scratch
from settings import HERE, SECONDS, names, numbers

TITLE = "sysbench's transactions"
THREADS = numbers('BENCH_THREADS', '1,8,32')
WORK = names('BENCH_WORK', '')
RANGES = ('simple-ranges', 'sum-ranges', 'order-ranges', 'distinct-ranges')
TEXT = ['--db-ps-mode=disable']
MYSQL_THREADS = 8       # MySQL 5.6 is measured there only


def only(kind):
    """Of the read-only transaction, ten of one kind of range and nothing else."""
    return ['--point-selects=0', '--skip-trx=on', *(f'--{name}={10 if name == kind else 0}' for name in RANGES)]


@dataclass
class Work:
    name: str
    script: str
    goal: Goal
    threads: tuple
    options: list = field(default_factory=list)
    changes_size: bool = False      # its tables are made anew each time


OF_WALL, READ, WRITE, INSERT = Goal(wall=0.9), Goal(times=1.4), Goal(times=2.0), Goal(times=3.0)
WORKS = [
    Work('point select', 'oltp_point_select', OF_WALL, (8,)),
    Work('point select, text', 'oltp_point_select', OF_WALL, (8,), TEXT),
    Work('ranges of 100', 'oltp_read_only', READ, (1, 8, 32), only('simple-ranges')),
    Work('sums over 100', 'oltp_read_only', READ, (1, 8, 32), only('sum-ranges')),
    Work('ordered 100', 'oltp_read_only', READ, (1, 8, 32), only('order-ranges')),
    Work('distinct of 100', 'oltp_read_only', READ, (1, 8, 32), only('distinct-ranges')),
    Work('read only', 'oltp_read_only', READ, (1, 8, 32)),
    Work('read write', 'oltp_read_write', WRITE, (8, 32)),
    Work('read write, text', 'oltp_read_write', WRITE, (8, 32), TEXT),
    Work('write only', 'oltp_write_only', WRITE, (1, 8, 32)),
    Work('insert', 'oltp_insert', INSERT, (8, 32), changes_size=True),
    Work('update indexed', 'oltp_update_index', WRITE, (8, 32)),
    Work('update not indexed', 'oltp_update_non_index', WRITE, (8, 32)),
    Work('delete', 'oltp_delete', WRITE, (8, 32), changes_size=True),
    Work('one hot row', str(HERE / 'hot_row.lua'), WRITE, (32,)),
]


def measure(servers, work, threads, failures):
    """{server: [Rate]}, of all rounds."""
    by_name = {server.name: server for server in servers}

    def make(server):
        def once():
            try:
                return sysbench_tool.rate(server, work.script, threads, SECONDS, *work.options)
            except sysbench_tool.SysbenchFailed as error:
                failures.append(Failure(str(error)))
                return None
        return once

    def before(name):
        if work.changes_size:
            sysbench_tool.fill(by_name[name])
    found = in_turn({server.name: make(server) for server in servers}, before=before)
    return {name: [rate for rate in rates if rate] for name, rates in found.items()}


def median(rates, part):
    return statistics.median(getattr(rate, part) for rate in rates) if rates else None


def line(work, threads, rates):
    figures = {name: median(values, 'transactions') for name, values in rates.items()}
    details = {}
    for name in ('gemel', 'mariadb'):
        if rates.get(name):
            details[f'{name}: p95, ms'] = f'{median(rates[name], "p95_ms"):.2f}'
            details[f'{name}: processor, µs'] = f'{median(rates[name], "processor_us"):.0f}'
    wall = figures.pop('wall', None)
    return Line(f'{work.name}, {threads} threads', figures, goal=work.goal, wall=wall, details=details)


def chosen_work():
    wanted = WORK if WORK != [''] else [work.name for work in WORKS]
    return [(work, number) for work in WORKS if work.name in wanted for number in work.threads if number in THREADS]


def run():
    with running(*chosen()) as servers, scratch() as folder, closing(Wall(folder).start()) as (wall,):
        for server in servers:
            sysbench_tool.fill(server)
        for work, threads in chosen_work():
            failures = []
            taking_part = [server for server in servers if server.kind != 'mysql56' or threads == MYSQL_THREADS]
            if work.goal == OF_WALL:
                taking_part.append(wall)
            yield line(work, threads, measure(taking_part, work, threads, failures))
            yield from failures
