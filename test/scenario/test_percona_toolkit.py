"""a<->b that have come apart unnoticed: pt-table-checksum finds the rows, pt-table-sync mends them.

The checksums travel as statements: the tool sets binlog_format=STATEMENT for its session, and each server computes its own.
"""
import os
import re
import shutil
import subprocess

import pytest

from harness.topology import pair as make_pair, wait_caught_up, wait_same_rows

pytestmark = pytest.mark.skipif(not shutil.which('pt-table-checksum'), reason='percona-toolkit is not installed')

DIFFERENT = 16      # pt-table-checksum's exit status: at least one difference


def place(server):
    return f'h=127.0.0.1,P={server.port},u=pt,p=pt'


def run(folder, program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120,
                          env={**os.environ, 'HOME': str(folder)})


def checksum(folder, server):
    """(exit status, {table: chunks that differ})"""
    made = run(folder, 'pt-table-checksum', place(server), '--databases', 'd', '--recursion-method', 'hosts',
               '--no-check-binlog-format', '--chunk-size', '100')
    lines = [line.split() for line in made.stdout.splitlines() if re.match(r'\d\d-\d\dT', line)]
    assert lines and all(line[1] == '0' for line in lines), made.stdout + made.stderr       # no errors
    return made.returncode, {line[-1]: int(line[2]) for line in lines}


@pytest.fixture
def masters(make_server):
    a, b = (make_server(name, report_host='127.0.0.1', auto_increment_increment=2, auto_increment_offset=offset)
            for offset, name in enumerate('ab', 1))
    edges = make_pair(a, b)
    for server in (a, b):
        server.execute('SET sql_log_bin=0', "GRANT ALL ON *.* TO pt@'127.0.0.1' IDENTIFIED BY 'pt'", 'SET sql_log_bin=1')
    a.execute('CREATE DATABASE d', 'USE d', 'CREATE TABLE item (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(30), '
              'n DECIMAL(10,2), made DATETIME NULL)', 'CREATE TABLE small (k CHAR(3) PRIMARY KEY, v TEXT)',
              "INSERT INTO small VALUES ('one', 'x'), ('two', NULL)")
    for server, name in ((a, 'of a'), (b, 'of b')):
        wait_caught_up(edges)
        rows = ','.join(f"('{name} {number}', {number}.25, '2024-01-01 00:00:{number % 60:02}')" for number in range(200))
        server.execute(f'INSERT INTO d.item (v, n, made) VALUES {rows}')
    wait_same_rows(edges)
    return edges


def part(server):
    """Three rows of b drift: one changed, one gone, one too many."""
    ids = [row[0] for row in server.rows('SELECT id FROM d.item ORDER BY id LIMIT 2')]
    server.execute('SET sql_log_bin=0', f"UPDATE d.item SET v='drifted' WHERE id={ids[0]}",
                   f'DELETE FROM d.item WHERE id={ids[1]}', "INSERT INTO d.item (id, v) VALUES (100000, NULL)",
                   'SET sql_log_bin=1')


def test_checksum_and_sync(masters, scratch):
    a, b = masters[0]
    assert checksum(scratch, a) == (0, {'d.item': 0, 'd.small': 0})
    part(b)
    status, differences = checksum(scratch, a)
    assert status == DIFFERENT and differences['d.item'] == 2 and differences['d.small'] == 0

    wait_caught_up(masters)
    printed = run(scratch, 'pt-table-sync', '--print', '--replicate', 'percona.checksums', place(a),
                  '--recursion-method', 'hosts')
    assert printed.returncode == 2 and len(printed.stdout.splitlines()) == 3, printed.stdout + printed.stderr
    assert not printed.stderr
    mended = run(scratch, 'pt-table-sync', '--execute', '--replicate', 'percona.checksums', place(a),
                 '--recursion-method', 'hosts', '--no-check-slave')
    assert mended.returncode == 2 and not mended.stderr, mended.stderr
    wait_caught_up(masters)
    assert checksum(scratch, a) == (0, {'d.item': 0, 'd.small': 0})
    wait_same_rows(masters, databases=['d'])
