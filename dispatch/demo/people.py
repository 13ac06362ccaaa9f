"""The volunteers of the demo: who lives where, how old they are, what they can do and when they are free."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final, Literal
from uuid import UUID

from dispatch.demo.arts import Catalogue, abilities
from dispatch.demo.chance import Ids, spread, stream
from dispatch.demo.names import named
from dispatch.demo.places import REACH_KM, Places, Town
from volunteer.models import Volunteer

Walk = Literal["pupil", "student", "worker", "flexible", "retired"]
Spans = list[tuple[int, int]]

# Ages as in the online register of a neighbouring province (domain 6), with some more of the elderly.
_AGES: Final = ((14, 17, 4), (18, 22, 13), (23, 40, 46), (41, 60, 26), (61, 79, 11))

# Local minutes of the day: morning, afternoon, evening. Neighbours merge, so that a free day is one span.
SLOTS: Final = ((450, 750), (750, 1080), (1080, 1350))
# How likely each walk of life is free in each slot: on a workday, and at the weekend.
_WORKDAY: Final[dict[Walk, tuple[float, float, float]]] = {
    "pupil": (0.0, 0.0, 0.10),
    "student": (0.12, 0.20, 0.45),
    "worker": (0.02, 0.02, 0.42),
    "flexible": (0.30, 0.32, 0.30),
    "retired": (0.60, 0.55, 0.25),
}
_WEEKEND: Final[dict[Walk, tuple[float, float, float]]] = {
    "pupil": (0.50, 0.50, 0.15),
    "student": (0.55, 0.55, 0.45),
    "worker": (0.50, 0.50, 0.40),
    "flexible": (0.35, 0.35, 0.30),
    "retired": (0.50, 0.50, 0.25),
}
_CHECKED: Final[dict[Walk, float]] = {
    "pupil": 0.0, "student": 0.55, "worker": 0.45, "flexible": 0.55, "retired": 0.55,
}  # fmt: skip
# Radius in km by the way people travel: in town, and where villages lie far apart.
_TRAVEL: Final = {"walk": (3.0, 5.0), "bike": (8.0, 12.0), "bus": (15.0, 25.0), "car": (30.0, 50.0)}
_MODES: Final = ("tutoring", "training", "performance", "support")


@dataclass(slots=True)
class Resident:
    """A volunteer while the demo is drawn. ``week``: free spans in local minutes by weekday; ``away``: days of the
    demo week (0 = first) with an exception; ``lapsed``: abilities whose proof ended before the week; ``taken``: days on
    which the drawn roster already needs the person; ``team``: sings or plays in one; ``persona``: one of the
    people that the demo signs in as."""

    row: Volunteer
    town: Town
    age: int
    walk: Walk
    skills: dict[str, int]
    week: list[Spans]
    preferred: set[int] = field(default_factory=set)
    away: set[int] = field(default_factory=set)
    lapsed: set[str] = field(default_factory=set)
    checked: bool = False
    guardian: bool = False
    blocked: bool = False
    team: bool = False
    persona: bool = False
    taken: set[int] = field(default_factory=set)

    @property
    def id(self) -> UUID:
        return self.row.id


def residents(places: Places, catalogue: Catalogue, *, count: int, seed: int, start: date) -> list[Resident]:
    """``count`` people, townships by their share of the city's residents."""
    draw, ids = stream(seed, "people"), Ids(seed, "volunteer", start)
    weights = places.weights
    towns = draw.choices(places.towns, weights, k=count)
    return [_resident(draw, ids(), number, town, catalogue, start) for number, town in enumerate(towns)]


def _resident(draw: Random, id_: UUID, number: int, town: Town, catalogue: Catalogue, start: date) -> Resident:
    low, high, _ = draw.choices(_AGES, [share for *_, share in _AGES])[0]
    age = draw.randint(low, high)
    walk = _walk(draw, age)
    checked = draw.random() < _CHECKED[walk]
    row = _row(draw, id_, number, town, age, start)
    row.languages = _languages(draw, catalogue, town)
    row.checked_until = start + timedelta(days=draw.randint(30, 900)) if checked else None
    skills = {catalogue.code(name): level for name, level in abilities(draw).items()}
    resident = Resident(row, town, age, walk, skills, _week(draw, walk), checked=checked)
    resident.preferred = {day for day in range(7) if draw.random() < 0.25}
    resident.away = {day for day in range(7) if draw.random() < 0.025}
    resident.lapsed = {code for code in skills if draw.random() < 0.03}
    resident.guardian = age < 18 and draw.random() < 0.85
    return resident


def _walk(draw: Random, age: int) -> Walk:
    if age < 18:
        return "pupil"
    if age < 23:
        return "student" if draw.random() < 0.75 else "worker"
    if age > 60:
        return "retired" if draw.random() < 0.85 else "flexible"
    if age > 54 and draw.random() < 0.45:
        return "retired"
    return "worker" if draw.random() < 0.66 else "flexible"


def _row(draw: Random, id_: UUID, number: int, town: Town, age: int, start: date) -> Volunteer:
    gender = "f" if draw.random() < 0.58 else "m"
    lat, lon = spread(draw, town.lat, town.lon, REACH_KM[town.kind])
    travel, max_km = _travel(draw, age, rural=town.kind != "subdistrict")
    week = draw.choices((240, 360, 600, 1200), (25, 35, 30, 10))[0]
    joined = datetime.combine(start - timedelta(days=draw.randint(20, 2000)), time(2, 0), UTC)
    return Volunteer(
        id=id_,
        number=f"QZ{number + 1:07d}",
        name=named(draw, gender, age),
        pinyin="",
        gender=gender,
        birth_date=_born(draw, age, start),
        region_id=town.code,
        lat=lat,
        lon=lon,
        email=f"qz{number + 1:07d}@people.demo.citong" if draw.random() < 0.6 else None,
        phone="",
        language="en" if draw.random() < 0.01 else "zh",
        languages=[],
        likes=draw.sample(_MODES, draw.choices((0, 1, 2), (4, 4, 2))[0]),
        limitations=[what for what in ("stairs", "night", "heavy", "loud") if draw.random() < 0.01 + (age > 60) * 0.09],
        travel_mode=travel,
        max_km=max_km,
        max_day=draw.choices((180, 240, 360, 480), (15, 35, 30, 20))[0],
        max_week=week,
        max_month=4 * week,
        max_events=draw.choice((4, 6, 8, 12)),
        rest=600,
        automated=draw.random() >= 0.02,
        checked_until=None,
        load=min(9000, int(draw.lognormvariate(5.6, 1.0))),
        no_shows=draw.choices((0, 1, 2), (94, 5, 1))[0],
        state="active",
        created_at=joined,
    )


def _born(draw: Random, age: int, start: date) -> date:
    """A birthday that makes the person ``age`` years old all through the demo week."""
    return date(start.year - age - 1, start.month, min(start.day, 28)) + timedelta(days=draw.randint(8, 355))


def _travel(draw: Random, age: int, *, rural: bool) -> tuple[str, float]:
    shares = (15, 30, 45, 10) if age < 23 or age > 65 else (8, 30, 22, 40)
    mode = draw.choices(list(_TRAVEL), shares)[0]
    return mode, _TRAVEL[mode][rural]


def _languages(draw: Random, catalogue: Catalogue, town: Town) -> list[str]:
    minnan = 0.75 if town.kind == "subdistrict" else 0.92
    spoken = [name for name, share in (("普通话", 0.985), ("闽南语", minnan), ("英语", 0.14)) if draw.random() < share]
    return [catalogue.language(name) for name in spoken or ["闽南语"]]


def _week(draw: Random, walk: Walk) -> list[Spans]:
    """Free spans by weekday, Monday first; touching slots merge, edges are half an hour wider now and then."""
    week: list[Spans] = []
    for weekday in range(7):
        chances = (_WEEKEND if weekday > 4 else _WORKDAY)[walk]
        spans: Spans = []
        for (begin, end), chance in zip(SLOTS, chances, strict=True):
            if draw.random() >= chance:
                continue
            if spans and spans[-1][1] == begin:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((begin - draw.choice((0, 0, 30)) * (begin == 450), end))
        week.append(spans)
    return week


def add_slot(resident: Resident, weekday: int, slot: int) -> None:
    """Make the person free in this slot too."""
    begin, end = SLOTS[slot]
    spans = sorted([*resident.week[weekday], (begin, end)])
    merged: Spans = []
    for low, high in spans:
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    resident.week[weekday] = merged


def by_county(people: Sequence[Resident]) -> dict[str, list[Resident]]:
    found: dict[str, list[Resident]] = {}
    for person in people:
        found.setdefault(person.town.county, []).append(person)
    return found
