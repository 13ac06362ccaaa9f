"""Who came: by code, by roll call, not at all, and said so afterwards."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from dispatch.agenda import events
from dispatch.models import Assignment, Event, Need, Shift, Venue
from dispatch.planner.problem import Point
from dispatch.roster import assignments, attendance
from tests.dispatch import world
from tests.dispatch.roster.test_assignments import rules_of
from tests.dispatch.world import World, by, coordinator, starting
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Entry, Notice, Volunteer


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def seated(tiny: World, minutes: float, **fields: object) -> tuple[Volunteer, Assignment, Need]:
    """Somebody who has accepted a shift that begins so many minutes from now."""
    person, need = await tiny.person(), await tiny.need(after=starting(minutes), **fields)  # type: ignore[arg-type]
    line = await tiny.offered(need, person, expires=datetime.now(UTC) + timedelta(hours=1))
    return person, await assignments.accept(by(person), line.id), need


async def test_the_code_that_the_venue_shows_signs_in(tiny: World) -> None:
    boss = await tiny.person()
    person, line, need = await seated(tiny, 10)
    shown = await attendance.code(coordinator(boss), need.shift_id)
    done = await attendance.sign_in(by(person), line.id, shown.typed)
    assert (done.status, done.came_by, done.near, done.marked_by) == ("checked_in", "code", None, None)
    assert done.checked_in_at is not None
    again = await attendance.sign_in(by(person), line.id, "anything")
    assert again.version == done.version
    entry = await Entry.filter(kind="assignment.checked_in", topic=f"volunteer:{person.id}").get()
    assert shown.typed not in str(entry.body)


async def test_a_scanned_code_signs_in_and_only_whether_it_was_near_is_kept(tiny: World) -> None:
    boss = await tiny.person()
    await Venue.all().update(approximate=False)
    for there, near in ((Point(24.9101, 118.5901), True), (Point(24.93, 118.60), False)):
        person, line, need = await seated(tiny, 10)
        shown = await attendance.code(coordinator(boss), need.shift_id)
        done = await attendance.sign_in(by(person), line.id, shown.scanned, there=there)
        assert (done.came_by, done.near) == ("qr", near)
    await Venue.all().update(approximate=True)
    person, line, need = await seated(tiny, 10)
    shown = await attendance.code(coordinator(boss), need.shift_id)
    unknown = await attendance.sign_in(by(person), line.id, shown.scanned, there=Point(0, 0))
    assert unknown.near is None


@pytest.mark.parametrize(
    ("minutes", "rule"), [(40, "too_early"), (29, ""), (-14, ""), (-16, "signin_closed"), (-200, "signin_closed")]
)
async def test_sign_in_has_its_time(tiny: World, minutes: float, rule: str) -> None:
    boss = await tiny.person()
    person, line, need = await seated(tiny, 60)
    begins = datetime.now(UTC) + timedelta(minutes=minutes)
    await Shift.filter(id=need.shift_id).update(starts_at=begins, ends_at=begins + timedelta(hours=2))
    shown = await attendance.code(coordinator(boss), need.shift_id)
    if rule:
        with pytest.raises(Refused) as error:
            await attendance.sign_in(by(person), line.id, shown.typed)
        assert rules_of(error) == [rule]
    else:
        assert (await attendance.sign_in(by(person), line.id, shown.typed)).status == "checked_in"


async def test_guessing_is_counted_although_it_is_refused(tiny: World) -> None:
    boss = await tiny.person()
    person, line, need = await seated(tiny, 10)
    wrong = "not it"
    for _ in range(attendance.GUESSES):
        with pytest.raises(Refused) as error:
            await attendance.sign_in(by(person), line.id, wrong)
        assert rules_of(error) == ["venue_code"]
    shown = await attendance.code(coordinator(boss), need.shift_id)
    with pytest.raises(Refused) as error:
        await attendance.sign_in(by(person), line.id, shown.typed)
    assert rules_of(error) == ["too_many_guesses"]
    assert (await attendance.check_in(coordinator(boss), line.id)).came_by == "roll"


async def test_the_leader_on_the_spot_calls_the_roll_but_not_their_own_name(tiny: World) -> None:
    leader, own, need = await seated(tiny, 10, leader=True, seats=1)
    helper = await tiny.person()
    other = await tiny.need(shift_id=need.shift_id, role="引导")
    line = await tiny.offered(other, helper)
    await assignments.accept(by(helper), line.id)
    assert (await attendance.code(by(leader), need.shift_id)).shift_id == need.shift_id
    done = await attendance.check_in(by(leader), line.id)
    assert (done.status, done.came_by, done.marked_by) == ("checked_in", "roll", leader.id)
    with pytest.raises(Refused) as error:
        await attendance.check_in(by(leader), own.id)
    assert rules_of(error) == ["not_yourself"]
    with pytest.raises(Forbidden):
        await attendance.check_in(by(helper), line.id)
    with pytest.raises(Missing):
        await attendance.check_in(by(await tiny.person()), line.id)
    with pytest.raises(Missing):
        await attendance.code(by(await tiny.person()), need.shift_id)


async def test_a_roll_may_name_an_earlier_moment_but_none_ahead(tiny: World) -> None:
    boss = await tiny.person()
    _, line, need = await seated(tiny, 10)
    begins = datetime.now(UTC) - timedelta(minutes=50)
    await Shift.filter(id=need.shift_id).update(starts_at=begins, ends_at=begins + timedelta(hours=2))
    for wrong in (begins - timedelta(hours=1), datetime.now(UTC) + timedelta(minutes=1)):
        with pytest.raises(Refused) as error:
            await attendance.check_in(coordinator(boss), line.id, at=wrong)
        assert rules_of(error) == ["not_then"]
    assert (await attendance.check_in(coordinator(boss), line.id, at=begins)).checked_in_at == begins


async def test_leaving_and_completing(tiny: World) -> None:
    boss = await tiny.person()
    person, line, need = await seated(tiny, 10)
    begins = datetime.now(UTC) - timedelta(hours=1)
    await Shift.filter(id=need.shift_id).update(starts_at=begins, ends_at=begins + timedelta(hours=2))
    await attendance.check_in(coordinator(boss), line.id, at=begins)
    out = await attendance.check_out(by(person), line.id)
    assert (out.status, out.checked_out_at is not None) == ("checked_in", True)
    assert (await attendance.check_out(by(person), line.id)).version == out.version
    with pytest.raises(Forbidden):
        await attendance.complete(by(person), line.id)
    done = await attendance.complete(coordinator(boss), line.id)
    assert (done.status, done.checked_out_at) == ("completed", out.checked_out_at)
    assert (await attendance.complete(coordinator(boss), line.id)).version == done.version
    with pytest.raises(Refused):
        await attendance.complete(coordinator(boss), line.id, left=begins + timedelta(minutes=5))
    assert await world.taken(need.id) == 1


async def test_who_does_not_come_gives_the_seat_back_at_once(tiny: World) -> None:
    boss, spare = await tiny.person(), await tiny.person()
    person, line, need = await seated(tiny, 10)
    with pytest.raises(Refused) as error:
        await attendance.miss(coordinator(boss), line.id)
    assert rules_of(error) == ["wait_longer"]
    begins = datetime.now(UTC) - timedelta(minutes=31)
    await Shift.filter(id=need.shift_id).update(starts_at=begins)
    gone = await attendance.miss(coordinator(boss), line.id)
    assert (gone.status, await world.taken(need.id)) == ("no_show", 0)
    await person.refresh_from_db()
    assert person.no_shows == 1
    assert await Notice.filter(volunteer_id=person.id, kind="assignment.missed").count() == 1
    replacement = await assignments.offer(coordinator(boss), need.id, spare.id)
    assert (await assignments.accept(by(spare), replacement.id)).status == "accepted"


async def test_an_excused_absence_counts_for_nothing(tiny: World) -> None:
    boss = await tiny.person()
    person, line, need = await seated(tiny, 10)
    await Shift.filter(id=need.shift_id).update(starts_at=datetime.now(UTC) - timedelta(minutes=31))
    await attendance.miss(coordinator(boss), line.id, excused=True)
    await person.refresh_from_db()
    assert person.no_shows == 0


@pytest.mark.parametrize("refilled", [False, True])
async def test_a_correction_needs_a_second_person_and_a_seat_or_goes_beside(tiny: World, refilled: bool) -> None:
    boss, second, spare = await tiny.person(), await tiny.person(), await tiny.person()
    person, line, need = await seated(tiny, 10)
    begins = datetime.now(UTC) - timedelta(minutes=40)
    await Shift.filter(id=need.shift_id).update(starts_at=begins)
    await attendance.miss(coordinator(boss), line.id)
    if refilled:
        await assignments.accept(by(spare), (await assignments.offer(coordinator(boss), need.id, spare.id)).id)
    left = begins + timedelta(minutes=35)
    with pytest.raises(Refused) as error:
        await attendance.correct(coordinator(boss), line.id, "签到表上有名字", came=begins, left=left)
    assert rules_of(error) == ["second_person"]
    done = await attendance.correct(coordinator(second), line.id, "签到表上有名字", came=begins, left=left)
    assert (done.status, done.extra, done.marked_by) == ("completed", refilled, second.id)
    await person.refresh_from_db()
    assert (person.no_shows, await world.taken(need.id)) == (0, 1)
    entry = await Entry.filter(kind="assignment.corrected").first()
    assert entry is not None
    assert "签到表" not in str(entry.body)


async def test_the_roll_of_a_shift_is_closed_at_once(tiny: World) -> None:
    boss = await tiny.person()
    _, line, need = await seated(tiny, 10, seats=2)
    late = await tiny.person()
    unanswered = await tiny.offered(need, late)
    begins = datetime.now(UTC) - timedelta(minutes=30)
    await Shift.filter(id=need.shift_id).update(starts_at=begins)
    await attendance.check_in(coordinator(boss), line.id, at=begins)
    done = await attendance.complete_all(coordinator(boss), need.shift_id)
    assert [each.id for each in done] == [line.id]
    assert (await Assignment.get(id=unanswered.id)).status == "offered"
    with pytest.raises(Missing):
        await attendance.complete_all(by(late), need.shift_id)


async def test_who_came_only_to_put_things_away_closes_with_the_others(tiny: World) -> None:
    boss = await tiny.person()
    _, line, need = await seated(tiny, 10)
    ends = datetime.now(UTC) - timedelta(minutes=20)
    await Shift.filter(id=need.shift_id).update(starts_at=ends - timedelta(hours=1), ends_at=ends, out=30)
    await Assignment.filter(id=line.id).update(
        occupies_from=ends - timedelta(hours=1), occupies_until=ends + timedelta(minutes=30)
    )
    came = ends + timedelta(minutes=10)
    await attendance.check_in(coordinator(boss), line.id, at=came)
    (done,) = await attendance.complete_all(coordinator(boss), need.shift_id)
    assert done.checked_out_at == came


async def test_a_cancelled_event_has_no_roll_and_leaves_nobody_waiting(tiny: World) -> None:
    boss = await tiny.person()
    _, line, need = await seated(tiny, 10)
    await Event.all().update(state="cancelled")
    with pytest.raises(Refused) as error:
        await attendance.check_in(coordinator(boss), line.id)
    assert rules_of(error) == ["closed"]
    await Event.all().update(state="published")
    await events.cancel(coordinator(boss), (await need.shift).event_id, "台风")
    assert (await Assignment.get(id=line.id)).status == "released"
