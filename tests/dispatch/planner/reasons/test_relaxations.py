"""What is proposed holds: carried out, it fills what it promised, breaks nothing, and was needed for it."""

from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from dispatch.bench.explain import finished
from dispatch.bench.weeks import week
from dispatch.planner import check, model
from dispatch.planner.plan import Choice, Plan
from dispatch.planner.problem import Asks, Event, Held, Hold, Id, Need, Point, Problem, Span, Team
from dispatch.planner.reasons.changes import Change, applied
from dispatch.planner.reasons.relaxations import EFFORT, Found, Relaxation, relaxations
from tests.dispatch.planner import tiny
from tests.dispatch.planner.tiny import at, person, problem, shift

DAY = Span(at(0, 6), at(0, 23))


def only(made: Problem, need: Id = "n", frame: Span = DAY) -> dict[str, Relaxation]:
    return {one.change.kind: one for one in relaxations(made, need, frame).relaxations}


def firm(made: Problem) -> Problem:
    """The problem with every line of its roster staying where it is."""
    return replace(made, roster=tuple(Held(held.person, held.need) for held in made.roster))


def proven(made: Problem, found: Found) -> None:
    """Each promise, kept by the exact solver on the changed problem: at least so many seats are filled, nothing is
    broken, and nobody is moved."""
    for one in found.relaxations:
        after = applied(made, one.need, one.change)
        there = {held.person for held in made.roster if held.need == one.need}
        lines = [(held.person, held.need) for held in made.roster]
        broken = check.kept(made, planned(made, lines))
        assert not set(one.people) & there
        assert one.seats + found.today <= found.missing
        assert len(one.people) >= one.seats
        solved = model.solve(valued(after, one.need), seconds=20)
        assert check.violations(after, solved) == ()
        assert len(check.kept(after, solved)) <= len(broken)
        filled = sum(choice.need == one.need for choice in solved.choices) - len(there)
        assert filled >= one.seats + found.today, one


def valued(made: Problem, need_id: Id) -> Problem:
    """The same problem where this need is worth most and no other event wants more people than it has."""
    event_of = {s.id: s.event for s in made.shifts}
    event = event_of[next(n for n in made.needs if n.id == need_id).shift]
    have = Counter(held.need for held in made.roster)

    def wanted(n: Need) -> Need:
        if event_of[n.shift] != event:
            return replace(n, min=min(n.min, have[n.id]), desired=have[n.id], max=max(n.max, have[n.id]))
        return replace(n, min=n.desired) if n.id == need_id else n if n.leader else replace(n, min=0)

    return replace(made, needs=tuple(wanted(n) for n in made.needs))


def planned(made: Problem, lines: list[tuple[Id, Id]]) -> Plan:
    return Plan(made.id, "", 0, "greedy", 0, 0, 0.0, 0, 0, 0, tuple(Choice(who, what) for who, what in lines))


SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(tiny.problems())
def test_every_proposal_on_an_odd_problem_breaks_nothing_and_names_people_who_could_not_before(made: Problem):
    made = firm(made)
    for need in made.needs:
        found = relaxations(made, need.id, DAY)
        for one in found.relaxations:
            after = applied(made, need.id, one.change)
            lines = [(held.person, held.need) for held in made.roster]
            broken = set(named(check.kept(made, planned(made, lines))))
            brought = [(who, need.id) for who in one.people]
            alone = {"leader", "quorum", "cast", "mentor"}  # true until the rest of the event is there too
            assert not [v for v in check.violations(after, planned(after, lines + brought)) if v.rule not in alone]
            assert set(named(check.kept(after, planned(after, lines)))) <= broken
            assert 0 < one.seats <= found.missing - found.today


@pytest.mark.parametrize("seed", [1, 2])
def test_every_proposal_for_a_week_is_kept_by_the_exact_solver(seed: int):
    """All holes of a greedy plan; the trial's event alone, with the people that the trial had."""
    out, _ = finished(week("S", seed))
    made = out.tables.problem
    people, needs = out.person.tolist(), out.need.tolist()
    roster = tuple(Held(made.people[p].id, made.needs[n].id) for p, n in zip(people, needs, strict=True))
    made = replace(made, roster=roster)
    kinds = set()
    for n in np.flatnonzero(out.count < out.tables.needs.desired).tolist():
        day = made.shifts[out.tables.needs.shift[n]].day
        midnight = (day - date(1970, 1, 1).toordinal()) * 1440 - 480
        found = relaxations(made, made.needs[n].id, Span(midnight + 360, midnight + 1380))
        kinds |= {one.change.kind for one in found.relaxations}
        proven(made, replace_relaxations(found, 2))
    assert len(kinds) >= 3


def replace_relaxations(found: Found, most: int) -> Found:
    return replace(found, relaxations=found.relaxations[:most])


def named(found: tuple[check.Violation, ...]) -> list[tuple[str, tuple[Id, ...], tuple[Id, ...]]]:
    return [(one.rule, one.people, one.needs) for one in found]


def test_a_seat_that_can_be_filled_today_needs_no_change():
    found = relaxations(problem(), "n", DAY)
    assert (found.missing, found.today, found.people, found.relaxations) == (1, 1, ("p",), ())


def test_a_person_a_little_too_far_away_is_asked_to_go_further():
    far = problem(people=(person(at=Point(25.0, 118.6), max_km=8.0),))
    one = only(far)["radius"]
    assert (one.change, one.seats, one.people) == (Change("radius", 5, "", ("p",)), 1, ("p",))
    assert set(only(problem(people=(person(at=Point(26.0, 118.6), max_km=8.0),)))) == set()


def test_half_an_hour_later_when_somebody_is_free_then():
    late = problem(people=(person(free=(Span(at(0, 9.5), at(0, 20)),)),))
    found = only(late)
    assert found["later"].change == Change("later", 30)
    assert found["longer"].change == Change("longer", 30, "", ("p",))
    assert "earlier" not in found


def test_the_shift_is_moved_only_inside_the_frame():
    late = problem(people=(person(free=(Span(at(0, 9.5), at(0, 20)),)),))
    assert "later" not in only(late, frame=Span(at(0, 6), at(0, 11)))


def test_nobody_who_serves_there_is_dropped_by_another_time():
    """Two seats; the one who is there is free only as it stands."""
    there = person("there", free=(Span(at(0, 9), at(0, 11)),))
    other = person("other", free=(Span(at(0, 9.5), at(0, 20)),))
    made = problem(people=(there, other), needs=(Need("n", "s", "steward", 2, 2, 2),), roster=(Held("there", "n"),))
    assert "later" not in only(made)
    assert only(made)["longer"].people == ("other",)
    free = replace(made, people=(replace(there, free=(tiny.ALWAYS,)), other))
    moved = only(free)["later"]
    assert (moved.touched, moved.people) == (1, ("other",))


def test_one_level_lower_only_beside_somebody_who_masters_it():
    asks = (Asks("nanyin", 3),)
    learner, master = person("learner", holds=(Hold("nanyin", 2),)), person("master", holds=(Hold("nanyin", 4),))
    made = problem(people=(learner, master), needs=(Need("n", "s", "singer", 2, 2, 2, asks=asks),))
    assert "level" not in only(replace(made, people=(learner,)))
    beside = replace(made, roster=(Held("master", "n"),))
    assert only(beside)["level"].change == Change("level", 1, "nanyin")
    assert only(beside)["training"].people == ("learner",)


def test_papers_that_are_missing_are_named_with_the_person():
    child = person("child", born=date(2010, 3, 31).toordinal())
    grown = person("grown", checked_until=None, holds=(Hold("nanyin", 3, at(0, 8)),))
    made = problem(people=(child,))
    assert only(made)["guardian"].people == ("child",)
    near = problem(people=(replace(grown, holds=()),), needs=(Need("n", "s", "tutor", near_minors=True),))
    assert only(near)["background"].people == ("grown",)
    ended = problem(people=(grown,), needs=(Need("n", "s", "singer", asks=(Asks("nanyin", 2),)),))
    assert only(ended)["renewal"].people == ("grown",)


def test_people_whom_no_plan_may_send_can_be_asked_by_hand():
    assert only(problem(people=(person(automated=False),)))["hand"].people == ("p",)


def test_a_second_tutor_for_this_session():
    made = problem(
        people=(person("tutor", free=(Span(at(0, 9), at(0, 11)),)), person("other")),
        events=(Event("e", series="x"), Event("f", series="x")),
        shifts=(shift(), shift("t", "f", day=1)),
        needs=(Need("n", "s", "tutor"), Need("m", "t", "tutor")),
        roster=(Held("tutor", "n"),),
    )
    assert only(made, "m", Span(at(1, 6), at(1, 23)))["series"].people == ("other",)


def test_one_more_hour_fewer_to_run_and_others_than_the_team():
    tired = problem(people=(person(max_week=90),))
    assert only(tired)["hours"].change == Change("hours", 60, "", ("p",))
    three = (person("a"), person("b"))
    few = problem(people=three, events=(Event("e", quorum=3),), needs=(Need("n", "s", "steward", 2, 3, 3),))
    assert only(few)["quorum"].change == Change("quorum", 1)
    team = problem(people=three, teams=(Team("x", ("a",), 2),), needs=(Need("n", "s", "cast", 2, 2, 2, team="x"),))
    assert only(team)["team"].people == ("a", "b")


def test_nobody_under_age_is_let_in():
    young = person("young", born=date(2009, 3, 31).toordinal(), guardian_until=at(20, 0))
    made = problem(people=(young,), needs=(Need("n", "s", "steward", age_min=18),))
    assert "age" not in only(made)
    old = problem(people=(person("old", born=date(1955, 1, 1).toordinal()),), needs=(Need("n", "s", "x", age_max=70),))
    assert only(old)["age"].change == Change("age", 2)


def test_the_easiest_stands_first_and_every_kind_has_its_price():
    late = problem(
        people=(person(free=(Span(at(0, 9.5), at(0, 20)),)), person("far", at=Point(25.0, 118.6), max_km=8.0))
    )
    found = relaxations(late, "n", DAY).relaxations
    prices = [one.effort / one.seats for one in found]
    assert prices == sorted(prices)
    assert {"later", "radius", "longer"} <= {one.change.kind for one in found} <= set(EFFORT)


def test_an_unknown_need_is_no_need():
    with pytest.raises(KeyError):
        relaxations(problem(), "nothing", DAY)
