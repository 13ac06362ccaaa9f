"""What is shown to a person who wants to swap can be done: each row of it, tried."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from dispatch.models import Assignment, Need
from dispatch.roster import seeking
from dispatch.swaps import colleagues, deals, matches, views
from tests.dispatch import world
from tests.dispatch.swaps.seating import seated, sound, teamed
from tests.dispatch.world import World, by
from volunteer.models import Volunteer


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def asking(tiny: World, skill: str, *, day: int, **fields: object) -> Need:
    return await tiny.need(after=timedelta(days=day), asks=[{"skill": skill, "level": 1}], **fields)


async def skilled(tiny: World, *skills: str, **fields: object) -> Volunteer:
    person = await tiny.person(**fields)
    for skill in skills:
        await tiny.skill(person, skill)
    return person


async def test_whose_seat_fits_both_ways_is_offered_and_no_other(tiny: World) -> None:
    me, line = await skilled(tiny, "drum"), None
    line = await seeking.take(by(me), (await asking(tiny, "drum", day=0)).id)
    fits, unfit, too_hard = await skilled(tiny, "drum"), await tiny.person(), await skilled(tiny, "drum", "flute")
    theirs = await seeking.take(by(fits), (await tiny.need(after=timedelta(days=1))).id)
    await seeking.take(by(unfit), (await tiny.need(after=timedelta(days=2))).id)  # cannot take mine
    await seeking.take(by(too_hard), (await asking(tiny, "flute", day=3)).id)  # I cannot take theirs
    found = await matches.found(line)
    assert [one.line for one in found.direct] == [theirs.id]
    swap = await deals.propose(by(me), line.id, [found.direct[0].line])
    assert (await deals.agree(by(fits), swap.id)).state == "done"
    await sound()


async def test_where_no_two_fit_a_ring_of_three_is_found_and_works(tiny: World) -> None:
    """I can take the last one's seat, the last the first's, the first mine; no pair fits both ways."""
    me, first, last = await skilled(tiny, "drum", "song"), await skilled(tiny, "drum", "flute"), None
    last = await skilled(tiny, "flute", "song")
    line = await seeking.take(by(me), (await asking(tiny, "drum", day=0)).id)
    one = await seeking.take(by(first), (await asking(tiny, "flute", day=1)).id)
    other = await seeking.take(by(last), (await asking(tiny, "song", day=2)).id)
    found = await matches.found(line)
    assert found.direct == []
    assert [(a.line, b.line) for a, b in found.rings] == [(one.id, other.id)]
    swap = await deals.propose(by(me), line.id, [one.id, other.id])
    await deals.agree(by(last), swap.id)
    assert (await deals.agree(by(first), swap.id)).state == "done"
    assert await Assignment.filter(volunteer_id=me.id, need_id=other.need_id, status="accepted").exists()
    await sound()


async def test_who_said_no_and_who_is_busy_is_not_shown(tiny: World) -> None:
    (me, mine, line), (other, _, theirs) = await seated(tiny), await seated(tiny, after=24)
    assert [one.line for one in (await matches.found(line)).direct] == [theirs.id]
    swap = await deals.propose(by(me), line.id, [theirs.id])
    await deals.refuse(by(other), swap.id)
    assert (await matches.found(line)).direct == []
    third, _, later = await seated(tiny, after=48)
    instead = await seeking.take(by(third), (await tiny.need(after=timedelta(hours=1))).id)  # while mine takes place
    found = {one.line for one in (await matches.found(line)).direct}
    assert later.id not in found
    assert instead.id in found  # that one they give up
    assert mine.max == 1


async def test_colleagues_who_qualify_could_take_the_seat_over(tiny: World) -> None:
    me = await skilled(tiny, "drum")
    mate, unskilled, stranger = await skilled(tiny, "drum"), await tiny.person(), await skilled(tiny, "drum")
    await teamed(me, mate, unskilled)
    line = await seeking.take(by(me), (await asking(tiny, "drum", day=0)).id)
    assert (await matches.found(line)).takers == [mate.id]
    assert not await colleagues.known(line, stranger.id)


async def test_names_of_strangers_are_masked_and_those_of_team_mates_are_not(tiny: World) -> None:
    (me, _, line), (mate, _, _), (stranger, _, _) = [await seated(tiny, after=24 * day) for day in range(3)]
    await teamed(me, mate)
    found = await views.possible(by(me), line.id)
    assert {one["name"] for one in found["direct"]} == {mate.name, f"{stranger.name[:1]}**"}
    assert [one["name"] for one in found["takers"]] == [mate.name]
