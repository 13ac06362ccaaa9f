"""The verbs on a swap or a hand-over: propose, agree, refuse, withdraw, approve, lapse.

A proposal is the proposer's yes. The last yes passes the seats on, all at once, with the rules asked again of
everybody; on a locked roster a coordinator may have the last word. Until then every seat stays where it is.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.lifecycle import PENDING, SWAP, step
from dispatch.models import Assignment, Swap, SwapSide
from dispatch.roster import carers, pacts, seats
from dispatch.roster.seats import Seat
from dispatch.settings import policy
from dispatch.swaps import colleagues, exchange
from volunteer import access, journal, notices
from volunteer.act import Act, fresh_id
from volunteer.errors import Missing, Reason, Refused
from volunteer.journal import Writing

MOST = 2  # others in a swap: a ring has three people


@dataclass(frozen=True, slots=True)
class Held:
    """An open swap with everything that may change with it, locked. ``at``: the database's clock then."""

    swap: Swap
    sides: list[SwapSide]
    seats: list[Seat]
    at: datetime

    def side(self, person: UUID | None) -> SwapSide | None:
        return next((side for side in self.sides if side.volunteer_id == person), None)


async def propose(act: Act, line_id: UUID, others: Sequence[UUID]) -> Swap:
    """Give my seat to the holder of the first of these lines, who gives theirs to the next, and the last gives theirs
    to me. :class:`Refused` when the time is over, a rule speaks against, or somebody was asked enough; a line that is
    nobody's accepted seat is :class:`Missing`."""

    async def verb(w: Writing) -> Swap:
        mine = await _mine(act, line_id)
        lines = [mine, *[await _theirs(one, mine) for one in others]]
        people = [line.volunteer_id for line in lines]
        if len(set(people)) < len(people) or len({line.need_id for line in lines}) < len(lines):
            raise Refused([Reason("swap_same")])
        gets = [lines[-1], *lines[:-1]]
        sides = [_side(act, at, line, taken.need_id) for at, (line, taken) in enumerate(zip(lines, gets, strict=True))]
        return await _proposed(w, "swap", mine, sides)

    return await seats.truly(act, verb)


async def hand_over(act: Act, line_id: UUID, colleague_id: UUID) -> Swap:
    """Give my seat to this colleague, once they say yes: somebody of a team of mine, or who serves at the same event.
    Anybody else is :class:`Missing`. The seat is mine until it is theirs."""

    async def verb(w: Writing) -> Swap:
        mine = await _mine(act, line_id)
        if not await colleagues.known(mine, colleague_id):
            raise Missing("volunteer")
        giver = _side(act, 0, mine, None)
        taker = SwapSide(id=fresh_id(act.at), place=1, volunteer_id=colleague_id, line_id=None, need_id=mine.need_id)
        return await _proposed(w, "handover", mine, [giver, taker])

    return await seats.truly(act, verb)


async def _mine(act: Act, line_id: UUID) -> Assignment:
    line = await Assignment.get_or_none(id=line_id)
    if line is None:
        raise Missing("assignment")
    seat = await seats.find(line.need_id)
    access.require(act.actor, "assignment.answer", seat.thing(line.volunteer_id))
    return line


async def _theirs(line_id: UUID, mine: Assignment) -> Assignment:
    line = await Assignment.get_or_none(id=line_id, status="accepted")
    if line is None or line.volunteer_id == mine.volunteer_id:
        raise Missing("assignment")
    return line


def _side(act: Act, place: int, line: Assignment, need_id: UUID | None) -> SwapSide:
    return SwapSide(id=fresh_id(act.at), place=place, volunteer_id=line.volunteer_id, line_id=line.id, need_id=need_id)


async def _proposed(w: Writing, kind: str, mine: Assignment, sides: list[SwapSide]) -> Swap:
    where, at = await _locked(w, sides)
    reasons = await exchange.shut(where, at)
    for side in sides:
        line = None if side.line_id is None else await Assignment.get(id=side.line_id)
        if line is not None and line.status != "accepted":
            raise Refused([Reason("swap_gone")], gone=True)
        if side.volunteer_id != mine.volunteer_id:
            reasons += await _asked(mine, side.volunteer_id)
    if await Swap.exists(given_id=mine.id, state__in=PENDING):
        reasons.append(Reason("swap_open"))
    if not reasons:
        reasons += await exchange.against(w.act, sides)
    if reasons:
        raise Refused(reasons)
    swap = Swap(
        id=fresh_id(w.act.at), kind=kind, state="proposed", proposer_id=mine.volunteer_id, given_id=mine.id,
        approval=policy().swaps.locked == "approval" and exchange.locked(where), proposed_at=at,
        expires_at=_until(where, at),
    )  # fmt: skip
    await swap.save(force_create=True)
    for side in sides:
        side.swap_id = swap.id
        side.agreed_at = at if side.volunteer_id == mine.volunteer_id else None
        await side.save(force_create=True)
    await pacts.tell(w, "proposed", swap, sides)
    for side in sides:
        if side.agreed_at is None:
            await notices.owe(w, f"{kind}.proposed", side.volunteer_id, ref=side.id, until=swap.expires_at)
    return swap


def _until(where: Sequence[Seat], at: datetime) -> datetime:
    """As long as an offer would stand, and no longer than seats may be passed on."""
    closes = min(seat.occupies[0] for seat in where) - timedelta(hours=policy().swaps.close_hours)
    return seats.reply_by(at, closes, policy())


async def _asked(mine: Assignment, person: UUID) -> list[Reason]:
    """Whoever said no is not asked again for this seat, and nobody has a heap of proposals to answer."""
    if await Swap.exists(given_id=mine.id, state="refused", by_id=person):
        return [Reason("swap_no")]
    waiting = SwapSide.filter(volunteer_id=person, swap__state="proposed", agreed_at=None)
    return [Reason("swap_many")] if await waiting.count() >= policy().swaps.asked else []


async def _locked(w: Writing, sides: Sequence[SwapSide]) -> tuple[list[Seat], datetime]:
    """Hold everybody and every need of it, and those whose open offers it would make impossible."""
    lines = await Assignment.filter(id__in=[side.line_id for side in sides if side.line_id])
    gets = [(side.volunteer_id, side.need_id) for side in sides if side.need_id is not None]
    needs = {*(line.need_id for line in lines), *(need for _, need in gets)}
    await seats.both(w, [side.volunteer_id for side in sides], [*needs, *await exchange.open_spans(gets)])
    where = [await seats.find(need) for need in sorted(needs)]
    return where, max(seat.at for seat in where)


async def _held(w: Writing, swap_id: UUID) -> Held:
    """The swap, held, for those who are in it and, where a coordinator has the last word, for whoever may let all its
    people go. To others it is not there."""
    sides = await pacts.sides(swap_id)
    swap = await Swap.get_or_none(id=swap_id)
    if swap is None or not (_inside(w.act, sides) or (swap.approval and await answers_for(w.act, sides))):
        raise Missing("swap")
    return await _locked_row(w, swap_id, sides)


def _inside(act: Act, sides: Sequence[SwapSide]) -> bool:
    return act.actor.id in {side.volunteer_id for side in sides}


async def answers_for(act: Act, sides: Sequence[SwapSide]) -> bool:
    """Whether the actor is responsible for every seat that changes hands."""
    needs = [await seats.find(side.need_id) for side in sides if side.need_id is not None]
    return all(access.may(act.actor, "assignment.release", seat.thing()) for seat in needs)


async def _locked_row(w: Writing, swap_id: UUID, sides: Sequence[SwapSide]) -> Held:
    where, at = await _locked(w, sides)
    swap = await Swap.filter(id=swap_id).select_for_update().get()
    return Held(swap, await pacts.sides(swap_id), where, at)


async def agree(act: Act, swap_id: UUID) -> Swap:
    """Yes. The last yes passes the seats on, or asks the coordinator to. :class:`Refused` with all reasons of one's own
    when a rule says no today, gone when the time is over; the proposal stands as it was then."""

    async def verb(w: Writing) -> Swap:
        held = await _held(w, swap_id)
        swap, side = held.swap, held.side(act.actor.id)
        if side is None:
            raise Missing("swap")
        if side.agreed_at is not None and swap.state in ("proposed", "agreed", "done"):
            return swap
        step(SWAP, swap.state, "agree")
        await _timely(held)
        side.agreed_at = held.at
        await side.save(update_fields=["agreed_at"])
        if any(one.agreed_at is None for one in held.sides):
            await pacts.store(w, swap, held.sides, "answered", swap.state)
            return swap
        swap.approval = policy().swaps.locked == "approval" and exchange.locked(held.seats)
        await swap.save(update_fields=["approval"])
        if not swap.approval:
            return await exchange.complete(w, swap, held.sides, held.at)
        if reasons := await exchange.against(act, held.sides):
            raise Refused(reasons)
        await pacts.store(w, swap, held.sides, "agree", "agreed")
        for event in await pacts.events_of(w, swap.id):
            await carers.alarm(w, "swap.waits", event, ref=swap.id, until=swap.expires_at)
        return swap

    return await seats.truly(act, verb)


async def _timely(held: Held) -> None:
    if held.swap.expires_at <= held.at:
        raise Refused([Reason("too_late")], gone=True)
    if reasons := await exchange.shut(held.seats, held.at):
        raise Refused(reasons, gone=True)


async def approve(act: Act, swap_id: UUID) -> Swap:
    """The coordinator's yes, where the roster is locked: the seats are passed on."""

    async def verb(w: Writing) -> Swap:
        held = await _held(w, swap_id)
        swap = held.swap
        if held.side(act.actor.id) is not None:
            raise Refused([Reason("not_yourself")])
        if swap.state == "done":
            return swap
        if swap.state != "agreed":
            raise Refused([Reason("step", {"verb": "approve", "status": swap.state})], gone=swap.state == "lapsed")
        await _timely(held)
        swap.by_id = act.actor.id
        return await exchange.complete(w, swap, held.sides, held.at, everything=True)

    return await seats.truly(act, verb)


async def refuse(act: Act, swap_id: UUID, words: str = "") -> Swap:
    """No: of one who is in it at any time, of the coordinator in place of a yes. It costs nobody anything."""

    async def verb(w: Writing) -> Swap:
        held = await _held(w, swap_id)
        swap, side = held.swap, held.side(act.actor.id)
        if swap.state == "refused":
            return swap
        if side is None and swap.state == "proposed":
            raise Refused([Reason("step", {"verb": "refuse", "status": swap.state})])
        if side is not None:
            return await pacts.ended(w, swap, "refuse", "no", held.at, by_id=side.volunteer_id)
        return await pacts.ended(w, swap, "refuse", "coordinator", held.at, by_id=act.actor.id, words=words)

    return await journal.writing(act, verb)


async def withdraw(act: Act, swap_id: UUID) -> Swap:
    """Take my own proposal back."""

    async def verb(w: Writing) -> Swap:
        held = await _held(w, swap_id)
        swap = held.swap
        if swap.proposer_id != act.actor.id:
            raise Missing("swap")
        if swap.state == "lapsed":
            return swap
        return await pacts.ended(w, swap, "lapse", "withdrawn", held.at)

    return await journal.writing(act, verb)


async def lapse_due(act: Act, *, limit: int = 200) -> int:
    """End swaps whose time is over by the database's clock, each by itself. Returns how many; there may be more at the
    limit."""
    due = Swap.filter(state__in=PENDING, expires_at__lte=act.at).order_by("expires_at", "id").limit(limit)
    return await journal.each(act, [(swap.id, _lapse(swap.id)) for swap in await due])


def _lapse(swap_id: UUID) -> Callable[[Writing], Awaitable[int]]:
    async def verb(w: Writing) -> int:
        held = await _locked_row(w, swap_id, await pacts.sides(swap_id))
        if held.swap.state not in PENDING or held.swap.expires_at > held.at:
            return 0
        await pacts.ended(w, held.swap, "lapse", "time", held.at)
        return 1

    return verb
