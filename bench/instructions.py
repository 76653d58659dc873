#!/usr/bin/python3
"""How many instructions gemeld takes for a statement, counted by callgrind: a measure that no other load disturbs.

    bench/instructions.py [--count 200] [--again] [--only point_select,...] [--profile FOLDER]

Each kind of statement runs `count` times on one connection, after as many times that are not counted; `apply` is a replica
that applies as many transactions, each an insert and an update, which it has fetched before. --profile keeps callgrind's
files, one a kind, for callgrind_annotate.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

from harness import wire  # noqa: E402
from harness.prepared import LONG, Parameter, prepare  # noqa: E402
from harness.server import Gemel  # noqa: E402
from harness.topology import add_replication_user, follow, wait_caught_up  # noqa: E402
from harness.wait import wait_until  # noqa: E402

ROWS = 2000
COLUMNS = "id INT NOT NULL AUTO_INCREMENT, k INT NOT NULL DEFAULT 0, c CHAR(120) NOT NULL DEFAULT '', " \
          "pad CHAR(60) NOT NULL DEFAULT '', PRIMARY KEY (id), KEY k (k)"
TEXT = '-'.join(['68487932199'] * 10)

# {n}: another number each time, {m}: 99 more. Of a prepared statement they are the parameters.
NUMBER = re.compile('{[nm]}')
KINDS = {
    'ping': None,
    'select_1': 'SELECT 1',
    'point_select': 'SELECT c FROM t WHERE id={n}',
    'range': 'SELECT c FROM t WHERE id BETWEEN {n} AND {m}',
    'sum': 'SELECT SUM(k) FROM t WHERE id BETWEEN {n} AND {m}',
    'order': 'SELECT c FROM t WHERE id BETWEEN {n} AND {m} ORDER BY c',
    'distinct': 'SELECT DISTINCT c FROM t WHERE id BETWEEN {n} AND {m} ORDER BY c',
    'update_index': 'UPDATE t SET k=k+1 WHERE id={n}',
    'update_non_index': f"UPDATE t SET c=CONCAT('{TEXT[:-4]}', k) WHERE id={{n}}",
    'insert': f"INSERT INTO t (k, c, pad) VALUES ({{n}}, '{TEXT}', '{TEXT[:59]}')",
    'delete': 'DELETE FROM t WHERE id={n}',
    'begin_commit': 'BEGIN;COMMIT',
    'begin_point_commit': 'BEGIN;SELECT c FROM t WHERE id={n};COMMIT',
}


class Counted(Gemel):
    """gemeld under callgrind, and the instructions between two moments."""

    def __init__(self, folder, **options):
        super().__init__(folder, 'counted', **options)
        self.command = ['valgrind', '--tool=callgrind', '-q', f'--callgrind-out-file={folder}/count',
                        '--dump-instr=no', *self.command]
        self.dumps = 0

    def control_callgrind(self, option):
        subprocess.run(['callgrind_control', option, str(self.process.pid)], check=True, capture_output=True, timeout=60)

    def begin_count(self):
        self.control_callgrind('-z')

    def end_count(self):
        self.dumps += 1
        self.control_callgrind('-d')
        path = self.folder / f'count.{self.dumps}'
        return path, int(re.search(r'^(?:totals|summary): (\d+)', path.read_text(), re.MULTILINE)[1])


def by_text(connection, statement):
    def run(number):
        for part in statement.replace('{n}', str(number)).replace('{m}', str(number + 99)).split(';'):
            connection.command(wire.QUERY, part.encode())
            connection.read_result()
    return run


def by_prepared(connection, statement):
    parts = [prepare(connection, NUMBER.sub('?', part)) for part in statement.split(';')]
    texts = statement.split(';')

    def run(number):
        for part, text in zip(parts, texts):
            part.execute(*(Parameter(LONG, number + (99 if mark == '{m}' else 0)) for mark in NUMBER.findall(text)))
    return run


def by_ping(connection, _):
    def run(number):
        connection.command(wire.PING)
        connection.read_ok()
    return run


def ways(kind):
    if kind == 'ping':
        return {'': by_ping}
    return {'text': by_text, 'prepared': by_prepared}


def measure(server, kind, way, count, profile, again):
    connection = wire.Wire(server, database='d')
    run = way(connection, KINDS[kind])
    first = 1 if way is by_text else ROWS // 2   # rows that nobody has deleted
    for number in range(first, first + count):
        run(number)
    server.begin_count()
    for number in range(first + (0 if again else count), first + (1 if again else 2) * count):
        run(number)
    path, total = server.end_count()
    if profile:
        shutil.copy(path, Path(profile) / f'{kind}.{way.__name__}')
    connection.close()
    return total / count


def prepare_rows(server):
    server.execute('CREATE DATABASE d', f'CREATE TABLE d.t ({COLUMNS})')
    rows = ', '.join(f"({number}, {number}, '{number:05}-{TEXT[6:]}', '{TEXT[:59]}')" for number in range(1, ROWS + 1))
    server.execute(f'INSERT INTO d.t (id, k, c, pad) VALUES {rows}')


def write_transactions(source, count):
    with source.connect(database='d', autocommit=False) as connection, connection.cursor() as cursor:
        for number in range(1, count + 1):
            cursor.execute(KINDS['insert'].format(n=number))
            cursor.execute(KINDS['update_index'].format(n=number))
            connection.commit()


def has_fetched_all(replica, source):
    status = replica.replica_status()
    return (status['Master_Log_File'], int(status['Read_Master_Log_Pos'])) == source.log_end_position()


def measure_apply(folder, count, profile):
    """Instructions a transaction, of the applier alone: all is fetched, and the wait for the end is one statement."""
    source, replica = Gemel(folder, 'source', server_id=1), Counted(folder, server_id=2, skip_ssl=None)
    try:
        source.start()
        replica.start(deadline=120)
        add_replication_user(source)
        follow(replica, source)
        prepare_rows(source)
        write_transactions(source, count)
        wait_caught_up([(source, replica)])
        replica.execute('STOP SLAVE SQL_THREAD')
        write_transactions(source, count)
        wait_until(lambda: has_fetched_all(replica, source), 'the replica to have fetched all')
        file, position = source.log_end_position()
        replica.begin_count()
        replica.execute('START SLAVE SQL_THREAD')
        assert replica.value(f"SELECT MASTER_POS_WAIT('{file}', {position}, 60)") >= 0
        path, total = replica.end_count()
        if profile:
            shutil.copy(path, Path(profile) / 'apply')
        return total / count
    finally:
        for server in (replica, source):
            if server.is_running():
                server.kill()


def count(folder, kinds, number, settings=(), profile=None, again=False):
    """{(kind, way): instructions a statement}, one after the other as they are known."""
    statements = [kind for kind in kinds if kind != 'apply']
    if statements:
        yield from count_statements(folder, statements, number, settings, profile, again)
    if 'apply' in kinds:
        (folder / 'apply').mkdir()
        yield 'apply', '', measure_apply(folder / 'apply', number, profile)


def count_statements(folder, kinds, number, settings, profile, again):
    server = Counted(folder, skip_ssl=None)   # its keys would take longer than all the rest
    try:
        server.start(deadline=120)
        for setting in settings:
            server.execute(f'SET GLOBAL {setting}')
        prepare_rows(server)
        for kind in kinds:
            for name, way in ways(kind).items():
                yield kind, name, measure(server, kind, way, number, profile, again)
    finally:
        if server.is_running():
            server.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--count', type=int, default=200, help='at most 400: each deletes a row of its own')
    parser.add_argument('--only')
    parser.add_argument('--profile')
    parser.add_argument('--again', action='store_true', help='count the same rows a second time: the caches have them')
    parser.add_argument('--set', action='append', default=[], help='name=value: a global variable')
    arguments = parser.parse_args()
    kinds = arguments.only.split(',') if arguments.only else [*KINDS, 'apply']
    folder = Path(tempfile.mkdtemp(prefix='gemel-count-'))
    try:
        for kind, way, instructions in count(folder, kinds, arguments.count, arguments.set, arguments.profile,
                                              arguments.again):
            print(f'{kind:28}{way:10}{instructions:12.0f}', flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    main()
