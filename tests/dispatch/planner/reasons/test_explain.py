"""Reasons that a person can check: who was next, where the others are, what each line adds."""

import numpy as np
import pytest

from dispatch.bench.weeks import week
from dispatch.planner import goals, model
from dispatch.planner.problem import Event, Hold, Need, Point, Problem, Venue
from dispatch.planner.reasons import explain
from dispatch.planner.search.greedy import Lines, fill
from tests.dispatch.planner.tiny import HERE, person, problem, shift


def test_the_nearest_serves_and_the_next_is_named_with_the_margin():
    made = problem(people=(person("far", at=Point(25.0, 118.6)), person("near")))
    (line,) = model.solve(made).choices
    assert (line.person, line.runner_up, line.margin) == ("near", "far", 11_000)


def test_what_a_line_adds_is_told_goal_by_goal():
    made = problem(people=(person(likes=("support",), knows=("v",), load=120, at=Point(25.0, 118.6)),))
    (line,) = model.solve(made).choices
    worth = {why.goal: why.worth for why in line.why}
    assert (worth["continuity"], worth["likes"], worth["distance"], worth["fairness"]) == (
        27_000,
        3_000,
        -11_000,
        -2_100,
    )
    assert [abs(why.worth) for why in line.why] == sorted((abs(why.worth) for why in line.why), reverse=True)
    assert line.runner_up is line.margin is None


def test_a_hole_counts_everybody_once():
    made = problem(
        people=(person("skilled", holds=(Hold("nanyin", 3),)), person("a"), person("b", automated=False)),
        venues=(Venue("v", HERE),),
        events=(Event("e", priority=5), Event("f", priority=1)),
        shifts=(shift(), shift("t", "f")),
        needs=(Need("n", "s", "steward"), Need("m", "t", "steward", 2, 3, 3)),
    )
    plan = model.solve(made)
    served = {line.need: line.person for line in plan.choices}
    assert set(served) == {"n", "m"}
    (hole,) = plan.unmet
    assert (hole.need, hole.missing, hole.wished, hole.pool) == ("m", 1, 1, 3)
    assert {(blocked.rule, blocked.people) for blocked in hole.blocked} == {("automated", 1), ("serving", 1)}
    assert (hole.elsewhere_count, hole.idle) == (1, 0)
    assert (hole.elsewhere[0].person, hole.elsewhere[0].need) == (served["n"], "n")
    assert hole.elsewhere[0].cost >= 0


def test_the_holes_of_a_week_sum_to_the_pool():
    made = week("S", 2)
    plan = model.solve(made, seconds=60)
    assert plan.unmet
    lines = {(line.person, line.need) for line in plan.choices}
    for hole in plan.unmet:
        assert sum(blocked.people for blocked in hole.blocked) + hole.elsewhere_count + hole.idle == hole.pool
        assert all((where.person, where.need) in lines for where in hole.elsewhere)


def finished(made: Problem, seed: int = 1) -> explain.Outcome:
    """A greedy plan of the problem, ready to be asked, at made-up prices."""
    scope = model.scoped(made)
    lines = Lines(scope.tables, scope.pairs, scope.far)
    fill(lines, scope.value)
    rows, firm = lines.rows(), scope.tables.held_firm
    person = np.concatenate([scope.tables.held_person[firm], scope.pairs.person[rows]])
    need = np.concatenate([scope.tables.held_need[firm], scope.pairs.need[rows]])
    spare = np.concatenate([scope.firm_spare, scope.pairs.spare[rows]])
    prices = np.random.default_rng(seed).integers(-1000, 3_000_000, len(made.needs))
    first = np.arange(len(person)) < int(firm.sum())
    supply = np.diff(scope.judged.first)
    return explain.Outcome(
        scope.tables, scope.pool, scope.pairs, scope.value, scope.far, person, need, spare, first, prices, supply
    )


def test_one_hole_alone_says_what_all_of_them_say():
    out = finished(week("M", 2))
    every = explain.holes(out)
    assert len(every) > 20
    numbers = out.tables.need_number
    assert tuple(explain.hole(out, numbers[one.need]) for one in every) == every


def test_the_next_person_is_the_best_of_all_that_could_serve():
    """Said again in a plain loop: who is eligible, serves nowhere in conflict, and adds most with their hours."""
    out = finished(week("S", 1))
    pool = out.pool
    told = {line.need: line.runner_up for line in explain.choices(out) if not line.firm}
    assert len(told) > 60
    worth = goals.worths(out.tables, pool.person, pool.need, pool.spare)
    before = out.ledger[pool.person]
    worth -= goals.burden(out.tables, before + out.tables.minutes(pool.person, pool.need)) - goals.burden(
        out.tables, before
    )
    free = explain._stopped(out, pool.person, pool.need) < 0
    for need, runner in told.items():
        mine = np.flatnonzero((pool.need == out.tables.need_number[need]) & free)
        best = min(mine, key=lambda i: (-worth[i], pool.person[i]), default=None)
        assert runner == (None if best is None else out.tables.problem.people[pool.person[best]].id)


def test_the_next_person_is_found_behind_any_number_of_better_ones_who_are_busy(monkeypatch: pytest.MonkeyPatch):
    made = week("M", 2)
    wide = explain.choices(finished(made))
    monkeypatch.setattr(explain, "FEW", 1)
    assert explain.choices(finished(made)) == wide
