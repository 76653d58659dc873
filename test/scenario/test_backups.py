"""Backups with the stock programs, taken while writers are at work, and the replicas that are made of them."""
import re
import shutil
import subprocess

import pytest

from harness.load import Load
from harness.rows import assert_same_rows
from harness.topology import (PASSWORD, USER, add_replication_user, chain, explain, follow, wait_caught_up, wait_running,
                              wait_same_rows)
from harness.wait import wait_until

SECONDS = 2


@pytest.fixture
def writers():
    """Starts a load on a server; the test's end waits for it and checks the given replicas."""
    loads = []

    def start(server, seconds=SECONDS, **more):
        load = Load([server], connections=4, seconds=seconds, **more)
        load.prepare(server)
        load.start()
        load.wait_for_writes(server, 50)
        loads.append(load)
        return load
    yield start
    for load in loads:
        load.finish()


def finish(load, edges):
    load.finish()
    for _, replica in edges:
        wait_running(replica)
    wait_same_rows(edges)
    for _, replica in edges:
        load.check(replica)


def place_of(dump, comment=''):
    """The one CHANGE MASTER of a dump."""
    pattern = rf"^{comment}CHANGE MASTER TO .*MASTER_LOG_FILE='([^']*)', MASTER_LOG_POS=(\d+);$"
    file, position = re.search(pattern, dump, re.MULTILINE).groups()
    return file, int(position)


# ---------------------------------------------------------------------------------------------------- mariadb-dump


@pytest.mark.parametrize('how', ['--single-transaction', '--lock-all-tables'])
def test_a_dump_under_load_is_at_its_position(two_servers, writers, how):
    a, b = two_servers
    add_replication_user(a)
    load = writers(a)
    dump = a.client('mariadb-dump', how, '--master-data=2', '--databases', 'load_test')
    b.client('mariadb', text=dump)
    follow(b, a, place_of(dump, '-- '))
    finish(load, [(a, b)])


def test_a_dump_that_sets_the_position(two_servers, writers):
    """--master-data=1: the source is named before, its place by the import."""
    a, b = two_servers
    add_replication_user(a)
    load = writers(a)
    dump = a.client('mariadb-dump', '--single-transaction', '--master-data=1', '--all-databases', '--flush-logs')
    follow(b, a, ('wrong', 4), start=False)
    b.client('mariadb', text=dump)
    assert (b.replica_status()['Master_Log_File'], b.replica_status()['Read_Master_Log_Pos']) == place_of(dump)
    b.execute('START SLAVE')
    wait_running(b)
    finish(load, [(a, b)])


@pytest.mark.parametrize('number', [1, 2])
def test_a_dump_of_a_replica(make_server, writers, number):
    """--dump-slave: the place in the source's log; the replica's applier rests meanwhile, and goes on."""
    a, b, c = (make_server(name) for name in 'abc')
    edges = chain(a, b)
    load = writers(a)
    dump = b.client('mariadb-dump', '--single-transaction', f'--dump-slave={number}', '--include-master-host-port',
                    '--databases', 'load_test')
    assert f"MASTER_HOST='127.0.0.1', MASTER_PORT={a.port}" in dump
    wait_running(b)
    place = place_of(dump, '-- ' if number == 2 else '')
    if number == 1:
        c.execute(f"CHANGE MASTER TO MASTER_USER='{USER}', MASTER_PASSWORD='{PASSWORD}', MASTER_CONNECT_RETRY=1")
        c.client('mariadb', text=dump)
        assert c.replica_status()['Master_Port'] == a.port
        c.execute('START SLAVE')
        wait_running(c)
    else:
        c.client('mariadb', text=dump)
        follow(c, a, place)
    finish(load, [*edges, (a, c)])


def test_accounts_in_a_dump(two_servers):
    """They are not rows of tables here: --system=users has them as statements."""
    a, b = two_servers
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)', "INSERT INTO d.t VALUES (1, 'x')",
              "CREATE USER ann@'%' IDENTIFIED BY 'ann''s' REQUIRE SSL", "GRANT SELECT, INSERT ON d.* TO ann@'%'",
              "CREATE USER ben@localhost IDENTIFIED BY 'ben''s'", 'GRANT SELECT ON d.t TO ben@localhost WITH GRANT OPTION')
    dump = a.client('mariadb-dump', '--all-databases', '--system=users', '--insert-ignore')
    b.client('mariadb', '--force', text=dump)   # over the role that it makes and drops again
    for account in ("ann@'%'", 'ben@localhost', 'root@localhost'):
        for statement in ('SHOW CREATE USER', 'SHOW GRANTS FOR'):
            assert b.rows(f'{statement} {account}') == a.rows(f'{statement} {account}')
    assert b.client('mariadb', '-uben', "-pben's", '-N', '-e', 'SELECT v FROM d.t') == 'x\n'
    assert_same_rows(a, b)


# ------------------------------------------------------------------------------------------- copies of the files


def copy_of(server, make_server, name, keeps_uuid=False):
    copy = make_server(name, start=False)
    archive = server.folder / 'copy.tar'
    subprocess.run(['tar', 'cf', archive, '-C', server.datadir, '.'], check=True)
    copy.datadir.mkdir()
    subprocess.run(['tar', 'xf', archive, '-C', copy.datadir], check=True)
    if not keeps_uuid:
        (copy.datadir / 'auto.cnf').unlink()
    return copy


def test_the_files_of_a_stopped_source(make_server, writers):
    """The copy knows where it stands in the source's log: it is the log's end."""
    a = make_server('a')
    add_replication_user(a)
    load = writers(a, 1)
    load.finish()
    a.stop()
    b = copy_of(a, make_server, 'b')
    a.start()
    a.execute("INSERT INTO load_test.loose VALUES (99, 1, 2.5)")
    b.start()
    assert b.variable('server_uuid') != a.variable('server_uuid')
    load.check(b)
    b.execute(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={a.port}, MASTER_USER='{USER}', "
              f"MASTER_PASSWORD='{PASSWORD}', MASTER_AUTO_POSITION=1", 'START SLAVE')
    wait_running(b)
    wait_until(lambda: b.rows('SELECT writer FROM load_test.loose WHERE writer=99'), 'the row', show=lambda: explain(b))
    assert_same_rows(a, b)


def test_the_files_of_a_stopped_replica(make_server, writers):
    """The copy goes on by itself where the replica stood: its channel is in its store."""
    a, b = make_server('a'), make_server('b')
    edges = chain(a, b)
    load = writers(a)
    b.stop()
    c = copy_of(b, make_server, 'c').start()
    b.start()
    for replica in (b, c):
        wait_running(replica)
    wait_until(lambda: sorted(row[0] for row in a.rows('SHOW SLAVE HOSTS')) == [2, 3], 'both to be registered')
    finish(load, [*edges, (a, c)])


def test_a_copy_with_the_source_s_uuid_is_refused(make_server):
    a = make_server('a')
    add_replication_user(a)
    a.stop()
    b = copy_of(a, make_server, 'b', keeps_uuid=True).start()
    a.start()
    follow(b, a, start=False)
    b.execute('START SLAVE')
    status = wait_until(lambda: int(b.replica_status()['Last_IO_Errno']) and b.replica_status(), 'an error')
    assert status['Last_IO_Errno'] == 1593 and status['Slave_IO_Running'] == 'No'
    assert status['Last_IO_Error'] == (
        'Fatal error: The slave I/O thread stops because master and slave have equal MySQL server UUIDs; these UUIDs '
        'must be different for replication to work.')
    b.stop()
    (b.datadir / 'auto.cnf').unlink()
    b.start()
    wait_running(b)
    wait_same_rows([(a, b)])


def test_copies_with_one_uuid_take_the_log_from_each_other(make_server):
    """As MySQL: the source lets the newer one in and tells the older one why."""
    a, b = make_server('a'), make_server('b')
    chain(a, b)
    b.stop()
    c = copy_of(b, make_server, 'c', keeps_uuid=True).start()
    wait_running(c)
    b.start()
    status = wait_until(lambda: int(c.replica_status()['Last_IO_Errno']) and c.replica_status(), 'an error',
                        show=lambda: explain(c))
    assert status['Last_IO_Errno'] == 1236 and 'with the same server_uuid' in status['Last_IO_Error']
    c.stop()
    (c.datadir / 'auto.cnf').unlink()
    c.start()
    edges = [(a, b), (a, c)]
    for _, replica in edges:
        wait_running(replica)
    a.execute('CREATE DATABASE d')
    wait_same_rows(edges)


# ------------------------------------------------------------------------------------------------------- mydumper


needs_mydumper = pytest.mark.skipif(not shutil.which('mydumper'), reason='mydumper is not installed')


@needs_mydumper
def test_mydumper_under_load(two_servers, writers, scratch):
    """Its tables are as they were later than its rows and its place: nobody may change a definition meanwhile."""
    a, b = two_servers
    add_replication_user(a)
    load = writers(a, definitions=0)
    folder = scratch / 'mydumper'
    for server, program, arguments in ((a, 'mydumper', ['--outputdir', folder, '--database', 'load_test',
                                                        '--trx-consistency-only']),
                                       (b, 'myloader', ['--directory', folder, '--overwrite-tables'])):
        run = subprocess.run([program, '--user', 'root', '--socket', server.socket, *map(str, arguments)],
                             capture_output=True, text=True, timeout=120)
        assert run.returncode == 0 and 'CRITICAL' not in run.stderr and 'ERROR' not in run.stderr, run.stderr
    place = re.search(r'Log: (\S+)\s+Pos: (\d+)', (folder / 'metadata').read_text()).groups()
    follow(b, a, place)
    finish(load, [(a, b)])
