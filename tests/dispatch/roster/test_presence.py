"""Who looks where: seen by whoever may, marked seats that never close, pages that vanish by themselves."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from dispatch.models import Need, Onlooker
from dispatch.roster import assignments, presence
from dispatch.roster.presence import Look
from tests.dispatch import world
from tests.dispatch.world import World, coordinator, itself
from volunteer import journal
from volunteer.errors import Missing
from volunteer.models import Entry, Volunteer

COUNTY, CITY = "350502", "3505"


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


@pytest_asyncio.fixture
async def pair(tiny: World) -> tuple[Volunteer, Volunteer]:
    return (
        await tiny.person(name="陈雅琴", pinyin="chenyaqin cyq"),
        await tiny.person(name="Ann Lee", pinyin="annlee al", region_id=CITY),
    )


async def test_two_see_each_other_by_initials_if_they_may(tiny: World, pair: tuple[Volunteer, Volunteer]) -> None:
    chen, ann = pair
    assert (await presence.look(coordinator(chen), uuid4(), Look(COUNTY))).others == ()
    seen = await presence.look(coordinator(ann), uuid4(), Look(COUNTY))
    assert [other.initials for other in seen.others] == ["陈YQ"]
    back = await presence.look(coordinator(chen), uuid4(), Look(COUNTY))
    assert [other.initials for other in back.others] == [None]  # Ann lives in the city, beyond a county's sight
    whole = await presence.look(coordinator(chen, CITY), uuid4(), Look(COUNTY))
    assert [other.initials for other in whole.others] == ["AL"]


async def test_a_board_sees_who_looks_within_it_and_who_looks_at_all_of_it(
    tiny: World, pair: tuple[Volunteer, Volunteer]
) -> None:
    chen, ann = pair
    need = await tiny.need()
    page = uuid4()
    assert not (await presence.look(coordinator(ann, CITY), page, Look(CITY))).others
    assert len((await presence.look(coordinator(chen), uuid4(), Look(COUNTY))).others) == 1
    await presence.look(coordinator(ann, CITY), page, Look(CITY, need=need.id))
    (other,) = (await presence.look(coordinator(chen), uuid4(), Look(COUNTY))).others
    assert (other.shift, other.need) == (need.shift_id, need.id)
    assert (await presence.look(coordinator(chen, CITY), uuid4(), Look("350503"))).others == ()


async def test_a_marked_seat_warns_is_taken_over_with_a_word_and_closes_nothing(
    tiny: World, pair: tuple[Volunteer, Volunteer]
) -> None:
    chen, ann = pair
    need, one, two = await tiny.need(), uuid4(), uuid4()
    at = Look(COUNTY, need=need.id)
    assert (await presence.look(coordinator(chen, CITY), one, at)).held
    warned = await presence.look(coordinator(ann), two, at)
    assert not warned.held
    assert [(other.initials, other.need) for other in warned.others] == [("陈YQ", need.id)]
    assert (await assignments.offer(coordinator(ann), need.id, (await tiny.person()).id)).status == "offered"
    taken = await presence.look(coordinator(ann), two, Look(COUNTY, need=need.id, take=True, word="我来跟进"))
    assert taken.held
    assert [other.need for other in taken.others] == [None]
    told = await presence.look(coordinator(chen, CITY), one, at)
    assert (told.held, told.ousted) == (False, ("AL", "我来跟进"))
    await presence.leave(coordinator(ann), two)
    again = await presence.look(coordinator(chen, CITY), one, at)
    assert (again.held, again.ousted, again.others) == (True, None, ())


async def test_whoever_beats_no_more_is_gone_and_so_is_the_mark(tiny: World, pair: tuple[Volunteer, Volunteer]) -> None:
    chen, ann = pair
    need, one = await tiny.need(), uuid4()
    await presence.look(coordinator(chen), one, Look(COUNTY, need=need.id))
    await Onlooker.filter(id=one).update(until=datetime.now(UTC) - timedelta(seconds=1))
    seen = await presence.look(coordinator(ann), uuid4(), Look(COUNTY, need=need.id))
    assert (seen.held, seen.others) == (True, ())
    assert await presence.sweep(itself()) == 1
    assert await Onlooker.all().count() == 1


async def test_one_of_many_at_once_holds_the_mark(tiny: World, pair: tuple[Volunteer, Volunteer]) -> None:
    need = await tiny.need()
    looks = [
        presence.look(coordinator(pair[n % 2]), uuid4(), Look(COUNTY, need=need.id, take=n % 3 == 0)) for n in range(12)
    ]
    await asyncio.gather(*looks)
    assert await Onlooker.filter(need_id=need.id).count() == 1


async def test_the_first_beats_of_a_page_may_come_at_once(tiny: World, pair: tuple[Volunteer, Volunteer]) -> None:
    page, need = uuid4(), await tiny.need()
    beats = [Look(COUNTY), Look(COUNTY, need=need.id), Look(COUNTY), Look(COUNTY, need=need.id)]
    await asyncio.gather(*(presence.look(coordinator(pair[0]), page, at) for at in beats))
    assert await Onlooker.all().count() == 1


async def test_a_mark_that_is_given_back_leaves_no_time_behind(tiny: World, pair: tuple[Volunteer, Volunteer]) -> None:
    chen, ann = pair
    page, need = uuid4(), await tiny.need()
    await presence.look(coordinator(chen, CITY), page, Look(COUNTY, need=need.id))
    await presence.look(coordinator(chen, CITY), page, Look(COUNTY, shift=need.shift_id))
    (other,) = (await presence.look(coordinator(ann), uuid4(), Look(COUNTY))).others
    row = await Onlooker.get(id=page)
    assert (other.need, other.since, row.held_at) == (None, row.since, None)


async def test_nothing_of_it_is_in_the_journal_and_changes_alone_stir(
    tiny: World, pair: tuple[Volunteer, Volunteer]
) -> None:
    need, page, rung = await tiny.need(), uuid4(), list[dict[str, int]]()
    stop = journal.on_commit(lambda heads: rung.append(dict(heads)))
    before = await Entry.all().count()
    try:
        for at in (Look(COUNTY), Look(COUNTY), Look(COUNTY, need=need.id), Look(COUNTY, need=need.id)):
            await presence.look(coordinator(pair[0]), page, at)
        await presence.leave(coordinator(pair[0]), page)
        await presence.leave(coordinator(pair[0]), page)
    finally:
        stop()
    county, town = {"~region:350502": 0}, {"~region:350502001": 0}
    assert rung == [county, {}, county | town, {}, county | town, {}]
    assert await Entry.all().count() == before


async def test_only_places_and_pages_of_ones_own(tiny: World, pair: tuple[Volunteer, Volunteer]) -> None:
    chen, ann = pair
    page = uuid4()
    await presence.look(coordinator(chen), page, Look(COUNTY))
    wrong: list[tuple[UUID, Look]] = [
        (page, Look(COUNTY)), (uuid4(), Look("350503")), (uuid4(), Look(COUNTY, shift=uuid4())),
        (uuid4(), Look(COUNTY, need=uuid4())), (uuid4(), Look("350599")),
        (uuid4(), Look(COUNTY, shift=(await tiny.need()).shift_id, need=uuid4())),
    ]  # fmt: skip
    for at in wrong:
        with pytest.raises(Missing):
            await presence.look(coordinator(ann), *at)
    await presence.leave(coordinator(ann), page)
    assert await Onlooker.filter(id=page).exists()
    foreign = await Need.create(**{**(await _elsewhere(tiny)), "id": uuid4()})
    with pytest.raises(Missing):
        await presence.look(coordinator(ann), uuid4(), Look(COUNTY, need=foreign.id))
    for _ in range(presence.PAGES + 3):
        await presence.look(coordinator(ann), uuid4(), Look(COUNTY))
    assert await Onlooker.filter(volunteer_id=ann.id).count() == presence.PAGES


async def _elsewhere(tiny: World) -> dict[str, object]:
    made = await tiny.need(event={"region_id": "350503"})
    return {"shift_id": made.shift_id, "min": 1, "desired": 1, "max": 1, "role": "助教"}
