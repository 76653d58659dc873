#!/usr/bin/python3
"""What each isolation level lets through, Gemel beside MariaDB: random transactions, judged by test/isolation's checker.

    tools/isolation_survey.py      [ISOLATION_SECONDS=5] [ISOLATION_SEED=n]

Prints how many transactions were committed and how often each anomaly was found (of write skews some are enough). Ends with
1 if Gemel showed what its level does not allow (test/isolation/promises.py, docs/isolation.md).
"""
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'test'))

from harness.server import Gemel, Mariadb  # noqa: E402
from isolation import promises  # noqa: E402
from isolation.checker import check  # noqa: E402
from isolation.history import COMMITTED  # noqa: E402
from isolation.workload import SHAPES, record  # noqa: E402

SECONDS = float(os.environ.get('ISOLATION_SECONDS', 5))


def survey(server, promised, seed):
    """Prints a line a level; returns the anomalies that nobody allowed."""
    broken = []
    for level, style in dict.fromkeys(key[:2] for key in promised):
        for shape in SHAPES:
            history = record(server, shape, level, style, SECONDS, seed=seed)
            anomalies = check(history)
            committed = sum(each.status == COMMITTED for each in history.transactions)
            shown = ', '.join(f'{name} {count}' for name, count in sorted(Counter(each.name for each in anomalies).items()))
            print(f'{server.kind:8}{level:17}{style:20}{shape:5}{committed:7} committed  {shown or "nothing"}', flush=True)
            allowed = promises.allowed(promised, level, style, shape)
            broken += [anomaly for anomaly in anomalies if anomaly.name not in allowed]
    return broken


def main():
    seed = int(os.environ.get('ISOLATION_SEED', time.time()))
    folder = Path(tempfile.mkdtemp(prefix='gemel-isolation-'))
    broken = []
    for kind, promised in ((Gemel, promises.GEMEL), (Mariadb, promises.INNODB)):
        server = kind(folder, kind.kind).start()
        broken += survey(server, promised, seed)
        server.stop()
    shutil.rmtree(folder)
    print('\n'.join(f'NOT ALLOWED: {anomaly}' for anomaly in broken[:20]) or f'seed {seed}: nothing that is not allowed')
    return 1 if broken else 0


if __name__ == '__main__':
    sys.exit(main())
