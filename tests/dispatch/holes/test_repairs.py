"""A hole is looked at, and a repair of it is made: all or nothing, judged on today's rows."""

from datetime import timedelta

import pytest

from dispatch.holes import repairs
from dispatch.holes.repairs import Move
from dispatch.models import Assignment
from dispatch.roster import assignments
from tests.dispatch import world
from tests.dispatch.world import World
from volunteer.errors import Invalid, Missing, Refused
from volunteer.models import Volunteer

LATER = timedelta(hours=1)


class Chain:
    """``ann`` serves at ``seat``, ``bo`` could go there; only ann could fill ``hole`` an hour earlier."""

    def __init__(self, tiny: World) -> None:
        self.tiny = tiny

    async def lay(self, status: str) -> "Chain":
        self.boss, self.ann, self.bo = [await self.tiny.person() for _ in range(3)]
        await Volunteer.filter(id=self.boss.id).update(state="paused")
        await self.tiny.skill(self.ann, "nanyin")
        self.hole = await self.tiny.need(asks=[{"skill": "nanyin", "level": 2}], event={"priority": 5})
        self.seat = await self.tiny.need(after=LATER)
        self.line = await assignments.offer(world.itself(), self.seat.id, self.ann.id, source="plan")
        if status == "accepted":
            self.line = await assignments.accept(world.by(self.ann), self.line.id)
        self.act = world.coordinator(self.boss)
        return self

    @property
    def steps(self) -> list[Move]:
        return [Move(self.ann.id, self.hole.id, self.seat.id), Move(self.bo.id, self.seat.id)]


@pytest.fixture
async def tiny(db: str) -> World:
    return await world.make()


async def standing(need_id: object) -> set[tuple[object, str]]:
    lines = await Assignment.filter(need_id=need_id, status__in=("offered", "accepted"))
    return {(line.volunteer_id, line.status) for line in lines}


async def test_ranked_substitutes_after_a_dropout(tiny: World) -> None:
    near, far, gone = await tiny.person(), await tiny.person(lat=24.8, lon=118.58), await tiny.person()
    need = await tiny.need()
    line = await assignments.offer(world.itself(), need.id, gone.id)
    await assignments.accept(world.by(gone), line.id)
    await assignments.cancel(world.by(gone), line.id)
    act = world.coordinator(await tiny.person(free=False))
    found = await repairs.propose(act, need.id)
    assert (found.ready, found.missing, found.eligible) == (True, 1, 2)
    assert [one.steps[0].person for one in found.proposals] == [str(near.id), str(far.id)]
    done = await repairs.apply(act, need.id, repairs.moves(found.proposals[0]))
    assert [(line.volunteer_id, line.source, line.status) for line in done.offers] == [(near.id, "repair", "offered")]


async def test_an_open_offer_moves_at_once(tiny: World) -> None:
    laid = await Chain(tiny).lay("offered")
    found = await repairs.propose(laid.act, laid.hole.id)
    assert repairs.moves(found.proposals[0]) == tuple(laid.steps)
    done = await repairs.apply(laid.act, laid.hole.id, laid.steps)
    assert [line.id for line in done.withdrawn] == [laid.line.id]
    assert await standing(laid.hole.id) == {(laid.ann.id, "offered")}
    assert await standing(laid.seat.id) == {(laid.bo.id, "offered")}


async def test_who_accepted_keeps_the_seat_until_they_say_yes(tiny: World) -> None:
    laid = await Chain(tiny).lay("accepted")
    found = await repairs.propose(laid.act, laid.hole.id)
    assert [step.consent for step in found.proposals[0].steps] == [True, False]
    done = await repairs.apply(laid.act, laid.hole.id, laid.steps)
    assert await standing(laid.seat.id) == {(laid.ann.id, "accepted")}
    (asked,) = done.offers
    await assignments.accept(world.by(laid.ann), asked.id)
    assert await standing(laid.hole.id) == {(laid.ann.id, "accepted")}
    assert await standing(laid.seat.id) == {(laid.bo.id, "offered")}
    assert (await world.taken(laid.hole.id), await world.taken(laid.seat.id)) == (1, 0)
    assert (await Assignment.get(id=laid.line.id)).status == "released"


async def test_a_no_changes_nothing(tiny: World) -> None:
    laid = await Chain(tiny).lay("accepted")
    done = await repairs.apply(laid.act, laid.hole.id, laid.steps)
    await assignments.decline(world.by(laid.ann), done.offers[0].id)
    assert await standing(laid.seat.id) == {(laid.ann.id, "accepted")}
    assert await standing(laid.hole.id) == set()


async def test_when_nobody_can_follow_the_move_still_holds(tiny: World) -> None:
    laid = await Chain(tiny).lay("accepted")
    done = await repairs.apply(laid.act, laid.hole.id, laid.steps)
    await Volunteer.filter(id=laid.bo.id).update(state="paused")
    await assignments.accept(world.by(laid.ann), done.offers[0].id)
    assert await standing(laid.hole.id) == {(laid.ann.id, "accepted")}
    assert await standing(laid.seat.id) == set()


async def test_all_or_nothing(tiny: World) -> None:
    laid = await Chain(tiny).lay("offered")
    await Volunteer.filter(id=laid.bo.id).update(state="paused")
    with pytest.raises(Refused) as no:
        await repairs.apply(laid.act, laid.hole.id, laid.steps)
    assert [reason.rule for reason in no.value.reasons] == ["inactive"]
    assert await standing(laid.seat.id) == {(laid.ann.id, "offered")}


async def test_a_line_that_was_answered_meanwhile_is_refused(tiny: World) -> None:
    laid = await Chain(tiny).lay("offered")
    await assignments.decline(world.by(laid.ann), laid.line.id)
    with pytest.raises(Refused) as no:
        await repairs.apply(laid.act, laid.hole.id, laid.steps)
    assert [reason.rule for reason in no.value.reasons] == ["answered"]


@pytest.mark.parametrize("what", ["pinned", "by hand", "soon"])
async def test_what_is_fixed_or_begins_soon_stays(tiny: World, what: str) -> None:
    laid = await Chain(tiny).lay("offered")
    changes = {"pinned": {"pinned": True}, "by hand": {"source": "hand"}, "soon": {}}[what]
    if what == "soon":
        begins = world.START - timedelta(days=2) + timedelta(hours=3)
        changes = {"occupies_from": begins}
    await Assignment.filter(id=laid.line.id).update(**changes)
    with pytest.raises(Refused) as no:
        await repairs.apply(laid.act, laid.hole.id, laid.steps)
    assert [reason.rule for reason in no.value.reasons] == ["frozen"]


async def test_steps_that_are_no_repair_are_named(tiny: World) -> None:
    laid = await Chain(tiny).lay("offered")
    for steps in ([], laid.steps[1:], [laid.steps[0], laid.steps[0]], [Move(laid.ann.id, laid.hole.id), laid.steps[1]]):
        with pytest.raises(Invalid) as no:
            await repairs.apply(laid.act, laid.hole.id, steps)
        assert no.value.faults[0].field == "steps"


async def test_another_countys_coordinator_sees_and_moves_nothing(tiny: World) -> None:
    laid = await Chain(tiny).lay("offered")
    foreign = world.coordinator(laid.boss, "350503")
    with pytest.raises(Missing):
        await repairs.propose(foreign, laid.hole.id)
    with pytest.raises(Missing):
        await repairs.apply(foreign, laid.hole.id, laid.steps)


async def test_nobody_is_moved_from_where_the_coordinator_has_no_say(tiny: World) -> None:
    laid = await Chain(tiny).lay("offered")
    from dispatch.models import Event, Shift

    shift = await Shift.get(id=laid.seat.shift_id)
    await Event.filter(id=shift.event_id).update(region_id="350502")
    town = world.coordinator(laid.boss, world.TOWN)
    assert (await repairs.propose(town, laid.hole.id)).proposals == ()
    with pytest.raises(Missing):
        await repairs.apply(town, laid.hole.id, laid.steps)


async def test_mending_asks_the_best_and_nobody_who_opted_out(tiny: World) -> None:
    out, ready = await tiny.person(automated=False), await tiny.person(lat=24.95, lon=118.6)
    need = await tiny.need()
    done = await repairs.mend(world.itself(), need.id)
    assert done is not None
    assert [line.volunteer_id for line in done.offers] == [ready.id]
    assert await repairs.mend(world.itself(), need.id) is None
    assert not await Assignment.exists(volunteer_id=out.id)
