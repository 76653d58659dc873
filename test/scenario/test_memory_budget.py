"""innodb_buffer_pool_size is the store's memory, and can be set while the server runs.

    a
"""
from harness.wait import wait_until

MEGABYTE = 1 << 20


def status(server, name):
    return int(server.rows(f"SHOW STATUS LIKE '{name}'")[0][1])


def test_the_budget_is_shared_and_changes(make_server):
    a = make_server('a', innodb_buffer_pool_size='64M')
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, s VARCHAR(2000), big LONGTEXT)')
    connection = a.connect(autocommit=False)
    with connection.cursor() as cursor:
        for i in range(300):
            cursor.execute('INSERT INTO d.t VALUES (%s, %s, %s)', (i, f'{i:04}' * 500, f'{i:04}' * 25000))
    connection.commit()
    connection.close()
    expected = sum(i for i in range(300))

    def read():
        total, = a.rows('SELECT SUM(LEFT(s, 4) + 0) FROM d.t WHERE LEFT(s, 4) = LEFT(big, 4) AND LENGTH(big) = 100000')[0]
        assert total == expected

    assert status(a, 'Gemel_block_cache_size') == 64 * MEGABYTE
    a.restart()     # the rows are in files, which fit
    read()
    assert status(a, 'Gemel_block_cache_bytes') > 25 * MEGABYTE
    assert status(a, 'Gemel_store_memory') <= 64 * MEGABYTE

    a.execute('SET GLOBAL innodb_buffer_pool_size = 8388608')
    assert a.variable('innodb_buffer_pool_size') == '8388608'
    wait_until(lambda: status(a, 'Gemel_block_cache_bytes') <= 8 * MEGABYTE, 'the blocks that are too many to go')
    read()
    assert status(a, 'Gemel_block_cache_size') <= 8 * MEGABYTE

    a.execute('SET GLOBAL gemel_row_cache_percent = 0', 'SET GLOBAL gemel_page_cache_percent = 0')
    read()
    assert status(a, 'Gemel_row_cache_bytes') == 0 and status(a, 'Gemel_page_cache_bytes') == 0
    a.execute('SET GLOBAL innodb_buffer_pool_size = 67108864')
    read()
    read()
    assert status(a, 'Gemel_block_cache_bytes') > 25 * MEGABYTE
