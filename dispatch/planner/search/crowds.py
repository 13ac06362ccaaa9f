"""Crowds: candidates of one person of which any two clash, so that one of them at most is chosen.

A program says so in one row a crowd: the larger the crowds, the less a relaxation believes in half lines.
"""

from dataclasses import dataclass

import numpy as np

from dispatch.planner.candidates import clash
from dispatch.planner.tables import Floats, Ints, Tables, trips

COUPLES = 20_000_000  # so many are compared at a time


def crowds(tables: Tables, person: Ints, need: Ints) -> Ints:
    """A number for each row (by person, then start); all rows with the same one overlap each other."""
    start, end = tables.needs.start[need], tables.needs.end[need]
    last = _end(person)
    opens = np.zeros(len(person), np.int64)
    head = np.flatnonzero(np.diff(person, prepend=-1))
    while len(head):
        opens[head] = 1
        soonest, row, mine = end[head], head + 1, np.arange(len(head))
        following = last[head]
        while len(mine):
            inside = row < last[head[mine]]
            mine, row = mine[inside], row[inside]
            later = start[row] >= soonest[mine]
            following[mine[later]] = row[later]
            mine, row = mine[~later], row[~later]
            soonest[mine] = np.minimum(soonest[mine], end[row])
            row = row + 1
        head = following[following < last[head]]
    numbers: Ints = np.cumsum(opens) - 1
    return numbers


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments at which a person's lines overlap most: line ``first[i]`` to ``last[i]`` are those of line i. Each
    moment's lines overlap each other, no moment's are part of another's, and fractions of lines that make one line at
    most of each moment are mixtures of whole schedules, as far as time alone binds. ``person`` of each, ascending."""

    person: Ints
    first: Ints
    last: Ints

    @property
    def size(self) -> int:
        """Lines of all moments together."""
        return int((self.last - self.first + 1).sum())


def moments(tables: Tables, person: Ints, need: Ints) -> Moments:
    """The moments of these rows (by person, then start)."""
    start, end = tables.needs.start[need], tables.needs.end[need]
    span = np.int64(end.max(initial=0) + 1)
    begins, ends = person * span + start, np.sort(person * span + end)
    until = np.append(begins[1:], np.zeros(min(1, len(begins)), np.int64))  # the next one begins
    until[_end(person) - 1] = (person + 1) * span
    largest = np.searchsorted(ends, until, side="right") > np.searchsorted(ends, begins, side="right")
    opens = begins[largest]
    first = np.searchsorted(opens, begins, side="left")
    last = np.searchsorted(opens, person * span + end, side="left") - 1
    return Moments(person[largest], first.astype(np.int64), last.astype(np.int64))


def clashing(tables: Tables, far: Floats, person: Ints, need: Ints, crowd: Ints) -> tuple[Ints, Ints]:
    """All pairs one < other of rows that clash though they are not of one crowd. ``far``: kilometres by road."""
    until = _reached(tables, far, person, need)
    count = until - np.arange(len(person)) - 1
    found = [_roles(tables, person, need, until)]
    for part in np.split(np.arange(len(person)), np.flatnonzero(np.diff(np.cumsum(count) // COUPLES)) + 1):
        one, other = _couples(part, count[part])
        apart = crowd[one] != crowd[other]
        one, other = one[apart], other[apart]
        broken = clash(tables, far, person[one], need[one], need[other])
        found.append((one[broken], other[broken]))
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])


def _reached(tables: Tables, far: Floats, person: Ints, need: Ints) -> Ints:
    """For each row the first row after it that neither rest nor the longest way keeps its person from."""
    start, end = tables.needs.start[need], tables.needs.end[need]
    reach = np.maximum(tables.people.rest, trips(np.full(1, far.max(initial=0.0)), tables.people.speed))[person]
    span = np.int64((end + reach).max(initial=0) + 1)
    return np.searchsorted(person * span + start, person * span + end + reach, side="left").astype(np.int64)


def _roles(tables: Tables, person: Ints, need: Ints, until: Ints) -> tuple[Ints, Ints]:
    """Rows out of each other's reach that clash all the same: two roles of one person at one event."""
    event, role = tables.needs.event[need], tables.needs.role[need]
    order = np.lexsort((role, event, person))
    group = person[order] * np.int64(event.max(initial=0) + 1) + event[order]
    last = _end(group) - 1
    order = order[role[order[np.searchsorted(group, group)]] != role[order[last]]]  # of one role nobody has two
    group = person[order] * np.int64(event.max(initial=0) + 1) + event[order]
    count = _end(group) - np.arange(len(order)) - 1
    found = [(order[:0], order[:0])]
    for part in np.split(np.arange(len(order)), np.flatnonzero(np.diff(np.cumsum(count) // COUPLES)) + 1):
        at, after = _couples(part, count[part])
        one, other = np.minimum(order[at], order[after]), np.maximum(order[at], order[after])
        broken = (other >= until[one]) & (role[one] != role[other])
        found.append((one[broken], other[broken]))
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])


def mixed(one: Ints, other: Ints, crowd: Ints) -> tuple[Ints, Ints, Ints]:
    """Crowds made of two, such that each of these clashes (rows ``one`` < ``other`` of different crowds) lies in one: a
    line, all lines of a later crowd that it clashes with, and whoever of its own crowd clashes with all of those.
    Returns the new crowds' numbers, the lines in them, and of each number one of its lines."""
    size = np.int64(len(crowd) + 1)
    anchors, anchor = np.unique(one * size + crowd[other], return_inverse=True)
    count = np.bincount(anchor, minlength=len(anchors))
    low, high, shared = _sharing(anchor, crowd[one] * size + other, len(anchors))
    inside, around = shared == count[low], shared == count[high]
    again = np.zeros(len(anchors), np.bool_)
    again[high[inside & around]] = True
    host, guest = np.concatenate([low[inside], high[around]]), np.concatenate([high[inside], low[around]])
    row = np.concatenate([anchor, np.arange(len(anchors)), host])
    line = np.concatenate([other, anchors // size, anchors[guest] // size])
    kept = ~again[row]
    return row[kept], line[kept], anchors // size


def _sharing(anchor: Ints, meeting: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """Anchors that meet the same: one, a later one, and how often. Where very many meet, nobody counts."""
    order = np.lexsort((anchor, meeting))
    _, number, crowd = np.unique(meeting[order], return_inverse=True, return_counts=True)
    small = np.zeros(len(crowd), np.bool_)
    by_size = np.argsort(crowd, kind="stable")
    small[by_size] = np.cumsum(crowd[by_size] ** 2) <= COUPLES
    kept = np.flatnonzero(small[number])
    which, group = anchor[order[kept]], number[kept]
    a, b = _couples(np.arange(len(group)), _end(group) - np.arange(len(group)) - 1)
    both, often = np.unique(which[a] * size + which[b], return_counts=True)
    return both // size, both % size, often


def _couples(rows: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Each row with so many rows that follow it."""
    one = np.repeat(rows, count)
    other = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count) + one + 1
    return one, other


def _end(group: Ints) -> Ints:
    """For each row the first row of the next group; rows of a group stand side by side, groups ascend."""
    return np.searchsorted(group, group, side="right").astype(np.int64)
