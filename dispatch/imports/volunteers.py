"""Volunteers from a table. A person is known again by number. Nobody is made active without a recorded consent: who
comes without one stays *registered* until they confirm (条例 art. 7; no registration behind a person's back)."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from dispatch.imports import bulk, reference
from dispatch.imports.columns import Faults, Parsed, Progress, parse
from dispatch.imports.people import COLUMNS, FIELDS, SETS, Maker, Person
from dispatch.imports.report import Report, failed
from dispatch.imports.weekly import Pattern
from volunteer import journal
from volunteer.act import Act, fresh_id
from volunteer.errors import Invalid

EVIDENCE = "import"
VERSION = "import"
_CHUNK = 500
_TYPES = {
    "id": "uuid", "number": "text", "name": "text", "pinyin": "text", "gender": "text", "birth_date": "date",
    "region_id": "text", "lat": "double precision", "lon": "double precision", "email": "text", "phone": "text",
    "language": "text", "languages": "jsonb", "likes": "jsonb", "limitations": "jsonb", "travel_mode": "text",
    "max_km": "double precision", "max_day": "int", "max_week": "int", "max_month": "int", "max_events": "int",
    "automated": "boolean", "checked_until": "date", "state": "text", "created_at": "timestamptz",
}  # fmt: skip
_KNOWN = """SELECT id, number, name, pinyin, gender, birth_date::text, region_id, lat, lon, email, phone, language,
  languages, likes, limitations, travel_mode, max_km, max_day, max_week, max_month, max_events, automated,
  checked_until::text, state, created_at FROM volunteer WHERE number = ANY($1)"""
_MAILBOXES = "SELECT email, number FROM volunteer WHERE email = ANY($1)"
_SKILLS = "SELECT volunteer_id, skill_id, level, evidence FROM qualification WHERE volunteer_id = ANY($1)"
_WEEKLY = 'SELECT volunteer_id, weekday, start, "end", kind FROM weekly WHERE volunteer_id = ANY($1)'
_FORGET = """DELETE FROM qualification q USING unnest($1::uuid[], $2::text[]) AS g(who, code)
WHERE q.volunteer_id = g.who AND q.skill_id = g.code"""
_CONSENTS = """SELECT volunteer_id, purpose, max(coalesce(valid_until, given_at + interval '1 year')) AS until
FROM consent WHERE volunteer_id = ANY($1) AND withdrawn_at IS NULL AND purpose IN ('registration', 'guardian')
GROUP BY 1, 2"""


@dataclass(slots=True)
class Plan:
    """What will be written. ``counties``: how many were created and updated in each."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    skills: list[dict[str, Any]] = field(default_factory=list)
    forgotten: list[tuple[UUID, str]] = field(default_factory=list)
    reweekly: list[UUID] = field(default_factory=list)
    weekly: list[dict[str, Any]] = field(default_factory=list)
    consents: list[dict[str, Any]] = field(default_factory=list)
    counties: dict[str, list[int]] = field(default_factory=dict)
    unchanged: int = 0

    def count(self, region: str, *, created: bool) -> None:
        self.counties.setdefault(region[:6], [0, 0])[0 if created else 1] += 1


@dataclass(frozen=True, slots=True)
class Known:
    """What stands about the people of one chunk, by volunteer id but for ``rows`` (by number)."""

    rows: Mapping[str, dict[str, Any]]
    skills: Mapping[UUID, dict[str, tuple[int, str]]]
    weekly: Mapping[UUID, frozenset[Pattern]]
    consents: Mapping[UUID, dict[str, datetime]]


async def volunteers(
    act: Act, path: Path, *, encoding: str | None = None, dry_run: bool = False, progress: Progress | None = None
) -> Report:
    """Import the table at ``path``; everybody or, with any fault, nobody. Columns that the file leaves out keep what is
    known. Raises :class:`Forbidden` when the actor may import nowhere."""
    bulk.may_somewhere(act)
    maker = Maker(await reference.atlas(act.actor), await reference.catalogue(), act.at.date())
    try:
        parsed = await parse(path, COLUMNS, maker, encoding=encoding, progress=progress)
    except Invalid as invalid:
        return failed("volunteers", 0, invalid.faults, fields=FIELDS)
    faults = parsed.faults
    await asyncio.to_thread(_doubles, parsed.rows, faults)

    async def verb(open_: journal.Writing) -> Report:
        await bulk.alone(open_.db)
        plan = await _decided(open_, parsed, maker, progress)
        if faults:
            return failed("volunteers", parsed.count, faults.kept, faults.count, fields=FIELDS)
        created = sum(new for new, _ in plan.counties.values())
        updated = sum(old for _, old in plan.counties.values())
        if not dry_run:
            await _write(open_, plan, parsed.present, progress)
        return Report("volunteers", parsed.count, created, updated, plan.unchanged, dry=dry_run, fields=FIELDS)

    return await bulk.settled(act, verb, "volunteers", parsed.count)


def _doubles(people: Sequence[Person], faults: Faults) -> None:
    numbers: dict[str, int] = {}
    mailboxes: dict[str, int] = {}
    for person in people:
        first = numbers.setdefault(person.number, person.row)
        if first != person.row:
            faults.add(
                person.row,
                "number",
                f"与第 {first} 行编号相同；请只留一行",
                f"same number as row {first}; keep one row",
            )
        email = person.columns["email"]
        if email is not None and (first := mailboxes.setdefault(email, person.row)) != person.row:
            faults.add(
                person.row,
                "email",
                f"与第 {first} 行邮箱相同；每人一个邮箱",
                f"same address as row {first}; one person, one address",
            )


# ---- decide ----


async def _decided(open_: journal.Writing, parsed: Parsed[Person], maker: Maker, progress: Progress | None) -> Plan:
    plan = Plan()
    for number, chunk in enumerate(bulk.chunks(parsed.rows, _CHUNK), 1):
        known = await _known(open_.db, chunk)
        await _mailboxes(open_.db, chunk, parsed.faults)
        await asyncio.to_thread(_decide_all, chunk, known, parsed, maker, plan, open_.act)
        if progress is not None:
            progress("decide", min(len(parsed.rows), number * _CHUNK), len(parsed.rows))
    return plan


async def _known(db: BaseDBAsyncClient, chunk: Sequence[Person]) -> Known:
    rows = {row["number"]: row for row in await db.execute_query_dict(_KNOWN, [[p.number for p in chunk]])}
    if not rows:
        return Known({}, {}, {}, {})
    ids = [row["id"] for row in rows.values()]
    for row in rows.values():
        row.update({name: bulk.from_json(row[name]) for name in ("languages", "likes", "limitations")})
    skills: dict[UUID, dict[str, tuple[int, str]]] = {}
    for row in await db.execute_query_dict(_SKILLS, [ids]):
        skills.setdefault(row["volunteer_id"], {})[row["skill_id"]] = (row["level"], row["evidence"])
    weekly: dict[UUID, set[Pattern]] = {}
    for row in await db.execute_query_dict(_WEEKLY, [ids]):
        weekly.setdefault(row["volunteer_id"], set()).add((row["weekday"], row["start"], row["end"], row["kind"]))
    consents: dict[UUID, dict[str, datetime]] = {}
    for row in await db.execute_query_dict(_CONSENTS, [ids]):
        consents.setdefault(row["volunteer_id"], {})[row["purpose"]] = row["until"]
    return Known(rows, skills, {id_: frozenset(found) for id_, found in weekly.items()}, consents)


async def _mailboxes(db: BaseDBAsyncClient, chunk: Sequence[Person], faults: Faults) -> None:
    by_mailbox = {p.columns["email"]: p for p in chunk if p.columns["email"] is not None}
    for row in await db.execute_query_dict(_MAILBOXES, [list(by_mailbox)]):
        person = by_mailbox[row["email"]]
        if row["number"] != person.number:
            faults.add(
                person.row,
                "email",
                "这个邮箱已属于另一位志愿者；请核对编号或邮箱",
                "this address belongs to another volunteer; check number and address",
            )


def _decide_all(
    chunk: Sequence[Person], known: Known, parsed: Parsed[Person], maker: Maker, plan: Plan, act: Act
) -> None:
    for person in chunk:
        _decide(person, known, parsed, maker, plan, act)


def _decide(person: Person, known: Known, parsed: Parsed[Person], maker: Maker, plan: Plan, act: Act) -> None:
    old = known.rows.get(person.number)
    if old is None:
        row = {**person.columns, "id": fresh_id(act.at), "created_at": act.at}
        changed = True
    else:
        if maker.atlas.mine is not None and not any(old["region_id"].startswith(scope) for scope in maker.atlas.mine):
            parsed.faults.add(
                person.row,
                "number",
                "这个编号属于别处的志愿者；请核对编号",
                "this number belongs to a volunteer elsewhere; check it",
            )
            return
        if old["state"] == "exited":
            parsed.faults.add(
                person.row,
                "number",
                "这个编号的志愿者已退出，导入不会恢复其资料；请从文件里去掉",
                "whoever had this number has left; an import brings nobody back, drop the row",
            )
            return
        row = _updated(old, person, parsed.present)
        changed = any(row[name] != old[name] for name in person.columns)
    if changed:
        plan.rows.append(row)
    before = len(plan.skills) + len(plan.forgotten) + len(plan.reweekly) + len(plan.consents)
    _skills(person, row["id"], known.skills.get(row["id"], {}), parsed.present, plan)
    _week(person, row["id"], known.weekly.get(row["id"], frozenset()), parsed.present, plan)
    plan.consents.extend(_consents(person, row["id"], known.consents.get(row["id"], {}), act))
    after = len(plan.skills) + len(plan.forgotten) + len(plan.reweekly) + len(plan.consents)
    if changed or after > before:
        plan.count(row["region_id"], created=old is None)
    else:
        plan.unchanged += 1


def _updated(old: Mapping[str, Any], person: Person, present: frozenset[str]) -> dict[str, Any]:
    """The row as it will stand. A point of the person's own stays while the region does; nobody who is past
    *registered* is moved back."""
    new = dict(old)
    for column in present:
        for name in SETS.get(column, ()):
            new[name] = person.columns[name]
    if new["region_id"] == old["region_id"]:
        new["lat"], new["lon"] = old["lat"], old["lon"]
    if old["state"] != "registered":
        new["state"] = old["state"]
    return new


def _skills(
    person: Person, id_: UUID, held: Mapping[str, tuple[int, str]], present: frozenset[str], plan: Plan
) -> None:
    """Levels as the file says; what an earlier import brought and the file lists no more goes."""
    if "skills" not in present:
        return
    for code, level in person.skills.items():
        if held.get(code, (0, ""))[0] != level:
            plan.skills.append({"volunteer_id": id_, "skill_id": code, "level": level, "evidence": EVIDENCE})
    plan.forgotten.extend(
        (id_, code) for code, (_, evidence) in held.items() if evidence == EVIDENCE and code not in person.skills
    )


def _week(person: Person, id_: UUID, old: frozenset[Pattern], present: frozenset[str], plan: Plan) -> None:
    if "weekly" not in present or old == person.weekly:
        return
    if old:
        plan.reweekly.append(id_)
    plan.weekly.extend(
        {"volunteer_id": id_, "weekday": weekday, "start": start, "end": end, "kind": kind}
        for weekday, start, end, kind in sorted(person.weekly)
    )


def _consents(person: Person, id_: UUID, old: Mapping[str, datetime], act: Act) -> Iterator[dict[str, Any]]:
    common = {"volunteer_id": id_, "version": VERSION, "given_at": act.at, "valid_until": None}
    if person.consent and "registration" not in old:
        yield {**common, "purpose": "registration"}
    if person.guardian_until is not None:
        until = datetime.combine(person.guardian_until + timedelta(days=1), time(), UTC)
        if "guardian" not in old or old["guardian"] < until:
            yield {**common, "purpose": "guardian", "valid_until": until}


# ---- write ----


async def _write(open_: journal.Writing, plan: Plan, present: frozenset[str], progress: Progress | None) -> None:
    db = open_.db
    change = sorted({name for column in present for name in SETS.get(column, ())})

    def tell(done: int) -> None:
        if progress is not None:
            progress("write", done, len(plan.rows))

    await bulk.upsert(db, "volunteer", _TYPES, ["number"], plan.rows, change=change, tell=tell)
    await bulk.upsert(
        db, "qualification", {"volunteer_id": "uuid", "skill_id": "text", "level": "int", "evidence": "text"},
        ["volunteer_id", "skill_id"], plan.skills, change=["level", "evidence"], made={"id": "gen_random_uuid()"},
    )  # fmt: skip
    for gone in bulk.chunks(plan.forgotten):
        await db.execute_query(_FORGET, [[who for who, _ in gone], [code for _, code in gone]])
    for stale in bulk.chunks(plan.reweekly):
        await db.execute_query("DELETE FROM weekly WHERE volunteer_id = ANY($1)", [list(stale)])
    await bulk.upsert(
        db, "weekly", {"volunteer_id": "uuid", "weekday": "int", "start": "int", "end": "int", "kind": "text"},
        [], plan.weekly, made={"id": "gen_random_uuid()"},
    )  # fmt: skip
    await bulk.upsert(
        db, "consent",
        {"volunteer_id": "uuid", "purpose": "text", "version": "text", "given_at": "timestamptz",
         "valid_until": "timestamptz"},
        [], plan.consents, made={"id": "gen_random_uuid()"},
    )  # fmt: skip
    written = len(plan.rows) + len(plan.skills) + len(plan.weekly) + len(plan.consents)
    await bulk.weighed(db, ["volunteer", "qualification", "weekly", "consent"], written)
    for county, (created, updated) in plan.counties.items():
        body = {"created": created, "updated": updated}
        open_.entry("volunteers.imported", topics=journal.topics_of(county), body=body)
