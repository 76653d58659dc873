#!/usr/bin/python3
"""How long a start takes: on an empty data directory, after a clean stop, after kill -9 at full write load, and after the
store has lost what it was not told to flush, Gemel beside MariaDB where it can be compared.

    bench/restart.py    [BENCH_SECONDS=10,30] [BENCH_THREADS=32] [BENCH_WORK=oltp_write_only] [BENCH_SERVERS=gemel,mariadb]

Until the server answers; "listening" is not enough. The lost store is an old copy of it put under the whole log: then
everything since the copy is replayed, which shows what a second of replay is worth.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

from harness.server import Gemel, Mariadb  # noqa: E402

SECONDS = [float(seconds) for seconds in os.environ.get('BENCH_SECONDS', '10,30').split(',')]
THREADS = os.environ.get('BENCH_THREADS', '32')
WORK = os.environ.get('BENCH_WORK', 'oltp_write_only')
SERVERS = os.environ.get('BENCH_SERVERS', 'gemel,mariadb').split(',')
KINDS = {'gemel': Gemel, 'mariadb': Mariadb}


def sysbench(server, *more):
    return subprocess.Popen(['sysbench', WORK, '--db-driver=mysql', f'--mysql-socket={server.socket}', '--mysql-user=root',
                             '--mysql-db=sbtest', '--tables=4', '--table-size=50000', f'--threads={THREADS}', *more],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def size(folder):
    return sum(path.stat().st_size for path in Path(folder).rglob('*') if path.is_file())


def megabytes(count):
    return f'{count / 1048576:.0f} MB'


def timed(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began


def processor_seconds(server):
    """What the server has used of the processor: of a start it tells more than the clock where others work beside it."""
    if not server.is_running():
        return ''
    fields = Path(f'/proc/{server.process.pid}/stat').read_text().rpartition(')')[2].split()
    return f'{(int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"):5.2f}'


def report(server, what, seconds, *notes):
    print(f'{server.kind:9}{what:44}{seconds:8.2f}{processor_seconds(server):>9}   {", ".join(notes)}', flush=True)


def repeated(server):
    found = re.findall(r'(\d+) transactions were repeated', server.log())
    return f'{found[-1] if found else 0} transactions repeated'


def log_size(server):
    return sum(path.stat().st_size for path in server.datadir.glob(f'{server.name}-bin.0*'))


def engine_log(server):
    """What the engine reads at its start: RocksDB's write-ahead log, InnoDB's redo log."""
    return sum(path.stat().st_size for path in (server.datadir / 'store').glob('*.log')) if server.kind == 'gemel' else None


def load_and_kill(server, seconds):
    before = log_size(server)
    work = sysbench(server, f'--time={seconds:.0f}', 'run')
    threading.Event().wait(seconds * 0.95)     # the middle of the load, not its end
    server.kill()
    work.wait()
    written, wal = log_size(server) - before, engine_log(server)
    return [f'{megabytes(written)} of log written'] + ([f'store\'s own log {megabytes(wal)}'] if wal is not None else [])


def measure(server, keep):
    if server.kind == 'mariadb':
        server.prepare()
    report(server, 'start, empty data directory', timed(server.start))
    report(server, 'clean stop, nothing done', timed(server.stop))
    server.start()
    server.execute('CREATE DATABASE sbtest')
    sysbench(server, 'prepare').wait()
    report(server, 'clean stop, 4 x 50,000 rows loaded', timed(server.stop))
    report(server, 'start after that', timed(server.start))
    for seconds in SECONDS:
        notes = load_and_kill(server, seconds)
        taken = timed(server.start)
        report(server, f'start after kill -9, {seconds:.0f} s of {WORK}', taken, *notes,
               *([repeated(server)] if server.kind == 'gemel' else []))
    if server.kind == 'gemel':
        server.stop()
        shutil.copytree(server.datadir / 'store', keep)
        server.start()
        notes = load_and_kill(server, SECONDS[0])
        shutil.rmtree(server.datadir / 'store')
        shutil.move(keep, server.datadir / 'store')
        taken = timed(lambda: server.start(deadline=600))
        report(server, f'start, the store {SECONDS[0]:.0f} s behind', taken, *notes, repeated(server))
    report(server, 'clean stop at last', timed(server.stop))


def main():
    folder = Path(tempfile.mkdtemp(prefix='gemel-restart-'))
    print(f'{"seconds":>61}{"of CPU":>9}')
    for kind in SERVERS:
        options = {'innodb_log_file_size': '1G'} if kind == 'mariadb' else {}
        server = KINDS[kind](folder, kind, innodb_buffer_pool_size='256M', **options)
        try:
            measure(server, folder / 'kept')
        finally:
            if server.is_running():
                server.kill()
    shutil.rmtree(folder)
    return 0


if __name__ == '__main__':
    sys.exit(main())
