"""How many instructions gemeld takes for a statement, by callgrind: no other load disturbs it, so it can be guarded.

What has become dearer by a fifth fails. Who made it so on purpose writes down the new count; so does who made it cheaper.
"""
import os
import shutil
import sys
from pathlib import Path

import pytest

from harness.server import ROOT

sys.path.insert(0, str(ROOT / 'bench'))

import instructions  # noqa: E402

COUNTS = {
    ('point_select', 'text'): 22_000, ('point_select', 'prepared'): 20_000,     # rows that the row cache has not yet
    ('range', 'text'): 255_000, ('range', 'prepared'): 255_000,
    ('update_non_index', 'text'): 86_500, ('update_non_index', 'prepared'): 86_500,
    ('insert', 'text'): 77_000, ('insert', 'prepared'): 77_000,
    ('apply', ''): 176_000,     # of an insert and an update, by an applier with its workers
}
TOLERANCE = 1.2


def is_checked_build():
    program = os.environ.get('GEMELD') or str(ROOT / 'build/src/gemeld')
    data = Path(program).read_bytes()
    return b'__asan_init' in data or b'__tsan_init' in data


@pytest.mark.skipif(shutil.which('valgrind') is None, reason='valgrind is not installed')
@pytest.mark.skipif(is_checked_build(), reason='sanitizers count their own instructions')
def test_no_statement_became_dearer(scratch):
    kinds = dict.fromkeys(kind for kind, _ in COUNTS)
    found = {(kind, way): number for kind, way, number in instructions.count(scratch, kinds, 150)}
    dearer = {what: (round(found[what]), most) for what, most in COUNTS.items() if found[what] > most * TOLERANCE}
    assert not dearer, 'instructions a statement (now, before)'
