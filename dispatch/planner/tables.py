"""The problem as arrays: one row a person, need or promise, in the problem's order. No rules, no goals.

Minutes are int64, indices int32; an unknown point is NaN, "for ever" is ``ALWAYS``, "never" is ``NEVER``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from dispatch.planner.desk import EARTH_KM, WINDING, Desk, month, week
from dispatch.planner.problem import Person, Point, Problem, Span

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ALWAYS = np.int64(2**40)
NEVER = np.int64(-1)
MODES = ("tutoring", "training", "performance", "support")
STRIDE = np.int64(2**28)  # more than any minute: person * STRIDE + minute sorts by person, then time


@dataclass(frozen=True, slots=True)
class Spans:
    """Sorted disjoint spans of all people, searchable by person and minute."""

    keys: Ints
    ends: Ints

    def cover(self, people: Ints, start: Ints | int, end: Ints | int) -> Flags:
        """Whether ``start..end`` lies inside one span of each person."""
        if not len(self.keys):
            return np.zeros(len(people), np.bool_)
        at = np.searchsorted(self.keys, people * STRIDE + start, side="right") - 1
        found = np.maximum(at, 0)
        covered: Flags = (at >= 0) & (self.keys[found] // STRIDE == people) & (self.ends[found] >= end)
        return covered


@dataclass(frozen=True, slots=True)
class People:
    automated: Flags
    lat: Floats
    lon: Floats
    born_year: Ints
    born_day: Ints
    checked: Ints
    guardian: Ints
    max_km: Floats
    speed: Floats
    rest: Ints
    max_day: Ints
    max_week: Ints
    max_month: Ints
    max_rolling: Ints
    max_events: Ints
    load: Ints
    reliability: Ints
    cost: Ints
    free: Spans
    preferred: Spans
    likes: Flags


@dataclass(frozen=True, slots=True)
class Needs:
    """One row a need, with the columns of its shift, event and venue. ``start..end``: occupied; ``series``: number of
    the (series, role) that wants one tutor, ``saga``: number of the event's series, -1 = none; ``cast``: the fewest
    people of a team, 0 = no team; ``cap``: what a plan may staff, max(desired, firm); ``mentor``: number of the
    mentors' need, -1 = no learners' need."""

    shift: Ints
    event: Ints
    venue: Ints
    role: Ints
    start: Ints
    end: Ints
    minutes: Ints
    day: Ints
    week: Ints
    month: Ints
    lat: Floats
    lon: Floats
    low: Ints
    desired: Ints
    cap: Ints
    firm: Ints
    leader: Flags
    cast: Ints
    series: Ints
    saga: Ints
    mode: Ints
    mentor: Ints
    per_mentor: Ints


@dataclass(frozen=True, slots=True)
class Promises:
    """Busy spans and firm lines, sorted by person: person p has the rows ``first[p]:first[p+1]``. -1 = a busy span,
    which may have a venue all the same."""

    first: Ints
    person: Ints
    need: Ints
    shift: Ints
    event: Ints
    venue: Ints
    role: Ints
    start: Ints
    end: Ints
    day: Ints
    week: Ints
    month: Ints
    minutes: Ints
    lat: Floats
    lon: Floats


@dataclass(frozen=True, slots=True)
class Terms:
    """Pairs for which something is different, sorted by ``key`` = person * needs + need. ``load`` -1: the shift's."""

    key: Ints
    load: Ints
    cost: Ints
    needs: int

    def minutes(self, person: Ints, need: Ints, usual: Ints) -> Ints:
        if not len(self.key):
            return usual
        at, found = self._find(person, need)
        return np.where(found & (self.load[at] >= 0), self.load[at], usual)

    def costs(self, person: Ints, need: Ints) -> Ints:
        if not len(self.key):
            return np.zeros(len(person), np.int64)
        at, found = self._find(person, need)
        return np.where(found, self.cost[at], 0)

    def _find(self, person: Ints, need: Ints) -> tuple[Ints, Flags]:
        wanted = person * self.needs + need
        at = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        return at, self.key[at] == wanted


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything numeric about one problem. ``held``: pairs (person, need) of the whole roster, ``firm`` marks them.
    ``known``: sorted keys person * ``places`` + number of a venue, or of a series behind the venues, that they know.
    ``roads``: kilometres by road between venues."""

    problem: Problem
    desk: Desk
    people: People
    needs: Needs
    promises: Promises
    person_number: dict[str, int]
    need_number: dict[str, int]
    held_person: Ints
    held_need: Ints
    held_firm: Flags
    known: Ints
    places: int
    terms: Terms
    roads: Floats

    def minutes(self, person: Ints, need: Ints) -> Ints:
        """What each pair counts for limits and ledger."""
        return self.terms.minutes(person, need, self.needs.minutes[need])


def tabulate(desk: Desk) -> Tables:
    """The tables of the desk's problem."""
    problem = desk.problem
    numbers = {p.id: i for i, p in enumerate(problem.people)}
    need_numbers = {n.id: i for i, n in enumerate(problem.needs)}
    needs = _needs(desk)
    place = {v.id: i for i, v in enumerate(problem.venues)}
    sagas = _sagas(problem)
    return Tables(
        problem,
        desk,
        _people(problem.people),
        needs,
        _promises(desk, needs, need_numbers, place),
        numbers,
        need_numbers,
        ints(numbers[h.person] for h in problem.roster),
        ints(need_numbers[h.need] for h in problem.roster),
        np.fromiter((h.firm for h in problem.roster), np.bool_, len(problem.roster)),
        _known(problem, place, {name: len(place) + number for name, number in sagas.items()}),
        len(place) + len(sagas) + 1,
        _terms(problem, numbers, need_numbers),
        roads(problem),
    )


def among(keys: Ints, wanted: Ints) -> Flags:
    """Which of ``wanted`` are among the sorted ``keys``."""
    if not len(keys):
        return np.zeros(len(wanted), np.bool_)
    found: Flags = keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted
    return found


def _sagas(problem: Problem) -> dict[str, int]:
    """The series that events belong to, numbered."""
    names = dict.fromkeys(e.series for e in problem.events if e.series is not None)
    return {name: number for number, name in enumerate(names)}


def _known(problem: Problem, places: dict[str, int], sagas: dict[str, int]) -> Ints:
    size = len(places) + len(sagas) + 1
    rows = [
        i * size + number
        for i, p in enumerate(problem.people)
        for name in p.knows
        for number in (places.get(name), sagas.get(name))
        if number is not None
    ]
    return np.sort(np.array(rows, np.int64))


def ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def kilometres(lat1: Floats, lon1: Floats, lat2: Floats | float, lon2: Floats | float) -> Floats:
    """Great-circle kilometres, the same formula as ``desk.km``; 0 when a point is unknown."""
    north, east = np.radians(lat2 - lat1), np.radians(lon2 - lon1)
    h = np.sin(north / 2) ** 2 + np.cos(np.radians(lat1)) * np.cos(np.radians(lat2)) * np.sin(east / 2) ** 2
    far: Floats = np.nan_to_num(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(1.0, h))))
    return far


def roads(problem: Problem) -> Floats:
    """Kilometres by road between all venues, by venue number: known ways, else the crow's flight and the winding."""
    lat, lon = _points([venue.at for venue in problem.venues])
    far = kilometres(lat[:, None], lon[:, None], lat[None, :], lon[None, :]) * WINDING
    if problem.roads is not None:
        numbers = {venue.id: number for number, venue in enumerate(problem.venues)}
        some = [row for row, venue in enumerate(problem.roads.venues) if venue in numbers]
        known = ints(numbers[problem.roads.venues[row]] for row in some)
        km = np.array(problem.roads.km, np.float64).reshape(len(problem.roads.venues), -1)[np.ix_(some, some)]
        here = np.ix_(known, known)
        far[here] = np.where(km >= 0, km, far[here])
    return far


def trips(far: Floats, speed: Floats) -> Ints:
    """Whole minutes of travel for so many kilometres of road, the same formula as ``desk.travel_minutes``."""
    return np.ceil(far / speed * 60).astype(np.int64)


def _points(points: Sequence[Point | None]) -> tuple[Floats, Floats]:
    lat = np.fromiter((p.lat if p else np.nan for p in points), np.float64, len(points))
    lon = np.fromiter((p.lon if p else np.nan for p in points), np.float64, len(points))
    return lat, lon


def _spans(spans: Sequence[Sequence[Span]]) -> Spans:
    rows = [
        (i * int(STRIDE) + start, end)
        for i, mine in enumerate(spans)
        for start, end in sorted((s.start, s.end) for s in mine)
    ]
    flat = np.array(rows, np.int64).reshape(-1, 2)
    return Spans(np.ascontiguousarray(flat[:, 0]), np.ascontiguousarray(flat[:, 1]))


def _until(values: Iterable[int | None]) -> Ints:
    return ints(int(NEVER) if v is None else v for v in values)


def _people(people: tuple[Person, ...]) -> People:
    lat, lon = _points([p.at for p in people])
    births = [date.fromordinal(p.born) if p.born is not None else None for p in people]
    return People(
        np.fromiter((p.automated for p in people), np.bool_, len(people)),
        lat,
        lon,
        ints(b.year if b else int(NEVER) for b in births),
        ints(b.month * 100 + b.day if b else 0 for b in births),
        _until(p.checked_until for p in people),
        _until(p.guardian_until for p in people),
        np.fromiter((p.max_km for p in people), np.float64, len(people)),
        np.fromiter((p.speed for p in people), np.float64, len(people)),
        ints(p.rest for p in people),
        ints(p.max_day for p in people),
        ints(p.max_week for p in people),
        ints(p.max_month for p in people),
        ints(p.max_rolling for p in people),
        ints(p.max_events for p in people),
        ints(p.load for p in people),
        ints(p.reliability for p in people),
        ints(p.cost for p in people),
        _spans([p.free for p in people]),
        _spans([p.preferred for p in people]),
        np.array([[mode in p.likes for mode in MODES] for p in people], np.bool_).reshape(-1, len(MODES)),
    )


def _terms(problem: Problem, people: dict[str, int], needs: dict[str, int]) -> Terms:
    key = ints(people[pair.person] * len(needs) + needs[pair.need] for pair in problem.pairs)
    load = ints(-1 if pair.load is None else pair.load for pair in problem.pairs)
    order = np.argsort(key)
    return Terms(key[order], load[order], ints(pair.cost for pair in problem.pairs)[order], len(needs))


def _needs(desk: Desk) -> Needs:
    problem = desk.problem
    shift_no = {s.id: i for i, s in enumerate(problem.shifts)}
    event_no = {e.id: i for i, e in enumerate(problem.events)}
    venue_no = {v.id: i for i, v in enumerate(problem.venues)}
    need_no = {n.id: i for i, n in enumerate(problem.needs)}
    role_no = {r: i for i, r in enumerate(dict.fromkeys(n.role for n in problem.needs))}
    series_no: dict[tuple[str, str], int] = {}
    sagas = _sagas(problem)
    events = [desk.events[desk.shifts[n.shift].event] for n in problem.needs]
    shifts = [desk.shifts[n.shift] for n in problem.needs]
    lat, lon = _points([desk.venues[s.venue].at for s in shifts])
    casts = {t.id: t.min_cast for t in problem.teams}
    tutors = [desk.series_of(n) for n in problem.needs]
    firm = ints(len(desk.holders.get(n.id, ())) for n in problem.needs)
    desired = ints(n.desired for n in problem.needs)
    return Needs(
        ints(shift_no[s.id] for s in shifts),
        ints(event_no[s.event] for s in shifts),
        ints(venue_no[s.venue] for s in shifts),
        ints(role_no[n.role] for n in problem.needs),
        ints(s.start - s.call for s in shifts),
        ints(s.end + s.out for s in shifts),
        ints(s.end - s.start for s in shifts),
        ints(s.day for s in shifts),
        ints(week(s.day) for s in shifts),
        ints(month(s.day) for s in shifts),
        lat,
        lon,
        ints(n.min for n in problem.needs),
        desired,
        np.maximum(desired, firm),
        firm,
        np.fromiter((n.leader for n in problem.needs), np.bool_, len(problem.needs)),
        ints(min(casts[n.team], n.max) if n.team is not None else 0 for n in problem.needs),
        ints(-1 if key is None else series_no.setdefault(key, len(series_no)) for key in tutors),
        ints(-1 if e.series is None else sagas[e.series] for e in events),
        ints(MODES.index(e.mode) for e in events),
        ints(-1 if n.mentor is None else need_no[n.mentor] for n in problem.needs),
        ints(n.per_mentor for n in problem.needs),
    )


def _promises(desk: Desk, needs: Needs, need_numbers: dict[str, int], place: dict[str, int]) -> Promises:
    people = desk.problem.people
    rows = [(i, c) for i, p in enumerate(people) for c in desk.commitments(p)]
    person = ints(i for i, _ in rows)
    need = ints(-1 if c.need is None else need_numbers[c.need] for _, c in rows)
    lat, lon = _points([c.at for _, c in rows])
    day = ints(c.day for _, c in rows)

    def column(values: Ints) -> Ints:
        return np.where(need < 0, -1, values[need]) if len(values) else need

    return Promises(
        np.searchsorted(person, np.arange(len(people) + 1)).astype(np.int64),
        person,
        need,
        column(needs.shift),
        column(needs.event),
        ints(place.get(c.venue, -1) if c.venue else -1 for _, c in rows),
        column(needs.role),
        ints(c.start for _, c in rows),
        ints(c.end for _, c in rows),
        day,
        ints(week(c.day) for _, c in rows),
        ints(month(c.day) for _, c in rows),
        ints(c.minutes for _, c in rows),
        lat,
        lon,
    )
