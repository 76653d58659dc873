"""a<->b: what was written through one master is read through the other at once only by who waits for its GTID."""
import pytest

from harness.topology import wait_same_rows
from harness.tracking import SESSION_TRACK, tracked
from harness.wire import CAPABILITIES, Wire

ROUNDS = 100


@pytest.fixture
def through_both(pair):
    """Writes through a, told of its GTIDs; reads through b."""
    a, b = pair
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    wait_same_rows(pair.edges)
    wire = Wire(a, capabilities=CAPABILITIES | SESSION_TRACK)
    assert tracked(wire, 'SET session_track_gtids=OWN_GTID') is None
    yield wire, b
    wire.close()
    wait_same_rows(pair.edges)


def count(server, number):
    return server.value(f'SELECT COUNT(*) FROM d.t WHERE id = {number}')


def test_a_read_through_the_other_may_be_too_early(through_both):
    wire, b = through_both
    b.execute('STOP SLAVE SQL_THREAD')
    gtid = tracked(wire, 'INSERT INTO d.t VALUES (1)')
    assert count(b, 1) == 0
    assert b.value(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{gtid}', 0.1)") == 1    # the time is over
    b.execute('START SLAVE SQL_THREAD')
    assert b.value(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{gtid}', 60)") == 0
    assert count(b, 1) == 1


def test_who_waits_for_the_gtid_reads_what_he_wrote(through_both):
    wire, b = through_both
    for number in range(ROUNDS):
        gtid = tracked(wire, f'INSERT INTO d.t VALUES ({number})')
        assert b.value(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{gtid}', 60)") == 0
        assert count(b, number) == 1
