"""Free spans against a slow reading of the rules, minute by minute."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volunteer import availability
from volunteer.availability import spans
from volunteer.days import Calendar, calendar
from volunteer.spans import Span

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Weekly:
    weekday: int
    start: int
    end: int
    kind: str = "available"


@dataclass(frozen=True)
class Override:
    starts_at: datetime
    ends_at: datetime
    kind: str


def local(zone, *parts):
    return datetime(*parts, tzinfo=zone).astimezone(UTC)


def day(*parts, zone=CHINA):
    start = local(zone, *parts)
    return Span(start, start + timedelta(days=1))


WORKING = [Weekly(d, 540 + d, 600 + d) for d in range(7)]  # each weekday is told by its minutes


@pytest.mark.parametrize(
    ("on", "follows"),
    [
        ((2026, 3, 4), 2),  # a plain Wednesday
        ((2026, 2, 17), 6),  # Tuesday, New Year's Day: as a Sunday
        ((2026, 2, 21), 5),  # a Saturday in the holiday stays a Saturday
        ((2026, 2, 14), 4),  # a Saturday worked instead: as a Friday
        ((2026, 1, 4), 0),  # a Sunday worked instead: as a Monday
        ((2026, 2, 20), 6),  # a Friday off in exchange
        ((2026, 12, 31), 3),
    ],
)
def test_national_days_follow_their_rule(on, follows):
    window = day(*on)
    free, preferred = spans(WORKING, [], window, CHINA, calendar(window, CHINA))
    assert free == (
        Span(window.start + timedelta(minutes=540 + follows), window.start + timedelta(minutes=600 + follows)),
    )
    assert preferred == ()


def test_later_exceptions_win_and_preferred_is_part_of_free():
    window = day(2026, 3, 4)
    at = [window.start + timedelta(hours=h) for h in range(24)]
    overrides = [
        Override(at[8], at[20], "preferred"),
        Override(at[10], at[12], "unavailable"),
        Override(at[11], at[13], "available"),
    ]
    free, preferred = spans([], overrides, window, CHINA, Calendar())
    assert free == (Span(at[8], at[10]), Span(at[11], at[20]))
    assert preferred == (Span(at[8], at[10]), Span(at[13], at[20]))


def test_midnight_joins_two_days_and_the_window_cuts():
    window = Span(local(CHINA, 2026, 3, 4, 23), local(CHINA, 2026, 3, 5, 1))
    free, _ = spans([Weekly(2, 1200, 1440), Weekly(3, 0, 600)], [], window, CHINA, Calendar())
    assert free == (window,)


def test_p29_the_hour_that_comes_twice_counts_twice_and_the_one_that_does_not_come_not_at_all():
    berlin = ZoneInfo("Europe/Berlin")
    fold = day(2026, 10, 25, zone=berlin)
    free, _ = spans([Weekly(6, 150, 180)], [], fold, berlin, Calendar())
    assert free == (
        Span(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
        Span(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)),
    )
    gap = day(2026, 3, 29, zone=berlin)
    assert spans([Weekly(6, 120, 180)], [], gap, berlin, Calendar()) == ((), ())
    around, _ = spans([Weekly(6, 60, 240)], [], gap, berlin, Calendar())
    assert around == (Span(datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC)),)


EXCEPTIONS = st.tuples(
    st.integers(0, 4000), st.integers(1, 2000), st.sampled_from(["available", "preferred", "unavailable"])
)
STARTS = [(2026, 3, 27, 5), (2026, 10, 3), (2026, 10, 24, 11), (2026, 2, 13)]
weeklies = st.builds(
    lambda d, a, b, k: Weekly(d, min(a, b), max(a, b) + 1, k),
    st.integers(0, 6), st.integers(0, 1439), st.integers(0, 1439), st.sampled_from(["available", "preferred"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(weeklies, max_size=6),
    st.lists(EXCEPTIONS, max_size=4),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]),
    st.sampled_from([datetime(*parts, tzinfo=UTC) for parts in STARTS]),
)
def test_p29_every_instant_is_judged_by_what_the_local_clock_shows(weekly, exceptions, name, start):
    zone = ZoneInfo(name)
    window = Span(start, start + timedelta(days=3))
    overrides = [
        Override(start + timedelta(minutes=a), start + timedelta(minutes=a + length), kind)
        for a, length, kind in exceptions
    ]
    days = calendar(window, zone)
    free, preferred = spans(weekly, overrides, window, zone, days)
    for minute in range(0, 3 * 1440, 7):
        at = start + timedelta(minutes=minute)
        shown = at.astimezone(zone)
        clock = shown.hour * 60 + shown.minute
        kinds = {w.kind for w in weekly if w.weekday == days.weekday(shown.date()) and w.start <= clock < w.end}
        is_free, is_preferred = bool(kinds), "preferred" in kinds
        for override in overrides:
            if override.starts_at <= at < override.ends_at:
                is_free, is_preferred = override.kind != "unavailable", override.kind == "preferred"
        assert any(s.start <= at < s.end for s in free) == is_free, (at, clock)
        assert any(s.start <= at < s.end for s in preferred) == is_preferred, (at, clock)


async def test_reads_people_from_rows(db):
    from volunteer import models
    from volunteer.act import fresh_id

    now = datetime(2026, 3, 1, tzinfo=UTC)
    region = await models.Region.create(code="3505", name="泉州市", level="city", kind="city")
    people = [
        await models.Volunteer.create(id=fresh_id(now), number=str(n), name="甲", region=region, created_at=now)
        for n in range(2)
    ]
    await models.Weekly.create(id=fresh_id(now), volunteer=people[0], weekday=2, start=540, end=600)
    window = day(2026, 3, 4)
    found = await availability.of([p.id for p in people], window, CHINA)
    assert found[people[0].id][0] == (Span(local(CHINA, 2026, 3, 4, 9), local(CHINA, 2026, 3, 4, 10)),)
    assert found[people[1].id] == ((), ())
