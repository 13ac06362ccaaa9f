"""Whether anybody can do what rows ask for: a warning, never a fault."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.connection import get_connection

from dispatch.imports.events import EventRow, asked
from dispatch.imports.reference import Catalogue
from volunteer import skills
from volunteer.errors import Fault
from volunteer.models import Inclusion

_HELD = """SELECT q.skill_id AS skill, max(q.level)::int AS level FROM qualification q
JOIN volunteer v ON v.id = q.volunteer_id
WHERE v.state = 'active' AND (q.valid_until IS NULL OR q.valid_until > $1) GROUP BY q.skill_id"""


async def nobody(rows: Sequence[EventRow], catalogue: Catalogue, at: datetime, field: str) -> list[Fault]:
    """One warning for each skill and level that no active volunteer has at ``at``, with the first row that asks."""
    held = {row["skill"]: row["level"] for row in await get_connection("default").execute_query_dict(_HELD, [at])}
    best = await _expanded(held)
    first: dict[tuple[str, int], tuple[int | None, int]] = {}
    for need, skill, level in asked(rows):
        if best.get(skill, 0) < level:
            row, count = first.get((skill, level), (need.row, 0))
            first[skill, level] = row, count + 1
    return [
        _told(catalogue.names[skill], level, best.get(skill, 0), count, row, field)
        for (skill, level), (row, count) in first.items()
    ]


async def _expanded(held: dict[str, int]) -> dict[str, int]:
    """The best level of each skill, inclusions counted."""
    pairs = [(row.skill_id, row.included_id) for row in await Inclusion.all()]
    best: dict[str, int] = {}
    for skill, reached in skills.closure(held, pairs).items():
        for inner in reached:
            best[inner] = max(best.get(inner, 0), held[skill])
    return best


def _told(name: tuple[str, str], level: int, best: int, count: int, row: int | None, field: str) -> Fault:
    zh, en = f"目前没有人会“{name[0]}”", f"nobody has the skill {name[1]} yet"
    if best:
        zh = f"技能“{name[0]}”目前无人达到 {level} 级（最高 {best} 级）"
        en = f"nobody has {name[1]} at level {level} yet (best level {best})"
    return Fault(
        field,
        f"{zh}，岗位中有 {count} 个要求它；请招募、培训或降低要求",
        f"{en}, needs that ask for it: {count}; recruit, train or ask for less",
        row,
    )
