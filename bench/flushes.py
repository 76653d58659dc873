#!/usr/bin/python3
"""Flushes for a commit, Gemel beside MariaDB, both durable at every commit: counted by strace, by the file flushed.

    bench/flushes.py    [BENCH_SECONDS=5] [BENCH_THREADS=1,2,8,32]

The tracing slows both down: the rates tell nothing, the flushes for a commit do.
"""
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

from harness import flushes  # noqa: E402
from harness.server import Gemel, Mariadb  # noqa: E402

SECONDS = float(os.environ.get('BENCH_SECONDS', 5))
THREADS = [int(number) for number in os.environ.get('BENCH_THREADS', '1,2,8,32').split(',')]
KINDS = (('log', re.compile(r'-bin\.\d+$')), ("engine's log", re.compile(r'^ib_logfile\d+$|^\d+\.log$')))


def write(server, writer, end, done):
    with server.connect(database='d') as connection, connection.cursor() as cursor:
        while time.monotonic() < end:
            done[writer] += 1
            cursor.execute('INSERT INTO t (v) VALUES (%s)', (writer,))


def kind_of(name):
    return next((kind for kind, pattern in KINDS if pattern.search(name)), 'other files')


def measure(server, trace, threads):
    done = Counter()
    before, end = flushes.mark(trace), time.monotonic() + SECONDS
    writers = [threading.Thread(target=write, args=(server, writer, end, done)) for writer in range(threads)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    kinds = Counter()
    for name, count in flushes.since(trace, before).items():
        kinds[kind_of(name)] += count
    return sum(done.values()), kinds


def main():
    folder = Path(tempfile.mkdtemp(prefix='gemel-flushes-'))
    print(f'{"":9}{"threads":>8}{"commits":>9}{"flushes":>9}{"a commit":>10}   of which')
    for kind in (Gemel, Mariadb):
        server, trace = kind(folder, kind.kind), folder / f'{kind.kind}.strace'
        flushes.trace(server, trace)
        server.start()
        server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id BIGINT PRIMARY KEY AUTO_INCREMENT, v INT)')
        for threads in THREADS:
            commits, kinds = measure(server, trace, threads)
            total = sum(kinds.values())
            print(f'{kind.kind:9}{threads:8}{commits:9}{total:9}{total / commits:10.2f}   '
                  + ', '.join(f'{name} {count}' for name, count in sorted(kinds.items())), flush=True)
        server.stop()
    shutil.rmtree(folder)
    return 0


if __name__ == '__main__':
    sys.exit(main())
