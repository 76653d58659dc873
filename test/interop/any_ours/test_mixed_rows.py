"""theirs->ours: a row that came as a statement is found when it goes as a row event."""
import pytest

from harness.topology import chain, wait_same_rows


@pytest.mark.parametrize('kind', ['gemel', 'mariadb', 'mysql56'])
def test_a_keyless_row(make_server, kind):
    theirs, ours = make_server('theirs', kind=kind, binlog_format='MIXED'), make_server('ours')
    edges = chain(theirs, ours)
    theirs.execute('CREATE DATABASE d', 'CREATE TABLE d.t (a INT, b VARCHAR(20), c DOUBLE)',
                   "INSERT INTO d.t VALUES (1, 'same', 1), (1, 'same', 1), (NULL, NULL, NULL), (2, 'other', 2.5)",
                   'DELETE FROM d.t WHERE a=1 LIMIT 1', 'UPDATE d.t SET b=LEFT(UUID(), 20) WHERE a IS NULL')
    wait_same_rows(edges)
