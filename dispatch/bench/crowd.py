"""The people of a made-up week, drawn as arrays (one row a person) and turned into objects at the end.

What is drawn, all from one seed: five walks of life with their ages and weekly hours; skills by a Zipf law, from
keeping order down to 提线木偶; languages, limitations, checks and consents, radius, pace, limits and past hours.
"""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dispatch.bench.places import Town, near
from dispatch.planner.problem import Busy, Hold, Mode, Person, Point, Span, Team

MONDAY: Final = 739_677  # 2026-03-02, the first day of every week made here
MIDNIGHT: Final = (MONDAY - 719_163) * 1440 - 480  # its first minute in Quanzhou, in minutes since 1970 UTC
SLOTS: Final = ((450, 750), (750, 1080), (1080, 1350))  # morning, afternoon, evening: local minutes of the day

COMMON: Final = (
    *("order", "companionship", "homework", "guiding", "photography", "choir", "dance", "calligraphy", "first-aid"),
    *("english", "recitation", "painting", "hosting", "taichi", "paper-cutting", "sound", "lighting", "chess"),
    *("instruments", "writing", "coding", "counselling", "sign-language"),
)
HERITAGE: Final = (
    *("storytelling-minnan", "gaojia-opera", "liyuan-opera", "nanyin", "paixiong-dance", "wuzu-boxing"),
    *("baihe-boxing", "lantern-making", "paper-engraving", "glove-puppets", "string-puppets", "stone-carving"),
    *("white-porcelain", "incense", "flower-hairpins", "dacheng-opera"),
)
SKILLS: Final = COMMON + HERITAGE
ZIPF: Final = 1.3

PUPIL, STUDENT, WORKER, RETIRED, FLEXIBLE = range(5)
SHARES = (0.05, 0.20, 0.35, 0.25, 0.15)
AGES = ((14, 17), (18, 23), (24, 55), (56, 74), (28, 60))
WEEKDAY = ((0.0, 0.0, 0.05), (0.12, 0.18, 0.40), (0.02, 0.02, 0.34), (0.50, 0.45, 0.18), (0.45, 0.35, 0.10))
WEEKEND = ((0.45, 0.45, 0.10), (0.50, 0.50, 0.40), (0.45, 0.45, 0.35), (0.40, 0.40, 0.15), (0.20, 0.20, 0.10))
CHECKED = (0.10, 0.60, 0.35, 0.50, 0.45)

Bits = NDArray[np.bool_]
Ints = NDArray[np.int64]
Numbers = NDArray[np.float64]
MODES: tuple[Mode, ...] = ("tutoring", "training", "performance", "support")


@dataclass(slots=True)
class Crowd:
    """One row a person. ``slots[person, day, slot]`` = free; ``skills[person, skill]`` = level, 0 = none; ``max_km`` is
    the radius."""

    town: Ints
    walk: Ints
    slots: Bits
    skills: Ints
    max_km: Numbers
    towns: tuple[Town, ...]

    def __len__(self) -> int:
        return len(self.town)


@dataclass(frozen=True, slots=True)
class Troupe:
    """A team of one county, the skill that it shows, and the (day, slot) pairs of the week in which it performs."""

    team: Team
    county: str
    skill: str
    slots: tuple[tuple[int, int], ...]


def crowd(rng: np.random.Generator, towns: tuple[Town, ...], people: int) -> Crowd:
    """Who lives where and does what, when they are free and what they can do."""
    weights = np.array([town.weight for town in towns])
    town = rng.choice(len(towns), people, p=weights / weights.sum())
    walk = rng.choice(5, people, p=SHARES)
    week = np.stack([np.array(WEEKDAY)] * 5 + [np.array(WEEKEND)] * 2, axis=1)
    slots = rng.random((people, 7, 3)) < week[walk]
    frequency = np.arange(1, len(SKILLS) + 1) ** -ZIPF
    luck = np.log(frequency / frequency.sum()) + rng.gumbel(size=(people, len(SKILLS)))
    rank = np.argsort(np.argsort(-luck, axis=1), axis=1)
    has = rank < (1 + rng.poisson(1.2, people))[:, None]
    level = np.minimum(5, rng.geometric(0.45, (people, len(SKILLS))))
    max_km = rng.choice([4.0, 8.0, 12.0, 20.0, 40.0], people, p=[0.15, 0.27, 0.28, 0.20, 0.10])
    return Crowd(town, walk, slots, np.where(has, level, 0), max_km, towns)


def troupes(draw: Random, crowd: Crowd, count: int) -> tuple[Troupe, ...]:
    """Teams that perform. Members live in one county, get the skill shown, travel 60 km together and are free at most
    of the troupe's slots; ``crowd`` is changed accordingly."""
    by_county: dict[str, list[int]] = {}
    for person, town in enumerate(crowd.town.tolist()):
        by_county.setdefault(crowd.towns[town].county, []).append(person)
    weights = [len(members) for members in by_county.values()]
    shown = [SKILLS.index(name) for name in ("choir", "dance", "nanyin", "gaojia-opera", "string-puppets", "taichi")]
    made = []
    for number in range(count):
        county = draw.choices(list(by_county), weights)[0]
        residents = by_county[county]
        members = draw.sample(residents, min(len(residents), draw.randint(10, 18)))
        skill = draw.choice(shown)
        slots = tuple(draw.sample([(5, 1), (5, 2), (6, 1), (6, 2), (4, 2), (2, 2), (5, 0)], draw.randint(2, 3)))
        for person in members:
            crowd.skills[person, skill] = max(crowd.skills[person, skill], draw.randint(2, 4))
            crowd.max_km[person] = max(crowd.max_km[person], 60.0)
            for day, slot in slots:
                crowd.slots[person, day, slot] |= draw.random() < 0.8
        ids = tuple(name(person) for person in sorted(members))
        team = Team(f"t{number:04d}", ids, max(2, min(draw.randint(5, 8), len(members) - 2)))
        made.append(Troupe(team, county, SKILLS[skill], slots))
    return tuple(made)


def name(person: int) -> str:
    return f"p{person:06d}"


def people(rng: np.random.Generator, draw: Random, crowd: Crowd, known: dict[str, list[str]]) -> tuple[Person, ...]:
    """The persons of the crowd; ``known`` = ids of series and venues by town, for continuity."""
    count = len(crowd)
    low, high = np.array(AGES).T
    age = rng.uniform(low[crowd.walk], high[crowd.walk] + 0.99)
    columns: dict[str, list[Any]] = {
        "born": (MONDAY - age * 365.25).astype(int).tolist(),
        "load": (rng.lognormal(6.2, 0.9, count).clip(0, 12_000).astype(int)).tolist(),
        "checked": (rng.random(count) < np.array(CHECKED)[crowd.walk]).tolist(),
        "minor": (age < 18.1).tolist(),
        "max_km": crowd.max_km.tolist(),
        "speed": rng.choice([10.0, 15.0, 22.0, 35.0], count, p=[0.15, 0.35, 0.3, 0.2]).tolist(),
        "day": rng.choice([180, 240, 360, 480], count, p=[0.15, 0.35, 0.3, 0.2]).tolist(),
        "week": rng.choice([240, 360, 600, 1200], count, p=[0.25, 0.35, 0.3, 0.1]).tolist(),
        "slots": crowd.slots.tolist(),
        "skills": [np.flatnonzero(row).tolist() for row in crowd.skills],
    }
    return tuple(_person(draw, crowd, known, row, columns) for row in range(count))


def _person(draw: Random, crowd: Crowd, known: dict[str, list[str]], row: int, columns: dict[str, list[Any]]) -> Person:
    town = crowd.towns[int(crowd.town[row])]
    free = _free(columns["slots"][row])
    at = near(draw, town.at, 2.5)
    end = MIDNIGHT + 7 * 1440
    return Person(
        id=name(row),
        at=None if draw.random() < 0.01 else at,
        born=None if draw.random() < 0.01 else columns["born"][row],
        holds=tuple(_hold(draw, crowd, row, skill) for skill in columns["skills"][row]),
        languages=_languages(draw),
        free=free,
        preferred=tuple(span for span in free if draw.random() < 0.3),
        busy=_busy(draw, free, at),
        likes=tuple(draw.sample(MODES, draw.randint(0, 2))),
        knows=_knows(draw, known.get(town.id, [])),
        limitations=tuple(x for x in ("stairs", "night", "heavy", "loud") if draw.random() < 0.04),
        blocked=_blocked(draw, len(crowd)),
        max_day=columns["day"][row],
        max_week=columns["week"][row],
        max_month=4 * columns["week"][row],
        max_events=draw.choice((3, 4, 6, 12)),
        max_km=columns["max_km"][row],
        speed=columns["speed"][row],
        checked_until=end + draw.randint(-4000, 400_000) if columns["checked"][row] else None,
        guardian_until=end + 100_000 if columns["minor"][row] and draw.random() < 0.8 else None,
        automated=draw.random() >= 0.02,
        load=columns["load"][row],
        reliability=1000 if draw.random() < 0.8 else draw.randint(600, 999),
    )


def _free(days: list[list[bool]]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for day, slots in enumerate(days):
        midnight = MIDNIGHT + day * 1440
        for free, (opens, closes) in zip(slots, SLOTS, strict=True):
            start, end = midnight + opens, midnight + closes
            if free and spans and spans[-1].end == start:
                spans[-1] = Span(spans[-1].start, end)
            elif free:
                spans.append(Span(start, end))
    return tuple(spans)


def _hold(draw: Random, crowd: Crowd, row: int, skill: int) -> Hold:
    until = MIDNIGHT + draw.randint(0, 400_000) if draw.random() < 0.15 else None
    return Hold(SKILLS[skill], int(crowd.skills[row, skill]), until)


def _languages(draw: Random) -> tuple[str, ...]:
    spoken = (("zh", 1.0), ("minnan", 0.75), ("en", 0.15), ("sign", 0.01))
    return tuple(language for language, share in spoken if draw.random() < share)


def _busy(draw: Random, free: tuple[Span, ...], at: Point) -> tuple[Busy, ...]:
    if not free or draw.random() > 0.15:
        return ()
    span = draw.choice(free)
    start = span.start + draw.randrange(0, 60, 15)
    day = MONDAY + (start - MIDNIGHT) // 1440
    return (Busy(start, start + 150, day, 120, near(draw, at, 6.0)),)


def _knows(draw: Random, here: list[str]) -> tuple[str, ...]:
    return tuple(draw.sample(here, min(len(here), draw.randint(1, 2)))) if draw.random() < 0.25 else ()


def _blocked(draw: Random, count: int) -> tuple[str, ...]:
    if draw.random() < 0.005:
        return (name(draw.randrange(count)),)
    return (f"u{draw.randrange(20):02d}",) if draw.random() < 0.01 else ()
