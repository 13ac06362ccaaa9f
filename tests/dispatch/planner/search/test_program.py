"""Bounds made of prices alone hold whatever the prices are, and are near where the prices are."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dispatch.bench.weeks import week
from dispatch.planner.search import ties
from dispatch.planner.search.formulation import formulate
from dispatch.planner.search.program import INFINITY, Program, Rows, approached, certified, cp_sat, gains, linear
from dispatch.planner.search.scope import scoped
from tests.dispatch.planner.search.test_neighbours import crowd

WIDE, TALL = 5, 4


def program(worth: list[int], weight: list[int], low: list[int], room: list[int], open_ended: list[int]) -> Program:
    """Rows of every kind: bounded on both sides, on one, on none."""
    bottom, top = np.array(low, np.float64), np.array(low, np.float64) + np.array(room)
    bottom[[n for n, kind in enumerate(open_ended) if kind & 1]] = -INFINITY
    top[[n for n, kind in enumerate(open_ended) if kind & 2]] = INFINITY
    row, column = np.repeat(np.arange(TALL), WIDE), np.tile(np.arange(WIDE), TALL)
    rows = Rows("any", row, column, np.array(weight, np.int64), bottom, top)
    high = np.full(WIDE, 3, np.int64)
    return Program(np.array(worth, np.int64), high, high > 0, (rows,))


programs = st.builds(
    program,
    st.lists(st.integers(-9, 9), min_size=WIDE, max_size=WIDE),
    st.lists(st.integers(-3, 3), min_size=WIDE * TALL, max_size=WIDE * TALL),
    st.lists(st.integers(-6, 0), min_size=TALL, max_size=TALL),
    st.lists(st.integers(6, 9), min_size=TALL, max_size=TALL),  # nothing at all is always allowed
    st.lists(st.integers(0, 3), min_size=TALL, max_size=TALL),
)


@given(programs, arrays(np.float64, TALL, elements=st.floats(-20, 20)))
def test_no_prices_cut_off_what_can_be_had(made: Program, prices: np.ndarray):
    best = cp_sat(made, hint=None, gap=0.0, seconds=10, work=10, seed=1)
    assert best.optimal
    assert certified(made, prices) >= best.worth


def test_prices_so_wild_that_sums_forget_the_worth_prove_less_not_wrong():
    """x, y and z are one together or none; all three are worth 6."""
    row, column = np.repeat(np.arange(3), 2), np.array([0, 1, 2, 0, 1, 0])
    rows = Rows("any", row, column, np.tile([1, -1], 3), np.full(3, -INFINITY), np.zeros(3))
    one = np.ones(3, np.int64)
    made = Program(np.array([3, 0, 3]), one, one > 0, (rows,))
    assert certified(made, np.array([1e17, 3.3, 1e17])) >= 6


@given(programs, arrays(np.float64, TALL, elements=st.floats(-20, 20)), st.integers(0, WIDE - 1))
def test_a_column_that_loses_costs_what_it_loses(made: Program, prices: np.ndarray, which: int):
    """The best solution that has the column at all is worth no more than the bound less that."""
    lost = min(0.0, float(gains(made, prices)[which]))
    one, ends = np.ones(1, np.int64), np.array([1.0])
    asked = Rows("had", one * 0, one * which, one, ends, ends * INFINITY)
    best = cp_sat(replace(made, rows=(*made.rows, asked)), hint=None, gap=0.0, seconds=10, work=10, seed=1)
    assert best.x is None or best.worth <= certified(made, prices) + lost + 1e-6


@given(programs)
def test_the_right_prices_prove_the_relaxation(made: Program):
    relaxed = linear(made, seconds=10)
    assert abs(certified(made, relaxed.duals["any"]) - relaxed.worth) < 1e-6


@pytest.mark.parametrize("seed", [2, 3])
def test_moments_told_by_what_changes_are_worth_the_same(seed: int, monkeypatch: pytest.MonkeyPatch):
    scope, told = scoped(crowd(seed).problem), []
    for listed in (ties.LISTED, 0):
        monkeypatch.setattr(ties, "LISTED", listed)
        made = formulate(scope.ground, np.arange(len(scope.pairs)), exact=True).program
        told.append((linear(made, seconds=60).worth, sum(len(rows.row) for rows in made.rows)))
    assert abs(told[0][0] - told[1][0]) < 1e-4
    assert told[1][1] < told[0][1]


def test_prices_that_came_near_prove_nearly_as_much():
    scope = scoped(crowd(3).problem)
    made = formulate(scope.ground, np.arange(len(scope.pairs)), exact=True).program
    relaxed, near = linear(made, seconds=60), approached(made, seconds=60)
    assert relaxed.worth <= near.bound + 1e-6
    assert near.bound < relaxed.worth + 0.5
    assert {name: len(part) for name, part in near.duals.items()} == {r.name: len(r.low) for r in made.rows}


def test_prices_cut_short_prove_something_or_say_that_they_do_not():
    scope = scoped(week("S", 3))
    made = formulate(scope.ground, np.arange(len(scope.pairs)), exact=True).program
    relaxed, cut = linear(made, seconds=60), approached(made, seconds=0.01)
    assert cut.bound >= relaxed.worth - 1
