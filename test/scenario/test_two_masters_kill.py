"""a<->b under load: kill -9 one of them, again and again. Nothing acknowledged is lost, and both catch up unaided."""
import os
import random

import pytest

from harness.killer import Killer
from harness.load import Load
from harness.topology import wait_running, wait_same_gtids, wait_same_rows

SECONDS = float(os.environ.get('GEMEL_LOAD_SECONDS', 30))
KILLS = int(os.environ.get('GEMEL_KILLS', 3))


@pytest.mark.parametrize('victims', ['a', 'b', 'ab'])
def test_kill_in_the_middle(pair, victims):
    a, b = pair
    by_name = {'a': a, 'b': b}
    load = Load([a, b], connections=16, seconds=SECONDS, seed=victims)
    load.prepare(a)
    wait_same_rows(pair.edges)

    load.start()
    for turn in range(KILLS):
        victim = by_name[victims[turn % len(victims)]]
        load.wait_for_writes(victim)
        victim.kill()
        victim.start()
        if load.is_over():
            break
    load.finish()

    for server in pair:
        wait_running(server)
    wait_same_rows(pair.edges, deadline=120)
    load.check(a)
    load.check(b)


def test_both_die_at_once(pair):
    a, b = pair
    load = Load([a, b], connections=16, seconds=SECONDS / 2, seed='both')
    load.prepare(a)
    wait_same_rows(pair.edges)

    load.start()
    load.wait_for_writes(a)
    a.kill()
    b.kill()
    b.start()
    a.start()
    load.finish()

    for server in pair:
        wait_running(server)
    wait_same_rows(pair.edges, deadline=120)
    load.check(a)
    load.check(b)


def test_random_moments(pair):
    """The short one of tools/soak.py."""
    seed = random.randrange(10**6)
    print(f'seed {seed}')
    load = Load(pair, connections=16, seconds=SECONDS / 2, seed=seed)
    load.prepare(pair[0])
    wait_same_rows(pair.edges)

    load.start()
    killer = Killer(list(pair), random.Random(seed))
    while not load.is_over() and killer.kills < KILLS * 2:
        killer.strike()
    load.finish()

    for server in pair:
        wait_running(server)
    wait_same_rows(pair.edges, deadline=120)
    wait_same_gtids(*pair)
    for server in pair:
        load.check(server)
    assert killer.kills
