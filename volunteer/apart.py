"""People who are not sent together, or not to a unit: a complaint, a conflict, a wish. A coordinator decides.

Nobody is told: neither side learns of it, and the journal names neither. Whatever plans, offers or takes a seat asks
for it from then on; seats that both have already stay, people must solve those.
"""

from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q

from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act, fresh_id
from volunteer.errors import Fault, Forbidden, Invalid, Missing, Reason, Refused
from volunteer.journal import Writing, topics_of
from volunteer.models import Block, Unit, Volunteer

MOST: Final = 200
ONE: Final = Fault("other", "请指明另一个人或一个单位，只选一个", "name either another person or a unit")
NO_UNIT: Final = Fault("unit", "没有这个单位，请重新选择", "there is no such unit; choose another")

_LISTED: Final = """SELECT b.id, v.id AS volunteer_id, v.name, v.number, o.id AS other_id, o.name AS other_name,
  o.number AS other_number, u.id AS unit_id, u.name AS unit_name, b.since
FROM block b JOIN volunteer v ON v.id = b.volunteer_id LEFT JOIN volunteer o ON o.id = b.other_id
LEFT JOIN unit u ON u.id = b.unit_id
WHERE $1::text[] IS NULL OR EXISTS (SELECT 1 FROM unnest($1::text[]) AS p(code)
  WHERE v.region_id LIKE p.code || '%' OR o.region_id LIKE p.code || '%')
ORDER BY b.since DESC, b.id LIMIT $2"""


async def keep(act: Act, volunteer_id: UUID, other: UUID | None = None, unit: UUID | None = None) -> Block:
    """Keep the person apart from another, or from a unit; from either side, and once more changes nothing. Raises
    :class:`Invalid` unless exactly one is named, :class:`Missing` for people outside the actor's regions."""
    if (other is None) == (unit is None):
        raise Invalid([ONE])

    async def verb(w: Writing) -> Block:
        both = [volunteer_id] if other is None else [volunteer_id, other]
        await w.db.execute_query("SELECT id FROM volunteer WHERE id = ANY($1) ORDER BY id FOR UPDATE", [both])
        person = await _mine(w, volunteer_id)
        if other == person.id:
            raise Refused([Reason("apart_oneself")])
        if other is not None:
            _ = await _mine(w, other)
        elif not await Unit.exists(id=unit):
            raise Invalid([NO_UNIT])
        known = await _known(person.id, other, unit)
        if known is not None:
            return known
        row = Block(id=fresh_id(act.at), volunteer_id=person.id, other_id=other, unit_id=unit, since=await w.clock())
        await row.save(force_create=True)
        await _tell(w, row)
        return row

    return await journal.writing(act, verb)


async def lift(act: Act, block_id: UUID) -> None:
    """They may be sent together again. Raises :class:`Missing` when they are not kept apart, or not within reach."""

    async def verb(w: Writing) -> None:
        row = await Block.filter(id=block_id).select_for_update().first()
        if row is None:
            raise Missing("block")
        people = await Volunteer.filter(id__in=[one for one in (row.volunteer_id, row.other_id) if one is not None])
        if not any(access.may(act.actor, "volunteer.apart", _thing(one)) for one in people):
            raise Missing("block")
        await _tell(w, row)
        await row.delete()

    await journal.writing(act, verb)


async def listed(act: Act) -> list[dict[str, Any]]:
    """Who is kept apart within the actor's regions, the last first. Raises :class:`Forbidden` for whoever may not."""
    scopes = access.scopes(act.actor, "volunteer.apart")
    if scopes is not None and not scopes[0]:
        raise Forbidden("volunteer.apart", anonymous=act.actor.id is None)
    reach = None if scopes is None else sorted(scopes[0])
    return await get_connection("default").execute_query_dict(_LISTED, [reach, MOST])


async def _mine(w: Writing, volunteer_id: UUID) -> Volunteer:
    person = await Volunteer.get_or_none(id=volunteer_id)
    if person is None:
        raise Missing("volunteer")
    access.require(w.act.actor, "volunteer.apart", _thing(person))
    return person


def _thing(person: Volunteer) -> Thing:
    return Thing("volunteer", person.region_id)


async def _known(person: UUID, other: UUID | None, unit: UUID | None) -> Block | None:
    found = Q(volunteer_id=person, unit_id=unit)
    if other is not None:
        found = Q(volunteer_id=person, other_id=other) | Q(volunteer_id=other, other_id=person)
    return await Block.filter(found).order_by("id").first()


async def _tell(w: Writing, row: Block) -> None:
    """Boards of the region hear that something changed; neither whom it is about nor what."""
    regions = Volunteer.filter(id__in=[one for one in (row.volunteer_id, row.other_id) if one is not None])
    topics = {topic for region in await regions.values_list("region_id", flat=True) for topic in topics_of(str(region))}
    w.entry("volunteer.apart", topics=tuple(sorted(topics)), ref=row.id, body={})
