"""The arithmetic of hours: never more than was served, to half a unit, and never more than planned and approved."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.records.hours import MINUTE, Stay, credit, short, spoken

NINE = datetime(2026, 3, 7, 9, tzinfo=UTC)


def stay(came: int, left: int, lasts: int = 120) -> Stay:
    """A plan from nine on, and when somebody came and left; in minutes from nine."""
    return Stay(NINE, NINE + lasts * MINUTE, NINE + came * MINUTE, NINE + left * MINUTE)


@pytest.mark.parametrize(
    ("came", "left", "overtime", "minutes"),
    [
        (0, 120, 0, 120),
        (-30, 150, 0, 120),  # early and late outside the plan count for nothing
        (10, 120, 0, 120),
        (15, 120, 0, 120),  # half a unit counts up
        (16, 120, 0, 90),
        (0, 44, 0, 30),
        (0, 45, 0, 60),
        (0, 14, 0, 0),
        (0, 180, 0, 120),
        (0, 180, 30, 150),
        (0, 130, 60, 120),
        (60, 60, 0, 0),
        (130, 140, 0, 0),
        (-60, -30, 0, 0),
    ],
)
def test_hours_in_halves(came: int, left: int, overtime: int, minutes: int) -> None:
    assert credit(stay(came, left), 30, overtime) == minutes


def test_a_plan_that_is_no_whole_number_of_units_is_never_exceeded() -> None:
    assert credit(stay(0, 130, lasts=130), 30) == 120
    assert credit(stay(0, 149, lasts=149), 30) == 120
    assert credit(stay(0, 20, lasts=20), 30) == 0


minutes = st.integers(-300, 900)
stays = st.builds(
    lambda a, b, lasts: stay(min(a, b), max(a, b), lasts), minutes, minutes, st.integers(1, 600)
)  # fmt: skip
units = st.sampled_from([10, 15, 30, 60])
overtimes = st.integers(0, 240)


@given(stays, units, overtimes)
def test_never_above_the_plan_and_what_was_approved_nor_half_a_unit_above_what_was_served(
    one: Stay, unit: int, overtime: int
) -> None:
    found = credit(one, unit, overtime)
    served = one.within(overtime)
    assert found % unit == 0
    assert timedelta() <= found * MINUTE <= one.plan + overtime * MINUTE
    assert found * MINUTE - served <= timedelta(minutes=unit) / 2
    assert served - found * MINUTE < timedelta(minutes=unit)


@given(stays, units, overtimes, st.integers(0, 300))
def test_staying_longer_or_more_overtime_never_costs_hours(one: Stay, unit: int, overtime: int, more: int) -> None:
    longer = Stay(one.since, one.until, one.came, one.left + more * MINUTE)
    earlier = Stay(one.since, one.until, one.came - more * MINUTE, one.left)
    found = credit(one, unit, overtime)
    assert credit(longer, unit, overtime) >= found
    assert credit(earlier, unit, overtime) >= found
    assert credit(one, unit, overtime + more) >= found


@given(stays, units)
def test_the_way_there_and_back_is_no_service(one: Stay, unit: int) -> None:
    inside = Stay(one.since, one.until, max(one.came, one.since), max(one.came, one.since, min(one.left, one.until)))
    assert credit(inside, unit) == credit(one, unit)


@pytest.mark.parametrize(("minutes", "lacks"), [(0, True), (60, True), (71, True), (72, False), (120, False)])
def test_less_than_three_fifths_must_be_explained(minutes: int, lacks: bool) -> None:
    assert short(minutes, timedelta(hours=2), 60) is lacks


def test_hours_are_written_as_people_do() -> None:
    assert [spoken(m) for m in (0, 30, 60, 150)] == ["0", "0.5", "1", "2.5"]
