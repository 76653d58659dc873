"""One short dialogue an anomaly, between two clients of one server. Each says whether the anomaly showed.

A statement that has to wait for the other client gives up after a second: then the server has prevented it.
"""
from concurrent.futures import ThreadPoolExecutor

import pymysql

SCHEMA = ('CREATE DATABASE {0}', 'CREATE TABLE {0}.t (id INT PRIMARY KEY, v INT NOT NULL, KEY (v))',
          'INSERT INTO {0}.t VALUES (1, 10), (2, 20)')


class Prevented(Exception):
    """The server refused, or made wait."""


class Client:
    def __init__(self, server, level, database='dialogue'):
        self.connection = server.connect(database=database, autocommit=False)
        self.do(f'SET SESSION TRANSACTION ISOLATION LEVEL {level}', 'SET SESSION innodb_lock_wait_timeout=1',
                'SET SESSION lock_wait_timeout=1', 'BEGIN')

    def do(self, *statements):
        """The last statement's rows."""
        try:
            with self.connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return list(cursor.fetchall())
        except pymysql.err.MySQLError as error:
            if error.args[0] in (1205, 1213):
                raise Prevented from error
            raise

    def value(self, statement):
        return self.do(statement)[0][0]


V1, V2 = 'SELECT v FROM t WHERE id = 1', 'SELECT v FROM t WHERE id = 2'
SUM = 'SELECT SUM(v) FROM t WHERE v > 0'
COUNT = 'SELECT COUNT(*) FROM t WHERE v BETWEEN 1 AND 100'


def dirty_read(a, b):
    a.do('UPDATE t SET v = 11 WHERE id = 1')
    return b.value(V1) == 11


def aborted_read(a, b):
    a.do('INSERT INTO t VALUES (3, 30)')
    seen = b.value(COUNT)
    a.do('ROLLBACK')
    b.do('COMMIT')
    return seen == 3


def fuzzy_read(a, b):
    before = a.value(V1)
    b.do('UPDATE t SET v = 11 WHERE id = 1', 'COMMIT')
    return a.value(V1) != before


def read_skew(a, b):
    a.value(V1)
    b.do('UPDATE t SET v = 11 WHERE id = 1', 'UPDATE t SET v = 21 WHERE id = 2', 'COMMIT')
    return a.value(V2) == 21


def phantom(a, b):
    before = a.value(COUNT)
    b.do('INSERT INTO t VALUES (3, 30)', 'COMMIT')
    return a.value(COUNT) != before


def phantom_while_locking(a, b):
    before = len(a.do('SELECT id FROM t WHERE v BETWEEN 1 AND 100 FOR UPDATE'))
    b.do('INSERT INTO t VALUES (3, 30)', 'COMMIT')
    return len(a.do('SELECT id FROM t WHERE v BETWEEN 1 AND 100 FOR UPDATE')) != before


def lost_update(a, b):
    was_a, was_b = a.value(V1), b.value(V1)
    a.do(f'UPDATE t SET v = {was_a + 1} WHERE id = 1', 'COMMIT')
    b.do(f'UPDATE t SET v = {was_b + 1} WHERE id = 1', 'COMMIT')
    return b.value(V1) == 11


def lost_update_while_locking(a, b):
    was = a.value(f'{V1} FOR UPDATE')
    b.value(f'{V1} FOR UPDATE')
    return was == 10


def write_skew(a, b):
    for client, mine in ((a, 1), (b, 2)):
        assert client.value(V1) + client.value(V2) == 30
    a.do('UPDATE t SET v = 0 WHERE id = 1', 'COMMIT')
    b.do('UPDATE t SET v = 0 WHERE id = 2', 'COMMIT')
    return True


def write_skew_by_ranges(a, b):
    assert a.value(SUM) == b.value(SUM) == 30
    a.do('INSERT INTO t VALUES (3, 30)', 'COMMIT')
    b.do('INSERT INTO t VALUES (4, 30)', 'COMMIT')
    return True


def write_beside_the_snapshot(a, b):
    """A change sees, and changes, what a read of the same transaction does not see."""
    a.value(COUNT)
    b.do('INSERT INTO t VALUES (3, 30)', 'COMMIT')
    a.do('UPDATE t SET v = v + 1 WHERE v = 30')
    return a.value('SELECT COUNT(*) FROM t WHERE v = 31') == 1


ALL = (dirty_read, aborted_read, fuzzy_read, read_skew, phantom, phantom_while_locking, lost_update,
       lost_update_while_locking, write_skew, write_skew_by_ranges, write_beside_the_snapshot)


def prepare(server, database='dialogue'):
    with server.connect() as connection, connection.cursor() as cursor:
        for statement in SCHEMA:
            cursor.execute(statement.format(database))


def play(dialogue, server, level):
    database = f'{dialogue.__name__}_{level.replace(" ", "_").lower()}'
    prepare(server, database)
    clients = [Client(server, level, database) for _ in range(2)]
    try:
        return dialogue(*clients)
    except Prevented:
        return False
    finally:
        for client in clients:
            client.connection.close()


def play_all(server, levels):
    """dialogue -> the levels at which its anomaly showed. Beside one another, each in a database of its own."""
    pairs = [(dialogue, level) for dialogue in ALL for level in levels]
    with ThreadPoolExecutor(len(pairs)) as pool:
        shown = pool.map(lambda pair: play(pair[0], server, pair[1]), pairs)
    found = {dialogue.__name__: set() for dialogue in ALL}
    for (dialogue, level), is_shown in zip(pairs, shown):
        if is_shown:
            found[dialogue.__name__].add(level)
    return found
