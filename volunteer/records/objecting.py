"""What is said against a record while it lies under public notice, and how that is settled.

A record with an open objection is not locked, however long its notice has been over. Upheld, it is disputed and must
be corrected; dismissed, it goes on.
"""

from typing import Final
from uuid import UUID

from volunteer import journal, notices
from volunteer.act import Act, fresh_id
from volunteer.errors import Forbidden, Missing, Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Objection, ServiceRecord
from volunteer.records import steps
from volunteer.records.proposing import hands, held, move, tell

MOST: Final = 20  # open objections of one person


async def object_(act: Act, record_id: UUID, reason: str) -> Objection:
    """Say something against a record under public notice: anybody of the network, also against one's own, once at a
    time. :class:`Missing` for a record that is not public."""
    if act.actor.id is None:
        raise Forbidden("record.object", anonymous=True)
    me = act.actor.id

    async def verb(w: Writing) -> Objection:
        await w.db.execute_query("SELECT id FROM service_record WHERE id = $1 FOR UPDATE", [record_id])
        row = await ServiceRecord.get_or_none(id=record_id)
        if row is None or row.state not in ("under_notice", "locked", "disputed", "corrected"):
            raise Missing("record")
        open_ = Objection.filter(volunteer_id=me, upheld=None)
        if same := await open_.filter(record_id=record_id).first():
            return same
        at = await w.clock()
        if row.state != "under_notice" or row.notice_until is None or row.notice_until <= at:
            raise Refused([Reason("notice_over")], gone=True)
        if await open_.count() >= MOST:
            raise Refused([Reason("too_many_objections", {"most": MOST})])
        said = await Objection.create(id=fresh_id(act.at), record_id=row.id, volunteer_id=me, reason=reason, at=at)
        if row.signed_by is not None:
            await _owe(w, "record.objected", row.signed_by, said)
        tell(w, "objected", [row])
        return said

    return await journal.writing(act, verb)


async def settle(act: Act, objection_id: UUID, *, upheld: bool, answer: str) -> Objection:
    """Uphold or dismiss an objection, with an answer to whoever made it; not by them, nor by who served or confirmed.
    The same again changes nothing."""

    async def verb(w: Writing) -> Objection:
        found = await Objection.get_or_none(id=objection_id)
        if found is None:
            raise Missing("objection")
        (row,) = await held(w, [found.record_id], "record.settle")
        said = await Objection.get(id=objection_id)
        if said.upheld is not None:
            if (said.upheld, said.answer, said.settled_by) == (upheld, answer, act.actor.id):
                return said
            raise Refused([Reason("objection_settled")])
        steps.require_apart("settle", act.actor.id, hands(row, said.volunteer_id))
        said.upheld, said.answer, said.settled_by, said.settled_at = upheld, answer, act.actor.id, await w.clock()
        await said.save(update_fields=["upheld", "answer", "settled_by", "settled_at"])
        if upheld and row.state == "under_notice":
            await move(row, "dispute")
            await notices.owe(w, "record.disputed", row.volunteer_id, ref=row.id)
        kind = "objection.upheld" if upheld else "objection.dismissed"
        await _owe(w, kind, said.volunteer_id, said)
        tell(w, "disputed" if upheld else "upheld", [row])
        return said

    return await journal.writing(act, verb)


async def _owe(w: Writing, kind: str, person: UUID, said: Objection) -> None:
    """No other entry says it to this person: without its own one an open screen would not learn of it."""
    await notices.owe(w, kind, person, ref=said.id, data={"answer": said.answer})
    w.entry("notice.owed", topics=[f"volunteer:{person}"], ref=said.id, body={"kind": kind})
