"""Which anomalies a history shows. Pure: a history in, a list of anomalies out.

The method is Elle's (Kingsbury, Alvaro: "Elle: Inferring Isolation Anomalies from Experimental Observations", 2020); the
names are Adya's ("Weak Consistency", 1999) where he has one. From what was read it follows who depended on whom:

    ww   both appended to one key, one right behind the other       (lists only: in a set appends commute)
    wr   one read a key as the other had left it
    rw   one read a key, and the other appended to it behind what was read

A cycle of such edges is something that no serial order explains. What edges it is of names it:

    G0         ww only                       writes of two transactions interleaved
    G1c        ww and wr                     each saw the other
    G-single   one rw                        read skew; "lost update" if it is between two, over one key
    G2-item    several rw                    write skew
    G2         several rw, one by a range    the same over rows that were not there: phantoms

Without cycles there are

    dirty read      a value was read before its writer sent COMMIT
    G1a             a value was read whose writer rolled back
    G1b             a list was read in the middle of what one transaction appended to it
    internal        a transaction does not see its own appends, or sees those to come
    fuzzy read      a transaction read a key twice and found others' values the second time (G-single, within one key)
    order           two reads of a list disagree about its order, or a value is in it twice
    lost            a committed value is not there at the end
    torn            of one transaction some values are there at the end, others are not
    resurrected     a value of a transaction that was rolled back is there at the end
"""
from collections import defaultdict, namedtuple
from dataclasses import dataclass

from isolation.history import ABORTED, COMMITTED, UNKNOWN, Append

Edge = namedtuple('Edge', 'kind source target key by_range')

SKEWS_MAX = 200
CYCLES = ('G0', 'G1c', 'G-single', 'lost update', 'G2-item', 'G2')
NAMES = ('dirty read', 'G1a', 'G1b', 'internal', 'fuzzy read', 'order', 'lost', 'torn', 'resurrected', *CYCLES)


@dataclass
class Anomaly:
    name: str
    text: str

    def __str__(self):
        return f'{self.name}: {self.text}'


class Checker:
    def __init__(self, history):
        self.history = history
        self.found = []
        self.writer = {step.value: transaction for transaction in history.transactions
                       for step in transaction.appends()}
        self._settle_unknown()
        self.committed = [each for each in history.transactions if each.status == COMMITTED]

    def add(self, name, *parts):
        self.found.append(Anomaly(name, ' '.join(map(str, parts))))

    # ---------------------------------------------------------------- the end

    def _settle_unknown(self):
        """Whose COMMIT was not answered is committed if what it wrote is there. One that wrote nothing proves nothing."""
        there = {value for values in self.history.final.values() for value in values}
        for transaction in self.history.transactions:
            mine = {step.value for step in transaction.appends()}
            if mine & there and mine - there:
                self.add('torn', transaction, 'left only', sorted(mine & there))
            if transaction.status == UNKNOWN:
                transaction.status = COMMITTED if mine & there else ABORTED
            elif transaction.status == COMMITTED and mine - there:
                self.add('lost', transaction, 'lost', sorted(mine - there))
            elif transaction.status == ABORTED and mine & there:
                self.add('resurrected', transaction, 'left', sorted(mine & there))

    # ---------------------------------------------------------------- one read

    def check_reads(self):
        for transaction in self.committed:
            own = defaultdict(list)
            before = {}
            for step in transaction.steps:
                if isinstance(step, Append):
                    own[step.key].append(step.value)
                    continue
                self._check_own(transaction, step, own[step.key])
                self._check_again(transaction, step, before)
                self._check_others(transaction, step)

    def _check_own(self, transaction, read, own):
        mine = [value for value in read.values if self.writer.get(value) is transaction]
        if sorted(mine) != sorted(own) or (self.history.has_order and mine != own):
            self.add('internal', transaction, 'read', read, 'having appended', own)

    def _check_again(self, transaction, read, before):
        others = tuple(value for value in read.values if self.writer.get(value) is not transaction)
        if not self.history.has_order:
            others = tuple(sorted(others))
        if before.setdefault(read.key, others) != others:
            self.add('fuzzy read', transaction, 'read', read, 'and before it', list(before[read.key]))

    def _check_others(self, transaction, read):
        last = {}   # writer's number -> the last of its values in this read
        for value in read.values:
            writer = self.writer.get(value)
            if writer is None:
                self.add('order', transaction, 'read', value, 'which nobody wrote')
            elif writer is not transaction:
                last[writer.number] = (writer, value)
                if writer.status == ABORTED:
                    self.add('G1a', transaction, 'read', value, 'of', writer)
                if read.ended < writer.commit_began:
                    self.add('dirty read', transaction, 'read', value, 'of', writer, 'before its end')
        for writer, value in last.values():
            theirs = [step.value for step in writer.appends() if step.key == read.key]
            seen = [each for each in read.values if each in theirs]
            if len(seen) < len(theirs):
                self.add('G1b', transaction, 'read', seen, 'of', writer)

    # ---------------------------------------------------------------- the order of a list

    def check_order(self):
        """The longest list that anybody read holds all others as its beginnings, but for a reader's own values."""
        for key, final in self.history.final.items():
            if len(set(final)) < len(final):
                self.add('order', f'key {key} holds a value twice: {list(final)}')
        for transaction in self.committed:
            for read in transaction.reads():
                if len(set(read.values)) < len(read.values):
                    self.add('order', transaction, 'read a value twice:', read)
                if self.history.has_order and tuple(self.history.final.get(read.key, ())[:len(read.values)]) != read.values:
                    if not self._holds_aborted(read):
                        self.add('order', transaction, 'read', read, 'and in the end there is',
                                 list(self.history.final.get(read.key, ())))

    def _holds_aborted(self, read):
        return any(value not in self.writer or self.writer[value].status == ABORTED for value in read.values)

    # ---------------------------------------------------------------- edges

    def edges(self):
        yield from self._write_edges()
        for transaction in self.committed:
            for read in transaction.reads():
                yield from self._read_edges(transaction, read)

    def _write_edges(self):
        if not self.history.has_order:
            return
        for key, final in self.history.final.items():
            writers = [self.writer[value] for value in final if value in self.writer]
            for first, second in zip(writers, writers[1:]):
                if first is not second:
                    yield Edge('ww', first.number, second.number, key, False)

    def _read_edges(self, transaction, read):
        final = [value for value in self.history.final.get(read.key, ()) if value in self.writer]
        seen = [value for value in read.values if value in self.writer]
        unseen = [value for value in final if value not in set(seen)]
        if self.history.has_order:
            # Who wrote the last value came after all the others, and the next one before all that follow.
            seen = [value for value in seen if self.writer[value] is not transaction][-1:]
            unseen = unseen[:1]
        for kind, values in (('wr', seen), ('rw', unseen)):
            for value in values:
                other = self.writer[value]
                if other is transaction or other.status != COMMITTED:
                    continue
                ends = (other.number, transaction.number) if kind == 'wr' else (transaction.number, other.number)
                # A list that was there is an item; a row more in a set is one that the range had not found.
                yield Edge(kind, *ends, read.key, read.by_range and not (self.history.has_order and read.values))

    # ---------------------------------------------------------------- cycles

    def check_cycles(self):
        edges = list(dict.fromkeys(self.edges()))
        self.found += [Anomaly(name, self._show(cycle)) for name, cycle in find_cycles(edges)]

    def _show(self, cycle):
        by_number = {transaction.number: transaction for transaction in self.history.transactions}
        way = ' '.join(f'T{edge.source} -{edge.kind}({edge.key}{"*" if edge.by_range else ""})->' for edge in cycle)
        return f'{way} T{cycle[0].source}; ' + ', '.join(str(by_number[edge.source]) for edge in cycle)

    def check(self):
        self.check_reads()
        self.check_order()
        self.check_cycles()
        return self.found


def find_cycles(edges):
    """(name, cycle), shortest through each edge; of those with several rw, which may be very many, some."""
    sure = {'ww': Graph(edge for edge in edges if edge.kind == 'ww'),
            'wr': Graph(edge for edge in edges if edge.kind != 'rw')}
    sure['rw'], all_edges = sure['wr'], Graph(edges)
    seen, skews = set(), 0
    for edge in edges:
        path = sure[edge.kind].path(edge.target, edge.source)
        if path is None and edge.kind == 'rw' and skews < SKEWS_MAX:
            path = all_edges.path(edge.target, edge.source)
            skews += path is not None
        if path is None:
            continue
        cycle = [edge, *path]
        found = name_cycle(cycle), frozenset(each.source for each in cycle)
        if found not in seen:
            seen.add(found)
            yield found[0], cycle


def name_cycle(cycle):
    kinds = [edge.kind for edge in cycle]
    against = [edge for edge in cycle if edge.kind == 'rw']
    if not against:
        return 'G1c' if 'wr' in kinds else 'G0'
    if len(against) == 1:
        one_key = len(cycle) == 2 and cycle[0].key == cycle[1].key and 'ww' in kinds
        return 'lost update' if one_key else 'G-single'
    return 'G2' if any(edge.by_range for edge in against) else 'G2-item'


class Graph:
    """Shortest ways between transactions. Only those within one strongly connected component are looked for."""

    def __init__(self, edges):
        self.out = defaultdict(list)
        for edge in edges:
            self.out[edge.source].append(edge)
        self.component = components(self.out)

    def path(self, source, target):
        """The edges from source to target, or None."""
        home = self.component.get(source)
        if home is None or home != self.component.get(target):
            return None
        came_by, layer = {source: None}, [source]
        while layer and target not in came_by:
            following = []
            for node in layer:
                for edge in self.out[node]:
                    if edge.target not in came_by and self.component.get(edge.target) == home:
                        came_by[edge.target] = edge
                        following.append(edge.target)
            layer = following
        if target not in came_by:
            return None
        way = []
        while came_by[target] is not None:
            way.append(came_by[target])
            target = came_by[target].source
        return way[::-1]


def components(out):
    """Tarjan's algorithm, without recursion: node -> the number of its strongly connected component."""
    index, low, component, on_stack, stack = {}, {}, {}, set(), []
    for root in list(out):
        if root in index:
            continue
        work = [(root, iter(out[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for edge in rest:
                target = edge.target
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(out.get(target, ()))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component[member] = node
                        if member == node:
                            break
    return component


def check(history):
    return Checker(history).check()


def names(anomalies):
    return {anomaly.name for anomaly in anomalies}
