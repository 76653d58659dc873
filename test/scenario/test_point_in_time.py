"""A log as a backup: stock mariadb-binlog prints it, a client feeds it to a server that has nothing, or not enough."""
import base64
import subprocess

import pymysql
import pytest

from harness.log import log_names, log_paths, run_mariadb_binlog
from harness.rows import assert_same_rows
from harness.wait import wait_until
from interop import types

EVERYTHING = [*types.CREATE, *types.FILL, *types.CHANGE, *types.DEFINE]


def replay(server, *arguments, check=True):
    """mariadb-binlog ARGUMENTS | mariadb"""
    return server.client('mariadb', text=run_mariadb_binlog(*arguments), check=check)


def fails(server, number, statement):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    assert error.value.args[0] == number, error.value
    return error.value.args[1]


OURS = [{}, {'binlog_format': 'STATEMENT'}, {'binlog_format': 'MIXED'}, {'binlog_row_image': 'MINIMAL'},
        {'binlog_row_image': 'NOBLOB', 'binlog_row_metadata': 'FULL', 'binlog_rows_query_log_events': 1},
        {'binlog_checksum': 'NONE', 'binlog_row_event_max_size': 256}]
THEIRS = [{'log_bin_compress': 1, 'log_bin_compress_min_len': 10}, {'binlog_row_image': 'MINIMAL'},
          {'binlog_row_metadata': 'FULL', 'binlog_checksum': 'NONE'}, {'binlog_format': 'STATEMENT'}]


def name_of(options):
    return '-'.join(f'{key}={value}' for key, value in options.items()) or 'default'


@pytest.mark.parametrize('options', OURS, ids=name_of)
def test_from_nothing(make_server, options):
    """a, b: what a logged, in several files, makes b's rows."""
    a, b = make_server('a', **options), make_server('b')
    for statement in EVERYTHING:
        a.execute(statement)
    a.execute('FLUSH LOGS', 'UPDATE kinds.numbers SET t = 5')
    replay(b, *log_paths(a))
    assert_same_rows(a, b)


@pytest.mark.parametrize('options', THEIRS, ids=name_of)
def test_from_a_log_of_mariadb(make_server, options):
    """theirs, ours: every SET line that MariaDB's log brings along is understood."""
    theirs, ours = make_server('theirs', kind='mariadb', **options), make_server('ours')
    theirs.execute(*EVERYTHING)
    replay(ours, theirs.datadir / theirs.source_status()['File'])
    assert_same_rows(theirs, ours)


def test_into_another_database(make_server):
    """a, b: --rewrite-db changes the table maps."""
    a, b = make_server('a'), make_server('b')
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')
    begins = a.log_end_position()[1]
    a.execute("INSERT INTO d.t VALUES (1, 'one'), (2, 'two')", "UPDATE d.t SET v = 'zwei' WHERE id = 2")
    b.execute('CREATE DATABASE other', 'CREATE TABLE other.t (id INT PRIMARY KEY, v TEXT)')
    replay(b, f'--start-position={begins}', '--rewrite-db=d->other', *log_paths(a))
    assert b.rows('SELECT * FROM other.t') == a.rows('SELECT * FROM d.t')


def test_into_mariadb(make_server):
    """ours, theirs: the same the other way."""
    ours, theirs = make_server('ours'), make_server('theirs', kind='mariadb')
    ours.execute(*EVERYTHING)
    replay(theirs, *log_paths(ours))
    assert_same_rows(ours, theirs)


def test_up_to_a_position_and_from_there(make_server):
    """a, b: to a mistake, past it, and on."""
    a, b = make_server('a'), make_server('b')
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(20))',
              "INSERT INTO d.t VALUES (1, 'one')", "INSERT INTO d.t VALUES (2, 'two')")
    mistake = a.log_end_position()[1]
    a.execute('DELETE FROM d.t')
    behind = a.log_end_position()[1]
    a.execute("INSERT INTO d.t VALUES (3, 'three')", 'BEGIN', "INSERT INTO d.t VALUES (4, 'four')",
              "UPDATE d.t SET v = 'drei' WHERE id = 3", 'COMMIT')
    replay(b, f'--stop-position={mistake}', *log_paths(a))
    assert b.rows('SELECT * FROM d.t') == [(1, 'one'), (2, 'two')]
    replay(b, f'--start-position={behind}', *log_paths(a))
    a.execute("INSERT INTO d.t VALUES (1, 'one'), (2, 'two')")
    assert_same_rows(a, b)


@pytest.mark.parametrize('format', ['ROW', 'STATEMENT'])
def test_up_to_a_time_and_from_there(make_server, format):
    """a->b->c: the times of the log, also of the one that a replay makes. Behind that of the file's head."""
    a, b, c = make_server('a'), make_server('b'), make_server('c')
    a.execute(f'SET binlog_format = {format}', "SET timestamp = UNIX_TIMESTAMP('2036-01-01 10:00:00')",
              'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, made TIMESTAMP DEFAULT CURRENT_TIMESTAMP)')
    for hour in range(11, 15):
        a.execute(f"SET timestamp = UNIX_TIMESTAMP('2036-01-01 {hour}:30:00')", f'INSERT INTO d.t (id) VALUES ({hour})')
    replay(b, '--stop-datetime=2036-01-01 13:00:00', *log_paths(a))
    assert b.rows('SELECT id FROM d.t') == [(11,), (12,)]
    replay(c, '--stop-datetime=2036-01-01 12:00:00', *log_paths(b))
    assert c.rows('SELECT id FROM d.t') == [(11,)]
    replay(b, '--start-datetime=2036-01-01 13:00:00', *log_paths(a))
    replay(c, '--start-datetime=2036-01-01 12:00:00', *log_paths(b))
    assert_same_rows(a, b, c)


# ---------------------------------------------------------------------------------------------- BINLOG itself


@pytest.fixture
def texts(server):
    """The description and the rows of one INSERT, as mariadb-binlog prints them; the row is gone again."""
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(20))')
    begins = server.log_end_position()[1]
    server.execute("INSERT INTO d.t VALUES (1, 'one'), (2, 'two')")
    text = run_mariadb_binlog(f'--start-position={begins}', *log_paths(server))
    server.execute('DELETE FROM d.t')
    return [part.split("'")[0].strip() for part in text.split("BINLOG '")[1:]]


def test_a_binlog_statement(server, texts):
    description, rows = texts
    message = fails(server, 1609, f"BINLOG '{rows}'")
    assert 'Table_map' in message
    server.execute(f"BINLOG '{description}'", f"BINLOG '{rows}'")
    assert server.rows('SELECT * FROM d.t') == [(1, 'one'), (2, 'two')]
    assert server.value("SHOW GLOBAL STATUS LIKE 'Com_binlog'") == 'Com_binlog'
    assert int(server.rows("SHOW GLOBAL STATUS LIKE 'Com_binlog'")[0][1]) == 3

    message = fails(server, 1062, f"BINLOG '{rows}'")
    assert "'1' for key 't.PRIMARY'" in message
    server.execute('DELETE FROM d.t WHERE id = 1')
    fails(server, 1062, f"BINLOG '{rows}'")
    assert server.rows('SELECT * FROM d.t') == [(2, 'two')]
    server.execute("SET rbr_exec_mode = IDEMPOTENT", f"BINLOG '{rows}'", 'SET rbr_exec_mode = DEFAULT')
    assert server.rows('SELECT * FROM d.t') == [(1, 'one'), (2, 'two')]


def test_a_binlog_statement_in_a_transaction(server, texts):
    description, rows = texts
    server.execute(f"BINLOG '{description}'", 'BEGIN', f"BINLOG '{rows}'", "INSERT INTO d.t VALUES (3, 'three')", 'ROLLBACK')
    assert server.rows('SELECT * FROM d.t') == []
    server.execute('BEGIN', 'SAVEPOINT s', f"BINLOG '{rows}'", 'ROLLBACK TO s', f"BINLOG '{rows}'", 'COMMIT')
    assert server.rows('SELECT COUNT(*) FROM d.t') == [(2,)]
    server.execute('DELETE FROM d.t', 'SET sql_log_bin = 0')
    end = server.log_end_position()
    server.execute(f"BINLOG '{rows}'", 'SET sql_log_bin = 1')
    assert server.log_end_position() == end and server.rows('SELECT COUNT(*) FROM d.t') == [(2,)]


def test_a_binlog_statement_in_parts(server, texts):
    """MariaDB's tool cuts what is larger than a packet."""
    both = '\n'.join(texts)
    server.execute(f"SET @binlog_fragment_0 = '{both[:90]}', @binlog_fragment_1 = '{both[90:]}'",
                   'BINLOG @binlog_fragment_0, @binlog_fragment_1')
    assert server.rows('SELECT COUNT(*) FROM d.t') == [(2,)]
    fails(server, 1232, 'BINLOG @binlog_fragment_0, @nobody')


def test_what_a_binlog_statement_refuses(server, texts):
    description, rows = texts
    fails(server, 1575, "BINLOG '!!!!'")
    fails(server, 1149, "BINLOG ''")
    fails(server, 1149, "BINLOG 'AAAA'")
    fails(server, 1149, f"BINLOG '{description[:60]}'")
    query = bytearray(base64.b64decode(description))
    query[4] = 2
    server.execute(f"BINLOG '{description}'")
    assert 'Query' in fails(server, 1730, f"BINLOG '{base64.b64encode(query).decode()}'")
    torn = bytearray(base64.b64decode(rows.split('\n')[-1]))
    torn[40] ^= 0xff
    fails(server, 1610, f"BINLOG '{base64.b64encode(torn).decode()}'")
    server.execute("CREATE USER who@localhost IDENTIFIED BY 'x'", 'GRANT ALL ON d.* TO who@localhost')
    with server.connect(user='who', password='x').cursor() as cursor:
        with pytest.raises(pymysql.err.MySQLError) as error:
            cursor.execute(f"BINLOG '{description}'")
    assert error.value.args[0] == 1227
    assert server.rows('SELECT COUNT(*) FROM d.t') == [(0,)]


# ------------------------------------------------------------------------------------------- what surrounds it


MYSQLS_LINES = """
/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;
/*!50003 SET @OLD_COMPLETION_TYPE=@@COMPLETION_TYPE,COMPLETION_TYPE=0*/;
DELIMITER /*!*/;
ROLLBACK/*!*/;
/*!80001 SET @@session.original_commit_timestamp=1600000000123456*//*!*/;
/*!80014 SET @@session.original_server_version=80032*//*!*/;
/*!80014 SET @@session.immediate_server_version=80035*//*!*/;
SET @@SESSION.GTID_NEXT= '3e11fa47-71ca-11e1-9e33-c80aa9429562:23'/*!*/;
SET TIMESTAMP=1600000000.123456/*!*/;
SET @@session.pseudo_thread_id=8/*!*/;
SET @@session.foreign_key_checks=1, @@session.sql_auto_is_null=0, @@session.unique_checks=1, @@session.autocommit=1/*!*/;
SET @@session.sql_mode=1168113696/*!*/;
SET @@session.auto_increment_increment=1, @@session.auto_increment_offset=1/*!*/;
/*!\\C utf8mb4 *//*!*/;
SET @@session.character_set_client=45,@@session.collation_connection=45,@@session.collation_server=255/*!*/;
SET @@session.time_zone='SYSTEM'/*!*/;
SET @@session.lc_time_names=5/*!*/;
SET @@session.collation_database=DEFAULT/*!*/;
SET @@session.collation_database=8/*!*/;
/*!80011 SET @@session.default_collation_for_utf8mb4=255*//*!*/;
/*!80013 SET @@session.sql_require_primary_key=0*//*!*/;
/*!80016 SET @@session.default_table_encryption=0*//*!*/;
SET @@session.explicit_defaults_for_timestamp=1/*!*/;
/*!50718 SET TRANSACTION ISOLATION LEVEL READ COMMITTED*//*!*/;
SET INSERT_ID=7/*!*/;
SET LAST_INSERT_ID=6/*!*/;
SET @@RAND_SEED1=100, @@RAND_SEED2=200/*!*/;
SET @`x`:=_utf8mb4 0x78 COLLATE `utf8mb4_general_ci`/*!*/;
/*!50521 SET skip_replication=1*//*!*/;
INSERT INTO d.t (v) VALUES (CONCAT(@x, DATE_FORMAT(NOW(), '%W')))
/*!*/;
/*!50521 SET skip_replication=0*//*!*/;
SET @@SESSION.GTID_NEXT= 'AUTOMATIC' /* added by mysqlbinlog */ /*!*/;
DELIMITER ;
# End of log file
/*!50003 SET COMPLETION_TYPE=@OLD_COMPLETION_TYPE*/;
/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=0*/;
"""


def test_every_line_that_mysqlbinlog_prints(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(20))')
    server.client('mariadb', text=MYSQLS_LINES)
    assert server.rows('SELECT * FROM d.t') == [(7, 'xdimanche')]
    assert '3e11fa47-71ca-11e1-9e33-c80aa9429562:23' in server.value('SELECT @@GLOBAL.gtid_executed')



def test_the_random_numbers_of_a_log(make_server):
    a, b = make_server('a', binlog_format='STATEMENT'), make_server('b')
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, r DOUBLE)',
              'INSERT INTO d.t VALUES (1, RAND()), (2, RAND())',
              'INSERT INTO d.t VALUES (3, RAND())')
    replay(b, *log_paths(a))
    assert_same_rows(a, b)


def test_names_of_locales(server):
    server.execute('SET lc_time_names = 4')
    assert server.value('SELECT @@lc_time_names') == 'de_DE'
    server.execute("SET lc_time_names = 'fr_FR'")
    assert server.value("SELECT DATE_FORMAT('2024-01-01', '%W')") == 'lundi'
    assert fails(server, 1649, "SET lc_time_names = 'xx_XX'") == "Unknown locale: 'xx_XX'"
    fails(server, 1649, 'SET lc_time_names = 500')


# ------------------------------------------------------------------------------------------- reading from the server


def remote(server, *arguments):
    return ('-R', '-h127.0.0.1', f'-P{server.port}', '-uroot', *arguments)


def test_from_a_running_server(make_server):
    """a, b: mariadb-binlog as a replica of a."""
    a, b = make_server('a'), make_server('b')
    first = log_names(a)[0]
    a.execute(*EVERYTHING[:len(types.CREATE) + 4], 'FLUSH LOGS', *EVERYTHING[len(types.CREATE) + 4:])
    replay(b, *remote(a, '--to-last-log', first))
    assert_same_rows(a, b)


def test_copies_of_the_files(make_server, scratch):
    """a: --raw fetches the files as they are (but for checksums), --stop-never goes on as the log grows."""
    a = make_server('a', binlog_checksum='NONE')
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'FLUSH LOGS', 'INSERT INTO d.t VALUES (1)')
    names = log_names(a)
    run_mariadb_binlog(*remote(a, '--raw', '--to-last-log', f'--result-file={scratch}/copy-', names[0]))
    assert run_mariadb_binlog(scratch / f'copy-{names[0]}').count('CREATE TABLE') == 1
    assert (scratch / f'copy-{names[0]}').stat().st_size == (a.datadir / names[0]).stat().st_size
    follower = subprocess.Popen(['mariadb-binlog', '--no-defaults', *remote(a, '--raw', '--stop-never'),
                                 f'--result-file={scratch}/live-', names[0]])
    try:
        a.execute('INSERT INTO d.t VALUES (2)', 'FLUSH LOGS', 'INSERT INTO d.t VALUES (3)')
        last = scratch / f'live-{log_names(a)[-1]}'
        size = a.log_end_position()[1]
        wait_until(lambda: last.exists() and last.stat().st_size == size, 'the copy to grow')
    finally:
        follower.terminate()
        follower.wait(10)
    a.execute('FLUSH LOGS')
    for name in names:
        assert run_mariadb_binlog('-v', scratch / f'live-{name}')
