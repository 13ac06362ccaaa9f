"""The catalogue through its door."""

from typing import Any

from volunteer.api import skills
from volunteer.models import Skill


async def test_the_catalogue_is_open_to_everybody(clients: Any, db: str) -> None:
    await Skill.create(code="nanyin", name="南音", name_en="Nanyin", discipline="music")
    async with clients([skills]) as client:
        answer = await client.get("/api/skills")
    assert answer.json() == {
        "items": [{"code": "nanyin", "name": "南音", "name_en": "Nanyin", "discipline": "music", "kind": "skill"}]
    }
