"""The client protocol, as PyMySQL and as a client of bare bytes use it."""
import struct

import pymysql
import pytest
from pymysql.constants import CLIENT

from harness import wire
from harness.wait import wait_until


@pytest.fixture
def connection(server):
    connection = wire.Wire(server)
    yield connection
    connection.close()


def test_greeting_and_ping(connection):
    assert connection.version.startswith('8.0.')
    connection.command(wire.PING)
    assert connection.read_ok().affected == 0


def test_password(server):
    server.execute("CREATE USER carl@localhost IDENTIFIED BY 'right'")
    wire.Wire(server, 'carl', 'right').close()
    for user, password in (('carl', 'wrong'), ('carl', ''), ('nobody', 'right')):
        with pytest.raises(wire.ServerError) as error:
            wire.Wire(server, user, password)
        assert (error.value.number, error.value.state) == (1045, '28000')
        assert error.value.message == \
            f"Access denied for user '{user}'@'localhost' (using password: {'YES' if password else 'NO'})"


def test_init_db_and_unknown_database(connection):
    connection.query('CREATE DATABASE one')
    connection.command(wire.INIT_DB, b'one')
    connection.read_ok()
    assert connection.query('SELECT DATABASE()').rows == [(b'one',)]
    connection.command(wire.INIT_DB, b'nowhere')
    with pytest.raises(wire.ServerError) as error:
        connection.read_ok()
    assert (error.value.number, error.value.message) == (1049, "Unknown database 'nowhere'")
    assert connection.query('SELECT DATABASE()').rows == [(b'one',)]


def test_columns_are_described(connection):
    connection.query('CREATE DATABASE d')
    connection.query('CREATE TABLE d.t (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(10), x DECIMAL(8,2))')
    columns = connection.query('SELECT id, name AS n, x FROM d.t AS alias').columns
    assert [(c.database, c.table, c.name, c.type) for c in columns] == [
        ('d', 'alias', 'id', 8), ('d', 'alias', 'n', 253), ('d', 'alias', 'x', 246)]
    assert columns[0].flags & 0x23 == 0x23       # NOT NULL, primary key, unsigned
    assert (columns[1].charset, columns[1].length) == (45, 40)
    assert (columns[2].length, columns[2].decimals) == (10, 2)


def test_several_statements_in_one_packet(connection):
    results = connection.query_all('SELECT 1; SET @a := 5; SELECT @a + 1, 2')
    assert [getattr(result, 'rows', None) for result in results] == [[(b'1',)], None, [(b'6', b'2')]]


def test_an_error_ends_several_statements(connection):
    first = connection.query('SELECT 1; SELECT nothing; SELECT 3')
    assert first.rows == [(b'1',)] and first.status & wire.MORE_RESULTS
    with pytest.raises(wire.ServerError) as error:
        connection.read_result()
    assert error.value.number == 1054
    assert connection.query('SELECT 4').rows == [(b'4',)]


def test_several_statements_must_be_asked_for(server):
    with server.connect() as connection, connection.cursor() as cursor:
        with pytest.raises(pymysql.err.ProgrammingError) as error:
            cursor.execute('SELECT 1; SELECT 2')
        assert error.value.args[0] == 1064
    with server.connect(client_flag=CLIENT.MULTI_STATEMENTS) as connection, connection.cursor() as cursor:
        cursor.execute('SELECT 1; SELECT 2')
        assert cursor.fetchall() == ((1,),) and cursor.nextset() and cursor.fetchall() == ((2,),)


def test_affected_rows_insert_id_and_warnings(connection):
    connection.query('CREATE DATABASE d')
    connection.query('CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, n TINYINT)')
    connection.query("SET sql_mode=''")
    ok = connection.query('INSERT INTO d.t (n) VALUES (1), (2), (300)')
    assert (ok.affected, ok.insert_id, ok.warnings) == (3, 1, 1)
    assert connection.query('SHOW WARNINGS').rows == [
        (b'Warning', b'1264', b"Out of range value for column 'n' at row 3")]
    assert connection.query('UPDATE d.t SET n=1').affected == 2


def test_found_rows_flag_counts_matches(server):
    connection = wire.Wire(server, capabilities=wire.CAPABILITIES | wire.FOUND_ROWS)
    connection.query('CREATE DATABASE d')
    connection.query('CREATE TABLE d.t (id INT PRIMARY KEY, n INT)')
    connection.query('INSERT INTO d.t VALUES (1, 1), (2, 2)')
    assert connection.query('UPDATE d.t SET n=1').affected == 2


def test_status_flags(connection):
    in_transaction, autocommit = 0x0001, 0x0002
    connection.command(wire.PING)
    assert connection.read_ok().status & 3 == autocommit
    assert connection.query('BEGIN').status & 3 == autocommit | in_transaction
    assert connection.query('COMMIT').status & 3 == autocommit
    assert connection.query('SET autocommit=0').status & 3 == 0


def test_packets_over_16_mb(server):
    server.execute('SET GLOBAL max_allowed_packet=64*1024*1024')
    connection = wire.Wire(server)
    connection.query('CREATE DATABASE d')
    connection.query('CREATE TABLE d.t (id INT PRIMARY KEY, body LONGBLOB)')
    edge = 0xffffff
    for number, size in enumerate((edge - 1, edge, edge + 1, 2 * edge, 40_000_000)):
        head = f"INSERT INTO d.t VALUES ({number}, '"
        connection.query(head + 'x' * (size - 1 - len(head) - 2) + "')")
        (body,), = connection.query(f'SELECT body FROM d.t WHERE id={number}').rows
        assert len(body) == size - 1 - len(head) - 2 and set(body) == {ord('x')}


def test_a_packet_past_max_allowed_packet(server):
    server.execute('SET GLOBAL max_allowed_packet=1024*1024')
    connection = wire.Wire(server)
    connection.command(wire.QUERY, b"SELECT '" + b'x' * 2_000_000 + b"'")
    with pytest.raises(wire.ServerError) as error:
        connection.read_result()
    assert (error.value.number, error.value.state) == (1153, '08S01')


def test_change_user(server, connection):
    server.execute("CREATE USER carl@localhost IDENTIFIED BY 'right'", 'CREATE DATABASE d',
                   'GRANT SELECT ON d.* TO carl@localhost')
    connection.query('SET @a := 1')
    connection.change_user('carl', 'right', 'd')
    assert connection.query('SELECT CURRENT_USER(), DATABASE(), @a').rows == [(b'carl@localhost', b'd', None)]


def test_change_user_with_a_wrong_password(server, connection):
    server.execute("CREATE USER carl@localhost IDENTIFIED BY 'right'")
    with pytest.raises(wire.ServerError) as error:
        connection.change_user('carl', 'wrong')
    assert error.value.number == 1045


def test_reset_connection(connection):
    connection.query("SET @a := 1, SESSION sql_mode='ANSI'")
    connection.query('CREATE DATABASE d')
    connection.query('CREATE TABLE d.t (id INT PRIMARY KEY)')
    connection.query('BEGIN')
    connection.query('INSERT INTO d.t VALUES (1)')
    connection.command(wire.RESET_CONNECTION)
    connection.read_ok()
    assert connection.query('SELECT @a, (SELECT COUNT(*) FROM d.t), @@sql_mode = @@global.sql_mode').rows == [
        (None, b'0', b'1')]


def test_kill_query_and_connection(server, connection):
    connection.command(wire.QUERY, b'SELECT SLEEP(60)')
    wait_until(lambda: server.rows("SELECT 1 FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%%'")
               or [row for row in server.rows('SHOW PROCESSLIST') if 'SLEEP' in str(row[7])], 'the sleeper')
    server.execute(f'KILL QUERY {connection.thread_id}')
    result = connection.read_result()
    assert result.rows == [(b'1',)]              # SLEEP says 1 when it was woken
    server.execute(f'KILL {connection.thread_id}')
    with pytest.raises((EOFError, ConnectionError, wire.ServerError)):
        connection.query('SELECT 1')
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute('KILL 999999')
    assert error.value.args == (1094, 'Unknown thread id: 999999')


def test_who_kills_itself_hears_of_it(connection):
    with pytest.raises(wire.ServerError) as error:
        connection.query(f'KILL {connection.thread_id}')
    assert error.value.number == 1317


@pytest.mark.parametrize('wait', ["GET_LOCK('l', 3600)", "GET_LOCK('l', -1)", 'SLEEP(3600)'])
def test_who_hangs_up_waits_no_longer(server, connection, wait):
    server.value("SELECT GET_LOCK('l', 0)")
    connection.command(wire.QUERY, f'SELECT {wait}'.encode())
    waiting = f'SELECT state FROM information_schema.processlist WHERE id = {connection.thread_id}'
    wait_until(lambda: server.rows(waiting) in ([('User lock',)], [('User sleep',)]), 'the wait')
    connection.close()
    wait_until(lambda: server.rows(waiting) == [], 'its end')


def test_show_warnings_has_no_warnings_itself(connection):
    assert connection.query("SELECT 'a' + 1").warnings == 1
    assert connection.query('SHOW WARNINGS').warnings == 0
    assert connection.query('SHOW COUNT(*) WARNINGS').rows == [(b'1',)]


def test_process_kill_and_process_info(server, connection):
    other = wire.Wire(server)
    connection.command(wire.PROCESS_KILL, struct.pack('<I', other.thread_id))
    connection.read_ok()
    with pytest.raises((EOFError, ConnectionError, wire.ServerError)):
        other.query('SELECT 1')
    connection.command(wire.PROCESS_INFO)
    assert connection.thread_id in [int(row[0]) for row in connection.read_result().rows]


def test_statistics(connection):
    connection.command(wire.STATISTICS)
    text = connection.receive().decode()
    assert text.startswith('Uptime: ') and 'Threads: ' in text and 'Questions: ' in text


def test_field_list(connection):
    connection.query('CREATE DATABASE d')
    connection.query("CREATE TABLE d.t (id INT PRIMARY KEY, name VARCHAR(10) DEFAULT 'x', other INT)")
    connection.query('USE d')
    connection.command(wire.FIELD_LIST, b't\0%')
    names = []
    while True:
        packet = connection.receive()
        if connection._is_eof(packet):
            break
        names.append(connection._parse_column(packet).name)
    assert names == ['id', 'name', 'other']


def test_an_unknown_command(connection):
    connection.command(0x77)
    with pytest.raises(wire.ServerError) as error:
        connection.read_ok()
    assert (error.value.number, error.value.message) == (1047, 'Unknown command')
    assert connection.query('SELECT 1').rows == [(b'1',)]


def test_admin_program(server):
    assert 'mysqld is alive' in server.client('mariadb-admin', 'ping')
    assert 'Uptime' in server.client('mariadb-admin', 'status')
    assert 'max_connections' in server.client('mariadb-admin', 'variables')
    assert 'Threads_connected' in server.client('mariadb-admin', 'extended-status')
    assert 'SHOW PROCESSLIST' in server.client('mariadb-admin', 'processlist').upper()
    server.client('mariadb-admin', 'create', 'made')
    assert ('made',) in server.rows('SHOW DATABASES')
    server.client('mariadb-admin', '--force', 'drop', 'made')
    assert ('made',) not in server.rows('SHOW DATABASES')
    before = server.log_end_position()
    server.client('mariadb-admin', 'flush-logs')
    assert server.log_end_position()[0] > before[0]
    server.client('mariadb-admin', 'shutdown')
    assert server.wait_end() == 0
    server.start()
