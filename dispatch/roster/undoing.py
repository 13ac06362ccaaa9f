"""Taking back a sign-in that was a mistake. No line enters a status twice: it ends, and another one takes its place."""

from typing import Final
from uuid import UUID

from dispatch.lifecycle import HELD
from dispatch.models import Assignment
from dispatch.roster import seats
from dispatch.roster.seats import Seat, held
from volunteer.act import Act
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing

# What a line says that ended so: it is nobody's history, the one in its place goes on.
MISTAKEN: Final = "mistaken"


async def undo(act: Act, assignment_id: UUID) -> Assignment:
    """They are not here after all, says whoever signed them in (oneself, by the code; or who called the roll), as long
    as they have not signed out. The seat stays theirs, as another accepted line, which is returned; a repeat returns
    it too."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "attendance.leave", led=True)
        if line.decline_reason == MISTAKEN:
            return await _after(line)
        _undoable(act, line, seat)
        await seats.move(line, "undo", decline_reason=MISTAKEN)
        again = seats.line(act, seat, line.volunteer_id, "accepted", line.source, seat.at)
        again.pinned, again.answered_at, again.why, again.draft_id = line.pinned, seat.at, line.why, line.draft_id
        await again.save(force_create=True)
        await seats.tell(w, "unchecked", [line])
        await seats.tell(w, "reseated", [again])
        return again

    return await seats.truly(act, verb)


def _undoable(act: Act, line: Assignment, seat: Seat) -> None:
    if line.status != "checked_in" or line.checked_out_at is not None:
        raise Refused([Reason("step", {"verb": "undo", "status": line.status})])
    if seat.event.state not in HELD:
        raise Refused([Reason("closed", {"state": seat.event.state})])
    if signed_by(line) != act.actor.id:
        raise Refused([Reason("not_your_mark")])


def may(line: Assignment, who: UUID | None) -> bool:
    """Whether this person may take the sign-in back, as far as the line itself says."""
    return line.status == "checked_in" and line.checked_out_at is None and signed_by(line) == who


def signed_by(line: Assignment) -> UUID:
    """Whose hand signed this person in: who called the roll, else their own."""
    return line.marked_by if line.came_by == "roll" and line.marked_by is not None else line.volunteer_id


async def _after(line: Assignment) -> Assignment:
    """The line that took this one's place, or the last of those that did."""
    lines = Assignment.filter(need_id=line.need_id, volunteer_id=line.volunteer_id).exclude(decline_reason=MISTAKEN)
    return await lines.order_by("-id").first() or line
