"""Whose mail comes back is told to those who can call them, and to nobody else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio

from dispatch.agenda import events
from dispatch.models import Assignment, Event, Shift
from dispatch.notices import unreached
from tests.dispatch import world
from tests.dispatch.world import World, coordinator
from volunteer import codes
from volunteer.act import Act, Actor, Grant, now, system
from volunteer.models import Contact, Notice, Role, Volunteer


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def refused(tiny: World, **fields: Any) -> Volunteer:
    """Somebody whose address a server refused for good."""
    person = await tiny.person(email=f"{uuid4().hex}@example.org", **fields)
    await Contact.create(id=uuid4(), volunteer_id=person.id, refused=codes.digest(person.email or ""))
    return person


async def told() -> set[tuple[object, object]]:
    rows = await Notice.filter(kind="person.unreached", channel="app")
    return {(row.volunteer_id, row.ref) for row in rows}


async def test_p27_an_address_that_does_not_exist_is_told_to_who_looks_after_the_event(tiny: World) -> None:
    organiser, near, city = [await tiny.person() for _ in range(3)]
    for person, region in ((near, world.TOWN), (city, "3505")):
        since = now() - timedelta(days=9)
        await Role.create(id=uuid4(), volunteer_id=person.id, role="coordinator", region_id=region, since=since)
    need = await tiny.need(seats=4, event={"organiser_id": organiser.id})
    lost, mended, gone = [await refused(tiny) for _ in range(3)]
    await Volunteer.filter(id=mended.id).update(email="new@example.org")
    lines = [await tiny.offered(need, one) for one in (lost, mended, gone, await tiny.person())]
    await Assignment.filter(id=lines[2].id).update(status="declined")
    assert await unreached.sweep(system()) == 2
    assert await unreached.sweep(system()) == 0
    assert await told() == {(organiser.id, lines[0].id), (near.id, lines[0].id)}


async def test_nobody_is_told_of_themselves_or_of_what_is_called_off(tiny: World) -> None:
    lost = await refused(tiny)
    for event in ({"organiser_id": lost.id}, {"organiser_id": (await tiny.person()).id, "state": "cancelled"}):
        await tiny.offered(await tiny.need(event=event), lost)
    assert await unreached.sweep(system()) == 0


async def test_the_sheet_shows_who_it_is_to_those_who_see_names(tiny: World) -> None:
    need, lost, other = await tiny.need(seats=2), await refused(tiny), await tiny.person()
    lines = [await tiny.offered(need, one) for one in (lost, other)]
    event = await Event.get(id=(await Shift.get(id=need.shift_id)).event_id)

    async def seen(act: Act) -> dict[object, bool]:
        sheet = await events.sheet(act, event.id, "zh")
        return {one["id"]: one["unreached"] for one in sheet["shifts"][0]["needs"][0]["assignments"]}

    boss = await tiny.person()
    assert await seen(coordinator(boss)) == {lines[0].id: True, lines[1].id: False}
    assert await seen(Act(Actor(boss.id, (Grant("auditor", "350502"),)), now())) == dict.fromkeys(
        [line.id for line in lines], False
    )
