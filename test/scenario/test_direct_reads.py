"""Rows that go from the table to the client without SQLite are those that SQLite would have handed on: the same values in the
same order, under the same locks, snapshots and limits."""
import os
import random

import pytest

from harness.wait import wait_until
from harness.wire import QUERY, ServerError, Wire
from test_condition_pushdown import COLUMNS, OPERATORS, Client, Conditions, fill

QUERIES = int(os.environ.get('GEMEL_DIRECT_QUERIES', 300))


class Queries:
    """Plain columns of one table, under conditions of which most are plain ones."""

    def __init__(self, seed):
        self.random, self.conditions = random.Random(seed), Conditions(seed)

    def condition(self):
        pick, name = self.random.choice, self.random.choice(list(COLUMNS))
        kind = self.random.random()
        if kind < 0.5:
            return f'{name} {pick(OPERATORS)} {self.conditions.value(name)}'
        if kind < 0.7:
            return f'{name} BETWEEN {self.conditions.value(name)} AND {self.conditions.value(name)}'
        if kind < 0.8:
            return f'{name} IS {pick(["", "NOT "])}NULL'
        if kind < 0.95:
            return f'id {pick(OPERATORS)} {self.random.randrange(60)}'
        return self.conditions.leaf('x')

    def query(self):
        chance, columns = self.random.random, ['id', *COLUMNS]
        items = '*' if chance() < 0.2 else ', '.join(self.random.choices(columns, k=self.random.randrange(1, 5)))
        text = f'SELECT {"SQL_CALC_FOUND_ROWS " if chance() < 0.1 else ""}{items} FROM {self.random.choice("tu")} AS x'
        count = self.random.choice([0, 1, 1, 2, 3])
        if count:
            text += ' WHERE ' + ' AND '.join(self.condition() for _ in range(count))
        if chance() < 0.4:
            text += ' ORDER BY ' + ', '.join(name + self.random.choice(['', ' DESC'])
                                             for name in self.random.choices(columns, k=self.random.randrange(1, 3)))
        if chance() < 0.3:
            text += f' LIMIT {self.random.randrange(8)}' + (f' OFFSET {self.random.randrange(8)}' if chance() < 0.5 else '')
        return text + self.random.choice(['', '', '', '', ' FOR UPDATE', ' FOR SHARE'])


class Asking(Client):
    def answer(self, statement):
        """In the order they come."""
        with self.connection.cursor() as cursor:
            try:
                cursor.execute(statement)
            except Exception as error:  # noqa: BLE001 (errors are answers)
                assert error.args[0] not in (0, 2006, 2013), (statement, error)
                return error.args
            return cursor.fetchall()

    def direct_reads(self):
        return int(self.answer("SHOW STATUS LIKE 'Gemel_direct_reads'")[0][1])


@pytest.fixture
def a(server):
    fill(server)
    return server


@pytest.mark.parametrize('seed', [1, 2])
def test_the_same_rows(a, seed):
    direct, plain = Asking(a, 'SET gemel_direct_reads = ON', 'SET gemel_condition_pushdown = ON'), \
        Asking(a, 'SET gemel_direct_reads = OFF')
    queries = Queries(seed)
    for _ in range(QUERIES):
        query = queries.query()
        assert direct.answer(query) == plain.answer(query), query
        assert direct.answer('SELECT FOUND_ROWS()') == plain.answer('SELECT FOUND_ROWS()'), query
    assert direct.direct_reads() > QUERIES / 4
    assert plain.direct_reads() == 0


def test_the_same_row_with_other_values(a):
    direct, plain = Asking(a, 'SET gemel_direct_reads = ON'), Asking(a, 'SET gemel_direct_reads = OFF')
    for client in (direct, plain):
        for number, text in enumerate([
                'SELECT c, d, dt FROM t WHERE id = ?', 'SELECT id, v FROM u WHERE v >= ? AND n < ?',
                'SELECT id FROM u WHERE n BETWEEN ? AND ? ORDER BY n, id', 'SELECT id FROM t LIMIT ?',
                'SELECT SQL_CALC_FOUND_ROWS id FROM t LIMIT ? OFFSET ?']):
            client.answer(f"PREPARE s{number} FROM '{text}'")
    values = ['0', '7', '-1', "'7'", "'a'", '7.5', '1e300', 'NULL', '18446744073709551615', "x'37'", "DATE'2020-02-29'"]
    for value in values:
        for other in values:
            for client in (direct, plain):
                client.answer(f'SET @a = {value}, @b = {other}')
            for execute in ('s0 USING @a', 's1 USING @a, @b', 's2 USING @a, @b', 's3 USING @a', 's4 USING @a, @b'):
                execute = f'EXECUTE {execute}'
                assert direct.answer(execute) == plain.answer(execute), (execute, value, other)
    assert direct.direct_reads() > len(values) * 5


def test_snapshots_and_own_changes(a):
    one, other = Asking(a, 'SET gemel_direct_reads = ON'), Asking(a)
    one.answer('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    before = one.answer('SELECT n FROM t WHERE id = 1')
    other.answer('UPDATE t SET n = 424242 WHERE id IN (1, 2)')
    assert one.answer('SELECT n FROM t WHERE id = 1') == before
    assert one.answer('SELECT n FROM t WHERE id = 1 FOR UPDATE') == ((424242,),)
    one.answer('UPDATE t SET n = 5 WHERE id = 2')
    assert one.answer('SELECT id FROM t WHERE n = 5 AND id BETWEEN 1 AND 2') == ((2,),)
    assert other.answer('SELECT n FROM t WHERE id = 2') == ((424242,),)
    assert other.answer('SELECT n FROM t WHERE id = 1 FOR UPDATE NOWAIT')[0] == 3572
    assert other.answer('SELECT id FROM t WHERE id < 4 FOR UPDATE SKIP LOCKED') == ((0,), (3,))
    one.answer('ROLLBACK')


def test_limits_of_the_session(a):
    one = Asking(a, 'SET gemel_direct_reads = ON', 'SET sql_select_limit = 2')
    assert one.answer('SELECT id FROM t') == ((0,), (1,))
    assert one.answer('SELECT id FROM t LIMIT 3') == ((0,), (1,), (2,))
    assert one.answer('SELECT id FROM t WHERE id = 1 LIMIT 0') == ()
    assert one.answer('SELECT id FROM t LIMIT 2 OFFSET 59') == ((59,),)


def test_a_long_one_is_killed(a):
    a.execute('CREATE TABLE d.long_one (id INT PRIMARY KEY, c CHAR(250))',
              'INSERT INTO d.long_one WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000) '
              "SELECT n, REPEAT('x', 250) FROM n",
              "INSERT INTO d.long_one SELECT a.id * 1000 + b.id, a.c FROM d.long_one a JOIN d.long_one b ON a.id < 40")
    killed = Wire(a, database='d')
    number = int(killed.query('SELECT CONNECTION_ID()').rows[0][0])
    running = f"SELECT COUNT(*) FROM information_schema.processlist WHERE id = {number} AND info LIKE '%long_one'"
    killed.command(QUERY, b'SELECT * FROM long_one')     # more than the socket holds: the server waits for us to read
    wait_until(lambda: a.value(running) == 1, 'the SELECT to run')
    a.execute(f'KILL QUERY {number}')
    with pytest.raises(ServerError, match='interrupted'):
        killed.read_result()
    killed.close()
