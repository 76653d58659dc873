"""ours->mariadb: a MariaDB replica that would ask by its own GTIDs sees that we have none, and goes by file and position."""
from harness.topology import PASSWORD, USER, add_replication_user, wait_same_rows


def test_it_goes_by_position(make_server):
    ours, theirs = make_server('ours'), make_server('theirs', kind='mariadb')
    add_replication_user(ours)
    ours.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'INSERT INTO d.t VALUES (1)')
    theirs.execute(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={ours.port}, MASTER_USER='{USER}', "
                   f"MASTER_PASSWORD='{PASSWORD}', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID=slave_pos", 'START SLAVE')
    wait_same_rows([(ours, theirs)])
    assert theirs.replica_status()['Using_Gtid'] == 'No'
    ours.restart()
    theirs.restart()
    ours.execute('FLUSH LOGS', 'INSERT INTO d.t VALUES (2)')
    wait_same_rows([(ours, theirs)])
