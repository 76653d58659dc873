"""a: threads of clients that left serve those that come."""
from harness.wait import wait_until


def threads(server):
    status = dict(server.rows("SHOW GLOBAL STATUS LIKE 'Threads\\_%'"))
    return {name[len('Threads_'):]: int(number) for name, number in status.items()}


def come_and_go(server, count):
    server.control()    # takes its thread before, not from among those that then wait
    clients = [server.connect() for _ in range(count)]
    for client in clients:
        client.close()


def wait_alone(server):
    wait_until(lambda: threads(server)['connected'] == 1, 'the others to be gone', show=lambda: threads(server))


def test_threads_serve_again(make_server):
    a = make_server('a', thread_cache_size=4)
    come_and_go(a, 10)
    wait_until(lambda: threads(a)['cached'] == 4, 'four threads to wait', show=lambda: threads(a))
    created = threads(a)['created']
    for _ in range(20):
        with a.connect() as client, client.cursor() as cursor:
            cursor.execute('SELECT @from_before, CONNECTION_ID()')
            assert cursor.fetchone()[0] is None
            cursor.execute("SET @from_before = 'left behind'")
        wait_until(lambda: threads(a)['cached'] == 4, 'it to wait again', show=lambda: threads(a))
    assert threads(a)['created'] == created


def test_no_thread_waits_where_none_may(make_server):
    a = make_server('a', thread_cache_size=0)
    created = threads(a)['created']
    come_and_go(a, 5)
    wait_alone(a)
    assert threads(a)['cached'] == 0
    assert threads(a)['created'] == created + 5


def test_a_stop_ends_those_that_wait(make_server):
    a = make_server('a')
    come_and_go(a, 5)
    wait_until(lambda: threads(a)['cached'] >= 5, 'five threads to wait', show=lambda: threads(a))
    a.restart()
    assert a.value('SELECT 1') == 1
