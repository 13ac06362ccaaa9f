"""The referee: for each hard rule a smallest plan that breaks only that rule, and the score by hand."""

from dataclasses import replace
from datetime import date

import pytest

from dispatch.planner import check
from dispatch.planner.problem import (
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
    Span,
    Team,
    Tutor,
    Venue,
    Weights,
)
from tests.dispatch.planner.tiny import ALWAYS, FAR, HERE, MONDAY, NEAR, at, person, plan, problem, shift

CHILD = date(2010, 3, 31).toordinal()  # fifteen on the Monday, sixteen on the day after


def taught(tutor: str) -> Problem:
    return problem(events=(Event("e", series="x"),), tutors=(Tutor("x", "steward", tutor),))


def need(name: str = "n", shift: str = "s", role: str = "steward", **more: object) -> Need:
    return replace(Need(name, shift, role), **more)  # type: ignore[arg-type]


def alone(who: Person, **more: object) -> Problem:
    """One person and one need with these fields."""
    return problem(people=(who,), needs=(need(**more),))


def two_shifts(who: Person, *, same_event: bool = False, **second: object) -> Problem:
    """One person, two needs on two shifts, of two events unless told otherwise. The second is at 14:00 of Monday."""
    given: dict[str, object] = {"hour": 14, "event": "e" if same_event else "e2", **second}
    return problem(
        people=(who,),
        venues=(Venue("v", HERE), Venue("far", FAR), Venue("near", NEAR)),
        events=(Event("e"), Event("e2")),
        shifts=(shift(), shift("s2", **given)),  # type: ignore[arg-type]
        needs=(need(), need("n2", "s2")),
    )


def crowd(*people: Person, events: tuple[Event, ...] = (Event("e"),), **more: object) -> Problem:
    """People p, q … and, unless told otherwise, one need that takes them all."""
    given: dict[str, object] = {"needs": (need(min=1, desired=len(people), max=len(people)),), **more}
    return problem(people=people, events=events, **given)  # type: ignore[arg-type]


P, Q = person("p"), person("q")
ONE, BOTH = [("p", "n")], [("p", "n"), ("p", "n2")]
PAIR = [("p", "n"), ("q", "n")]
BREAKS = {
    "automated": (alone(replace(P, automated=False)), ONE),
    "locked": (problem(events=(Event("e", locked=True),)), ONE),
    "team": (problem(people=(P, Q), teams=(Team("t", ("q",), 1),), needs=(need(team="t"),)), ONE),
    "skill": (alone(replace(P, holds=(Hold("nanyin", 1),)), asks=(Asks("nanyin", 2),)), ONE),
    "expired": (alone(replace(P, holds=(Hold("nanyin", 2, at(0, 11) - 1),)), asks=(Asks("nanyin", 2),)), ONE),
    "language": (alone(replace(P, languages=("zh",)), languages=("zh", "minnan")), ONE),
    "age": (alone(replace(P, born=CHILD, guardian_until=at(9, 0)), age_min=16), ONE),
    "guardian": (alone(replace(P, born=CHILD, guardian_until=at(0, 11) - 1)), ONE),
    "background": (alone(replace(P, checked_until=at(0, 11) - 1), near_minors=True), ONE),
    "limitation": (alone(replace(P, limitations=("stairs",)), demands=("night", "stairs")), ONE),
    "blocked": (problem(people=(replace(P, blocked=("u",)),), events=(Event("e", unit="u"),)), ONE),
    "declined": (alone(replace(P, declined=("n",))), ONE),
    "radius": (problem(people=(replace(P, at=Point(HERE.lat + 0.26999, HERE.lon)),)), ONE),
    "availability": (alone(replace(P, free=(Span(at(0, 9), at(0, 11) - 1),))), ONE),
    "overlap": (two_shifts(P, hour=10.5), BOTH),
    "travel": (two_shifts(replace(P, max_km=200.0), hour=12, venue="far"), BOTH),
    "rest": (two_shifts(replace(P, rest=22 * 60 + 1), day=1, hour=9), BOTH),
    "hours_day": (two_shifts(replace(P, max_day=239)), BOTH),
    "hours_week": (two_shifts(replace(P, max_week=239), day=6), BOTH),
    "hours_rolling": (two_shifts(replace(P, max_rolling=239), day=6), BOTH),
    "hours_month": (two_shifts(replace(P, max_month=239), day=1), BOTH),
    "events_month": (two_shifts(replace(P, max_events=1)), BOTH),
    "role": (replace(two_shifts(P, same_event=True), needs=(need(), need("n2", "s2", "guide"))), BOTH),
    "pair": (crowd(P, replace(Q, blocked=("p",))), PAIR),
    "capacity": (crowd(P, Q, needs=(need(),)), PAIR),
    "cast": (crowd(P, Q, teams=(Team("t", ("p", "q"), 2),), needs=(need(desired=2, max=2, team="t"),)), ONE),
    "mentor": (crowd(P, needs=(need(mentor="n2"), need("n2", role="guide"))), ONE),
    "leader": (crowd(P, events=(Event("e", leader=True),), needs=(need(), need("n2", leader=True))), ONE),
    "quorum": (crowd(P, Q, events=(Event("e", quorum=2),)), ONE),
    "series": (
        replace(
            crowd(P, Q, events=(Event("e", series="x"), Event("e2", series="x"))),
            shifts=(shift(), shift("s2", "e2", day=1)),
            needs=(need(), need("n2", "s2")),
        ),
        [("p", "n"), ("q", "n2")],
    ),
    "unknown": (problem(), [("nobody", "n")]),
    "twice": (problem(), ONE + ONE),
    "firm": (replace(problem(), roster=(Held("p", "n"),)), []),
}
ALSO_BREAKS = {
    "somebody else beyond the window": ("series", taught("away"), ONE),
    "team member of no team": ("team", problem(teams=(Team("t", (), 1),), needs=(need(team="t"),)), ONE),
    "no hold at all": ("skill", alone(P, asks=(Asks("nanyin", 1),)), ONE),
    "expired, level 1": ("expired", alone(replace(P, holds=(Hold("x", 1, 1),)), asks=(Asks("x"),)), ONE),
    "seventeen on the eve": ("guardian", alone(replace(P, born=date(2008, 3, 31).toordinal())), ONE),
    "birth unknown": ("age", alone(replace(P, born=None), age_min=1), ONE),
    "too old": ("age", alone(P, age_max=44), ONE),
    "no consent": ("guardian", alone(replace(P, born=CHILD)), ONE),
    "never checked": ("background", alone(P, near_minors=True), ONE),
    "call time": (
        "availability",
        replace(alone(replace(P, free=(Span(at(0, 9), at(0, 12)),))), shifts=(shift(call=1),)),
        ONE,
    ),
    "get-out": (
        "availability",
        replace(alone(replace(P, free=(Span(at(0, 8), at(0, 11)),))), shifts=(shift(out=1),)),
        ONE,
    ),
    "busy": ("overlap", alone(replace(P, busy=(Busy(at(0, 10), at(0, 10.5), MONDAY, 30),))), ONE),
    "busy far off": (
        "travel",
        alone(replace(P, busy=(Busy(at(0, 7), at(0, 8), MONDAY, 60, FAR),))),
        ONE,
    ),
    "busy eats the hours": ("hours_day", alone(replace(P, busy=(Busy(at(0, 7), at(0, 8), MONDAY, 361),))), ONE),
    "busy is an event": (
        "events_month",
        alone(replace(P, max_events=1, busy=(Busy(at(0, 7), at(0, 8), MONDAY, 60),))),
        ONE,
    ),
    "overlap by a minute": ("overlap", two_shifts(P, hour=11 - 1 / 60), BOTH),
    "a load of one's own": (
        "hours_day",
        replace(two_shifts(replace(P, max_day=240)), pairs=(Pair("p", "n", 121),)),
        BOTH,
    ),
    "a long road": (
        "travel",
        replace(two_shifts(P, hour=12, venue="near"), roads=Roads(("v", "near"), ((0.0, 20.1), (20.1, 0.0)))),
        BOTH,
    ),
    "busy eats seven days": (
        "hours_rolling",
        alone(replace(P, max_rolling=180, busy=(Busy(at(-6, 7), at(-6, 8), MONDAY - 6, 61),))),
        ONE,
    ),
    "too many learners": (
        "mentor",
        crowd(P, Q, person("r"), needs=(need(max=2, desired=2, mentor="n2"), need("n2", role="guide"))),
        [*PAIR, ("r", "n2")],
    ),
    "the same shift": ("overlap", replace(two_shifts(P), needs=(need(), need("n2"))), BOTH),
    "blocked the other way": ("pair", crowd(replace(P, blocked=("q",)), Q), PAIR),
    "leader needed, none asked": ("leader", crowd(P, events=(Event("e", leader=True),)), ONE),
    "leader half there": (
        "leader",
        crowd(P, Q, events=(Event("e", leader=True),), needs=(need(min=2, desired=2, max=2, leader=True),)),
        ONE,
    ),
    "quorum on one shift only": (
        "quorum",
        replace(two_shifts(P, same_event=True), events=(Event("e", quorum=1), Event("e2"))),
        ONE,
    ),
}


@pytest.mark.parametrize("rule", BREAKS)
def test_breaks_only(rule: str):
    given, pairs = BREAKS[rule]
    assert {broken.rule for broken in check.violations(given, plan(*pairs))} == {rule}
    assert check.kept(given, plan(*pairs)) == ()


@pytest.mark.parametrize("case", ALSO_BREAKS)
def test_also_breaks_only(case: str):
    rule, given, pairs = ALSO_BREAKS[case]
    assert {broken.rule for broken in check.violations(given, plan(*pairs))} == {rule}


@pytest.mark.parametrize("rule", sorted(set(BREAKS) - {"unknown", "twice", "firm"}))
def test_firm_lines_are_kept_with_a_warning(rule: str):
    given, pairs = BREAKS[rule]
    firm = replace(given, roster=tuple(Held(who, what) for who, what in pairs))
    assert check.violations(firm, plan(*pairs)) == ()
    assert {warning.rule for warning in check.kept(firm, plan(*pairs))} == {rule}


@pytest.mark.parametrize(
    "rule", sorted(rule for rule, (_, pairs) in BREAKS.items() if len(pairs) == 2 and rule != "twice")
)
def test_a_line_added_to_a_firm_one_is_no_excuse(rule: str):
    given, pairs = BREAKS[rule]
    half = replace(given, roster=(Held(*pairs[0]),))
    assert {broken.rule for broken in check.violations(half, plan(*pairs))} == {rule}


FINE = {
    "nothing at all": (problem(), []),
    "one on one": (problem(), ONE),
    "handover at the same place": (two_shifts(P, hour=11), BOTH),
    "handover where the place is unknown": (
        replace(two_shifts(P, hour=11, venue="near"), venues=(Venue("v", HERE), Venue("near"))),
        BOTH,
    ),
    "travel that just fits": (two_shifts(P, hour=11 + 16 / 60, venue="near"), BOTH),
    "rest that just fits": (two_shifts(replace(P, rest=22 * 60), day=1, hour=9), BOTH),
    "eighteen on the birthday": (alone(replace(P, born=date(2008, 3, 30).toordinal())), ONE),
    "the guardian's yes to the end": (alone(replace(P, born=CHILD, guardian_until=at(0, 11))), ONE),
    "a hold that is just good enough": (alone(replace(P, holds=(Hold("x", 2),)), asks=(Asks("x", 2),)), ONE),
    "just leaders and people enough": (
        crowd(
            *(P, Q),
            events=(Event("e", leader=True, quorum=2),),
            needs=(need(min=2, desired=2, max=2, leader=True),),
        ),
        PAIR,
    ),
    "a short road": (
        replace(
            two_shifts(replace(P, max_km=200.0), hour=11.25, venue="far"),
            roads=Roads(("far", "v"), ((0.0, 5.0), (5.0, 0.0))),
        ),
        BOTH,
    ),
    "the seventh day after": (two_shifts(replace(P, max_rolling=239), day=7), BOTH),
    "learners beside a mentor": (
        crowd(
            *(P, Q, person("r")),
            needs=(need(max=2, desired=2, mentor="n2", per_mentor=2), need("n2", role="guide")),
        ),
        [*PAIR, ("r", "n2")],
    ),
    "another need was declined": (alone(replace(P, declined=("n2",))), ONE),
    "late and early on one day": (two_shifts(replace(P, rest=1000)), BOTH),
    "hours that just fit": (
        two_shifts(replace(P, max_day=240, max_week=240, max_month=240, max_rolling=240, max_events=2)),
        BOTH,
    ),
    "a new week": (two_shifts(replace(P, max_week=120), day=7), BOTH),
    "a new month": (two_shifts(replace(P, max_month=120, max_events=1), day=2), BOTH),
    "a lighter load": (replace(two_shifts(replace(P, max_day=120)), pairs=(Pair("p", "n", 0),)), BOTH),
    "one event twice": (two_shifts(replace(P, max_events=1), same_event=True), BOTH),
    "valid to the end": (
        alone(
            replace(P, holds=(Hold("x", 2, at(0, 11)),), checked_until=at(0, 11)), asks=(Asks("x"),), near_minors=True
        ),
        ONE,
    ),
    "free to the minute": (alone(replace(P, free=(Span(at(0, 9), at(0, 11)),))), ONE),
    "just near enough": (problem(people=(replace(P, at=Point(HERE.lat + 0.2697, HERE.lon)),)), ONE),
    "sixteen on the birthday": (
        replace(alone(replace(P, born=CHILD, guardian_until=at(1, 11)), age_min=16), shifts=(shift(day=1),)),
        ONE,
    ),
    "birth and place unknown": (alone(replace(P, born=None, at=None, max_km=0.0)), ONE),
    "a whole cast": (crowd(P, Q, teams=(Team("t", ("p", "q"), 2),), needs=(need(desired=2, max=3, team="t"),)), PAIR),
    "a cast larger than the need": (crowd(P, Q, teams=(Team("t", ("p", "q"), 2),), needs=(need(team="t"),)), ONE),
    "blocked, on another shift": (
        replace(two_shifts(P), people=(P, replace(Q, blocked=("p",)))),
        [("p", "n"), ("q", "n2")],
    ),
    "one tutor, two sessions": (
        replace(two_shifts(P), events=(Event("e", series="x"), Event("e2", series="x"))),
        BOTH,
    ),
    "the tutor beyond the window": (taught("p"), ONE),
    "two helpers of a series": (
        replace(
            two_shifts(P),
            people=(P, Q),
            events=(Event("e", series="x"), Event("e2", series="x")),
            needs=(need(max=2), need("n2", "s2", max=2)),
        ),
        [("p", "n"), ("q", "n2")],
    ),
}


@pytest.mark.parametrize("case", FINE)
def test_nothing_against(case: str):
    given, pairs = FINE[case]
    assert check.violations(given, plan(*pairs)) == ()
    assert check.kept(given, plan(*pairs)) == ()


def test_violations_name_people_and_needs():
    (broken,) = check.violations(two_shifts(P, hour=10.5), plan(*BOTH))
    assert (broken.people, broken.needs, broken.data) == (("p",), ("n", "n2"), {"minutes": 30})


# The score


def worth(given: Problem, *pairs: tuple[str, str]) -> dict[str, int]:
    """The parts that are not nothing."""
    return {part: value for part, value in check.score(given, plan(*pairs)).items() if value}


ODD = Weights(
    mandatory=1001,
    keep=501,
    desired=301,
    continuity=53,
    preferred=29,
    likes=17,
    travel=11,
    reliability=999,
    level=7,
    fairness=3,
    equal=91,
)
STILL = replace(ODD, reliability=0, fairness=0)


def test_seats_are_worth_their_priority_and_their_wait():
    given = replace(
        crowd(P, Q, person("r"), events=(Event("e", priority=2, waiting=400),)),
        needs=(need(min=1, desired=2, max=3),),
        weights=STILL,
    )
    assert worth(given) == {}
    assert worth(given, ("p", "n")) == {"mandatory": 1301, "equal": 91, "total": 1392}
    three = worth(given, ("p", "n"), ("q", "n"), ("r", "n"))
    assert three == {"mandatory": 1301, "equal": 91, "desired": 391, "total": 1783}
    patient = replace(given, events=(Event("e", priority=5, waiting=89),))
    assert worth(patient, ("p", "n")) == {"mandatory": 3003, "equal": 88, "total": 3091}


@pytest.mark.parametrize(("priority", "percent"), [(1, 100), (2, 130), (3, 170), (4, 220), (5, 300)])
def test_priority_raises_the_worth_of_a_seat(priority: int, percent: int):
    given = replace(problem(events=(Event("e", priority=priority),)), weights=replace(STILL, mandatory=1000))
    assert worth(given, *ONE) == {"mandatory": 10 * percent, "total": 10 * percent}


@pytest.mark.parametrize(("knows", "bonus"), [((), 0), (("v",), 53), (("x",), 53), (("v", "x"), 53), (("e", "s"), 0)])
def test_series_or_venue_are_known(knows: tuple[str, ...], bonus: int):
    given = problem(people=(replace(P, knows=knows),), events=(Event("e", series="x"),))
    assert check.score(replace(given, weights=ODD), plan(*ONE))["continuity"] == bonus


def test_a_hold_that_has_ended_is_no_level_to_spare():
    given = alone(replace(P, holds=(Hold("x", 5, 1),)), asks=(Asks("x", 2),))
    assert check.score(replace(given, weights=ODD), plan(*ONE))["level"] == 0


def test_each_line_has_its_goals():
    knower = replace(
        P,
        knows=("v", "x"),
        preferred=(ALWAYS,),
        likes=("support",),
        reliability=501,
        holds=(Hold("a", 4), Hold("a", 5, 1)),
    )
    given = replace(
        alone(knower, min=0, desired=0, asks=(Asks("a", 2),)),
        events=(Event("e", series="x"),),
        venues=(Venue("v", FAR),),
        weights=replace(ODD, fairness=0),
        roster=(Held("p", "n", firm=False),),
    )
    assert worth(given, ("p", "n")) == {
        "keep": 501,
        "continuity": 53,
        "preferred": 29,
        "likes": 17,
        "travel": -66 * 11,
        "reliability": 500,
        "level": -14,
        "total": 501 + 53 + 29 + 17 - 726 + 500 - 14,
    }


def test_hours_weigh_more_the_more_there_are():
    given = replace(two_shifts(replace(P, load=61)), weights=replace(Weights(*[0] * 11), fairness=3))
    assert worth(given, ("p", "n")) == {"fairness": -3 * (10 - 3), "total": -21}  # 181 min: the fourth hour has begun
    assert worth(given, *BOTH) == {"fairness": -3 * (21 - 3), "total": -54}


def test_filled_counts_mandatory_seats_only():
    given = crowd(P, Q)
    assert [check.filled(given, plan(*pairs)) for pairs in ([], ONE, PAIR)] == [0, 1, 1]


def test_the_total_is_the_sum_of_the_parts():
    parts = check.score(replace(two_shifts(P), weights=ODD), plan(*BOTH))
    assert tuple(parts) == (*check.PARTS, "total")
    assert parts["total"] == sum(parts[part] for part in check.PARTS)
