"""Seats change hands all at once or not at all, by everybody's yes, and never fall empty in between."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatch.agenda import changes, events
from dispatch.agenda.changes import Hours
from dispatch.models import Assignment, Event, Need, Shift, Swap
from dispatch.roster import assignments, attendance, seeking
from dispatch.swaps import deals
from tests.dispatch import world
from tests.dispatch.swaps.seating import rules_of, seated, seats_of, sound, told
from tests.dispatch.world import START, World, by, coordinator, itself, starting
from volunteer.errors import Missing, Refused
from volunteer.models import Block, Entry


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


# ---- two and three ----


async def test_two_swap_when_both_have_said_yes_and_no_seat_is_free_in_between(tiny: World) -> None:
    (a, one, line), (b, two, other) = await seated(tiny), await seated(tiny, after=24)
    swap = await deals.propose(by(a), line.id, [other.id])
    assert (swap.state, swap.approval) == ("proposed", False)
    assert await told(b) == ["swap.proposed"]
    before = {need.id: (need.taken, need.version) for need in await Need.all()}
    assert (await deals.agree(by(b), swap.id)).state == "done"
    assert {need.id: (need.taken, need.version) for need in await Need.all()} == before
    assert (await seats_of(a), await seats_of(b)) == ({two.id}, {one.id})
    assert (await told(a), await told(b)) == (["swap.done"], ["swap.done", "swap.proposed"])
    kinds = await Entry.filter(topic=f"volunteer:{a.id}").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == [
        "assignment.accepted", "swap.proposed", "swap.done", "assignment.swapped", "assignment.accepted",
    ]  # fmt: skip
    await sound()


async def test_three_pass_their_seats_on_in_a_ring(tiny: World) -> None:
    (a, one, line), (b, two, second), (c, three, third) = [await seated(tiny, after=24 * day) for day in range(3)]
    swap = await deals.propose(by(a), line.id, [second.id, third.id])
    assert (await deals.agree(by(c), swap.id)).state == "proposed"
    assert await seats_of(a) == {one.id}
    assert (await deals.agree(by(b), swap.id)).state == "done"
    assert [await seats_of(person) for person in (a, b, c)] == [{three.id}, {one.id}, {two.id}]
    await sound()


async def test_seats_at_the_same_hours_can_be_swapped(tiny: World) -> None:
    """Nobody is in two places at any moment of it, although each gets what overlaps what they give."""
    (a, one, line), (b, two, other) = await seated(tiny), await seated(tiny, after=1)
    swap = await deals.propose(by(a), line.id, [other.id])
    await deals.agree(by(b), swap.id)
    assert (await seats_of(a), await seats_of(b)) == ({two.id}, {one.id})
    await sound()


async def test_the_same_yes_again_changes_nothing(tiny: World) -> None:
    (a, _, line), (b, _, other) = await seated(tiny), await seated(tiny, after=24)
    swap = await deals.propose(by(a), line.id, [other.id])
    await deals.agree(by(b), swap.id)
    size = await Entry.all().count()
    assert (await deals.agree(by(b), swap.id)).version == 2
    assert await Entry.all().count() == size


# ---- what stands in the way ----


async def test_a_rule_is_asked_again_at_the_last_yes(tiny: World) -> None:
    """What was lawful when it was proposed is not any more: all stays, and what bars the other is theirs to know."""
    (a, one, line), (b, two, other) = await seated(tiny), await seated(tiny, after=24)
    swap = await deals.propose(by(a), line.id, [other.id])
    third = await tiny.need(after=timedelta(hours=25))
    busy = await seeking.take(by(a), third.id)
    with pytest.raises(Refused) as error:
        await deals.agree(by(b), swap.id)
    assert rules_of(error) == ["swap_unfit"]
    assert error.value.reasons[0].data == {}
    assert (await seats_of(a), await seats_of(b)) == ({one.id, third.id}, {two.id})
    assert (await Swap.get(id=swap.id)).state == "proposed"
    await assignments.cancel(by(a), busy.id)
    assert (await deals.agree(by(b), swap.id)).state == "done"
    await sound()


async def test_one_is_told_ones_own_reasons(tiny: World) -> None:
    (a, _, line), (_, _, other) = await seated(tiny), await seated(tiny, after=24)
    busy = await tiny.need(after=timedelta(hours=25))
    await assignments.accept(by(a), (await tiny.offered(busy, a)).id)
    with pytest.raises(Refused) as error:
        await deals.propose(by(a), line.id, [other.id])
    assert rules_of(error) == ["overlap"]
    assert await Swap.all().count() == 0


async def test_two_who_are_kept_apart_are_not_brought_together_by_a_ring(tiny: World) -> None:
    """One stays on the shift in another seat, the other comes to it: each seat alone would be lawful."""
    a, b, c = [await tiny.person() for _ in range(3)]
    one, two = await tiny.need(), await tiny.need(after=timedelta(hours=24))
    beside = await tiny.need(shift_id=two.shift_id, role="摄影")
    line = await seeking.take(by(a), one.id)
    second, third = await seeking.take(by(b), two.id), await seeking.take(by(c), beside.id)
    swap = await deals.propose(by(a), line.id, [second.id, third.id])
    await Block.create(id=uuid4(), volunteer_id=a.id, other_id=c.id, since=START)
    await deals.agree(by(b), swap.id)
    with pytest.raises(Refused) as error:
        await deals.agree(by(c), swap.id)
    assert rules_of(error) == ["swap_unfit"]
    with pytest.raises(Refused):
        await deals.propose(by(b), second.id, [third.id, line.id])
    assert await seats_of(a) == {one.id}
    await sound()


@pytest.mark.parametrize("verb", ["cancel", "release", "move", "cancel_event", "check_in"])
async def test_a_swap_ends_when_a_seat_of_it_changes(tiny: World, verb: str) -> None:
    boss = await tiny.person()
    (a, one, line), (b, two, other) = await seated(tiny), await seated(tiny, after=24)
    swap = await deals.propose(by(a), line.id, [other.id])
    shift = await Shift.get(id=two.shift_id)
    if verb == "cancel":
        await assignments.cancel(by(b), other.id)
    elif verb == "release":
        await assignments.release(coordinator(boss), other.id)
    elif verb == "move":
        later = Hours(shift.starts_at + timedelta(hours=1), shift.ends_at + timedelta(hours=1), shift.venue_id)
        await changes.move(coordinator(boss), shift.id, later, "堵车")
    elif verb == "cancel_event":
        await events.cancel(coordinator(boss), shift.event_id, "台风")
    else:
        await _begins_soon(two)
        await attendance.check_in(coordinator(boss), other.id)
    ended = await Swap.get(id=swap.id)
    assert (ended.state, ended.reason) == ("lapsed", "changed")
    assert "swap.lapsed" in await told(a)
    with pytest.raises(Refused) as error:
        await deals.agree(by(b), swap.id)
    assert error.value.gone
    assert await seats_of(a) == {one.id}
    await sound()


async def _begins_soon(need: Need) -> None:
    shift = await Shift.get(id=need.shift_id)
    begins = datetime.now(UTC) + timedelta(minutes=5)
    hours = {"starts_at": begins, "ends_at": begins + timedelta(hours=2)}
    await Event.filter(id=shift.event_id).update(**hours)
    await Shift.filter(id=shift.id).update(**hours)
    spans = {"occupies_from": hours["starts_at"], "occupies_until": hours["ends_at"]}
    await Assignment.filter(need_id=need.id).update(**spans)


async def test_a_no_and_a_withdrawal_end_it_and_the_same_person_is_not_asked_again(tiny: World) -> None:
    (a, _, line), (b, _, other) = await seated(tiny), await seated(tiny, after=24)
    first = await deals.propose(by(a), line.id, [other.id])
    assert (await deals.withdraw(by(a), first.id)).reason == "withdrawn"
    second = await deals.propose(by(a), line.id, [other.id])
    refused = await deals.refuse(by(b), second.id)
    assert (refused.state, refused.reason) == ("refused", "no")
    assert "swap.refused" in await told(a)
    with pytest.raises(Refused) as error:
        await deals.propose(by(a), line.id, [other.id])
    assert rules_of(error) == ["swap_no"]
    await sound()


async def test_time_ends_it_by_the_sweep_and_before_it(tiny: World) -> None:
    (a, _, line), (b, _, other) = await seated(tiny), await seated(tiny, after=24)
    swap = await deals.propose(by(a), line.id, [other.id])
    assert swap.expires_at <= line.occupies_from - timedelta(hours=2)
    await Swap.filter(id=swap.id).update(expires_at=itself().at - timedelta(seconds=1))
    with pytest.raises(Refused) as error:
        await deals.agree(by(b), swap.id)
    assert (rules_of(error), error.value.gone) == (["too_late"], True)
    assert await deals.lapse_due(itself()) == 1
    assert await deals.lapse_due(itself()) == 0
    assert (await Swap.get(id=swap.id)).reason == "time"
    await sound()


async def test_no_seat_changes_hands_within_two_hours_of_the_call(tiny: World) -> None:
    a, b = await tiny.person(), await tiny.person()
    one, two = await tiny.need(after=starting(119)), await tiny.need(after=timedelta(days=3))
    line, other = await seeking.take(by(a), one.id), await seeking.take(by(b), two.id)
    for person, mine, theirs in ((a, line, other), (b, other, line)):
        with pytest.raises(Refused) as error:
            await deals.propose(by(person), mine.id, [theirs.id])
        assert rules_of(error) == ["swap_late"]


async def test_a_seat_stands_in_one_open_proposal_and_nobody_gets_a_heap(tiny: World) -> None:
    (a, _, line), (b, _, other), (_, _, third) = [await seated(tiny, after=24 * day) for day in range(3)]
    await deals.propose(by(a), line.id, [other.id])
    with pytest.raises(Refused) as error:
        await deals.propose(by(a), line.id, [third.id])
    assert rules_of(error) == ["swap_open"]
    for day in range(3, 7):
        person, _, mine = await seated(tiny, after=24 * day)
        await deals.propose(by(person), mine.id, [other.id])
    person, _, mine = await seated(tiny, after=24 * 8)
    with pytest.raises(Refused) as error:
        await deals.propose(by(person), mine.id, [other.id])
    assert rules_of(error) == ["swap_many"]
    assert b.id != person.id


async def test_strangers_see_no_swap_and_propose_nothing_for_others(tiny: World) -> None:
    (a, _, line), (b, _, other) = await seated(tiny), await seated(tiny, after=24)
    stranger, boss = await tiny.person(), await tiny.person()
    with pytest.raises(Missing):
        await deals.propose(by(stranger), line.id, [other.id])
    swap = await deals.propose(by(a), line.id, [other.id])
    for act in (by(stranger), coordinator(boss)):  # who is responsible has no word in what needs none
        for verb in (deals.agree, deals.refuse, deals.withdraw, deals.approve):
            with pytest.raises(Missing):
                await verb(act, swap.id)
    with pytest.raises(Missing):
        await deals.withdraw(by(b), swap.id)
    with pytest.raises(Missing):
        await deals.propose(by(a), line.id, [uuid4()])


async def test_many_yeses_at_once_move_it_once(tiny: World) -> None:
    (a, one, line), (b, two, second), (c, three, third) = [await seated(tiny, after=24 * day) for day in range(3)]
    swap = await deals.propose(by(a), line.id, [second.id, third.id])
    yeses = [deals.agree(by(person), swap.id) for person in (b, c, b, c)]
    states = [done.state for done in await asyncio.gather(*yeses)]
    assert "done" in states
    assert [await seats_of(person) for person in (a, b, c)] == [{three.id}, {one.id}, {two.id}]
    assert {one.id, two.id, three.id} == set(await Need.filter(taken=1).values_list("id", flat=True))
    await sound()


async def test_a_yes_and_a_cancellation_at_once_leave_one_of_both(tiny: World) -> None:
    for day in range(0, 60, 6):
        (a, one, line), (b, two, other) = await seated(tiny, after=24 * day), await seated(tiny, after=24 * day + 24)
        swap = await deals.propose(by(a), line.id, [other.id])
        ended = await asyncio.gather(
            deals.agree(by(b), swap.id), assignments.cancel(by(a), line.id), return_exceptions=True
        )
        for error in (found for found in ended if isinstance(found, BaseException)):
            assert isinstance(error, Refused)
        state = (await Swap.get(id=swap.id)).state
        expected = ({two.id}, {one.id}) if state == "done" else (set(), {two.id})
        assert (await seats_of(a), await seats_of(b)) == expected
    await sound()
