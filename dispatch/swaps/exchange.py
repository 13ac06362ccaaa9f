"""The moment in which seats change hands: all of them in one transaction, or none."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.lifecycle import CLAIMS, LOCKED, OPEN, SWAP, step
from dispatch.models import Assignment, Swap, SwapSide
from dispatch.roster import pacts, seats
from dispatch.roster.seats import Seat
from dispatch.roster.verdicts import why_not
from dispatch.settings import policy
from volunteer import notices
from volunteer.act import Act
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing


async def shut(seats_: Collection[Seat], at: datetime) -> list[Reason]:
    """What the clock and the events say against passing these seats on now."""
    terms = policy().swaps
    shut_ = sorted({seat.event.state for seat in seats_} - set(OPEN))
    reasons = [Reason("closed", {"state": state}) for state in shut_]
    if any(seat.occupies[0] - timedelta(hours=terms.close_hours) <= at for seat in seats_):
        reasons.append(Reason("swap_late", {"hours": terms.close_hours}))
    if terms.locked == "closed" and locked(seats_):
        reasons.append(Reason("swap_locked"))
    return reasons


def locked(seats_: Collection[Seat]) -> bool:
    return any(seat.event.state in LOCKED for seat in seats_)


async def against(act: Act, sides: Sequence[SwapSide], *, everything: bool = False) -> list[Reason]:
    """What speaks against it once each has given their seat up: of the person who asks all reasons, of the others only
    that there are some (what bars them is theirs to know); ``everything``: for whoever is responsible."""
    leaving = [(side.volunteer_id, line.need_id) for side in sides if (line := await _given(side)) is not None]
    coming = [(side.volunteer_id, side.need_id) for side in sides if side.need_id is not None]
    reasons: list[Reason] = []
    for side in sides:
        if side.need_id is None:
            continue
        found = [*await why_not(side.volunteer_id, side.need_id, leaving=leaving, coming=coming)]
        claims = Assignment.filter(need_id=side.need_id, volunteer_id=side.volunteer_id, status__in=CLAIMS)
        if await claims.exclude(id__in=[one.line_id for one in sides if one.line_id]).exists():
            found.insert(0, Reason("yours"))
        if side.volunteer_id == act.actor.id or everything:
            reasons += found
        elif found:
            reasons.append(Reason("swap_unfit"))
    return list({(reason.rule, str(reason.data)): reason for reason in reasons}.values())


async def _given(side: SwapSide) -> Assignment | None:
    return None if side.line_id is None else await Assignment.get(id=side.line_id)


async def complete(
    w: Writing, swap: Swap, sides: Sequence[SwapSide], at: datetime, *, everything: bool = False
) -> Swap:
    """Everybody has said yes: pass the seats on. Judged before, each without the seat that they give, and after, with
    the others where they will be. No need is empty in between, for nobody else ever sees it so."""
    if reasons := await against(w.act, sides, everything=everything):
        raise Refused(reasons)
    old = [line for side in sides if (line := await _given(side)) is not None]
    for line in old:
        await seats.move(line, "release", answered_at=at, decline_reason="swapped")
    new = [await _taken(w, side, at) for side in sides if side.need_id is not None]
    if reasons := await _beside_each_other(w.act, new, everything=everything):
        raise Refused(reasons)
    await pacts.store(w, swap, sides, "complete", step(SWAP, swap.state, "complete"), ended_at=at, by_id=swap.by_id)
    await seats.tell(w, "swapped", old)
    await seats.tell(w, "accepted", new)
    for line in new:
        asked = await seats.asked_within(line.volunteer_id, line.occupies_from, line.occupies_until)
        await seats.withdraw_impossible(w, asked, at)
    await _told(w, swap, old, new)
    return swap


async def _taken(w: Writing, side: SwapSide, at: datetime) -> Assignment:
    assert side.need_id is not None
    seat = await seats.find(side.need_id)
    line = seats.line(w.act, seat, side.volunteer_id, "accepted", "self", at)
    line.answered_at = at
    await line.save(force_create=True)
    await line.refresh_from_db()
    return line


async def _beside_each_other(act: Act, new: Sequence[Assignment], *, everything: bool) -> list[Reason]:
    reasons: list[Reason] = []
    for line in new:
        found = await why_not(line.volunteer_id, line.need_id)
        if found:
            reasons += found if line.volunteer_id == act.actor.id or everything else [Reason("swap_unfit")]
    return reasons


async def _told(w: Writing, swap: Swap, old: Sequence[Assignment], new: Sequence[Assignment]) -> None:
    """Each is told where they serve now; who only gave a seat away, that it is in good hands."""
    taken = {line.volunteer_id for line in new}
    for line in new:
        kind = "swap.done" if swap.kind == "swap" else "handover.taken"
        await notices.owe(w, kind, line.volunteer_id, ref=line.id, until=line.occupies_until)
    for line in old:
        if line.volunteer_id not in taken:
            await notices.owe(w, "handover.done", line.volunteer_id, ref=line.id, until=line.occupies_until)


async def open_spans(people_needs: Collection[tuple[UUID, UUID]]) -> list[UUID]:
    """The needs of these people's open offers at the time of what they are to get: held with the rest."""
    found: list[UUID] = []
    for person, need in people_needs:
        seat = await seats.find(need)
        found += [line.need_id for line in await seats.asked_within(person, *seat.occupies)]
    return found
