"""What the planner sees: a frozen problem, without rows, clocks, zones or names.

Units: instants and spans are whole **minutes since 1970-01-01T00:00Z**, half-open; a *day* is the proleptic ordinal
(``date.toordinal``) of the local date at the venue, so that weeks (Monday first) and months follow without a zone;
distances are kilometres as the crow flies between WGS-84 points; every weight and score is an integer.

A problem travels as JSON (``citong schema problem``). Reading it checks ranges and references and never guesses.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, BinaryIO, Final, Literal

from pydantic import Field, TypeAdapter

FORMAT: Final = 1
MAX_BYTES = 512 * 1024 * 1024
CHUNK = 1024 * 1024
PAIRED = ("roster", "pairs")
UNLIMITED: Final = 1_000_000

Id = Annotated[str, Field(min_length=1, max_length=80)]
Minute = Annotated[int, Field(ge=0, le=200_000_000)]
Minutes = Annotated[int, Field(ge=0, le=1_000_000)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Weight = Annotated[int, Field(ge=0, le=1_000_000_000)]
Cost = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Level = Annotated[int, Field(ge=1, le=5)]
Day = Annotated[int, Field(ge=1, le=3_000_000)]
Kilometres = Annotated[float, Field(ge=-1, le=20_000)]
Mode = Literal["tutoring", "training", "performance", "support"]


@dataclass(frozen=True, slots=True)
class Point:
    lat: Latitude
    lon: Longitude


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open: ``start <= t < end``; touching spans do not clash."""

    start: Minute
    end: Minute


@dataclass(frozen=True, slots=True)
class Hold:
    """A person's proven skill or training. ``until``: the first minute at which it is over; none = for ever."""

    skill: Id
    level: Level = 1
    until: Minute | None = None


@dataclass(frozen=True, slots=True)
class Asks:
    """A need asks for a skill at least at this level; skills that include it are expanded into the person's holds."""

    skill: Id
    level: Level = 1


@dataclass(frozen=True, slots=True)
class Busy:
    """A live promise of the person outside this problem: occupies ``start..end`` (call time and get-out included) and
    counts ``minutes`` of service on ``day``. ``venue``: one of the problem's, to which known ways lead; ``at`` is its
    point then."""

    start: Minute
    end: Minute
    day: Day
    minutes: Minutes
    at: Point | None = None
    venue: Id | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """``max_rolling``: minutes in any seven days. ``declined``: needs that the person said no to or left; nobody
    asks again by itself. ``free``: disjoint, sorted, merged spans in which the person can serve (weekly pattern,
    exceptions, holidays and make-up workdays are already applied); ``preferred``: the parts of it that the person
    likes best, merged too. ``load``: minutes served in the rolling fairness ledger before this window. ``knows``:
    ids of series and venues where the person has served (continuity). ``reliability``: 0..1000, unexcused no-shows
    only. ``cost``: taken off the score once, when the person serves at all. ``region``: where
    the person lives, for scopes and tallies; no rule asks it."""

    id: Id
    at: Point | None = None
    born: Annotated[int, Field(ge=1, le=3_000_000)] | None = None
    holds: tuple[Hold, ...] = ()
    languages: tuple[Id, ...] = ()
    free: tuple[Span, ...] = ()
    preferred: tuple[Span, ...] = ()
    busy: tuple[Busy, ...] = ()
    likes: tuple[Mode, ...] = ()
    knows: tuple[Id, ...] = ()
    limitations: tuple[Id, ...] = ()
    blocked: tuple[Id, ...] = ()
    declined: tuple[Id, ...] = ()
    max_day: Minutes = 480
    max_week: Minutes = 1200
    max_month: Minutes = 3600
    max_rolling: Minutes = UNLIMITED
    max_events: Count = 12
    rest: Minutes = 600
    max_km: Annotated[float, Field(ge=0, le=2000)] = 30.0
    speed: Annotated[float, Field(ge=0.1, le=200)] = 20.0
    checked_until: Minute | None = None
    guardian_until: Minute | None = None
    automated: bool = True
    load: Minutes = 0
    reliability: Annotated[int, Field(ge=0, le=1000)] = 1000
    cost: Weight = 0
    region: Id = "-"


@dataclass(frozen=True, slots=True)
class Team:
    """Goes whole: on a need that asks for this team either at least ``min_cast`` members serve, or nobody."""

    id: Id
    members: tuple[Id, ...]
    min_cast: Annotated[int, Field(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class Venue:
    id: Id
    at: Point | None = None
    region: Id = "-"


@dataclass(frozen=True, slots=True)
class Event:
    """``leader``: runs only with a full leader need. ``quorum``: runs only with at least so many people in all
    (over each shift); 0 = none. ``series``: one tutor serves all events of a series, in this window and beyond it
    (``Problem.tutors``). ``waiting``: days since the village was last served. ``locked``: the roster is locked, nobody
    is added by a plan."""

    id: Id
    mode: Mode = "support"
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    unit: Id = "-"
    region: Id = "-"
    series: Id | None = None
    leader: bool = False
    quorum: Count = 0
    waiting: Annotated[int, Field(ge=0, le=3650)] = 0
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """Occupies ``start - call .. end + out``; counts ``end - start`` minutes of service on local ``day``."""

    id: Id
    event: Id
    venue: Id
    start: Minute
    end: Minute
    day: Day
    call: Annotated[int, Field(ge=0, le=1440)] = 0
    out: Annotated[int, Field(ge=0, le=1440)] = 0


@dataclass(frozen=True, slots=True)
class Need:
    """So many people in one role on one shift: ``min`` are mandatory, up to ``desired`` wished, never above ``max``.
    ``team``: only members of that team. ``leader``: this need is the event's leader. ``demands``: conditions (stairs,
    night, loud …) that exclude people who declared that limitation. Ages in completed years on the shift's day.
    ``mentor``: these are learners' seats; for each person who serves on that need of the same shift, up to
    ``per_mentor`` people may serve here, and none without one."""

    id: Id
    shift: Id
    role: Id
    min: Count = 1
    desired: Count = 1
    max: Count = 1
    asks: tuple[Asks, ...] = ()
    languages: tuple[Id, ...] = ()
    age_min: Annotated[int, Field(ge=0, le=150)] = 0
    age_max: Annotated[int, Field(ge=0, le=150)] = 150
    near_minors: bool = False
    leader: bool = False
    team: Id | None = None
    demands: tuple[Id, ...] = ()
    mentor: Id | None = None
    per_mentor: Annotated[int, Field(ge=1, le=1000)] = 1


@dataclass(frozen=True, slots=True)
class Held:
    """A live line of the roster inside this problem. ``firm`` (accepted or pinned) stays; otherwise (an open offer)
    staying is worth the ``keep`` weight."""

    person: Id
    need: Id
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Tutor:
    """Whoever firmly serves in this ``role`` at events of the ``series`` beyond this window. They need not be among the
    problem's people."""

    series: Id
    role: Id
    person: Id


@dataclass(frozen=True, slots=True)
class Pair:
    """What is different for one person on one need. ``load``: minutes that count for limits and ledger instead of the
    shift's own; none = those. ``cost``: taken off the score; below zero it is a gain."""

    person: Id
    need: Id
    load: Minutes | None = None
    cost: Cost = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """The goals, by powers of three; ``config/policy.toml``. What each multiplies is said in ``goals.py``."""

    mandatory: Weight = 6_561_000
    keep: Weight = 729_000
    desired: Weight = 243_000
    continuity: Weight = 27_000
    preferred: Weight = 9_000
    likes: Weight = 3_000
    travel: Weight = 1_000
    reliability: Weight = 9_000
    level: Weight = 3_000
    fairness: Weight = 300
    equal: Weight = 243_000


@dataclass(frozen=True, slots=True)
class Roads:
    """Known ways between venues: ``km[i][j]`` kilometres by road from ``venues[i]`` to ``venues[j]``, the same both
    ways, below zero where not known. Ways that are not known here are 1.3 times as long as the crow flies."""

    venues: tuple[Id, ...]
    km: tuple[tuple[Kilometres, ...], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One window and scope. ``id`` names the run, nothing else."""

    id: Id
    window: Span
    people: tuple[Person, ...] = ()
    teams: tuple[Team, ...] = ()
    venues: tuple[Venue, ...] = ()
    events: tuple[Event, ...] = ()
    shifts: tuple[Shift, ...] = ()
    needs: tuple[Need, ...] = ()
    roster: tuple[Held, ...] = ()
    pairs: tuple[Pair, ...] = ()
    roads: Roads | None = None
    weights: Weights = field(default_factory=Weights)
    tutors: tuple[Tutor, ...] = ()
    format: Literal[1] = FORMAT


class Malformed(ValueError):
    """The problem contradicts itself. Carries every fault, each a sentence that names the place and the remedy."""

    def __init__(self, faults: Iterable[str]):
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults[:5]))


PROBLEM: TypeAdapter[Problem] = TypeAdapter(Problem)


def load(source: BinaryIO, most: int = MAX_BYTES) -> bytes:
    """All bytes of a problem. One that is larger than ``most`` raises :class:`Malformed`: a file before any of it is
    read, a pipe as soon as so much has come."""
    about = os.fstat(source.fileno())
    if stat.S_ISREG(about.st_mode):
        _small(about.st_size - source.tell(), most)
    parts, size = [], 0
    while part := source.read(CHUNK):
        size += len(part)
        _small(size, most)
        parts.append(part)
    return b"".join(parts)


def _small(size: int, most: int) -> None:
    if size > most:
        raise Malformed([f"the problem has {size} bytes or more, above the limit of {most}; plan a smaller scope"])


def read(data: bytes) -> Problem:
    """The problem in ``data`` (JSON). Raises :class:`Malformed`, or pydantic's ``ValidationError`` for wrong fields."""
    _small(len(data), MAX_BYTES)
    problem = PROBLEM.validate_json(data)
    if faults := tuple(_faults(problem)):
        raise Malformed(faults)
    return problem


def write(problem: Problem) -> bytes:
    return PROBLEM.dump_json(problem)


def _faults(problem: Problem) -> Iterable[str]:
    people = {p.id for p in problem.people}
    shifts = {s.id for s in problem.shifts}
    needs = {n.id for n in problem.needs}
    teams = {t.id for t in problem.teams}
    yield from _doubles(problem)
    for person in problem.people:
        for name, spans in (("free", person.free), ("preferred", person.preferred)):
            if any(earlier.end >= later.start for earlier, later in pairwise(spans)):
                yield f"person {person.id}: {name} spans overlap, touch or are unsorted; merge and sort them"
    for team in problem.teams:
        if strangers := set(team.members) - people:
            yield f"team {team.id}: unknown members {sorted(strangers)[:3]}; add them to people or drop them"
    yield from _shift_faults(problem)
    for need in problem.needs:
        if need.shift not in shifts:
            yield f"need {need.id}: unknown shift {need.shift}"
        if not need.min <= need.desired <= need.max:
            yield f"need {need.id}: wants min <= desired <= max, got {need.min}, {need.desired}, {need.max}"
        if need.team is not None and need.team not in teams:
            yield f"need {need.id}: unknown team {need.team}"
    yield from _mentor_faults(problem)
    yield from _road_faults(problem)
    yield from _busy_faults(problem)
    for noun in PAIRED:
        lost = (line for line in getattr(problem, noun) if line.person not in people or line.need not in needs)
        yield from (f"{noun}: unknown person or need in {line.person} on {line.need}" for line in lost)


def _doubles(problem: Problem) -> Iterable[str]:
    for noun in ("people", "teams", "venues", "events", "shifts", "needs"):
        seen: set[str] = set()
        for row in getattr(problem, noun):
            if row.id in seen:
                yield f"{noun}: the id {row.id} stands twice; ids are unique within {noun}"
            seen.add(row.id)
    for noun in PAIRED:
        lines = [(line.person, line.need) for line in getattr(problem, noun)]
        if len(lines) != len(set(lines)):
            yield f"{noun}: a person stands twice on one need; keep one line"


def _shift_faults(problem: Problem) -> Iterable[str]:
    events = {e.id for e in problem.events}
    venues = {v.id for v in problem.venues}
    for shift in problem.shifts:
        if shift.event not in events:
            yield f"shift {shift.id}: unknown event {shift.event}"
        if shift.venue not in venues:
            yield f"shift {shift.id}: unknown venue {shift.venue}"
        if shift.end <= shift.start:
            yield f"shift {shift.id}: ends at or before its start; swap start and end"


def _busy_faults(problem: Problem) -> Iterable[str]:
    venues = {venue.id: venue.at for venue in problem.venues}
    for who, busy in ((person.id, busy) for person in problem.people for busy in person.busy):
        if busy.venue is not None and busy.at != venues.get(busy.venue, ()):
            yield f"person {who}: busy at the venue {busy.venue}, which is unknown or elsewhere; add it, give its point"


def _mentor_faults(problem: Problem) -> Iterable[str]:
    needs = {need.id: need for need in problem.needs}
    for need, mentor in ((need, needs.get(need.mentor)) for need in problem.needs if need.mentor is not None):
        if mentor is None:
            yield f"need {need.id}: unknown mentor's need {need.mentor}"
        elif mentor.shift != need.shift or mentor.mentor is not None:
            yield f"need {need.id}: its mentor's need {need.mentor} must be on the same shift and no learners' need"


def _road_faults(problem: Problem) -> Iterable[str]:
    if (roads := problem.roads) is None:
        return
    size = len(roads.venues)
    if lost := set(roads.venues) - {venue.id for venue in problem.venues}:
        yield f"roads: unknown venues {sorted(lost)[:3]}; add them to venues or drop them"
    if len(set(roads.venues)) < size:
        yield "roads: a venue stands twice; keep one row"
    if len(roads.km) != size or any(len(row) != size for row in roads.km):
        yield f"roads: wants {size} rows of {size} kilometres, as there are {size} venues"
    elif tuple(zip(*roads.km, strict=True)) != roads.km:
        yield "roads: a way is not as long back as forth; give the same kilometres both ways"
