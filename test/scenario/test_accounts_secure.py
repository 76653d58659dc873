"""Who may come in how: REQUIRE, and the methods by which accounts prove themselves.   topology: a, a->b"""
import ctypes
import getpass
import re
import ssl

import pymysql
import pytest

from harness.topology import chain, wait_same_rows


@pytest.fixture(scope='module')
def a(make_shared_server):
    return make_shared_server('a')


def file(server, name):
    return str(server.datadir / name)


def tls(server, with_certificate=False):
    context = ssl.create_default_context(cafile=file(server, 'ca.pem'))
    if with_certificate:
        context.load_cert_chain(file(server, 'client-cert.pem'), file(server, 'client-key.pem'))
    return context


def refusal(server, **how):
    with pytest.raises(pymysql.err.OperationalError) as refused:
        server.connect(**how).close()
    return refused.value.args[0]


def recreate(server, account, rest=''):
    server.execute(f'DROP USER IF EXISTS {account}', f'CREATE USER {account} {rest}')


def mysql(server, *arguments, user='u', password='p', check=True, **more):
    return server.client('mariadb', '--protocol=tcp', '-h127.0.0.1', f'-u{user}', f'-p{password}', *arguments,
                         '-e', 'SELECT CURRENT_USER()', check=check, **more)


# ------------------------------------------------------------------ REQUIRE

def test_an_account_that_requires_tls(a):
    recreate(a, "'u'@'%'", "IDENTIFIED BY 'p' REQUIRE SSL")
    assert refusal(a, tcp=True, user='u', password='p') == 1045
    assert refusal(a, user='u', password='p') == 1045            # the socket is safe, but it is not TLS
    a.connect(tcp=True, user='u', password='p', ssl=tls(a)).close()
    assert refusal(a, tcp=True, user='u', password='wrong', ssl=tls(a)) == 1045
    a.execute("ALTER USER 'u'@'%' REQUIRE NONE")
    a.connect(tcp=True, user='u', password='p').close()


def test_an_account_that_requires_a_certificate(a):
    recreate(a, "'u'@'%'", "IDENTIFIED BY 'p' REQUIRE X509")
    assert refusal(a, tcp=True, user='u', password='p', ssl=tls(a)) == 1045
    a.connect(tcp=True, user='u', password='p', ssl=tls(a, with_certificate=True)).close()
    own = [f'--ssl-cert={file(a, "client-cert.pem")}', f'--ssl-key={file(a, "client-key.pem")}']
    assert 'u@%' in mysql(a, '--ssl-ca=' + file(a, 'ca.pem'), '--ssl-verify-server-cert', *own)
    assert 'ERROR 1045' in mysql(a, '--ssl', check=False).stderr


def certificate_names(a):
    version = a.value('SELECT VERSION()').split('-gemel-')[1]
    return tuple(f'/CN=Gemel_Server_{version}_Auto_Generated_{role}_Certificate' for role in ('CA', 'Client'))


def test_an_account_that_requires_a_certain_certificate(a):
    issuer, subject = certificate_names(a)
    recreate(a, "'u'@'%'", f"IDENTIFIED BY 'p' REQUIRE ISSUER '{issuer}' AND SUBJECT '{subject}'")
    assert refusal(a, tcp=True, user='u', password='p', ssl=tls(a)) == 1045
    a.connect(tcp=True, user='u', password='p', ssl=tls(a, with_certificate=True)).close()
    assert f"REQUIRE SUBJECT '{subject}' ISSUER '{issuer}' PASSWORD" in a.value("SHOW CREATE USER 'u'@'%'")
    assert a.rows("SELECT ssl_type, x509_issuer, x509_subject, ssl_cipher FROM mysql.user WHERE User = 'u'") == [
        ('SPECIFIED', issuer.encode(), subject.encode(), b'')]
    a.execute("ALTER USER 'u'@'%' REQUIRE SUBJECT '/CN=somebody else'")
    assert refusal(a, tcp=True, user='u', password='p', ssl=tls(a, with_certificate=True)) == 1045


def test_an_account_that_requires_a_cipher(a):
    recreate(a, "'u'@'%'", "IDENTIFIED BY 'p' REQUIRE CIPHER 'TLS_AES_256_GCM_SHA384'")
    a.connect(tcp=True, user='u', password='p', ssl=tls(a)).close()
    older = tls(a)
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    assert refusal(a, tcp=True, user='u', password='p', ssl=older) == 1045


def test_requirements_by_grant_survive_a_restart(make_server):
    a = make_server('a')
    a.execute("GRANT REPLICATION SLAVE ON *.* TO 'r'@'%' IDENTIFIED BY 'p' REQUIRE SSL",
              "GRANT SELECT ON *.* TO 'r'@'%'")
    a.restart()
    assert 'REQUIRE SSL' in a.value("SHOW CREATE USER 'r'@'%'")
    assert a.rows("SELECT ssl_type FROM mysql.user WHERE User IN ('r', 'root') ORDER BY User") == [('ANY',), ('',)]
    assert refusal(a, tcp=True, user='r', password='p') == 1045


# ------------------------------------------------------------------ methods

@pytest.mark.parametrize('method', ['mysql_native_password', 'caching_sha2_password', 'sha256_password'])
def test_every_client_logs_in_by_every_method(a, method):
    recreate(a, "'u'@'%'", f"IDENTIFIED WITH {method} BY 'p'")
    assert a.rows("SELECT plugin FROM mysql.user WHERE User = 'u'") == [(method,)]
    plugin_dir = '--plugin-dir=/usr/lib/x86_64-linux-gnu/libmariadb3/plugin'
    for _ in range(2):                   # caching_sha2_password: the long way, then the short one
        a.connect(user='u', password='p').close()
        a.connect(tcp=True, user='u', password='p').close()
        a.connect(tcp=True, user='u', password='p', ssl=tls(a)).close()
        assert 'u@%' in mysql(a, plugin_dir)
        assert 'u@%' in mysql(a, '--ssl', plugin_dir)
    for how in ({}, {'tcp': True}, {'tcp': True, 'ssl': tls(a)}):
        assert refusal(a, user='u', password='wrong', **how) == 1045
        assert refusal(a, user='u', **how) == 1045
        assert refusal(a, user='nobody', password='p', **how) == 1045


@pytest.mark.parametrize('method', ['mysql_native_password', 'caching_sha2_password', 'sha256_password'])
def test_an_account_without_a_password(a, method):
    recreate(a, "'u'@'%'", f'IDENTIFIED WITH {method}')
    for how in ({}, {'tcp': True}, {'tcp': True, 'ssl': tls(a)}):
        a.connect(user='u', **how).close()
        assert refusal(a, user='u', password='guess', **how) == 1045


def test_the_public_key_is_made_when_it_is_needed(make_server):
    a = make_server('a')
    recreate(a, "'u'@'%'", "IDENTIFIED WITH caching_sha2_password BY 'p'")
    a.connect(tcp=True, user='u', password='p', ssl=tls(a)).close()
    assert not (a.datadir / 'public_key.pem').exists()
    a.execute('FLUSH PRIVILEGES')                                  # and with them the fast digests
    a.connect(tcp=True, user='u', password='p').close()
    pem = (a.datadir / 'public_key.pem').read_text()
    assert (a.datadir / 'private_key.pem').stat().st_mode & 0o777 == 0o600
    assert a.rows("SHOW STATUS LIKE 'Caching_sha2_password_rsa_public_key'")[0][1] == pem
    a.execute('FLUSH PRIVILEGES')
    a.restart()
    a.connect(tcp=True, user='u', password='p').close()
    assert (a.datadir / 'public_key.pem').read_text() == pem


def test_a_changed_password_is_asked_for_at_once(a):
    recreate(a, "'u'@'%'", "IDENTIFIED WITH caching_sha2_password BY 'p'")
    a.connect(user='u', password='p').close()
    a.connect(user='u', password='p').close()
    a.execute("ALTER USER 'u'@'%' IDENTIFIED BY 'q'")
    assert refusal(a, user='u', password='p') == 1045
    a.connect(user='u', password='q').close()
    assert a.rows("SELECT plugin FROM mysql.user WHERE User = 'u'") == [('caching_sha2_password',)]
    a.execute("SET PASSWORD FOR 'u'@'%' = 'r'")
    a.connect(user='u', password='r').close()
    assert a.rows("SELECT plugin FROM mysql.user WHERE User = 'u'") == [('caching_sha2_password',)]


class Library:
    """libmariadb itself: PyMySQL has no COM_CHANGE_USER."""
    compress = 1        # MYSQL_OPT_COMPRESS

    def __init__(self, server, compressed, with_tls):
        self.library = ctypes.CDLL('libmariadb.so.3')
        self.library.mysql_init.restype = self.library.mysql_real_connect.restype = ctypes.c_void_p
        self.mysql = ctypes.c_void_p(self.library.mysql_init(None))
        if compressed:
            self.library.mysql_options(self.mysql, self.compress, None)
        if with_tls:
            self.library.mysql_ssl_set(self.mysql, None, None, file(server, 'ca.pem').encode(), None, None)
        assert self.library.mysql_real_connect(self.mysql, b'127.0.0.1', b'root', b'', None,
                                               ctypes.c_uint(server.port), None, ctypes.c_ulong(0))

    def change_user(self, user, password):
        """The error's number, or 0."""
        self.library.mysql_change_user(self.mysql, user.encode(), password.encode(), None)
        return self.library.mysql_errno(self.mysql)

    def query(self, text):
        return self.library.mysql_query(self.mysql, text.encode())

    def close(self):
        self.library.mysql_close(self.mysql)


@pytest.mark.parametrize('compressed', [False, True])
@pytest.mark.parametrize('with_tls', [False, True])
def test_a_connection_becomes_users_of_other_methods(a, compressed, with_tls):
    recreate(a, "'u'@'%'", "IDENTIFIED WITH caching_sha2_password BY 'p'")
    recreate(a, "'v'@'%'", "IDENTIFIED WITH sha256_password BY 'p'")
    library = Library(a, compressed, with_tls)
    for user, password in (('u', 'p'), ('u', 'p'), ('v', 'p'), ('root', '')):
        assert library.change_user(user, password) == 0
        assert library.query('DO 1') == 0
    assert library.change_user('u', 'wrong') == 1045
    library.close()


def test_a_stored_credential_moves_to_another_server(a, make_server):
    recreate(a, "'u'@'%'", "IDENTIFIED WITH caching_sha2_password BY 'p'")
    b = make_server('b')
    b.execute(a.value("SHOW CREATE USER 'u'@'%'"))
    b.connect(user='u', password='p').close()


def test_the_default_method_is_a_setting(make_server):
    a = make_server('a', default_authentication_plugin='caching_sha2_password')
    recreate(a, "'u'@'%'", "IDENTIFIED BY 'p'")
    recreate(a, "'v'@'%'")
    assert set(a.rows("SELECT plugin FROM mysql.user WHERE User IN ('u', 'v')")) == {('caching_sha2_password',)}
    a.connect(user='u', password='p').close()
    a.connect(user='root').close()       # its method is another: it is switched
    assert refusal(a, user='root', password='x') == 1045


def test_bad_credentials_are_refused(a):
    for statement, number in (
            ("CREATE USER x IDENTIFIED WITH nonsense BY 'p'", 1524),
            ("CREATE USER x IDENTIFIED WITH mysql_native_password AS 'p'", 1372),
            ("CREATE USER x IDENTIFIED WITH caching_sha2_password AS 'p'", 1827),
            (f"CREATE USER x IDENTIFIED WITH caching_sha2_password BY '{'p' * 257}'", 1819),
            ("ALTER USER root@localhost IDENTIFIED BY 'p' RETAIN CURRENT PASSWORD", 1235)):
        with pytest.raises(pymysql.err.MySQLError) as refused:
            a.execute(statement)
        assert refused.value.args[0] == number, statement


def test_the_system_vouches_for_who_comes_by_the_socket(a):
    me = getpass.getuser()
    recreate(a, "'u'@'localhost'", f"IDENTIFIED WITH auth_socket AS '{me}'")
    recreate(a, "'v'@'localhost'", "IDENTIFIED VIA unix_socket")
    a.connect(user='u').close()
    assert refusal(a, user='v') == 1045
    assert refusal(a, user='u', tcp=True) == 1045
    a.execute("DROP USER 'u'@'localhost', 'v'@'localhost'")


# ------------------------------------------------------------------ the log

def test_no_password_reaches_the_log_in_clear_and_replicas_get_the_same_accounts(make_server):
    a, b = make_server('a'), make_server('b')
    edges = chain(a, b)
    a.execute("CREATE USER 'n'@'%' IDENTIFIED BY 'topsecret1' REQUIRE SSL",
              "CREATE USER 'c'@'%' IDENTIFIED WITH caching_sha2_password BY 'topsecret2', 'd'@'%'",
              "ALTER USER 'n'@'%' IDENTIFIED WITH sha256_password BY 'topsecret3'",
              "SET PASSWORD FOR 'c'@'%' = 'topsecret4'", "CREATE DATABASE d")
    wait_same_rows(edges)
    accounts = 'SELECT User, Host, plugin, authentication_string, ssl_type FROM mysql.user '\
               "WHERE User <> 'repl' ORDER BY User"
    assert a.rows(accounts) == b.rows(accounts)
    b.connect(user='c', password='topsecret4').close()
    log = b''.join(path.read_bytes() for path in a.datadir.glob('a-bin.0*'))
    assert b'caching_sha2_password' in log and not re.search(b'topsecret', log)
