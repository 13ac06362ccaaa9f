"""The door to the catalogue of abilities; open to everybody."""

from volunteer import skills
from volunteer.api.http import View, door


class Skill(View):
    """``kind``: skill, training (a gate before service) or language."""

    code: str
    name: str
    name_en: str
    discipline: str
    kind: str


class SkillList(View):
    items: list[Skill]


@door("GET", "/api/skills", summary="The catalogue of abilities", public=True, etag=True)
async def list_skills() -> SkillList:
    found = await skills.catalogue()
    return SkillList(
        items=[
            Skill(code=row.code, name=row.name, name_en=row.name_en, discipline=row.discipline, kind=row.kind)
            for row in found
        ]
    )
