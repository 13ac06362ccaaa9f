"""The doors to one's own profile."""

from typing import Literal
from uuid import UUID

from volunteer import people
from volunteer.act import Act, Actor, Language
from volunteer.api.http import Struct, View, door
from volunteer.api.shapes import RegionName, UnitName


class Role(View):
    """A role and where it is held: in a region or in a unit."""

    role: str
    region: RegionName | None
    unit: UnitName | None


class Me(View):
    """``topics``: what may be followed. ``county``: where the board opens first."""

    id: UUID
    name: str
    email: str
    language: Language
    region: RegionName
    roles: list[Role]
    faces: list[people.Face]
    topics: list[str]
    county: str | None


class ChangeMe(Struct):
    language: Literal["zh", "en"] | None = None


async def me_view(actor: Actor) -> Me:
    """The actor's profile as the faces read it."""
    found = await people.profile(actor)
    return Me(
        id=found.id,
        name=found.name,
        email=found.email,
        language=found.language,
        region=_region(found.region),
        roles=[
            Role(
                role=held.role,
                region=_region(held.region) if held.region else None,
                unit=UnitName(id=held.unit[0], name=held.unit[1]) if held.unit else None,
            )
            for held in found.roles
        ],
        faces=list(found.faces),
        topics=list(found.topics),
        county=found.county,
    )


def _region(pair: tuple[str, str]) -> RegionName:
    return RegionName(code=pair[0], name=pair[1])


@door("GET", "/api/me", summary="Who I am, my roles and faces")
async def get_me(act: Act) -> Me:
    return await me_view(act.actor)


@door("PATCH", "/api/me", summary="Change my settings")
async def change_me(act: Act, body: ChangeMe) -> Me:
    if body.language is not None:
        await people.speak(act, body.language)
    return await me_view(act.actor)
