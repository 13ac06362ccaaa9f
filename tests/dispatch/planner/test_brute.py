"""On tiny problems nothing beats the planner, and nothing that it says of its plan is untrue."""

from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from dispatch.planner import check, model
from dispatch.planner import plan as plans
from dispatch.planner.plan import Plan
from dispatch.planner.problem import Held, Problem
from dispatch.planner.search import lessons, parts, reserve, ties, whole
from dispatch.planner.search.ceiling import ceiling
from dispatch.planner.search.scope import scoped
from tests.dispatch.planner import brute, tiny

SECONDS = 30.0
LARGE = {"WHOLE": 0, "odd": lambda _: False}
RESERVE: dict[str, int] = {"ALL": 0, "BEST": 0, "SEATS": 1}
WAYS: dict[str, tuple[dict[str, object], dict[str, int], int, dict[str, int], dict[str, int]]] = {
    "whole numbers in floats": ({}, {}, 700, {}, {}),
    "a core of two, moments by what changes": ({}, {}, 700, {}, {"CORE": 2, "EACH": 1, "LISTED": 0}),
    "too many for one program": ({}, {}, 700, {}, {"LARGEST": 0}),
    "priced columns": (LARGE, {}, 700, {}, {}),
    "pairs in reserve": (LARGE, RESERVE, 700, {}, {}),
    "parts of one event": (LARGE, {}, 1, {}, {}),
    "lessons of one event, pairs in reserve": (LARGE, RESERVE, 1, {"EVENTS": 1, "FEWEST": 1}, {}),
}
slow = settings(
    max_examples=tiny.EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def quiet(stage: str, done: float, score: int | None, bound: int | None) -> None:
    assert 0 <= done <= 1
    assert stage


def solved(problem: Problem, seed: int = 1) -> Plan:
    return model.solve(problem, seconds=SECONDS, gap=0.0, seed=seed, progress=quiet)


def problems() -> st.SearchStrategy[Problem]:
    """Odd ones, and ones where nearly everybody could serve nearly everywhere, so that choices collide."""
    free = tiny.problems().map(lambda made: tiny.easier(made, free=(tiny.ALWAYS,), max_km=2000.0, max_events=12))
    return st.one_of(tiny.problems(), free)


@slow
@given(problems())
def test_nothing_beats_the_plan(problem: Problem):
    assume(len(brute.fit_pairs(problem)) <= 10)
    made = solved(problem)
    every = list(brute.plans(problem))
    best = max(check.score(problem, other)["total"] for other in every)
    event(f"{len(every).bit_length()} bits of plans")
    assert made.status == "proven"
    assert made.gap == 0
    assert made.score == best <= made.bound
    scope = scoped(problem)
    assert best <= scope.base + ceiling(scope)
    assert made.most >= max(check.filled(problem, other) for other in every)


def solved_as_large(problem: Problem, way: str) -> Plan:
    large, many, events, areas, odd = WAYS[way]
    with (
        patch.multiple(model, **{"WHOLE": model.WHOLE, **large}),
        patch.multiple(whole, **{"TINY": 0, **{name: most for name, most in odd.items() if name != "LISTED"}}),
        patch.object(ties, "LISTED", odd.get("LISTED", ties.LISTED)),
        patch.multiple(reserve, **{"ALL": reserve.ALL, **many}),
        patch.object(parts, "EVENTS", events),
        patch.multiple(lessons, **{"EVENTS": lessons.EVENTS, **areas}),
    ):
        return solved(problem)


def test_whoever_waits_in_reserve_at_the_very_price_counts_too():
    """Only p0 has a day long enough for both sessions, and gains nothing at the prices that p1 and p2 make."""
    short = {"knows": ("series",), "max_day": 180}
    problem = tiny.problem(
        people=(tiny.person("p0"), tiny.person("p1", **short), tiny.person("p2", **short)),
        events=(tiny.Event("e", series="series", priority=1),),
        shifts=(tiny.shift("s0", hour=8, hours=1.5), tiny.shift("s1", hour=10.5)),
        needs=(tiny.Need("n0", "s0", "steward"), tiny.Need("n1", "s1", "steward")),
    )
    best = max(check.score(problem, plan)["total"] for plan in brute.plans(problem))
    assert best <= solved_as_large(problem, "pairs in reserve").bound


def test_whoever_serves_already_takes_no_place_among_those_who_could():
    """p0 has one of two seats; p1 is the only one for the other."""
    problem = tiny.problem(
        people=(tiny.person("p0"), tiny.person("p1")),
        events=(tiny.Event("e", priority=1),),
        shifts=(tiny.shift("s", hour=8, hours=1),),
        needs=(tiny.Need("n", "s", "steward", 1, 2, 2),),
        roster=(Held("p0", "n"),),
    )
    best = max(check.score(problem, plan)["total"] for plan in brute.plans(problem))
    made = solved_as_large(problem, "pairs in reserve")
    assert [line.person for line in made.choices] == ["p0", "p1"]
    assert made.score == best <= made.bound


@pytest.mark.parametrize("way", WAYS)
@slow
@given(problems())
def test_the_ways_of_large_problems_keep_rules_and_bounds(way: str, problem: Problem):
    """Made to take a tiny problem for a large one, the planner may stop short of the best, but never lies about it."""
    assume(len(brute.fit_pairs(problem)) <= 10)
    made = solved_as_large(problem, way)
    every = list(brute.plans(problem))
    best = max(check.score(problem, other)["total"] for other in every)
    assert check.violations(problem, made) == ()
    assert made.score == check.score(problem, made)["total"] <= best <= made.bound
    assert made.most >= max(check.filled(problem, other) for other in every)


@slow
@given(problems())
def test_the_plan_keeps_the_rules_and_its_word(problem: Problem):
    made = solved(problem)
    assert check.violations(problem, made) == ()
    parts = check.score(problem, made)
    assert made.score == parts.pop("total")
    assert made.parts == parts
    assert made.bound >= made.score
    assert made.filled == check.filled(problem, made) <= made.most <= made.mandatory
    assert made.mandatory == sum(need.min for need in problem.needs)


@slow
@given(problems())
def test_lines_are_firm_as_in_the_roster_and_needs_are_not_overfilled(problem: Problem):
    made = solved(problem)
    firm = {(line.person, line.need) for line in made.choices if line.firm}
    assert firm == set(brute.firm_lines(problem))
    served = [line.need for line in made.choices]
    assert all(served.count(need) <= most for need, most in brute.caps(problem).items())


@slow
@given(problems())
def test_every_hole_is_explained_by_the_whole_pool(problem: Problem):
    made = solved(problem)
    served = [line.need for line in made.choices]
    holes = {hole.need: hole for hole in made.unmet}
    for need in problem.needs:
        missing = need.min - served.count(need.id)
        assert missing <= 0 or holes[need.id].missing == missing
    for hole in made.unmet:
        people = hole.elsewhere_count + hole.idle + sum(blocked.people for blocked in hole.blocked)
        assert people == hole.pool


@settings(slow, max_examples=tiny.EXAMPLES // 4)
@given(problems(), st.integers(0, 2**31 - 1))
def test_the_same_seed_gives_the_same_bytes(problem: Problem, seed: int):
    assert plans.write(solved(problem, seed)) == plans.write(solved(problem, seed))


@settings(slow, max_examples=tiny.EXAMPLES // 3)
@given(problems())
def test_a_plan_that_becomes_firm_is_planned_again(problem: Problem):
    """What was chosen and then accepted stays, and is still worth as much as anything."""
    made = solved(problem)
    accepted = replace(problem, roster=tuple(Held(line.person, line.need) for line in made.choices))
    again = solved(accepted)
    assert {(line.person, line.need) for line in made.choices} <= {(line.person, line.need) for line in again.choices}
    assert check.violations(accepted, again) == ()
