"""a->b, c->d: the same random statements, logged as statements by a and as rows by c, leave four times the same rows."""
import os
import random

import pytest

from harness.rows import assert_same_rows
from harness.topology import chain, wait_caught_up

STATEMENTS = int(os.environ.get('GEMEL_STATEMENTS', 250))
SCHEMA = ['CREATE DATABASE d',
          '''CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, k INT, s VARCHAR(100), r DOUBLE, m DECIMAL(20,6),
             n DATETIME(6), ts TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), KEY (k))''',
          'CREATE TABLE d.u (k INT PRIMARY KEY, c BIGINT, s TEXT)']


class Statements:
    """One client's: every value that depends on the moment comes from something that travels along."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.clock = 1_700_000_000

    def number(self, most=40):
        return str(self.random.randrange(most))

    def expression(self, depth=0):
        simple = [self.number(), f"'{self.number(9999)}'", 'NOW(6)', 'UNIX_TIMESTAMP()', 'RAND()', 'LAST_INSERT_ID()', '@a',
                  '@b', 'UTC_TIME(2)', "CONCAT('x', @c)", 'NULL', '1.25', '1e-2', "DATE_FORMAT(NOW(), '%W %M')"]
        if depth > 1 or self.random.random() < 0.5:
            return self.random.choice(simple)
        one, two = self.expression(depth + 1), self.expression(depth + 1)
        return self.random.choice([f'CONCAT({one}, {two})', f'COALESCE({one}, {two})', f'LENGTH({one}) + 1',
                                   f'IF({one} IS NULL, 0, {two})', f'MD5({one})',
                                   f'(SELECT MAX(c) + {self.number()} FROM u)'])

    def number_expression(self):
        return self.random.choice([self.number(), 'FLOOR(RAND() * 40)', 'LAST_INSERT_ID() % 40', 'MINUTE(NOW())',
                                   'COALESCE(@number, 3)', '(SELECT COUNT(*) FROM u)'])

    def text(self):
        return f'LEFT({self.expression()}, 90)'

    def condition(self):
        return self.random.choice([f'id = {self.number(300)}', f'k = {self.number_expression()}', f'k < {self.number(10)}',
                                   f'id BETWEEN {self.number(100)} AND {self.number(200)}', 'r > RAND()', 'n < NOW()'])

    def insert(self):
        rows = ', '.join(f"({self.random.choice(['NULL', 'NULL', '0', self.number(400) + ' + 1'])}, "
                         f"{self.number_expression()}, "
                         f'{self.text()}, RAND() * 100, {self.number()} / 7, NOW(6))'
                         for _ in range(self.random.randrange(1, 4)))
        return (f'INSERT INTO t (id, k, s, r, m, n) VALUES {rows} '
                f'ON DUPLICATE KEY UPDATE k = k + 1, s = {self.text()}')

    def change(self):
        return self.random.choice([
            lambda: f'UPDATE t SET k = {self.number_expression()}, s = {self.text()} WHERE {self.condition()}',
            lambda: f'UPDATE t SET r = r + RAND(), n = NOW(3) WHERE {self.condition()}',
            lambda: f'DELETE FROM t WHERE {self.condition()} AND k % 5 = 0',
            lambda: f'REPLACE INTO u VALUES ({self.number()}, UNIX_TIMESTAMP(), {self.text()})',
            lambda: f'INSERT IGNORE INTO u VALUES ({self.number()}, @number, {self.text()}), ({self.number()}, 1, NULL)',
            lambda: 'INSERT INTO u SELECT k + 100, COUNT(*), MAX(s) FROM t GROUP BY k ON DUPLICATE KEY UPDATE c = c + 1',
            lambda: f'INSERT INTO t (k, s) SELECT c % 40, LEFT(s, 50) FROM u WHERE k < {self.number()}',
            lambda: f'UPDATE t, u SET t.s = LEFT(u.s, 80), u.c = u.c + t.id WHERE t.k = u.k AND u.k < {self.number()}',
            lambda: f'DELETE u FROM u JOIN t ON t.k = u.k WHERE u.k > {self.number(200)}'])()

    def setting(self):
        return self.random.choice([
            lambda: f"SET @a = {self.number()}, @b = '{self.number()}', @c = NULL", lambda: 'SET @c = NOW(2), @number = 12.5',
            lambda: "SET @a = _latin1 X'E9', @b = 1e10", lambda: 'SET @number = @@timestamp % 30',
            lambda: f"SET time_zone = '{self.random.choice(['+00:00', '-07:00', 'SYSTEM'])}'",
            lambda: f"SET lc_time_names = '{self.random.choice(['en_US', 'fr_FR', 'ja_JP'])}'",
            lambda: f'SET auto_increment_increment = {self.random.randrange(1, 5)}',
            lambda: f"SET sql_mode = '{self.random.choice(['', 'PIPES_AS_CONCAT', 'NO_AUTO_VALUE_ON_ZERO'])}'",
            lambda: f"SET NAMES {self.random.choice(['utf8mb4', 'latin1'])}"])()

    def __iter__(self):
        for _ in range(STATEMENTS):
            self.clock += self.random.randrange(1000)
            yield f'SET timestamp = {self.clock}.{self.random.randrange(10**6):06}'
            yield f'SET rand_seed1 = {self.random.randrange(10**6)}, rand_seed2 = {self.random.randrange(10**6)}'
            if self.random.random() < 0.3:
                yield self.setting()
            count = self.random.choice((1, 1, 1, 3))
            yield from ['BEGIN'] * (count > 1)
            for _ in range(count):
                yield self.insert() if self.random.random() < 0.4 else self.change()
            yield from [self.random.choice(('COMMIT', 'COMMIT', 'ROLLBACK'))] * (count > 1)


@pytest.mark.parametrize('format', ['STATEMENT', 'MIXED'])
@pytest.mark.parametrize('seed', [1, 2])
def test_statements_and_rows_agree(make_server, format, seed):
    servers = [make_server(name, binlog_format=logged, sql_mode='') for name, logged in
               (('a', format), ('b', 'ROW'), ('c', 'ROW'), ('d', 'ROW'))]
    a, b, c, d = servers
    edges = chain(a, b) + chain(c, d)
    for source in (a, c):
        source.execute(*SCHEMA)
        connection = source.connect(database='d')
        with connection.cursor() as cursor:
            for statement in Statements(seed):
                try:
                    cursor.execute(statement)
                except Exception as error:  # noqa: BLE001 (the same on both: their rows will tell)
                    assert error.args[0] in (1062, 1264, 1292, 1366, 1690), (statement, error)
        connection.close()
    wait_caught_up(edges)
    assert a.value('SELECT COUNT(*) FROM d.t') > 20
    assert_same_rows(a, c)
    assert_same_rows(a, b)
    assert_same_rows(c, d)
