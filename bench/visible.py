"""From a commit on one of two masters until the other shows it: nothing else going on, and at half of the full load.

visible.c measures; both kinds of servers are pairs that follow each other, and are asked the same.
"""
import os
import subprocess

import replicas
import servers
import sysbench_tool
from findings import Goal, Line
from harness.topology import follow, wait_caught_up, wait_same_rows
from measure import percentile
from settings import HERE, IS_LONG

SECONDS = 6 if IS_LONG else 3
ROWS = 10000
THREADS = 8
PAUSE_US = 2000
PARTS = {'p50': 0.5, 'p99': 0.99}
HALF = Goal(share=0.5)


def compile_client(folder, name):
    """A small client in C, with libmariadb."""
    flags = subprocess.run(['pkg-config', '--cflags', '--libs', 'libmariadb'], check=True, capture_output=True, text=True)
    program = folder / name
    subprocess.run([os.environ.get('CC', 'cc'), '-O2', '-pthread', '-o', program, HERE / f'{name}.c', *flags.stdout.split()],
                   check=True)
    return program


def measure(program, source, replica):
    """[(microseconds since it was sent, since it was acknowledged)]"""
    done = subprocess.run([program, source.socket, replica.socket, str(SECONDS), str(PAUSE_US)], check=True,
                          capture_output=True, text=True, timeout=SECONDS + 60)
    return [tuple(map(int, line.split())) for line in done.stdout.splitlines()]


def measure_under_load(program, source, replica):
    full = sysbench_tool.rate(source, 'oltp_write_only', THREADS, 2, rows=ROWS).transactions
    wait_caught_up([(source, replica)], deadline=300)
    load = subprocess.Popen(sysbench_tool.command(source, 'oltp_write_only', THREADS, f'--rate={int(full / 2)}',
                                                  f'--time={SECONDS + 5}', 'run', rows=ROWS),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return measure(program, source, replica)
    finally:
        load.terminate()
        load.wait()


def measure_kind(kind):
    with replicas.group(kind, rows=ROWS) as (one, other):
        edges = replicas.follow_from_begin(one, other)
        follow(one, other)
        edges.append((other, one))
        one.execute('CREATE DATABASE visible', 'CREATE TABLE visible.mark (id INT PRIMARY KEY, number BIGINT)',
                    'INSERT INTO visible.mark VALUES (1, 0)')
        wait_caught_up(edges)
        program = compile_client(one.folder, 'visible')
        found = {'idle': measure(program, one, other), 'at half load': measure_under_load(program, one, other)}
        wait_same_rows(edges, deadline=300)
        return found


def run():
    found = {kind: measure_kind(kind) for kind in servers.chosen('gemel', 'mariadb')}
    for load in ('idle', 'at half load'):
        for name, part in PARTS.items():
            def of(column):
                return {kind: percentile([times[column] for times in loads[load]], part) / 1000
                        for kind, loads in found.items()}
            acknowledged = of(1)
            yield Line(f'from a commit sent to one master until the other shows it, {load}, {name}', of(0), 'ms', HALF,
                       details={f'{kind}: from its acknowledgement': f'{value:.3f} ms'
                                for kind, value in acknowledged.items()})
