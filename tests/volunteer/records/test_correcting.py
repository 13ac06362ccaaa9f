"""A correction is another record in the place of the older one, with signatures of its own."""

from datetime import timedelta

import pytest

from tests.volunteer.offices import Office, now
from volunteer.errors import Forbidden, Invalid, Missing, Refused
from volunteer.models import ServiceRecord
from volunteer.records import correcting, signing
from volunteer.records.signing import Line


async def disputed(office: Office) -> ServiceRecord:
    record = await office.served()
    await signing.confirm(office.act("leader"), [Line(record.id)])
    return await signing.dispute(office.act("recorder"), record.id, "时长不符")


async def test_the_new_record_bears_none_of_the_old_signatures(office: Office) -> None:
    old = await disputed(office)
    new = await correcting.correct(office.act("organiser"), old.id, minutes=60, reason="核对签到表")
    assert (await now(old)).state == "corrected"
    assert (new.state, new.minutes, new.supersedes_id) == ("confirmed", 60, old.id)
    assert (new.confirmed_by, new.signed_by) == (office.people["organiser"], None)
    again = await correcting.correct(office.act("organiser"), old.id, minutes=60, reason="核对签到表")
    assert again.id == new.id
    with pytest.raises(Refused):
        await correcting.correct(office.act("coordinator"), old.id, minutes=30, reason="再改")
    assert await ServiceRecord.all().count() == 2


async def test_other_times_may_be_given_and_bound_the_hours(office: Office) -> None:
    record = await office.served(came=60)
    await signing.confirm(office.act("leader"), [Line(record.id, reason="迟到")])
    old = await signing.dispute(office.act("recorder"), record.id, "签到机坏了")
    with pytest.raises(Refused) as error:
        await correcting.correct(office.act("organiser"), old.id, minutes=120, reason="准时到场")
    assert [r.rule for r in error.value.reasons] == ["hours_above"]
    with pytest.raises(Invalid):
        await correcting.correct(office.act("organiser"), old.id, minutes=120, reason="准时到场", came=old.plan_from)
    with pytest.raises(Invalid):
        await correcting.correct(
            office.act("organiser"), old.id, minutes=120, reason="倒着",
            came=old.plan_until, left=old.plan_until - timedelta(minutes=1),
        )  # fmt: skip
    new = await correcting.correct(
        office.act("organiser"), old.id, minutes=120, reason="准时到场", came=old.plan_from, left=old.plan_until
    )
    assert (new.minutes, new.came_at, old.came_at) == (120, old.plan_from, old.plan_from + timedelta(minutes=60))


async def test_no_correction_puts_somebody_in_two_places_at_once(office: Office) -> None:
    old = await disputed(office)
    await office.served(came=90)
    said = {"minutes": 60, "reason": "核对签到表", "came": old.plan_from}
    with pytest.raises(Refused) as error:
        await correcting.correct(office.act("organiser"), old.id, left=old.plan_until, **said)
    assert [r.rule for r in error.value.reasons] == ["served_elsewhere"]
    until = old.plan_from + timedelta(minutes=90)
    for _ in range(2):
        assert (await correcting.correct(office.act("organiser"), old.id, left=until, **said)).left_at == until
    with pytest.raises(Refused) as error:  # other times are another correction
        await correcting.correct(office.act("organiser"), old.id, left=until - timedelta(minutes=1), **said)
    assert [r.rule for r in error.value.reasons] == ["record_superseded"]


async def test_what_runs_its_course_is_not_corrected(office: Office) -> None:
    record = await office.served()
    for _ in range(2):
        with pytest.raises(Refused) as error:
            await correcting.correct(office.act("organiser"), record.id, minutes=60, reason="改")
        assert [r.rule for r in error.value.reasons] == ["record_step"]
        if record.version == 1:
            await signing.confirm(office.act("leader"), [Line(record.id)])
            await signing.sign(office.act("recorder"), [record.id])
            record = await now(record)


async def test_only_who_runs_the_service_corrects_and_never_their_own(office: Office) -> None:
    old = await disputed(office)
    with pytest.raises(Missing):
        await correcting.correct(office.act("away"), old.id, minutes=60, reason="改")
    for key in ("recorder", "leader", "volunteer"):
        with pytest.raises(Forbidden):
            await correcting.correct(office.act(key), old.id, minutes=60, reason="改")
    await ServiceRecord.filter(id=old.id).update(volunteer_id=office.people["coordinator"])
    with pytest.raises(Refused) as error:
        await correcting.correct(office.act("coordinator"), old.id, minutes=60, reason="改")
    assert [r.rule for r in error.value.reasons] == ["hand_served"]
