"""A full tmpdir: what needs a temporary file fails with MySQL's error, all else goes on, and nothing is half done."""
import pymysql
import pytest

from harness.topology import chain, wait_same_rows

ROWS = 6000
LARGE = {
    'a sort': 'SELECT v, id FROM d.t ORDER BY v',
    'groups': 'SELECT v, COUNT(*) FROM d.t GROUP BY v',
    'rows put into another table': 'INSERT INTO d.copy SELECT id, v FROM d.t ORDER BY v',
    'an update in order': 'UPDATE d.t SET v = CONCAT(v, 1) ORDER BY v',
}


def fill_table(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)', 'CREATE TABLE d.copy LIKE d.t')
    for first in range(0, ROWS, 500):
        rows = ','.join(f"({id}, REPEAT('{id} ', 400))" for id in range(first, first + 500))
        server.execute(f'INSERT INTO d.t VALUES {rows}')


def test_statements_that_spill(make_disk, make_server, scratch):
    """a->b: each of them fails while there is no room, and succeeds when there is."""
    disk = make_disk(megabytes=64)
    a, b = make_server('a', tmpdir=disk.path, tmp_table_size=1024), make_server('b')
    edges = chain(a, b)
    fill_table(a)
    before = a.rows('SELECT id, MD5(v) FROM d.t')
    disk.fill()
    for what, statement in LARGE.items():
        with pytest.raises(pymysql.err.MySQLError) as caught:
            a.execute(statement)
        assert caught.value.args[0] == 1114, (what, caught.value)
        assert a.rows('SELECT id, MD5(v) FROM d.t') == before
    assert a.value('SELECT COUNT(*) FROM d.copy') == 0
    a.execute('INSERT INTO d.copy VALUES (-1, "small")', 'DELETE FROM d.copy')
    assert len(a.rows('SELECT id FROM d.t ORDER BY v LIMIT 3')) == 3
    wait_same_rows(edges)
    disk.make_room()
    for statement in LARGE.values():
        a.execute(statement)
    wait_same_rows(edges)


def test_a_transaction_beyond_its_cache(make_disk, make_server):
    """a->b: its events stay in memory, and the error log says so a few times, not for each statement."""
    disk = make_disk(megabytes=1)
    a, b = make_server('a', tmpdir=disk.path, binlog_cache_size=4096), make_server('b')
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')
    disk.fill()
    a.execute('BEGIN', *(f"INSERT INTO d.t VALUES ({id}, REPEAT('x', 6000))" for id in range(300)), 'COMMIT')
    assert 1 <= a.log().count("a transaction's events stay in memory") <= 12
    assert a.value('SELECT COUNT(*) FROM d.t') == 300
    wait_same_rows(edges)
    a.execute('SET GLOBAL max_binlog_cache_size=65536', 'BEGIN')
    with pytest.raises(pymysql.err.MySQLError) as caught:
        a.execute(*(f"INSERT INTO d.t VALUES ({id}, REPEAT('y', 6000))" for id in range(1000, 1300)), 'COMMIT')
    assert caught.value.args[0] == 1197
    a.execute('ROLLBACK')
    disk.make_room()
    a.execute('INSERT INTO d.t VALUES (2000, "later")')
    assert a.value('SELECT COUNT(*) FROM d.t') == 301
    wait_same_rows(edges)


def test_rows_from_the_client(make_disk, make_server, scratch):
    """a->b: LOAD DATA LOCAL needs no temporary file."""
    disk = make_disk(megabytes=1)
    a, b = make_server('a', tmpdir=disk.path, local_infile='ON'), make_server('b')
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)')
    disk.fill()
    file = scratch / 'rows'
    file.write_text(''.join(f'{id}\t{"x" * 1000}\n' for id in range(3000)))
    with a.connect(local_infile=True, database='d') as client, client.cursor() as cursor:
        cursor.execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE t")
    assert a.value('SELECT COUNT(*) FROM d.t') == 3000
    wait_same_rows(edges)
