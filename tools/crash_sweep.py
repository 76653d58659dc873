#!/usr/bin/python3
"""Crashes one of two masters at every fault point, one after the other, and again with other servers and passes.

    make sweep      [SWEEP_ROUNDS=1] [SWEEP_SEED=n] [SWEEP_POINTS="commit. binlog_index"] [SWEEP_POWER=all|some]

SWEEP_POINTS: only points whose names hold one of these. SWEEP_POWER: each crash is a loss of power, which takes all or some
of what was not flushed. Ends with the number of points and runs, and names points that no run
reached. At the first difference everything is kept.
"""
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

from harness.forgetful import LosesPower  # noqa: E402
from harness.server import Gemel  # noqa: E402
from harness.sweep import Sweep, list_points  # noqa: E402

ROUNDS = int(os.environ.get('SWEEP_ROUNDS', 1))
SEED = int(os.environ.get('SWEEP_SEED', time.time()))
POWER = os.environ.get('SWEEP_POWER')
WANTED = os.environ.get('SWEEP_POINTS', '').split()


def run_round(points, seed):
    folder = Path(tempfile.mkdtemp(prefix='gemel-sweep-'))
    LosesPower.seed = seed if POWER == 'some' else None
    sweep = Sweep(folder, seed, LosesPower if POWER else Gemel)
    reached, runs, run = set(), 0, 'counting'
    try:
        sweep.learn()
        for run in sweep.plan(points):
            began = time.monotonic()
            is_reached = sweep.crash(run)
            runs += 1
            if is_reached:
                reached.add(run.point)
            print(f'{time.monotonic() - began:5.1f} s  {run}{"" if is_reached else ": not reached"}', flush=True)
    except BaseException:
        print(f'seed {seed}, {run}: FAILED; everything is kept in {folder}', flush=True)
        for server in sweep.pair:
            if server.is_running():
                server.kill()
        raise
    sweep.stop()
    shutil.rmtree(folder)
    return reached, runs


def main():
    points = [point for point in list_points() if not WANTED or any(word in point for word in WANTED)]
    reached, runs = set(), 0
    for number in range(ROUNDS):
        more, count = run_round(points, SEED + number)
        reached |= more
        runs += count
    print(f'crash sweep: {len(points)} fault points, {len(reached)} of them reached, {runs} runs, seed {SEED}')
    for point in sorted(set(points) - reached):
        print(f'never reached: {point}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
