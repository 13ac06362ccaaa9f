"""The calendar of a person: what stands, what is asked, what is off; a changed line is a later revision of itself."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Stub
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import icalendar
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.models import Assignment, Event, Shift
from dispatch.notices import calendars
from dispatch.roster import assignments
from tests.dispatch import world
from tests.dispatch.world import World, by
from volunteer.act import now
from volunteer.models import Volunteer


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def read(person: Volunteer) -> dict[str, icalendar.Event]:
    """As another program reads it: by UID."""
    body = await calendars.feed(person.id, now(), public_url="http://citong.test")
    found = icalendar.Calendar.from_ical(body)
    assert found["METHOD"] == "PUBLISH"
    return {str(one["UID"]): one for one in found.walk("VEVENT")}


async def test_an_offer_an_acceptance_a_move_and_a_cancellation_are_one_thing(tiny: World) -> None:
    person = await tiny.person()
    line = await tiny.offered(await tiny.need(), person)
    (one,) = (await read(person)).values()
    assert (one["STATUS"], one["SUMMARY"], one["TRANSP"]) == ("TENTATIVE", "南音进校园（待答复）", "TRANSPARENT")
    sequences = [one["SEQUENCE"]]
    await assignments.accept(by(person), line.id)
    (one,) = (await read(person)).values()
    assert (one["UID"], one["STATUS"], one["SUMMARY"]) == (f"{line.id}@citong", "CONFIRMED", "南音进校园")
    shift = await Shift.get(id=(await line.need).shift_id)
    assert (one.start, one.end, one["LOCATION"]) == (shift.starts_at, shift.ends_at, "海滨文化站")
    sequences.append(one["SEQUENCE"])
    event = await Event.get(id=shift.event_id)
    hour = timedelta(hours=1)
    await Shift.filter(id=shift.id).update(starts_at=shift.starts_at + hour, ends_at=shift.ends_at + hour)
    await Event.filter(id=event.id).update(version=event.version + 1)
    (one,) = (await read(person)).values()
    assert one.start == shift.starts_at + hour
    sequences.append(one["SEQUENCE"])
    await Event.filter(id=event.id).update(state="cancelled", version=event.version + 2)
    (one,) = (await read(person)).values()
    assert one["STATUS"] == "CANCELLED"
    sequences.append(one["SEQUENCE"])
    assert sequences == sorted(set(sequences)), "each change is a later revision"


async def test_who_waits_in_line_is_not_asked_for_an_answer(tiny: World) -> None:
    person = await tiny.person()
    line = await tiny.offered(await tiny.need(), person)
    await Assignment.filter(id=line.id).update(status="standby")
    (one,) = (await read(person)).values()
    assert (one["STATUS"], one["SUMMARY"]) == ("TENTATIVE", "南音进校园（候补）")


@pytest.mark.parametrize("status", ["declined", "expired", "withdrawn", "filled", "cancelled", "released"])
async def test_what_is_no_more_says_so_and_stays_for_those_who_showed_it(tiny: World, status: str) -> None:
    person = await tiny.person()
    line = await tiny.offered(await tiny.need(), person)
    await Assignment.filter(id=line.id).update(status=status, answered_at=now())
    (one,) = (await read(person)).values()
    assert one["STATUS"] == "CANCELLED"


async def test_it_is_in_the_local_time_of_the_venue_and_the_same_rows_give_the_same_bytes(tiny: World) -> None:
    person = await tiny.person(language="en")
    await tiny.offered(await tiny.need(event={"title_en": "Nanyin at school"}), person)
    body = await calendars.feed(person.id, now(), public_url="http://citong.test/")
    assert body == await calendars.feed(person.id, now(), public_url="http://citong.test/")
    text = body.decode()
    assert "BEGIN:VTIMEZONE" in text
    assert "DTSTART;TZID=Asia/Shanghai:" in text
    assert "SUMMARY:Nanyin at school (awaiting your answer)" in text
    assert "http://citong.test/phone/" in text


async def test_nobody_elses_lines_are_in_it(tiny: World) -> None:
    person, other = await tiny.person(), await tiny.person()
    await tiny.offered(await tiny.need(), other)
    assert await read(person) == {}


# ---- P-29: clocks that are put forward and back ----

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "America/New_York"]
# The nights of both changes in these zones, and the end of a leap year's February.
NIGHTS = [(2026, 3, 8), (2026, 3, 29), (2026, 4, 4), (2026, 10, 3), (2026, 10, 25), (2026, 11, 1), (2028, 2, 29)]


def shown(starts: datetime, lasts: timedelta, call: int, zone: str) -> Any:
    """The one event of a calendar that holds this shift, as another program reads it."""
    event = Stub(title="夜游", title_en="", state="published", version=1)
    venue = Stub(name="古街", zone=zone)
    shift = Stub(event=event, venue=venue, starts_at=starts, ends_at=starts + lasts, call=call)
    line = Stub(
        id=uuid4(), need=Stub(shift=shift, role="引导"), status="accepted", version=1, answered_at=starts,
        offered_at=starts,
    )  # fmt: skip
    made = icalendar.Calendar()
    made.add_component(calendars._event(line, "zh", "http://citong.test"))  # type: ignore[arg-type]
    made.add_missing_timezones()
    (read_back,) = icalendar.Calendar.from_ical(made.to_ical()).walk("VEVENT")
    return read_back


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ZONES), st.sampled_from(NIGHTS), st.integers(0, 36 * 4), st.integers(1, 40), st.integers(0, 180))
def test_p29_a_calendar_shows_the_hour_at_which_it_is(
    zone: str, night: tuple[int, int, int], quarter: int, lasts: int, call: int
) -> None:
    starts = datetime(*night, tzinfo=UTC) - timedelta(hours=12) + quarter * timedelta(minutes=15)
    length = lasts * timedelta(minutes=15)
    read_back = shown(starts, length, call, zone)
    begins, ends = (read_back[name].dt.astimezone(UTC) for name in ("DTSTART", "DTEND"))
    assert (begins, ends - begins) == (starts, length)
    there = (starts - timedelta(minutes=call)).astimezone(ZoneInfo(zone))
    assert f"到场：{there:%H:%M}" in read_back["DESCRIPTION"]


def test_p29_canary_the_wall_alone_tells_one_of_two_hours_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # half past two in Berlin, for the second time
    assert shown(second, timedelta(hours=1), 0, "Europe/Berlin")["DTSTART"].dt.astimezone(UTC) == second
    monkeypatch.setattr(calendars, "_shown", lambda at, zone: at.astimezone(zone))
    assert shown(second, timedelta(hours=1), 0, "Europe/Berlin")["DTSTART"].dt.astimezone(UTC) != second
