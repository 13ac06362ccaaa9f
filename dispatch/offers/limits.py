"""How far waves go by themselves: what was set for the event, else for the nearest region, else the policy's."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from dispatch.models import Event, Limit
from dispatch.settings import policy
from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act, fresh_id
from volunteer.errors import Missing
from volunteer.journal import Writing
from volunteer.models import Region

Mode = Literal["off", "suggest", "automatic"]

# Who sets the limits of one place for the first time waits for whoever does so too.
_TURN: Final = "SELECT pg_advisory_xact_lock(hashtextextended($1, 8))"


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds. ``origin``: event, region or policy, with the region's code or the event's id in ``of``."""

    mode: str
    max_waves: int
    max_contacts: int
    origin: str = "policy"
    of: str = ""


async def of_event(event: Event) -> Terms:
    """What holds for this event."""
    own = await Limit.get_or_none(event_id=event.id)
    return await of_region(event.region_id) if own is None else _terms(own)


async def of_region(code: str) -> Terms:
    """What holds for a region: its own, else that of the nearest region around it."""
    around = [code[:length] for length in (4, 6, 9, 12) if length <= len(code)]
    found = await Limit.filter(region_id__in=around)
    if found:
        return _terms(max(found, key=lambda limit: len(limit.region_id or "")))
    terms = policy().asking
    return Terms(terms.automation, terms.max_waves, terms.max_contacts)


def _terms(limit: Limit) -> Terms:
    origin = "event" if limit.event_id else "region"
    return Terms(limit.mode, limit.max_waves, limit.max_contacts, origin, str(limit.event_id or limit.region_id))


async def put(
    act: Act, mode: Mode, max_waves: int, max_contacts: int, *, region: str | None = None, event_id: UUID | None = None
) -> Terms:
    """Set the limits of a region or an event."""

    async def verb(w: Writing) -> Terms:
        place = await _place(act, region, event_id)
        await w.db.execute_query(_TURN, [str(event_id or region)])
        limit = await Limit.filter(region_id=region, event_id=event_id).select_for_update().first()
        if limit is None:
            limit = Limit(id=fresh_id(act.at), region_id=region, event_id=event_id)
        limit.mode, limit.max_waves, limit.max_contacts = mode, max_waves, max_contacts
        limit.by_id, limit.at = act.actor.id, act.at
        await limit.save()
        _tell(w, place, event_id, _terms(limit))
        return _terms(limit)

    return await journal.writing(act, verb)


async def clear(act: Act, *, region: str | None = None, event_id: UUID | None = None) -> Terms:
    """Back to what holds around; what holds then."""

    async def verb(w: Writing) -> Terms:
        place = await _place(act, region, event_id)
        await Limit.filter(region_id=region, event_id=event_id).delete()
        terms = await of_region(place)
        _tell(w, place, event_id, terms)
        return terms

    return await journal.writing(act, verb)


async def _place(act: Act, region: str | None, event_id: UUID | None) -> str:
    """The region's code, or the event's, once the actor's right is shown."""
    if event_id is None:
        code = region or ""
        access.require(act.actor, "limit.write", Thing("region", code))
        if not await Region.exists(code=code):
            raise Missing("region")
        return code
    event = await Event.get_or_none(id=event_id)
    if event is None:
        raise Missing("event")
    access.require(act.actor, "limit.write", Thing("event", event.region_id))
    return event.region_id


def _tell(w: Writing, place: str, event_id: UUID | None, terms: Terms) -> None:
    topics = [*journal.topics_of(place), *([f"event:{event_id}"] if event_id else [])]
    body = {name: getattr(terms, name) for name in ("mode", "max_waves", "max_contacts", "origin", "of")}
    w.entry("limit.set", topics=topics, ref=event_id, body={"limit": body})
