"""Calling off what has partly been: whoever is still to come hears of it, and whoever served is not forgotten."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatch import invariants
from dispatch.agenda import events
from dispatch.models import Assignment, Event, Need, Shift
from dispatch.roster import attendance
from tests.dispatch import world
from tests.dispatch.world import World, coordinator, starting
from volunteer import notices
from volunteer.errors import Refused
from volunteer.models import Notice, Volunteer
from volunteer.settings import Settings

HOUR = 60


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def seated(tiny: World, need: Need, *people: Volunteer) -> list[Assignment]:
    lines = []
    for person in people:
        line = await tiny.offered(need, person)
        await Assignment.filter(id=line.id).update(status="accepted", answered_at=line.offered_at)
        lines.append(line)
    await Need.filter(id=need.id).update(taken=len(lines))
    return lines


async def two_days(tiny: World) -> tuple[Event, Need, Need]:
    """An event that runs: its first shift ended an hour ago, its second begins in twenty hours."""
    first = await tiny.need(after=starting(-3 * HOUR), seats=2, event={"state": "running"})
    event = await Event.get(id=(await Shift.get(id=first.shift_id)).event_id)
    begins = world.START + starting(20 * HOUR)
    ends = begins + timedelta(hours=2)
    shift = await Shift.create(
        id=uuid4(), event_id=event.id, venue_id=tiny.venue.id, starts_at=begins, ends_at=ends
    )  # fmt: skip
    await Event.filter(id=event.id).update(ends_at=ends)
    return event, first, await tiny.need(shift_id=shift.id, seats=2)


async def test_who_is_still_to_come_hears_of_it_although_the_event_has_begun(tiny: World) -> None:
    boss, one, both = await tiny.person(), *[await tiny.person(email=f"{n}@example.org") for n in range(2)]
    event, first, second = await two_days(tiny)
    (served,) = await seated(tiny, first, both)
    lines = await seated(tiny, second, one, both)
    await attendance.check_in(coordinator(boss), served.id)
    await attendance.complete(coordinator(boss), served.id)
    await events.cancel(coordinator(boss), event.id, "台风")
    assert {(await Assignment.get(id=line.id)).status for line in lines} == {"released"}
    assert (await Assignment.get(id=served.id)).status == "completed"
    rows = await Notice.filter(kind="event.cancelled", channel="mail")
    assert {(row.volunteer_id, row.until) for row in rows} == {
        (line.volunteer_id, line.occupies_from) for line in lines
    }
    await notices.send_due(Settings(mail_host="127.0.0.1", mail_port=9, mail_tls="none", mail_timeout=1))
    assert {row.state for row in await Notice.filter(kind="event.cancelled", channel="mail")} == {"due"}, "not too late"
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


async def test_nothing_is_called_off_over_the_heads_of_those_who_served_unseen(tiny: World) -> None:
    boss, person = await tiny.person(), await tiny.person()
    event, first, _ = await two_days(tiny)
    (line,) = await seated(tiny, first, person)
    with pytest.raises(Refused) as error:
        await events.cancel(coordinator(boss), event.id, "台风")
    assert [(reason.rule, dict(reason.data)) for reason in error.value.reasons] == [("roll_open", {"people": 1})]
    assert (await Assignment.get(id=line.id)).status == "accepted"
    await attendance.miss(coordinator(boss), line.id)
    assert (await events.cancel(coordinator(boss), event.id, "台风")).state == "cancelled"
