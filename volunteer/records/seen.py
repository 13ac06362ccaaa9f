"""Service records as people read them: one's own hours, what waits for a signature, what lies under public notice.

Nothing is written here. Who may sign sees names; the public notice masks them (志愿服务条例 art. 20).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from tortoise.connection import get_connection

from volunteer import access, words
from volunteer.act import Act
from volunteer.errors import Forbidden
from volunteer.models import Objection, ServiceRecord
from volunteer.quiet import ZONE
from volunteer.records import hours
from volunteer.records.proposing import hands, stay
from volunteer.records.steps import apart

View = dict[str, Any]
Stage = Literal["confirm", "sign", "answer", "correct", "all"]

# Of each stage: whose it is, what waits there, and the step that is next.
_STAGES: Final[Mapping[Stage, tuple[str, str, str]]] = {
    "confirm": ("record.confirm", "r.state = 'proposed'", "confirm"),
    "sign": ("record.sign", "r.state = 'confirmed'", "sign"),
    "answer": (
        "record.settle",
        "EXISTS (SELECT 1 FROM objection o WHERE o.record_id = r.id AND o.upheld IS NULL)",
        "settle",
    ),
    "correct": ("record.correct", "r.state = 'disputed'", "correct"),
    "all": ("record.read", "true", ""),
}

_SCOPED: Final = """FROM service_record r JOIN volunteer v ON v.id = r.volunteer_id
WHERE {waits} AND ($1::text[] IS NULL OR r.unit_id = ANY($2::uuid[])
  OR EXISTS (SELECT 1 FROM unnest($1::text[]) AS s(code) WHERE r.region_id LIKE s.code || '%')
  OR ($3 AND r.leaders @> to_jsonb($4::text)))"""
_PAGE: Final = (
    "SELECT r.id, v.name, v.number, count(*) OVER ()::int AS total {scoped} ORDER BY {order} OFFSET $5 LIMIT $6"
)

_PUBLIC: Final = """SELECT r.id, r.title, r.title_en, r.place, r.content, r.plan_from, r.minutes, r.notice_from,
  r.notice_until, r.region_id, g.name AS region, coalesce(u.name, '') AS unit, v.name, count(*) OVER ()::int AS total,
  EXISTS (SELECT 1 FROM objection o WHERE o.record_id = r.id AND o.upheld IS NULL) AS objected,
  date_part('year', age(r.plan_from, v.birth_date)) < 18 AS minor
FROM service_record r JOIN volunteer v ON v.id = r.volunteer_id JOIN region g ON g.code = r.region_id
LEFT JOIN unit u ON u.id = r.unit_id
WHERE r.state = 'under_notice' AND r.region_id LIKE $1 || '%'
  AND strpos(lower(r.title || ' ' || r.title_en), lower($2)) > 0
ORDER BY r.notice_until, r.title, r.id OFFSET $3 LIMIT $4"""

_SUMS: Final = """SELECT coalesce(sum(c.minutes), 0)::int AS all,
  coalesce(sum(c.minutes) FILTER (WHERE r.plan_from >= $2 AND r.plan_from < $3), 0)::int AS year
FROM credit c JOIN service_record r ON r.id = c.record_id WHERE c.volunteer_id = $1"""


async def mine(act: Act, year: int, *, skip: int, limit: int) -> tuple[View, list[View]]:
    """One's own hours: what the ledger says in all and of this year, and the records of the year, newest first. One
    that was corrected is left out: the record in its place says what is."""
    if act.actor.id is None:
        raise Forbidden("record.read", anonymous=True)
    begins, ends = datetime(year, 1, 1, tzinfo=ZONE), datetime(year + 1, 1, 1, tzinfo=ZONE)
    sums = (await get_connection("default").execute_query_dict(_SUMS, [act.actor.id, begins, ends]))[0]
    found = ServiceRecord.filter(volunteer_id=act.actor.id, plan_from__gte=begins, plan_from__lt=ends)
    found = found.exclude(state="corrected")
    open_ = await found.exclude(state="locked").values("minutes")
    rows = await found.order_by("-plan_from", "id").offset(skip).limit(limit)
    said = await _objections([row.id for row in rows])
    totals = {**sums, "waiting": sum(row["minutes"] for row in open_), "records": await found.count()}
    return totals, [_own(row, said.get(row.id, []), act) for row in rows]


def _own(row: ServiceRecord, said: Sequence[Objection], act: Act) -> View:
    """``can.object``: the notice runs, and nothing that one said against it waits for its answer."""
    open_ = any(one.upheld is None and one.volunteer_id == act.actor.id for one in said)
    noticed = row.state == "under_notice" and row.notice_until is not None and act.at < row.notice_until
    return {**_facts(row), "objections": [_said(one) for one in said], "can": {"object": noticed and not open_}}


async def waiting(act: Act, stage: Stage, *, skip: int, limit: int) -> tuple[int, list[View]]:
    """How many records are at this stage within one's scope, and a page of them, the most pressing first; each with the
    reasons why the next step cannot be one's own."""
    verb, waits, step = _STAGES[stage]
    scopes = access.scopes(act.actor, verb)
    regions, units = (None, []) if scopes is None else (sorted(scopes[0]), sorted(scopes[1]))
    scoped = _SCOPED.format(waits=waits)
    order = "r.plan_from DESC, r.id" if stage == "all" else "r.due_at, r.matter, r.plan_from, v.pinyin, r.id"
    led = "leader" in access.MAY[verb]
    values = [regions, units, led, str(act.actor.id), skip, limit]
    found = await get_connection("default").execute_query_dict(_PAGE.format(scoped=scoped, order=order), values)
    people = {row["id"]: row for row in found}
    rows = {row.id: row for row in await ServiceRecord.filter(id__in=list(people))}
    said = await _objections(list(people))
    views = [_waits(rows[id_], people[id_], said.get(id_, []), step, act) for id_ in people]
    return (found[0]["total"] if found else 0), views


def _waits(row: ServiceRecord, person: Mapping[str, Any], said: Sequence[Objection], step: str, act: Act) -> View:
    objected = next((one.volunteer_id for one in said if one.upheld is None), None)
    no = apart(step, act.actor.id, hands(row, objected)) if step else []
    return {
        **_facts(row),
        "volunteer": {"id": row.volunteer_id, "name": person["name"], "number": person["number"]},
        "objections": [_said(one) for one in said],
        "late": act.at >= row.late_at,
        "why_not": [words.reason(reason.rule, reason.data, act.actor.language)[0] for reason in no],
    }


def _facts(row: ServiceRecord) -> View:
    """``counted``: what sign-in and sign-out give without overtime, ``most``: with it; ``few``: so little of the plan
    that it must be explained, less than ``enough``."""
    there = stay(row)
    names = (
        "id", "state", "version", "title", "title_en", "place", "content", "source", "plan_from", "plan_until",
        "came_at", "left_at", "minutes", "overtime", "reason", "evidence", "notice_until", "locked_at", "due_at",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "unit": row.unit_minutes,
        "counted": hours.credit(there, row.unit_minutes),
        "most": hours.credit(there, row.unit_minutes, row.overtime),
        "enough": -(-there.plan * row.least_percent // (100 * hours.MINUTE)),
        "few": hours.short(row.minutes, there.plan, row.least_percent),
        "corrects": row.supersedes_id is not None,
    }


async def _objections(ids: Sequence[UUID]) -> dict[UUID, list[Objection]]:
    found: dict[UUID, list[Objection]] = {}
    for one in await Objection.filter(record_id__in=list(ids)).order_by("at", "id"):
        found.setdefault(one.record_id, []).append(one)
    return found


def _said(one: Objection) -> View:
    return {"id": one.id, "reason": one.reason, "at": one.at, "upheld": one.upheld, "answer": one.answer}


async def public(region: str, wanted: str, *, skip: int, limit: int) -> tuple[int, list[View]]:
    """What lies under public notice in a region: how many, and a page, what ends first in front. Names are masked, of
    minors nothing is shown."""
    values = [region, wanted, skip, limit]
    rows = await get_connection("default").execute_query_dict(_PUBLIC, values)
    return (rows[0]["total"] if rows else 0), [_posted(row) for row in rows]


def _posted(row: Mapping[str, Any]) -> View:
    name = "" if row["minor"] else access.masked(row["name"])
    left_out = ("name", "minor", "total", "region_id", "region")
    return {key: value for key, value in row.items() if key not in left_out} | {
        "name": name, "minor": bool(row["minor"]), "region": {"code": row["region_id"], "name": row["region"]},
    }  # fmt: skip
