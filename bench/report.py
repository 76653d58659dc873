"""Measured rates as a table in Markdown and as bars in SVG."""
from html import escape


def cell(value, digits=0):
    return '' if value is None else f'{value:,.{digits}f}'


def markdown(head, rows):
    lines = ['# Gemel beside MariaDB', '', *head, '',
             '| work | threads | gemel/s | mariadb/s | ratio | goal | wall/s | of the wall | gemel p95 ms '
             '| mariadb p95 ms |',
             '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |']
    for row in rows:
        lines.append('| ' + ' | '.join([
            row.work.name, str(row.threads), cell(row.ours), cell(row.theirs), cell(row.ratio, 2),
            '' if row.work.has_wall else cell(row.work.goal, 1), cell(row.wall),
            cell(row.of_wall, 2), cell(row.our_p95, 2), cell(row.their_p95, 2)]) + ' |')
    return '\n'.join(lines) + '\n'


def bars(rows, unit=120, line=18, left=220):
    """A bar a row: how many times MariaDB's rate. The light line is 1, the dark mark the goal."""
    most = max([row.ratio or 0 for row in rows] + [row.work.goal for row in rows] + [1])
    width, height = left + unit * most + 60, line * len(rows) + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="{width:.0f}" height="{height}" fill="white"/>',
             f'<line x1="{left + unit}" x2="{left + unit}" y1="0" y2="{height - 20}" stroke="#bbb"/>',
             f'<text x="{left + unit}" y="{height - 6}" text-anchor="middle">MariaDB</text>']
    for number, row in enumerate(rows):
        at = number * line + 4
        parts.append(f'<text x="{left - 8}" y="{at + 11}" text-anchor="end">'
                     f'{escape(row.work.name)}, {row.threads}</text>')
        if row.ratio is None:
            continue
        length = unit * row.ratio
        parts.append(f'<rect x="{left}" y="{at}" width="{length:.1f}" height="{line - 5}" fill="#4a7"/>')
        parts.append(f'<text x="{left + length + 5:.1f}" y="{at + 11}">{row.ratio:.2f}</text>')
        if not row.work.has_wall:
            goal = left + unit * row.work.goal
            parts.append(f'<line x1="{goal:.1f}" x2="{goal:.1f}" y1="{at - 2}" y2="{at + line - 3}" stroke="#333"/>')
    return '\n'.join(parts) + '\n</svg>\n'
