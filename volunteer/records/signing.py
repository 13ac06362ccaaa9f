"""Two signatures: whoever led the service confirms the hours, a recorder who had no part in it signs beside them.

办法 art. 5 and 7; GB/T 40143 5.2.2 (a named recorder); 谁组织谁记录、谁记录谁证明. Every step locks its
records first, by id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from volunteer import days, journal, notices
from volunteer.act import Act, fresh_id
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Objection, ServiceRecord
from volunteer.quiet import ZONE
from volunteer.records import hours, steps
from volunteer.records.proposing import hands, held, move, stay, store, tell

AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One record to confirm. ``minutes``: none = as proposed. ``reason``: why fewer, or why so few of the plan."""

    id: UUID
    minutes: int | None = None
    reason: str = ""


async def confirm(act: Act, lines: Sequence[Line]) -> list[ServiceRecord]:
    """The hours of these records are right, says whoever led or organised: all of them or none. They may lower each
    with a reason; raise it only into overtime that a second person approved. The same again changes nothing."""

    async def verb(w: Writing) -> list[ServiceRecord]:
        wanted = {line.id: line for line in lines}
        rows = await held(w, wanted, "record.confirm")
        moved = [row for row in rows if not _as_said(row, wanted[row.id], act)]
        at = await w.clock()
        for row in moved:
            steps.step(row.state, "confirm")
            steps.require_apart("confirm", act.actor.id, hands(row))
            minutes, reason = settled(row, wanted[row.id])
            said = {"minutes": minutes, "reason": reason, "confirmed_by": act.actor.id, "confirmed_at": at}
            await move(row, "confirm", **said)
        tell(w, "confirmed", moved)
        return rows

    return await journal.writing(act, verb, patience=30)


def _as_said(row: ServiceRecord, line: Line, act: Act) -> bool:
    mine = row.state == "confirmed" and row.confirmed_by == act.actor.id
    return mine and line.minutes in (None, row.minutes) and line.reason in ("", row.reason)


def settled(row: ServiceRecord, line: Line) -> tuple[int, str]:
    """The minutes and the reason that are kept. :class:`Refused` naming what is wrong with them."""
    counted = hours.credit(stay(row), row.unit_minutes)
    most = hours.credit(stay(row), row.unit_minutes, row.overtime)
    minutes = row.minutes if line.minutes is None else line.minutes
    reason = line.reason.strip() or row.reason
    if minutes < 0 or minutes % row.unit_minutes:
        raise Refused([Reason("hours_unit", {"unit": row.unit_minutes})])
    if minutes > most:
        raise Refused([Reason("hours_above", {"hours": hours.spoken(most)})])
    if minutes < counted and not reason:
        raise Refused([Reason("hours_lowered", {"hours": hours.spoken(counted)})])
    if hours.short(minutes, stay(row).plan, row.least_percent) and not reason:
        raise Refused([Reason("hours_short", {"percent": row.least_percent})])
    return minutes, reason


async def extend(act: Act, record_id: UUID, minutes: int) -> ServiceRecord:
    """Approve so many minutes beyond the plan, before the hours are confirmed; by another than who confirms them. The
    proposed hours follow what was served."""

    async def verb(w: Writing) -> ServiceRecord:
        (row,) = await held(w, [record_id], "record.extend")
        if row.overtime == minutes and row.overtime_by == act.actor.id:
            return row
        if row.state != "proposed":
            raise Refused([Reason("record_step", {"state": row.state})])
        if row.source == "makeup":
            raise Refused([Reason("hours_made_up")])
        steps.require_apart("extend", act.actor.id, hands(row))
        if minutes % row.unit_minutes:
            raise Refused([Reason("hours_unit", {"unit": row.unit_minutes})])
        served = hours.credit(stay(row), row.unit_minutes, minutes)
        await store(row, overtime=minutes, overtime_by=act.actor.id, minutes=served)
        tell(w, "extended", [row])
        return row

    return await journal.writing(act, verb)


async def sign(act: Act, ids: Iterable[UUID]) -> list[ServiceRecord]:
    """The recorder's signature: from now these records lie under public notice, for whole working days; all of them or
    none. The same again changes nothing."""

    async def verb(w: Writing) -> list[ServiceRecord]:
        rows = await held(w, ids, "record.sign")
        fresh = [row for row in rows if row.state != "under_notice" or row.signed_by != act.actor.id]
        at = await w.clock()
        for row in fresh:
            steps.step(row.state, "sign")
            steps.require_apart("sign", act.actor.id, hands(row))
            until = days.working_days_after(at, row.notice_days, ZONE)
            await move(row, "sign", signed_by=act.actor.id, notice_from=at, notice_until=until)
            about = {"hours": hours.spoken(row.minutes)}
            await notices.owe(w, "record.noticed", row.volunteer_id, ref=row.id, until=until, data=about)
        tell(w, "noticed", fresh)
        return rows

    return await journal.writing(act, verb, patience=30)


async def dispute(act: Act, record_id: UUID, reason: str) -> ServiceRecord:
    """The recorder does not sign, or takes the signature back while the notice runs: it must be corrected first. The
    reason is kept as an objection that is upheld at once."""

    async def verb(w: Writing) -> ServiceRecord:
        (row,) = await held(w, [record_id], "record.sign")
        if row.state == "disputed":
            return row
        steps.require_apart("dispute", act.actor.id, hands(row))
        at = await w.clock()
        await move(row, "dispute")
        await Objection.create(
            id=fresh_id(act.at), record_id=row.id, volunteer_id=act.actor.id, reason=reason, at=at, upheld=True,
            settled_at=at,
        )  # fmt: skip
        await notices.owe(w, "record.disputed", row.volunteer_id, ref=row.id)
        tell(w, "disputed", [row])
        return row

    return await journal.writing(act, verb)
