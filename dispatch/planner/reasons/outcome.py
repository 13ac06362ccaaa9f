"""A finished plan and what its lines have against one person more on a need: the person's own lines, those of others,
or an event that would not come together all the same.

Whom a rule refuses beside firm lines and promises alone is not in the pool; here the plan's own lines count as well.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dispatch.planner.candidates import clash
from dispatch.planner.eligibility import blocked_pairs, enemies
from dispatch.planner.plan import Reason
from dispatch.planner.problem import UNLIMITED
from dispatch.planner.reasons.finished import PERIODS, Finished, spread
from dispatch.planner.search.rolling import DAYS
from dispatch.planner.search.sides import together
from dispatch.planner.tables import Flags, Ints, among

MONTHS = 100_000  # more than any month: person * MONTHS + month sorts by person, then month


@dataclass(frozen=True)
class Outcome(Finished):
    """Asked for reasons; what more than one question needs is worked out once."""

    # ---- a person's own lines ----

    def own(self, person: Ints, need: Ints) -> Ints:
        """For each pair the person's line that forbids it: one that clashes, else, when a limit on hours or events is
        used up, any that it counts; -1 = none does. A line on the very need forbids it too."""
        needs, limits = self.tables.needs, self.tables.people
        order, first = self.mine
        pair = np.repeat(np.arange(len(person)), first[person + 1] - first[person])
        line = order[spread(first[person], first[person + 1])]
        broken = clash(self.tables, self.far, person[pair], need[pair], self.need[line])
        stops = np.full(len(person), -1, np.int64)
        stops[pair[broken]] = line[broken]

        def used_up(over: Flags, counted: Flags) -> None:
            full = over[pair] & counted & (stops[pair] < 0)
            stops[pair[full]] = line[full]

        more = self.tables.minutes(person, need)
        for period, limit, keys, sums in self._hours:
            same = period[need[pair]] == period[self.need[line]]
            used = np.bincount(pair[same], self.minutes[line[same]], len(person)).astype(np.int64)
            used += _summed(keys, sums, person * PERIODS + period[need])
            used_up(used + more > limit[person], same)
        near = (np.abs(needs.day[need[pair]] - needs.day[self.need[line]]) < DAYS) & ~self.firm[line]
        near &= limits.max_rolling[person[pair]] < UNLIMITED
        rolled = self._rolled(person, need, pair[near], line[near])
        used_up(rolled + more > limits.max_rolling[person], near)
        same = needs.month[need[pair]] == needs.month[self.need[line]]
        used_up(self._events(person, need) > limits.max_events[person], same)
        return stops

    @cached_property
    def _hours(self) -> tuple[tuple[Ints, Ints, Ints, Ints], ...]:
        """By day, week and month: the needs' period, everybody's limit, and the minutes that busy spans take (keys,
        sums)."""
        tables, promises = self.tables, self.tables.promises
        busy = promises.need < 0
        found = []
        for period, theirs, limit in (
            (tables.needs.day, promises.day, tables.people.max_day),
            (tables.needs.week, promises.week, tables.people.max_week),
            (tables.needs.month, promises.month, tables.people.max_month),
        ):
            keys, number = np.unique(promises.person[busy] * PERIODS + theirs[busy], return_inverse=True)
            sums = np.bincount(number, promises.minutes[busy], len(keys)).astype(np.int64)
            found.append((period, limit, keys, sums))
        return tuple(found)

    def _rolled(self, person: Ints, need: Ints, pair: Ints, line: Ints) -> Ints:
        """The most minutes in any seven days around each pair's need: these lines, and what was promised before."""
        days = self.tables.needs.day
        keys, sums = self._promised
        before = days[need[pair]] - days[self.need[line]]
        some = np.unique(pair)
        most = np.zeros(len(person), np.int64)
        for first in range(1 - DAYS, 1):
            there = (before <= -first) & (before > -first - DAYS)
            used = np.bincount(pair[there], self.minutes[line[there]], len(person)).astype(np.int64)[some]
            begins = person[some] * PERIODS + days[need[some]] + first
            used += sums[np.searchsorted(keys, begins + DAYS)] - sums[np.searchsorted(keys, begins)]
            most[some] = np.maximum(most[some], used)
        return most

    @cached_property
    def _promised(self) -> tuple[Ints, Ints]:
        """Days of promises and firm lines, by person; the minutes before each of them."""
        promises = self.tables.promises
        keys = promises.person * PERIODS + promises.day
        order = np.argsort(keys, kind="stable")
        return keys[order], np.concatenate([[0], np.cumsum(promises.minutes[order])]).astype(np.int64)

    def _events(self, person: Ints, need: Ints) -> Ints:
        """Events of each pair's month with the need's own."""
        needs, size = self.tables.needs, len(self.tables.problem.events)
        (keys, sums), events = self._attended
        month = person * MONTHS + needs.month[need]
        return _summed(keys, sums, month) + ~among(events, month * size + needs.event[need])

    @cached_property
    def _attended(self) -> tuple[tuple[Ints, Ints], Ints]:
        """By person and month the number of events, a busy span counting as one; and those at which they serve."""
        promises = self.tables.promises
        size = len(self.tables.problem.events)
        month = self.person * MONTHS + self.tables.needs.month[self.need]
        events = np.unique(month * size + self.tables.needs.event[self.need])
        busy = promises.need < 0
        months = np.concatenate([events // max(1, size), promises.person[busy] * MONTHS + promises.month[busy]])
        keys, sums = np.unique(months, return_counts=True)
        return (keys, sums.astype(np.int64)), events

    # ---- the lines of others ----

    def tutored(self, person: Ints, need: Ints, *, besides: bool = False) -> Flags:
        """Whether somebody else tutors the need's series; ``besides``: by a line on another need."""
        low, high = self._others if besides else self._tutors
        taken: Flags = (high[need] >= 0) & ((low[need] != person) | (high[need] != person))
        return taken

    @cached_property
    def _tutors(self) -> tuple[Ints, Ints]:
        """By need the first and the last of the people who tutor its series; -1 = nobody does."""
        series, size = self.tables.needs.series, len(self.tables.problem.people)
        of = series[self.need]
        low = np.full(int(series.max(initial=-1)) + 2, size)
        high = np.full_like(low, -1)
        np.minimum.at(low, of[of >= 0], self.person[of >= 0])
        np.maximum.at(high, of[of >= 0], self.person[of >= 0])
        return low[series], high[series]  # no series is -1, the last place, which stays empty

    @cached_property
    def _others(self) -> tuple[Ints, Ints]:
        """The same without the lines on the need itself."""
        series = self.tables.needs.series
        low, high = (column.copy() for column in self._tutors)
        lines: dict[int, list[tuple[int, int]]] = {}
        for person, need in zip(self.person.tolist(), self.need.tolist(), strict=True):
            if series[need] >= 0:
                lines.setdefault(int(series[need]), []).append((person, need))
        for need in np.flatnonzero((series >= 0) & (self.count > 0)).tolist():
            others = [person for person, where in lines[int(series[need])] if where != need]
            low[need], high[need] = min(others, default=0), max(others, default=-1)
        return low, high

    def apart(self, person: Ints, need: Ints) -> Ints:
        """How many serve on the need's shift whom the person is kept apart from."""
        keys = self.tables.needs.shift[need] * len(self.tables.problem.people) + person
        count: Ints = np.searchsorted(self._enemies, keys, side="right") - np.searchsorted(self._enemies, keys)
        return count

    @cached_property
    def _enemies(self) -> Ints:
        return np.sort(np.array(enemies(self.tables, self.person, self.need), np.int64))

    @cached_property
    def foes(self) -> dict[int, list[int]]:
        """Whom each person is kept apart from, as far as there is anybody."""
        found: dict[int, list[int]] = {}
        for one, other in blocked_pairs(self.tables):
            found.setdefault(one, []).append(other)
            found.setdefault(other, []).append(one)
        return found

    # ---- an event that does not come together ----

    def free(self, person: Ints, need: Ints) -> Flags:
        """Whether no line is against it, neither the person's own nor another's."""
        fine: Flags = (self.own(person, need) < 0) & ~self.tutored(person, need) & (self.apart(person, need) == 0)
        return fine

    def lack(self, event: int) -> Reason | None:
        """What keeps an event that is not whole from coming together, whoever is free for it."""
        if event not in self._lacks:
            self._lacks[event] = self._lack(event) if self._coupled[event] else None
        return self._lacks[event]

    def _lack(self, event: int) -> Reason | None:
        mine = self.needs_of.get(event, np.zeros(0, np.int64))
        shift = self.tables.needs.shift
        there = [int(self.count[mine[shift[mine] == one]].sum()) for one in self._shifts.get(event, [])]
        if self._short(event, mine, self.count, there) is None:
            return None
        rows = self.rows(mine)
        person, need = self.pool.person[rows], self.pool.need[rows]
        some = self.free(person, need)
        person, need = person[some], need[some]
        free = np.bincount(need, minlength=len(self.count)).astype(np.int64)
        most = np.minimum(self.count + free, np.maximum(self.tables.needs.cap, self.count))
        crowd = [
            min(int(most[mine[shift[mine] == one]].sum()), have + len(np.unique(person[shift[need] == one])))
            for one, have in zip(self._shifts.get(event, []), there, strict=True)
        ]
        return self._short(event, mine, most, crowd)

    def _short(self, event: int, mine: Ints, people: Ints, crowd: list[int]) -> Reason | None:
        """What the event lacks with so many people on its needs and on each of its shifts."""
        needs, row = self.tables.needs, self.tables.problem.events[event]
        leads = mine[needs.leader[mine]]
        if row.leader and (not len(leads) or (people[leads] < needs.low[leads]).any()):
            have = int(np.minimum(people[leads], needs.low[leads]).sum())
            return Reason("leader", {"wanted": max(1, int(needs.low[leads].sum())), "possible": have})
        fewest = min(crowd, default=0)
        return Reason("quorum", {"wanted": row.quorum, "possible": fewest}) if fewest < row.quorum else None

    def alone(self, need: int, idle: int) -> str | None:
        """The rule that keeps ``idle`` people more from the need, though nothing is against each of them."""
        needs, count = self.tables.needs, self.count
        if (lack := self.lack(int(needs.event[need]))) is not None:
            return lack.rule
        if count[need] + idle < needs.cast[need]:
            return "cast"
        mentor = int(needs.mentor[need])
        return "mentor" if mentor >= 0 and count[need] >= needs.per_mentor[need] * count[mentor] else None

    @cached_property
    def _coupled(self) -> Flags:
        return together(self.tables)

    @cached_property
    def _lacks(self) -> dict[int, Reason | None]:
        return {}

    @cached_property
    def _shifts(self) -> dict[int, list[int]]:
        number = {event.id: i for i, event in enumerate(self.tables.problem.events)}
        found: dict[int, list[int]] = {}
        for shift, row in enumerate(self.tables.problem.shifts):
            found.setdefault(number[row.event], []).append(shift)
        return found


def _summed(keys: Ints, sums: Ints, wanted: Ints) -> Ints:
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, sums[at], 0)
