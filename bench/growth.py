"""How cost grows: with the rows of a table, with the clients at work, with the rows of one transaction. (With the number of
replicas: fan_out.py.)

    [GROWTH_ROWS=10000,100000,1000000] [GROWTH_CLIENTS=1,4,16,64,256,1000] [GROWTH_CHANGED=1,10,...] [GROWTH_WORK=rows,...]
"""
import servers
import sysbench_tool
from findings import Curve, Line
from measure import in_turn, medians, seconds
from settings import CURVE_ROUNDS, IS_LONG, SECONDS, names, numbers

TITLE = 'How cost grows'
KINDS = ('gemel', 'mariadb')
ROWS = numbers('GROWTH_ROWS', '10000,100000,1000000' + (',10000000' if IS_LONG else ''))
CLIENTS = numbers('GROWTH_CLIENTS', '1,4,16,64,256,1000' if IS_LONG else '1,8,64,1000')
CHANGED = numbers('GROWTH_CHANGED', '1,10,100,1000,10000,100000' + (',1000000' if IS_LONG else ''))
WORK = names('GROWTH_WORK', 'rows,clients,changed')
BY_ROWS = {
    'point select': ('oltp_point_select', []),
    'ranges of 100': ('oltp_read_only', ['--point-selects=0', '--skip-trx=on', '--simple-ranges=10', '--sum-ranges=0',
                                         '--order-ranges=0', '--distinct-ranges=0']),
    'update not indexed': ('oltp_update_non_index', []),
    'update indexed': ('oltp_update_index', []),
    'insert': ('oltp_insert', []),
}
BY_CLIENTS = {'point select': 'oltp_point_select', 'write only': 'oltp_write_only'}


def growth(name, x, series):
    """From the first point to the last."""
    grown = {kind: points[-1][1] / points[0][1] for kind, points in series.items() if len(points) > 1 and points[0][1]}
    return Line(f'{name}: cost at {x[-1]:,} to cost at {x[0]:,}', grown, 'fold')


def both_at(x, series, measures):
    for kind, value in medians(in_turn(measures, CURVE_ROUNDS)).items():
        series[kind].append((x, value))


def by_rows():
    """Processor time a transaction, 8 clients on one table."""
    series = {name: {kind: [] for kind in KINDS} for name in BY_ROWS}
    for rows in ROWS:
        with servers.running(*KINDS, innodb_buffer_pool_size='1G') as both:
            for server in both:
                sysbench_tool.fill(server, tables=1, rows=rows)
            for name, (script, options) in BY_ROWS.items():
                both_at(rows, series[name], {server.kind: lambda server=server: sysbench_tool.rate(
                    server, script, 8, SECONDS, *options, tables=1, rows=rows).processor_us for server in both})
    for name, found in series.items():
        yield growth(f'{name}, by rows', ROWS, found)
        yield Curve(f'rows-{name.replace(" ", "-")}', 'rows', f'µs of the processor, {name}', found)


def by_clients():
    with servers.running(*KINDS) as both:
        for server in both:
            sysbench_tool.fill(server)
        for name, script in BY_CLIENTS.items():
            rates, costs = {kind: [] for kind in KINDS}, {kind: [] for kind in KINDS}
            for clients in CLIENTS:
                for server in both:
                    rate = sysbench_tool.rate(server, script, clients, max(SECONDS, 5))   # connecting them counts little
                    rates[server.kind].append((clients, rate.transactions))
                    costs[server.kind].append((clients, rate.processor_us))
            yield growth(f'{name}, by clients', CLIENTS, costs)
            yield Curve(f'clients-{name.replace(" ", "-")}', 'clients', f'{name}, transactions a second', rates)
            yield Curve(f'clients-{name.replace(" ", "-")}-cost', 'clients', f'µs of the processor, {name}', costs)


CHANGES = {
    'insert': ('TRUNCATE copy', 'INSERT INTO copy SELECT * FROM sbtest1 WHERE id <= {}'),
    'update': ('SELECT 1', 'UPDATE sbtest1 SET k=k+1 WHERE id <= {}'),
    'delete': ('REPLACE INTO copy SELECT * FROM sbtest1 WHERE id <= {}', 'DELETE FROM copy WHERE id <= {}'),
}


def change(server, before, statement, count):
    """µs a row; small ones several times over."""
    took = 0
    times = max(1, min(20, 1000 // count))
    with server.connect(database='sbtest', read_timeout=1200) as connection, connection.cursor() as cursor:
        for _ in range(times):
            cursor.execute(before.format(count))
            took += seconds(lambda: cursor.execute(statement.format(count)))
    return took / times / count * 1e6


def by_changed():
    series = {name: {kind: [] for kind in KINDS} for name in CHANGES}
    with servers.running(*KINDS, innodb_buffer_pool_size='1G') as both:
        for server in both:
            sysbench_tool.fill(server, tables=1, rows=max(CHANGED))
            server.execute('CREATE TABLE sbtest.copy LIKE sbtest.sbtest1')
        for count in CHANGED:
            for name, (before, statement) in CHANGES.items():
                both_at(count, series[name], {server.kind: lambda server=server: change(server, before, statement, count)
                                              for server in both})
    for name, found in series.items():
        yield growth(f'{name}, by rows of one transaction', CHANGED, found)
        yield Curve(f'changed-{name}', 'rows of one transaction', f'µs a row, {name}', found)


def run():
    for name in WORK:
        yield from {'rows': by_rows, 'clients': by_clients, 'changed': by_changed}[name]()
