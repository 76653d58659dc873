#!/usr/bin/python3
"""Two masters under load, one or the other killed at random moments, until it was done so often or there is a difference.

    make soak       [SOAK_KILLS=200] [SOAK_SECONDS=1800] [SOAK_SEED=n]

Ends after so many kills, or so many seconds. Each round is 20 seconds of sixteen writers, with kill -9 of either server
every now and then: some while it still starts after the kill before, some of both at once. Then both must hold exactly
what was acknowledged, once; the same rows; the same GTIDs.
"""
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

from harness.killer import Killer  # noqa: E402
from harness.load import Load  # noqa: E402
from harness.server import Gemel  # noqa: E402
from harness.topology import executed_gtids, pair, wait_running, wait_same_gtids, wait_same_rows  # noqa: E402

SECONDS = int(os.environ.get('SOAK_SECONDS', 1800))
KILLS = int(os.environ.get('SOAK_KILLS', 200))
ROUND_SECONDS = 20


def check(servers, edges, load):
    for server in servers:
        wait_running(server)
    wait_same_rows(edges, deadline=300)
    wait_same_gtids(*servers, deadline=300)
    for server in servers:
        load.check(server)


def run_round(servers, edges, seed):
    load = Load(servers, connections=16, seconds=ROUND_SECONDS, seed=seed)
    servers[0].execute('DROP DATABASE IF EXISTS load_test')
    load.prepare(servers[0])
    wait_same_rows(edges)
    load.start()
    killer = Killer(servers, random.Random(seed))
    while not load.is_over():
        killer.strike()
    load.finish()
    check(servers, edges, load)
    return load, killer.kills


def main():
    seed = int(os.environ.get('SOAK_SEED', time.time()))
    folder = Path(tempfile.mkdtemp(prefix='gemel-soak-'))
    servers = [Gemel(folder, name, server_id=number, auto_increment_increment=2, auto_increment_offset=number).start()
               for number, name in enumerate('ab', 1)]
    edges = pair(*servers)
    end, kills, transactions = time.monotonic() + SECONDS, 0, 0
    while kills < KILLS and time.monotonic() < end:
        try:
            load, killed = run_round(servers, edges, seed)
        except BaseException:
            print(f'seed {seed}: FAILED; everything is kept in {folder}', flush=True)
            for server in servers:
                if server.is_running():
                    server.kill()
            raise
        kills += killed
        transactions += load.transactions()
        print(f'seed {seed}: {load.transactions()} transactions, {killed} kills ({kills} by now), equal', flush=True)
        seed += 1
    print(f'{transactions} acknowledged transactions, {kills} kills: both servers have each of them once, the same rows, '
          f'and the GTIDs {executed_gtids(servers[0])}')
    for server in servers:
        server.stop()
    shutil.rmtree(folder)
    return 0


if __name__ == '__main__':
    sys.exit(main())
