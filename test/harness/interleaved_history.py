"""A random history of several clients whose transactions overlap, for servers that must answer each statement alike.

It is serial: one statement after the other, each with the number of the client who says it. Each client writes a set of
tables of its own, and all read the tables of all, so that nobody waits for a lock; definitions come when all transactions
are over. Whatever is read has one order. Snapshots live long: what they read was changed by others since.
"""
import random

CLIENTS = 5
ROWS = 600          # as many, or so, a table has
WORDS = ['', 'a', 'b', 'ab', 'longer than most of them', 'ä', 'z' * 30]
SHAPES = {
    't': 'id INT PRIMARY KEY, k INT, v VARCHAR(200), KEY (k), KEY (v, k)',
    'u': 'id INT AUTO_INCREMENT PRIMARY KEY, k INT, v MEDIUMTEXT, UNIQUE KEY (k)',    # also of rows too large for a page
    'l': 'a VARCHAR(60), id INT, k INT, v VARCHAR(200), PRIMARY KEY (a, id), KEY (id)',    # keys that are long
    'h': 'id INT, k INT, v VARCHAR(200), KEY (k)',    # and no primary key
}
ORDERS = {'t': 'id', 'u': 'id', 'l': 'a, id', 'h': 'id, k, v'}


class InterleavedHistory:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.open = [False] * CLIENTS
        self.savepoints = [0] * CLIENTS
        self.last_id = dict.fromkeys((f'{shape}{client}' for shape in SHAPES for client in range(CLIENTS)), ROWS)
        self.changed = dict.fromkeys(self.last_id, 0)
        self.value_number = 0

    # ---------------------------------------------------------------- parts

    def schema(self):
        for table in self.last_id:
            yield f'CREATE TABLE {table} ({SHAPES[table[0]]})'
            yield f'INSERT INTO {table} (id, {self.names(table)}) VALUES ' + self.rows(table, range(0, ROWS, 2))

    @staticmethod
    def names(table):
        return 'a, k, v' if table[0] == 'l' else 'k, v'

    def text(self):
        return self.random.choice(WORDS) + str(self.random.randrange(100)) * self.random.choice((1, 1, 20))

    def rows(self, table, ids):
        def row(number):
            self.value_number += 1
            key = self.value_number if table[0] == 'u' else self.random.randrange(50)
            long = f"REPEAT('{self.text()}', 400)" if table[0] == 'u' and self.random.random() < 0.05 else f"'{self.text()}'"
            words = [str(number), f"'{'key ' * 9}{number % 7}'"] if table[0] == 'l' else [str(number)]
            return f"({', '.join([*words, str(key), long])})"
        return ', '.join(map(row, ids))

    def own(self, client):
        return f'{self.random.choice("tttuulh")}{client}'

    def any(self):
        return self.own(self.random.randrange(CLIENTS))

    def range(self, table, widths=(0, 3, 20, 150)):
        first = self.random.randrange(-5, self.last_id[table] + 5)
        return first, first + self.random.choice(widths)

    def where(self, table, widths=(0, 3, 20, 150)):
        first, last = self.range(table, widths)
        return f'id = {first}' if first == last else f'id BETWEEN {first} AND {last}'

    # ---------------------------------------------------------------- writes

    def insert(self, client):
        table = self.own(client)
        first, last = self.range(table, (0, 0, 2, 40))
        verb = self.random.choice(('INSERT', 'INSERT IGNORE', 'REPLACE') if table[0] in 'tl' else ('INSERT',))
        return f'{verb} INTO {table} (id, {self.names(table)}) VALUES {self.rows(table, range(first, last + 1))}'

    def append(self, client):
        """At the table's end, where nobody looks for duplicates; now and then there is one."""
        table = self.own(client)
        count = self.random.choice((1, 1, 5))
        first = self.last_id[table] + (self.random.random() < 0.8)
        self.last_id[table] = first + count - 1
        return f'INSERT INTO {table} (id, {self.names(table)}) VALUES {self.rows(table, range(first, first + count))}'

    def update(self, client):
        table = self.own(client)
        change = self.random.choice(['v = CONCAT(LEFT(v, 60), id)', f"v = '{self.text()}'", 'v = LEFT(v, 3)', 'v = v'])
        if table[0] == 'u':
            change = self.random.choice([change, f"v = REPEAT('{self.text()}', 400)"])
        else:
            change = self.random.choice([change, 'k = (k + id) % 50', f'k = {self.random.randrange(50)}'])
        return f'UPDATE {table} SET {change} WHERE {self.where(table)}'

    def move(self, client):
        """To another key, which may be taken."""
        table = self.own(client)
        first, last = self.range(table, (0,))
        return f'UPDATE {table} SET id = {last + self.random.choice((-1, 1, 50))} WHERE id = {first}'

    def delete(self, client):
        return f'DELETE FROM {(table := self.own(client))} WHERE {self.where(table, (0, 0, 5, 60))}'

    def large(self, client):
        """More bytes than go through the memtable."""
        table = self.own(client)
        return f"UPDATE {table} SET v = CONCAT(LEFT(v, 20), REPEAT('{self.random.choice('xyz')}', 150))"

    # ---------------------------------------------------------------- reads

    def read(self, client):
        table = self.any()
        order = ORDERS[table[0]]
        backwards = ', '.join(f'{column} DESC' for column in order.split(', '))
        where = self.where(table)
        return self.random.choice([
            f'SELECT * FROM {table} WHERE id = {self.range(table)[0]} ORDER BY {order}',
            f'SELECT * FROM {table} WHERE {where} ORDER BY {order}',
            f'SELECT * FROM {table} WHERE {where} ORDER BY {backwards}',
            f'SELECT * FROM {table} WHERE id < {self.range(table)[0]} ORDER BY {backwards} LIMIT 7',
            f'SELECT * FROM {table} WHERE id >= {self.range(table)[0]} ORDER BY {order} LIMIT 7',
            f'SELECT COUNT(*), SUM(id), SUM(k), SUM(LENGTH(v)) FROM {table}',
            f'SELECT * FROM {table} ORDER BY {backwards} LIMIT {self.random.choice((1, 30))}',
            f'SELECT id, k FROM {table} WHERE k = {self.random.randrange(50)} ORDER BY {order}',
            f'SELECT k, COUNT(*), MAX(v) FROM {table} WHERE k BETWEEN 10 AND 30 GROUP BY k ORDER BY k',
            f'SELECT MIN(k), MAX(k), MIN(id), MAX(id) FROM {table}',
            f'SELECT x.id, x.k, y.v FROM {table} x JOIN t{self.random.randrange(CLIENTS)} y ON y.id = x.k '
            f'WHERE x.{where} ORDER BY x.id, x.k, x.v'])

    def read_locking(self, client):
        table = self.own(client)
        how = self.random.choice(('FOR UPDATE', 'LOCK IN SHARE MODE'))
        return f'SELECT * FROM {table} WHERE {self.where(table)} ORDER BY {ORDERS[table[0]]} {how}'

    # ---------------------------------------------------------------- transactions

    def begin(self, client):
        if self.open[client]:
            return self.end(client)
        self.open[client], self.savepoints[client] = True, 0
        return self.random.choice(('BEGIN', 'START TRANSACTION WITH CONSISTENT SNAPSHOT'))

    def end(self, client):
        self.open[client] = False
        return self.random.choice(('COMMIT', 'COMMIT', 'ROLLBACK'))

    def save(self, client):
        if not self.open[client]:
            return self.begin(client)
        self.savepoints[client] += 1
        return f'SAVEPOINT s{self.savepoints[client]}'

    def back(self, client):
        if not self.savepoints[client]:
            return self.save(client)
        number = self.random.randint(1, self.savepoints[client])
        self.savepoints[client] = number
        return f'ROLLBACK TO s{number}'

    def isolate(self, client):
        level = self.random.choice(('REPEATABLE READ', 'REPEATABLE READ', 'READ COMMITTED'))
        return f'SET SESSION TRANSACTION ISOLATION LEVEL {level}'

    def define(self, client):
        table = self.own(client)
        self.changed[table] += 1
        name = f'c{self.changed[table]}'
        return self.random.choice([
            f'ALTER TABLE {table} ADD COLUMN {name} INT DEFAULT 7', f'ALTER TABLE {table} ADD KEY {name} (v(9), k)',
            f'ALTER TABLE {table} MODIFY k BIGINT', f'TRUNCATE TABLE {table}', f'ALTER TABLE {table} FORCE',
            f'INSERT INTO {table} (id, {self.names(table)}) VALUES {self.rows(table, range(-400, -2))}'])

    # ---------------------------------------------------------------- all

    def statements(self, count):
        """(client, statement)"""
        kinds = {self.read: 45, self.insert: 8, self.append: 8, self.update: 10, self.move: 4, self.delete: 5,
                 self.large: 0.5, self.read_locking: 4, self.begin: 8, self.save: 3, self.back: 2, self.isolate: 0.5}
        for number in range(count):
            if number % 250 == 249:
                yield from ((client, self.end(client)) for client in range(CLIENTS))
                yield 0, self.define(0 if number % 500 == 249 else self.random.randrange(CLIENTS))
            client = self.random.randrange(CLIENTS)
            kind, = self.random.choices(list(kinds), list(kinds.values()))
            yield client, kind(client)
