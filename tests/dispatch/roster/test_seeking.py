"""What a person does unasked: an open seat, the waiting list, and their turn on it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from dispatch.agenda import events
from dispatch.models import Assignment, Event
from dispatch.roster import assignments, seeking
from tests.dispatch import world
from tests.dispatch.roster.test_assignments import rules_of
from tests.dispatch.world import World, by, coordinator, itself
from volunteer.errors import Missing, Refused
from volunteer.models import Notice, Weekly


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def test_an_open_seat_is_taken_and_the_registry_is_the_judge(tiny: World) -> None:
    me, unfit = await tiny.person(), await tiny.person(free=False)
    need = await tiny.need(seats=2, languages=["cmn"])
    mine = await seeking.take(by(me), need.id)
    assert (mine.status, mine.source, await world.taken(need.id)) == ("accepted", "self", 1)
    assert (await seeking.take(by(me), need.id)).id == mine.id
    with pytest.raises(Refused) as error:
        await seeking.take(by(unfit), need.id)
    assert rules_of(error) == [r.rule for r in await assignments.why_not(unfit.id, need.id)] == ["availability"]
    assert not error.value.gone


async def test_taking_a_seat_that_one_is_asked_for_is_saying_yes(tiny: World) -> None:
    me = await tiny.person()
    need = await tiny.need()
    line = await tiny.offered(need, me)
    taken = await seeking.take(by(me), need.id)
    assert (taken.id, taken.status, taken.source) == (line.id, "accepted", "hand")


async def test_a_held_seat_a_draft_a_locked_roster_and_a_begun_shift_are_not_open(tiny: World) -> None:
    me, asked = await tiny.person(), await tiny.person()
    held = await tiny.need()
    await tiny.offered(held, asked)
    with pytest.raises(Refused) as error:
        await seeking.take(by(me), held.id)
    assert (rules_of(error), error.value.gone) == (["full"], True)
    for state, rule in (("locked", "roster_locked"), ("cancelled", "closed"), ("running", "roster_locked")):
        need = await tiny.need(event={"state": state})
        with pytest.raises(Refused) as error:
            await seeking.take(by(me), need.id)
        assert rules_of(error) == [rule]
    with pytest.raises(Missing):
        await seeking.take(by(me), (await tiny.need(event={"state": "draft"})).id)
    with pytest.raises(Refused) as error:
        await seeking.take(by(me), (await tiny.need(after=timedelta(days=-3))).id)
    assert rules_of(error) == ["begun"]
    with pytest.raises(Missing):
        await seeking.take(itself(), (await tiny.need()).id)


async def test_a_race_holds_no_seat_for_an_offer(tiny: World) -> None:
    me, asked = await tiny.person(), await tiny.person()
    need = await tiny.need(mode="race")
    line = await tiny.offered(need, asked)
    assert (await seeking.take(by(me), need.id)).status == "accepted"
    assert (await Assignment.get(id=line.id)).status == "filled"


async def test_p1_forty_phones_take_the_last_two_open_seats(tiny: World) -> None:
    need = await tiny.need(seats=2)
    people = [await tiny.person() for _ in range(40)]

    async def tap(number: int) -> str:
        try:
            return (await seeking.take(by(people[number]), need.id)).status
        except Refused as refused:
            return refused.reasons[0].rule if refused.gone else "not gone"

    said = await asyncio.gather(*map(tap, range(40)))
    assert sorted(said) == ["accepted"] * 2 + ["full"] * 38
    assert await world.taken(need.id) == 2


async def test_the_first_who_waits_is_asked_when_a_seat_is_free_and_confirms(tiny: World) -> None:
    holder, first, second, stranger = [await tiny.person() for _ in range(4)]
    need = await tiny.need()
    with pytest.raises(Refused) as error:
        await seeking.stand_by(by(first), need.id)
    assert rules_of(error) == ["seat_free"]
    held = await seeking.take(by(holder), need.id)
    waits = await seeking.stand_by(by(first), need.id)
    assert (waits.status, waits.expires_at) == ("standby", world.START)
    assert (await seeking.stand_by(by(first), need.id)).id == waits.id
    after = await seeking.stand_by(by(second), need.id)
    assert await seeking.promote_due(itself()) == 0
    await assignments.cancel(by(holder), held.id)
    with pytest.raises(Refused) as error:
        await seeking.take(by(stranger), need.id)
    assert rules_of(error) == ["waiting"]
    assert await seeking.promote_due(itself()) == 1
    assert await seeking.promote_due(itself()) == 0
    asked = await Assignment.get(id=waits.id)
    assert (asked.status, (await Assignment.get(id=after.id)).status) == ("offered", "standby")
    assert asked.expires_at is not None
    assert asked.expires_at < world.START
    assert await Notice.filter(volunteer_id=first.id, kind="assignment.offered").count() == 1
    await assignments.decline(by(first), waits.id)
    assert await seeking.promote_due(itself()) == 1
    assert (await assignments.accept(by(second), after.id)).status == "accepted"


async def test_who_no_longer_fits_leaves_the_list_and_is_told(tiny: World) -> None:
    holder, busy, next_ = [await tiny.person() for _ in range(3)]
    need = await tiny.need()
    held = await seeking.take(by(holder), need.id)
    lost = await seeking.stand_by(by(busy), need.id)
    kept = await seeking.stand_by(by(next_), need.id)
    await Weekly.filter(volunteer_id=busy.id).delete()
    await assignments.cancel(by(holder), held.id)
    assert await seeking.promote_due(itself()) == 1
    assert await seeking.promote_due(itself()) == 1
    assert (await Assignment.get(id=lost.id)).status == "withdrawn"
    assert (await Assignment.get(id=kept.id)).status == "offered"
    assert await Notice.filter(volunteer_id=busy.id, kind="standby.ended").count() == 1


async def test_waiting_ends_by_oneself_with_the_start_and_with_the_event(tiny: World) -> None:
    boss, holder, one, two, three = [await tiny.person() for _ in range(5)]
    need = await tiny.need()
    await seeking.take(by(holder), need.id)
    lines = [await seeking.stand_by(by(person), need.id) for person in (one, two, three)]
    left = await assignments.cancel(by(one), lines[0].id)
    assert (left.status, left.late, await world.taken(need.id)) == ("cancelled", False, 1)
    await Assignment.filter(id=lines[1].id).update(expires_at=itself().at)
    await assignments.expire_due(itself())
    assert (await Assignment.get(id=lines[1].id)).status == "expired"
    await events.cancel(coordinator(boss), (await need.shift).event_id, "台风")
    assert (await Assignment.get(id=lines[2].id)).status == "withdrawn"
    assert (await Event.get()).state == "cancelled"


async def test_a_coordinator_may_ask_out_of_turn(tiny: World) -> None:
    boss, holder, one, two = [await tiny.person() for _ in range(4)]
    need = await tiny.need()
    held = await seeking.take(by(holder), need.id)
    await seeking.stand_by(by(one), need.id)
    favoured = await seeking.stand_by(by(two), need.id)
    with pytest.raises(Refused) as error:
        await seeking.promote(coordinator(boss), favoured.id)
    assert rules_of(error) == ["full"]
    await assignments.cancel(by(holder), held.id)
    assert (await seeking.promote(coordinator(boss), favoured.id)).status == "offered"


async def test_a_coordinator_asks_somebody_to_stand_by_for_a_full_need(tiny: World) -> None:
    boss, holder, spare, unfit = [await tiny.person(free=number < 3) for number in range(4)]
    need = await tiny.need()
    with pytest.raises(Refused) as error:
        await seeking.reserve(coordinator(boss), need.id, spare.id)
    assert rules_of(error) == ["seat_free"]
    taken = await seeking.take(by(holder), need.id)
    for act in (coordinator(boss, "350503"), by(spare)):
        with pytest.raises(Missing):
            await seeking.reserve(act, need.id, spare.id)
    with pytest.raises(Refused) as error:
        await seeking.reserve(coordinator(boss), need.id, unfit.id)
    assert rules_of(error) == ["availability"]
    line = await seeking.reserve(coordinator(boss), need.id, spare.id)
    assert (line.status, line.source, await world.taken(need.id)) == ("standby", "hand", 1)
    assert (await seeking.reserve(coordinator(boss), need.id, spare.id)).id == line.id
    assert await Notice.filter(kind="standby.asked", volunteer_id=spare.id, channel="app").count() == 1
    assert [one.volunteer_id for one in await seeking.waiting(coordinator(boss), need.id)] == [spare.id]
    # It binds to nothing: a seat that comes free is an offer, and leaving the list costs nothing.
    await assignments.cancel(by(holder), taken.id, "")
    await seeking.promote_due(itself())
    assert (await Assignment.get(id=line.id)).status == "offered"
    assert await world.taken(need.id) == 0
