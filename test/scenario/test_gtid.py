"""a alone, then a->b: who gives transactions their GTIDs, and what the variables about them do."""
import pymysql
import pytest

from harness.topology import chain, wait_same_rows
from harness.tracking import SESSION_TRACK, tracked
from harness.wait import wait_until
from harness.wire import CAPABILITIES, Wire

THEIRS = '11111111-2222-3333-4444-555555555555'


@pytest.fixture
def a(make_server):
    server = make_server('a')
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    return server


def refused(server, statement):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    return error.value.args


def executed(server):
    return server.value('SELECT @@GLOBAL.gtid_executed').replace('\n', '')


def own(server, numbers):
    return f"{server.variable('server_uuid')}:{numbers}"


def logged(server):
    """(type, info) of what is behind the log's head."""
    file, _ = server.log_end_position()
    return [(row[2], row[5]) for row in server.rows(f"SHOW BINLOG EVENTS IN '{file}'")][2:]


# ------------------------------------------------------------------------------------------------------- gtid_next

def test_a_given_gtid(a):
    a.execute(f"SET gtid_next='{THEIRS}:5'", 'INSERT INTO d.t VALUES (1)')
    assert a.value('SELECT @@SESSION.gtid_next') == f'{THEIRS}:5'
    assert refused(a, 'INSERT INTO d.t VALUES (2)') == (
        1837, 'When @@SESSION.GTID_NEXT is set to a GTID, you must explicitly set it to a different value after a COMMIT '
        f"or ROLLBACK. Please check GTID_NEXT variable manual page for detailed explanation. Current @@SESSION.GTID_NEXT "
        f"is '{THEIRS}:5'.")
    a.execute("SET gtid_next='AUTOMATIC'", 'INSERT INTO d.t VALUES (2)')
    assert executed(a) == ','.join(sorted([f'{THEIRS}:5', own(a, '1-3')]))
    assert a.rows('SELECT id FROM d.t') == [(1,), (2,)]


def test_an_empty_transaction_skips_a_gtid(a):
    for ending in (['BEGIN', 'COMMIT'], ['COMMIT']):
        number = len(ending)
        a.execute(f"SET gtid_next='{THEIRS}:{number}'", *ending, 'SET gtid_next=AUTOMATIC')
        assert a.value(f"SELECT GTID_SUBSET('{THEIRS}:{number}', @@GLOBAL.gtid_executed)") == 1
    assert logged(a)[-3:] == [('Gtid', f"SET @@SESSION.GTID_NEXT= '{THEIRS}:1'"), ('Query', 'BEGIN'), ('Query', 'COMMIT')]
    a.execute(f"SET gtid_next='{THEIRS}:9'", 'BEGIN', 'INSERT INTO d.t VALUES (1)', 'ROLLBACK', 'SET gtid_next=AUTOMATIC')
    assert a.value(f"SELECT GTID_SUBSET('{THEIRS}:9', @@GLOBAL.gtid_executed)") == 0


def test_reading_does_not_use_it_up(a):
    a.execute(f"SET gtid_next='{THEIRS}:1'", 'SELECT * FROM d.t', "SHOW VARIABLES LIKE 'gtid%'", 'SET @a=1', 'USE d',
              'INSERT INTO t VALUES (1)', 'SET gtid_next=AUTOMATIC')
    assert [kind for kind, _ in logged(a)[-4:]] == ['Query', 'Table_map', 'Write_rows', 'Xid']
    assert logged(a)[-5] == ('Gtid', f"SET @@SESSION.GTID_NEXT= '{THEIRS}:1'")


def test_an_executed_gtid_is_passed_over(a):
    a.execute(f"SET gtid_next='{THEIRS}:1'", 'INSERT INTO d.t VALUES (1)', f"SET gtid_next='{THEIRS}:1'")
    end = a.log_end_position()
    a.execute('INSERT INTO d.t VALUES (2)', 'BEGIN', 'DELETE FROM d.t', 'COMMIT', 'DROP TABLE d.t')
    assert a.rows('SELECT * FROM d.t') == [(1,)] and a.log_end_position() == end
    a.execute('SET gtid_next=AUTOMATIC', 'DELETE FROM d.t')


def test_a_definition_has_its_gtid(a):
    a.execute(f"SET gtid_next='{THEIRS}:1'", 'CREATE TABLE d.u (id INT)', 'SET gtid_next=AUTOMATIC')
    assert [kind for kind, _ in logged(a)[-2:]] == ['Gtid', 'Query'] and THEIRS in logged(a)[-2][1]
    a.execute(f"SET gtid_next='{THEIRS}:2'", 'BEGIN', 'INSERT INTO d.t VALUES (1)')
    assert refused(a, 'CREATE TABLE d.v (id INT)') == (
        1778, "Cannot execute statements with implicit commit inside a transaction when @@SESSION.GTID_NEXT == 'UUID:NUMBER'.")
    assert refused(a, 'BEGIN')[0] == 1778
    a.execute('COMMIT', 'SET gtid_next=AUTOMATIC')
    assert a.rows('SELECT id FROM d.t') == [(1,)]


def test_owning(a):
    a.execute(f"SET gtid_next='{THEIRS}:1'")
    owned, _, thread = a.value('SELECT @@GLOBAL.gtid_owned').rpartition('#')
    assert owned == f'{THEIRS}:1' and int(thread) == a.value('SELECT CONNECTION_ID()')
    assert refused(a, 'SET gtid_next=AUTOMATIC') == (
        1790, '@@SESSION.GTID_NEXT cannot be changed by a client that owns a GTID. The client owns '
        f'{THEIRS}:1. Ownership is released on COMMIT or ROLLBACK.')
    other = a.connect()
    with other.cursor() as cursor:
        cursor.execute(f"SET gtid_next='{THEIRS}:2'")
        cursor.execute('ROLLBACK')
    other.close()
    a.execute('BEGIN')
    assert refused(a, f"SET gtid_next='{THEIRS}:1'")[0] == 1766
    a.execute('ROLLBACK', 'SET gtid_next=AUTOMATIC')
    assert a.value('SELECT @@GLOBAL.gtid_owned') == ''


def test_a_connection_that_goes_gives_it_back(a):
    other = a.connect()
    with other.cursor() as cursor:
        cursor.execute(f"SET gtid_next='{THEIRS}:1'")
        cursor.execute('BEGIN')
        cursor.execute('INSERT INTO d.t VALUES (1)')
    other.close()
    a.execute(f"SET gtid_next='{THEIRS}:1'", 'INSERT INTO d.t VALUES (2)', 'SET gtid_next=AUTOMATIC')
    assert a.rows('SELECT id FROM d.t') == [(2,)]


def test_numbers_that_somebody_owns_are_not_given_away(a):
    other = a.connect()
    with other.cursor() as cursor:
        cursor.execute(f"SET gtid_next='{own(a, 4)}'")
        cursor.execute('BEGIN')
        cursor.execute('INSERT INTO d.t VALUES (100)')
        a.execute(*[f'INSERT INTO d.t VALUES ({number})' for number in range(4)])
        assert executed(a) == own(a, '1-3:5-7')
        cursor.execute('COMMIT')
    other.close()
    a.execute('INSERT INTO d.t VALUES (101)')
    assert executed(a) == own(a, '1-8') and len(a.rows('SELECT * FROM d.t')) == 6


def test_what_gtid_next_is_not(a):
    assert refused(a, "SET gtid_next='nonsense'") == (1231, "Variable 'gtid_next' can't be set to the value of 'nonsense'")
    assert refused(a, f"SET gtid_next='{THEIRS}:0'")[0] == 1231
    assert refused(a, "SET gtid_next='ANONYMOUS'") == (
        1782, '@@SESSION.GTID_NEXT cannot be set to ANONYMOUS when @@GLOBAL.GTID_MODE = ON.')
    assert refused(a, "SET GLOBAL gtid_next='AUTOMATIC'")[0] == 1228
    a.execute("CREATE USER 'low'@'localhost'")
    low = a.connect(user='low')
    with low.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as error:
        cursor.execute(f"SET gtid_next='{THEIRS}:1'")
    low.close()
    assert error.value.args[0] == 1227


# ------------------------------------------------------------------------------------------- session_track_gtids

def test_what_a_client_is_told(a):
    wire = Wire(a, capabilities=CAPABILITIES | SESSION_TRACK)
    assert tracked(wire, 'INSERT INTO d.t VALUES (1)') is None
    assert tracked(wire, 'SET session_track_gtids=OWN_GTID') is None
    assert tracked(wire, 'INSERT INTO d.t VALUES (2)') == own(a, 4)
    assert tracked(wire, 'BEGIN') is None
    assert tracked(wire, 'INSERT INTO d.t VALUES (3)') is None
    assert tracked(wire, 'COMMIT') == own(a, 5)
    assert tracked(wire, 'UPDATE d.t SET id = 100 WHERE id = 55') is None
    assert tracked(wire, 'CREATE TABLE d.u (id INT)') == own(a, 6)
    assert tracked(wire, 'SET session_track_gtids=ALL_GTIDS') is None
    assert tracked(wire, 'INSERT INTO d.t VALUES (4)') == own(a, '1-7')
    wire.close()


# ------------------------------------------------------------------------------------------------------- gtid_mode

def test_down_and_up_the_modes(a):
    assert refused(a, 'SET GLOBAL gtid_mode=OFF')[0] == 1788
    assert refused(a, 'SET GLOBAL enforce_gtid_consistency=OFF') == (
        1779, 'GTID_MODE = ON requires ENFORCE_GTID_CONSISTENCY = ON.')
    before, _ = a.log_end_position()
    a.execute('SET GLOBAL gtid_mode=ON_PERMISSIVE', 'INSERT INTO d.t VALUES (1)')
    assert a.log_end_position()[0] != before
    assert logged(a)[0][0] == 'Gtid'
    a.execute("SET gtid_next='ANONYMOUS'", 'INSERT INTO d.t VALUES (2)', 'INSERT INTO d.t VALUES (3)',
              'SET gtid_next=AUTOMATIC')
    assert [kind for kind, _ in logged(a) if 'ti' in kind] == ['Gtid', 'Anonymous_Gtid', 'Anonymous_Gtid']
    a.execute('SET GLOBAL gtid_mode=OFF_PERMISSIVE', 'INSERT INTO d.t VALUES (4)')
    assert logged(a)[0] == ('Anonymous_Gtid', "SET @@SESSION.GTID_NEXT= 'ANONYMOUS'")
    a.execute(f"SET gtid_next='{THEIRS}:1'")
    assert refused(a, 'SET GLOBAL gtid_mode=OFF')[0] == 3111
    a.execute('COMMIT', 'SET gtid_next=AUTOMATIC', 'SET GLOBAL gtid_mode=OFF', 'INSERT INTO d.t VALUES (5)')
    assert refused(a, f"SET gtid_next='{THEIRS}:2'")[0] == 1781
    assert refused(a, f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{THEIRS}:2', 1)")[0] == 3062
    a.execute('SET GLOBAL enforce_gtid_consistency=WARN', 'SET GLOBAL gtid_mode=OFF_PERMISSIVE',
              'SET GLOBAL gtid_mode=ON_PERMISSIVE')
    assert refused(a, 'SET GLOBAL gtid_mode=ON') == (
        3111, 'SET @@GLOBAL.GTID_MODE = ON is not allowed because ENFORCE_GTID_CONSISTENCY is not ON.')
    a.execute('SET GLOBAL enforce_gtid_consistency=ON', 'SET GLOBAL gtid_mode=ON', 'INSERT INTO d.t VALUES (6)')
    assert a.value(f"SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '{THEIRS}:1')") == own(a, '1-4')


def test_without_gtids_a_restart_finds_all(make_server):
    a = make_server('a', gtid_mode='OFF', enforce_gtid_consistency='OFF')
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'INSERT INTO d.t VALUES (1)')
    assert executed(a) == '' and logged(a)[0][0] == 'Anonymous_Gtid'
    a.kill()
    a.start()
    a.execute('INSERT INTO d.t VALUES (2)')
    assert a.rows('SELECT id FROM d.t') == [(1,), (2,)] and executed(a) == ''


# ----------------------------------------------------------------------------------------------------- gtid_purged

def test_purged_as_a_dump_sets_it(a):
    a.execute(f"SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '{THEIRS}:1-100,\n{THEIRS}:200'")
    assert a.value('SELECT @@GLOBAL.gtid_purged') == f'{THEIRS}:1-100:200'
    for restart in (lambda: None, a.restart, lambda: (a.kill(), a.start())):
        restart()
        assert a.value('SELECT @@GLOBAL.gtid_purged') == f'{THEIRS}:1-100:200'
        assert a.value(f"SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged)") == own(a, '1-2')
    text = '@@GLOBAL.GTID_PURGED cannot be changed: '
    assert refused(a, f"SET GLOBAL gtid_purged='+{THEIRS}:100-101'") == (
        3546, text + 'the added gtid set must not overlap with @@GLOBAL.GTID_EXECUTED')
    assert refused(a, f"SET GLOBAL gtid_purged='{THEIRS}:1-99'") == (
        3546, text + 'the new value must be a superset of the old value')
    assert refused(a, "SET GLOBAL gtid_purged='x'")[0] == 1772
    a.execute(f"SET GLOBAL gtid_purged='{THEIRS}:1-101:200'")
    assert a.value('SELECT @@GLOBAL.gtid_purged') == f'{THEIRS}:1-101:200'
    assert sorted(a.rows('SELECT * FROM mysql.gtid_executed')) == sorted(
        [(THEIRS, 1, 101), (THEIRS, 200, 200), (a.variable('server_uuid'), 1, 2)])
    a.execute(f"SET gtid_next='{THEIRS}:300'")
    assert refused(a, f"SET GLOBAL gtid_purged='+{THEIRS}:300'") == (
        3546, text + 'the added gtid set must not overlap with @@GLOBAL.GTID_OWNED')
    a.execute('ROLLBACK', 'SET gtid_next=AUTOMATIC', 'RESET MASTER')
    assert (executed(a), a.value('SELECT @@GLOBAL.gtid_purged')) == ('', '')


def test_a_set_of_many(a):
    a.execute(f"SET GLOBAL gtid_purged='+{THEIRS}:1-9000000000000000000'")
    a.restart()
    assert a.value('SELECT @@GLOBAL.gtid_purged') == f'{THEIRS}:1-9000000000000000000'


def test_purged_files(a):
    a.execute('INSERT INTO d.t VALUES (1)', 'FLUSH LOGS', 'INSERT INTO d.t VALUES (2)')
    file, _ = a.log_end_position()
    a.execute(f"PURGE BINARY LOGS TO '{file}'")
    assert a.value('SELECT @@GLOBAL.gtid_purged') == own(a, '1-3') and executed(a) == own(a, '1-4')


# -------------------------------------------------------------------------------------------------------- a->b

def test_modes_of_a_pair_step_by_step(make_server):
    """As the manual says to turn GTIDs off and on while all goes on."""
    a, b = make_server('a'), make_server('b')
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    number = 0
    for mode in ('ON_PERMISSIVE', 'OFF_PERMISSIVE', 'OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON'):
        for server in (b, a):
            server.execute(f'SET GLOBAL gtid_mode={mode}')
            number += 1
            a.execute(f'INSERT INTO d.t VALUES ({number})')
            wait_same_rows(edges)
    kinds = lambda server: [info for kind, info in logged(server) if 'ti' in kind]
    assert kinds(a)[-1].startswith(f"SET @@SESSION.GTID_NEXT= '{a.variable('server_uuid')}")
    wait_until(lambda: kinds(a)[-1] == kinds(b)[-1], 'the same GTID on both')
