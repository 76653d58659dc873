"""A statement that runs again uses what it was resolved to, for as long as that is still what it means."""
import pytest

from harness.client import Client


class Planned(Client):
    """Prepares by SQL; counts how often a plan was used again."""

    def __init__(self, server, **options):
        super().__init__(server.connect(database='d', **options))

    def error(self, statement):
        with pytest.raises(Exception) as raised:
            self.rows(statement)
        return raised.value.args[0]

    def reused(self):
        return self.counter('Gemel_plans_reused')

    def close(self):
        self.connection.close()


@pytest.fixture
def client(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(20), KEY (v))',
                   "INSERT INTO d.t VALUES (1, 'one'), (2, 'two')")
    client = Planned(server)
    yield client
    client.close()


def test_it_is_used_again(client):
    client.rows("PREPARE s FROM 'SELECT v FROM t WHERE id = ?'")
    client.rows('SET @a = 1, @b = 2')
    assert [client.rows('EXECUTE s USING @a'), client.rows('EXECUTE s USING @b')] == [[('one',)], [('two',)]]
    assert client.reused() == 1
    client.rows('SET gemel_plan_cache = OFF')
    assert client.rows('EXECUTE s USING @a') == [('one',)]
    assert client.reused() == 1


def test_changes_are_planned_too(client):
    client.rows('SET @a = 1, @b = 2, @c = 3')
    for name, statement in (('i', 'INSERT INTO t VALUES (?, "x")'), ('u', 'UPDATE t SET v = "y" WHERE id = ?'),
                            ('d', 'DELETE FROM t WHERE id = ?')):
        client.rows(f"PREPARE {name} FROM '{statement}'")
    client.rows('EXECUTE d USING @a')
    client.rows('EXECUTE d USING @b')
    client.rows('EXECUTE i USING @a')
    client.rows('EXECUTE i USING @b')
    client.rows('EXECUTE u USING @b')
    client.rows('EXECUTE u USING @c')
    client.rows('EXECUTE i USING @c')
    assert client.rows('SELECT * FROM t') == [(1, 'x'), (2, 'y'), (3, 'x')]
    assert client.reused() == 4


DEFINITIONS = [
    ('ALTER TABLE t ADD COLUMN n INT DEFAULT 7 FIRST', [(7, 1, 'one'), (7, 2, 'two')]),
    ('ALTER TABLE t DROP COLUMN v', [(1,), (2,)]),
    ("ALTER TABLE t MODIFY v ENUM('one', 'two')", [(1, 'one'), (2, 'two')]),
    ('DROP TABLE t', 1146),
    ('RENAME TABLE t TO u', 1146),
    ('TRUNCATE t', []),
    ('DROP TABLE t; CREATE TABLE t (z INT); INSERT INTO t VALUES (9)', [(9,)]),
    ('DROP TABLE t; CREATE VIEW t AS SELECT 5 AS z', [(5,)]),
    ('CREATE TEMPORARY TABLE t (z INT); INSERT INTO t VALUES (8)', [(8,)]),
    ('CREATE DATABASE e; CREATE TABLE e.t (y INT); INSERT INTO e.t VALUES (6); USE e', [(6,)]),
    ('DROP DATABASE d; CREATE DATABASE d', 1046),
]


@pytest.mark.parametrize('definition, expected', DEFINITIONS, ids=[row[0][:30] for row in DEFINITIONS])
def test_definitions_end_it(client, definition, expected):
    client.rows("PREPARE s FROM 'SELECT * FROM t'")
    client.rows('EXECUTE s')
    client.rows('EXECUTE s')
    for statement in definition.split('; '):
        client.rows(statement)
    for _ in range(2):
        if isinstance(expected, int):
            assert client.error('EXECUTE s') == expected
        else:
            assert client.rows('EXECUTE s') == expected


def test_definitions_of_others_end_it(server, client):
    client.rows("PREPARE s FROM 'SELECT * FROM t WHERE id = 1'")
    client.rows("PREPARE i FROM 'INSERT INTO t VALUES (?, ?)'")
    client.rows('SET @a = 10, @b = 20')
    client.rows('EXECUTE s')
    client.rows('EXECUTE i USING @a, @b')
    server.execute('ALTER TABLE d.t ADD COLUMN w INT')
    assert client.rows('EXECUTE s') == [(1, 'one', None)]
    assert client.error('EXECUTE i USING @b, @b') == 1136


def test_views_end_it(client):
    client.rows('CREATE VIEW w AS SELECT id FROM t')
    client.rows("PREPARE s FROM 'SELECT * FROM w ORDER BY 1'")
    assert client.rows('EXECUTE s') == client.rows('EXECUTE s') == [(1,), (2,)]
    assert client.reused() == 1
    client.rows('CREATE OR REPLACE VIEW w AS SELECT id + 5, v FROM t')
    assert client.rows('EXECUTE s') == [(6, 'one'), (7, 'two')]
    client.rows('CREATE TEMPORARY TABLE w (a INT)')
    assert client.rows('EXECUTE s') == []
    client.rows('DROP TEMPORARY TABLE w')
    assert client.rows('EXECUTE s') == [(6, 'one'), (7, 'two')]


def test_a_revoked_privilege_bites_at_once(server, client):
    server.execute("CREATE USER u@localhost IDENTIFIED BY 'p'", 'GRANT ALL ON d.* TO u@localhost')
    other = Planned(server, user='u', password='p')
    for name, statement in (('s', 'SELECT v FROM t WHERE id = 1'), ('u', 'UPDATE t SET v = v WHERE id = 1'),
                            ('d', 'DELETE FROM t WHERE id = 100'), ('i', 'INSERT IGNORE INTO t VALUES (1, NULL)')):
        other.rows(f"PREPARE {name} FROM '{statement}'")
        other.rows(f'EXECUTE {name}')
        other.rows(f'EXECUTE {name}')
    assert other.reused() == 4
    server.execute('REVOKE UPDATE, DELETE, INSERT ON d.* FROM u@localhost')
    assert [other.error(f'EXECUTE {name}') for name in 'udi'] == [1142] * 3
    assert other.rows('EXECUTE s') == [('one',)]
    server.execute('REVOKE SELECT ON d.* FROM u@localhost')
    assert other.error('EXECUTE s') == 1142
    server.execute('GRANT SELECT ON d.* TO u@localhost')
    assert other.rows('EXECUTE s') == [('one',)]
    other.close()


SETTINGS = [
    ("SELECT 'a' || 'b'", "SET sql_mode = 'PIPES_AS_CONCAT'"),   # parsed when it was prepared: the same
    ("SELECT CHARSET('x'), LENGTH('ä') AS size", 'SET NAMES latin1'),
    ("SELECT 'a' = 'A'", "SET NAMES utf8mb4 COLLATE utf8mb4_bin"),
    ('SELECT 1 / 3', 'SET div_precision_increment = 8'),
    ('SELECT GROUP_CONCAT(v) FROM t', 'SET group_concat_max_len = 5'),
    ("SELECT TIMESTAMP'2020-01-01 00:00:00+00:00'", "SET time_zone = '+05:00'"),
    ("SELECT '2021-02-30' + INTERVAL 1 DAY", "SET sql_mode = 'ALLOW_INVALID_DATES'"),
    ('SELECT @@autocommit, @@sql_select_limit', 'SET sql_select_limit = 1'),
    ('SELECT v FROM t ORDER BY id', 'SET sql_select_limit = 1'),
    ('SELECT id, MAX(v) FROM t', "SET sql_mode = ''"),
    ('SELECT @x', 'SET @x = 1.5'),
    ('SELECT DATABASE(), USER(), @@version', 'USE information_schema'),
    ('SELECT v FROM t', 'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE'),
]


def answer(client, statement):
    try:
        with client.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.description, list(cursor.fetchall())
    except Exception as error:  # noqa: BLE001 (what it answers is what is compared)
        return error.args


@pytest.mark.parametrize('statement, setting', SETTINGS, ids=[row[1] for row in SETTINGS])
def test_settings(server, client, statement, setting):
    """After each change the same answer as from a session that never kept a plan."""
    fresh = Planned(server)
    fresh.rows('SET gemel_plan_cache = OFF')
    for one in (client, fresh):
        with one.connection.cursor() as cursor:
            cursor.execute('PREPARE s FROM %s', (statement,))
    for _ in range(2):
        assert answer(client, 'EXECUTE s') == answer(fresh, 'EXECUTE s')
    for one in (client, fresh):
        one.rows(setting)
    for _ in range(2):
        assert answer(client, 'EXECUTE s') == answer(fresh, 'EXECUTE s')
    assert fresh.reused() == 0
    fresh.close()


def test_a_stricter_sql_mode_ends_it(client):
    client.rows("SET sql_mode = ''")
    client.rows("PREPARE s FROM 'SELECT id, MAX(v) FROM t'")
    client.rows('EXECUTE s')
    client.rows('SET sql_mode = DEFAULT')
    assert client.error('EXECUTE s') == 1140


VALUES = ['1', "'1'", '1.0', '1e0', 'NULL', "'one'", "x'31'", "DATE'2020-01-01'", '18446744073709551615', "_latin1'1'", '-1',
          "'1x'"]


def test_parameters_of_every_kind_in_turn(server, client):
    fresh = Planned(server)
    fresh.rows('SET gemel_plan_cache = OFF')
    statements = ['SELECT id FROM t WHERE id = ?', 'SELECT v FROM t WHERE v >= ? ORDER BY 1', 'SELECT ?, ? + 1, CONCAT(?)',
                  'SELECT COUNT(*) FROM t WHERE v IN (?, ?) OR id BETWEEN ? AND 2']
    for number, statement in enumerate(statements):
        marks = statement.count('?')
        for value in VALUES * 2:
            answers = []
            for one in (client, fresh):
                with one.connection.cursor() as cursor:
                    if value == VALUES[0]:
                        cursor.execute(f'PREPARE s{number} FROM %s', (statement,))
                    cursor.execute(f'SET @a = {value}')
                answers.append(answer(one, f'EXECUTE s{number} USING ' + ', '.join(['@a'] * marks)))
            assert answers[0] == answers[1], (statement, value)
    fresh.close()


def test_locked_tables(client):
    client.rows('CREATE TABLE o (a INT)')
    client.rows("PREPARE s FROM 'SELECT COUNT(*) FROM t'")
    client.rows("PREPARE i FROM 'INSERT IGNORE INTO t VALUES (1, 1)'")
    for name in 'si':
        client.rows(f'EXECUTE {name}')
    client.rows('LOCK TABLES o READ')
    assert [client.error(f'EXECUTE {name}') for name in 'si'] == [1100, 1100]
    client.rows('LOCK TABLES t READ')
    assert client.rows('EXECUTE s') == [(2,)]
    assert client.error('EXECUTE i') == 1099
    client.rows('UNLOCK TABLES')
    client.rows('EXECUTE i')


def test_it_waits_for_a_definition_under_way(server, client):
    """A plan's tables are locked like any: the other's transaction keeps the definition out until it ends."""
    client.rows("PREPARE s FROM 'SELECT v FROM t WHERE id = 1'")
    client.rows('EXECUTE s')
    client.rows('BEGIN')
    client.rows('EXECUTE s')
    other = Planned(server)
    other.rows('SET lock_wait_timeout = 1')
    assert other.error('ALTER TABLE t ADD COLUMN c INT') == 1205
    client.rows('COMMIT')
    other.rows('ALTER TABLE t ADD COLUMN c INT')
    other.close()
    assert client.rows('EXECUTE s') == [('one',)]
