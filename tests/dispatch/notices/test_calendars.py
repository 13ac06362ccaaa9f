"""The calendar of a person: what stands, what is asked, what is off; a changed line is a later revision of itself."""

from collections.abc import AsyncIterator
from datetime import timedelta

import icalendar
import pytest
import pytest_asyncio

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
