"""Doors of who is not sent together."""

from datetime import datetime
from uuid import UUID

from volunteer import apart
from volunteer.act import Act
from volunteer.api.http import ById, Struct, View, door
from volunteer.api.shapes import PersonName, UnitName


class From(Struct):
    """Either another person or a unit."""

    other: UUID | None = None
    unit: UUID | None = None


class ApartView(View):
    id: UUID
    volunteer: PersonName
    number: str
    other: PersonName | None
    other_number: str
    unit: UnitName | None
    since: datetime


class ApartList(View):
    items: list[ApartView]


class Kept(View):
    id: UUID
    apart: bool


@door("GET", "/api/apart", summary="Who is not sent together, within my scope")
async def list_apart(act: Act) -> ApartList:
    return ApartList.model_validate({"items": [_shown(row) for row in await apart.listed(act)]})


@door("POST", "/api/volunteers/{id}/apart", summary="Keep somebody apart from another person, or from a unit")
async def keep_apart(act: Act, path: ById, body: From) -> Kept:
    return Kept(id=(await apart.keep(act, path.id, body.other, body.unit)).id, apart=True)


@door("POST", "/api/apart/{id}/lift", summary="Let those be sent together again")
async def lift_apart(act: Act, path: ById) -> Kept:
    await apart.lift(act, path.id)
    return Kept(id=path.id, apart=False)


def _shown(row: dict[str, object]) -> dict[str, object]:
    return {
        "id": row["id"],
        "volunteer": {"id": row["volunteer_id"], "name": row["name"]},
        "number": row["number"],
        "other": {"id": row["other_id"], "name": row["other_name"]} if row["other_id"] else None,
        "other_number": row["other_number"] or "",
        "unit": {"id": row["unit_id"], "name": row["unit_name"]} if row["unit_id"] else None,
        "since": row["since"],
    }
