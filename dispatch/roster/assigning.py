"""A seat given by hand to somebody who has said yes to a person: by telephone, at the desk, on the spot.

Many have no phone that could answer. The rules are those of an offer, the seat is theirs at once, they are told who
noted what, and may step back like anybody else.
"""

from uuid import UUID

from dispatch.models import Assignment
from dispatch.roster import assignments, seats
from dispatch.roster.seats import held
from dispatch.roster.verdicts import why_not
from volunteer import access, notices
from volunteer.act import Act
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing


async def assign(act: Act, need_id: UUID, volunteer_id: UUID, words: str) -> Assignment:
    """Note this person's yes (coordinator, organiser; nobody notes their own): an open offer is accepted, without one
    the seat is taken as it would have been. ``words``: how they said so; they read it. :class:`Refused` with every
    reason when a rule, the seats or the clock say no."""

    async def verb(w: Writing) -> Assignment:
        seat = await seats.find(need_id)
        access.require(act.actor, "assignment.offer", seat.thing())
        if act.actor.id == volunteer_id:
            raise Refused([Reason("not_yourself")])
        asked = Assignment.filter(need_id=need_id, volunteer_id=volunteer_id, status__in=("offered", "accepted"))
        if (found := await asked.first()) is None:
            line = await _seated(w, need_id, volunteer_id)
        else:
            line, seat = await held(w, found.id, "assignment.offer", step="accept")
            if line.status == "accepted":
                return line
            await assignments.yes(w, line, seat)
        told = {"reason": words}
        await notices.owe(w, "assignment.assigned", volunteer_id, ref=line.id, until=line.occupies_until, data=told)
        return line

    return await seats.truly(act, verb)


async def _seated(w: Writing, need_id: UUID, volunteer_id: UUID) -> Assignment:
    """A line of somebody who was not asked before."""
    span = (await seats.find(need_id)).occupies
    overlapping = [line.need_id for line in await seats.asked_within(volunteer_id, *span)]
    seat = await seats.lock(w, people=[volunteer_id], need_id=need_id, besides=overlapping)
    reasons = [
        *await assignments.closed(seat, volunteer_id, seat.at, "hand"),
        *await why_not(volunteer_id, need_id),
    ]
    if reasons:
        raise Refused(reasons)
    await seats.take(w, seat)
    line = seats.line(w.act, seat, volunteer_id, "accepted", "hand", seat.at)
    line.answered_at, line.pinned = seat.at, True
    await line.save(force_create=True)
    await line.refresh_from_db()
    await seats.tell(w, "accepted", [line])
    await seats.fill(w, seat, seat.at)
    await seats.withdraw_impossible(w, await seats.asked_within(volunteer_id, *seat.occupies), seat.at)
    return line
