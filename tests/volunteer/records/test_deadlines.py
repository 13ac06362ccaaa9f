"""Whoever must sign is told in time, and whoever looks after them when it is late: once a stage."""

from datetime import timedelta

from tests.volunteer.offices import Office, lapse
from volunteer.act import system
from volunteer.models import Notice, ServiceRecord
from volunteer.records import deadlines, signing
from volunteer.records.hours import Terms
from volunteer.records.signing import Line


async def told(office: Office, kind: str) -> set[str]:
    names = {person: key for key, person in office.people.items()}
    return {names[row.volunteer_id] for row in await Notice.filter(kind=kind, channel="app")}


async def test_first_who_confirms_then_the_recorders_then_those_above(office: Office) -> None:
    record = await office.served()
    assert await deadlines.remind(system()) == 0
    await ServiceRecord.filter(id=record.id).update(nudge_at=record.created_at - timedelta(minutes=1))
    assert await deadlines.remind(system()) == 2
    assert await deadlines.remind(system()) == 0
    assert await told(office, "records.waiting") == {"organiser", "leader"}
    await signing.confirm(office.act("leader"), [Line(record.id)])
    assert await deadlines.remind(system()) == 2
    assert await told(office, "records.waiting") == {"organiser", "leader", "recorder", "second"}
    await ServiceRecord.filter(id=record.id).update(late_at=record.created_at - timedelta(minutes=1))
    await deadlines.remind(system())
    assert await told(office, "records.late") == {"recorder", "second", "coordinator", "all"}
    await ServiceRecord.filter(id=record.id).update(due_at=record.created_at - timedelta(minutes=1))
    await deadlines.remind(system())
    assert await told(office, "records.overdue") == {"recorder", "second", "coordinator", "all"}
    assert await deadlines.remind(system()) == 0


async def test_one_notice_a_matter_and_none_for_what_is_under_notice(office: Office) -> None:
    records = [await office.served() for _ in range(3)]
    for record in records:
        await lapse(record, timedelta(days=4))
    await deadlines.remind(system())
    (notice,) = await Notice.filter(kind="records.waiting", channel="app", volunteer_id=office.people["leader"])
    assert notice.data == {"records": 3}
    await signing.confirm(office.act("leader"), [Line(record.id) for record in records])
    await signing.sign(office.act("recorder"), [record.id for record in records])
    for record in records:
        await lapse(record, timedelta(days=30))
    assert await deadlines.remind(system()) == 0


async def test_the_notice_days_always_fit_before_the_deadline() -> None:
    for notice in range(1, 9):
        for nudge in (0, 2, 9):
            terms = Terms(notice_days=notice, nudge_days=nudge)
            late = terms.due_days - terms.notice_days - 1
            assert 0 <= min(terms.nudge_days, late) <= late < terms.due_days - notice
