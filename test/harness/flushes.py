"""How often a server flushed which of its files, as strace saw it.

    flushes.trace(server, path)
    server.start()
    mark = flushes.mark(path)
    ...
    flushes.since(path, mark)      # Counter: the file's name -> flushes
"""
import os
import re
from collections import Counter
from pathlib import Path

CALLS = 'fsync,fdatasync,sync_file_range,msync,sync,syncfs'
# A call that another thread's interrupted is written in two lines: it counts where it began.
BEGUN = re.compile(r'^\d+ +(?:fsync|fdatasync|sync_file_range|msync|sync|syncfs)\((?:\d+<([^>]*)>)?')


def trace(server, path):
    """From its next start on. The tracer is a process of its own (-D): signals and exit codes are the server's."""
    options = ['-D', '-f', '--seccomp-bpf', '-qq', '-y', '-e', f'trace={CALLS}', '-e', 'signal=none', '-o', str(path)]
    server.command = ['strace', *options, *server.command]
    # The search for leaks does not work in a process that is traced.
    checks = ':'.join(filter(None, (os.environ.get('ASAN_OPTIONS'), 'detect_leaks=0')))
    server.environment = lambda: {**os.environ, 'ASAN_OPTIONS': checks}


def mark(path):
    return len(Path(path).read_text().splitlines())


def since(path, mark):
    lines = Path(path).read_text().splitlines()[mark:]
    found = (BEGUN.match(line) for line in lines)
    return Counter(Path(match[1] or 'everything').name for match in found if match)
