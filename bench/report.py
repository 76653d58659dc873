"""Findings as Markdown: a page for each part, and the summary of all goals."""
import json
import os
import time

import plots
from findings import NO_GOAL, Curve, Failure, Line, Table
from settings import RESULTS, ROUNDS

PEERS = {'gemel': 'Gemel', 'mariadb': 'MariaDB', 'mysql56': 'MySQL 5.6'}


def figure(value, unit=''):
    if value is None:
        return ''
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 4
    return f'{value:,.{digits}f}{unit if unit == "/s" else " " + unit if unit else ""}'


def verdict(line):
    """Whether a goal is reached, and by how much it is not."""
    value, part = line.reached()
    if value is None:
        return '' if line.goal == NO_GOAL else 'not measured'
    return 'yes' if part >= 1 else f'no: {part:.0%} of it'


def table(columns, rows):
    lines = ['| ' + ' | '.join(columns) + ' |', '| --- |' + ' ---: |' * (len(columns) - 1)]
    return lines + ['| ' + ' | '.join('' if cell is None else str(cell) for cell in row) + ' |' for row in rows]


def line_cells(line, peers, details):
    value, _ = line.reached()
    return [line.work, *(figure(line.figures.get(peer), line.unit) for peer in peers), figure(line.times()),
            *([figure(line.times('mysql56'))] if 'mysql56' in peers else []), figure(line.wall, line.unit),
            figure(value), '' if line.goal == NO_GOAL else line.goal.wanted(line.unit), verdict(line),
            *(line.details.get(name, '') for name in details)]


def line_table(lines):
    peers = [peer for peer in PEERS if any(line.figures.get(peer) is not None for line in lines)]
    details = list(dict.fromkeys(name for line in lines for name in line.details))
    columns = ['work', *(PEERS[peer] for peer in peers), 'times as good as MariaDB',
               *(['as MySQL 5.6'] if 'mysql56' in peers else []), 'wall', 'reached', 'goal', 'goal reached', *details]
    rows = [line_cells(line, peers, details) for line in lines]
    used = [at for at, _ in enumerate(columns) if at == 0 or any(row[at] for row in rows)]
    return table([columns[at] for at in used], [[row[at] for at in used] for row in rows])


def curve_table(curve):
    places = sorted({x for points in curve.series.values() for x, _ in points})
    known = {peer: dict(points) for peer, points in curve.series.items()}
    return table([curve.x, *(f'{PEERS.get(peer, peer)}: {curve.y}' for peer in known)],
                 [[f'{x:,g}', *(figure(points.get(x)) for points in known.values())] for x in places])


def head(rounds=''):
    return [f'{time.strftime("%Y-%m-%d")}, {os.cpu_count()} cores{rounds}. '
            'Made by `make bench`; ratios keep, rates are the machine\'s.', '']


def write_part(name, title, findings):
    """The page of a part, its plots, and its lines for the summary."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = [f'# {title}', '', *head(f', medians of {ROUNDS} round{"s" if ROUNDS > 1 else ""}')]
    lines = [finding for finding in findings if isinstance(finding, Line)]
    if lines:
        text += [*line_table(lines), '', *(f'- {line.work}: {line.note}' for line in lines if line.note), '']
    if any(line.times() for line in lines):
        (RESULTS / f'{name}.svg').write_text(plots.bars(lines))
        text += [f'![times as good as MariaDB]({name}.svg)', '']
    for finding in findings:
        if isinstance(finding, Table):
            text += [f'## {finding.title}', '', *table(finding.columns, finding.rows), '', finding.note, '']
        elif isinstance(finding, Curve):
            (RESULTS / f'{name}-{finding.name}.svg').write_text(plots.curves(finding, PEERS))
            text += [f'## {finding.y} by {finding.x}', '', f'![]({name}-{finding.name}.svg)', '', *curve_table(finding), '',
                     finding.note, '']
        elif isinstance(finding, Failure):
            text += [f'**Failed:** {finding.text}', '']
    (RESULTS / f'{name}.md').write_text(squeezed(text))
    (RESULTS / f'{name}.json').write_text(json.dumps({'title': title, 'lines': [line.to_record() for line in lines]},
                                                     indent=1) + '\n')


def squeezed(lines):
    """At most one empty line in a row."""
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return '\n'.join(kept).rstrip() + '\n'


def write_summary(parts):
    """README.md of the results: every line that has a goal, of all parts that have ever been measured."""
    rows, reached, wanted = [], 0, 0
    for part in parts:
        path = RESULTS / f'{part}.json'
        if not path.exists():
            continue
        for line in map(Line.from_record, json.loads(path.read_text())['lines']):
            if line.goal == NO_GOAL:
                continue
            value, share = line.reached()
            wanted += 1
            reached += share is not None and share >= 1
            rows.append([f'[{part}]({part}.md): {line.work}', figure(line.ours, line.unit), figure(value),
                         line.goal.wanted(line.unit), verdict(line)])
    text = ['# Gemel beside MariaDB', '', *head(), f'{reached} of {wanted} goals are reached.', '',
            *table(['work', 'Gemel', 'reached', 'goal', 'goal reached'], rows)]
    (RESULTS / 'README.md').write_text(squeezed(text))
    return reached, wanted
