"""Who may do what where: the one place. Pure.

A region holds every region whose code starts with its own. A role held in a region counts there and below; a role held
in a unit counts for what belongs to that unit. What an actor may not even see is :class:`Missing`, never forbidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from volunteer.act import Actor
from volunteer.errors import Forbidden, Missing

ROLES = (
    "member", "leader", "organiser", "recorder", "coordinator", "evaluator", "auditor", "admin", "guardian",
    "requester", "clerk", "case_handler", "privacy_officer", "system",
)  # fmt: skip

# verb -> roles that may do it inside their scope. "self" = the person the thing is about.
MAY: Mapping[str, frozenset[str]] = {
    "assignment.read": frozenset({"self", "coordinator", "organiser", "leader", "recorder", "auditor"}),
    "assignment.answer": frozenset({"self"}),
    "assignment.offer": frozenset({"coordinator", "organiser"}),
    "assignment.release": frozenset({"coordinator", "organiser"}),
    "assignment.take": frozenset({"self"}),
    "attendance.call": frozenset({"coordinator", "organiser", "leader"}),
    "attendance.leave": frozenset({"self", "coordinator", "organiser", "leader"}),
    "attendance.correct": frozenset({"coordinator", "organiser"}),
    "board.read": frozenset({"coordinator", "organiser", "recorder", "auditor", "evaluator", "admin"}),
    "draft.read": frozenset({"coordinator", "auditor", "admin"}),
    "draft.run": frozenset({"coordinator"}),
    "draft.publish": frozenset({"coordinator"}),
    "event.read": frozenset(
        {"coordinator", "organiser", "leader", "recorder", "auditor", "evaluator", "admin", "clerk"}
    ),
    "event.write": frozenset({"coordinator", "organiser"}),
    "candidates.read": frozenset({"coordinator", "organiser"}),
    "limit.write": frozenset({"coordinator"}),
    "record.read": frozenset({"self", "coordinator", "organiser", "leader", "recorder", "auditor"}),
    "record.ask": frozenset({"self", "coordinator", "organiser", "leader"}),
    "record.confirm": frozenset({"coordinator", "organiser", "leader"}),
    "record.extend": frozenset({"coordinator", "organiser"}),
    "record.sign": frozenset({"recorder"}),
    "record.settle": frozenset({"coordinator", "recorder"}),
    "record.correct": frozenset({"coordinator", "organiser"}),
    "watch.write": frozenset({"coordinator", "organiser"}),
    "volunteer.read": frozenset({"self", "coordinator"}),
    "volunteer.write": frozenset({"self", "coordinator"}),
    "volunteer.suspend": frozenset({"coordinator"}),
    "volunteer.apart": frozenset({"coordinator"}),
    "import.write": frozenset({"admin", "coordinator"}),
    "topic.follow": frozenset({"self", "coordinator", "organiser", "recorder", "auditor", "evaluator", "admin"}),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """What a verb is about: where it lies, which unit it belongs to, which people it is about, who leads it on the
    spot (they have a leader's rights there without holding the role elsewhere)."""

    noun: str
    region: str | None = None
    unit: UUID | None = None
    people: frozenset[UUID] = frozenset()
    leaders: frozenset[UUID] = frozenset()


def may(actor: Actor, verb: str, thing: Thing) -> bool:
    roles = MAY[verb]
    if "self" in roles and actor.id is not None and actor.id in thing.people:
        return True
    if "leader" in roles and actor.id in thing.leaders:
        return True
    return any(_covers(grant.role, grant.region, grant.unit, roles, thing) for grant in actor.grants)


def _covers(role: str, region: str | None, unit: UUID | None, roles: frozenset[str], thing: Thing) -> bool:
    if role == "system":
        return True
    if role not in roles:
        return False
    if unit is not None:
        return unit == thing.unit
    return region is not None and thing.region is not None and thing.region.startswith(region)


def require(actor: Actor, verb: str, thing: Thing) -> None:
    """Pass, or raise: :class:`Forbidden` (anonymous) without an actor; :class:`Missing` when no role of the actor
    reaches the thing (its existence stays hidden); :class:`Forbidden` when the roles reach it but not this verb."""
    if actor.id is None and not any(g.role == "system" for g in actor.grants):
        raise Forbidden(verb, anonymous=True)
    if may(actor, verb, thing):
        return
    reachable = any(_covers(g.role, g.region, g.unit, frozenset(ROLES) - {"member"}, thing) for g in actor.grants)
    if reachable or actor.id in thing.people | thing.leaders:
        raise Forbidden(verb)
    raise Missing(thing.noun)


def scopes(actor: Actor, verb: str) -> tuple[frozenset[str], frozenset[UUID]] | None:
    """For lists: the regions and units in which the actor may do ``verb``; ``None`` = everywhere."""
    if any(g.role == "system" for g in actor.grants):
        return None
    regions = frozenset(g.region for g in actor.grants if g.role in MAY[verb] and g.region is not None)
    units = frozenset(g.unit for g in actor.grants if g.role in MAY[verb] and g.unit is not None)
    return regions, units


def initials(name: str, spelling: str) -> str:
    """A few letters for who is known anyway: 陈雅琴 is 陈YQ, Ann Lee is AL. ``spelling``: as people keep it."""
    if name[:1].isascii():
        return "".join(part[0] for part in name.split()[:3]).upper()
    letters = spelling.split(" ")[1] if " " in spelling else ""
    return name[:1] + letters[1:3].upper()


def masked(name: str) -> str:
    """A name as shared boards show it: the first character and two stars (陈**)."""
    return f"{name[:1]}**" if name else "**"
