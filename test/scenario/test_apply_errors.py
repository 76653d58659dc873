"""a->b: what the applier cannot apply stops it, says which row and why, leaves nothing behind, and can be tried again."""
import pytest

from harness.topology import chain, explain, wait_same_rows
from harness.wait import wait_until


@pytest.fixture
def edges(two_servers):
    a, b = two_servers
    edges = chain(a, b)
    a.execute('CREATE DATABASE d',
              'CREATE TABLE d.t (id INT PRIMARY KEY, code VARCHAR(20), v INT, UNIQUE KEY code (code))',
              'CREATE TABLE d.other (id INT PRIMARY KEY, v INT)',
              "INSERT INTO d.t VALUES (1, 'one', 1), (2, 'two', 2)")
    wait_same_rows(edges)
    return edges


def alone(server, *statements):
    """On this server only: not logged."""
    server.execute('SET sql_log_bin=0', *statements, 'SET sql_log_bin=1')


def transaction(server, *statements):
    """Returns where the transaction begins in the log."""
    begins = server.log_end_position()
    server.execute('BEGIN', *statements, 'COMMIT')
    return begins


def wait_stopped(replica, number):
    def is_stopped():
        status = replica.replica_status()
        return status['Slave_SQL_Running'] == 'No' and int(status['Last_SQL_Errno']) == number and status
    return wait_until(is_stopped, f'{replica.name} to stop with {number}', show=lambda: explain(replica))


def check_error(status, source, begins, *words):
    """The message has the GTID, the place in the source's log, and the words."""
    text = status['Last_SQL_Error']
    uuid = source.variable('server_uuid')
    for word in (uuid + ':', begins[0], *words):
        assert str(word) in text, f'{word} is not in: {text}'
    assert (status['Relay_Master_Log_File'], int(status['Exec_Master_Log_Pos'])) == begins
    assert status['Slave_IO_Running'] == 'Yes'


def start_again(replica):
    replica.execute('START SLAVE SQL_THREAD')


def test_a_duplicate_key(edges):
    (a, b), = edges
    alone(b, "INSERT INTO d.t VALUES (3, 'three of b', 33)")

    begins = transaction(a, 'INSERT INTO d.other VALUES (1, 1)', "INSERT INTO d.t VALUES (3, 'three', 3)",
                         'UPDATE d.t SET v=v+1 WHERE id=1')

    status = wait_stopped(b, 1062)
    check_error(status, a, begins, 'd.t', "Duplicate entry '3' for key 't.PRIMARY'")
    assert b.rows('SELECT * FROM d.other') == []
    assert b.rows("SELECT * FROM d.t ORDER BY id") == [(1, 'one', 1), (2, 'two', 2), (3, 'three of b', 33)]

    start_again(b)
    wait_stopped(b, 1062)
    alone(b, 'DELETE FROM d.t WHERE id=3')
    start_again(b)
    wait_same_rows(edges)


def test_a_duplicate_in_a_second_key(edges):
    (a, b), = edges
    alone(b, "INSERT INTO d.t VALUES (30, 'three', 33)")
    begins = transaction(a, "INSERT INTO d.t VALUES (3, 'three', 3)")
    check_error(wait_stopped(b, 1062), a, begins, 'd.t', "'three'", 'code')
    alone(b, 'DELETE FROM d.t WHERE id=30')
    start_again(b)
    wait_same_rows(edges)


@pytest.mark.parametrize('statement', ['UPDATE d.t SET v=22 WHERE id=2', 'DELETE FROM d.t WHERE id=2'])
def test_a_missing_row(edges, statement):
    (a, b), = edges
    alone(b, 'DELETE FROM d.t WHERE id=2')
    begins = transaction(a, 'INSERT INTO d.other VALUES (1, 1)', statement)
    check_error(wait_stopped(b, 1032), a, begins, 'd.t', '2')
    assert b.rows('SELECT * FROM d.other') == []
    alone(b, "INSERT INTO d.t VALUES (2, 'two', 2)")
    start_again(b)
    wait_same_rows(edges)


def test_a_missing_table(edges):
    (a, b), = edges
    alone(b, 'RENAME TABLE d.t TO d.away')
    begins = transaction(a, 'INSERT INTO d.other VALUES (1, 1)', "INSERT INTO d.t VALUES (3, 'three', 3)")
    check_error(wait_stopped(b, 1146), a, begins, "'d.t' doesn't exist")
    assert b.rows('SELECT * FROM d.other') == []
    alone(b, 'RENAME TABLE d.away TO d.t')
    start_again(b)
    wait_same_rows(edges)


def test_a_missing_parent(edges):
    (a, b), = edges
    a.execute('CREATE TABLE d.child (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES d.t (id))')
    wait_same_rows(edges)
    alone(b, 'DELETE FROM d.t WHERE id=2')
    begins = transaction(a, 'INSERT INTO d.child VALUES (1, 2)')
    check_error(wait_stopped(b, 1452), a, begins, 'd.child')
    alone(b, "INSERT INTO d.t VALUES (2, 'two', 2)")
    start_again(b)
    wait_same_rows(edges)


def test_ddl_that_fails(edges):
    (a, b), = edges
    alone(b, 'CREATE TABLE d.made (id INT)')
    begins = a.log_end_position()
    a.execute('CREATE TABLE d.made (id INT)')
    check_error(wait_stopped(b, 1050), a, begins, "Table 'made' already exists", 'CREATE TABLE d.made')
    alone(b, 'DROP TABLE d.made')
    start_again(b)
    wait_same_rows(edges)


def test_a_column_too_few(edges):
    (a, b), = edges
    alone(b, 'ALTER TABLE d.t DROP COLUMN v')
    begins = transaction(a, "INSERT INTO d.t VALUES (3, 'three', 3)", "UPDATE d.t SET v=4 WHERE id=3")
    status = wait_until(lambda: b.replica_status()['Slave_SQL_Running'] == 'No' and b.replica_status()
                        or b.rows('SELECT id FROM d.t WHERE id=3') and b.replica_status(), 'an answer')
    if int(status['Last_SQL_Errno']):
        check_error(status, a, begins, 'd.t')


def test_skipping_and_going_on(edges):
    (a, b), = edges
    alone(b, "INSERT INTO d.t VALUES (3, 'three', 3)")
    transaction(a, "INSERT INTO d.t VALUES (3, 'three', 3)")
    a.execute("INSERT INTO d.t VALUES (4, 'four', 4)")
    wait_stopped(b, 1062)
    b.execute('SET GLOBAL sql_slave_skip_counter=1')
    start_again(b)
    wait_same_rows(edges)


def test_it_is_in_the_error_log(edges):
    (a, b), = edges
    alone(b, 'DELETE FROM d.t WHERE id=1')
    transaction(a, 'DELETE FROM d.t WHERE id=1')
    status = wait_stopped(b, 1032)
    assert status['Last_SQL_Error'] in b.log()
    alone(b, "INSERT INTO d.t VALUES (1, 'one', 1)")
    start_again(b)
    wait_same_rows(edges)
