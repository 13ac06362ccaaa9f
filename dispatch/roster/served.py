"""Where the work meets the network's records: a line that was served, told as a service, and hours that are made up.

The work knows who came and when; the network keeps it (``volunteer.records``).
"""

from datetime import datetime
from uuid import UUID

from dispatch.lifecycle import HELD
from dispatch.models import Assignment, Venue
from dispatch.roster import seats
from dispatch.roster.seats import Seat, held
from dispatch.settings import policy
from volunteer import days, journal
from volunteer.act import Act
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing
from volunteer.models import ServiceRecord
from volunteer.quiet import ZONE
from volunteer.records import proposing
from volunteer.records.hours import Stay
from volunteer.records.proposing import Served, Source

# Lines whose person may have been there without the roll saying so.
MISSED = ("accepted", "no_show")
OVER = ("finished", "closed")


async def propose(w: Writing, line: Assignment, seat: Seat) -> ServiceRecord:
    """A completed line becomes a record that waits for whoever led: from sign-in to sign-out, inside the plan. Where
    hours were asked for before anybody called the roll, that request stands: it has its two reviewers."""
    if asked := await ServiceRecord.filter(cause=line.id, source="makeup").order_by("created_at", "id").first():
        return asked
    came, left = line.checked_in_at, line.checked_out_at
    assert came is not None, "who completed a line came"
    assert left is not None, "and left"
    source: Source = "roll" if line.came_by == "roll" else "checkin"
    return await proposing.propose(w, await _service(line, seat, source, came, left), policy().records.terms)


async def make_up(
    act: Act, assignment_id: UUID, *, came: datetime, left: datetime, reason: str, evidence: str
) -> ServiceRecord:
    """Ask for hours that no roll shows (补录): with what shows them, within the working days that there are for
    records, never above the plan. Two others review them: who confirms and who signs, neither of them whoever asked."""

    async def verb(w: Writing) -> ServiceRecord:
        line, seat = await held(w, assignment_id, "record.ask", led=True)
        known = await ServiceRecord.filter(cause=line.id).order_by("created_at", "id").first()
        said = (act.actor.id, reason, evidence, came, left)
        if known and (known.asked_by, known.reason, known.evidence, known.came_at, known.left_at) == said:
            return known
        _askable(line, seat, came, left)
        await proposing.nowhere_else(line.volunteer_id, line.id, came, left)
        service = await _service(line, seat, "makeup", came, left, reason=reason, evidence=evidence, by=act.actor.id)
        return await proposing.propose(w, service, policy().records.terms)

    return await journal.writing(act, verb)


def _askable(line: Assignment, seat: Seat, came: datetime, left: datetime) -> None:
    terms, now = policy().records, seat.at
    if line.status not in MISSED:
        raise Refused([Reason("step", {"verb": "make_up", "status": line.status})])
    if seat.event.state not in (*HELD, *OVER) or now < line.occupies_until:
        raise Refused([Reason("makeup_early")])
    if now >= days.working_days_after(seat.event.ends_at, terms.due_days, ZONE):
        raise Refused([Reason("makeup_late", {"days": terms.due_days})])
    if not line.occupies_from <= came < left <= line.occupies_until:
        raise Refused([Reason("not_then")])


async def _service(
    line: Assignment,
    seat: Seat,
    source: Source,
    came: datetime,
    left: datetime,
    *,
    reason: str = "",
    evidence: str = "",
    by: UUID | None = None,
) -> Served:
    event, venue = seat.event, await Venue.get(id=seat.shift.venue_id)
    return Served(
        volunteer=line.volunteer_id, cause=line.id, matter=event.id, title=event.title, title_en=event.title_en,
        place=venue.name, content=seat.need.role, region=event.region_id, unit=event.unit_id,
        organiser=event.organiser_id, leaders=await seats.leaders(event.id), source=source,
        stay=Stay(*seat.occupies, came, left), ended=event.ends_at, evidence=evidence, reason=reason, asked_by=by,
    )  # fmt: skip
