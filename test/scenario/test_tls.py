"""TLS between clients and one server.   topology: a"""
import os
import re
import socket
import ssl
import stat
import struct
import subprocess
import time

import pymysql
import pytest

from harness.memory import resident_kib, skip_if_sanitized
from harness.wait import wait_until
from harness.wire import CAPABILITIES

SSL = 0x0800


@pytest.fixture(scope='module')
def a(make_shared_server):
    return make_shared_server('a', connect_timeout=2)


def file(server, name):
    return str(server.datadir / name)


def tls_context(server, with_certificate=False, trusts='ca.pem'):
    context = ssl.create_default_context(cafile=file(server, trusts))
    if with_certificate:
        context.load_cert_chain(file(server, 'client-cert.pem'), file(server, 'client-key.pem'))
    return context


def tls_value(server, name, **more):
    with server.connect(tcp=True, **more) as connection, connection.cursor() as cursor:
        cursor.execute(f"SHOW STATUS LIKE '{name}'")
        return cursor.fetchone()[1]


def tcp_client(server, program, *arguments, **more):
    return server.client(program, '--protocol=tcp', '-h127.0.0.1', *arguments, **more)


# ------------------------------------------------------------------ certificates

def test_a_first_start_makes_certificates_whose_keys_are_private(a):
    for name in ('ca', 'server', 'client'):
        key = os.stat(file(a, f'{name}-key.pem'))
        assert stat.S_IMODE(key.st_mode) == 0o600
    for name in ('server-cert.pem', 'client-cert.pem'):
        subprocess.run(['openssl', 'verify', '-CAfile', file(a, 'ca.pem'), file(a, name)], check=True)
    assert a.variable('have_ssl') == 'YES'
    assert [a.variable(name) for name in ('ssl_ca', 'ssl_cert', 'ssl_key')] == [
        'ca.pem', 'server-cert.pem', 'server-key.pem']


def test_a_second_start_keeps_them(make_server):
    a = make_server('a')
    before = (a.datadir / 'server-cert.pem').read_bytes()
    a.restart()
    assert (a.datadir / 'server-cert.pem').read_bytes() == before
    assert tls_value(a, 'Ssl_version', ssl=tls_context(a)) == 'TLSv1.3'


@pytest.mark.parametrize('options', [{'skip_ssl': None}, {'ssl': 0}, {'auto_generate_certs': 0},
                                     {'ssl_cert': '/nowhere.pem', 'ssl_key': '/nowhere.pem'},
                                     {'tls_version': 'TLSv1.1'}])
def test_a_server_without_tls_serves_plain_clients(make_server, options):
    a = make_server('a', **options)
    assert a.variable('have_ssl') == 'DISABLED'
    assert tls_value(a, 'Ssl_cipher', ssl=ssl._create_unverified_context()) == ''    # PyMySQL goes on in plain text
    run = tcp_client(a, 'mariadb', '--ssl', '--ssl-verify-server-cert', '-e', 'SELECT 1', check=False)
    assert run.returncode == 1 and 'ERROR 2026' in run.stderr


# ------------------------------------------------------------------ stock clients

def test_the_stock_clients_accept_the_certificates(a):
    trust = [f'--ssl-ca={file(a, "ca.pem")}', '--ssl-verify-server-cert']
    assert 'Cipher in use is TLS_AES_256_GCM_SHA384' in tcp_client(a, 'mariadb', *trust, '-e', 'status')
    assert 'Uptime' in tcp_client(a, 'mysqladmin', *trust, 'status')
    a.execute('CREATE DATABASE IF NOT EXISTS d', 'CREATE TABLE d.t (id INT PRIMARY KEY, b LONGTEXT)',
              "INSERT INTO d.t VALUES (1, REPEAT('abcdefghij', 400000))")
    dump = tcp_client(a, 'mariadb-dump', *trust, 'd')
    assert 'abcdefghij' * 400000 in dump
    a.execute('DROP TABLE d.t')
    tcp_client(a, 'mariadb', *trust, 'd', text=dump)
    assert a.value('SELECT LENGTH(b) FROM d.t') == 4000000
    a.execute('DROP DATABASE d')


def test_a_client_that_trusts_somebody_else_refuses_the_server(a, make_server):
    other = make_server('other')
    run = tcp_client(a, 'mariadb', f'--ssl-ca={file(other, "ca.pem")}', '--ssl-verify-server-cert', '-e', 'SELECT 1',
                     check=False)
    other.stop()
    assert run.returncode == 1 and 'ERROR 2026' in run.stderr


def test_a_certificate_of_another_authority_is_refused(a, make_server):
    other = make_server('other')
    run = tcp_client(a, 'mariadb', f'--ssl-cert={file(other, "client-cert.pem")}',
                     f'--ssl-key={file(other, "client-key.pem")}', '-e', 'SELECT 1', check=False)
    other.stop()
    assert run.returncode == 1 and re.search('ERROR 20(13|26)', run.stderr)    # the alert may get lost behind the end


@pytest.mark.parametrize('version', ['TLSv1.2', 'TLSv1.3'])
def test_both_protocols_work(a, version):
    context = tls_context(a)
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version.replace('.', '_'))
    assert tls_value(a, 'Ssl_version', ssl=context) == version
    assert tls_value(a, 'Ssl_cipher', ssl=context) in tls_value(a, 'Ssl_cipher_list', ssl=context)


def test_older_protocols_do_not(a):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers('ALL:@SECLEVEL=0')
    with pytest.raises(pymysql.err.OperationalError):
        a.connect(tcp=True, ssl=context)


def test_large_packets_go_both_ways(a):
    with a.connect(tcp=True, ssl=tls_context(a)) as connection, connection.cursor() as cursor:
        text = 'x' * (17 * 1024 * 1024)
        cursor.execute('SELECT LENGTH(%s)', text)
        assert cursor.fetchone()[0] == len(text)
        cursor.execute(f"SELECT REPEAT('y', {len(text)})")
        assert cursor.fetchone()[0] == 'y' * len(text)


def test_changing_the_user_stays_inside(a):
    a.execute("CREATE USER IF NOT EXISTS 'u'@'%' IDENTIFIED BY 'p'")
    with a.connect(tcp=True, ssl=tls_context(a), user='u', password='p') as connection, connection.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_version'")
        assert cursor.fetchone()[1] == 'TLSv1.3'
        cursor.execute('SELECT CURRENT_USER()')
        assert cursor.fetchone()[0] == 'u@%'


# ------------------------------------------------------------------ require_secure_transport

def test_insecure_clients_stay_out_when_transport_must_be_secure(a):
    a.execute('SET GLOBAL require_secure_transport = ON')
    try:
        with pytest.raises(pymysql.err.OperationalError) as refused:
            a.connect(tcp=True)
        assert refused.value.args == (
            3159, 'Connections using insecure transport are prohibited while --require_secure_transport=ON.')
        assert tls_value(a, 'Ssl_version', ssl=tls_context(a)) == 'TLSv1.3'
        a.connect().close()
    finally:
        a.execute('SET GLOBAL require_secure_transport = OFF')


# ------------------------------------------------------------------ ALTER INSTANCE RELOAD TLS

def test_reload_takes_new_certificates_for_new_connections(make_server):
    a = make_server('a')
    other = make_server('other')
    with a.connect(tcp=True, ssl=tls_context(a)) as old, old.cursor() as cursor:
        for name in ('ca', 'cert', 'key'):
            stem = 'ca.pem' if name == 'ca' else f'server-{name}.pem'
            a.execute(f"SET GLOBAL ssl_{name} = '{file(other, stem)}'")
        assert tls_value(a, 'Current_tls_ca') == 'ca.pem'
        a.execute('ALTER INSTANCE RELOAD TLS')
        cursor.execute('SELECT 1')
    with pytest.raises(pymysql.err.OperationalError):
        a.connect(tcp=True, ssl=tls_context(a))
    assert tls_value(a, 'Ssl_version', ssl=tls_context(other)) == 'TLSv1.3'
    assert tls_value(a, 'Current_tls_ca') == file(other, 'ca.pem')


def test_a_reload_that_fails_changes_nothing_unless_told_so(make_server):
    a = make_server('a')
    a.execute("SET GLOBAL ssl_key = 'nowhere.pem'")
    with pytest.raises(pymysql.err.OperationalError) as refused:
        a.execute('ALTER INSTANCE RELOAD TLS')
    assert refused.value.args[0] == 3888
    assert tls_value(a, 'Ssl_version', ssl=tls_context(a)) == 'TLSv1.3'
    a.execute('ALTER INSTANCE RELOAD TLS NO ROLLBACK ON ERROR')
    assert a.rows('SHOW WARNINGS')[0][:2] == ('Warning', 3888)
    assert a.variable('have_ssl') == 'DISABLED'
    a.execute("CREATE USER 'u'@'%'")
    with a.connect(user='u') as connection, connection.cursor() as cursor:
        with pytest.raises(pymysql.err.OperationalError) as refused:
            cursor.execute('ALTER INSTANCE RELOAD TLS')
    assert refused.value.args[0] == 1227


# ------------------------------------------------------------------ clients that misbehave

def greet(server):
    peer = socket.create_connection(('127.0.0.1', server.port), timeout=10)
    size = int.from_bytes(peer.recv(4)[:3], 'little')
    while size > 0:
        size -= len(peer.recv(size))
    return peer


def ask_for_tls(peer):
    body = struct.pack('<IIB23x', CAPABILITIES | SSL, 1 << 24, 45)
    peer.sendall(struct.pack('<I', len(body))[:3] + b'\1' + body)


def hangs_up(peer):
    """The server hangs up once the client has no more to say, whatever it says before."""
    try:
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    peer.close()
    return True


def test_plain_bytes_instead_of_a_handshake_end_the_connection(a):
    before = int(a.rows("SHOW GLOBAL STATUS LIKE 'Aborted_connects'")[0][1])
    for rubbish in (b'GET / HTTP/1.0\r\n\r\n', b'\0' * 5000, bytes(range(256)), b'\x16\x03\x01\x02\x00\x01'):
        peer = greet(a)
        ask_for_tls(peer)
        peer.sendall(rubbish)
        assert hangs_up(peer)
    wait_until(lambda: int(a.rows("SHOW GLOBAL STATUS LIKE 'Aborted_connects'")[0][1]) == before + 4,
               'the aborted connections to be counted')


def test_a_login_that_was_sent_before_tls_counts_for_nothing(a):
    """A packet behind the request for TLS, in plain text, must not be taken for one that came encrypted."""
    peer = greet(a)
    body = struct.pack('<IIB23x', CAPABILITIES | SSL, 1 << 24, 45) + b'root\0\0mysql_native_password\0'
    login = struct.pack('<I', len(body))[:3] + b'\2' + body
    request = struct.pack('<IIB23x', CAPABILITIES | SSL, 1 << 24, 45)
    peer.sendall(struct.pack('<I', len(request))[:3] + b'\1' + request + login)
    try:
        peer.shutdown(socket.SHUT_WR)
        answer = peer.recv(4096)
    except OSError:
        answer = b''
    assert answer[:1] in (b'', b'\x15')     # nothing, or TLS's alert; no OK
    peer.close()


def test_a_handshake_that_trickles_in_ends_with_connect_timeout(a):
    peer = greet(a)
    ask_for_tls(peer)
    started = time.monotonic()
    hello = b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc'
    try:
        while time.monotonic() - started < 10:
            for byte in hello:
                peer.sendall(bytes([byte]))
                peer.settimeout(0.4)
                try:
                    if not peer.recv(100):
                        raise ConnectionResetError
                except TimeoutError:
                    pass
    except (ConnectionResetError, BrokenPipeError):
        pass
    peer.close()
    assert 1.5 < time.monotonic() - started < 8


def test_an_aborted_handshake_leaves_nothing_behind(a):
    for _ in range(20):
        peer = greet(a)
        ask_for_tls(peer)
        peer.close()
    wait_until(lambda: int(a.rows("SHOW STATUS LIKE 'Threads_connected'")[0][1]) == 1, 'the aborted ones to be gone')
    assert tls_value(a, 'Ssl_version', ssl=tls_context(a)) == 'TLSv1.3'


# ------------------------------------------------------------------ memory

def test_an_idle_connection_costs_little(a):
    skip_if_sanitized(a)
    context = tls_context(a)
    tls_value(a, 'Ssl_version', ssl=context)
    before = resident_kib(a)
    connections = [a.connect(tcp=True, ssl=context) for _ in range(60)]
    grown = (resident_kib(a) - before) / len(connections)
    for connection in connections:
        connection.close()
    assert grown < 300, f'{grown:.0f} KiB a connection'
