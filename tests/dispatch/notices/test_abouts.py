"""Notices of the work say title, time and place as they are now, and what is settled leaves no more letters."""

from uuid import uuid4

import pytest_asyncio

from dispatch.models import Event, Need, Shift
from dispatch.notices import abouts
from dispatch.roster import assignments
from tests.dispatch import world
from tests.dispatch.world import World, by
from volunteer.notices.abouts import facts


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


async def test_each_noun_is_told_as_it_is_today(tiny: World) -> None:
    person = await tiny.person()
    need = await tiny.need()
    line = await tiny.offered(need, person)
    shift = await Shift.get(id=need.shift_id)
    wanted = [
        ("assignment", line.id),
        ("event", shift.event_id),
        ("shift", shift.id),
        ("event", uuid4()),
        ("x", line.id),
    ]
    found = await facts(wanted)
    assert len(found) == 3
    offer = found["assignment", line.id]
    assert (offer.title.zh, offer.title.en) == ("南音进校园", "南音进校园")
    assert (offer.starts_at, offer.place, offer.path, offer.state) == (
        shift.starts_at,
        "海滨文化站",
        "phone/",
        "offered",
    )
    assert found["shift", shift.id].state == "short"
    await Event.filter(id=shift.event_id).update(title="改期的南音", title_en="Nanyin, moved")
    await assignments.accept(by(person), line.id)
    await Need.filter(id=need.id).update(taken=1)
    found = await facts(wanted)
    assert found["assignment", line.id].title.en == "Nanyin, moved"
    assert (found["assignment", line.id].state, found["assignment", line.id].path) == ("accepted", "phone/week")
    assert found["shift", shift.id].state == "staffed"
    assert (await facts([("seat", line.id)]))["seat", line.id].path == "board/"
    assert set(abouts.resolvers) >= {"assignment", "event", "shift", "seat", "swap", "swap_case", "team_offer"}
    assert await facts([(noun, uuid4()) for noun in abouts.resolvers]) == {}
