"""The problem, indexed for questions about one person and one need. Pure; built once, read often."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from dispatch.planner.problem import Event, Need, Person, Point, Problem, Shift, Venue

EARTH_KM = 6371.0088
K = TypeVar("K")
V = TypeVar("V")
WINDING = 1.3  # roads against the crow's flight


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a person has promised: a firm line of the roster (``need`` set) or a busy span. Minutes, half-open."""

    start: int
    end: int
    day: int
    minutes: int
    at: Point | None
    venue: str | None = None
    need: str | None = None
    shift: str | None = None
    event: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Desk:
    """Look-ups over one problem. ``firm``: needs a person firmly holds; ``holders``: who firmly holds a need."""

    problem: Problem
    people: dict[str, Person]
    needs: dict[str, Need]
    shifts: dict[str, Shift]
    events: dict[str, Event]
    venues: dict[str, Venue]
    members: dict[str, frozenset[str]]
    firm: dict[str, tuple[str, ...]]
    holders: dict[str, frozenset[str]]
    tutors: dict[tuple[str, str], frozenset[str]]
    on_shift: dict[str, frozenset[str]]
    loads: dict[tuple[str, str], int]
    road: dict[str, int]

    def commitments(self, person: Person, *, besides: str | None = None) -> tuple[Commitment, ...]:
        """The person's busy spans and firm lines, without the firm line on the need ``besides``."""
        busy = (Commitment(b.start, b.end, b.day, b.minutes, b.at, b.venue) for b in person.busy)
        lines = (self.line(need, person.id) for need in self.firm.get(person.id, ()) if need != besides)
        return (*busy, *lines)

    def line(self, need_id: str, person_id: str) -> Commitment:
        """What holding this need promises of the person."""
        need = self.needs[need_id]
        shift = self.shifts[need.shift]
        venue = self.venues[shift.venue]
        return Commitment(
            shift.start - shift.call,
            shift.end + shift.out,
            shift.day,
            self.loads.get((person_id, need_id), shift.end - shift.start),
            venue.at,
            venue.id,
            need_id,
            shift.id,
            shift.event,
            need.role,
        )

    def travel_minutes(self, person: Person, a: Commitment, b: Commitment) -> int:
        """Minutes the person needs between the two places; 0 in the same venue or when a point is unknown."""
        if a.venue is not None and a.venue == b.venue:
            return 0
        return math.ceil(self._road_km(a, b) / person.speed * 60)

    def _road_km(self, a: Commitment, b: Commitment) -> float:
        roads = self.problem.roads
        if roads is not None and a.venue in self.road and b.venue in self.road:
            known = roads.km[self.road[a.venue]][self.road[b.venue]]
            if known >= 0:
                return known
        return km(a.at, b.at) * WINDING

    def series_of(self, need: Need) -> tuple[str, str] | None:
        """The (series, role) whose one tutor this need asks for; none if the need is no tutor's."""
        series = self.events[self.shifts[need.shift].event].series
        return (series, need.role) if series is not None and need.max == 1 else None


def open_desk(problem: Problem) -> Desk:
    """Index ``problem``; its references must hold (see ``problem.read``)."""
    needs = {n.id: n for n in problem.needs}
    shifts = {s.id: s for s in problem.shifts}
    events = {e.id: e for e in problem.events}
    lines = [held for held in problem.roster if held.firm]
    tutors = [((tutor.series, tutor.role), tutor.person) for tutor in problem.tutors]
    for held in lines:
        need = needs[held.need]
        series = events[shifts[need.shift].event].series
        if series is not None and need.max == 1:
            tutors.append(((series, need.role), held.person))
    return Desk(
        problem,
        {p.id: p for p in problem.people},
        needs,
        shifts,
        events,
        {v.id: v for v in problem.venues},
        {t.id: frozenset(t.members) for t in problem.teams},
        {person: tuple(held) for person, held in _gather((h.person, h.need) for h in lines).items()},
        {need: frozenset(who) for need, who in _gather((h.need, h.person) for h in lines).items()},
        {key: frozenset(who) for key, who in _gather(tutors).items()},
        {shift: frozenset(who) for shift, who in _gather((needs[h.need].shift, h.person) for h in lines).items()},
        {(pair.person, pair.need): pair.load for pair in problem.pairs if pair.load is not None},
        {venue: number for number, venue in enumerate(problem.roads.venues)} if problem.roads else {},
    )


def km(a: Point | None, b: Point | None) -> float:
    """Great-circle kilometres; 0 when a point is unknown."""
    if a is None or b is None:
        return 0.0
    lat1, lat2 = math.radians(a.lat), math.radians(b.lat)
    north, east = math.radians(b.lat - a.lat), math.radians(b.lon - a.lon)
    h = math.sin(north / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(east / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, h)))


def years(born: int, day: int) -> int:
    """Completed years on ``day``; both are ordinals."""
    then, now = date.fromordinal(born), date.fromordinal(day)
    return now.year - then.year - ((now.month, now.day) < (then.month, then.day))


def week(day: int) -> int:
    """Number of the week, Monday first."""
    return (day - 1) // 7


def month(day: int) -> int:
    """Number of the month: year * 12 + month."""
    then = date.fromordinal(day)
    return then.year * 12 + then.month


def _gather(rows: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = defaultdict(list)
    for key, value in rows:
        found[key].append(value)
    return found
