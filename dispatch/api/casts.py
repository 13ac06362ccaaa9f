"""Doors for asking a team as a whole, and its leader's answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from dispatch.api.assignments import me
from dispatch.api.swaps import SeatView
from dispatch.api.views import Ref
from dispatch.models import TeamOffer
from dispatch.roster import casting, casts, seats
from volunteer import access, journal
from volunteer.act import Act
from volunteer.api.http import ById, Live, Struct, Text, View, door


class Which(Struct):
    team: UUID


class No(Struct):
    reason: Literal["busy", "far", "health", "not_my_thing", "other"] | None = None


class Words(Struct):
    """``reason``: told to those concerned."""

    reason: Annotated[str, Text(0, 200)] = ""


class TeamRow(View):
    """``fit``: how many of it could come, or are asked by ``offer``, whose answer is awaited; ``least``: with fewer it
    does not go."""

    id: UUID
    name: str
    least: int
    fit: int
    offer: UUID | None


class Teams(View):
    items: list[TeamRow]


class Member(View):
    """``status``: of their line: declined, who cannot come. ``line``: one's own."""

    own: bool
    line: UUID | None
    name: str
    status: str


class TeamCan(View):
    accept: bool
    decline: bool


class TeamOfferView(View):
    """``leads``: I answer for the team. ``least``: with fewer members it does not go."""

    id: UUID
    state: str
    team: Ref
    least: int
    seat: SeatView
    members: list[Member]
    leads: bool
    offered_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    version: int
    can: TeamCan


class TeamOffers(View):
    items: list[TeamOfferView]
    live: Live


@door("GET", "/api/needs/{id}/teams", summary="Teams of which enough could take this need")
async def list_able_teams(act: Act, path: ById) -> Teams:
    seat = await seats.find(path.id)
    access.require(act.actor, "candidates.read", seat.thing())
    return Teams.model_validate({"items": await casting.able(seat)})


@door("POST", "/api/needs/{id}/offer-team", summary="Ask a team as a whole", status=201, gone=True)
async def offer_team(act: Act, path: ById, body: Which) -> TeamOfferView:
    return await _shown(act, await casts.offer(act, path.id, body.team))


@door("GET", "/api/team-offers", summary="Offers to teams that I lead or am asked with")
async def list_team_offers(act: Act) -> TeamOffers:
    person = await me(act)

    async def query() -> list[casting.View]:
        return await casting.mine(act, person)

    items, live = await journal.reading(query, [f"volunteer:{person.id}"])
    return TeamOffers.model_validate({"items": items, "live": live})


@door("POST", "/api/team-offers/{id}/accept", summary="The leader's yes for the whole team", gone=True)
async def accept_team_offer(act: Act, path: ById) -> TeamOfferView:
    return await _shown(act, await casts.accept(act, path.id))


@door("POST", "/api/team-offers/{id}/decline", summary="The leader's no for the whole team", gone=True)
async def decline_team_offer(act: Act, path: ById, body: No) -> TeamOfferView:
    return await _shown(act, await casts.decline(act, path.id, body.reason or ""))


@door("POST", "/api/team-offers/{id}/withdraw", summary="Take an offer to a team back", gone=True)
async def withdraw_team_offer(act: Act, path: ById, body: Words) -> TeamOfferView:
    return await _shown(act, await casts.withdraw(act, path.id, body.reason))


async def _shown(act: Act, offer: TeamOffer) -> TeamOfferView:
    return TeamOfferView.model_validate((await casting.shown([offer], await me(act)))[0])
