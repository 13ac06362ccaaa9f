"""What each pair adds by itself with its person's fairness taken off, for all pairs of a city, need after need.

The same figures as :func:`net` of ``goals.worths``; but what a place, a span or a length has in common is worked out
once for everybody instead of once a pair.
"""

from collections.abc import Iterator

import numpy as np

from dispatch.planner.candidates import ledger
from dispatch.planner.eligibility import Judged
from dispatch.planner.goals import burden
from dispatch.planner.tables import Flags, Ints, Tables, kilometres

REMEMBERED = 64_000_000  # bytes, of each kind


def net(tables: Tables, base: Ints, minutes: Ints, worth: Ints) -> Ints:
    """``worth`` of lines of so many ``minutes`` on top of ``base``, their fairness taken off. A person's lines together
    never add more than these say: fairness only grows steeper with further hours, and parts of hours are counted."""
    fair = tables.problem.weights.fairness
    after = base + minutes
    hours, rest = after // 60, after % 60
    cost = fair * (hours * (hours + 1) // 2) + fair * (hours + 1) * rest // 60
    found: Ints = worth - cost + burden(tables, base)
    return found


def appraised(tables: Tables, judged: Judged) -> Iterator[tuple[int, slice, Ints]]:
    """Each need with its rows among the judged pairs and their nets, place after place."""
    needs, weights = tables.needs, tables.problem.weights
    first, everybody = judged.first.tolist(), _Everybody(tables)
    kept = judged.found(tables.held_person, tables.held_need)
    held = np.zeros(len(judged.person), np.bool_)
    held[kept] = True
    order = np.lexsort((np.arange(len(needs.venue)), needs.venue))
    cuts = np.flatnonzero(np.diff(needs.venue[order], prepend=-1, append=-1))
    for low, high in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        here = order[low:high].tolist()
        some = np.concatenate([judged.person[first[n] : first[n + 1]] for n in here])
        everybody.come(here[0], some)
        for n in here:
            mine = slice(first[n], first[n + 1])
            found = everybody.net(n, judged.person[mine].astype(np.int64))
            found -= weights.level * judged.spare[mine]
            if held[mine].any():
                found += weights.keep * held[mine]
            yield n, mine, found


class _Everybody:
    """What pairs have in common, one number a person: by place, by span, by length."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        people, weights = tables.people, tables.problem.weights
        self.size = len(people.lat)
        self.base = ledger(tables)
        self.sure = weights.reliability * people.reliability // 1000
        self.likes = weights.likes * people.likes.astype(np.int64).T
        self.fair: dict[int, Ints] = {}
        self.wished: dict[tuple[int, int], Ints] = {}
        place = tables.known % tables.places
        order = np.argsort(place, kind="stable")
        self.knows = (tables.known // tables.places)[order]
        self.known_at = np.searchsorted(place[order], np.arange(tables.places + 1))
        self.here = np.zeros(self.size, np.int64)
        self.known = np.zeros(self.size, np.bool_)

    def come(self, need: int, some: Ints) -> None:
        """Be at the need's place, where these people may serve."""
        tables, people = self.tables, self.tables.people
        near = np.zeros(self.size, np.bool_)
        near[some] = True
        who = np.flatnonzero(near)
        lat, lon = float(tables.needs.lat[need]), float(tables.needs.lon[need])
        km = np.floor(kilometres(people.lat[who], people.lon[who], lat, lon) + 0.5).astype(np.int64)
        self.here[who] = -tables.problem.weights.travel * km
        self.known[:] = False
        self.known[self._friends(int(tables.needs.venue[need]))] = True

    def net(self, need: int, person: Ints) -> Ints:
        """The nets of these people on the need, but for their levels and what is held."""
        tables, needs = self.tables, self.tables.needs
        found: Ints = self.here[person] + self.likes[int(needs.mode[need])][person]
        if len(tables.terms.key):
            what = np.full(len(person), need)
            minutes = tables.minutes(person, what)
            found = net(
                tables, self.base[person], minutes, found + self.sure[person] - tables.terms.costs(person, what)
            )
        else:
            found += self._fair(int(needs.minutes[need]))[person]
        if tables.problem.weights.preferred:
            found += self._wished(int(needs.start[need]), int(needs.end[need]))[person]
        return found + tables.problem.weights.continuity * self._knows(need)[person]

    def _fair(self, minutes: int) -> Ints:
        if minutes not in self.fair:
            _make_room(self.fair, self.size * 8)
            self.fair[minutes] = net(self.tables, self.base, np.full(self.size, minutes), self.sure)
        return self.fair[minutes]

    def _wished(self, start: int, end: int) -> Ints:
        if (start, end) not in self.wished:
            _make_room(self.wished, self.size * 8)
            wished = self.tables.people.preferred.cover(np.arange(self.size), start, end)
            self.wished[start, end] = self.tables.problem.weights.preferred * wished.astype(np.int64)
        return self.wished[start, end]

    def _knows(self, need: int) -> Flags:
        saga = int(self.tables.needs.saga[need])
        if saga < 0:
            return self.known
        both = self.known.copy()
        both[self._friends(len(self.tables.problem.venues) + saga)] = True
        return both

    def _friends(self, place: int) -> Ints:
        return self.knows[self.known_at[place] : self.known_at[place + 1]]


def _make_room(kept: dict[int, Ints] | dict[tuple[int, int], Ints], size: int) -> None:
    if len(kept) * size > REMEMBERED:
        kept.clear()
