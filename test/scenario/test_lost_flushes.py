"""Servers whose disks lose what was not flushed: with the settings of the first day, all that was acknowledged is there."""
import pytest

from harness.load import Load
from harness.rows import assert_same_rows
from harness.topology import pair as make_pair
from harness.topology import (add_replication_user, follow, follow_by_gtid, status_of, wait_caught_up, wait_running,
                              wait_same_gtids, wait_same_rows)
from harness.wait import wait_until

SCHEMA = ['CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)']


def fill(server, count):
    """Returns the keys that the server has acknowledged."""
    first = server.value('SELECT COALESCE(MAX(id), 0) + 1 FROM d.t')
    for number in range(first, first + count):
        server.execute(f"INSERT INTO d.t VALUES ({number}, '{'x' * (number % 700)}')")
    return list(range(1, first + count))


def ids(server):
    return [number for (number,) in server.rows('SELECT id FROM d.t ORDER BY id')]


@pytest.mark.parametrize('seed', [None, 1, 2])
def test_acknowledged_transactions_survive(make_server, seed):
    """a, whose power goes again and again."""
    a = make_server('a', kind='forgetful')
    a.execute(*SCHEMA)
    for _ in range(3):
        acknowledged = fill(a, 60)
        loss = a.lose_power(seed)
        assert seed or any(name.startswith('store/') for name in loss.bytes), 'the store lost nothing: no test'
        a.start()
        assert ids(a) == acknowledged


@pytest.mark.parametrize('statement', [
    'CREATE TABLE d.made (id INT PRIMARY KEY)', 'ALTER TABLE d.t ADD COLUMN w INT DEFAULT 4, ADD KEY (w)',
    'DROP TABLE d.t', 'TRUNCATE TABLE d.t', 'RENAME TABLE d.t TO d.u', "CREATE USER u@localhost IDENTIFIED BY 'p'",
    'FLUSH BINARY LOGS', 'RESET MASTER', "PURGE BINARY LOGS TO 'a-bin.000002'"])
def test_acknowledged_definitions_survive(make_server, statement):
    """a: whatever a statement does to tables, accounts and log files is there, and what was there before, as well."""
    a = make_server('a', kind='forgetful', max_binlog_size=4096)
    a.execute(*SCHEMA, 'FLUSH BINARY LOGS')
    fill(a, 30)
    a.execute(statement)
    def state():
        tables = {name: a.rows(f'SELECT * FROM d.{name}') for (name,) in a.rows('SHOW TABLES IN d')}
        shapes = {name: a.rows(f'SHOW CREATE TABLE d.{name}') for name in tables}
        return tables, shapes, a.rows('SELECT User, Host FROM mysql.user'), a.value('SELECT @@GLOBAL.gtid_executed')
    before = state()
    a.lose_power()
    a.start()
    assert state() == before


def offers_tls(server):
    with server.connect(tcp=True, ssl={'check_hostname': False}) as client, client.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        return cursor.fetchone()[1] != ''


@pytest.mark.parametrize('when, options', [('at once', {}), ('after a kill', {}), ('at once', {'skip_log_bin': None})])
def test_a_first_start_survives(make_server, when, options):
    """a: what the first start made is there after the first transaction: the server is the same one."""
    a = make_server('a', kind='forgetful', **options)
    uuid = a.value('SELECT @@server_uuid')
    a.execute(*SCHEMA)
    acknowledged = fill(a, 3)
    if when == 'after a kill':
        a.kill()
        a.start()
    a.lose_power()
    a.start()
    assert a.value('SELECT @@server_uuid') == uuid
    assert ids(a) == acknowledged
    assert offers_tls(a)


def wait_for_work(load, server):
    before = load.done(server)
    wait_until(lambda: load.is_over() or load.done(server) > before + 50, f'writes on {server.name}')


def make_forgetful_pair(make_server, **options):
    a, b = [make_server(name, kind='forgetful', auto_increment_increment=2, auto_increment_offset=offset, **options)
            for offset, name in enumerate('ab', 1)]
    return a, b, make_pair(a, b)


@pytest.mark.parametrize('victims, seed', [('a', None), ('b', 1), ('ab', None), ('ab', 2)])
def test_two_masters_under_load(make_server, victims, seed):
    """a<->b under load lose power, one or both at once, and all or a part of what was not flushed."""
    a, b, edges = make_forgetful_pair(make_server)
    load = Load([a, b], connections=8, seconds=6, seed=victims)
    load.prepare(a)
    wait_same_rows(edges)

    load.start()
    lost = [server for server in (a, b) if server.name in victims]
    for turn in range(2):
        for server in lost:
            wait_for_work(load, server)
        for server in lost:
            server.kill()
        for server in lost:
            server.lose_power(seed and seed + 10 * turn)
        for server in lost:
            server.start()
    load.finish()

    for server in (a, b):
        wait_running(server)
    wait_same_rows(edges, deadline=120)
    load.check(a)
    load.check(b)


# ---------------------------------------------------------------- a log that is not flushed at each commit


def flush_store(server):
    """Whatever is not logged flushes the store, and with it what the log is not flushed for."""
    server.execute('SET sql_log_bin=0', 'CREATE DATABASE IF NOT EXISTS unlogged', 'SET sql_log_bin=1')


def gtids_of(server, set_name='gtid_executed'):
    return server.value(f'SELECT @@GLOBAL.{set_name}').replace('\n', '')


def test_without_flushes_acknowledged_transactions_are_lost(make_server):
    """a, sync_binlog=0: the disk does forget. What is left is a beginning of what was, without holes."""
    a = make_server('a', kind='forgetful', sync_binlog=0, innodb_flush_log_at_trx_commit=0)
    a.execute(*SCHEMA)
    a.restart()
    acknowledged = fill(a, 100)
    uuid = a.value('SELECT @@server_uuid')
    a.lose_power()
    a.start()
    left = ids(a)
    assert left == acknowledged[:len(left)] and len(left) < len(acknowledged)
    a.execute('INSERT INTO d.t VALUES (1000, 1)')
    given = int(gtids_of(a).rsplit('-', 1)[-1].rsplit(':', 1)[-1])
    assert given > len(acknowledged) + len(SCHEMA), 'a GTID that somebody may have seen is given away again'
    assert gtids_of(a).startswith(uuid)


def test_a_store_ahead_of_the_log(make_server):
    """a->b, a with sync_binlog=0: its log lost what its tables hold. It says so, and b, which has it, goes on by GTIDs."""
    a = make_server('a', kind='forgetful', sync_binlog=0)
    b, c = make_server('b'), make_server('c')
    add_replication_user(a)
    a.execute(*SCHEMA, 'FLUSH BINARY LOGS')
    follow_by_gtid(b, a)
    acknowledged = fill(a, 40)
    wait_same_gtids(a, b)
    flush_store(a)
    gtids = gtids_of(a)
    b.execute('STOP SLAVE')
    a.lose_power()
    a.start()
    assert 'its tail is lost. 40 transactions are in the tables and in no log' in a.log()
    assert ids(a) == acknowledged
    assert gtids_of(a) == gtids
    b.execute('START SLAVE')
    fill(a, 3)
    wait_same_gtids(a, b, databases=['d'])
    # Who lacks them is told so, and gets nothing that would leave a hole.
    follow_by_gtid(c, a, start=False)
    c.execute('START SLAVE')
    wait_until(lambda: int(status_of(c)['Last_IO_Errno']) == 1236, 'c to be refused', show=lambda: status_of(c))
    c.execute('STOP SLAVE')
    assert_same_rows(a, b, databases=['d'])


def test_a_replica_that_stands_in_the_lost_tail(make_server):
    """a->b by position, a with sync_binlog=0: the place that b asks for is gone, and no other events are there instead."""
    a, b = make_server('a', kind='forgetful', sync_binlog=0), make_server('b')
    add_replication_user(a)
    follow(b, a)
    a.execute(*SCHEMA)
    fill(a, 40)
    wait_caught_up([(a, b)])
    flush_store(a)
    b.execute('STOP SLAVE')
    a.lose_power()
    a.start()
    fill(a, 5)
    b.execute('START SLAVE')
    wait_until(lambda: int(status_of(b)['Last_IO_Errno']) == 1236, 'b to be refused', show=lambda: status_of(b))
    # The operator knows that b has all of the lost tail: it goes on with the next file.
    b.execute('STOP SLAVE', "CHANGE MASTER TO MASTER_LOG_FILE='a-bin.000002', MASTER_LOG_POS=4", 'START SLAVE')
    wait_same_rows([(a, b)], databases=['d'])


def test_a_replica_does_not_fetch_again_what_it_has(make_server):
    """a->b, b with sync_binlog=0: b's log lost what b has applied; b does not apply it twice."""
    a, b = make_server('a'), make_server('b', kind='forgetful', sync_binlog=0)
    add_replication_user(a)
    a.execute(*SCHEMA)
    follow_by_gtid(b, a)
    fill(a, 40)
    wait_same_gtids(a, b)
    flush_store(b)
    b.lose_power()
    fill(a, 3)
    b.start()
    assert 'its tail is lost' in b.log()
    wait_same_gtids(a, b, databases=['d'])


def test_with_flushes_a_store_ahead_of_the_log_is_refused(make_server):
    """a, sync_binlog=1: the log cannot be behind, unless the disk lied. The operator is told, and may go on."""
    a = make_server('a', kind='forgetful')
    a.execute(*SCHEMA)
    acknowledged = fill(a, 5)
    flush_store(a)
    a.kill()
    log = a.datadir / 'a-bin.000001'
    with open(log, 'r+b') as file:
        file.truncate(log.stat().st_size - 200)
    a.launch()
    assert a.wait_end() == 1
    assert 'bring the file back from a copy, or start once with sync_binlog=0' in a.log()
    a.start('--sync-binlog=0')
    assert ids(a) == acknowledged
