"""Work of every kind on two masters, and the books to tell afterwards whether a crash lost, doubled or tore anything.

    work = MixedWork(a, b)
    work.prepare()
    work.start(); ...; work.stop()      # servers may die and come back in between
    work.check()                        # after the servers have caught up: raises AssertionError

Each server has a row writer, a text writer and a mixed one, each with its own numbers, and a housekeeper that rotates,
purges, stops and changes channels, and defines. A writer's transaction leaves marks in several tables, one of them without
a key: so the books can tell whether number n is there as a whole, in part or twice. What a client was told stands in
`told`; what was under way when the connection went, in `unsure`: it is there as a whole or not at all, and on both
servers alike.
"""
import functools
import itertools
import random
import threading
from collections import Counter

import pymysql

from harness.rows import assert_same_rows
from harness.wait import wait_until

LOST = (0, 2003, 2006, 2013, 1053, 1317, 1927)    # the connection, or the server, is going
CONFLICTS = (1205, 1213)
FORMATS = ('ROW', 'STATEMENT', 'MIXED')

# Databases that are not logged: `local` by neither, `of_a` by b, `of_b` by a.
OPTIONS = {
    'a': {'binlog_ignore_db': ['local', 'of_b'], 'slave_parallel_workers': 0,
          'rpl_semi_sync_source_enabled': 1, 'rpl_semi_sync_source_timeout': 300},
    'b': {'binlog_ignore_db': ['local', 'of_a'], 'slave_parallel_workers': 4, 'sync_relay_log': 1,
          'rpl_semi_sync_replica_enabled': 1},
}
COMMON_OPTIONS = {'binlog_cache_size': 4096, 'max_binlog_size': 65536, 'max_relay_log_size': 32768,
                  'innodb_ddl_buffer_size': 65536, 'gemel_large_commit_size': 65536, 'slave_net_timeout': 4,
                  'auto_increment_increment': 2}

TABLES = [
    'entry (writer INT NOT NULL, number INT NOT NULL, part INT NOT NULL, body TEXT, PRIMARY KEY (writer, number, part))',
    'loose (writer INT NOT NULL, number INT NOT NULL, at TIMESTAMP(6) NULL)',
    'counter (writer INT PRIMARY KEY, count INT NOT NULL)',
    'latest (id INT AUTO_INCREMENT PRIMARY KEY, writer INT NOT NULL, number INT NOT NULL, KEY (writer, number))',
]
LATEST_KEPT = 3


def server_options(name):
    """What a server of such a pair is made with."""
    return {**COMMON_OPTIONS, 'auto_increment_offset': ord(name) - ord('a') + 1, **OPTIONS[name]}


class Interrupted(Exception):
    """The connection went before the answer came."""


class Client:
    """A connection that comes back when its server does."""

    def __init__(self, work, server):
        self.work, self.server = work, server
        self.connection = None

    def connect(self):
        """None when the work is over before the server answers."""
        while self.connection is None and not self.work.is_over.is_set():
            try:
                self.connection = self.server.connect(read_timeout=60)
                self.greet()
            except (pymysql.err.MySQLError, Interrupted):
                self.drop()
                self.work.is_over.wait(0.02)
        return self.connection

    def greet(self):
        """First statements of a new connection."""

    def drop(self):
        if self.connection is not None and self.connection.open:
            self.connection._force_close()
        self.connection = None

    def execute(self, statement, arguments=None):
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(statement, arguments)
                return cursor.fetchall()
        except pymysql.err.MySQLError as error:
            if error.args[0] in LOST:
                self.drop()
                raise Interrupted() from error
            raise

    def run(self):
        try:
            while not self.work.is_over.is_set() and self.connect():
                self.step()
        except Exception as error:  # noqa: BLE001 (whatever it was, the test must hear of it)
            self.work.problems.append(f'{type(self).__name__} on {self.server.name}: {error!r}')
        finally:
            self.drop()

    def step(self):
        raise NotImplementedError


class Writer(Client):
    def __init__(self, work, server, writer, log_format):
        super().__init__(work, server)
        self.writer, self.format = writer, log_format
        self.number = 0
        self.told, self.unsure, self.refused = set(), set(), set()
        self.made = {}           # own tables: name -> is it there, None: unsure

    def greet(self):
        self.execute(f'SET binlog_format={self.format}')
        self.execute(f'USE {self.work.database}')

    # ---------------------------------------------------------------- what transaction n is

    def shape(self, number):
        """How many marks it leaves in entry and loose."""
        return {'autocommit': (3, 0), 'plain': (2, 1), 'large': (4, 1), 'aside': (1, 1)}[self.kind(number)]

    def kind(self, number):
        kind = ('plain', 'autocommit', 'plain', 'large', 'aside')[number % 5]
        # A text that touches a database that is not logged is logged or not as a whole.
        return 'plain' if kind == 'aside' and self.format == 'STATEMENT' else kind

    def is_rolled_back(self, number):
        return number % 13 == 0 and self.kind(number) != 'autocommit'

    # ---------------------------------------------------------------- doing it

    def step(self):
        self.number += 1
        number = self.number
        try:
            if number % 15 == 0:
                self.define(number)
            if self.kind(number) == 'autocommit':
                self.enter(number, 3)
            else:
                self.transact(number)
            (self.refused if self.is_rolled_back(number) else self.told).add(number)
            self.work.transactions += 1
        except Interrupted:
            self.unsure.add(number)
        except pymysql.err.MySQLError as error:
            if error.args[0] not in CONFLICTS:
                raise
            self.refused.add(number)
            self.drop()     # the new connection has nothing of it

    def enter(self, number, parts, size=3):
        values = ','.join(f"({self.writer},{number},{part},REPEAT('b',{size}))" for part in range(parts))
        self.execute(f'INSERT INTO entry VALUES {values}')

    def transact(self, number):
        entries, _ = self.shape(number)
        self.execute('BEGIN')
        if self.kind(number) == 'large':
            for part in range(entries):
                self.execute("INSERT INTO entry VALUES (%s,%s,%s,REPEAT('l',3000))", (self.writer, number, part))
        else:
            self.enter(number, entries)
        self.execute('INSERT INTO loose VALUES (%s,%s,NOW(6))', (self.writer, number))
        self.execute('SAVEPOINT s')
        self.execute('DELETE FROM loose WHERE writer=%s', (self.writer,))
        self.execute('ROLLBACK TO s')
        self.execute('UPDATE counter SET count=count+1 WHERE writer=%s', (self.writer,))
        self.execute('INSERT INTO latest (writer,number) VALUES (%s,%s)', (self.writer, number))
        self.execute('DELETE FROM latest WHERE writer=%s AND number=%s', (self.writer, number - LATEST_KEPT))
        if self.kind(number) == 'aside':
            self.execute('INSERT INTO local.note VALUES (%s,%s)', (self.writer, number))
        self.execute('ROLLBACK' if self.is_rolled_back(number) else 'COMMIT')

    def define(self, number):
        table = f'made_{self.writer}_{number}'
        self.make(table, f'CREATE TABLE {table} (id INT PRIMARY KEY, v INT)', True)
        self.execute(f'INSERT INTO {table} VALUES (1,1),(2,2)')
        self.execute(f'ALTER TABLE {table} ADD KEY (v)')
        self.execute(f'ALTER TABLE {table} ADD COLUMN more INT DEFAULT 7 FIRST')
        old = f'made_{self.writer}_{number - 30}'
        if self.made.get(old):
            self.make(old, f'DROP TABLE {old}', False)

    def make(self, table, statement, is_there):
        self.made[table] = None
        self.execute(statement)
        self.made[table] = is_there

    # ---------------------------------------------------------------- the books

    def check(self, server):
        database = self.work.database
        who = f'{server.name}: writer {self.writer} ({self.format} on {self.server.name})'

        def marks(table):
            return Counter(number for (number,) in
                           server.rows(f'SELECT number FROM {database}.{table} WHERE writer={self.writer}'))
        entry, loose, latest = marks('entry'), marks('loose'), marks('latest')
        there = set(entry) | set(loose)
        lost, invented = self.told - there, there - self.told - self.unsure
        assert not lost, f'{who}: told of {sorted(lost)[:9]}, which are lost'
        assert not invented, f'{who}: {sorted(invented)[:9]} were never committed, and are there'
        for number in there:
            found = entry[number], loose[number]
            assert found == self.shape(number), f'{who}: {number} left {found} marks, not {self.shape(number)}'
        many = {number for number in there if self.kind(number) != 'autocommit'}
        count = server.value(f'SELECT count FROM {database}.counter WHERE writer={self.writer}')
        assert count == len(many), f'{who}: counted {count} of {len(many)}'
        kept = Counter(many - {number - LATEST_KEPT for number in many})
        assert latest == kept, f'{who}: keeps {sorted(latest.elements())}, not {sorted(kept)}'
        self.check_tables(server, who)
        if server is self.server:
            self.check_aside(who, there)

    def check_tables(self, server, who):
        tables = {name for (name,) in server.rows(f'SHOW TABLES FROM {self.work.database}')}
        for table, is_there in self.made.items():
            fate = 'is lost' if is_there else 'is back'
            assert is_there is None or is_there == (table in tables), f'{who}: {table} {fate}'

    def check_aside(self, who, there):
        """Rows that are not logged are in the store with those that are, or not at all."""
        notes = sorted(number for (number,) in self.server.rows(
            f'SELECT number FROM local.note WHERE writer={self.writer}'))
        wanted = sorted(number for number in there if self.kind(number) == 'aside')
        assert notes == wanted, f'{who}: unlogged rows of {notes}, not {wanted}'


class Housekeeper(Client):
    """Everything that is not rows, in another order each time."""

    def __init__(self, work, server, peer, seed):
        super().__init__(work, server)
        self.peer = peer
        self.random = random.Random(seed)
        self.rounds = 0
        self.chores = []

    def step(self):
        if not self.chores:
            self.chores = self.list_chores()
            self.random.shuffle(self.chores)
        chore = self.chores.pop()
        try:
            chore()
        except Interrupted:
            return
        self.rounds += not self.chores

    def list_chores(self):
        name, database = self.server.name, self.work.database
        table, user = f'{database}.chore_{name}', f"'chore_{name}'@'localhost'"
        plain = [
            ['FLUSH BINARY LOGS'],
            ['FLUSH RELAY LOGS'],
            ['STOP SLAVE', 'CHANGE MASTER TO MASTER_CONNECT_RETRY=1', 'START SLAVE'],
            ['STOP SLAVE', 'RESET SLAVE', 'START SLAVE'],
            ['STOP SLAVE SQL_THREAD', 'START SLAVE SQL_THREAD'],
            ['SET GLOBAL binlog_checksum=NONE', 'SET GLOBAL binlog_checksum=CRC32'],
            [f'DROP TABLE IF EXISTS {table}, {table}_2', f'CREATE TABLE {table} (id INT AUTO_INCREMENT PRIMARY KEY, v INT)',
             f'INSERT INTO {table} (v) VALUES (1),(2),(3)', f'ALTER TABLE {table} MODIFY v VARCHAR(20) NOT NULL',
             f'CREATE UNIQUE INDEX by_v ON {table} (v)', f'ALTER TABLE {table} RENAME {table}_2',
             f'RENAME TABLE {table}_2 TO {table}', f'TRUNCATE TABLE {table}', f'ALTER TABLE {table} AUTO_INCREMENT=100'],
            # An index of more entries than are sorted in memory and written as others are.
            [f'DROP TABLE IF EXISTS {table}_l',
             f'CREATE TABLE {table}_l (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(700))',
             f"INSERT INTO {table}_l (v) VALUES (REPEAT('v', 700))",
             *[f'INSERT INTO {table}_l (v) SELECT v FROM {table}_l'] * 8, f'ALTER TABLE {table}_l ADD KEY (v)'],
            [f'DROP TABLE IF EXISTS {table}_s', f'CREATE TABLE {table}_s AS SELECT * FROM {database}.counter'],
            [f'DROP DATABASE IF EXISTS chores_{name}', f'CREATE DATABASE chores_{name}',
             f'CREATE TABLE chores_{name}.t (id INT)', f'CREATE VIEW chores_{name}.v AS SELECT * FROM chores_{name}.t',
             f'INSERT INTO chores_{name}.t VALUES (1)'],
            [f'DROP USER IF EXISTS {user}', f'CREATE USER {user}', f'GRANT SELECT ON *.* TO {user}'],
            ['SET PERSIST max_error_count=1024', 'RESET PERSIST'],
            [f'USE of_{name}', 'DROP TABLE IF EXISTS t', 'CREATE TABLE t (id INT PRIMARY KEY)',
             'INSERT INTO t VALUES (1),(2)', f'USE {database}'],
            ['INSERT INTO local.alone VALUES (1)',
             'SET sql_log_bin=0', 'INSERT INTO local.alone VALUES (2)', 'SET sql_log_bin=1'],
        ]
        return [functools.partial(self.execute_all, statements) for statements in plain] + [self.purge, self.workers]

    def execute_all(self, statements):
        for statement in statements:
            self.execute(statement)

    def purge(self):
        """Up to where the peer has applied, as an operator would."""
        try:
            status = self.peer.connect(read_timeout=5)
            with status.cursor(pymysql.cursors.DictCursor) as cursor:
                cursor.execute('SHOW SLAVE STATUS')
                applied = cursor.fetchone()['Relay_Master_Log_File']
            status.close()
        except pymysql.err.MySQLError:
            return
        files = [row[0] for row in self.execute('SHOW BINARY LOGS')]
        if applied in files:
            self.execute(f"PURGE BINARY LOGS TO '{applied}'")

    def workers(self):
        count = self.random.choice((0, 2, 4))
        for statement in ('STOP SLAVE SQL_THREAD', f'SET GLOBAL slave_parallel_workers={count}', 'START SLAVE SQL_THREAD'):
            self.execute(statement)


class MixedWork:
    """One run's work, in a database of its own."""
    numbers = itertools.count(1)

    def __init__(self, a, b, seed=0, keeps_house=True):
        self.servers = (a, b)
        self.number = next(self.numbers)
        self.database = f'work_{self.number}'
        self.is_over = threading.Event()
        self.problems = []
        self.transactions = 0
        self.writers = [Writer(self, server, place * len(FORMATS) + index, log_format)
                        for place, server in enumerate(self.servers) for index, log_format in enumerate(FORMATS)]
        self.housekeepers = [Housekeeper(self, server, peer, f'{seed}/{server.name}')
                             for server, peer in ((a, b), (b, a)) if keeps_house]
        self._threads = []

    def prepare(self):
        """On a, for both; what is not logged, on each."""
        a, _ = self.servers
        counters = ','.join(f'({writer.writer},0)' for writer in self.writers)
        a.execute(f'DROP DATABASE IF EXISTS work_{self.number - 1}', f'CREATE DATABASE {self.database}',
                  *(f'CREATE TABLE {self.database}.{table}' for table in TABLES),
                  f'INSERT INTO {self.database}.counter VALUES {counters}')
        for server in self.servers:
            server.execute('SET sql_log_bin=0', 'CREATE DATABASE IF NOT EXISTS local',
                           *(f'CREATE DATABASE IF NOT EXISTS of_{name}' for name in 'ab'),
                           'DROP TABLE IF EXISTS local.note, local.alone',
                           'CREATE TABLE local.note (writer INT NOT NULL, number INT NOT NULL)',
                           'CREATE TABLE local.alone (v INT)', 'SET sql_log_bin=1')

    def start(self):
        self._threads = [threading.Thread(target=client.run, daemon=True)
                         for client in (*self.writers, *self.housekeepers)]
        for thread in self._threads:
            thread.start()
        return self

    def wait_for(self, transactions, deadline=60):
        """So many more than now."""
        wanted = self.transactions + transactions
        wait_until(lambda: self.problems or self.transactions >= wanted, f'{transactions} transactions', deadline)

    def rounds(self):
        """How often each housekeeper has been through all chores."""
        return min(housekeeper.rounds for housekeeper in self.housekeepers)

    def stop(self):
        self.is_over.set()
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive(), 'a client does not come back'
        assert not self.problems, '\n'.join(self.problems)

    def check(self):
        """On servers that have caught up with each other."""
        for server in self.servers:
            for writer in self.writers:
                writer.check(server)
        existing = {name for (name,) in self.servers[0].rows('SHOW DATABASES')}
        chores = existing & {f'chores_{server.name}' for server in self.servers}
        assert_same_rows(*self.servers, databases=[self.database, 'of_a', 'of_b', *sorted(chores)])
