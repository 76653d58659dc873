"""Aggregates over strings that SQLite is lent rather than given: what an aggregate keeps must outlive the row it is of.

    a
"""
import random
from decimal import Decimal

import pytest

ROWS = 400
SIZES = (0, 3, 200, 5000, 70000)     # in pages, past them, past the row cache


def texts():
    made = random.Random(7)
    return [''.join(made.choice('abcdefgh') for _ in range(8)) * (size // 8 + 1) if size else ''
            for size in (SIZES[i * 7 % 5] for i in range(ROWS))]


def row(server, statement):
    return server.rows(statement)[0]


@pytest.fixture(scope='module')
def a(make_shared_server):
    server = make_shared_server('a', innodb_buffer_pool_size='1M')
    connection = server.connect()
    with connection.cursor() as cursor:
        cursor.execute('CREATE DATABASE d')
        cursor.execute('CREATE TABLE d.t (id INT PRIMARY KEY, s LONGTEXT, b LONGBLOB, l LONGTEXT CHARACTER SET latin1)')
        for i, text in enumerate(texts()):
            cursor.execute('INSERT INTO d.t VALUES (%s, %s, %s, %s)', (i, text, text.encode(), text))
        connection.commit()
    connection.close()
    server.restart()     # the rows are in files now, and the cache is smaller than they are
    return server


@pytest.mark.parametrize('column', ['s', 'b', 'l'])
def test_what_an_aggregate_keeps_outlives_its_row(a, column):
    all_texts = texts()
    expected = (max(all_texts), min(all_texts), max(all_texts[100:200]), ''.join(all_texts[:40])[:1024])
    for order in ('', 'WHERE id >= 0'):
        found = row(a, f'SELECT MAX({column}), MIN({column}), MAX(IF(id BETWEEN 100 AND 199, {column}, NULL)), '
                           f"GROUP_CONCAT(IF(id < 40, {column}, NULL) SEPARATOR '') FROM d.t {order}")
        assert tuple(value.decode() if isinstance(value, bytes) else value for value in found) == expected


def test_columns_beside_aggregates_are_of_a_row(a):
    a.execute("SET sql_mode = ''")
    s, number, count, any_s, any_number = row(a, 'SELECT s, id, COUNT(*), ANY_VALUE(s), ANY_VALUE(id) FROM d.t')
    a.execute('SET sql_mode = DEFAULT')
    assert s == texts()[number] and count == ROWS and any_s == texts()[any_number]


def test_lengths_and_sums_of_bytes_are_those_of_the_character_set(a):
    a.execute("INSERT INTO d.t VALUES (1000, 'h\u00e9t\U0001F600', X'00FF', 'h\u00e9t')")
    try:
        assert row(a, 'SELECT LENGTH(s), OCTET_LENGTH(b), LENGTH(l), BIT_LENGTH(s), LENGTH(id) FROM d.t WHERE id = 1000') \
               == (8, 2, 3, 64, 4)
        assert row(a, "SELECT MD5(s) = MD5(CAST(s AS BINARY)), MD5(l) = MD5(X'68E974'), SHA1(s) = SHA1(CAST(s AS BINARY)), "
                          'SHA2(s, 256) = SHA2(CAST(s AS BINARY), 256), CRC32(l) = CRC32(CONVERT(l USING latin1)), '
                          "LENGTH(b'100000000'), LENGTH(NULL), LENGTH(1.50), LENGTH(_latin1 X'E9'), "
                          "LENGTH(CONVERT('\u00e9' USING utf16)) FROM d.t WHERE id = 1000") \
               == (1, 1, 1, 1, 1, 2, None, 4, 1, 2)
    finally:
        a.execute('DELETE FROM d.t WHERE id = 1000')
    assert row(a, 'SELECT SUM(LENGTH(s)), SUM(LENGTH(b)), MAX(LENGTH(l)) FROM d.t') \
           == (Decimal(sum(map(len, texts()))), Decimal(sum(map(len, texts()))), max(map(len, texts())))

