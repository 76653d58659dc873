"""What a server takes that does nothing yet: its memory, and the time from exec to the first answered query.

    [START_MB=256]      the larger data directory; 1024 in the long mode
"""
import os
import statistics
import time

import pymysql

import servers
import sysbench_tool
from findings import Goal, Line
from measure import in_turn, medians, memory, processor_seconds
from settings import IS_LONG

TITLE = 'Start and idle memory'
MEGABYTES = int(os.environ.get('START_MB', 1024 if IS_LONG else 256))
ROWS_A_MEGABYTE = 4700      # of sysbench's tables
SERVERS = ('gemel', 'mariadb')
POLL_SECONDS = 0.0005


def answers(server):
    try:
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute('SELECT 1')
            return True
    except pymysql.err.OperationalError:
        return False


def start(server):
    """Seconds until an answer, processor seconds, megabytes of memory; the server is stopped again."""
    server.prepare()
    began = time.monotonic()
    server.launch()
    while not (os.path.exists(server.socket) and answers(server)):
        assert server.is_running(), server.log_end()
        time.sleep(POLL_SECONDS)
    took = time.monotonic() - began, processor_seconds(server), memory(server)
    server.stop()
    return took


def started(both):
    return in_turn({server.kind: lambda server=server: start(server) for server in both})


def time_line(name, found):
    details = {f'{kind}: processor, ms': f'{statistics.median(used for _, used, _ in values) * 1000:.0f}'
               for kind, values in found.items()}
    return Line(name, medians({kind: [took * 1000 for took, _, _ in values] for kind, values in found.items()}), 'ms',
                Goal(share=0.4), details=details)


def fill(server):
    server.start()
    sysbench_tool.fill(server, tables=4, rows=MEGABYTES * ROWS_A_MEGABYTE // 4)
    server.stop()


def run():
    with servers.scratch() as folder:
        both = [servers.make(kind, folder, server_id=number) for number, kind in enumerate(SERVERS, 1)]
        with servers.closing(*both):
            for server in both:
                server.start().stop()       # the empty data directory is made
            found = started(both)
            yield Line('memory of a server that has just started',
                       medians({kind: [held for _, _, held in values] for kind, values in found.items()}), 'MB',
                       Goal(share=0.3))
            yield time_line('start on an empty data directory', found)
            for server in both:
                fill(server)
            found = started(both)
            yield time_line(f'start on {MEGABYTES:,} MB', found)
