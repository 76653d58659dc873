"""Errors of disks and of the system: what is in doubt is not built upon, and the servers come together again."""
import itertools
import pathlib
import resource
import time

import pymysql
import pytest

from harness.disk import BlockDisk
from harness.forgetful import library_environment
from harness.log import log_paths, run_mariadb_binlog
from harness.topology import chain, status_of, wait_same_rows
from harness.wait import wait_until


@pytest.fixture
def edges(make_server):
    edges = chain(make_server('a'), make_server('b', sync_relay_log=1))
    (a, _), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)', 'INSERT INTO d.t VALUES (1, "whole")')
    wait_same_rows(edges)
    return edges


def fault(server, text):
    server.execute(f"SET GLOBAL gemel_faults='{text}'")


def fails(server, statement):
    with pytest.raises(pymysql.err.MySQLError) as caught:
        server.execute(statement)
    return caught.value.args[0]


@pytest.mark.parametrize('point', ['binlog.write=error:EIO@1', 'binlog.write=short:ENOSPC@1', 'binlog.write=short:EIO@1'])
def test_a_write_to_the_log_is_taken_back(edges, point):
    (a, b), = edges
    fault(a, point)
    assert fails(a, 'INSERT INTO d.t VALUES (2, "half")') == 1026
    a.execute('INSERT INTO d.t VALUES (3, "whole")')
    assert a.rows('SELECT id FROM d.t') == [(1,), (3,)]
    wait_same_rows(edges)
    a.kill()
    a.start()
    assert a.rows('SELECT id FROM d.t') == [(1,), (3,)]
    for path in log_paths(a):
        run_mariadb_binlog(path)
    wait_same_rows(edges)


@pytest.mark.parametrize('point', ['binlog.sync=error@1', 'binlog.write=short@1,binlog.truncate=error@1'])
def test_a_log_in_doubt_stops_the_server(edges, point):
    """The client is not answered; the next start decides by what the log holds, and the replica follows it."""
    (a, b), = edges
    fault(a, point)
    assert fails(a, 'INSERT INTO d.t VALUES (2, "doubt")') == 2013
    assert a.wait_end() != 0
    a.start()
    a.execute('INSERT INTO d.t VALUES (3, "whole")')
    wait_same_rows(edges)


@pytest.mark.parametrize('point', ['binlog.sync=error@1', 'binlog.write=short@1,binlog.truncate=error@1'])
def test_a_log_in_doubt_leaves_a_server_that_reads(edges, point):
    (a, b), = edges
    a.execute('SET GLOBAL binlog_error_action=IGNORE_ERROR')
    fault(a, point)
    assert fails(a, 'INSERT INTO d.t VALUES (2, "doubt")') == 1598
    fault(a, '')
    assert fails(a, 'INSERT INTO d.t VALUES (3, "no")') == 1290
    assert fails(a, 'FLUSH BINARY LOGS') == 1290
    assert a.rows('SELECT id FROM d.t') == [(1,)]
    wait_until(lambda: a.variable('read_only') == 'ON', 'read_only')
    a.restart()
    a.execute('INSERT INTO d.t VALUES (3, "yes")')
    wait_same_rows(edges)


@pytest.mark.parametrize('point', ['relay.write=error:EIO@1', 'relay.write=short:EIO@1', 'relay.sync=error@1',
                                   'relay.write=short@1,relay.truncate=error@1'])
def test_a_receiver_that_could_not_write_leaves_nothing_out(edges, point):
    (a, b), = edges
    fault(b, point)
    for i in range(2, 12):
        a.execute(f'INSERT INTO d.t VALUES ({i}, "on its way")')
    wait_until(lambda: int(status_of(b)['Last_IO_Errno']) == 1595, 'the receiver to stop')
    fault(b, '')
    b.execute('START SLAVE IO_THREAD')
    a.execute('INSERT INTO d.t VALUES (100, "behind")')
    wait_same_rows(edges)


def test_a_flush_of_the_store_that_failed(edges):
    """Nothing of what was acknowledged rests on the file whose flush failed."""
    (a, b), = edges
    times = "SHOW GLOBAL STATUS LIKE 'Gemel_writes_refused_times'"
    fault(a, 'store.flush=error@1')
    a.execute('INSERT INTO d.t VALUES (2, "behind a failed flush")')
    wait_until(lambda: int(a.rows(times)[0][1]) == 1, 'the flush to fail')
    wait_until(lambda: a.rows("SHOW GLOBAL STATUS LIKE 'Gemel_writes_refused'")[0][1] == 'OFF', 'a to accept writes')
    a.execute('INSERT INTO d.t VALUES (3, "again")')
    wait_same_rows(edges)
    a.kill()
    a.start()
    wait_same_rows(edges)


@pytest.mark.parametrize('point', ['binlog.create', 'binlog_index.write', 'binlog.rotate_created'])
def test_no_new_log_file(make_server, point):
    """The old one grows, commits go on, and it is tried again."""
    edges = chain(make_server('a', max_binlog_size=4096), make_server('b'))
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')
    fault(a, f'{point}=error:EMFILE')
    name = a.source_status()['File']
    for i in range(8):
        a.execute(f"INSERT INTO d.t VALUES ({i}, REPEAT('x', 1000))")
    assert a.source_status()['File'] == name
    fault(a, '')

    ids = itertools.count(100)

    def is_rotated():
        a.execute(f"INSERT INTO d.t VALUES ({next(ids)}, '')")
        return a.source_status()['File'] != name
    wait_until(is_rotated, 'a new file')
    wait_same_rows(edges)


def test_more_than_max_binlog_cache_size(make_server):
    edges = chain(make_server('a', max_binlog_cache_size=65536, binlog_cache_size=4096), make_server('b'))
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v LONGTEXT)')
    assert fails(a, "INSERT INTO d.t VALUES (1, REPEAT('x', 100000))") == 1197
    a.execute('INSERT INTO d.t VALUES (2, "small")')
    wait_same_rows(edges)


def test_too_many_open_files(make_server):
    """New clients wait, at no cost; the others are served; when files are free again, all are."""
    a = make_server('a', max_connections=1000)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    clients = []
    used = len(list((pathlib.Path('/proc') / str(a.process.pid) / 'fd').iterdir()))
    resource.prlimit(a.process.pid, resource.RLIMIT_NOFILE, (used + 10, used + 10))
    try:
        while True:
            clients.append(a.connect(read_timeout=1, connect_timeout=1))
    except pymysql.err.OperationalError:
        pass
    assert len(clients) >= 5

    def cpu_seconds():
        fields = (pathlib.Path('/proc') / str(a.process.pid) / 'stat').read_text().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100
    before, since = cpu_seconds(), time.monotonic()
    for i in range(20):
        a.execute(f'INSERT INTO d.t VALUES ({i})')
    wait_until(lambda: time.monotonic() > since + 1, 'a second')
    assert cpu_seconds() - before < 0.5 * (time.monotonic() - since)
    assert int(a.rows("SHOW GLOBAL STATUS LIKE 'Connection_errors_accept'")[0][1]) > 0
    for client in clients:
        client.close()
    wait_until(lambda: a.connect(read_timeout=5).ping() is None, 'a new client to be let in')
    assert a.value('SELECT COUNT(*) FROM d.t') == 20


def test_a_disk_that_becomes_read_only(make_disk, make_server):
    disk = make_disk(megabytes=96, kind=BlockDisk)
    edges = chain(make_server('a', datadir=disk.path / 'a'), make_server('b'))
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)', 'INSERT INTO d.t VALUES (1, "whole")')
    wait_same_rows(edges)
    disk.fail()
    fails(a, 'INSERT INTO d.t VALUES (2, "no")')
    assert fails(a, 'INSERT INTO d.t VALUES (3, "no")') == 1290
    assert 'Read-only file system' in a.rows("SHOW GLOBAL STATUS LIKE 'Gemel_writes_refused_reason'")[0][1]
    assert a.rows('SELECT id FROM d.t') == [(1,)]
    a.kill()
    disk.repair()
    a.start()
    assert a.rows('SELECT id FROM d.t') == [(1,)]
    a.execute('INSERT INTO d.t VALUES (4, "again")')
    wait_same_rows(edges)


def test_faults_are_not_everybodys(server):
    server.execute('CREATE USER u@localhost', 'GRANT SELECT, INSERT, CREATE ON *.* TO u@localhost')
    with server.connect(user='u').cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as caught:
        cursor.execute("SET GLOBAL gemel_faults='binlog.write=crash'")
    assert caught.value.args[0] == 1227
    server.execute('CREATE DATABASE d', 'GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO u@localhost')
    with server.connect(user='u').cursor() as cursor:
        cursor.execute("SET GLOBAL gemel_faults='binlog.write=count'")
        cursor.execute("SET GLOBAL gemel_faults=''")


def test_a_rocksdb_of_another_version_is_refused(make_server, monkeypatch):
    """Part of what it is known by is in no header (store_guard.cc)."""
    a = make_server('a', start=False)
    with monkeypatch.context() as patch:
        for name, value in library_environment(a.command[0], 'other_rocksdb').items():
            patch.setenv(name, value)
        a.launch()
    assert a.wait_end() == 1
    assert 'The library RocksDB that was loaded is version 6.2; this server was built with version ' in a.log_end()
    a.start()
