"""a->b: columns whose types differ, as slave_type_conversions allows."""
import pytest

from harness.topology import chain, explain, wait_caught_up, wait_same_rows
from harness.wait import wait_until

WIDER = [
    ('INT', '-5', 'BIGINT', '-5'), ('TINYINT UNSIGNED', '255', 'SMALLINT UNSIGNED', '255'),
    ('INT UNSIGNED', '4294967295', 'BIGINT', '4294967295'), ('VARCHAR(4)', "'abcd'", 'VARCHAR(20)', 'abcd'),
    ('CHAR(4)', "'ab'", 'VARCHAR(20)', 'ab'), ('VARCHAR(20)', "'text'", 'TEXT', 'text'),
    ('TEXT', "'text'", 'LONGTEXT', 'text'), ('DECIMAL(5,2)', '-1.25', 'DECIMAL(10,4)', '-1.2500'),
    ('FLOAT', '1.5', 'DOUBLE', '1.5'), ('BIT(4)', "b'1010'", 'BIT(8)', '\n'),
    ('DATETIME', "'2024-02-29 12:00:01'", 'DATETIME(3)', '2024-02-29 12:00:01.000'),
    ('TIME(2)', "'-01:02:03.25'", 'TIME(6)', '-01:02:03.250000'),
    ("ENUM('a','b')", "'b'", f"ENUM('a','b',{','.join(repr(str(n)) for n in range(300))})", 'b'),
]
NARROWER = [
    ('BIGINT', '5000000000', 'INT', '2147483647'), ('INT', '-1', 'INT UNSIGNED', '0'), ('INT', '300', 'TINYINT', '127'),
    ('VARCHAR(20)', "'too long'", 'VARCHAR(3)', 'too'), ('DECIMAL(10,4)', '12.3456', 'DECIMAL(5,2)', '12.35'),
    ('DECIMAL(10,2)', '99.50', 'INT', '100'), ('DOUBLE', '2.5', 'FLOAT', '2.5'), ('DOUBLE', '1e300', 'INT', '2147483647'),
    ('DATETIME(6)', "'2024-02-29 12:00:01.750000'", 'DATETIME', '2024-02-29 12:00:02'),
]
NEVER = [('INT', '1', 'VARCHAR(20)'), ('VARCHAR(20)', "'1'", 'INT'), ('DATE', "'2024-01-01'", 'DATETIME'),
         ('YEAR', '2024', 'INT')]
ALLOWED = {'wider': ('ALL_NON_LOSSY', WIDER), 'narrower': ('ALL_LOSSY', NARROWER),
           'both': ('ALL_LOSSY,ALL_NON_LOSSY', WIDER)}
REFUSED = {'wider': ('', WIDER), 'narrower': ('', NARROWER), 'narrower-where-wider-may': ('ALL_NON_LOSSY', NARROWER),
           'wider-where-narrower-may': ('ALL_LOSSY', WIDER),
           'never': ('ALL_LOSSY,ALL_NON_LOSSY', [(*column, '') for column in NEVER])}


@pytest.fixture
def edges(make_server):
    return chain(make_server('a', binlog_row_metadata='FULL'), make_server('b'))


def make_tables(edges, columns):
    """columns: (a's type, value, b's type, ...) of tables d.t0, d.t1, ..."""
    for server, place in zip(edges[0], (0, 2)):
        server.execute('SET sql_log_bin = 0', 'CREATE DATABASE d',
                       *(f'CREATE TABLE d.t{number} (id INT PRIMARY KEY, v {column[place]})'
                         for number, column in enumerate(columns)), 'SET sql_log_bin = 1')


def allow(replica, policy):
    replica.execute('STOP SLAVE SQL_THREAD', f"SET GLOBAL slave_type_conversions = '{policy}'", 'START SLAVE SQL_THREAD')


def wait_refused(replica):
    def text():
        status = replica.replica_status()
        is_refused = status['Slave_SQL_Running'] == 'No' and int(status['Last_SQL_Errno']) == 1677
        return is_refused and status['Last_SQL_Error']
    return wait_until(text, 'the applier to refuse a type', show=lambda: explain(replica))


def text_of(value):
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize('policy, columns', ALLOWED.values(), ids=ALLOWED)
def test_what_is_allowed(edges, policy, columns):
    (a, b), = edges
    make_tables(edges, columns)
    a.execute(*(f'INSERT INTO d.t{number} VALUES (1, {column[1]}), (2, NULL)' for number, column in enumerate(columns)))
    wait_refused(b)
    allow(b, policy)
    wait_caught_up(edges)
    connection = b.connect(conv={})
    for number, column in enumerate(columns):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT v FROM d.t{number} ORDER BY id')
            found = [row[0] for row in cursor.fetchall()]
        assert text_of(found[0]) == column[3] and found[1] is None, column
    connection.close()
    a.execute('DROP DATABASE d')
    wait_same_rows(edges)


@pytest.mark.parametrize('policy, columns', REFUSED.values(), ids=REFUSED)
def test_what_is_refused(edges, policy, columns):
    """One after the other: the message names column, table and both types; skipped, the next one comes."""
    (a, b), = edges
    make_tables(edges, columns)
    allow(b, policy)
    a.execute(*(f'INSERT INTO d.t{number} VALUES (1, {column[1]})' for number, column in enumerate(columns)))
    for number in range(len(columns)):
        text = wait_refused(b)
        assert f"Column 1 of table 'd.t{number}' cannot be converted from type '" in text, text
        b.execute('SET GLOBAL sql_slave_skip_counter = 1', 'START SLAVE SQL_THREAD')
    wait_caught_up(edges)
    assert all(b.rows(f'SELECT * FROM d.t{number}') == [] for number in range(len(columns)))
    a.execute('DROP DATABASE d')
    wait_same_rows(edges)


@pytest.mark.parametrize('metadata', ['MINIMAL', 'FULL'])
def test_other_character_sets(make_server, metadata):
    """a->b: a tells its columns' character sets, b keeps the text and not its bytes."""
    a, b = make_server('a', binlog_row_metadata=metadata), make_server('b')
    edges = chain(a, b)
    for server, sets in ((a, ('latin1', 'utf8mb4', 'utf8mb4')), (b, ('utf8mb4', 'utf8mb4', 'latin1'))):
        server.execute('SET sql_log_bin = 0', 'CREATE DATABASE d',
                       'CREATE TABLE d.t (id INT PRIMARY KEY, x TEXT CHARACTER SET {}, y VARBINARY(20), z VARCHAR(9) '
                       'CHARACTER SET {}, w TEXT CHARACTER SET {})'.format(*sets), 'SET sql_log_bin = 1')
    a.execute("INSERT INTO d.t VALUES (1, 'ä ö ß', 0xe4f6, 'ä', 'é'), (2, '', '', NULL, NULL)",
              "UPDATE d.t SET x = CONCAT(x, 'ü') WHERE id = 1", "DELETE FROM d.t WHERE id = 2")
    wait_same_rows(edges)
    assert b.rows('SELECT x, HEX(x), w, HEX(w) FROM d.t') == [('ä ö ßü', 'C3A420C3B620C39FC3BC', 'é', 'E9')]
