"""The link between source and replica: TLS, compression, accounts.   topology: a->b, a<->b"""
import os

import pymysql
import pytest

from harness.load import Load
from harness.network import Network
from harness.shape import Shape, database_of
from harness.topology import add_replication_user, follow, wait_running, wait_same_rows
from harness.wait import wait_until

TABLE = ['CREATE DATABASE d', 'CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, v LONGTEXT)',
         "INSERT INTO d.t (v) VALUES ('one'), (REPEAT('two', 1000000)), ('three')"]


def pem(server, name):
    return f"'{server.datadir / name}'"


def link(source, **more):
    """What CHANGE MASTER says of a link that trusts nobody but this source, and shows a certificate of its making."""
    return {'MASTER_SSL': 1, 'MASTER_SSL_CA': pem(source, 'ca.pem'), 'MASTER_SSL_CERT': pem(source, 'client-cert.pem'),
            'MASTER_SSL_KEY': pem(source, 'client-key.pem'), 'MASTER_SSL_VERIFY_SERVER_CERT': 1, **more}


def require(server, what, account="'repl'@'127.0.0.1'"):
    server.execute('SET sql_log_bin=0', f'ALTER USER {account} REQUIRE {what}', 'SET sql_log_bin=1')


def wait_io_error(replica, number):
    wait_until(lambda: int(replica.replica_status()['Last_IO_Errno']) == number, f'error {number}', 60,
               lambda: replica.replica_status()['Last_IO_Error'])
    return replica.replica_status()


# ------------------------------------------------------------------ TLS

def test_both_masters_verify_each_other(make_server):
    a, b = make_server('a', auto_increment_increment=2), make_server('b', auto_increment_increment=2,
                                                                     auto_increment_offset=2)
    for server in (a, b):
        add_replication_user(server)
        require(server, 'X509')
    follow(b, a, **link(a))
    follow(a, b, **link(b))
    a.execute(*TABLE)
    wait_same_rows([(a, b), (b, a)])
    b.execute("INSERT INTO d.t (v) VALUES ('of b')")
    wait_same_rows([(a, b), (b, a)])
    for server in (a, b):
        assert int(server.rows("SHOW STATUS LIKE 'Ssl_finished_accepts'")[0][1]) > 0
    status = b.replica_status()
    assert status['Master_SSL_Allowed'] == 'Yes' and status['Master_SSL_Verify_Server_Cert'] == 'Yes'
    assert status['Master_SSL_CA_File'] == str(a.datadir / 'ca.pem')


def test_a_replica_in_plain_text_is_refused_until_it_uses_tls(make_server):
    a, b = make_server('a'), make_server('b')
    add_replication_user(a)
    require(a, 'SSL')
    follow(b, a, start=False)
    b.execute('START SLAVE')
    status = wait_io_error(b, 1045)
    assert "Access denied for user 'repl'@'localhost'" in status['Last_IO_Error']
    assert status['Slave_IO_Running'] == 'Connecting'
    b.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_SSL=1', 'START SLAVE')
    wait_running(b)
    a.execute(*TABLE)
    wait_same_rows([(a, b)])


def test_a_source_without_tls_is_refused_by_a_replica_that_wants_it(make_server):
    a, b = make_server('a', skip_ssl=None), make_server('b')
    add_replication_user(a)
    follow(b, a, start=False, MASTER_SSL=1)
    b.execute('START SLAVE')
    wait_io_error(b, 2026)
    b.execute('STOP SLAVE', 'CHANGE MASTER TO MASTER_SSL=0', 'START SLAVE')
    wait_running(b)
    a.execute(*TABLE)
    wait_same_rows([(a, b)])


def test_a_source_that_somebody_else_vouches_for_is_refused(make_server):
    a, b = make_server('a'), make_server('b')
    add_replication_user(a)
    follow(b, a, start=False, **link(a, MASTER_SSL_CA=pem(b, 'ca.pem')))
    b.execute('START SLAVE')
    wait_io_error(b, 2026)
    b.execute('STOP SLAVE', f'CHANGE MASTER TO MASTER_SSL_CA={pem(a, "ca.pem")}', 'START SLAVE')
    wait_running(b)
    a.execute(*TABLE)
    wait_same_rows([(a, b)])


@pytest.mark.parametrize('words, version, cipher', [
    ({'MASTER_TLS_VERSION': "'TLSv1.2'"}, 'TLSv1.2', None),
    ({'MASTER_TLS_CIPHERSUITES': "'TLS_CHACHA20_POLY1305_SHA256'"}, 'TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256'),
    ({'MASTER_TLS_VERSION': "'TLSv1.2'", 'MASTER_SSL_CIPHER': "'ECDHE-ECDSA-AES128-GCM-SHA256'"}, 'TLSv1.2',
     'ECDHE-ECDSA-AES128-GCM-SHA256'),
    ({'MASTER_SSL_CIPHER': "'ECDHE-ECDSA-AES128-GCM-SHA256'", 'MASTER_TLS_CIPHERSUITES': "'TLS_AES_128_GCM_SHA256'"},
     'TLSv1.3', 'TLS_AES_128_GCM_SHA256')])
def test_protocol_and_cipher_are_the_replicas_to_choose(make_server, words, version, cipher):
    """The source lets nobody in who uses another."""
    a, b = make_server('a'), make_server('b')
    add_replication_user(a)
    if cipher:
        require(a, f"CIPHER '{cipher}'")
    a.execute(f"SET GLOBAL tls_version = '{version}'", 'ALTER INSTANCE RELOAD TLS')
    follow(b, a, **link(a, **words))
    a.execute(*TABLE)
    wait_same_rows([(a, b)])


def test_the_settings_are_kept_and_shown(make_server):
    b = make_server('b')
    b.execute("CHANGE REPLICATION SOURCE TO SOURCE_HOST='a', SOURCE_USER='u', SOURCE_SSL=1, SOURCE_SSL_CA='/ca', "
              "SOURCE_SSL_CAPATH='/cas', SOURCE_SSL_CERT='/cert', SOURCE_SSL_KEY='/key', SOURCE_SSL_CIPHER='C', "
              "SOURCE_SSL_CRL='/crl', SOURCE_SSL_CRLPATH='/crls', SOURCE_SSL_VERIFY_SERVER_CERT=1, "
              "SOURCE_TLS_VERSION='TLSv1.3', SOURCE_TLS_CIPHERSUITES='S', GET_SOURCE_PUBLIC_KEY=1, "
              "SOURCE_PUBLIC_KEY_PATH='/pub', SOURCE_COMPRESSION_ALGORITHMS='zstd,uncompressed', "
              "SOURCE_ZSTD_COMPRESSION_LEVEL=7")
    b.restart('--skip-slave-start')
    shown = b.record('SHOW REPLICA STATUS')
    assert {name: str(shown[name]) for name in shown if 'SSL' in name or 'TLS' in name or 'ublic' in name} == {
        'Source_SSL_Allowed': 'Yes', 'Source_SSL_CA_File': '/ca', 'Source_SSL_CA_Path': '/cas',
        'Source_SSL_Cert': '/cert', 'Source_SSL_Cipher': 'C', 'Source_SSL_Key': '/key',
        'Source_SSL_Verify_Server_Cert': 'Yes', 'Source_SSL_Crl': '/crl', 'Source_SSL_Crlpath': '/crls',
        'Source_TLS_Version': 'TLSv1.3', 'Source_public_key_path': '/pub', 'Get_Source_public_key': '1'}
    b.execute("CHANGE MASTER TO MASTER_CONNECT_RETRY=5")
    lines = (b.datadir / 'master.info').read_text().splitlines()
    for line in ('/ca', '/cas', '/cert', '/key', 'C', '/crl', '/crls', 'TLSv1.3', '/pub', 'zstd,uncompressed', '7', 'S'):
        assert line in lines, line


# ------------------------------------------------------------------ compression

def allow_only(server, algorithms):
    """From now on; the harness's own connection, which is not compressed, is there already."""
    server.control()
    server.execute(f"SET GLOBAL protocol_compression_algorithms = '{algorithms}'")


@pytest.mark.parametrize('tls', [False, True], ids=['plain', 'tls'])
@pytest.mark.parametrize('how', ['slave_compressed_protocol', 'MASTER_COMPRESSION_ALGORITHMS'])
def test_a_compressed_link_replicates(make_server, tls, how):
    """The source serves nobody who does not compress."""
    a, b = make_server('a'), make_server('b')
    add_replication_user(a)
    allow_only(a, 'zlib')
    words = link(a) if tls else {}
    follow(b, a, start=False, **words)
    b.execute('START SLAVE')
    assert 'compression' in wait_io_error(b, 3922)['Last_IO_Error']
    b.execute('STOP SLAVE', 'SET GLOBAL replica_compressed_protocol = 1' if how.startswith('slave')
              else f"CHANGE MASTER TO {how} = 'zlib'", 'START SLAVE')
    wait_running(b)
    a.execute("SET GLOBAL protocol_compression_algorithms = DEFAULT")
    a.execute(*TABLE, f"INSERT INTO d.t (v) VALUES ('{os.urandom(300000).hex()}')")
    wait_same_rows([(a, b)])


def test_a_link_that_has_to_be_compressed_waits_for_a_source_that_can(make_server):
    a, b = make_server('a'), make_server('b')
    add_replication_user(a)
    allow_only(a, 'uncompressed')
    follow(b, a, start=False, MASTER_COMPRESSION_ALGORITHMS="'zlib'")
    b.execute('START SLAVE')
    wait_io_error(b, 2066)
    a.execute("SET GLOBAL protocol_compression_algorithms = 'zlib,uncompressed'")
    wait_running(b)
    a.execute(*TABLE)
    wait_same_rows([(a, b)])


def test_algorithms_and_levels_that_do_not_exist(make_server):
    b = make_server('b')
    for words, number in (("MASTER_COMPRESSION_ALGORITHMS='lz4'", 3920), ("MASTER_COMPRESSION_ALGORITHMS=''", 3920),
                          ("MASTER_COMPRESSION_ALGORITHMS='zlib,zlib'", 3920),
                          ('MASTER_ZSTD_COMPRESSION_LEVEL=0', 3921), ('MASTER_ZSTD_COMPRESSION_LEVEL=23', 3921)):
        with pytest.raises(pymysql.err.MySQLError) as refused:
            b.execute(f"CHANGE MASTER TO MASTER_HOST='a', {words}")
        assert refused.value.args[0] == number, words


@pytest.mark.parametrize('compressed', [0, 1])
def test_semi_sync_over_tls(make_server, compressed):
    options = {'rpl_semi_sync_source_enabled': 1, 'rpl_semi_sync_replica_enabled': 1,
               'rpl_semi_sync_source_timeout': 60000, 'slave_compressed_protocol': compressed}
    a, b = make_server('a', **options), make_server('b', **options)
    for server in (a, b):
        add_replication_user(server)
    follow(b, a, **link(a))
    follow(a, b, **link(b))
    wait_until(lambda: a.rows("SHOW STATUS LIKE 'Rpl_semi_sync_source_clients'")[0][1] == '1', 'b to acknowledge')
    a.execute(*TABLE)
    for i in range(50):
        a.execute(f"INSERT INTO d.t (v) VALUES ('row {i}')")
    wait_same_rows([(a, b), (b, a)])
    assert a.rows("SHOW STATUS LIKE 'Rpl_semi_sync_source_no_tx'")[0][1] == '0'


# ------------------------------------------------------------------ accounts

def test_a_replica_logs_in_by_caching_sha2_password(make_server):
    """Without TLS, so that the library fetches the RSA key."""
    a, b = make_server('a'), make_server('b')
    a.execute('SET sql_log_bin=0', "CREATE USER 'repl'@'127.0.0.1' IDENTIFIED WITH caching_sha2_password BY 'pass4repl'",
              "GRANT REPLICATION SLAVE ON *.* TO 'repl'@'127.0.0.1'", 'SET sql_log_bin=1')
    follow(b, a)
    a.execute(*TABLE)
    wait_same_rows([(a, b)])


def test_a_replica_without_the_privilege_is_refused(make_server):
    a, b = make_server('a'), make_server('b')
    a.execute('SET sql_log_bin=0', "CREATE USER 'repl'@'127.0.0.1' IDENTIFIED BY 'pass4repl'", 'SET sql_log_bin=1')
    follow(b, a, start=False)
    b.execute('START SLAVE')
    status = wait_io_error(b, 1227)
    assert 'REPLICATION SLAVE' in status['Last_IO_Error'] and status['Slave_IO_Running'] == 'No'
    a.execute('SET sql_log_bin=0', "GRANT REPLICATION SLAVE ON *.* TO 'repl'@'127.0.0.1'", 'SET sql_log_bin=1')
    b.execute('START SLAVE')
    wait_running(b)
    a.execute(*TABLE)
    wait_same_rows([(a, b)])


# ------------------------------------------------------------------ a link that breaks

@pytest.fixture
def network():
    reason = Network.why_not()
    if reason:
        pytest.skip(f'no network namespaces here: {reason}')
    with Network() as network:
        yield network


def test_a_link_that_is_cut_under_load_heals(make_server, network):
    """Both ways TLS and compression; the certificates do not name these addresses, so only who signed them is checked."""
    shape = Shape('a<->b').make(make_server, network, slave_net_timeout=2, slave_compressed_protocol=1)
    a, b = shape['a'], shape['b']
    for server, source in ((a, b), (b, a)):
        words = ', '.join(f'{word}={value}' for word, value in link(source, MASTER_SSL_VERIFY_SERVER_CERT=0).items())
        require(source, 'SSL', "'repl'@'%'")
        server.execute('STOP SLAVE', f'CHANGE MASTER TO {words}', 'START SLAVE')
    shape.wait_running()
    load = Load([a, b], 4, 3, seed='tls', database=database_of(['a', 'b']))
    load.prepare(a)
    shape.wait_same_rows()
    load.start()
    network.cut('a', 'b')
    wait_until(lambda: a.replica_status()['Slave_IO_Running'] != 'Yes', 'a to miss b')
    network.heal('a', 'b')
    load.finish()
    shape.wait_running()
    shape.wait_same_rows()
