"""The servers that are compared: made alike, started together, and gone at the end whatever happens.

    with servers.running('gemel', 'mariadb') as (ours, theirs):
        ...

All flush at every commit, log rows, and have the same cache. They answer on a socket (`server.socket`), and have all that
test/harness/server.py gives: execute, rows, connect, stop, kill.
"""
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from harness.mysql56 import Mysql56
from harness.server import Gemel, Mariadb
from harness.wait import wait_until
from settings import HERE, SERVERS

KINDS = {'gemel': Gemel, 'mariadb': Mariadb, 'mysql56': Mysql56}
EQUAL = {'sync_binlog': 1, 'innodb_flush_log_at_trx_commit': 1, 'binlog_format': 'ROW', 'innodb_buffer_pool_size': '256M',
         'max_connections': 2000, 'max_prepared_stmt_count': 1000000, 'max_binlog_size': '1G'}
OF_ONE = {
    'gemel': {},
    'mariadb': {'innodb_log_file_size': '256M', 'table_open_cache': 4000},
    'mysql56': {'innodb_log_file_size': '256M', 'innodb_log_files_in_group': 2, 'table_open_cache': 4000,
                'innodb_checksum_algorithm': 'crc32'},
}


@contextmanager
def scratch():
    """A folder with a short path, on the disk that is measured."""
    folder = Path(tempfile.mkdtemp(prefix='gemel-bench-', dir=os.environ.get('BENCH_FOLDER')))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def chosen(*kinds):
    """Those of them that this run compares."""
    return [kind for kind in kinds or KINDS if kind in SERVERS]


def make(kind, folder, name=None, **options):
    return KINDS[kind](folder, name or kind, **{**EQUAL, **OF_ONE[kind], **options})


@contextmanager
def closing(*made):
    """Stops what runs of them, and kills it where the work between has failed."""
    try:
        yield made
        for server in made:
            server.stop()
    finally:
        for server in made:
            if server.is_running():
                server.kill()


@contextmanager
def running(*kinds, **options):
    with scratch() as folder:
        made = [make(kind, folder, server_id=number, **options) for number, kind in enumerate(kinds, 1)]
        with closing(*made):
            for server in made:
                server.start()
            yield made


class Wall:
    """The server of canned answers (wall.c), behind what is asked of a server here."""
    kind = name = 'wall'
    process = None

    def __init__(self, folder):
        self.folder, self.socket = folder, str(folder / 'wall.sock')

    def start(self):
        program = self.folder / 'wall'
        subprocess.run([os.environ.get('CC', 'cc'), '-O2', '-pthread', '-o', program, HERE / 'wall.c'], check=True)
        self.process = subprocess.Popen([program, self.socket])
        wait_until(lambda: os.path.exists(self.socket), 'the wall', 10)
        return self

    def is_running(self):
        return self.process is not None

    def stop(self):
        self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None
