"""The lines of a plan as objects, with the person, need, shift, event and venue that each one ties together.

Only the referee (``check``) reads a plan this way; the solver has its own arrays.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from math import asin, cos, floor, radians, sin, sqrt
from typing import TypeVar

from dispatch.planner.plan import Plan
from dispatch.planner.problem import Event, Id, Need, Pair, Person, Point, Problem, Shift, Venue

EARTH_KM = 6371.0088

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One person on one need; occupies ``start..end``, half-open, call time and get-out included; counts ``minutes``
    and costs ``cost``."""

    person: Person
    need: Need
    shift: Shift
    event: Event
    venue: Venue
    firm: bool
    minutes: int
    cost: int

    @property
    def start(self) -> int:
        return self.shift.start - self.shift.call

    @property
    def end(self) -> int:
        return self.shift.end + self.shift.out


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch of a person's time: a line of the plan, or a promise elsewhere (no line)."""

    start: int
    end: int
    day: int
    minutes: int
    at: Point | None
    counts_as: str
    venue: Id | None
    line: Line | None = None


class Board:
    """The problem by ids."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.people = {person.id: person for person in problem.people}
        self.teams = {team.id: team for team in problem.teams}
        self.venues = {venue.id: venue for venue in problem.venues}
        self.events = {event.id: event for event in problem.events}
        self.shifts = {shift.id: shift for shift in problem.shifts}
        self.needs = {need.id: need for need in problem.needs}
        self.held = {(held.person, held.need): held.firm for held in problem.roster}
        self.terms = {(pair.person, pair.need): pair for pair in problem.pairs}
        self.roads = dict(known_roads(problem))
        self.shifts_of = keyed(problem.shifts, lambda shift: shift.event)
        self.needs_of = keyed(problem.needs, lambda need: self.shifts[need.shift].event)

    def lines(self, plan: Plan) -> list[Line]:
        pairs = dict.fromkeys((choice.person, choice.need) for choice in plan.choices)
        return [self._line(who, what) for who, what in pairs if who in self.people and what in self.needs]

    def _line(self, who: Id, what: Id) -> Line:
        need = self.needs[what]
        shift = self.shifts[need.shift]
        firm = self.held.get((who, what), False)
        terms = self.terms.get((who, what), Pair(who, what))
        minutes = shift.end - shift.start if terms.load is None else terms.load
        event, venue = self.events[shift.event], self.venues[shift.venue]
        return Line(self.people[who], need, shift, event, venue, firm, minutes, terms.cost)


def known_roads(problem: Problem) -> Iterator[tuple[tuple[Id, Id], float]]:
    """Kilometres by road from venue to venue, as far as they are given."""
    if problem.roads is None:
        return
    venues = problem.roads.venues
    for here, row in zip(venues, problem.roads.km, strict=True):
        yield from (((here, there), far) for there, far in zip(venues, row, strict=True) if far >= 0)


def keyed(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Hashable, list[Row]]:
    """The rows by their key, keys and rows in the order in which they come."""
    found: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def groups(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[list[Row]]:
    return list(keyed(rows, key).values())


def km(a: Point | None, b: Point | None) -> float:
    """Great circle (haversine); an unknown point is no distance away."""
    if a is None or b is None:
        return 0.0
    up, across = radians(b.lat - a.lat), radians(b.lon - a.lon)
    h = sin(up / 2) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(across / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, h)))


def home_km(line: Line) -> int:
    """Whole kilometres from home to the venue, halves up."""
    return floor(km(line.person.at, line.venue.at) + 0.5)


def stays(served: list[Line]) -> list[Stay]:
    """Where one person is: the promises elsewhere, then the lines, all of the same person."""
    busy = [
        Stay(busy.start, busy.end, busy.day, busy.minutes, busy.at, f"busy {number}", busy.venue)
        for number, busy in enumerate(served[0].person.busy)
    ]
    return busy + [
        Stay(
            line.start,
            line.end,
            line.shift.day,
            line.minutes,
            line.venue.at,
            f"event {line.event.id}",
            line.venue.id,
            line,
        )
        for line in served
    ]


def lines_of(several: Iterable[Stay]) -> list[Line]:
    return [stay.line for stay in several if stay.line is not None]
