"""mariadb->ours: LOAD DATA that MariaDB logs as a statement, its file in blocks."""
import pytest

from harness.topology import chain, wait_same_rows

CREATE = ['CREATE DATABASE d', 'CREATE TABLE d.t (a INT PRIMARY KEY, b VARCHAR(200), c INT)', 'USE d']


@pytest.fixture
def edges(make_server, scratch):
    theirs = make_server('theirs', kind='mariadb', binlog_format='STATEMENT', secure_file_priv=scratch)
    edges = chain(theirs, make_server('ours'))
    theirs.execute(*CREATE)
    return edges


def kinds_of_events(server):
    return {row[2] for row in server.rows('SHOW BINLOG EVENTS')}


def test_options_duplicates_and_expressions(edges, scratch):
    theirs, ours = edges[0]
    path = scratch / 'in.txt'
    path.write_text('1,one,1\n2,"two, too",2\n3,three\n')
    load = f"LOAD DATA INFILE '{path}'"
    theirs.execute(f"{load} IGNORE INTO TABLE t FIELDS TERMINATED BY ',' ENCLOSED BY '\"'",
                   f"{load} IGNORE INTO TABLE d.t FIELDS TERMINATED BY ',' (@id, b, @c) SET a=@id+1, c=LENGTH(b)*10",
                   f"{load} REPLACE INTO TABLE t FIELDS TERMINATED BY ',' IGNORE 2 LINES (a, b)")
    assert {'Begin_load_query', 'Execute_load_query'} <= kinds_of_events(theirs)
    assert 'Execute_load_query' not in kinds_of_events(ours)
    wait_same_rows(edges)
    assert ours.value('SELECT COUNT(*) FROM d.t') == 4


def test_a_file_of_many_blocks(edges, scratch):
    theirs, ours = edges[0]
    path = scratch / 'big.txt'
    path.write_text(''.join(f'{n}\t{"x" * (n % 190)}\t{n % 7}\n' for n in range(20000)))
    theirs.execute(f"LOAD DATA INFILE '{path}' INTO TABLE t")
    assert 'Append_block' in kinds_of_events(theirs)
    wait_same_rows(edges, deadline=120)
    assert not list(scratch.glob('SQL_LOAD-*'))


def test_from_the_client_and_with_an_error(edges, scratch):
    """LOCAL is logged by what it did with duplicates; a file that failed on the source fails here in the same way."""
    theirs, ours = edges[0]
    path = scratch / 't.txt'
    path.write_text('1\ta\t1\n1\tb\t2\n5\tc\t3\n')
    theirs.client('mariadb', '--local-infile=1', 'd', '-e', f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE t")
    theirs.execute('CREATE TABLE d.m (a INT PRIMARY KEY) ENGINE=MyISAM')
    path.write_text('7\n8\n')
    theirs.execute(f"LOAD DATA INFILE '{path}' INTO TABLE d.m")
    wait_same_rows(edges)
    assert ours.rows('SELECT a, b FROM d.t') == [(1, 'a'), (5, 'c')]
