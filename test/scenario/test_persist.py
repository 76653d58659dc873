"""SET PERSIST: settings that stay, without an option file.   topology: a, a->b"""
import json

import pymysql
import pytest

from harness.topology import chain, wait_same_rows


@pytest.fixture
def a(make_server):
    return make_server('a')


def kept(server):
    return json.loads((server.datadir / 'mysqld-auto.cnf').read_text())


def error_of(server, statement):
    with pytest.raises(pymysql.err.MySQLError) as refused:
        server.execute(statement)
    return refused.value.args


def test_what_is_persisted_is_in_force_and_stays(a):
    a.execute('SET PERSIST slave_net_timeout = 17', "SET @@PERSIST.sql_mode = 'ANSI_QUOTES'",
              'SET PERSIST slave_exec_mode = IDEMPOTENT')
    assert a.rows('SELECT @@global.replica_net_timeout, @@global.sql_mode') == [(17, 'ANSI_QUOTES')]
    a.restart()
    assert a.rows('SELECT @@global.replica_net_timeout, @@global.sql_mode, @@global.slave_exec_mode') == [
        (17, 'ANSI_QUOTES', 'IDEMPOTENT')]


def test_persist_only_waits_for_the_next_start(a):
    a.execute('SET PERSIST_ONLY read_only = ON, @@PERSIST_ONLY.back_log = 77')
    assert a.rows('SELECT @@read_only, @@back_log') == [(0, 151)]
    a.restart()
    assert a.rows('SELECT @@read_only, @@back_log') == [(1, 77)]


def test_the_file_is_as_mysql_writes_it(a):
    a.execute('SET timestamp = 1', 'SET PERSIST_ONLY back_log = 77', 'SET PERSIST max_connections = 99')
    text = (a.datadir / 'mysqld-auto.cnf').read_text()
    assert text.startswith('{"Version": 2, "mysql_static_variables": {"back_log": {"Value": "77", "Metadata": '
                           '{"Host": "localhost", "User": "root", "Timestamp": ')
    assert kept(a)['mysql_dynamic_variables']['max_connections']['Value'] == '99'
    assert a.rows('SELECT * FROM performance_schema.persisted_variables') == [
        ('back_log', '77'), ('max_connections', '99')]


@pytest.mark.parametrize('text', [
    '{ "Version" : 1 , "mysql_server" : { "max_connections" : { "Value" : "98" , "Metadata" : { "Timestamp" : 1 , "User" : '
    '"root" , "Host" : "localhost" } } , "mysql_server_static_options" : { "back_log" : { "Value" : "76" , "Metadata" : '
    '{ "Timestamp" : 1 , "User" : "root" , "Host" : "localhost" } } } } }',
    '{"Version": 2, "mysql_static_variables": {"back_log": {"Value": "76"}}, "mysql_dynamic_parse_early_variables": '
    '{"max_connections": {"Value": "98", "Metadata": {"Host": "", "User": "", "Timestamp": 1}}}}'])
def test_files_of_mysql_are_read(a, text):
    a.stop()
    (a.datadir / 'mysqld-auto.cnf').write_text(text)
    a.start()
    assert a.rows('SELECT @@max_connections, @@back_log') == [(98, 76)]
    a.execute('RESET PERSIST max_connections')
    assert kept(a)['mysql_static_variables']['back_log']['Value'] == '76' and 'mysql_dynamic_variables' not in kept(a)


def test_reset_persist(a):
    a.execute('SET PERSIST max_connections = 99, PERSIST slave_net_timeout = 9', 'RESET PERSIST max_connections')
    assert a.variable('max_connections') == '99'                  # until the next start
    assert error_of(a, 'RESET PERSIST max_connections') == (
        3615, 'Variable max_connections does not exist in persisted config file')
    connection = a.connect()
    with connection.cursor() as cursor:
        cursor.execute('RESET PERSIST IF EXISTS max_connections')
        cursor.execute('SHOW WARNINGS')
        assert cursor.fetchall() == (
            ('Warning', 3615, 'Variable max_connections does not exist in persisted config file'),)
    connection.close()
    a.execute('RESET PERSIST', 'RESET PERSIST')
    assert a.rows('SELECT * FROM performance_schema.persisted_variables') == []
    a.restart()
    assert a.rows('SELECT @@max_connections, @@slave_net_timeout') == [(151, 60)]


def test_it_wins_over_files_and_command_line_unless_told_not_to(make_server):
    a = make_server('a', max_connections=50)
    a.execute('SET PERSIST max_connections = 99')
    a.restart('--max-connections=51')
    assert a.variable('max_connections') == '99'
    a.restart('--persisted-globals-load=0')
    assert a.variable('max_connections') == '50'
    a.execute('SET PERSIST slave_net_timeout = 9')                  # what was there stays
    assert set(kept(a)['mysql_dynamic_variables']) == {'max_connections', 'slave_net_timeout'}


def test_defaults_persist_as_what_they_are(a):
    a.execute('SET GLOBAL max_connections = 7', 'SET PERSIST max_connections = DEFAULT')
    assert a.variable('max_connections') == '151'
    assert kept(a)['mysql_dynamic_variables']['max_connections']['Value'] == '151'


def test_what_cannot_be_persisted(a):
    for statement, number in (('SET PERSIST back_log = 7', 1238), ('SET PERSIST nonsense = 7', 1193),
                              ('SET PERSIST pseudo_thread_id = 7', 1228), ("SET PERSIST_ONLY datadir = '/'", 1238),
                              ('SET PERSIST_ONLY port = 7', 1238), ("SET PERSIST gtid_purged = ''", 1238),
                              ("SET PERSIST max_connections = 'x'", 1232), ('RESET PERSIST nonsense', 3615)):
        assert error_of(a, statement)[0] == number, statement
    a.execute("CREATE USER 'u'@'%'")
    client = a.connect(user='u')
    for statement in ('SET PERSIST max_connections = 7', 'SET PERSIST_ONLY back_log = 7', 'RESET PERSIST'):
        with pytest.raises(pymysql.err.MySQLError) as refused:
            client.query(statement)
        assert refused.value.args[0] == 1227
    client.close()
    assert not (a.datadir / 'mysqld-auto.cnf').exists()


def test_a_damaged_file_ends_the_start(a):
    a.stop()
    (a.datadir / 'mysqld-auto.cnf').write_text('{"Version": 2, "mysql_')
    a.launch()
    assert a.wait_end() != 0
    assert "mysqld-auto.cnf' is corrupt" in a.log_end()


def test_a_replica_keeps_its_settings(make_server):
    a, b = make_server('a', server_id=1), make_server('b', server_id=2)
    edges = chain(a, b)
    b.execute('SET PERSIST super_read_only = ON', "SET PERSIST_ONLY slave_skip_errors = '1062'")
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'INSERT INTO d.t VALUES (1)')
    b.restart()
    assert b.rows('SELECT @@read_only, @@super_read_only, @@slave_skip_errors') == [(1, 1, '1062')]
    a.execute('INSERT INTO d.t VALUES (2)')
    wait_same_rows(edges)
