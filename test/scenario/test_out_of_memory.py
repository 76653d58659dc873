"""A statement that takes too much memory fails, and nothing else does: whoever refuses it, the system or a limit."""
import re
import resource
import time
from pathlib import Path

import pymysql
import pytest

from harness.memory import skip_if_sanitized
from harness.topology import chain, status_of, wait_running, wait_same_rows
from harness.wait import wait_until

OUT_OF_MEMORY = 1037
ERROR_IN_LOG = 'Error_code: 1037'
GIB = 1 << 30


@pytest.fixture
def edges(make_server):
    edges = chain(make_server('a', local_infile=1), make_server('b'))
    (a, _), = edges
    a.execute('CREATE DATABASE d',
              'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, k INT, v VARCHAR(2000), UNIQUE KEY (k))',
              'INSERT INTO d.t (k, v) VALUES ' + ', '.join(f'({i}, REPEAT("x", 1500))' for i in range(1000)))
    wait_same_rows(edges)
    return edges


def outcome(connection, statement):
    """0, or the error's number."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
            cursor.fetchall()
        except pymysql.err.MySQLError as error:
            return error.args[0]
    return 0


def rows(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


# ------------------------------------------------------------------ the system refuses

def bound(server, more):
    """The system gives the server that many bytes of addresses more than it has now."""
    skip_if_sanitized(server)
    pid = server.process.pid
    size = int(re.search(r'VmSize:\s+(\d+)', Path(f'/proc/{pid}/status').read_text()).group(1)) * 1024
    resource.prlimit(pid, resource.RLIMIT_AS, (size + more, resource.RLIM_INFINITY))


GREEDY = ['SELECT LENGTH(GROUP_CONCAT(a.v ORDER BY b.id)) FROM t a, t b',
          'SELECT GROUP_CONCAT(a.v) FROM t a, t b',
          'SELECT JSON_ARRAYAGG(a.v) FROM t a, t b',
          'SELECT REPEAT("x", 1000000000)',
          'SELECT LPAD("x", 300000000, "y"), SPACE(300000000)',
          'INSERT INTO t (k, v) SELECT a.k + 100000 * b.id, a.v FROM t a, t b',
          'DELETE a FROM t a, t b WHERE CONCAT(a.v, b.v) = REPEAT("x", 500000000)',
          'SET @all = REPEAT("x", 900000000)']


def serves(server):
    try:
        return outcome(server.connect(), 'SELECT 1') == 0
    except pymysql.MySQLError:
        return False


def test_the_system_refuses(edges):
    (a, b), = edges
    a.execute(f'SET GLOBAL max_allowed_packet = {GIB}', f'SET GLOBAL group_concat_max_len = {GIB}')
    bound(a, 200 << 20)
    connection = a.connect(database='d')
    for statement in GREEDY:
        assert outcome(connection, statement) == OUT_OF_MEMORY, statement
        assert outcome(connection, 'SELECT 1') == 0
    assert a.value('SELECT COUNT(*) FROM d.t') == 1000
    assert 'Memory is short' in a.log() and 'Memory is there again' in a.log()
    a.execute('INSERT INTO d.t (k) VALUES (-1)')
    wait_same_rows(edges)


def test_statements_that_are_large_themselves(edges):
    (a, b), = edges
    a.execute(f'SET GLOBAL max_allowed_packet = {GIB}')
    bound(a, 80 << 20)
    # Where the packet itself does not fit the client is told, if it still listens, and cut off.
    for statement in ['SELECT "' + 'x' * (100 << 20) + '"',
                      'INSERT INTO d.t (v) VALUES ' + ', '.join(['("some value"), ("another")'] * 150000)]:
        assert outcome(a.connect(), statement) in (OUT_OF_MEMORY, 1041, 2006, 2013, 0)
        assert a.is_running(), a.log_end()
        wait_until(lambda: serves(a), 'room for a new client, once the large one is gone')
    a.execute('INSERT INTO d.t (k) VALUES (-1)')
    wait_same_rows(edges)


def test_a_transaction_that_takes_all_can_be_ended(edges):
    (a, b), = edges
    bound(a, 60 << 20)
    connection = a.connect(database='d')
    for i in range(100):
        if i == 0:
            assert outcome(connection, 'BEGIN') == 0
        statement = f'INSERT INTO t (k, v) SELECT k + 1000 * {i + 1}, v FROM t WHERE k < 1000'
        if (code := outcome(connection, statement)) != 0:
            break
    assert code == OUT_OF_MEMORY
    assert outcome(connection, 'SELECT COUNT(*) FROM t WHERE k < 1000') == 0
    assert outcome(connection, 'ROLLBACK') == 0
    assert a.value('SELECT COUNT(*) FROM d.t') == 1000
    a.execute('INSERT INTO d.t (k) VALUES (-1)')
    wait_same_rows(edges)


# ------------------------------------------------------------------ each allocation in turn

READS = ['SELECT COUNT(*), MAX(v) FROM t WHERE k < 20 GROUP BY k % 3 ORDER BY 1',
         'SELECT x.s, y.id FROM (SELECT k % 5 AS s, COUNT(*) FROM t GROUP BY 1) x JOIN t y ON y.k = x.s ORDER BY y.v, 2',
         'WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 30) SELECT GROUP_CONCAT(n) FROM r',
         'SELECT JSON_ARRAYAGG(k), GROUP_CONCAT(DISTINCT k % 4 ORDER BY k DESC) FROM t WHERE k < 50',
         'SELECT DISTINCT v, (SELECT MAX(k) FROM t i WHERE i.k < t.k) FROM t WHERE k BETWEEN 3 AND 9',
         'SELECT ROW_NUMBER() OVER (ORDER BY k) FROM t WHERE k < 9 UNION SELECT k FROM t LIMIT 5',
         'SELECT * FROM information_schema.columns WHERE table_schema = "d"',
         'SHOW CREATE TABLE t', 'SHOW VARIABLES LIKE "s%"']
# What they do and what undoes it, so that each try begins alike.
WRITES = [('INSERT INTO t (k, v) VALUES (-1, "a"), (-2, CONCAT("b", 1)), (-3, NULL)', 'DELETE FROM t WHERE k < 0'),
          ('INSERT INTO t (k, v) SELECT -k - 1, v FROM t WHERE k < 20', 'DELETE FROM t WHERE k < 0'),
          ('REPLACE INTO t (k, v) VALUES (5, "r"), (-5, "s")', 'DELETE FROM t WHERE k < 0'),
          ('UPDATE t SET v = CONCAT(v, "y") WHERE k BETWEEN 5 AND 30', 'UPDATE t SET v = REPEAT("x", 1500) WHERE k < 40'),
          ('DELETE FROM t WHERE k BETWEEN 900 AND 910',
           'INSERT IGNORE INTO t (k, v) SELECT k + 895, v FROM t WHERE k BETWEEN 5 AND 15'),
          ('LOAD DATA INFILE "{file}" INTO TABLE t (k, v)', 'DELETE FROM t WHERE k < 0'),
          ('ALTER TABLE t ADD COLUMN w INT DEFAULT 7, ADD KEY (w)', 'ALTER TABLE t DROP COLUMN w'),
          ('CREATE TABLE u AS SELECT * FROM t WHERE k < 9', 'DROP TABLE IF EXISTS u')]


def allocations_of(server, connection, statement):
    server.execute("SET GLOBAL gemel_faults='memory.statement=count'")
    assert outcome(connection, statement) == 0
    passes = server.value("SELECT passes FROM information_schema.gemel_faults WHERE name = 'memory.statement'")
    server.execute("SET GLOBAL gemel_faults=''")
    return int(passes)


def spread(count, tries):
    """The first ones, where all is made ready, then some of each part."""
    first = min(count, tries // 2)
    step = max(1, (count - first) // max(1, tries - first))
    return [*range(1, first + 1), *range(first + 1, count + 1, step)]


def fail_allocation(server, connection, number, statement):
    server.execute(f"SET GLOBAL gemel_faults='memory.statement=error@{number}'")
    code = outcome(connection, statement)
    while outcome(server.control(), "SET GLOBAL gemel_faults=''") != 0:
        pass # the number was reached by this one
    return code


def test_each_allocation_of_a_read(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, k INT UNIQUE, v TEXT)',
                   'INSERT INTO d.t (k, v) VALUES ' + ', '.join(f'({i}, REPEAT("x", {i}))' for i in range(60)))
    connection = server.connect(database='d')
    for statement in READS:
        right = rows(connection, statement)
        codes = {}
        for number in spread(allocations_of(server, connection, statement), 30):
            code = fail_allocation(server, connection, number, statement)
            codes[code] = codes.get(code, 0) + 1
            assert rows(connection, statement) == right, f'{statement}: after allocation {number} had failed'
        assert set(codes) <= {0, OUT_OF_MEMORY} and OUT_OF_MEMORY in codes, (statement, codes)


def state(server):
    return server.rows('SELECT k, v FROM d.t ORDER BY k'), server.rows('SHOW TABLES FROM d'), \
        server.rows('SHOW COLUMNS FROM d.t')


@pytest.mark.parametrize('change, undo', WRITES)
def test_each_allocation_of_a_change(edges, scratch, change, undo):
    """It fails and nothing of it is there, or it is done; the replica has the same."""
    (a, b), = edges
    file = scratch / 'rows.txt'
    file.write_text(''.join(f'{-i}\tline {i}\n' for i in range(1, 30)))
    change = change.format(file=file)
    a.execute('DELETE FROM d.t WHERE k BETWEEN 40 AND 890')
    connection = a.connect(database='d')
    codes = {}
    count = allocations_of(a, connection, change)
    a.execute('USE d', undo)
    for number in spread(count, 40):
        before = state(a)
        code = fail_allocation(a, connection, number, change)
        codes[code] = codes.get(code, 0) + 1
        if code != 0:
            assert state(a) == before, f'allocation {number}'
        else:
            a.execute(undo)
    assert set(codes) <= {0, OUT_OF_MEMORY} and OUT_OF_MEMORY in codes, codes
    wait_same_rows(edges)


def has_come_to(replica, gtids):
    """There, or stopped. Asking may itself be what the allocation was refused to."""
    try:
        status = status_of(replica)
    except pymysql.err.MySQLError as error:
        assert error.args[0] == OUT_OF_MEMORY
        return False
    return status['Executed_Gtid_Set'] == gtids or status['Slave_SQL_Running'] == 'No'


@pytest.mark.parametrize('options', [{}, {'replica_parallel_workers': 0}], ids=['workers', 'alone'])
def test_each_allocation_of_the_applier(make_server, options):
    """The channel stops with the error; START REPLICA goes on."""
    edges = chain(make_server('a'), make_server('b', slave_transaction_retries=0, **options))
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v TEXT)')
    stops = 0
    for number in [*range(1, 40, 2), 50, 70, 100, 150, 200]:
        wait_same_rows(edges)
        wait_running(b)
        b.execute(f"SET GLOBAL gemel_faults='memory.statement=error@{number + 3}'")
        a.execute('INSERT INTO d.t (v) VALUES (REPEAT("x", 9000)), ("y"), ("z")', 'UPDATE d.t SET v = "w" WHERE id % 5 = 0',
                  f'CREATE TABLE d.t{number} AS SELECT * FROM d.t', f'DROP TABLE d.t{number}')
        end = a.source_status()['Executed_Gtid_Set']
        left_alone_until = time.monotonic() + 0.1 # who asks takes allocations, too
        wait_until(lambda: time.monotonic() > left_alone_until or b.log().count(ERROR_IN_LOG) > stops,
                   f'allocation {number}')
        wait_until(lambda: has_come_to(b, end), f'allocation {number}')
        while outcome(b.control(), "SET GLOBAL gemel_faults=''") != 0:
            pass
        status = status_of(b)
        if status['Slave_SQL_Running'] == 'No':
            stops += 1
            assert status['Last_SQL_Errno'] == OUT_OF_MEMORY, status['Last_SQL_Error']
            b.execute('START REPLICA')
    assert stops > 0
    wait_same_rows(edges)


# ------------------------------------------------------------------ limits

@pytest.fixture
def limited(server):
    server.execute('CREATE USER u@localhost', 'GRANT ALL ON d.* TO u@localhost', 'CREATE DATABASE d',
                   'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v TEXT)',
                   'INSERT INTO d.t (v) VALUES ' + ', '.join(['(REPEAT("x", 5000))'] * 300),
                   'SET GLOBAL group_concat_max_len = 100000000')
    return server


GREED = 'SELECT GROUP_CONCAT(v) FROM d.t a JOIN (SELECT 1 UNION SELECT 2 UNION SELECT 3) x'


def test_the_limit_of_a_connection(limited):
    limited.execute('SET GLOBAL connection_memory_limit = 2097152')
    user = limited.connect(user='u')
    assert outcome(user, 'SELECT 1') == 0
    with pytest.raises(pymysql.err.MySQLError) as caught, user.cursor() as cursor:
        cursor.execute(GREED)
    code, text = caught.value.args
    assert code == 4082
    assert re.match(r'Connection closed. Connection memory limit 2097152 bytes exceeded. Consumed \d+ bytes.$', text)
    assert outcome(user, 'SELECT 1') in (2006, 2013)
    assert outcome(limited.connect(), GREED) == 0, 'SUPER may have more'
    assert outcome(limited.connect(user='u'), 'SET SESSION connection_memory_limit = 99999999') == 1227
    limited.execute('SET GLOBAL connection_memory_limit = DEFAULT')
    assert limited.variable('connection_memory_limit') == '18446744073709551615'
    assert outcome(limited.connect(user='u'), GREED) == 0


def test_the_limit_of_all_connections(limited):
    limited.execute('SET GLOBAL global_connection_memory_tracking = ON', 'SET GLOBAL connection_memory_chunk_size = 1024',
                    'SET GLOBAL global_connection_memory_limit = 16777216')
    users = [limited.connect(user='u') for _ in range(12)]
    codes = [outcome(user, f'SET @mine = REPEAT("x", 1500000)') for user in users]
    assert codes[0] == 0 and 4081 in codes, codes
    used = int(limited.value("SELECT variable_value FROM performance_schema.global_status "
                             "WHERE variable_name = 'Global_connection_memory'"))
    assert 1500000 < used < 30000000
    for user in users:
        if user.open:
            user.close()

    def is_given_back():
        return int(limited.rows("SHOW GLOBAL STATUS LIKE 'Global_connection_memory'")[0][1]) < 3000000
    wait_until(is_given_back, 'the memory of connections that ended')
    limited.execute('SET GLOBAL global_connection_memory_tracking = OFF')


def test_results_larger_than_a_packet(server):
    server.execute('SET GLOBAL max_allowed_packet = 1048576')
    connection = server.connect()
    for call, name in [('REPEAT("x", 1048577)', 'repeat'), ('SPACE(2000000)', 'space'), ('LPAD("x", 2000000, "y")', 'lpad'),
                       ('CONCAT(REPEAT("x", 600000), REPEAT("y", 600000))', 'concat')]:
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT {call} IS NULL')
            assert cursor.fetchall() == ((1,),)
            cursor.execute('SHOW WARNINGS')
            assert cursor.fetchall() == (
                ('Warning', 1301, f'Result of {name}() was larger than max_allowed_packet (1048576) - truncated'),)
