"""Links of one purpose in letters: who holds one may see certain offers and answer them, and do nothing else.

The secret stands in the fragment of the address, which no server and no log ever sees; a page sends it by POST. Looking
changes nothing, so that a mail program that opens links to look at them answers for nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from volunteer import codes, journal
from volunteer.act import Act, Actor, Language, fresh_id, system
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Link, Volunteer

# A letter whose notice has no end of its own carries a link for so long.
LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Bearer:
    """On whose behalf, and for what."""

    volunteer: UUID
    ref: UUID
    language: Language

    def act(self, at: datetime) -> Act:
        """An act of the person, without any role and without a session."""
        return Act(Actor(self.volunteer, language=self.language), at)


async def issue(w: Writing, volunteer_id: UUID, ref: UUID, until: datetime | None) -> str:
    """The secret of a fresh link, told once, here."""
    at, secret = await w.clock(), codes.secret()
    row = Link(id=fresh_id(at), volunteer_id=volunteer_id, ref=ref, digest=codes.digest(secret), created_at=at)
    row.expires_at = until or at + LASTS
    await row.save(force_create=True)
    return secret


async def bearer(token: str, at: datetime) -> Bearer:
    """Whose link this is. :class:`Refused` (gone) for one that is unknown or over, or whose person may not act."""
    row = await Link.get_or_none(digest=codes.digest(token), expires_at__gt=at)
    person = await Volunteer.get_or_none(id=row.volunteer_id, state__in=codes.SIGNS_IN) if row else None
    if row is None or person is None:
        raise Refused([Reason("dead_answer_link")], gone=True)
    return Bearer(person.id, row.ref, "en" if person.language == "en" else "zh")


async def sweep(at: datetime) -> None:
    """Forget links whose time is over."""

    async def verb(w: Writing) -> None:
        await w.db.execute_query("DELETE FROM link WHERE expires_at < $1::timestamptz - interval '1 day'", [at])

    await journal.writing(system(at), verb)
