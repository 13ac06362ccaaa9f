"""Whatever the prices, the bound holds; and good prices make it close."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dispatch.bench.weeks import week
from dispatch.planner import check, model
from dispatch.planner.goals import burden
from dispatch.planner.problem import Problem
from dispatch.planner.search.columns import fees, gains, left_to, outside
from dispatch.planner.search.formulation import Trade, formulate
from dispatch.planner.search.knots import knots
from dispatch.planner.search.lazy import relaxed
from dispatch.planner.search.prices import price
from dispatch.planner.search.program import highs, linear
from dispatch.planner.tables import Ints
from tests.dispatch.planner import brute, tiny

odd = settings(
    max_examples=tiny.EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def drawn(scope: model.Scope, draw: random.Random) -> Ints:
    """Arbitrary prices: of both signs, some beyond any seat's worth."""
    top = int(scope.value.top.max(initial=0)) + 10
    return np.array([draw.randrange(-top, 2 * top) for _ in scope.tables.problem.needs], np.int64)


def some(scope: model.Scope, draw: random.Random) -> Ints:
    return np.array([row for row in range(len(scope.pairs)) if draw.random() < 0.5], np.int64)


@odd
@given(tiny.problems(), st.integers(0, 999))
def test_at_any_prices_what_is_left_out_is_paid_for(problem: Problem, seed: int):
    """The program over any choice of columns, whole or relaxed, those left out sold at any prices, is worth at least
    the best plan over all."""
    assume(len(brute.fit_pairs(problem)) <= 10)
    best = max(check.score(problem, plan)["total"] for plan in brute.plans(problem))
    scope, draw = model.scoped(problem), random.Random(seed)
    assume(len(scope.pairs))
    rows, prices = some(scope, draw), drawn(scope, draw)
    extra, asked = outside(scope.ground, rows, scope.ground.net + prices[scope.pairs.need])
    assert not np.isin(asked, rows).any()
    supply = np.bincount(np.delete(scope.pairs.need, rows), minlength=len(prices)).astype(np.int64)
    form = formulate(scope.ground, rows, trade=Trade(np.ones(len(prices), np.bool_), prices, supply))
    for answer in (highs(form.program, hint=None, gap=0.0, seconds=30, seed=0), linear(form.program, seconds=30)):
        assert scope.base + answer.bound + extra >= best - 1e-3


@odd
@given(tiny.problems(), st.integers(0, 999))
def test_what_people_have_already_and_the_fees_of_series_are_taken_off_rightly(problem: Problem, seed: int):
    """The relaxation over any choice of columns, stating none of its lazy rows, with what others could gain at its
    prices beyond what it leaves them and the fees of series, is worth at least the best plan over all."""
    assume(len(brute.fit_pairs(problem)) <= 10)
    best = max(check.score(problem, plan)["total"] for plan in brute.plans(problem))
    scope = model.scoped(problem)
    rows = some(scope, random.Random(seed))
    assume(len(rows))
    ground, form = scope.ground, formulate(scope.ground, rows)
    answer, _ = relaxed(form.program, {}, seconds=30)
    gain = gains(ground, np.rint(answer.duals["seat"]).astype(np.int64), fees(ground, form, answer))
    extra, _ = outside(ground, rows, gain, left_to(ground, form, answer))
    assert scope.base + answer.worth + extra >= best - 1e-3


def test_a_series_asks_its_fee_once():
    """One tutor for three sessions, whom the relaxation does not know yet, must not look worth three fees less."""
    shifts = tuple(tiny.shift(f"s{day}", f"e{day}", day=day) for day in range(3))
    problem = tiny.problem(
        people=(tiny.person("p"), tiny.person("q")),
        events=tuple(tiny.Event(f"e{day}", series="class") for day in range(3)),
        shifts=shifts,
        needs=tuple(tiny.Need(f"n{day}", f"s{day}", "steward") for day in range(3)),
    )
    ground = model.scoped(problem).ground
    gain = gains(ground, np.full(3, 1000, np.int64), np.array([600.0]))
    assert (ground.net + 1000 - gain).tolist() == [200] * 6


@odd
@given(tiny.problems(), st.integers(0, 999))
def test_schedules_of_the_torn_shut_no_plan_out(problem: Problem, seed: int):
    """With the schedules of any candidates listed, the relaxation is still worth at least the best plan."""
    assume(len(brute.fit_pairs(problem)) <= 10)
    best = max(check.score(problem, plan)["total"] for plan in brute.plans(problem))
    scope = model.scoped(problem)
    assume(len(scope.pairs))
    every = np.arange(len(scope.pairs))
    loose = linear(formulate(scope.ground, every).program, seconds=30)
    listed = knots(scope.tables, scope.pairs, scope.far, some(scope, random.Random(seed)))
    tight = linear(formulate(scope.ground, every, knots=listed).program, seconds=30)
    assert best - 1e-3 <= scope.base + tight.bound <= scope.base + loose.bound + 1e-3


def test_schedules_are_listed_to_the_last():
    """Two mornings, an afternoon that the second one clashes with, all on a day that holds two of them."""
    shifts = (tiny.shift("a", hour=8), tiny.shift("b", hour=9), tiny.shift("c", hour=10.5), tiny.shift("d", hour=16))
    needs = tuple(tiny.Need(f"n{each.id}", each.id, "steward") for each in shifts)
    scope = model.scoped(tiny.problem(people=(tiny.person(max_day=240),), shifts=shifts, needs=needs))
    listed = knots(scope.tables, scope.pairs, scope.far, np.arange(4))
    made = {tuple(listed.row[listed.schedule == each].tolist()) for each in range(len(listed.person))}
    assert made == {(0,), (1,), (2,), (3,), (0, 2), (0, 3), (1, 3), (2, 3)}


@odd
@given(tiny.problems())
def test_lines_never_add_more_than_their_nets_say(problem: Problem):
    """For any set of a person's candidates."""
    scope = model.scoped(problem)
    pairs, draw = scope.pairs, random.Random(1)
    for person in range(len(problem.people)):
        mine = np.arange(pairs.first[person], pairs.first[person + 1])
        for _ in range(5):
            rows = mine[[draw.random() < 0.6 for _ in mine]]
            before = pairs.base[person : person + 1]
            cost = int((burden(scope.tables, before + pairs.minutes[rows].sum()) - burden(scope.tables, before))[0])
            assert int(pairs.worth[rows].sum()) - cost <= int(scope.ground.net[rows].sum())


@pytest.mark.parametrize("seed", [1, 2])
def test_prices_of_a_week_come_near_its_optimum(seed: int):
    """The whole program's optimum lies between the plan and the bound of the priced way."""
    problem = week("S", seed)
    whole = model.solve(problem, seconds=60, gap=0.0001)
    assert whole.status == "proven"
    scope = model.scoped(problem)
    seen: list[float] = []
    priced = price(
        scope.ground, np.zeros(0, np.int64), gap=1e-5, left=lambda: 60.0, report=lambda _, limit: seen.append(limit)
    )
    assert priced is not None
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == priced.bound
    assert scope.base + priced.bound >= whole.score
    assert scope.base + priced.bound <= 1.004 * whole.score
