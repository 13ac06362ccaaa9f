"""A service is taken down once, with its deadlines counted in working days."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.volunteer.offices import Office, now
from volunteer import journal
from volunteer.act import system
from volunteer.errors import Refused
from volunteer.models import Entry, ServiceRecord
from volunteer.records import proposing
from volunteer.records.hours import Terms

CHINA = ZoneInfo("Asia/Shanghai")


async def test_a_service_becomes_a_record_that_waits(office: Office) -> None:
    record = await now(await office.served(came=20))
    assert (record.state, record.minutes, record.version) == ("proposed", 90, 1)
    entry = await Entry.get(kind="record.proposed", topic=f"volunteer:{record.volunteer_id}")
    assert entry.body["record"]["minutes"] == 90
    assert {e.topic for e in await Entry.filter(kind="record.proposed")} == {
        f"volunteer:{record.volunteer_id}", "region:350502", "region:350502001"
    }  # fmt: skip
    assert "陈" not in str(entry.body)


async def test_the_same_service_is_recorded_once(office: Office) -> None:
    record = await office.served()
    service = proposing.Served(
        volunteer=record.volunteer_id, cause=record.cause, matter=record.matter, title="x", title_en="", place="",
        content="", region=record.region_id, unit=None, organiser=None, leaders=frozenset(), source="roll",
        stay=proposing.stay(record), ended=record.plan_until,
    )  # fmt: skip
    with pytest.raises(Refused) as error:
        await journal.writing(system(), lambda w: proposing.propose(w, service, Terms()))
    assert [r.rule for r in error.value.reasons] == ["recorded"]
    assert await ServiceRecord.all().count() == 1


async def test_ten_working_days_step_over_the_spring_festival(office: Office) -> None:
    """Ended on Friday, 13 February 2026: the 14th is worked, the 15th to the 23rd are off, the 28th is worked."""
    record = await office.served(ended=datetime(2026, 2, 13, 21, tzinfo=CHINA))
    dates = [at.astimezone(CHINA).isoformat() for at in (record.nudge_at, record.late_at, record.due_at)]
    assert dates == ["2026-02-25T00:00:00+08:00", "2026-03-01T00:00:00+08:00", "2026-03-06T00:00:00+08:00"]
