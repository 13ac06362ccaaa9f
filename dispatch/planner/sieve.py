"""Everybody judged on one need by what does not depend on other lines: one bit a person, rule after rule."""

import math
from collections.abc import Callable
from copy import copy
from datetime import date

import numpy as np
import numpy.typing as npt

from dispatch.planner.desk import EARTH_KM
from dispatch.planner.problem import Need
from dispatch.planner.rules import PAIR_RULES
from dispatch.planner.tables import ALWAYS, Flags, Ints, Tables, kilometres

RULES = tuple(rule.name for rule in PAIR_RULES)
NUMBER = {name: i for i, name in enumerate(RULES)}
REMEMBERED = 64_000_000  # bytes
_DEGREE_KM = math.radians(1) * EARTH_KM

Bits = npt.NDArray[np.uint64]
Levels = npt.NDArray[np.int8]


class Judge:
    """Judges everybody on one need by what does not depend on other lines. Remembers who passes what."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.everybody = len(tables.problem.people)
        self.holds = _holds(tables)
        self.marks = _Marks(tables)
        self.bits: dict[tuple[object, ...], Bits] = {}
        self.levels: dict[tuple[str, int], Levels] = {}

    def under(self, tables: Tables, *, lasting: bool) -> "Judge":
        other = copy(self)
        other.tables = tables
        if lasting or tables.people is not self.tables.people:
            other.bits, other.levels = {}, {}
        if lasting:
            other.holds = {skill: (who, level, until * 0 + ALWAYS) for skill, (who, level, until) in self.holds.items()}
        return other

    def alone(self, number: int, need: Need, refused: Ints) -> tuple[Ints, Ints]:
        """People who pass every rule up to ``availability``, and how far their levels exceed what is asked."""
        needs = self.tables.needs
        alive = self._fit(number, need, refused)
        start, end = int(needs.start[number]), int(needs.end[number])
        alive = self._keep(alive, "availability", (start, end), self._free, refused)
        pool = _unpacked(alive, self.everybody)
        shift = self.tables.desk.shifts[need.shift]
        spare = np.zeros(len(pool), np.int64)
        for ask in need.asks:
            spare += self._valid(ask.skill, shift.end)[pool] - ask.level
        return pool, spare

    def fit(self, number: int, need: Need, refused: Ints) -> Ints:
        """The same up to ``radius``, without the levels."""
        return _unpacked(self._fit(number, need, refused), self.everybody)

    def _fit(self, number: int, need: Need, refused: Ints) -> Bits:
        needs, shift = self.tables.needs, self.tables.desk.shifts[need.shift]
        event, now, end = self.tables.desk.events[shift.event], shift.day, shift.end
        bounded = (need.age_min, need.age_max) != (0, 150)
        place = (float(needs.lat[number]), float(needs.lon[number]))
        steps: tuple[tuple[str, list[tuple[object, ...]], Callable[..., Flags]], ...] = (
            ("automated", [()], lambda: self.tables.people.automated),
            ("locked", [()] * event.locked, lambda: np.zeros(self.everybody, np.bool_)),
            ("team", [(need.team,)] if need.team is not None else [], self._inside),
            ("skill", [(ask.skill, ask.level, -1) for ask in need.asks], self._able),
            ("expired", [(ask.skill, ask.level, end) for ask in need.asks], self._able),
            ("language", [(language,) for language in need.languages], self.marks.speaks),
            ("age", [(now, need.age_min, need.age_max)] * bounded, self._aged),
            ("guardian", [(now, end)], self._grown),
            ("background", [(end,)] * need.near_minors, lambda end: self.tables.people.checked >= end),
            ("limitation", [(demand,) for demand in need.demands], lambda demand: ~self.marks.limited(demand)),
            ("blocked", [(event.unit,)], lambda unit: ~self.marks.blocks(unit)),
            ("declined", [(need.id,)] * (need.id in self.marks.declined), self._willing),
            ("radius", [place], self._near),
        )
        alive = _packed(np.ones(self.everybody, np.bool_))
        for rule, cases, passes in steps:
            for case in cases:
                alive = self._keep(alive, rule, case, passes, refused)
        return alive

    def _keep(
        self, alive: Bits, rule: str, case: tuple[object, ...], passes: Callable[..., Flags], refused: Ints
    ) -> Bits:
        """Those who pass; the others are counted under the rule."""
        key = (rule, *case)
        if key not in self.bits:
            if len(self.bits) * alive.nbytes > REMEMBERED:
                self.bits.clear()
            self.bits[key] = _packed(passes(*case))
        kept = alive & self.bits[key]
        refused[NUMBER[rule]] += np.bitwise_count(alive ^ kept).sum(dtype=np.int64)
        return kept

    def _inside(self, team: str) -> Flags:
        inside = np.zeros(self.everybody, np.bool_)
        inside[[self.tables.person_number[member] for member in self.tables.desk.members[team]]] = True
        return inside

    def _able(self, skill: str, level: int, end: int) -> Flags:
        able: Flags = self._valid(skill, end) >= level
        return able

    def _valid(self, skill: str, end: int) -> Levels:
        """Everybody's best level of the skill among the holds that last until ``end``; 0 = none."""
        if (skill, end) not in self.levels:
            if len(self.levels) * self.everybody > REMEMBERED:
                self.levels.clear()
            best = np.zeros(self.everybody, np.int8)
            if skill in self.holds:
                person, level, until = self.holds[skill]  # levels rise: the last write is the best
                lasts = until >= end
                best[person[lasts]] = level[lasts]
            self.levels[skill, end] = best
        return self.levels[skill, end]

    def _aged(self, day: int, low: int, high: int) -> Flags:
        age = _ages(self.tables, day)
        fits: Flags = (age >= low) & (age <= high)
        return fits

    def _grown(self, day: int, end: int) -> Flags:
        age = _ages(self.tables, day)
        grown: Flags = (age < 0) | (age >= 18) | (self.tables.people.guardian >= end)
        return grown

    def _willing(self, need: str) -> Flags:
        willing = np.ones(self.everybody, np.bool_)
        willing[self.marks.declined[need]] = False
        return willing

    def _near(self, lat: float, lon: float) -> Flags:
        """Exactly only for those whom two cheap bounds of the distance do not rule out; an unknown place is near."""
        people = self.tables.people
        some = np.flatnonzero(~(np.abs(people.lat - lat) * _DEGREE_KM > people.max_km + 0.01))
        north, reach = people.lat[some], people.max_km[some]
        east = np.radians(np.abs(people.lon[some] - lon))
        flat = np.sqrt(np.maximum(0.0, np.cos(np.radians(north)) * np.cos(np.radians(lat))))
        beyond = (east <= 1.5) & (east * flat * EARTH_KM * 0.9 > reach + 0.01)  # sin(x) >= 0.9 x up to 0.75
        some = some[~beyond]
        near = np.zeros(self.everybody, np.bool_)
        near[some] = kilometres(people.lat[some], people.lon[some], lat, lon) <= people.max_km[some]
        return near

    def _free(self, start: int, end: int) -> Flags:
        return self.tables.people.free.cover(np.arange(self.everybody), start, end)


def _packed(flags: Flags) -> Bits:
    bits = np.zeros(-(-len(flags) // 64) * 8, np.uint8)
    packed = np.packbits(flags)
    bits[: len(packed)] = packed
    return bits.view(np.uint64)


def _unpacked(bits: Bits, size: int) -> Ints:
    return np.flatnonzero(np.unpackbits(bits.view(np.uint8), count=size).view(np.bool_))


class _Marks:
    """Who speaks, is limited by, blocks: one flag a person, made when first asked for."""

    def __init__(self, tables: Tables) -> None:
        people = tables.problem.people
        self.everybody = len(people)
        self.lists: dict[tuple[str, str], list[int]] = {}
        self.flags: dict[tuple[str, str], Flags] = {}
        self.declined: dict[str, list[int]] = {}
        for i, person in enumerate(people):
            for kind, words in (("s", person.languages), ("l", person.limitations), ("b", person.blocked)):
                for word in words:
                    self.lists.setdefault((kind, word), []).append(i)
            for need in person.declined:
                self.declined.setdefault(need, []).append(i)

    def speaks(self, language: str) -> Flags:
        return self._flags("s", language)

    def limited(self, demand: str) -> Flags:
        return self._flags("l", demand)

    def blocks(self, unit: str) -> Flags:
        return self._flags("b", unit)

    def _flags(self, kind: str, word: str) -> Flags:
        if (kind, word) not in self.flags:
            flags = np.zeros(self.everybody, np.bool_)
            flags[self.lists.get((kind, word), [])] = True
            self.flags[kind, word] = flags
        return self.flags[kind, word]


def _holds(tables: Tables) -> dict[str, tuple[Ints, Ints, Ints]]:
    rows: dict[str, list[tuple[int, int, int]]] = {}
    for i, person in enumerate(tables.problem.people):
        for hold in person.holds:
            until = int(ALWAYS) if hold.until is None else hold.until
            rows.setdefault(hold.skill, []).append((hold.level, i, until))
    found = {}
    for skill, entries in rows.items():
        level, person_, until_ = np.array(sorted(entries), np.int64).T
        found[skill] = (person_, level, until_)
    return found


def _ages(tables: Tables, day: int) -> Ints:
    """Everybody's completed years on the day; -1 = unknown."""
    now, people = date.fromordinal(day), tables.people
    years = now.year - people.born_year - (now.month * 100 + now.day < people.born_day)
    return np.where(people.born_year < 0, -1, years)
