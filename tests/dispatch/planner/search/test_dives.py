"""Dives: they find the best of tiny problems and know it, keep everybody's hours, and end when time does."""

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.bench import knapsacks
from dispatch.planner import check, model
from dispatch.planner.search import dives, whole
from dispatch.planner.search.budgets import Budgets, losses
from dispatch.planner.search.dives import dived, priced
from dispatch.planner.tables import Ints
from tests.dispatch.bench.test_knapsacks import cheapest, made
from tests.dispatch.planner.search.test_budgets import NEEDS, choices, many, read, tiny

OUT_OF_REACH = 10**12


def turns(some: int) -> Callable[[], float]:
    """Time for so many looks at the clock."""
    looks = count()
    return lambda: float(some - next(looks))


@many
@given(tiny, st.integers(0, 3))
def test_what_is_called_the_best_is_the_best(some: Budgets, seed: int):
    known = priced(some, np.zeros(NEEDS, np.int64), turns(60))
    found, sure = dived(some, known, None, enough=OUT_OF_REACH, seed=seed, left=turns(1_500))
    assert some.holds(found)
    best = max(some.worth(choice) for choice in choices(some))
    assert some.worth(found) <= best
    assert sure <= (some.worth(found) == best)
    assert sure  # so few choices are looked at to the end


@many
@given(tiny)
def test_what_is_good_enough_ends_it_and_nothing_gets_worse(some: Budgets):
    known = priced(some, np.zeros(NEEDS, np.int64), turns(60))
    nobody = np.full(NEEDS, len(some.room) - 1)
    found, _ = dived(some, known, nobody, enough=1, seed=1, left=turns(1_500))
    best = max(some.worth(choice) for choice in choices(some))
    assert some.holds(found)
    assert min(best, 1) <= some.worth(found)
    kept, _ = dived(some, known, found, enough=OUT_OF_REACH, seed=1, left=turns(0))
    assert kept.tolist() == found.tolist()


@pytest.mark.parametrize("seed", range(12))
def test_hours_and_dives_alone_prove_the_cheapest_assignment(seed: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(whole, "TINY", 0)
    monkeypatch.setattr(whole, "LOADS", (("linear", 0.3), ("hours", 0.3), ("dives", 1.0)))
    instance = made(seed, tight=(0.6, 0.8, 1.0)[seed % 3])
    posed = knapsacks.posed(instance)
    plan = model.solve(posed.problem, seconds=30, gap=0.0)
    assert check.violations(posed.problem, plan) == ()
    assert plan.status == "proven"
    assert posed.value(plan) == cheapest(instance)


def large() -> knapsacks.Posed:
    draw = np.random.default_rng(5)
    cost, load = draw.integers(10, 50, (6, 40)), draw.integers(5, 25, (6, 40))
    return knapsacks.posed(knapsacks.Instance("some", cost, load, load.sum(axis=1) // 7))


@pytest.mark.parametrize("most", [0, 1, 3, 10_000])
def test_a_dive_goes_no_deeper_once_time_has_ended(most: int, monkeypatch: pytest.MonkeyPatch):
    """Time for so many looks at what lines lose; with enough of it, far more than those are looked at."""
    some, looks = read(large().problem), []

    def counted(hours: Budgets, prices: Ints) -> tuple[Ints, Ints]:
        looks.append(1)
        return losses(hours, prices)

    assert some is not None
    known = priced(some, np.zeros(len(some.seat), np.int64), lambda: 1.0)
    monkeypatch.setattr(dives, "losses", counted)
    enough = some.worth(dived(some, known, None, enough=1, seed=1, left=lambda: 1.0)[0])
    needed, looks[:] = len(looks), []
    found, sure = dived(some, known, None, enough=enough, seed=1, left=lambda: float(most - len(looks)))
    assert needed > 3
    assert len(looks) == min(most, needed)
    assert (some.worth(found) == enough) == (most > 3)
    assert not sure


def test_sooner_or_later_everybody_chooses_anew():
    """So many people are stepped over when their number only grows by its steps."""
    people, shape = 69, (70, 1)
    gain = np.arange(shape[0])[::-1].reshape(shape)
    load, room = np.minimum(gain, 1), np.ones(shape[0], np.int64)
    row = np.append(np.arange(people), -1).reshape(shape)
    some = Budgets(gain, load, room, np.full(shape, fill_value=True), row, np.zeros(1, np.int64))
    known = priced(some, np.zeros(1, np.int64), turns(10))
    found, sure = dived(some, known, np.zeros(1, np.int64), enough=OUT_OF_REACH, seed=1, left=turns(1_500))
    assert found.tolist() == [0]
    assert sure


def test_nothing_is_called_found_when_time_ended_before(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(whole, "TINY", 0)
    monkeypatch.setattr(whole, "LOADS", (("hours", 0.3), ("dives", 0.3)))
    posed = large()
    assert model.solve(posed.problem, seconds=5, gap=0.5).status == "proven"
    monkeypatch.setattr(whole, "dived", lambda hours, known, own, **_: (np.full(40, 6), False))
    assert model.solve(posed.problem, seconds=5, gap=0.0).status == "greedy"


def test_without_time_nothing_is_priced_or_dived_for(monkeypatch: pytest.MonkeyPatch):
    """On large ones even to begin takes seconds."""
    monkeypatch.setattr(whole, "TINY", 0)
    monkeypatch.setattr(whole, "LOADS", (("hours", 0.0), ("hours", 1.0), ("dives", 0.0), ("dives", 1.0)))
    given: list[float] = []
    priced_of, dived_of = whole.priced, whole.dived

    def pricing(hours: Budgets, at: Ints, left: Callable[[], float]) -> dives.Priced:
        given.append(left())
        return priced_of(hours, at, left)

    def diving(*what: Any, left: Callable[[], float], **more: Any) -> tuple[Ints, bool]:
        given.append(left())
        return dived_of(*what, left=left, **more)

    monkeypatch.setattr(whole, "priced", pricing)
    monkeypatch.setattr(whole, "dived", diving)
    assert model.solve(large().problem, seconds=60, gap=0.0).status == "proven"
    assert len(given) == 2
    assert min(given) > 0


def test_the_same_seed_dives_the_same_way():
    posed = large()
    plans = [model.solve(posed.problem, seconds=60, gap=0.0, seed=2) for _ in range(2)]
    assert [plan.status for plan in plans] == ["proven", "proven"]
    assert plans[0].choices == plans[1].choices
