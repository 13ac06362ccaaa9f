"""The doors of links in letters: see the offers that a letter spoke of and answer them, without signing in."""

from typing import Annotated, Literal
from uuid import UUID

from starlette.requests import Request

from dispatch.api.views import AssignmentView
from dispatch.models import Assignment
from dispatch.roster import assignments, seen
from volunteer.act import Act
from volunteer.api import caller
from volunteer.api.http import Struct, Text, View, door
from volunteer.errors import Missing
from volunteer.models import Volunteer
from volunteer.notices import links
from volunteer.notices.links import Bearer

Token = Annotated[str, Text(20, 100, r"^[A-Za-z0-9_-]+$")]


class OpenLink(Struct):
    token: Token


class AnswerLink(Struct):
    token: Token
    assignment: UUID
    answer: Literal["accept", "decline"]
    reason: Literal["busy", "far", "health", "not_my_thing", "other"] | None = None


class LinkedOffers(View):
    """``name``: whose offers they are, so that somebody else's letter is recognised."""

    name: str
    items: list[AssignmentView]


@door("POST", "/api/links/open", summary="See the offers that a letter's link is for", public=True, keyed=False,
      gone=True)  # fmt: skip
async def open_link(act: Act, body: OpenLink, request: Request) -> LinkedOffers:
    bearer = await links.bearer(body.token, act.at)
    person = await Volunteer.get(id=bearer.volunteer)
    language = caller.spoken(request.headers.get("accept-language", "")) or bearer.language
    shown = await seen.shown([line.id for line in await _lines(bearer)], language)
    return LinkedOffers.model_validate({"name": person.name, "items": shown})


@door("POST", "/api/links/answer", summary="Answer an offer by a letter's link", public=True, keyed=False, gone=True)
async def answer_link(act: Act, body: AnswerLink, request: Request) -> AssignmentView:
    bearer = await links.bearer(body.token, act.at)
    line = next((line for line in await _lines(bearer) if line.id == body.assignment), None)
    if line is None:
        raise Missing("assignment")
    own = bearer.act(act.at)
    if body.answer == "accept":
        line = await assignments.accept(own, line.id)
    elif line.status != "declined":  # the same answer again is the same
        line = await assignments.decline(own, line.id, body.reason or "")
    language = caller.spoken(request.headers.get("accept-language", "")) or bearer.language
    return AssignmentView.model_validate((await seen.shown([line.id], language))[0])


async def _lines(bearer: Bearer) -> list[Assignment]:
    """What the link is for: one offer, or those of one publication; never anybody else's."""
    mine = Assignment.filter(volunteer_id=bearer.volunteer)
    return await mine.filter(id=bearer.ref) or await mine.filter(draft_id=bearer.ref).order_by("occupies_from", "id")
