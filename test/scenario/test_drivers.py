"""What drivers and object mappers lean on, found by running their own test suites."""
import pymysql
import pytest
from pymysql.constants import CLIENT, FIELD_TYPE

from harness import wire
from harness.wait import wait_until

BINARY = 63


@pytest.fixture
def cursor(server):
    server.execute('CREATE DATABASE d')
    with server.connect(database='d', client_flag=CLIENT.MULTI_STATEMENTS) as connection, connection.cursor() as cursor:
        yield cursor


@pytest.mark.parametrize('statement, told', [
    ('INSERT INTO t VALUES (15, 1)', 15), ('INSERT INTO t VALUES (4 * 5, 1)', 20),
    ("INSERT INTO t (id, n) VALUES (LENGTH('four'), 1)", 4), ('INSERT INTO t SELECT 30, 1', 30),
    ('INSERT INTO t VALUES (40, 1), (41, 1)', 41), ('INSERT INTO t (n) VALUES (1), (2)', 2),
    ('INSERT INTO t VALUES (60, 1), (NULL, 2)', 61), ('REPLACE INTO t VALUES (1, 7)', 1),
    ('INSERT INTO t VALUES (1, 7) ON DUPLICATE KEY UPDATE n = 7', 1),
    ('INSERT INTO t VALUES (1, 8) ON DUPLICATE KEY UPDATE n = LAST_INSERT_ID(9)', 9),
    ('INSERT INTO t SELECT 30, 1 WHERE 0', 0), ('UPDATE t SET n = LAST_INSERT_ID(n + 4)', 5),
])
def test_the_id_that_an_insert_tells(cursor, statement, told):
    """An id that the statement gave is told as well as one that was made; LAST_INSERT_ID() knows only the latter."""
    cursor.execute('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT)')
    cursor.execute('INSERT INTO t (n) VALUES (1)')
    cursor.execute(statement)
    assert cursor.lastrowid == told


def test_version_comments_side_by_side(cursor):
    cursor.execute('/*!40101 SET @a = 1 */;/*!40101 SET @b = 2 */; /* nothing */ ;/*!50000 SELECT @a, @b */;')
    while cursor.description is None:
        assert cursor.nextset()
    assert cursor.fetchall() == ((1, 2),)


def test_prepared_statements_of_all_sessions_are_counted(server, cursor):
    server.execute('SET GLOBAL max_prepared_stmt_count = 2')
    with server.connect() as other, other.cursor() as second:
        cursor.execute("PREPARE a FROM 'SELECT 1'")
        second.execute("PREPARE b FROM 'SELECT 2'")
        second.execute("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")
        assert second.fetchone() == ('Prepared_stmt_count', '2')
        with pytest.raises(pymysql.OperationalError) as error:
            cursor.execute("PREPARE c FROM 'SELECT 3'")
        assert error.value.args == (
            1461, "Can't create more than max_prepared_stmt_count statements (current value: 2)")
    wait_until(lambda: server.rows("SHOW STATUS LIKE 'Prepared_stmt_count'") == [('Prepared_stmt_count', '1')],
               'the other session to end')
    cursor.execute("PREPARE c FROM 'SELECT 3'")


def test_an_inactive_client_hears_why(server):
    connection = wire.Wire(server)
    connection.query('SET wait_timeout = 1')
    with pytest.raises(wire.ServerError) as error:
        connection.read_ok()
    assert error.value.number == 4031 and 'wait_timeout' in error.value.message


def test_json_columns_are_binary_to_clients(cursor):
    cursor.execute('CREATE TABLE t (j JSON)')
    cursor.execute('SELECT j, JSON_OBJECT() FROM t')
    kinds = [(field.type_code, field.charsetnr == BINARY) for field in cursor._result.fields]
    assert kinds == [(FIELD_TYPE.JSON, True), (FIELD_TYPE.JSON, False)]


def test_case_compares_json_as_text(cursor):
    cursor.execute("""SELECT CASE JSON_EXTRACT('{"a": null}', '$.a') WHEN 'null' THEN 1 END,
                             CASE JSON_EXTRACT('{"a": "x"}', '$.a') WHEN '"x"' THEN 1 END,
                             CASE JSON_EXTRACT('{"a": 5}', '$.a') WHEN 5 THEN 1 END""")
    assert cursor.fetchone() == (1, 1, 1)


def test_an_enum_has_a_default(cursor):
    """Also in strict mode: its first value."""
    cursor.execute("CREATE TABLE t (id INT, e ENUM('x', 'y') NOT NULL, n INT NOT NULL)")
    cursor.execute('INSERT INTO t (id, n) VALUES (1, 2)')
    assert cursor._result.warning_count == 0
    cursor.execute('SELECT * FROM t')
    assert cursor.fetchall() == ((1, 'x', 2),)


def test_headings_are_in_the_clients_character_set(server, cursor):
    cursor.execute('CREATE TABLE t (`größe` INT)')
    with server.connect(database='d', charset='latin1') as connection, connection.cursor() as other:
        other.execute('SELECT * FROM t')
        assert other.description[0][0] == 'größe'


def test_foreign_keys_are_listed_by_name(cursor):
    cursor.execute('CREATE TABLE parent (id INT PRIMARY KEY)')
    cursor.execute('CREATE TABLE t (a INT, b INT, c INT, CONSTRAINT z FOREIGN KEY (a) REFERENCES parent (id),'
                   ' FOREIGN KEY (b) REFERENCES parent (id), CONSTRAINT m FOREIGN KEY (c) REFERENCES parent (id))')
    cursor.execute('SHOW CREATE TABLE t')
    text = cursor.fetchone()[1]
    assert text.index('`m` FOREIGN') < text.index('`t_ibfk_1` FOREIGN') < text.index('`z` FOREIGN')


@pytest.mark.parametrize('kind, number, message', [
    ('PROCEDURE', 1305, 'PROCEDURE d.x does not exist'), ('FUNCTION', 1305, 'FUNCTION d.x does not exist'),
    ('TRIGGER', 1360, 'Trigger does not exist'), ('EVENT', 1539, "Unknown event 'x'"),
])
def test_dropping_a_program_that_is_not_there(cursor, kind, number, message):
    with pytest.raises(pymysql.MySQLError) as error:
        cursor.execute(f'DROP {kind} x')
    assert error.value.args == (number, message)
    cursor.execute(f'DROP {kind} IF EXISTS x')
    cursor.execute('SHOW WARNINGS')
    assert [row[0] for row in cursor.fetchall()] == ['Note']


# What MySQL's own connector for Java asks in one statement when it connects: an unknown variable would end the connection.
CONNECTOR_J = '''auto_increment_increment character_set_client character_set_connection character_set_results
    character_set_server collation_connection collation_server init_connect interactive_timeout license
    lower_case_table_names max_allowed_packet net_buffer_length net_write_timeout performance_schema sql_mode
    system_time_zone time_zone transaction_isolation wait_timeout'''


def test_what_connectors_ask_and_dumps_set_is_known(cursor):
    cursor.execute('SELECT ' + ', '.join(f'@@{name} AS {name}' for name in CONNECTOR_J.split()))
    assert len(cursor.fetchone()) == len(CONNECTOR_J.split())
    for statement in ('/*!80000 SET SESSION information_schema_stats_expiry=0 */', 'SET SESSION innodb_strict_mode = 0',
                      'SET optimizer_search_depth = 0, optimizer_prune_level = 1',
                      'SET GLOBAL innodb_stats_on_metadata = 0'):
        cursor.execute(statement)
    cursor.execute("SELECT column_name, JSON_EXTRACT(histogram, '$.\"number-of-buckets-specified\"') "
                   "FROM information_schema.column_statistics WHERE schema_name = 'd' AND table_name = 't'")
    assert cursor.fetchall() == ()


def test_a_timestamp_of_two_parts_keeps_both_fractions(cursor):
    cursor.execute("SELECT CAST(TIMESTAMP('2001-12-01', '01:01:01.999999') AS CHAR), "
                   "CAST(TIMESTAMP('2001-12-01 10:00:00.5', '01:00:00.25') AS CHAR)")
    assert cursor.fetchone() == ('2001-12-01 01:01:01.999999', '2001-12-01 11:00:00.75')
