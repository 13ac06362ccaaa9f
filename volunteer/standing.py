"""Whether somebody may take part: suspended after breaches of the rules, and back. A person decides, and says why.

Whoever is suspended is signed out everywhere, is nobody to every door, and is told the reason by letter. What that
means for the work that they were to do is the work's to say, in the same transaction.
"""

from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection

from volunteer import access, codes, journal, notices
from volunteer.access import Thing
from volunteer.act import Act, fresh_id
from volunteer.errors import Forbidden, Missing, Reason, Refused
from volunteer.journal import Writing, topics_of
from volunteer.models import Session, Suspension, Volunteer

MOST: Final = 200
FOUND: Final = 20

_OPEN: Final = """SELECT s.volunteer_id AS id, v.name, v.number, s.reason, s.at, coalesce(b.name, '') AS by
FROM suspension s JOIN volunteer v ON v.id = s.volunteer_id LEFT JOIN volunteer b ON b.id = s.by_id
WHERE s.lifted_at IS NULL AND ($1::text[] IS NULL
  OR EXISTS (SELECT 1 FROM unnest($1::text[]) AS p(code) WHERE v.region_id LIKE p.code || '%'))
ORDER BY s.at DESC, s.id LIMIT $2"""
_FIND: Final = """SELECT v.id, v.name, v.number, v.state FROM volunteer v
WHERE (v.number = $1 OR starts_with(v.name, $1) OR starts_with(v.pinyin, lower($1))
  OR strpos(v.pinyin, ' ' || lower($1)) > 0)
  AND ($2::text[] IS NULL
  OR EXISTS (SELECT 1 FROM unnest($2::text[]) AS p(code) WHERE v.region_id LIKE p.code || '%'))
ORDER BY v.pinyin, v.number LIMIT $3"""


async def held(w: Writing, volunteer_id: UUID) -> Volunteer:
    """The person, held, for whoever may suspend them; not for themselves. A stranger to one's region is
    :class:`Missing`."""
    await w.db.execute_query("SELECT id FROM volunteer WHERE id = $1 FOR UPDATE", [volunteer_id])
    person = await Volunteer.get_or_none(id=volunteer_id)
    if person is None:
        raise Missing("volunteer")
    access.require(w.act.actor, "volunteer.suspend", Thing("volunteer", person.region_id))
    if person.id == w.act.actor.id:
        raise Refused([Reason("not_oneself")])
    return person


async def suspend(act: Act, volunteer_id: UUID, reason: str) -> Suspension:
    """From now on they take part in nothing. Once more changes nothing."""

    async def verb(w: Writing) -> Suspension:
        person = await held(w, volunteer_id)
        if (known := await Suspension.get_or_none(volunteer_id=person.id, lifted_at=None)) is not None:
            return known
        if person.state not in codes.SIGNS_IN:
            raise Refused([Reason("has_left")])
        at = await w.clock()
        row = Suspension(id=fresh_id(act.at), volunteer_id=person.id, reason=reason, before=person.state, at=at)
        row.by_id = act.actor.id
        await row.save(force_create=True)
        await Volunteer.filter(id=person.id).update(state="suspended")
        await Session.filter(volunteer_id=person.id, ended_at=None).update(ended_at=at)
        await notices.owe(w, "account.suspended", person.id, ref=row.id, data={"reason": reason})
        _tell(w, person, row, "suspended")
        return row

    return await journal.writing(act, verb)


async def lift(act: Act, volunteer_id: UUID) -> None:
    """They may take part again. :class:`Refused` when they are not suspended."""

    async def verb(w: Writing) -> None:
        person = await held(w, volunteer_id)
        row = await Suspension.get_or_none(volunteer_id=person.id, lifted_at=None)
        if row is None:
            raise Refused([Reason("not_suspended")])
        row.lifted_at, row.lifted_by = await w.clock(), act.actor.id
        await row.save(update_fields=["lifted_at", "lifted_by"])
        await Volunteer.filter(id=person.id).update(state=row.before)
        await notices.owe(w, "account.restored", person.id, ref=row.id)
        _tell(w, person, row, row.before)

    return await journal.writing(act, verb)


def _tell(w: Writing, person: Volunteer, row: Suspension, state: str) -> None:
    topics = (f"volunteer:{person.id}", *topics_of(person.region_id))
    w.entry("volunteer.standing", topics=topics, ref=person.id, body={"state": state, "suspension": row.id})


def reach(act: Act) -> list[str] | None:
    """The regions whose people the actor may suspend; none = all. :class:`Forbidden` for whoever may nowhere."""
    scopes = access.scopes(act.actor, "volunteer.suspend")
    if scopes is not None and not scopes[0]:
        raise Forbidden("volunteer.suspend", anonymous=act.actor.id is None)
    return None if scopes is None else sorted(scopes[0])


async def suspended(act: Act) -> list[dict[str, Any]]:
    """Who is suspended within one's scope, the last first, with the reason and who said it."""
    return await get_connection("default").execute_query_dict(_OPEN, [reach(act), MOST])


async def find(act: Act, words: str) -> list[dict[str, Any]]:
    """People within one's scope by number, or by how the name begins, in characters, letters or initials."""
    return await get_connection("default").execute_query_dict(_FIND, [words.strip(), reach(act), FOUND])
