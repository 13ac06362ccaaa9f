"""Holidays, make-up workdays, and how working days are counted."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer import days
from volunteer.days import calendar
from volunteer.errors import Invalid
from volunteer.spans import Span

CHINA = ZoneInfo("Asia/Shanghai")


def day(year: int, month: int, number: int) -> Span:
    begin = datetime(year, month, number, tzinfo=CHINA)
    return Span(begin, begin + timedelta(days=1))


def after(on: date, count: int, local: days.Local | None = None) -> date:
    """The last of so many working days after this one."""
    ends = days.working_days_after(datetime(on.year, on.month, on.day, 12, tzinfo=CHINA), count, CHINA, local or {})
    return (ends - timedelta(days=1)).date()


@pytest.mark.parametrize(
    ("on", "kind", "follows"),
    [
        ((2026, 3, 4), "holiday", 6),
        ((2026, 3, 7), "workday", 4),
        ((2026, 3, 8), "workday", 0),
        ((2026, 2, 17), "normal", 1),
        ((2026, 2, 17), "workday", 1),
        ((2026, 2, 14), "holiday", 5),
    ],
)
def test_local_days_win(on, kind, follows):
    window = day(*on)
    odd = calendar(window, CHINA, {date(*on): kind})
    assert odd.weekday(date(*on)) == follows


def test_the_operators_days_are_read_and_every_fault_is_named(tmp_path: Path):
    file = tmp_path / "calendar.csv"
    file.write_text("date,kind,name\n2026-03-08,holiday,停水\n2026-03-09,workday,\n", encoding="utf-8")
    assert days.local_days(file) == {date(2026, 3, 8): "holiday", date(2026, 3, 9): "workday"}
    file.write_text("date,kind\n8.3.,holiday\n2026-03-09,closed\n", encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        days.local_days(file)
    assert [(f.row, f.field) for f in caught.value.faults] == [(2, "date"), (3, "kind")]


def test_the_file_in_force_wins_everywhere(tmp_path: Path, monkeypatch):
    file = tmp_path / "calendar.csv"
    file.write_text("date,kind\n2026-03-04,holiday\n", encoding="utf-8")
    window = day(2026, 3, 4)
    assert calendar(window, CHINA).weekday(date(2026, 3, 4)) == 2
    monkeypatch.setenv("CITONG_CALENDAR", str(file))
    days.own_days.cache_clear()
    try:
        assert calendar(window, CHINA).weekday(date(2026, 3, 4)) == 6
    finally:
        days.own_days.cache_clear()


def test_the_citys_calendar_is_valid():
    file = Path(__file__).parents[2] / "config" / "quanzhou" / "calendar.csv"
    assert all(kind in ("holiday", "workday", "normal") for kind in days.local_days(file).values())


@pytest.mark.parametrize(
    ("on", "works"),
    [
        (date(2026, 3, 4), True),
        (date(2026, 3, 7), False),
        (date(2026, 2, 17), False),
        (date(2026, 2, 14), True),
        (date(2026, 2, 28), True),
        (date(2026, 10, 1), False),
    ],
)
def test_offices_rest_on_holidays_and_work_the_weekends_that_pay_for_them(on, works):
    assert days.works(on, {}) == works
    assert days.works(on, {on: "holiday"}) is False
    assert days.works(on, {on: "workday"}) is True


def test_spring_festival_is_stepped_over_and_its_saturday_is_counted():
    assert after(date(2026, 3, 3), 10) == date(2026, 3, 17)
    # The 14th is a worked Saturday, the 15th to the 23rd are off, the 28th is worked again.
    assert after(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert after(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert after(date(2026, 2, 26), 2) == date(2026, 2, 28)
    assert after(date(2026, 3, 3), 1, {date(2026, 3, 4): "holiday"}) == date(2026, 3, 5)


def test_the_evening_in_quanzhou_is_still_the_same_day():
    late = datetime(2026, 3, 3, 15, 59, tzinfo=UTC)
    assert days.working_days_after(late, 1, CHINA, {}) == datetime(2026, 3, 5, tzinfo=CHINA)
    assert days.working_days_after(late + timedelta(minutes=1), 1, CHINA, {}) == datetime(2026, 3, 6, tzinfo=CHINA)


@given(st.dates(date(2024, 1, 1), date(2027, 12, 1)), st.integers(1, 15), st.integers(1, 15))
def test_working_days_add_up(on, first, second):
    there = after(on, first)
    assert days.works(there, {})
    assert after(there, second) == after(on, first + second)
    between = [there - timedelta(days=n) for n in range((there - on).days)]
    assert sum(days.works(one, {}) for one in between) == first
