"""Groups and DISTINCT of our own say what SQLite's do (gemel_stages), over all types and collations, in much memory and in
little; and what MySQL has defined of them."""
import random

import pymysql
import pytest

from harness.client import Client

COLUMNS = {
    'tiny': ('TINYINT', lambda dice: dice.randrange(-2, 3)),
    'big': ('BIGINT UNSIGNED', lambda dice: dice.choice([0, 1, 2**63 - 1, 2**63, 2**64 - 1])),
    'real_': ('DOUBLE', lambda dice: dice.choice(['-0e0', '0e0', 1.5, -1.5, 1e300])),
    'dec_': ('DECIMAL(20,4)', lambda dice: dice.choice(['0', '-0.0', '1.5', '1.50', '-1.5', '123456789012.3456'])),
    'small': ('DECIMAL(9,2)', lambda dice: dice.choice(['0', '0.01', '-0.05', '1.5', '9999999.99', '-9999999.99'])),
    'wide': ('DECIMAL(18,0)', lambda dice: dice.choice([0, 7, 999999999999999999, -999999999999999999])),
    'text_': ('VARCHAR(40)', lambda dice: dice.choice(["'a'", "'A'", "'ä'", "'b '", "'b'", "''", "'ß'", "'ss'"])),
    'bin_': ('VARCHAR(20) COLLATE utf8mb4_bin', lambda dice: dice.choice(["'a'", "'A'", "'a '", "''"])),
    'uca': ('VARCHAR(20) COLLATE utf8mb4_0900_ai_ci', lambda dice: dice.choice(["'a'", "'Á'", "'a '", "'ae'", "'æ'"])),
    'latin': ('CHAR(10) CHARACTER SET latin1', lambda dice: dice.choice(["'a'", "'A'", "'ö'", "'Ö'", "'z'"])),
    'blob_': ('VARBINARY(20)', lambda dice: dice.choice(["x''", "x'00'", "x'0000'", "'a'", "'A'"])),
    'day': ('DATE', lambda dice: f"'2024-0{dice.randrange(1, 4)}-01'"),
    'moment': ('DATETIME(3)', lambda dice: f"'2024-01-01 00:00:0{dice.randrange(3)}.{dice.randrange(3)}'"),
    'span': ('TIME', lambda dice: dice.choice(["'-01:00:00'", "'00:00:00'", "'25:00:00'"])),
    'enum_': ("ENUM('x','y','z')", lambda dice: dice.choice(["'x'", "'y'", "'z'"])),
    'set_': ("SET('p','q')", lambda dice: dice.choice(["''", "'p'", "'p,q'"])),
    'bits': ('BIT(9)', lambda dice: dice.randrange(4)),
}
NUMBERS = ['tiny', 'big', 'real_', 'dec_', 'bits', 'small', 'wide']
# Some are computed from the packed row, some by SQLite, and some of the former in more digits than 18.
EXPRESSIONS = ['tiny + 1', 'tiny * tiny - 3', 'tiny + small', 'small * (1 - small)', 'small * (1 - small) * (1 + dec_)',
               'wide * wide', 'wide * wide * small', 'wide + small', 'dec_ - wide', 'real_ * 0.5e0', 'real_ - tiny',
               'CHAR_LENGTH(text_)', 'small / 3', 'small + bits']
TEXTS = ['LEFT(text_, 1)', 'LEFT(uca, tiny)', 'LEFT(latin, 1)', 'LEFT(bin_, -1)', "CONCAT(text_, 'x')"]
# Of which equal values are the same.
PLAIN = [name for name, (kind, _) in COLUMNS.items() if kind.find('CHAR') < 0 and name != 'real_'] + ['bin_']
AGGREGATES = ['COUNT({})', 'COUNT(DISTINCT {})', 'COUNT(*)', 'COUNT(DISTINCT {}, {})']
EXTREMES = ['MIN({})', 'MAX({})']
NUMERIC = ['SUM({})', 'AVG({})', 'SUM(DISTINCT {})', 'AVG(DISTINCT {})', 'BIT_OR({})', 'BIT_AND({})', 'BIT_XOR({})',
           'STDDEV({})', 'VAR_SAMP({})']
QUERIES = 60


def value(dice, make):
    return 'NULL' if dice.random() < .15 else str(make(dice))


def fill(client, dice, rows=400):
    client.rows(f'CREATE TABLE t (id INT PRIMARY KEY, {", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())})')
    lines = (f'({i}, {", ".join(value(dice, make) for _, make in COLUMNS.values())})' for i in range(rows))
    client.rows(f'INSERT INTO t VALUES {", ".join(lines)}')


def aggregate(dice):
    if dice.random() < .4:
        return dice.choice(NUMERIC).format(dice.choice(NUMBERS + EXPRESSIONS))
    if dice.random() < .4:
        return dice.choice(EXTREMES).format(dice.choice(PLAIN + EXPRESSIONS))
    if dice.random() < .2:
        return f'COUNT(DISTINCT {dice.choice(TEXTS)}, {dice.choice(EXPRESSIONS)})'
    return dice.choice(AGGREGATES).format(*dice.sample(list(COLUMNS), 2))


def grouped(dice):
    """Where equal keys may look unlike they are not shown: which of them is is nobody's to say."""
    keys = dice.sample(list(COLUMNS), dice.randrange(0, 4))
    shown = [key for key in keys if key in PLAIN and key != 'bin_']
    calls = [aggregate(dice) for _ in range(dice.randrange(1, 5))]
    where = dice.choice(['', 'WHERE id < 0', 'WHERE tiny > 0', "WHERE text_ = 'a' OR big IS NULL"])
    having = dice.choice(['', 'HAVING COUNT(*) > 3', f'HAVING {dice.choice(calls)} IS NOT NULL'])
    groups = f'GROUP BY {", ".join(keys)}' if keys else ''
    return f'SELECT {", ".join([*shown, *calls])} FROM t {where} {groups} {having}'


def distinct(dice):
    names = dice.sample(PLAIN[:-1], dice.randrange(1, 4))
    order = dice.choice(['', f'ORDER BY {", ".join(names)}', f'ORDER BY {", ".join(names)} LIMIT 3'])
    return f'SELECT DISTINCT {", ".join(names)} FROM t {order}'


def nested(dice):
    inner = grouped(dice).replace('SELECT ', 'SELECT COUNT(*) AS n, ', 1)
    return dice.choice([f'SELECT COUNT(*), SUM(n) FROM ({rename(inner)}) d',
                        f'SELECT n, COUNT(*) FROM ({rename(inner)}) d GROUP BY n',
                        f'SELECT t.id, d.n FROM t JOIN ({rename(inner)}) d ON t.id = d.n',
                        f'SELECT id FROM t WHERE id IN (SELECT COUNT(*) FROM t GROUP BY {dice.choice(list(COLUMNS))})'])


def rename(query):
    """Columns of a derived table want names of their own."""
    head, rest = query.split(' FROM t ', 1)
    depth, parts = 0, ['']
    for letter in head[len('SELECT '):]:
        depth += (letter == '(') - (letter == ')')
        if letter == ',' and depth == 0:
            parts.append('')
        else:
            parts[-1] += letter
    named = [part if ' AS n' in part else f'{part} AS x{i}' for i, part in enumerate(parts)]
    return f'SELECT {",".join(named)} FROM t {rest}'


@pytest.fixture
def client(server):
    server.execute('CREATE DATABASE d')
    connection = server.connect(database='d')
    yield Client(connection)
    connection.close()


JOINED = ['SELECT a.id, COUNT(b.id), SUM(b.small * (1 - a.small)), MAX(b.text_), SUM(b.tiny + a.tiny) '
          'FROM t a LEFT JOIN t b ON b.id = a.id + 390 GROUP BY a.id',
          'SELECT LEFT(b.text_, 1) k, COUNT(*), COUNT(DISTINCT b.day, b.enum_), SUM(b.wide * a.tiny) FROM t a LEFT JOIN t b '
          'ON b.id = a.tiny GROUP BY LEFT(b.text_, 1)',
          'SELECT COUNT(DISTINCT a.small, b.small), SUM(a.small - b.small) FROM t a JOIN t b ON a.id = b.id + 1']


@pytest.mark.parametrize('query', JOINED, ids=range(len(JOINED)))
def test_rows_of_several_tables_one_of_which_may_be_missing(client, query):
    """topology: a"""
    fill(client, random.Random(7))
    ours, theirs = both_ways(client, query)
    assert ours == theirs


def test_what_is_out_of_range_is_so_either_way(client):
    """topology: a"""
    client.rows('CREATE TABLE o (k INT, i BIGINT, r DOUBLE)')
    client.rows("INSERT INTO o VALUES (1, 9223372036854775807, 1e308), (2, 1, 1)")
    for stages in (1, 0):
        client.rows(f'SET gemel_stages = {stages}')
        for expression, what in (('i + k', 'BIGINT'), ('i * 2', 'BIGINT'), ('-2 - i', 'BIGINT'), ('r * 10', 'DOUBLE')):
            with pytest.raises(pymysql.err.MySQLError) as raised:
                client.rows(f'SELECT k, SUM({expression}) FROM o GROUP BY k')
            assert raised.value.args[0] == 1690 and f'{what} value is out of range' in raised.value.args[1]
            assert 'o`.`i`' in raised.value.args[1] or 'o`.`r`' in raised.value.args[1]


def both_ways(client, query):
    answers = []
    for stages in (1, 0):
        client.rows(f'SET gemel_stages = {stages}')
        answers.append(sorted(map(repr, client.rows(query))))
    return answers


@pytest.mark.parametrize('seed', range(3))
def test_answers_are_the_same(client, seed):
    """topology: a"""
    dice = random.Random(seed)
    fill(client, dice)
    client.rows("SET sql_mode = ''")
    for _ in range(QUERIES):
        query = dice.choice([grouped, grouped, distinct, nested])(dice)
        ours, theirs = both_ways(client, query)
        assert ours == theirs, query


KEYS = [*COLUMNS, *EXPRESSIONS[:-1], *TEXTS, 'text_ COLLATE utf8mb4_bin', 'NULL', 'tiny IS NULL', 'UPPER(latin)']


def sorted_query(dice):
    """With id behind the keys one order is right."""
    keys = [f"{key}{dice.choice(['', ' DESC'])}" for key in dice.sample(KEYS, dice.randrange(1, 4))]
    items = ', '.join(dice.sample([*COLUMNS, *EXPRESSIONS[:-1], *TEXTS], dice.randrange(1, 4)))
    limit = dice.choice(['', 'LIMIT 0', 'LIMIT 1', 'LIMIT 20', 'LIMIT 30 OFFSET 50', 'LIMIT 5000 OFFSET 100',
                         'LIMIT 9 OFFSET 9999'])
    order = f"ORDER BY {', '.join(keys)}, t.id{dice.choice(['', ' DESC'])} {limit}"
    return dice.choice([f'SELECT t.id, {items} FROM t {order}',
                        f"SELECT {items}, t.id FROM t WHERE tiny > 0 OR text_ LIKE 'a%' {order}",
                        f'SELECT COUNT(*), SUM(id) FROM (SELECT id FROM t {order}) d',
                        f'SELECT id FROM t WHERE tiny IN (SELECT tiny FROM t) {order}',
                        f'SELECT SQL_CALC_FOUND_ROWS id FROM t WHERE day IS NOT NULL {order}',
                        f'(SELECT id FROM t {order}) UNION ALL (SELECT id FROM t {order})',
                        f'SELECT t.id, u.n FROM t LEFT JOIN (SELECT id n FROM t WHERE id % 2) u ON u.n = t.id {order}'])


@pytest.mark.parametrize('seed', range(3))
def test_orders_are_the_same(client, seed):
    """topology: a"""
    dice = random.Random(seed)
    fill(client, dice)
    client.rows("SET sql_mode = ''")
    for _ in range(QUERIES):
        query = sorted_query(dice)
        answers = []
        for setting in ('gemel_stages = 0', 'gemel_stages = 1, tmp_table_size = 1024, sort_buffer_size = 32768',
                        'tmp_table_size = 16777216'):
            client.rows(f'SET {setting}')
            answers.append([client.rows(query), client.rows('SELECT FOUND_ROWS()')])
        assert answers[0] == answers[1] == answers[2], query


def test_many_equal_keys(client):
    """topology: a"""
    client.rows('SET cte_max_recursion_depth = 100000')
    client.rows('CREATE TABLE e (id INT PRIMARY KEY, k INT, pad VARCHAR(300))')
    client.rows('INSERT INTO e WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29999) '
                "SELECT i, i % 3, REPEAT('x', i % 300) FROM n")
    for memory in (32768, 16777216):
        client.rows(f'SET sort_buffer_size = {memory}, tmp_table_size = 1024')
        rows = client.rows('SELECT k, pad FROM e ORDER BY k DESC LIMIT 9000')
        assert [row[0] for row in rows] == [2] * 9000
        assert [row[0] for row in client.rows('SELECT id FROM e ORDER BY k, id DESC LIMIT 3 OFFSET 9998')] == [3, 0, 29998]
        assert [row[0] for row in client.rows('SELECT k FROM e ORDER BY k')] == [0] * 10000 + [1] * 10000 + [2] * 10000


def test_a_sort_is_explained_as_one(client):
    """topology: a"""
    client.rows('CREATE TABLE x (id INT PRIMARY KEY, a INT, b INT, KEY (b))')
    client.rows('INSERT INTO x VALUES (1, 2, 3), (2, 1, 3)')
    for stages in (1, 0):
        client.rows(f'SET gemel_stages = {stages}')
        assert 'Using filesort' in client.rows('EXPLAIN SELECT * FROM x ORDER BY a LIMIT 1')[0][-1]
        assert 'Using filesort' not in str(client.rows('EXPLAIN SELECT b FROM x ORDER BY b LIMIT 1')[0][-1])


GREAT = {
    'groups': 'SELECT COUNT(*), SUM(n), SUM(s), SUM(c), MIN(low), MAX(high) FROM (SELECT COUNT(*) n, SUM(v) s, '
              'COUNT(DISTINCT v % 3) c, MIN(v) low, MAX(k) high FROM r GROUP BY k) d',
    'DISTINCT': 'SELECT COUNT(*), SUM(v) FROM (SELECT DISTINCT k, v % 7 AS v FROM r) d',
    'COUNT(DISTINCT)': 'SELECT COUNT(DISTINCT k), SUM(DISTINCT v), COUNT(*) FROM r',
    'of few groups': 'SELECT v % 3, COUNT(DISTINCT k), SUM(DISTINCT v) FROM r GROUP BY v % 3 ORDER BY 1',
}


@pytest.fixture
def great(client):
    client.rows('SET cte_max_recursion_depth = 100000')
    client.rows('CREATE TABLE r (k CHAR(32), v INT)')
    client.rows('INSERT INTO r WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 23999) '
                'SELECT MD5(i % 12000), i FROM n')
    return client


@pytest.mark.parametrize('name', GREAT)
def test_more_groups_than_memory_may_hold(great, name):
    """topology: a"""
    answers = []
    for setting in ('tmp_table_size = 1024', 'tmp_table_size = 100000000', 'gemel_stages = 0'):
        great.rows(f'SET {setting}')
        answers.append(great.rows(GREAT[name]))
    assert answers[0] == answers[1] == answers[2]


def test_a_temporary_directory_that_takes_nothing(great):
    """topology: a"""
    great.rows("SET GLOBAL gemel_faults = 'sort.write=error:ENOSPC'")
    great.rows('SET tmp_table_size = 1024')
    for query in (GREAT['groups'], 'SELECT * FROM r ORDER BY k', 'SELECT * FROM r ORDER BY v LIMIT 20000'):
        with pytest.raises(pymysql.err.Error) as failed:
            great.rows(query)
        assert failed.value.args[0] == 1114
    great.rows("SET GLOBAL gemel_faults = ''")
    assert great.rows(GREAT['groups'])[0][0] == 12000


def test_a_limit_of_time_ends_a_stage(great):
    """topology: a"""
    great.rows('SET max_execution_time = 30')
    with pytest.raises(pymysql.err.Error) as failed:
        great.rows('SELECT COUNT(DISTINCT a.v + b.v) FROM r a, r b GROUP BY a.v % 7')
    assert failed.value.args[0] == 3024


def test_a_limit_of_memory_ends_a_stage(server, great):
    """topology: a"""
    server.execute('CREATE USER small', 'GRANT ALL ON *.* TO small', 'REVOKE SUPER, CONNECTION_ADMIN ON *.* FROM small',
                   'SET GLOBAL connection_memory_limit = 4000000')
    small = Client(server.connect(user='small', database='d'))
    with pytest.raises(pymysql.err.Error) as failed:
        small.rows('SET tmp_table_size = 100000000')
        small.rows('SELECT SUM(n) FROM (SELECT COUNT(*) n FROM r GROUP BY CONCAT(k, k, k, k, k, k, v)) d')
    assert failed.value.args[0] == 4082
    small.connection.close()


EMPTY = {
    'SELECT COUNT(DISTINCT text_), SUM(DISTINCT tiny), MAX(big), BIT_AND(tiny) FROM t': [(0, None, None, 2**64 - 1)],
    'SELECT COUNT(DISTINCT text_) FROM t HAVING COUNT(*) > 0': [],
    'SELECT text_, COUNT(*) FROM t GROUP BY text_': [],
    'SELECT DISTINCT text_ FROM t': [],
}


def test_no_rows(client):
    """topology: a"""
    fill(client, random.Random(1))
    client.rows('DELETE FROM t')
    for query, rows in EMPTY.items():
        assert client.rows(query) == rows, query


def test_prepared_again_and_again(client):
    """topology: a"""
    fill(client, random.Random(1))
    client.rows("PREPARE p FROM 'SELECT MAX(tiny + ?), COUNT(*) FROM t WHERE id < ? GROUP BY tiny + ? HAVING COUNT(*) > ?'")
    for number in range(5):
        client.rows(f'SET @n = {number}, @many = {number * 90}')
        rows = client.rows('EXECUTE p USING @n, @many, @n, @n')
        assert sum(count for _, count in rows) <= number * 90
        client.rows('SET gemel_stages = 0')
        assert sorted(map(repr, rows)) == sorted(map(repr, client.rows('EXECUTE p USING @n, @many, @n, @n')))
        client.rows('SET gemel_stages = 1')


FIXED = [
    'SELECT tiny, COUNT(*) FROM t GROUP BY tiny UNION SELECT bits, COUNT(DISTINCT text_) FROM t GROUP BY bits',
    'SELECT * FROM (SELECT tiny a, COUNT(*) b FROM t GROUP BY tiny UNION ALL SELECT 1, COUNT(DISTINCT day) FROM t) d '
    'JOIN t ON t.id = d.b',
    'SELECT tiny, COUNT(*), RANK() OVER (ORDER BY COUNT(*)), SUM(COUNT(*)) OVER () FROM t GROUP BY tiny',
    'SELECT tiny, (SELECT COUNT(*) FROM t i WHERE i.bits = t.tiny) FROM t GROUP BY tiny',
    'SELECT id, (SELECT COUNT(DISTINCT i.day) FROM t i WHERE i.tiny = t.tiny) FROM t',
    'SELECT tiny, COUNT(*) FROM t GROUP BY tiny WITH ROLLUP',
    'WITH x AS (SELECT tiny k, COUNT(*) c FROM t GROUP BY tiny) SELECT a.k, b.c FROM x a JOIN x b ON a.k = b.k',
    'SELECT id FROM t WHERE id IN (SELECT COUNT(*) FROM t GROUP BY enum_ HAVING COUNT(*) > 2)',
    'SELECT DISTINCT tiny, COUNT(*) OVER (PARTITION BY tiny) FROM t',
    'SELECT DISTINCT COUNT(*) FROM t GROUP BY tiny',
    'SELECT tiny AS k FROM t GROUP BY k HAVING k > 0 ORDER BY COUNT(*), k DESC LIMIT 2 OFFSET 1',
    "SELECT 1 FROM t GROUP BY 'x' UNION ALL SELECT 'x' FROM t GROUP BY tiny",
    "SELECT UPPER(CONCAT(bin_, '!')) FROM t GROUP BY CONCAT(bin_, '!')",
    'SELECT tiny, ANY_VALUE(id) >= 0, GROUP_CONCAT(DISTINCT day ORDER BY day) FROM t GROUP BY tiny',
    'SELECT t.id, d.c FROM t LEFT JOIN (SELECT tiny k, COUNT(*) c FROM t GROUP BY tiny) d ON d.k = t.id WHERE d.c > 3',
    'SELECT a.k, a.c, b.c FROM (SELECT bits k, COUNT(*) c FROM t GROUP BY bits) a JOIN '
    '(SELECT bits k, SUM(tiny) c FROM t GROUP BY bits) b ON a.k = b.k',
]


def test_where_groups_may_stand(client):
    """topology: a"""
    fill(client, random.Random(7))
    client.rows("SET sql_mode = ''")
    for query in FIXED:
        ours, theirs = both_ways(client, query)
        assert ours == theirs, query


EXTRA = {
    'SELECT tiny, COUNT(*) FROM t GROUP BY tiny': 'Using temporary',
    'SELECT tiny, COUNT(*) FROM t WHERE big > 1 GROUP BY tiny ORDER BY COUNT(*)':
        'Using where; Using temporary; Using filesort',
    'SELECT DISTINCT tiny FROM t': 'Using temporary',
    'SELECT COUNT(DISTINCT tiny) FROM t': None,
    'SELECT id, COUNT(*) FROM t GROUP BY id': None,
}


def test_explain_speaks_of_the_table_below(client):
    """topology: a"""
    fill(client, random.Random(7))
    for query, extra in EXTRA.items():
        lines = client.rows(f'EXPLAIN {query}')
        assert [(line[2], line[-1]) for line in lines] == [('t', extra)], query
