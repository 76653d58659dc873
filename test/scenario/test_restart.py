"""a alone: a start has a bounded part of the log to repeat, tells how far it is, and comes to the same rows."""
import re
import shutil

import pytest

from harness.wait import wait_until

MEGABYTE = 1 << 20
ROWS = 200


@pytest.fixture
def behind(make_server, scratch):
    """A server whose store is an old copy, ROWS transactions behind its log, as a power loss may leave it; not running."""
    a = make_server('a', max_binlog_size=65536)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')
    a.stop()
    shutil.copytree(a.datadir / 'store', scratch / 'kept')
    a.start()
    a.execute('USE d', *(f"INSERT INTO t VALUES ({number}, REPEAT('v', 1000))" for number in range(ROWS)))
    a.execute('UPDATE t SET v = CONCAT(v, id) WHERE id % 2')
    a.expected = a.rows('SELECT * FROM d.t')
    a.kill()
    shutil.rmtree(a.datadir / 'store')
    shutil.move(scratch / 'kept', a.datadir / 'store')
    return a


def test_it_tells_how_far_it_is(behind):
    """Several log files; a line a second with what is done, which only grows."""
    behind.start(faults='recovery.transaction=sleep:20')
    lines = re.findall(r'Repeating the binary log: (\d+) % of \d+ bytes, at (\S+):(\d+), (\d+) transactions', behind.log())
    assert len(lines) >= 3
    done, transactions = [int(line[0]) for line in lines], [int(line[3]) for line in lines]
    assert done == sorted(done) and 0 < done[0] < done[-1] <= 100
    assert transactions == sorted(set(transactions)) and len({line[1] for line in lines}) > 1
    assert f'{ROWS + 1} transactions were repeated' in behind.log()
    assert behind.rows('SELECT * FROM d.t') == behind.expected


def test_a_short_one_says_little(behind):
    behind.start()
    assert f'{ROWS + 1} transactions were repeated' in behind.log()
    assert behind.rows('SELECT * FROM d.t') == behind.expected
    behind.kill()
    behind.start()
    assert behind.log().count('transactions were repeated') == 1    # the store was flushed: nothing is repeated again
    assert behind.rows('SELECT * FROM d.t') == behind.expected


def passes(server, point):
    return int(server.value(f"SELECT passes FROM information_schema.gemel_faults WHERE name = '{point}'"))


@pytest.fixture
def without_flusher(make_server):
    """The thread that flushes the store stands still, as on a disk that does not keep up."""
    a = make_server('a')
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.big (id INT PRIMARY KEY, v LONGTEXT)',
              "SET GLOBAL gemel_faults='flusher.flush=pause,store.flush=count'")
    wait_until(lambda: passes(a, 'flusher.flush'), 'the flusher to stand still')
    yield a
    a.execute("SET GLOBAL gemel_faults=''")


def write_megabytes(server, first, count):
    for number in range(first, first + count):
        server.execute(f"INSERT INTO d.big VALUES ({number}, REPEAT('b', {MEGABYTE}))")


def test_what_is_to_be_repeated_is_bounded(without_flusher):
    """Commits wait for the store once it is 64 MB behind."""
    a = without_flusher
    write_megabytes(a, 0, 60)
    assert passes(a, 'store.flush') == 0
    write_megabytes(a, 60, 10)
    assert passes(a, 'store.flush') == 1
    write_megabytes(a, 70, 50)
    assert passes(a, 'store.flush') == 1
