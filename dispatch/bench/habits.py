"""A town of people who answer offers, made up from a seed: what the offers' bench replays.

People here are not drawn from the product's model of them. Nobody has a probability of saying yes. A person looks at
the phone when it rings, or not, and at habitual hours; on looking they count what speaks against an offer (too far,
not their kind of thing, too sudden, served a lot lately, rain, asked too often) and weigh it against the patience of
their temper; a private calendar, unknown to the program, and a bad week are vetoes; one objection too many is slept
over until the next look; a friend who has said yes counts for it; some never say no but leave it. Tempers fade over the
months, weeks of exams and harvest come over many at once, rain stays for days. All of it follows from the seed, the
person and the need, so that two policies meet the same people.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from dispatch.quiet import ZONE

DAY: Final = 1440
BEGINS: Final = datetime(2026, 3, 2, tzinfo=ZONE)  # a Monday
MODES: Final = ("tutoring", "training", "performance", "support")
OUTDOORS: Final = frozenset({"performance", "support"})
COUNTIES: Final = ("350502", "350503", "350504", "350521")
# Temper: share, patience, how often a look at the phone is left out, how often a no is said aloud.
TEMPERS: Final = {
    "keen": (0.15, 3, 0.1, 0.9),
    "steady": (0.35, 2, 0.25, 0.8),
    "choosy": (0.22, 1, 0.3, 0.7),
    "fading": (0.18, 2, 0.35, 0.4),
    "absent": (0.10, 1, 0.85, 0.2),
}
_HOURS: Final = ((7, 12, 19), (8, 21), (12, 18, 22), (9, 15, 20), (20,), (6, 11, 17, 21))


@dataclass(frozen=True, slots=True)
class Somebody:
    """``legs``: kilometres that are no trouble; ``sudden``: minutes of notice that they want; ``away``: private days;
    ``down``: bad weeks."""

    id: str
    county: str
    at: tuple[float, float]
    temper: str
    likes: frozenset[str]
    skills: frozenset[int]
    legs: float
    sudden: int
    hours: tuple[int, ...]
    away: frozenset[int]
    down: frozenset[int]
    friends: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gap:
    """A need of the town: ``seats`` mandatory ones, posted at ``posted`` for ``starts`` (minutes since ``BEGINS``)."""

    id: str
    county: str
    at: tuple[float, float]
    mode: str
    skill: int
    seats: int
    room: int
    posted: int
    starts: int
    ends: int


@dataclass(slots=True)
class Diary:
    """What has happened to each person so far: services (starts), requests (times), and who said yes to what."""

    served: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    agreed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def lately(self, person: str, at: int) -> int:
        return sum(at - 7 * DAY <= then <= at for then in self.asked[person])

    def busy(self, person: str, at: int) -> int:
        return sum(abs(then - at) <= 7 * DAY for then in self.served[person])


@dataclass(frozen=True, slots=True)
class Town:
    seed: int
    days: int
    people: Mapping[str, Somebody]
    gaps: Sequence[Gap]
    rain: frozenset[int]

    def answer(self, who: Somebody, gap: Gap, asked: int, until: int, diary: Diary) -> tuple[str, int]:
        """What this person does with the offer: ``yes`` or ``no`` and when, or ``silent`` at its end."""
        draw = Random(f"{self.seed}/{who.id}/{gap.id}")
        aloud = draw.random() < TEMPERS[who.temper][3]
        veto = gap.starts // DAY in who.away or (gap.starts // (7 * DAY) in who.down and draw.random() < 0.7)
        veto = veto or any(abs(then - gap.starts) < 240 for then in diary.served[who.id])
        slept = False
        for look in self._looks(who, draw, asked, until):
            too_many = self._objections(who, gap, look, diary) - self._patience(who, look)
            if not veto and (too_many <= 0 or (slept and too_many == 1 and draw.random() < 0.5)):
                return "yes", look
            if veto or too_many > 1 or slept:
                return ("no", look) if aloud else ("silent", until)
            slept = True
        return "silent", until

    def drops(self, who: Somebody, gap: Gap, agreed: int) -> int | None:
        """When somebody who said yes steps back, if ever: illness, a changed week, rain."""
        draw = Random(f"{self.seed}/{who.id}/{gap.id}/drop")
        risk = 0.04 + 0.05 * (gap.starts - agreed > 5 * DAY) + 0.06 * (gap.starts // DAY in self.rain)
        if draw.random() >= risk + 0.06 * (who.temper == "fading"):
            return None
        return agreed + int((gap.starts - agreed) * draw.uniform(0.2, 0.98))

    def _looks(self, who: Somebody, draw: Random, asked: int, until: int) -> Iterator[int]:
        leaves_out = TEMPERS[who.temper][2]
        heard = asked + draw.randint(2, 50)  # the phone rings
        if draw.random() < 0.7 * (1 - leaves_out) and heard < until:
            yield heard
        for day in range(asked // DAY, until // DAY + 1):
            for hour in who.hours:
                look, taken = day * DAY + hour * 60 + draw.randint(-40, 40), draw.random() >= leaves_out
                if taken and asked < look < until:
                    yield look

    def _objections(self, who: Somebody, gap: Gap, at: int, diary: Diary) -> int:
        far = km(who.at, gap.at)
        wet = gap.starts // DAY in self.rain and gap.mode in OUTDOORS and gap.starts - at < 3 * DAY
        friend = any(other in diary.agreed[gap.id] for other in who.friends)
        against = (far > who.legs) + (far > 3 * who.legs) + (gap.mode not in who.likes) + (gap.starts - at < who.sudden)
        return against + (diary.busy(who.id, gap.starts) >= 2) + wet + (diary.lately(who.id, at) > 3) - friend

    def _patience(self, who: Somebody, at: int) -> int:
        worn = at // DAY * 3 // self.days if who.temper == "fading" else 0
        return TEMPERS[who.temper][1] - worn


def km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres on a map of kilometres."""
    return math.dist(a, b)


def instant(minute: int) -> datetime:
    return BEGINS + timedelta(minutes=minute)


def town(seed: int, people: int, days: int, gaps_a_day: float) -> Town:
    draw = Random(f"{seed}/town")
    hard = frozenset(d for start in draw.sample(range(days), 3) for d in range(start, start + 9))
    folk = {f"p{i:05d}": _somebody(draw, f"p{i:05d}", people, days, hard) for i in range(people)}
    gaps = [_gap(draw, f"g{i:05d}", days) for i in range(int(days * gaps_a_day))]
    return Town(seed, days, folk, sorted(gaps, key=lambda gap: (gap.posted, gap.id)), _rain(draw, days))


def _somebody(draw: Random, name: str, people: int, days: int, hard: frozenset[int]) -> Somebody:
    temper = draw.choices(list(TEMPERS), [share for share, *_ in TEMPERS.values()])[0]
    away = {day for day in range(days) if draw.random() < 0.08}
    if draw.random() < 0.3:
        away |= {day for day in hard if draw.random() < 0.7}  # exams and harvest
    regular = draw.randrange(7)
    away |= {day for day in range(days) if day % 7 == regular and draw.random() < 0.6}  # a private class
    down = frozenset(week for week in range(days // 7 + 1) if draw.random() < 0.15)
    near = int(name[1:]) // 20 * 20
    friends = frozenset(f"p{draw.randrange(near, min(people, near + 20)):05d}" for _ in range(3)) - {name}
    return Somebody(
        name, COUNTIES[int(name[1:]) // 20 % len(COUNTIES)], (draw.gauss(0, 5), draw.gauss(0, 5)), temper,
        frozenset(draw.sample(MODES, draw.choice((1, 2, 2, 3, 4)))), frozenset(draw.sample(range(6), 3)),
        draw.choice((3.0, 6.0, 9.0, 15.0)), draw.choice((180, 720, 1440, 2880)), draw.choice(_HOURS),
        frozenset(away), down, friends,
    )  # fmt: skip


def _gap(draw: Random, name: str, days: int) -> Gap:
    day, begin = draw.randrange(3, days), draw.choice((540, 570, 840, 900, 1110, 1140))
    starts = day * DAY + begin
    lead = draw.choice((360, 900, 1440, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 10 * DAY))
    seats = draw.choice((1, 1, 1, 2, 2, 3, 4))
    posted = max(0, starts - lead - draw.randrange(240))
    return Gap(
        name, draw.choice(COUNTIES), (draw.gauss(0, 4), draw.gauss(0, 4)), draw.choice(MODES), draw.randrange(6),
        seats, seats, posted, starts, starts + 120,
    )  # fmt: skip


def _rain(draw: Random, days: int) -> frozenset[int]:
    wet, found = False, set()
    for day in range(days):
        wet = draw.random() < (0.6 if wet else 0.16)
        if wet:
            found.add(day)
    return frozenset(found)
