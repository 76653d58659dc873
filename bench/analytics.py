#!/usr/bin/python3
"""Long reads, Gemel beside MariaDB: joins, groups, sorts and subqueries over a set like TPC-H's (tpch.py).

    bench/analytics.py  [BENCH_MODE=short|long] [ANALYTICS_ORDERS=20000] [ANALYTICS_ROUNDS=3]
                        [ANALYTICS_QUERIES='count,sort'] [BENCH_RESULTS=bench/results]

Both are loaded with the same files and answer each query in turn; both must answer the same. The long mode has a million
lines. Medians of the time until the last row is there; and of the processor time, which tells more on a busy machine.
"""
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

import tpch  # noqa: E402
from harness.server import Gemel, Mariadb  # noqa: E402

HERE = Path(__file__).resolve().parent
IS_LONG = os.environ.get('BENCH_MODE', 'short') == 'long'
ORDERS = int(os.environ.get('ANALYTICS_ORDERS', 250000 if IS_LONG else 20000))
ROUNDS = int(os.environ.get('ANALYTICS_ROUNDS', 5 if IS_LONG else 3))
QUERIES = os.environ.get('ANALYTICS_QUERIES')
RESULTS = Path(os.environ.get('BENCH_RESULTS', HERE / 'results'))
GOAL, LEAST = 1.0, 0.7


def load(server, files):
    server.execute('CREATE DATABASE tpch')
    connection = server.connect(database='tpch')
    with connection.cursor() as cursor:
        for name, columns in tpch.TABLES.items():
            cursor.execute(f'CREATE TABLE {name} ({columns})')
            cursor.execute(f"LOAD DATA INFILE '{files / name}.tsv' INTO TABLE {name}")
        cursor.execute(f'ANALYZE TABLE {", ".join(tpch.TABLES)}')
        cursor.fetchall()
    return connection


def processor_ms(server):
    """Of all the threads that live: the connections stay open."""
    tasks = Path(f'/proc/{server.process.pid}/task').iterdir()
    return sum(int((task / 'schedstat').read_text().split()[0]) for task in tasks) / 1e6


def ask(server, connection, query):
    """The rows; ms until they are there, and of the processor."""
    used, began = processor_ms(server), time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    return rows, (time.monotonic() - began) * 1000, processor_ms(server) - used


def measure(connections, query):
    """Medians of both servers, gemel first: ms and processor ms; and whether their rows are the same."""
    asked = [[ask(server, connection, query) for server, connection in connections.items()] for _ in range(ROUNDS)]
    same = all(answer[0] == asked[0][1][0] for answers in asked for answer in answers)
    return [[statistics.median(answers[place][part] for answers in asked) for part in (1, 2)] for place in (0, 1)], same


def write_results(lines):
    RESULTS.mkdir(parents=True, exist_ok=True)
    ratios = [line[3] for line in lines]
    text = '\n'.join([
        '# Long reads, Gemel beside MariaDB', '',
        f'{time.strftime("%Y-%m-%d")}, {os.cpu_count()} cores; medians of {ROUNDS} rounds, {ORDERS} orders of four lines. '
        f'Goal: {GOAL} each, none below {LEAST}; {sum(ratio >= GOAL for ratio in ratios)} of {len(ratios)} reach it, '
        f'{sum(ratio < LEAST for ratio in ratios)} are below.', '',
        '| query | gemel ms | mariadb ms | ratio | ratio of processor time |', '| --- | ---: | ---: | ---: | ---: |',
        *(f'| {name} | {ours:.1f} | {theirs:.1f} | {ratio:.2f} | {cpu_ratio:.2f} |'
          for name, ours, theirs, ratio, cpu_ratio in lines)]) + '\n'
    (RESULTS / 'analytics.md').write_text(text)
    print(text)


def main():
    folder = Path(tempfile.mkdtemp(prefix='gemel-analytics-'))
    options = {'innodb_buffer_pool_size': '512M', 'secure_file_priv': '', 'skip_log_bin': None}
    servers = [Gemel(folder, 'gemel', **options), Mariadb(folder, 'mariadb', **options)]
    wanted = QUERIES.split(',') if QUERIES else list(tpch.QUERIES)
    lines, failures = [], []
    try:
        tpch.write_tables(folder, ORDERS)
        connections = {server.start(): None for server in servers}
        for server in servers:
            connections[server] = load(server, folder)
        for name in wanted:
            (ours, theirs), same = measure(connections, tpch.QUERIES[name])
            lines.append((name, ours[0], theirs[0], theirs[0] / ours[0], theirs[1] / max(ours[1], 0.01)))
            print(f'{name}: {lines[-1][3]:.2f}, of processor time {lines[-1][4]:.2f}', flush=True)
            if not same:
                failures.append(f'{name}: the servers do not answer the same')
        write_results(lines)
        for server in servers:
            server.stop()
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
