"""What is measured, and how: in turn, several rounds, medians; the processor's time and the memory of a server."""
import os
import statistics
import time
from pathlib import Path

from settings import ROUNDS

TICKS = os.sysconf('SC_CLK_TCK')


def in_turn(measures, rounds=None, before=None):
    """measures: {name: function}. Each once a round, so that what else the machine does meets all of them; returns
    {name: the values of all rounds}. before(name) makes ready and is not measured."""
    found = {name: [] for name in measures}
    for _ in range(rounds or ROUNDS):
        for name, measure in measures.items():
            if before:
                before(name)
            found[name].append(measure())
    return found


def medians(found):
    """{name: median}, None where nothing could be measured."""
    known = {name: [value for value in values if value is not None] for name, values in found.items()}
    return {name: statistics.median(values) if values else None for name, values in known.items()}


def seconds(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


def processor_seconds(server):
    """User and system time of the server's process since its start."""
    fields = Path(f'/proc/{server.process.pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(server, kind='VmRSS'):
    """Megabytes of a server's process: VmRSS now, VmHWM at most."""
    for line in Path(f'/proc/{server.process.pid}/status').read_text().splitlines():
        if line.startswith(kind + ':'):
            return int(line.split()[1]) / 1024
    raise KeyError(kind)


def flushes_a_second(folder, duration=2):
    """Small appends, each flushed: what commits one behind the other are bounded by."""
    count, end = 0, time.monotonic() + duration
    with open(folder / 'flushed', 'wb', buffering=0) as file:
        while time.monotonic() < end:
            file.write(b'x' * 300)
            os.fdatasync(file.fileno())
            count += 1
    return count / duration
