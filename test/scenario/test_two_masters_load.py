"""a<->b: sixteen connections write to both at once; both end with the same rows, all that were acknowledged."""
import os

from harness.load import Load
from harness.topology import wait_same_rows

SECONDS = float(os.environ.get('GEMEL_LOAD_SECONDS', 30))


def test_both_masters_end_equal(pair):
    a, b = pair
    load = Load([a, b], connections=16, seconds=SECONDS)
    load.prepare(a)
    wait_same_rows(pair.edges)

    load.start().finish()

    wait_same_rows(pair.edges, deadline=120)
    load.check(a)
    load.check(b)
    print(f'{load.transactions()} transactions in {SECONDS} s')
    assert load.transactions() > 100
