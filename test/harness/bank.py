"""Clients who move money between accounts, others who count it in every way there is, and one who rebuilds the bank.

Whatever is moved, there are as many accounts as before, and as much money. Who counts has one snapshot, in which all ways
to read must tell the same, at once and later on.
"""
import random
import threading
import time

import pymysql

from harness.load import RETRY

ACCOUNTS, BALANCE = 1500, 1000
CHANGED_DEFINITION = 1412
MOVERS, COUNTERS = 6, 3
LEAST = 3    # times that each client does its work, however slow the machine is


class BankClient(threading.Thread):
    """Works until the end; a statement that met a deadlock or a new definition begins its transaction again."""

    def __init__(self, bank, work, seed):
        super().__init__(daemon=True)
        self.bank, self.work = bank, work
        self.random = random.Random(seed)
        self.done, self.problem = 0, None

    def run(self):
        try:
            with self.bank.server.connect(database='bank', autocommit=False) as self.connection:
                with self.connection.cursor() as self.cursor:
                    self.execute('SET SESSION innodb_lock_wait_timeout = 2')
                    while not self.bank.is_over(self):
                        self.run_one()
        except Exception as error:  # noqa: BLE001 (the test must hear of it)
            self.problem = error
            self.bank.has_problem = True

    def run_one(self):
        try:
            self.work(self)
            self.done += 1
        except pymysql.err.MySQLError as error:
            if error.args[0] not in (*RETRY, CHANGED_DEFINITION):
                raise
            self.connection.rollback()

    def execute(self, statement):
        self.cursor.execute(statement)
        return self.cursor.fetchall()


class Bank:
    def __init__(self, server, seed):
        self.server, self.seed = server, seed
        self.end, self.has_problem = 0, False
        self.last_id = ACCOUNTS
        self.lock = threading.Lock()   # of last_id

    def open(self):
        self.server.execute(
            'CREATE DATABASE bank', 'USE bank',
            'CREATE TABLE account (id INT PRIMARY KEY, balance INT, note VARCHAR(400), KEY balance (balance))',
            'CREATE TABLE entry (id INT AUTO_INCREMENT PRIMARY KEY, source INT, target INT, amount INT)',
            'CREATE TABLE board (id INT PRIMARY KEY, note VARCHAR(400))',
            'INSERT INTO account VALUES ' + ', '.join(f"({id}, {BALANCE}, 'opened')" for id in range(1, ACCOUNTS + 1)))

    def run(self, seconds):
        self.end = time.monotonic() + seconds
        works = [self.move] * MOVERS + [self.count] * COUNTERS + [self.annotate, self.rebuild]
        clients = [BankClient(self, work, f'{self.seed} {number}') for number, work in enumerate(works)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        problems = [client.problem for client in clients if client.problem]
        assert not problems, problems

    def is_over(self, client):
        return self.has_problem or (time.monotonic() > self.end and client.done >= LEAST)

    # ---------------------------------------------------------------- who writes

    def move(self, client):
        source, target = sorted(client.random.sample(range(1, self.last_id + 1), 2))
        amount = client.random.randrange(-50, 50)
        found = client.execute(f'SELECT id, balance FROM account WHERE id IN ({source}, {target}) ORDER BY id FOR UPDATE')
        if len(found) == 2:
            client.execute(f'UPDATE account SET balance = balance - {amount} WHERE id = {source}')
            client.execute(f'UPDATE account SET balance = balance + {amount} WHERE id = {target}')
            client.execute(f'INSERT INTO entry (source, target, amount) VALUES ({source}, {target}, {amount})')
        if client.random.random() < 0.2:
            self.undo_some(client)
        if len(found) == 1 or (found and client.random.random() < 0.2):
            self.renumber(client, found[0][0])
        client.execute('ROLLBACK' if client.random.random() < 0.1 else 'COMMIT')

    def undo_some(self, client):
        first = client.random.randrange(self.last_id)
        client.execute('SAVEPOINT here')
        client.execute(f'UPDATE account SET balance = 0 WHERE id BETWEEN {first} AND {first + 5}')
        client.execute(f'DELETE FROM account WHERE id BETWEEN {first} AND {first + 2}')
        client.execute(f"INSERT IGNORE INTO account VALUES ({first}, 1, 'undone')")
        client.execute('ROLLBACK TO here')

    def renumber(self, client, id):
        """The account moves to the end of the table."""
        with self.lock:
            self.last_id += 1
            new_id = self.last_id
        balance, = client.execute(f'SELECT balance FROM account WHERE id = {id} FOR UPDATE')[0]
        client.execute(f'DELETE FROM account WHERE id = {id}')
        client.execute(f"INSERT INTO account VALUES ({new_id}, {balance}, 'moved from {id}')")

    def annotate(self, client):
        """Many rows at once: more than goes through the memtable."""
        first = client.random.randrange(self.last_id)
        client.execute(f"UPDATE account SET note = REPEAT('{client.random.randrange(10)}', {client.random.randrange(400)}) "
                       f'WHERE id BETWEEN {first} AND {first + 300}')
        client.execute('COMMIT')

    def rebuild(self, client):
        client.execute('CREATE INDEX note ON account (note(5))')
        client.execute('TRUNCATE TABLE board')
        client.execute('INSERT INTO board SELECT id, note FROM account')
        client.execute('COMMIT')
        client.execute('DROP INDEX note ON account')

    # ---------------------------------------------------------------- who counts

    def count(self, client):
        client.execute(client.random.choice(('START TRANSACTION WITH CONSISTENT SNAPSHOT', 'BEGIN')))
        accounts = client.execute('SELECT id, balance, note FROM account ORDER BY id')
        assert len(accounts) == ACCOUNTS and sum(balance for _, balance, _ in accounts) == ACCOUNTS * BALANCE, (
            len(accounts), sum(balance for _, balance, _ in accounts))
        for _ in range(client.random.choice((1, 5))):
            self.count_again(client, accounts)
        client.execute('COMMIT')

    def count_again(self, client, accounts):
        balances = sorted((balance, id) for id, balance, _ in accounts)
        assert list(client.execute('SELECT id, balance, note FROM account ORDER BY id DESC')) == list(reversed(accounts))
        assert list(client.execute('SELECT balance, id FROM account FORCE INDEX (balance) ORDER BY balance, id')) == balances
        assert client.execute('SELECT COUNT(*), SUM(balance) FROM account') == ((ACCOUNTS, ACCOUNTS * BALANCE),)
        known = {account[0]: account for account in accounts}
        for _ in range(5):
            id = client.random.randrange(1, self.last_id + 1)
            expected = (known[id],) if id in known else ()
            assert client.execute(f'SELECT id, balance, note FROM account WHERE id = {id}') == expected
            first, last = id, id + client.random.randrange(60)
            between = tuple(account for account in accounts if first <= account[0] <= last)
            for order, rows in (('', between), ('DESC', between[::-1])):
                found = client.execute(f'SELECT id, balance, note FROM account WHERE id BETWEEN {first} AND {last} '
                                       f'ORDER BY id {order}')
                assert found == rows, (first, last, order)
            low = client.random.choice(balances)[0]
            assert client.execute(f'SELECT COUNT(*), SUM(id) FROM account WHERE balance >= {low}') == (
                (len(ids := [id for balance, id in balances if balance >= low]), sum(ids)),)
