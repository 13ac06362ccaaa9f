"""Seats that go to a colleague, and the coordinator's last word on locked rosters."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatch import settings
from dispatch.models import Assignment, Event, Shift, Venue
from dispatch.roster import assignments, seeking
from dispatch.swaps import deals
from tests.dispatch import world
from tests.dispatch.swaps.seating import lock, rules_of, seated, seats_of, sound, teamed, told
from tests.dispatch.world import World, by, coordinator
from volunteer.errors import Missing, Refused
from volunteer.models import Entry, Notice, Region


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


# ---- locked rosters ----


async def test_on_a_locked_roster_the_coordinator_has_the_last_word(tiny: World) -> None:
    boss = await tiny.person()
    (a, one, line), (b, two, other) = await seated(tiny), await seated(tiny, after=24)
    await lock(one)
    swap = await deals.propose(by(a), line.id, [other.id])
    assert (await deals.agree(by(b), swap.id)).state == "agreed"
    assert await seats_of(a) == {one.id}
    with pytest.raises(Missing):
        await deals.approve(coordinator(boss, "350503"), swap.id)
    with pytest.raises(Refused) as error:
        await deals.approve(by(a), swap.id)
    assert rules_of(error) == ["not_yourself"]
    assert (await deals.approve(coordinator(boss), swap.id)).by_id == boss.id
    assert (await seats_of(a), await seats_of(b)) == ({two.id}, {one.id})
    await sound()


async def test_the_coordinators_no_reaches_both_with_its_words(tiny: World) -> None:
    boss = await tiny.person()
    (a, one, line), (b, two, other) = await seated(tiny), await seated(tiny, after=24)
    await lock(one)
    swap = await deals.propose(by(a), line.id, [other.id])
    await deals.agree(by(b), swap.id)
    assert (await deals.refuse(coordinator(boss), swap.id, "排练已定")).reason == "coordinator"
    notices = await Notice.filter(kind="swap.refused", channel="app")
    assert {notice.volunteer_id for notice in notices} == {a.id, b.id}
    assert {notice.data["reason"] for notice in notices} == {"排练已定"}
    assert (await seats_of(a), await seats_of(b)) == ({one.id}, {two.id})


async def test_policy_can_close_or_free_swaps_on_a_locked_roster(
    tiny: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (a, one, line), (b, two, other) = await seated(tiny), await seated(tiny, after=24)
    await lock(one)
    file = tmp_path / "policy.toml"
    monkeypatch.setenv("CITONG_POLICY", str(file))
    try:
        file.write_text('[swaps]\nlocked = "closed"\n', "utf-8")
        settings.policy.cache_clear()
        with pytest.raises(Refused) as error:
            await deals.propose(by(a), line.id, [other.id])
        assert rules_of(error) == ["swap_locked"]
        file.write_text('[swaps]\nlocked = "free"\n', "utf-8")
        settings.policy.cache_clear()
        swap = await deals.propose(by(a), line.id, [other.id])
        assert (await deals.agree(by(b), swap.id)).state == "done"
        assert (await seats_of(a), await seats_of(b)) == ({two.id}, {one.id})
    finally:
        monkeypatch.undo()
        settings.policy.cache_clear()


# ---- handing over ----


async def test_a_seat_is_handed_over_to_a_colleague_who_says_yes(tiny: World) -> None:
    a, one, line = await seated(tiny)
    b, stranger = await tiny.person(), await tiny.person()
    await teamed(a, b)
    with pytest.raises(Missing):
        await deals.hand_over(by(a), line.id, stranger.id)
    swap = await deals.hand_over(by(a), line.id, b.id)
    assert await told(b) == ["handover.proposed"]
    assert await seats_of(a) == {one.id}
    assert (await deals.agree(by(b), swap.id)).state == "done"
    assert (await seats_of(a), await seats_of(b)) == (set(), {one.id})
    assert (await told(a), await told(b)) == (["handover.done"], ["handover.proposed", "handover.taken"])
    assert await world.taken(one.id) == 1
    assert not await Entry.filter(kind__in=["assignment.released", "assignment.cancelled"]).exists()
    old = await Assignment.get(id=line.id)
    assert (old.status, old.late) == ("released", False)
    await sound()


async def test_a_colleague_who_does_not_qualify_is_not_asked(tiny: World) -> None:
    a, b = await tiny.person(), await tiny.person()
    await teamed(a, b)
    await tiny.skill(a, "nanyin")
    need = await tiny.need(asks=[{"skill": "nanyin", "level": 2}])
    line = await seeking.take(by(a), need.id)
    with pytest.raises(Refused) as error:
        await deals.hand_over(by(a), line.id, b.id)
    assert rules_of(error) == ["swap_unfit"]
    assert await Notice.all().count() == 0


async def test_who_serves_at_the_same_event_is_a_colleague(tiny: World) -> None:
    a, one, line = await seated(tiny)
    b = await tiny.person()
    shift = await Shift.get(id=one.shift_id)
    evening = await Shift.create(
        id=uuid4(), event_id=shift.event_id, venue_id=shift.venue_id, starts_at=shift.ends_at + timedelta(hours=3),
        ends_at=shift.ends_at + timedelta(hours=5),
    )  # fmt: skip
    await Event.filter(id=shift.event_id).update(ends_at=evening.ends_at)
    await seeking.take(by(b), (await tiny.need(shift_id=evening.id)).id)
    swap = await deals.hand_over(by(a), line.id, b.id)
    assert (await deals.agree(by(b), swap.id)).state == "done"
    await sound()


async def test_an_open_offer_at_the_time_of_the_new_seat_is_taken_back(tiny: World) -> None:
    a, _, line = await seated(tiny)
    b, boss = await tiny.person(), await tiny.person()
    await teamed(a, b)
    asked = await assignments.offer(coordinator(boss), (await tiny.need(after=timedelta(hours=1))).id, b.id)
    swap = await deals.hand_over(by(a), line.id, b.id)
    await deals.agree(by(b), swap.id)
    assert (await Assignment.get(id=asked.id)).status == "withdrawn"
    await sound()


async def test_a_swap_across_counties_needs_a_coordinator_of_both(tiny: World) -> None:
    boss = await tiny.person()
    await Region.create(code="350503001", name="东湖街道", level="township", kind="subdistrict", parent_id="350503")
    there = await Venue.create(id=uuid4(), name="东湖文化站", region_id="350503001", lat=24.91, lon=118.61)
    (a, one, line), (b, two, other) = await seated(tiny), await seated(tiny, after=24, region_id="350503001")
    await Shift.filter(id=two.shift_id).update(venue_id=there.id)
    await lock(one)
    swap = await deals.propose(by(a), line.id, [other.id])
    await deals.agree(by(b), swap.id)
    with pytest.raises(Missing):
        await deals.approve(coordinator(boss), swap.id)
    assert (await deals.approve(coordinator(boss, "3505"), swap.id)).state == "done"
    await sound()
