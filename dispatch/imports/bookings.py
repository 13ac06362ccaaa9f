"""Event rows into rows of the database: one transaction decides about all of them, then writes them all."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from dispatch.imports import bulk
from dispatch.imports.columns import Faults, Fields, Progress
from dispatch.imports.events import Change, EventRow, NeedRow, OldEvent, OldNeed, OldShift, Place, ShiftRow, change
from dispatch.imports.reference import Atlas
from dispatch.imports.report import Report, failed
from dispatch.lifecycle import CLAIMS
from dispatch.settings import policy
from volunteer import journal
from volunteer.act import Act, fresh_id
from volunteer.errors import Fault

_EVENTS = """SELECT e.id, e.source_uid AS uid, e.title, e.title_en, e.mode, e.state, e.priority, e.region_id, e.quorum,
  e.leader, e.expected_attendance, e.description, e.risk_notice, e.starts_at, e.ends_at, e.version, s.name AS series
FROM event e LEFT JOIN series s ON s.id = e.series_id WHERE e.source = $1 AND e.source_uid = ANY($2)
ORDER BY e.id FOR UPDATE OF e"""
_SHIFTS = """SELECT s.id, s.event_id, s.starts_at, s.ends_at, s.call, s."out", v.region_id, v.name
FROM shift s JOIN venue v ON v.id = s.venue_id WHERE s.event_id = ANY($1) ORDER BY s.id"""
_NEEDS = """SELECT n.id, n.shift_id, n.role, n.min, n.desired, n.max, n.asks, n.languages, n.demands, n.age_min,
  n.age_max, n.near_minors, n.leader, n.mentor_role, n.per_mentor, n.team_id, n.taken
FROM need n WHERE n.shift_id = ANY($1) ORDER BY n.id FOR UPDATE"""
_BOUND = """SELECT need_id, count(*)::int AS lines, (count(*) FILTER (WHERE status = 'offered'))::int AS offered,
  (count(*) FILTER (WHERE status = ANY($2)))::int AS claims
FROM assignment WHERE need_id = ANY($1) GROUP BY need_id"""
_CHUNK = 500

Plain = Iterable[Mapping[str, Any]]

_DROPPABLE = "DELETE FROM {table} WHERE id = ANY($1)"

_EVENT = {
    "id": "uuid", "title": "text", "title_en": "text", "mode": "text", "state": "text", "priority": "int",
    "region_id": "text", "series_id": "uuid", "leader": "boolean", "quorum": "int", "expected_attendance": "int",
    "description": "text", "risk_notice": "text", "source": "text", "source_uid": "text", "starts_at": "timestamptz",
    "ends_at": "timestamptz", "locks_at": "timestamptz", "version": "int", "created_at": "timestamptz",
}  # fmt: skip
_EVENT_CHANGES = tuple(name for name in _EVENT if name not in ("id", "source", "source_uid", "created_at"))
_SHIFT = {
    "id": "uuid", "event_id": "uuid", "venue_id": "uuid", "starts_at": "timestamptz", "ends_at": "timestamptz",
    "call": "int", "out": "int",
}  # fmt: skip
_NEED = {
    "id": "uuid", "shift_id": "uuid", "role": "text", "min": "int", "desired": "int", "max": "int", "asks": "jsonb",
    "languages": "jsonb", "demands": "jsonb", "age_min": "int", "age_max": "int", "near_minors": "boolean",
    "leader": "boolean", "mentor_role": "text", "per_mentor": "int", "team_id": "uuid",
}  # fmt: skip
_SHIFT_CHANGES = tuple(name for name in _SHIFT if name not in ("id", "event_id"))
_NEED_CHANGES = tuple(name for name in _NEED if name not in ("id", "shift_id"))


@dataclass(slots=True)
class _Rows:
    """What will be written, in the order of writing. ``told``: kind, event id, state, version, region."""

    events: list[dict[str, Any]] = field(default_factory=list)
    shifts: list[dict[str, Any]] = field(default_factory=list)
    needs: list[dict[str, Any]] = field(default_factory=list)
    dropped_needs: list[UUID] = field(default_factory=list)
    dropped_shifts: list[UUID] = field(default_factory=list)
    told: list[tuple[str, UUID, str, int, str]] = field(default_factory=list)


async def book(
    act: Act,
    rows: Sequence[EventRow],
    *,
    noun: str,
    count: int,
    atlas: Atlas,
    publish: bool,
    dry_run: bool,
    fields: Fields,
    warnings: Sequence[Fault] = (),
    progress: Progress | None = None,
) -> Report:
    """Bring ``rows`` in; counts of the report are events. ``count``: rows of the file. With any fault nothing is
    written."""
    faults = Faults()

    async def verb(open_: journal.Writing) -> Report:
        await bulk.alone(open_.db)
        changes = await _decided(open_.db, rows, publish=publish, faults=faults, progress=progress)
        if faults:
            return failed(noun, count, faults.kept, faults.count, fields=fields)
        created = sum(made.old is None for made in changes)
        if not dry_run and changes:
            await _write(open_, changes, atlas, publish=publish, progress=progress)
        return Report(
            noun,
            count,
            created,
            len(changes) - created,
            len(rows) - len(changes),
            warnings=tuple(warnings),
            dry=dry_run,
            fields=fields,
        )

    return await bulk.settled(act, verb, noun, count)


# ---- decide ----


async def _decided(
    db: BaseDBAsyncClient, rows: Sequence[EventRow], *, publish: bool, faults: Faults, progress: Progress | None
) -> list[Change]:
    changes: list[Change] = []

    def decide(chunk: Sequence[EventRow], old: Mapping[tuple[str, str], OldEvent]) -> None:
        made = (change(row, old.get((row.source, row.uid)), publish=publish, faults=faults) for row in chunk)
        changes.extend(one for one in made if one is not None)

    for number, chunk in enumerate(bulk.chunks(rows, _CHUNK), 1):
        await asyncio.to_thread(decide, chunk, await _standing(db, chunk))
        if progress is not None:
            progress("decide", min(len(rows), number * _CHUNK), len(rows))
    return changes


async def _standing(db: BaseDBAsyncClient, chunk: Sequence[EventRow]) -> dict[tuple[str, str], OldEvent]:
    """The events of these rows that stand already, locked, with their shifts, needs and how many people are bound."""
    found: dict[tuple[str, str], OldEvent] = {}
    for source in {row.source for row in chunk}:
        events = await db.execute_query_dict(_EVENTS, [source, [row.uid for row in chunk if row.source == source]])
        shifts = await db.execute_query_dict(_SHIFTS, [[e["id"] for e in events]]) if events else []
        needs = await db.execute_query_dict(_NEEDS, [[s["id"] for s in shifts]]) if shifts else []
        bound = await db.execute_query_dict(_BOUND, [[n["id"] for n in needs], list(CLAIMS)]) if needs else []
        whole = await asyncio.to_thread(_joined, events, shifts, needs, {row["need_id"]: row for row in bound})
        found |= {(source, uid): event for uid, event in whole.items()}
    return found


def _joined(events: Plain, shifts: Plain, needs: Plain, lines: Mapping[UUID, Mapping[str, Any]]) -> dict[str, OldEvent]:
    """The rows put together, by uid."""
    by_shift: dict[UUID, list[OldNeed]] = {}
    for need in needs:
        line = lines.get(need["id"], {"lines": 0, "offered": 0, "claims": 0})
        seats = need["taken"] + line["offered"]
        was = OldNeed(need["id"], _need(need), line["claims"], seats, line["lines"])
        by_shift.setdefault(need["shift_id"], []).append(was)
    by_event: dict[UUID, list[OldShift]] = {}
    for shift in shifts:
        inner = tuple(by_shift.get(shift["id"], ()))
        by_event.setdefault(shift["event_id"], []).append(OldShift(shift["id"], _shift(shift, inner), inner))
    return {event["uid"]: _event(event, tuple(by_event.get(event["id"], ()))) for event in events}


def _need(row: Mapping[str, Any]) -> NeedRow:
    asks, languages, demands = (bulk.from_json(row[name]) for name in ("asks", "languages", "demands"))
    return NeedRow(
        row["role"], row["min"], row["desired"], row["max"],
        tuple(sorted((ask["skill"], ask["level"]) for ask in asks)), tuple(sorted(languages)), tuple(sorted(demands)),
        row["age_min"], row["age_max"], row["near_minors"], row["leader"], row["mentor_role"],
        row["per_mentor"], row["team_id"],
    )  # fmt: skip


def _shift(row: Mapping[str, Any], needs: Iterable[OldNeed]) -> ShiftRow:
    place = Place(row["region_id"], row["name"])
    inner = tuple(need.is_ for need in needs)
    return ShiftRow(place, row["starts_at"], row["ends_at"], row["call"], row["out"], inner)


def _event(row: Mapping[str, Any], shifts: tuple[OldShift, ...]) -> OldEvent:
    apart = ("id", "uid", "state", "version", "series")
    columns = {name: value for name, value in row.items() if name not in apart}
    return OldEvent(row["id"], row["state"], row["version"], row["series"], columns, shifts)


# ---- write ----


async def _write(
    open_: journal.Writing, changes: Sequence[Change], atlas: Atlas, *, publish: bool, progress: Progress | None
) -> None:
    db, at = open_.db, open_.act.at
    venues = await _venues(db, [shift.place for made in changes for shift in made.row.shifts], atlas, at)
    series = await _series(db, [made.row for made in changes], at)
    rows = _Rows()

    def lay() -> None:
        for made in changes:
            _lay(rows, made, venues, series, at, publish=publish)

    await asyncio.to_thread(lay)

    def tell(done: int) -> None:
        if progress is not None:
            progress("write", done, len(rows.events))

    for table, gone in (("need", rows.dropped_needs), ("shift", rows.dropped_shifts)):
        for part in bulk.chunks(gone):
            await db.execute_query(_DROPPABLE.format(table=table), [list(part)])
    await bulk.upsert(db, "event", _EVENT, ["id"], rows.events, change=_EVENT_CHANGES, tell=tell)
    await bulk.upsert(db, "shift", _SHIFT, ["id"], rows.shifts, change=_SHIFT_CHANGES)
    await bulk.upsert(db, "need", _NEED, ["id"], rows.needs, change=_NEED_CHANGES, bump="version")
    await bulk.weighed(db, ["event", "shift", "need", "venue", "series"], len(rows.needs))
    for kind, id_, state, version, region in rows.told:
        followed = (f"event:{id_}",) if kind != "event.imported" else ()
        body = {"event": {"id": id_, "state": state, "version": version}}
        open_.entry(kind, topics=(*followed, *journal.topics_of(region)), ref=id_, body=body)


def _lay(
    rows: _Rows, made: Change, venues: Mapping[tuple[str, str], UUID], series: Mapping[tuple[str, str], UUID],
    at: datetime, *, publish: bool,
) -> None:  # fmt: skip
    row, old = made.row, made.old
    id_ = old.id if old else fresh_id(at)
    before = old.state if old else "draft"
    state = "published" if publish and before in ("draft", "postponed") else before
    locks_at = row.locks_at(policy().lock_hours)
    state = "published" if state == "locked" and locks_at > at else state  # moved on: people may join again
    version = old.version + 1 if old else 1
    rows.events.append(
        row.columns()
        | {"id": id_, "state": state, "source": row.source, "source_uid": row.uid, "version": version, "created_at": at}
        | {"locks_at": locks_at}
        | {"series_id": series[row.region, row.series] if row.series else None}
    )
    rows.dropped_needs += made.dropped_needs
    rows.dropped_shifts += made.dropped_shifts
    for was, shift, needs in made.shifts:
        shift_id = was or fresh_id(at)
        rows.shifts.append({
            "id": shift_id, "event_id": id_, "venue_id": venues[shift.place.key], "starts_at": shift.starts_at,
            "ends_at": shift.ends_at, "call": shift.call, "out": shift.out,
        })  # fmt: skip
        rows.needs += [_columns(need_id or fresh_id(at), shift_id, need) for need_id, need in needs]
    published = state != before and before != "locked"
    kind = "event.published" if published else "event.imported" if old is None else "event.changed"
    rows.told.append((kind, id_, state, version, row.region))


def _columns(id_: UUID, shift_id: UUID, need: NeedRow) -> dict[str, Any]:
    names = (
        "role", "min", "desired", "max", "languages", "demands", "age_min", "age_max", "near_minors", "leader",
        "mentor_role", "per_mentor", "team_id",
    )  # fmt: skip
    asks = [{"skill": skill, "level": level} for skill, level in need.asks]
    return {name: getattr(need, name) for name in names} | {"id": id_, "shift_id": shift_id, "asks": asks}


async def _venues(
    db: BaseDBAsyncClient, places: Iterable[Place], atlas: Atlas, at: datetime
) -> dict[tuple[str, str], UUID]:
    """The venues of these places; new ones are made, a point that the file gives is taken over."""
    wanted: dict[tuple[str, str], Place] = {}
    for place in places:
        if place.key not in wanted or place.lat is not None:
            wanted[place.key] = place
    rows = []
    for place in wanted.values():
        spot = atlas.spots[place.region]
        rows.append({
            "id": fresh_id(at), "name": place.name, "region_id": place.region, "zone": place.zone,
            "lat": spot.lat if place.lat is None else place.lat, "lon": spot.lon if place.lon is None else place.lon,
            "approximate": place.lat is None,
        })  # fmt: skip
    types = {
        "id": "uuid", "name": "text", "region_id": "text", "zone": "text", "lat": "double precision",
        "lon": "double precision", "approximate": "boolean",
    }  # fmt: skip
    for exact, change_ in ((True, ["lat", "lon", "approximate"]), (False, [])):
        part = [row for row in rows if row["approximate"] is not exact]
        await bulk.upsert(db, "venue", types, ["region_id", "name"], part, change=change_)
    return await _ids(db, "venue", list(wanted))


async def _series(db: BaseDBAsyncClient, rows: Iterable[EventRow], at: datetime) -> dict[tuple[str, str], UUID]:
    wanted = list(dict.fromkeys((row.region, row.series) for row in rows if row.series is not None))
    known = await _ids(db, "series", wanted)
    new = {key: fresh_id(at) for key in wanted if key not in known}
    rows_ = [{"id": id_, "region_id": region, "name": name} for (region, name), id_ in new.items()]
    await bulk.upsert(db, "series", {"id": "uuid", "region_id": "text", "name": "text"}, [], rows_)
    return known | new


async def _ids(db: BaseDBAsyncClient, table: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Ids by region and name; of several with one name the oldest."""
    statement = (
        f"SELECT t.region_id, t.name, t.id FROM {table} t JOIN unnest($1::text[], $2::text[]) AS k(region, name) "  # noqa: S608
        "ON t.region_id = k.region AND t.name = k.name ORDER BY t.id DESC"
    )
    found = await db.execute_query_dict(statement, [[region for region, _ in keys], [name for _, name in keys]])
    return {(row["region_id"], row["name"]): row["id"] for row in found}
