"""What a client is told of databases, tables and accounts: SHOW, DESCRIBE, information_schema, EXPLAIN, and the stock
programs that live on them. Expected values are MySQL 8.0's."""
import threading

import pymysql
import pytest

from harness.wait import wait_until

TABLES = (
    'CREATE DATABASE d', 'USE d',
    'CREATE TABLE p (id INT PRIMARY KEY, n VARCHAR(20))',
    "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(30) NOT NULL DEFAULT 'x''y' COMMENT 'the a',"
    ' b INT UNSIGNED, c DECIMAL(10,2) DEFAULT 1.5,'
    ' d DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),'
    " e ENUM('a','b''c'), f TEXT, h BIT(3) DEFAULT b'101', u VARCHAR(10) UNIQUE, p_id INT, KEY k (b, a(5)),"
    ' CONSTRAINT fk FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE, CHECK (b < 100)) COMMENT=\'hello\'',
    "INSERT INTO t (a, b) VALUES ('one', 1), ('two', 2)",
    'CREATE VIEW v AS SELECT id, a, b + 1 AS more FROM t',
)


@pytest.fixture
def d(server):
    server.execute(*TABLES)
    return server


def expect(connection, statement, number):
    with pytest.raises(pymysql.err.MySQLError) as error:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    assert error.value.args[0] == number, (statement, error.value)


def headings(server, statement):
    return [column[0] for column in server.execute(statement).description]


# -------------------------------------------------------------------- SHOW

def test_lists(d):
    assert d.rows("SHOW DATABASES LIKE 'd'") == [('d',)]
    assert headings(d, "SHOW DATABASES LIKE 'd'") == ['Database (d)']
    assert d.rows('SHOW TABLES') == [('p',), ('t',), ('v',)]
    assert headings(d, "SHOW FULL TABLES LIKE 't%'") == ['Tables_in_d (t%)', 'Table_type']
    assert d.rows("SHOW FULL TABLES WHERE Table_type = 'VIEW'") == [('v', 'VIEW')]
    assert d.rows('SHOW TRIGGERS') == d.rows('SHOW EVENTS') == []
    expect(d.control(), 'SHOW TABLES FROM nowhere', 1049)


def test_columns(d):
    full = {row[0]: row[1:] for row in d.rows('SHOW FULL COLUMNS FROM t')}
    rights = 'select,insert,update,references'
    assert full['id'] == ('int', None, 'NO', 'PRI', None, 'auto_increment', rights, '')
    assert full['a'] == ('varchar(30)', 'utf8mb4_general_ci', 'NO', '', "x'y", '', rights, 'the a')
    assert full['b'][0:4] == ('int unsigned', None, 'YES', 'MUL')
    assert full['d'][4:6] == ('CURRENT_TIMESTAMP(3)', 'DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)')
    assert full['e'][0] == "enum('a','b''c')"
    assert full['h'][4] == "b'101'"
    assert full['u'][3] == 'UNI'
    assert [row[0] for row in d.rows("SHOW COLUMNS FROM t WHERE `Key` <> ''")] == ['id', 'b', 'u', 'p_id']
    assert d.rows('DESCRIBE t c') == [('c', 'decimal(10,2)', 'YES', '', '1.50', '')]
    assert d.rows('DESC v') == [('id', 'int', 'NO', '', '0', ''), ('a', 'varchar(30)', 'NO', '', "x'y", ''),
                                ('more', 'bigint unsigned', 'YES', '', None, '')]
    expect(d.control(), 'SHOW COLUMNS FROM nothing', 1146)
    expect(d.control(), 'SHOW COLUMNS FROM t FROM nowhere', 1049)


def test_columns_of_a_view_that_is_not_valid_any_more(d):
    d.execute('ALTER TABLE t DROP COLUMN h', 'CREATE VIEW w AS SELECT f FROM t', 'ALTER TABLE t DROP COLUMN f')
    expect(d.control(), 'SHOW COLUMNS FROM w', 1356)
    assert d.rows("SELECT table_name FROM information_schema.columns WHERE table_schema = 'd' AND table_name = 'w'") == []


def test_indexes(d):
    assert [row[1:5] + row[7:8] + row[9:11] for row in d.rows('SHOW INDEX FROM t')] == [
        (0, 'PRIMARY', 1, 'id', None, '', 'BTREE'), (0, 'u', 1, 'u', None, 'YES', 'BTREE'),
        (1, 'k', 1, 'b', None, 'YES', 'BTREE'), (1, 'k', 2, 'a', 5, '', 'BTREE'),
        (1, 'fk', 1, 'p_id', None, 'YES', 'BTREE')]
    assert headings(d, 'SHOW KEYS FROM t')[-2:] == ['Visible', 'Expression']


def test_table_status(d):
    status = d.record("SHOW TABLE STATUS LIKE 't'")
    assert (status['Engine'], status['Rows'], status['Auto_increment'], status['Comment']) == ('InnoDB', 2, 3, 'hello')
    assert status['Create_time'].year > 2000
    assert d.record("SHOW TABLE STATUS LIKE 'v'")['Comment'] == 'VIEW'


def test_definitions_read_back(d):
    table = d.rows('SHOW CREATE TABLE t')[0][1]
    view = d.rows('SHOW CREATE VIEW v')[0][1]
    d.execute('DROP VIEW v', 'DROP TABLE t', table, view)
    assert d.rows('SHOW CREATE TABLE t')[0][1] == table.replace('AUTO_INCREMENT=3 ', '') or \
        d.rows('SHOW CREATE TABLE t')[0][1] == table
    assert d.rows('SHOW CREATE TABLE v')[0][1] == view
    assert d.rows('SHOW CREATE DATABASE IF NOT EXISTS d')[0][1].startswith(
        'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `d` /*!40100 DEFAULT CHARACTER SET utf8mb4')
    expect(d.control(), 'SHOW CREATE VIEW t', 1347)


# -------------------------------------------------------------------- information_schema

def test_every_virtual_table_can_be_read(d):
    names = d.rows('SELECT table_schema, table_name FROM information_schema.tables'
                   " WHERE table_schema IN ('information_schema', 'performance_schema', 'mysql')")
    assert len(names) > 50
    for database, name in names:
        count = d.value(f"SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '{database}'"
                        f" AND table_name = '{name}'")
        assert len(headings(d, f'SELECT * FROM {database}.{name} LIMIT 5')) == count


def test_names_fold_case(d):
    assert d.value("SELECT TABLE_ROWS FROM Information_Schema.Tables WHERE Table_Schema='d' AND table_name='t'") == 2
    d.execute('USE INFORMATION_SCHEMA')
    assert d.value('SELECT DATABASE()') == 'information_schema'
    assert ('TABLES',) in d.rows('SHOW TABLES')


def test_constraints(d):
    assert d.rows('SELECT constraint_name, constraint_type FROM information_schema.table_constraints'
                  " WHERE table_schema = 'd' AND table_name = 't' ORDER BY 1") == [
        ('fk', 'FOREIGN KEY'), ('PRIMARY', 'PRIMARY KEY'), ('t_chk_1', 'CHECK'), ('u', 'UNIQUE')]
    assert d.rows('SELECT column_name, referenced_table_name, referenced_column_name'
                  ' FROM information_schema.key_column_usage WHERE referenced_table_schema = DATABASE()') == [
        ('p_id', 'p', 'id')]
    assert d.rows('SELECT unique_constraint_name, update_rule, delete_rule'
                  " FROM information_schema.referential_constraints WHERE constraint_schema = 'd'") == [
        ('PRIMARY', 'NO ACTION', 'CASCADE')]
    assert d.value('SELECT check_clause FROM information_schema.check_constraints') == '(`b` < 100)'


def test_made_up_tables_cannot_be_written(d):
    expect(d.control(), 'INSERT INTO information_schema.engines VALUES (1)', 1471)
    expect(d.control(), 'DELETE FROM mysql.user', 1288)
    expect(d.control(), 'CREATE TABLE information_schema.mine (a INT)', 1044)


# -------------------------------------------------------------------- who may see what

def test_only_what_the_account_may_see(d):
    d.execute('CREATE USER none@localhost, one@localhost', 'GRANT SELECT ON d.t TO one@localhost')
    none, one = d.connect('none'), d.connect('one')

    def ask(connection, statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    assert ask(none, 'SHOW DATABASES') == [('information_schema',), ('performance_schema',)]
    assert ('d',) in ask(one, 'SHOW DATABASES')
    assert ask(one, 'SHOW TABLES FROM d') == [('t',)]
    listed = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'd'"
    assert (ask(none, listed), ask(one, listed)) == ([], [('t',)])
    assert ask(one, "SHOW FULL COLUMNS FROM d.t LIKE 'id'")[0][7] == 'select'
    expect(none, 'SHOW TABLES FROM d', 1044)
    expect(none, 'SHOW CREATE DATABASE d', 1044)
    for statement in ('SHOW COLUMNS FROM d.p', 'SHOW CREATE TABLE d.p', 'SHOW INDEX FROM d.p', 'SELECT user FROM mysql.user',
                      'EXPLAIN SELECT * FROM d.p', 'EXPLAIN DELETE FROM d.t'):
        expect(one, statement, 1142)
    assert ask(one, 'SHOW GRANTS') == [('GRANT USAGE ON *.* TO `one`@`localhost`',),
                                       ('GRANT SELECT ON `d`.`t` TO `one`@`localhost`',)]
    expect(one, 'SHOW GRANTS FOR root@localhost', 1044)
    assert ('none', 'localhost') in d.rows('SELECT user, host FROM mysql.user')
    none.close()
    one.close()


# -------------------------------------------------------------------- EXPLAIN

def test_explain(d):
    assert headings(d, 'EXPLAIN SELECT 1') == ['id', 'select_type', 'table', 'partitions', 'type', 'possible_keys', 'key',
                                               'key_len', 'ref', 'rows', 'filtered', 'Extra']
    row = d.record('EXPLAIN SELECT * FROM t WHERE id = 1')
    assert (row['type'], row['key'], row['rows']) == ('const', 'PRIMARY', 1)
    assert d.record('EXPLAIN UPDATE t SET b = 1 WHERE id = 1')['select_type'] == 'UPDATE'
    assert d.record('EXPLAIN DELETE FROM t WHERE id = 1')['select_type'] == 'DELETE'
    assert [row[1:3] for row in d.rows('EXPLAIN INSERT INTO p SELECT id, a FROM t')] == [('INSERT', 'p'), ('SIMPLE', 't')]
    assert d.value('SELECT COUNT(*) FROM p') == 0
    expect(d.control(), 'EXPLAIN FORMAT=JSON SELECT 1', 1235)


# -------------------------------------------------------------------- the stock programs

def test_stock_programs(d):
    assert '| t ' in d.client('mariadb-show', 'd')
    assert "enum('a','b''c')" in d.client('mariadb-show', 'd', 't')
    assert d.client('mariadb-show', '--count', 'd').count('|') > 10
    d.client('mariadb-show', '--status', 'd')
    d.client('mariadb-show', 'information_schema')
    for action in ('--check', '--analyze', '--optimize'):
        d.client('mariadb-check', action, '--all-databases')
    # Completion reads the names of all tables and columns.
    assert d.client('mariadb', '--auto-rehash', '-N', 'd', text='SELECT COUNT(*) FROM t;\n') == '2\n'


def test_dump_of_all_databases_reads_back_the_same(d):
    dump = ('mariadb-dump', '--all-databases', '--routines', '--triggers', '--events', '--skip-dump-date')
    first = d.client(*dump)
    assert 'CREATE TABLE `user`' not in first
    d.execute('USE mysql', 'DROP DATABASE d')
    d.client('mariadb', text=first)
    assert d.client(*dump) == first
    assert d.rows('SELECT * FROM d.v') == [(1, 'one', 2), (2, 'two', 3)]
    assert d.rows('SELECT user FROM mysql.user') == [('root',)]


def test_dump_reads_back_in_mariadb(d, make_server):
    other = make_server('m', kind='mariadb')
    other.client('mariadb', text=d.client('mariadb-dump', '--all-databases'))
    assert other.rows('SELECT * FROM d.v') == d.rows('SELECT * FROM d.v')
    assert other.rows('SELECT id, a, b, c, d, e, f, u FROM d.t') == d.rows('SELECT id, a, b, c, d, e, f, u FROM d.t')


def test_the_process_list_says_what_is_waited_for(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'INSERT INTO d.t VALUES (1)')
    holder, waiter = server.connect(), server.connect()

    def state():
        return server.rows('SELECT command, state FROM information_schema.processlist '
                           f'WHERE id = {waiter.thread_id()}')[0]

    def waits(hold, wait, expected):
        with holder.cursor() as cursor:
            for statement in hold:
                cursor.execute(statement)
        thread = threading.Thread(target=lambda: waiter.cursor().execute(wait))
        thread.start()
        wait_until(lambda: state() == ('Query', expected), expected)
        with holder.cursor() as cursor:
            cursor.execute('ROLLBACK')
            cursor.execute('UNLOCK TABLES')
        thread.join()
        wait_until(lambda: state() == ('Sleep', ''), 'its end')

    waits(['BEGIN', 'SELECT * FROM d.t'], 'ALTER TABLE d.t ADD a INT', 'Waiting for table metadata lock')
    waits(['LOCK TABLES d.t READ'], 'INSERT INTO d.t (id) VALUES (2)', 'Waiting for table metadata lock')
    waits(['FLUSH TABLES WITH READ LOCK'], 'INSERT INTO d.t (id) VALUES (3)', 'Waiting for global read lock')
    waits(['BEGIN', 'DELETE FROM d.t WHERE id = 1'], 'UPDATE d.t SET a = 1 WHERE id = 1', 'updating')
    own = [row[6] for row in server.rows('SHOW PROCESSLIST') if row[0] == server.value('SELECT CONNECTION_ID()')]
    assert own == ['executing']
    holder.close()
    waiter.close()
