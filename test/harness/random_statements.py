"""Random statements that any server of the family takes, and that give the same rows wherever they are repeated in order.

One stream is one connection's work on tables of its own. What it may contain: every kind of key, NULLs, values at the
edges of their types, transactions, savepoints, definitions; and of functions those whose value a log has to carry: NOW,
RAND, LAST_INSERT_ID, user variables, AUTO_INCREMENT.
"""
import random

import pymysql

KEYS = [
    'id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, {columns}',
    'id INT NOT NULL, {columns}, PRIMARY KEY (id), UNIQUE KEY u (i), KEY k (v)',
    'id INT NOT NULL AUTO_INCREMENT, {columns}, PRIMARY KEY (id), KEY k (d, i)',
    'id INT, {columns}',
    'id INT NOT NULL, {columns}, PRIMARY KEY (id, c), KEY k (v(3))',
]
COLUMNS = '''i INT, b BIGINT UNSIGNED, n DECIMAL(12,4), f DOUBLE, v VARCHAR(40), c CHAR(8) NOT NULL DEFAULT '',
    d DATE, t DATETIME(6), s TIMESTAMP NULL, x VARBINARY(20), e ENUM('a','b','c'), l SET('p','q','r'), o TEXT'''
WORDS = ['', 'a', 'A', 'ä', 'ß', '日本', '😀', "it's", '\\', '%', '_', ' trailing ', 'NULL', '0']
REFUSED = (1062, 1048, 1264, 1406, 1366, 1213, 1205, 1451, 1452, 1265, 1292, 1305)   # what a statement may be answered with


class RandomStatements:
    def __init__(self, server, database, stream, seed, has_fractions=True):
        self.server, self.database, self.stream = server, database, stream
        self.now = 'NOW(6)' if has_fractions else 'NOW()'
        self.random = random.Random(f'{seed}/{stream}')
        self.tables = [f's{stream}_{number}' for number in range(len(KEYS))]
        self.added = dict.fromkeys(self.tables, 0)

    def prepare(self):
        for table, keys in zip(self.tables, KEYS):
            self.server.execute(f'CREATE TABLE {self.database}.{table} ({keys.format(columns=COLUMNS)})')

    # ---------------------------------------------------------------- values

    def text(self):
        return pymysql.converters.escape_string(''.join(self.random.choices(WORDS, k=self.random.randrange(4))))

    def value(self, column):
        if self.random.random() < 0.15:
            return 'NULL'
        return {
            'i': lambda: self.random.choice((self.random.randrange(200), -2147483648, 2147483647)),
            'b': lambda: self.random.choice((0, self.random.randrange(10**6), 18446744073709551615)),
            'n': lambda: f'{self.random.randrange(-10**7, 10**7)}.{self.random.randrange(10**4):04}',
            'f': lambda: self.random.choice(('0', '1.5', '-2.25e10', '1e-5', 'RAND()')),
            'v': lambda: self.random.choice((f"'{self.text()}'", '@v', "CONCAT('n', LAST_INSERT_ID())")),
            'd': lambda: f"'20{self.random.randrange(10, 38)}-0{self.random.randrange(1, 10)}-1{self.random.randrange(10)}'",
            't': lambda: self.random.choice((self.now, "'2024-02-29 23:59:59.999999'", 'NOW()')),
            's': lambda: self.random.choice(('NOW()', "'2020-01-01 00:00:00'", 'CURRENT_TIMESTAMP')),
            'x': lambda: f"x'{self.random.randbytes(self.random.randrange(8)).hex()}'",
            'e': lambda: self.random.choice(("'a'", "'b'", '3')),
            'l': lambda: self.random.choice(("'p'", "'p,r'", "''", '7')),
            'o': lambda: f"REPEAT('{self.text()}', {self.random.choice((1, 5, 500))})",
        }[column]()

    def assignments(self):
        columns = self.random.sample('ibnfvdtsxelo', self.random.randrange(1, 5))
        return ', '.join(f'{column}={self.value(column)}' for column in columns)

    def condition(self):
        return self.random.choice((
            f'id={self.random.randrange(1, 60)}',
            f'id BETWEEN {self.random.randrange(40)} AND {self.random.randrange(40, 60)}',
            f'i={self.random.randrange(200)}', f"v LIKE '{self.random.choice('aAäß')}%'", 'd IS NULL', "e='b' AND n > 0",
            f'id IN ({self.random.randrange(60)}, {self.random.randrange(60)}) OR i IS NULL'))

    # ---------------------------------------------------------------- statements

    def insert(self, table):
        columns = 'ibnvdtsxelo'
        verb = self.random.choice(('INSERT', 'INSERT', 'INSERT', 'REPLACE', 'INSERT IGNORE'))
        rows = [f"({self.random.randrange(1, 60)}, '{self.random.choice('xyz')}', "
                + ', '.join(str(self.value(column)) for column in columns) + ')'
                for _ in range(self.random.choice((1, 1, 2, 5)))]
        return f'{verb} INTO {table} (id, c, {", ".join(columns)}) VALUES {", ".join(rows)}'

    def insert_numbered(self, table):
        """AUTO_INCREMENT where the table has it."""
        return f"INSERT INTO {self.tables[0]} (v, i, c) VALUES ({self.value('v')}, {self.value('i')}, 'n')"

    def update(self, table):
        return f'UPDATE {table} SET {self.assignments()} WHERE {self.condition()}'

    def delete(self, table):
        return f'DELETE FROM {table} WHERE {self.condition()}'

    def upsert(self, table):
        return (f"INSERT INTO {self.tables[4]} (id, c, i) VALUES ({self.random.randrange(60)}, 'x', 1) "
                f'ON DUPLICATE KEY UPDATE i=1, {self.assignments()}')

    def set_variable(self, table):
        return f"SET @v='{self.text()}'"

    def define(self, table):
        self.added[table] += 1
        number = self.added[table]
        if number > 6:
            return self.update(table)
        return self.random.choice((
            f'ALTER TABLE {table} ADD COLUMN a{number} VARCHAR(10) DEFAULT \'new\'',
            f'ALTER TABLE {table} ADD KEY k{number} (b)',
            f'CREATE INDEX j{number} ON {table} (t, e)',
            f'ALTER TABLE {table} MODIFY v VARCHAR({40 + number})'))

    def statement(self):
        table = self.random.choice(self.tables)
        kinds = (self.insert, self.insert_numbered, self.update, self.delete, self.upsert, self.set_variable, self.define)
        return self.random.choices(kinds, (8, 3, 6, 3, 2, 1, 0.15))[0](table)

    def transaction(self):
        """Statements that belong together."""
        if self.random.random() < 0.5:
            return [self.statement()]
        body = [self.statement() for _ in range(self.random.randrange(1, 6))]
        if self.random.random() < 0.2:
            body[1:1] = ['SAVEPOINT here', self.statement(), 'ROLLBACK TO here']
        return ['BEGIN', *body, self.random.choice(('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK'))]

    # ---------------------------------------------------------------- running

    def run(self, transactions):
        """On a connection of its own; returns how many statements were taken."""
        taken = 0
        connection = self.server.connect(database=self.database)
        try:
            with connection.cursor() as cursor:
                for _ in range(transactions):
                    for statement in self.transaction():
                        taken += self._execute(cursor, statement)
        finally:
            connection.close()
        return taken

    def _execute(self, cursor, statement):
        try:
            cursor.execute(statement)
            return 1
        except pymysql.err.MySQLError as error:
            assert error.args[0] in REFUSED, f'{statement}: {error}'
            return 0
