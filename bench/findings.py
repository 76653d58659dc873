"""What a part finds: lines of figures with a goal, curves, tables, and what failed.

A part is a module with a TITLE and a function run() that yields these as they are known. Figures are kept by server:
{'gemel': 123.4, 'mariadb': 99.0, 'mysql56': None}.
"""
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Goal:
    """What is wanted of a line: the first of these that is set, or (`or_figure`) a figure of our own instead.

    times: how many times as good as MariaDB, be it more a second or less time; share: at most this part of what MariaDB
    takes; wall: at least this part of the wall; most: our own figure, at most; figure: our own, at least.
    """
    times: float = None
    share: float = None
    wall: float = None
    most: float = None
    figure: float = None
    or_figure: float = None

    def wanted(self, unit):
        if self.times is not None:
            return f'{self.times:g}' + (f', or {self.or_figure:,g}{unit}' if self.or_figure else '')
        if self.share is not None:
            return f'at most {self.share:g} of it'
        if self.wall is not None:
            return f'{self.wall:g} of the wall'
        return f'at most {self.most:,g} {unit}' if self.most is not None else f'{self.figure:,g}{unit}'


NO_GOAL = Goal()
SMALL_UNITS = ('s', 'ms', 'µs', 'MB', 'KB', 'fold')     # of these less is better


@dataclass
class Line:
    work: str
    figures: dict                   # server -> median, None where there is none
    unit: str = '/s'
    goal: Goal = NO_GOAL
    wall: float = None
    details: dict = field(default_factory=dict)     # column -> text
    note: str = ''

    @property
    def is_cost(self):
        return self.unit in SMALL_UNITS

    @property
    def ours(self):
        return self.figures.get('gemel')

    def times(self, peer='mariadb'):
        """How many times as good as the peer; None where one of the two is not known."""
        theirs = self.figures.get(peer)
        if not self.ours or not theirs:
            return None
        return theirs / self.ours if self.is_cost else self.ours / theirs

    def share(self):
        theirs = self.figures.get('mariadb')
        return self.ours / theirs if self.ours is not None and theirs else None

    def reached(self):
        """What was reached in the goal's own terms, and which part of the goal that is: 1 or more is reached. None, None
        where there is no goal or no figure."""
        goal, ours = self.goal, self.ours
        if goal == NO_GOAL or ours is None:
            return None, None
        value, part = None, None
        if goal.times is not None and self.times() is not None:
            value, part = self.times(), self.times() / goal.times
        elif goal.share is not None and self.share() is not None:
            value, part = self.share(), goal.share / max(self.share(), 1e-9)
        elif goal.wall is not None and self.wall:
            value, part = ours / self.wall, ours / self.wall / goal.wall
        elif goal.most is not None:
            value, part = ours, goal.most / max(ours, 1e-9)
        elif goal.figure is not None:
            value, part = ours, ours / goal.figure
        if goal.or_figure:
            part = max(part or 0, ours / goal.or_figure)
        return value, part

    def to_record(self):
        return {'kind': 'line', **asdict(self)}

    @staticmethod
    def from_record(record):
        fields = {name: value for name, value in record.items() if name != 'kind'}
        return Line(**{**fields, 'goal': Goal(**fields['goal'])})


@dataclass
class Curve:
    """How a figure grows: a line for each server through points (x, y), both axes logarithmic."""
    name: str
    x: str
    y: str
    series: dict                    # server -> [(x, y)]
    note: str = ''


@dataclass
class Table:
    title: str
    columns: list
    rows: list
    note: str = ''


@dataclass
class Failure:
    text: str
