"""mariadb->ours: Gemel follows MariaDB over TLS, with certificates verified both ways, and compressed."""
import pytest

from harness.topology import add_replication_user, follow, wait_same_rows
from harness.wait import wait_until

ROWS = ['CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v LONGTEXT)',
        "INSERT INTO d.t VALUES (1, 'one'), (2, REPEAT('two', 500000))", 'UPDATE d.t SET id = 3 WHERE id = 1']


@pytest.mark.parametrize('compressed', [0, 1])
def test_verified_both_ways(make_server, compressed):
    ours = make_server('ours', slave_compressed_protocol=compressed)
    made = {'ssl_ca': ours.datadir / 'ca.pem', 'ssl_cert': ours.datadir / 'server-cert.pem',
            'ssl_key': ours.datadir / 'server-key.pem'}
    theirs = make_server('theirs', kind='mariadb', **made)
    add_replication_user(theirs)
    theirs.execute('SET sql_log_bin=0', "ALTER USER 'repl'@'127.0.0.1' REQUIRE X509", 'SET sql_log_bin=1')
    follow(ours, theirs, start=False, MASTER_SSL=1, MASTER_SSL_CA=f"'{ours.datadir / 'ca.pem'}'",
           MASTER_SSL_VERIFY_SERVER_CERT=1)
    ours.execute('START SLAVE')
    wait_until(lambda: int(ours.replica_status()['Last_IO_Errno']) == 1045, 'to be refused without a certificate')
    ours.execute('STOP SLAVE', f"CHANGE MASTER TO MASTER_SSL_CERT='{ours.datadir / 'client-cert.pem'}', "
                               f"MASTER_SSL_KEY='{ours.datadir / 'client-key.pem'}'", 'START SLAVE')
    theirs.execute(*ROWS)
    wait_same_rows([(theirs, ours)])
