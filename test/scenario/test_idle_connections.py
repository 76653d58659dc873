"""What a connection keeps while it does nothing."""
from harness.memory import resident_kib, skip_if_sanitized
from harness.wait import wait_until

COUNT = 60
SIZE = 900_000


def test_a_large_result_leaves_nothing_behind(server):
    skip_if_sanitized(server)
    connections = [server.connect() for _ in range(COUNT)]
    for connection in connections:
        connection.cursor().execute('SELECT 1')
    before = resident_kib(server)
    for connection in connections:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT REPEAT('x', {SIZE}), '{'y' * SIZE}'")
            assert len(cursor.fetchone()[0]) == SIZE
    wait_until(lambda: resident_kib(server) < before + 15 * 1024, 'the memory of large results to be given back')
    for connection in connections:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'still', 'there'")
            assert cursor.fetchall() == (('still', 'there'),)


def test_what_it_has_comes_back(server):
    """Text and rows of every size, between rests and without."""
    connection = server.connect()
    for size in (10, 200_000, 10, 3_000_000, 1_500_000, 10):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT REPEAT('x', {size}), LENGTH('{'y' * size}')")
            assert cursor.fetchall() == (('x' * size, size),)
