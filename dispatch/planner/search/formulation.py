"""A choice of candidates as a program: the seats' side, and how both sides meet. What binds people: ``ties``.

All rules stand here; only the fairness of hours may be folded into what each line is worth (``net``). A program may
state one part of a city alone: people whose home is elsewhere are bought, own people sell themselves to the needs of
other parts, both at given prices.
"""

from dataclasses import dataclass

import numpy as np

from dispatch.planner.candidates import Candidates
from dispatch.planner.goals import Seats
from dispatch.planner.search import ties
from dispatch.planner.search.knots import Knots
from dispatch.planner.search.program import Draft, Program, Rows
from dispatch.planner.search.reserve import Reserve
from dispatch.planner.search.rivals import Rivals
from dispatch.planner.search.sides import together
from dispatch.planner.tables import Flags, Floats, Ints, Tables


@dataclass(frozen=True, slots=True)
class Trade:
    """``mine``: the needs of this part. On each of them up to ``supply`` people from elsewhere may be had at ``price``;
    what own people do on other needs earns that price."""

    mine: Flags
    price: Ints
    supply: Ints


@dataclass(frozen=True, slots=True)
class Formulation:
    """The program, which candidate each of its first columns is, and the needs and series that its rows ``seat`` and
    ``series`` are of."""

    program: Program
    rows: Ints
    needs: Ints
    series: Ints


@dataclass(frozen=True, slots=True)
class Ground:
    """What all programs over one scope share. ``net``: what each candidate adds by itself with its person's fairness
    taken off, never less than in any plan. ``reserve``: further pairs that prices may ask for."""

    tables: Tables
    value: Seats
    open_needs: Flags
    pairs: Candidates
    net: Ints
    rivals: Rivals
    reserve: Reserve | None = None

    @property
    def far(self) -> Floats:
        return self.tables.roads


def formulate(
    ground: Ground, rows: Ints, *, exact: bool = False, trade: Trade | None = None, knots: Knots | None = None
) -> Formulation:
    """The program over the candidates ``rows`` (ascending); ``exact``: fairness hour by hour instead of ``net``."""
    draft = Draft()
    tables, pairs = ground.tables, ground.pairs
    person, need = pairs.person[rows], pairs.need[rows]
    mine = ground.open_needs | True if trade is None else trade.mine
    worth = pairs.worth[rows] if exact else ground.net[rows]
    if trade is not None:
        worth = worth + np.where(mine[need], 0, trade.price[need])
    x = draft.columns(worth, np.ones(len(rows), np.int64), whole=True)
    seats = _seats(draft, ground, mine, trade, x, need)
    _teams(draft, tables, ground.rivals, seats, _runs(draft, tables, seats))
    _mentors(draft, tables, seats.y, seats.d, seats.first, seats.more)
    use = ties.uses(draft, tables, person)
    ties.clashes(draft, tables, ground.far, x, person, need, use)
    ties.hours(draft, tables, pairs, rows, x)
    ties.months(draft, tables, pairs, rows, x)
    tutors = ties.series(draft, tables, x, person, need)
    if knots is not None:
        ties.knotted(draft, knots, rows, x, tutors)
    ties.enemies(draft, tables, x, person, need)
    if exact:
        ties.fairness(draft, tables, pairs, rows, x)
    tutored = np.unique(tables.needs.series[need[ties.tutored(tables, need)]])
    return Formulation(draft.program(), rows, np.flatnonzero(mine), tutored)


@dataclass(frozen=True, slots=True)
class _Seats:
    """Of each need the columns of its mandatory (``y``) and wished (``d``) seats, and how many of each are free."""

    y: Ints
    d: Ints
    first: Ints
    more: Ints


def _seats(draft: Draft, ground: Ground, mine: Flags, trade: Trade | None, x: Ints, need: Ints) -> _Seats:
    """People on a need = its filled mandatory and desired seats."""
    needs, value = ground.tables.needs, ground.value
    size = len(mine)
    free = np.where(ground.open_needs & mine, needs.cap - needs.firm, 0)
    first = np.minimum(np.maximum(needs.low - needs.firm, 0), free)
    more = free - first
    here = np.flatnonzero(mine)
    y, d, seat = np.full(size, -1, np.int64), np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    y[here] = draft.columns(value.top[here], first[here], whole=True)
    d[here] = draft.columns(value.desired[here], more[here], whole=True)
    seat[here] = np.arange(len(here))
    own = mine[need]
    row, column = [seat[need[own]], seat[here], seat[here]], [x[own], y[here], d[here]]
    weight = [np.full(int(own.sum()), -1, np.int64), np.ones(2 * len(here), np.int64)]
    if trade is not None:
        sold = np.flatnonzero(mine & (free > 0) & (trade.supply > 0))
        row.append(seat[sold])
        column.append(draft.columns(-trade.price[sold], np.minimum(trade.supply, free)[sold], whole=False))
        weight.append(np.full(len(sold), -1, np.int64))
    zeros = np.zeros(len(here))
    draft.rows.append(Rows("seat", np.concatenate(row), np.concatenate(column), np.concatenate(weight), zeros, zeros))
    odd = np.flatnonzero((value.desired > value.top) & (first > 0) & (more > 0))  # wished seats still come second
    full = _switches(draft, odd, size)
    _at_least(draft, "first", odd, odd, y, None, first[odd], full[odd])
    _whole(draft, "second", odd, None, d, first, more, full)
    return _Seats(y, d, first, more)


def _runs(draft: Draft, tables: Tables, seats: _Seats) -> Ints:
    """Events that go whole or not at all. Returns each event's switch, -1 = none."""
    needs, events = tables.needs, tables.problem.events
    y, d, first, more = seats.y, seats.d, seats.first, seats.more
    some = np.isin(np.arange(len(events)), needs.event[first + more > 0])
    z = _switches(draft, np.flatnonzero(together(tables) & some), len(events))
    mine = np.flatnonzero((z[needs.event] >= 0) & (first + more > 0))
    _whole(draft, "runs", mine, y, d, first, more, z[needs.event])
    led = np.array([e.leader for e in events], np.bool_)[needs.event] & needs.leader
    lead = np.flatnonzero(led & (z[needs.event] >= 0) & (first > 0))
    _at_least(draft, "leader", lead, lead, y, d, first[lead], z[needs.event[lead]])
    lack = _lacking(tables)
    crowd = np.flatnonzero((z[needs.event] >= 0) & (lack > 0))
    _at_least(draft, "quorum", crowd, needs.shift[crowd], y, d, lack[crowd], z[needs.event[crowd]])
    return z


def _teams(draft: Draft, tables: Tables, rivals: Rivals, seats: _Seats, z: Ints) -> None:
    """Teams that go whole or not at all; with their event, if it cannot run without; of rivals only one."""
    needs = tables.needs
    y, d, first, more = seats.y, seats.d, seats.first, seats.more
    free = first + more
    team = np.flatnonzero((needs.cast > 0) & (free > 0))
    b = _switches(draft, team, len(free))
    _whole(draft, "goes", team, y, d, first, more, b)
    lack = needs.cast - needs.firm
    cast = team[lack[team] > 0]
    _at_least(draft, "cast", cast, cast, y, d, lack[cast], b[cast])
    others = np.bincount(needs.shift, free, len(tables.problem.shifts))[needs.shift] - free
    must = cast[(z[needs.event[cast]] >= 0) & (_lacking(tables)[cast] > others[cast])]
    both, ones = np.tile(np.arange(len(must)), 2), np.ones(len(must), np.int64)
    draft.less("whole", both, np.concatenate([z[needs.event[must]], b[must]]), np.concatenate([ones, -ones]), 0)
    rival = b[rivals.need] >= 0
    draft.less("rivals", rivals.group[rival], b[rivals.need[rival]], 1, rivals.most)


def _lacking(tables: Tables) -> Ints:
    """How many people each need's shift still lacks for its event's quorum."""
    needs = tables.needs
    quorum = np.array([e.quorum for e in tables.problem.events], np.int64)[needs.event]
    there = np.bincount(needs.shift, needs.firm, len(tables.problem.shifts)).astype(np.int64)
    lack: Ints = quorum - there[needs.shift]
    return lack


def _switches(draft: Draft, which: Ints, size: int) -> Ints:
    """A switch for each of these, -1 = none."""
    switch = np.full(size, -1, np.int64)
    switch[which] = draft.columns(np.zeros(len(which), np.int64), np.ones(len(which), np.int64), whole=True)
    return switch


def _mentors(draft: Draft, tables: Tables, y: Ints, d: Ints, first: Ints, more: Ints) -> None:
    """So many learners for each mentor. Where firm learners are too many already, a switch says that more come."""
    needs = tables.needs
    which = np.flatnonzero((needs.mentor >= 0) & (first + more > 0))
    mentor, each = needs.mentor[which], needs.per_mentor[which]
    spare = each * needs.firm[mentor] - needs.firm[which]
    over = which[spare < 0]
    more_come = _switches(draft, over, len(first))
    _whole(draft, "learns", over, y, d, first, more, more_come)
    ones = np.ones(len(which), np.int64)
    row = np.concatenate([np.tile(np.arange(len(which)), 4), np.flatnonzero(spare < 0)])
    column = np.concatenate([y[which], d[which], y[mentor], d[mentor], more_come[over]])
    weight = np.concatenate([ones, ones, -each, -each, -spare[spare < 0]])
    draft.less("mentor", row, column, weight, np.maximum(0, spare))


def _whole(
    draft: Draft, name: str, which: Ints, y: Ints | None, d: Ints, first: Ints, more: Ints, switch: Ints
) -> None:
    """Seats of these needs are filled only when their switch is on."""
    for kind, seat, most in (("first", y, first), ("more", d, more)):
        if seat is None:
            continue
        mine = which[most[which] > 0]
        row = np.tile(np.arange(len(mine)), 2)
        column = np.concatenate([seat[mine], switch[mine]])
        weight = np.concatenate([np.ones(len(mine), np.int64), -most[mine]])
        draft.less(f"{name} {kind}", row, column, weight, 0)


def _at_least(
    draft: Draft, name: str, which: Ints, group: Ints, y: Ints, d: Ints | None, lack: Ints, switch: Ints
) -> None:
    """Where the switch is on, each group of needs takes at least what it lacks (equal within the group)."""
    _, first, number = np.unique(group, return_index=True, return_inverse=True)
    seats = [y[which]] if d is None else [y[which], d[which]]
    row = np.concatenate([number] * len(seats) + [np.arange(len(first))])
    column = np.concatenate([*seats, switch[first]])
    weight = np.concatenate([np.full(len(seats) * len(which), -1, np.int64), lack[first]])
    draft.less(name, row, column, weight, 0)
