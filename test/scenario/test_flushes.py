"""a alone, under strace: what a commit flushes, counted from outside and by the server itself."""
import re
import threading
import time

import pytest

from harness import flushes

COMMITS, WRITERS = 100, 16


class Counted:
    """Flushes since it was made: of the log by strace and by the server's own count, of the store by strace."""

    def __init__(self, server):
        self.server = server
        self.own = self.own_count()
        self.mark = flushes.mark(server.trace)
        self.began = time.monotonic()

    def own_count(self):
        return int(self.server.rows("SHOW GLOBAL STATUS LIKE 'Gemel_log_flushes'")[0][1])

    def read(self):
        """(of the log, of the store's log, of anything else, the server's count, the seconds that it took)"""
        own, seconds = self.own_count() - self.own, time.monotonic() - self.began
        seen = flushes.since(self.server.trace, self.mark)
        log = seen.pop(self.server.log_end_position()[0], 0)
        store = sum(seen.pop(name) for name in list(seen) if re.fullmatch(r'\d+\.log', name))
        return log, store, sum(seen.values()), own, seconds


@pytest.fixture
def a(make_server, scratch):
    server = make_server('a', start=False)
    server.trace = scratch / 'a.strace'
    flushes.trace(server, server.trace)
    server.start()
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)')
    return server


def insert(server, first, count):
    with server.connect(database='d') as connection, connection.cursor() as cursor:
        for number in range(first, first + count):
            cursor.execute(f'INSERT INTO t VALUES ({number}, 0)')


def test_one_after_the_other(a):
    """One flush of the log for each commit, and once a second one of the store's own log."""
    counted = Counted(a)
    insert(a, 0, COMMITS)
    log, store, others, own, seconds = counted.read()
    assert (log, others, own) == (COMMITS, 0, COMMITS)
    assert store <= seconds + 1


def test_many_at_once(a):
    """They share flushes, and each was flushed before it was answered: nobody waits without a flush for himself."""
    counted = Counted(a)
    writers = [threading.Thread(target=insert, args=(a, writer * COMMITS, COMMITS)) for writer in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    log, store, others, own, seconds = counted.read()
    assert COMMITS <= log < COMMITS * WRITERS and own == log
    assert others == 0 and store <= seconds + 1


def test_a_transaction_of_many_changes_is_one(a):
    counted = Counted(a)
    with a.connect(database='d', autocommit=False) as connection, connection.cursor() as cursor:
        for number in range(50):
            cursor.execute(f'INSERT INTO t VALUES ({number}, 0)')
        cursor.execute('UPDATE t SET v = v + 1')
        connection.commit()
        cursor.execute('SELECT COUNT(*) FROM t')
        connection.commit()     # of nothing: no flush
    assert counted.read()[0] == 1


def test_the_settings_say_how_often(a):
    """sync_binlog=0: never; N: at each Nth group; a change that is not logged: the store's log, unless that is off."""
    for period, expected in ((0, 0), (10, COMMITS // 10), (1, COMMITS)):
        a.execute(f'SET GLOBAL sync_binlog={period}')
        counted = Counted(a)
        insert(a, 1000 * (period + 1), COMMITS)
        assert counted.read()[0] == expected, f'sync_binlog={period}'
    for setting, least in ((1, COMMITS), (2, 0), (0, 0)):
        a.execute(f'SET GLOBAL innodb_flush_log_at_trx_commit={setting}', 'SET sql_log_bin=0')
        counted = Counted(a)
        for number in range(COMMITS):
            a.execute(f'REPLACE INTO d.t VALUES ({number}, {setting})')
        log, store, _, _, seconds = counted.read()
        assert log == 0 and least <= store <= least + seconds + 1, f'innodb_flush_log_at_trx_commit={setting}'
