"""a<->b under mixed work: one dies at a fault point, comes back, and both hold all that was acknowledged, once, and the same.

A sample of the points: GEMEL_SWEEP_SHARE of them (a tenth), which ones GEMEL_SWEEP_SEED says. All: make sweep.
"""
import os
import random

import pytest

from harness.sweep import Sweep, list_points

PARTS = 3
POWER_POINTS = 8
SEED = int(os.environ.get('GEMEL_SWEEP_SEED', 1))
SHARE = float(os.environ.get('GEMEL_SWEEP_SHARE', 0.1))


def make_sweep(scratch, make_server, kind):
    def make(folder, name, **options):
        return make_server(name, kind=kind, start=False, **options)
    return Sweep(scratch, SEED, make)


@pytest.fixture
def sweep(scratch, make_server):
    return make_sweep(scratch, make_server, 'gemel')


@pytest.mark.parametrize('part', range(PARTS))
def test_a_crash_at_each_point(sweep, part, record_property):
    points = list_points()
    sample = random.Random(SEED).sample(points, max(PARTS, int(len(points) * SHARE)))[part::PARTS]
    sweep.learn()
    runs = list(sweep.plan(sample))
    for run in runs:
        sweep.crash(run)
    record_property('sweep', (len(sample), len(runs)))


def test_a_loss_of_power_at_some_points(scratch, make_server):
    """The same on disks that lose what was not flushed. All: make sweep SWEEP_POWER=all."""
    sweep = make_sweep(scratch, make_server, 'loses_power')
    sweep.learn()
    for run in sweep.plan(random.Random(SEED).sample(list_points(), POWER_POINTS)):
        sweep.crash(run)
