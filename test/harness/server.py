"""A server process in a folder of its own: gemeld, or mariadbd behind the same interface.

    a = Gemel(folder, 'a', server_id=1)
    a.start()
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    a.rows('SELECT * FROM d.t')
    a.kill(); a.start()
    a.stop()
"""
import configparser
import os
import re
import signal
import subprocess
from pathlib import Path

import pymysql

from harness.ports import free_port
from harness.wait import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
# Of sanitizers, of assertions, of locks out of their order.
REPORT = re.compile(r'ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|Assertion .* failed|lock order:')


class ServerDied(AssertionError):
    pass


def option_lines(options):
    return [key if value is None else f'{key}={value}' for key, values in options.items()
            for value in (values if isinstance(values, list) else [values])]


class Server:
    """options: what stands in the option file under [mysqld]; None as value: an option without one, a list: several.
    place: the network namespace that it runs in, if not the tests' own (network.py)."""
    command = None

    def __init__(self, folder, name, server_id=1, option_file=None, place=None, **options):
        self.folder = Path(folder)
        self.name = name
        self.place = place
        self.process = None
        self._control = None
        self.stderr_path = self.folder / f'{name}.stderr'
        self.option_file = Path(option_file) if option_file else self._write_option_file(server_id, options)
        self._read_option_file()

    # ---------------------------------------------------------------- option file

    def _default_options(self, server_id):
        return {
            'server-id': server_id,
            'port': free_port(),
            'socket': self.folder / f'{self.name}.sock',
            'datadir': self.folder / self.name,
            'pid-file': self.folder / f'{self.name}.pid',
            'log-error': self.folder / f'{self.name}.err',
            'log-bin': f'{self.name}-bin',
            'relay-log': f'{self.name}-relay',
            'tmpdir': self.folder,
        }

    def _write_option_file(self, server_id, options):
        merged = self._default_options(server_id)
        merged.update({key.replace('_', '-'): value for key, value in options.items()})
        path = self.folder / f'{self.name}.cnf'
        lines = ['[client]', f'port={merged["port"]}', f'socket={merged["socket"]}', '', '[mysqld]']
        lines += option_lines(merged)
        path.write_text('\n'.join(lines) + '\n')
        return path

    def _read_option_file(self):
        parser = configparser.ConfigParser(allow_no_value=True, strict=False, interpolation=None)
        parser.read_string(re.sub(r'^!.*$', '', self.option_file.read_text(), flags=re.MULTILINE))
        section = {key.replace('_', '-'): value for key, value in parser['mysqld'].items()}
        self.port = int(section['port'])
        self.socket = section['socket']
        self.datadir = Path(section['datadir'])
        log_error = section.get('log-error')
        self.error_log = self.datadir / log_error if log_error else self.stderr_path

    # ---------------------------------------------------------------- process

    def environment(self):
        return dict(os.environ)

    def prepare(self):
        """What must exist before the first start."""

    def launch(self, *arguments, faults=None):
        """Starts the process and does not wait."""
        self.prepare()
        environment = self.environment()
        if faults:
            environment['GEMEL_FAULTS'] = faults
        with open(self.stderr_path, 'ab') as stderr:
            inside = ['ip', 'netns', 'exec', self.place] if self.place else []
            self.process = subprocess.Popen([*inside, *self.command, f'--defaults-file={self.option_file}', *arguments],
                                            stdout=stderr, stderr=stderr, stdin=subprocess.DEVNULL,
                                            env=environment, cwd=self.folder)

    def start(self, *arguments, faults=None, deadline=60):
        self.launch(*arguments, faults=faults)
        self.wait_ready(deadline)
        return self

    def wait_ready(self, deadline=60):
        wait_until(self._answers, f'{self.name} to answer', deadline, show=self.log_end)

    def _answers(self):
        if self.process.poll() is not None:
            raise ServerDied(f'{self.name} ended with {self.process.returncode}:\n{self.log_end()}')
        try:
            self.connect().close()
            return True
        except pymysql.err.OperationalError as error:
            if error.args[0] in (2003, 2013, 2006):
                return False
            raise

    def wait_end(self, deadline=60):
        """Waits until the process has ended by itself; returns its exit code."""
        self._drop_control()
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'{self.name} did not end within {deadline} s:\n{self.log_end()}') from None
        self.process = None
        return code

    def stop(self):
        """SIGTERM, and the end must be a clean one."""
        if self.process is None:
            return
        self._drop_control()
        self.process.send_signal(signal.SIGTERM)
        code = self.wait_end()
        assert code == 0, f'{self.name} ended with {code}:\n{self.log_end()}'
        self.check_reports()

    def kill(self):
        self._drop_control()
        self.process.kill()
        self.process.wait()
        self.process = None

    def restart(self, *arguments, faults=None):
        self.stop()
        return self.start(*arguments, faults=faults)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    # ---------------------------------------------------------------- log

    def log(self):
        texts = [path.read_text(errors='replace') for path in {self.error_log, self.stderr_path} if path.exists()]
        return ''.join(texts)

    def log_end(self, lines=40):
        return '\n'.join(self.log().splitlines()[-lines:])

    def check_reports(self):
        text = self.log()
        report = REPORT.search(text)
        assert not report, f'{self.name} has reported:\n{text[report.start():][:6000]}'

    # ---------------------------------------------------------------- clients

    def connect(self, user='root', password='', database=None, tcp=False, **more):
        where = {'host': '127.0.0.1', 'port': self.port} if tcp else {'unix_socket': self.socket}
        more.setdefault('autocommit', True)
        more.setdefault('charset', 'utf8mb4')
        more.setdefault('read_timeout', 120)
        return pymysql.connect(user=user, password=password, database=database, **where, **more)

    def control(self):
        """The harness's own connection, made again after a restart."""
        if self._control is None or not self._control.open:
            self._control = self.connect()
        return self._control

    def _drop_control(self):
        if self._control is not None and self._control.open:
            self._control.close()
        self._control = None

    def execute(self, *statements):
        with self.control().cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        return cursor

    def rows(self, statement, arguments=None):
        with self.control().cursor() as cursor:
            cursor.execute(statement, arguments)
            return list(cursor.fetchall())

    def value(self, statement, arguments=None):
        return self.rows(statement, arguments)[0][0]

    def records(self, statement):
        """Rows as dictionaries."""
        with self.control().cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def record(self, statement):
        """The first row as a dictionary, or None."""
        return next(iter(self.records(statement)), None)

    def client(self, program, *arguments, text=None, check=True):
        """Runs mariadb, mariadb-admin, ... against this server; returns what it printed."""
        command = [program, f'--defaults-file={self.option_file}', '-u', 'root', *map(str, arguments)]
        run = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
        if check:
            assert run.returncode == 0, f'{" ".join(command)}: {run.returncode}\n{run.stdout[-2000:]}{run.stderr}'
            return run.stdout
        return run

    def variable(self, name):
        return self.rows(f"SHOW GLOBAL VARIABLES LIKE '{name}'")[0][1]

    # ---------------------------------------------------------------- replication

    def source_status(self):
        return self.record('SHOW MASTER STATUS')

    def replica_status(self):
        return self.record('SHOW SLAVE STATUS')

    def log_end_position(self):
        status = self.source_status()
        return status['File'], int(status['Position'])


class Gemel(Server):
    """GEMEL_TEST_OPTIONS, name=value by comma, goes to all of them that have not an option file of their own."""
    kind = 'gemel'

    @staticmethod
    def find_command():
        return [os.environ.get('GEMELD') or str(ROOT / 'build/src/gemeld')]

    def __init__(self, *arguments, **options):
        self.command = self.find_command()
        super().__init__(*arguments, **options)

    def _default_options(self, server_id):
        options = super()._default_options(server_id)
        wanted = os.environ.get('GEMEL_TEST_OPTIONS')
        if wanted:
            options.update(option.split('=') for option in wanted.split(','))
        return options


class Mariadb(Server):
    """Debian's MariaDB, flushing at every commit, logging rows, with MySQL's defaults where both have them."""
    kind = 'mariadb'
    command = ['mariadbd']

    def _default_options(self, server_id):
        options = super()._default_options(server_id)
        options.update({
            'user': 'root', 'binlog-format': 'ROW', 'log-slave-updates': 1, 'sync-binlog': 1,
            'innodb-flush-log-at-trx-commit': 1, 'innodb-buffer-pool-size': '64M', 'innodb-log-file-size': '32M',
            'character-set-server': 'utf8mb4', 'collation-server': 'utf8mb4_general_ci', 'performance-schema': 0,
            'slave-net-timeout': 60, 'binlog-checksum': 'CRC32', 'bind-address': '127.0.0.1',
        })
        return options

    def prepare(self):
        if (self.datadir / 'mysql').exists():
            return
        subprocess.run(['mariadb-install-db', f'--defaults-file={self.option_file}', '--user=root',
                        '--auth-root-authentication-method=normal', '--skip-test-db'],
                       check=True, capture_output=True, timeout=120)
