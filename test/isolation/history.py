"""What several clients did at once, as a checker needs it: transactions of reads and appends, and how each ended.

A value is appended once in a history, to one key: so whoever reads it names the transaction that wrote it. A read gives
all values of a key: in the order in which they were appended (a list), or in no order (a set, whose values are rows).
"""
from dataclasses import dataclass, field

COMMITTED, ABORTED, UNKNOWN = 'committed', 'aborted', 'unknown'   # unknown: the connection was lost in COMMIT


@dataclass
class Read:
    key: int
    values: tuple
    by_range: bool = False     # found by a condition over keys, not by the key
    ended: float = 0.0         # when the client had the answer

    def __str__(self):
        return f'r({self.key}{"*" if self.by_range else ""}, {list(self.values)})'


@dataclass
class Append:
    key: int
    value: int

    def __str__(self):
        return f'a({self.key}, {self.value})'


@dataclass
class Transaction:
    number: int
    steps: list = field(default_factory=list)
    status: str = COMMITTED
    commit_began: float = float('inf')    # when the client sent COMMIT

    def reads(self):
        return [step for step in self.steps if isinstance(step, Read)]

    def appends(self):
        return [step for step in self.steps if isinstance(step, Append)]

    def __str__(self):
        return f'T{self.number}[{" ".join(map(str, self.steps))}]{"" if self.status == COMMITTED else " " + self.status}'


@dataclass
class History:
    transactions: list
    final: dict                # key -> values, read when all had ended
    has_order: bool = True     # lists; False: sets
