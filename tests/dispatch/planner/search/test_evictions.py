"""Seats that push each other out: fewer people serve, nobody serves twice at once, and what cannot be had ends."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from dispatch.bench import tasks
from dispatch.bench.weeks import week
from dispatch.planner import check, model
from dispatch.planner.candidates import clash
from dispatch.planner.problem import Problem
from dispatch.planner.search import evictions, whole
from dispatch.planner.search.evictions import fewer
from dispatch.planner.search.found import polished
from dispatch.planner.search.scope import Scope, scoped, worth_of
from dispatch.planner.tables import Ints
from tests.dispatch.planner.search.test_neighbours import crowd

OUT_OF_REACH = 10**15


def begun(problem: Problem) -> tuple[Scope, Ints]:
    scope = scoped(problem)
    return scope, polished(scope, np.zeros(0, np.int64))


def asked(scope: Scope, rows: Ints, *, turns: int = 3_000, enough: int = OUT_OF_REACH, seed: int = 1) -> Ints:
    left = iter(range(turns))
    return fewer(scope, rows, enough=enough, seed=seed, left=lambda: float(next(left, None) is not None))


def apart(scope: Scope, rows: Ints) -> bool:
    """Nobody is sent to two of these who cannot serve both."""
    person, need = scope.pairs.person[rows], scope.pairs.need[rows]
    both = [(a, b) for a, b in combinations(range(len(rows)), 2) if person[a] == person[b]]
    one, other = (np.array([pair[side] for pair in both], np.int64) for side in (0, 1))
    return not clash(scope.tables, scope.far, person[one], need[one], need[other]).any()


@pytest.mark.parametrize("seed", [1, 4, 9])
def test_as_many_serve_as_the_fullest_moment_wants(seed: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(whole, "COSTS", (("fewer", 1.0),))
    posed = crowd(seed, workers=40)
    plan = model.solve(posed.problem, seconds=60, gap=0.0)
    spans = posed.instance.spans
    assert check.violations(posed.problem, plan) == ()
    assert plan.status == "proven"
    assert posed.value(plan) == max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)


def test_better_lines_are_found_and_nobody_is_at_two_places_at_once():
    scope, rows = begun(crowd(3).problem)
    found = asked(scope, rows)
    assert worth_of(scope, found) > worth_of(scope, rows)
    assert apart(scope, found)
    assert polished(scope, found).tolist() == found.tolist()


def test_the_same_seed_finds_the_same():
    scope, rows = begun(crowd(3).problem)
    assert asked(scope, rows, turns=400).tolist() == asked(scope, rows, turns=400).tolist()


def test_whoever_travels_slowly_or_rests_long_is_not_sent_to_what_others_could_do():
    """A week of a city whose people cost something, of two kinds who manage different pairs of shifts."""
    problem = week("S", 2)
    people = tuple(
        replace(person, cost=1 + number % 5, speed=4.0 if number % 2 else 60.0, rest=60 * (8 + number % 2))
        for number, person in enumerate(problem.people)
    )
    scope, rows = begun(replace(problem, people=people))
    board = evictions._board(scope)
    assert board is not None
    assert len(board.over) > 1
    assert any((one != board.over[0]).any() for one in board.over[1:])
    search = evictions.Search(board, np.random.default_rng(1))
    for _ in range(300):
        if search.waiting:
            search.move()
        elif not search.spare():
            break
        assert apart(scope, search.rows())
        placed = np.flatnonzero(search._at >= 0)
        assert sorted([*placed.tolist(), *search.waiting]) == list(range(len(board.row))), "a seat was lost"
    assert worth_of(scope, asked(scope, rows)) >= worth_of(scope, rows)


def test_the_dear_are_left_out_and_those_who_cost_nothing_never():
    """Three people who can do all of two tasks at different times; one costs nothing, one little, one much."""
    spans, all_of_them = ((0, 10), (20, 30)), (0, 1)
    posed = tasks.posed(tasks.Instance("three", spans, (all_of_them,) * 3))
    people = tuple(replace(person, cost=cost) for person, cost in zip(posed.problem.people, (2, 0, 1), strict=True))
    scope, _ = begun(replace(posed.problem, people=people))
    far = np.flatnonzero(scope.pairs.person == 0)
    found = asked(scope, far)
    assert set(scope.pairs.person[found].tolist()) == {1}


def test_what_is_begun_afresh_is_counted_as_it_stands(monkeypatch: pytest.MonkeyPatch):
    """What each person would give up for each seat follows from the lines, however often weights are forgotten."""
    monkeypatch.setattr(evictions, "AFRESH", 7)
    monkeypatch.setattr(evictions, "STALLS", (3, 5))
    scope, _ = begun(crowd(3).problem)
    board = evictions._board(scope)
    assert board is not None
    search = evictions.Search(board, np.random.default_rng(1))
    for _ in range(200):
        if search.waiting:
            search.move()
        else:
            search.spare()
        load = np.where(board.row >= 0, 0, evictions.NEVER) + np.where(search._serves, 0, evictions.NEVER)
        for seat in np.flatnonzero(search._at >= 0).tolist():
            person = int(search._at[seat])
            load[board.over[board.kind[person]][seat], person] += search._weight[seat]
        assert (load == search._load).all()
        assert (search._serves[search._at[search._at >= 0]]).all()


def test_seats_that_cannot_all_be_had_end_the_search(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evictions, "FIRST", 500)
    posed = tasks.posed(tasks.Instance("two", ((0, 10), (5, 15), (20, 25)), ((0, 1, 2),)))
    scope, rows = begun(posed.problem)
    turns = 0

    def left() -> float:
        nonlocal turns
        turns += 1
        return 1.0

    assert fewer(scope, rows, enough=OUT_OF_REACH, seed=1, left=left).tolist() == rows.tolist()
    assert turns <= 501


def test_what_is_too_large_is_left_to_others(monkeypatch: pytest.MonkeyPatch):
    scope, rows = begun(crowd(3).problem)
    monkeypatch.setattr(evictions, "CELLS", 100)
    assert asked(scope, rows).tolist() == rows.tolist()


def test_where_nobody_costs_nobody_is_to_be_spared():
    scope, rows = begun(week("S", 2))
    assert (
        fewer(scope, rows, enough=OUT_OF_REACH, seed=1, left=lambda: pytest.fail("searched")).tolist() == rows.tolist()
    )
