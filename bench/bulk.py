"""Bulk work: loads, one large transaction, ALTER TABLE, large rows, many tables.

    [BULK_ROWS=1000000] [BULK_WORK='load data,add index']

Each work is done by both in turn, each round anew. Beside the seconds stand processor seconds (which tell more than the
clock where others work beside them), and the most memory while it lasted.
"""
import os
import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import servers
from findings import Goal, Line
from measure import in_turn, processor_seconds
from settings import IS_LONG

TITLE = 'Bulk work'
ROWS = int(os.environ.get('BULK_ROWS', 1000000 if IS_LONG else 200000))
NAMES = os.environ.get('BULK_WORK')
TABLES = 1000 if IS_LONG else 200
LARGE_ROWS = min(2000, max(200, ROWS // 500))
LARGE_SIZE = 100 * 1024
INSTANT, SAME, DOUBLE, TRIPLE = Goal(most=0.1), Goal(times=1.0), Goal(times=2.0), Goal(times=3.0)

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


def statements(*texts):
    def act(server, _):
        connection = server.connect(database='bulk', read_timeout=1200)
        with connection.cursor() as cursor:
            for text in texts:
                cursor.execute(text)
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
    return statements(*(statement.format(i) for i in range(TABLES)))


@dataclass
class Work:
    name: str
    act: callable
    goal: Goal
    before: tuple = ()     # untimed


EMPTY = statements(f'CREATE TABLE t {COLUMNS}')
LARGE = statements('CREATE TABLE large (id INT PRIMARY KEY, body LONGTEXT)')
COPY = statements(f'CREATE TABLE copy {COLUMNS}')
CREATE_MANY = many('CREATE TABLE t{} (id INT PRIMARY KEY, name VARCHAR(20), KEY (name))')
INSERT_MANY = many("INSERT INTO t{} VALUES (1, 'one')")
WORK = [
    Work('import of a dump', import_dump, TRIPLE),
    Work('load data', load, TRIPLE, (EMPTY,)),
    Work('add column', statements('ALTER TABLE t ADD COLUMN more INT NOT NULL DEFAULT 7'), INSTANT, (EMPTY, load)),
    Work('add index', statements('ALTER TABLE t ADD INDEX (name)'), DOUBLE, (EMPTY, load)),
    Work('add unique index', statements('ALTER TABLE t ADD UNIQUE (made, id)'), DOUBLE, (EMPTY, load)),
    Work('one transaction, insert .. select', statements('INSERT INTO copy SELECT * FROM t'), SAME, (EMPTY, load, COPY)),
    Work('one transaction, update', statements('UPDATE t SET price = price + 1'), SAME, (EMPTY, load)),
    Work('one transaction, delete', statements('DELETE FROM t'), SAME, (EMPTY, load)),
    Work(f'{LARGE_ROWS} rows of 100 KB', insert_large, SAME, (LARGE,)),
    Work('rows of 100 KB read', statements('SELECT SUM(LENGTH(body)), MAX(body) FROM large'), SAME, (LARGE, insert_large)),
    Work(f'{TABLES} tables created', CREATE_MANY, SAME),
    Work(f'{TABLES} tables, a row each', INSERT_MANY, SAME, (CREATE_MANY,)),
    Work(f'{TABLES} tables read', many('SELECT * FROM t{}'), SAME, (CREATE_MANY, INSERT_MANY)),
    Work('all tables dropped', statements('DROP DATABASE bulk', 'CREATE DATABASE bulk'), SAME, (CREATE_MANY, INSERT_MANY)),
]


@dataclass
class Taken:
    seconds: float
    processor: float
    megabytes: float     # at its peak


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


def line(work, taken):
    def median(kind, part):
        return statistics.median(getattr(one, part) for one in taken[kind])
    details = {}
    for kind in taken:
        details[f'{kind}: processor, s'] = f'{median(kind, "processor"):.2f}'
        details[f'{kind}: MB at most'] = f'{median(kind, "megabytes"):.0f}'
    return Line(work.name, {kind: median(kind, 'seconds') for kind in taken}, 's', work.goal, details=details)


def run():
    wanted = NAMES.split(',') if NAMES else [work.name for work in WORK]
    with servers.running('gemel', 'mariadb', local_infile=1, max_allowed_packet='64M') as both:
        files = Files(both[0].folder)
        files.make_dump(both[1])
        for work in [work for work in WORK if work.name in wanted]:
            yield line(work, in_turn({server.kind: lambda server=server: measure(server, work, files) for server in both}))
