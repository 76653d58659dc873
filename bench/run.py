#!/usr/bin/python3
"""Gemel beside MariaDB: the same sysbench work on both in turn, in one run, because only ratios keep.

    make bench      [BENCH_MODE=short|long] [BENCH_WORK='point select,insert'] [BENCH_THREADS=1,8,32] [BENCH_SECONDS=10]
                    [BENCH_ROUNDS=3] [BENCH_RESULTS=bench/results]

Both flush at every commit, log rows, and are reached over their sockets; 4 tables of 50,000 rows, made anew for the work
that changes their number. Beside reads by key stands the wall: a server of canned answers (wall.c). Beside commits, how
many flushes of a small append the disk does in a second. Medians go to the results as a table and as bars.
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

import report  # noqa: E402
from harness.server import Gemel, Mariadb  # noqa: E402
from harness.wait import wait_until  # noqa: E402
from work import WORK, Work  # noqa: E402

HERE = Path(__file__).resolve().parent
IS_LONG = os.environ.get('BENCH_MODE', 'short') == 'long'
SECONDS = int(os.environ.get('BENCH_SECONDS', 20 if IS_LONG else 3))
ROUNDS = int(os.environ.get('BENCH_ROUNDS', 3 if IS_LONG else 1))
THREADS = os.environ.get('BENCH_THREADS', '1,8,32' if IS_LONG else '8,32')
NAMES = os.environ.get('BENCH_WORK')
RESULTS = Path(os.environ.get('BENCH_RESULTS', HERE / 'results'))
TABLES = int(os.environ.get('BENCH_TABLES', 4))
ROWS = int(os.environ.get('BENCH_ROWS', 50000))


class SysbenchFailed(Exception):
    pass


class Wall:
    """The server of canned answers, behind what this file asks of a server."""
    name = 'wall'

    def __init__(self, folder):
        self.folder, self.socket = folder, str(folder / 'wall.sock')

    def start(self):
        program = self.folder / 'wall'
        subprocess.run([os.environ.get('CC', 'cc'), '-O2', '-pthread', '-o', program, HERE / 'wall.c'], check=True)
        self.process = subprocess.Popen([program, self.socket])
        wait_until(lambda: os.path.exists(self.socket), 'the wall', 10)

    def stop(self):
        self.process.kill()
        self.process.wait()


@dataclass
class Row:
    """Medians; None where nothing was measured."""
    work: Work
    threads: int
    ours: float = None
    theirs: float = None
    wall: float = None
    our_p95: float = None
    their_p95: float = None

    @property
    def ratio(self):
        return self.ours / self.theirs if self.ours and self.theirs else None

    @property
    def of_wall(self):
        return self.ours / self.wall if self.ours and self.wall else None


def sysbench(server, script, threads, command, *more):
    run = subprocess.run(['sysbench', script, '--db-driver=mysql', f'--mysql-socket={server.socket}', '--mysql-user=root',
                          '--mysql-db=sbtest', f'--tables={TABLES}', f'--table-size={ROWS}', f'--threads={threads}',
                          *more, command], capture_output=True, text=True, timeout=900,
                         env=dict(os.environ, LUA_PATH='/usr/share/sysbench/?.lua;;'))
    if run.returncode:
        errors = [line for line in (run.stdout + run.stderr).splitlines() if 'FATAL' in line or 'rror' in line]
        raise SysbenchFailed(f'{server.name}: {script} {command}: ' + '; '.join(errors[:4]))
    return run.stdout


def measure(server, work, threads):
    """Transactions a second, and the 95th percentile in ms."""
    text = sysbench(server, work.script, threads, 'run', f'--time={SECONDS}', '--report-interval=0', *work.options)
    return (float(re.search(r'transactions:.*\((\S+) per sec', text)[1]),
            float(re.search(r'95th percentile:\s*(\S+)', text)[1]))


def fill(server):
    server.execute('DROP DATABASE IF EXISTS sbtest', 'CREATE DATABASE sbtest')
    sysbench(server, 'oltp_read_write', 4, 'prepare')


def measure_in_turn(servers, wall, work, threads, failures):
    found = {}
    for _ in range(ROUNDS):
        for server in [*servers, wall] if work.has_wall else servers:
            try:
                found.setdefault(server.name, []).append(measure(server, work, threads))
            except SysbenchFailed as error:
                failures.append(str(error))

    def median(name, part):
        values = [value[part] for value in found.get(name, [])]
        return statistics.median(values) if values else None
    return Row(work, threads, median('gemel', 0), median('mariadb', 0), median('wall', 0), median('gemel', 1),
               median('mariadb', 1))


def flushes_a_second(folder, seconds=2):
    """Small appends, each flushed: what commits one behind the other are bounded by."""
    count, end = 0, time.monotonic() + seconds
    with open(folder / 'flushed', 'wb', buffering=0) as file:
        while time.monotonic() < end:
            file.write(b'x' * 300)
            os.fdatasync(file.fileno())
            count += 1
    return count / seconds


def chosen():
    wanted = NAMES.split(',') if NAMES else [work.name for work in WORK]
    threads = [int(number) for number in THREADS.split(',')]
    return [(work, number) for work in WORK if work.name in wanted for number in work.threads if number in threads]


def write_results(rows, flushes):
    RESULTS.mkdir(parents=True, exist_ok=True)
    head = [f'{time.strftime("%Y-%m-%d")}, {os.cpu_count()} cores; medians of {ROUNDS} rounds of {SECONDS} s, '
            f'{TABLES} x {ROWS} rows. A flush of a small append: {flushes:,.0f}/s.']
    table = report.markdown(head, rows)
    (RESULTS / 'sysbench.md').write_text(table)
    (RESULTS / 'sysbench.svg').write_text(report.bars(rows))
    print(table)


def main():
    folder = Path(tempfile.mkdtemp(prefix='gemel-bench-'))
    servers = [Gemel(folder, 'gemel', server_id=1, innodb_buffer_pool_size='256M'),
               Mariadb(folder, 'mariadb', server_id=2, innodb_buffer_pool_size='256M')]
    wall = Wall(folder)
    failures, rows = [], []
    try:
        for server in servers:
            server.start()
            fill(server)
        wall.start()
        for work, threads in chosen():
            if 'insert' in work.script or 'delete' in work.script:
                for server in servers:
                    fill(server)
            rows.append(measure_in_turn(servers, wall, work, threads, failures))
            print(f'{work.name}, {threads}: {report.cell(rows[-1].ratio, 2)}', flush=True)
        write_results(rows, flushes_a_second(folder))
        wall.stop()
        for server in servers:
            server.stop()
    except SysbenchFailed as error:
        failures.append(str(error))
    finally:
        for server in servers:
            if server.is_running():
                server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    for failure in failures:
        print(f'FAILED {failure}')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
