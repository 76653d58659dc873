"""Heartbeats: a silent source is alive, a dead one is noticed."""
import signal
import struct

import pytest

from harness.topology import add_replication_user, chain, follow, wait_running, wait_same_rows
from harness.wait import wait_until
from harness.wire import BINLOG_DUMP, Wire, read_lenenc, read_text

EVENT_HEARTBEAT, EVENT_HEARTBEAT_V2 = 27, 41
KNOWS_V2 = 2


def heartbeats(replica):
    return int(replica.rows("SHOW STATUS LIKE 'Slave_received_heartbeats'")[0][1])


def test_a_silent_source_is_heard(make_server):
    a, b = make_server('a'), make_server('b')
    add_replication_user(a)
    follow(b, a, MASTER_HEARTBEAT_PERIOD=0.05)
    assert b.rows("SHOW STATUS LIKE 'Slave_heartbeat_period'")[0][1] == '0.050'
    before = heartbeats(b)
    wait_until(lambda: heartbeats(b) >= before + 3, 'three heartbeats')
    assert b.rows("SHOW STATUS LIKE 'Slave_last_heartbeat'")[0][1] != ''
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'INSERT INTO d.t VALUES (1)')
    wait_same_rows([(a, b)])


def test_a_dead_source_is_noticed(make_server):
    """a->b; a is stopped so that its kernel keeps the connection and nothing comes through it."""
    a, b = make_server('a'), make_server('b', slave_net_timeout=1)
    edges = chain(a, b)
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    wait_same_rows(edges)
    a.process.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: b.replica_status()['Slave_IO_Running'] == 'Connecting', 'b to miss its source')
    finally:
        a.process.send_signal(signal.SIGCONT)
    wait_running(b)
    a.execute('INSERT INTO d.t VALUES (1)')
    wait_same_rows(edges)


def test_periods_that_do_not_help_are_warned_of(make_server):
    b = make_server('b')
    b.execute('SET GLOBAL slave_net_timeout=10')
    for period, number in ((11, 1704), ('0.0001', 1703)):
        b.execute(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_HEARTBEAT_PERIOD={period}")
        assert [row[1] for row in b.rows('SHOW WARNINGS')] == [number]
    assert b.rows("SHOW STATUS LIKE 'Slave_heartbeat_period'")[0][1] == '0.000'


def read_heartbeat(event):
    """(file name, position); version 2 is a list of kind, size, value."""
    body = event[19:]
    if event[4] == EVENT_HEARTBEAT:
        return body, struct.unpack_from('<I', event, 13)[0]
    fields, at = {}, 0
    while body[at]:
        value, end = read_text(body, at + 1)
        fields[body[at]], at = value, end
    return fields[1], read_lenenc(fields[2], 0)[0]


@pytest.mark.parametrize('flags, declares, kind', [(0, '', EVENT_HEARTBEAT), (KNOWS_V2, '', EVENT_HEARTBEAT_V2),
                                                   (KNOWS_V2, '@mariadb_slave_capability=4', EVENT_HEARTBEAT)])
def test_heartbeats_say_where_the_log_ends(server, flags, declares, kind):
    """A replica of bytes: COM_BINLOG_DUMP from the log's end, and what comes then."""
    file, position = server.log_end_position()
    wire = Wire(server)
    wire.query('SET @master_heartbeat_period=20000000' + (declares and ', ' + declares))
    wire.command(BINLOG_DUMP, struct.pack('<IHI', position, flags, 99) + file.encode())
    event = wire.receive()[1:]
    while event[4] not in (EVENT_HEARTBEAT, EVENT_HEARTBEAT_V2):
        event = wire.receive()[1:]
    wire.close()
    assert event[4] == kind
    assert read_heartbeat(event) == (file.encode(), position)
