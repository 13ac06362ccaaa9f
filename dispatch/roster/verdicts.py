"""May this person take this need now? One question, one answer: the planner's own registry, asked for one pair."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from dispatch import snapshot
from dispatch.planner import rules
from dispatch.planner.desk import open_desk
from dispatch.planner.problem import Held, Problem
from dispatch.settings import policy
from volunteer.errors import Reason


async def why_not(
    volunteer_id: UUID,
    need_id: UUID,
    *,
    by_hand: bool = True,
    besides: UUID | None = None,
    leaving: Collection[tuple[UUID, UUID]] = (),
    coming: Collection[tuple[UUID, UUID]] = (),
) -> tuple[Reason, ...]:
    """Every reason why this person cannot take this need now; empty = yes. The planner's own rules, asked for one
    pair; ``by_hand`` waives those that bind only the planner; ``besides``: a need that the person gives up
    for this one; ``leaving``, ``coming``: whoever else gives up or takes which need with it. Raises
    :class:`Missing`."""
    pair = await snapshot.pair(volunteer_id, need_id, policy().weights)
    if not pair.active:
        return (Reason("inactive"),)
    problem = pair.problem
    given_up = {*leaving, *([] if besides is None else [(volunteer_id, besides)])}
    if given_up or coming:
        problem = replace(problem, roster=_as_it_will_be(problem, given_up, coming, volunteer_id))
    found = rules.why_not(open_desk(problem), str(volunteer_id), str(need_id), by_hand=by_hand)
    return tuple(Reason(reason.rule, dict(reason.data)) for reason in found)


def _as_it_will_be(
    problem: Problem,
    leaving: Collection[tuple[UUID, UUID]],
    coming: Collection[tuple[UUID, UUID]],
    volunteer_id: UUID,
) -> tuple[Held, ...]:
    """The roster once these have moved, but for the person who is judged. Of those who come only they matter whom the
    problem knows: it holds everybody that a rule for this pair can ask about."""
    gone = {(str(person), str(need)) for person, need in leaving}
    people, needs = {person.id for person in problem.people}, {need.id for need in problem.needs}
    there = [Held(str(person), str(need), firm=True) for person, need in coming if person != volunteer_id]
    return (
        *(held for held in problem.roster if (held.person, held.need) not in gone),
        *(held for held in there if held.person in people and held.need in needs),
    )
