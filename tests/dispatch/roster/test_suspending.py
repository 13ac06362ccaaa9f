"""Who is suspended leaves what was to come, and nothing of what was; absences are looked at by whoever may."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatch import invariants
from dispatch.models import Assignment, Event, Need, Swap
from dispatch.roster import assignments, seats, seeking, suspending
from dispatch.swaps import deals
from tests.dispatch import world
from tests.dispatch.world import World, by, coordinator, starting, taken
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Membership, Notice, Role, Team, Volunteer

WHY = "多次无故缺席"


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def accepted(tiny: World, person: Volunteer, need: Need) -> Assignment:
    return await assignments.accept(by(person), (await tiny.offered(need, person)).id)


async def status(line: Assignment) -> tuple[str, str]:
    row = await Assignment.get(id=line.id)
    return row.status, row.decline_reason


async def missed(tiny: World, person: Volunteer, ago: timedelta, *, excused: bool = False) -> None:
    need = await tiny.need(after=datetime.now(UTC) - ago - world.START, event={"state": "closed"})
    line = await tiny.offered(need, person)
    await Assignment.filter(id=line.id).update(status="no_show", excused=excused)


async def test_coming_seats_and_offers_are_free_and_what_was_stays(tiny: World) -> None:
    boss, gone, other = [await tiny.person() for _ in range(3)]
    coming = await tiny.need(seats=2)
    seat = await accepted(tiny, gone, coming)
    offer = await tiny.offered(await tiny.need(after=timedelta(hours=5)), gone)
    full = await tiny.need(after=timedelta(hours=9))
    await accepted(tiny, other, full)
    waits = await seeking.stand_by(by(gone), full.id)
    past = await tiny.need(after=starting(-600), event={"state": "finished"})
    was = await tiny.offered(past, gone)
    await Assignment.filter(id=was.id).update(status="accepted", answered_at=was.offered_at)
    await Need.filter(id=past.id).update(taken=1)
    for _ in range(2):
        await suspending.suspend(coordinator(boss), gone.id, WHY)
    assert await status(seat) == ("released", "suspended")
    assert [await status(line) for line in (offer, waits)] == [("withdrawn", "suspended")] * 2
    assert ((await status(was))[0], await taken(coming.id), await taken(past.id)) == ("accepted", 0, 1)
    assert await Notice.filter(volunteer_id=gone.id).values_list("kind", flat=True) == ["account.suspended"]
    assert [found.line() for found in await invariants.findings() if not found.holds] == []
    with pytest.raises(Refused) as error:
        await assignments.offer(coordinator(boss), coming.id, gone.id)
    assert [reason.rule for reason in error.value.reasons] == ["inactive"]


async def test_who_is_there_is_not_sent_away(tiny: World) -> None:
    boss, there = await tiny.person(), await tiny.person()
    line = await accepted(tiny, there, await tiny.need())
    await Assignment.filter(id=line.id).update(status="checked_in", checked_in_at=datetime.now(UTC))
    await suspending.suspend(coordinator(boss), there.id, WHY)
    assert (await status(line))[0] == "checked_in"


async def test_a_supervised_hole_raises_the_alarm_and_a_proposed_hand_over_is_over(tiny: World) -> None:
    boss, giver, gone = [await tiny.person() for _ in range(3)]
    await Role.create(id=uuid4(), volunteer_id=boss.id, role="coordinator", region_id="350502", since=boss.created_at
                      - timedelta(days=9))  # fmt: skip
    team = await Team.create(id=uuid4(), name="南音队", region_id=world.TOWN, created_at=world.START)
    for person in (giver, gone):
        await Membership.create(id=uuid4(), team_id=team.id, volunteer_id=person.id)
    need, given = await tiny.need(), await tiny.need(after=timedelta(hours=9))
    await Event.filter(shifts__id=need.shift_id).update(phase="supervised")
    line = await accepted(tiny, gone, need)
    swap = await deals.hand_over(by(giver), (await accepted(tiny, giver, given)).id, gone.id)
    await suspending.suspend(coordinator(boss), gone.id, WHY)
    assert await Notice.filter(kind="seat.left", ref=line.id, volunteer_id=boss.id).exists()
    swap = await Swap.get(id=swap.id)
    assert (swap.state, swap.reason) == ("lapsed", "changed")


async def test_a_yes_at_the_same_moment_leaves_nobody_bound(tiny: World) -> None:
    boss = await tiny.person()
    for n in range(6):
        gone = await tiny.person()
        need = await tiny.need(after=timedelta(hours=3 * n))
        offer = await tiny.offered(need, gone)
        await asyncio.gather(
            assignments.accept(by(gone), offer.id), suspending.suspend(coordinator(boss), gone.id, WHY),
            return_exceptions=True,
        )  # fmt: skip
        assert (await status(offer))[0] in ("released", "withdrawn")
        assert await taken(need.id) == 0
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


async def test_all_of_it_or_nothing(tiny: World, monkeypatch: pytest.MonkeyPatch) -> None:
    boss, gone = await tiny.person(), await tiny.person()
    line = await accepted(tiny, gone, await tiny.need())

    async def cut(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(seats, "tell", cut)
    with pytest.raises(ConnectionError):
        await suspending.suspend(coordinator(boss), gone.id, WHY)
    assert ((await status(line))[0], (await Volunteer.get(id=gone.id)).state) == ("accepted", "active")


async def test_a_strangers_person_is_missing_and_keeps_the_seat(tiny: World) -> None:
    boss, gone = await tiny.person(), await tiny.person()
    line = await accepted(tiny, gone, await tiny.need())
    with pytest.raises(Missing):
        await suspending.suspend(coordinator(boss, "350503"), gone.id, WHY)
    assert (await status(line))[0] == "accepted"


async def test_absences_of_a_year_are_looked_at(tiny: World) -> None:
    boss, often, seldom, excused = [await tiny.person() for _ in range(4)]
    for n in range(5):
        await missed(tiny, often, timedelta(days=20 * n + 2))
        await missed(tiny, excused, timedelta(days=20 * n + 3), excused=True)
    for days in (3, 50, 400):
        await missed(tiny, seldom, timedelta(days=days))
    found = await suspending.review(coordinator(boss))
    assert [(row["id"], row["absences"], row["advised"]) for row in found] == [(often.id, 5, True)]
    await missed(tiny, seldom, timedelta(days=90))
    found = await suspending.review(coordinator(boss))
    assert [(row["id"], row["absences"], row["advised"]) for row in found] == [
        (often.id, 5, True),
        (seldom.id, 3, False),
    ]
    assert await suspending.review(coordinator(boss, "350503")) == []
    await suspending.suspend(coordinator(boss), often.id, WHY)
    assert [row["id"] for row in await suspending.review(coordinator(boss))] == [seldom.id]
    with pytest.raises(Forbidden):
        await suspending.review(by(boss))
