"""What was published changes in one step with all that follows, and exactly those concerned are told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatch import invariants
from dispatch.agenda import changes, events
from dispatch.agenda.changes import Hours
from dispatch.models import Assignment, Event, Need, Shift, Venue
from dispatch.roster import assignments, seeking
from tests.dispatch import world
from tests.dispatch.world import START, World, by, coordinator, starting
from volunteer.errors import Forbidden, Invalid, Missing, Refused
from volunteer.models import Entry, Notice, Volunteer
from volunteer.notices import letters


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def sound() -> None:
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


def rules_of(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.rule for reason in error.value.reasons]


async def told() -> list[tuple[str, object]]:
    rows = await Notice.filter(channel="app").exclude(kind="assignment.offered").values_list("kind", "volunteer_id")
    return sorted(rows, key=str)


async def states(*lines: Assignment) -> list[str]:
    return [(await Assignment.get(id=line.id)).status for line in lines]


async def peopled(tiny: World, need: Need, boss: Volunteer) -> list[Assignment]:
    """Two who said yes, the first before the second, and two who are asked, in this order; through the verbs."""
    lines = [await assignments.offer(coordinator(boss), need.id, (await tiny.person()).id) for _ in range(4)]
    for line in lines[:2]:
        person = await Volunteer.get(id=line.volunteer_id)
        await assignments.accept(by(person), line.id)
    return lines


# ---- seats ----


async def test_fewer_seats_take_back_the_newest_offers_first(tiny: World) -> None:
    boss = await tiny.person()
    need = await tiny.need(seats=4)
    first, second, asked, newest = await peopled(tiny, need, boss)
    made = await changes.resize(coordinator(boss), need.id, 3)
    assert (made.min, made.desired, made.max, made.taken) == (3, 3, 3, 2)
    assert await states(first, second, asked, newest) == ["accepted", "accepted", "offered", "withdrawn"]
    assert await told() == []  # the offer was not seen yet: it and its end silence each other
    await sound()


async def test_people_who_accepted_are_let_go_only_when_that_is_said_and_the_last_yes_first(tiny: World) -> None:
    boss = await tiny.person()
    need = await tiny.need(seats=4)
    first, second, asked, newest = await peopled(tiny, need, boss)
    with pytest.raises(Refused) as error:
        await changes.resize(coordinator(boss), need.id, 1)
    assert rules_of(error) == ["would_release"]
    assert await states(first, second, asked, newest) == ["accepted", "accepted", "offered", "offered"]
    made = await changes.resize(coordinator(boss), need.id, 1, "场地太小", release=True)
    assert (made.max, made.taken) == (1, 1)
    assert await states(first, second, asked, newest) == ["accepted", "released", "withdrawn", "withdrawn"]
    assert await told() == [("assignment.released", second.volunteer_id)]
    kinds = await Entry.filter(topic="region:350502", kind="need.resized").values_list("ref", flat=True)
    assert list(kinds) == [need.id]
    await sound()


@pytest.mark.parametrize("status", ["checked_in", "completed"])
async def test_who_is_there_is_never_let_go(tiny: World, status: str) -> None:
    boss, person = await tiny.person(), await tiny.person()
    need = await tiny.need(seats=2)
    line = await tiny.offered(need, person)
    here = {"status": status, "answered_at": line.offered_at, "checked_in_at": line.offered_at}
    await Assignment.filter(id=line.id).update(**here)
    await Need.filter(id=need.id).update(taken=1)
    with pytest.raises(Refused) as error:
        await changes.call_off(coordinator(boss), need.id, "台风")
    assert rules_of(error) == ["present"]
    assert (await changes.resize(coordinator(boss), need.id, 1, release=True)).max == 1
    assert await states(line) == [status]


async def test_more_seats_and_the_same_again(tiny: World) -> None:
    boss = await tiny.person()
    need = await tiny.need(seats=1)
    assert (await changes.resize(coordinator(boss), need.id, 3)).max == 3
    before = await Entry.all().count()
    assert (await changes.resize(coordinator(boss), need.id, 3)).version == 2
    assert await Entry.all().count() == before


async def test_a_need_that_is_called_off_wants_nobody(tiny: World) -> None:
    boss, other, waiting = await tiny.person(), await tiny.person(), await tiny.person()
    need = await tiny.need(seats=4)
    lines = await peopled(tiny, need, boss)
    queued = await seeking.stand_by(by(waiting), need.id)
    beside = await tiny.need(shift_id=need.shift_id, role="摄影")
    stays = await assignments.offer(coordinator(boss), beside.id, other.id)
    made = await changes.call_off(coordinator(boss), need.id, "改为自助")
    assert (made.min, made.desired, made.max, made.taken) == (0, 0, 0, 0)
    assert await states(*lines) == ["released", "released", "withdrawn", "withdrawn"]
    assert await states(queued, stays) == ["withdrawn", "offered"]
    assert {person for _, person in await told()} == {*(line.volunteer_id for line in lines[:2]), waiting.id}
    with pytest.raises(Refused):
        await seeking.stand_by(by(waiting), need.id)
    with pytest.raises(Refused):
        await assignments.offer(coordinator(boss), need.id, waiting.id)
    await sound()


async def test_mentors_stay_while_learners_rest_on_them_and_a_quorum_keeps_its_seats(tiny: World) -> None:
    boss = await tiny.person()
    need = await tiny.need(seats=2, role="带教")
    learners = await tiny.need(shift_id=need.shift_id, role="见习", mentor_role="带教")
    with pytest.raises(Refused) as error:
        await changes.call_off(coordinator(boss), need.id, "台风")
    assert rules_of(error) == ["learners_left"]
    await Event.filter(shifts__id=need.shift_id).update(quorum=3)
    with pytest.raises(Refused) as error:
        await changes.call_off(coordinator(boss), learners.id, "台风")
    assert rules_of(error) == ["below_quorum"]


async def test_only_those_responsible_change_anything(tiny: World) -> None:
    boss, person = await tiny.person(), await tiny.person()
    need = await tiny.need()
    hours = Hours(START + timedelta(days=1), START + timedelta(days=1, hours=1), tiny.venue.id)
    for act, wrong in ((coordinator(boss, "350503"), Missing), (by(person), (Missing, Forbidden))):
        with pytest.raises(wrong):
            await changes.resize(act, need.id, 2)
        with pytest.raises(wrong):
            await changes.call_off(act, need.id, "台风")
        with pytest.raises(wrong):
            await changes.move(act, need.shift_id, hours, "台风")
    assert await Entry.all().count() == 0


# ---- time and place ----


async def shifted(tiny: World, need: Need, by_: timedelta, venue: Venue | None = None) -> Hours:
    shift = await Shift.get(id=need.shift_id)
    return Hours(shift.starts_at + by_, shift.ends_at + by_, (venue or tiny.venue).id)


async def test_who_may_come_then_keeps_the_seat_and_who_may_not_is_asked_again(tiny: World) -> None:
    boss, free, busy, asked, waiting = [await tiny.person() for _ in range(5)]
    need = await tiny.need(seats=3)
    lines = {p.id: await assignments.offer(coordinator(boss), need.id, p.id) for p in (free, busy, asked)}
    for person in (free, busy):
        await assignments.accept(by(person), lines[person.id].id)
    queued = await seeking.stand_by(by(waiting), need.id)
    other = await tiny.need(after=timedelta(hours=30))
    elsewhere = await assignments.offer(coordinator(boss), other.id, busy.id)
    await assignments.accept(by(busy), elsewhere.id)

    hours = await shifted(tiny, need, timedelta(hours=30))
    await changes.move(coordinator(boss), need.shift_id, hours, "场地检修")

    kept = await Assignment.get(id=lines[free.id].id)
    assert (kept.status, kept.occupies_from) == ("accepted", hours.starts_at)
    assert await states(lines[busy.id], elsewhere) == ["released", "accepted"]
    again = await Assignment.get(need_id=need.id, volunteer_id=busy.id, status="offered")
    with pytest.raises(Refused) as error:
        await assignments.accept(by(busy), again.id)
    assert "overlap" in rules_of(error)
    for line in (lines[asked.id], queued):
        row = await Assignment.get(id=line.id)
        assert row.occupies_from == hours.starts_at
        assert row.expires_at is not None
        assert row.expires_at <= hours.starts_at
    assert (await Need.get(id=need.id)).taken == 1
    expected = [("shift.moved", p.id) for p in (free, asked, waiting)] + [("shift.moved_again", busy.id)]
    assert await told() == sorted(expected, key=str)
    event = await Event.get(shifts__id=need.shift_id)
    assert (event.starts_at, event.locks_at) == (hours.starts_at, hours.starts_at - timedelta(hours=24))
    await sound()

    await assignments.cancel(by(busy), elsewhere.id)
    assert (await assignments.accept(by(busy), again.id)).status == "accepted"
    await sound()


async def test_what_already_spoke_against_somebody_is_no_reason_to_ask_again(tiny: World) -> None:
    boss, person = await tiny.person(), await tiny.person(max_day=30)
    need = await tiny.need()
    line = await tiny.offered(need, person)
    await Assignment.filter(id=line.id).update(status="accepted", answered_at=line.offered_at)
    await Need.filter(id=need.id).update(taken=1)
    await changes.move(coordinator(boss), need.shift_id, await shifted(tiny, need, timedelta(days=1)), "改期")
    assert await states(line) == ["accepted"]


async def test_an_event_that_locked_too_soon_is_open_again(tiny: World) -> None:
    boss = await tiny.person()
    soon = datetime.now(UTC) + timedelta(hours=5)
    need = await tiny.need(after=soon - START, event={"state": "locked", "locks_at": soon - timedelta(hours=24)})
    await changes.move(coordinator(boss), need.shift_id, await shifted(tiny, need, timedelta(days=3)), "改期")
    event = await Event.get(shifts__id=need.shift_id)
    assert event.state == "published"
    assert await Entry.filter(kind="event.moved", topic=f"event:{event.id}").count() == 1
    await sound()


async def test_another_place_may_lie_in_another_township(tiny: World) -> None:
    boss, person = await tiny.person(), await tiny.person()
    need = await tiny.need()
    line = await assignments.offer(coordinator(boss), need.id, person.id)
    await assignments.accept(by(person), line.id)
    far = await Venue.create(id=uuid4(), name="丰泽站", region_id="350503", lat=24.91, lon=118.60)
    with pytest.raises(Invalid) as error:
        await changes.move(coordinator(boss), need.shift_id, await shifted(tiny, need, timedelta(0), far), "换场地")
    assert [fault.field for fault in error.value.faults] == ["venue"]
    await changes.move(coordinator(boss, "3505"), need.shift_id, await shifted(tiny, need, timedelta(0), far), "换场地")
    assert (await Event.get(shifts__id=need.shift_id)).region_id == "350503"
    assert await states(line) == ["accepted"]
    for topic in ("region:350502", "region:350503"):
        assert await Entry.filter(kind="shift.moved", topic=topic).count() == 1
    await sound()


async def test_hours_that_cannot_be_are_refused_and_nothing_changes(tiny: World) -> None:
    boss = await tiny.person()
    need = await tiny.need()
    begins = START + timedelta(days=1)
    wrong = {
        "ends_at": [Hours(begins, begins, tiny.venue.id), Hours(begins, begins + timedelta(hours=17), tiny.venue.id)],
        "starts_at": [
            Hours(START - timedelta(days=9), START - timedelta(days=9, hours=-1), tiny.venue.id),
            Hours(begins + timedelta(days=500), begins + timedelta(days=500, hours=1), tiny.venue.id),
        ],
        "venue": [Hours(begins, begins + timedelta(hours=1), uuid4())],
    }
    for field, cases in wrong.items():
        for hours in cases:
            with pytest.raises(Invalid) as error:
                await changes.move(coordinator(boss), need.shift_id, hours, "改期")
            assert [fault.field for fault in error.value.faults] == [field]
    assert (await Shift.get(id=need.shift_id)).starts_at == START
    assert await Entry.all().count() == 0


async def test_what_has_begun_is_not_moved(tiny: World) -> None:
    boss = await tiny.person()
    need = await tiny.need(after=world.starting(-10))
    with pytest.raises(Refused) as error:
        await changes.move(coordinator(boss), need.shift_id, await shifted(tiny, need, timedelta(days=1)), "改期")
    assert rules_of(error) == ["begun"]


# ---- what people are told, and what is not held against them ----


@pytest.mark.parametrize("moved", [True, False])
async def test_who_leaves_a_shift_that_was_moved_after_their_yes_is_not_late(tiny: World, moved: bool) -> None:
    boss, person = await tiny.person(), await tiny.person()
    need = await tiny.need(after=starting(300))
    line = await seeking.take(by(person), need.id)
    if moved:
        shift = await Shift.get(id=need.shift_id)
        later = timedelta(hours=1)
        hours = Hours(shift.starts_at + later, shift.ends_at + later, shift.venue_id)
        await changes.move(coordinator(boss), shift.id, hours, "场地占用")
    assert (await assignments.cancel(by(person), line.id)).late is not moved
    await sound()


async def test_who_says_yes_to_the_new_hours_is_bound_by_them(tiny: World) -> None:
    """Asked before the move, answered after it: they knew."""
    boss, person = await tiny.person(), await tiny.person()
    need = await tiny.need(after=starting(300))
    line = await assignments.offer(coordinator(boss), need.id, person.id)
    shift = await Shift.get(id=need.shift_id)
    later = timedelta(hours=1)
    await changes.move(
        coordinator(boss), shift.id, Hours(shift.starts_at + later, shift.ends_at + later, shift.venue_id), "场地占用"
    )
    await assignments.accept(by(person), line.id)
    assert (await assignments.cancel(by(person), line.id)).late is True


WORDS = "舞台在检修，" * 30  # longer than any short word for the file


@pytest.mark.parametrize("verb", ["resize", "call_off", "move", "cancel", "release", "withdraw"])
async def test_the_reason_reaches_whom_it_concerns(tiny: World, verb: str) -> None:
    boss = await tiny.person()
    need = await tiny.need(seats=4)
    first, _second, asked, _ = await peopled(tiny, need, boss)
    shift = await Shift.get(id=need.shift_id)
    await Notice.filter(kind="assignment.offered").update(read_at=START)  # what was seen is not silenced
    act = coordinator(boss)
    if verb == "resize":
        await changes.resize(act, need.id, 1, WORDS[:200], release=True)
    elif verb == "call_off":
        await changes.call_off(act, need.id, WORDS[:200])
    elif verb == "move":
        later = Hours(shift.starts_at + timedelta(hours=1), shift.ends_at + timedelta(hours=1), shift.venue_id)
        await changes.move(act, shift.id, later, WORDS[:200])
    elif verb == "cancel":
        await events.cancel(act, shift.event_id, WORDS[:200])
    elif verb == "release":
        await assignments.release(act, first.id, words=WORDS[:200])
    else:
        await assignments.withdraw(act, asked.id, words=WORDS[:200])
    rows = await Notice.filter(channel="app").exclude(kind="assignment.offered")
    assert rows
    for row in rows:
        for language in ("zh", "en"):
            told_ = letters.said(row, None, "Asia/Shanghai", language)
            assert told_.text.endswith(WORDS[:200]), row.kind
            assert {"zh": "原因：", "en": "The reason given: "}[language] in told_.text
