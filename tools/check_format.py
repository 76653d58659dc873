#!/usr/bin/python3
"""Checks what a reader notices first: tabs, line ends, long lines, long files, long functions."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDTH_MAX = 125
LINES_MAX = 900
FUNCTION_MAX = 70
TEST_LINES_MAX = 400
SOURCES = ('.c', '.cc', '.h')
TABLES = ('.inc', '.def', '.y')


def width(line):
    return len(line.expandtabs(8))


def check_lines(path, lines):
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f'{path}:{number}: blanks at the end'
        if path.suffix in SOURCES and re.match(r' {8}', line):
            yield f'{path}:{number}: indented with blanks'
        is_text = re.search(r'"[^"]{50,}', line)
        if path.suffix not in TABLES and width(line) > WIDTH_MAX and not is_text:
            yield f'{path}:{number}: {width(line)} columns'


def check_functions(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line == '{':
            start = number
        elif line == '}' and start:
            if number - start > FUNCTION_MAX:
                yield f'{path}:{start}: a function of {number - start} lines'
            start = None


def check_file(path):
    lines = path.read_text(errors='replace').splitlines()
    relative = path.relative_to(ROOT)
    problems = list(check_lines(relative, lines))
    if path.suffix in SOURCES:
        if len(lines) > LINES_MAX:
            problems.append(f'{relative}: {len(lines)} lines')
        problems += check_functions(relative, lines)
    if path.suffix == '.py' and relative.parts[0] == 'test' and len(lines) > TEST_LINES_MAX:
        problems.append(f'{relative}: {len(lines)} lines')
    return problems


def main():
    paths = [p for folder in ('src', 'test', 'tools', 'bench') for p in (ROOT / folder).rglob('*')
             if p.suffix in (*SOURCES, '.y', '.py')]
    problems = [problem for path in sorted(paths) for problem in check_file(path)]
    print('\n'.join(problems) if problems else 'format: in order')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
