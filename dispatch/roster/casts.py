"""A team asked as a whole: its leader answers for all who are asked, all or nothing.

Each member has a line of their own, which holds a seat and which they see; nobody is sent against their will: who
cannot come says so first, by a no of their own. What is left must still be the least that the team goes with.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from dispatch.lifecycle import CLAIMS, OPEN, TEAM_OFFER, step
from dispatch.models import Assignment, TeamOffer
from dispatch.roster import assignments, crews, seats
from dispatch.roster.seats import Seat
from dispatch.roster.verdicts import why_not
from dispatch.settings import policy
from volunteer import access, journal, notices
from volunteer.act import Act, fresh_id
from volunteer.errors import Missing, Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Membership, Team

MOST: Final = 200  # members that are looked at


async def offer(act: Act, need_id: UUID, team_id: UUID) -> TeamOffer:
    """Ask this team for the need: as many of its members as fit and have a seat, its leaders first. :class:`Refused`
    when that is fewer than it goes with, when nobody leads it, or when the need takes nobody now."""

    async def verb(w: Writing) -> TeamOffer:
        seat = await seats.find(need_id)
        access.require(act.actor, "assignment.offer", seat.thing())
        team = await Team.get_or_none(id=team_id)
        if team is None:
            raise Missing("team")
        members = Membership.filter(team_id=team_id).order_by("-leads", "volunteer_id").limit(MOST)
        people = [(row.volunteer_id, row.leads) for row in await members]
        seat = await seats.lock(w, people=[person for person, _ in people], need_id=need_id)
        if reasons := await _closed(seat, team_id, leads=any(leads for _, leads in people)):
            raise Refused(reasons)
        fit = [person for person, _ in people if await _fits(person, need_id)]
        cast = fit[: max(0, await seats.free(seat))]
        if len(cast) < max(1, team.min_cast):
            raise Refused([Reason("cast_short", {"people": len(cast), "least": team.min_cast})])
        return await _made(w, seat, team_id, cast)

    return await seats.truly(act, verb)


async def _closed(seat: Seat, team_id: UUID, *, leads: bool) -> list[Reason]:
    reasons = []
    if seat.event.state not in OPEN:
        reasons.append(Reason("closed", {"state": seat.event.state}))
    if seat.shift.starts_at <= seat.at:
        reasons.append(Reason("begun"))
    if not leads:
        reasons.append(Reason("nobody_leads"))
    if await TeamOffer.exists(need_id=seat.need.id, team_id=team_id, state="offered"):
        reasons.append(Reason("taken"))
    return reasons


async def _fits(person: UUID, need_id: UUID) -> bool:
    if await Assignment.exists(need_id=need_id, volunteer_id=person, status__in=CLAIMS):
        return False
    return not await why_not(person, need_id)


async def _made(w: Writing, seat: Seat, team_id: UUID, cast: Sequence[UUID]) -> TeamOffer:
    until = seats.reply_by(seat.at, seat.shift.starts_at, policy())
    made = TeamOffer(
        id=fresh_id(w.act.at), need_id=seat.need.id, team_id=team_id, state="offered", offered_at=seat.at,
        expires_at=until,
    )  # fmt: skip
    await made.save(force_create=True)
    lines = []
    for person in cast:
        line = seats.line(w.act, seat, person, "offered", "hand", seat.at)
        line.expires_at, line.team_offer_id, line.pinned = until, made.id, True
        await line.save(force_create=True)
        await line.refresh_from_db()
        lines.append(line)
    await seats.tell(w, "offered", lines)
    await crews.tell(w, "offered", made)
    answering = await crews.leaders(team_id)
    for line in lines:
        if line.volunteer_id not in answering:
            await notices.owe(w, "team.asked", line.volunteer_id, ref=line.id, until=until)
    for leader in answering:
        await notices.owe(w, "team.offered", leader, ref=made.id, until=until)
    return made


async def _held(w: Writing, offer_id: UUID) -> tuple[TeamOffer, list[Assignment], Seat]:
    """The offer and its open lines, held with their people, the need, and those of the people's other open offers at
    the time."""
    found = await TeamOffer.get_or_none(id=offer_id)
    if found is None:
        raise Missing("offer")
    seat = await seats.find(found.need_id)
    asked = [line.volunteer_id for line in await Assignment.filter(team_offer_id=offer_id)]
    besides: list[UUID] = []
    for person in asked:
        besides += [line.need_id for line in await seats.asked_within(person, *seat.occupies)]
    seat = await seats.lock(w, people=asked, need_id=found.need_id, besides=besides)
    found = await TeamOffer.filter(id=offer_id).select_for_update().get()
    lines = Assignment.filter(team_offer_id=offer_id, status="offered").order_by("volunteer_id")
    return found, await lines, seat


async def _answering(act: Act, offer_id: UUID) -> TeamOffer:
    """The offer, for whoever answers for the team. A member who does not is :class:`Refused`, to others it is not
    there."""
    found = await TeamOffer.get_or_none(id=offer_id)
    if found is None:
        raise Missing("offer")
    if act.actor.id not in await crews.leaders(found.team_id):
        if act.actor.id and await Assignment.exists(team_offer_id=offer_id, volunteer_id=act.actor.id):
            raise Refused([Reason("leader_answers")])
        raise Missing("offer")
    return found


async def accept(act: Act, offer_id: UUID) -> TeamOffer:
    """Yes, for all who are asked and have not said that they cannot come. All have their seats when this returns, or
    nobody: :class:`Refused` when they are fewer than the team goes with, or a rule speaks against one of them today."""

    async def verb(w: Writing) -> TeamOffer:
        _ = await _answering(act, offer_id)
        found, lines, seat = await _held(w, offer_id)
        if found.state == "accepted":
            return found
        after = step(TEAM_OFFER, found.state, "accept")
        if found.expires_at <= seat.at:
            raise Refused([Reason("too_late")], gone=True)
        least = max(1, (await Team.get(id=found.team_id)).min_cast)
        if len(lines) < least:
            raise Refused([Reason("cast_short", {"people": len(lines), "least": least})])
        unfit = [line for line in lines if await why_not(line.volunteer_id, line.need_id)]
        if unfit:
            raise Refused([Reason("member_unfit", {"people": len(unfit)})])
        await crews.store(w, found, "accepted", after, answered_at=seat.at, answered_by=act.actor.id)
        for line in lines:
            await seats.take(w, seat)
            await seats.move(line, "accept", answered_at=seat.at)
        await seats.tell(w, "accepted", lines)
        await seats.fill(w, seat, seat.at)
        for line in lines:
            asked = await seats.asked_within(line.volunteer_id, line.occupies_from, line.occupies_until)
            await seats.withdraw_impossible(w, asked, seat.at)
            if line.volunteer_id != act.actor.id:
                await notices.owe(w, "team.accepted", line.volunteer_id, ref=line.id, until=line.occupies_until)
        return found

    return await seats.truly(act, verb)


async def decline(act: Act, offer_id: UUID, reason: str = "") -> TeamOffer:
    """No, for the whole team: it costs nobody anything."""

    async def verb(w: Writing) -> TeamOffer:
        _ = await _answering(act, offer_id)
        found, lines, seat = await _held(w, offer_id)
        if found.state == "declined":
            return found
        after = step(TEAM_OFFER, found.state, "decline")
        await crews.store(w, found, "declined", after, answered_at=seat.at, answered_by=act.actor.id)
        for line in lines:
            await seats.move(line, "decline", answered_at=seat.at, decline_reason=reason)
        await seats.tell(w, "declined", lines)
        for line in lines:
            if line.volunteer_id != act.actor.id:
                await notices.owe(w, "team.declined", line.volunteer_id, ref=line.id, until=line.occupies_from)
        return found

    return await journal.writing(act, verb)


async def withdraw(act: Act, offer_id: UUID, words: str = "") -> TeamOffer:
    """Take the offer back from all of them (coordinator, organiser)."""

    async def verb(w: Writing) -> TeamOffer:
        known = await TeamOffer.get_or_none(id=offer_id)
        if known is None:
            raise Missing("offer")
        access.require(act.actor, "assignment.offer", (await seats.find(known.need_id)).thing())
        found, lines, _ = await _held(w, offer_id)
        if found.state == "withdrawn":
            return found
        after = step(TEAM_OFFER, found.state, "withdraw")
        await crews.store(w, found, "withdrawn", after)
        for line in lines:
            _ = await assignments.withdraw(act.joined(w), line.id, "team", words=words)
        return found

    return await journal.writing(act, verb)
