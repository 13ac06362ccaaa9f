"""Quiet hours: nights end by the clock on the wall, and what would be over by the morning does not wait for it."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer import quiet
from volunteer.quiet import HOUSE, ZONE, Quiet


def here(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "over", "told"),
    [
        (here(12), None, here(12)),
        (here(21, 59), None, here(21, 59)),
        (here(22), None, here(8, day=11)),
        (here(3), here(12, day=14), here(8)),
        (here(8), None, here(8)),
        (here(23), here(7, day=11), here(23)),  # over before the morning
        (here(23), here(11, day=11), here(23)),  # within twelve hours
        (here(23), here(11, 1, day=11), here(8, day=11)),
    ],
)
def test_nights(at: datetime, over: datetime | None, told: datetime) -> None:
    assert quiet.waking(at, over, HOUSE) == told


def test_no_quiet_hours_and_quiet_hours_by_day() -> None:
    none = Quiet(time(0), time(0))
    assert quiet.waking(here(3), None, none) == here(3)
    noon = Quiet(time(12), time(14))
    assert quiet.waking(here(13), None, noon) == here(14)
    assert quiet.waking(here(23), None, noon) == here(23)


clocks = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, clocks, clocks, st.none() | st.integers(0, 90))
def test_nobody_is_told_in_their_night_unless_it_presses(
    at: datetime, begins: time, ends: time, hours: int | None
) -> None:
    over = None if hours is None else at + timedelta(hours=hours)
    wanted = Quiet(begins, ends)
    told = quiet.waking(at, over, wanted)
    assert told >= at
    assert over is None or told < over or told == at
    if told == at and quiet.night(at, wanted) is not None:
        assert over is not None
    if told > at:
        assert quiet.night(told, wanted) is None
        assert (told.astimezone(ZONE).hour, told.astimezone(ZONE).minute) == (ends.hour, ends.minute)
