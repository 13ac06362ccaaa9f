"""Giving some people's lines anew never loses anything, keeps all rules, and finds what greedy does not."""

from random import Random

import numpy as np
import pytest

from dispatch.bench import knapsacks, tasks
from dispatch.planner import check, model
from dispatch.planner.plan import Plan
from dispatch.planner.problem import Problem
from dispatch.planner.search import ceiling, neighbours, whole
from dispatch.planner.search.found import polished
from dispatch.planner.search.program import Program
from dispatch.planner.search.scope import scoped, worth_of
from dispatch.planner.tables import Ints


def crowd(seed: int, workers: int = 16) -> tasks.Posed:
    """Every one of these workers has a day of tasks to begin with, one of them at minute 50, so that so many can do and
    fewer cannot; a few more workers, and anybody may do six in ten of all tasks."""
    draw = Random(seed)
    spans: list[tuple[int, int]] = []
    can = [set[int]() for _ in range(workers + workers // 3)]
    for worker in range(workers):
        start, end = 50 - draw.randint(0, 12), 51 + draw.randint(0, 12)
        mine = [(start, end)]
        while start > 20:
            start -= draw.randint(2, 8)
            mine.append((start - draw.randint(5, 12), start))
            start = mine[-1][0]
        while end < 80:
            end += draw.randint(2, 8)
            mine.append((end, end + draw.randint(5, 12)))
            end = mine[-1][1]
        can[worker] |= set(range(len(spans), len(spans) + len(mine)))
        spans += [(start + 50, end + 50) for start, end in mine]
    for known in can:
        known |= {task for task in range(len(spans)) if draw.random() < 0.6}
    return tasks.posed(tasks.Instance(f"c{seed}", tuple(spans), tuple(tuple(sorted(mine)) for mine in can)))


def found(problem: Problem, *, rounds: int, seed: int = 1) -> tuple[list[int], Ints]:
    """What is reached after every so many neighbourhoods."""
    scope = scoped(problem)
    rows = polished(scope, np.zeros(0, np.int64))
    worths = [worth_of(scope, rows)]
    for _ in range(4):
        left = iter([1.0] * (2 * rounds))
        rows = neighbours.bettered(
            scope, rows, enough=ceiling.ceiling(scope), seed=seed, left=lambda left=left: 60 * next(left, 0.0)
        )
        worths.append(worth_of(scope, rows))
        assert len(polished(scope, rows)) >= len(rows)
        assert set(rows.tolist()) <= set(polished(scope, rows).tolist()), "a line broke a rule"
    return worths, rows


def test_nothing_is_lost_and_much_is_found():
    posed = crowd(3)
    worths, _ = found(posed.problem, rounds=8)
    assert worths == sorted(worths)
    assert worths[-1] > worths[0]


def test_the_same_seed_finds_the_same():
    problem = crowd(3).problem
    one, other = found(problem, rounds=4), found(problem, rounds=4)
    assert one[0] == other[0]
    assert one[1].tolist() == other[1].tolist()


@pytest.mark.parametrize("seed", [0, 3, 6])
def test_the_fullest_moment_proves_that_nobody_can_be_spared(seed: int, monkeypatch: pytest.MonkeyPatch):
    """Neither a relaxation nor an exact program is asked, as for problems too large to be stated in one."""
    monkeypatch.setattr(whole, "LARGEST", 0)
    posed = crowd(seed)
    spans = posed.instance.spans
    fullest = max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)
    plan = model.solve(posed.problem, seconds=60, gap=0.0)
    assert check.violations(posed.problem, plan) == ()
    assert posed.cost(plan.bound) == fullest
    assert plan.status == "proven"
    assert posed.value(plan) == fullest


def test_whoever_has_loads_is_given_anew_as_well(monkeypatch: pytest.MonkeyPatch):
    draw = Random(5)
    cost = np.array([[draw.randint(10, 50) for _ in range(60)] for _ in range(8)])
    load = np.array([[draw.randint(5, 25) for _ in range(60)] for _ in range(8)])
    posed = knapsacks.posed(knapsacks.Instance("g", cost, load, load.sum(axis=1) * 8 // 10 // 8))
    costs: list[int] = []
    for steps in ((), (("neighbours", 1.0),)):
        monkeypatch.setattr(whole, "LOADS", steps)
        plan: Plan = model.solve(posed.problem, seconds=4, gap=0.0)
        assert check.violations(posed.problem, plan) == ()
        costs.append(plan.score)
    assert costs[1] > costs[0]


def test_once_everybody_was_asked_exactly_nobody_is_asked_again():
    """The bound that is hoped for lies out of reach, and nothing but that ends the search so soon."""
    scope = scoped(crowd(0, workers=3).problem)
    rows, asked = polished(scope, np.zeros(0, np.int64)), []
    neighbours.bettered(scope, rows, enough=10**15, seed=1, left=lambda: asked.append(1) or 60.0)
    assert len(asked) < neighbours.PATIENCE // 4


def test_worths_too_great_to_be_told_apart_are_left_as_they_are():
    one = np.ones(2, np.int64)
    for worth, tasted in ((1, True), (10**12, False)):
        program = Program(one * worth, one, one > 0, ())
        made = neighbours._tasted(program, np.array([0, 1]), 0, np.random.default_rng(1))
        assert (made is not program) == tasted
        if tasted:
            assert made.worth[1] > made.worth[0] > 0


def loaded(seed: int, people: int = 5, needs: int = 30) -> knapsacks.Posed:
    draw = Random(seed)
    cost = np.array([[draw.randint(10, 50) for _ in range(needs)] for _ in range(people)])
    load = np.array([[draw.randint(5, 25) for _ in range(needs)] for _ in range(people)])
    return knapsacks.posed(knapsacks.Instance("g", cost, load, load.sum(axis=1) * 8 // 10 // people))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("core", "each"), [(15_000, 3), (60, 1), (1, 1)])
def test_a_core_proves_what_all_candidates_prove_or_claims_less(
    seed: int, core: int, each: int, monkeypatch: pytest.MonkeyPatch
):
    posed = loaded(seed)
    monkeypatch.setattr(whole, "TINY", 0)
    monkeypatch.setattr(whole, "LOADS", (("highs", 1.0),))
    best = model.solve(posed.problem, seconds=60, gap=0.0)
    assert best.status == "proven"
    monkeypatch.setattr(whole, "CORE", core)
    monkeypatch.setattr(whole, "EACH", each)
    monkeypatch.setattr(whole, "LOADS", (("linear", 1.0), *[("core", 1.0)] * 3))
    plan = model.solve(posed.problem, seconds=60, gap=0.0)
    assert check.violations(posed.problem, plan) == ()
    assert plan.score <= best.score <= plan.bound
    assert (plan.status == "proven") == (core > 1_000)  # a core that leaves something out proves nothing


def test_a_program_too_large_for_the_time_left_is_not_begun(monkeypatch: pytest.MonkeyPatch):
    """Solvers look at the clock late: what is found until then would come too late as well."""
    monkeypatch.setattr(whole, "TINY", 0)
    monkeypatch.setattr(whole, "LOADS", (("highs", 1.0),))
    posed = loaded(1)
    for steps in ((("highs", 1.0),), (("linear", 1.0), *[("core", 1.0)] * 2)):
        monkeypatch.setattr(whole, "LOADS", steps)
        for pace, status in ((0, "greedy"), (20_000, "proven")):
            monkeypatch.setattr(whole, "PACE", pace)
            plan = model.solve(posed.problem, seconds=60, gap=0.0)
            assert plan.status == status
            assert check.violations(posed.problem, plan) == ()
