"""Taking locks, counting seats and saying so: what every verb on an assignment does in the same order.

Lock order, always: idempotency key, volunteers, needs, shifts, events, each by id; topics come last by themselves.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError

from dispatch import bars, lifecycle, quiet
from dispatch.lifecycle import ASSIGNMENT, OPEN, SEATED
from dispatch.models import Assignment, Event, Need, Shift
from dispatch.models.stored import made
from dispatch.roster import calls, crews, pacts
from dispatch.settings import Policy, policy
from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act, fresh_id
from volunteer.errors import Missing, Reason, Refused
from volunteer.journal import Writing, topics_of

T = TypeVar("T")

# What a constraint of the database says, for the rare race that only the database sees.
_TRUTH = {
    "nobody_twice_at_once": "overlap", "need_capacity": "full", "one_live_claim": "taken",
    "one_open_swap_a_seat": "swap_open", "one_open_offer_a_team": "taken",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seat:
    """A need with its shift and event, locked for this transaction. ``at``: the database's clock, read when the locks
    were held. ``clashing``: the person's other open offers at the same time."""

    need: Need
    shift: Shift
    event: Event
    at: datetime
    clashing: tuple[Assignment, ...] = ()

    def thing(self, *people: UUID, leaders: Iterable[UUID] = ()) -> Thing:
        return Thing("need", self.event.region_id, self.event.unit_id, frozenset(people), frozenset(leaders))

    @property
    def occupies(self) -> tuple[datetime, datetime]:
        """The shift with its call time and get-out."""
        return (
            self.shift.starts_at - timedelta(minutes=self.shift.call),
            self.shift.ends_at + timedelta(minutes=self.shift.out),
        )


# Whoever reads by keys alone has little to plan: a subquery is planned by itself, a join together with all others.

# A need with its shift and event, and the clock when it was read.
_SEAT: Final = """SELECT to_json(n) AS need, to_json(s) AS shift, to_json(e) AS event, clock_timestamp() AS at
FROM need n JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id WHERE n.id = $1"""
# A line, where it lies, and the needs of the person's other open offers at the same time and of the line it replaces.
_FOUND: Final = """SELECT a.volunteer_id, a.need_id, a.then_id, a.status, e.id AS event_id, e.region_id, e.unit_id,
ARRAY(SELECT o.need_id FROM assignment o WHERE o.volunteer_id = a.volunteer_id AND o.status = 'offered' AND o.id <> a.id
  AND o.occupies_from < a.occupies_until AND o.occupies_until > a.occupies_from OR o.id = a.replaces_id) AS besides
FROM assignment a JOIN event e ON e.id = (SELECT s.event_id FROM shift s
  WHERE s.id = (SELECT n.shift_id FROM need n WHERE n.id = a.need_id)) WHERE a.id = $1"""
_OVER: Final = "SELECT status FROM assignment WHERE id = $1 AND volunteer_id = $2 AND status = ANY($3)"
_LINE: Final = """SELECT to_json(a) AS line, to_json(n) AS need, to_json(s) AS shift,
(SELECT to_json(e) FROM event e WHERE e.id = s.event_id) AS event,
(SELECT json_agg(o ORDER BY o.id) FROM assignment o WHERE o.volunteer_id = a.volunteer_id AND o.status = 'offered'
  AND o.id <> a.id AND o.occupies_from < a.occupies_until AND o.occupies_until > a.occupies_from) AS clashing,
clock_timestamp() AS at
FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id WHERE a.id = $1"""
_FILL: Final = """UPDATE assignment SET status = $2, version = version + 1, answered_at = $3
WHERE need_id = $1 AND status = 'offered' RETURNING *"""
# Each part is whole before the next one starts: the arrays are made first, and ORDER BY stands below the locks.
_LOCK: Final = """WITH people AS MATERIALIZED (SELECT id FROM volunteer WHERE id = ANY($1) ORDER BY id FOR UPDATE),
held AS MATERIALIZED (SELECT count(*) AS people FROM people),
needs AS MATERIALIZED (SELECT id, shift_id FROM need WHERE id = ANY(CASE WHEN (SELECT people FROM held) >= 0
  THEN $2::uuid[] END) ORDER BY id FOR UPDATE),
shifts AS MATERIALIZED (SELECT id, event_id FROM shift WHERE id = ANY(ARRAY(SELECT shift_id FROM needs))
  ORDER BY id FOR UPDATE),
events AS MATERIALIZED (SELECT id FROM event WHERE id = ANY(ARRAY(SELECT event_id FROM shifts)) ORDER BY id FOR SHARE)
SELECT (SELECT people FROM held) AS people, (SELECT count(*) FROM events) AS events"""


async def find(need_id: UUID) -> Seat:
    """The need, unlocked. Raises :class:`Missing`."""
    rows = await get_connection("default").execute_query_dict(_SEAT, [need_id])
    if not rows:
        raise Missing("need")
    return _seat(rows[0])


def _seat(row: Mapping[str, Any]) -> Seat:
    (need,), (shift,) = made(Need, [json.loads(row["need"])]), made(Shift, [json.loads(row["shift"])])
    (event,) = made(Event, [json.loads(row["event"])])
    return Seat(need, shift, event, row["at"])


async def hold(w: Writing, people: Iterable[UUID]) -> None:
    """Hold these people, by id, until the transaction ends. Raises :class:`Missing`."""
    await both(w, people, ())


async def grip(w: Writing, need_ids: Iterable[UUID]) -> None:
    """Hold these needs, then their shifts, by id; their events only against change. Whoever tells a shift's bar holds
    the shift, so that the last bar told is the true one."""
    await both(w, (), need_ids)


async def both(w: Writing, people: Iterable[UUID], need_ids: Iterable[UUID]) -> None:
    """Hold these people, then these needs. In SQL, because the ORM forgets FOR UPDATE when it is asked for single
    columns; in one statement, because each round trip is time that others wait."""
    wanted = sorted(set(people))
    rows = await w.db.execute_query_dict(_LOCK, [wanted, sorted(set(need_ids))])
    if rows[0]["people"] != len(wanted):
        raise Missing("volunteer")


async def lock(w: Writing, *, people: Iterable[UUID], need_id: UUID, besides: Iterable[UUID] = ()) -> Seat:
    """Hold these people, then the need (and the needs ``besides``), until the transaction ends. Raises
    :class:`Missing`."""
    await both(w, people, [need_id, *besides])
    return await find(need_id)


async def held(
    w: Writing, assignment_id: UUID, verb: str, *, led: bool = False, step: str = ""
) -> tuple[Assignment, Seat]:
    """The line and its seat, locked in order with the needs of the person's open offers at the same time, after the
    actor's right to ``verb`` is shown. ``led``: who leads on the spot has a leader's rights. A stranger's line is
    :class:`Missing`. ``step``: what is to be done; a line that has ended for good is refused before anything is held,
    for the many who lose a race."""
    found = await w.db.execute_query_dict(_FOUND, [assignment_id])
    if not found:
        raise Missing("assignment")
    where = found[0]
    on_the_spot = await leaders(where["event_id"]) if led else frozenset()
    people = frozenset({where["volunteer_id"]})
    thing = Thing("assignment", where["region_id"], where["unit_id"], people, on_the_spot)
    access.require(w.act.actor, verb, thing)
    if step and where["status"] in lifecycle.GONE:
        lifecycle.step(ASSIGNMENT, where["status"], step)
    await both(w, {*people, *filter(None, [where["then_id"]])}, [where["need_id"], *where["besides"]])
    row = (await w.db.execute_query_dict(_LINE, [assignment_id]))[0]
    (line,) = made(Assignment, [json.loads(row["line"])])
    seat = _seat(row)
    return line, replace(seat, clashing=tuple(made(Assignment, json.loads(row["clashing"] or "[]"))))


async def over(act: Act, assignment_id: UUID, verb: str, step: str) -> None:
    """Raise what :func:`held` would when the actor's own line has ended for good by what is committed; else nothing,
    for :func:`held` to judge. Needs no transaction: what has ended so stays so."""
    own = Thing("assignment", people=frozenset({act.actor.id} if act.actor.id else ()))
    if access.may(act.actor, verb, own):
        values = [assignment_id, act.actor.id, list(lifecycle.GONE)]
        for row in await get_connection("default").execute_query_dict(_OVER, values):
            lifecycle.step(ASSIGNMENT, row["status"], step)


async def leaders(event_id: UUID) -> frozenset[UUID]:
    """Who leads the event on the spot: whoever holds a leader's seat on one of its shifts."""
    lines = Assignment.filter(need__leader=True, need__shift__event_id=event_id, status__in=SEATED)
    return frozenset([line.volunteer_id for line in await lines])


async def asked_within(
    volunteer_id: UUID, begins: datetime, ends: datetime, *, besides: UUID | None = None
) -> list[Assignment]:
    """The person's open offers that overlap this span, but for the line ``besides``."""
    found = Assignment.filter(
        volunteer_id=volunteer_id, status="offered", occupies_from__lt=ends, occupies_until__gt=begins
    )
    return await (found.exclude(id=besides) if besides else found).order_by("id")


async def take(w: Writing, seat: Seat) -> None:
    """One seat more is taken. The event must be open and the seat free, both judged under the lock."""
    if seat.event.state not in OPEN:
        raise Refused([Reason("closed", {"state": seat.event.state})], gone=True)
    if not await retake(w, seat):
        raise Refused([Reason("full", {"max": seat.need.max})], gone=True)


async def give_back(w: Writing, seat: Seat) -> None:
    rows = await w.db.execute_query_dict(
        "UPDATE need SET taken = taken - 1, version = version + 1 WHERE id = $1 RETURNING taken", [seat.need.id]
    )
    seat.need.taken = rows[0]["taken"]


async def retake(w: Writing, seat: Seat) -> bool:
    """Take the seat again if one is free, whatever the event's state."""
    rows = await w.db.execute_query_dict(
        "UPDATE need SET taken = taken + 1, version = version + 1 WHERE id = $1 AND taken < max RETURNING taken",
        [seat.need.id],
    )
    if rows:
        seat.need.taken = rows[0]["taken"]
    return bool(rows)


async def free(seat: Seat) -> int:
    """Seats to give away: in reserve mode an open offer holds its seat, in race mode the first yes wins it."""
    left = seat.need.max - seat.need.taken
    if seat.need.mode == "race":
        return left
    return left - await Assignment.filter(need_id=seat.need.id, status="offered").count()


def reply_by(at: datetime, starts: datetime, terms: Policy, *, ends: datetime | None = None) -> datetime:
    """Until when an offer stands: 48 hours or half of the time left, never less than the floor (domain 4.1), never
    beyond the start, and not into the night unless the shift is near. A replacement asked after the start (``ends``)
    has the floor, and never beyond the end."""
    half, floor = (starts - at) / 2, timedelta(minutes=terms.offer_floor_minutes)
    window = max(min(timedelta(hours=terms.offer_hours), half), floor)
    if ends is not None and at >= starts:
        return min(at + window, ends)
    return quiet.answerable(at, min(at + window, starts), starts, floor, terms.asking)


def line(act: Act, seat: Seat, volunteer_id: UUID, status: str, source: str, at: datetime) -> Assignment:
    """A new line, not stored yet."""
    begins, ends = seat.occupies
    return Assignment(
        id=fresh_id(act.at), need_id=seat.need.id, volunteer_id=volunteer_id, status=status, source=source,
        occupies_from=begins, occupies_until=ends, offered_at=at, why=[],
    )  # fmt: skip


def free_until(line: Assignment) -> datetime:
    """Until when stepping back is not marked late: the roster locks then. Whose shift was moved after their yes never
    said yes to these hours, and may leave at any time."""
    if line.moved_at is not None and line.answered_at is not None and line.answered_at < line.moved_at:
        return line.occupies_until
    return line.occupies_from - timedelta(hours=policy().lock_hours)


def useful_until(lines: Sequence[Assignment], at: datetime) -> datetime:
    """Until when it is of use to hear that these are off: the next call among them; when all have passed, the last
    end."""
    ahead = [line.occupies_from for line in lines if line.occupies_from > at]
    return min(ahead) if ahead else max(line.occupies_until for line in lines)


def lapsed(line: Assignment, at: datetime) -> bool:
    """Its time is over; ``at`` is the database's clock under the locks."""
    return line.expires_at is None or line.expires_at <= at


async def move(line: Assignment, verb: str, **fields: Any) -> None:
    """Step the line by ``verb`` of the table and store it. Raises :class:`Refused` (step)."""
    await store(line, status=lifecycle.step(ASSIGNMENT, line.status, verb), **fields)


async def store(line: Assignment, **fields: Any) -> None:
    """Write these fields of a held line, as its next version."""
    values = {**fields, "version": line.version + 1}
    columns = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 2))
    sql = f"UPDATE assignment SET {columns} WHERE id = $1"  # noqa: S608  names of our own, values as parameters
    await get_connection("default").execute_query(sql, [line.id, *values.values()])
    for name, value in values.items():
        setattr(line, name, value)


async def fill(w: Writing, seat: Seat, at: datetime) -> None:
    """When the last seat is taken every other open offer on the need is filled, in the winner's transaction."""
    if seat.need.taken < seat.need.max:
        return
    after = lifecycle.step(ASSIGNMENT, "offered", "fill")
    lines = made(Assignment, await w.db.execute_query_dict(_FILL, [seat.need.id, after, at]))
    await tell(w, "filled", lines)


async def withdraw_impossible(w: Writing, lines: Sequence[Assignment], at: datetime) -> None:
    """Open offers of a person that overlap what was just taken can no longer be kept."""
    for line in lines:
        await move(line, "withdraw", answered_at=at, decline_reason="overlap")
    await tell(w, "withdrawn", lines)


async def tell(w: Writing, kind: str, lines: Sequence[Assignment]) -> None:
    """One entry ``assignment.<kind>`` per line, with the shift's bar as it stands after all of them. A seat that came
    free, or an offer that came to nothing, wakes the need's call; a swap of a line that changed has lapsed."""
    if not lines:
        return
    await calls.stir(w, kind, [line.need_id for line in lines])
    await pacts.changed(w, kind, [line.id for line in lines])
    await crews.changed(w, kind, lines)
    found = await bars.around(w.db, list({line.need_id for line in lines}))
    for line in lines:
        bar = found[line.need_id]
        need = next(n for n in bar["needs"] if n["id"] == line.need_id)
        body: dict[str, Any] = {"assignment": state(line, bar), "need": need, "bar": bar}
        audiences = (f"volunteer:{line.volunteer_id}", f"event:{bar['event_id']}", *topics_of(bar["region_id"]))
        w.entry(f"assignment.{kind}", topics=audiences, ref=line.id, body=body)


def state(line: Assignment, bar: bars.Bar) -> dict[str, Any]:
    """A line as entries carry it: ids and status, nothing personal."""
    return {
        "id": line.id,
        "status": line.status,
        "version": line.version,
        "need_id": line.need_id,
        "shift_id": bar["id"],
        "event_id": bar["event_id"],
        "expires_at": line.expires_at,
        "checked_in_at": line.checked_in_at,
        "checked_out_at": line.checked_out_at,
    }


async def truly(act: Act, verb: Callable[[Writing], Awaitable[T]]) -> T:
    """Write; what a constraint of the database refuses is a reason too."""
    try:
        return await journal.writing(act, verb)
    except IntegrityError as error:
        said = str(error)
        for constraint, rule in _TRUTH.items():
            if constraint in said:
                raise Refused([Reason(rule)], gone=rule == "full") from error
        raise
