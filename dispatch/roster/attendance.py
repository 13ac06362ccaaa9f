"""Who came: sign-in by roll call or by a code that changes, sign-out, absence, completion, corrections.

Times are the server's: a tap that was made offline counts when it arrives. Only who calls the roll may name an earlier
moment, within the shift. Nobody confirms themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise import connections
from tortoise.expressions import F

from dispatch import lifecycle
from dispatch.lifecycle import ASSIGNMENT, HELD
from dispatch.models import Assignment, Shift, Venue
from dispatch.planner.desk import km
from dispatch.planner.problem import Point
from dispatch.roster import seats, served, turnstile
from dispatch.roster.seats import Seat, held, move
from dispatch.settings import policy
from dispatch.turns import CLOSE_HOURS
from volunteer import access, journal, notices
from volunteer.access import Thing
from volunteer.act import Act
from volunteer.errors import Missing, Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Volunteer
from volunteer.records import proposing

GUESSES = 10


@dataclass(frozen=True, slots=True)
class Code:
    """What the venue shows. ``until``: when the next one takes its place."""

    shift_id: UUID
    typed: str
    scanned: str
    until: datetime
    at: datetime


async def code(act: Act, shift_id: UUID) -> Code:
    """The sign-in code of this shift, now; for whoever calls its roll."""
    shift = await _roll(act, shift_id)
    rows = await connections.get("default").execute_query_dict("SELECT clock_timestamp() AS at")
    at, seconds = rows[0]["at"], policy().code_seconds
    number = turnstile.turn(at, seconds)
    typed, scanned = turnstile.typed(shift.secret, number), turnstile.scanned(shift.secret, number)
    return Code(shift_id, typed, scanned, turnstile.ends(at, seconds), at)


async def _roll(act: Act, shift_id: UUID) -> Shift:
    """The shift, for whoever may call its roll. Raises :class:`Missing`."""
    shift = await Shift.get_or_none(id=shift_id).prefetch_related("event")
    if shift is None:
        raise Missing("shift")
    event, leaders = shift.event, await seats.leaders(shift.event_id)
    access.require(act.actor, "attendance.call", Thing("shift", event.region_id, event.unit_id, leaders=leaders))
    return shift


async def sign_in(act: Act, assignment_id: UUID, said: str, *, there: Point | None = None) -> Assignment:
    """I am here: by the code that the venue shows, within the time for it. ``there``: where the phone is; only whether
    that is near the venue is kept. :class:`Refused` for a wrong or late code, or outside the time."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "assignment.answer")
        if line.status == "checked_in":
            return line
        lifecycle.step(ASSIGNMENT, line.status, "check_in")
        _now_or_never(seat, seat.at)
        came_by = await _read(line, seat, said, seat.at)
        await move(line, "check_in", checked_in_at=seat.at, came_by=came_by, near=await _near(seat, there))
        await seats.tell(w, "checked_in", [line])
        return line

    return await seats.truly(act, verb)


def _now_or_never(seat: Seat, at: datetime) -> None:
    terms = policy()
    opens = seat.occupies[0] - timedelta(minutes=terms.signin_opens)
    closes = seat.shift.starts_at + timedelta(minutes=terms.signin_closes)
    if seat.event.state not in HELD:
        raise Refused([Reason("closed", {"state": seat.event.state})])
    if at < opens:
        raise Refused([Reason("too_early", {"minutes": -(-(opens - at) // timedelta(minutes=1))})])
    if at >= closes:
        raise Refused([Reason("signin_closed", {"minutes": terms.signin_closes})])


async def _read(line: Assignment, seat: Seat, said: str, at: datetime) -> str:
    """How they came. A wrong guess is counted although it is refused; after ten only the roll call helps."""
    if line.guesses >= GUESSES:
        raise Refused([Reason("too_many_guesses")])
    terms = policy()
    came_by = turnstile.read(seat.shift.secret, said, at, seconds=terms.code_seconds, grace=terms.code_grace)
    if came_by is None:
        await Assignment.filter(id=line.id).update(guesses=F("guesses") + 1)
        raise Refused([Reason("venue_code")], keeps=True)
    return came_by


async def _near(seat: Seat, there: Point | None) -> bool | None:
    """Whether the phone is at the venue; unknown without a place, or when the venue's point is only a township's."""
    venue = await Venue.get(id=seat.shift.venue_id)
    if there is None or venue.approximate or venue.lat is None or venue.lon is None:
        return None
    return km(Point(venue.lat, venue.lon), there) * 1000 <= policy().near_metres


async def check_in(act: Act, assignment_id: UUID, *, at: datetime | None = None) -> Assignment:
    """Roll call: this person is here, since ``at`` (default: now, or the shift's start when that is over)."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await _called(w, assignment_id)
        if line.status == "checked_in":
            return line
        lifecycle.step(ASSIGNMENT, line.status, "check_in")
        now = seat.at
        _callable(seat, now)
        came = _moment(seat, at or (now if now < seat.shift.ends_at else seat.shift.starts_at), now)
        await move(line, "check_in", checked_in_at=came, came_by="roll", marked_by=act.actor.id)
        await seats.tell(w, "checked_in", [line])
        return line

    return await seats.truly(act, verb)


async def check_out(act: Act, assignment_id: UUID, *, at: datetime | None = None) -> Assignment:
    """They leave: oneself now, at the latest when the shift is over; who calls the roll may name the moment."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "attendance.leave", led=True)
        if line.checked_out_at is not None and at in (None, line.checked_out_at):
            return line
        if line.status != "checked_in" or line.checked_in_at is None:
            raise Refused([Reason("step", {"verb": "check_out", "status": line.status})])
        now, own = seat.at, act.actor.id == line.volunteer_id
        if own and (at is not None or line.checked_out_at is not None):
            raise Refused([Reason("not_yourself")])
        left = min(now, line.occupies_until) if own else _left(seat, line, at or min(now, line.occupies_until), now)
        await seats.store(line, checked_out_at=max(left, line.checked_in_at))
        await seats.tell(w, "checked_out", [line])
        return line

    return await journal.writing(act, verb)


async def miss(act: Act, assignment_id: UUID, *, excused: bool = False) -> Assignment:
    """They did not come. The seat is free at once; without an excuse it counts against their reliability."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await _called(w, assignment_id)
        if line.status == "no_show":
            return line
        lifecycle.step(ASSIGNMENT, line.status, "no_show")
        now = seat.at
        _callable(seat, now)
        minutes = policy().absent_after
        if now < seat.shift.starts_at + timedelta(minutes=minutes):
            raise Refused([Reason("wait_longer", {"minutes": minutes})])
        await seats.give_back(w, seat)
        await move(line, "no_show", marked_by=act.actor.id, excused=excused)
        await _count(line, 0 if excused else 1)
        await seats.tell(w, "missed", [line])
        await notices.owe(w, "assignment.missed", line.volunteer_id, ref=line.id)
        return line

    return await journal.writing(act, verb)


async def complete(act: Act, assignment_id: UUID, *, left: datetime | None = None) -> Assignment:
    """They served until ``left`` (default: their sign-out, else the shift's end). The same again changes nothing."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await _called(w, assignment_id)
        if line.status == "completed" and left in (None, line.checked_out_at):
            return line
        lifecycle.step(ASSIGNMENT, line.status, "complete")
        now = seat.at
        _callable(seat, now)
        until = _left(seat, line, left or line.checked_out_at or _usually(seat, line, now), now)
        await move(line, "complete", checked_out_at=until, marked_by=act.actor.id)
        await seats.tell(w, "completed", [line])
        await served.propose(w, line, seat)
        return line

    return await journal.writing(act, verb)


async def correct(act: Act, assignment_id: UUID, reason: str, *, came: datetime, left: datetime) -> Assignment:
    """They were there after all: said by a second person, with the reason. The seat counts again if it is still free;
    where another took it, or is asked for it, they served beside that one."""

    async def verb(w: Writing) -> Assignment:
        line, seat = await held(w, assignment_id, "attendance.correct")
        if line.status == "completed" and line.correction == reason and line.checked_out_at == left:
            return line
        lifecycle.step(ASSIGNMENT, line.status, "correct")
        if act.actor.id in (line.volunteer_id, line.marked_by):
            raise Refused([Reason("second_person")])
        now = seat.at
        begins = _moment(seat, came, now)
        line.checked_in_at = begins
        until = _left(seat, line, left, now)
        await proposing.nowhere_else(line.volunteer_id, line.id, begins, until)
        extra = await seats.free(seat) <= 0 or not await seats.retake(w, seat)
        await _count(line, 0 if line.excused else -1)
        await move(
            line, "correct", checked_in_at=begins, checked_out_at=until, came_by="roll", correction=reason,
            extra=extra, marked_by=act.actor.id,
        )  # fmt: skip
        await seats.tell(w, "corrected", [line])
        await seats.fill(w, seat, now)
        await served.propose(w, line, seat)
        return line

    return await journal.writing(act, verb)


async def _called(w: Writing, assignment_id: UUID) -> tuple[Assignment, Seat]:
    """The line, held, for whoever calls its roll; not for the person themselves."""
    line, seat = await held(w, assignment_id, "attendance.call", led=True)
    if w.act.actor.id == line.volunteer_id:
        raise Refused([Reason("not_yourself")])
    return line, seat


def _callable(seat: Seat, now: datetime) -> None:
    if seat.event.state not in HELD:
        raise Refused([Reason("closed", {"state": seat.event.state})])
    opens = seat.occupies[0] - timedelta(minutes=policy().signin_opens)
    if now < opens:
        raise Refused([Reason("too_early", {"minutes": -(-(opens - now) // timedelta(minutes=1))})])
    if now >= seat.shift.ends_at + timedelta(hours=CLOSE_HOURS):
        raise Refused([Reason("over")])


def _moment(seat: Seat, at: datetime, now: datetime) -> datetime:
    """A moment of coming that the roll may name: not ahead, and within the shift with its call time."""
    opens = seat.occupies[0] - timedelta(minutes=policy().signin_opens)
    if not opens <= at <= min(now, seat.occupies[1]):
        raise Refused([Reason("not_then")])
    return at


def _left(seat: Seat, line: Assignment, at: datetime, now: datetime) -> datetime:
    """A moment of leaving: after coming, not ahead, at most half as long again as planned (more needs a correction)."""
    begins, ends = seat.occupies
    if line.checked_in_at is None or not line.checked_in_at <= at <= min(now, ends + (ends - begins) / 2):
        raise Refused([Reason("not_then")])
    return at


def _usually(seat: Seat, line: Assignment, now: datetime) -> datetime:
    """When somebody left who never said so: with the shift, or as they came, who came while it was put away."""
    end = min(now, seat.shift.ends_at)
    return end if line.checked_in_at is None else max(end, line.checked_in_at)


async def _count(line: Assignment, by: int) -> None:
    """Unexcused absences of the person, who is held."""
    if by:
        await Volunteer.filter(id=line.volunteer_id).update(no_shows=F("no_shows") + by)


async def complete_all(act: Act, shift_id: UUID) -> Sequence[Assignment]:
    """Close the roll of a shift: everybody who signed in and whom the caller may confirm has served."""

    async def verb(w: Writing) -> list[Assignment]:
        await _roll(act, shift_id)
        present = await Assignment.filter(need__shift_id=shift_id, status="checked_in").order_by("volunteer_id")
        await seats.hold(w, [line.volunteer_id for line in present])
        await seats.grip(w, [line.need_id for line in present])
        others = [line for line in present if line.volunteer_id != act.actor.id]
        return [await complete(act.joined(w), line.id) for line in others]

    return await journal.writing(act, verb, patience=60)
