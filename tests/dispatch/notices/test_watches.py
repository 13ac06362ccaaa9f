"""Watch rules: told of what one asked for, once, as long as one's role reaches there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatch.models import Need, Watch
from dispatch.notices import watches
from tests.dispatch import world
from tests.dispatch.world import World, by, coordinator, starting
from volunteer.act import now, system
from volunteer.errors import Forbidden, Invalid, Missing, Refused
from volunteer.models import Notice, Role, Volunteer


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def boss(tiny: World, region: str = "350502") -> Volunteer:
    person = await tiny.person()
    since = now() - timedelta(days=9)
    await Role.create(id=uuid4(), volunteer_id=person.id, role="coordinator", region_id=region, since=since)
    return person


async def told(person: Volunteer) -> list[tuple[object, int]]:
    rows = await Notice.filter(volunteer_id=person.id, channel="app", kind="shift.watched")
    return [(row.ref, row.data["missing"]) for row in rows]


async def test_what_was_asked_for_is_told_once(tiny: World) -> None:
    person = await boss(tiny)
    for hours, missing in ((72, 3), (48, 2)):
        await watches.add(coordinator(person), region=world.TOWN, hours=hours, missing=missing)
    near = await tiny.need(after=starting(47 * 60), seats=3)
    await tiny.need(after=starting(47 * 60), seats=1)
    far = await tiny.need(after=starting(80 * 60), seats=5)
    assert await watches.sweep(system()) == 1
    assert await watches.sweep(system()) == 0
    assert await told(person) == [(near.shift_id, 3)]
    await Need.filter(id=far.id).update(taken=5)
    assert await watches.sweep(system()) == 0


async def test_a_shift_of_an_event_that_has_begun_is_watched_too(tiny: World) -> None:
    person = await boss(tiny)
    await watches.add(coordinator(person), region=world.TOWN, hours=48, missing=2)
    tomorrow = await tiny.need(after=starting(20 * 60), seats=2, event={"state": "running"})
    assert await watches.sweep(system()) == 1
    assert await told(person) == [(tomorrow.shift_id, 2)]


async def test_a_rule_reaches_as_far_as_the_role_and_no_longer(tiny: World) -> None:
    person = await boss(tiny)
    await tiny.need(after=starting(600), seats=2)
    await watches.add(coordinator(person), region="350502", hours=24, missing=1)
    with pytest.raises(Missing):
        await watches.add(coordinator(person), region="350503", hours=24, missing=1)
    with pytest.raises((Missing, Forbidden)):
        await watches.add(by(await tiny.person()), region="350502", hours=24, missing=1)
    with pytest.raises(Invalid):
        await watches.add(coordinator(person), region="3599", hours=24, missing=1)
    await Role.filter(volunteer_id=person.id).update(until=now())
    assert await watches.sweep(system()) == 0
    await Role.filter(volunteer_id=person.id).update(until=None)
    assert await watches.sweep(system()) == 1


async def test_a_rule_that_was_dropped_is_silent_and_nobody_drops_anothers(tiny: World) -> None:
    person, other = await boss(tiny), await boss(tiny)
    row = await watches.add(coordinator(person), region="350502", hours=24, missing=1)
    with pytest.raises(Missing):
        await watches.end(coordinator(other), row.id)
    await watches.end(coordinator(person), row.id)
    with pytest.raises(Missing):
        await watches.end(coordinator(person), row.id)
    await tiny.need(after=starting(600), seats=2)
    assert await watches.sweep(system()) == 0
    assert list(await watches.mine(coordinator(person))) == []


async def test_there_is_an_end_to_rules(tiny: World) -> None:
    person = await boss(tiny)
    for hours in range(1, watches.MOST + 1):
        await watches.add(coordinator(person), region="350502", hours=hours, missing=1)
    same = await watches.add(coordinator(person), region="350502", hours=1, missing=1)
    assert same.hours == 1, "the same rule again is the same row"
    with pytest.raises(Refused):
        await watches.add(coordinator(person), region="350502", hours=99, missing=1)
    assert await Watch.all().count() == watches.MOST
