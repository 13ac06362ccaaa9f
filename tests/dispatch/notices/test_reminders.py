"""Reminders by each person's leads, once and in time; alarms for those who look after a shift that lacks people."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest_asyncio

from dispatch.models import Assignment, Event, Need, Shift
from dispatch.notices import reminders
from tests.dispatch import world
from tests.dispatch.world import World, starting
from volunteer.act import now, system
from volunteer.models import Contact, Entry, Notice, Role, Volunteer


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def accepted(tiny: World, person: Volunteer, minutes: float, *, answered: float = 60 * 24 * 9) -> Assignment:
    """A seat that the person took ``answered`` minutes ago on a shift that begins in so many minutes."""
    line = await tiny.offered(await tiny.need(after=starting(minutes)), person)
    at = datetime.now(UTC) - timedelta(minutes=answered)
    await Assignment.filter(id=line.id).update(status="accepted", answered_at=at)
    await Need.filter(id=line.need_id).update(taken=1)
    return line


async def told(person: Volunteer) -> list[tuple[str, UUID]]:
    rows = Notice.filter(volunteer_id=person.id, channel="app", kind__startswith="shift.").order_by("created_at")
    return await rows.values_list("kind", "ref")


async def test_a_day_before_and_two_hours_before_once_each(tiny: World) -> None:
    person = await tiny.person()
    far, near, later = [await accepted(tiny, person, minutes) for minutes in (23 * 60, 119, 25 * 60)]
    assert await reminders.remind(system()) == 2
    assert await reminders.remind(system()) == 0
    assert sorted(await told(person)) == sorted([("shift.soon", near.id), ("shift.ahead", far.id)])
    assert later.id not in [ref for _, ref in await told(person)]
    assert await Entry.filter(kind="notice.owed", topic=f"volunteer:{person.id}").count() == 2


async def test_a_person_chooses_their_own_leads(tiny: World) -> None:
    early, none = await tiny.person(), await tiny.person()
    await Contact.create(id=uuid4(), volunteer_id=early.id, far=60 * 72, near=0)
    await Contact.create(id=uuid4(), volunteer_id=none.id, far=0, near=0)
    first = await accepted(tiny, early, 71 * 60)
    await accepted(tiny, none, 60)
    await reminders.remind(system())
    assert await told(early) == [("shift.ahead", first.id)]
    assert await told(none) == []


async def test_nobody_is_reminded_of_a_yes_of_a_moment_ago_nor_of_what_they_left(tiny: World) -> None:
    fresh, gone, late = await tiny.person(), await tiny.person(), await tiny.person()
    await accepted(tiny, fresh, 20 * 60, answered=5)
    left = await accepted(tiny, gone, 60)
    await Assignment.filter(id=left.id).update(status="cancelled")
    over = await accepted(tiny, late, -10)
    assert await reminders.remind(system()) == 0
    assert over.status == "offered"


async def test_a_shift_that_is_moved_is_reminded_of_anew(tiny: World) -> None:
    person = await tiny.person()
    line = await accepted(tiny, person, 20 * 60)
    await reminders.remind(system())
    old = await Notice.get(volunteer_id=person.id, channel="app")
    await Notice.filter(id=old.id).update(read_at=now())
    moved = {
        "occupies_from": line.occupies_from + timedelta(hours=1),
        "occupies_until": line.occupies_until + timedelta(hours=1),
    }
    await Assignment.filter(id=line.id).update(**moved)
    assert await reminders.remind(system()) == 1
    new = await Notice.get(volunteer_id=person.id, channel="app")
    assert (new.read_at, new.until) == (None, moved["occupies_from"])
    assert new.message_id != old.message_id


async def test_an_alarm_reaches_organiser_and_near_coordinators_twice_at_most(tiny: World) -> None:
    people = [await tiny.person() for _ in range(5)]
    organiser, near, county, city, foreign = people
    since = now() - timedelta(days=9)
    regions = {near: world.TOWN, county: "350502", city: "3505", foreign: "350503"}
    for person, region in regions.items():
        await Role.create(id=uuid4(), volunteer_id=person.id, role="coordinator", region_id=region, since=since)
    need = await tiny.need(after=starting(40 * 60), seats=3, event={"organiser_id": organiser.id})
    await tiny.need(after=starting(60 * 60), seats=1)
    assert await reminders.alarm(system()) == 3
    assert await reminders.alarm(system()) == 0
    rows = await Notice.filter(kind="shift.understaffed", channel="app")
    assert {row.volunteer_id for row in rows} == {organiser.id, near.id, county.id}
    assert {row.data["missing"] for row in rows} == {3}
    begins = datetime.now(UTC) + timedelta(hours=11)
    await Shift.filter(id=need.shift_id).update(starts_at=begins, ends_at=begins + timedelta(hours=2))
    assert await reminders.alarm(system()) == 3
    assert await reminders.alarm(system()) == 0
    assert await Notice.filter(kind="shift.understaffed", channel="app").count() == 3


async def test_the_second_day_of_an_event_that_has_begun_raises_an_alarm(tiny: World) -> None:
    organiser = await tiny.person()
    await tiny.need(after=starting(20 * 60), event={"organiser_id": organiser.id, "state": "running"})
    assert await reminders.alarm(system()) == 1


async def test_a_shift_that_is_staffed_or_called_off_raises_no_alarm(tiny: World) -> None:
    organiser = await tiny.person()
    full = await tiny.need(after=starting(10 * 60), event={"organiser_id": organiser.id})
    off = await tiny.need(after=starting(10 * 60), event={"organiser_id": organiser.id})
    await Need.filter(id=full.id).update(taken=1)
    shift = await Shift.get(id=off.shift_id)
    await Event.filter(id=shift.event_id).update(state="cancelled")
    assert await reminders.alarm(system()) == 0
