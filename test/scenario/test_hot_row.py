"""a->b: many clients update one row; each goes on where the one before him is being committed, and hears of it no sooner."""
from concurrent.futures import ThreadPoolExecutor

import pymysql
import pytest

from harness.topology import add_replication_user, chain, follow_by_gtid, wait_same_rows
from harness.wait import wait_until

CLIENTS, UPDATES = 8, 40
LOCK_AWAITED, PREPARED, BASES_AWAITED = 'store.lock_awaited', 'commit.prepared', 'commit.bases_awaited'
PLUS_ONE = 'UPDATE d.t SET v=v+1 WHERE id=1'


@pytest.fixture
def pool():
    with ThreadPoolExecutor(CLIENTS) as pool:
        yield pool


@pytest.fixture
def edges(make_server, pool):
    edges = chain(make_server('a'), make_server('b', slave_parallel_workers=4))
    (a, _), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v TINYINT UNSIGNED NOT NULL, KEY v (v))',
              'INSERT INTO d.t VALUES (1, 0), (2, 0)')
    yield edges
    if a.is_running():
        go_on(a)


def wait_passed(server, point, count):
    """Since faults were set."""
    def passed():
        return server.value(f"SELECT PASSES FROM information_schema.GEMEL_FAULTS WHERE NAME='{point}'")
    wait_until(lambda: passed() == count, f'{point} {count} times', show=passed)


def run(server, *statements):
    """Rows that the last one changed, or its error's number."""
    with server.connect() as connection, connection.cursor() as cursor:
        try:
            for statement in statements:
                changed = cursor.execute(statement)
        except pymysql.MySQLError as error:
            return error.args[0]
        return changed


def line_up(server, pool, *clients):
    """Each waits for the row, in this order. From then on the first one's commit takes its place in the log and rests."""
    server.execute("SET GLOBAL gemel_faults='commit.lead=pause'")
    with server.connect() as holder, holder.cursor() as cursor:
        holder.begin()
        cursor.execute('SELECT v FROM d.t WHERE id=1 FOR UPDATE')
        answers = []
        for number, statements in enumerate(clients, 1):
            answers.append(pool.submit(run, server, *statements))
            wait_passed(server, LOCK_AWAITED, number)
        holder.rollback()
    return answers


def go_on(server, faults=''):
    server.execute(f"SET GLOBAL gemel_faults='{faults}'")


def results(answers):
    return [answer.result(60) for answer in answers]


def value(server):
    return server.value('SELECT v FROM d.t WHERE id=1')


def flushes(server):
    return int(server.rows("SHOW GLOBAL STATUS LIKE 'Gemel_log_flushes'")[0][1])


def test_they_share_a_flush(edges, pool):
    """Nothing is shown or answered before it. The last one may be late for it by a moment."""
    (a, _), = edges
    before = flushes(a)
    answers = line_up(a, pool, *[[PLUS_ONE]] * CLIENTS)
    wait_passed(a, PREPARED, CLIENTS)
    assert value(a) == 0 and not any(answer.done() for answer in answers)
    go_on(a)
    assert results(answers) == [1] * CLIENTS
    assert value(a) == CLIENTS and flushes(a) - before <= 2
    wait_same_rows(edges)


@pytest.mark.parametrize('statement, answer', [
    ('UPDATE d.t SET v=v+1 WHERE id=1 AND v=0', 0),
    ('UPDATE d.t SET v=1 WHERE id=1', 0),
    ('DELETE FROM d.t WHERE id=1 AND v=0', 0),
    ('UPDATE d.t SET v=v+255 WHERE id=1', 1264),
])
def test_what_changes_nothing_waits_with_its_answer(edges, pool, statement, answer):
    """It tells of a row that is not committed yet."""
    (a, _), = edges
    answers = line_up(a, pool, [PLUS_ONE], [statement])
    wait_passed(a, BASES_AWAITED, 1)
    assert not any(told.done() for told in answers)
    go_on(a)
    assert results(answers) == [1, answer]
    wait_same_rows(edges)


@pytest.mark.parametrize('statements', [
    ['BEGIN', PLUS_ONE, 'COMMIT'],
    ['SET autocommit=0', PLUS_ONE, 'COMMIT'],
    ['SELECT v FROM d.t WHERE id=1 FOR UPDATE'],
    ['UPDATE d.t SET v=v+1'],
    ['UPDATE d.t, (SELECT 1 one) o SET v=v+one WHERE id=1'],
])
def test_others_wait_for_the_row(edges, pool, statements):
    """Their clients hear of the row before they commit, or they read more than it."""
    (a, _), = edges
    answers = line_up(a, pool, [PLUS_ONE], statements, [PLUS_ONE])
    wait_passed(a, PREPARED, 1)
    assert not any(told.done() for told in answers)
    go_on(a)
    results(answers)
    assert value(a) == 2 + ('FOR UPDATE' not in statements[-1])
    wait_same_rows(edges)


def test_who_stands_on_a_failure_fails(edges, pool):
    (a, _), = edges
    answers = line_up(a, pool, *[[PLUS_ONE]] * CLIENTS)
    wait_passed(a, PREPARED, CLIENTS)
    go_on(a, 'commit.before_log=error')
    assert all(told in (1026, 1213) for told in results(answers))
    go_on(a)
    assert value(a) == 0 and run(a, PLUS_ONE) == 1
    wait_same_rows(edges)


def test_a_client_that_is_killed_meanwhile(edges, pool):
    (a, _), = edges
    answers = line_up(a, pool, [PLUS_ONE], ['UPDATE d.t SET v=0 WHERE id=1 AND v=0'], [PLUS_ONE])
    wait_passed(a, BASES_AWAITED, 1)
    second, = a.rows("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SET v=0%' AND INFO LIKE 'UPDATE%'")
    a.execute(f'KILL QUERY {second[0]}')
    assert answers[1].result(60) == 1317
    go_on(a)
    assert results([answers[0], answers[2]]) == [1, 1]
    assert value(a) == 2
    wait_same_rows(edges)


def test_a_crash_before_the_log_forgets_them_all(edges, pool):
    (a, b), = edges
    answers = line_up(a, pool, *[[PLUS_ONE]] * CLIENTS)
    wait_passed(a, PREPARED, CLIENTS)
    a.kill()
    assert all(told > 1 for told in results(answers))
    a.start()
    assert value(a) == 0 and run(a, PLUS_ONE) == 1
    wait_same_rows(edges)


def count_up(server):
    """How often it was acknowledged until the server was gone."""
    with server.connect(database='d') as connection, connection.cursor() as cursor:
        for number in range(UPDATES):
            try:
                cursor.execute('UPDATE c SET v=v+1 WHERE id=1')
            except pymysql.MySQLError:
                return number
    return UPDATES


@pytest.mark.parametrize('fault', ['', 'commit.after_log_write=crash@10', 'commit.after_log_flush=crash@10',
                                   'commit.stored=crash@10'])
def test_a_counter_counts(make_server, pool, fault):
    """What was acknowledged is there after a crash, and its log makes the same of it on a replica."""
    a = make_server('a')
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.c (id INT PRIMARY KEY, v INT)', 'INSERT INTO d.c VALUES (1, 0)')
    go_on(a, fault)
    acknowledged = sum(pool.map(count_up, [a] * CLIENTS))
    if fault:
        a.wait_end()
        a.start()
    counted = a.value('SELECT v FROM d.c')
    assert acknowledged <= counted <= acknowledged + (CLIENTS if fault else 0)
    add_replication_user(a)
    b = make_server('b', slave_parallel_workers=4)
    follow_by_gtid(b, a)
    wait_same_rows([(a, b)])
