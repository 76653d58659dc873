"""A topology written as a line: 'a<->b a->c b->d' is two masters with a replica each, 'a->b->c->a' a ring of three.

A crowd is servers that all hear of each other's writes: a pair, a ring, a source alone. A crowd that nobody above
writes to are masters. Each crowd of masters writes to a database of its own, which all servers below must hold.
"""
import re

from harness.rows import assert_same_rows
from harness.topology import add_replication_user, follow, wait_caught_up, wait_running


def read_line(line):
    """The edges by name, in the line's order."""
    edges = []
    for part in line.split():
        names, arrows = re.split('<?->', part), re.findall('<?->', part)
        for source, arrow, replica in zip(names, arrows, names[1:]):
            edges.append((source, replica))
            if arrow == '<->':
                edges.append((replica, source))
    return edges


def reached_from(name, edges):
    found, last = {name}, set()
    while found != last:
        last = set(found)
        found |= {replica for source, replica in edges if source in found}
    return found


class Shape:
    def __init__(self, line):
        self.line = line
        self.edge_names = read_line(line)
        self.names = sorted({name for edge in self.edge_names for name in edge})
        self.below = {name: reached_from(name, self.edge_names) for name in self.names}
        self.servers = {}

    def crowds(self):
        """The crowds of masters, each a list of names."""
        above = {name: {other for other in self.names if name in self.below[other]} for name in self.names}
        return sorted({tuple(sorted(above[name])) for name in self.names if above[name] <= self.below[name]})

    # ---------------------------------------------------------------- its servers

    def make(self, make_server, network=None, kinds={}, by_gtid=False, **options):
        """Servers whose AUTO_INCREMENT values do not meet; in a network each has a place of its own."""
        self.by_gtid = by_gtid
        for offset, name in enumerate(self.names, 1):
            where = {'place': network.place(name), 'bind_address': '0.0.0.0'} if network else {}
            self.servers[name] = make_server(name, kind=kinds.get(name, 'gemel'), auto_increment_increment=len(self.names),
                                             auto_increment_offset=offset, **where, **options)
        self.connect(network)
        return self

    def connect(self, network):
        ends = {name: server.log_end_position() for name, server in self.servers.items()}
        for name in sorted({source for source, _ in self.edge_names}):
            add_replication_user(self.servers[name], '%' if network else '127.0.0.1')
        for source, replica in self.edge_names:
            self.follow(source, replica, ends[source], network)

    def follow(self, source, replica, position, network):
        is_one_of_several = [name for _, name in self.edge_names].count(replica) > 1
        host = network.link(source, replica) if network else '127.0.0.1'
        follow(self.servers[replica], self.servers[source], None if self.by_gtid else position, by_gtid=self.by_gtid,
               channel=source if is_one_of_several else None, MASTER_HOST=f"'{host}'")

    def __getitem__(self, name):
        return self.servers[name]

    @property
    def edges(self):
        return [(self.servers[source], self.servers[replica]) for source, replica in self.edge_names]

    def wait_running(self):
        for source, replica in self.edges:
            wait_running(replica, source)

    def wait_same_rows(self, deadline=120):
        """Every server holds what the masters above it hold."""
        wait_caught_up(self.edges, deadline)
        for crowd in self.crowds():
            holders = [self.servers[name] for name in sorted(self.below[crowd[0]])]
            assert_same_rows(*holders, databases=[database_of(crowd)])


def database_of(crowd):
    return 'load_' + '_'.join(crowd)
