"""Which person can take which need: the pair rules once more, for arrays, a whole need (or all pairs) at a time.

``rules.why_not`` is the statement for people; a property test holds the two equal, rule by rule.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dispatch.planner.desk import WINDING
from dispatch.planner.problem import UNLIMITED, Need
from dispatch.planner.sieve import NUMBER, RULES, Judge
from dispatch.planner.tables import Flags, Ints, Tables, among, kilometres, trips

NAMES = RULES
CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class Eligible:
    """All pairs that break no pair rule, by need, then person. ``refused[n, r]``: people whose first failing rule on
    need n is ``NAMES[r]``; with the pairs of n they add up to everybody. Firm lines are judged like any other."""

    person: Ints
    need: Ints
    spare: Ints
    refused: Ints


@dataclass(frozen=True, slots=True)
class Judged:
    """The same, packed: the pairs of need n are the rows ``first[n]:first[n + 1]``, people ascending."""

    first: Ints
    person: npt.NDArray[np.int32]
    spare: npt.NDArray[np.int16]
    refused: Ints

    def eligible(self, needs: Ints | None = None) -> Eligible:
        """All pairs, or those of some ``needs`` (ascending)."""
        every = np.arange(len(self.first) - 1) if needs is None else needs
        count = np.diff(self.first)[every]
        rows = np.arange(int(count.sum())) + np.repeat(self.first[every] - np.cumsum(count) + count, count)
        person, spare = self.person[rows].astype(np.int64), self.spare[rows].astype(np.int64)
        return Eligible(person, np.repeat(every, count), spare, self.refused)

    def found(self, person: Ints, need: Ints) -> Ints:
        """The rows of those of these pairs that there are."""
        rows = self._rows(person, need)
        return rows[rows >= 0]

    def knows(self, person: Ints, need: Ints) -> Flags:
        """Which of these pairs there are."""
        there: Flags = self._rows(person, need) >= 0
        return there

    def _rows(self, person: Ints, need: Ints) -> Ints:
        """Each pair's row, -1 = it breaks a rule."""
        rows = [
            int(self.first[n]) + int(np.searchsorted(self.person[self.first[n] : self.first[n + 1]], p))
            for p, n in zip(person.tolist(), need.tolist(), strict=True)
        ]
        at = np.array(rows, np.int64)
        there = at < self.first[need + 1]
        there[there] = self.person[at[there]] == person[there]
        found: Ints = np.where(there, at, -1)
        return found


def eligible(tables: Tables) -> Eligible:
    """Judge everybody on every need."""
    return judge(tables).eligible()


def judge(tables: Tables) -> Judged:
    """Judge everybody on every need, packed."""
    alone = Judge(tables)
    refused = np.zeros((len(tables.problem.needs), len(NAMES)), np.int64)
    bonds = _Bonds(tables)
    count = np.zeros(len(tables.problem.needs), np.int64)
    done: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int16]]] = []
    waiting: list[tuple[Ints, Ints, Ints]] = []
    size = 0
    for number, need in enumerate(tables.problem.needs):
        people, spare = alone.alone(number, need, refused[number])
        waiting.append((people, np.full(len(people), number, np.int64), spare))
        size += len(people)
        if size > CHUNK or number == len(count) - 1:
            person, what, spare = _with_promises(tables, bonds, *_joined(waiting), refused)
            count += np.bincount(what, minlength=len(count))
            done.append((person.astype(np.int32), spare.astype(np.int16)))
            waiting, size = [], 0
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    none = np.zeros(0, np.int32), np.zeros(0, np.int16)
    persons, spares = zip(*done, strict=True) if done else ((none[0],), (none[1],))
    return Judged(first, np.concatenate(persons), np.concatenate(spares), refused)


class Asked:
    """The same for one need at a time; what all needs share is worked out once."""

    def __init__(self, tables: Tables, judge: "Judge | None" = None, bonds: "_Bonds | None" = None) -> None:
        self.tables = tables
        self._judge = judge or Judge(tables)
        self._bonds = bonds or _Bonds(tables)

    def under(self, tables: Tables, *, lasting: bool = False) -> "Asked":
        """The same people under changed columns. ``lasting``: as if no skill ever expired."""
        return Asked(tables, self._judge.under(tables, lasting=lasting), self._bonds)

    def fit(self, number: int) -> tuple[Ints, Ints]:
        """People who pass every rule that does not ask when they are free, and how many fail first at which."""
        refused = np.zeros(len(NAMES), np.int64)
        return self._judge.fit(number, self.tables.problem.needs[number], refused), refused

    def need(self, number: int, instead: Need | None = None) -> Eligible:
        """Everybody judged on this need, or on ``instead`` at its place and time; ``refused`` has one row."""
        refused = np.zeros((1, len(NAMES)), np.int64)
        person, spare = self._judge.alone(number, instead or self.tables.problem.needs[number], refused[0])
        need = np.full(len(person), number, np.int64)
        verdict = _verdicts(self.tables, self._bonds, person, need)
        keep = verdict == len(NAMES)
        refused[0] += np.bincount(verdict[~keep], minlength=len(NAMES))
        return Eligible(person[keep], need[keep], spare[keep], refused)


def _joined(parts: list[tuple[Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints]:
    empty = np.zeros(0, np.int64)
    one, two, three = zip(*parts, strict=True) if parts else ((empty,), (empty,), (empty,))
    return np.concatenate(one), np.concatenate(two), np.concatenate(three)


class _Bonds:
    """What firm lines forbid to others: series that have their tutor, shifts where somebody blocked serves."""

    def __init__(self, tables: Tables) -> None:
        needs, firm = tables.needs, tables.held_firm
        who, what = tables.held_person[firm], tables.held_need[firm]
        tutored = needs.series[what] >= 0
        size = int(needs.series.max(initial=-1)) + 1
        self.low, self.high = np.full(size, len(tables.problem.people)), np.full(size, -1)
        beyond, there = _beyond(tables)
        series = np.concatenate([needs.series[what][tutored], beyond])
        tutor = np.concatenate([who[tutored], there])
        np.minimum.at(self.low, series, tutor)
        np.maximum.at(self.high, series, tutor)
        self.enemies = np.sort(np.array(enemies(tables, who, what), np.int64))


def _beyond(tables: Tables) -> tuple[Ints, Ints]:
    """The series that have a tutor beyond the window, and who that is; whoever is not among the people is none of
    them."""
    problem, number = tables.problem, {person.id: n for n, person in enumerate(tables.problem.people)}
    series_of = {}
    for need, series in zip(problem.needs, tables.needs.series.tolist(), strict=True):
        if problem.tutors and series >= 0 and (key := tables.desk.series_of(need)) is not None:
            series_of[key] = series
    found = [
        (series_of[tutor.series, tutor.role], number.get(tutor.person, len(number)))
        for tutor in problem.tutors
        if (tutor.series, tutor.role) in series_of
    ]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _with_promises(
    tables: Tables, bonds: _Bonds, person: Ints, need: Ints, spare: Ints, refused: Ints
) -> tuple[Ints, Ints, Ints]:
    """Drop the pairs that a promise of the person, or somebody's firm line, forbids; count the first failing rule."""
    verdict = _verdicts(tables, bonds, person, need)
    fails = verdict < len(NAMES)
    np.add.at(refused, (need[fails], verdict[fails]), 1)
    return person[~fails], need[~fails], spare[~fails]


def _verdicts(tables: Tables, bonds: _Bonds, person: Ints, need: Ints) -> Ints:
    """The first failing rule of each pair against promises and firm lines; ``len(NAMES)`` = none."""
    verdict = _promised(tables, person, need)
    for rule, pairs in (
        ("series", _other_tutor(tables, bonds, person, need)),
        ("pair", _hostile(tables, bonds, person, need)),
    ):
        verdict[pairs] = np.minimum(verdict[pairs], NUMBER[rule])
    return verdict


def _promised(tables: Tables, person: Ints, need: Ints) -> Ints:
    """The first failing rule of each pair against the person's promises; ``len(NAMES)`` = none."""
    promises = tables.promises
    count = promises.first[person + 1] - promises.first[person]
    pair = np.repeat(np.arange(len(person)), count)
    row = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count) + promises.first[person][pair]
    other = promises.need[row] != need[pair]
    return against(tables, person, need, pair[other], row[other])


def against(tables: Tables, person: Ints, need: Ints, pair: Ints, row: Ints) -> Ints:
    """The first failing rule of each pair against those promises (``row``) that are put to it (``pair``);
    ``len(NAMES)`` = none."""
    people, needs, promises = tables.people, tables.needs, tables.promises
    who, what = person[pair], need[pair]
    verdict = np.full(len(person), len(NAMES), np.int64)

    def refuse(rule: str, breaks: Flags, at: Ints) -> None:
        np.minimum.at(verdict, at[breaks], NUMBER[rule])

    clash = (needs.start[what] < promises.end[row]) & (promises.start[row] < needs.end[what])
    clash |= needs.shift[what] == promises.shift[row]
    gap = np.maximum(needs.start[what] - promises.end[row], promises.start[row] - needs.end[what])
    far = tables.roads[needs.venue[what], promises.venue[row]]
    if len(bare := np.flatnonzero(promises.venue[row] < 0)):
        there, here = row[bare], what[bare]
        crow = kilometres(needs.lat[here], needs.lon[here], promises.lat[there], promises.lon[there])
        far[bare] = crow * WINDING
    trip = np.where(needs.venue[what] == promises.venue[row], 0, trips(far, people.speed[who]))
    refuse("overlap", clash, pair)
    refuse("travel", ~clash & (gap < trip), pair)
    refuse("rest", ~clash & (needs.day[what] != promises.day[row]) & (gap < people.rest[who]), pair)
    everyone, more = np.arange(len(person)), tables.minutes(person, need)
    for rule, here, there, limit in (
        ("hours_day", needs.day, promises.day, people.max_day),
        ("hours_week", needs.week, promises.week, people.max_week),
        ("hours_month", needs.month, promises.month, people.max_month),
    ):
        same = here[what] == there[row]
        have = np.bincount(pair[same], promises.minutes[row[same]], len(person)).astype(np.int64)
        refuse(rule, have + more > limit[person], everyone)
    if (people.max_rolling < UNLIMITED).any():
        within = _rolling(tables, pair, row, what, len(person))
        refuse("hours_rolling", within + more > people.max_rolling[person], everyone)
    refuse("events_month", _events(tables, pair, row, what, len(person)) > people.max_events[person], everyone)
    same_event = (promises.event[row] == needs.event[what]) & (promises.role[row] != needs.role[what])
    refuse("role", same_event, pair)
    return verdict


def _rolling(tables: Tables, pair: Ints, row: Ints, what: Ints, size: int) -> Ints:
    """The most minutes promised in any seven days around each pair's need."""
    promises, most = tables.promises, np.zeros(size, np.int64)
    before = tables.needs.day[what] - promises.day[row]
    for first in range(-6, 1):
        near = (before <= -first) & (before > -first - 7)
        most = np.maximum(most, np.bincount(pair[near], promises.minutes[row[near]], size).astype(np.int64))
    return most


def _events(tables: Tables, pair: Ints, row: Ints, what: Ints, size: int) -> Ints:
    """Events of each pair's month with this need's own: a busy span counts as one, an event once."""
    needs, promises = tables.needs, tables.promises
    same = needs.month[what] == promises.month[row]
    pair, row, what = pair[same], row[same], what[same]
    busy = promises.event[row] < 0
    count = 1 + np.bincount(pair[busy], minlength=size)
    other = ~busy & (promises.event[row] != needs.event[what])
    keys = np.unique(pair[other] * (len(tables.problem.events) + 1) + promises.event[row][other])
    total: Ints = count + np.bincount(keys // (len(tables.problem.events) + 1), minlength=size)
    return total


def _other_tutor(tables: Tables, bonds: _Bonds, person: Ints, need: Ints) -> Ints:
    """Pairs on a tutor's need of a series that somebody else firmly holds."""
    mine = tables.needs.series[need]
    pairs = np.flatnonzero(mine >= 0)
    low, high = bonds.low[mine[pairs]], bonds.high[mine[pairs]]
    taken: Ints = pairs[(high >= 0) & ((low != person[pairs]) | (high != person[pairs]))]
    return taken


def _hostile(tables: Tables, bonds: _Bonds, person: Ints, need: Ints) -> Ints:
    """Pairs on a shift where somebody blocked (either direction) has a firm line."""
    keys = tables.needs.shift[need] * len(tables.problem.people) + person
    return np.flatnonzero(among(bonds.enemies, keys))


def enemies(tables: Tables, who: Ints, what: Ints) -> list[int]:
    """A key, shift * everybody + person, for each enemy of each of these lines."""
    foes: dict[int, set[int]] = {}
    for a, b in blocked_pairs(tables):
        foes.setdefault(a, set()).add(b)
        foes.setdefault(b, set()).add(a)
    size = len(tables.problem.people)
    shifts = tables.needs.shift[what].tolist()
    pairs = zip(who.tolist(), shifts, strict=True)
    return [shift * size + enemy for person, shift in pairs for enemy in foes.get(person, ())]


def blocked_pairs(tables: Tables) -> list[tuple[int, int]]:
    """Pairs of people, numbers ascending, of whom one blocks the other."""
    numbers = tables.person_number
    return sorted(
        {
            (min(i, numbers[other]), max(i, numbers[other]))
            for i, person in enumerate(tables.problem.people)
            for other in person.blocked
            if other in numbers and numbers[other] != i
        }
    )
