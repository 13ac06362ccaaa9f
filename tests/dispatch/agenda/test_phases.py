"""Events turn by themselves, once and never too soon; a supervised one lets nobody leave a hole silently."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatch import invariants, turns
from dispatch.agenda import phases
from dispatch.models import Assignment, Event, Need, Shift
from dispatch.roster import assignments
from tests.dispatch import world
from tests.dispatch.world import World, by, coordinator, itself, starting
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Entry, Notice, Role, ServiceRecord, Volunteer


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def event_of(need: Need) -> Event:
    return await Event.get(shifts__id=need.shift_id)


async def seated(tiny: World, need: Need) -> tuple[Volunteer, Assignment]:
    """Somebody who accepted, laid down without asking any rule."""
    person = await tiny.person()
    line = await tiny.offered(need, person)
    await Assignment.filter(id=line.id).update(status="accepted", answered_at=line.offered_at)
    await Need.filter(id=need.id).update(taken=1)
    return person, line


async def sound() -> None:
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


HOUR = 60
# Begins in so many minutes, lasts so many, call, locks in so many minutes; the state before and after the sweep.
TURNS = {
    "not yet": (30 * HOUR, 120, 0, 1, "published", "published"),
    "locks": (20 * HOUR, 120, 0, -1, "published", "locked"),
    "waits for the call": (40, 120, 30, -900, "locked", "locked"),
    "the first call": (20, 120, 30, -900, "locked", "running"),
    "late to the day": (20, 120, 30, -900, "published", "running"),
    "goes on": (-60, 120, 0, -900, "running", "running"),
    "the last end": (-121, 120, 0, -900, "running", "finished"),
    "the roll is open": (-47 * HOUR, 60, 0, -9000, "finished", "finished"),
    "two days later": (-50 * HOUR, 60, 0, -9000, "finished", "closed"),
    "all that was missed": (-50 * HOUR, 60, 0, -9000, "published", "closed"),
    "a draft waits": (-50 * HOUR, 60, 0, -9000, "draft", "draft"),
    "what is called off stays": (-50 * HOUR, 60, 0, -9000, "cancelled", "cancelled"),
}  # fmt: skip


@pytest.mark.parametrize("name", TURNS)
async def test_an_event_turns_when_its_time_has_come(tiny: World, name: str) -> None:
    begins, lasts, call, locks, before, after = TURNS[name]
    locks_at = datetime.now(UTC) + timedelta(minutes=locks)
    need = await tiny.need(
        after=starting(begins), lasts=timedelta(minutes=lasts), event={"state": before, "locks_at": locks_at}
    )
    await Shift.filter(id=need.shift_id).update(call=call)
    _, line = await seated(tiny, need)
    begins_at = line.occupies_from - timedelta(minutes=call)
    await Assignment.filter(id=line.id).update(occupies_from=begins_at)
    if before == "cancelled":
        await Assignment.filter(id=line.id).update(status="released")
        await Need.filter(id=need.id).update(taken=0)
    old = await event_of(need)
    turned = await phases.turn_due(itself())
    event = await event_of(need)
    assert event.state == after
    assert event.version == old.version + turned
    assert await phases.turn_due(itself()) == 0
    for topic in (f"event:{event.id}", "region:350502", f"region:{world.TOWN}"):
        assert await Entry.filter(topic=topic, ref=event.id, kind__startswith="event.").count() == turned
    await sound()


async def test_an_event_of_several_days_runs_from_its_first_call_to_its_last_end(tiny: World) -> None:
    need = await tiny.need(after=starting(-120), lasts=timedelta(minutes=60), event={"state": "locked"})
    event = await event_of(need)
    later = datetime.now(UTC) + timedelta(days=1)
    await Shift.create(
        id=uuid4(), event_id=event.id, venue_id=tiny.venue.id, starts_at=later, ends_at=later + timedelta(hours=1)
    )
    await Event.filter(id=event.id).update(ends_at=later + timedelta(hours=1))
    assert await phases.turn_due(itself()) == 1
    assert (await event_of(need)).state == "running"


async def test_what_is_settled_closes_at_once(tiny: World) -> None:
    need = await tiny.need(after=starting(-181), event={"state": "running"})
    await seated(tiny, need)
    await phases.turn_due(itself())
    assert (await event_of(need)).state == "finished"
    came = {"status": "completed", "checked_in_at": datetime.now(UTC)}
    await Assignment.filter(need_id=need.id).update(**came)
    await phases.turn_due(itself())
    assert (await event_of(need)).state == "closed"
    await sound()


async def test_who_was_still_asked_at_the_end_is_asked_no_more(tiny: World) -> None:
    need = await tiny.need(after=starting(-181), seats=3, event={"state": "running"})
    await seated(tiny, need)
    asked, waiting = [await tiny.offered(need, await tiny.person()) for _ in range(2)]
    await Assignment.filter(id=waiting.id).update(status="standby")
    await phases.turn_due(itself())
    assert (await event_of(need)).state == "finished"
    assert {(await Assignment.get(id=line.id)).status for line in (asked, waiting)} == {"expired"}
    assert await Entry.filter(kind="assignment.expired", topic=f"volunteer:{asked.volunteer_id}").count() == 1
    await sound()


async def test_p18_of_many_sweeps_at_once_each_turn_happens_once(tiny: World) -> None:
    needs = [await tiny.need(after=starting(60), event={"locks_at": datetime.now(UTC)}) for _ in range(4)]
    turned = await asyncio.gather(*(phases.turn_due(itself()) for _ in range(6)))
    assert sum(turned) == len(needs)
    assert await Entry.filter(kind="event.locked", topic="region:350502").count() == len(needs)


async def test_a_locked_event_takes_nobody_unasked_and_its_offers_stand(tiny: World) -> None:
    need = await tiny.need(after=starting(20 * HOUR), seats=2, event={"locks_at": datetime.now(UTC)})
    asked = await tiny.person()
    line = await tiny.offered(need, asked)
    await phases.turn_due(itself())
    assert (await assignments.accept(by(asked), line.id)).status == "accepted"


async def test_the_sheet_says_what_comes_next(tiny: World) -> None:
    locks = datetime.now(UTC) + timedelta(hours=3)
    need = await tiny.need(after=starting(27 * HOUR), event={"locks_at": locks})
    event = await event_of(need)
    connection = Event._meta.db
    assert await turns.next_of(connection, event.id) == {"phase": "open", "turns_to": "locked", "turns_at": locks}
    await Event.filter(id=event.id).update(state="closed")
    assert await turns.next_of(connection, event.id) == {"phase": "open", "turns_to": None, "turns_at": None}


# ---- supervised ----


async def carers(tiny: World) -> dict[str, Volunteer]:
    since = datetime.now(UTC) - timedelta(days=9)
    places = {"near": world.TOWN, "county": "350502", "city": "3505", "foreign": "350503"}
    people = {name: await tiny.person() for name in places}
    for name, person in people.items():
        await Role.create(id=uuid4(), volunteer_id=person.id, role="coordinator", region_id=places[name], since=since)
    return people | {"organiser": await tiny.person()}


@pytest.mark.parametrize(
    ("phase", "least", "told"), [("supervised", 1, True), ("supervised", 0, False), ("open", 1, False)]
)
async def test_leaving_a_supervised_hole_raises_the_alarm_at_once(
    tiny: World, phase: str, least: int, told: bool
) -> None:
    people = await carers(tiny)
    need = await tiny.need(after=starting(99 * HOUR), min=least, event={"organiser_id": people["organiser"].id})
    event = await event_of(need)
    await phases.supervise(coordinator(people["county"]), event.id, phase)
    person, line = await seated(tiny, need)
    assert (await assignments.cancel(by(person), line.id, "病了")).status == "cancelled"
    rows = await Notice.filter(kind="seat.left", channel="app")
    expected = {people[name].id for name in ("near", "county", "organiser")} if told else set()
    assert {row.volunteer_id for row in rows} == expected
    assert {row.ref for row in rows} <= {line.id}
    assert await Entry.filter(kind="notice.owed").count() == len(expected)
    await sound()


async def test_watching_is_said_once_and_only_by_those_responsible(tiny: World) -> None:
    boss, stranger, reader = [await tiny.person() for _ in range(3)]
    event = await event_of(await tiny.need())
    for _ in range(2):
        assert (await phases.supervise(coordinator(boss), event.id, "supervised")).phase == "supervised"
    assert await Entry.filter(kind="event.supervised", topic=f"event:{event.id}").count() == 1
    with pytest.raises(Missing):
        await phases.supervise(coordinator(stranger, "350503"), event.id, "open")
    with pytest.raises((Missing, Forbidden)):
        await phases.supervise(by(reader), event.id, "open")
    await Event.filter(id=event.id).update(state="running")
    with pytest.raises(Refused):
        await phases.supervise(coordinator(boss), event.id, "open")
    assert (await Event.get(id=event.id)).phase == "supervised"


async def test_who_forgot_to_sign_out_has_served_to_the_end_when_the_event_is_closed(tiny: World) -> None:
    need = await tiny.need(after=starting(-50 * HOUR), lasts=timedelta(hours=2), event={"state": "finished"})
    person, line = await seated(tiny, need)
    await Assignment.filter(id=line.id).update(status="checked_in", checked_in_at=line.occupies_from)
    assert await phases.turn_due(itself()) == 1
    done = await Assignment.get(id=line.id)
    assert (done.status, done.checked_out_at, done.marked_by) == ("completed", line.occupies_until, None)
    record = await ServiceRecord.get(cause=line.id)
    assert (record.volunteer_id, record.minutes, record.state) == (person.id, 120, "proposed")
    assert (await event_of(need)).state == "closed"
    assert await phases.turn_due(itself()) == 0


async def test_an_event_that_cannot_turn_keeps_no_other_from_turning(
    tiny: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows that no verb makes, as a restored or hand-mended database may hold them."""
    needs = [
        await tiny.need(after=starting(-50 * HOUR - n), lasts=timedelta(hours=2), event={"state": "finished"})
        for n in range(2)
    ]
    for need in needs:
        _, line = await seated(tiny, need)
        await Assignment.filter(id=line.id).update(status="checked_in", checked_in_at=line.occupies_from)
    left = (await Assignment.get(need_id=needs[0].id)).occupies_until
    await Assignment.filter(need_id=needs[0].id).update(checked_in_at=left + timedelta(hours=1))
    assert await phases.turn_due(itself()) == 1
    assert [(await event_of(need)).state for need in needs] == ["finished", "closed"]
    assert "could not be turned" in caplog.text
