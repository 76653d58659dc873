"""Semi-synchronous replication: who waits for whom, what is visible meanwhile, and what is left when a source dies."""
import threading

import pymysql
import pytest

from harness.load import Load
from harness.topology import add_replication_user, chain, follow, wait_caught_up, wait_running, wait_same_rows
from harness.wait import wait_until

SEMI_SYNC = {'rpl_semi_sync_source_enabled': 1, 'rpl_semi_sync_replica_enabled': 1}


@pytest.fixture
def start(make_server):
    return lambda name, **options: make_server(name, **{**SEMI_SYNC, 'rpl_semi_sync_source_timeout': 60000, **options})


def counter(server, name):
    return server.rows(f"SHOW STATUS LIKE 'Rpl_semi_sync_source_{name}'")[0][1]


def wait_counter(server, name, value):
    wait_until(lambda: counter(server, name) == str(value), f'{server.name}: {name} to be {value}', 60,
               lambda: counter(server, name))


class Commit(threading.Thread):
    """One statement in a connection of its own; `error` is what became of it."""

    def __init__(self, server, statement):
        super().__init__(daemon=True)
        self.connection = server.connect()
        self.id = self.connection.thread_id()
        self.statement, self.error = statement, None
        self.start()

    def run(self):
        try:
            self.connection.cursor().execute(self.statement)
        except pymysql.err.MySQLError as error:
            self.error = error

    def finish(self):
        self.join(60)
        assert not self.is_alive(), f'{self.statement} has no answer'
        if self.error:
            raise self.error


def cut(replica):
    """The replica stays away until it is started again."""
    replica.execute('STOP SLAVE IO_THREAD')


def heal(replica):
    replica.execute('START SLAVE IO_THREAD')
    wait_running(replica)


def has_applied_all_it_has(replica):
    """Its source is gone, and its relay log is applied."""
    status = replica.replica_status()
    return (status['Slave_IO_Running'] == 'Connecting' and
            (status['Master_Log_File'], status['Read_Master_Log_Pos']) ==
            (status['Relay_Master_Log_File'], status['Exec_Master_Log_Pos']))


@pytest.fixture
def source_and_replica(start):
    """a->b"""
    a, b = start('a'), start('b', rpl_semi_sync_source_enabled=0)
    edges = chain(a, b)
    wait_counter(a, 'clients', 1)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    return a, b, edges


def test_commits_are_acknowledged(source_and_replica):
    a, b, edges = source_and_replica
    before = int(counter(a, 'yes_tx'))
    a.execute(*(f'INSERT INTO d.t VALUES ({n})' for n in range(20)))
    assert int(counter(a, 'yes_tx')) == before + 20
    assert counter(a, 'no_tx') == '0' and counter(a, 'status') == 'ON' and int(counter(a, 'net_waits')) >= 20
    assert a.rows("SHOW STATUS LIKE 'Rpl_semi_sync_master_yes_tx'")[0][1] == str(before + 20)
    sent = int(b.rows("SHOW STATUS LIKE 'Rpl_semi_sync_slave_send_ack'")[0][1])
    assert sent >= before + 20 and int(counter(a, 'get_ack')) >= before + 20
    assert b.rows("SHOW STATUS LIKE 'Rpl_semi_sync_%_status'")[1:3] == [('Rpl_semi_sync_replica_status', 'ON'),
                                                                        ('Rpl_semi_sync_slave_status', 'ON')]
    wait_same_rows(edges)


def test_nothing_is_visible_that_no_replica_has(source_and_replica):
    a, b, edges = source_and_replica
    cut(b)
    commit = Commit(a, 'INSERT INTO d.t VALUES (1)')
    wait_counter(a, 'wait_sessions', 1)
    assert a.rows('SELECT * FROM d.t') == []
    heal(b)
    commit.finish()
    assert a.rows('SELECT * FROM d.t') == [(1,)]
    assert counter(a, 'no_tx') == '0'
    wait_same_rows(edges)


def test_after_commit_is_visible_before_it_is_answered(source_and_replica):
    a, b, edges = source_and_replica
    a.execute('SET GLOBAL rpl_semi_sync_master_wait_point=AFTER_COMMIT')
    cut(b)
    commit = Commit(a, 'INSERT INTO d.t VALUES (1)')
    wait_counter(a, 'wait_sessions', 1)
    wait_until(lambda: a.rows('SELECT * FROM d.t') == [(1,)], 'the row to be visible')
    assert commit.is_alive()
    heal(b)
    commit.finish()
    wait_same_rows(edges)


def test_timeout_falls_back_and_comes_back(source_and_replica):
    a, b, edges = source_and_replica
    cut(b)
    a.execute('SET GLOBAL rpl_semi_sync_source_timeout=50', 'INSERT INTO d.t VALUES (1)')
    assert (counter(a, 'status'), counter(a, 'no_times'), counter(a, 'no_tx')) == ('OFF', '1', '1')
    a.execute('INSERT INTO d.t VALUES (2)')
    assert (counter(a, 'no_times'), counter(a, 'no_tx')) == ('1', '2')
    assert 'Timeout waiting for reply of binlog' in a.log()
    a.execute('SET GLOBAL rpl_semi_sync_source_timeout=60000')
    heal(b)
    wait_counter(a, 'status', 'ON')
    before = int(counter(a, 'yes_tx'))
    a.execute('INSERT INTO d.t VALUES (3)')
    assert int(counter(a, 'yes_tx')) == before + 1
    wait_same_rows(edges)


def test_too_few_replicas_need_no_timeout(source_and_replica):
    a, b, edges = source_and_replica
    a.execute('SET GLOBAL rpl_semi_sync_source_wait_no_replica=OFF')
    cut(b)
    wait_counter(a, 'clients', 0)
    a.execute('INSERT INTO d.t VALUES (1)')
    assert counter(a, 'status') == 'OFF'
    heal(b)
    wait_counter(a, 'status', 'ON')
    wait_same_rows(edges)


def test_never_waits_until_somebody_comes(source_and_replica):
    a, b, edges = source_and_replica
    a.execute('SET GLOBAL rpl_semi_sync_source_timeout=20', 'SET GLOBAL gemel_semi_sync_fallback=never')
    cut(b)
    commit = Commit(a, 'INSERT INTO d.t VALUES (1)')
    wait_until(lambda: 'they go on waiting' in a.log(), 'the warning')
    assert commit.is_alive() and counter(a, 'status') == 'ON' and a.rows('SELECT * FROM d.t') == []
    heal(b)
    commit.finish()
    assert counter(a, 'no_tx') == '0'
    wait_same_rows(edges)


def test_killed_client_is_let_go_and_its_commit_is_not(source_and_replica):
    a, b, edges = source_and_replica
    a.execute('SET GLOBAL gemel_semi_sync_fallback=never')
    cut(b)
    commit = Commit(a, 'INSERT INTO d.t VALUES (1)')
    wait_counter(a, 'wait_sessions', 1)
    a.execute(f'KILL {commit.id}')
    with pytest.raises(pymysql.err.OperationalError):
        commit.finish()
    assert a.rows('SELECT * FROM d.t') == []
    heal(b)
    wait_until(lambda: a.rows('SELECT * FROM d.t') == [(1,)], 'the row to be visible')
    wait_same_rows(edges)


def test_operator_lets_go_of_waiting_commits(source_and_replica):
    a, b, edges = source_and_replica
    a.execute('SET GLOBAL gemel_semi_sync_fallback=never')
    cut(b)
    commit = Commit(a, 'INSERT INTO d.t VALUES (1)')
    wait_counter(a, 'wait_sessions', 1)
    a.execute('SET GLOBAL rpl_semi_sync_source_enabled=OFF')
    commit.finish()
    a.execute('SET GLOBAL rpl_semi_sync_source_enabled=ON')
    heal(b)
    wait_same_rows(edges)


def test_shutdown_does_not_wait_and_does_not_promise(source_and_replica):
    a, b, edges = source_and_replica
    a.execute('SET GLOBAL gemel_semi_sync_fallback=never')
    cut(b)
    commit = Commit(a, 'INSERT INTO d.t VALUES (1)')
    wait_counter(a, 'wait_sessions', 1)
    a.stop()
    with pytest.raises(pymysql.err.OperationalError):
        commit.finish()
    a.start()
    assert a.rows('SELECT * FROM d.t') == [(1,)]  # it was in the log all the time
    heal(b)
    wait_same_rows(edges)


@pytest.mark.parametrize('workers', [0, 4])
def test_shutdown_of_one_in_the_middle(make_server, workers):
    """a->b, and b waits for a replica that is not there: what is in its log is applied, whoever vouches for it."""
    a, b = make_server('a', gtid_mode='OFF', enforce_gtid_consistency='OFF'), make_server(
        'b', gtid_mode='OFF', enforce_gtid_consistency='OFF', slave_parallel_workers=workers)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO d.t VALUES (1, 1), (2, 2)')
    wait_same_rows(edges)
    b.execute('SET GLOBAL gemel_semi_sync_fallback=never', 'SET GLOBAL rpl_semi_sync_source_enabled=ON',
              'STOP SLAVE SQL_THREAD')
    a.execute('UPDATE d.t SET v=v+10', 'DELETE FROM d.t WHERE id=2', 'INSERT INTO d.t VALUES (3, 3)')
    b.execute('START SLAVE SQL_THREAD')
    wait_until(lambda: counter(b, 'wait_sessions') != '0', 'a commit to wait')
    b.stop()
    assert '[ERROR] [applier]' not in b.log()
    b.start()
    wait_running(b)
    wait_same_rows(edges)


def test_two_replicas_have_to_acknowledge(start):
    """a->b, a->c"""
    a, b, c = (start(name, rpl_semi_sync_source_enabled=int(name == 'a')) for name in 'abc')
    add_replication_user(a)
    for replica in (b, c):
        follow(replica, a)
    a.execute('SET GLOBAL rpl_semi_sync_source_wait_for_replica_count=2')
    wait_counter(a, 'clients', 2)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    cut(c)
    commit = Commit(a, 'INSERT INTO d.t VALUES (1)')
    wait_counter(a, 'wait_sessions', 1)
    wait_until(lambda: b.rows('SELECT * FROM d.t') == [(1,)], 'b to have the row')
    assert commit.is_alive() and a.rows('SELECT * FROM d.t') == []
    heal(c)
    commit.finish()
    wait_same_rows([(a, b), (a, c)])


def test_rotations_are_acknowledged_as_well(source_and_replica):
    a, b, edges = source_and_replica
    for n in range(5):
        a.execute(f'INSERT INTO d.t VALUES ({n})', 'FLUSH LOGS')
    a.execute('INSERT INTO d.t VALUES (5)')
    assert counter(a, 'no_tx') == '0'
    wait_same_rows(edges)


def test_reset_master_forgets_what_was_acknowledged(source_and_replica):
    a, b, edges = source_and_replica
    a.execute(*(f'INSERT INTO d.t VALUES ({n})' for n in range(20)))
    wait_caught_up(edges)
    b.execute('STOP SLAVE', 'RESET SLAVE', 'RESET MASTER')  # whose GTIDs come again
    a.execute('RESET MASTER')
    commit = Commit(a, 'INSERT INTO d.t VALUES (100)')
    wait_counter(a, 'wait_sessions', 1)
    assert a.rows('SELECT * FROM d.t WHERE id=100') == []
    follow(b, a, (a.source_status()['File'], 4))
    commit.finish()
    wait_same_rows(edges)


def test_acknowledged_rows_survive_their_source(source_and_replica):
    """Writers count what they were told of; the source is killed; the replica has it all."""
    a, b, edges = source_and_replica
    a.execute('SET GLOBAL gemel_semi_sync_fallback=never')
    told, stop = [[] for _ in range(8)], threading.Event()

    def write(writer):
        connection = a.connect()
        try:
            while not stop.is_set():
                number = writer * 1000000 + len(told[writer])
                connection.cursor().execute(f'INSERT INTO d.t VALUES ({number})')
                told[writer].append(number)
        except pymysql.err.MySQLError:
            pass

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(len(told))]
    for thread in threads:
        thread.start()
    wait_until(lambda: sum(map(len, told)) > 1000, 'a thousand rows')
    a.kill()
    stop.set()
    for thread in threads:
        thread.join()
    expected = {number for numbers in told for number in numbers}
    wait_until(lambda: has_applied_all_it_has(b), 'b to have applied what it has', show=lambda: b.replica_status())
    there = {number for number, in b.rows('SELECT id FROM d.t')}
    assert expected <= there, f'{len(expected - there)} of {len(expected)} acknowledged rows are lost'
    a.start()  # as if it had been repaired after all
    wait_running(b)
    wait_same_rows(edges)


@pytest.mark.parametrize('link', ['compressed', 'encrypted', 'both'])
def test_over_other_links(start, link):
    """a->b with many commits at once, so that questions and answers cross on the way."""
    compresses, encrypts = link != 'encrypted', link != 'compressed'
    a = start('a', gemel_semi_sync_fallback='never')
    b = start('b', rpl_semi_sync_source_enabled=0, slave_compressed_protocol=int(compresses))
    a.execute('SET GLOBAL rpl_semi_sync_source_enabled=0')
    add_replication_user(a)
    follow(b, a, **({'MASTER_SSL': 1} if encrypts else {}))
    wait_counter(a, 'clients', 1)
    a.execute('SET GLOBAL rpl_semi_sync_source_enabled=1')
    load = Load([a], connections=8, seconds=1)
    load.prepare(a)
    load.start().finish()
    assert counter(a, 'no_tx') == '0' and load.transactions() > 50
    wait_same_rows([(a, b)])


def test_what_administrators_install_is_built_in(server):
    for name in ('source', 'master', 'replica', 'slave'):
        server.execute(f"INSTALL PLUGIN rpl_semi_sync_{name} SONAME 'semisync_{name}.so'")
    assert [row[:4] for row in server.rows("SHOW PLUGINS") if row[2] == 'REPLICATION'] == [
        ('rpl_semi_sync_replica', 'ACTIVE', 'REPLICATION', 'semisync_replica.so'),
        ('rpl_semi_sync_source', 'ACTIVE', 'REPLICATION', 'semisync_source.so')]
    assert server.value("SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_NAME LIKE '%semi%' AND "
                        "PLUGIN_STATUS='ACTIVE'") == 2
    server.execute('SET GLOBAL rpl_semi_sync_master_enabled=1', 'UNINSTALL PLUGIN rpl_semi_sync_master')
    assert server.variable('rpl_semi_sync_source_enabled') == 'OFF'
    for statement, number in (("INSTALL PLUGIN x SONAME 'x.so'", 1126), ('UNINSTALL PLUGIN x', 1305),
                              ("INSTALL PLUGIN x SONAME 'semisync_source.so'", 1127), ('UNINSTALL PLUGIN innodb', 1619)):
        with pytest.raises(pymysql.err.MySQLError) as error:
            server.execute(statement)
        assert error.value.args[0] == number


@pytest.mark.parametrize('sync_relay_log', [1, 10000])
def test_acknowledged_rows_survive_both_processes(start, sync_relay_log):
    """b has fetched and not applied; a dies for good, b is killed and comes back alone."""
    a = start('a', gemel_semi_sync_fallback='never')
    b = start('b', rpl_semi_sync_source_enabled=0, sync_relay_log=sync_relay_log)
    a.execute('SET GLOBAL rpl_semi_sync_source_enabled=0', 'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    add_replication_user(a)
    follow(b, a, (a.source_status()['File'], 4))
    wait_counter(a, 'clients', 1)
    a.execute('SET GLOBAL rpl_semi_sync_source_enabled=1')
    wait_caught_up([(a, b)])
    b.execute('STOP SLAVE SQL_THREAD')
    a.execute(*(f'INSERT INTO d.t VALUES ({n})' for n in range(100)))
    a.kill()
    b.kill()
    b.start()
    wait_until(lambda: len(b.rows('SELECT id FROM d.t')) == 100, 'b to apply what it acknowledged')
    a.start()
    wait_running(b)
    wait_same_rows([(a, b)])
