"""Random transactions over several connections of one server, written down as a history for the checker.

Two shapes of data:

    list    a row a key; an append is CONCAT on its text, by INSERT ... ON DUPLICATE KEY UPDATE
    set     a row a value; an append is an INSERT, and a key's values are found through a secondary index

Reads are of one key, or of four by BETWEEN. Keys come into use one after another, so that lists stay short and there are
always some that are not there yet.
"""
import random
import threading
import time

import pymysql

from harness.load import CONNECTION_LOST, RETRY
from isolation.history import ABORTED, COMMITTED, UNKNOWN, Append, History, Read, Transaction

SHAPES = ('list', 'set')
LEVELS = ('READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE')
STYLES = ('', 'LOCK IN SHARE MODE', 'FOR UPDATE')
SCHEMA = ('CREATE DATABASE isolation',
          'CREATE TABLE isolation.list (k INT PRIMARY KEY, v TEXT NOT NULL)',
          'CREATE TABLE isolation.set_ (v INT PRIMARY KEY, k INT NOT NULL, KEY (k))')
RANGE = 4
LEAST_COMMITTED, PATIENCE_SECONDS = 20, 60


class Shape:
    """How a shape of data is read and appended to."""

    def __init__(self, shape, style):
        self.is_list = shape == 'list'
        self.table = 'list' if self.is_list else 'set_'
        self.style = style

    def append(self, step):
        if self.is_list:
            return (f"INSERT INTO list VALUES ({step.key}, '{step.value}') "
                    f"ON DUPLICATE KEY UPDATE v = CONCAT(v, ',{step.value}')")
        return f'INSERT INTO set_ VALUES ({step.value}, {step.key})'

    def read(self, first, last):
        where = f'k = {first}' if first == last else f'k BETWEEN {first} AND {last}'
        return f'SELECT k, v FROM {self.table} WHERE {where} {self.style}'

    def values(self, rows):
        """key -> values"""
        found = {}
        for key, value in rows:
            found[key] = tuple(map(int, value.split(','))) if self.is_list else found.get(key, ()) + (value,)
        return found


class Keys:
    """The window of keys in use, and values that are given once. Numbers go on from run to run."""

    def __init__(self, width=6, values_per_key=12):
        self.lock = threading.Lock()
        self.width, self.values_per_key = width, values_per_key
        self.last_value = self.last_transaction = self.committed = 0

    def value(self):
        with self.lock:
            self.last_value += 1
            return self.last_value

    def transaction(self):
        with self.lock:
            self.last_transaction += 1
            return self.last_transaction

    def count_commit(self):
        with self.lock:
            self.committed += 1

    def pick(self, chance):
        return self.last_value // self.values_per_key + chance.randrange(self.width)


class Client(threading.Thread):
    def __init__(self, server, shape, level, keys, end, seed):
        super().__init__(daemon=True)
        self.server, self.shape, self.level, self.keys, self.end = server, shape, level, keys, end
        self.chance = random.Random(seed)
        self.transactions = []
        self.connection = self.problem = None

    def connect(self):
        deadline, pause = time.monotonic() + 60, threading.Event()
        while True:
            try:
                self.connection = self.server.connect(database='isolation', autocommit=False)
                with self.connection.cursor() as cursor:
                    cursor.execute(f'SET SESSION TRANSACTION ISOLATION LEVEL {self.level}')
                    cursor.execute('SET SESSION innodb_lock_wait_timeout=1')
                return
            except pymysql.err.MySQLError as error:
                if error.args[0] not in CONNECTION_LOST or time.monotonic() > deadline:
                    raise
                pause.wait(0.02)

    def run(self):
        try:
            self.connect()
            while not self.is_over():
                self.transactions.append(self.run_one(Transaction(self.keys.transaction())))
            self.connection.close()
        except Exception as error:  # noqa: BLE001 (the test must hear of it)
            self.problem = error

    def is_over(self):
        """A slow machine gets more time, for a history in which there is something to find."""
        now = time.monotonic()
        return now > self.end and (self.keys.committed >= LEAST_COMMITTED or now > self.end + PATIENCE_SECONDS)

    def run_one(self, transaction):
        transaction.status = ABORTED
        try:
            with self.connection.cursor() as cursor:
                cursor.execute('BEGIN')
                for _ in range(self.chance.choice((2, 3, 3, 4, 5))):
                    self.step(transaction, cursor)
                if self.chance.random() < 0.08:
                    cursor.execute('ROLLBACK')
                    return transaction
                transaction.commit_began = time.monotonic()
                transaction.status = UNKNOWN
                cursor.execute('COMMIT')
                transaction.status = COMMITTED
                self.keys.count_commit()
        except pymysql.err.MySQLError as error:
            if error.args[0] in RETRY:
                transaction.status = ABORTED
                self.connection.rollback()
            elif error.args[0] in CONNECTION_LOST:
                self.connect()
            else:
                raise
        return transaction

    def step(self, transaction, cursor):
        kind = self.chance.random()
        first = self.keys.pick(self.chance)
        if kind < 0.45:
            step = Append(first, self.keys.value())
            transaction.steps.append(step)
            cursor.execute(self.shape.append(step))
            return
        last = first if kind < 0.8 else first + RANGE - 1
        cursor.execute(self.shape.read(first, last))
        found = self.shape.values(cursor.fetchall())
        ended = time.monotonic()
        # A set's values lie in a range of the index even where the key is given.
        transaction.steps += [Read(key, found.get(key, ()), last > first or not self.shape.is_list, ended)
                              for key in range(first, last + 1)]


def record(server, shape, level, style='', seconds=1.5, connections=8, seed=1, meanwhile=None):
    """meanwhile(end): what the caller does to the server until then. Returns the history."""
    server.execute('DROP DATABASE IF EXISTS isolation', *SCHEMA)
    keys, end, kind = Keys(), time.monotonic() + seconds, Shape(shape, style)
    clients = [Client(server, kind, level, keys, end, f'{seed}/{number}') for number in range(connections)]
    for client in clients:
        client.start()
    if meanwhile:
        meanwhile(end)
    for client in clients:
        client.join()
    problems = [client.problem for client in clients if client.problem]
    assert not problems, problems
    final = Shape(shape, '').values(server.rows(f'SELECT k, v FROM isolation.{kind.table}'))
    return History([each for client in clients for each in client.transactions], final, kind.is_list)
