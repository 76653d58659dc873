"""What is wrong from outside: each gets a clear error, the server stays up, and nothing is lost."""
import os
import random
import subprocess

import pymysql
import pytest

from harness import wire
from harness.topology import add_replication_user, chain, follow, wait_running, wait_same_rows
from harness.wait import wait_until


def expect(server, statement, number, text=None):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    assert error.value.args[0] == number, error.value
    if text:
        assert text in error.value.args[1]


def assert_alive(server):
    assert server.value('SELECT 1') == 1


def raw(server, login=True):
    return wire.Wire(server, login=login)


# -------------------------------------------------------------------- packets

def test_garbage_instead_of_a_login(server):
    chance = random.Random(1)
    for size in (1, 4, 5, 30, 300, 70000):
        connection = raw(server, login=False)
        try:
            connection.send_raw(chance.randbytes(size))
            connection.socket.shutdown(1)
            while connection.socket.recv(4096):
                pass
        except OSError:
            pass
        connection.close()
    assert_alive(server)


def test_a_login_cut_anywhere(server):
    body = b'\x0d\xa6\x0f\x00\x00\x00\x00\x01\x2d' + bytes(23) + b'root\0\0mysql_native_password\0'
    for size in range(len(body)):
        connection = raw(server, login=False)
        connection.send(body[:size])
        connection.socket.shutdown(1)
        while connection.socket.recv(4096):
            pass
        connection.close()
    assert_alive(server)


def test_commands_of_random_bytes(server):
    chance = random.Random(2)
    for code in list(range(0x20)) * 3:
        if code in (wire.QUIT, 0x08):                    # quit and shutdown do as they say
            continue
        connection = raw(server)
        connection.socket.settimeout(2)
        connection.command(code, chance.randbytes(chance.choice((0, 1, 4, 9, 40))))
        connection.socket.shutdown(1)
        try:
            while connection.socket.recv(4096):
                pass
        except OSError:
            pass
        connection.close()
    assert_alive(server)


def test_a_header_that_promises_too_much(server):
    connection = raw(server)
    connection.send_raw(b'\xff\xff\xff\x00' + b'\x03SELECT 1')
    connection.close()
    assert_alive(server)


def test_a_client_that_says_nothing_is_let_go(make_server):
    server = make_server('a', connect_timeout=2)
    connection = raw(server, login=False)
    connection.socket.settimeout(30)
    while connection.socket.recv(4096):
        pass
    assert_alive(server)


def test_too_many_connections(make_server):
    server = make_server('a', max_connections=5)
    held = []
    with pytest.raises(pymysql.err.OperationalError) as error:
        for _ in range(10):
            held.append(server.connect())
    assert error.value.args == (1040, 'Too many connections')
    for connection in held:
        connection.close()
    wait_until(lambda: len(server.rows('SHOW PROCESSLIST')) == 1, 'the others to be gone')


# -------------------------------------------------------------------- statements

@pytest.mark.parametrize('statement, near', [
    ('SELEC 1', "near 'SELEC 1' at line 1"),
    ('SELECT 1 FROM', "near '' at line 1"),
    ('SELECT *\nFROM t\nWHERE )', "near ')' at line 3"),
    ('CREATE TABLE t (id INT,)', "near ')' at line 1"),
    ('INSERT INTO t VALUES (1', "near '' at line 1"),
    ("SELECT 'open", "near ''open' at line 1"),
])
def test_broken_sql(server, statement, near):
    server.execute('CREATE DATABASE d', 'USE d')
    expect(server, statement, 1064, near)
    assert_alive(server)


def test_what_is_not_there(server):
    expect(server, 'USE nowhere', 1049, "Unknown database 'nowhere'")
    server.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE t (id INT)')
    expect(server, 'SELECT * FROM nothing', 1146, "Table 'd.nothing' doesn't exist")
    expect(server, 'SELECT nothing FROM t', 1054, "Unknown column 'nothing' in 'field list'")
    expect(server, 'SELECT NOTHING(1)', 1305)
    expect(server, 'SET @@nothing=1', 1193, "Unknown system variable 'nothing'")
    expect(server, 'DROP TABLE nothing', 1051, "Unknown table 'd.nothing'")
    expect(server, 'DROP DATABASE nothing', 1008)
    expect(server, 'CREATE DATABASE d', 1007, "Can't create database 'd'; database exists")
    with pytest.raises(pymysql.err.OperationalError) as error:
        server.connect(database='nowhere')
    assert error.value.args == (1049, "Unknown database 'nowhere'")


def test_statements_cut_and_mangled(server):
    server.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))')
    text = ("SELECT a.id, COUNT(*), 'text', 0x41, 1.5e3, `v` FROM t AS a LEFT JOIN t b USING (id) WHERE a.v LIKE 'x%' "
            "AND a.id IN (1,2,(SELECT MAX(id) FROM t)) GROUP BY a.id HAVING COUNT(*) > 1 ORDER BY 2 DESC LIMIT 3, 4")
    chance = random.Random(3)
    connection = raw(server)
    for turn in range(400):
        at = chance.randrange(len(text))
        mangled = text[:at] if turn % 2 else text[:at] + chance.choice("()'`,;\0%é") + text[at + 1:]
        try:
            connection.query('USE d')
            connection.query(mangled)
        except wire.ServerError as error:
            assert error.number in (1052, 1054, 1055, 1064, 1065, 1109, 1111, 1140, 1146, 1235, 1305, 1300, 1583, 1241), \
                f'{error}: {mangled}'
            continue
    assert_alive(server)


def test_deep_nesting(server):
    for depth in (100, 5000, 100000):
        try:
            server.rows('SELECT ' + '(' * depth + '1' + ')' * depth)
        except pymysql.err.MySQLError as error:
            assert error.args[0] in (1064, 1436, 1235, 1041)
    assert_alive(server)


# -------------------------------------------------------------------- options and data directories

def start_text(server, *arguments):
    """Starts it, expecting that it ends at once; returns what it said."""
    server.launch(*arguments)
    assert server.wait_end(30) != 0
    return server.log()


def test_a_second_server_on_the_same_data(server, make_server, scratch):
    server.execute('CREATE DATABASE d')
    second = make_server('second', datadir=server.datadir, start=False)
    text = start_text(second)
    assert str(server.datadir) in text and 'another' in text.lower()
    assert_alive(server)
    assert ('d',) in server.rows('SHOW DATABASES')


def test_an_unknown_option(make_server, scratch):
    server = make_server('a', start=False, nonesuch_option=7)
    assert 'nonesuch' in start_text(server)
    server = make_server('b', start=False)
    assert 'also-unknown' in start_text(server, '--also-unknown=1')
    server = make_server('c', loose_nonesuch_option=7)
    assert_alive(server)


def test_a_value_that_does_not_fit(make_server):
    server = make_server('a', start=False)
    server.option_file.write_text(server.option_file.read_text().replace(f'port={server.port}', 'port=seventy'))
    assert 'port' in start_text(server)


def test_obsolete_options_are_warned_of(make_server):
    options = {'skip_locking': None, 'skip_bdb': None, 'key_buffer': '16K', 'table_cache': 4,
               'innodb_data_file_path': 'ibdata1:10M:autoextend'}
    server = make_server('a', **options)
    for name in options:
        assert name.replace('_', '-') in server.log() or name in server.log()


def test_a_port_that_is_taken(server, make_server):
    second = make_server('second', port=server.port, start=False)
    assert str(server.port) in start_text(second)


def test_a_folder_that_holds_something_else(make_server):
    server = make_server('a', start=False)
    server.datadir.mkdir()
    (server.datadir / 'letters.txt').write_text('dear')
    assert str(server.datadir) in start_text(server)
    assert (server.datadir / 'letters.txt').read_text() == 'dear'


# -------------------------------------------------------------------- the log and the disk

def filled(make_server, **options):
    server = make_server('a', **options)
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(100))')
    for number in range(50):
        server.execute(f"INSERT INTO d.t VALUES ({number}, REPEAT('x', 90))")
    return server


def test_damage_in_the_middle_of_the_log(make_server):
    server = filled(make_server)
    path = server.datadir / server.log_end_position()[0]
    server.kill()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xff
    path.write_bytes(data)
    text = start_text(server)
    assert path.name in text
    data[len(data) // 2] ^= 0xff
    path.write_bytes(data)
    server.start()
    assert server.value('SELECT COUNT(*) FROM d.t') == 50


def test_a_torn_end_of_the_log(make_server):
    server = filled(make_server)
    path = server.datadir / server.log_end_position()[0]
    server.kill()
    with open(path, 'ab') as file:
        file.write(path.read_bytes()[200:260])
    server.start()
    assert server.value('SELECT COUNT(*) FROM d.t') == 50
    server.execute("INSERT INTO d.t VALUES (50, 'after')")


def test_a_missing_log_file(make_server):
    server = filled(make_server)
    server.execute('FLUSH LOGS')
    path = server.datadir / server.log_end_position()[0]
    server.kill()
    path.rename(path.with_suffix('.away'))
    assert path.name in start_text(server)
    path.with_suffix('.away').rename(path)
    server.start()
    assert server.value('SELECT COUNT(*) FROM d.t') == 50


@pytest.fixture
def small_disk(scratch):
    if os.geteuid() != 0:
        pytest.skip('mounting needs root')
    folder = scratch / 'disk'
    folder.mkdir()
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', folder], capture_output=True)
    if mounted.returncode:
        pytest.skip('no right to mount')
    yield folder
    subprocess.run(['umount', '-l', folder], check=True)


def test_a_full_disk(small_disk, make_server, scratch):
    server = make_server('a', datadir=small_disk / 'data')
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v LONGTEXT)')
    acknowledged, number = [], None
    try:
        for key in range(1000):
            server.execute(f"INSERT INTO d.t VALUES ({key}, REPEAT('x', 300000))")
            acknowledged.append((key,))
    except pymysql.err.MySQLError as error:
        number = error.args[0]
    assert number is not None, 'a disk of 48 MB took 300 MB'
    if server.is_running():
        assert number in (3, 1021, 1026, 1030, 1114, 1598, 2013), number
        assert server.rows('SELECT id FROM d.t') == acknowledged
        server.kill()
    else:
        server.kill()
    subprocess.run(['mount', '-o', 'remount,size=400m', small_disk], check=True)
    server.start()
    found = server.rows('SELECT id FROM d.t ORDER BY id')
    assert found[:len(acknowledged)] == acknowledged and len(found) <= len(acknowledged) + 1
    server.execute("INSERT INTO d.t VALUES (5000, 'room again')")


def test_a_disk_that_cannot_be_written(small_disk, make_server):
    server = filled(make_server, datadir=small_disk / 'data')
    server.stop()
    subprocess.run(['mount', '-o', 'remount,ro', small_disk], check=True)
    assert 'Read-only file system' in start_text(server)
    subprocess.run(['mount', '-o', 'remount,rw', small_disk], check=True)
    server.start()
    assert server.value('SELECT COUNT(*) FROM d.t') == 50


# -------------------------------------------------------------------- peers

def test_a_source_that_vanishes(two_servers):
    a, b = two_servers
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    wait_same_rows(edges)
    a.kill()
    wait_until(lambda: int(b.replica_status()['Last_IO_Errno']), 'the receiver to have tried again')
    status = b.replica_status()
    assert status['Slave_IO_Running'] == 'Connecting'
    assert int(status['Last_IO_Errno']) in (2002, 2003, 2013) and status['Last_IO_Error']
    assert_alive(b)
    a.start()
    a.execute('INSERT INTO d.t VALUES (1)')
    wait_running(b)
    wait_same_rows(edges)


def test_a_source_with_our_own_server_id(make_server):
    a, b = make_server('a', server_id=7), make_server('b', server_id=7)
    add_replication_user(a)
    follow(b, a, start=False)
    b.execute('START SLAVE')
    wait_until(lambda: int(b.replica_status()['Last_IO_Errno']) == 1593, 'error 1593')


def test_a_wrong_replication_password(two_servers):
    a, b = two_servers
    a.execute("GRANT REPLICATION SLAVE ON *.* TO 'repl'@'127.0.0.1' IDENTIFIED BY 'right'")
    b.execute(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={a.port}, MASTER_USER='repl', "
              "MASTER_PASSWORD='wrong', MASTER_CONNECT_RETRY=1", 'START SLAVE')
    wait_until(lambda: int(b.replica_status()['Last_IO_Errno']) == 1045, 'error 1045')
    a.execute("SET PASSWORD FOR 'repl'@'127.0.0.1' = PASSWORD('wrong')")
    wait_running(b)


def test_replicas_without_the_privilege(server):
    server.execute("CREATE USER carl@localhost IDENTIFIED BY 'x'")
    connection = wire.Wire(server, 'carl', 'x')
    connection.command(wire.BINLOG_DUMP, b'\x04\0\0\0\0\0\x63\0\0\0a-bin.000001')
    with pytest.raises(wire.ServerError) as error:
        connection.read_ok()
    assert error.value.number == 1227
