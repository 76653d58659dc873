"""Transactions that are logged compressed (binlog_transaction_compression): TRANSACTION_PAYLOAD events."""
import shutil

import pymysql
import pytest

from harness.rows import read_tables
from harness.topology import chain, wait_caught_up, wait_running, wait_same_rows
from interop import types

ON = {'binlog_transaction_compression': 1, 'binlog_transaction_compression_level_zstd': 5}
BIG = "INSERT INTO d.t (v) SELECT REPEAT('gemel ', 200) FROM information_schema.columns LIMIT 100"


def event_types(server, position=4):
    return [row[2] for row in server.rows(f"SHOW BINLOG EVENTS IN '{server.log_end_position()[0]}' FROM {position}")]


def test_what_is_in_the_log(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v TEXT)',
                   'SET binlog_transaction_compression = ON')
    begins = server.log_end_position()[1]
    server.execute(BIG)
    events = server.rows(f"SHOW BINLOG EVENTS FROM {begins}")
    assert [row[2] for row in events[:4]] == ['Gtid', 'Transaction_payload', 'Query', 'Table_map']
    assert events[-1][2] == 'Xid' and {row[2] for row in events[4:-1]} == {'Write_rows'}
    assert events[1][5].startswith("compression='ZSTD', decompressed_size=")
    assert server.log_end_position()[1] - begins < 10000 < int(events[1][5].split('=')[2].split()[0])
    assert len(server.rows(f'SHOW BINLOG EVENTS FROM {begins} LIMIT 2, 3')) == 3


def test_what_is_not_compressed(server):
    server.execute('SET GLOBAL binlog_transaction_compression = ON')
    with server.connect().cursor() as cursor:
        for statement in ('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)',
                          'SET binlog_format = STATEMENT', "INSERT INTO d.t VALUES (1, 'x')", 'SET binlog_format = ROW'):
            cursor.execute(statement)
        assert 'Transaction_payload' not in event_types(server)
        cursor.execute("INSERT INTO d.t VALUES (2, 'x')")
        assert event_types(server).count('Transaction_payload') == 1
        cursor.execute('BEGIN')
        with pytest.raises(pymysql.err.MySQLError) as error:
            cursor.execute('SET binlog_transaction_compression = OFF')
        assert error.value.args[0] == 1766


@pytest.mark.parametrize('checksum', ['CRC32', 'NONE'])
def test_replicas(make_server, checksum):
    """a->b->c: b applies and logs in the clear, c compresses anew what it applies."""
    a, b = make_server('a', binlog_checksum=checksum, **ON), make_server('b')
    c = make_server('c', slave_parallel_workers=4, **ON)
    edges = chain(a, b, c)
    a.execute(*types.CREATE, *types.FILL, *types.CHANGE, *types.DEFINE)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v TEXT)', BIG, 'BEGIN',
              "INSERT INTO d.t (v) VALUES ('one'), ('two')", 'SAVEPOINT s', 'DELETE FROM d.t', 'ROLLBACK TO s', 'COMMIT')
    wait_same_rows(edges)
    counts = [event_types(server).count('Transaction_payload') for server in (a, b, c)]
    assert counts[0] > 10 and counts[1] == 0 and counts[2] == counts[0]
    relayed = b.rows(f"SHOW RELAYLOG EVENTS IN '{b.replica_status()['Relay_Log_File']}'")
    assert 'Transaction_payload' in {row[2] for row in relayed}
    b.restart()
    wait_running(b)
    a.execute("INSERT INTO d.t (v) VALUES ('three')")
    wait_same_rows(edges)


def test_what_the_store_lost(make_server, scratch):
    """a->b: recovery reads payloads, and the positions that ride with them."""
    a, b = make_server('a', gtid_mode='OFF', enforce_gtid_consistency='OFF'), make_server(
        'b', gtid_mode='OFF', enforce_gtid_consistency='OFF', **ON)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (v TEXT)')
    wait_caught_up(edges)
    b.stop()
    shutil.copytree(b.datadir / 'store', scratch / 'old-store')
    b.start()
    wait_running(b)
    a.execute("INSERT INTO d.t SELECT REPEAT('gemel ', 200) FROM information_schema.columns LIMIT 100",
              "UPDATE d.t SET v = 'x' LIMIT 10")
    wait_caught_up(edges)
    assert 'Transaction_payload' in event_types(b)
    before = read_tables(b)
    b.kill()
    shutil.rmtree(b.datadir / 'store')
    shutil.move(scratch / 'old-store', b.datadir / 'store')
    b.start()
    assert read_tables(b) == before
    wait_running(b)
    a.execute("INSERT INTO d.t VALUES ('last')")
    wait_same_rows(edges)
