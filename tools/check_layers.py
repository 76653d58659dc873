#!/usr/bin/python3
"""Checks who includes whom: folders of src/ by tools/layers.txt, foreign headers by the doors below."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)

# A library's headers, and the folders and files of src/ that may know it.
DOORS = [
    (re.compile(r'rocksdb/'), ['store']),
    (re.compile(r'sqlite3'), ['query']),
    (re.compile(r'(mysql|mariadb)[./]|mysql\.h|errmsg\.h'), ['receiver', 'gemel']),
    (re.compile(r'openssl/'), ['base/digest.c', 'base/cipher.c', 'base/rsa.c', 'wire/tls.c', 'wire/certificate.c']),
    (re.compile(r'unicode/'), ['type', 'query']),
    (re.compile(r'pcre2'), ['query']),
    (re.compile(r'gmp'), ['type']),
    (re.compile(r'(zlib|zstd)'), ['binlog', 'wire', 'query', 'exec']),
]


def read_layers(path):
    layers = {}
    for line in path.read_text().splitlines():
        line = line.split('#')[0].strip()
        if line:
            folder, allowed = line.split(':')
            layers[folder.strip()] = allowed.split()
    return layers


def find_cycle(layers):
    """A folder that reaches itself, or None: the list is an order."""
    def reach(folder, seen):
        for other in layers.get(folder, []):
            if other not in seen:
                seen.add(other)
                reach(other, seen)
        return seen
    return next((folder for folder in layers if folder in reach(folder, set())), None)


def door_allows(allowed, folder, relative):
    return folder in allowed or relative in allowed


def check_file(path, layers):
    relative = path.relative_to(ROOT / 'src').as_posix()
    folder = relative.split('/')[0] if '/' in relative else None
    text = path.read_text(errors='replace')
    for match in INCLUDE.finditer(text):
        kind, name = match.groups()
        line = text.count('\n', 0, match.start()) + 1
        where = f'src/{relative}:{line}'
        if kind == '<':
            for pattern, allowed in DOORS:
                if pattern.match(name) and not door_allows(allowed, folder, relative):
                    yield f'{where}: <{name}> belongs behind {", ".join(allowed)}'
        elif '/' in name and folder is not None:
            other = name.split('/')[0]
            if other != folder and other not in layers[folder]:
                yield f'{where}: {folder} may not include {other}'


def main():
    layers = read_layers(ROOT / 'tools/layers.txt')
    problems = []
    cycle = find_cycle(layers)
    if cycle:
        problems.append(f'tools/layers.txt: {cycle} comes to include itself')
    folders = {p.name for p in (ROOT / 'src').iterdir() if p.is_dir() and any(p.iterdir())}
    problems += [f'tools/layers.txt: no line for src/{folder}' for folder in sorted(folders - set(layers))]
    if not problems:
        for path in sorted((ROOT / 'src').rglob('*.[ch]')):
            problems += check_file(path, layers)
    print('\n'.join(problems) if problems else 'layers: in order')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
