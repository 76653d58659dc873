"""What an index answers alone: columns of its own, of the primary key that stands in its entries, or of both."""
import itertools

SCHEMA = ['CREATE TABLE t (a INT, b VARBINARY(9), c BIGINT, d DATE, e INT, PRIMARY KEY (b, a), '
          'KEY by_c (c, a), KEY by_d (d))',
          'INSERT INTO t WITH RECURSIVE n AS (SELECT 1 i UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT i % 17, '
          "CONCAT('x', i), NULLIF(i % 5, 3), NULLIF(DATE'2024-01-01' + INTERVAL i % 11 DAY, DATE'2024-01-04'), i FROM n"]
CONDITIONS = ['TRUE', 'a < 5', "b LIKE 'x1%'", 'c IS NULL', 'c > 1 AND a = 3', "d >= '2024-01-06'", 'c = 2 OR a = 7',
              "d = '2024-01-02' AND b <> 'x12'"]


def test_as_the_table_answers(server):
    server.execute('CREATE DATABASE d', 'USE d', *SCHEMA)
    covered = 0
    with server.connect(database='d') as connection, connection.cursor() as cursor:
        def ask(statement):
            cursor.execute(statement)
            return cursor.fetchall()
        for count in (1, 2, 3):
            for columns in map(', '.join, itertools.combinations('abcd', count)):
                for condition in CONDITIONS:
                    for index in ('by_c', 'by_d'):
                        text = f'SELECT {columns} FROM t {{}} INDEX ({index}) WHERE {condition} ORDER BY {columns}'
                        covered += 'Using index' in str(ask('EXPLAIN ' + text.format('FORCE')))
                        assert ask(text.format('FORCE')) == ask(text.format('IGNORE')), text
    assert covered > 30
