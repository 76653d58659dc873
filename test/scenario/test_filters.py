"""a->b with rules: what a logs (binlog-do-db, binlog-ignore-db) and what b applies (replicate-*)."""
import pymysql
import pytest

from harness.rows import assert_same_rows
from harness.topology import add_replication_user, chain, follow, wait_caught_up, wait_running, wait_same_rows
from harness.wait import wait_until

TABLE = '(id INT PRIMARY KEY, v INT)'


def error_of(server, statement):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    return error.value.args


def databases(server):
    hidden = {'mysql', 'information_schema', 'performance_schema', 'sys', 'test'}
    return {name for name, in server.rows('SHOW DATABASES')} - hidden


def tables(server):
    return {f'{database}.{name}' for database in databases(server) for name, in server.rows(f'SHOW TABLES FROM {database}')}


def set_filter(server, *rules, channel=None):
    suffix = f" FOR CHANNEL '{channel}'" if channel is not None else ''
    server.execute('STOP SLAVE SQL_THREAD', 'CHANGE REPLICATION FILTER ' + ', '.join(rules) + suffix,
                   'START SLAVE SQL_THREAD')


def events(server, kind):
    return [row for name, *_ in server.rows('SHOW BINARY LOGS')
            for row in server.rows(f"SHOW BINLOG EVENTS IN '{name}'") if row[2] == kind]


# ---------------------------------------------------------------- what is logged

def two_databases(server):
    for name in ('logged', 'quiet'):
        server.execute(f'CREATE DATABASE {name}', f'CREATE TABLE {name}.t {TABLE}')


@pytest.mark.parametrize('rules', [{'binlog_do_db': 'logged'}, {'binlog_ignore_db': 'quiet'}],
                         ids=lambda rules: next(iter(rules)))
def test_rows_are_logged_by_their_own_database(make_server, rules):
    a, b = make_server('a', **rules), make_server('b')
    edges = chain(a, b)
    two_databases(a)  # no default database: what names one goes by it, the CREATE TABLEs by none
    a.execute('USE quiet', 'INSERT INTO logged.t VALUES (1, 1)', 'INSERT INTO t VALUES (1, 1)',
              'USE logged', 'INSERT INTO quiet.t VALUES (2, 2)', 'INSERT INTO t VALUES (2, 2)')
    status = a.source_status()
    assert {status['Binlog_Do_DB'], status['Binlog_Ignore_DB']} == {'', *rules.values()}
    wait_until(lambda: 'CREATE TABLE quiet.t' in b.replica_status()['Last_SQL_Error'], 'the error')
    b.execute('CREATE DATABASE quiet', 'START SLAVE')
    wait_same_rows(edges, databases=['logged'])
    assert b.rows('SELECT * FROM quiet.t') == [] and a.rows('SELECT * FROM quiet.t') == [(1, 1), (2, 2)]


def test_definitions_are_logged_by_the_default_database(make_server):
    a, b = make_server('a', binlog_ignore_db='quiet'), make_server('b')
    edges = chain(a, b)
    a.execute('CREATE DATABASE logged', 'CREATE DATABASE quiet')
    assert databases(b) <= {'logged'}
    a.execute('USE quiet', f'CREATE TABLE here {TABLE}', f'CREATE TABLE logged.there {TABLE}',
              'USE logged', f'CREATE TABLE here {TABLE}', 'ALTER TABLE here ADD w INT', 'DROP DATABASE quiet')
    a.execute('INSERT INTO here VALUES (1, 1, 1)')
    wait_caught_up(edges)
    assert tables(a) == {'logged.there', 'logged.here'} and tables(b) == {'logged.here'}
    b.execute(f'CREATE TABLE logged.there {TABLE}')
    wait_same_rows(edges)


def test_a_transaction_of_both(make_server):
    a, b = make_server('a', binlog_do_db='logged'), make_server('b')
    edges = chain(a, b)
    a.execute('CREATE DATABASE logged', 'CREATE DATABASE quiet', 'USE logged', f'CREATE TABLE t {TABLE}',
              'USE quiet', f'CREATE TABLE t {TABLE}')
    a.execute('BEGIN', 'INSERT INTO logged.t VALUES (1, 1)', 'INSERT INTO quiet.t VALUES (1, 1)', 'COMMIT',
              'BEGIN', 'INSERT INTO quiet.t VALUES (2, 2)', 'SAVEPOINT s', 'INSERT INTO logged.t VALUES (2, 2)',
              'ROLLBACK TO s', 'COMMIT', 'BEGIN', 'INSERT INTO quiet.t VALUES (3, 3)', 'ROLLBACK')
    wait_same_rows(edges, databases=['logged'])
    assert a.rows('SELECT * FROM quiet.t') == [(1, 1), (2, 2)] and databases(b) == {'logged'}
    assert len(events(a, 'Write_rows')) == 1


STEPS = ['commit.before_log', 'commit.after_log_write', 'commit.after_log_flush', 'commit.before_store',
         'commit.after_store']


@pytest.mark.parametrize('step', STEPS)
def test_a_crash_tears_no_transaction_of_both(make_server, step):
    """Of a transaction that the log has, the rows that the log has not are there as well."""
    a = make_server('a', binlog_do_db='logged')
    a.execute('CREATE DATABASE logged', 'CREATE DATABASE quiet', 'USE logged', f'CREATE TABLE t {TABLE}',
              'INSERT INTO t VALUES (1, 1), (2, 2)', 'USE quiet', f'CREATE TABLE t {TABLE}', 'CREATE TABLE u (v INT)',
              'INSERT INTO t VALUES (1, 1), (2, 2)')
    a.restart(faults=f'{step}=crash@2')
    a.execute('USE logged', 'INSERT INTO t VALUES (3, 3)')
    with pytest.raises(pymysql.err.MySQLError):
        a.execute('BEGIN', 'UPDATE logged.t SET v=10 WHERE id=1', 'UPDATE quiet.t SET v=10 WHERE id=1',
                  'DELETE FROM quiet.t WHERE id=2', 'INSERT INTO quiet.u VALUES (7)', 'COMMIT')
    a.wait_end()
    a.start()
    happened = a.value('SELECT v FROM logged.t WHERE id=1') == 10
    assert happened == (step != 'commit.before_log')
    assert a.rows('SELECT * FROM quiet.t') == ([(1, 10)] if happened else [(1, 1), (2, 2)])
    assert a.rows('SELECT * FROM quiet.u') == ([(7,)] if happened else [])
    assert a.rows('CHECK TABLE quiet.t')[0][3] == 'OK'
    a.kill()
    a.start()
    assert a.rows('SELECT * FROM quiet.t') == ([(1, 10)] if happened else [(1, 1), (2, 2)])


def test_rows_that_are_not_logged_outlive_a_kill(make_server):
    a = make_server('a', binlog_ignore_db='quiet')
    a.execute('CREATE DATABASE quiet', 'USE quiet', f'CREATE TABLE t {TABLE}', 'INSERT INTO t VALUES (1, 1)')
    before = a.log_end_position()
    a.kill()
    a.start()
    assert a.rows('SELECT * FROM quiet.t') == [(1, 1)] and a.log_end_position()[1] <= before[1]


def test_text_is_logged_by_the_default_database(make_server):
    a, b = make_server('a', binlog_ignore_db='quiet', binlog_format='STATEMENT'), make_server('b')
    edges = chain(a, b)
    a.execute('CREATE DATABASE logged', 'CREATE DATABASE quiet', 'USE logged', f'CREATE TABLE t {TABLE}',
              'INSERT INTO t VALUES (1, 1)', 'USE quiet', 'INSERT INTO logged.t VALUES (2, 2)', 'USE logged',
              'UPDATE t SET v=v+10')
    wait_caught_up(edges)
    assert a.rows('SELECT * FROM logged.t') == [(1, 11), (2, 12)]
    assert b.rows('SELECT * FROM logged.t') == [(1, 11)]
    a.execute('DELETE FROM t WHERE id=2')
    wait_same_rows(edges)


def test_what_a_replica_does_not_log(make_server):
    """a->b->c: b applies everything, and logs one database of two; c has its transactions all the same."""
    a, b, c = make_server('a'), make_server('b', binlog_ignore_db='quiet'), make_server('c')
    add_replication_user(a)
    add_replication_user(b)
    follow(b, a)
    two = ['CREATE DATABASE logged', 'CREATE DATABASE quiet', 'USE logged', f'CREATE TABLE t {TABLE}', 'USE quiet',
           f'CREATE TABLE t {TABLE}', 'INSERT INTO quiet.t VALUES (1, 1)', 'INSERT INTO logged.t VALUES (1, 1)',
           'BEGIN', 'INSERT INTO quiet.t VALUES (2, 2)', 'INSERT INTO logged.t VALUES (2, 2)', 'COMMIT']
    a.execute(*two)
    wait_same_rows([(a, b)])
    c.execute(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={b.port}, MASTER_USER='repl', "
              "MASTER_PASSWORD='pass4repl', MASTER_AUTO_POSITION=1", 'START SLAVE')
    wait_running(c)
    wait_until(lambda: c.variable('gtid_executed') == a.variable('gtid_executed'), 'every transaction',
               show=lambda: c.variable('gtid_executed'))
    assert a.variable('gtid_executed') == b.variable('gtid_executed')
    assert_same_rows(a, c, databases=['logged'])
    assert databases(c) == {'logged'}
    b.kill()
    b.start()
    wait_running(b)
    wait_same_rows([(a, b)])


@pytest.mark.parametrize('kind, step', [('mariadb', 'commit.after_log_flush'), *(('gemel', step) for step in STEPS)])
def test_a_replica_dies_over_what_it_does_not_log(make_server, kind, step):
    """The tables have no key: a row that is applied twice is there twice."""
    a, b = make_server('a', kind=kind), make_server('b', binlog_ignore_db='quiet', slave_net_timeout=4)
    edges = chain(a, b)
    for name in ('logged', 'quiet'):
        a.execute(f'CREATE DATABASE {name}', f'CREATE TABLE {name}.t (id INT, v INT)')
    wait_same_rows(edges)
    for count in (1, 3):
        b.stop()
        for number in range(4):
            a.execute('BEGIN', f'INSERT INTO quiet.t VALUES ({number}, {count})', 'UPDATE logged.t SET v=v+1',
                      f'INSERT INTO logged.t VALUES ({number}, 0)', 'UPDATE quiet.t SET v=v+1', 'COMMIT',
                      f'INSERT INTO quiet.t VALUES ({number}, 100)', 'USE quiet', f'CREATE TABLE t{count}{number} (id INT)')
        b.launch(faults=f'{step}=crash@{count}')
        b.wait_end()
        b.start()
        wait_running(b)
        wait_same_rows(edges)
        b.kill()
        b.start()
        wait_running(b)
        wait_same_rows(edges)


# ---------------------------------------------------------------- what is applied

CASES = {
    'do_db': ("REPLICATE_DO_DB = (x)", {'x.t', 'x.u'}),
    'ignore_db': ("REPLICATE_IGNORE_DB = (y)", {'x.t', 'x.u'}),
    'do_table': ("REPLICATE_DO_TABLE = (x.t, y.u)", {'x.t', 'y.u'}),
    'ignore_table': ("REPLICATE_IGNORE_TABLE = (x.t)", {'x.u', 'y.t', 'y.u'}),
    'wild_do_table': ("REPLICATE_WILD_DO_TABLE = ('x.%')", {'x.t', 'x.u'}),
    'wild_ignore_table': ("REPLICATE_WILD_IGNORE_TABLE = ('%.t')", {'x.u', 'y.u'}),
    'both_levels': ("REPLICATE_DO_DB = (x), REPLICATE_IGNORE_TABLE = (x.t)", {'x.u'}),
}


@pytest.mark.parametrize('case', CASES)
@pytest.mark.parametrize('binlog_format', ['ROW', 'STATEMENT'])
def test_rules(make_server, case, binlog_format):
    rule, applied = CASES[case]
    a, b = make_server('a', binlog_format=binlog_format), make_server('b')
    edges = chain(a, b)
    a.execute('SET sql_log_bin=0')
    for server in (a, b):
        server.execute('CREATE DATABASE x', 'CREATE DATABASE y')
    a.execute('SET sql_log_bin=1')
    set_filter(b, rule)
    for name in ('x', 'y'):
        a.execute(f'USE {name}')
        for table in ('t', 'u'):
            a.execute(f'CREATE TABLE {table} {TABLE}', f'INSERT INTO {table} VALUES (1, 1), (2, 2), (3, 3)',
                      f'UPDATE {table} SET v=v*10 WHERE id=1', f'DELETE FROM {table} WHERE id=2')
    wait_caught_up(edges)
    assert tables(b) == applied
    for table in applied:
        assert b.rows(f'SELECT * FROM {table}') == [(1, 10), (3, 3)], table
    a_has, b_has = a.variable('gtid_executed'), b.variable('gtid_executed')
    assert a_has in b_has
    for server in (a, b):
        server.execute('SET sql_log_bin=0', *(f'DROP TABLE {table}' for table in tables(server)), 'SET sql_log_bin=1')
    wait_same_rows(edges)


def test_databases_under_wild_rules(two_servers):
    a, b = two_servers
    edges = chain(a, b)
    set_filter(b, "REPLICATE_WILD_DO_TABLE = ('keep%.%')")
    a.execute('CREATE DATABASE keep_me', 'CREATE DATABASE other', f'CREATE TABLE keep_me.t {TABLE}',
              f'CREATE TABLE other.t {TABLE}', 'INSERT INTO keep_me.t VALUES (1, 1)', 'INSERT INTO other.t VALUES (1, 1)')
    wait_caught_up(edges)
    assert tables(b) == {'keep_me.t'}
    a.execute('DROP DATABASE other', 'DROP DATABASE keep_me', 'CREATE DATABASE keep_this')
    wait_same_rows(edges)
    assert databases(b) == {'keep_this'}


def test_one_transaction_of_both(two_servers):
    a, b = two_servers
    edges = chain(a, b)
    a.execute('CREATE DATABASE x', f'CREATE TABLE x.t {TABLE}', f'CREATE TABLE x.u {TABLE}')
    wait_caught_up(edges)
    set_filter(b, 'REPLICATE_IGNORE_TABLE = (x.u)')
    a.execute('BEGIN', 'INSERT INTO x.u VALUES (1, 1)', 'INSERT INTO x.t VALUES (1, 1)', 'UPDATE x.u SET v=2',
              'INSERT INTO x.t SELECT id+1, v FROM x.u', 'COMMIT', 'UPDATE x.t, x.u SET t.v=7, u.v=7 WHERE t.id=u.id')
    wait_caught_up(edges)
    assert b.rows('SELECT * FROM x.t') == [(1, 7), (2, 2)] and b.rows('SELECT * FROM x.u') == []
    a.execute('SET sql_log_bin=0', 'DELETE FROM x.u', 'SET sql_log_bin=1')
    wait_same_rows(edges)


def test_a_filtered_transaction_is_executed_and_empty(two_servers):
    a, b = two_servers
    edges = chain(a, b)
    a.execute('CREATE DATABASE x', f'CREATE TABLE x.t {TABLE}')
    wait_caught_up(edges)
    set_filter(b, 'REPLICATE_IGNORE_DB = (x)')
    before = len(events(b, 'Gtid'))
    a.execute('INSERT INTO x.t VALUES (1, 1)', 'USE x', f'CREATE TABLE u {TABLE}')
    wait_caught_up(edges)
    assert b.variable('gtid_executed') == a.variable('gtid_executed') and len(events(b, 'Gtid')) == before + 2
    assert tables(b) == {'x.t'} and b.rows('SELECT * FROM x.t') == []
    b.restart()  # the rules are gone, and nothing comes again
    wait_running(b)
    assert b.replica_status()['Replicate_Ignore_DB'] == ''
    a.execute('SET sql_log_bin=0', 'DELETE FROM x.t', 'DROP TABLE x.u', 'SET sql_log_bin=1', 'INSERT INTO x.t VALUES (2, 2)')
    wait_same_rows(edges)


@pytest.mark.parametrize('binlog_format', ['ROW', 'STATEMENT'])
def test_rewriting(make_server, binlog_format):
    a, b = make_server('a', binlog_format=binlog_format), make_server('b', replicate_rewrite_db='from_here->to_there')
    edges = chain(a, b)
    b.execute('CREATE DATABASE to_there')
    set_filter(b, 'REPLICATE_DO_DB = (to_there)')  # rules see the new name
    a.execute('CREATE DATABASE from_here', 'USE from_here', f'CREATE TABLE t {TABLE}', 'INSERT INTO t VALUES (1, 1)',
              'UPDATE t SET v=2', 'ALTER TABLE t ADD w INT', 'INSERT INTO t VALUES (2, 2, 2)')
    wait_caught_up(edges)
    assert b.replica_status()['Replicate_Rewrite_DB'] == '(from_here,to_there)'
    assert b.rows('SELECT * FROM to_there.t') == a.rows('SELECT * FROM from_here.t') == [(1, 2, None), (2, 2, 2)]
    a.execute('DROP TABLE t')
    wait_caught_up(edges)
    assert tables(a) == tables(b) == set()


def test_each_channel_has_its_own(make_server):
    """a->c, b->c: of each source one database."""
    a, b = make_server('a'), make_server('b')
    c = make_server('c', replicate_do_db='a:x')
    for source in (a, b):
        add_replication_user(source)
        c.execute(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={source.port}, MASTER_USER='repl', "
                  f"MASTER_PASSWORD='pass4repl', MASTER_AUTO_POSITION=1 FOR CHANNEL '{source.name}'")
    c.execute("CHANGE REPLICATION FILTER REPLICATE_WILD_DO_TABLE = ('y.%') FOR CHANNEL 'b'", 'START SLAVE')
    for source in (a, b):
        name = source.name
        for database in ('x', 'y'):
            source.execute(f'CREATE DATABASE IF NOT EXISTS {database}', f'USE {database}',
                           f'CREATE TABLE of_{name} {TABLE}', f'INSERT INTO of_{name} VALUES (1, 1)')
    for source in (a, b):
        wait_until(lambda: source.variable('gtid_executed') in c.variable('gtid_executed').replace('\n', ''), 'all of it',
                   show=lambda: c.replica_status()['Last_SQL_Error'])
    assert tables(c) == {'x.of_a', 'y.of_b'}
    assert c.rows('SELECT * FROM x.of_a') == a.rows('SELECT * FROM x.of_a')
    assert c.rows('SELECT * FROM y.of_b') == b.rows('SELECT * FROM y.of_b')


def test_loaded_files(make_server, scratch):
    """LOAD DATA as MariaDB logs it: a file in blocks, then the statement."""
    a, b = make_server('a', kind='mariadb', binlog_format='STATEMENT'), make_server('b')
    edges = chain(a, b)
    a.execute('CREATE DATABASE x', f'CREATE TABLE x.t {TABLE}', f'CREATE TABLE x.u {TABLE}')
    wait_same_rows(edges)
    set_filter(b, 'REPLICATE_IGNORE_TABLE = (x.u)')
    (scratch / 'rows.txt').write_text(''.join(f'{number}\t{number}\n' for number in range(1000)))
    (scratch / 'rows.txt').chmod(0o644)
    for table in ('u', 't'):
        a.execute(f"LOAD DATA INFILE '{scratch / 'rows.txt'}' INTO TABLE x.{table}")
    wait_caught_up(edges)
    assert b.value('SELECT COUNT(*) FROM x.t') == 1000 and b.value('SELECT COUNT(*) FROM x.u') == 0
    a.execute('SET sql_log_bin=0', 'DELETE FROM x.u', 'SET sql_log_bin=1')
    wait_same_rows(edges)


# ---------------------------------------------------------------- how rules are given

def test_options_and_what_status_says(make_server):
    b = make_server('b', start=False, replicate_do_db='x', replicate_ignore_table='x.t',
                    replicate_wild_do_table='a%.b\\_%', replicate_rewrite_db='p -> q')
    b.option_file.write_text(b.option_file.read_text() + 'replicate-do-db=y\nreplicate-do-db=west:z\n')
    b.start()
    b.execute("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1",
              "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1 FOR CHANNEL 'west'")
    wanted = {'Replicate_Do_DB': 'x,y', 'Replicate_Ignore_DB': '', 'Replicate_Do_Table': '',
              'Replicate_Ignore_Table': 'x.t', 'Replicate_Wild_Do_Table': 'a%.b\\_%', 'Replicate_Wild_Ignore_Table': '',
              'Replicate_Rewrite_DB': '(p,q)'}
    status = b.record("SHOW SLAVE STATUS FOR CHANNEL ''")
    assert {name: status[name] for name in wanted} == wanted
    status = b.record("SHOW REPLICA STATUS FOR CHANNEL 'west'")
    assert (status['Replicate_Do_DB'], status['Replicate_Ignore_Table']) == ('z', 'x.t')


@pytest.mark.parametrize('option', ['replicate-do-table=nodot', 'replicate-rewrite-db=nothing',
                                    'replicate-wild-ignore-table=x', 'binlog-do-db='])
def test_options_that_are_none(make_server, option):
    b = make_server('b', start=False)
    b.option_file.write_text(b.option_file.read_text() + option + '\n')
    b.launch()
    assert b.wait_end() != 0
    assert 'b.cnf:' in b.log() and ('REPLICATE_' in b.log() or 'db_pattern.table_pattern' in b.log())


def test_changing_rules(two_servers):
    a, b = two_servers
    edges = chain(a, b)
    b.execute("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1 FOR CHANNEL 'west'")
    assert error_of(b, 'CHANGE REPLICATION FILTER REPLICATE_DO_DB = (x)')[0] == 3085
    assert error_of(b, "CHANGE REPLICATION FILTER REPLICATE_DO_DB = (x) FOR CHANNEL ''")[0] == 3085
    assert error_of(b, "CHANGE REPLICATION FILTER REPLICATE_DO_DB = (x) FOR CHANNEL 'east'")[0] == 3074
    b.execute("CHANGE REPLICATION FILTER REPLICATE_DO_DB = (x) FOR CHANNEL 'west'", 'STOP SLAVE SQL_THREAD')
    assert error_of(b, "CHANGE REPLICATION FILTER REPLICATE_WILD_DO_TABLE = ('x')")[0] == 3067
    assert error_of(b, 'CHANGE REPLICATION FILTER REPLICATE_NOTHING = (x)')[0] == 1064
    b.execute('CHANGE REPLICATION FILTER REPLICATE_IGNORE_DB = (p, `q r`), REPLICATE_REWRITE_DB = ((a, b), (c, d)), '
              "REPLICATE_DO_TABLE = (p.t), REPLICATE_WILD_DO_TABLE = ('p%.%', 'q.%')")
    for channel, do_db in (('', ''), ('west', 'x')):
        status = b.record(f"SHOW SLAVE STATUS FOR CHANNEL '{channel}'")
        assert (status['Replicate_Do_DB'], status['Replicate_Ignore_DB']) == (do_db, 'p,q r')
        assert status['Replicate_Rewrite_DB'] == '(a,b),(c,d)' and status['Replicate_Do_Table'] == 'p.t'
        assert status['Replicate_Wild_Do_Table'] == 'p%.%,q.%'
    b.execute('CHANGE REPLICATION FILTER REPLICATE_IGNORE_DB = (), REPLICATE_REWRITE_DB = (), REPLICATE_DO_TABLE = (), '
              'REPLICATE_WILD_DO_TABLE = ()', 'START SLAVE SQL_THREAD')
    a.execute('CREATE DATABASE p', f'CREATE TABLE p.t {TABLE}', 'INSERT INTO p.t VALUES (1, 1)')
    wait_until(lambda: b.rows("SHOW TABLES FROM information_schema LIKE 'TABLES'") and 'p' in databases(b), 'the database')
    wait_until(lambda: b.record("SHOW SLAVE STATUS FOR CHANNEL ''")['Exec_Master_Log_Pos'] == a.log_end_position()[1],
               'b to catch up')
    assert_same_rows(a, b)
