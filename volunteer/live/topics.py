"""Who may follow what. A topic that does not exist and one that is not the actor's are the same *no*."""

import re
from collections.abc import Awaitable, Callable
from uuid import UUID

from volunteer import access
from volunteer.access import Thing
from volunteer.act import Actor
from volunteer.errors import Forbidden, Missing
from volunteer.models import Region

Resolver = Callable[[UUID], Awaitable[Thing | None]]

# Nouns of other packages, registered where the program is composed: ``resolvers["event"]`` says where an event lies,
# which unit holds it and who is on its roster (``None``: no such event).
resolvers: dict[str, Resolver] = {}

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_REGION = re.compile(r"region:([0-9]{4}|[0-9]{6}|[0-9]{9})")
_NOUN = re.compile(rf"([a-z]{{1,12}}):({_UUID})")


async def require(actor: Actor, topic: str, *, known: bool = False) -> None:
    """Pass when ``actor`` may follow ``topic``. Raises :class:`Missing` for a topic that does not exist or is not
    theirs, :class:`Forbidden` (anonymous) without an actor. ``known``: it is followed already, so it exists."""
    if actor.id is None and not any(grant.role == "system" for grant in actor.grants):
        raise Forbidden("topic.follow", anonymous=True)
    thing = await _thing(topic)
    if thing is None or not access.may(actor, "topic.follow", thing):
        raise Missing("topic")
    if topic.startswith("region:") and not known and not await Region.exists(code=thing.region):
        raise Missing("topic")


async def _thing(topic: str) -> Thing | None:
    if found := _REGION.fullmatch(topic):
        return Thing("topic", region=found[1])
    if not (named := _NOUN.fullmatch(topic)):
        return None
    noun, id_ = named[1], UUID(named[2])
    if noun == "volunteer":
        return Thing("topic", people=frozenset({id_}))
    resolver = resolvers.get(noun)
    return await resolver(id_) if resolver else None
