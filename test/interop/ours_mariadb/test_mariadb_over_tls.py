"""ours->mariadb: MariaDB follows Gemel over TLS, with certificates verified both ways, and compressed."""
import pytest

from harness.topology import add_replication_user, follow, wait_same_rows

ROWS = ['CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v LONGTEXT)',
        "INSERT INTO d.t VALUES (1, 'one'), (2, REPEAT('two', 500000))", 'UPDATE d.t SET id = 3 WHERE id = 1']


@pytest.mark.parametrize('compressed', [0, 1])
def test_verified_both_ways(make_server, compressed):
    ours, theirs = make_server('ours'), make_server('theirs', kind='mariadb', slave_compressed_protocol=compressed)
    add_replication_user(ours)
    ours.execute('SET sql_log_bin=0', "ALTER USER 'repl'@'127.0.0.1' REQUIRE X509", 'SET sql_log_bin=1')
    of_ours = {f'MASTER_SSL_{word}': f"'{ours.datadir / name}'" for word, name in (
        ('CA', 'ca.pem'), ('CERT', 'client-cert.pem'), ('KEY', 'client-key.pem'))}
    follow(theirs, ours, MASTER_SSL=1, MASTER_SSL_VERIFY_SERVER_CERT=1, MASTER_USE_GTID='no', **of_ours)
    ours.execute(*ROWS)
    wait_same_rows([(ours, theirs)])
