"""Long reads: joins, groups, sorts and subqueries over a set like TPC-H's (tpch.py).

    [ANALYTICS_ORDERS=20000] [ANALYTICS_QUERIES='count,sort']

Both are loaded with the same files and answer each query in turn; both must answer the same. The long mode has a million
lines. Medians of the time until the last row is there; and of the processor time, which tells more on a busy machine.
"""
import os
import statistics
import time
from pathlib import Path

import servers
import tpch
from findings import Failure, Goal, Line
from settings import IS_LONG, ROUNDS

TITLE = 'Long reads'
ORDERS = int(os.environ.get('ANALYTICS_ORDERS', 250000 if IS_LONG else 20000))
QUERIES = os.environ.get('ANALYTICS_QUERIES')
GOAL = Goal(times=1.0)      # and none below 0.7


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


def run():
    wanted = QUERIES.split(',') if QUERIES else list(tpch.QUERIES)
    with servers.running('gemel', 'mariadb', innodb_buffer_pool_size='512M', secure_file_priv='') as both:
        tpch.write_tables(both[0].folder, ORDERS)
        connections = {server: load(server, server.folder) for server in both}
        for name in wanted:
            (ours, theirs), same = measure(connections, tpch.QUERIES[name])
            yield Line(name, {'gemel': ours[0], 'mariadb': theirs[0]}, 'ms', GOAL,
                       details={'times as good by processor time': f'{theirs[1] / max(ours[1], 0.01):.2f}'})
            if not same:
                yield Failure(f'{name}: the servers do not answer the same')
