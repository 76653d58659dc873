"""The same prepared statements, over and over with other values, settings and definitions in between: with plans kept and
without, the same answers and the same rows."""
import os
import random
import re

import pytest

BURSTS = int(os.environ.get('GEMEL_PLAN_BURSTS', 150))
SCHEMA = ['''CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, k INT, s VARCHAR(60), m DECIMAL(12,3), n DATETIME(3),
             e ENUM('a','b','c'), KEY (k), UNIQUE (s, k))''',
          'CREATE TABLE u (k INT PRIMARY KEY, c BIGINT UNSIGNED, s TEXT, CHECK (c < 5000000))',
          'CREATE VIEW v AS SELECT t.id, t.k, u.s FROM t LEFT JOIN u ON u.k = t.k WHERE t.id < 400',
          'INSERT INTO t (k, s) VALUES (1, "one"), (2, "two"), (3, "three")',
          'INSERT INTO u VALUES (1, 1, "x"), (2, 2, "y")']
PREPARED = [
    'SELECT * FROM t WHERE id = ?', 'SELECT id, s FROM t WHERE k = ? ORDER BY id',
    'SELECT s FROM t WHERE s >= ? ORDER BY s, id', 'SELECT COUNT(*), SUM(k), MAX(s) FROM t WHERE id BETWEEN ? AND ?',
    'SELECT * FROM v WHERE k IN (?, ?) ORDER BY 1', 'SELECT k, MAX(id) FROM t WHERE id < ?',
    'SELECT DISTINCT k FROM t WHERE n < ? OR m > ? ORDER BY k', 'SELECT * FROM t ORDER BY id LIMIT 3',
    'SELECT (SELECT MAX(c) FROM u WHERE u.k < t.k) FROM t WHERE id > ? ORDER BY id',
    'SELECT e, ? + k, ? FROM t ORDER BY id', 'SELECT u.*, t.id FROM u JOIN t USING (k) WHERE u.s LIKE ? ORDER BY 1, t.id',
    'SELECT CONCAT(s, ?), k / 3 FROM t ORDER BY id', 'SELECT k FROM t WHERE id = ? FOR UPDATE',
    'SELECT 1 FROM t WHERE e = ? UNION SELECT k FROM u WHERE c = ? ORDER BY 1', 'INSERT INTO t (k, s) VALUES (?, ?)',
    'INSERT INTO t (k, s, m, n, e) VALUES (?, ?, ?, ?, ?)', 'INSERT IGNORE INTO u VALUES (?, ?, ?), (7, 7, 7)',
    'REPLACE INTO u (k, c) VALUES (?, ?)', 'INSERT INTO u VALUES (?, 1, NULL) ON DUPLICATE KEY UPDATE c = c + ?',
    'INSERT INTO t (k, s) SELECT k + 100, s FROM u WHERE k < ?', 'UPDATE t SET k = ? WHERE id = ?',
    'UPDATE t SET s = LEFT(?, 50), k = k + 1 WHERE k = ?', 'UPDATE u SET c = c + ? WHERE k = ?',
    'UPDATE t, u SET t.m = ?, u.s = t.s WHERE t.k = u.k AND u.k = ?', 'UPDATE IGNORE t SET s = ? WHERE id < ?',
    'DELETE FROM t WHERE id = ?', 'DELETE FROM u WHERE k = ? AND c < ?', 'DELETE t FROM t JOIN u USING (k) WHERE u.c = ?',
]
VALUES = [   # of one kind each: those of a kind may use one plan
    ['0', '1', '2', '3', '7', '40', '-5', '9999999'],
    ["'1'", "'one'", "'Two'", "'x%'", "''", "'2021-01-01'", "'a'", "'b'"],
    ['NULL', '18446744073709551615', '1.5', '2e0', "DATE'2024-02-29'", "TIMESTAMP'2021-01-01 00:00:00'", "x'31'",
     "_latin1'\xe9'"],
]
SETTINGS = [
    "SET sql_mode = ''", "SET sql_mode = 'STRICT_TRANS_TABLES'", 'SET sql_mode = DEFAULT', 'SET NAMES utf8mb4',
    'SET NAMES latin1', 'SET NAMES utf8mb4 COLLATE utf8mb4_bin', "SET time_zone = '+05:00'", "SET time_zone = 'SYSTEM'",
    'SET div_precision_increment = 7', 'SET div_precision_increment = DEFAULT', 'SET sql_select_limit = 2',
    'SET sql_select_limit = DEFAULT', 'SET autocommit = 0', 'SET autocommit = 1',
    'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    'BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT a', 'ROLLBACK TO a',
]
DEFINITIONS = [
    'ALTER TABLE t ADD COLUMN z INT DEFAULT 4', 'ALTER TABLE t DROP COLUMN z', 'ALTER TABLE t ADD KEY kk (e, k)',
    'ALTER TABLE t DROP KEY kk', 'ALTER TABLE t MODIFY k BIGINT', 'ALTER TABLE t MODIFY k INT',
    'ALTER TABLE u MODIFY c INT', 'RENAME TABLE u TO w, t TO u, w TO t',
    'CREATE OR REPLACE VIEW v AS SELECT id, k, s FROM t',
    'CREATE OR REPLACE VIEW v AS SELECT k AS id, 1 AS k, 2 AS z FROM u', 'CREATE TEMPORARY TABLE u (k INT, c INT, s INT)',
    'DROP TEMPORARY TABLE u', 'TRUNCATE u', 'DROP TABLE u', 'CREATE TABLE u (k INT PRIMARY KEY, c BIGINT, s VARCHAR(10))',
]


def bursts(chance):
    """One prepared statement a few times, mostly with values of the same kinds, now and then with a change in between."""
    number = chance.randrange(len(PREPARED))
    names = [f'@p{i}' for i in range(PREPARED[number].count('?'))]
    kinds = [chance.choices(VALUES, (5, 4, 1))[0] for _ in names]
    for _ in range(chance.randrange(1, 6)):
        what = chance.random()
        if what < 0.06:
            yield chance.choice(SETTINGS)
        elif what < 0.08:
            yield chance.choice(DEFINITIONS)
        if names:
            yield 'SET ' + ', '.join(f'{name} = {chance.choice(kind)}' for name, kind in zip(names, kinds))
        yield f'EXECUTE s{number}' + (' USING ' + ', '.join(names) if names else '')


class Client:
    def __init__(self, server, database, keeps_plans):
        self.database = database
        server.execute(f'CREATE DATABASE {database}')
        self.connection = server.connect(database=database, charset='latin1')   # takes any bytes
        for statement in [*SCHEMA, f'SET gemel_plan_cache = {keeps_plans}', 'SET lock_wait_timeout = 5',
                          *(f"PREPARE s{number} FROM '{text}'" for number, text in enumerate(PREPARED))]:
            self.answer(statement, must=True)

    def answer(self, statement, must=False):
        """Everything a client hears."""
        with self.connection.cursor() as cursor:
            try:
                cursor.execute(statement)
            except Exception as error:  # noqa: BLE001 (errors are answers)
                assert not must and error.args[0] not in (0, 2006, 2013), (statement, error)
                return error.args
            return cursor.description, cursor.rowcount, cursor.lastrowid, list(cursor.fetchall())

    def told(self, statement):
        """The answer as text, without the database's name."""
        return re.sub(rf"(['`]){self.database}([.'`])", r'\1d\2', str(self.answer(statement)))


@pytest.mark.parametrize('seed', [1, 2, 3])
def test_plans_change_no_answer(server, seed):
    kept, fresh = Client(server, 'kept', 'ON'), Client(server, 'fresh', 'OFF')
    chance = random.Random(seed)
    for number in range(BURSTS):
        for statement in bursts(chance):
            assert kept.told(statement) == fresh.told(statement), (number, statement)
            assert kept.told('SHOW WARNINGS') == fresh.told('SHOW WARNINGS'), (number, statement)
    rows = [[client.told(f'SELECT * FROM {table}') for table in 'tuv'] for client in (kept, fresh)]
    assert rows[0] == rows[1]
    reused = [int(client.answer("SHOW SESSION STATUS LIKE 'Gemel_plans_reused'")[-1][0][1]) for client in (kept, fresh)]
    assert reused[0] > BURSTS / 2 and reused[1] == 0
    for client in (kept, fresh):
        client.connection.close()
