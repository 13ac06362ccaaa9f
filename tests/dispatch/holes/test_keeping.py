"""A kept roster hears what happens and equals one that is read anew."""

from datetime import timedelta

import numpy as np

from dispatch.holes import keeping
from dispatch.holes.keeping import Keeper
from dispatch.planner.mending.warm import Warm
from dispatch.roster import assignments
from dispatch.settings import Repairing, policy
from tests.dispatch import world
from tests.waiting import eventually
from volunteer.live import Hub

TERMS = Repairing()


def same(one: Warm, other: Warm) -> bool:
    arrays = ((one.cells, other.cells), (one.filled, other.filled), (one.planned, other.planned))
    return one.holders == other.holders and one.barred == other.barred and all(np.array_equal(*pair) for pair in arrays)


async def test_a_kept_roster_follows_the_journal(db: str) -> None:
    tiny = await world.make()
    ann, bo, cai = [await tiny.person() for _ in range(3)]
    first, second = await tiny.need(seats=2), await tiny.need(after=timedelta(days=1))
    async with Hub(db).opened() as hub, Keeper(hub, TERMS).opened():
        kept = await keeping.warm(world.TOWN, str(first.id))
        assert kept is not None
        offered = await assignments.offer(world.itself(), first.id, ann.id, source="plan")
        await assignments.offer(world.itself(), second.id, bo.id, source="plan")
        await assignments.accept(world.by(ann), offered.id)
        left = await assignments.offer(world.itself(), first.id, cai.id, source="plan")
        await assignments.accept(world.by(cai), left.id)
        await assignments.cancel(world.by(cai), left.id)

        async def caught_up() -> bool:
            assert await keeping.warm(world.TOWN, str(first.id)) is kept
            return same(kept, await keeping.read("350502", TERMS))

        await eventually(caught_up)
    assert kept.lines() == {(str(ann.id), str(first.id)), (str(bo.id), str(second.id))}
    assert kept.barred


async def test_a_promise_in_another_county_is_heard(db: str) -> None:
    tiny = await world.make()
    ann = await tiny.person()
    here, there = await tiny.need(), await tiny.need(event={"region_id": "350503"})
    async with Hub(db).opened() as hub, Keeper(hub, TERMS).opened():
        kept = await keeping.warm(world.TOWN, str(here.id))
        assert kept is not None
        assert str(there.id) not in kept.tables.need_number
        line = await assignments.offer(world.itself(), there.id, ann.id)
        await assignments.accept(world.by(ann), line.id)

        async def busy() -> bool:
            return bool((await keeping.warm(world.TOWN, str(here.id)) or kept).filled.sum())

        await eventually(busy)
        assert same(kept, await keeping.read("350502", TERMS))


async def test_a_new_event_makes_it_read_anew(db: str, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "PAUSE", 0.0)
    tiny = await world.make()
    await tiny.person()
    first = await tiny.need()
    async with Hub(db).opened() as hub, Keeper(hub, TERMS).opened():
        assert await keeping.warm(world.TOWN, str(first.id))
        later = await tiny.need(after=timedelta(days=2))
        kept = await keeping.warm(world.TOWN, str(later.id))
        assert kept is not None
        assert str(later.id) in kept.tables.need_number


async def test_a_question_does_not_wait_for_long(db: str) -> None:
    tiny = await world.make()
    need = await tiny.need()
    async with Hub(db).opened() as hub, Keeper(hub, TERMS).opened() as keeper:
        assert await keeper.warm(world.TOWN, str(need.id), patience=0) is None
        assert await keeper.warm(world.TOWN, str(need.id)) is not None


async def test_a_large_roster_covers_fewer_days(db: str) -> None:
    tiny = await world.make()
    await tiny.person()
    near, far = await tiny.need(), await tiny.need(after=timedelta(days=9))
    small = Repairing().model_copy(update={"pairs": 1})
    made = await keeping.read("350502", small)
    assert str(near.id) in made.tables.need_number
    assert str(far.id) not in made.tables.need_number
    assert policy().repair == Repairing()
