"""Who follows whom. pair(a, b) is a<->b; chain(a, b, c) is a->b->c; shape.py reads any such line.

An edge is (source, replica). A replica of several sources has a channel for each, named after it.
"""
from harness.rows import assert_same_rows
from harness.wait import wait_until

USER, PASSWORD = 'repl', 'pass4repl'


def add_replication_user(server, host='127.0.0.1'):
    """On this server alone: each of a pair makes its own."""
    server.execute('SET sql_log_bin=0',
                   f"GRANT REPLICATION SLAVE ON *.* TO '{USER}'@'{host}' IDENTIFIED BY '{PASSWORD}'",
                   'SET sql_log_bin=1')


def follow(replica, source, position=None, start=True, channel=None, by_gtid=False, **settings):
    """Makes source the replica's source, from the source's present end unless a (file, position) is given."""
    file, offset = position or source.log_end_position()
    place = {'MASTER_AUTO_POSITION': 1} if by_gtid else {'MASTER_LOG_FILE': f"'{file}'", 'MASTER_LOG_POS': offset}
    words = {'MASTER_HOST': "'127.0.0.1'", 'MASTER_PORT': source.port, 'MASTER_USER': f"'{USER}'",
             'MASTER_PASSWORD': f"'{PASSWORD}'", 'MASTER_CONNECT_RETRY': 1, **place, **settings}
    settings = ', '.join(f'{word}={value}' for word, value in words.items())
    of_channel = f" FOR CHANNEL '{channel}'" if channel else ''
    replica.execute(f'CHANGE MASTER TO {settings}{of_channel}')
    if start:
        replica.execute(f'START SLAVE{of_channel}')
        wait_running(replica, source)


def follow_by_gtid(replica, source, start=True, channel=None, **settings):
    """The same by MASTER_AUTO_POSITION: what the replica lacks, wherever it stands in the source's log."""
    words = {'MASTER_HOST': "'127.0.0.1'", 'MASTER_PORT': source.port, 'MASTER_USER': f"'{USER}'",
             'MASTER_PASSWORD': f"'{PASSWORD}'", 'MASTER_AUTO_POSITION': 1, 'MASTER_CONNECT_RETRY': 1, **settings}
    settings = ', '.join(f'{word}={value}' for word, value in words.items())
    of_channel = f" FOR CHANNEL '{channel}'" if channel else ''
    replica.execute(f'CHANGE MASTER TO {settings}{of_channel}')
    if start:
        replica.execute(f'START SLAVE{of_channel}')
        wait_running(replica, source)


def pair(a, b):
    """a<->b"""
    for server in (a, b):
        add_replication_user(server)
    start_a, start_b = a.log_end_position(), b.log_end_position()
    follow(b, a, start_a)
    follow(a, b, start_b)
    return [(a, b), (b, a)]


def chain(*servers):
    """a->b->c"""
    edges = list(zip(servers, servers[1:]))
    for source, replica in edges:
        add_replication_user(source)
        follow(replica, source)
    return edges


def status_of(replica, source=None):
    """The status of the channel that follows this source; of the only one there is, if no source is named."""
    statuses = replica.records('SHOW SLAVE STATUS')
    if source is not None:
        statuses = [status for status in statuses if int(status['Master_Port']) == source.port]
    assert len(statuses) <= 1, [status['Master_Port'] for status in statuses]
    return statuses[0] if statuses else None


def is_running(replica, source=None):
    status = status_of(replica, source)
    return status and status['Slave_IO_Running'] == 'Yes' and status['Slave_SQL_Running'] == 'Yes'


def is_waiting(replica, source=None):
    """It runs, and its receiver waits for what the source will write."""
    return is_running(replica, source) and status_of(replica, source)['Slave_IO_State'] == 'Waiting for master to send event'


def wait_waiting(replica, source=None):
    wait_until(lambda: is_waiting(replica, source), f'{replica.name} to wait for events',
               show=lambda: explain(replica, source))


def explain(replica, source=None):
    status = status_of(replica, source) or {}
    wanted = ('Slave_IO_State', 'Slave_IO_Running', 'Slave_SQL_Running', 'Master_Log_File', 'Read_Master_Log_Pos',
              'Relay_Master_Log_File', 'Exec_Master_Log_Pos', 'Last_IO_Error', 'Last_SQL_Error')
    return f'{replica.name}: ' + ', '.join(f'{key}={status.get(key)!r}' for key in wanted)


def wait_running(replica, source=None, deadline=60):
    wait_until(lambda: is_running(replica, source), f'{replica.name} to replicate', deadline,
               lambda: explain(replica, source))


def applied_position(replica, source=None):
    status = status_of(replica, source)
    if status['Slave_SQL_Running'] != 'Yes' and int(status['Last_SQL_Errno']):
        raise AssertionError(f'the applier stopped: {explain(replica, source)}')
    return status['Relay_Master_Log_File'], int(status['Exec_Master_Log_Pos'])


def is_caught_up(edges):
    """All replicas are at their sources' ends, and no end moved while we looked."""
    sources = [source for source, _ in edges]
    before = [source.log_end_position() for source in sources]
    if any(applied_position(replica, source) != end for (source, replica), end in zip(edges, before)):
        return False
    return before == [source.log_end_position() for source in sources]


def wait_caught_up(edges, deadline=60):
    def show():
        return '; '.join(f'{source.name} ends at {source.log_end_position()}, {explain(replica, source)}'
                         for source, replica in edges)
    wait_until(lambda: is_caught_up(edges), 'the replicas to catch up', deadline, show)


def wait_same_rows(edges, deadline=60, databases=None):
    """How every scenario ends."""
    wait_caught_up(edges, deadline)
    assert_same_rows(*dict.fromkeys(server for edge in edges for server in edge), databases=databases)


def executed_gtids(server):
    return server.value('SELECT @@GLOBAL.gtid_executed').replace('\n', '')


def wait_same_gtids(*servers, deadline=60, databases=None):
    """How scenarios by GTID end: all have executed the same transactions, and hold the same rows."""
    def have_the_same():
        for server in servers:
            for status in server.records('SHOW SLAVE STATUS'):
                if status['Slave_SQL_Running'] != 'Yes' and int(status['Last_SQL_Errno']):
                    raise AssertionError(f"the applier of {server.name} stopped: {status['Last_SQL_Error']}")
        first = [executed_gtids(server) for server in servers]
        return len(set(first)) == 1 and first == [executed_gtids(server) for server in servers]

    wait_until(have_the_same, 'the same GTIDs everywhere', deadline,
               lambda: '; '.join(f'{server.name}: {executed_gtids(server)}' for server in servers))
    # A GTID counts a moment before its rows are seen here: who waits for it sees them.
    for server in (server for server in servers if server.kind == 'gemel'):
        server.value(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{executed_gtids(server)}')")
    assert_same_rows(*servers, databases=databases)
