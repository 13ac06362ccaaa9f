"""A coordinator's yes to a draft: every change is judged again on today's rows; what holds becomes offers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from dispatch import lifecycle, snapshot
from dispatch.lifecycle import ASSIGNMENT, CLAIMS, DRAFT, LIVE, LOCKED, OPEN
from dispatch.models import Assignment, Change, Draft, Event, Need, Shift
from dispatch.planner import rules
from dispatch.planner.desk import Desk, open_desk
from dispatch.planning import plans
from dispatch.roster import calls, seats
from dispatch.roster.seats import Seat, reply_by
from dispatch.settings import policy
from volunteer import access, journal, notices
from volunteer.access import Thing
from volunteer.act import Act, fresh_id
from volunteer.errors import Reason, Refused
from volunteer.spans import Span


@dataclass(frozen=True, slots=True)
class Published:
    """``stale``: changes that no longer hold, each with the rule that says so. ``told``: people who get a message."""

    draft: Draft
    offered: tuple[Assignment, ...]
    withdrawn: tuple[Assignment, ...]
    stale: tuple[Change, ...]
    told: int


async def publish(act: Act, draft_id: UUID) -> Published:
    """Make offers of a ready draft, in one transaction. Changes that today's rows refuse are listed, never forced;
    nobody's accepted work is touched. Raises :class:`Refused` when the draft is not ready, or rests on people or rules
    that do not exist (``hypothetical``)."""

    async def verb(w: journal.Writing) -> Published:
        found = await plans.find(act, draft_id)
        access.require(act.actor, "draft.publish", Thing("draft", found.region_id))
        draft = await Draft.filter(id=draft_id).select_for_update().get()
        after = lifecycle.step(DRAFT, draft.state, "publish")
        if draft.hypothetical:
            raise Refused([Reason("hypothetical", {})])
        changes = await Change.filter(draft_id=draft_id).order_by("kind", "need_id", "volunteer_id")
        places, at = await _locked(w, changes)
        withdrawn = await _withdraw([c for c in changes if c.kind == "withdraw"], places, at)
        offered = await _offer(act, draft, [c for c in changes if c.kind == "offer"], places, at)
        await seats.tell(w, "withdrawn", withdrawn)
        await seats.tell(w, "offered", offered)
        races = {seat.need.id for seat in places.values() if seat.need.mode == "race"}
        await calls.published(w, offered, races, at)
        people = {line.volunteer_id for line in (*offered, *withdrawn)}
        latest = {line.volunteer_id: line.expires_at for line in offered}
        for person in sorted(people):
            kind = "offers.published" if person in latest else "offers.withdrawn"
            await notices.owe(w, kind, person, ref=draft_id, until=latest.get(person))
        await Change.bulk_update(changes, fields=["outcome", "stale_rule"], batch_size=500)
        await plans.store(draft, state=after)
        plans.tell(w, "published", draft)
        stale = tuple(c for c in changes if c.outcome == "stale")
        return Published(draft, tuple(offered), tuple(withdrawn), stale, len(people))

    return await journal.writing(act, verb, patience=60)


async def _locked(w: journal.Writing, changes: Sequence[Change]) -> tuple[dict[UUID, Seat], datetime]:
    """People, needs and shifts by id, held until the end. The seats by need id, and the clock then."""
    await seats.hold(w, {c.volunteer_id for c in changes})
    await seats.grip(w, {c.need_id for c in changes})
    at = await w.clock()
    needs = await Need.filter(id__in={c.need_id for c in changes})
    shifts = {s.id: s for s in await Shift.filter(id__in={n.shift_id for n in needs})}
    events = {e.id: e for e in await Event.filter(id__in={s.event_id for s in shifts.values()})}
    return {n.id: Seat(n, shifts[n.shift_id], events[shifts[n.shift_id].event_id], at) for n in needs}, at


async def _withdraw(changes: Sequence[Change], places: dict[UUID, Seat], at: datetime) -> list[Assignment]:
    lines = {
        (line.need_id, line.volunteer_id): line
        for line in await Assignment.filter(need_id__in={c.need_id for c in changes}, status="offered")
    }
    taken_back = []
    for change in changes:
        line = lines.get((change.need_id, change.volunteer_id))
        if line is not None and snapshot.stays(line, locked=places[line.need_id].event.state in LOCKED):
            line = None
        change.outcome, change.stale_rule = ("done", "") if line else ("stale", "answered")
        if line is not None:
            line.status = lifecycle.step(ASSIGNMENT, line.status, "withdraw")
            line.version, line.answered_at = line.version + 1, at
            taken_back.append(line)
    if taken_back:
        await Assignment.bulk_update(taken_back, fields=["status", "version", "answered_at"], batch_size=500)
    return taken_back


async def _offer(
    act: Act, draft: Draft, changes: Sequence[Change], places: dict[UUID, Seat], at: datetime
) -> list[Assignment]:
    """New offers, one registry question each, against one snapshot of today taken under the locks."""
    window = Span(draft.window_from, draft.window_until)
    people = {change.volunteer_id for change in changes}
    desk = open_desk(await snapshot.take(str(draft.id), draft.region_id, window, policy().weights, only=people))
    mentors = {UUID(need.mentor) for need in desk.problem.needs if need.mentor is not None}
    known = Assignment.filter(need_id__in=[*places, *mentors], status__in=CLAIMS)
    claims = await known.values_list("need_id", "volunteer_id", "status")
    claimed = {(need, who) for need, who, _ in claims}
    left = {need_id: await seats.free(seat) for need_id, seat in places.items()}
    asked = await calls.contacts(get_connection("default"), people, at)
    often = {person for person, times in asked.items() if times >= policy().asking.a_week}
    made = []
    for change in changes:
        stale = "asked_often" if change.volunteer_id in often else ""
        change.stale_rule = stale or _stale(change, places[change.need_id], desk, claimed, left, at)
        change.outcome = "stale" if change.stale_rule else "done"
        if change.outcome == "done":
            left[change.need_id] -= 1
            made.append(_line(act, draft, change, places[change.need_id], at))
    there = Counter(need for need, _, status in claims if status in (*LIVE, "completed"))
    made = _together(made, changes, desk, there)
    if made:
        await Assignment.bulk_create(made, batch_size=500)
    return made


def _together(
    made: Sequence[Assignment], changes: Sequence[Change], desk: Desk, there: Counter[UUID]
) -> list[Assignment]:
    """Without those of a team that would be asked without enough others, and learners whose mentors are not: what keeps
    the others makes these stale as well. ``there``: who serves or is asked already, by need."""
    count = there + Counter(line.need_id for line in made)
    least = {team.id: team.min_cast for team in desk.problem.teams}
    kept, lost = list(made), dict[tuple[UUID, UUID], str]()
    for rule in ("cast", "mentor"):
        for need_id in sorted({line.need_id for line in kept}):
            need, mine = desk.needs[str(need_id)], [line for line in kept if line.need_id == need_id]
            gone = 0
            if rule == "cast" and need.team is not None and not there[need_id]:
                gone = len(mine) if count[need_id] < min(least[need.team], need.max) else 0
            elif rule == "mentor" and need.mentor is not None:
                gone = max(0, min(len(mine), count[need_id] - need.per_mentor * count[UUID(need.mentor)]))
            count[need_id] -= gone
            lost |= {(line.need_id, line.volunteer_id): rule for line in mine[len(mine) - gone :]}
        kept = [line for line in kept if (line.need_id, line.volunteer_id) not in lost]
    for change in changes:
        if rule := lost.get((change.need_id, change.volunteer_id), ""):
            change.stale_rule, change.outcome = rule, "stale"
    return kept


def _stale(
    change: Change, seat: Seat, desk: Desk, claimed: set[tuple[UUID, UUID]], left: dict[UUID, int], at: datetime
) -> str:
    """The first rule that says no to this change today, or nothing."""
    if seat.event.state not in OPEN or str(change.need_id) not in desk.needs:
        return "closed"
    if seat.shift.starts_at <= at:
        return "begun"
    if (change.need_id, change.volunteer_id) in claimed:
        return "taken"
    if left[change.need_id] <= 0:
        return "full"
    if str(change.volunteer_id) not in desk.people:
        return "inactive"
    found = rules.why_not(desk, str(change.volunteer_id), str(change.need_id))
    return found[0].rule if found else ""


def _line(act: Act, draft: Draft, change: Change, seat: Seat, at: datetime) -> Assignment:
    begins, ends = seat.occupies
    return Assignment(
        id=fresh_id(act.at),
        need_id=change.need_id,
        volunteer_id=change.volunteer_id,
        status="offered",
        source="plan",
        pinned=False,
        late=False,
        occupies_from=begins,
        occupies_until=ends,
        offered_at=at,
        expires_at=reply_by(at, seat.shift.starts_at, policy()),
        decline_reason="",
        draft_id=draft.id,
        why=change.why,
        version=1,
    )
