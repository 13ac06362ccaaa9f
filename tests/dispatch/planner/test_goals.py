"""The goals in arrays are the referee's, part by part, for any set of lines."""

import random

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.bench.weeks import week
from dispatch.planner import check, goals, model
from dispatch.planner.problem import Problem
from tests.dispatch.planner import tiny


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
