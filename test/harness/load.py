"""Writers that remember what the server acknowledged.

Each writer is a process with one connection and its own keys. Every transaction writes its number into the writer's
row of `load_done`, so that after a lost connection the writer can ask whether the transaction in flight was
committed: then, and only then, its effects are expected. What a server acknowledged and lost shows as a number that
went back, or as rows that differ from the writer's memory.

Now and then a writer makes a table of its own anew, in another shape. Definitions are in no transaction: when one is
cut, the writer does not know its table until it has made it again, and only the comparison of servers looks at it.
"""
import multiprocessing
import random
import time
from dataclasses import dataclass, field

import pymysql

from harness.wait import wait_until

SCHEMA = [
    'CREATE TABLE {0}.load_done (writer INT PRIMARY KEY, number BIGINT NOT NULL)',
    '''CREATE TABLE {0}.account (writer INT NOT NULL, id INT NOT NULL, balance BIGINT NOT NULL,
       note VARCHAR(200), changed TIMESTAMP(6) NULL, PRIMARY KEY (writer, id), KEY (balance))''',
    '''CREATE TABLE {0}.entry (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, writer INT NOT NULL,
       number BIGINT NOT NULL, part INT NOT NULL, body TEXT, UNIQUE KEY (writer, number, part))''',
    'CREATE TABLE {0}.loose (writer INT NOT NULL, id INT NOT NULL, amount DECIMAL(20,4))',
]
CONNECTION_LOST = (2003, 2006, 2013, 1053, 1927, 0)
RETRY = (1205, 1213)
LEAST_TRANSACTIONS = 40    # of each writer, however slow the machine is
DEFINITIONS = 0.01         # the part of the transactions that begin with definitions


@dataclass
class Memory:
    """What one writer knows to be committed."""
    number: int = 0
    account: dict = field(default_factory=dict)   # id -> (balance, note)
    entry: dict = field(default_factory=dict)     # (number, part) -> body
    loose: dict = field(default_factory=dict)     # id -> amount
    made: dict = field(default_factory=dict)      # id -> number, in the writer's own table
    is_made: bool = False                         # the own table is known
    transactions: int = 0
    reconnects: int = 0
    problems: list = field(default_factory=list)

    def take(self, plan):
        """The plan's transaction is committed."""
        self.number = plan.number
        self.transactions += 1
        if plan.definitions:
            self.made, self.is_made = {}, True
        for table, key, value in plan.changes:
            if value is None:
                del getattr(self, table)[key]
            else:
                getattr(self, table)[key] = value


@dataclass
class Plan:
    """One transaction to be: its statements, and what the tables hold once it is committed (None: no row)."""
    number: int
    definitions: list = field(default_factory=list)
    steps: list = field(default_factory=list)     # (statement, arguments)
    changes: list = field(default_factory=list)   # (table, key, value)
    used: set = field(default_factory=set)        # accounts that it has changed already

    def add(self, statement, arguments, *changes):
        self.steps.append((statement, arguments))
        self.changes += changes


class Writer:
    def __init__(self, server, writer, database, seed, definitions):
        self.server, self.writer, self.database, self.definitions = server, writer, database, definitions
        self.random = random.Random(f'{seed}/{writer}')
        self.memory = Memory()
        self.next_id = 0
        self.connection = None

    # ---------------------------------------------------------------- one transaction

    def plan(self):
        plan = Plan(self.memory.number + 1)
        if self.random.random() < self.definitions:
            self._make(plan)
        for kind in self.random.choices(('open', 'move', 'close', 'enter', 'loose'), (2, 2, 1, 1, 1),
                                        k=self.random.choice((1, 1, 2, 4))):
            getattr(self, f'_{kind}')(plan)
        plan.add('UPDATE load_done SET number=%s WHERE writer=%s', (plan.number, self.writer))
        return plan

    def _pick(self, plan):
        """An account of this writer that the transaction has not touched, or None."""
        if not self.memory.account:
            return None
        key = self.random.randrange(1, self.next_id + 1)
        if key not in self.memory.account or key in plan.used:
            return None
        plan.used.add(key)
        return key

    def _open(self, plan):
        self.next_id += 1
        balance, note = self.random.randrange(10**6), 'n' * self.random.randrange(120)
        plan.add('INSERT INTO account VALUES (%s,%s,%s,%s,NOW(6))',
                 (self.writer, self.next_id, balance, note), ('account', self.next_id, (balance, note)))

    def _move(self, plan):
        key = self._pick(plan)
        if key is None:
            return
        amount = self.random.randrange(1, 500)
        balance, note = self.memory.account[key]
        plan.add('UPDATE account SET balance=balance+%s, changed=NOW(6) WHERE writer=%s AND id=%s',
                 (amount, self.writer, key), ('account', key, (balance + amount, note)))

    def _close(self, plan):
        key = self._pick(plan)
        if key is not None:
            plan.add('DELETE FROM account WHERE writer=%s AND id=%s', (self.writer, key),
                     ('account', key, None))

    def _enter(self, plan):
        first = len(plan.steps) * 10
        bodies = {first + part: 'b' * self.random.choice((3, 30, 3000)) for part in range(self.random.randrange(1, 5))}
        values = ','.join(['(%s,%s,%s,%s)'] * len(bodies))
        arguments = [x for part, body in bodies.items() for x in (self.writer, plan.number, part, body)]
        plan.add(f'INSERT INTO entry (writer,number,part,body) VALUES {values}', arguments,
                 *(('entry', (plan.number, part), body) for part, body in bodies.items()))

    def _loose(self, plan):
        self.next_id += 1
        amount = f'{self.random.randrange(10**8)}.{self.random.randrange(10**4):04}'
        plan.add('INSERT INTO loose VALUES (%s,%s,%s)', (self.writer, self.next_id, amount),
                 ('loose', self.next_id, amount))

    def _make(self, plan):
        table = f'made_{self.writer}'
        plan.definitions = [f'DROP TABLE IF EXISTS {table}',
                            f'CREATE TABLE {table} (id INT PRIMARY KEY, number BIGINT, old INT)',
                            f'ALTER TABLE {table} DROP COLUMN old, ADD COLUMN new_{plan.number} VARCHAR(9) DEFAULT \'new\'']
        for key in range(1, 4):
            plan.add(f'INSERT INTO {table} (id, number) VALUES (%s,%s)', (key, plan.number),
                     ('made', key, plan.number))

    # ---------------------------------------------------------------- running

    def write_one(self):
        plan = self.plan()
        try:
            with self.connection.cursor() as cursor:
                for definition in plan.definitions:
                    self.memory.is_made = False
                    cursor.execute(definition)
                cursor.execute('BEGIN')
                for statement, arguments in plan.steps:
                    if cursor.execute(statement, arguments) == 0:
                        raise AssertionError(f'a row is gone: {statement} {arguments}')
                if self.random.random() < 0.05:
                    cursor.execute('ROLLBACK')
                    return
                cursor.execute('COMMIT')
        except pymysql.err.MySQLError as error:
            if error.args[0] in RETRY:
                self.connection.rollback()
                return
            if error.args[0] not in CONNECTION_LOST:
                raise
            self.reconnect(plan)
            return
        self.memory.take(plan)

    def connect(self, deadline=120):
        """Until the server lets us in; returns the last number it has for this writer."""
        end = time.monotonic() + deadline
        while True:
            try:
                self.connection = self.server.connect(database=self.database, read_timeout=60)
                with self.connection.cursor() as cursor:
                    cursor.execute('SELECT number FROM load_done WHERE writer=%s', (self.writer,))
                    return cursor.fetchone()[0]
            except pymysql.err.MySQLError:
                if time.monotonic() > end:
                    raise

    def reconnect(self, in_flight):
        number = self.connect()
        self.memory.reconnects += 1
        if number == in_flight.number:
            self.memory.take(in_flight)
        elif number != self.memory.number:
            raise AssertionError(f'{self.server.name}: writer {self.writer} was told of {self.memory.number}, '
                                 f'asked for {in_flight.number}, and finds {number}')

    def run(self, end, pipe):
        try:
            self.connect()
            while time.monotonic() < end or self.memory.transactions < LEAST_TRANSACTIONS:
                self.write_one()
        except Exception as error:  # noqa: BLE001 (whatever it was, the test must hear of it)
            self.memory.problems.append(f'writer {self.writer} on {self.server.name}: {error!r}')
        pipe.send(self.memory)
        pipe.close()


class Load:
    """connections writers, spread over the servers in turn."""

    def __init__(self, servers, connections=16, seconds=30, seed=1, database='load_test', definitions=DEFINITIONS):
        self.seconds, self.seed, self.database, self.definitions = seconds, seed, database, definitions
        self.placed = [(writer, servers[writer % len(servers)]) for writer in range(connections)]
        self.memories = {}
        self._running = []
        self._seen = {}

    def prepare(self, server):
        numbers = ','.join(f'({writer},0)' for writer, _ in self.placed)
        server.execute(f'CREATE DATABASE {self.database}', *(table.format(self.database) for table in SCHEMA),
                       f'INSERT INTO {self.database}.load_done VALUES {numbers}')

    def start(self):
        context = multiprocessing.get_context('fork')
        self.end = time.monotonic() + self.seconds
        for writer, server in self.placed:
            receiving, sending = context.Pipe(duplex=False)
            process = context.Process(target=Writer(server, writer, self.database, self.seed, self.definitions).run,
                                      args=(self.end, sending), daemon=True)  # a test that fails waits for nobody
            process.start()
            sending.close()
            self._running.append((writer, process, receiving))
        return self

    def is_over(self):
        return time.monotonic() > self.end

    def done(self, server):
        return server.value(f'SELECT SUM(number) FROM {self.database}.load_done')

    def wait_for_writes(self, server, count=150):
        """The load is at work on this server: so many transactions more than last time, or than at the beginning."""
        before = self._seen.get(server.name, 0)
        wait_until(lambda: self.done(server) > before + count, f'{count} transactions on {server.name}',
                   show=lambda: f'{self.done(server)} after {before}')
        self._seen[server.name] = self.done(server)

    def finish(self):
        problems = []
        for writer, process, receiving in self._running:
            try:
                self.memories[writer] = receiving.recv()
                problems += self.memories[writer].problems
            except EOFError:
                problems.append(f'writer {writer} died')
            process.join()
        self._running = []
        assert not problems, '\n'.join(problems)
        return self

    def transactions(self):
        return sum(memory.transactions for memory in self.memories.values())

    # ---------------------------------------------------------------- the end

    def check(self, server):
        """Every acknowledged write is on this server, and nothing else."""
        account, entry, loose = {}, {}, {}
        for writer, key, balance, note in server.rows(f'SELECT writer, id, balance, note FROM {self.database}.account'):
            account.setdefault(writer, {})[key] = (balance, note)
        for writer, number, part, body in server.rows(f'SELECT writer, number, part, body FROM {self.database}.entry'):
            entry.setdefault(writer, {})[number, part] = body
        for writer, key, amount in server.rows(f'SELECT writer, id, amount FROM {self.database}.loose'):
            loose.setdefault(writer, {})[key] = str(amount)
        for writer, memory in self.memories.items():
            for name, found, expected in (('account', account.get(writer, {}), memory.account),
                                          ('entry', entry.get(writer, {}), memory.entry),
                                          ('loose', loose.get(writer, {}), memory.loose)):
                compare(f'{server.name}: {name} of writer {writer}', found, expected)
            if memory.is_made:
                compare(f'{server.name}: made_{writer}',
                        dict(server.rows(f'SELECT id, number FROM {self.database}.made_{writer}')), memory.made)


def compare(what, found, expected):
    lost = sorted(set(expected) - set(found))
    extra = sorted(set(found) - set(expected))
    changed = sorted(key for key in set(found) & set(expected) if found[key] != expected[key])
    assert not lost and not extra and not changed, (
        f'{what}: lost {lost[:5]} of {len(lost)}, never acknowledged {extra[:5]} of {len(extra)}, '
        f'other values {[(key, found[key], expected[key]) for key in changed[:5]]} of {len(changed)}')
