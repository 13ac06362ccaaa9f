"""What notices of service records are about: a record, an objection to one, or all records of one matter."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from volunteer.notices.abouts import Fact, Resolver, resolvers
from volunteer.records import steps
from volunteer.words import Pair

_RECORD = """SELECT id, state, title, title_en, plan_from AS starts_at, place, 'phone/hours' AS path
FROM service_record WHERE id = ANY($1)"""
_OBJECTION = """SELECT o.id, CASE WHEN o.upheld IS NULL THEN 'open' ELSE 'settled' END AS state, r.title, r.title_en,
  r.plan_from AS starts_at, r.place, '{path}' AS path
FROM objection o JOIN service_record r ON r.id = o.record_id WHERE o.id = ANY($1)"""
_MATTER = """SELECT DISTINCT ON (matter) matter AS id, CASE WHEN EXISTS (SELECT 1 FROM service_record w
    WHERE w.matter = r.matter AND w.state IN ({open})) THEN 'open' ELSE 'done' END AS state,
  title, title_en, plan_from AS starts_at, place, 'desk/hours' AS path
FROM service_record r WHERE matter = ANY($1) ORDER BY matter, plan_from, id"""


def _resolver(sql: str) -> Resolver:
    async def resolve(refs: Sequence[UUID]) -> Mapping[UUID, Fact]:
        rows = await get_connection("default").execute_query_dict(sql, [list(refs)])
        return {row["id"]: _fact(row) for row in rows}

    return resolve


def _fact(row: Mapping[str, Any]) -> Fact:
    title = Pair(row["title"], row["title_en"] or row["title"])
    return Fact(title, row["starts_at"], row["place"], row["path"], row["state"])


resolvers.update({
    "record": _resolver(_RECORD),
    "objection": _resolver(_OBJECTION.format(path="phone/hours")),
    "objected": _resolver(_OBJECTION.format(path="desk/hours")),
    "matter": _resolver(_MATTER.format(open=", ".join(f"'{state}'" for state in steps.OPEN))),
})  # fmt: skip
