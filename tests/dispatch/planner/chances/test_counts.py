"""The counting of chances against all outcomes, one by one."""

import math
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.planner.chances.counts import alike, at_least, lacking, spread, together

chances = st.lists(st.floats(0, 1), max_size=9)


def by_hand(ps: list[float], wanted: int) -> float:
    total = 0.0
    for outcome in product((False, True), repeat=len(ps)):
        if sum(outcome) >= wanted:
            total += math.prod(p if came else 1 - p for p, came in zip(ps, outcome, strict=True))
    return total


@given(chances, st.integers(-1, 11))
def test_every_outcome_is_counted(ps: list[float], wanted: int) -> None:
    assert at_least(spread(ps), wanted) == pytest.approx(by_hand(ps, wanted), abs=1e-12)


@given(st.lists(st.floats(0, 1), max_size=200), st.integers(0, 201))
def test_probabilities_stay_probabilities(ps: list[float], wanted: int) -> None:
    mass = spread(ps)
    assert len(mass) == len(ps) + 1
    assert (mass >= 0).all()
    assert mass.sum() == pytest.approx(1)
    assert 0 <= at_least(mass, wanted) <= 1


@example([1 - 2**-53], 0, 0.0625)
@given(chances, st.integers(-1, 11), st.floats(0, 2))
def test_whatever_the_weather_it_is_a_probability(ps: list[float], wanted: int, shock: float) -> None:
    weathers = alike(ps, shock)
    assert sum(weight for weight, _ in weathers) == pytest.approx(1)
    assert all(0 <= p <= 1 for _, under in weathers for p in under)
    assert 0 <= together(ps, wanted, shock) <= 1 + 1e-12
    assert together(ps, wanted) == pytest.approx(at_least(spread(ps), wanted))


@given(chances, st.integers(-1, 11), st.sampled_from([0.0, 0.7]))
def test_what_is_lacking_is_the_sum_of_each_seats_risk(ps: list[float], wanted: int, shock: float) -> None:
    """The k-th seat is empty when fewer than k come."""
    by_seat = sum(1 - together(ps, seat, shock) for seat in range(1, wanted + 1))
    assert lacking(ps, wanted, shock) == pytest.approx(by_seat, abs=1e-9)


def test_what_people_have_in_common_makes_a_full_house_less_sure() -> None:
    """Nine who each come with 0.8: four of them are all but certain, unless rain keeps all of them in."""
    assert together([0.8] * 9, 4) > 0.99
    assert together([0.8] * 9, 4, 1.5) < 0.9
