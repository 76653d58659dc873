"""Plots in SVG: bars of ratios, and curves with logarithmic axes."""
import math
from html import escape

COLOURS = {'gemel': '#2a7', 'mariadb': '#c63', 'mysql56': '#36c', 'wall': '#888'}
OTHER_COLOURS = ('#2a7', '#c63', '#36c', '#a3a', '#888', '#aa2')


def opening(width, height):
    return [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            'font-family="sans-serif" font-size="12">', f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>']


def text(x, y, words, anchor='start', more=''):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(str(words))}</text>'


def rule(x1, y1, x2, y2, colour='#bbb'):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def bars(lines, unit=120, height=18, left=280, most=6):
    """A bar a line: how many times as good as MariaDB. The light rule is 1, the dark mark the goal."""
    lines = [line for line in lines if line.times()]
    widest = min(most, max([line.times() for line in lines] + [line.goal.times or 0 for line in lines] + [1]))
    end = height * len(lines) + 4
    parts = [*opening(left + unit * widest + 60, end + 26), rule(left + unit, 0, left + unit, end),
             text(left + unit, end + 16, 'MariaDB', 'middle')]
    for number, line in enumerate(lines):
        at, length = number * height + 4, unit * min(line.times(), most)
        parts += [text(left - 8, at + 11, line.work, 'end'),
                  f'<rect x="{left}" y="{at}" width="{length:.1f}" height="{height - 5}" fill="{COLOURS["gemel"]}"/>',
                  text(left + length + 5, at + 11, f'{line.times():.2f}')]
        if line.goal.times:
            goal = left + unit * min(line.goal.times, most)
            parts.append(rule(goal, at - 2, goal, at + height - 3, '#333'))
    return '\n'.join(parts) + '\n</svg>\n'


class Axis:
    """Decades between two lengths."""

    def __init__(self, values, start, end):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.start, self.end = start, end

    def at(self, value):
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self):
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def tick_name(value):
    for size, sign in ((1e9, 'G'), (1e6, 'M'), (1e3, 'k')):
        if value >= size:
            return f'{value / size:g}{sign}'
    return f'{value:g}'


def curves(curve, names, width=620, height=380):
    left, right, top, bottom = 70, width - 110, 16, height - 46
    points = [point for series in curve.series.values() for point in series if point[0] > 0 and point[1] > 0]
    parts = opening(width, height)
    if not points:
        return '\n'.join(parts) + '\n</svg>\n'
    across, up = Axis([x for x, _ in points], left, right), Axis([y for _, y in points], bottom, top)
    for tick in across.ticks():
        parts += [rule(across.at(tick), top, across.at(tick), bottom, '#ddd'),
                  text(across.at(tick), bottom + 16, tick_name(tick), 'middle')]
    for tick in up.ticks():
        parts += [rule(left, up.at(tick), right, up.at(tick), '#ddd'),
                  text(left - 6, up.at(tick) + 4, tick_name(tick), 'end')]
    parts += [text((left + right) / 2, height - 8, curve.x, 'middle'),
              text(14, (top + bottom) / 2, curve.y, 'middle', f' transform="rotate(-90 14 {(top + bottom) / 2:.0f})"')]
    for number, (name, series) in enumerate(curve.series.items()):
        colour = COLOURS.get(name, OTHER_COLOURS[number % len(OTHER_COLOURS)])
        drawn = [(across.at(x), up.at(y)) for x, y in sorted(series) if x > 0 and y > 0]
        if not drawn:
            continue
        path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in drawn)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in drawn]
        parts.append(text(drawn[-1][0] + 8, drawn[-1][1] + 4, names.get(name, name), more=f' fill="{colour}"'))
    return '\n'.join(parts) + '\n</svg>\n'
