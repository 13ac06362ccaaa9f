"""A yes that was said to a person and is noted by one: the same rules, the same seat, and the person knows."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from dispatch import invariants
from dispatch.models import Assignment
from dispatch.roster import assigning, assignments, seats, seeking
from tests.dispatch import world
from tests.dispatch.roster.test_assignments import rules_of
from tests.dispatch.world import World, by, coordinator, starting
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Entry, Notice, Volunteer

WORDS = "电话里说好"


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


@pytest_asyncio.fixture
async def boss(tiny: World) -> Volunteer:
    return await tiny.person(free=False)


async def test_the_seat_is_theirs_at_once_they_are_told_and_may_step_back(tiny: World, boss: Volunteer) -> None:
    person, other = await tiny.person(), await tiny.person()
    need = await tiny.need()
    clashing = await tiny.offered(await tiny.need(), person)
    line = await assigning.assign(coordinator(boss), need.id, person.id, WORDS)
    assert (line.status, line.source, line.expires_at, await world.taken(need.id)) == ("accepted", "hand", None, 1)
    assert (await assigning.assign(coordinator(boss), need.id, person.id, WORDS)).id == line.id
    (told,) = await Notice.filter(volunteer_id=person.id, kind="assignment.assigned", channel="app")
    assert (told.ref, told.data) == (line.id, {"reason": WORDS})
    assert (await Assignment.get(id=clashing.id)).status == "withdrawn"
    (entry,) = await Entry.filter(topic=f"volunteer:{person.id}", ref=line.id)
    assert (entry.kind, entry.actor) == ("assignment.accepted", boss.id), "the journal knows who noted it"
    with pytest.raises(Refused) as error:
        await assigning.assign(coordinator(boss), need.id, other.id, WORDS)
    assert rules_of(error) == ["full"]
    assert (await assignments.cancel(by(person), line.id)).status == "cancelled"
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


async def test_an_open_offer_is_what_they_said_yes_to(tiny: World, boss: Volunteer) -> None:
    person, rival = await tiny.person(), await tiny.person()
    need = await tiny.need(mode="race")
    line, lost = await tiny.offered(need, person), await tiny.offered(need, rival)
    noted = await assigning.assign(coordinator(boss), need.id, person.id, WORDS)
    assert (noted.id, noted.status) == (line.id, "accepted")
    assert (await Assignment.get(id=lost.id)).status == "filled"
    late = await tiny.offered(await tiny.need(), rival, expires=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(Refused) as error:
        await assigning.assign(coordinator(boss), late.need_id, rival.id, WORDS)
    assert (rules_of(error), error.value.gone) == (["too_late"], True)


async def test_the_rules_are_those_of_an_offer(tiny: World, boss: Volunteer) -> None:
    unfit = await tiny.person(free=False, languages=[])
    need = await tiny.need(languages=["cmn"])
    with pytest.raises(Refused) as error:
        await assigning.assign(coordinator(boss), need.id, unfit.id, WORDS)
    assert rules_of(error) == [reason.rule for reason in await assignments.why_not(unfit.id, need.id)]
    over = await tiny.need(after=starting(-300), event={"state": "finished"})
    with pytest.raises(Refused) as error:
        await assigning.assign(coordinator(boss), over.id, (await tiny.person()).id, WORDS)
    assert rules_of(error)[:2] == ["closed", "begun"]
    assert await Assignment.all().count() == 0


async def test_somebody_who_stands_in_on_a_shift_that_has_begun(tiny: World, boss: Volunteer) -> None:
    need, person = await tiny.need(after=starting(-20), event={"state": "running"}), await tiny.person()
    line = await assigning.assign(coordinator(boss), need.id, person.id, "在现场")
    assert line.status == "accepted"


async def test_only_whoever_may_ask_notes_a_yes_and_nobody_their_own(tiny: World, boss: Volunteer) -> None:
    person, need = await tiny.person(), await tiny.need()
    with pytest.raises(Missing):
        await assigning.assign(by(person), need.id, person.id, WORDS)
    with pytest.raises(Missing):
        await assigning.assign(coordinator(boss, "350503"), need.id, person.id, WORDS)
    with pytest.raises(Refused) as error:
        await assigning.assign(coordinator(person), need.id, person.id, WORDS)
    assert rules_of(error) == ["not_yourself"]
    with pytest.raises((Missing, Forbidden)):
        await assignments.accept(coordinator(boss), (await tiny.offered(need, person)).id)


@pytest.mark.parametrize("guarded", [True, False])
async def test_p1_a_yes_that_is_noted_races_with_yeses_that_are_tapped(
    tiny: World, boss: Volunteer, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Ten are put down and ten tap for two seats. Canary: where no seat is taken by a yes, more than two have one."""
    if not guarded:

        async def careless(*_: object) -> None:
            return None

        monkeypatch.setattr(seats, "take", careless)
    need, crowd = await tiny.need(seats=2, mode="race"), await tiny.crowd(20)
    lines = await tiny.all_offered(need, crowd[10:])

    async def noted(person: Volunteer) -> str:
        return (await assigning.assign(coordinator(boss), need.id, person.id, WORDS)).status

    async def tapped(line: Assignment) -> str:
        return (await assignments.accept(by(next(p for p in crowd if p.id == line.volunteer_id)), line.id)).status

    jobs = [*map(noted, crowd[:10]), *map(tapped, lines)]
    said = await asyncio.gather(*jobs, return_exceptions=True)
    assert all(one == "accepted" or isinstance(one, Refused) for one in said)
    won = sum(one == "accepted" for one in said)
    assert (won == 2) if guarded else (won > 2)
    assert await Assignment.filter(need_id=need.id, status="accepted").count() == won


async def test_who_waits_in_line_is_not_put_down_twice(tiny: World, boss: Volunteer) -> None:
    holder, waits = await tiny.person(), await tiny.person()
    need = await tiny.need()
    held = await seeking.take(by(holder), need.id)
    await seeking.stand_by(by(waits), need.id)
    await assignments.cancel(by(holder), held.id)
    with pytest.raises(Refused) as error:
        await assigning.assign(coordinator(boss), need.id, waits.id, WORDS)
    assert rules_of(error) == ["taken"]
