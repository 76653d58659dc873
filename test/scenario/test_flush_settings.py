"""What sync_binlog and innodb_flush_log_at_trx_commit promise for a loss of power, value by value."""
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.log import log_names
from harness.topology import add_replication_user, executed_gtids, follow_by_gtid, status_of, wait_same_gtids
from harness.wait import wait_until

SCHEMA = ['CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)']
PERIOD = 7


def hold_flusher(server):
    """From here on the store is flushed by commits alone, as if a second did not end."""
    server.execute("SET GLOBAL gemel_faults='flusher.flush=pause'")


def insert(server, keys, logged=True):
    with server.connect(database='d') as client, client.cursor() as cursor:
        cursor.execute(f'SET sql_log_bin={int(logged)}')
        for key in keys:
            cursor.execute(f"INSERT INTO t VALUES ({key}, '{'x' * (key % 700)}')")
    return list(keys)


def ids(server):
    return [number for (number,) in server.rows('SELECT id FROM d.t ORDER BY id')]


def lose_power(server, seed=None):
    server.lose_power(seed)
    server.start()


def count_logged(server):
    return sum(kind == 'Xid' for name in log_names(server)
               for _, _, kind, *_ in server.rows(f"SHOW BINLOG EVENTS IN '{name}'"))


def count_ahead(server):
    """Transactions of which the last start said that the store has them and the log does not."""
    start = server.log().rsplit(' starts, process ', 1)[1]
    said = re.search(r'its tail is lost\. (\d+) transactions are in the tables and in no log', start)
    return int(said[1]) if said else 0


# ---------------------------------------------------------------- sync_binlog


def last_own_number(server):
    """Of the GTIDs that this server has given."""
    own = server.value('SELECT @@server_uuid') + r'((?::\d+(?:-\d+)?)+)'
    return int(re.findall(r'\d+', re.search(own, executed_gtids(server))[1])[-1])


@pytest.mark.parametrize('store', ['behind', 'ahead'])
@pytest.mark.parametrize('seed', [None, 1, 2, 3])
def test_every_nth_flush_bounds_the_loss(make_server, seed, store):
    """a: less than N transactions are lost, the last ones; tables and log have the same, or the error log tells."""
    a = make_server('a', kind='forgetful', sync_binlog=PERIOD)
    a.execute(*SCHEMA)
    hold_flusher(a)
    acknowledged = insert(a, range(1, 45))
    given = last_own_number(a)
    if store == 'ahead':
        a.execute('SET sql_log_bin=0', 'CREATE DATABASE flushes_the_store', 'SET sql_log_bin=1')
    lose_power(a, seed)
    left = ids(a)
    assert left == acknowledged[:len(left)] and len(acknowledged) - len(left) < PERIOD
    assert count_logged(a) + count_ahead(a) == len(left)
    if store == 'ahead':
        assert left == acknowledged
    if seed is None:
        lost_of_log = len(acknowledged) - count_logged(a)
        assert lost_of_log > 0 and count_ahead(a) == (lost_of_log if store == 'ahead' else 0)
    insert(a, [1000])
    assert last_own_number(a) > given, 'a GTID that somebody may have seen is given away again'


@pytest.mark.parametrize('seed', [None, 4, 5])
def test_every_nth_flush_with_many_writers(make_server, seed):
    """a, then a->b, four writers: each one's rows are there up to some point, and b gets the same from the log."""
    writers = 4
    a = make_server('a', kind='forgetful', sync_binlog=PERIOD)
    a.execute(*SCHEMA)
    hold_flusher(a)
    with ThreadPoolExecutor(writers) as pool:
        acknowledged = list(pool.map(lambda first: insert(a, range(first, first + 60)), range(0, 4000, 1000)))
    lose_power(a, seed)
    left = ids(a)
    lost = 0
    for keys in acknowledged:
        here = [key for key in left if keys[0] <= key <= keys[-1]]
        assert here == keys[:len(here)]
        lost += len(keys) - len(here)
    assert lost < PERIOD * writers
    assert count_ahead(a) == 0 and count_logged(a) == len(left)
    b = make_server('b')
    add_replication_user(a)
    follow_by_gtid(b, a)
    insert(a, [9000])
    wait_same_gtids(a, b)


def test_a_flush_at_each_commit_from_now_on(make_server):
    """a, sync_binlog 0, then 1: the first commit under 1 flushes what 0 had left."""
    a = make_server('a', kind='forgetful', sync_binlog=0)
    a.execute(*SCHEMA)
    hold_flusher(a)
    acknowledged = insert(a, range(1, 30))
    a.execute('SET GLOBAL sync_binlog=1')
    acknowledged += insert(a, [30])
    lose_power(a)
    assert ids(a) == acknowledged


def test_a_master_gets_its_lost_tail_back_from_the_other(make_server):
    """a<->b by GTIDs: b has what a lost, says so, and a takes it under another server_id; then both go on."""
    a = make_server('a', kind='forgetful', sync_binlog=0, skip_slave_start=None)
    b = make_server('b')
    for server in (a, b):
        add_replication_user(server)
    a.execute(*SCHEMA, 'FLUSH BINARY LOGS')
    follow_by_gtid(b, a)
    follow_by_gtid(a, b)
    hold_flusher(a)
    acknowledged = insert(a, range(1, 41))
    wait_same_gtids(a, b)
    given = last_own_number(a)
    lose_power(a)
    assert len(ids(a)) < len(acknowledged)
    wait_until(lambda: int(status_of(b)['Last_IO_Errno']) == 1236, 'b to be refused', show=lambda: status_of(b))
    assert 'Slave has more GTIDs than the master has' in status_of(b)['Last_IO_Error']
    a.execute('SET GLOBAL server_id=1001', 'START SLAVE')
    wait_until(lambda: ids(a) == acknowledged, 'a to have them again', show=lambda: status_of(a))
    a.execute('STOP SLAVE', 'SET GLOBAL server_id=1', 'START SLAVE')
    b.execute('START SLAVE')
    insert(a, [1000])
    insert(b, [1001])
    wait_same_gtids(a, b)
    assert last_own_number(a) > given


# ---------------------------------------------------------------- innodb_flush_log_at_trx_commit


@pytest.mark.parametrize('log', [True, False])
@pytest.mark.parametrize('setting', [0, 1, 2])
def test_what_is_not_logged(make_server, setting, log):
    """a: with 1 it is flushed at each commit. With 0 and 2 once a second, and what is lost is the end of it."""
    a = make_server('a', kind='forgetful', innodb_flush_log_at_trx_commit=setting, **({} if log else {'skip_log_bin': None}))
    a.execute(*SCHEMA)
    first = insert(a, range(1, 20), logged=False)
    a.restart()
    hold_flusher(a)
    acknowledged = first + insert(a, range(20, 60), logged=False)
    lose_power(a)
    left = ids(a)
    if setting == 1:
        assert left == acknowledged
    else:
        assert left == acknowledged[:len(left)] and len(first) <= len(left) < len(acknowledged)


@pytest.mark.parametrize('setting', [0, 2])
def test_what_is_not_logged_outlives_a_kill(make_server, setting):
    a = make_server('a', kind='forgetful', innodb_flush_log_at_trx_commit=setting, sync_binlog=0)
    a.execute(*SCHEMA)
    hold_flusher(a)
    acknowledged = insert(a, range(1, 30), logged=False) + insert(a, range(30, 60))
    a.kill()
    a.start()
    assert ids(a) == acknowledged


@pytest.mark.parametrize('setting', [0, 1, 2])
def test_what_is_logged_does_not_depend_on_it(make_server, setting):
    a = make_server('a', kind='forgetful', innodb_flush_log_at_trx_commit=setting)
    a.execute(*SCHEMA)
    hold_flusher(a)
    acknowledged = insert(a, range(1, 40))
    lose_power(a)
    assert ids(a) == acknowledged


UPON_UNLOGGED = {
    'an update': (['INSERT INTO d.t VALUES (1, "one"), (2, "two")'], ['UPDATE d.t SET v = "1" WHERE id = 1'],
                  [(1, '1'), (2, 'two')]),
    'a delete': (['INSERT INTO d.t VALUES (1, "one"), (2, "two")'], ['DELETE FROM d.t WHERE id = 1'], [(2, 'two')]),
    'an insert': (['REPLACE INTO d.t VALUES (9, "nine")', 'DELETE FROM d.t'], ['INSERT INTO d.t VALUES (9, "9")'],
                  [(9, '9')]),
    'a text': (['INSERT INTO d.t VALUES (1, "one"), (2, "two")'],
               ['SET binlog_format=STATEMENT', 'INSERT INTO d.t SELECT id + 10, v FROM d.t'],
               [(1, 'one'), (2, 'two'), (11, 'one'), (12, 'two')]),
    'rows of a table': (['DROP TABLE d.t', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)'],
                        ['INSERT INTO d.t VALUES (5, "five")'], [(5, 'five')]),
    'a definition': (['ALTER TABLE d.t ADD COLUMN w INT DEFAULT 3'],
                     ['ALTER TABLE d.t DROP COLUMN w', 'INSERT INTO d.t VALUES (6, "six")'], [(6, 'six')]),
}


@pytest.mark.parametrize('setting', [0, 1, 2])
@pytest.mark.parametrize('case', UPON_UNLOGGED)
def test_what_is_logged_upon_what_is_not(make_server, case, setting):
    """a: a change that is acknowledged and logged is there, and so is the one it stands on, flushed or not."""
    unlogged, logged, expected = UPON_UNLOGGED[case]
    a = make_server('a', kind='forgetful', innodb_flush_log_at_trx_commit=setting)
    a.execute(*SCHEMA)
    hold_flusher(a)
    a.execute('SET sql_log_bin=0', *unlogged, 'SET sql_log_bin=1')
    a.execute(*logged)
    lose_power(a)
    assert a.rows('SELECT * FROM d.t ORDER BY id') == expected
