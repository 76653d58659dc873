"""What of a commit can be done by one thread at a time, by perf: what that bounds on more cores than there are here.

A commit's work before its turn is done by its own thread, as wide as there are cores. In the queue one leader at a time
writes and flushes the log for a group, and one at a time puts a group into the store: two stages, each serial. A flush's
waiting is no processor time and not in it; latency.py has that.
"""
import re
import shutil
import subprocess

import servers
import sysbench_tool
from findings import Failure, Table
from report import figure
from settings import IS_LONG, numbers

TITLE = 'Serial work of a commit'
CORES = numbers('SERIAL_CORES', '2,16,64')
SECONDS = 15 if IS_LONG else 6
CLIENTS = 32
WORKS = {'write only': 'oltp_write_only', 'insert': 'oltp_insert', 'update not indexed': 'oltp_update_non_index'}
STAGES = {'log': 'txn_log_group', 'store': 'txn_store_group'}
WHOLE = 'serve_commands'


def recorded(server, script, path):
    """The rate, while perf looks at the server's stacks."""
    perf = subprocess.Popen(['perf', 'record', '-q', '--call-graph', 'dwarf,16384', '-m', '2048', '-F', '499', '-o', path,
                             '-p', str(server.process.pid), '--', 'sleep', str(SECONDS - 1)],
                            stderr=subprocess.PIPE, text=True)
    rate = sysbench_tool.rate(server, script, CLIENTS, SECONDS)
    _, errors = perf.communicate(timeout=60)
    if perf.returncode:
        raise RuntimeError(f'perf: {errors}')
    return rate


def shares(path):
    """{function: percent of all samples that have it in their stack}"""
    text = subprocess.run(['perf', 'report', '-i', path, '--children', '--no-inline', '-g', 'none', '--sort', 'symbol',
                           '--percent-limit', '0.05'], capture_output=True, text=True, timeout=300).stdout
    found = {}
    for percent, name in re.findall(r'^\s*([\d.]+)%\s+[\d.]+%\s+\[\.\]\s+(\w+)', text, re.MULTILINE):
        found[name] = found.get(name, 0) + float(percent)
    return found


def row(name, server, script, folder):
    alone = sysbench_tool.rate(server, script, CLIENTS, SECONDS).processor_us
    rate = recorded(server, script, folder / 'perf.data')
    found = shares(folder / 'perf.data')
    parts = {stage: alone * found.get(function, 0) / 100 for stage, function in STAGES.items()}
    widest = max(parts.values())
    bound = 1e6 / widest if widest else None
    return [name, figure(alone, 'µs'), *(figure(parts[stage], 'µs') for stage in STAGES), figure(found.get(WHOLE, 0), '%'),
            figure(bound, '/s'), figure(alone / widest if widest else None),
            *(figure(min(cores * 1e6 / alone, bound or 1e12), '/s') for cores in CORES), figure(rate.transactions, '/s')]


def run():
    if shutil.which('perf') is None:
        yield Failure('perf is not installed')
        return
    rows = []
    with servers.running('gemel') as (server,):
        for name, script in WORKS.items():
            sysbench_tool.fill(server)
            rows.append(row(name, server, script, server.folder))
    if any(not line[5] for line in rows):
        yield Failure('perf saw no commits')
    yield Table('Processor time a transaction', [
        'work', 'all of it', 'leading a group: log', 'leading a group: store', 'of the samples in clients\' threads',
        'bound by the longer stage', 'cores that reach it', *(f'bound with {cores} cores' for cores in CORES),
        'measured under perf'], rows,
        note='All is the server\'s processor time, its background work in it; the clients\' own takes cores as well.')
