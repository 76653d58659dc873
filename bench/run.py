#!/usr/bin/python3
"""Gemel beside MariaDB and MySQL: every part in one run, its pages and plots, and which goals are reached.

    make bench      settings.py says what the environment may ask for

A part is a module here with a TITLE and run(), which yields findings (findings.py). What it finds goes to
bench/results/<part>.md; README.md there has all lines that have a goal, also of parts that this run left out.
"""
import importlib
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

import report  # noqa: E402
import settings  # noqa: E402
from findings import Failure, Line  # noqa: E402

PARTS = ['start', 'connections', 'sysbench', 'bulk', 'analytics', 'replication', 'growth', 'latency', 'serial']


def tell(started, part, finding):
    now = f'{time.monotonic() - started:6.0f} s  {part}: '
    if isinstance(finding, Failure):
        print(f'{now}FAILED {finding.text}', flush=True)
    elif isinstance(finding, Line):
        figures = ', '.join(f'{name} {report.figure(value, finding.unit)}' for name, value in finding.figures.items())
        print(f'{now}{finding.work}: {figures}; goal reached: {report.verdict(finding) or "none set"}', flush=True)


def findings_of(part, started):
    """All that could be found: a part that breaks keeps what it found before."""
    found = []
    module = importlib.import_module(part)
    try:
        for finding in module.run():
            found.append(finding)
            tell(started, part, finding)
    except Exception as error:
        traceback.print_exc()
        found.append(Failure(f'{type(error).__name__}: {error}'))
    report.write_part(part, module.TITLE, found)
    return found


def main():
    started = time.monotonic()
    chosen = settings.PARTS.split(',') if settings.PARTS else PARTS
    found = [finding for part in chosen for finding in findings_of(part, started)]
    reached, wanted = report.write_summary(PARTS)
    print(f'{reached} of {wanted} goals are reached; {time.monotonic() - started:.0f} s; see {settings.RESULTS}')
    return 1 if any(isinstance(finding, Failure) for finding in found) else 0


if __name__ == '__main__':
    sys.exit(main())
