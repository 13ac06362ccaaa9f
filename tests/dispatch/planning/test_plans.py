"""From a wish to plan to offers: the real planner in its own process on a real database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatch.models import Assignment, Change, Draft, Hole
from dispatch.planning import plans, publishing
from dispatch.roster import assignments
from tests.dispatch import world
from tests.dispatch.world import World, by, coordinator
from volunteer.errors import Invalid, Missing, Refused
from volunteer.models import Entry, Membership, Team, Volunteer
from volunteer.spans import Span

WINDOW = Span(world.START - timedelta(days=1), world.START + timedelta(days=5))


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


@pytest_asyncio.fixture
async def boss(tiny: World) -> Volunteer:
    return await tiny.person(automated=False)


async def planned(boss: Volunteer) -> Draft:
    draft = await plans.run(coordinator(boss), "350502", WINDOW, seconds=20)
    return await plans.execute(draft.id)


async def test_a_plan_is_kept_published_offered_and_accepted(tiny: World, boss: Volunteer) -> None:
    people = [await tiny.person() for _ in range(4)]
    needs = [await tiny.need(after=timedelta(hours=3 * n), seats=2) for n in range(3)]
    draft = await planned(boss)
    assert (draft.state, draft.error) == ("ready", "")
    assert (draft.mandatory, draft.filled) == (6, 6)
    assert draft.gap == 0
    assert await Change.filter(draft_id=draft.id, kind="offer").count() == 6
    done = await publishing.publish(coordinator(boss), draft.id)
    assert (len(done.offered), done.stale, done.draft.state) == (6, (), "published")
    assert done.told == len({line.volunteer_id for line in done.offered})
    line = done.offered[0]
    person = next(p for p in people if p.id == line.volunteer_id)
    assert (await assignments.accept(by(person), line.id)).status == "accepted"
    assert await world.taken(line.need_id) == 1
    kinds = set(await Entry.filter(topic="region:350502").values_list("kind", flat=True))
    assert {"draft.progressed", "draft.ended", "draft.published", "assignment.offered"} <= kinds
    assert {n.id for n in needs} == {a.need_id for a in done.offered}


async def test_accepted_people_never_move_and_open_offers_stay_where_they_can(tiny: World, boss: Volunteer) -> None:
    first, second = await tiny.person(), await tiny.person()
    need, other = await tiny.need(), await tiny.need()
    kept, asked = await tiny.offered(need, first), await tiny.offered(other, second)
    await Assignment.filter(id=asked.id).update(source="plan")
    await assignments.accept(by(first), kept.id)
    draft = await planned(boss)
    assert await Change.filter(draft_id=draft.id).count() == 0
    assert (draft.filled, draft.mandatory) == (2, 2)
    assert (await Assignment.get(id=asked.id)).status == "offered"


async def test_a_plan_leaves_alone_what_a_person_asked_by_hand(tiny: World, boss: Volunteer) -> None:
    """A better person is free, yet nobody who was asked by hand, opted out or stands on a locked roster is let go."""
    await tiny.person()
    reluctant, asked, locked = await tiny.person(automated=False), await tiny.person(), await tiny.person()
    day = timedelta(hours=4)
    needs = [await tiny.need(), await tiny.need(after=day), await tiny.need(after=2 * day, event={"state": "locked"})]
    for need, person in zip(needs, (reluctant, asked, locked), strict=True):
        await tiny.offered(need, person)
    await Assignment.exclude(volunteer_id=asked.id).update(source="plan")
    draft = await planned(boss)
    assert draft.state == "ready"
    assert await Change.filter(draft_id=draft.id).count() == 0


async def test_a_hole_says_why(tiny: World, boss: Volunteer) -> None:
    await tiny.person()
    need = await tiny.need(asks=[{"skill": "nanyin", "level": 5}])
    draft = await planned(boss)
    (hole,) = [row.found for row in await Hole.filter(draft_id=draft.id)]
    assert hole["need"] == str(need.id)
    assert hole["missing"] == 1
    counted = {b["rule"]: b["people"] for b in hole["blocked"]}
    assert counted == {"automated": 1, "skill": 1}
    assert sum(counted.values()) + hole["elsewhere_count"] + hole["idle"] == hole["pool"] == 2


async def test_publishing_leaves_out_what_no_longer_holds(tiny: World, boss: Volunteer) -> None:
    """Between plan and yes somebody else got the seat: the change is listed as stale, nobody is pushed out."""
    await tiny.person()
    need = await tiny.need()
    draft = await planned(boss)
    late = await tiny.person()
    quick = await tiny.offered(need, late)
    await assignments.accept(by(late), quick.id)
    done = await publishing.publish(coordinator(boss), draft.id)
    assert done.offered == ()
    assert [change.stale_rule for change in done.stale] == ["full"]
    assert (await Assignment.get(id=quick.id)).status == "accepted"
    with pytest.raises(Refused):
        await publishing.publish(coordinator(boss), draft.id)


@pytest.mark.parametrize(("least", "asked", "stale"), [(3, 0, ["cast", "cast", "overlap"]), (2, 2, ["overlap"])])
async def test_a_team_is_asked_whole_or_not_at_all(
    tiny: World, boss: Volunteer, least: int, asked: int, stale: list[str]
) -> None:
    """One of them accepts something else between plan and yes."""
    crew = [await tiny.person() for _ in range(3)]
    team = await Team.create(id=uuid4(), name="木偶队", region_id=world.TOWN, min_cast=least, created_at=world.START)
    for person in crew:
        await Membership.create(id=uuid4(), team_id=team.id, volunteer_id=person.id)
    need = await tiny.need(seats=3, team_id=team.id)
    draft = await planned(boss)
    await busy_now(tiny, crew[1])
    done = await publishing.publish(coordinator(boss), draft.id)
    assert sorted(change.stale_rule for change in done.stale) == stale
    assert len(done.offered) == await Assignment.filter(need_id=need.id).count() == asked


@pytest.mark.parametrize("alone", [True, False])
async def test_learners_are_not_asked_when_their_mentor_no_longer_can(
    tiny: World, boss: Volunteer, alone: bool
) -> None:
    master, learner = await tiny.person(), await tiny.person()
    await tiny.skill(master, "nanyin")
    mentor = await tiny.need(role="老师", asks=[{"skill": "nanyin", "level": 2}])
    await tiny.need(shift_id=mentor.shift_id, role="学员", mentor_role="老师")
    draft = await planned(boss)
    if alone:
        await busy_now(tiny, master)
    done = await publishing.publish(coordinator(boss), draft.id)
    assert sorted(change.stale_rule for change in done.stale) == (["mentor", "overlap"] if alone else [])
    assert {line.volunteer_id for line in done.offered} == (set() if alone else {master.id, learner.id})


async def busy_now(tiny: World, person: Volunteer) -> None:
    """The person accepts something else that begins at the same time."""
    line = await tiny.offered(await tiny.need(), person)
    await assignments.accept(by(person), line.id)


async def test_p6_a_person_who_accepts_while_the_plan_is_made_is_not_overwritten(tiny: World, boss: Volunteer) -> None:
    people = [await tiny.person() for _ in range(6)]
    need = await tiny.need(seats=3)
    lines = [(p, await tiny.offered(need, p)) for p in people[:3]]
    draft = await plans.run(coordinator(boss), "350502", WINDOW, seconds=20)

    async def taps() -> None:
        for person, line in lines:
            await asyncio.sleep(0.2)
            await assignments.accept(by(person), line.id)

    await asyncio.gather(plans.execute(draft.id), taps())
    await publishing.publish(coordinator(boss), draft.id)
    assert await world.taken(need.id) == 3
    assert await Assignment.filter(need_id=need.id, status="accepted").count() == 3
    assert await Assignment.filter(need_id=need.id, status="offered").count() == 0


async def test_one_plan_at_a_time_and_it_can_be_cancelled(tiny: World, boss: Volunteer) -> None:
    await tiny.person()
    await tiny.need()
    draft = await plans.run(coordinator(boss), "350502", WINDOW)
    with pytest.raises(Refused) as error:
        await plans.run(coordinator(boss), "350502", WINDOW)
    assert [reason.rule for reason in error.value.reasons] == ["running"]
    running = asyncio.create_task(plans.execute(draft.id))
    await asyncio.sleep(0.3)
    await plans.cancel(coordinator(boss), draft.id)
    assert (await running).state == "cancelled"
    assert await Change.filter(draft_id=draft.id).count() == 0
    assert (await plans.run(coordinator(boss), "350502", WINDOW)).state == "running"


async def test_a_second_worker_leaves_a_living_run_alone_and_takes_a_dead_one(tiny: World, boss: Volunteer) -> None:
    await tiny.person()
    await tiny.need()
    draft = await plans.run(coordinator(boss), "350502", WINDOW, seconds=20)
    first = asyncio.create_task(plans.execute(draft.id))
    await asyncio.sleep(0.3)
    again = await plans.execute(draft.id)
    assert again.fence == 1
    assert (await first).state == "ready"


async def test_who_may_plan_and_what_is_a_window(tiny: World, boss: Volunteer) -> None:
    with pytest.raises(Missing):
        await plans.run(by(boss), "350502", WINDOW)
    with pytest.raises(Missing):
        await plans.run(coordinator(boss, "350503"), "350502", WINDOW)
    long_gone = Span(world.START - timedelta(days=9), world.START - timedelta(days=8))
    with pytest.raises(Invalid):
        await plans.run(coordinator(boss), "350502", long_gone)
    with pytest.raises(Invalid):
        await plans.run(coordinator(boss), "350502", Span(WINDOW.start, WINDOW.start + timedelta(days=60)))
    draft = await plans.run(coordinator(boss), "350502", WINDOW)
    with pytest.raises(Missing):
        await plans.find(coordinator(boss, "350503"), draft.id)
