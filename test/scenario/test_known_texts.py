"""Texts that look alike are answered from what one of them was made to: byte by byte as if each had come alone."""
import os
import random
import threading

import pytest

from harness import wire

STATEMENTS = int(os.environ.get('GEMEL_STATEMENTS', 250))
SCHEMA = '''CREATE TABLE d.t (id INT PRIMARY KEY, k BIGINT UNSIGNED, r DOUBLE, m DECIMAL(12,4), s VARCHAR(40),
            b VARBINARY(40), l VARCHAR(40) CHARACTER SET latin1, e ENUM('a', 'b', '1', '2'), z SET('x', 'y'), n DATETIME(3),
            dt DATE, ti TIME, y YEAR, j JSON, bi BIT(8), KEY (k), KEY (s), KEY (e), KEY (n), KEY (y))'''
ROWS = '''INSERT INTO d.t VALUES
          (1, 5, 5, 5, 'abc', 'abc', 'abc', 'a', 'x', '2020-01-01 10:00:00.5', '2020-01-01', '10:00:00', 2005, '{}', 5),
          (2, 18446744073709551615, 5.5, 5.5, '5', '5', '5', '1', 'x,y', '2021-01-01', '2021-01-01', '-1:0:0', 1970, '5', 0),
          (3, 0, -1, -1, '', '', 'é', 'b', '', '2005-05-05', '2005-05-05', '00:00:05', 2070, '"abc"', 255),
          (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)'''
COLUMNS = ['id', 'k', 'r', 'm', 's', 'b', 'l', 'e', 'z', 'n', 'dt', 'ti', 'y', 'j', 'bi']
NUMBERS = ['5', '2', '0', '-1', '-5', '1', '70', '05', '2005', '20200101', '5.5', '5.0', '-1.0', '.5', '5e0', '1e400', '- 5',
           '18446744073709551615', '99999999999999999999']
TEXTS = ["'abc'", "'5'", "'5 '", "''", "'ABC'", "'b'", "'é'", "'a\\'c'", "'a''c'", "'2020-01-01'", "'2021-01-01 00:00:00'",
         "'10:00:00'", "'x'", "'5.5'", "'5abc'", "'\N{GRINNING FACE}'", '"abc"', "'-- '", "'/* '"]
OTHERS = ["x'616263'", '0x35', "b'101'", "N'abc'", "_latin1'abc'", "'a' 'bc'", 'NULL', 'TRUE', "DATE '2020-01-01'"]
# {0}, {1}: literals. {c}: a column.
SELECTS = [
    'SELECT id FROM t WHERE {c} = {0}', 'SELECT id FROM t WHERE {0} <= {c}', 'SELECT id FROM t WHERE {c} <=> {0}',
    'SELECT id, {c} FROM t WHERE {c} BETWEEN {0} AND {1}', 'SELECT id FROM t WHERE {c} IN ({0}, {1})',
    'SELECT id FROM t WHERE NOT {c} <> {0} OR {c} > {1}', 'SELECT {0}', 'SELECT {0}, {c} FROM t WHERE {c} < {1} ORDER BY id',
    'SELECT {c} = {0} FROM t GROUP BY {c} = {0}', 'SELECT CONCAT({0}, {c}) AS x FROM t HAVING x > {1}',
    'SELECT id FROM t WHERE ({c}, id) > ({0}, {1})', 'SELECT id FROM t WHERE {c} LIKE {0}',
    'SELECT id FROM t WHERE CASE {0} WHEN {c} THEN 1 WHEN id THEN 1 END', 'SELECT id FROM t WHERE {0} BETWEEN {c} AND id',
    'SELECT id FROM t WHERE id IN (SELECT id FROM t u WHERE u.{c} = {0})', 'SELECT id FROM t WHERE {0} IN ({c}, id)',
    'SELECT MAX({c}), {0} FROM t WHERE {c} >= {1} GROUP BY {c} ORDER BY 1', 'SELECT id FROM v WHERE {c} = {0}',
    'SELECT id FROM t WHERE {c} = {0} -- it is {1}', 'SELECT id /* {0} */ FROM t WHERE {c} = {1} LIMIT 2',
    'SELECT id FROM t WHERE {c}={0} AND id<>-1', 'SELECT {c}+{0} x FROM t WHERE id=1 UNION SELECT {1} FROM t WHERE {c}={0}',
]
CHANGES = [
    'INSERT INTO t (id, {c}) VALUES (9, {0})', 'UPDATE t SET {c} = {0} WHERE id = 1', 'DELETE FROM t WHERE {c} = {0}',
    'UPDATE t SET {c} = {0}, s = {c} WHERE id = 2', 'UPDATE t SET {c} = {0} WHERE {c} = {1}',
    'UPDATE t SET {c}={0}, id=id+10',
    'INSERT INTO t (id, {c}) VALUES (1, {0}) ON DUPLICATE KEY UPDATE {c} = VALUES({c}), s = {1}',
    'REPLACE INTO t (id, {c}) VALUES (2, {0}), (3, {1})', 'INSERT IGNORE INTO t (id, {c}) VALUES (8, {0})',
    'INSERT INTO t SET id = 7, {c} = {0}, s = {c}', 'UPDATE t a JOIN t b ON a.id = b.id SET a.{c} = {0} WHERE b.{c} = {1}',
]
MODES = ['STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY', '', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT']


class Client:
    """Sees the very bytes of an answer, and the warnings behind it."""

    def __init__(self, server, *settings):
        self.wire = wire.Wire(server, database='d')
        for setting in ('SET NAMES utf8mb4', *settings):
            self.wire.query(setting)

    def packets(self, statement):
        self.wire.command(wire.QUERY, statement.encode())
        packets = [self.wire.receive()]
        ends = 0 if packets[0][0] in (0, 255) else 2   # of the columns, of the rows
        while ends and packets[-1][0] != 255:
            packets.append(self.wire.receive())
            ends -= packets[-1][0] == 254 and len(packets[-1]) < 9
        return packets

    def answer(self, statement):
        return self.packets(statement), self.packets('SHOW WARNINGS')

    def changed(self, statement):
        self.wire.query('BEGIN')
        answer = self.answer(statement), self.packets('SELECT * FROM t')
        self.wire.query('ROLLBACK')
        return answer

    def counter(self, name):
        return int(self.wire.query(f"SHOW SESSION STATUS LIKE '{name}'").rows[0][1])


@pytest.fixture
def tables(server):
    server.execute('CREATE DATABASE d', SCHEMA, ROWS, 'CREATE VIEW d.v AS SELECT * FROM d.t WHERE id < 4 AND id > 0')
    return server


def of_one_kind(choice, kind):
    return choice.choice({'number': NUMBERS, 'text': TEXTS, 'other': OTHERS}[kind])


def runs(choice, templates):
    """The same statement with other literals in it, some times in a row: the first two are what others are answered from."""
    template, column = choice.choice(templates), choice.choice(COLUMNS)
    kinds = [choice.choice(['number', 'number', 'text', 'text', 'other']) for _ in range(2)]
    return [template.format(*(of_one_kind(choice, kind) for kind in kinds), c=column) for _ in range(6)]


@pytest.mark.parametrize('mode', MODES)
def test_the_answers_are_the_same(tables, mode):
    choice = random.Random(f'{mode} 1')
    alone = Client(tables, f"SET sql_mode = '{mode}'", 'SET gemel_plan_cache = OFF')
    known = Client(tables, f"SET sql_mode = '{mode}'")
    for number in range(STATEMENTS):
        is_change = number % 3 == 0
        for statement in runs(choice, CHANGES if is_change else SELECTS):
            ask = Client.changed if is_change else Client.answer
            assert ask(known, statement) == ask(alone, statement), statement
    assert alone.counter('Gemel_plans_reused') == 0
    assert known.counter('Gemel_plans_reused') > STATEMENTS


def test_another_meaning_of_a_name_is_noticed(tables):
    client = Client(tables)

    def value(number):
        return client.wire.query(f'SELECT s FROM t WHERE id = {number}').rows

    assert [value(1), value(2), value(1)] == [[(b'abc',)], [(b'5',)], [(b'abc',)]]
    assert client.counter('Gemel_plans_reused') == 1
    client.wire.query('ALTER TABLE t MODIFY s VARCHAR(2) AS (id + 10)')
    assert [value(2), value(1), value(2), value(1)] == [[(b'12',)], [(b'11',)], [(b'12',)], [(b'11',)]]
    client.wire.query('CREATE TEMPORARY TABLE t (id INT PRIMARY KEY, s INT)')
    client.wire.query('INSERT INTO t VALUES (1, 77)')
    assert [value(1), value(2)] == [[(b'77',)], []]
    client.wire.query('DROP TEMPORARY TABLE t')
    client.wire.query('CREATE DATABASE e')
    client.wire.query('CREATE TABLE e.t (id INT PRIMARY KEY, s INT)')
    client.wire.query('USE e')
    assert value(1) == []


def test_what_one_may_another_may_not(tables):
    tables.execute("CREATE USER u@localhost", "GRANT INSERT ON d.t TO u@localhost")
    for number in (1, 2, 3):
        tables.execute(f'SELECT s FROM d.t WHERE id = {number}')
    other = wire.Wire(tables, user='u')
    for number in (1, 2, 3):
        with pytest.raises(wire.ServerError) as raised:
            other.query(f'SELECT s FROM d.t WHERE id = {number}')
        assert raised.value.number == 1142


def test_a_comment_hides_no_statement(tables):
    client = Client(tables)
    for _ in range(4):
        results = client.wire.query_all("SELECT 1 /* ' */; SELECT 2 /* ' */")
        assert [result.rows for result in results] == [[(b'1',)], [(b'2',)]]


def test_it_can_be_switched_off_and_emptied(tables):
    client = Client(tables)
    client.wire.query('SET GLOBAL gemel_text_cache_size = 0')
    for number in (1, 2, 3, 1, 2, 3):
        client.wire.query(f'SELECT s FROM t WHERE id = {number}')
    assert client.counter('Gemel_plans_reused') == 0
    client.wire.query('SET GLOBAL gemel_text_cache_size = 2000000')
    for shape in range(300):   # more than there is room for
        for number in (1, 2, 3):
            assert client.wire.query(f'SELECT s, id AS a{shape} FROM t WHERE id = {number}').rows[0][1] == b'%d' % number
    assert client.counter('Gemel_plans_reused') >= 300


def test_many_share_what_is_known(tables):
    failures = []

    def work(seed):
        choice, client = random.Random(seed), Client(tables)
        try:
            for _ in range(150):
                number = choice.randrange(1, 4)
                rows = client.wire.query(f'SELECT id FROM t WHERE id = {number} AND k IS NOT NULL').rows
                assert rows == [(b'%d' % number,)]
                client.wire.query(f'INSERT INTO log (who, what) VALUES ({seed}, {choice.randrange(99)})')
                client.wire.query(f"UPDATE log SET what = {number} WHERE who = {seed} LIMIT 1")
                if seed == 0 and number == 1:
                    client.wire.query('ALTER TABLE t COMMENT = "again"')
        except Exception as failure:   # noqa: BLE001
            failures.append(failure)

    tables.execute('CREATE TABLE d.log (n INT AUTO_INCREMENT PRIMARY KEY, who INT, what INT, KEY (who))')
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    counts = tables.rows('SELECT who, COUNT(*) FROM d.log GROUP BY who ORDER BY who')
    assert [tuple(row) for row in counts] == [(seed, 150) for seed in range(4)]
