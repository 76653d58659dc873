"""Servers whose disks lose what was not flushed: with the settings of the first day, all that was acknowledged is there."""
import pytest

from harness.load import Load
from harness.topology import pair as make_pair
from harness.topology import wait_running, wait_same_rows
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
