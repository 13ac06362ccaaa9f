"""Hours filled in whole lines: what is said of all choices is true of each, and only hours are read so."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench import knapsacks
from dispatch.bench.weeks import week
from dispatch.planner.problem import Problem
from dispatch.planner.search import budgets as module
from dispatch.planner.search.budgets import NEVER, SCALE, Budgets, budgets, chosen, losses, lowered
from dispatch.planner.search.formulation import formulate
from dispatch.planner.search.scope import scoped
from dispatch.planner.tables import Ints
from tests.dispatch.bench.test_knapsacks import made
from tests.dispatch.planner.tiny import EXAMPLES

PEOPLE, NEEDS = 3, 4
many = settings(max_examples=EXAMPLES, deadline=None)


def hours(gain: list[int], load: list[int], room: list[int], able: list[bool]) -> Budgets:
    shape = PEOPLE + 1, NEEDS
    gains = np.array([*gain, *[0] * NEEDS], np.int64).reshape(shape)
    loads = np.array([*load, *[0] * NEEDS], np.int64).reshape(shape)
    rooms = np.array([*room, 0], np.int64)
    may = np.array([*able, *[True] * NEEDS]).reshape(shape) & (loads <= rooms[:, None])
    row = np.where(may, np.arange(may.size).reshape(shape), -1)
    return Budgets(gains, loads, rooms, may, row, np.zeros(NEEDS, np.int64))


def of(strategy: st.SearchStrategy, size: int) -> st.SearchStrategy:
    return st.lists(strategy, min_size=size, max_size=size)


SIZE = PEOPLE * NEEDS
tiny = st.builds(
    hours, of(st.integers(-5, 40), SIZE), of(st.integers(0, 9), SIZE), of(st.integers(0, 14), PEOPLE),
    of(st.booleans(), SIZE),
)  # fmt: skip
prices = of(st.integers(-9 * SCALE, 45 * SCALE), NEEDS).map(lambda some: np.array(some, np.int64))


def choices(some: Budgets) -> Iterator[Ints]:
    every = (np.array(choice) for choice in product(range(PEOPLE + 1), repeat=NEEDS))
    return (choice for choice in every if some.holds(choice))


def alone(some: Budgets, at: Ints, person: int) -> int:
    """The most one person gets at these prices, by trying every set of needs."""
    value, best = some.gain[person] * SCALE - at, 0
    for takes in product((False, True), repeat=NEEDS):
        mine = np.array(takes)
        if some.able[person, mine].all() and some.load[person, mine].sum() <= some.room[person]:
            best = max(best, int(value[mine].sum()))
    return best


@many
@given(tiny, prices)
def test_the_bound_is_what_each_gets_and_no_choice_adds_more(some: Budgets, at: Ints):
    bound, often = chosen(some, at)
    best, _ = losses(some, at)
    assert best.tolist() == [alone(some, at, person) for person in range(PEOPLE + 1)]
    assert bound == at.sum() + best.sum()
    assert max(some.worth(choice) for choice in choices(some)) * SCALE <= bound
    assert (often >= 0).all()


@many
@given(tiny, prices)
def test_no_choice_with_a_line_is_nearer_to_the_bound_than_what_it_loses(some: Budgets, at: Ints):
    bound, _ = chosen(some, at)
    _, loss = losses(some, at)
    each = np.arange(NEEDS)
    for choice in choices(some):
        assert some.worth(choice) * SCALE <= bound - loss[choice, each].max()
    assert (loss[some.able] >= 0).all()
    assert (loss[~some.able] == NEVER).all()


@many
@given(tiny, prices)
def test_it_is_the_same_when_a_table_holds_one_person_only(some: Budgets, at: Ints):
    (bound, often), (best, loss) = chosen(some, at), losses(some, at)
    with patch.object(module, "BLOCK", 1):
        (again, more), (each, lost) = chosen(some, at), losses(some, at)
    assert (again, more.tolist()) == (bound, often.tolist())
    assert (each.tolist(), lost.tolist()) == (best.tolist(), loss.tolist())


@many
@given(tiny)
def test_lower_prices_prove_a_bound_that_still_holds(some: Budgets):
    start = np.zeros(NEEDS, np.int64)
    first, _ = chosen(some, start)
    bound, found = lowered(some, start, -NEVER, turns=60, reach=10 * SCALE, left=lambda: 1.0)
    assert bound <= first
    assert bound == chosen(some, found)[0]
    assert max(some.worth(choice) for choice in choices(some)) * SCALE <= bound


def test_the_bound_is_nearer_than_that_of_parts_of_lines():
    """Two people of ten minutes, three needs of six: by parts 3.33 fit, whole only two."""
    some = hours([10] * SIZE, [6] * SIZE, [10, 10, 0], [True] * SIZE)
    bound, _ = lowered(some, np.zeros(NEEDS, np.int64), -NEVER, turns=400, reach=10 * SCALE, left=lambda: 1.0)
    assert 20 * SCALE <= bound < 21 * SCALE


def read(problem: Problem) -> Budgets | None:
    scope = scoped(problem)
    form = formulate(scope.ground, np.arange(len(scope.pairs)), exact=True)
    return budgets(form, scope.pairs.person)


def test_an_assignment_is_read_as_it_is():
    instance = made(3)
    posed = knapsacks.posed(instance)
    found = read(posed.problem)
    assert found is not None
    assert (found.seat == posed.seat).all()
    fits = found.able[:-1]
    assert (fits == (instance.load <= instance.room[:, None])).all()
    assert (found.gain[:-1][fits] == (posed.seat - instance.cost)[fits]).all()
    assert found.rows(found.chosen(np.sort(found.row[0, found.able[0]]))).tolist() == found.row[0, fits[0]].tolist()


def test_only_hours_are_read_so():
    problem = knapsacks.posed(made(3)).problem
    assert read(problem) is not None
    pair = replace(problem.needs[0], desired=2, max=2)
    assert read(replace(problem, needs=(pair, *problem.needs[1:]))) is None  # two on one need
    daily = tuple(replace(person, max_day=person.max_week - 1) for person in problem.people)
    assert read(replace(problem, people=daily)) is None  # two limits that bind
    assert read(week("S", 1)) is None


@pytest.mark.parametrize("seed", range(6))
def test_loads_are_counted_in_the_steps_they_share(seed: int):
    instance = made(seed)
    longer = replace(instance, load=instance.load * 30, room=instance.room * 30)
    one, other = read(knapsacks.posed(instance).problem), read(knapsacks.posed(longer).problem)
    assert one is not None
    assert other is not None
    assert (one.load[one.able] == other.load[other.able]).all()
    assert (one.able == other.able).all()


@pytest.mark.parametrize("limit", ["WORK", "ALONE"])
def test_what_takes_too_much_time_or_room_is_not_read(limit: str, monkeypatch: pytest.MonkeyPatch):
    """As many needs as minutes would take hundreds of gigabytes with three people already."""
    problem = knapsacks.posed(made(3)).problem
    some = read(problem)
    assert some is not None
    people, needs, wide = *some.gain.shape, int(some.room.max()) + 1
    most = {"WORK": people * needs * wide, "ALONE": 2 * needs * wide}[limit]
    monkeypatch.setattr(module, limit, most)
    assert read(problem) is not None
    monkeypatch.setattr(module, limit, most - 1)
    assert read(problem) is None
