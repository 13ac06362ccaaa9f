"""People whom nothing binds but one limit of hours each, and needs for one: what each person would choose at prices.

The need's seat is what is priced (Lagrangian relaxation of the assignment, Fisher 1981); each person then fills his
hours in whole lines, exactly, by dynamic programming over minutes. That bound is nearer than the linear relaxation's,
which fills hours with parts of lines, and what a line loses there tells whether any good choice holds it (Posta,
Ferland and Michelon 2012). Everything is counted in whole numbers, so all of it is certain.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from dispatch.planner.search.formulation import Formulation
from dispatch.planner.search.program import Program
from dispatch.planner.tables import Flags, Ints

SCALE = 1024  # prices are counted in such parts of what gains are counted in
CELLS = 400_000  # people by needs, and people by minutes, that are looked at
WORK = 1 << 27  # people by needs by minutes: so long nobody looks at the clock
BLOCK = 1 << 22  # cells of one table, eight bytes each; some people after the others where all need more
ALONE = 1 << 24  # and those of one person
MOST = 1 << 40  # gains and loads that are still added exactly
NEVER = 1 << 60
PERIODS = frozenset(("hours_day", "hours_week", "hours_month", "hours_rolling"))
TURNS, PATIENCE = 3_000, 10  # steps of prices; as many in vain, after which they become shorter
SHORTER, INERTIA, SHORTEST = 0.7, 0.3, 0.001


@dataclass(frozen=True, slots=True)
class Budgets:
    """People down, needs across. ``gain``: what the person adds there, the seat included; ``load`` of ``room``: both in
    steps of time that all loads share; ``able``: who may. The last person is nobody: gains and takes nothing. ``row``:
    which candidate, -1 = none. ``seat``: what each need's seat is worth by itself."""

    gain: Ints
    load: Ints
    room: Ints
    able: Flags
    row: Ints
    seat: Ints

    def part(self, people: Ints, needs: Ints) -> "Budgets":
        some = np.ix_(people, needs)
        return Budgets(
            self.gain[some], self.load[some], self.room[people], self.able[some], self.row[some], self.seat[needs]
        )

    def given(self, people: Ints, needs: Ints) -> "Budgets | None":
        """What is left once these people serve these needs; none when their hours do not suffice."""
        room = self.room - np.bincount(people, self.load[people, needs], len(self.room)).astype(np.int64)
        if (room < 0).any():
            return None
        rest = np.delete(np.arange(len(self.seat)), needs)
        load = self.load[:, rest]
        able = self.able[:, rest] & (load <= room[:, None])
        return Budgets(self.gain[:, rest], load, room, able, self.row[:, rest], self.seat[rest])

    def chosen(self, rows: Ints) -> Ints:
        """Who serves each need when these candidates are chosen."""
        people, needs = np.nonzero(np.isin(self.row, rows) & (self.row >= 0))
        found = np.full(len(self.seat), len(self.room) - 1, np.int64)
        found[needs] = people
        return found

    def rows(self, chosen: Ints) -> Ints:
        """The candidates of a choice, ascending."""
        found = self.row[chosen, np.arange(len(chosen))]
        return np.sort(found[found >= 0])

    def worth(self, chosen: Ints) -> int:
        """What a choice adds: for each need a person."""
        return int(self.gain[chosen, np.arange(len(chosen))].sum())

    def holds(self, chosen: Ints) -> bool:
        """Whether everybody's hours suffice, and everybody may."""
        each = np.arange(len(chosen))
        taken = np.bincount(chosen, self.load[chosen, each], len(self.room))
        return bool((taken <= self.room).all() and self.able[chosen, each].all())


def budgets(form: Formulation, person: Ints) -> Budgets | None:
    """The program of candidates of these people read so; none where anything else binds, or it is too large."""
    size = len(form.rows)
    seats, limits = _seats(form.program, size), _limits(form.program, size, person)
    if not size or seats is None or limits is None:
        return None
    (need, top), (load, room) = seats, limits
    who, at = np.unique(person, return_inverse=True)
    shape = len(who) + 1, len(top)
    if shape[0] * shape[1] > CELLS:
        return None
    gain, loads, row = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.full(shape, -1, np.int64)
    gain[at, need] = form.program.worth[:size] + top[need]
    loads[at, need], row[at, need] = load, form.rows
    step = max(1, int(np.gcd.reduce(load)))
    loads, rooms = loads // step, np.append(room[who], 0) // step
    rooms = np.minimum(rooms, loads.sum(axis=1))
    wide = int(rooms.max()) + 1
    if shape[0] * wide > CELLS or shape[0] * shape[1] * wide > WORK or _cells(shape[1], wide) > ALONE:
        return None
    if int(np.abs(gain).max()) * SCALE * shape[1] > MOST:
        return None
    able = (row >= 0) & (loads <= rooms[:, None])
    able[-1] = True
    return Budgets(gain, loads, rooms, able, row, top)


def _seats(program: Program, size: int) -> tuple[Ints, Ints] | None:
    """Each candidate's need, and what the only free seat of each need is worth."""
    rows = next((rows for rows in program.rows if rows.name == "seat"), None)
    if rows is None:
        return None
    takes = rows.column < size
    seat, column = rows.row[~takes], rows.column[~takes]
    free = np.bincount(seat, program.high[column], len(rows.low))
    need = np.full(size, -1, np.int64)
    need[rows.column[takes]] = rows.row[takes]
    if (free != 1).any() or (need < 0).any() or len(np.unique(column)) < len(program.worth) - size:
        return None
    top = np.bincount(seat, program.high[column] * program.worth[column], len(rows.low))
    return need, np.rint(top).astype(np.int64)


def _limits(program: Program, size: int, person: Ints) -> tuple[Ints, Ints] | None:
    """What each candidate takes of its person's only limit, and how much that is; what says the same in steps is
    passed over."""
    load, room = np.zeros(size, np.int64), np.zeros(int(person.max(initial=0)) + 1, np.int64)
    bound = np.zeros(len(room), np.bool_)
    for rows in program.rows:
        kind, _, tag = rows.name.partition(" ")
        if rows.name == "seat" or (kind in PERIODS and tag.isdigit()):
            continue
        who = rows.owner
        if kind not in PERIODS or who is None or bound[who].any() or len(np.unique(who)) < len(who):
            return None
        bound[who] = True
        load[rows.column], room[who] = rows.weight, np.rint(rows.high).astype(np.int64)
    return load, room


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What some people would take at some prices, if anything, whoever would take most first: ``value`` and ``load`` of
    it, ``need`` which; the rest of each row is empty. ``who``: which person a row is of, with ``room``; ``rows``: how
    many rows have a line t; ``count``: how many lines a row has."""

    who: Ints
    room: Ints
    need: Ints
    value: Ints
    load: Ints
    count: Ints
    rows: tuple[int, ...]


def chosen(hours: Budgets, prices: Ints) -> tuple[int, Ints]:
    """What no choice adds more than, in parts of ``SCALE``, and how many people want each need at these prices."""
    bound, often = int(prices.sum()), np.zeros(len(prices), np.int64)
    for wanted in _wanted(hours, prices):
        best, picked = _picked(wanted)
        bound += best
        often += np.bincount(picked, minlength=len(prices))
    return bound, often


def _picked(wanted: _Wanted) -> tuple[int, Ints]:
    """What these people get, and the needs that they take for it."""
    table = _start(wanted, 1)
    best, each = table.best[0], np.arange(len(wanted.who))
    takes = np.empty((len(wanted.rows), *best.shape), np.bool_)
    for t, some in enumerate(wanted.rows):
        then = table.taken(0, t)
        np.greater(then, best[:some], out=takes[t, :some])
        np.maximum(then, best[:some], out=best[:some])
    left, picked = np.full(len(each), table.top, np.int64), [each[:0]]
    for t in range(len(wanted.rows) - 1, -1, -1):
        some = wanted.rows[t]
        taken = takes[t, each[:some], left[:some]]
        picked.append(wanted.need[:some, t][taken])
        left[:some] -= taken * wanted.load[:some, t]
    return int(best[:, -1].sum()), np.concatenate(picked)


def losses(hours: Budgets, prices: Ints) -> tuple[Ints, Ints]:
    """What each person gets at these prices, of which with all prices the bound consists; and how far below the bound
    everything stays that gives each need to each person."""
    best, loss = np.empty(len(hours.room), np.int64), np.empty_like(hours.gain)
    without = np.zeros_like(loss)
    for wanted in _wanted(hours, prices):
        forward, behind = _forward(wanted), _backward(wanted).best
        ahead, top, who = forward.best, forward.top, wanted.who
        last = ahead[wanted.count, np.arange(len(who))]
        best[who] = last[:, top]
        alone = np.take_along_axis(last, np.maximum(top - hours.load[who], 0), 1)
        loss[who] = best[who, None] - (hours.gain[who] * SCALE - prices) - alone
        for t, some in enumerate(wanted.rows):
            person, need = who[:some], wanted.need[:some, t]
            rest = behind[t + 1, :some, ::-1]
            loss[person, need] = best[person] - (forward.taken(t, t) + rest).max(axis=1)
            without[person, need] = best[person] - (ahead[t, :some] + rest).max(axis=1)
    loss += without.sum(axis=0) - without  # whoever else would have taken it does not
    return best, np.where(hours.able, np.minimum(loss, NEVER), NEVER)


def _wanted(hours: Budgets, prices: Ints) -> Iterator[_Wanted]:
    """All people, as many at a time as a table holds."""
    value = np.where(hours.able, hours.gain * SCALE - prices, 0)
    count = (value > 0).sum(axis=1)
    order, wide = np.argsort(-count, kind="stable"), int(hours.room.max()) + 1
    while len(order):
        several = int(count[order[0]])
        who, order = np.split(order, [max(1, BLOCK // _cells(several + 1, wide))])
        need = np.argsort(-value[who], axis=1, kind="stable")[:, :several]
        high = np.maximum(np.take_along_axis(value[who], need, 1), 0)
        load = np.where(high > 0, np.take_along_axis(hours.load[who], need, 1), 0)
        rows = np.searchsorted(-count[who], -np.arange(several), side="left")
        yield _Wanted(who, hours.room[who], need, high, load, count[who], tuple(rows.tolist()))


def _cells(lines: int, wide: int) -> int:
    """What a table of one person has at most: the minutes, and as many again in which nothing fits."""
    return lines * 2 * wide


class _Table:
    """[t, row, minutes]: the most that some lines are worth within so many minutes. Left of them lies ``pad``, where
    nothing fits. A row is filled as far as it has lines."""

    def __init__(self, wanted: _Wanted, size: int) -> None:
        self.wanted = wanted
        pad, self.top = int(wanted.load.max(initial=0)), int(wanted.room.max(initial=0))
        people, width = len(wanted.who), pad + self.top + 1
        self._cells = np.empty((size, people, width), np.int64)
        self._cells[:, :, :pad] = -NEVER
        self._at = np.arange(people)[:, None] * width + np.arange(pad, width)
        self.best = self._cells[:, :, pad:]

    def taken(self, line: int, t: int) -> Ints:
        """What minutes in ``line`` are worth to all rows that have a line ``t`` once they take it, too."""
        some = self.wanted.rows[t]
        found: Ints = self._cells[line].reshape(-1).take(self._at[:some] - self.wanted.load[:some, t, None])
        found += self.wanted.value[:some, t, None]
        return found


def _start(wanted: _Wanted, size: int) -> _Table:
    """Of no lines; what the person lacks of the largest room is gone already."""
    table = _Table(wanted, size)
    lacks = table.top - wanted.room
    table.best[0] = np.where(np.arange(table.top + 1) < lacks[:, None], -NEVER, 0)
    return table


def _forward(wanted: _Wanted) -> _Table:
    """Of the first t lines."""
    table = _start(wanted, len(wanted.rows) + 1)
    for t, some in enumerate(wanted.rows):
        np.maximum(table.best[t, :some], table.taken(t, t), out=table.best[t + 1, :some])
    return table


def _backward(wanted: _Wanted) -> _Table:
    """Of the lines from t on, whatever the person's room."""
    table = _Table(wanted, len(wanted.rows) + 1)
    table.best[wanted.count, np.arange(len(wanted.count))] = 0
    for t in range(len(wanted.rows) - 1, -1, -1):
        some = wanted.rows[t]
        np.maximum(table.best[t + 1, :some], table.taken(t + 1, t), out=table.best[t, :some])
    return table


def lowered(
    hours: Budgets, prices: Ints, goal: int, *, turns: int = TURNS, reach: int = 0, left: Callable[[], float]
) -> tuple[int, Ints]:
    """Prices of a low bound, and it, from these prices on by subgradient steps (Held, Wolfe and Crowder 1974) as if
    the best were ``reach`` lower. As soon as the bound is below ``goal``, both in parts of ``SCALE``, it ends: nothing
    that adds as much exists."""
    best, bound, kept, vain, length, way = NEVER, NEVER, prices, 0, 1.0, np.zeros(len(prices))
    for _ in range(turns):
        bound, often = chosen(hours, prices)
        if bound < best:
            best, kept, vain = bound, prices, 0
        else:
            vain += 1
        slope = often - 1
        if best < goal or not slope.any() or length < SHORTEST or left() <= 0:
            break
        way = slope + INERTIA * way
        if vain >= (PATIENCE if reach else 1):
            length, vain, prices = length * SHORTER, 0, kept
        step = length * (reach or max(bound - goal, SCALE // 4)) / float((way * way).sum())
        prices = prices + np.rint(step * way).astype(np.int64)
    return best, kept
