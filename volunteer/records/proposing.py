"""Taking down what a service was: proposed by whatever ran it, in the transaction that says it was served.

The network knows no events: who runs the work says in a :class:`Served` what is to be kept of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from volunteer import access, days
from volunteer.access import Thing
from volunteer.act import fresh_id
from volunteer.errors import Missing, Reason, Refused
from volunteer.journal import Writing, topics_of
from volunteer.models import ServiceRecord
from volunteer.quiet import ZONE
from volunteer.records import abouts as _abouts  # noqa: F401 - registers what notices of records are about
from volunteer.records import hours, steps
from volunteer.records import kinds as _kinds  # noqa: F401 - registers the notices of records
from volunteer.records import words as _words  # noqa: F401 - registers the sentences of records
from volunteer.records.hours import Stay, Terms
from volunteer.records.steps import Hands

Source = Literal["checkin", "roll", "makeup"]


@dataclass(frozen=True, slots=True)
class Served:
    """What somebody served. ``cause``: the thing served, once a record; ``matter``: what it was part of, over since
    ``ended``. ``evidence``, ``reason`` and ``asked_by``: of made-up hours (补录)."""

    volunteer: UUID
    cause: UUID
    matter: UUID
    title: str
    title_en: str
    place: str
    content: str
    region: str
    unit: UUID | None
    organiser: UUID | None
    leaders: frozenset[UUID]
    source: Source
    stay: Stay
    ended: datetime
    evidence: str = ""
    reason: str = ""
    asked_by: UUID | None = None


async def propose(w: Writing, service: Served, terms: Terms) -> ServiceRecord:
    """Take it down (办法 art. 5, 7): a record that waits for whoever led the service. :class:`Refused` (``recorded``)
    when this service has one."""
    if await ServiceRecord.exists(cause=service.cause):
        raise Refused([Reason("recorded")])
    stay = service.stay
    row = ServiceRecord(
        id=fresh_id(w.act.at), volunteer_id=service.volunteer, cause=service.cause, matter=service.matter,
        title=service.title, title_en=service.title_en, place=service.place, content=service.content,
        unit_id=service.unit, region_id=service.region, organiser_id=service.organiser,
        leaders=sorted(map(str, service.leaders)), source=service.source, plan_from=stay.since, plan_until=stay.until,
        came_at=stay.came, left_at=stay.left, unit_minutes=terms.unit, least_percent=terms.least,
        notice_days=terms.notice_days, minutes=hours.credit(stay, terms.unit), state="proposed",
        evidence=service.evidence, reason=service.reason, asked_by=service.asked_by, created_at=await w.clock(),
        **deadlines(service.ended, terms),
    )  # fmt: skip
    await row.save(force_create=True)
    tell(w, "proposed", [row])
    return row


async def nowhere_else(person: UUID, cause: UUID, came: datetime, left: datetime) -> None:
    """:class:`Refused` (``served_elsewhere``) when another service of the person is recorded within these times: asked
    where somebody says by hand when they came and left. Nobody serves twice at once."""
    others = ServiceRecord.filter(volunteer_id=person, came_at__lt=left, left_at__gt=came).exclude(cause=cause)
    if await others.exclude(state="corrected").exists():
        raise Refused([Reason("served_elsewhere")])


def deadlines(ended: datetime, terms: Terms) -> dict[str, datetime]:
    """When whoever must sign is reminded; when it is late, because the public notice no longer fits; when it was to be
    recorded (办法 art. 11: within ten working days after the end)."""
    late = max(0, terms.due_days - terms.notice_days - 1)
    return {
        "nudge_at": days.working_days_after(ended, min(terms.nudge_days, late), ZONE),
        "late_at": days.working_days_after(ended, late, ZONE),
        "due_at": days.working_days_after(ended, terms.due_days, ZONE),
    }


# ---- what every verb on a record does in the same way ----


async def held(w: Writing, ids: Iterable[UUID], verb: str) -> list[ServiceRecord]:
    """These records, by id, held until the transaction ends, after the actor's right to ``verb`` is shown for each.
    A stranger's record is :class:`Missing`."""
    wanted = sorted(set(ids))
    await w.db.execute_query("SELECT id FROM service_record WHERE id = ANY($1) ORDER BY id FOR UPDATE", [wanted])
    rows = await ServiceRecord.filter(id__in=wanted).order_by("id")
    if len(rows) != len(wanted):
        raise Missing("record")
    for row in rows:
        access.require(w.act.actor, verb, thing(row))
    return rows


def thing(row: ServiceRecord) -> Thing:
    leaders = frozenset(map(UUID, row.leaders))
    return Thing("record", row.region_id, row.unit_id, people=frozenset({row.volunteer_id}), leaders=leaders)


def hands(row: ServiceRecord, objected: UUID | None = None) -> Hands:
    return Hands(
        row.volunteer_id, row.organiser_id, frozenset(map(UUID, row.leaders)), row.asked_by, row.overtime_by,
        row.confirmed_by, row.signed_by, objected,
    )  # fmt: skip


def stay(row: ServiceRecord) -> Stay:
    return Stay(row.plan_from, row.plan_until, row.came_at, row.left_at)


async def move(row: ServiceRecord, verb: str, **fields: object) -> None:
    """Step a held record by ``verb`` of the table and store it as its next version."""
    await store(row, state=steps.step(row.state, verb), **fields)


async def store(row: ServiceRecord, **fields: object) -> None:
    row.version += 1
    for name, value in fields.items():
        setattr(row, name, value)
    await row.save(update_fields=["version", *fields])


def tell(w: Writing, kind: str, rows: Iterable[ServiceRecord]) -> None:
    """One entry ``record.<kind>`` each: ids, state and counts."""
    for row in rows:
        body = {
            "id": row.id, "state": row.state, "version": row.version, "minutes": row.minutes, "cause": row.cause,
            "matter": row.matter, "notice_until": row.notice_until, "due_at": row.due_at,
        }  # fmt: skip
        audiences = (f"volunteer:{row.volunteer_id}", *topics_of(row.region_id))
        w.entry(f"record.{kind}", topics=audiences, ref=row.id, body={"record": body})
