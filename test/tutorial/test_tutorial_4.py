"""The fourth tutorial (Manders 2010) with the stock clients: two masters have come apart; one is taken for the truth, the
other is made anew from its dump, and both go on from where the other is."""
import pytest

from harness.rows import assert_same_rows, differences
from harness.topology import explain, wait_caught_up, wait_running
from harness.wait import wait_until
from tutorial.terminal import Terminal

STATUS = ['File', 'Position', 'Binlog_Do_DB', 'Binlog_Ignore_DB']


@pytest.fixture
def broken_pair(pair):
    """Rows that only one has, rows with two values, a table that is gone on one; both appliers have stopped."""
    a, b = pair
    a.execute('CREATE DATABASE shop', 'USE shop', 'CREATE TABLE customer (id INT PRIMARY KEY, name VARCHAR(50))',
              "INSERT INTO customer VALUES (1, 'Ada'), (2, 'Bo')", 'CREATE TABLE note (id INT PRIMARY KEY, body TEXT)',
              'CREATE VIEW short AS SELECT name FROM customer WHERE id < 10')
    wait_caught_up(pair.edges)
    for server in pair:
        server.execute('STOP SLAVE')
    a.execute('USE shop', "INSERT INTO customer VALUES (3, 'Cy of a')", "UPDATE customer SET name='Bo of a' WHERE id=2")
    b.execute('USE shop', "INSERT INTO customer VALUES (3, 'Cy of b')", "INSERT INTO note VALUES (1, 'only on b')",
              'SET sql_log_bin=0', 'DROP TABLE note', 'SET sql_log_bin=1')
    for server in pair:
        server.execute('START SLAVE')
        wait_until(lambda: int(server.replica_status()['Last_SQL_Errno']), 'the applier to stop',
                   show=lambda: explain(server))
    assert list(differences(pair))
    return pair


def positions(master, slave):
    """What SHOW MASTER STATUS says there, and what the slave's status says of it."""
    on_master, on_slave = Terminal(master), Terminal(slave)
    row, = on_master.table('SHOW MASTER STATUS;', STATUS, '1 row in set')
    status, = on_slave.vertical('SHOW SLAVE STATUS\\G')
    for terminal in (on_master, on_slave):
        terminal.quit()
    return (row['File'], row['Position']), (status['Master_Log_File'], status['Read_Master_Log_Pos'])


def type_on(server, statement, answer='Query OK, 0 rows affected'):
    terminal = Terminal(server)
    terminal.ok(statement, answer)
    terminal.quit()


def test_fixing(broken_pair, scratch):
    server_a, server_b = broken_pair
    for server in broken_pair:
        type_on(server, 'STOP SLAVE;')
    dump = scratch / 'dbdump.db'
    dump.write_text(server_a.client('mariadb-dump', '--all-databases', '--lock-all-tables', '--master-data'))
    server_b.client('mariadb', text=dump.read_text())

    there, here = positions(master=server_a, slave=server_b)
    assert here == there    # --master-data has seen to it
    there, here = positions(master=server_b, slave=server_a)
    assert here != there    # the import is in b's log
    type_on(server_a, f"CHANGE MASTER to master_log_file='{there[0]}',master_log_pos={there[1]};")
    for server in broken_pair:
        type_on(server, 'START SLAVE;')
    for server in broken_pair:
        wait_running(server)

    type_on(server_a, "UPDATE shop.customer SET name='changed on a' WHERE id=1;", 'Query OK, 1 row affected')
    type_on(server_b, "UPDATE shop.customer SET name='changed on b' WHERE id=2;", 'Query OK, 1 row affected')
    wait_caught_up(broken_pair.edges)
    for server in broken_pair:
        assert server.rows('SELECT * FROM shop.short') == [('changed on a',), ('changed on b',), ('Cy of a',)]
        assert server.rows('SELECT * FROM shop.note') == []
    assert_same_rows(*broken_pair)
