"""Changing what was published: fewer or more seats, a need called off, a shift at another time or place.

Each is one transaction with all that follows from it, and tells exactly those whom it touches. Nobody who signed in is
ever let go by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from dispatch import bars, lifecycle
from dispatch.agenda import events
from dispatch.agenda.postings import FARTHEST, LONGEST
from dispatch.lifecycle import EVENT
from dispatch.models import Assignment, Event, Need, Shift, Venue
from dispatch.roster import assignments, seats
from dispatch.roster.seats import Seat
from dispatch.roster.verdicts import why_not
from dispatch.settings import policy
from volunteer import access, journal, notices
from volunteer.access import Thing
from volunteer.act import Act
from volunteer.errors import Fault, Invalid, Missing, Reason, Refused
from volunteer.journal import Writing, topics_of

# An event may be changed while it is in one of these, a shift of it until its call.
CHANGEABLE: Final = ("draft", "published", "locked", "running")
BOUND: Final = ("offered", "standby", "accepted")
THERE: Final = ("checked_in", "completed")


@dataclass(frozen=True, slots=True)
class Hours:
    starts_at: datetime
    ends_at: datetime
    venue: UUID


# ---- seats ----


async def resize(act: Act, need_id: UUID, most: int, reason: str = "", *, release: bool = False) -> Need:
    """So many seats from now on; what is mandatory or wished shrinks with them. Offers that no seat is left for are
    taken back, the newest first. People who accepted are only let go with ``release``: who said yes last goes first.
    :class:`Refused` otherwise, and where fewer seats than people who are there would be left."""

    async def verb(w: Writing) -> Need:
        seat = await _held(w, need_id)
        reasons = await _too_few(seat, most, release=release)
        if reasons:
            raise Refused(reasons)
        if most != seat.need.max:
            await _let_go(act.joined(w), seat, most, reason)
            return await _store(w, seat, most, "resized", reason)
        return seat.need

    return await journal.writing(act, verb, patience=60)


async def call_off(act: Act, need_id: UUID, reason: str) -> Need:
    """Nobody is wanted here any more: a need without seats. Offers and waiting lists are withdrawn, who accepted is let
    go and told. :class:`Refused` while somebody is there, and while learners' seats rest on this role."""

    async def verb(w: Writing) -> Need:
        seat = await _held(w, need_id)
        if reasons := [*await _too_few(seat, 0, release=True), *await _mentored(seat.need)]:
            raise Refused(reasons)
        if seat.need.max:
            await _let_go(act.joined(w), seat, 0, reason)
            return await _store(w, seat, 0, "called_off", reason)
        return seat.need

    return await journal.writing(act, verb, patience=60)


async def _held(w: Writing, need_id: UUID) -> Seat:
    """The need with everybody who is bound to it, held, for whoever may change the event."""
    seat = await seats.find(need_id)
    access.require(w.act.actor, "event.write", Thing("need", seat.event.region_id, seat.event.unit_id))
    lines = await Assignment.filter(need_id=need_id, status__in=BOUND)
    seat = await seats.lock(w, people=[line.volunteer_id for line in lines], need_id=need_id)
    if seat.event.state not in CHANGEABLE:
        raise Refused([Reason("step", {"verb": "change", "status": seat.event.state})])
    return seat


async def _too_few(seat: Seat, most: int, *, release: bool) -> list[Reason]:
    there = await Assignment.filter(need_id=seat.need.id, status__in=THERE, extra=False).count()
    if most < there:
        return [Reason("present", {"people": there})]
    if most < seat.need.taken and not release:
        return [Reason("would_release", {"people": seat.need.taken - most})]
    others = await Need.filter(shift_id=seat.shift.id).exclude(id=seat.need.id)
    if most < seat.need.max and sum(need.max for need in others) + most < seat.event.quorum:
        return [Reason("below_quorum", {"quorum": seat.event.quorum})]
    return []


async def _mentored(need: Need) -> list[Reason]:
    mentors = await Need.filter(shift_id=need.shift_id, role=need.role, max__gt=0).exclude(id=need.id).exists()
    learners = Need.filter(shift_id=need.shift_id, mentor_role=need.role, max__gt=0)
    return [Reason("learners_left")] if not mentors and await learners.exists() else []


async def _let_go(act: Act, seat: Seat, most: int, reason: str) -> None:
    """In the stated order: accepted people above the most, the last yes first; then offers without a seat, the newest
    first; waiting lists only when nobody is wanted at all."""
    lines = Assignment.filter(need_id=seat.need.id)
    over = max(0, seat.need.taken - most)
    for line in await lines.filter(status="accepted").order_by("-answered_at", "-id").limit(over):
        _ = await assignments.release(act, line.id, "fewer_seats", words=reason)
        seat.need.taken -= 1
    left = most - seat.need.taken
    kept = left if seat.need.mode == "reserve" or left <= 0 else None
    asked = await lines.filter(status="offered").order_by("offered_at", "id")
    waiting = await lines.filter(status="standby").order_by("id") if most == 0 else []
    for line in [*(asked[kept:] if kept is not None else []), *waiting]:
        _ = await assignments.withdraw(act, line.id, "fewer_seats", words=reason)


async def _store(w: Writing, seat: Seat, most: int, kind: str, reason: str) -> Need:
    need = await Need.get(id=seat.need.id)
    need.max, need.desired = most, min(need.desired, most)
    need.min, need.version = min(need.min, need.desired), need.version + 1
    await need.save(update_fields=["max", "desired", "min", "version"])
    bar = (await bars.of(w.db, [seat.shift.id]))[seat.shift.id]
    row = next(one for one in bar["needs"] if one["id"] == need.id)
    topics = (f"event:{seat.event.id}", *topics_of(seat.event.region_id))
    w.entry(f"need.{kind}", topics=topics, ref=need.id, body={"need": row, "bar": bar, "reason": reason})
    return need


# ---- time and place ----


async def move(act: Act, shift_id: UUID, hours: Hours, reason: str) -> Shift:
    """Hold the shift then and there. Who accepted keeps the seat when no rule speaks against the new hours or place;
    for whom one does is asked again, the seat held meanwhile. Offers and waiting lists move along. Everybody concerned
    is told. :class:`Refused` when the shift has begun, :class:`Invalid` for hours that cannot be."""

    async def verb(w: Writing) -> Shift:
        shift, event, lines = await _shift(w, shift_id)
        await _possible(act, shift, event, hours, await w.clock())
        if (hours.starts_at, hours.ends_at, hours.venue) == (shift.starts_at, shift.ends_at, shift.venue_id):
            return shift
        accepted = [line for line in lines if line.status == "accepted"]
        before = {line.id: await why_not(line.volunteer_id, line.need_id) for line in accepted}
        values = {"starts_at": hours.starts_at, "ends_at": hours.ends_at, "venue_id": hours.venue}
        await Shift.filter(id=shift.id).update(**values)
        old = event.region_id
        await _span(event)  # before anybody is judged: the rules look at the event's days
        again = [line for line in accepted if await _newly_against(line, before[line.id])]
        asked = await _ask_again(w, again)
        along = [line for line in lines if line not in again]
        await _carry(w, along)
        await _moved(w, event, shift.id, old, reason)
        data = {"reason": reason} if reason else {}
        for line in along:
            await notices.owe(
                w, "shift.moved", line.volunteer_id, ref=line.id, until=hours.starts_at, data=data, anew=True
            )
        for line in asked:
            await notices.owe(w, "shift.moved_again", line.volunteer_id, ref=line.id, until=line.expires_at, data=data)
        return await Shift.get(id=shift_id)

    return await journal.writing(act, verb, patience=60)


async def _shift(w: Writing, shift_id: UUID) -> tuple[Shift, Event, list[Assignment]]:
    """The shift, its event and everybody bound to it, held in order."""
    shift = await Shift.get_or_none(id=shift_id).prefetch_related("event")
    if shift is None:
        raise Missing("shift")
    access.require(w.act.actor, "event.write", Thing("shift", shift.event.region_id, shift.event.unit_id))
    bound = Assignment.filter(need__shift_id=shift_id, status__in=BOUND)
    await seats.hold(w, [line.volunteer_id for line in await bound])
    await seats.grip(w, [need.id for need in await Need.filter(shift_id=shift_id)])
    event = await events.held(w.act, shift.event_id)
    return await Shift.get(id=shift_id), event, await bound.order_by("volunteer_id", "id")


async def _possible(act: Act, shift: Shift, event: Event, hours: Hours, at: datetime) -> None:
    if event.state not in CHANGEABLE:
        raise Refused([Reason("step", {"verb": "move", "status": event.state})])
    call = timedelta(minutes=shift.call)
    if event.state != "draft" and shift.starts_at - call <= at:
        raise Refused([Reason("begun")])
    if there := await Assignment.filter(need__shift_id=shift.id, status__in=THERE).count():
        raise Refused([Reason("present", {"people": there})])
    venue = await Venue.get_or_none(id=hours.venue)
    faults = []
    if venue is None:
        faults.append(Fault("venue", "没有这个场地，请重新选择", "there is no such venue; choose one from the list"))
    elif not access.may(act.actor, "event.write", Thing("event", venue.region_id, event.unit_id)):
        faults.append(
            Fault("venue", "您不能在这里举办活动，请换场地", "you may not hold events here; choose another venue")
        )
    if hours.ends_at <= hours.starts_at:
        faults.append(Fault("ends_at", "结束时间要晚于开始时间", "must be after the start; choose a later time"))
    elif hours.ends_at - hours.starts_at > LONGEST:
        faults.append(Fault("ends_at", "一个班次最长 16 小时", "a shift lasts at most 16 hours; choose an earlier end"))
    if not at < hours.starts_at - call <= at + FARTHEST:
        faults.append(
            Fault(
                "starts_at",
                "开始（含集合）时间要在将来，且不超过 400 天",
                "must lie ahead, call time included, by at most 400 days; choose another time",
            )
        )
    if faults:
        raise Invalid(faults)


async def _newly_against(line: Assignment, before: Sequence[Reason]) -> bool:
    """Whether a rule speaks against the person now that did not before."""
    known = {reason.rule for reason in before}
    return any(reason.rule not in known for reason in await why_not(line.volunteer_id, line.need_id))


async def _ask_again(w: Writing, lines: Sequence[Assignment]) -> list[Assignment]:
    """Nobody is forced: their yes was for other hours. The new offer holds the seat while they think."""
    asked = []
    for line in lines:
        seat = await seats.find(line.need_id)
        await seats.give_back(w, seat)
        await seats.move(line, "release", answered_at=seat.at, decline_reason="moved")
        await seats.tell(w, "released", [line])
        new = seats.line(w.act, seat, line.volunteer_id, "offered", "hand", seat.at)
        new.expires_at = seats.reply_by(seat.at, seat.shift.starts_at, policy())
        await new.save(force_create=True)
        await new.refresh_from_db()
        await seats.tell(w, "offered", [new])
        asked.append(new)
    return asked


async def _carry(w: Writing, lines: Sequence[Assignment]) -> None:
    """These lines occupy the new hours; an offer's time ends no later than before, and before the start."""
    for line in lines:
        seat = await seats.find(line.need_id)
        begins, ends = seat.occupies
        fields: dict[str, Any] = {"occupies_from": begins, "occupies_until": ends, "moved_at": seat.at}
        if line.status == "standby":
            fields["expires_at"] = seat.shift.starts_at
        elif line.status == "offered" and line.expires_at is not None:
            latest = seats.reply_by(seat.at, seat.shift.starts_at, policy())
            fields["expires_at"] = min(line.expires_at, latest)
        await seats.store(line, **fields)
    await seats.tell(w, "moved", lines)


async def _span(event: Event) -> None:
    """The event spans its shifts again and locks before its first call. One of a single shift lies where that is."""
    shifts = await Shift.filter(event_id=event.id).order_by("starts_at", "id").prefetch_related("venue")
    event.starts_at, event.ends_at = shifts[0].starts_at, max(shift.ends_at for shift in shifts)
    first = min(shift.starts_at - timedelta(minutes=shift.call) for shift in shifts)
    event.locks_at = first - timedelta(hours=policy().lock_hours)
    if len(shifts) == 1:
        event.region_id = shifts[0].venue.region_id
    await event.save(update_fields=["starts_at", "ends_at", "locks_at", "region_id"])


async def _moved(w: Writing, event: Event, shift_id: UUID, old: str, reason: str) -> None:
    """Say it where the event lay and where it lies now. One that locked too soon is open again."""
    state = event.state
    if state == "locked" and event.locks_at is not None and event.locks_at > await w.clock():
        state = lifecycle.step(EVENT, state, "reopen")
    _ = await events.move(w, event, state, "moved", {"shift_id": str(shift_id), "reason": reason})
    bar = (await bars.of(w.db, [shift_id]))[shift_id]
    topics = (f"event:{event.id}", *topics_of(old), *topics_of(event.region_id))
    w.entry("shift.moved", topics=topics, ref=shift_id, body={"bar": bar})
