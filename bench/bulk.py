#!/usr/bin/python3
"""Bulk work, Gemel beside MariaDB: loads, one large transaction, ALTER TABLE, large rows, many tables.

    bench/bulk.py    [BENCH_MODE=short|long] [BULK_ROWS=1000000] [BULK_WORK='load data,add index'] [BENCH_ROUNDS=3]
                     [BENCH_RESULTS=bench/results]

Each work is done by both in turn, each round anew. Of the servers are told: seconds, processor seconds (which tell more
than the clock where others work beside them), and the most memory while it lasted. Medians go to the results as a table.
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

from harness.server import Gemel, Mariadb  # noqa: E402
from report import cell  # noqa: E402

IS_LONG = os.environ.get('BENCH_MODE', 'short') == 'long'
ROWS = int(os.environ.get('BULK_ROWS', 1000000 if IS_LONG else 50000))
ROUNDS = int(os.environ.get('BENCH_ROUNDS', 3 if IS_LONG else 1))
NAMES = os.environ.get('BULK_WORK')
RESULTS = Path(os.environ.get('BENCH_RESULTS', Path(__file__).resolve().parent / 'results'))
TABLES = 1000 if IS_LONG else 100
LARGE_ROWS = min(2000, max(200, ROWS // 500))
LARGE_SIZE = 100 * 1024

COLUMNS = ('(id BIGINT PRIMARY KEY, k INT NOT NULL, price DECIMAL(10,2), made DATETIME, name VARCHAR(100), '
           'note VARCHAR(200), KEY (k))')


class Files:
    """What is loaded: rows as lines with tabs, and as MariaDB's own dump of them."""

    def __init__(self, folder):
        self.lines, self.dump = folder / 'rows.txt', folder / 'rows.sql'
        with open(self.lines, 'w', encoding='utf-8') as file:
            for i in range(ROWS):
                k = i * 7919 % 1000003     # every value once, in no order
                file.write(f'{i}\t{k}\t{k % 100000}.{i % 100:02}\t2026-{k % 12 + 1:02}-{i % 28 + 1:02} 10:11:12\t'
                           f'name of {k} and of {i}\t{"note " * (k % 20)}{i}\n')

    def make_dump(self, mariadb):
        mariadb.execute('CREATE DATABASE origin', f'CREATE TABLE origin.t {COLUMNS}')
        load(mariadb, self, 'origin')
        with open(self.dump, 'w', encoding='utf-8') as file:
            subprocess.run(['mariadb-dump', f'--defaults-file={mariadb.option_file}', '-uroot', 'origin'], stdout=file,
                           check=True)


def load(server, files, database='bulk'):
    connection = server.connect(database=database, local_infile=True, read_timeout=1200)
    with connection.cursor() as cursor:
        cursor.execute(f"LOAD DATA LOCAL INFILE '{files.lines}' INTO TABLE t CHARACTER SET utf8mb4")
    connection.close()


def import_dump(server, files):
    with open(files.dump, 'rb') as file:
        subprocess.run(['mariadb', f'--defaults-file={server.option_file}', '-uroot', 'bulk'], stdin=file, check=True)


def run(*statements):
    def act(server, _):
        connection = server.connect(database='bulk', read_timeout=1200)
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()
    return act


def insert_large(server, _):
    connection = server.connect(database='bulk', autocommit=False)
    with connection.cursor() as cursor:
        for i in range(LARGE_ROWS):
            cursor.execute('INSERT INTO large VALUES (%s, %s)', (i, f'{i:08}' * (LARGE_SIZE // 8)))
            if i % 10 == 9:
                connection.commit()
    connection.commit()
    connection.close()


def many(statement):
    return run(*(statement.format(i) for i in range(TABLES)))


@dataclass
class Work:
    name: str
    act: callable
    goal: float            # times MariaDB's speed; None: instant
    before: tuple = ()     # untimed


EMPTY = run(f'CREATE TABLE t {COLUMNS}')
LARGE = run('CREATE TABLE large (id INT PRIMARY KEY, body LONGTEXT)')
COPY = run(f'CREATE TABLE copy {COLUMNS}')
CREATE_MANY = many('CREATE TABLE t{} (id INT PRIMARY KEY, name VARCHAR(20), KEY (name))')
INSERT_MANY = many("INSERT INTO t{} VALUES (1, 'one')")
WORK = [
    Work('import of a dump', import_dump, 3.0),
    Work('load data', load, 3.0, (EMPTY,)),
    Work('add column', run('ALTER TABLE t ADD COLUMN more INT NOT NULL DEFAULT 7'), None, (EMPTY, load)),
    Work('add index', run('ALTER TABLE t ADD INDEX (name)'), 2.0, (EMPTY, load)),
    Work('add unique index', run('ALTER TABLE t ADD UNIQUE (made, id)'), 2.0, (EMPTY, load)),
    Work('one transaction, insert .. select', run('INSERT INTO copy SELECT * FROM t'), 1.0, (EMPTY, load, COPY)),
    Work('one transaction, update', run('UPDATE t SET price = price + 1'), 1.0, (EMPTY, load)),
    Work('one transaction, delete', run('DELETE FROM t'), 1.0, (EMPTY, load)),
    Work(f'{LARGE_ROWS} rows of 100 KB', insert_large, 1.0, (LARGE,)),
    Work('rows of 100 KB read', run('SELECT SUM(LENGTH(body)), MAX(body) FROM large'), 1.0, (LARGE, insert_large)),
    Work(f'{TABLES} tables created', CREATE_MANY, 1.0),
    Work(f'{TABLES} tables, a row each', INSERT_MANY, 1.0, (CREATE_MANY,)),
    Work(f'{TABLES} tables read', many('SELECT * FROM t{}'), 1.0, (CREATE_MANY, INSERT_MANY)),
    Work('all tables dropped', run('DROP DATABASE bulk', 'CREATE DATABASE bulk'), 1.0, (CREATE_MANY, INSERT_MANY)),
]


@dataclass
class Taken:
    seconds: float
    processor: float
    megabytes: float     # at its peak


def processor_seconds(server):
    fields = Path(f'/proc/{server.process.pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def forget_peak(server):
    Path(f'/proc/{server.process.pid}/clear_refs').write_text('5')


def peak_megabytes(server):
    status = Path(f'/proc/{server.process.pid}/status').read_text()
    return int(re.search(r'VmHWM:\s+(\d+)', status)[1]) / 1024


def measure(server, work, files):
    server.execute('DROP DATABASE IF EXISTS bulk', 'CREATE DATABASE bulk')
    for act in work.before:
        act(server, files)
    forget_peak(server)
    processor, began = processor_seconds(server), time.monotonic()
    work.act(server, files)
    return Taken(time.monotonic() - began, processor_seconds(server) - processor, peak_megabytes(server))


def median(taken, part):
    return statistics.median(getattr(one, part) for one in taken)


def ratio(theirs, ours):
    """None where both are within the grain of what is measured: the processor's time is counted in 10 ms."""
    return theirs / max(ours, 0.01) if max(theirs, ours) >= 0.05 else None


def line(work, taken):
    """A row of the table; ratios are MariaDB's time to ours."""
    ours, theirs = ({part: median(taken[kind], part) for part in ('seconds', 'processor', 'megabytes')}
                    for kind in ('gemel', 'mariadb'))
    ratios = [ratio(theirs[part], ours[part]) for part in ('seconds', 'processor')]
    cells = [cell(ours['seconds'], 2), cell(theirs['seconds'], 2), cell(ratios[0], 2),
             'instant' if work.goal is None else cell(work.goal, 1), cell(ours['processor'], 2),
             cell(theirs['processor'], 2), cell(ratios[1], 2), cell(ours['megabytes']), cell(theirs['megabytes'])]
    return '| ' + ' | '.join([work.name, *cells]) + ' |'


HEAD = ['| work | gemel s | mariadb s | ratio | goal | gemel processor s | mariadb processor s | ratio | gemel MB '
        '| mariadb MB |', '| --- ' + '| ---: ' * 9 + '|']


def main():
    folder = Path(tempfile.mkdtemp(prefix='gemel-bulk-'))
    options = {'innodb_buffer_pool_size': '256M', 'local_infile': 1, 'max_allowed_packet': '64M', 'max_binlog_size': '1G'}
    servers = [Gemel(folder, 'gemel', server_id=1, **options),
               Mariadb(folder, 'mariadb', server_id=2, innodb_log_file_size='256M', **options)]
    wanted = NAMES.split(',') if NAMES else [work.name for work in WORK]
    lines = []
    try:
        for server in servers:
            server.start()
        files = Files(folder)
        files.make_dump(servers[1])
        print('\n'.join(HEAD))
        for work in [work for work in WORK if work.name in wanted]:
            taken = {server.kind: [] for server in servers}
            for server in servers * ROUNDS:
                taken[server.kind].append(measure(server, work, files))
            lines.append(line(work, taken))
            print(lines[-1], flush=True)
        for server in servers:
            server.stop()
    finally:
        for server in servers:
            if server.is_running():
                server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    head = f'{time.strftime("%Y-%m-%d")}, {os.cpu_count()} cores; medians of {ROUNDS} rounds, {ROWS:,} rows.'
    (RESULTS / 'bulk.md').write_text('\n'.join(['# Bulk work beside MariaDB', '', head, '', *HEAD, *lines]) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
