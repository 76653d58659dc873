#!/usr/bin/python3
"""Gemel beside MariaDB: the same sysbench work on both in turn, in one run, because only ratios keep.

    make bench      [BENCH_SECONDS=10] [BENCH_ROUNDS=3] [BENCH_THREADS=8] [BENCH_WORK=oltp_read_write,...]

Both flush at every commit, log rows, and are reached over their sockets; tables and rows as in docs: 4 x 50,000.
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

from harness.server import Gemel, Mariadb  # noqa: E402

WORK = os.environ.get('BENCH_WORK', 'oltp_point_select,oltp_read_only,oltp_read_write,oltp_write_only,oltp_insert,'
                                    'oltp_update_index').split(',')
SECONDS = int(os.environ.get('BENCH_SECONDS', 10))
ROUNDS = int(os.environ.get('BENCH_ROUNDS', 3))
THREADS = int(os.environ.get('BENCH_THREADS', 8))
TABLES = int(os.environ.get('BENCH_TABLES', 4))
ROWS = int(os.environ.get('BENCH_ROWS', 50000))


class SysbenchFailed(Exception):
    pass


def sysbench(server, work, command, *more):
    run = subprocess.run(['sysbench', work, '--db-driver=mysql', f'--mysql-socket={server.socket}', '--mysql-user=root',
                          '--mysql-db=sbtest', f'--tables={TABLES}', f'--table-size={ROWS}', f'--threads={THREADS}',
                          *more, command], capture_output=True, text=True, timeout=900)
    if run.returncode:
        errors = [line for line in (run.stdout + run.stderr).splitlines() if 'FATAL' in line or 'rror' in line]
        raise SysbenchFailed(f'{server.name}: {work} {command}: ' + '; '.join(errors[:4]))
    return run.stdout


def measure(server, work):
    """Transactions a second, and the 95th percentile in ms."""
    text = sysbench(server, work, 'run', f'--time={SECONDS}', '--report-interval=0')
    return (float(re.search(r'transactions:.*\((\S+) per sec', text)[1]),
            float(re.search(r'95th percentile:\s*(\S+)', text)[1]))


def prepare(server):
    server.start()
    server.execute('CREATE DATABASE sbtest')
    sysbench(server, 'oltp_read_write', 'prepare')


def run_all(servers):
    """{(work, server): [(rate, ms)]}, and what failed"""
    results, failures = {}, []
    for work in WORK:
        for _ in range(ROUNDS):
            for server in servers:
                try:
                    results.setdefault((work, server.name), []).append(measure(server, work))
                except SysbenchFailed as error:
                    failures.append(str(error))
    return results, failures


def median(results, work, server, part):
    values = [value[part] for value in results.get((work, server), [])]
    return statistics.median(values) if values else float('nan')


def print_table(results):
    print(f'\nmedians of {ROUNDS} rounds of {SECONDS} s, {THREADS} threads, {TABLES} x {ROWS} rows')
    print(f'{"":20}{"gemel/s":>10}{"mariadb/s":>11}{"ratio":>7}{"gemel p95":>11}{"mariadb p95":>13}')
    for work in WORK:
        ours, theirs = median(results, work, 'gemel', 0), median(results, work, 'mariadb', 0)
        print(f'{work:20}{ours:10.0f}{theirs:11.0f}{ours / theirs:7.2f}{median(results, work, "gemel", 1):8.2f} ms'
              f'{median(results, work, "mariadb", 1):10.2f} ms')


def main():
    folder = Path(tempfile.mkdtemp(prefix='gemel-bench-'))
    servers = [Gemel(folder, 'gemel', server_id=1, innodb_buffer_pool_size='256M'),
               Mariadb(folder, 'mariadb', server_id=2, innodb_buffer_pool_size='256M')]
    failures = []
    try:
        for server in servers:
            prepare(server)
        results, failures = run_all(servers)
        print_table(results)
        for server in servers:
            sysbench(server, 'oltp_read_write', 'cleanup')
    except SysbenchFailed as error:
        failures.append(str(error))
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    for failure in failures:
        print(f'FAILED {failure}')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
