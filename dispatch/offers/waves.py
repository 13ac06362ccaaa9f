"""Filling a need in waves: who is asked next, how many at once, when to look again.

``call`` opens a need's call (and says yes to a suggested wave); the sweep looks at each call that is due: it rests when
the need is filled, when limits are reached or nobody is left; it waits while the open offers promise enough; else it
suggests the next wave or sends it, as far as a coordinator has allowed. Each look is one transaction that holds people,
need and call, and judges by the database's clock: several sweeps send each wave once.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from dispatch import quiet
from dispatch.lifecycle import OPEN
from dispatch.models import Assignment, Call
from dispatch.offers import forecast, limits, lineup, pace
from dispatch.offers.forecast import Flight, Model
from dispatch.offers.lineup import Candidate
from dispatch.offers.pace import Verdict
from dispatch.planner.chances.counts import together
from dispatch.planner.chances.wave import Opening, Wave, size
from dispatch.roster import assignments, calls, seats
from dispatch.roster.seats import Seat
from dispatch.settings import policy
from volunteer import access, journal
from volunteer.act import Act
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing

log = logging.getLogger(__name__)

# Whoever waits for a seat goes first: the call looks again when they have been asked.
_TURN: Final = timedelta(seconds=10)
# One sweep takes no longer, in seconds.
_PATIENCE: Final = 4.0
# A look that failed is repeated after this.
_AFTER_FAILURE: Final = timedelta(minutes=5)
# So many people in line are looked at, and of those who may be asked so many are held for one wave.
_LINE: Final = 500
_HELD: Final = 40

# Whoever was asked for this need before, or is asked or bound at the same time.
_ENGAGED: Final = """SELECT DISTINCT volunteer_id FROM assignment WHERE volunteer_id = ANY($1) AND (need_id = $2
  OR status IN ('offered', 'accepted', 'checked_in') AND occupies_from < $4 AND occupies_until > $3)"""


async def call(act: Act, need_id: UUID) -> Call:
    """Fill this need: its first wave leaves with the next sweep; a suggested wave is agreed to. Raises
    :class:`Refused` when the event takes nobody or every wished seat is taken."""

    async def verb(w: Writing) -> Call:
        seat = await seats.find(need_id)
        access.require(act.actor, "assignment.offer", seat.thing())
        await seats.grip(w, [need_id])
        seat, at = await seats.find(need_id), await w.clock()
        if reasons := _idle(seat, at):
            raise Refused(reasons)
        found = await calls.opened(w, need_id, "hand", at)
        calls.tell(w, "opened", found, seat.event.id, seat.event.region_id)
        return found

    return await journal.writing(act, verb)


async def stop(act: Act, need_id: UUID) -> Call | None:
    """Ask nobody more for this need until a person calls again. Open offers stand."""

    async def verb(w: Writing) -> Call | None:
        seat = await seats.find(need_id)
        access.require(act.actor, "assignment.offer", seat.thing())
        await seats.grip(w, [need_id])
        found = await Call.filter(need_id=need_id).select_for_update().first()
        if found is None or found.state == "resting":
            return found
        await calls.store(found, "rest", reason="person", due_at=None, suggested=0)
        calls.tell(w, "rested", found, seat.event.id, seat.event.region_id)
        return found

    return await journal.writing(act, verb)


async def sweep(act: Act, *, limit: int = 50) -> int:
    """Look at the calls that are due by the database's clock, the longest due first, for a few seconds at most: the
    next sweep goes on. How many were changed."""
    due = await Call.filter(state="running", due_at__lte=act.at).order_by("due_at", "id").limit(limit)
    clock, changed = asyncio.get_running_loop().time, 0
    until = clock() + _PATIENCE
    for found in due:
        if clock() > until:
            break
        try:
            changed += (await advance(act, found.id)).version != found.version
        except Exception:
            log.exception("a call could not be looked at", extra={"call": str(found.id)})
            await _postpone(act, found)
    return changed


async def advance(act: Act, call_id: UUID) -> Call:
    """Look at one call. The line of people is drawn up only when people are to be asked."""
    found = await Call.get(id=call_id)
    seat = await seats.find(found.need_id)
    model = await forecast.model(act.at)
    looked = _Look(act, call_id, seat, model)
    after = await journal.writing(act, looked.judge)
    if looked.verdict is None or looked.verdict.kind not in ("ask", "suggest"):
        return after
    line = await lineup.drawn(seat, _LINE)
    if line is None:
        return await journal.writing(act, looked.later)
    looked.line = (await _free(get_connection("default"), seat, line, act.at))[0][:_HELD]
    return await journal.writing(act, looked.ask)


class _Look:
    """One look at one call: judged first without the people, then, if they are needed, with them."""

    def __init__(self, act: Act, call_id: UUID, seat: Seat, model: Model):
        self.act, self.call_id, self.seat, self.model = act, call_id, seat, model
        self.verdict: Verdict | None = None
        self.line: Sequence[Candidate] = ()

    async def judge(self, w: Writing) -> Call:
        await seats.grip(w, [self.seat.need.id])
        found, _ = await self._judged(w)
        return found

    async def ask(self, w: Writing) -> Call:
        await seats.hold(w, [one.id for one in self.line])
        await seats.grip(w, [self.seat.need.id])
        found, flight = await self._judged(w)
        if self.verdict is None or self.verdict.kind not in ("ask", "suggest"):
            return found
        return await self._next(w, found, flight)

    async def later(self, w: Writing) -> Call:
        """The roster is being read: look again in a moment."""
        await seats.grip(w, [self.seat.need.id])
        found = await Call.filter(id=self.call_id).select_for_update().get()
        return found if found.state != "running" else await calls.store(found, None, due_at=await w.clock() + _TURN)

    async def _judged(self, w: Writing) -> tuple[Call, list[Flight]]:
        """The call as it is now, and what is to be done; none if another clock was here."""
        self.verdict = None
        found = await Call.filter(id=self.call_id).select_for_update().get()
        self.seat = await seats.find(found.need_id)
        at = await w.clock()
        if found.state != "running" or found.due_at is None or found.due_at > at:
            return found, []
        flight = await forecast.flight(self.seat, self.model, at)
        in_turn = await Assignment.exists(need_id=self.seat.need.id, status="standby")
        terms, shock = await limits.of_event(self.seat.event), self.model.says.shock
        judged = pace.verdict(found, self.seat, flight, terms, at, shock)
        self.verdict = Verdict("wait", due=at + _TURN) if in_turn and judged.kind == "ask" else judged
        filled = self._filled(flight)
        if self.verdict.kind == "rest":
            await self._rest(w, found, self.verdict.reason, filled)
        elif self.verdict.kind == "wait":
            await calls.store(found, None, due_at=self.verdict.due, filled=filled)
        return found, flight

    def _filled(self, flight: Sequence[Flight]) -> float:
        missing = self.seat.need.min - self.seat.need.taken
        return together([one.chance for one in flight], missing, self.model.says.shock)

    async def _rest(self, w: Writing, found: Call, reason: str, filled: float) -> None:
        await calls.store(found, "rest", reason=reason, due_at=None, suggested=0, filled=filled)
        calls.tell(w, "rested", found, self.seat.event.id, self.seat.event.region_id)

    async def _next(self, w: Writing, found: Call, flight: list[Flight]) -> Call:
        """Suggest the next wave or send it."""
        at, terms = await w.clock(), await limits.of_event(self.seat.event)
        people, lately = await _free(w.db, self.seat, self.line, at)  # again, under their locks
        people = people[: terms.max_contacts - found.asked]
        opening = self._opening(flight, at)
        line = [(one.id, one.km) for one in people]
        wave = size(opening, await forecast.chances(self.seat, line, lately, self.model, at))
        if not wave.offers:
            if flight:
                due = pace.again(at, flight, self.seat)
                return await calls.store(found, None, due_at=due, filled=wave.filled)
            await self._rest(w, found, "nobody", wave.filled)
            return found
        assert self.verdict is not None
        if self.verdict.kind == "suggest":
            await calls.store(found, "suggest", suggested=wave.offers, filled=wave.filled, due_at=None)
            calls.tell(w, "suggested", found, self.seat.event.id, self.seat.event.region_id)
            return found
        return await self._send(w, found, people, wave, at)

    def _opening(self, flight: Sequence[Flight], at: datetime) -> Opening:
        need, terms = self.seat.need, policy().asking
        over = terms.over_urgent if quiet.urgent(at, self.seat.shift.starts_at, terms) else terms.over
        chances = tuple(one.chance for one in flight)
        return Opening(
            pace.goals(self.seat), need.max - need.taken, chances, need.mode == "reserve", over, self.model.says.shock
        )

    async def _send(self, w: Writing, found: Call, people: Sequence[Candidate], wave: Wave, at: datetime) -> Call:
        sent: list[Assignment] = []
        for one in people:
            if len(sent) == wave.offers:
                break
            try:
                line = await assignments.offer(
                    self.act.joined(w), self.seat.need.id, one.id, source="wave", why=list(one.why)
                )
            except Refused:  # the registry says no today: whoever stands next in line is asked
                continue
            sent.append(line)
        if not sent:
            await self._rest(w, found, "nobody", wave.filled)
            return found
        flight = await forecast.flight(self.seat, self.model, at)
        filled = self._filled(flight)
        fields: dict[str, Any] = {"number": found.number + 1, "asked": found.asked + len(sent), "suggested": 0}
        due = pace.again(at, flight, self.seat)
        await calls.store(found, None, due_at=due, sent_at=at, filled=filled, **fields)
        calls.tell(w, "sent", found, self.seat.event.id, self.seat.event.region_id)
        return found


async def _free(
    db: BaseDBAsyncClient, seat: Seat, line: Sequence[Candidate], at: datetime
) -> tuple[list[Candidate], dict[UUID, int]]:
    """Those in line who may be asked now, and how often each was asked in the week."""
    ids, (begins, ends) = [one.id for one in line], seat.occupies
    times = await calls.contacts(db, ids, at)
    engaged = await db.execute_query_dict(_ENGAGED, [ids, seat.need.id, begins, ends])
    barred = {row["volunteer_id"] for row in engaged}
    most = policy().asking.a_week
    return [one for one in line if one.id not in barred and times.get(one.id, 0) < most], times


def _idle(seat: Seat, at: datetime) -> list[Reason]:
    """Why nobody can be called to this need now."""
    reasons = []
    if seat.event.state not in OPEN:
        reasons.append(Reason("closed", {"state": seat.event.state}))
    if pace.end(seat) <= at:
        reasons.append(Reason("begun"))
    if seat.need.taken >= seat.need.desired:
        reasons.append(Reason("full", {"max": seat.need.desired}))
    return reasons


async def _postpone(act: Act, found: Call) -> None:
    async def verb(w: Writing) -> None:
        later = await w.clock() + _AFTER_FAILURE
        await Call.filter(id=found.id, state="running", version=found.version).update(due_at=later)

    await journal.writing(act, verb)
