"""The notice ends, the record is locked, and the ledger can only be added to."""

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection
from tortoise.functions import Sum

from tests.volunteer.offices import Office, lapse, now
from volunteer.act import system
from volunteer.models import Credit, Notice, ServiceRecord
from volunteer.records import correcting, locking, signing
from volunteer.records.signing import Line


async def signed(office: Office, key: str = "volunteer") -> ServiceRecord:
    record = await office.served(key)
    await signing.confirm(office.act("organiser"), [Line(record.id)])
    await signing.sign(office.act("recorder"), [record.id])
    return record


async def test_nothing_is_locked_before_its_notice_is_over(office: Office) -> None:
    record = await signed(office)
    assert await locking.lock_due(system()) == 0
    await lapse(record)
    assert await locking.lock_due(system()) == 1
    assert await locking.lock_due(system()) == 0
    found = await now(record)
    assert (found.state, found.version) == ("locked", 4)
    line = await Credit.get(record_id=record.id)
    assert (line.kind, line.minutes, line.volunteer_id) == ("credit", 120, record.volunteer_id)
    assert await Notice.filter(kind="record.locked", volunteer_id=record.volunteer_id, channel="app").exists()


async def test_the_ledger_is_only_added_to(office: Office) -> None:
    record = await signed(office)
    await lapse(record)
    await locking.lock_due(system())
    for statement in ("UPDATE credit SET minutes = 600", "DELETE FROM credit"):
        with pytest.raises(asyncpg.RaiseError):
            await get_connection("default").execute_query(statement)
    assert await Credit.all().values_list("minutes", flat=True) == [120]


async def test_a_correction_of_a_locked_record_leaves_it_and_adds_a_contra_entry(office: Office) -> None:
    record = await signed(office)
    await lapse(record)
    await locking.lock_due(system())
    new = await correcting.correct(office.act("organiser"), record.id, minutes=60, reason="实际只到一小时")
    assert (await now(record)).state == "locked"
    await signing.sign(office.act("second"), [new.id])
    await lapse(new)
    assert await locking.lock_due(system()) == 1
    assert [(await now(one)).state for one in (record, new)] == ["corrected", "locked"]
    lines = await Credit.all().order_by("at", "kind").values_list("record_id", "kind", "minutes")
    assert lines == [(record.id, "credit", 120), (record.id, "contra", -120), (new.id, "credit", 60)]


async def test_a_correction_that_was_itself_corrected_takes_back_the_one_that_counts(office: Office) -> None:
    record = await signed(office)
    await lapse(record)
    await locking.lock_due(system())
    first = await correcting.correct(office.act("organiser"), record.id, minutes=60, reason="核实")
    await signing.dispute(office.act("second"), first.id, "仍不符")
    second = await correcting.correct(office.act("organiser"), first.id, minutes=90, reason="再核实")
    await signing.sign(office.act("second"), [second.id])
    await lapse(second)
    await locking.lock_due(system())
    assert [(await now(one)).state for one in (record, first, second)] == ["corrected", "corrected", "locked"]
    assert await Credit.all().order_by("at", "minutes").values_list("minutes", flat=True) == [120, -120, 90]


async def test_p24_a_record_that_cannot_be_locked_keeps_no_other_from_it(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that nothing can change, as a hand-mended database may hold one."""
    records = sorted([await signed(office) for _ in range(3)], key=lambda record: record.id)
    for record in records:
        await lapse(record)
    stuck = f"ALTER TABLE service_record ADD CONSTRAINT stuck CHECK (id <> '{records[0].id}') NOT VALID"
    await get_connection("default").execute_script(stuck)
    assert await locking.lock_due(system()) == 2
    assert [(await now(record)).state for record in records] == ["under_notice", "locked", "locked"]
    assert "one of many writes failed" in caplog.text


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from([0, 30, 60, 90, 120]), st.booleans(), st.booleans()), min_size=1, max_size=4))
async def test_the_sum_is_what_the_locked_records_say_whatever_was_corrected(
    office: Office, lives: list[tuple[int, bool, bool]]
) -> None:
    """Each life of a record: what it is corrected to, whether it is corrected at all, and whether that is locked."""
    for minutes, corrected, through in lives:
        record = await signed(office)
        await lapse(record)
        await locking.lock_due(system())
        if not corrected:
            continue
        new = await correcting.correct(office.act("organiser"), record.id, minutes=minutes, reason="核实后更正")
        await signing.sign(office.act("second"), [new.id])
        if through:
            await lapse(new)
            await locking.lock_due(system())
    locked = await ServiceRecord.filter(state="locked").values_list("minutes", flat=True)
    (found,) = await Credit.annotate(all=Sum("minutes")).values_list("all", flat=True)
    assert found == sum(int(minutes) for minutes in locked)  # type: ignore[call-overload]
