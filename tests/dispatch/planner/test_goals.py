"""The goals in arrays are the referee's, part by part, for any set of lines; and each of them decides, where nothing
else does. A mutant in either statement of a goal is noticed."""

import random
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.bench.weeks import week
from dispatch.planner import check, goals, model
from dispatch.planner.problem import Asks, Event, Held, Hold, Need, Pair, Person, Problem, Weights
from dispatch.planner.tables import Ints, Tables
from tests.dispatch.planner import tiny
from tests.dispatch.planner.mutants import Blind, events, people


def compared(problem: Problem, seed: int, share: float) -> None:
    scope = model.scoped(problem)
    draw = random.Random(seed)
    pool, tables = scope.pool, scope.tables
    firm = set(zip(tables.held_person[tables.held_firm], tables.held_need[tables.held_firm], strict=True))
    rows = [
        i
        for i, pair in enumerate(zip(pool.person, pool.need, strict=True))
        if draw.random() < share and pair not in firm
    ]
    person = np.concatenate([tables.held_person[tables.held_firm], pool.person[rows]])
    need = np.concatenate([tables.held_need[tables.held_firm], pool.need[rows]])
    parts = goals.parts(tables, person, need, np.concatenate([scope.firm_spare, pool.spare[rows]]))
    pairs = zip(person.tolist(), need.tolist(), strict=True)
    plan = tiny.plan(*((problem.people[p].id, problem.needs[n].id) for p, n in pairs))
    expected = check.score(problem, plan)
    assert sum(parts.values()) == expected.pop("total")
    assert parts == expected


@settings(max_examples=tiny.EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tiny.problems(), st.integers(0, 99))
def test_odd_lines_score_as_the_referee_says(problem: Problem, seed: int):
    compared(problem, seed, 0.6)


def test_a_week_scores_as_the_referee_says():
    compared(week("S", 5), 1, 0.2)


def test_each_further_hour_costs_more():
    problem = tiny.problem(people=(tiny.person(load=90),))
    tables = model.scoped(problem).tables
    costs = [int(goals.burden(tables, np.array([minutes]))[0]) for minutes in (0, 1, 60, 61, 120, 180)]
    assert costs == [0, 300, 300, 900, 900, 1800]


# ---- each goal decides ----

NOTHING = Weights(*[0] * 11)


def one(cost: int, who: Person | None = None, event: Event | None = None, **weights: int) -> Problem:
    """Whether p goes to n hangs on these weights and the ``cost`` of going."""
    seats = 1 if {"mandatory", "equal"} & set(weights) else 0
    return tiny.problem(
        people=(who or tiny.person(),),
        events=(event or Event("e", priority=1),),
        needs=(Need("n", "s", "steward", seats, 1, 1, asks=(Asks("nanyin", 1),) if "level" in weights else ()),),
        pairs=(Pair("p", "n", cost=cost),),
        weights=replace(NOTHING, **weights),
    )


def without(goal: str) -> Blind:
    return lambda problem: replace(problem, weights=replace(problem.weights, **{goal: 0}))


def free(problem: Problem) -> Problem:
    return replace(problem, pairs=())


MASTER = tiny.person(holds=(Hold("nanyin", 3),))
HELD = replace(one(99, keep=100), roster=(Held("p", "n", firm=False),))
# By goal (or a part of it): the problem, what the line is worth by hand, and the goal forgotten.
DECIDES: dict[str, tuple[Problem, int, Blind]] = {
    "mandatory": (one(99, mandatory=100), 1, without("mandatory")),
    "mandatory by priority": (
        one(299, event=Event("e", priority=5), mandatory=100),
        1,
        events(priority=4),
    ),
    "equal": (one(99, event=Event("e", waiting=90), equal=100), 1, without("equal")),
    "equal by the wait": (one(26, event=Event("e", waiting=45), equal=100), -1, events(waiting=46)),
    "desired": (one(99, desired=100), 1, without("desired")),
    "keep": (HELD, 1, lambda problem: replace(problem, roster=())),
    "continuity": (one(99, tiny.person(knows=("v",)), continuity=100), 1, people(knows=())),
    "preferred": (one(99, tiny.person(preferred=(tiny.ALWAYS,)), preferred=100), 1, people(preferred=())),
    "likes": (one(99, tiny.person(likes=("support",)), likes=100), 1, people(likes=("tutoring",))),
    "travel": (one(-3, tiny.person(at=tiny.NEAR), travel=1), -1, people(at=tiny.HERE)),
    "reliability": (one(51, tiny.person(reliability=500), reliability=100), -1, people(reliability=1000)),
    "level": (one(-1, MASTER, level=1), -1, without("level")),
    "fairness": (one(99, mandatory=101, fairness=1), -1, without("fairness")),
    "fairness by the ledger": (one(0, tiny.person(load=6000), mandatory=202, fairness=1), -1, people(load=0)),
    "cost": (one(101, mandatory=100), -1, free),
    "use": (one(0, tiny.person(cost=101), mandatory=100), -1, people(cost=0)),
}


def decided(case: str) -> None:
    """The plan sends p exactly if that is worth something, and counts as the referee does, and as by hand."""
    made, worth, _ = DECIDES[case]
    planned = model.solve(made, seconds=20, gap=0.0)
    base = check.score(made, tiny.plan())["total"]
    assert check.score(made, tiny.plan(("p", "n")))["total"] - base == worth
    assert len(planned.choices) == (worth > 0)
    assert planned.score == check.score(made, planned)["total"]
    compared(made, 1, 1)


@pytest.mark.parametrize("case", DECIDES)
def test_a_goal_decides_where_nothing_else_does(case: str):
    decided(case)


@pytest.mark.parametrize("case", DECIDES)
@pytest.mark.parametrize("statement", ["goals", "score"])
def test_a_forgotten_goal_is_noticed(case: str, statement: str):
    blind, scoped, score = DECIDES[case][2], model.scoped, check.score
    mutants = {
        "goals": patch.object(model, "scoped", lambda problem: scoped(blind(problem))),
        "score": patch.object(check, "score", lambda problem, plan: score(blind(problem), plan)),
    }
    with mutants[statement], pytest.raises(AssertionError):
        decided(case)


def test_every_goal_has_its_mutants():
    assert {case.split()[0] for case in DECIDES} == set(check.PARTS)


# Who goes to both seats gains a little; whoever has served already tires of it.
SHARED = tiny.problem(
    people=(tiny.person("a"), tiny.person("b")),
    shifts=(tiny.shift(), tiny.shift("t", day=1)),
    needs=(Need("n", "s", "steward"), Need("m", "t", "steward")),
    pairs=(Pair("a", "n", cost=-1), Pair("a", "m", cost=-1)),
    weights=replace(NOTHING, mandatory=1000, fairness=1),
)


def shared() -> None:
    planned = model.solve(SHARED, seconds=20, gap=0.0)
    assert {line.person for line in planned.choices} == {"a", "b"}
    assert planned.score == check.score(SHARED, planned)["total"]


def test_hours_are_shared_because_each_further_one_costs_more():
    shared()


def _linear(tables: Tables, minutes: Ints) -> Ints:
    cost: Ints = tables.problem.weights.fairness * -(-minutes // 60)
    return cost


def _linear_in_check(problem: Problem, minutes: int) -> int:
    return problem.weights.fairness * -(-minutes // 60)


def test_hours_that_all_cost_the_same_are_noticed():
    for mutant in (patch.object(goals, "burden", _linear), patch.object(check, "_burden", _linear_in_check)):
        with mutant, pytest.raises(AssertionError):
            shared()
