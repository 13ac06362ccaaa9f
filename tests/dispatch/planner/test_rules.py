"""Each rule says no with data, in two languages, and says yes just inside its limit."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dispatch.planner.desk import open_desk
from dispatch.planner.plan import Reason
from dispatch.planner.problem import (
    Asks,
    Busy,
    Event,
    Held,
    Hold,
    Need,
    Pair,
    Point,
    Problem,
    Roads,
    Span,
    Team,
    Tutor,
    Venue,
)
from dispatch.planner.rules import PAIR_RULES, RULES, say, why_not
from tests.dispatch.planner.tiny import FAR, HERE, MONDAY, at, person, problem, shift

NEED = Need("n", "s", "steward")
OTHER = Need("m", "t", "steward")


def reasons(made: Problem, *, by_hand: bool = False, who: str = "p") -> tuple[Reason, ...]:
    return why_not(open_desk(made), who, "n", by_hand=by_hand)


def names(made: Problem, **more: Any) -> list[str]:
    return [reason.rule for reason in reasons(made, **more)]


def taught(*tutors: Tutor) -> Problem:
    """A session of a series whose other sessions lie beyond the window."""
    return problem(people=(person(), person("q")), events=(Event("e", series="x"),), tutors=tutors)


def one(**fields: Any) -> Problem:
    return problem(people=(person(**fields),))


def asking(who: dict[str, Any], **fields: Any) -> Problem:
    return problem(people=(person(**who),), needs=(replace(NEED, **fields),))


def after(who: dict[str, Any], **other: Any) -> Problem:
    """The person firmly holds a need on a second shift, at another event unless told otherwise."""
    event = other.pop("event", "f")
    return problem(
        people=(person(**who),),
        venues=(Venue("v", HERE), Venue("w", FAR)),
        events=(Event("e"), Event("f")),
        shifts=(shift(), shift("t", event, **other)),
        needs=(NEED, OTHER),
        roster=(Held("p", "m"),),
    )


def north(minutes: int) -> Problem:
    """A degree of latitude between two needs, so many minutes apart: 433.66 minutes at 20 km an hour."""
    made = after({"max_km": 112.0}, hour=11 + minutes / 60, venue="w")
    return replace(made, venues=(Venue("v", HERE), Venue("w", Point(HERE.lat + 1, HERE.lon))))


YOUNG = date(2010, 3, 31).toordinal()
NO = {
    "automated": one(automated=False),
    "locked": problem(events=(Event("e", locked=True),)),
    "team": problem(people=(person(), person("q")), teams=(Team("t", ("q",), 1),), needs=(replace(NEED, team="t"),)),
    "skill": asking({"holds": (Hold("nanyin", 2),)}, asks=(Asks("nanyin", 3),)),
    "expired": asking({"holds": (Hold("nanyin", 3, at(0, 11) - 1),)}, asks=(Asks("nanyin", 3),)),
    "language": asking({"languages": ("zh",)}, languages=("zh", "minnan")),
    "age": asking({}, age_max=44),
    "guardian": one(born=YOUNG, guardian_until=at(0, 11) - 1),
    "background": asking({"checked_until": at(0, 11) - 1}, near_minors=True),
    "limitation": asking({"limitations": ("stairs",)}, demands=("night", "stairs")),
    "blocked": problem(people=(person(blocked=("u",)),), events=(Event("e", unit="u"),)),
    "declined": one(declined=("n",)),
    "radius": one(at=Point(HERE.lat + 0.26999, HERE.lon)),
    "availability": one(free=(Span(at(0, 9), at(0, 11) - 1),)),
    "overlap": one(busy=(Busy(at(0, 10), at(0, 12), MONDAY, 60),)),
    "travel": north(433),
    "rest": after({"rest": 1411}, day=1, hour=10.5),
    "hours_day": after({"max_day": 239}, hour=13),
    "hours_week": after({"max_week": 239}, day=6),
    "hours_rolling": after({"max_rolling": 239}, day=-6),
    "hours_month": after({"max_month": 239}, day=1),
    "events_month": after({"max_events": 1}, day=1),
    "role": replace(
        after({}, day=1, event="e"), needs=(NEED, replace(OTHER, role="guide"))
    ),
    "series": replace(
        after({}, day=1),
        people=(person(), person("q")),
        events=(Event("e", series="x"), Event("f", series="x")),
        roster=(Held("q", "m"),),
    ),
    "pair": problem(
        people=(person(), person("q", blocked=("p",))), needs=(NEED, Need("m", "s", "guide")), roster=(Held("q", "m"),)
    ),
}  # fmt: skip


ALSO_NO = {
    "by a minute": ("overlap", one(busy=(Busy(at(0, 8), at(0, 9) + 1, MONDAY, 60),))),
    "on the same shift": ("overlap", problem(needs=(NEED, Need("m", "s", "steward")), roster=(Held("p", "m"),))),
    "blocked the other way": (
        "pair",
        problem(
            people=(person(blocked=("q",)), person("q")),
            needs=(NEED, Need("m", "s", "guide")),
            roster=(Held("q", "m"),),
        ),
    ),
    "a tutor beyond the window": ("series", taught(Tutor("x", "steward", "q"))),
    "a tutor who is nobody here": ("series", taught(Tutor("x", "steward", "away"))),
    "two tutors beyond the window": ("series", taught(Tutor("x", "steward", "p"), Tutor("x", "steward", "q"))),
}


@pytest.mark.parametrize("case", ALSO_NO)
def test_also_a_no_alone(case: str):
    rule, made = ALSO_NO[case]
    assert names(made) == [rule]


def test_every_pair_rule_has_a_case_here():
    assert list(NO) == [rule.name for rule in PAIR_RULES]


@pytest.mark.parametrize("rule", NO)
def test_a_rule_says_no_alone_and_speaks_two_languages(rule: str):
    found = reasons(NO[rule])
    assert [reason.rule for reason in found] == [rule]
    for lang in ("zh", "en"):
        sentence, remedy = say(found[0], lang)
        assert sentence
        assert remedy
        assert "{" not in sentence + remedy
    assert say(found[0], "zh") != say(found[0], "en")


YES = {
    "nothing asked": problem(),
    "as old as may be": asking({}, age_min=45, age_max=45),
    "the guardian's yes to the end": one(born=YOUNG, guardian_until=at(0, 11)),
    "checked to the end": asking({"checked_until": at(0, 11)}, near_minors=True),
    "just near enough": one(at=Point(HERE.lat + 0.2697, HERE.lon)),
    "travel that just fits": north(434),
    "rest that just fits": after({"rest": 1410}, day=1, hour=10.5),
    "the week's and month's limits exactly": after({"max_week": 240, "max_month": 240}, hour=13),
    "as many events as may be": after({"max_events": 2}, day=1),
    "expires with the shift": asking({"holds": (Hold("nanyin", 3, at(0, 11)),)}, asks=(Asks("nanyin", 3),)),
    "a higher level": asking({"holds": (Hold("nanyin", 4),)}, asks=(Asks("nanyin", 3),)),
    "the second hold is valid": asking(
        {"holds": (Hold("nanyin", 5, at(0, 9)), Hold("nanyin", 3))}, asks=(Asks("nanyin", 3),)
    ),
    "eighteen today": one(born=date(2008, 3, 30).toordinal()),
    "unknown age, no bounds": one(born=None),
    "another need was declined": one(declined=("m",)),
    "by a short road": replace(after({}, hour=11.25, venue="w"), roads=Roads(("w", "v"), ((0, 5), (5, 0)))),
    "the seventh day after": after({"max_rolling": 239}, day=7),
    "seven days exactly full": after({"max_rolling": 240}, day=1),
    "home unknown": one(at=None, max_km=0.0),
    "touching": one(busy=(Busy(at(0, 8), at(0, 9), MONDAY, 60), Busy(at(0, 11), at(0, 12), MONDAY, 60))),
    "free to the minute": one(free=(Span(at(0, 9), at(0, 11)),)),
    "same venue at once": after({}, hour=11),
    "the day's limit exactly": after({"max_day": 240}, hour=13),
    "a lighter load": replace(after({"max_day": 121}, hour=13), pairs=(Pair("p", "n", 1),)),
    "a lighter promise": replace(after({"max_day": 121}, hour=13), pairs=(Pair("p", "m", 1),)),
    "another week": after({"max_week": 120}, day=7),
    "another month": after({"max_month": 120, "max_events": 1}, day=2),
    "the same event again": after({"max_events": 1}, day=1, event="e"),
    "the same tutor": replace(after({}, day=1), events=(Event("e", series="x"), Event("f", series="x"))),
    "the tutor beyond the window": taught(Tutor("x", "steward", "p")),
    "a tutor of another role": taught(Tutor("x", "guide", "q")),
    "a tutor of another series": taught(Tutor("y", "steward", "q")),
    "holds it already": problem(roster=(Held("p", "n"),)),
}


@pytest.mark.parametrize("case", YES)
def test_just_inside_every_limit_is_a_yes(case: str):
    assert reasons(YES[case]) == ()


def test_by_hand_waives_only_what_binds_the_planner():
    made = replace(one(automated=False, max_km=0.1, at=FAR, declined=("n",)), events=(Event("e", locked=True),))
    assert names(made) == ["automated", "locked", "declined", "radius"]
    assert names(made, by_hand=True) == ["radius"]


def test_a_long_road_takes_longer_than_the_crow():
    made = replace(after({"speed": 20.0}, hour=12, venue="v2"), venues=(Venue("v", HERE), Venue("v2", HERE)))
    assert names(made) == []
    for km, rules in ((20.0, []), (20.1, ["travel"])):
        assert names(replace(made, roads=Roads(("v", "v2"), ((0.0, km), (km, 0.0))))) == rules


def test_a_promise_in_the_middle_joins_both_sides():
    """Three hours and three, three days apart each: the fullest seven days hold all."""
    made = after({"max_rolling": 479}, day=3, hours=3)
    made = replace(made, people=(replace(made.people[0], busy=(Busy(at(-3, 9), at(-3, 12), MONDAY - 3, 180),)),))
    assert reasons(made) == (Reason("hours_rolling", {"have": 360, "more": 120, "limit": 479}),)


def test_all_reasons_come_with_their_data():
    made = asking(
        {"holds": (Hold("nanyin", 2),), "languages": ()},
        asks=(Asks("nanyin", 3), Asks("puppets", 1)),
        languages=("zh",),
    )
    assert reasons(made) == (
        Reason("skill", {"skill": "nanyin", "level": 3, "have": 2}),
        Reason("skill", {"skill": "puppets", "level": 1, "have": 0}),
        Reason("language", {"language": "zh"}),
    )


def test_names_are_unique_and_unknown_ids_are_errors():
    assert len({rule.name for rule in RULES}) == len(RULES)
    with pytest.raises(KeyError):
        why_not(open_desk(problem()), "nobody", "n")
    with pytest.raises(KeyError):
        say(Reason("nonsense"), "en")
