"""Generalised assignment: read as published, and solved as brute force solves it."""

import itertools
from random import Random

import numpy as np
import pytest

from dispatch.bench import knapsacks
from dispatch.bench.knapsacks import Instance, WrongFileError
from dispatch.planner import check, model
from dispatch.planner.search import whole


def made(seed: int, *, tight: float = 0.9) -> Instance:
    """Three agents, six jobs; now and then no full assignment fits."""
    draw = Random(seed)
    cost = np.array([[draw.randint(-5, 30) for _ in range(6)] for _ in range(3)], np.int64)
    load = np.array([[draw.randint(1, 12) for _ in range(6)] for _ in range(3)], np.int64)
    room = np.array([int(tight * row.sum() / 3) for row in load], np.int64)
    return Instance(f"r{seed}", cost, load, room)


def cheapest(instance: Instance) -> int | None:
    agents, jobs = instance.cost.shape
    costs = []
    for choice in itertools.product(range(agents), repeat=jobs):
        where = np.array(choice)
        used = np.bincount(where, instance.load[where, np.arange(jobs)], agents)
        if (used <= instance.room).all():
            costs.append(int(instance.cost[where, np.arange(jobs)].sum()))
    return min(costs, default=None)


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_is_the_cheapest_full_assignment(seed: int):
    instance = made(seed, tight=(0.6, 0.8, 1.0)[seed % 3])
    posed = knapsacks.posed(instance)
    plan = model.solve(posed.problem, seconds=30, gap=0.0)
    assert check.violations(posed.problem, plan) == ()
    assert plan.status == "proven"
    best = cheapest(instance)
    assert posed.value(plan) == best
    if best is not None:
        assert posed.cost(plan.bound) == best


def test_some_of_these_do_not_fit_and_most_do():
    fit = [cheapest(made(seed, tight=(0.6, 0.8, 1.0)[seed % 3])) is not None for seed in range(12)]
    assert 0 < sum(fit) < 12


def test_a_larger_one_is_proven_in_floats_and_whole_numbers():
    draw = Random(7)
    cost, load = (np.array([[draw.randint(5, 25) for _ in range(60)] for _ in range(8)], np.int64) for _ in range(2))
    posed = knapsacks.posed(Instance("large", cost, load, load.sum(axis=1) // 7))
    plan = model.solve(posed.problem, seconds=60, gap=0.0)
    assert len(posed.problem.pairs) > whole.TINY
    assert plan.status == "proven"
    assert plan.score == plan.bound == check.score(posed.problem, plan)["total"]


def test_what_is_written_is_read_again():
    one, other = made(1), made(2)
    (again,) = knapsacks.read("r1", knapsacks.write(one))
    assert (again.cost == one.cost).all()
    assert (again.load == one.load).all()
    assert (again.room == one.room).all()
    first, second = knapsacks.read("two", f"2\n{knapsacks.write(one)}{knapsacks.write(other)}", most=True)
    assert (first.name, second.name) == ("two:1", "two:2")
    assert (second.cost == -other.cost).all()


WRONG = {
    "words": ("2 a", "whole numbers"),
    "nothing": ("", "number of instances"),
    "too few": ("1 2 2 1 1 1 1 1 1 1 1 5", "want 12 numbers, there are 11"),
    "too many": ("1 1 1 4 3 9 9 9", "2 numbers too many"),
    "a load below zero": ("1 1 1 4 -3 9", "loads and rooms"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_with_its_place(case: str):
    text, said = WRONG[case]
    with pytest.raises(WrongFileError, match=said):
        knapsacks.read("file", text)
