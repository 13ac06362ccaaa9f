"""Under public notice anybody may object, and until that is settled the record stays open."""

import pytest

from tests.volunteer.offices import Office, lapse, now
from volunteer.act import system
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Notice, Objection, ServiceRecord
from volunteer.records import locking, objecting, signing
from volunteer.records.signing import Line


async def noticed(office: Office) -> ServiceRecord:
    record = await office.served()
    await signing.confirm(office.act("leader"), [Line(record.id)])
    await signing.sign(office.act("recorder"), [record.id])
    return record


async def test_an_objection_holds_the_record_open_until_it_is_answered(office: Office) -> None:
    record = await noticed(office)
    said = await objecting.object_(office.act("stranger"), record.id, "当天他不在场")
    assert (await objecting.object_(office.act("stranger"), record.id, "again")).id == said.id
    assert await Notice.filter(kind="record.objected", volunteer_id=office.people["recorder"]).exists()
    await lapse(record)
    assert await locking.lock_due(system()) == 0
    await objecting.settle(office.act("recorder"), said.id, upheld=False, answer="签到表与照片可证")
    assert await Notice.filter(kind="objection.dismissed", volunteer_id=office.people["stranger"]).exists()
    assert await locking.lock_due(system()) == 1
    assert (await now(record)).state == "locked"


async def test_an_upheld_objection_stops_the_record(office: Office) -> None:
    record = await noticed(office)
    said = await objecting.object_(office.act("volunteer"), record.id, "少记了一小时")
    for _ in range(2):
        await objecting.settle(office.act("second"), said.id, upheld=True, answer="属实，将更正")
    assert (await now(record)).state == "disputed"
    with pytest.raises(Refused):
        await objecting.settle(office.act("second"), said.id, upheld=False, answer="改主意")
    await lapse(record)
    assert await locking.lock_due(system()) == 0


@pytest.mark.parametrize("key", ["all", "leader", "volunteer"])
async def test_nobody_settles_what_they_said_served_or_confirmed(office: Office, key: str) -> None:
    record = await noticed(office)
    await ServiceRecord.filter(id=record.id).update(signed_by=office.people["second"])
    said = await objecting.object_(office.act("all"), record.id, "有出入")
    with pytest.raises((Refused, Forbidden)):
        await objecting.settle(office.act(key), said.id, upheld=False, answer="没有")
    assert (await Objection.get(id=said.id)).upheld is None


async def test_only_what_is_public_meets_objections_and_only_in_its_time(office: Office) -> None:
    record = await office.served()
    with pytest.raises(Missing):
        await objecting.object_(office.act("stranger"), record.id, "尚未公示")
    record = await noticed(office)
    await lapse(record)
    with pytest.raises(Refused) as error:
        await objecting.object_(office.act("stranger"), record.id, "迟了")
    assert error.value.gone
    with pytest.raises(Forbidden):
        await objecting.object_(system(), record.id, "谁也不是")
    said = await Objection.all().count()
    assert said == 0


async def test_a_stranger_to_the_region_settles_nothing(office: Office) -> None:
    record = await noticed(office)
    said = await objecting.object_(office.act("stranger"), record.id, "有出入")
    with pytest.raises(Missing):
        await objecting.settle(office.act("away"), said.id, upheld=True, answer="属实")
