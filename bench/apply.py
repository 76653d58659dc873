#!/usr/bin/python3
"""How fast a replica that is behind catches up, Gemel beside MariaDB, durable on both.

    make bench-apply    [APPLY_TRANSACTIONS=50000] [APPLY_WORK=oltp_write_only,...] [APPLY_SERVERS=gemel,mariadb]
                        [APPLY_WORKERS=0,4]

Each source is filled by sysbench while its replica fetches and does not apply. Then the applier is started on the
whole relay log, and the time to its end is taken. A replica is measured with each number of workers anew.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

from harness.rows import assert_same_rows  # noqa: E402
from harness.server import Gemel, Mariadb  # noqa: E402
from harness.topology import add_replication_user, follow, wait_caught_up  # noqa: E402
from harness.wait import wait_until  # noqa: E402

WORK = os.environ.get('APPLY_WORK', 'oltp_write_only,oltp_insert,oltp_update_index').split(',')
TRANSACTIONS = int(os.environ.get('APPLY_TRANSACTIONS', 50000))
SERVERS = os.environ.get('APPLY_SERVERS', 'gemel,mariadb').split(',')
WORKERS = [int(number) for number in os.environ.get('APPLY_WORKERS', '0,4').split(',')]
THREADS = int(os.environ.get('APPLY_THREADS', 16))
TABLES = int(os.environ.get('APPLY_TABLES', 4))
ROWS = int(os.environ.get('APPLY_ROWS', 50000))
OPTIONS = {
    'gemel': lambda workers: {'slave_parallel_workers': workers},
    'mariadb': lambda workers: {'slave_parallel_threads': workers * 2, 'slave_parallel_mode': 'optimistic'},
}


def sysbench(server, work, command, *more):
    run = subprocess.run(['sysbench', work, '--db-driver=mysql', f'--mysql-socket={server.socket}', '--mysql-user=root',
                          '--mysql-db=sbtest', f'--tables={TABLES}', f'--table-size={ROWS}', f'--threads={THREADS}',
                          *more, command], capture_output=True, text=True, timeout=900)
    if run.returncode:
        raise SystemExit(f'{server.name}: {work} {command}: {run.stdout[-1000:]}{run.stderr[-1000:]}')


def make(folder, kind, name, **options):
    maker = Gemel if kind == 'gemel' else Mariadb
    return maker(folder, name, innodb_buffer_pool_size='256M', innodb_log_file_size='256M', max_binlog_size='1G',
                 max_relay_log_size='1G', **options)


def fill(source, work):
    """Where a replica has to begin: before the tables are made, and before the measured work."""
    source.start()
    add_replication_user(source)
    begin = source.log_end_position()
    source.execute('CREATE DATABASE sbtest')
    sysbench(source, 'oltp_read_write', 'prepare')
    middle = source.log_end_position()
    sysbench(source, work, 'run', f'--events={TRANSACTIONS}', '--time=0')
    return begin, middle


def has_fetched(replica, source):
    status = replica.replica_status()
    return (status['Master_Log_File'], int(status['Read_Master_Log_Pos'])) == source.log_end_position()


def is_at(replica, end):
    status = replica.replica_status()
    return (status['Relay_Master_Log_File'], int(status['Exec_Master_Log_Pos'])) == end


def measure(folder, source, begin, middle, workers):
    """Transactions a second."""
    replica = make(folder, source.kind, f'replica{workers}', server_id=2, **OPTIONS[source.kind](workers))
    replica.start()
    follow(replica, source, begin, start=False)
    replica.execute('START SLAVE IO_THREAD', 'START SLAVE SQL_THREAD UNTIL '
                    f"MASTER_LOG_FILE='{middle[0]}', MASTER_LOG_POS={middle[1]}")
    wait_until(lambda: replica.replica_status()['Slave_SQL_Running'] == 'No', 'the tables', 300)
    wait_until(lambda: has_fetched(replica, source), 'all of the log', 300)
    end = source.log_end_position()
    started = time.monotonic()
    replica.execute('START SLAVE SQL_THREAD')
    wait_until(lambda: is_at(replica, end), 'the end', 600)
    seconds = time.monotonic() - started
    wait_caught_up([(source, replica)])
    assert_same_rows(source, replica)
    replica.stop()
    shutil.rmtree(replica.datadir)
    return TRANSACTIONS / seconds


def bench(kind, work):
    """{workers: transactions a second}"""
    folder, rates = Path(tempfile.mkdtemp(prefix='gemel-bench-')), {}
    source = make(folder, kind, 'source', server_id=1)
    try:
        begin, middle = fill(source, work)
        for workers in WORKERS:
            rates[workers] = measure(folder, source, begin, middle, workers)
        source.stop()
    finally:
        if source.is_running():
            source.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return rates


def print_table(results):
    print(f'\ntransactions applied a second, {TRANSACTIONS} of them, {TABLES} x {ROWS} rows')
    print(f'{"":20}{"workers":>8}' + ''.join(f'{kind + "/s":>12}' for kind in SERVERS) + f'{"ratio":>7}')
    for work in WORK:
        for workers in WORKERS:
            rates = [results[kind, work][workers] for kind in SERVERS]
            ratio = f'{rates[0] / rates[1]:7.1f}' if len(rates) == 2 else ''
            print(f'{work:20}{workers:8}' + ''.join(f'{rate:12.0f}' for rate in rates) + ratio, flush=True)


if __name__ == '__main__':
    print_table({(kind, work): bench(kind, work) for work in WORK for kind in SERVERS})
