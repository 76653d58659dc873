"""The same rules on both: what Gemel and MariaDB leave of the same log must be the same, whoever wrote it."""
import pytest

from harness.rows import assert_same_rows
from harness.topology import add_replication_user, follow, wait_caught_up

TABLE = '(id INT PRIMARY KEY, v INT)'
RULES = [
    {'do_db': 'x'},
    {'do_db': 'x,y'},
    {'ignore_db': 'y'},
    {'do_table': 'x.t,y.u'},
    {'ignore_table': 'x.t'},
    {'wild_do_table': 'x.%'},
    {'wild_do_table': '%.a\\_b'},
    {'wild_ignore_table': '%.t'},
    {'wild_do_table': 'x.%,y.t', 'ignore_table': 'x.u'},
    {'do_db': 'x', 'ignore_table': 'x.t', 'do_table': 'y.t'},
]
NAMES = ('x', 'y', 'z')
UNFLUSHED = {'sync_binlog': 0, 'innodb_flush_log_at_trx_commit': 0}  # many small definitions
TABLES = ('t', 'u', 'a_b')


def define():
    """Logged on the source alone and made on each replica: rows find their tables whatever the rules say of definitions."""
    for database in NAMES:
        for name in TABLES:
            yield f'CREATE TABLE {database}.{name} {TABLE}'


def change():
    """Under each default database, under none, and across them."""
    for database in ('x', 'y', ''):
        if database:
            yield f'USE {database}'
        for place in ([''] if database else []) + ['x.', 'y.']:
            for name in TABLES:
                yield f'INSERT IGNORE INTO {place}{name} VALUES (1, 1), (2, 2), (3, 3)'
                yield f'UPDATE {place}{name} SET v=v*10 WHERE id=1'
                yield f'DELETE FROM {place}{name} WHERE id=2'
    yield 'USE x'
    yield 'UPDATE t, u SET t.v=5, u.v=6 WHERE t.id=u.id'
    yield 'UPDATE t JOIN y.t AS other ON other.id=t.id SET other.v=77'
    yield 'INSERT INTO t SELECT id+100, v FROM y.t'
    yield 'DELETE FROM a_b USING a_b JOIN u ON u.id=a_b.id WHERE u.id=3'
    yield 'BEGIN'
    yield 'INSERT INTO t VALUES (50, 50)'
    yield 'INSERT INTO y.t VALUES (50, 50)'
    yield 'SAVEPOINT s'
    yield 'INSERT INTO y.u VALUES (50, 50)'
    yield 'ROLLBACK TO SAVEPOINT s'
    yield 'COMMIT'


def redefine():
    """What changes no rows afterwards: a replica may have left out any of it."""
    for database in ('x', 'y'):
        yield f'USE {database}'
        for place in ('', 'x.', 'y.'):
            yield f'CREATE TABLE {place}made_{database}_{place.strip(".")} {TABLE}'
        yield f'ALTER TABLE made_{database}_ ADD w INT'
        yield f'CREATE INDEX i ON made_{database}_ (w)'
        yield f'RENAME TABLE made_{database}_ TO renamed_{database}'
        yield 'TRUNCATE u'
    yield 'DROP TABLE x.a_b, y.a_b'
    yield 'CREATE DATABASE x_more'
    yield 'DROP DATABASE z'


def prepare(make_server, kind, *options):
    """a->b and a->c, b of Gemel and c of MariaDB, with the same options and the same tables."""
    a = make_server('a', kind=kind, **UNFLUSHED)
    replicas = [make_server('b', start=False, **UNFLUSHED), make_server('c', kind='mariadb', start=False, **UNFLUSHED)]
    add_replication_user(a)
    for replica in replicas:
        replica.option_file.write_text('\n'.join([replica.option_file.read_text(), *options, '']))
        replica.start()
    for server in (a, *replicas):
        fill_anew(server)
    for replica in replicas:
        follow(replica, a)
    return a, replicas


def fill_anew(server):
    databases = {name for name, in server.rows('SHOW DATABASES')}
    server.execute('SET sql_log_bin=0', *(f'DROP DATABASE {name}' for name in ('x_more', *NAMES) if name in databases),
                   *(f'CREATE DATABASE {name}' for name in NAMES), *define(), 'SET sql_log_bin=1')


def check(a, replicas, binlog_format):
    a.execute(f"SET binlog_format='{binlog_format}'", *change())
    for replica in replicas:
        wait_caught_up([(a, replica)])
    assert_same_rows(*replicas, databases=NAMES)
    a.execute(*redefine())
    for replica in replicas:
        wait_caught_up([(a, replica)])
    assert_same_rows(*replicas)


def give_rules(ours, theirs, rules):
    """All of them, so that the ones of the round before go."""
    kinds = ('do_db', 'ignore_db', 'do_table', 'ignore_table', 'wild_do_table', 'wild_ignore_table')
    for server in (ours, theirs):
        server.execute('STOP SLAVE SQL_THREAD')
    theirs.execute(*(f"SET GLOBAL replicate_{kind}='{rules.get(kind, '')}'".replace('\\', '\\\\') for kind in kinds))
    quote = {True: "'{}'", False: '{}'}
    ours.execute('CHANGE REPLICATION FILTER ' + ', '.join(
        f'REPLICATE_{kind.upper()} = (' + ', '.join(
            quote[kind.startswith('wild')].format(entry.replace('\\', '\\\\'))
            for entry in rules.get(kind, '').split(',') if entry) + ')' for kind in kinds))
    for server in (ours, theirs):
        server.execute('START SLAVE SQL_THREAD')


@pytest.mark.parametrize('kind, binlog_format', [('gemel', 'ROW'), ('gemel', 'STATEMENT'), ('mariadb', 'MIXED')])
def test_both_leave_the_same(make_server, kind, binlog_format):
    a, replicas = prepare(make_server, kind)
    for rules in RULES:
        give_rules(*replicas, rules)
        check(a, replicas, binlog_format)
        for server in (a, *replicas):
            fill_anew(server)


@pytest.mark.parametrize('kind, rules', [('gemel', []), ('gemel', ['replicate_do_db=z']),
                                         ('mariadb', ['replicate_wild_do_table=z.%'])],
                         ids=['alone', 'do_db', 'wild_do_table'])
def test_both_rewrite_the_same(make_server, kind, rules):
    a, replicas = prepare(make_server, kind, 'replicate_rewrite_db=x->z', *rules)
    for binlog_format in ('ROW', 'STATEMENT'):
        check(a, replicas, binlog_format)
        for server in (a, *replicas):
            fill_anew(server)
