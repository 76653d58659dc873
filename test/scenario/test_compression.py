"""The compressed protocol between clients and one server, and on the way to a replica.   topology: a"""
import os
import ssl
import zlib

import pymysql
import pytest

from harness.compressed import CompressedWire, Zstd
from harness.memory import resident_kib, skip_if_sanitized
from harness.wire import PING, QUERY, ServerError, Wire

ALGORITHMS = ['zlib', 'zstd']


@pytest.fixture(scope='module')
def a(make_shared_server):
    server = make_shared_server('a')
    server.execute('CREATE DATABASE d')
    return server


def refusal(connect):
    with pytest.raises((ServerError, pymysql.err.MySQLError)) as refused:
        connect()
    error = refused.value
    return error.number if isinstance(error, ServerError) else error.args[0]


# ------------------------------------------------------------------ stock clients

def test_the_stock_clients_compress(a):
    def status(*arguments):
        out = a.client('mariadb', '--protocol=tcp', '-h127.0.0.1', *arguments, '-Ne', "SHOW STATUS LIKE 'Compression%'")
        return dict(line.split('\t') for line in out.splitlines())
    assert status() == {'Compression': 'OFF', 'Compression_algorithm': '', 'Compression_level': '0'}
    zlib_on = {'Compression': 'ON', 'Compression_algorithm': 'zlib', 'Compression_level': '6'}
    assert status('--compress') == zlib_on
    assert status('--compress', f'--ssl-ca={a.datadir / "ca.pem"}', '--ssl-verify-server-cert') == zlib_on
    assert 'Uptime' in a.client('mysqladmin', '--compress', 'status')


def test_a_dump_goes_both_ways_compressed_inside_of_tls(a):
    a.execute('CREATE TABLE d.t (id INT PRIMARY KEY, b LONGBLOB)')
    a.execute(f"INSERT INTO d.t VALUES (1, REPEAT('abc', 1000000)), (2, x'{os.urandom(1000000).hex()}')")
    options = ['--compress', '--protocol=tcp', '-h127.0.0.1', f'--ssl-ca={a.datadir / "ca.pem"}']
    before = a.rows('CHECKSUM TABLE d.t')
    dump = a.client('mariadb-dump', *options, '--hex-blob', 'd', 't')
    a.execute('DROP TABLE d.t')
    a.client('mariadb', *options, 'd', text=dump)
    assert a.rows('CHECKSUM TABLE d.t') == before
    a.execute('DROP TABLE d.t')


# ------------------------------------------------------------------ frames

@pytest.mark.parametrize('algorithm', ALGORITHMS)
def test_packets_and_frames_need_not_agree(a, algorithm):
    for frame_size in (1, 5, 70000, 1 << 20, 0xffffff):
        wire = CompressedWire(a, algorithm, frame_size=frame_size)
        text = 'x' * 300 if frame_size < 100 else 'xyz' * 100000
        assert wire.query(f"SELECT '{text}', 1").rows == [(text.encode(), b'1')]
        assert wire.query('SELECT 2').rows == [(b'2',)]
        wire.close()


@pytest.mark.parametrize('algorithm', ALGORITHMS)
def test_large_packets_take_many_frames(a, algorithm):
    wire = CompressedWire(a, algorithm)
    text = os.urandom(3 << 20).hex()
    assert wire.query(f"SELECT LENGTH('{text}')").rows == [(str(len(text)).encode(),)]
    size = 17 * 1024 * 1024
    assert wire.query(f"SELECT REPEAT('y', {size})").rows == [(b'y' * size,)]
    assert len(wire.frames_received) > 40 and sum(packed for packed, _ in wire.frames_received) < size / 50
    wire.close()


@pytest.mark.parametrize('algorithm', ALGORITHMS)
def test_what_would_not_get_smaller_is_sent_as_it_is(a, algorithm):
    wire = CompressedWire(a, algorithm)
    wire.command(PING)
    wire.read_ok()
    assert wire.frames_received[-1][1] == 0
    noise = os.urandom(5000).hex()
    wire.query(f"SELECT UNHEX('{noise}')")
    assert wire.frames_received[-1][1] == 0
    wire.close()


def test_the_level_is_the_clients(a):
    wire = CompressedWire(a, 'zstd', level=19)
    rows = dict(wire.query("SHOW STATUS LIKE 'Compression%'").rows)
    assert rows == {b'Compression': b'ON', b'Compression_algorithm': b'zstd', b'Compression_level': b'19'}
    wire.close()
    assert refusal(lambda: CompressedWire(a, 'zstd', level=0)) == 3923
    assert refusal(lambda: CompressedWire(a, 'zstd', level=23)) == 3923


def test_the_server_says_which_ways_it_allows(a):
    try:
        a.execute("SET GLOBAL protocol_compression_algorithms = 'zstd,uncompressed'")
        assert 'Compression\tOFF' in a.client('mariadb', '--compress', '-Ne', "SHOW STATUS LIKE 'Compression'")
        CompressedWire(a, 'zstd').close()
        a.execute("SET GLOBAL protocol_compression_algorithms = 'ZLIB'")
        assert refusal(lambda: Wire(a)) == 3922
        assert 'Compression\tON' in a.client('mariadb', '--compress', '-Ne', "SHOW STATUS LIKE 'Compression'")
        for wrong in ("''", "'lz4'", "'zlib,zlib'", "'zlib,'", 'NULL', '1'):
            assert refusal(lambda: a.execute(f'SET GLOBAL protocol_compression_algorithms = {wrong}')) in (1231, 1232)
    finally:
        a.execute('SET GLOBAL protocol_compression_algorithms = DEFAULT')
    Wire(a).close()


# ------------------------------------------------------------------ clients that misbehave

def query_packet(text):
    body = bytes([QUERY]) + text.encode()
    return len(body).to_bytes(3, 'little') + b'\0' + body


def ends_connection(wire):
    with pytest.raises((ServerError, EOFError, ConnectionError, AssertionError, zlib.error)):
        wire.is_compressed = False
        while True:
            wire._read(1)
    wire.close()
    return True


@pytest.mark.parametrize('algorithm', ALGORITHMS)
def test_frames_that_lie_end_the_connection(a, algorithm):
    plain = query_packet('SELECT 1' + ' ' * 100)
    packed = zlib.compress(plain) if algorithm == 'zlib' else Zstd.compress(plain)
    lies = [
        (packed, len(plain) + 1),        # gives less than it claims
        (packed, len(plain) - 1),        # gives more
        (packed + b'x', len(plain)),     # goes on behind its end
        (packed[:-1], len(plain)),       # ends too early
        (b'rubbish' * 20, len(plain)),
        (b'', 5),
    ]
    for body, claimed in lies:
        wire = CompressedWire(a, algorithm)
        wire.frame = 0
        wire.send_frame(body, claimed)
        wire.socket.shutdown(1)
        assert ends_connection(wire), (body[:10], claimed)
    a.connect().close()


@pytest.mark.parametrize('algorithm', ALGORITHMS)
def test_a_frame_that_claims_much_costs_no_memory_until_it_gives_it(a, algorithm):
    skip_if_sanitized(a)
    packet = (0xfffff0).to_bytes(3, 'little') + b'\0' + bytes(0xffffff - 4)
    packed = zlib.compress(packet, 9) if algorithm == 'zlib' else Zstd.compress(packet)
    CompressedWire(a, algorithm).close()
    before = resident_kib(a)
    wires = [CompressedWire(a, algorithm) for _ in range(20)]
    for wire in wires:
        head = (0xffffff).to_bytes(3, 'little') + b'\0' + (0xffffff).to_bytes(3, 'little')
        wire.socket.sendall(head + packed[:20])
    a.connect().close()
    grown = (resident_kib(a) - before) / len(wires)
    for wire in wires:
        wire.close()
    assert grown < 1500, f'{grown:.0f} KiB a connection'


def test_frames_out_of_order_end_the_connection(a):
    wire = CompressedWire(a, 'zlib')
    wire.frame = 7
    wire.send_frame(query_packet('SELECT 1'), 0)
    assert b'08S01Got packets out of order' in wire.socket.recv(100)
    assert ends_connection(wire)


def test_an_idle_compressed_connection_costs_little(a):
    skip_if_sanitized(a)
    CompressedWire(a, 'zlib').query("SELECT REPEAT('x', 100000)")
    before = resident_kib(a)
    wires = [CompressedWire(a, 'zlib') for _ in range(50)]
    for wire in wires:
        wire.query("SELECT REPEAT('x', 100000)")
        wire.command(PING)
        wire.read_ok()
    grown = (resident_kib(a) - before) / len(wires)
    for wire in wires:
        wire.close()
    assert grown < 600, f'{grown:.0f} KiB a connection'
