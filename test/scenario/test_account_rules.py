"""What accounts may and must: passwords that expire and may not come back, blocked accounts, bounds.   topology: a, a->b"""
import pymysql
import pytest

from harness.topology import chain, wait_same_rows
from harness.wait import wait_until

CAN_HANDLE_EXPIRED = 1 << 22


@pytest.fixture(scope='module')
def a(make_shared_server):
    return make_shared_server('a')


def recreate(server, rest=''):
    server.execute("DROP USER IF EXISTS 'u'@'%'", f"CREATE USER 'u'@'%' IDENTIFIED BY 'p' {rest}")


def error_of(call, *arguments, **more):
    with pytest.raises(pymysql.err.MySQLError) as refused:
        call(*arguments, **more)
    return refused.value.args


def enter(server, password='p', **more):
    return server.connect(user='u', password=password, **more)


def shown(server):
    return server.value("SHOW CREATE USER 'u'@'%'").split(' REQUIRE NONE ', 1)[1]


# ------------------------------------------------------------------ PASSWORD EXPIRE

def test_an_expired_password_keeps_its_client_out(a):
    recreate(a)
    here = enter(a)
    a.execute("ALTER USER 'u'@'%' PASSWORD EXPIRE")
    assert error_of(enter, a) == (1862, 'Your password has expired. To log in you must change it using a client that '
                                        'supports expired passwords.')
    here.query('DO 1')                                     # who is in stays in
    here.close()
    assert shown(a).startswith('PASSWORD EXPIRE ACCOUNT UNLOCK ')
    a.execute("ALTER USER 'u'@'%' IDENTIFIED BY 'q'")
    enter(a, 'q').close()
    assert shown(a).startswith('PASSWORD EXPIRE DEFAULT ACCOUNT UNLOCK ')


@pytest.mark.parametrize('change', ["ALTER USER USER() IDENTIFIED BY 'q'", "SET PASSWORD = 'q'",
                                    "ALTER USER 'u'@'%' IDENTIFIED BY 'q'"])
def test_a_client_that_can_is_let_in_to_change_it(a, change):
    recreate(a, 'PASSWORD EXPIRE')
    client = enter(a, client_flag=CAN_HANDLE_EXPIRED, database='performance_schema', autocommit=None)
    for statement in ('SELECT 1', 'USE performance_schema', 'SET @a = 1', 'ALTER USER USER() ACCOUNT UNLOCK',
                      "ALTER USER root@localhost IDENTIFIED BY 'q'", "SET PASSWORD FOR root@localhost = 'q'"):
        assert error_of(client.query, statement) == (
            1820, 'You must reset your password using ALTER USER statement before executing this statement.')
    assert error_of(client.select_db, 'performance_schema')[0] == 1820
    client.ping(reconnect=False)
    client.query(change)
    client.query('DO 1')
    client.close()
    enter(a, 'q').close()


def test_the_stock_client_changes_an_expired_password(a):
    recreate(a, 'PASSWORD EXPIRE')
    arguments = ['--protocol=tcp', '-h127.0.0.1', '-uu', '-pp']
    refused = a.client('mariadb', *arguments, '-e', "SET PASSWORD = 'q'", check=False)
    assert 'ERROR 1862' in refused.stderr
    a.client('mariadb', *arguments, '--connect-expired-password', '-e', "SET PASSWORD = 'q'")
    enter(a, 'q').close()


def test_the_server_may_let_in_everybody_whose_password_expired(make_server):
    a = make_server('a', disconnect_on_expired_password=0)
    recreate(a, 'PASSWORD EXPIRE')
    client = enter(a, autocommit=None, init_command=None)
    assert error_of(client.query, 'SELECT 1')[0] == 1820
    client.close()


def test_passwords_expire_by_age(a):
    lived = "SELECT password_expired, password_lifetime, password_last_changed IS NOT NULL FROM mysql.user "\
            "WHERE User = 'u'"
    a.execute('SET timestamp = UNIX_TIMESTAMP() - 100 * 86400')        # the account was made 100 days ago
    recreate(a)
    a.execute('SET timestamp = DEFAULT')
    assert a.rows(lived) == [('N', None, 1)]
    enter(a).close()
    a.execute('SET GLOBAL default_password_lifetime = 101')
    enter(a).close()
    a.execute('SET GLOBAL default_password_lifetime = 100')
    assert error_of(enter, a)[0] == 1862
    a.execute("ALTER USER 'u'@'%' PASSWORD EXPIRE NEVER")
    enter(a).close()
    a.execute('SET GLOBAL default_password_lifetime = DEFAULT', "ALTER USER 'u'@'%' PASSWORD EXPIRE INTERVAL 100 DAY")
    assert error_of(enter, a)[0] == 1862
    assert shown(a).startswith('PASSWORD EXPIRE INTERVAL 100 DAY ACCOUNT')
    a.execute("ALTER USER 'u'@'%' PASSWORD EXPIRE DEFAULT")
    enter(a).close()


# ------------------------------------------------------------------ passwords that were

def change_password(a, password):
    a.execute(f"ALTER USER 'u'@'%' IDENTIFIED BY '{password}'")


@pytest.mark.parametrize('method', ['mysql_native_password', 'caching_sha2_password'])
def test_passwords_of_the_history_may_not_come_back(a, method):
    a.execute("DROP USER IF EXISTS 'u'@'%'",
              f"CREATE USER 'u'@'%' IDENTIFIED WITH {method} BY 'one' PASSWORD HISTORY 2")
    contradiction = (3638, "Cannot use these credentials for 'u@%' because they contradict the password history policy")
    assert error_of(change_password, a, 'one') == contradiction
    change_password(a, 'two')
    assert error_of(a.execute, "SET PASSWORD FOR 'u'@'%' = 'one'") == contradiction
    change_password(a, 'three')
    change_password(a, 'one')
    enter(a, 'one').close()
    assert 'PASSWORD HISTORY 2 PASSWORD REUSE INTERVAL DEFAULT ' in shown(a)


def test_passwords_may_not_come_back_for_some_days(a):
    a.execute('SET timestamp = UNIX_TIMESTAMP() - 10 * 86400', "DROP USER IF EXISTS 'u'@'%'",
              "CREATE USER 'u'@'%' IDENTIFIED BY 'old' PASSWORD REUSE INTERVAL 9 DAY", 'SET timestamp = DEFAULT')
    change_password(a, 'new')
    change_password(a, 'old')
    assert error_of(change_password, a, 'new')[0] == 3638
    assert 'PASSWORD REUSE INTERVAL 9 DAY ' in shown(a)


def test_the_history_is_kept_and_has_a_default(make_server):
    a = make_server('a', password_history=1)
    recreate(a)
    assert error_of(change_password, a, 'p')[0] == 3638
    a.restart()
    assert error_of(change_password, a, 'p')[0] == 3638
    a.execute("ALTER USER 'u'@'%' PASSWORD HISTORY 0")
    change_password(a, 'p')


# ------------------------------------------------------------------ FAILED_LOGIN_ATTEMPTS

def test_wrong_passwords_in_a_row_block_an_account(a):
    recreate(a, 'FAILED_LOGIN_ATTEMPTS 2 PASSWORD_LOCK_TIME 3')
    assert error_of(enter, a, 'wrong')[0] == 1045
    enter(a).close()                                       # begins anew
    assert error_of(enter, a, 'wrong')[0] == 1045
    blocked = (3955, "Access denied for user 'u'@'%'. Account is blocked for 3 day(s) (3 day(s) remaining) due to 2 "
                     'consecutive failed logins.')
    assert error_of(enter, a, 'wrong') == blocked
    assert error_of(enter, a) == blocked
    a.execute("ALTER USER 'u'@'%' ACCOUNT UNLOCK")
    enter(a).close()
    assert shown(a).endswith(' PASSWORD REQUIRE CURRENT DEFAULT FAILED_LOGIN_ATTEMPTS 2 PASSWORD_LOCK_TIME 3')
    a.execute("ALTER USER 'u'@'%' FAILED_LOGIN_ATTEMPTS 1 PASSWORD_LOCK_TIME UNBOUNDED")
    assert 'blocked for unlimited day(s)' in error_of(enter, a, 'wrong')[1]
    a.execute('FLUSH PRIVILEGES')
    enter(a).close()


# ------------------------------------------------------------------ WITH ...

def test_so_many_connections_at_a_time(a):
    recreate(a, 'WITH MAX_USER_CONNECTIONS 2')
    clients = [enter(a), enter(a)]
    assert error_of(enter, a) == (1226, "User 'u' has exceeded the 'max_user_connections' resource (current value: 2)")
    a.execute("ALTER USER 'u'@'%' WITH MAX_USER_CONNECTIONS 3")
    clients.append(enter(a))
    assert error_of(enter, a)[0] == 1226
    for client in clients:
        client.close()
    assert shown(a).startswith('WITH MAX_USER_CONNECTIONS 3 PASSWORD EXPIRE DEFAULT')


def test_a_closed_connection_counts_no_more(a):
    recreate(a, 'WITH MAX_USER_CONNECTIONS 1')
    for _ in range(3):
        client = enter(a)
        number = client.thread_id()
        client.close()
        wait_until_gone(a, number)


def wait_until_gone(a, number):
    wait_until(lambda: not a.rows(f'SELECT 1 FROM information_schema.processlist WHERE ID = {number}'), 'the end')


def test_the_servers_bound_is_for_accounts_without_one(a):
    recreate(a)
    a.execute('SET GLOBAL max_user_connections = 1')
    client = enter(a)
    assert error_of(enter, a) == (1203, "User u already has more than 'max_user_connections' active connections")
    a.execute("ALTER USER 'u'@'%' WITH MAX_USER_CONNECTIONS 2", 'SET GLOBAL max_user_connections = DEFAULT')
    enter(a).close()
    client.close()


def test_so_much_in_an_hour(a):
    recreate(a, 'WITH MAX_QUERIES_PER_HOUR 3 MAX_CONNECTIONS_PER_HOUR 2')
    client = enter(a, autocommit=None)
    for _ in range(2):
        client.query('DO 1')
    client.query('DO 1')
    assert error_of(client.query, 'DO 1') == (
        1226, "User 'u' has exceeded the 'max_questions' resource (current value: 3)")
    a.execute('FLUSH USER_RESOURCES')
    client.query('DO 1')
    client.close()
    for _ in range(2):
        enter(a, autocommit=None).close()
    assert error_of(enter, a, autocommit=None) == (
        1226, "User 'u' has exceeded the 'max_connections_per_hour' resource (current value: 2)")


def test_so_many_updates_in_an_hour(a):
    a.execute('CREATE DATABASE IF NOT EXISTS d', 'CREATE TABLE IF NOT EXISTS d.t (id INT)', 'DELETE FROM d.t')
    recreate(a)
    a.execute("GRANT ALL ON d.* TO 'u'@'%' WITH MAX_UPDATES_PER_HOUR 1")
    client = enter(a, database='d')
    client.query('INSERT INTO t VALUES (1)')
    assert error_of(client.query, 'INSERT INTO t VALUES (2)') == (
        1226, "User 'u' has exceeded the 'max_updates' resource (current value: 1)")
    client.query('SELECT * FROM t')
    client.close()
    assert a.rows('SELECT * FROM d.t') == [(1,)]
    assert a.rows("SELECT max_questions, max_updates, max_connections, max_user_connections FROM mysql.user "
                  "WHERE User = 'u'") == [(0, 1, 0, 0)]


# ------------------------------------------------------------------ replicas, what is refused

def test_replicas_know_the_same_rules(make_server):
    a, b = make_server('a'), make_server('b')
    edges = chain(a, b)
    recreate(a, 'WITH MAX_USER_CONNECTIONS 7 PASSWORD EXPIRE INTERVAL 9 DAY PASSWORD HISTORY 3 PASSWORD REUSE INTERVAL '
                '4 DAY PASSWORD REQUIRE CURRENT OPTIONAL FAILED_LOGIN_ATTEMPTS 5 PASSWORD_LOCK_TIME 6')
    a.execute("ALTER USER 'u'@'%' IDENTIFIED BY 'next'", 'CREATE DATABASE d')
    wait_same_rows(edges)
    assert shown(a) == shown(b)
    users = "SELECT * FROM mysql.user WHERE User = 'u'"
    assert a.rows(users) == b.rows(users)
    assert error_of(change_password, b, 'p')[0] == 3638
    b.restart()
    assert shown(a) == shown(b)


def test_what_is_refused(a):
    recreate(a)
    for rest, number in (('PASSWORD EXPIRE INTERVAL 0 DAY', 1525), ('PASSWORD EXPIRE INTERVAL 65536 DAY', 1525),
                         ('PASSWORD EXPIRE INTERVAL 1 WEEK', 1064), ('PASSWORD HISTORY much', 1525),
                         ('FAILED_LOGIN_ATTEMPTS 32768', 1525), ('PASSWORD_LOCK_TIME DEFAULT', 1525),
                         ('PASSWORD REQUIRE CURRENT', 1235), ('WITH MAX_STATEMENT_TIME 1', 1235),
                         ("COMMENT 'x'", 1235)):
        assert error_of(a.execute, f"ALTER USER 'u'@'%' {rest}")[0] == number, rest
    client = enter(a)
    assert error_of(client.query, 'ALTER USER CURRENT_USER() WITH MAX_USER_CONNECTIONS 0')[0] == 1227
    client.close()
