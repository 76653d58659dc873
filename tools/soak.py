#!/usr/bin/python3
"""Two masters under load for as long as you like, one or the other killed at random moments, until a difference.

    make soak       [SOAK_SECONDS=600] [SOAK_SEED=n]

Each round is 20 seconds of sixteen writers with up to three kills, then both must hold exactly what was acknowledged.
"""
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

from harness.load import Load  # noqa: E402
from harness.server import Gemel  # noqa: E402
from harness.topology import pair, wait_running, wait_same_rows  # noqa: E402

SECONDS = int(os.environ.get('SOAK_SECONDS', 600))
ROUND_SECONDS = 20


def run_round(servers, edges, seed):
    chance = random.Random(seed)
    load = Load(servers, connections=16, seconds=ROUND_SECONDS, seed=seed)
    servers[0].execute('DROP DATABASE IF EXISTS load_test')
    load.prepare(servers[0])
    wait_same_rows(edges)
    load.start()
    kills = 0
    pause = threading.Event()
    while not load.is_over() and kills < 3:
        pause.wait(chance.uniform(0.2, ROUND_SECONDS / 3))
        victim = chance.choice(servers)
        victim.kill()
        victim.start()
        kills += 1
    load.finish()
    for server in servers:
        wait_running(server)
    wait_same_rows(edges, deadline=300)
    for server in servers:
        load.check(server)
    return load.transactions(), kills


def main():
    seed = int(os.environ.get('SOAK_SEED', time.time()))
    folder = Path(tempfile.mkdtemp(prefix='gemel-soak-'))
    servers = [Gemel(folder, name, server_id=number, auto_increment_increment=2, auto_increment_offset=number).start()
               for number, name in enumerate('ab', 1)]
    edges = pair(*servers)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            transactions, kills = run_round(servers, edges, seed)
        except BaseException:
            print(f'seed {seed}: FAILED; everything is kept in {folder}', flush=True)
            for server in servers:
                if server.is_running():
                    server.kill()
            raise
        print(f'seed {seed}: {transactions} transactions, {kills} kills, equal', flush=True)
        seed += 1
    for server in servers:
        server.stop()
    shutil.rmtree(folder)
    return 0


if __name__ == '__main__':
    sys.exit(main())
