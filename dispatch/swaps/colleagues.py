"""Whom a person knows by name: those of their teams, and those who serve at the same event. Reads, never writes."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from dispatch.lifecycle import SEATED
from dispatch.models import Assignment
from volunteer.access import masked

# Of the person $1, whose line lies on the need $2: members of a team of theirs, and who is seated at the same event.
_KNOWN: Final = """SELECT v.id, v.id IN (SELECT o.volunteer_id FROM membership m JOIN membership o
    ON o.team_id = m.team_id WHERE m.volunteer_id = $1) AS mate
FROM volunteer v WHERE v.id <> $1 AND v.state = 'active' AND (
  v.id IN (SELECT o.volunteer_id FROM membership m JOIN membership o ON o.team_id = m.team_id WHERE m.volunteer_id = $1)
  OR v.id IN (SELECT a.volunteer_id FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id
    WHERE a.status = ANY($3) AND s.event_id = (SELECT t.event_id FROM need x JOIN shift t ON t.id = x.shift_id
      WHERE x.id = $2)))
ORDER BY mate DESC, v.id LIMIT $4"""
_MATES: Final = """SELECT DISTINCT o.volunteer_id AS id FROM membership m JOIN membership o ON o.team_id = m.team_id
WHERE m.volunteer_id = $1"""

MOST: Final = 200


async def around(mine: Assignment, limit: int = MOST) -> list[UUID]:
    """The colleagues of this line's volunteer, team mates first."""
    values = [mine.volunteer_id, mine.need_id, list(SEATED), limit]
    return [row["id"] for row in await get_connection("default").execute_query_dict(_KNOWN, values)]


async def known(mine: Assignment, person: UUID) -> bool:
    return person in await around(mine, 10_000)


async def mates(person: UUID) -> set[UUID]:
    """Whose full name this person knows: they are in one team."""
    return {row["id"] for row in await get_connection("default").execute_query_dict(_MATES, [person])}


def named(name: str, person: UUID, known_by_name: Collection[UUID]) -> str:
    """The name as this viewer may see it."""
    return name if person in known_by_name else masked(name)
