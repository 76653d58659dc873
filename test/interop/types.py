"""Tables of every type, statements that change them, and what both kinds of server must then agree on."""
CREATE = [
    'CREATE DATABASE kinds CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    '''CREATE TABLE kinds.numbers (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        t TINYINT, tu TINYINT UNSIGNED, s SMALLINT, su SMALLINT UNSIGNED, m MEDIUMINT, mu MEDIUMINT UNSIGNED,
        i INT, iu INT UNSIGNED, b BIGINT, bu BIGINT UNSIGNED, f FLOAT, d DOUBLE,
        de DECIMAL(10,3), dl DECIMAL(65,30), du DECIMAL(18,0), bi BIT(1), bl BIT(64), y YEAR)''',
    '''CREATE TABLE kinds.texts (id INT NOT NULL PRIMARY KEY, c CHAR(10), cl CHAR(255), v VARCHAR(20), vl VARCHAR(5000),
        b BINARY(8), vb VARBINARY(300), tt TINYTEXT, te TEXT, mt MEDIUMTEXT, lt LONGTEXT,
        tb TINYBLOB, bb BLOB, mb MEDIUMBLOB, lb LONGBLOB, e ENUM('one','two','three'), st SET('a','b','c','d'))''',
    '''CREATE TABLE kinds.times (id INT NOT NULL PRIMARY KEY, d DATE, t TIME, t3 TIME(3), t6 TIME(6),
        dt DATETIME, dt2 DATETIME(2), dt6 DATETIME(6), ts TIMESTAMP NULL, ts4 TIMESTAMP(4) NULL, ts6 TIMESTAMP(6) NULL,
        changed TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)''',
    '''CREATE TABLE kinds.charsets (id INT NOT NULL PRIMARY KEY, u4 VARCHAR(30) CHARACTER SET utf8mb4,
        u3 VARCHAR(30) CHARACTER SET utf8, l VARCHAR(30) CHARACTER SET latin1, a VARCHAR(30) CHARACTER SET ascii,
        ub VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, lc CHAR(40) CHARACTER SET latin1,
        uc CHAR(200) CHARACTER SET utf8mb4)''',
    '''CREATE TABLE kinds.documents (id INT NOT NULL PRIMARY KEY, j JSON)''',
    '''CREATE TABLE kinds.keyless (a INT, b VARCHAR(20), c DOUBLE)''',
    '''CREATE TABLE kinds.pairs (x INT NOT NULL, y VARCHAR(10) NOT NULL, z INT, PRIMARY KEY (x, y), UNIQUE KEY (z),
        KEY part (y(3)))''',
    '''CREATE TABLE kinds.parent (id INT NOT NULL PRIMARY KEY) ''',
    '''CREATE TABLE kinds.child (id INT NOT NULL PRIMARY KEY, parent INT,
        FOREIGN KEY (parent) REFERENCES kinds.parent (id) ON DELETE CASCADE ON UPDATE CASCADE)''',
]

FILL = [
    "SET time_zone='+00:00'",
    '''INSERT INTO kinds.numbers VALUES
        (1, -128, 255, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295, -9223372036854775808,
         18446744073709551615, -1.5, 1e300, -1234567.891, 12345678901234567890123456789012345.123456789012345678901234567890,
         999999999999999999, b'1', x'ffffffffffffffff', 2155),
        (2, 127, 0, 32767, 0, 8388607, 0, 2147483647, 0, 9223372036854775807, 0, 3.40282e38, -2.2250738585072014e-308,
         0.001, -0.000000000000000000000000000001, -1, b'0', 0, 1901),
        (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (4, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0)''',
    '''INSERT INTO kinds.texts VALUES
        (1, 'char', REPEAT('c', 255), 'varchar', REPEAT('v', 5000), x'0011', x'00ff00', 'tiny', REPEAT('t', 65535),
         REPEAT('m', 70000), REPEAT('l', 300000), x'00', REPEAT(x'ff', 65535), REPEAT(x'01', 70000),
         REPEAT(x'fe', 300000), 'two', 'a,d'),
        (2, '', '', '', '', '', '', '', '', '', '', '', '', '', '', 'one', ''),
        (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (4, 'trail  ', 'x', 'trail  ', 'x  ', 'x ', 'x ', ' x ', '\\0', '\\n', '\\\\', '\\'', 'x', 'x', 'x', 'three',
         'a,b,c,d')''',
    '''INSERT INTO kinds.times (id, d, t, t3, t6, dt, dt2, dt6, ts, ts4, ts6) VALUES
        (1, '1000-01-01', '-838:59:59', '-00:00:00.001', '838:59:58.999999', '1000-01-01 00:00:00',
         '9999-12-31 23:59:59.99', '2024-02-29 12:34:56.654321', '1970-01-01 00:00:01', '2038-01-19 03:14:07.9999',
         '2024-06-30 23:59:59.000001'),
        (2, '9999-12-31', '00:00:00', '12:00:00.5', '-12:00:00.5', '2024-01-01', '2024-01-01', '2024-01-01',
         '2024-01-01', '2024-01-01', '2024-01-01'),
        (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)''',
    '''INSERT INTO kinds.charsets VALUES
        (1, '日本語 é 😀', '日本語 é', 'é ü ß', 'plain', 'Bin 😀', 'ÿÿÿ', '😀😀'), (2, '', '', '', '', '', '', ''),
        (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)''',
    '''INSERT INTO kinds.documents VALUES (1, '{"a": [1, 2.5, "x", null, true], "b": {"c": "é😀"}}'), (2, '[]'), (3, NULL),
        (4, '"text"'), (5, '{"k": 12345678901234567890}')''',
    '''INSERT INTO kinds.keyless VALUES (1, 'same', 1), (1, 'same', 1), (NULL, NULL, NULL), (2, 'other', 2.5)''',
    '''INSERT INTO kinds.pairs VALUES (1, 'one', 1), (1, 'two', 2), (2, 'one', NULL), (3, 'Three', NULL)''',
    'INSERT INTO kinds.parent VALUES (1), (2), (3)',
    'INSERT INTO kinds.child VALUES (1, 1), (2, 1), (3, 2), (4, NULL)',
]

CHANGE = [
    'UPDATE kinds.numbers SET t=tu, tu=7, b=b-1, dl=-dl, bl=~bl, f=f/3 WHERE id IN (2, 4)',
    "UPDATE kinds.texts SET te=CONCAT(v, 'changed'), lb=NULL, lt='', e='three', st='b,c'",
    'UPDATE kinds.times SET d=d, dt6=NULL, ts6=ts, t6=t3 WHERE id < 3',
    "UPDATE kinds.charsets SET l='ä', u4=u3, lc='x'",
    "UPDATE kinds.documents SET j='{\"new\": [1]}' WHERE id=1",
    'DELETE FROM kinds.keyless WHERE a=1 LIMIT 1',
    "UPDATE kinds.keyless SET b='changed' WHERE a IS NULL",
    "UPDATE kinds.pairs SET x=x+10, z=z+100 ORDER BY x DESC",
    "REPLACE INTO kinds.pairs VALUES (12, 'one', 77), (4, 'new', 13)",
    'UPDATE kinds.parent SET id=10 WHERE id=1',
    'DELETE FROM kinds.parent WHERE id=2',
    'DELETE FROM kinds.texts WHERE id=2',
    'INSERT INTO kinds.numbers (t) VALUES (1), (2)',
    'BEGIN', 'INSERT INTO kinds.parent VALUES (50)', 'INSERT INTO kinds.child VALUES (50, 50)', 'COMMIT',
    'BEGIN', 'DELETE FROM kinds.parent', 'ROLLBACK',
]

DEFINE = [
    'ALTER TABLE kinds.pairs ADD COLUMN w VARCHAR(10) NOT NULL DEFAULT \'w\' AFTER y, DROP KEY part',
    'CREATE INDEX more ON kinds.keyless (b)',
    'CREATE TABLE kinds.extra LIKE kinds.keyless',
    'INSERT INTO kinds.extra SELECT * FROM kinds.keyless',
    'RENAME TABLE kinds.extra TO kinds.renamed',
    'TRUNCATE TABLE kinds.keyless',
    'DROP TABLE kinds.documents',
    'CREATE DATABASE other', 'CREATE TABLE other.t (id INT PRIMARY KEY)', 'INSERT INTO other.t VALUES (1)',
    'DROP DATABASE other',
    "UPDATE kinds.pairs SET w='x' WHERE x=4",
]


def without_json(statements):
    """For servers that do not know the type."""
    return [statement for statement in statements if 'kinds.documents' not in statement]
