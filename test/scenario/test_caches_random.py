"""Caches change no answer: long histories beside a server without any, and many clients at once.   topology: a, b; a->b

`make soak` runs them longer, and each time with another seed.
"""
import itertools
import os

import pytest

from harness.bank import Bank
from harness.caches import options_without_caches
from harness.interleaved_history import CLIENTS, InterleavedHistory
from harness.rows import assert_same_rows
from harness.server import Gemel
from harness.topology import chain, wait_same_rows

STATEMENTS = int(os.environ.get('GEMEL_CACHE_STATEMENTS', 2000))
SECONDS = float(os.environ.get('GEMEL_CACHE_SECONDS', 3))
SEED = int(os.environ.get('GEMEL_CACHE_SEED', 1))
LARGE_COMMIT = 64 * 1024
MIB = 1 << 20
SIZES = {'roomy': 128 * MIB, 'tight': 6 * MIB}   # there is less than the rows need: pages and rows come and go


def without_caches():
    return options_without_caches(Gemel.find_command()[0])


def hits(server):
    return {name: int(count) for name, count in server.rows("SHOW GLOBAL STATUS LIKE 'Gemel\\_%\\_hits'")}


class Clients:
    """As many connections to one server as a history has clients."""

    def __init__(self, server):
        self.server = server
        server.execute('CREATE DATABASE d')
        self.connections = [server.connect(database='d') for _ in range(CLIENTS)]

    def answer(self, client, statement):
        with self.connections[client].cursor() as cursor:
            try:
                cursor.execute(statement)
            except Exception as error:  # noqa: BLE001 (errors are answers)
                assert error.args[0] not in (0, 1064, 1205, 2006, 2013), (statement, error)
                return error.args
            return cursor.rowcount, cursor.lastrowid, list(cursor.fetchall())


@pytest.mark.parametrize('size', SIZES)
def test_a_history_is_answered_alike(make_server, size):
    sizes = {'innodb_buffer_pool_size': SIZES[size], 'gemel_large_commit_size': LARGE_COMMIT}
    a, b = make_server('a', **sizes), make_server('b', **sizes, **without_caches())
    ours, theirs = Clients(a), Clients(b)
    history = InterleavedHistory(f'{SEED} {size}')
    for statement in history.schema():
        assert ours.answer(0, statement) == theirs.answer(0, statement)
    resizes = itertools.cycle((MIB, 64 * MIB, SIZES[size], 3 * MIB))
    for number, (client, statement) in enumerate(history.statements(STATEMENTS)):
        if number % 200 == 100:
            a.execute(f'SET GLOBAL innodb_buffer_pool_size = {next(resizes)}')
        assert ours.answer(client, statement) == theirs.answer(client, statement), (number, client, statement[:300])
    for client in range(CLIENTS):
        assert ours.answer(client, 'COMMIT') == theirs.answer(client, 'COMMIT')
    assert_same_rows(a, b)
    assert all(hits(a).values()) and not any(hits(b).values()), (hits(a), hits(b))
    a.restart()
    assert_same_rows(a, b)


@pytest.mark.parametrize('size', SIZES)
def test_nobody_sees_half_of_anything(make_server, size):
    """a->b: money is moved, and there is always the same sum of it, however it is counted."""
    a = make_server('a', innodb_buffer_pool_size=SIZES[size], gemel_large_commit_size=LARGE_COMMIT)
    b = make_server('b', **without_caches())
    edges = chain(a, b)
    bank = Bank(a, f'{SEED} {size}')
    bank.open()
    bank.run(SECONDS)
    assert all(hits(a).values()), hits(a)
    wait_same_rows(edges)
    a.restart()
    wait_same_rows(edges)
