"""Two signatures on every record, and never one person's twice."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from tortoise.exceptions import IntegrityError

from tests.volunteer.offices import Office, now
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Entry, Notice, Objection, ServiceRecord
from volunteer.records import signing, steps
from volunteer.records.signing import Line


def rules(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.rule for reason in error.value.reasons]


async def test_confirmed_by_who_led_and_signed_by_a_recorder(office: Office) -> None:
    record = await office.served()
    await signing.confirm(office.act("leader"), [Line(record.id)])
    confirmed = await now(record)
    assert (confirmed.state, confirmed.confirmed_by) == ("confirmed", office.people["leader"])
    await signing.sign(office.act("recorder"), [record.id])
    signed = await now(record)
    assert (signed.state, signed.signed_by, signed.version) == ("under_notice", office.people["recorder"], 3)
    assert signed.notice_from is not None
    assert signed.notice_until is not None
    assert (signed.notice_until - signed.notice_from).days >= 3
    assert await Notice.filter(kind="record.noticed", volunteer_id=record.volunteer_id, channel="app").count() == 1
    kinds = await Entry.filter(topic=f"volunteer:{record.volunteer_id}").order_by("seq").values_list("kind", flat=True)
    assert kinds == ["record.proposed", "record.confirmed", "record.noticed"]


async def test_the_same_again_changes_nothing(office: Office) -> None:
    record = await office.served(came=0, left=60)
    said = [Line(record.id, reason="早退，有事")]
    for _ in range(2):
        await signing.confirm(office.act("leader"), said)
    assert (await now(record)).version == 2
    for _ in range(2):
        await signing.sign(office.act("recorder"), [record.id])
    assert (await now(record)).version == 3
    with pytest.raises(Refused) as error:
        await signing.sign(office.act("second"), [record.id])
    assert rules(error) == ["record_step"]
    with pytest.raises(Refused) as error:
        await signing.confirm(office.act("leader"), [Line(record.id, 30, "再少些")])
    assert rules(error) == ["record_step"]


@pytest.mark.parametrize(
    ("came", "minutes", "reason", "rule"),
    [
        (0, None, "", ""),
        (0, 150, "", "hours_above"),
        (0, 90, "", "hours_lowered"),
        (0, 90, "早退", ""),
        (0, 0, "没有参加", ""),
        (0, 45, "", "hours_unit"),
        (0, -30, "早退", "hours_unit"),
        (60, None, "", "hours_short"),
        (60, None, "受邀只参加后半场", ""),
        (60, 90, "受邀只参加后半场", "hours_above"),
        (30, None, "", ""),
    ],
)
async def test_hours_are_lowered_with_a_reason_and_never_raised(
    office: Office, came: int, minutes: int | None, reason: str, rule: str
) -> None:
    record = await office.served(came=came)
    line = [Line(record.id, minutes, reason)]
    if not rule:
        await signing.confirm(office.act("leader"), line)
        found = await now(record)
        assert (found.minutes, found.reason) == (record.minutes if minutes is None else minutes, reason)
        return
    with pytest.raises(Refused) as error:
        await signing.confirm(office.act("leader"), line)
    assert rules(error) == [rule]
    assert (await now(record)).version == 1


async def test_overtime_counts_only_when_another_has_approved_it(office: Office) -> None:
    record = await office.served(left=200)
    with pytest.raises(Refused) as error:
        await signing.confirm(office.act("leader"), [Line(record.id, 180)])
    assert rules(error) == ["hours_above"]
    with pytest.raises(Forbidden):
        await signing.extend(office.act("leader"), record.id, 60)
    extended = await signing.extend(office.act("organiser"), record.id, 60)
    assert (extended.minutes, extended.overtime) == (180, 60)
    with pytest.raises(Refused) as error:
        await signing.confirm(office.act("organiser"), [Line(record.id)])
    assert rules(error) == ["hand_extended"]
    await signing.confirm(office.act("leader"), [Line(record.id)])
    assert (await now(record)).minutes == 180
    with pytest.raises(Refused) as error:
        await signing.extend(office.act("coordinator"), record.id, 120)
    assert rules(error) == ["record_step"]


async def test_a_batch_is_confirmed_whole_or_not_at_all(office: Office) -> None:
    good, own = await office.served(), await office.served("leader")
    with pytest.raises(Refused) as error:
        await signing.confirm(office.act("leader"), [Line(good.id), Line(own.id)])
    assert rules(error) == ["hand_served"]
    assert {(await now(one)).state for one in (good, own)} == {"proposed"}
    await signing.confirm(office.act("organiser"), [Line(good.id), Line(own.id)])
    assert {(await now(one)).state for one in (good, own)} == {"confirmed"}


async def test_a_strangers_record_is_missing_and_a_role_does_only_what_is_its_own(office: Office) -> None:
    record = await office.served()
    for key in ("away", "stranger"):
        with pytest.raises(Missing):
            await signing.confirm(office.act(key), [Line(record.id)])
        with pytest.raises(Missing):
            await signing.sign(office.act(key), [record.id])
    for key in ("volunteer", "recorder"):
        with pytest.raises(Forbidden):
            await signing.confirm(office.act(key), [Line(record.id)])
    for key in ("leader", "organiser", "coordinator", "volunteer"):
        with pytest.raises(Forbidden):
            await signing.sign(office.act(key), [record.id])
    with pytest.raises(Missing):
        await signing.sign(office.act("recorder"), [uuid4()])


async def test_a_recorder_may_refuse_to_sign_and_says_why(office: Office) -> None:
    record = await office.served()
    await signing.confirm(office.act("leader"), [Line(record.id)])
    await signing.dispute(office.act("recorder"), record.id, "签到表上没有此人")
    assert (await now(record)).state == "disputed"
    said = await Objection.get(record_id=record.id)
    assert (said.upheld, said.volunteer_id) == (True, office.people["recorder"])
    with pytest.raises(Refused):
        await signing.sign(office.act("second"), [record.id])


# ---- separation of duties: every hand that must stay away, with the guard and without it ----

Make = Callable[[Office], Any]


async def _confirmed(office: Office, by: str, **fields: Any) -> ServiceRecord:
    record = await office.served(**fields)
    await signing.confirm(office.act(by), [Line(record.id)])
    return record


async def _confirm(office: Office, by: str, record: ServiceRecord) -> None:
    await signing.confirm(office.act(by), [Line(record.id)])


async def _sign(office: Office, by: str, record: ServiceRecord) -> None:
    await signing.sign(office.act(by), [record.id])


async def _extend(office: Office, by: str, record: ServiceRecord) -> None:
    await signing.extend(office.act(by), record.id, 30)


async def hands(office: Office, verb: str, hand: str) -> tuple[ServiceRecord, Any]:
    """A record in which ``all`` (coordinator and recorder) has this hand, and the step that they must not take."""
    me = office.people["all"]
    step = {"confirm": _confirm, "sign": _sign, "extend": _extend}[verb]
    changed: dict[str, Any] = {
        "served": {}, "organised": {"organiser_id": me}, "led": {"leaders": [str(me)]}, "confirmed": {},
        "asked": {"asked_by": me, "source": "makeup", "evidence": "照片"},
        "extended": {"overtime": 30, "overtime_by": me},
    }[hand]  # fmt: skip
    record = await office.served("all" if hand == "served" else "volunteer")
    if hand == "asked" and verb == "extend":
        changed |= {"source": "checkin"}  # made-up hours have no overtime at all
    await ServiceRecord.filter(id=record.id).update(**changed)
    if verb == "sign" or hand == "confirmed":
        await signing.confirm(office.act("all" if hand == "confirmed" else "coordinator"), [Line(record.id)])
    if hand == "confirmed" and verb == "extend":
        await ServiceRecord.filter(id=record.id).update(state="proposed")
    return record, step


PAIRS = [(verb, hand) for verb in ("confirm", "sign", "extend") for hand in sorted(steps.APART[verb])]


@pytest.mark.parametrize(("verb", "hand"), PAIRS)
async def test_no_hand_signs_twice_and_a_planted_mutant_meets_the_database(
    office: Office, monkeypatch: pytest.MonkeyPatch, verb: str, hand: str
) -> None:
    record, step = await hands(office, verb, hand)
    before = (await now(record)).version
    with pytest.raises(Refused) as error:
        await step(office, "all", record)
    assert rules(error) == [f"hand_{hand}"]
    assert (await now(record)).version == before
    # The mutant: this one hand is forgotten. The constraint of the table is the second guard.
    monkeypatch.setattr(steps, "APART", {**steps.APART, verb: steps.APART[verb] - {hand}})
    if (verb, hand) == ("extend", "confirmed"):
        return  # a confirmed record takes no overtime: its state is the second guard
    with pytest.raises(IntegrityError):
        await step(office, "all", record)
    assert (await now(record)).version == before
