"""The same files into both servers, the same rows out of both: LOAD DATA and INTO OUTFILE next to MariaDB's."""
import random

import pymysql
import pytest

from harness.rows import assert_same_rows

FORMATS = [
    '',
    "FIELDS TERMINATED BY ',' ENCLOSED BY '\"'",
    "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY ''",
    "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' ESCAPED BY '\"'",
    r"FIELDS TERMINATED BY ',,' LINES TERMINATED BY ',\n'",
    r"FIELDS TERMINATED BY '\t' LINES STARTING BY 'N' TERMINATED BY '\n'",
    "FIELDS TERMINATED BY ',' ESCAPED BY '!' LINES TERMINATED BY ','",
    "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' LINES TERMINATED BY '\"a'",
]
ALPHABET = ['a', 'b', ',', ',', '"', '"', '\\', '\n', '\n', 'N', 'NULL', '\t', '!', '0', 'n', '"\n', '",']
CREATE = 'CREATE TABLE d.t (a VARCHAR(40), b VARCHAR(40) NOT NULL, c INT)'


@pytest.fixture
def both(make_server):
    servers = [make_server('ours'), make_server('theirs', kind='mariadb', secure_file_priv='')]
    for server in servers:
        server.execute('CREATE DATABASE d', CREATE, 'USE d', "SET sql_mode='STRICT_TRANS_TABLES'")
    return servers


def outcome(server, statement):
    """(rows, warnings) or the error's number."""
    server.execute('TRUNCATE d.t')
    try:
        server.execute(statement)
    except pymysql.err.MySQLError as error:
        return error.args[0]
    warnings = [row[1] for row in server.rows('SHOW WARNINGS')]
    return server.rows('SELECT * FROM d.t'), warnings


def test_any_bytes_load_alike(both, scratch):
    chance = random.Random('files')
    path = scratch / 'in.txt'
    for n in range(400):
        text = ''.join(chance.choices(ALPHABET, k=chance.randrange(60)))
        path.write_text(text)
        path.chmod(0o644)
        head, tail = chance.choice(('IGNORE', 'IGNORE', '')), chance.choice(('', '', 'IGNORE 1 LINES'))
        form = FORMATS[n % len(FORMATS)]
        statement = f"LOAD DATA INFILE '{path}' {head} INTO TABLE d.t CHARACTER SET utf8mb4 {form} {tail}"
        ours, theirs = (outcome(server, statement) for server in both)
        assert ours == theirs, f'{text!r} {statement}'
    assert_same_rows(*both)


def fill(server, rows):
    server.execute('CREATE TABLE d.w (id INT PRIMARY KEY, s VARCHAR(80), l VARCHAR(80) CHARACTER SET latin1, '
                   'f DOUBLE, i INT, t DATETIME(3), e DECIMAL(9,4), b BLOB)')
    with server.control().cursor() as cursor:
        for n, (text, real, whole) in enumerate(rows):
            cursor.execute('INSERT INTO d.w VALUES (%s,%s,%s,%s,%s,%s,%s,%s)',
                           (n, text, text, real, whole, '2026-11-21 01:02:03.456', real, text))


def test_rows_are_written_alike(both, scratch):
    chance = random.Random('rows')
    rows = [(''.join(chance.choices(ALPHABET + ['\0', 'ü'], k=chance.randrange(8))), n / 3, None if n % 5 else n)
            for n in range(100)]
    for server in both:
        fill(server, rows)
    for number, form in enumerate(FORMATS):
        written = []
        for server in both:
            path = scratch / f'{server.name}-{number}.txt'
            server.execute(f"SELECT * INTO OUTFILE '{path}' {form} FROM d.w ORDER BY id")
            written.append(path.read_bytes())
        assert written[0] == written[1], form
    assert_same_rows(*both)
