"""Definitions: what CREATE, ALTER, RENAME, DROP and SHOW CREATE say. Expected texts and numbers are MySQL 8.0's."""
import subprocess

import pymysql
import pytest

TAIL = ') ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci'


@pytest.fixture
def d(server):
    """The server, with a database d in use."""
    server.execute('CREATE DATABASE d', 'USE d')
    return server


def fails(server, statement, number, text=''):
    with pytest.raises(pymysql.err.MySQLError) as error:
        server.execute(statement)
    assert error.value.args[0] == number, error.value
    assert text in error.value.args[1], error.value


def shown(server, table):
    return server.rows(f'SHOW CREATE TABLE {table}')[0][1].split('\n')


def is_whole(server, table):
    """Every index of the table has exactly its rows' entries."""
    assert server.rows(f'CHECK TABLE {table}')[0][3] == 'OK'


# -------------------------------------------------------------------- SHOW CREATE TABLE

def test_show_create_is_mysqls_text(d):
    d.execute("CREATE TABLE p (id INT UNSIGNED PRIMARY KEY)",
              "CREATE TABLE t (a SERIAL, b INT NOT NULL DEFAULT 5 COMMENT 'it''s', c VARCHAR(9) COLLATE utf8mb4_bin, "
              "d TIMESTAMP, e DATETIME(3) DEFAULT NOW(3) ON UPDATE NOW(3), f TEXT, g BIT(3) DEFAULT b'101', "
              "h VARCHAR(36) DEFAULT (uuid()), i INT AS (b+1) STORED, j INT UNSIGNED, k ENUM('x','y''z') DEFAULT 'x', "
              "PRIMARY KEY (b), KEY (c(3), b DESC), CHECK (b > 0), "
              "CONSTRAINT fk FOREIGN KEY (j) REFERENCES p(id) ON DELETE SET NULL) COMMENT='c' MAX_ROWS=9")
    assert shown(d, 't') == [
        'CREATE TABLE `t` (',
        '  `a` bigint unsigned NOT NULL AUTO_INCREMENT,',
        "  `b` int NOT NULL DEFAULT '5' COMMENT 'it''s',",
        '  `c` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,',
        '  `d` timestamp NULL DEFAULT NULL,',
        '  `e` datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),',
        '  `f` text,',
        "  `g` bit(3) DEFAULT b'101',",
        '  `h` varchar(36) DEFAULT (uuid()),',
        '  `i` int GENERATED ALWAYS AS ((`b` + 1)) STORED,',
        '  `j` int unsigned DEFAULT NULL,',
        "  `k` enum('x','y''z') DEFAULT 'x',",
        '  PRIMARY KEY (`b`),',
        '  UNIQUE KEY `a` (`a`),',
        '  KEY `c` (`c`(3),`b` DESC),',
        '  KEY `fk` (`j`),',
        '  CONSTRAINT `fk` FOREIGN KEY (`j`) REFERENCES `p` (`id`) ON DELETE SET NULL,',
        '  CONSTRAINT `t_chk_1` CHECK ((`b` > 0))',
        TAIL + " MAX_ROWS=9 COMMENT='c'"]


def test_what_is_shown_makes_the_same_table(d):
    d.execute("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a DECIMAL(5,2) DEFAULT -1.5, b BINARY(3) DEFAULT 'x', "
              "c SET('p','q') DEFAULT 'p,q', e TIME(2) DEFAULT '01:02:03.45', f CHAR(3) CHARACTER SET latin1 DEFAULT 'é', "
              "UNIQUE u (a, f)) ENGINE=MyISAM CHARSET=utf8mb3 ROW_FORMAT=FIXED AUTO_INCREMENT=7")
    first = shown(d, 't')
    d.execute('CREATE DATABASE e', 'USE e', '\n'.join(first))
    assert shown(d, 'e.t') == first
    assert 'ENGINE=MyISAM AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb3 ROW_FORMAT=FIXED' in first[-1]


def test_old_timestamps(d):
    d.execute("SET explicit_defaults_for_timestamp=0, sql_mode=''", 'CREATE TABLE t (a TIMESTAMP, b TIMESTAMP)')
    assert shown(d, 't')[1:3] == [
        '  `a` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,',
        "  `b` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'"]


def test_a_varchar_no_row_can_hold_is_a_text(d):
    d.execute('CREATE TABLE t (a VARCHAR(65535)) CHARSET=utf8')
    assert d.rows('SHOW WARNINGS') == [('Note', 1246, "Converting column 'a' from VARCHAR to TEXT")]
    assert shown(d, 't')[1] == '  `a` mediumtext'


# -------------------------------------------------------------------- what is refused

@pytest.mark.parametrize('definition, number', [
    ('a INT, A INT', 1060), ("a INT DEFAULT 'x'", 1067), ("a TEXT DEFAULT 'x'", 1101), ('a INT AUTO_INCREMENT', 1075),
    ('a VARCHAR(9) AUTO_INCREMENT PRIMARY KEY', 1063), ('a INT, KEY (b)', 1072), ('a TEXT, KEY (a)', 1170),
    ('a INT PRIMARY KEY, b INT PRIMARY KEY', 1068), ('a INT, KEY k (a), KEY k (a)', 1061), ('a INT, KEY (a(2))', 1089),
    ('a VARCHAR(1000), KEY (a)', 1071), ('a BLOB, FULLTEXT (a)', 1283), ('a INT NULL PRIMARY KEY', 1171),
    ('a INT NOT NULL DEFAULT NULL', 1067), ("a DATE DEFAULT '0000-00-00'", 1067), ('a JSON, KEY (a)', 3152),
    ('a DATETIME DEFAULT NOW(3)', 1067), ('a INT ON UPDATE NOW()', 1294), ('a CHAR(300)', 1074),
    ('a VARCHAR(9000), b VARCHAR(9000)', 1118), ("a ENUM('x','x')", 1291), ('`a ` INT', 1166),
    ('a INT, FOREIGN KEY (a) REFERENCES nowhere (x)', 1824), ('a BIGINT, FOREIGN KEY (a) REFERENCES p (a)', 3780),
    ('a INT, FOREIGN KEY (a) REFERENCES p (b)', 1822), ('a INT, FOREIGN KEY (a) REFERENCES p (z)', 3734),
    ('a INT NOT NULL, FOREIGN KEY (a) REFERENCES p (a) ON DELETE SET NULL', 1830),
    ('a INT, CHECK (z > 0)', 3820), ('a INT, b INT AS (z + 1)', 1054),
])
def test_refused_definitions(d, definition, number):
    d.execute('CREATE TABLE p (a INT PRIMARY KEY, b INT)')
    fails(d, f'CREATE TABLE t ({definition})', number)
    assert d.rows('SHOW TABLES') == [('p',)]


def test_engines(d):
    fails(d, 'CREATE TABLE t (a INT) ENGINE=nobody', 1286)
    d.execute("SET sql_mode=''", 'CREATE TABLE t (a INT) ENGINE=nobody')
    assert [row[1] for row in d.rows('SHOW WARNINGS')] == [1286, 1266]
    d.execute('CREATE TABLE h (a INT) ENGINE=heap')
    assert 'ENGINE=MEMORY' in shown(d, 'h')[-1]


# -------------------------------------------------------------------- ALTER TABLE

def test_alter_copies_rows_and_counters(d):
    d.execute('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(5), b INT)',
              "INSERT INTO t (a, b) VALUES ('1', 10), ('2', NULL), ('3', 30)", 'DELETE FROM t WHERE id=3',
              'ALTER TABLE t MODIFY a BIGINT FIRST, ADD c INT NOT NULL DEFAULT 7 AFTER id, DROP COLUMN b, ADD KEY (c)',
              'INSERT INTO t (a) VALUES (9)')
    assert d.rows('SELECT * FROM t ORDER BY id') == [(1, 1, 7), (2, 2, 7), (9, 4, 7)]
    is_whole(d, 't')


def test_alter_checks_each_row(d):
    d.execute('CREATE TABLE t (a INT, b VARCHAR(5))', "INSERT INTO t VALUES (1, 'x'), (NULL, 'abc'), (300, 'x')")
    fails(d, 'ALTER TABLE t MODIFY a INT NOT NULL', 1138)
    fails(d, 'ALTER TABLE t MODIFY a TINYINT', 1264, 'row 3')
    fails(d, 'ALTER TABLE t MODIFY b VARCHAR(2)', 1265, 'row 2')
    fails(d, 'ALTER TABLE t ADD UNIQUE (b)', 1062, "'x' for key 't.b'")
    fails(d, 'ALTER TABLE t ADD CHECK (a < 100)', 3819)
    fails(d, 'ALTER TABLE t ADD c DATE NOT NULL', 1292)
    assert shown(d, 't')[1:3] == ['  `a` int DEFAULT NULL,', '  `b` varchar(5) DEFAULT NULL']
    assert d.value('SELECT COUNT(*) FROM t') == 3


def test_alter_in_place(d):
    """What changes no row copies none, and new indexes are built over the rows."""
    d.execute("CREATE TABLE t (a INT PRIMARY KEY, b ENUM('x'), c VARCHAR(10))", "INSERT INTO t VALUES (1, 'x', 'one')")
    with d.connect(database='d') as connection, connection.cursor() as cursor:
        for action in ("MODIFY b ENUM('x','y')", 'MODIFY c VARCHAR(20)', 'ADD KEY k (c)', 'RENAME COLUMN c TO cc',
                       'ALTER a SET DEFAULT 3', 'RENAME KEY k TO kk', "COMMENT 'q'", 'ADD UNIQUE (cc)'):
            assert cursor.execute(f'ALTER TABLE t {action}') == 0, action
        assert cursor.execute('ALTER TABLE t FORCE') == 1
    assert d.rows("SELECT a, b FROM t WHERE cc='one'") == [(1, 'x')]
    is_whole(d, 't')


def test_tables_without_primary_key_change_too(d):
    d.execute('CREATE TABLE t (a INT, b INT)', 'INSERT INTO t VALUES (1, 1), (1, 1), (2, 2)',
              'ALTER TABLE t ADD KEY (b)', 'DELETE FROM t WHERE a=1 LIMIT 1')
    is_whole(d, 't')
    d.execute('ALTER TABLE t ADD PRIMARY KEY (a), DROP KEY b', 'UPDATE t SET b=9 WHERE a=1',
              'ALTER TABLE t DROP PRIMARY KEY')
    assert sorted(d.rows('SELECT a, b FROM t')) == [(1, 9), (2, 2)]
    is_whole(d, 't')


def test_character_sets_are_converted(d):
    d.execute("CREATE TABLE t (a VARCHAR(9), b ENUM('é','b'), c TEXT) CHARSET=latin1",
              "INSERT INTO t VALUES ('ü', 'é', 'x')", 'ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4')
    assert d.rows('SELECT a, HEX(a), b FROM t') == [('ü', 'C3BC', 'é')]
    assert shown(d, 't')[1:] == ['  `a` varchar(9) DEFAULT NULL,', "  `b` enum('é','b') DEFAULT NULL,",
                                 '  `c` mediumtext', TAIL]


# -------------------------------------------------------------------- foreign keys

def test_foreign_keys_hold_definitions_together(d):
    d.execute('CREATE TABLE p (a INT PRIMARY KEY, b INT)',
              'CREATE TABLE c (x INT, CONSTRAINT f FOREIGN KEY (x) REFERENCES p (a))')
    for statement, number in (('DROP TABLE p', 3730), ('TRUNCATE p', 1701), ('ALTER TABLE p DROP PRIMARY KEY', 1553),
                              ('ALTER TABLE p MODIFY a BIGINT', 1833), ('ALTER TABLE p DROP COLUMN a', 1829),
                              ('ALTER TABLE c DROP KEY f', 1553), ('ALTER TABLE c DROP COLUMN x', 1828),
                              ('ALTER TABLE c MODIFY x BIGINT', 1832), ('ALTER TABLE c ENGINE=MyISAM', 3776)):
        fails(d, statement, number)
    d.execute('ALTER TABLE p RENAME COLUMN a TO aa', 'RENAME TABLE p TO q')
    assert shown(d, 'c')[3] == '  CONSTRAINT `f` FOREIGN KEY (`x`) REFERENCES `q` (`aa`)'
    fails(d, 'INSERT INTO c VALUES (1)', 1452)
    d.execute('INSERT INTO q VALUES (1, 1)', 'INSERT INTO c VALUES (1)', 'DROP TABLE c, q')


def test_a_foreign_key_is_added_only_over_rows_with_parents(d):
    d.execute('CREATE TABLE p (a INT PRIMARY KEY)', 'CREATE TABLE c (x INT)', 'INSERT INTO c VALUES (1)')
    fails(d, 'ALTER TABLE c ADD FOREIGN KEY (x) REFERENCES p (a)', 1452)
    d.execute('INSERT INTO p VALUES (1)', 'ALTER TABLE c ADD FOREIGN KEY (x) REFERENCES p (a)')
    assert '`c_ibfk_1`' in shown(d, 'c')[3]
    fails(d, 'DELETE FROM p', 1451)


# -------------------------------------------------------------------- names

def test_tables_change_names_in_a_circle(d):
    d.execute('CREATE DATABASE e', 'CREATE TABLE a (x INT)', 'CREATE TABLE b (y INT)', 'INSERT INTO a VALUES (1)',
              'RENAME TABLE a TO e.t, b TO a, e.t TO b')
    assert d.rows('SELECT x FROM b') == [(1,)]
    assert d.rows('SELECT y FROM a') == []
    fails(d, 'RENAME TABLE a TO z, nowhere TO y', 1146)
    assert d.rows('SHOW TABLES') == [('a',), ('b',)]


def test_drop_takes_all_or_none(d):
    d.execute('CREATE TABLE a (x INT)', 'CREATE TABLE b (x INT)')
    fails(d, 'DROP TABLE a, nowhere', 1051, 'd.nowhere')
    d.execute('DROP TABLE IF EXISTS a, nowhere')
    assert d.rows('SHOW WARNINGS') == [('Note', 1051, "Unknown table 'd.nowhere'")]
    assert d.rows('SHOW TABLES') == [('b',)]


def test_temporary_tables_hide_and_go(d):
    d.execute('CREATE TABLE t (a INT)', 'BEGIN', 'INSERT INTO t VALUES (1)', 'CREATE TEMPORARY TABLE t (b INT)',
              'INSERT INTO t VALUES (2)', 'ALTER TABLE t ADD c INT DEFAULT 3')
    assert d.rows('SELECT * FROM t') == [(2, 3)]
    d.execute('DROP TEMPORARY TABLE t')
    assert d.rows('SELECT * FROM t') == [(1,)]
    fails(d, 'DROP TEMPORARY TABLE t', 1051)


def test_create_from_a_query(d):
    d.execute("CREATE TABLE t (id INT PRIMARY KEY, n VARCHAR(9) NOT NULL DEFAULT 'q')", "INSERT INTO t VALUES (1, 'x')",
              'CREATE TABLE u (k INT AUTO_INCREMENT PRIMARY KEY, n CHAR(3)) SELECT n, id, 1.5 z FROM t')
    assert d.rows('SELECT * FROM u') == [(1, 'x', 1, pytest.approx(1.5))]
    assert shown(d, 'u')[1:5] == ['  `k` int NOT NULL AUTO_INCREMENT,', '  `n` char(3) DEFAULT NULL,',
                                  '  `id` int NOT NULL,', "  `z` decimal(2,1) NOT NULL DEFAULT '0.0',"]
    fails(d, 'CREATE TABLE v (a INT PRIMARY KEY) SELECT 1 a UNION ALL SELECT 1', 1062)
    assert d.rows("SHOW TABLES LIKE 'v'") == []


# -------------------------------------------------------------------- views

def test_a_view_keeps_its_columns(d):
    d.execute('CREATE TABLE t (a INT, b INT)', 'INSERT INTO t VALUES (1, 2)', 'CREATE VIEW v AS SELECT *, a+b FROM t',
              'ALTER TABLE t ADD c INT FIRST')
    assert d.rows('SELECT * FROM v') == [(1, 2, 3)]
    fails(d, 'CREATE VIEW v AS SELECT 1', 1050)
    fails(d, 'CREATE VIEW w AS SELECT @x', 1351)
    fails(d, 'CREATE VIEW w (a, b) AS SELECT 1', 1353)
    fails(d, 'CREATE OR REPLACE VIEW t AS SELECT 1', 1347)
    fails(d, 'DROP VIEW t', 1347)
    d.execute('CREATE OR REPLACE VIEW v (p) AS SELECT 5')
    assert d.rows('SELECT p FROM v') == [(5,)]
    d.execute('DROP VIEW v')


def test_a_view_made_from_another_database_means_its_tables_everywhere(d):
    d.execute('CREATE TABLE t (a INT)', 'CREATE TABLE u (a INT)', 'INSERT INTO t VALUES (1), (2)',
              'INSERT INTO u VALUES (2)', 'CREATE VIEW w AS SELECT a FROM u', 'CREATE DATABASE e',
              'CREATE VIEW e.v AS WITH c AS (SELECT a FROM t) SELECT a, (SELECT MAX(a) FROM u) FROM c '
              'WHERE a IN (SELECT a FROM w) AND EXISTS (SELECT 1 FROM d.t)', 'USE e')
    assert d.rows('SELECT * FROM v') == [(2, 2)]


@pytest.mark.parametrize('statement, undo', [
    ('CREATE VIEW v AS SELECT * FROM t', 'DROP VIEW v'),
    ('CREATE OR REPLACE VIEW v AS SELECT * FROM t UNION SELECT t.* FROM t ORDER BY 1', 'DROP VIEW v'),
    ('ALTER VIEW w AS SELECT * FROM (SELECT * FROM t) AS s', 'DO 0'),
    ('CREATE TABLE u (k INT DEFAULT 3, KEY (k), CHECK (k > 0)) SELECT * FROM t', 'DROP TABLE u'),
    ('CREATE TABLE u LIKE t', 'DROP TABLE u'),
    ('CREATE TABLE u (k INT PRIMARY KEY, n INT AS (k + 1), FOREIGN KEY (n) REFERENCES r (k))', 'DROP TABLE u'),
    ('ALTER TABLE t ADD e INT DEFAULT (1 + 1), ADD INDEX i (e)', 'ALTER TABLE t DROP e'),
    ('CREATE INDEX i ON t (a)', 'DROP INDEX i ON t'),
    ('RENAME TABLE t TO u', 'RENAME TABLE u TO t'),
    ('INSERT INTO t SELECT * FROM t LIMIT 1', 'DO 0'),
    ('CREATE USER p IDENTIFIED BY "q"', 'DROP USER p'),
    ('CREATE DATABASE e CHARACTER SET latin1', 'DROP DATABASE e'),
])
def test_a_prepared_definition_runs_again_and_again(d, statement, undo):
    d.execute('CREATE TABLE r (k INT PRIMARY KEY)', 'CREATE TABLE t (a INT)', 'INSERT INTO t VALUES (1)',
              'CREATE VIEW w AS SELECT 1', f"PREPARE s FROM '{statement}'", 'EXECUTE s', undo,
              'ALTER TABLE t ADD z INT DEFAULT 5, RENAME COLUMN a TO b', 'ALTER TABLE t RENAME COLUMN b TO a',
              'SELECT * FROM t', 'EXECUTE s', undo, 'EXECUTE s')


# -------------------------------------------------------------------- the whole way

def test_definitions_outlive_a_crash(d):
    d.execute('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT)', 'INSERT INTO t (a) VALUES (1), (2)',
              'ALTER TABLE t ADD b VARCHAR(9) DEFAULT "x", ADD KEY (a)', 'CREATE VIEW v AS SELECT b FROM t',
              'RENAME TABLE t TO u', 'CREATE OR REPLACE VIEW v AS SELECT b FROM u')
    before = shown(d, 'u')
    d.kill()
    d.start()
    assert shown(d, 'd.u') == before
    assert d.rows('SELECT * FROM d.v') == [('x',), ('x',)]
    is_whole(d, 'd.u')


def test_a_dump_loads_again(d, scratch):
    d.execute("CREATE TABLE p (a INT PRIMARY KEY, b VARBINARY(3) DEFAULT 'a\\0b')", "INSERT INTO p VALUES (1, x'00ff27')",
              'CREATE TABLE c (x INT, FOREIGN KEY (x) REFERENCES p (a) ON DELETE CASCADE)', 'INSERT INTO c VALUES (1)',
              'CREATE VIEW v AS SELECT p.a FROM p JOIN c ON p.a=c.x', 'CREATE DATABASE e')
    socket = f'--socket={scratch / "a.sock"}'
    dump = subprocess.run(['mariadb-dump', '-uroot', socket, '--hex-blob', 'd'], check=True, capture_output=True).stdout
    subprocess.run(['mariadb', '-uroot', socket, 'e'], input=dump, check=True)
    assert d.rows('SELECT * FROM e.v') == [(1,)]
    for table in ('p', 'c'):
        assert shown(d, f'e.{table}') == shown(d, f'd.{table}')
    assert {row[1] for row in d.rows('CHECKSUM TABLE d.p, e.p')} == {d.rows('CHECKSUM TABLE d.p')[0][1]}


def test_an_index_larger_than_the_memory_to_sort_it(d):
    d.execute('SET innodb_ddl_buffer_size = 65536',
              'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(100), n INT)',
              "INSERT INTO t (v) VALUES (REPEAT('w', 90))", *['INSERT INTO t (v) SELECT v FROM t'] * 11,
              "UPDATE t SET v = CONCAT(id * 7919 % 2111, v), n = id", 'ALTER TABLE t ADD KEY (v), ADD UNIQUE (n)')
    is_whole(d, 't')
    ordered = d.rows('SELECT v FROM t FORCE INDEX (v) ORDER BY v')
    assert len(ordered) == 2048 and ordered == d.rows('SELECT v FROM t IGNORE INDEX (v) ORDER BY v')
    assert d.rows('SELECT id FROM t FORCE INDEX (n) WHERE n = 77') == [(77,)]
    d.execute('UPDATE t SET v = (SELECT v FROM (SELECT v FROM t WHERE id = 7) AS one) WHERE id = 2000')
    fails(d, 'CREATE UNIQUE INDEX u ON t (v)', 1062, "' for key 't.u'")
    d.execute("SET GLOBAL gemel_faults = 'sort.write=error:ENOSPC'")
    fails(d, 'CREATE INDEX u ON t (v)', 1878, 'Temporary file write failure')
    d.execute("SET GLOBAL gemel_faults = 'store.ingest=error:ENOSPC'")
    with pytest.raises(pymysql.err.MySQLError):
        d.execute('CREATE INDEX u ON t (v)')
    d.execute("SET GLOBAL gemel_faults = ''", 'CREATE INDEX u ON t (v)')
    is_whole(d, 't')
