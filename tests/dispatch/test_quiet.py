"""The night: nobody is asked and no offer ends in it, unless the shift is near."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch import quiet
from dispatch.roster.assignments import reply_by
from dispatch.settings import Asking, Policy

TERMS = Asking()
instants = st.integers(0, 60 * 24 * 365).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
leads = st.integers(1, 60 * 24 * 20).map(lambda minutes: timedelta(minutes=minutes))


def local(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=quiet.ZONE)


def test_the_night_goes_over_midnight() -> None:
    assert quiet.night(local(21, 59), TERMS) is None
    assert quiet.night(local(22), TERMS) == (local(22), local(8, day=4))
    assert quiet.night(local(3), TERMS) == (local(22, day=2), local(8))
    assert quiet.night(local(8), TERMS) is None


def test_a_night_may_lie_within_a_day_or_not_be() -> None:
    noon = Asking(quiet_from=time(12), quiet_until=time(14))
    assert quiet.night(local(13), noon) == (local(12), local(14))
    assert quiet.night(local(15), noon) is None
    assert quiet.night(local(3), Asking(quiet_from=time(8), quiet_until=time(8))) is None


def test_at_night_one_waits_for_the_morning_unless_it_is_urgent() -> None:
    assert quiet.waking(local(23), local(23) + timedelta(hours=13), TERMS) == local(8, day=4)
    assert quiet.waking(local(23), local(23) + timedelta(hours=12), TERMS) == local(23)
    assert quiet.waking(local(12), local(23), TERMS) == local(12)


@given(instants, leads)
def test_no_offer_ends_at_night_unless_it_is_urgent(at: datetime, lead: timedelta) -> None:
    starts, floor = at + lead, timedelta(minutes=Policy().offer_floor_minutes)
    until = reply_by(at, starts, Policy())
    assert at < until <= starts
    found = quiet.night(until - timedelta(seconds=1), TERMS)  # ending just when the night begins is well
    if not quiet.urgent(at, starts, TERMS) and found is not None:
        # Only where neither the morning nor the evening before leaves time enough.
        evening, morning = found
        assert evening < at + floor
        assert morning + quiet.MORNING > until + (starts - until) / 2


@given(instants, leads)
def test_an_offer_stands_for_its_floor_or_to_the_start(at: datetime, lead: timedelta) -> None:
    floor = timedelta(minutes=Policy().offer_floor_minutes)
    assert reply_by(at, at + lead, Policy()) >= min(at + floor, at + lead)
