"""The verbs on an assignment up to its answer: offer, accept, decline, cancel, withdraw, release, expire.

Each is one transaction: lock, judge by the database's clock, step through ``lifecycle``, ask the rule registry again,
move the seat, say it. The constraints of the database are the last word; what they refuse becomes a reason.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch import lifecycle
from dispatch.lifecycle import ASSIGNMENT, CLAIMS, OPEN
from dispatch.models import Assignment, TeamOffer
from dispatch.roster import carers, seats
from dispatch.roster.seats import Seat, held, move, reply_by
from dispatch.roster.verdicts import why_not
from dispatch.settings import policy
from volunteer import access, journal, notices
from volunteer.act import SYSTEM, Act
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing

__all__ = [
    "accept", "again", "cancel", "closed", "decline", "expire_due", "let_go", "offer", "over", "release", "reply_by",
    "why_not", "withdraw", "yes",
]  # fmt: skip

log = logging.getLogger(__name__)

# Who may be asked although the shift has begun: a replacement on the spot.
_LATE_SOURCES = ("hand", "repair", "wave")


async def offer(
    act: Act,
    need_id: UUID,
    volunteer_id: UUID,
    *,
    source: str = "hand",
    pinned: bool = False,
    draft_id: UUID | None = None,
    why: list[dict[str, Any]] | None = None,
    replaces: Assignment | None = None,
    then: UUID | None = None,
) -> Assignment:
    """Ask this person. ``pinned``: no plan takes the offer back (a coordinator's own choice; the person still may say
    no). ``replaces``: a seat of their own that a yes gives up, ``then``: who is asked for that seat. Raises
    :class:`Refused` with every reason when a rule, the seats or the clock say no."""

    async def verb(w: Writing) -> Assignment:
        seat = await seats.find(need_id)
        access.require(act.actor, "assignment.offer", seat.thing())
        seat = await seats.lock(w, people=[volunteer_id], need_id=need_id)
        at = seat.at
        besides = None if replaces is None else replaces.need_id
        verdict = await why_not(volunteer_id, need_id, besides=besides)
        if reasons := [*await closed(seat, volunteer_id, at, source), *verdict]:
            raise Refused(reasons)
        line = seats.line(act, seat, volunteer_id, "offered", source, at)
        line.expires_at = reply_by(at, seat.shift.starts_at, policy(), ends=seat.shift.ends_at)
        line.pinned, line.draft_id, line.why = pinned, draft_id, why or []
        line.replaces_id, line.then_id = None if replaces is None else replaces.id, then
        return await _made(w, line)

    return await seats.truly(act, verb)


async def again(act: Act, assignment_id: UUID) -> Assignment:
    """The undo of a no: a new offer in place of the one that the person declined, for the time that it still had."""

    async def verb(w: Writing) -> Assignment:
        old, seat = await held(w, assignment_id, "assignment.answer")
        at = seat.at
        if old.status != "declined":
            raise Refused([Reason("step", {"verb": "again", "status": old.status})])
        if seats.lapsed(old, at) or await _answered_for(old):
            raise Refused([Reason("too_late")], gone=True)
        reasons = [
            *await closed(seat, old.volunteer_id, at, old.source),
            *await why_not(old.volunteer_id, old.need_id),
        ]
        if reasons:
            raise Refused(reasons, gone=any(reason.rule in ("full", "closed", "begun") for reason in reasons))
        line = seats.line(act, seat, old.volunteer_id, "offered", old.source, at)
        line.expires_at, line.pinned, line.draft_id, line.why = old.expires_at, old.pinned, old.draft_id, old.why
        line.team_offer_id = old.team_offer_id
        return await _made(w, line)

    return await seats.truly(act, verb)


async def _answered_for(line: Assignment) -> bool:
    """The person was asked with their team, and its leader has answered."""
    return line.team_offer_id is not None and not await TeamOffer.exists(id=line.team_offer_id, state="offered")


async def _made(w: Writing, line: Assignment) -> Assignment:
    await line.save(force_create=True)
    await line.refresh_from_db()
    await seats.tell(w, "offered", [line])
    await notices.owe(w, "assignment.offered", line.volunteer_id, ref=line.id, until=line.expires_at)
    return line


async def closed(seat: Seat, volunteer_id: UUID, at: datetime, source: str) -> list[Reason]:
    """What the roster itself says against a new offer."""
    reasons = []
    if seat.event.state not in OPEN:
        reasons.append(Reason("closed", {"state": seat.event.state}))
    if seat.shift.ends_at <= at or (seat.shift.starts_at <= at and source not in _LATE_SOURCES):
        reasons.append(Reason("begun"))
    if await seats.free(seat) <= 0:
        reasons.append(Reason("full", {"max": seat.need.max}))
    if await Assignment.exists(need_id=seat.need.id, volunteer_id=volunteer_id, status__in=CLAIMS):
        reasons.append(Reason("taken"))
    return reasons


async def over(act: Act, assignment_id: UUID) -> None:
    """Raise the refusal that :func:`accept` would, when the actor's offer has ended already. Statuses of an offer that
    ended come after no yes: whoever is told so never had another answer."""
    await seats.over(act, assignment_id, "assignment.answer", "accept")


async def accept(act: Act, assignment_id: UUID) -> Assignment:
    """Yes. The seat is theirs when this returns. :class:`Refused` (gone) when the offer's time or the last seat has
    passed, with all reasons when a rule says no today; nothing is changed then."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "assignment.answer", step="accept")
        if line.status == "accepted":
            return line
        await yes(w, line, seat)
        return line

    return await seats.truly(act, verb)


async def yes(w: Writing, line: Assignment, seat: Seat) -> None:
    """The held line's yes, and all that follows from it; whose word it is the caller has asked. :class:`Refused`."""
    if line.status == "offered" and line.team_offer_id is not None:
        raise Refused([Reason("leader_answers")])
    at = seat.at
    lifecycle.step(ASSIGNMENT, line.status, "accept")
    if seats.lapsed(line, at):
        raise Refused([Reason("too_late")], gone=True)
    old = await _replaced(line)
    if reasons := await why_not(line.volunteer_id, line.need_id, besides=old.need_id if old else None):
        raise Refused(reasons)
    if old:
        await _make_room(w, old, at)
    await seats.take(w, seat)
    await move(line, "accept", answered_at=at)
    await seats.tell(w, "accepted", [line])
    await seats.fill(w, seat, at)
    await seats.withdraw_impossible(w, seat.clashing, at)
    if old and line.then_id:
        await _pass_on(w.act.joined(w), old.need_id, line.then_id)


async def _replaced(line: Assignment) -> Assignment | None:
    """The seat that a yes gives up, if the person still has it."""
    return None if line.replaces_id is None else await Assignment.get_or_none(id=line.replaces_id, status="accepted")


async def _make_room(w: Writing, old: Assignment, at: datetime) -> None:
    """The person moves: their seat is free for somebody else."""
    await seats.give_back(w, await seats.find(old.need_id))
    await move(old, "release", answered_at=at, decline_reason="moved")
    await seats.tell(w, "released", [old])


async def _pass_on(act: Act, need_id: UUID, volunteer_id: UUID) -> None:
    """Ask whoever was to follow. When the rules say no by now, the seat is a hole like any other."""
    try:
        await offer(replace(act, actor=SYSTEM), need_id, volunteer_id, source="repair")
    except Refused as refused:
        log.info("nobody follows on a seat that was given up", extra={"need": str(need_id), "why": str(refused)})


async def decline(act: Act, assignment_id: UUID, reason: str = "") -> Assignment:
    """No, and that is fine: declining costs nothing, anywhere."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "assignment.answer")
        if line.status == "declined":
            return line
        await move(line, "decline", answered_at=seat.at, decline_reason=reason)
        await seats.tell(w, "declined", [line])
        return line

    return await journal.writing(act, verb)


async def cancel(act: Act, assignment_id: UUID, reason: str = "") -> Assignment:
    """Step back from an accepted shift; the seat is free at once. After the cut-off the row is marked late. From a
    waiting list anybody may go at any time."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "assignment.answer")
        if line.status == "cancelled":
            return line
        at, before = seat.at, line.status
        lifecycle.step(ASSIGNMENT, before, "cancel")
        if at >= line.occupies_until:
            raise Refused([Reason("over")])
        late = before == "accepted" and at >= seats.free_until(line)
        if before == "accepted":
            await seats.give_back(w, seat)
        await move(line, "cancel", answered_at=at, decline_reason=reason, late=late)
        await seats.tell(w, "cancelled", [line])
        if before == "accepted":
            await _watched(w, line, seat)
        return line

    return await journal.writing(act, verb)


async def _watched(w: Writing, line: Assignment, seat: Seat) -> None:
    """Nobody leaves a hole silently while the event is supervised: whoever looks after it is told at once."""
    if seat.event.phase == "supervised" and seat.need.taken < seat.need.min:
        missing = {"missing": seat.need.min - seat.need.taken}
        await carers.alarm(w, "seat.left", seat.event.id, ref=line.id, until=seat.shift.ends_at, data=missing)


async def withdraw(
    act: Act, assignment_id: UUID, reason: str = "", *, words: str = "", quiet: bool = False
) -> Assignment:
    """Take an unanswered offer, or a place on the waiting list, back (coordinator, organiser). ``reason``: a short
    word for the file; ``words``: what the person is told of it; ``quiet``: they hear of it by another message."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "assignment.offer")
        if line.status == "withdrawn":
            return line
        kind = "standby.withdrawn" if line.status == "standby" else "assignment.withdrawn"
        await move(line, "withdraw", answered_at=seat.at, decline_reason=reason)
        await seats.tell(w, "withdrawn", [line])
        if not quiet:
            await _owe(w, kind, line, words)
        return line

    return await journal.writing(act, verb)


async def release(
    act: Act, assignment_id: UUID, reason: str = "", *, words: str = "", quiet: bool = False
) -> Assignment:
    """Let an accepted person go (coordinator, organiser); the seat is free again. ``reason``, ``words``, ``quiet``: as
    for withdraw. :class:`Refused` once their shift is over (the roll says who served), unless it falls, quietly, with
    all the event."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "assignment.release")
        if line.status == "released":
            return line
        lifecycle.step(ASSIGNMENT, line.status, "release")
        if seat.at >= line.occupies_until and not quiet:
            raise Refused([Reason("over")])
        await seats.give_back(w, seat)
        await move(line, "release", answered_at=seat.at, decline_reason=reason)
        await seats.tell(w, "released", [line])
        if not quiet:
            await _owe(w, "assignment.released", line, words)
        return line

    return await journal.writing(act, verb)


async def let_go(act: Act, assignment_id: UUID, reason: str) -> Assignment:
    """Release somebody who hears of it by another message, and sound the alarm for the hole as if they had left it."""

    async def verb(w: Writing) -> Assignment:
        line = await release(act.joined(w), assignment_id, reason, quiet=True)
        await _watched(w, line, await seats.find(line.need_id))
        return line

    return await journal.writing(act, verb)


async def _owe(w: Writing, kind: str, line: Assignment, words: str) -> None:
    data, until = {"reason": words} if words else {}, seats.useful_until([line], await w.clock())
    await notices.owe(w, kind, line.volunteer_id, ref=line.id, until=until, data=data)


async def expire_due(act: Act, *, limit: int = 200) -> int:
    """Close offers whose time is over by the database's clock, and waiting lists of what has begun, each by itself.
    Returns how many; there may be more at the limit."""
    due = Assignment.filter(status__in=("offered", "standby"), expires_at__lte=act.at)
    lines = await due.order_by("expires_at", "id").limit(limit)
    return await journal.each(act, ((line.id, _expiry(line)) for line in lines))


def _expiry(found: Assignment) -> Callable[[Writing], Awaitable[int]]:
    async def verb(w: Writing) -> int:
        at = (await seats.lock(w, people=[found.volunteer_id], need_id=found.need_id)).at
        line = await Assignment.get(id=found.id)
        if line.status not in ("offered", "standby") or not seats.lapsed(line, at):
            return 0
        await move(line, "expire", answered_at=at)
        await seats.tell(w, "expired", [line])
        return 1

    return verb
