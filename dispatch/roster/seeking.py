"""What a person does unasked: take an open seat, wait for one, go up when one is free. The promoted person is asked,
and confirms like anybody else.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from tortoise import connections

from dispatch.lifecycle import ASSIGNMENT, CLAIMS, LOCKED, OPEN, step
from dispatch.models import Assignment
from dispatch.roster import assignments, seats
from dispatch.roster.seats import Seat, held, move, reply_by
from dispatch.roster.verdicts import why_not
from dispatch.settings import policy
from volunteer import access, journal, notices
from volunteer.act import Act
from volunteer.errors import Missing, Reason, Refused
from volunteer.journal import Writing

# Reasons that do not pass: the seat has gone to others or the time is over.
GONE = frozenset({"closed", "begun", "full", "waiting", "roster_locked"})

# The first of each waiting list with a seat that neither a person nor an open offer has.
_NEXT = """SELECT DISTINCT ON (n.id) a.id, a.volunteer_id, a.need_id FROM assignment a JOIN need n ON n.id = a.need_id
JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
WHERE a.status = 'standby' AND e.state = ANY($1) AND s.starts_at > clock_timestamp()
  AND n.taken + (SELECT count(*) FROM assignment o WHERE o.need_id = n.id AND o.status = 'offered') < n.max
ORDER BY n.id, a.offered_at, a.id LIMIT $2"""


async def take(act: Act, need_id: UUID) -> Assignment:
    """Take an open seat oneself: the registry's verdict is the judge, as for an offer. Whoever has an open offer on the
    need says yes to it. :class:`Refused` (gone) when the seat has gone, with all reasons when a rule says no."""

    async def verb(w: Writing) -> Assignment:
        seat, me = await _opening(act, need_id)
        asked = Assignment.filter(need_id=need_id, volunteer_id=me, status__in=("offered", "accepted"))
        if (mine := await asked.first()) is not None:
            return await assignments.accept(act.joined(w), mine.id)
        overlapping = [line.need_id for line in await seats.asked_within(me, *seat.occupies)]
        seat = await seats.lock(w, people=[me], need_id=need_id, besides=overlapping)
        await _judge(seat, me, seeking=True)
        await seats.take(w, seat)
        line = seats.line(act, seat, me, "accepted", "self", seat.at)
        line.answered_at = seat.at
        await _stored(w, line, "accepted")
        await seats.fill(w, seat, seat.at)
        await seats.withdraw_impossible(w, await seats.asked_within(me, *seat.occupies), seat.at)
        return line

    return await seats.truly(act, verb)


async def stand_by(act: Act, need_id: UUID) -> Assignment:
    """Wait for a seat that is not free now. :class:`Refused` when there is one (take it), or when a rule says no."""

    async def verb(w: Writing) -> Assignment:
        _, me = await _opening(act, need_id)
        if (mine := await Assignment.get_or_none(need_id=need_id, volunteer_id=me, status="standby")) is not None:
            return mine
        seat = await seats.lock(w, people=[me], need_id=need_id)
        await _judge(seat, me, seeking=False)
        line = seats.line(act, seat, me, "standby", "self", seat.at)
        line.expires_at = seat.shift.starts_at
        return await _stored(w, line, "waiting")

    return await seats.truly(act, verb)


async def reserve(act: Act, need_id: UUID, volunteer_id: UUID) -> Assignment:
    """Put somebody on the waiting list of a full need (coordinator, organiser), judged as if they came themselves. It
    binds them to nothing: they are told, may leave it at any time, and are asked before a seat is theirs."""

    async def verb(w: Writing) -> Assignment:
        found = await seats.find(need_id)
        access.require(act.actor, "assignment.offer", found.thing())
        seat = await seats.lock(w, people=[volunteer_id], need_id=need_id)
        known = await Assignment.get_or_none(need_id=need_id, volunteer_id=volunteer_id, status="standby")
        if known is not None:
            return known
        await _judge(seat, volunteer_id, seeking=False)
        line = seats.line(act, seat, volunteer_id, "standby", "hand", seat.at)
        line.expires_at = seat.shift.starts_at
        await notices.owe(w, "standby.asked", volunteer_id, ref=line.id, until=line.occupies_from)
        return await _stored(w, line, "waiting")

    return await seats.truly(act, verb)


async def waiting(act: Act, need_id: UUID) -> list[Assignment]:
    """Who waits for a seat of this need, in their turn; for whoever may ask them."""
    access.require(act.actor, "candidates.read", (await seats.find(need_id)).thing())
    lines = Assignment.filter(need_id=need_id, status="standby").order_by("offered_at", "id")
    return await lines.prefetch_related("volunteer")


async def promote(act: Act, assignment_id: UUID) -> Assignment:
    """Ask somebody from the waiting list, whatever their turn (coordinator, organiser)."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "assignment.offer")
        if line.status == "offered":
            return line
        step(ASSIGNMENT, line.status, "promote")
        if await seats.free(seat) <= 0:
            raise Refused([Reason("full", {"max": seat.need.max})])
        if reasons := await why_not(line.volunteer_id, line.need_id):
            raise Refused(reasons)
        return await _promoted(w, line, seat)

    return await seats.truly(act, verb)


async def promote_due(act: Act, *, limit: int = 200) -> int:
    """Ask the first of each waiting list whose need has a free seat, each list by itself. Who does not fit any more
    leaves the list, and is told. Returns how many lines moved; more may follow."""
    rows = await connections.get("default").execute_query_dict(_NEXT, [list(OPEN), limit])
    turns = ((row["id"], _turn(row["id"], row["volunteer_id"], row["need_id"])) for row in rows)
    return await journal.each(act, turns)


def _turn(assignment_id: UUID, volunteer_id: UUID, need_id: UUID) -> Callable[[Writing], Awaitable[int]]:
    async def verb(w: Writing) -> int:
        seat = await seats.lock(w, people=[volunteer_id], need_id=need_id)
        line, at = await Assignment.get(id=assignment_id), seat.at
        held_now = await Assignment.filter(need_id=need_id, status="offered").count()
        open_ = seat.event.state in OPEN and seat.shift.starts_at > at
        if line.status != "standby" or not open_ or seat.need.taken + held_now >= seat.need.max:
            return 0
        if reasons := await why_not(volunteer_id, need_id):
            await move(line, "withdraw", answered_at=at, decline_reason=reasons[0].rule)
            await seats.tell(w, "withdrawn", [line])
            await notices.owe(w, "standby.ended", volunteer_id, ref=line.id, until=line.occupies_from)
        else:
            await _promoted(w, line, seat)
        return 1

    return verb


async def _promoted(w: Writing, line: Assignment, seat: Seat) -> Assignment:
    at = seat.at
    await move(line, "promote", offered_at=at, expires_at=reply_by(at, seat.shift.starts_at, policy()))
    await seats.tell(w, "promoted", [line])
    await notices.owe(w, "assignment.offered", line.volunteer_id, ref=line.id, until=line.expires_at)
    return line


async def _stored(w: Writing, line: Assignment, kind: str) -> Assignment:
    await line.save(force_create=True)
    await line.refresh_from_db()
    await seats.tell(w, kind, [line])
    return line


async def _opening(act: Act, need_id: UUID) -> tuple[Seat, UUID]:
    """The need as anybody in the network may see it, and who asks. A draft is :class:`Missing`."""
    seat, me = await seats.find(need_id), act.actor.id
    if seat.event.state == "draft" or me is None:
        raise Missing("need")
    access.require(act.actor, "assignment.take", seat.thing(me))
    return seat, me


async def _judge(seat: Seat, volunteer_id: UUID, *, seeking: bool) -> None:
    """Raise what the roster, then what the rules say against a person who comes unasked."""
    reasons = await not_now(seat, volunteer_id, seeking=seeking)
    if not reasons:
        reasons = [*await why_not(volunteer_id, seat.need.id)]
    if reasons:
        raise Refused(reasons, gone=any(reason.rule in GONE for reason in reasons))


async def not_now(seat: Seat, volunteer_id: UUID, *, seeking: bool) -> list[Reason]:
    """What the roster says. ``seeking`` a seat: one must be free that no offer holds and nobody waits for; else a
    place on the waiting list: then none may be."""
    reasons = []
    if seat.event.state not in OPEN or not seat.need.max:
        reasons.append(Reason("closed", {"state": seat.event.state}))
    if seat.shift.starts_at <= seat.at:
        reasons.append(Reason("begun"))
    elif seat.event.state in LOCKED:
        reasons.append(Reason("roster_locked"))
    if await Assignment.exists(need_id=seat.need.id, volunteer_id=volunteer_id, status__in=CLAIMS):
        reasons.append(Reason("yours"))
    if reasons:
        return reasons
    left = await seats.free(seat)
    waiting = await Assignment.filter(need_id=seat.need.id, status="standby").count()
    if seeking and left <= 0:
        return [Reason("full", {"max": seat.need.max})]
    if seeking and left <= waiting:
        return [Reason("waiting", {"waiting": waiting})]
    if not seeking and left > waiting:
        return [Reason("seat_free")]
    return []
