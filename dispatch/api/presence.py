"""The doors of presence: a page says where it looks, and is told who else does. Nothing waits for it, nothing fails by
it: whoever cannot beat works as well, only unseen."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from dispatch.roster import presence
from dispatch.roster.presence import Look, Other
from volunteer.act import Act
from volunteer.api.http import ById, Struct, Text, View, door
from volunteer.api.shapes import RegionCode


class Beat(Struct):
    """``need``: the seat that is worked on; ``take``: take it over from whoever does, with a ``word`` to them."""

    region: RegionCode
    shift: UUID | None = None
    need: UUID | None = None
    take: bool = False
    word: Annotated[str, Text(0, 80)] = ""


class OtherView(View):
    """``initials``: none for people whom one may not see. ``need``: the seat that they work on, ``since`` then."""

    initials: str | None
    shift: UUID | None
    need: UUID | None
    since: datetime


class Ousted(View):
    """Who took over the seat that this page worked on, and their word."""

    initials: str | None
    word: str


class AroundView(View):
    """``held``: the seat is marked as this page's. ``seconds``: how long it counts as here without another beat."""

    others: list[OtherView]
    held: bool
    ousted: Ousted | None
    seconds: int


@door("PUT", "/api/presence/{id}", summary="Say where this page looks; who else looks there", keyed=False)
async def beat(act: Act, path: ById, body: Beat) -> AroundView:
    found = await presence.look(act, path.id, Look(body.region, body.shift, body.need, body.take, body.word))
    ousted = None if found.ousted is None else Ousted(initials=found.ousted[0], word=found.ousted[1])
    return AroundView(
        others=[_shown(other) for other in found.others], held=found.held, ousted=ousted,
        seconds=int(presence.LASTS.total_seconds()),
    )  # fmt: skip


@door("DELETE", "/api/presence/{id}", summary="This page is closed", keyed=False)
async def leave_presence(act: Act, path: ById) -> None:
    await presence.leave(act, path.id)


def _shown(other: Other) -> OtherView:
    return OtherView(initials=other.initials, shift=other.shift, need=other.need, since=other.since)
