"""A source with its replicas, made alike for each kind of server; what a replica is told of working in parallel."""
from contextlib import contextmanager

import servers
import sysbench_tool
from harness.topology import add_replication_user, follow, wait_caught_up
from harness.wait import wait_until

WORKERS = 4
PARALLEL = {
    'gemel': lambda workers: {'slave_parallel_workers': workers},
    # Its threads wait for one another's commits: it needs more of them to do as much.
    'mariadb': lambda workers: {'slave_parallel_threads': workers * 2, 'slave_parallel_mode': 'optimistic'},
}


def make(kind, folder, name, server_id, workers=WORKERS, **options):
    return servers.make(kind, folder, name, server_id=server_id, max_relay_log_size='1G', **PARALLEL[kind](workers),
                        **options)


@contextmanager
def group(kind, count=2, rows=sysbench_tool.ROWS, **options):
    """Servers 1 to count, running; the first has sysbench's tables and a user for replicas. Nobody follows yet."""
    with servers.scratch() as folder:
        made = [make(kind, folder, f'{kind}{number}', number, **options) for number in range(1, count + 1)]
        with servers.closing(*made):
            for server in made:
                server.start()
                add_replication_user(server)
            if rows:
                sysbench_tool.fill(made[0], rows=rows)
            yield made


def begin(server):
    """The beginning of its log, for who has nothing of it."""
    return server.rows('SHOW BINARY LOGS')[0][0], 4


def follow_from_begin(source, *replicas):
    """All it has ever logged, so that replicas hold what it holds."""
    edges = [(source, replica) for replica in replicas]
    for _, replica in edges:
        follow(replica, source, begin(source))
    wait_caught_up(edges, deadline=300)
    return edges


def has_fetched(replica, source):
    status = replica.replica_status()
    return (status['Master_Log_File'], int(status['Read_Master_Log_Pos'])) == source.log_end_position()


def is_at(replica, end):
    status = replica.replica_status()
    return (status['Relay_Master_Log_File'], int(status['Exec_Master_Log_Pos'])) == end


def wait_at(replica, end, deadline=600):
    wait_until(lambda: is_at(replica, end), f'{replica.name} to be at {end}', deadline, replica.replica_status)
