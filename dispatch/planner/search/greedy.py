"""Lines under construction: exact rules one line at a time, a greedy filling, and a last look for what still pays.

The floor under the solvers, and the last polish over them: whatever they leave out and the rules allow is added here.
"""

import numpy as np

from dispatch.planner.candidates import Candidates
from dispatch.planner.eligibility import blocked_pairs
from dispatch.planner.goals import Seats, uses
from dispatch.planner.search import rolling
from dispatch.planner.search.sides import together
from dispatch.planner.tables import Floats, Ints, Tables, trips


class Lines:
    """A growing set of candidates that breaks no rule of people, seats, series or pairs. Events and teams that go
    whole, and learners, are the caller's care (:func:`fill` and :func:`pruned`)."""

    def __init__(self, tables: Tables, pairs: Candidates, far: Floats) -> None:
        needs = tables.needs
        self.tables, self.pairs, self.far = tables, pairs, far
        self.mine: list[list[int]] = [[] for _ in tables.problem.people]
        self.count: list[int] = needs.firm.tolist()
        self.cap: list[int] = needs.cap.tolist()
        self.start: list[int] = needs.start.tolist()
        self.end: list[int] = needs.end.tolist()
        self.day: list[int] = needs.day.tolist()
        self.week: list[int] = needs.week.tolist()
        self.month: list[int] = needs.month.tolist()
        self.minutes: list[int] = pairs.minutes.tolist()
        self.event: list[int] = needs.event.tolist()
        self.role: list[int] = needs.role.tolist()
        self.shift: list[int] = needs.shift.tolist()
        self.venue: list[int] = needs.venue.tolist()
        self.series: list[int] = needs.series.tolist()
        self.person: list[int] = pairs.person.tolist()
        self.need: list[int] = pairs.need.tolist()
        self.mentor: list[int] = needs.mentor.tolist()
        self.per_mentor: list[int] = needs.per_mentor.tolist()
        self.limited: list[bool] = rolling.limited(tables).tolist()
        self.rest: list[int] = tables.people.rest.tolist()
        self.use: list[int] = uses(tables).tolist()
        self.tutor: dict[int, list[int]] = {}
        self.on_shift: dict[int, list[int]] = {}
        self.enemies: dict[int, set[int]] = {}
        for a, b in blocked_pairs(tables):
            self.enemies.setdefault(a, set()).add(b)
            self.enemies.setdefault(b, set()).add(a)

    def fits(self, row: int) -> bool:
        """Whether candidate ``row`` may join the lines so far."""
        person, need = self.person[row], self.need[row]
        if self.count[need] >= self.cap[need]:
            return False
        mine = self.mine[person]
        if mine and (any(self._clash(person, self.need[other], need) for other in mine) or self._full(row)):
            return False
        if any(other != person for other in self.tutor.get(self.series[need], ())):
            return False
        enemies = self.enemies.get(person)
        return not enemies or enemies.isdisjoint(self.on_shift.get(self.shift[need], ()))

    def add(self, row: int) -> None:
        person, need = self.person[row], self.need[row]
        self.mine[person].append(row)
        self.count[need] += 1
        self.on_shift.setdefault(self.shift[need], []).append(person)
        if self.series[need] >= 0:
            self.tutor.setdefault(self.series[need], []).append(person)

    def drop(self, row: int) -> None:
        person, need = self.person[row], self.need[row]
        self.mine[person].remove(row)
        self.count[need] -= 1
        self.on_shift[self.shift[need]].remove(person)
        if self.series[need] >= 0:
            self.tutor[self.series[need]].remove(person)

    def taught(self, need: int, more: int) -> bool:
        """Whether so many more people on the need would have mentors beside them, if they are learners."""
        mentor = self.mentor[need]
        return mentor < 0 or self.count[need] + more <= self.per_mentor[need] * self.count[mentor]

    def planned(self, person: int) -> int:
        """Minutes added to the person so far."""
        return sum(self.minutes[row] for row in self.mine[person])

    def rows(self) -> Ints:
        """The lines, ascending."""
        return np.array(sorted(row for mine in self.mine for row in mine), np.int64)

    def _clash(self, person: int, one: int, other: int) -> bool:
        gap = max(self.start[other] - self.end[one], self.start[one] - self.end[other])
        if gap < 0 or self.shift[one] == self.shift[other]:
            return True
        if self.day[one] != self.day[other] and gap < self.rest[person]:
            return True
        if self.event[one] == self.event[other] and self.role[one] != self.role[other]:
            return True
        if self.venue[one] == self.venue[other]:
            return False
        km = self.far[self.venue[one], self.venue[other]]
        return bool(gap < trips(km, self.tables.people.speed[person]))

    def _full(self, row: int) -> bool:
        """Whether the person's day, week, month or events are used up by the lines so far."""
        pairs, need, mine = self.pairs, self.need[row], self.mine[self.person[row]]
        for period, left in (
            (self.day, pairs.day_left),
            (self.week, pairs.week_left),
            (self.month, pairs.month_left),
        ):
            used = sum(self.minutes[r] for r in mine if period[self.need[r]] == period[need])
            if used + self.minutes[row] > int(left[row]):
                return True
        if self.limited[self.person[row]] and not self._rolls(row):
            return True
        taken = [r for r in mine if self.month[self.need[r]] == self.month[need]]
        fresh = {self.event[self.need[r]] for r in [*taken, row] if pairs.fresh[r]}
        return len(fresh) > int(pairs.events_left[row])

    def _rolls(self, row: int) -> bool:
        """Whether any seven days around the line still hold it, with the lines so far and what is promised."""
        person, promises = self.person[row], self.tables.promises
        here = slice(int(promises.first[person]), int(promises.first[person + 1]))
        days = promises.day[here].tolist() + [self.day[self.need[r]] for r in self.mine[person]]
        minutes = promises.minutes[here].tolist() + [self.minutes[r] for r in self.mine[person]]
        limit = int(self.tables.people.max_rolling[person])
        return rolling.fits(days, minutes, self.day[self.need[row]], self.minutes[row], limit)


def fill(lines: Lines, value: Seats) -> None:
    """Fill seats in order of what they add, scarce needs first and learners last, with the best person each who still
    fits; then undo events and teams that did not come together."""
    pairs = lines.pairs
    order = np.argsort(pairs.need, kind="stable")
    cuts = np.searchsorted(pairs.need[order], np.arange(len(lines.count) + 1)).tolist()
    supply = np.diff(cuts)
    ranking = np.lexsort((supply, -value.top, lines.tables.needs.mentor >= 0)).tolist()
    for mandatory in (True, False):
        for need in ranking:
            mine = order[cuts[need] : cuts[need + 1]]
            wanted = int(value.first[need]) if mandatory else lines.cap[need]
            if lines.count[need] >= wanted or not len(mine):
                continue
            for row in mine[np.argsort(-pairs.worth[mine], kind="stable")].tolist():
                if lines.count[need] >= wanted or not lines.taught(need, 1):
                    break
                if lines.fits(row) and _pays(lines, value, row):
                    lines.add(row)
        pruned(lines)


def pruned(lines: Lines) -> None:
    """Take back the lines of events and teams that did not come together, until all that stand are whole."""
    tables = lines.tables
    needs, events = tables.needs, tables.problem.events
    coupled = np.flatnonzero(together(tables))
    mine: dict[int, list[int]] = {}
    shifts: dict[int, list[int]] = {}
    for n, e in enumerate(lines.event):
        mine.setdefault(e, []).append(n)
    number = {e.id: i for i, e in enumerate(events)}
    for i, s in enumerate(tables.problem.shifts):
        shifts.setdefault(number[s.event], []).append(i)
    holders = _holders(lines)
    before = -1
    while before != (before := sum(map(len, holders.values()))):
        for n in np.flatnonzero(needs.cast > 0).tolist():
            if lines.count[n] < needs.cast[n]:
                _emptied(lines, holders, n)
        for n in np.flatnonzero(needs.mentor >= 0).tolist():
            while n in holders and not lines.taught(n, 0):
                _emptied(lines, holders, n, keep=len(holders[n]) - 1)
        for e in coupled.tolist():
            if any(n in holders for n in mine.get(e, ())) and not _stands(lines, e, mine[e], shifts[e]):
                for n in mine[e]:
                    _emptied(lines, holders, n)


def _holders(lines: Lines) -> dict[int, list[int]]:
    """The lines of each need, as far as they may be taken back."""
    holders: dict[int, list[int]] = {}
    for rows in lines.mine:
        for row in rows:
            holders.setdefault(lines.need[row], []).append(row)
    return holders


def _emptied(lines: Lines, holders: dict[int, list[int]], need: int, keep: int = 0) -> None:
    """Take back the need's lines but the first few."""
    rows = holders.pop(need, [])
    for row in rows[keep:]:
        lines.drop(row)
    if rows[:keep]:
        holders[need] = rows[:keep]


def _stands(lines: Lines, event: int, mine: list[int], shifts: list[int]) -> bool:
    """Whether the event has its leaders and its quorum."""
    needs, row = lines.tables.needs, lines.tables.problem.events[event]
    leads = [n for n in mine if needs.leader[n]]
    if row.leader and (not leads or any(lines.count[n] < needs.low[n] for n in leads)):
        return False
    crowd = dict.fromkeys(shifts, 0)
    for n in mine:
        crowd[lines.shift[n]] += lines.count[n]
    return all(count >= row.quorum for count in crowd.values())


def _pays(lines: Lines, value: Seats, row: int) -> bool:
    """Whether the line adds to the score as the lines stand."""
    need, person = lines.need[row], lines.person[row]
    seat = value.top[need] if lines.count[need] < value.first[need] else value.desired[need]
    cost = lines.tables.problem.weights.fairness
    before = int(lines.pairs.base[person]) + lines.planned(person)
    old, new = -(-before // 60), -(-(before + lines.minutes[row]) // 60)
    use = 0 if lines.mine[person] else lines.use[person]
    return bool(seat + lines.pairs.worth[row] > use + cost * (new * (new + 1) - old * (old + 1)) // 2)
