"""a->b: what b has fetched survives b's restarts, even when a is gone for good."""
import pytest

from harness.rows import assert_same_rows
from harness.topology import chain, wait_same_rows
from harness.wait import wait_until


def is_fetched(edges):
    (a, b), = edges
    status = b.replica_status()
    return (status['Master_Log_File'], int(status['Read_Master_Log_Pos'])) == a.log_end_position()


@pytest.fixture
def edges(make_server):
    return chain(make_server('a'), make_server('b', skip_slave_start=None, max_relay_log_size=4096))


@pytest.mark.parametrize('end', ['stop', 'kill'])
def test_a_source_that_is_gone(edges, end):
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(100))')
    wait_same_rows(edges)
    b.execute('STOP SLAVE SQL_THREAD')
    for i in range(100):
        a.execute(f"INSERT INTO d.t VALUES ({i}, REPEAT('x', 100))")
    wait_until(lambda: is_fetched(edges), 'b to fetch all')
    retrieved = b.replica_status()['Retrieved_Gtid_Set']
    getattr(b, end)()
    rows = a.rows('SELECT * FROM d.t ORDER BY id')
    a.kill()
    b.start()
    assert b.value('SELECT COUNT(*) FROM d.t') == 0
    assert b.replica_status()['Retrieved_Gtid_Set'] == retrieved
    b.execute('START SLAVE SQL_THREAD')
    wait_until(lambda: b.rows('SELECT * FROM d.t ORDER BY id') == rows, 'b to apply what it has')
    a.start()
    b.execute('START SLAVE')
    a.execute("UPDATE d.t SET v='changed' WHERE id < 50")
    wait_same_rows(edges)


def test_killed_again_and_again(edges):
    """Nothing is applied twice and nothing is left out, wherever the relay log was."""
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, n INT)', 'CREATE TABLE d.log (x INT)')
    for round in range(6):
        for i in range(20):
            a.execute(f'INSERT INTO d.t VALUES ({i}, 1) ON DUPLICATE KEY UPDATE n=n+1', f'INSERT INTO d.log VALUES ({i})')
        if round % 2:
            b.execute('STOP SLAVE SQL_THREAD')
        b.kill()
        b.start()
        b.execute('START SLAVE')
    wait_same_rows(edges)


def zeroed(content, at):
    return content[:at] + bytes(len(content) - at)


def garbled(content, at):
    return content[:at] + bytes(byte ^ 0xa5 for byte in content[at:])


def cut(content, at):
    return content[:at]


def hole(content, at):
    return content[:at] + bytes(min(512, len(content) - at)) + content[at + 512:]


@pytest.mark.parametrize('damage', [cut, zeroed, garbled, hole])
@pytest.mark.parametrize('is_last', [True, False], ids=['last', 'middle'])
def test_a_torn_relay_log(edges, is_last, damage):
    """What is whole in front of the damage is applied, the rest is fetched again: nothing is left out, or comes twice."""
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, n INT)', 'CREATE TABLE d.log (x INT, v TEXT)',
              'INSERT INTO d.t VALUES (1, 0)')
    wait_same_rows(edges)
    for round in range(3):
        b.execute('STOP SLAVE SQL_THREAD')
        for i in range(20):
            a.execute('UPDATE d.t SET n = n + 1', f"INSERT INTO d.log VALUES ({round * 20 + i}, REPEAT('x', 200))")
        wait_until(lambda: is_fetched(edges), 'b to fetch all')
        b.kill()
        path = sorted(b.datadir.glob('b-relay.0*'))[-1 if is_last else -2]
        content = path.read_bytes()
        at = len(content) - (1, 150, 1000)[round]
        written = len(b.log())
        path.write_bytes(damage(content, at))
        b.start()
        assert "The relay log is whole up to" in b.log()[written:] and f"/{path.name}'" in b.log()[written:]
        b.execute('START SLAVE')
        wait_same_rows(edges)
    assert b.rows('SELECT n, (SELECT COUNT(*) FROM d.log), (SELECT COUNT(DISTINCT x) FROM d.log) FROM d.t') == [(60, 60, 60)]


def test_damage_that_comes_while_it_runs(edges):
    """The applier names the file, and applies nothing of it."""
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.log (x INT, v TEXT)')
    wait_same_rows(edges)
    b.execute('STOP SLAVE SQL_THREAD')
    a.execute("INSERT INTO d.log VALUES (1, REPEAT('x', 200))", "INSERT INTO d.log VALUES (2, REPEAT('x', 200))")
    wait_until(lambda: is_fetched(edges), 'b to fetch all')
    path = sorted(b.datadir.glob('b-relay.0*'))[-1]
    content = path.read_bytes()
    path.write_bytes(hole(content, len(content) - 150))
    b.execute('START SLAVE SQL_THREAD')
    wait_until(lambda: b.replica_status()['Last_SQL_Errno'], 'the applier to stop')
    status = b.replica_status()
    assert status['Last_SQL_Errno'] == 1594 and f"/{path.name}' at " in status['Last_SQL_Error'], status['Last_SQL_Error']
    assert 'restart the server' in status['Last_SQL_Error']
    assert b.rows('SELECT x FROM d.log') == [(1,)]
    b.restart()
    b.execute('START SLAVE')
    wait_same_rows(edges)


def test_relay_log_recovery_begins_anew(make_server):
    edges = chain(make_server('a'), make_server('b', skip_slave_start=None, relay_log_recovery=1))
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    wait_same_rows(edges)
    b.execute('STOP SLAVE SQL_THREAD')
    a.execute('INSERT INTO d.t VALUES (1)')
    wait_until(lambda: is_fetched(edges), 'b to fetch all')
    b.restart()
    assert b.replica_status()['Retrieved_Gtid_Set'] == ''
    b.execute('START SLAVE')
    wait_same_rows(edges)
    assert_same_rows(a, b)
