"""sysbench as a function: filling its tables, running one of its scripts."""
import os
import re
import subprocess
from dataclasses import dataclass

import measure

TABLES = int(os.environ.get('BENCH_TABLES', 4))
ROWS = int(os.environ.get('BENCH_ROWS', 50000))


class SysbenchFailed(Exception):
    pass


@dataclass
class Rate:
    transactions: float     # a second
    p95_ms: float
    processor_us: float     # of the server's processor time, a transaction


def command(server, script, threads, *more, tables=TABLES, rows=ROWS):
    return ['sysbench', script, '--db-driver=mysql', f'--mysql-socket={server.socket}', '--mysql-user=root',
            '--mysql-db=sbtest', f'--tables={tables}', f'--table-size={rows}', f'--threads={threads}', *more]


def call(server, script, threads, *more, **sizes):
    done = subprocess.run(command(server, script, threads, *more, **sizes), capture_output=True, text=True, timeout=3600,
                          env=dict(os.environ, LUA_PATH='/usr/share/sysbench/?.lua;;'))
    if done.returncode:
        errors = [line for line in (done.stdout + done.stderr).splitlines() if 'FATAL' in line or 'rror' in line]
        raise SysbenchFailed(f'{server.name}: {script} {more[-1]}: ' + '; '.join(errors[:4]))
    return done.stdout


def fill(server, tables=TABLES, rows=ROWS):
    server.execute('DROP DATABASE IF EXISTS sbtest', 'CREATE DATABASE sbtest')
    call(server, 'oltp_read_write', min(tables, 4), 'prepare', tables=tables, rows=rows)


def rate(server, script, threads, seconds, *options, **sizes):
    before = measure.processor_seconds(server)
    text = call(server, script, threads, f'--time={seconds}', '--report-interval=0', *options, 'run', **sizes)
    used = measure.processor_seconds(server) - before
    count = int(re.search(r'transactions:\s*(\d+)', text)[1])
    return Rate(float(re.search(r'transactions:.*\((\S+) per sec', text)[1]),
                float(re.search(r'95th percentile:\s*(\S+)', text)[1]), used / max(count, 1) * 1e6)
