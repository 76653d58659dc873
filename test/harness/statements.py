"""Statements whose texts do not say all: what logs of statements must carry along."""
SCHEMA = ['CREATE DATABASE d',
          '''CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(80) CHARACTER SET utf8mb4, n DATETIME(6),
             r DOUBLE, b VARBINARY(20),
             ts TIMESTAMP(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6))''',
          'CREATE TABLE d.parent (id INT PRIMARY KEY)',
          '''CREATE TABLE d.child (id INT PRIMARY KEY, parent INT,
             FOREIGN KEY (parent) REFERENCES d.parent (id) ON DELETE CASCADE ON UPDATE CASCADE)''',
          'CREATE TABLE d.loose (a INT, b VARCHAR(20))']

# One client's statements, each with something that does not stand in its text.
WORK = [
    "INSERT INTO t (v, n) VALUES ('now', NOW(6)), ('utc', UTC_TIMESTAMP(3))",
    "SET time_zone = '+05:30'", "INSERT INTO t (v, n) VALUES (CURTIME(6), FROM_UNIXTIME(1))",
    "SET timestamp = 1000000000.25", "INSERT INTO t (v, n) VALUES ('then', NOW(6))", 'SET timestamp = DEFAULT',
    'INSERT INTO t (v, r) VALUES (RAND(), RAND()), (RAND(7), RAND())',
    "SET @text = 'grün', @number = -7, @exact = 123.4500, @real = 1e-3, @bytes = X'00FF27', @nothing = NULL",
    'INSERT INTO t (v) VALUES (@text), (@number), (@exact), (@real), (HEX(@bytes)), (@nothing), (@unset)',
    'UPDATE t SET r = @exact WHERE v = @text', "INSERT INTO t (v) VALUES (LAST_INSERT_ID()), (CONNECTION_ID())",
    'SET auto_increment_increment = 7, auto_increment_offset = 3', "INSERT INTO t (v) VALUES ('a'), ('b'), ('c')",
    'SET auto_increment_increment = 1, auto_increment_offset = 1',
    "INSERT INTO t (id, v) VALUES (NULL, 'left'), (500, 'given'), (0, 'left again')",
    "SET insert_id = 900", "INSERT INTO t (v) VALUES ('forced'), ('and on')",
    "SET lc_time_names = 'de_DE'", "INSERT INTO t (v) VALUES (DATE_FORMAT('2024-03-05', '%W, %M'))",
    "SET sql_mode = 'PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'", r"INSERT INTO t (v) VALUES ('a\' || 'b')",
    'SET sql_mode = DEFAULT', 'SET NAMES latin1', "INSERT INTO t (v) VALUES ('plain')", 'SET NAMES utf8mb4',
    'INSERT INTO t (v, r) SELECT v, id FROM t WHERE id < 4', "UPDATE t SET v = CONCAT(v, id) WHERE id BETWEEN 2 AND 5",
    'INSERT INTO parent VALUES (1), (2), (3)', 'INSERT INTO child VALUES (10, 1), (11, 1), (12, 2)',
    'UPDATE parent SET id = 9 WHERE id = 2', 'DELETE FROM parent WHERE id = 1',
    'SET foreign_key_checks = 0', 'INSERT INTO child VALUES (13, 77)', 'SET foreign_key_checks = 1',
    "INSERT INTO loose VALUES (1, 'x'), (1, 'x'), (2, 'y')", "UPDATE loose SET b = 'z' WHERE a = 1",
    'REPLACE INTO parent VALUES (3), (4)', 'INSERT INTO parent VALUES (4) ON DUPLICATE KEY UPDATE id = id + 10',
    'UPDATE t, loose SET t.r = loose.a, loose.a = loose.a + 1 WHERE t.id = loose.a', 'TRUNCATE TABLE loose',
    'INSERT INTO loose SELECT id, v FROM t WHERE LENGTH(v) < 15',
    'BEGIN', "INSERT INTO t (v) VALUES ('one')", 'SAVEPOINT s', "INSERT INTO t (v) VALUES ('undone')", 'ROLLBACK TO s',
    "DELETE FROM t WHERE v = 'plain'", 'COMMIT',
    "PREPARE p FROM 'INSERT INTO t (v, r, n) VALUES (?, ?, ?)'", "SET @when = '2020-02-29 12:00:00.5'",
    'EXECUTE p USING @text, @real, @when', 'EXECUTE p USING @nothing, @exact, @nothing',
    "PREPARE p FROM 'INSERT INTO t (b) VALUES (?)'", 'EXECUTE p USING @bytes',
]
# MySQL 5.6 has GTIDs only where this is refused.
MADE_WORK = [
    "SET @text = 'grün'",
    'CREATE TABLE copied (n INT AUTO_INCREMENT PRIMARY KEY, x DOUBLE) SELECT id, v, LEFT(@text, 5) AS w FROM t WHERE id < 9',
    'INSERT INTO copied (v) VALUES (LAST_INSERT_ID())', 'CREATE TABLE like_it LIKE copied'
]
# What replicas of another make are not told in a way that they know.
OWN_WORK = ['SET explicit_defaults_for_timestamp = 0', 'CREATE TABLE stamps (id INT, at TIMESTAMP)',
            'INSERT INTO stamps (id) VALUES (1)', 'INSERT INTO stamps VALUES (2, NULL)']


def work(server, statements=WORK):
    connection = server.connect(database='d')
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()
