"""Doors of who may take part: absences to look at, who is suspended, suspending and lifting it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from dispatch.roster import suspending
from volunteer import standing
from volunteer.act import Act
from volunteer.api.http import ById, Struct, View, Words, door
from volunteer.api.shapes import PersonName


class Why(Struct):
    """``reason``: told to the person, and kept."""

    reason: Annotated[str, Words(2, 300)]


class AbsentView(View):
    """``absences``: without an excuse, ``last`` the newest; ``advised``: so many that the policy advises to suspend."""

    volunteer: PersonName
    number: str
    absences: int
    last: datetime
    advised: bool


class SuspendedView(View):
    """``by``: who said so, and ``reason`` why."""

    volunteer: PersonName
    number: str
    reason: str
    at: datetime
    by: str


class Standing(View):
    review: list[AbsentView]
    suspended: list[SuspendedView]


class Finding(Struct):
    """``words``: a number, or how the name begins; in the body, for addresses are kept by others."""

    words: Annotated[str, Words(1, 80)]


class FoundView(View):
    volunteer: PersonName
    number: str
    state: str


class Found(View):
    items: list[FoundView]


class Changed(View):
    id: UUID
    suspended: bool


@door("GET", "/api/standing", summary="Whose absences are to be looked at, and who is suspended, within my scope")
async def read_standing(act: Act) -> Standing:
    review, suspended = await suspending.review(act), await standing.suspended(act)
    return Standing.model_validate({"review": list(map(_named, review)), "suspended": list(map(_named, suspended))})


@door("POST", "/api/volunteers/find", summary="Find people within my scope by number or name", keyed=False)
async def find_volunteers(act: Act, body: Finding) -> Found:
    return Found.model_validate({"items": list(map(_named, await standing.find(act, body.words)))})


@door("POST", "/api/volunteers/{id}/suspend", summary="Suspend somebody; what they were to do is free at once",
      patience=60)  # fmt: skip
async def suspend_volunteer(act: Act, path: ById, body: Why) -> Changed:
    await suspending.suspend(act, path.id, body.reason)
    return Changed(id=path.id, suspended=True)


@door("POST", "/api/volunteers/{id}/lift", summary="Let a suspended person take part again")
async def lift_suspension(act: Act, path: ById) -> Changed:
    await standing.lift(act, path.id)
    return Changed(id=path.id, suspended=False)


def _named(row: dict[str, object]) -> dict[str, object]:
    rest = {key: value for key, value in row.items() if key not in ("id", "name")}
    return {"volunteer": {"id": row["id"], "name": row["name"]}, **rest}
