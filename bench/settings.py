"""What the environment asks of a run.

    BENCH_MODE=short|long    three rounds of 2 s and small tables; or of 20 s, up to 10 M rows
    BENCH_PARTS=start,bulk   parts of run.py's list, by name
    BENCH_SERVERS=gemel,mariadb,mysql56
    BENCH_ROUNDS=3  BENCH_SECONDS=2  BENCH_RESULTS=bench/results
"""
import os
from pathlib import Path

from harness import mysql56

HERE = Path(__file__).resolve().parent
IS_LONG = os.environ.get('BENCH_MODE', 'short') == 'long'
SECONDS = int(os.environ.get('BENCH_SECONDS', 20 if IS_LONG else 2))
ROUNDS = int(os.environ.get('BENCH_ROUNDS', 3))
CURVE_ROUNDS = ROUNDS if IS_LONG else 1    # of many points the neighbours tell what is noise
RESULTS = Path(os.environ.get('BENCH_RESULTS', HERE / 'results'))
PARTS = os.environ.get('BENCH_PARTS')
SERVERS = os.environ.get('BENCH_SERVERS', 'gemel,mariadb,mysql56' if mysql56.is_installed() else 'gemel,mariadb').split(',')


def names(variable, default):
    """A list of words from the environment."""
    return os.environ.get(variable, default).split(',')


def numbers(variable, default):
    return [int(word) for word in names(variable, default)]
