"""What was served becomes a record; hours that no roll shows are made up with evidence and two reviewers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from dispatch import invariants
from dispatch.models import Assignment, Event, Need, Shift
from dispatch.roster import assignments, attendance, served
from tests.dispatch import world
from tests.dispatch.world import World, by, coordinator, starting
from volunteer.act import Act, Actor, Grant
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import ServiceRecord, Volunteer
from volunteer.records import signing
from volunteer.records.signing import Line

HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def over(need: Need, *, ago: timedelta = 3 * HOUR, state: str = "running") -> datetime:
    """The need's event began so long ago and lasted two hours; when it began."""
    begins = datetime.now(UTC).replace(microsecond=0) - ago
    span = {"starts_at": begins, "ends_at": begins + 2 * HOUR}
    await Shift.filter(id=need.shift_id).update(**span, call=30)
    await Event.filter(shifts__id=need.shift_id).update(**span, state=state)
    await Assignment.filter(need_id=need.id).update(occupies_from=begins - HOUR / 2, occupies_until=begins + 2 * HOUR)
    return begins


async def seated(tiny: World, **fields: object) -> tuple[Volunteer, Assignment, Need]:
    person, need = await tiny.person(), await tiny.need(after=starting(10), **fields)  # type: ignore[arg-type]
    line = await tiny.offered(need, person, expires=datetime.now(UTC) + HOUR)
    return person, await assignments.accept(by(person), line.id), need


async def test_a_completed_line_is_taken_down_in_the_same_transaction(tiny: World) -> None:
    boss = await tiny.person()
    person, line, need = await seated(tiny)
    begins = await over(need)
    await attendance.check_in(coordinator(boss), line.id, at=begins)
    for _ in range(2):
        await attendance.complete(coordinator(boss), line.id, left=begins + 2 * HOUR)
    (record,) = await ServiceRecord.all()
    event = await Event.get()
    assert (record.cause, record.matter, record.volunteer_id) == (line.id, event.id, person.id)
    assert (record.title, record.place, record.content) == (event.title, "海滨文化站", "助教")
    # Two and a half hours were planned with the call time; half an hour of them was missed.
    assert (record.minutes, record.source, record.plan_from) == (120, "roll", begins - HOUR / 2)


async def test_who_led_on_the_spot_confirms_the_others(tiny: World) -> None:
    boss = await tiny.person()
    leader, own, need = await seated(tiny, leader=True)
    helper = await tiny.person()
    second = await tiny.need(shift_id=need.shift_id, role="引导")
    line = await assignments.accept(by(helper), (await tiny.offered(second, helper)).id)
    await over(need)
    await over(second)
    for one in (own, line):
        await attendance.check_in(coordinator(boss), one.id)
    await attendance.complete_all(coordinator(boss), need.shift_id)
    mine, theirs = await ServiceRecord.get(cause=own.id), await ServiceRecord.get(cause=line.id)
    assert mine.leaders == theirs.leaders == [str(leader.id)]
    await signing.confirm(by(leader), [Line(theirs.id, reason="到场较晚")])
    with pytest.raises(Refused):
        await signing.confirm(by(leader), [Line(mine.id)])


async def test_a_corrected_absence_is_a_record_too(tiny: World) -> None:
    first, second = await tiny.person(), await tiny.person()
    _, line, need = await seated(tiny)
    begins = await over(need)
    await attendance.miss(coordinator(first), line.id)
    assert not await ServiceRecord.exists()
    await attendance.correct(coordinator(second), line.id, "在后台", came=begins, left=begins + 2 * HOUR)
    assert (await ServiceRecord.get(cause=line.id)).minutes == 120


async def test_hours_are_made_up_with_evidence_and_two_other_reviewers(tiny: World) -> None:
    boss, recorder = await tiny.person(), await tiny.person()
    person, line, need = await seated(tiny)
    begins = await over(need, state="finished")
    said = {"came": begins, "left": begins + 2 * HOUR, "reason": "忘记签到", "evidence": "合影第三排，签到本第 4 行"}
    record = await served.make_up(by(person), line.id, **said)
    assert (record.source, record.asked_by, record.minutes, record.evidence) == (
        "makeup", person.id, 120, said["evidence"]
    )  # fmt: skip
    assert (await served.make_up(by(person), line.id, **said)).id == record.id
    with pytest.raises(Refused):  # other times are another request, and there is one already
        await served.make_up(by(person), line.id, **(said | {"left": begins + HOUR}))
    with pytest.raises(Refused) as error:
        await served.make_up(coordinator(boss), line.id, **said)
    assert [r.rule for r in error.value.reasons] == ["recorded"]
    await signing.confirm(coordinator(boss), [Line(record.id)])
    both = Act(Actor(boss.id, (Grant("recorder", "350502"),)), datetime.now(UTC))
    with pytest.raises(Refused) as error:
        await signing.sign(both, [record.id])
    assert [r.rule for r in error.value.reasons] == ["hand_confirmed"]
    await signing.sign(Act(Actor(recorder.id, (Grant("recorder", "350502"),)), datetime.now(UTC)), [record.id])


async def test_who_asks_for_made_up_hours_reviews_them_in_no_role(tiny: World) -> None:
    boss = await tiny.person()
    _, line, need = await seated(tiny)
    begins = await over(need, state="finished")
    both = Act(Actor(boss.id, (Grant("coordinator", "350502"), Grant("recorder", "350502"))), datetime.now(UTC))
    record = await served.make_up(both, line.id, came=begins, left=begins + HOUR, reason="补录", evidence="照片")
    with pytest.raises(Refused) as error:
        await signing.confirm(both, [Line(record.id)])
    assert [r.rule for r in error.value.reasons] == ["hand_asked"]


@pytest.mark.parametrize(
    ("ago", "state", "came", "left", "rule"),
    [
        (3, "finished", 0, 2, ""),
        (3, "finished", -1, 2, "not_then"),
        (3, "finished", 0, 3, "not_then"),
        (3, "finished", 2, 1, "not_then"),
        (1, "running", 0, 1, "makeup_early"),
        (24 * 30, "closed", 0, 2, "makeup_late"),
        (24 * 5, "closed", 0, 2, ""),
        (3, "cancelled", 0, 2, "makeup_early"),
    ],
)
async def test_made_up_hours_have_their_time_and_never_exceed_the_plan(
    tiny: World, ago: int, state: str, came: int, left: int, rule: str
) -> None:
    boss = await tiny.person()
    _, line, need = await seated(tiny)
    begins = await over(need, ago=ago * HOUR, state=state)
    asked = {"came": begins + came * HOUR, "left": begins + left * HOUR, "reason": "补录", "evidence": "照片"}
    if not rule:
        assert (await served.make_up(coordinator(boss), line.id, **asked)).minutes == 120
        return
    with pytest.raises(Refused) as error:
        await served.make_up(coordinator(boss), line.id, **asked)
    assert [r.rule for r in error.value.reasons] == [rule]
    assert not await ServiceRecord.exists()


async def test_a_strangers_hours_are_missing(tiny: World) -> None:
    stranger, boss = await tiny.person(), await tiny.person()
    person, line, need = await seated(tiny)
    begins = await over(need)
    asked = {"came": begins, "left": begins + HOUR, "reason": "补录", "evidence": "照片"}
    for act in (by(stranger), coordinator(boss, "350503")):
        with pytest.raises(Missing):
            await served.make_up(act, line.id, **asked)
    recorder = Act(Actor(boss.id, (Grant("recorder", "350502"),)), datetime.now(UTC))
    with pytest.raises(Forbidden):
        await served.make_up(recorder, line.id, **asked)
    await attendance.check_in(coordinator(boss), line.id)
    await attendance.complete(coordinator(boss), line.id)
    with pytest.raises(Refused):
        await served.make_up(by(person), line.id, **asked)


async def test_a_roll_that_comes_after_the_request_closes_and_leaves_it_to_its_reviewers(tiny: World) -> None:
    """Whoever asked for made-up hours and is found on the roll after all keeps nobody's shift from being closed."""
    boss = await tiny.person()
    person, line, need = await seated(tiny, seats=2)
    other = await tiny.person()
    second = await assignments.accept(by(other), (await tiny.offered(need, other)).id)
    begins = await over(need, state="finished")
    said = {"came": begins, "left": begins + HOUR, "reason": "忘记签到", "evidence": "合影"}
    record = await served.make_up(by(person), line.id, **said)
    for one in (line, second):
        await attendance.check_in(coordinator(boss), one.id)
    assert len(await attendance.complete_all(coordinator(boss), need.shift_id)) == 2
    assert [one.id for one in await ServiceRecord.filter(cause=line.id)] == [record.id]
    assert (await ServiceRecord.get(id=record.id)).source == "makeup"
    assert (await ServiceRecord.get(cause=second.id)).source == "roll"
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


async def test_hours_asked_for_an_absence_that_is_corrected_stay_as_asked(tiny: World) -> None:
    first, second = await tiny.person(), await tiny.person()
    person, line, need = await seated(tiny)
    begins = await over(need)
    await attendance.miss(coordinator(first), line.id)
    record = await served.make_up(by(person), line.id, came=begins, left=begins + HOUR, reason="在场", evidence="合影")
    await attendance.correct(coordinator(second), line.id, "在后台", came=begins, left=begins + 2 * HOUR)
    assert [one.id for one in await ServiceRecord.all()] == [record.id]


async def test_nobody_is_made_up_for_two_places_at_once(tiny: World) -> None:
    """Who was marked absent here and served there is not credited for both."""
    boss, second = await tiny.person(), await tiny.person()
    person, line, need = await seated(tiny)
    begins = await over(need)
    await attendance.miss(coordinator(boss), line.id)
    other = await tiny.need(after=starting(10))
    there = await assignments.accept(by(person), (await tiny.offered(other, person)).id)
    await over(other, ago=2 * HOUR)
    await attendance.check_in(coordinator(boss), there.id)
    await attendance.complete(coordinator(boss), there.id)
    asked = {"came": begins, "left": begins + 2 * HOUR}
    for refused in (
        served.make_up(by(person), line.id, **asked, reason="在场", evidence="合影"),
        attendance.correct(coordinator(second), line.id, "在后台", **asked),
    ):
        with pytest.raises(Refused) as error:
            await refused
        assert [reason.rule for reason in error.value.reasons] == ["served_elsewhere"]
    before = {"came": begins - HOUR / 2, "left": begins + HOUR / 2}
    assert (await served.make_up(by(person), line.id, **before, reason="在场", evidence="合影")).minutes == 60
