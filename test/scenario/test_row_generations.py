"""ALTER TABLE that leaves the rows as they are: what is read of them, changed in them and logged of them afterwards."""
import random

import pymysql
import pytest

from harness.topology import chain, wait_same_rows


@pytest.fixture
def d(server):
    server.execute('CREATE DATABASE d', 'USE d')
    return server


def fails(server, statement, number, text=''):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    assert error.value.args[0] == number and text in error.value.args[1], error.value


def is_whole(server, table):
    assert server.rows(f'CHECK TABLE {table}')[0][3] == 'OK'


def test_added_columns_have_the_value_of_their_moment(d):
    d.execute("SET timestamp = 1000000000", "SET time_zone = '+00:00'", 'CREATE TABLE t (id INT PRIMARY KEY, a INT)',
              'INSERT INTO t VALUES (1, 10), (2, NULL)',
              'ALTER TABLE t ADD b INT NOT NULL DEFAULT 7, ALGORITHM=INSTANT',
              "ALTER TABLE t ADD c VARCHAR(20) DEFAULT 'x' FIRST, ADD d INT NOT NULL AFTER a, ADD e DATETIME DEFAULT NOW(), "
              'ALGORITHM=INSTANT', 'SET timestamp = 0', 'ALTER TABLE t ALTER b SET DEFAULT 8',
              'INSERT INTO t (id, d) VALUES (3, 4)')
    assert d.rows('SELECT c, id, a, d, b FROM t WHERE id = 3') == [('x', 3, None, 4, 8)]
    assert d.rows('SELECT * FROM t WHERE id < 3') == [
        ('x', 1, 10, 0, 7, d.value("SELECT CAST('2001-09-09 01:46:40' AS DATETIME)")),
        ('x', 2, None, 0, 7, d.value("SELECT CAST('2001-09-09 01:46:40' AS DATETIME)"))]
    is_whole(d, 't')


def test_dropped_columns_come_back_empty(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, a INT, b TEXT, c INT)', "INSERT INTO t VALUES (1, 2, 'three', 4)",
              'ALTER TABLE t DROP a, ALGORITHM=INSTANT', "INSERT INTO t VALUES (2, 'new', 5)",
              'ALTER TABLE t ADD a INT DEFAULT 9 FIRST, DROP b, ALGORITHM=INSTANT', 'INSERT INTO t VALUES (8, 3, 6)')
    assert d.rows('SELECT * FROM t ORDER BY id') == [(9, 1, 4), (9, 2, 5), (8, 3, 6)]
    d.execute('UPDATE t SET c = c + 1 WHERE id < 3', 'DELETE FROM t WHERE id = 2')
    assert d.rows('SELECT * FROM t ORDER BY id') == [(9, 1, 5), (8, 3, 6)]
    is_whole(d, 't')


def test_indexes_on_what_was_added(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, a INT)', 'INSERT INTO t VALUES (1, 1), (2, 2)',
              'ALTER TABLE t ADD b INT DEFAULT 5', 'INSERT INTO t VALUES (3, 3, 6)', 'ALTER TABLE t ADD KEY (b)')
    assert d.rows('SELECT id FROM t FORCE INDEX (b) WHERE b = 5 ORDER BY id') == [(1,), (2,)]
    fails(d, 'ALTER TABLE t ADD UNIQUE (b)', 1062, "Duplicate entry '5' for key 't.b_2'")
    fails(d, 'ALTER TABLE t ADD c INT NOT NULL, ADD UNIQUE (c)', 1062, "Duplicate entry '0' for key 't.c'")
    d.execute('ALTER TABLE t ADD c INT, ADD UNIQUE (c)', 'UPDATE t SET b = 7, c = id WHERE b = 5')
    assert d.rows('SELECT id FROM t FORCE INDEX (b) WHERE b = 7 ORDER BY id') == [(1,), (2,)]
    is_whole(d, 't')


def test_a_snapshot_from_before_sees_the_new_columns(d):
    """As InnoDB's does not (1412): here every row can be read as of any moment."""
    d.execute('CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1)', 'CREATE TABLE u (id INT PRIMARY KEY)')
    reader = d.connect(database='d', autocommit=False)
    cursor = reader.cursor()
    cursor.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    d.execute('ALTER TABLE t ADD a INT DEFAULT 3', 'INSERT INTO t VALUES (2, 4)', 'UPDATE t SET a = 5')
    cursor.execute('SELECT * FROM t')
    assert cursor.fetchall() == ((1, 3),)
    reader.close()


def test_parents_and_children(d):
    d.execute('CREATE TABLE p (id INT PRIMARY KEY)', 'INSERT INTO p VALUES (1), (2)',
              'CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id) ON UPDATE CASCADE)',
              'INSERT INTO c VALUES (1, 1)', 'ALTER TABLE p ADD a INT DEFAULT 1, ALGORITHM=INSTANT',
              'ALTER TABLE c ADD b INT DEFAULT 2 FIRST, ALGORITHM=INSTANT', 'UPDATE p SET id = 7 WHERE id = 1',
              'ALTER TABLE p RENAME TO q', 'RENAME TABLE c TO k')
    assert d.rows('SELECT * FROM q ORDER BY id') == [(2, 1), (7, 1)]
    assert d.rows('SELECT * FROM k') == [(2, 1, 7)]
    fails(d, 'DELETE FROM q WHERE id = 7', 1451)
    is_whole(d, 'q')
    is_whole(d, 'k')


def test_the_first_generation_again(d):
    """What is written anew, and what has no rows of the table it is like."""
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, a INT)', 'INSERT INTO t VALUES (1, 1)',
              'ALTER TABLE t ADD b INT DEFAULT 2',
              'CREATE TABLE l LIKE t', 'INSERT INTO l VALUES (1, 2, 3)', 'ALTER TABLE t FORCE')
    assert d.rows('SELECT * FROM t UNION ALL SELECT * FROM l') == [(1, 1, 2), (1, 2, 3)]
    d.execute('ALTER TABLE t ADD c INT DEFAULT 3', 'TRUNCATE t', 'INSERT INTO t VALUES (4, 5, 6, 7)')
    assert d.rows('SELECT * FROM t') == [(4, 5, 6, 7)]


def test_what_algorithm_asks_for(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY, a INT)', 'CREATE TABLE n (a INT)', 'INSERT INTO t VALUES (1, 1)')
    instant = 'ALGORITHM=INSTANT is not supported for this operation. Try ALGORITHM=COPY/INPLACE.'
    for change in ('ADD KEY (a)', 'FORCE', 'DROP PRIMARY KEY', 'ADD b INT DEFAULT (id)', 'ADD b INT AUTO_INCREMENT UNIQUE'):
        fails(d, f'ALTER TABLE t {change}, ALGORITHM=INSTANT', 1845, instant)
    fails(d, 'ALTER TABLE t MODIFY a BIGINT, ALGORITHM=INPLACE', 1846,
          'ALGORITHM=INPLACE is not supported. Reason: Cannot change column type INPLACE. Try ALGORITHM=COPY.')
    fails(d, 'ALTER TABLE t MODIFY a BIGINT, ALGORITHM=INSTANT', 1846, 'ALGORITHM=INSTANT is not supported. Reason: Need to '
          'rebuild the table to change column type. Try ALGORITHM=COPY/INPLACE.')
    fails(d, 'ALTER TABLE t ADD b INT, ALGORITHM=INSTANT, LOCK=NONE', 1221,
          'Incorrect usage of ALGORITHM=INSTANT and LOCK=NONE/SHARED/EXCLUSIVE')
    fails(d, 'ALTER TABLE t ADD b INT, ALGORITHM=COPY, LOCK=NONE', 1846, 'COPY algorithm requires a lock')
    fails(d, 'ALTER TABLE t ADD b INT, ALGORITHM=SOON', 1800)
    d.execute('ALTER TABLE t ADD b INT, ALGORITHM=INPLACE, LOCK=NONE', 'ALTER TABLE t ADD KEY (a), ALGORITHM=INPLACE',
              'ALTER TABLE t MODIFY a BIGINT, ALGORITHM=COPY', 'ALTER TABLE n ADD b INT')
    assert d.rows('SELECT * FROM t') == [(1, 1, None)]


def test_more_changes_than_generations(d):
    d.execute('CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (0)')
    for i in range(1, 65):
        d.execute(f'ALTER TABLE t ADD c{i} INT DEFAULT {i}, ALGORITHM=INSTANT', f'INSERT INTO t (id) VALUES ({i})')
    fails(d, 'ALTER TABLE t ADD c65 INT DEFAULT 65, ALGORITHM=INSTANT', 1845)
    d.execute('ALTER TABLE t ADD c65 INT DEFAULT 65', 'ALTER TABLE t ADD c66 INT DEFAULT 66, ALGORITHM=INSTANT')
    assert d.rows('SELECT * FROM t') == [(row, *range(1, 67)) for row in range(65)]
    is_whole(d, 't')


TYPES = ['INT', 'INT NOT NULL', 'VARCHAR(300) DEFAULT "some"', 'DECIMAL(12,3) NOT NULL DEFAULT 1.5', 'BIT(11)', 'TEXT',
         'TIMESTAMP(3) NULL', 'CHAR(5) NOT NULL DEFAULT "ab"', 'ENUM("a","b") DEFAULT "b"', 'BLOB', 'DOUBLE DEFAULT 0.5']


class Alterations:
    """Random changes of one table that keeps its rows and of its twin whose rows are copied each time."""

    def __init__(self, server, seed):
        self.server, self.random = server, random.Random(seed)
        self.columns, self.made, self.row = [], 0, 0
        server.execute('CREATE DATABASE d', 'USE d')
        for table in ('kept', 'copied'):
            server.execute(f'CREATE TABLE {table} (id INT PRIMARY KEY)')

    def both(self, statement, *options):
        for table, option in zip(('kept', 'copied'), options or ('', '')):
            self.server.execute(statement.format(table) + option)

    def alter(self):
        changes = []
        for column in self.random.sample(self.columns, min(len(self.columns), self.random.randint(0, 2))):
            self.columns.remove(column)
            changes.append(f'DROP {column}')
        for _ in range(self.random.randint(0 if changes else 1, 3)):
            self.made += 1
            name, places = f'c{self.made}', ['', 'FIRST', *(f'AFTER {column}' for column in self.columns)]
            changes.append(f'ADD {name} {self.random.choice(TYPES)} {self.random.choice(places)}')
            self.columns.append(name)
        self.both(f'ALTER TABLE {{}} {", ".join(changes)}', ', ALGORITHM=INSTANT', ', ALGORITHM=COPY')

    def change_rows(self):
        self.row += 3
        self.both(f'INSERT INTO {{}} (id) VALUES ({self.row}), ({self.row + 1}), ({self.row + 2})')
        if self.columns:
            column, other = self.random.choice(self.columns), self.random.randint(1, self.row)
            self.both(f'UPDATE {{}} SET {column} = 1 WHERE id < {other} AND id % 2'
                      if self.random.random() < 0.7 else f'UPDATE {{}} SET id = -id WHERE id = {other}')
        self.both(f'DELETE FROM {{}} WHERE id = {self.random.randint(1, self.row)}')

    def check(self):
        kept, copied = (self.server.rows(f'SELECT * FROM {table} ORDER BY id') for table in ('kept', 'copied'))
        assert kept == copied
        sums = self.server.rows('CHECKSUM TABLE kept, copied')
        assert sums[0][1] == sums[1][1]
        is_whole(self.server, 'kept')


@pytest.mark.parametrize('seed', range(2))
def test_random_changes_beside_a_table_that_is_copied(make_server, seed):
    """a->b, by GTID: both hold the same, old rows and new, also after a crash."""
    edges = chain(make_server('a', sql_mode=''), make_server('b', sql_mode=''))
    a, b = edges[0]
    work = Alterations(a, seed)
    for step in range(16):
        work.alter()
        work.change_rows()
        if step == 8:
            a.kill()
            a.start()
            a.execute('USE d')
    work.check()
    wait_same_rows(edges)
    is_whole(b, 'd.kept')


def test_mariadb_follows(make_server):
    """a->b: what is logged of old rows has all columns."""
    edges = chain(make_server('a'), make_server('b', kind='mariadb'))
    a = edges[0][0]
    a.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT)',
              'INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)',
              "ALTER TABLE t DROP a, ADD c VARCHAR(10) DEFAULT 'c' FIRST",
              'UPDATE t SET b = 5 WHERE id = 1', 'DELETE FROM t WHERE id = 2')
    wait_same_rows(edges)
