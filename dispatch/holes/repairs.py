"""A hole and its repair: who could take the seat now, which moves and chains would help, and the yes to one of them.

``propose`` looks at a warm roster and promises nothing; ``apply`` makes offers of a proposal in one transaction, with
everything judged again on today's rows under the locks. ``mend`` does both, for whoever may act without asking.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np

from dispatch import snapshot
from dispatch.holes import keeping
from dispatch.lifecycle import LOCKED, OPEN
from dispatch.models import Assignment
from dispatch.planner.mending import repair
from dispatch.planner.mending.openings import Terms
from dispatch.planner.mending.proposals import Proposal, Step, reasons
from dispatch.planner.mending.warm import Warm
from dispatch.planner.plan import Reason as Broken
from dispatch.pool import minute
from dispatch.roster import assignments, seats
from dispatch.roster.seats import Seat
from dispatch.settings import policy
from volunteer import access, journal
from volunteer.act import Act
from volunteer.errors import Fault, Invalid, Reason, Refused
from volunteer.journal import Writing

SHOWN = 8
TRIED = 3  # proposals that ``mend`` tries before it gives up


@dataclass(frozen=True, slots=True)
class Move:
    """One person's part: asked for ``need``; ``leaves``: the need of their own line that they give up for it;
    ``instead``: whose open offer for ``need`` is taken back first."""

    volunteer: UUID
    need: UUID
    leaves: UUID | None = None
    instead: UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """``ready`` is false while the roster is still being read. ``eligible``: who could come as they stand."""

    ready: bool
    missing: int = 0
    eligible: int = 0
    proposals: tuple[Proposal, ...] = ()
    impossible: Broken | None = None


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done: new ``offers`` and ``withdrawn`` ones. A move without an offer waits for somebody's yes."""

    moves: tuple[Move, ...]
    offers: tuple[Assignment, ...]
    withdrawn: tuple[Assignment, ...]


async def propose(act: Act, need_id: UUID, *, by_hand: bool = True, limit: int = SHOWN) -> Found:
    """Ranked substitutes, moves and chains for one seat of the need, best first. ``by_hand``: a person decides about
    them, so that those who opted out of automatic planning may be asked too. Raises :class:`Missing`."""
    seat = await seats.find(need_id)
    access.require(act.actor, "candidates.read", seat.thing())
    if seat.event.state not in OPEN or seat.shift.ends_at <= seat.at:
        return Found(True)
    warm = await keeping.warm(seat.event.region_id, str(need_id), waits=act.writing is None)
    if warm is None:
        return Found(False)
    if str(need_id) not in warm.tables.need_number:
        return Found(True)
    terms = _terms(act, seat, warm, by_hand=by_hand)
    found = repair.repair(warm, str(need_id), terms, limit=limit)
    able = repair.eligible(warm, str(need_id), terms) if found.missing else 0
    return Found(True, found.missing, able, found.proposals, found.impossible)


def _terms(act: Act, seat: Seat, warm: Warm, *, by_hand: bool) -> Terms:
    limits = policy().repair
    return Terms(minute(seat.at), limits.frozen_hours * 60, limits.consent and by_hand, by_hand, _reach(act, warm))


def _reach(act: Act, warm: Warm) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None":
    """The needs that the actor may move people from; none = all."""
    scopes = access.scopes(act.actor, "assignment.release")
    if scopes is None:
        return None
    regions, units = tuple(scopes[0]), {str(unit) for unit in scopes[1]}
    mine = [event.region.startswith(regions) or event.unit in units for event in warm.tables.problem.events]
    reach = np.array(mine, np.bool_)[warm.tables.needs.event]
    return None if reach.all() else reach


def moves(proposal: Proposal) -> tuple[Move, ...]:
    return tuple(map(_move, proposal.steps))


def _move(step: Step) -> Move:
    leaves, instead = (None if one is None else UUID(one) for one in (step.leaves, step.instead))
    return Move(UUID(step.person), UUID(step.need), leaves, instead)


async def apply(act: Act, need_id: UUID, steps: Sequence[Move]) -> Repaired:
    """Make offers of these steps, all or nothing. An open offer that somebody gives up is taken back; a seat that
    somebody accepted stays theirs until they accept the new one, and who was to follow them is asked then. Raises
    :class:`Invalid` for steps that are no repair of this need, :class:`Refused` with what today's rows say."""
    _coherent(need_id, steps)
    if len(steps) == 1 and steps[0].leaves is None:  # nobody else is touched: an offer like any other
        why = await _why(steps[0])
        line = await assignments.offer(act, need_id, steps[0].volunteer, source="repair", why=why)
        return Repaired(tuple(steps), (line,), ())

    async def verb(w: Writing) -> Repaired:
        for step in steps:
            await _allowed(act, step)
        people = {who for step in steps for who in (step.volunteer, step.instead) if who}
        needs = {need for step in steps for need in (step.need, step.leaves) if need}
        await seats.both(w, people, needs)
        held = await _held(steps)
        open_ = [line for line in held.values() if line.status == "offered"]
        withdrawn = [await assignments.withdraw(act.joined(w), line.id, "moved", quiet=True) for line in open_]
        kept = {line.need_id for line in held.values() if line.status == "accepted"}
        offers = [await _offer(act.joined(w), step, steps, held) for step in steps if step.need not in kept]
        return Repaired(tuple(steps), tuple(offers), tuple(withdrawn))

    return await journal.writing(act, verb)


async def _offer(
    act: Act, step: Move, steps: Sequence[Move], held: Mapping[tuple[UUID, UUID], Assignment]
) -> Assignment:
    """Ask for one step. Whoever accepted the seat that they leave keeps it until they say yes; only then the seat is
    free, and the next one is asked."""
    line = held[step.volunteer, step.leaves] if step.leaves else None
    why = await _why(step)
    if line is None or line.status == "offered":
        return await assignments.offer(act, step.need, step.volunteer, source="repair", why=why)
    then = next((one.volunteer for one in steps if one.need == step.leaves), None)
    return await assignments.offer(act, step.need, step.volunteer, source="repair", why=why, replaces=line, then=then)


async def _why(step: Move) -> list[dict[str, Any]]:
    """Why this person, as far as a warm roster can say."""
    seat = await seats.find(step.need)
    warm = keeping.kept(seat.event.region_id)
    said = () if warm is None else reasons(warm, str(step.volunteer), str(step.need))
    return [
        {"goal": one.goal, "worth": one.worth, "data": {}} for one in said if one.worth > 0 or one.goal == "distance"
    ]


async def mend(act: Act, need_id: UUID, *, by_hand: bool = False) -> Repaired | None:
    """Find the best repair of this need and ask the people it takes; none when nothing helps or the roster is still
    being read. What today's rows refuse gives way to the next best."""
    found = await propose(act, need_id, by_hand=by_hand, limit=TRIED)
    for proposal in found.proposals:
        try:
            return await apply(act, need_id, moves(proposal))
        except Refused:
            if act.writing is not None:
                raise
    return None


def _coherent(need_id: UUID, steps: Sequence[Move]) -> None:
    """The first step fills the need; each further one fills a seat that the steps before gave up."""
    if not steps:
        raise Invalid([_fault("至少需要一步", "at least one is wanted")])
    free, seen = {need_id}, set[UUID]()
    for number, step in enumerate(steps):
        given = step.need in free or step.instead is not None
        twice = step.volunteer in seen and step.instead is None
        if not given or twice or (number == 0 and step.need != need_id):
            raise Invalid([_fault("步骤前后不连贯，请重新获取补位方案", "do not follow from each other; ask again")])
        seen.add(step.volunteer)
        free |= {step.leaves} if step.leaves else set()


def _fault(zh: str, en: str) -> Fault:
    return Fault("steps", zh, en)


async def _allowed(act: Act, step: Move) -> None:
    """The actor may ask for each need, and move people from those they leave. Foreign ones are :class:`Missing`."""
    access.require(act.actor, "assignment.offer", (await seats.find(step.need)).thing())
    if step.leaves is not None:
        access.require(act.actor, "assignment.release", (await seats.find(step.leaves)).thing())


async def _held(steps: Iterable[Move]) -> dict[tuple[UUID, UUID], Assignment]:
    """The lines that are given up, as they are now, by person and need. Those that may not be moved are refused."""
    pairs = {(step.volunteer, step.leaves) for step in steps if step.leaves}
    taken_back = {(step.instead, step.need) for step in steps if step.instead}
    pairs |= taken_back
    who, what = {one for one, _ in pairs}, {one for _, one in pairs}
    lines = Assignment.filter(volunteer_id__in=who, need_id__in=what, status__in=("offered", "accepted"))
    held = {(line.volunteer_id, line.need_id): line for line in await lines}
    held = {pair: line for pair, line in held.items() if pair in pairs}
    if held.keys() != pairs or any(held[pair].status != "offered" for pair in taken_back):
        raise Refused([Reason("answered")])
    for line in held.values():
        seat = await seats.find(line.need_id)
        frozen = line.occupies_from < seat.at + timedelta(hours=policy().repair.frozen_hours)
        kept = line.status == "offered" and snapshot.stays(line, locked=seat.event.state in LOCKED)
        if frozen or line.pinned or kept:
            raise Refused([Reason("frozen")])
    return held
