"""The free choices: eligible pairs that a plan may add to the firm lines, with what still binds each person.

Rows are sorted by person, then start. Firm lines are not among them; their hours, seats and events are already taken.
"""

from dataclasses import dataclass

import numpy as np

from dispatch.planner.eligibility import Eligible
from dispatch.planner.goals import worths
from dispatch.planner.tables import Flags, Floats, Ints, Tables, among, trips

SPARES = 1024  # more than the levels that anybody can have to spare: five for each of some skills asked


@dataclass(frozen=True, slots=True)
class Candidates:
    """``worth``: what the pair adds by itself, without seat and fairness; ``minutes``: what it counts.
    ``day_left``, ``week_left``, ``month_left``: minutes the person may still take in that period; ``events_left``:
    further events in that month, counted only for pairs whose event is ``fresh`` to the person.
    ``first[p]:first[p+1]`` are the rows of person p."""

    first: Ints
    person: Ints
    need: Ints
    worth: Ints
    minutes: Ints
    spare: Ints
    day_left: Ints
    week_left: Ints
    month_left: Ints
    events_left: Ints
    fresh: Flags
    base: Ints

    def __len__(self) -> int:
        return len(self.person)


def candidates(tables: Tables, pairs: Eligible, open_needs: Flags) -> Candidates:
    """The pairs on open needs with a free seat that are not firm lines already. ``base``: everybody's minutes in the
    ledger with the firm lines of this problem."""
    needs, people = tables.needs, tables.people
    firm = tables.held_person * len(open_needs) + tables.held_need
    keep = (open_needs & (needs.cap > needs.firm))[pairs.need]
    keep &= ~among(np.sort(firm[tables.held_firm]), pairs.person * len(open_needs) + pairs.need)
    order = np.lexsort((np.arange(len(open_needs)), needs.start))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    packed = (pairs.person[keep] * len(order) + rank[pairs.need[keep]]) * SPARES + pairs.spare[keep]
    packed.sort()  # several times faster than to sort numbers of rows
    person, need, spare = packed // SPARES // len(order), order[packed // SPARES % len(order)], packed % SPARES
    promised = tables.promises
    taken, fresh = _events(tables, person, need)
    return Candidates(
        np.searchsorted(person, np.arange(len(tables.problem.people) + 1)).astype(np.int64),
        person,
        need,
        worths(tables, person, need, spare),
        tables.minutes(person, need),
        spare,
        people.max_day[person] - _minutes(tables, promised.day, person, needs.day[need]),
        people.max_week[person] - _minutes(tables, promised.week, person, needs.week[need]),
        people.max_month[person] - _minutes(tables, promised.month, person, needs.month[need]),
        people.max_events[person] - taken,
        fresh,
        ledger(tables),
    )


def ledger(tables: Tables) -> Ints:
    """Everybody's minutes in the ledger with the firm lines of this problem."""
    promised = tables.promises
    mine = promised.need >= 0
    minutes = np.bincount(promised.person[mine], promised.minutes[mine], len(tables.problem.people))
    return tables.people.load + minutes.astype(np.int64)


def clash(tables: Tables, far: Floats, person: Ints, one: Ints, other: Ints) -> Flags:
    """Whether the person cannot serve on both needs: overlap, travel, rest, or two roles at one event. ``far``:
    kilometres by road between venues."""
    needs = tables.needs
    gap = np.maximum(needs.start[other] - needs.end[one], needs.start[one] - needs.end[other])
    broken: Flags = (gap < 0) | (needs.shift[one] == needs.shift[other])
    broken |= (needs.day[one] != needs.day[other]) & (gap < tables.people.rest[person])
    broken |= (needs.event[one] == needs.event[other]) & (needs.role[one] != needs.role[other])
    there = np.flatnonzero(~broken & (needs.venue[one] != needs.venue[other]))
    km = far[needs.venue[one[there]], needs.venue[other[there]]]
    broken[there] = gap[there] < trips(km, tables.people.speed[person[there]])
    return broken


def stopped(tables: Tables, pairs: Candidates, far: Floats, one: Ints, other: Ints) -> Flags:
    """Whether these two candidates of one person exclude each other, hours and events included."""
    needs = tables.needs
    a, b = pairs.need[one], pairs.need[other]
    broken = clash(tables, far, pairs.person[one], a, b)
    minutes = pairs.minutes[one] + pairs.minutes[other]
    for period, left in ((needs.day, pairs.day_left), (needs.week, pairs.week_left), (needs.month, pairs.month_left)):
        broken |= (period[a] == period[b]) & (minutes > left[one])
    two = pairs.fresh[one] & pairs.fresh[other] & (needs.event[a] != needs.event[b])
    broken |= two & (needs.month[a] == needs.month[b]) & (pairs.events_left[one] < 2)
    return broken


def _minutes(tables: Tables, period: Ints, person: Ints, wanted: Ints) -> Ints:
    """Minutes promised by each person in the wanted period."""
    promised = tables.promises
    size = np.int64(10_000_000)
    keys, inverse = np.unique(promised.person * size + period, return_inverse=True)
    sums = np.bincount(inverse, promised.minutes, len(keys)).astype(np.int64)
    return _looked_up(keys, sums, person * size + wanted)


def _events(tables: Tables, person: Ints, need: Ints) -> tuple[Ints, Flags]:
    """Events that each person has promised in the need's month, and whether the need's own is a further one."""
    promised, needs = tables.promises, tables.needs
    size = np.int64(10_000_000)
    busy = promised.event < 0
    which = np.where(busy, len(tables.problem.events) + np.arange(len(busy)), promised.event)
    month_keys = promised.person * size + promised.month
    span = len(tables.problem.events) + len(busy) + 1
    keys, inverse = np.unique(month_keys, return_inverse=True)
    distinct = np.unique(inverse * span + which)
    counts = np.bincount(distinct // span, minlength=len(keys)).astype(np.int64)
    taken = _looked_up(keys, counts, person * size + needs.month[need])
    at = np.minimum(np.searchsorted(keys, person * size + needs.month[need]), max(len(keys) - 1, 0))
    again = among(distinct, at * span + needs.event[need]) & (taken > 0)
    return taken, ~again


def _looked_up(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0)
