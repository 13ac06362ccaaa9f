"""Offers to whole teams, as rows and entries: what every change of a member's line must know.

Whoever changes one holds the members first, then the need, then its row.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from dispatch import lifecycle
from dispatch.lifecycle import TEAM_OFFER
from dispatch.models import Assignment, TeamOffer
from dispatch.roster import teamwords
from volunteer import notices, words
from volunteer.journal import Writing
from volunteer.models import Membership
from volunteer.notices import kinds

words.register(teamwords.SAYINGS)
kinds.register(teamwords.KINDS)

# What the team's offer becomes when the last of its open lines went this way.
_ENDS: Final = {"declined": "decline", "expired": "expire", "withdrawn": "withdraw", "filled": "withdraw"}
_SAID: Final = {"accept": "accepted", "decline": "declined", "expire": "expired", "withdraw": "withdrawn"}


async def leaders(team_id: UUID) -> list[UUID]:
    """Who answers for the team."""
    found = Membership.filter(team_id=team_id, leads=True).order_by("volunteer_id")
    return [row.volunteer_id for row in await found]


async def changed(w: Writing, kind: str, lines: Sequence[Assignment]) -> None:
    """These lines (held by the caller) went by ``kind``. Its leaders are told who cannot come; when nobody is left, the
    offer to the team is over."""
    offers: dict[UUID, Assignment] = {}
    for line in lines if kind in _ENDS else ():
        if line.team_offer_id is not None:
            offers[line.team_offer_id] = line
    for offer_id in sorted(offers):
        line = offers[offer_id]
        offer = await TeamOffer.filter(id=offer_id).select_for_update().get()
        if offer.state != "offered":
            continue
        left = await Assignment.filter(team_offer_id=offer_id, status="offered").exists()
        if left:
            await store(w, offer, "changed", "offered")
        else:
            verb = _ENDS[kind]
            await store(w, offer, _SAID[verb], lifecycle.step(TEAM_OFFER, offer.state, verb))
        if kind == "declined":
            for leader in await leaders(offer.team_id):
                await notices.owe(w, "team.missing", leader, ref=line.id, until=offer.expires_at)


async def store(w: Writing, offer: TeamOffer, kind: str, state: str, **fields: Any) -> None:
    """Set these columns, one version on, and say so to everybody who was asked, and to those who answer."""
    for name, value in {"state": state, "version": offer.version + 1, **fields}.items():
        setattr(offer, name, value)
    await offer.save(update_fields=["state", "version", *fields])
    await tell(w, kind, offer)


async def tell(w: Writing, kind: str, offer: TeamOffer) -> None:
    """One entry ``team.<kind>``."""
    asked = [line.volunteer_id for line in await Assignment.filter(team_offer_id=offer.id)]
    topics = [f"volunteer:{person}" for person in sorted({*asked, *await leaders(offer.team_id)})]
    names = ("id", "need_id", "team_id", "state", "expires_at", "version")
    body = {"team_offer": {name: getattr(offer, name) for name in names}}
    w.entry(f"team.{kind}", topics=topics, ref=offer.id, body=body)
