"""Tiny problems: builders for hand-made ones, and a strategy for odd ones that a brute force can still enumerate."""

import os
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import Any

from hypothesis import strategies as st

from dispatch.planner.plan import Choice, Plan
from dispatch.planner.problem import (
    UNLIMITED,
    Asks,
    Busy,
    Event,
    Held,
    Hold,
    Need,
    Pair,
    Person,
    Point,
    Problem,
    Roads,
    Shift,
    Span,
    Team,
    Tutor,
    Venue,
    Weights,
)

# ``CITONG_EXAMPLES=2000 pytest tests/dispatch/planner`` tries so many problems on each property.
EXAMPLES = int(os.environ.get("CITONG_EXAMPLES", "150"))
MONDAY = date(2026, 3, 30).toordinal()  # the month ends on the day after
HERE, NEAR, FAR = Point(24.9, 118.6), Point(24.93, 118.62), Point(25.4, 118.24)
ALWAYS = Span(0, 200_000_000)
ROADS = Roads(("v0", "v1", "v2"), ((0.0, 40.0, 5.0), (40.0, 0.0, 20.0), (5.0, 20.0, 0.0)))


def at(day: int, hour: float) -> int:
    """The minute of a local hour, ``day`` days after the Monday."""
    return (MONDAY + day - date(1970, 1, 1).toordinal()) * 1440 + round(hour * 60) - 480


def person(name: str = "p", **more: Any) -> Person:
    """Somebody to whom no rule objects."""
    given = {"at": HERE, "born": date(1980, 5, 5).toordinal(), "free": (ALWAYS,), **more}
    return Person(name, **given)


def shift(name: str = "s", event: str = "e", *, day: int = 0, hour: float = 9, hours: float = 2, **more: Any) -> Shift:
    start = at(day, hour)
    given = {"venue": "v", "call": 0, "out": 0, **more}
    return Shift(name, event, given.pop("venue"), start, start + round(hours * 60), MONDAY + day, **given)


def problem(*, people: tuple[Person, ...] = (person(),), **more: Any) -> Problem:
    """One person, one event, one shift, one need, unless told otherwise."""
    given = {
        "venues": (Venue("v", HERE),),
        "events": (Event("e"),),
        "shifts": (shift(),),
        "needs": (Need("n", "s", "steward"),),
        **more,
    }
    return Problem("tiny", Span(at(0, 0), at(14, 0)), people=people, **given)


def plan(*pairs: tuple[str, str]) -> Plan:
    choices = tuple(Choice(who, what) for who, what in pairs)
    return Plan("tiny", "", 0, "greedy", 0, 0, 0.0, 0, 0, 0, choices)


# Odd ones. A strategy is looked at closely when it is first drawn from, so each is made once.

cached = lru_cache(maxsize=None, typed=True)


@cached
def _some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


@cached
def _few(*values: Any, most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(_some(*values), max_size=most, unique=True).map(lambda chosen: tuple(sorted(chosen)))


@cached
def _often(value: Any, *others: Any) -> st.SearchStrategy[Any]:
    """``value`` nine times in ten: there are so many rules that most people and needs must be ordinary in most ways."""
    return _some(*(value,) * 9 * len(others), *others)


@cache
@st.composite
def _holds(draw: st.DrawFn) -> tuple[Hold, ...]:
    skills = draw(_often(("nanyin", "puppets"), (), ("nanyin",), ("puppets",)))
    until = _often(None, at(0, 11), at(1, 10), at(9, 0))
    return tuple(Hold(skill, draw(_some(1, 2, 4)), draw(until)) for skill in skills)


@cache
@st.composite
def _busy(draw: st.DrawFn) -> tuple[Busy, ...]:
    if draw(st.integers(0, 4)):
        return ()
    day, hour = draw(_some(0, 1, 2)), draw(_some(8, 11, 20))
    where = draw(_some((None, None), (HERE, None), (FAR, None), (HERE, "v0"), (FAR, "v2")))
    return (Busy(at(day, hour), at(day, hour + 1), MONDAY + day, 60, *where),)


@cache
@st.composite
def _person(draw: st.DrawFn, name: str) -> Person:
    return Person(
        name,
        at=draw(_often(HERE, None, NEAR, FAR)),
        born=draw(
            _often(date(1980, 5, 5).toordinal(), None, date(2010, 3, 31).toordinal(), date(1950, 1, 1).toordinal())
        ),
        holds=draw(_holds()),
        languages=draw(_often(("minnan", "zh"), ("minnan",))),
        free=draw(
            _often((ALWAYS,), (), (Span(at(0, 8), at(1, 12)),), (Span(at(0, 8), at(0, 12)), Span(at(1, 8), at(9, 0))))
        ),
        preferred=draw(_often((), (Span(at(0, 8), at(0, 13)),))),
        busy=draw(_busy()),
        likes=draw(_few("tutoring", "support")),
        knows=draw(_few("series", "v0", "v1")),
        limitations=draw(_often((), ("stairs",))),
        blocked=draw(_often((), ("unit",), ("p0",), ("p1",))),
        declined=draw(_often((), ("n0",), ("n1", "n2"))),
        max_day=draw(_some(480, 480, 480, 180, 90)),
        max_week=draw(_some(1200, 1200, 150, 240)),
        max_month=draw(_often(3600, 200)),
        max_rolling=draw(_some(UNLIMITED, UNLIMITED, 1200, 150, 240)),
        max_events=draw(_often(12, 0, 1, 2)),
        rest=draw(_often(0, 600, 900)),
        max_km=draw(_often(200.0, 1.0, 30.0)),
        speed=draw(_some(5.0, 20.0, 100.0)),
        checked_until=draw(_often(at(20, 0), None, at(0, 11))),
        guardian_until=draw(_often(at(20, 0), None, at(0, 11))),
        automated=draw(_often(True, True, False)),
        load=draw(_some(0, 59, 600, 4000)),
        reliability=draw(_some(1000, 333, 0)),
        cost=draw(_often(0, 500, 20_000_000)),
    )


@cache
@st.composite
def _event(draw: st.DrawFn, name: str) -> Event:
    return Event(
        name,
        mode=draw(_some("tutoring", "performance", "support")),
        priority=draw(st.integers(1, 5)),
        unit=draw(_often("-", "unit")),
        series=draw(_some(None, None, "series")),
        leader=draw(_some(False, False, False, False, False, True)),
        quorum=draw(_some(0, 0, 0, 1, 2)),
        waiting=draw(_some(0, 7, 400)),
        locked=draw(_often(False, False, True)),
    )


@st.composite
def _shift(draw: st.DrawFn, name: str, event: str) -> Shift:
    day, hour = draw(_some(0, 0, 1, 2, 7)), draw(_some(8, 9, 10.5, 12, 16, 20))
    return shift(
        name,
        event,
        day=day,
        hour=hour,
        hours=draw(_some(1, 1.5, 2)),
        venue=draw(_some("v0", "v1", "v2")),
        call=draw(_often(0, 30)),
        out=draw(_often(0, 15)),
    )


@st.composite
def _need(draw: st.DrawFn, name: str, shift: str, team: str | None) -> Need:
    low, wished, most = draw(
        _some((1, 1, 1), (1, 1, 1), (0, 1, 1), (1, 2, 2), (2, 2, 3), (0, 0, 1), (1, 2, 4), (0, 2, 2))
    )
    asks = _often((), (Asks("nanyin", 1),), (Asks("nanyin", 2), Asks("puppets", 1)), (Asks("puppets", 1),))
    ages = draw(_often((0, 150), (18, 150), (0, 60)))
    return Need(
        name,
        shift,
        draw(_some("steward", "guide")),
        low,
        wished,
        most,
        asks=draw(asks),
        languages=draw(_often((), ("zh",))),
        age_min=ages[0],
        age_max=ages[1],
        near_minors=draw(_often(False, True)),
        leader=draw(_some(False, False, True)),
        team=draw(_some(None, None, None, None, None, team)),
        demands=draw(_often((), ("stairs",))),
    )


@st.composite
def _taught(draw: st.DrawFn, need: Need, needs: list[Need]) -> Need:
    """Perhaps a learners' need; its mentors serve on the first need of the shift."""
    mentor = next(other for other in needs if other.shift == need.shift)
    if mentor is need or draw(st.booleans()):
        return need
    return replace(need, mentor=mentor.id, per_mentor=draw(_some(1, 1, 2)))


@cache
@st.composite
def _weights(draw: st.DrawFn) -> Weights:
    if draw(st.booleans()):
        return Weights()
    return Weights(*(draw(_some(0, 1, 7, 100, 1000)) for _ in range(11)))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Up to four people, three events, four shifts and four needs; a firm line may break any rule."""
    people = [draw(_person(f"p{number}")) for number in range(draw(_some(3, 4, 2, 3, 1)))]
    events = [draw(_event(f"e{number}")) for number in range(draw(st.integers(1, 3)))]
    team = Team("team", tuple(who.id for who in people[: draw(_some(4, 3, 2, 1, 0))]), draw(st.integers(1, 3)))
    shifts = [draw(_shift(f"s{number}", draw(st.sampled_from(events)).id)) for number in range(draw(_some(3, 2, 4, 1)))]
    needs = [
        draw(_need(f"n{number}", draw(st.sampled_from(shifts)).id, "team")) for number in range(draw(_some(3, 4, 2, 1)))
    ]
    needs = [draw(_taught(need, needs)) for need in needs]
    pairs = st.tuples(st.sampled_from(people), st.sampled_from(needs))
    held = draw(st.lists(pairs, max_size=draw(_some(0, 2, 3)), unique_by=lambda pair: (pair[0].id, pair[1].id)))
    odd = draw(st.lists(pairs, max_size=draw(_some(0, 0, 4)), unique_by=lambda pair: (pair[0].id, pair[1].id)))
    return Problem(
        "tiny",
        Span(at(0, 0), at(14, 0)),
        tuple(people),
        (team,),
        (Venue("v0", HERE), Venue("v1", draw(_some(NEAR, None))), Venue("v2", FAR)),
        tuple(events),
        tuple(shifts),
        tuple(needs),
        tuple(Held(who.id, need.id, draw(st.booleans())) for who, need in held),
        tuple(Pair(who.id, need.id, draw(_some(None, 0, 45, 300)), draw(_some(0, 700, -700))) for who, need in odd),
        draw(_some(None, None, ROADS, replace(ROADS, km=((0.0, 0.0, -1.0), (0.0, 0.0, 7.0), (-1.0, 7.0, 0.0))))),
        draw(_weights()),
        tuple(Tutor("series", role, who) for role, who in draw(_often((), (("guide", "p0"),), (("guide", "away"),)))),
    )


def easier(problem: Problem, **more: Any) -> Problem:
    """The same problem with everybody given these fields."""
    return replace(problem, people=tuple(replace(who, **more) for who in problem.people))
