"""Option files that were written for MySQL 8.0."""
import pymysql
import pytest

USUAL = {
    'default_time_zone': '+02:00', 'innodb_autoinc_lock_mode': 2, 'innodb_flush_method': 'O_DIRECT',
    'log_timestamps': 'SYSTEM', 'performance_schema': 'ON',
}


def test_usual_names_are_known(make_server):
    """a: what has a meaning here has it, the rest is warned of by name."""
    a = make_server(**USUAL)
    assert a.rows('SELECT @@global.time_zone, @@session.time_zone, @@innodb_autoinc_lock_mode') == [
        ('+02:00', '+02:00', 2)]
    assert a.rows("SELECT FROM_UNIXTIME(0) = '1970-01-01 02:00:00'") == [(1,)]
    for ignored in ('innodb-flush-method', 'log-timestamps', 'performance-schema'):
        assert f"the option '{ignored}' means nothing here" in a.log_end(60)
    assert "'default-time-zone'" not in a.log_end(60)


PARALLEL = {
    'binlog_transaction_dependency_tracking': 'WRITESET', 'binlog_transaction_dependency_history_size': 50000,
    'transaction_write_set_extraction': 'XXHASH64', 'replica_parallel_type': 'LOGICAL_CLOCK',
    'replica_parallel_workers': 3, 'replica_preserve_commit_order': 'ON', 'slave_parallel_mode': 'conservative',
}


def test_names_of_parallel_appliers(make_server):
    """MySQL's and MariaDB's: accepted; where order is not to be kept, no."""
    a = make_server(**PARALLEL)
    for name, value in PARALLEL.items():
        assert a.variable(name) == str(value), name
    a.execute('SET GLOBAL slave_parallel_threads = 2', "SET GLOBAL slave_parallel_mode = 'none'",
              "SET GLOBAL slave_parallel_type = 'DATABASE'", 'SET GLOBAL binlog_transaction_dependency_tracking = DEFAULT')
    assert [a.variable(name) for name in ('replica_parallel_workers', 'replica_parallel_type',
                                          'binlog_transaction_dependency_tracking')] == ['2', 'DATABASE', 'COMMIT_ORDER']
    with pytest.raises(pymysql.err.MySQLError) as error:
        a.execute('SET GLOBAL replica_preserve_commit_order = OFF')
    assert error.value.args[0] == 1231


def test_one_word_global_is_for_all_names_behind_it(server):
    """As MySQL reads SET GLOBAL a = 1, b = 2: this client's own b stays what it was."""
    before = server.rows('SELECT @@session.net_read_timeout')
    server.execute('SET GLOBAL sync_binlog = 1, @x = 1, net_read_timeout = 44, max_connections = 77')
    assert server.rows('SELECT @@global.net_read_timeout, @@global.max_connections') == [(44, 77)]
    assert server.rows('SELECT @@session.net_read_timeout') == before
    server.execute('SET GLOBAL sync_binlog = 1, @@net_read_timeout = 45')
    assert server.rows('SELECT @@global.net_read_timeout, @@session.net_read_timeout') == [(44, 45)]
