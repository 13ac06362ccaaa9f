"""Corrections (办法 art. 13: verify, correct, add): another record in the place of a disputed or locked one.

It is confirmed by who corrects, then signed, noticed and locked as any other. A locked one stands until then; in the
ledger its credit stays, with a contra entry beside it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from volunteer import journal
from volunteer.act import Act, fresh_id
from volunteer.errors import Fault, Invalid, Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Objection, ServiceRecord
from volunteer.records import hours, steps
from volunteer.records.hours import Terms
from volunteer.records.proposing import deadlines, hands, held, move, nowhere_else, tell
from volunteer.records.signing import Line, settled


async def correct(
    act: Act, record_id: UUID, *, minutes: int, reason: str, came: datetime | None = None, left: datetime | None = None
) -> ServiceRecord:
    """The record that takes this one's place, with other hours; ``came``, ``left``: other times of coming and leaving
    than were noted. The same again gives the same record."""
    _sound(came, left)

    async def verb(w: Writing) -> ServiceRecord:
        (old,) = await held(w, [record_id], "record.correct")
        later = await ServiceRecord.get_or_none(supersedes_id=old.id)
        if later is not None:
            again = (minutes, reason.strip(), act.actor.id, came or later.came_at, left or later.left_at)
            if (later.minutes, later.reason, later.confirmed_by, later.came_at, later.left_at) == again:
                return later
            raise Refused([Reason("record_superseded")])
        steps.step(old.state, "correct")
        said = await Objection.filter(record_id=old.id, upheld=True).order_by("at", "id").first()
        steps.require_apart("correct", act.actor.id, hands(old, said.volunteer_id if said else None))
        if came is not None and left is not None:
            await nowhere_else(old.volunteer_id, old.cause, came, left)
        at = await w.clock()
        new = ServiceRecord(**{**_kept(old), **_fresh(act, old, at), **_times(old, came, left)})
        new.minutes, new.reason = settled(new, Line(new.id, minutes, reason))
        await new.save(force_create=True)
        if old.state == "disputed":
            await move(old, "correct")
            tell(w, "corrected", [old])
        tell(w, "confirmed", [new])
        return new

    return await journal.writing(act, verb)


def _sound(came: datetime | None, left: datetime | None) -> None:
    if (came is None) != (left is None):
        missing = "left" if left is None else "came"
        raise Invalid([Fault(missing, "到场与离开时间须一并填写", "give both, when they came and when they left")])
    if came is not None and left is not None and not 0 <= (left - came) / hours.MINUTE <= hours.LONGEST:
        raise Invalid([Fault("left", "须晚于到场时间，且不超过 24 小时", "must lie after the coming, within 24 hours")])


def _kept(old: ServiceRecord) -> dict[str, Any]:
    """What the record was about; nobody's signature."""
    names = (
        "volunteer_id", "cause", "matter", "title", "title_en", "place", "content", "unit_id", "region_id",
        "organiser_id", "leaders", "source", "plan_from", "plan_until", "unit_minutes", "least_percent", "notice_days",
        "overtime", "overtime_by", "evidence", "asked_by", "nudge_at", "late_at", "due_at",
    )  # fmt: skip
    return {name: getattr(old, name) for name in names}


def _fresh(act: Act, old: ServiceRecord, at: datetime) -> Mapping[str, Any]:
    """What is new of it. One that corrects a locked record has its ten working days from now."""
    terms = Terms(old.unit_minutes, old.least_percent, notice_days=old.notice_days)
    due = deadlines(at, terms) if old.state == "locked" else {}
    signed = {"confirmed_by": act.actor.id, "confirmed_at": at}
    return {"id": fresh_id(act.at), "supersedes_id": old.id, "state": "confirmed", "created_at": at, **signed, **due}


def _times(old: ServiceRecord, came: datetime | None, left: datetime | None) -> Mapping[str, Any]:
    return {"came_at": came or old.came_at, "left_at": left or old.left_at}
