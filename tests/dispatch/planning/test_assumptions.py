"""Changed assumptions bend what they may and nothing else."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dispatch.planner import problem as p
from dispatch.planner import rules
from dispatch.planner.desk import open_desk, years
from dispatch.planning.assumptions import (
    ASSUMPTIONS,
    HOLDS,
    SLACK,
    Assumptions,
    Freed,
    Ground,
    Hours,
    Newcomers,
    Relaxation,
    apply,
    judge,
    limits,
    strange,
)
from tests.dispatch.planner import tiny
from volunteer.errors import Invalid, Refused

TOWN, OTHER = "350502001", "350503002"
GROUND = Ground({TOWN: tiny.HERE, OTHER: tiny.FAR}, {"nanyin": frozenset({"dongxiao"})})
PROTECTED = {rule for rule in HOLDS if rule != "availability"}
often = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def relaxations(draw: st.DrawFn) -> Relaxation:
    rule = draw(st.sampled_from(sorted(SLACK)))
    slack = SLACK[rule]
    narrowed = {"skill": draw(st.sampled_from([None, "nanyin"]))} if slack.of == "person" else {}
    region = draw(st.sampled_from([None, "3505", "350502", TOWN]))
    way = range(slack.low, 0) if slack.loosens(-1) else range(1, slack.high + 1)
    return Relaxation(rule=rule, by=draw(st.sampled_from(way)), region=region, **narrowed)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    start = draw(st.integers(0, 1300))
    return Hours(weekday=draw(st.integers(0, 6)), start=start, end=draw(st.integers(start + 1, 1440)))


@st.composite
def assumed(draw: st.DrawFn) -> Assumptions:
    people = st.builds(
        Newcomers, count=st.integers(1, 4), region=st.just(TOWN), free=st.lists(hours(), max_size=3).map(tuple),
        skills=st.sampled_from([(), ({"skill": "nanyin", "level": 2},)]), checked=st.booleans(),
    )  # fmt: skip
    freed = st.builds(
        Freed, hours=st.lists(hours(), min_size=1, max_size=3).map(tuple), region=st.sampled_from([None, TOWN])
    )
    return Assumptions(
        weights=draw(st.dictionaries(st.sampled_from(["travel", "likes"]), st.integers(0, 9000), max_size=2)),
        off=draw(st.sampled_from([(), ("fairness",), ("keep", "level")])),
        relaxed=tuple(draw(st.lists(relaxations(), max_size=3))),
        people=tuple(draw(st.lists(people, max_size=2))),
        freed=tuple(draw(st.lists(freed, max_size=2))),
    )


@st.composite
def placed(draw: st.DrawFn) -> p.Problem:
    """Odd problems whose people and events lie in two towns."""
    posed = draw(tiny.problems())
    where = st.sampled_from([TOWN, OTHER])
    return replace(
        posed,
        people=tuple(replace(person, region=draw(where)) for person in posed.people),
        events=tuple(replace(event, region=draw(where)) for event in posed.events),
    )


@often
@given(placed())
def test_without_assumptions_nothing_changes(posed: p.Problem) -> None:
    assert apply(posed, Assumptions(), Ground()) == posed


@often
@given(placed(), assumed())
def test_nothing_that_protects_people_is_touched(posed: p.Problem, given: Assumptions) -> None:
    made = apply(posed, given, GROUND)
    assert p.read(p.write(made)) == made
    bent = {slack.field for slack in SLACK.values() if slack.of == "person"} | {"free"}
    for before, after in zip(posed.people, made.people, strict=False):
        kept = {name: value for name, value in asdict(before).items() if name not in bent}
        assert kept == {name: value for name, value in asdict(after).items() if name not in bent}
        if before.born is None or years(before.born, min(s.day for s in posed.shifts)) < 18:
            for rule in (rule for rule, slack in SLACK.items() if slack.guarded):
                assert getattr(before, SLACK[rule].field) == getattr(after, SLACK[rule].field)
    assert (made.teams, made.shifts, made.needs, made.roster) == (posed.teams, posed.shifts, posed.needs, posed.roster)
    newcomers = made.people[len(posed.people) :]
    assert len(newcomers) == sum(group.count for group in given.people)
    assert all(strange(person.id) for person in newcomers)


@often
@given(placed(), assumed())
def test_whoever_could_serve_still_can_and_no_other_rule_says_otherwise(posed: p.Problem, given: Assumptions) -> None:
    was, now = open_desk(posed), open_desk(apply(posed, given, GROUND))
    for person in posed.people:
        for need in posed.needs:
            before = rules.why_not(was, person.id, need.id)
            after = rules.why_not(now, person.id, need.id)
            assert {reason.rule for reason in after} <= {reason.rule for reason in before}
            assert [r for r in before if r.rule in PROTECTED] == [r for r in after if r.rule in PROTECTED]
    for before_event, after_event in zip(posed.events, apply(posed, given, GROUND).events, strict=True):
        assert min(before_event.quorum, 1) <= after_event.quorum <= before_event.quorum


def one(**more: Any) -> p.Problem:
    """One person of TOWN and one need."""
    return tiny.problem(people=(tiny.person(region=TOWN, **more),))


def bent(posed: p.Problem, **how: Any) -> p.Person:
    return apply(posed, Assumptions(relaxed=(Relaxation(**how),)), GROUND).people[0]


def test_a_limit_bends_by_so_much_and_not_beyond_its_edge() -> None:
    assert bent(one(max_km=20.0), rule="radius", by=10).max_km == 30
    assert bent(one(rest=600), rule="rest", by=-60).rest == 540
    assert bent(one(rest=600), rule="rest", by=-240).rest == 480
    assert bent(one(rest=300), rule="rest", by=-60).rest == 300
    assert bent(one(max_day=700), rule="hours_day", by=240).max_day == 720
    assert bent(one(max_day=900), rule="hours_day", by=240).max_day == 900
    assert bent(one(max_rolling=1800), rule="hours_rolling", by=600).max_rolling == 2400
    assert bent(one(), rule="hours_rolling", by=600).max_rolling == p.UNLIMITED


def test_a_scope_is_kept() -> None:
    able = one(max_km=5.0, holds=(p.Hold("nanyin", 2),))
    assert bent(able, rule="radius", by=10, region="350502", skill="nanyin").max_km == 15
    assert bent(able, rule="radius", by=10, region="350503").max_km == 5
    assert bent(able, rule="radius", by=10, skill="puppets").max_km == 5


def test_hours_and_rest_of_minors_and_of_people_of_unknown_age_stay() -> None:
    for born in (date(2010, 1, 1).toordinal(), None):
        assert bent(one(born=born, rest=600), rule="rest", by=-60).rest == 600
        assert bent(one(born=born), rule="hours_week", by=60).max_week == 1200
        assert bent(one(born=born, max_km=5.0), rule="radius", by=10).max_km == 15


STRICTER = tuple(Relaxation(rule=rule, by=s.high if s.loosens(-1) else s.low) for rule, s in SLACK.items())


def test_a_stricter_rule_ends_at_its_edge_and_holds_for_minors_too() -> None:
    assert bent(one(max_km=20.0), rule="radius", by=-15).max_km == 5
    assert bent(one(max_km=20.0), rule="radius", by=-100).max_km == 1
    assert bent(one(max_km=0.5), rule="radius", by=-100).max_km == 0.5
    assert bent(one(born=None, rest=600), rule="rest", by=120).rest == 720
    assert bent(one(max_day=480), rule="hours_day", by=-240).max_day == 240
    posed = tiny.problem(events=(p.Event("e", quorum=4, region=TOWN), p.Event("f", region=TOWN)))
    made = apply(posed, Assumptions(relaxed=(Relaxation(rule="quorum", by=50),)), GROUND)
    assert [event.quorum for event in made.events] == [54, 0]


@often
@given(placed())
def test_whoever_can_serve_under_stricter_rules_can_as_they_are(posed: p.Problem) -> None:
    given = Assumptions(relaxed=STRICTER)
    judge(given, p.Weights())
    assert not given.hypothetical
    was, now = open_desk(posed), open_desk(apply(posed, given, GROUND))
    for person in posed.people:
        for need in posed.needs:
            before = {reason.rule for reason in rules.why_not(was, person.id, need.id)}
            assert before <= {reason.rule for reason in rules.why_not(now, person.id, need.id)}


def test_every_limit_of_hours_bends() -> None:
    """A week that is longer is of no use to whom seven days in a row are as short as before."""
    assert {rule for rule in rules.BY_NAME if rule.startswith("hours_")} <= {
        rule for rule, slack in SLACK.items() if slack.guarded and slack.unit == "minutes"
    }


def test_a_quorum_sinks_where_it_is_asked_to() -> None:
    posed = tiny.problem(events=(p.Event("e", mode="performance", quorum=4, region=TOWN),))

    def after(**how: Any) -> int:
        return apply(posed, Assumptions(relaxed=(Relaxation(rule="quorum", **how),)), GROUND).events[0].quorum

    assert after(by=-2) == 2
    assert after(by=-50) == 1
    assert after(by=-2, mode="support") == 4
    assert after(by=-2, region=OTHER) == 4


def test_newcomers_can_what_is_said_and_are_adults_without_a_check() -> None:
    group = Newcomers(
        count=2, region=TOWN, skills=({"skill": "nanyin", "level": 3},), free=(Hours(weekday=0, start=540, end=660),)
    )  # type: ignore[arg-type]
    posed = tiny.problem(needs=(p.Need("n", "s", "steward", asks=(p.Asks("dongxiao", 3),)),))
    made = apply(posed, Assumptions(people=(group,)), GROUND)
    assert len(made.people) == 3
    newcomer = made.people[1]
    assert rules.why_not(open_desk(made), newcomer.id, "n") == ()
    strict = replace(made, needs=(replace(made.needs[0], near_minors=True),))
    assert [reason.rule for reason in rules.why_not(open_desk(strict), newcomer.id, "n")] == ["background"]
    checked = apply(posed, Assumptions(people=(group.model_copy(update={"checked": True}),)), GROUND).people[1]
    assert (checked.checked_until or 0) > posed.window.end


def test_freed_people_are_free_then_and_only_then() -> None:
    posed = tiny.problem(people=(tiny.person(region=TOWN, free=()),))
    free = Freed(hours=(Hours(weekday=0, start=480, end=720),), region=TOWN)
    desk = open_desk(apply(posed, Assumptions(freed=(free,)), GROUND))
    assert rules.why_not(desk, "p", "n") == ()
    late = Freed(hours=(Hours(weekday=0, start=600, end=720),), region=TOWN)
    desk = open_desk(apply(posed, Assumptions(freed=(late,)), GROUND))
    assert [reason.rule for reason in rules.why_not(desk, "p", "n")] == ["availability"]


# ---- what is refused, and how ----


@pytest.mark.parametrize("rule", sorted(set(rules.BY_NAME) - set(SLACK)))
def test_every_other_rule_is_refused_with_a_reason(rule: str) -> None:
    with pytest.raises(Refused) as refused:
        judge(Assumptions(relaxed=(Relaxation(rule=rule, by=1),)), p.Weights())
    (reason,) = refused.value.reasons
    assert reason.rule == HOLDS.get(rule, "holds")


def test_consent_age_guardian_check_and_qualification_are_named_as_never_bending() -> None:
    law = {"automated", "age", "guardian", "background", "skill", "expired", "limitation", "blocked", "pair"}
    assert law <= set(HOLDS)
    assert not law & set(SLACK)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Assumptions(weights={"travel": 9_001}), "assumptions.weights.travel"),
        (Assumptions(weights={"mandatory": 1}), "assumptions.weights.mandatory"),
        (Assumptions(weights={"level": 1}, off=("level",)), "assumptions.weights.level"),
        (Assumptions(off=("mandatory",)), "assumptions.off"),
        (Assumptions(relaxed=(Relaxation(rule="gravity", by=1),)), "assumptions.relaxed.0.rule"),
        (Assumptions(relaxed=(Relaxation(rule="radius", by=-101),)), "assumptions.relaxed.0.by"),
        (Assumptions(relaxed=(Relaxation(rule="radius", by=0),)), "assumptions.relaxed.0.by"),
        (Assumptions(relaxed=(Relaxation(rule="radius", by=5, mode="support"),)), "assumptions.relaxed.0.mode"),
        (Assumptions(relaxed=(Relaxation(rule="quorum", by=-1, skill="x"),)), "assumptions.relaxed.0.skill"),
        (Assumptions(people=(Newcomers(count=500, region=TOWN),) * 5), "assumptions.people"),
        (Assumptions(freed=(Freed(hours=(Hours(weekday=1, start=600, end=600),)),)), "assumptions.freed.0.hours.0.end"),
    ],
)
def test_what_is_out_of_range_is_named_with_its_remedy(given: Assumptions, field: str) -> None:
    weights = replace(p.Weights(), travel=1_000)
    with pytest.raises(Invalid) as wrong:
        judge(given, weights)
    (fault,) = wrong.value.faults
    assert fault.field == field
    assert "" not in (fault.zh, fault.en)


def test_the_range_of_a_weight_holds_its_own_value() -> None:
    for goal, usual in asdict(p.Weights()).items():
        low, high = limits(goal, usual)
        assert low <= usual <= high
        judge(Assumptions(weights={goal: usual}), p.Weights())  # type: ignore[dict-item]


@pytest.mark.parametrize("wrong", [{"more": 1}, {"weights": {"luck": 1}}, {"people": [{"count": 0, "region": TOWN}]}])
def test_unknown_words_do_not_exist(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ASSUMPTIONS.validate_python(wrong)


def test_only_weights_leave_a_plan_that_can_be_carried_out() -> None:
    assert not Assumptions(weights={"travel": 0}, off=("fairness",)).hypothetical
    assert Assumptions(people=(Newcomers(count=1, region=TOWN),)).hypothetical
    assert Assumptions(relaxed=(Relaxation(rule="radius", by=1),)).hypothetical
    assert Assumptions(freed=(Freed(hours=(Hours(weekday=0),)),)).hypothetical
