"""Disks that are full: what was promised stays, reads go on, and writes as soon as there is room."""
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pymysql
import pytest

from harness.log import log_names, log_paths, run_mariadb_binlog
from harness.rows import assert_same_rows
from harness.topology import chain, pair as make_pair, status_of, wait_same_rows
from harness.wait import wait_until

FULL = {1021, 1026, 1114}


def fails(server, statement, codes=FULL):
    with pytest.raises(pymysql.err.MySQLError) as caught:
        server.execute(statement)
    assert caught.value.args[0] in codes, caught.value
    return caught.value.args


def status(server, name):
    return server.rows(f"SHOW GLOBAL STATUS LIKE '{name}'")[0][1]


def refuses(server):
    return status(server, 'Gemel_writes_refused') == 'ON'


def wait_writable(server):
    wait_until(lambda: not refuses(server), f'{server.name} to accept writes')


def fill_until_refused(server, disk, table='d.t'):
    """Rows until there is no room. Returns how many were acknowledged."""
    disk.fill(leave=1 << 16)
    count = 0
    while True:
        try:
            server.execute(f"INSERT INTO {table} VALUES ({count}, REPEAT('x', 3000))")
        except pymysql.err.MySQLError as error:
            assert error.args[0] in FULL, error
            return count
        count += 1


def make_table(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')


def test_reads_go_on_and_writes_resume(make_disk, make_server):
    disk = make_disk()
    a = make_server('a', datadir=disk.path / 'a', binlog_cache_size='1M')
    make_table(a)
    count = fill_until_refused(a, disk)
    wait_until(lambda: refuses(a), 'a to refuse writes')
    code, message = fails(a, "INSERT INTO d.t VALUES (-1, 'no')", {1021})
    assert re.match(r'Disk full \(.*\); waiting for someone to free some space\.\.\. \(errno: 28 - No space left', message)
    assert status(a, 'Gemel_writes_refused_reason') == message
    fails(a, 'CREATE TABLE d.u (id INT)', {1021})
    wait_until(lambda: a.variable('read_only') == 'ON', 'read_only')
    assert a.value('SELECT COUNT(*) FROM d.t') == count
    disk.make_room()
    wait_writable(a)
    wait_until(lambda: a.variable('read_only') == 'OFF', 'no read_only')
    a.execute("INSERT INTO d.t VALUES (-2, 'yes')")
    assert 'accepts no writes: Disk full' in a.log() and 'accepts writes again' in a.log()
    a.kill()
    a.start()
    assert a.value('SELECT COUNT(*) FROM d.t') == count + 1


def test_read_only_that_somebody_set_stays(make_disk, make_server):
    disk = make_disk()
    a = make_server('a', datadir=disk.path / 'a')
    make_table(a)
    fill_until_refused(a, disk)
    wait_until(lambda: a.variable('read_only') == 'ON', 'read_only')
    a.execute('SET GLOBAL read_only=ON')
    disk.make_room()
    wait_writable(a)
    assert a.variable('read_only') == 'ON'


@pytest.mark.parametrize('full', ['a', 'b'])
def test_two_masters_one_of_them_full(make_disk, make_server, full):
    disk = make_disk(megabytes=96)
    a = make_server('a', auto_increment_increment=2, auto_increment_offset=1,
                    **({'datadir': disk.path / 'a'} if full == 'a' else {}))
    b = make_server('b', auto_increment_increment=2, auto_increment_offset=2,
                    **({'datadir': disk.path / 'b'} if full == 'b' else {}))
    edges = make_pair(a, b)
    here, there = (a, b) if full == 'a' else (b, a)
    make_table(a)
    a.execute('CREATE TABLE d.other (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT)')
    wait_same_rows(edges)
    fill_until_refused(here, disk)
    for _ in range(50):
        there.execute("INSERT INTO d.other (v) VALUES (REPEAT('y', 3000))")
    there.execute('CREATE TABLE d.later (id INT PRIMARY KEY)', 'INSERT INTO d.later VALUES (1)')
    assert status_of(here)['Slave_SQL_Running'] == 'Yes'
    disk.make_room()
    wait_same_rows(edges)
    wait_writable(here)
    here.execute('INSERT INTO d.later VALUES (2)')
    wait_same_rows(edges)


def test_a_relay_log_without_room(make_disk, make_server):
    disk = make_disk(megabytes=8)
    a = make_server('a')
    b = make_server('b', relay_log=disk.path / 'relay', max_relay_log_size=4096)
    edges = chain(a, b)
    make_table(a)
    wait_same_rows(edges)
    disk.fill()
    for i in range(40):
        a.execute(f"INSERT INTO d.t VALUES ({i}, REPEAT('x', 3000))")
    wait_until(lambda: status_of(b)['Slave_IO_State'] == 'Waiting for disk space', 'the receiver to wait')
    assert status_of(b)['Slave_IO_Running'] == 'Yes' and int(status_of(b)['Last_IO_Errno']) == 1026
    b.execute('CREATE DATABASE its_own')
    b.execute('DROP DATABASE its_own')
    disk.make_room()
    wait_same_rows(edges)
    assert int(status_of(b)['Last_IO_Errno']) == 0


def test_a_source_that_dies_while_the_relay_log_has_no_room(make_disk, make_server):
    """What b had received and could not write is not lost, nor is it left out."""
    disk = make_disk(megabytes=8)
    a = make_server('a')
    b = make_server('b', relay_log=disk.path / 'relay')
    edges = chain(a, b)
    make_table(a)
    wait_same_rows(edges)
    disk.fill()
    for i in range(40):
        a.execute(f"INSERT INTO d.t VALUES ({i}, REPEAT('x', 3000))")
    wait_until(lambda: status_of(b)['Slave_IO_State'] == 'Waiting for disk space', 'the receiver to wait')
    a.kill()
    b.execute('STOP SLAVE IO_THREAD')
    a.start()
    disk.make_room()
    b.execute('START SLAVE IO_THREAD')
    a.execute("INSERT INTO d.t VALUES (1000, 'last')")
    wait_same_rows(edges)


def test_a_log_on_a_disk_of_its_own(make_disk, make_server):
    disk = make_disk(megabytes=8)
    a = make_server('a', log_bin=disk.path / 'log', max_binlog_size=65536)
    b = make_server('b')
    edges = chain(a, b)
    make_table(a)
    for i in range(100):
        a.execute(f"INSERT INTO d.t VALUES ({1000 + i}, REPEAT('x', 3000))")
    wait_same_rows(edges)
    fill_until_refused(a, disk)
    wait_until(lambda: refuses(a), 'a to refuse writes')
    names = log_names(a)
    a.execute(f"PURGE BINARY LOGS TO '{names[2]}'")
    assert log_names(a) == names[2:]
    disk.make_room()
    wait_writable(a)
    a.execute("INSERT INTO d.t VALUES (5000, 'again')")
    wait_same_rows(edges)
    for name in log_names(a):
        run_mariadb_binlog(disk.path / name)


def test_a_transaction_that_is_too_large_is_the_only_one_to_fail(make_disk, make_server):
    disk = make_disk(megabytes=8)
    a = make_server('a', log_bin=disk.path / 'log')
    b = make_server('b')
    edges = chain(a, b)
    make_table(a)
    disk.fill(leave=4 << 20)
    a.execute('BEGIN', *(f"INSERT INTO d.t VALUES ({i}, REPEAT('x', 60000))" for i in range(100)))
    fails(a, 'COMMIT', {1026})
    assert not refuses(a)
    assert a.value('SELECT COUNT(*) FROM d.t') == 0
    a.execute("INSERT INTO d.t VALUES (1, 'small')")
    wait_same_rows(edges)
    run_mariadb_binlog(disk.path / log_names(a)[-1])


def test_load_data_of_more_than_fits(make_disk, make_server, scratch):
    disk = make_disk(megabytes=8)
    a = make_server('a', log_bin=disk.path / 'log', secure_file_priv='')
    make_table(a)
    file = scratch / 'rows'
    file.write_text(''.join(f'{i}\t{"x" * 1000}\n' for i in range(12000)))
    fails(a, f"LOAD DATA INFILE '{file}' INTO TABLE d.t", {1026})
    assert a.value('SELECT COUNT(*) FROM d.t') == 0
    wait_writable(a)
    a.execute("INSERT INTO d.t VALUES (1, 'small')")


def test_definitions_happen_or_do_not(make_disk, make_server):
    disk = make_disk()
    a = make_server('a', datadir=disk.path / 'a')
    make_table(a)
    fill_until_refused(a, disk)
    for statement in ('CREATE TABLE d.u (id INT)', 'ALTER TABLE d.t ADD COLUMN w INT', 'DROP TABLE d.t',
                      'CREATE DATABASE e', "CREATE USER u@localhost IDENTIFIED BY 'x'"):
        fails(a, statement)
    before = a.rows('SHOW CREATE TABLE d.t')
    a.kill()
    disk.make_room()
    a.start()
    assert a.rows('SHOW CREATE TABLE d.t') == before
    assert a.rows('SHOW TABLES FROM d') == (('t',),) or a.rows('SHOW TABLES FROM d') == [('t',)]
    a.execute('ALTER TABLE d.t ADD COLUMN w INT')


def test_start_on_a_full_disk_is_refused_by_name(make_disk, make_server):
    disk = make_disk()
    a = make_server('a', datadir=disk.path / 'a')
    make_table(a)
    a.stop()
    disk.fill()
    a.launch()
    assert a.wait_end() == 1
    assert 'No space left on device' in a.log()
    disk.make_room()
    a.start()
    a.execute("INSERT INTO d.t VALUES (1, 'here')")


def test_shutdown_with_a_full_disk(make_disk, make_server):
    disk = make_disk()
    a = make_server('a', datadir=disk.path / 'a')
    make_table(a)
    count = fill_until_refused(a, disk)
    a.stop()
    disk.make_room()
    a.start()
    assert a.value('SELECT COUNT(*) FROM d.t') == count


def test_a_full_store_beside_a_log_with_room(make_disk, make_server, scratch):
    """What is in the log waits for the store: the client, too, until there is room."""
    disk = make_disk(megabytes=24)
    a = make_server('a', datadir=disk.path / 'a', log_bin=scratch / 'log')
    b = make_server('b')
    edges = chain(a, b)
    make_table(a)
    wait_same_rows(edges)
    disk.fill(leave=1 << 16)
    with ThreadPoolExecutor(4) as clients:
        def write(client):
            connection = a.connect(database='d')
            done = 0
            with connection.cursor() as cursor:
                for i in range(100):
                    try:
                        cursor.execute(f"INSERT INTO t VALUES ({client * 1000 + i}, REPEAT('x', 3000))")
                        done += 1
                    except pymysql.err.MySQLError as error:
                        assert error.args[0] in FULL, error
            return done
        writing = [clients.submit(write, client) for client in range(4)]
        wait_until(lambda: refuses(a), 'a to refuse writes')
        assert a.value('SELECT COUNT(*) FROM d.t') > 0
        fails(a, 'INSERT INTO d.t VALUES (-1, "")', {1021})
        disk.make_room()
        done = sum(one.result() for one in writing)
    wait_writable(a)
    assert a.value('SELECT COUNT(*) FROM d.t') == done
    wait_same_rows(edges)
    a.kill()
    a.start()
    assert a.value('SELECT COUNT(*) FROM d.t') == done
    wait_same_rows(edges)


def test_shutdown_while_commits_wait_for_the_store(make_disk, make_server, scratch):
    disk = make_disk(megabytes=24)
    a = make_server('a', datadir=disk.path / 'a', log_bin=scratch / 'log')
    make_table(a)
    disk.fill()
    connection = a.connect()
    with ThreadPoolExecutor(1) as client:
        def write():
            with pytest.raises(pymysql.err.MySQLError), connection.cursor() as cursor:
                for i in range(100):
                    cursor.execute(f"INSERT INTO d.t VALUES ({i}, REPEAT('x', 3000))")
            return i
        writing = client.submit(write)
        wait_until(lambda: refuses(a), 'a to refuse writes')
        a.process.terminate()
        assert a.wait_end() == 1
        acknowledged = writing.result()
    disk.make_room()
    a.start()
    assert a.value('SELECT COUNT(*) FROM d.t') >= acknowledged


def test_an_alter_that_copies_more_than_fits(make_disk, make_server, scratch):
    """The table is as it was, and the copy succeeds when there is more room."""
    disk = make_disk(megabytes=128)
    a = make_server('a', datadir=disk.path / 'a', log_bin=scratch / 'log')
    b = make_server('b')
    edges = chain(a, b)
    make_table(a)
    for i in range(0, 1000, 50):
        a.execute('INSERT INTO d.t VALUES ' + ','.join(f"({j}, '{os.urandom(12000).hex()}')" for j in range(i, i + 50)))
    wait_same_rows(edges)
    before = a.rows('SHOW CREATE TABLE d.t'), a.rows('SELECT id, MD5(v) FROM d.t')
    disk.fill(leave=1 << 16)
    fails(a, 'ALTER TABLE d.t MODIFY id BIGINT')
    assert (a.rows('SHOW CREATE TABLE d.t'), a.rows('SELECT id, MD5(v) FROM d.t')) == before
    disk.make_room()
    wait_writable(a)
    a.execute('INSERT INTO d.t VALUES (1000, "more")', 'ALTER TABLE d.t MODIFY id BIGINT')
    wait_same_rows(edges)
    a.kill()
    a.start()
    assert a.value('SELECT COUNT(*) FROM d.t') == 1001
    wait_same_rows(edges)
