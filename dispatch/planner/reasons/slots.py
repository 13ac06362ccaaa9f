"""A need that is only thought of: how many people could take it at each time of the week, and how likely it fills.

The rules that do not ask when are judged once a day with the planner's own arrays. What depends on the time (free
spans, promises with the way and the rest around them, limits on hours and events) forbids or allows runs of slots, so
that a whole week is one table of people by slots; nobody is looked at twice.

The chance that a slot fills is that of at least so many yeses among those who would be asked: the nearest of the
eligible, ``ASKED`` a seat but never fewer than ``ASKED_LEAST``. How likely each says yes comes from ``odds``; without a
fitted model everybody says yes with the prior's chance.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from dispatch.planner.chances.odds import FACTORS, PRIOR_ANSWERS, PRIOR_YES, Ask, Odds
from dispatch.planner.desk import WINDING, month, open_desk, week
from dispatch.planner.eligibility import NAMES, Asked
from dispatch.planner.problem import Event, Id, Need, Problem, Shift, Span, Team, Venue
from dispatch.planner.search import rolling
from dispatch.planner.tables import STRIDE, Flags, Floats, Ints, Tables, kilometres, tabulate, trips

ASKED: Final = 5  # people who can be asked for a seat before its time has come
ASKED_LEAST: Final = 8
TIMED: Final = ("mode", "lead", "slot")  # factors of the odds that depend on when, not on who
UNFITTED: Final = Odds(math.log(PRIOR_YES / (PRIOR_ANSWERS - PRIOR_YES)))


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which the shift could begin, on the local ``day``; ``minute`` of that day."""

    start: int
    day: int
    minute: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What would be posted. The need's ``desired`` people are wanted; its mentors are not looked at. ``minutes``: of
    service; ``call`` and ``out`` around it. ``members``: of the team that alone may come; none = anybody."""

    need: Need
    event: Event
    venue: Venue
    minutes: int
    call: int = 0
    out: int = 0
    members: frozenset[Id] | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """By slot: ``eligible`` people and the ``chance`` that enough of those asked say yes. ``fit``: people whom nothing
    but time keeps from it, on the first day; ``refused``: how many others fail first at which rule; they sum to
    ``pool``."""

    slots: tuple[Slot, ...]
    eligible: Ints
    chance: Floats
    pool: int
    fit: int
    refused: dict[str, int]


def looked_up(asked: Asked, wish: Wish, slots: Sequence[Slot], now: int, odds: Odds = UNFITTED) -> Week:
    """The week of this wish. ``asked``: warm arrays of everybody, all promises as busy spans; ``now`` in minutes, for
    the lead time of offers. Slots in any order, at most a few hundred."""
    ordered = tuple(sorted(slots, key=lambda slot: slot.start))
    if not ordered:
        return Week((), np.zeros(0, np.int64), np.zeros(0), len(asked.tables.problem.people), 0, {})
    days = sorted({slot.day for slot in ordered})
    fits, refused = _fits(asked, wish, ordered, days)
    people = np.flatnonzero(fits.any(axis=0))
    tables = asked.tables
    far = kilometres(tables.people.lat[people], tables.people.lon[people], *_point(wish.venue))
    people = people[np.argsort(far, kind="stable")]
    able = _able(tables, people, wish, ordered)
    able &= fits[:, people].T[:, [days.index(slot.day) for slot in ordered]]
    chance = _chances(tables, people, able, wish, ordered, now, odds)
    counts = {NAMES[r]: int(refused[r]) for r in np.flatnonzero(refused)}
    return Week(ordered, able.sum(axis=0), chance, fits.shape[1], int(fits[0].sum()), counts)


def _fits(asked: Asked, wish: Wish, slots: Sequence[Slot], days: list[int]) -> tuple[Flags, Ints]:
    """By day and person: whether nothing but time is against it; and who fails first at what on the first day. What
    ends (a skill, a check, a consent) must last until the day's last slot ends."""
    last = {day: max(slot.start for slot in slots if slot.day == day) for day in days}
    shifts = tuple(
        Shift(f"s{day}", wish.event.id, wish.venue.id, last[day], last[day] + wish.minutes, day) for day in days
    )
    teams = _team(asked.tables, wish.members)
    team = teams[0].id if teams else None
    needs = tuple(replace(wish.need, id=f"n{day}", shift=f"s{day}", team=team, mentor=None) for day in days)
    events, venues = (wish.event,), (wish.venue,)
    posed = Problem("wish", Span(0, 0), teams=teams, venues=venues, events=events, shifts=shifts, needs=needs)
    made = tabulate(open_desk(posed))
    judge = asked.under(replace(asked.tables, problem=posed, desk=made.desk, needs=made.needs))
    fits = np.zeros((len(days), len(asked.tables.people.lat)), np.bool_)
    first = None
    for number in range(len(days)):
        pool, refused = judge.fit(number)
        fits[number, pool] = True
        first = refused if first is None else first
    assert first is not None
    return fits, first


def _team(tables: Tables, members: frozenset[Id] | None) -> tuple[Team, ...]:
    """Who alone may come, by a name that says who they are: verdicts are remembered by name."""
    if members is None:
        return ()
    known = tuple(sorted(members & tables.person_number.keys()))
    return (Team(hashlib.sha256(" ".join(known).encode()).hexdigest(), known, 1),)


def _point(venue: Venue) -> tuple[float, float]:
    return (venue.at.lat, venue.at.lon) if venue.at else (np.nan, np.nan)


def _able(tables: Tables, people: Ints, wish: Wish, slots: Sequence[Slot]) -> Flags:
    """By person and slot: free then, and no promise or limit against it."""
    start = np.array([slot.start for slot in slots], np.int64)
    day = np.array([slot.day for slot in slots], np.int64)
    begins, ends = start - wish.call, start + wish.minutes + wish.out
    size = len(people)
    free = tables.people.free
    low, high = np.searchsorted(free.keys, people * STRIDE), np.searchsorted(free.keys, (people + 1) * STRIDE)
    who, row = _each(low, high)
    inside = _Runs(size, len(slots))
    inside.add(
        who, np.searchsorted(begins, free.keys[row] % STRIDE), np.searchsorted(ends, free.ends[row], side="right")
    )
    against = _Runs(size, len(slots))
    _promised(tables, people, wish, begins, ends, day, against)
    able: Flags = (inside.table() > 0) & (against.table() == 0)
    able &= _within_limits(tables, people, wish, day)
    return able


class _Runs:
    """Counts, in a table of people by slots, of the runs of slots that each person was given."""

    def __init__(self, people: int, slots: int) -> None:
        self.people, self.slots = people, slots
        self.flat = np.zeros(people * (slots + 1), np.int64)

    def add(self, who: Ints, first: Ints, last: Ints) -> None:
        """``first`` up to but not including ``last``."""
        some = first < last
        at = who[some] * (self.slots + 1)
        self.flat += np.bincount(at + first[some], minlength=len(self.flat))
        self.flat -= np.bincount(at + last[some], minlength=len(self.flat))

    def table(self) -> Ints:
        table: Ints = np.cumsum(self.flat.reshape(self.people, self.slots + 1), axis=1)[:, :-1]
        return table


def _each(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Every row ``low[i] .. high[i] - 1`` with its i."""
    count = high - low
    who = np.repeat(np.arange(len(low)), count)
    return who, np.arange(len(who)) - np.repeat(np.cumsum(count) - count - low, count)


def _promised(tables: Tables, people: Ints, wish: Wish, begins: Ints, ends: Ints, day: Ints, against: _Runs) -> None:
    """Slots that a promise forbids: too near in time for the way between, or, on another day, for the rest."""
    promises = tables.promises
    who, row = _each(promises.first[people], promises.first[people + 1])
    lat, lon = _point(wish.venue)
    far = kilometres(promises.lat[row], promises.lon[row], lat, lon)
    trip = trips(far * WINDING, tables.people.speed[people[who]])
    start, end = promises.start[row], promises.end[row]
    against.add(who, np.searchsorted(ends, start - trip, side="right"), np.searchsorted(begins, end + trip))
    rest = tables.people.rest[people[who]]
    first, last = np.searchsorted(ends, start - rest, side="right"), np.searchsorted(begins, end + rest)
    today, tomorrow = np.searchsorted(day, promises.day[row]), np.searchsorted(day, promises.day[row], side="right")
    against.add(who, first, np.minimum(last, today))
    against.add(who, np.maximum(first, tomorrow), last)


def _within_limits(tables: Tables, people: Ints, wish: Wish, day: Ints) -> Flags:
    """By person and slot: hours of the day, week and month and events of the month not used up."""
    limits, promises = tables.people, tables.promises
    who, row = _each(promises.first[people], promises.first[people + 1])
    weeks, months = np.array([week(d) for d in day.tolist()]), np.array([month(d) for d in day.tolist()])
    minutes, ones = promises.minutes[row], np.ones(len(row), np.int64)
    able = np.ones((len(people), len(day)), np.bool_)
    for slots, theirs, added, more, limit in (
        (day, promises.day[row], minutes, wish.minutes, limits.max_day),
        (weeks, promises.week[row], minutes, wish.minutes, limits.max_week),
        (months, promises.month[row], minutes, wish.minutes, limits.max_month),
        (months, promises.month[row], ones, 1, limits.max_events),
    ):
        periods, column = np.unique(slots, return_inverse=True)
        at = np.minimum(np.searchsorted(periods, theirs), len(periods) - 1)
        mine = periods[at] == theirs
        have = np.bincount(who[mine] * len(periods) + at[mine], added[mine], len(people) * len(periods))
        fits = have.reshape(len(people), len(periods)) + more <= limit[people, None]
        able &= fits[:, column]
    bound = np.flatnonzero(rolling.limited(tables)[people])
    columns, column = np.unique(day, return_inverse=True)
    able[bound] &= _rolls(tables, people[bound], wish.minutes, columns)[:, column]
    return able


def _rolls(tables: Tables, people: Ints, more: int, days: Ints) -> Flags:
    """By person and day: whether any seven days around it still hold the wish."""
    most = np.zeros((len(people), len(days)), np.int64)
    who, when = np.repeat(people, len(days)), np.tile(days, len(people))
    for before in range(rolling.DAYS):
        np.maximum(most, rolling.promised(tables, who, when - before).reshape(most.shape), out=most)
    fits: Flags = most + more <= tables.people.max_rolling[people, None]
    return fits


def _chances(
    tables: Tables, people: Ints, able: Flags, wish: Wish, slots: Sequence[Slot], now: int, odds: Odds
) -> Floats:
    """By slot the probability of at least the desired yeses among the nearest who would be asked."""
    wanted = max(1, wish.need.desired)
    most = max(ASKED_LEAST, ASKED * wanted)
    place, (who, slot) = np.cumsum(able, axis=0), np.nonzero(able)
    chosen = place[who, slot] <= most
    who, slot = who[chosen], slot[chosen]
    theirs, base = _persons(tables, people, np.unique(who), wish, odds), _times(wish, slots, now, odds)
    told = np.full((most, len(slots)), -np.inf)
    told[place[who, slot] - 1, slot] = theirs[who] + base[slot]
    far = math.sqrt(3) * odds.shock  # what all have in common: as ``counts.alike``, here for all slots at once
    weathers = ((2 / 3, 0.0), (1 / 6, -far), (1 / 6, far)) if far else ((1.0, 0.0),)
    enough: Floats = np.sum([weight * _enough(told + shift, wanted) for weight, shift in weathers], axis=0)
    return enough


def _enough(told: Floats, wanted: int) -> Floats:
    """By slot the probability of ``wanted`` yeses. ``told``: log-odds by person asked and slot; -inf = nobody."""
    mass = np.zeros((wanted + 1, told.shape[1]))
    mass[0] = 1
    for row in np.where(np.isneginf(told), 0, np.clip(1 / (1 + np.exp(-told)), 0.01, 0.99)):
        mass[wanted] += mass[wanted - 1] * row
        mass[1:wanted] += (mass[: wanted - 1] - mass[1:wanted]) * row
        mass[0] *= 1 - row
    enough: Floats = np.clip(mass[wanted], 0, 1)
    return enough


def _persons(tables: Tables, people: Ints, who: Ints, wish: Wish, odds: Odds) -> Floats:
    """What the model says of each person at this place, whatever the time: a part of the log-odds."""
    shift = np.zeros(len(people))
    lat, lon = _point(wish.venue)
    far = kilometres(tables.people.lat[people[who]], tables.people.lon[people[who]], lat, lon)
    for i, km in zip(who.tolist(), far.tolist(), strict=True):
        person = tables.problem.people[people[i]].id
        ask = Ask(person, wish.event.mode, 0, 0, 0, km, wish.event.region)
        keys = [key for key in zip(FACTORS, ask.levels(), strict=True) if key[0] not in TIMED]
        shift[i] = sum(odds.factors.get(key, (0.0, 0))[0] for key in keys)
        shift[i] += odds.people.get(person, (0.0, 0))[0] + odds.kinds.get((person, wish.event.mode), (0.0, 0))[0]
    return shift


def _times(wish: Wish, slots: Sequence[Slot], now: int, odds: Odds) -> Floats:
    """The part of the log-odds that depends on when, and the base."""
    found = []
    for slot in slots:
        weekday = (slot.day - 1) % 7
        ask = Ask("", wish.event.mode, max(0, slot.start - now), weekday, slot.minute)
        keys = [key for key in zip(FACTORS, ask.levels(), strict=True) if key[0] in TIMED]
        found.append(odds.base + sum(odds.factors.get(key, (0.0, 0))[0] for key in keys))
    return np.array(found)
