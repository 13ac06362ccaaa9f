"""Who else looks at a board, and who works on which seat: rows that a page's beat keeps, gone soon after the last one.

A seat that somebody works on is marked, never closed: every verb on it works as before, and whoever wants it takes the
mark over with a word. Nothing of this is an entry of the journal: whoever looks where is nobody's business tomorrow.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection

from dispatch.models import Onlooker
from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act, Actor
from volunteer.errors import Forbidden, Missing
from volunteer.journal import Writing
from volunteer.models import Region, Volunteer

LASTS: Final = timedelta(seconds=45)  # three beats of a page
SHOWN: Final = 50
PAGES: Final = 20  # of one person; the oldest gives way

_PLACE: Final = """SELECT e.region_id, e.unit_id, s.id AS shift_id FROM shift s JOIN event e ON e.id = s.event_id
WHERE s.id = CASE WHEN $2::uuid IS NULL THEN $1 ELSE (SELECT shift_id FROM need WHERE id = $2) END"""
_TURN: Final = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7))"
_FREE: Final = """UPDATE onlooker SET need_id = NULL, held_at = NULL, ousted_by = $4::uuid, word = $5::text
WHERE need_id = $1 AND id <> $2 AND (until <= $3 OR $6::boolean)"""
_HELD: Final = "SELECT 1 FROM onlooker WHERE need_id = $1 AND id <> $2"
_TIDY: Final = """DELETE FROM onlooker WHERE id IN (SELECT id FROM onlooker WHERE volunteer_id = $1 AND id <> $2
ORDER BY until DESC OFFSET $3)"""
_OTHERS: Final = """SELECT o.*, v.name, v.pinyin, v.region_id AS home FROM onlooker o
JOIN volunteer v ON v.id = o.volunteer_id
WHERE o.until > clock_timestamp() AND o.volunteer_id <> $1
  AND (o.region_id LIKE $2 || '%' OR (o.shift_id IS NULL AND $2 LIKE o.region_id || '%'))
ORDER BY o.since, o.id LIMIT $3"""
_GONE: Final = "DELETE FROM onlooker WHERE until <= clock_timestamp() RETURNING region_id"


@dataclass(frozen=True, slots=True)
class Look:
    """Where a page looks. ``need``: the seat it wants to mark; ``take``: also when somebody else has marked it."""

    region: str
    shift: UUID | None = None
    need: UUID | None = None
    take: bool = False
    word: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else. ``initials``: none for whom the onlooker may not see; ``need``: the seat that they work on."""

    initials: str | None
    shift: UUID | None
    need: UUID | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Around:
    """``held``: the wanted seat is marked as one's own. ``ousted``: who took the last one over, and their word."""

    others: tuple[Other, ...]
    held: bool = False
    ousted: tuple[str | None, str] | None = None


async def look(act: Act, page: UUID, at: Look) -> Around:
    """Beat: this page looks there for the next while. Who else does. Raises :class:`Missing` for a place or page that
    is not theirs."""
    me = _me(act)
    region, shift = await _place(act, at)

    async def verb(w: Writing) -> Around:
        await w.db.execute_query_dict(_TURN, [str(page)])  # its first beat may come twice at once
        now = await w.clock()
        if at.need is not None:
            await w.db.execute_query_dict(_TURN, [str(at.need)])
        row = await Onlooker.filter(id=page).select_for_update().first()
        if row is not None and row.volunteer_id != me:
            raise Missing("page")
        held = at.need is not None and await _marked(w, page, at, now, me)
        need = at.need if held else None
        before = None if row is None or row.until <= now else (row.region_id, row.shift_id, row.need_id)
        fresh = row is None
        if row is None:
            await w.db.execute_query_dict(_TIDY, [me, page, PAGES - 1])
            row = Onlooker(id=page, volunteer_id=me)
        _beat(row, (region, shift, need), before, now)
        await row.save(force_create=fresh)
        if before != (region, shift, need):
            for code in {region, before[0] if before else region}:
                w.stir(*journal.topics_of(code))
        return Around(await _others(act.actor, at.region), held, await _ousted(act.actor, row))

    return await journal.writing(act, verb)


def _beat(row: Onlooker, place: tuple[str, UUID | None, UUID | None], before: Any, now: datetime) -> None:
    if before is None or before[:2] != place[:2]:
        row.since, row.ousted_by, row.word = now, None, ""
    if place[2] is None:
        row.held_at = None
    elif place[2] != row.need_id:
        row.held_at, row.ousted_by, row.word = now, None, ""
    row.region_id, row.shift_id, row.need_id = place
    row.until = now + LASTS


async def leave(act: Act, page: UUID) -> None:
    """The page is closed. Nothing happens when it was not there."""
    me = _me(act)

    async def verb(w: Writing) -> None:
        row = await Onlooker.filter(id=page, volunteer_id=me).select_for_update().first()
        if row is not None:
            await row.delete()
            w.stir(*journal.topics_of(row.region_id))

    await journal.writing(act, verb)


async def sweep(act: Act) -> int:
    """Forget pages that beat no more; how many those were."""

    async def verb(w: Writing) -> int:
        gone = await w.db.execute_query_dict(_GONE)
        for code in {row["region_id"] for row in gone}:
            w.stir(*journal.topics_of(code))
        return len(gone)

    return await journal.writing(act, verb)


async def _place(act: Act, at: Look) -> tuple[str, UUID | None]:
    """The region and shift that are looked at, if they are the actor's to see."""
    access.require(act.actor, "board.read", Thing("region", at.region))
    if not await Region.exists(code=at.region):
        raise Missing("region")
    if at.shift is None and at.need is None:
        return at.region, None
    rows = await get_connection("default").execute_query_dict(_PLACE, [at.shift, at.need])
    if not rows:
        raise Missing("shift")
    access.require(act.actor, "board.read", Thing("shift", rows[0]["region_id"], rows[0]["unit_id"]))
    return rows[0]["region_id"], rows[0]["shift_id"]


async def _marked(w: Writing, page: UUID, at: Look, now: datetime, me: UUID) -> bool:
    """Whether the wanted seat is this page's from now on: it was free, its holder is gone, or it is taken over."""
    await w.db.execute_query_dict(_FREE, [at.need, page, now, me if at.take else None, at.word, at.take])
    return not await w.db.execute_query_dict(_HELD, [at.need, page])


async def _others(actor: Actor, region: str) -> tuple[Other, ...]:
    rows = await get_connection("default").execute_query_dict(_OTHERS, [actor.id, region, SHOWN])
    return tuple(
        Other(_initials(actor, row["volunteer_id"], row), row["shift_id"], row["need_id"], _since(row)) for row in rows
    )


def _since(row: dict[str, Any]) -> datetime:
    since: datetime = row["held_at"] or row["since"]
    return since


async def _ousted(actor: Actor, row: Onlooker) -> tuple[str | None, str] | None:
    if row.ousted_by is None:
        return None
    who = await Volunteer.get_or_none(id=row.ousted_by)
    if who is None:
        return None
    seen = {"name": who.name, "pinyin": who.pinyin, "home": who.region_id}
    return _initials(actor, who.id, seen), row.word


def _initials(actor: Actor, id_: UUID, row: dict[str, Any]) -> str | None:
    thing = Thing("volunteer", row["home"], people=frozenset({id_}))
    return access.initials(row["name"], row["pinyin"]) if access.may(actor, "volunteer.read", thing) else None


def _me(act: Act) -> UUID:
    if act.actor.id is None:
        raise Forbidden("board.read", anonymous=True)
    return act.actor.id
