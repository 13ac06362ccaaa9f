"""Doors of service records: my hours, what waits for a signature, the public notice."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from volunteer import journal
from volunteer.act import Act
from volunteer.api import paging
from volunteer.api.http import ById, Instant, Live, Paged, Struct, Text, View, Whole, Words, door
from volunteer.api.shapes import PersonName, RegionCode, RegionName
from volunteer.quiet import ZONE
from volunteer.records import correcting, objecting, seen, signing
from volunteer.records.hours import LONGEST
from volunteer.records.signing import AT_ONCE, Line

State = Literal["proposed", "confirmed", "under_notice", "locked", "disputed", "corrected"]
Minutes = Annotated[int, Whole(0, LONGEST)]
Why = Annotated[str, Words(2, 300)]


class ObjectionView(View):
    """``upheld`` null: it waits for its answer."""

    id: UUID
    reason: str
    at: datetime
    upheld: bool | None
    answer: str


class RecordView(View):
    """One service. ``counted``: minutes that sign-in and sign-out give, ``most``: with the approved ``overtime``;
    ``few``: so little of the plan that it must be explained, less than ``enough``; ``unit``: minutes of the smallest
    credit; ``corrects``: it takes the place of an older record."""

    id: UUID
    state: State
    version: int
    title: str
    title_en: str
    place: str
    content: str
    source: Literal["checkin", "roll", "makeup"]
    plan_from: datetime
    plan_until: datetime
    came_at: datetime
    left_at: datetime
    minutes: int
    overtime: int
    counted: int
    most: int
    unit: int
    enough: int
    few: bool
    reason: str
    evidence: str
    notice_until: datetime | None
    locked_at: datetime | None
    due_at: datetime
    corrects: bool
    objections: list[ObjectionView]


class OwnCan(View):
    object: bool


class OwnRecord(RecordView):
    can: OwnCan


class Sums(View):
    """Minutes: ``year`` and ``all`` by the ledger; ``waiting``: of the year, not recorded yet."""

    year: int
    all: int
    waiting: int
    records: int


class MyHours(View):
    year: int
    sums: Sums
    items: list[OwnRecord]
    next: str | None
    live: Live


class Server(PersonName):
    number: str


class WaitingRecord(RecordView):
    """``why_not``: why the next step cannot be mine; empty = it can. ``late``: the notice no longer fits in time."""

    volunteer: Server
    late: bool
    why_not: list[str]


class RecordList(View):
    items: list[WaitingRecord]
    next: str | None
    total: int


class PostedRecord(View):
    """As everybody may read it: the name masked, empty for a minor; ``objected``: an objection waits."""

    id: UUID
    title: str
    title_en: str
    place: str
    content: str
    unit: str
    region: RegionName
    name: str
    minor: bool
    plan_from: datetime
    minutes: int
    notice_from: datetime
    notice_until: datetime
    objected: bool


class PostedList(View):
    items: list[PostedRecord]
    next: str | None
    total: int


class Signed(View):
    """How many records are where they were to be."""

    records: int


class OfYear(Paged):
    year: Annotated[int, Whole(2000, 2099)] | None = None


class AtStage(Paged):
    stage: Literal["confirm", "sign", "answer", "correct", "all"] = "confirm"


class Searched(Paged):
    region: RegionCode = "3505"
    q: Annotated[str, Text(1, 80)] | None = None


class Confirmed(Struct):
    """``minutes`` null: as proposed. ``reason``: for fewer than counted, or for few of the plan."""

    id: UUID
    minutes: Minutes | None = None
    reason: Annotated[str, Text(0, 300)] = ""


class Confirming(Struct):
    lines: Annotated[list[Confirmed], Field(min_length=1, max_length=AT_ONCE)]


class Signing(Struct):
    ids: Annotated[list[UUID], Field(min_length=1, max_length=AT_ONCE)]


class Overtime(Struct):
    minutes: Annotated[int, Whole(0, 480)]


class Saying(Struct):
    reason: Why


class Settling(Struct):
    upheld: bool
    answer: Why


class Correcting(Struct):
    """``came``, ``left``: other times than were noted; give both or none."""

    minutes: Minutes
    reason: Why
    came: Instant | None = None
    left: Instant | None = None


@door("GET", "/api/records/mine", summary="My hours: the sums, and the records of a year 我的时长")
async def read_hours(act: Act, query: OfYear) -> MyHours:
    year, skip = query.year or act.at.astimezone(ZONE).year, paging.skipped(query.cursor)

    async def read() -> tuple[seen.View, list[seen.View]]:
        return await seen.mine(act, year, skip=skip, limit=query.limit)

    (sums, items), live = await journal.reading(read, [f"volunteer:{act.actor.id}"])
    more = paging.after(skip, query.limit, sums["records"])
    return MyHours.model_validate({"year": year, "sums": sums, "items": items, "next": more, "live": live})


@door("GET", "/api/records", summary="Records at a stage within my scope, the most pressing first")
async def list_records(act: Act, query: AtStage) -> RecordList:
    skip = paging.skipped(query.cursor)
    total, items = await seen.waiting(act, query.stage, skip=skip, limit=query.limit)
    return RecordList.model_validate({"items": items, "next": paging.after(skip, query.limit, total), "total": total})


@door("GET", "/api/records/public", summary="Hours under public notice 公示", public=True)
async def list_public_records(query: Searched) -> PostedList:
    skip = paging.skipped(query.cursor)
    total, items = await seen.public(query.region, query.q or "", skip=skip, limit=query.limit)
    return PostedList.model_validate({"items": items, "next": paging.after(skip, query.limit, total), "total": total})


@door("POST", "/api/records/confirm", summary="These hours are right: all of them or none 确认", patience=30)
async def confirm_records(act: Act, body: Confirming) -> Signed:
    lines = [Line(line.id, line.minutes, line.reason) for line in body.lines]
    return Signed(records=len(await signing.confirm(act, lines)))


@door("POST", "/api/records/sign", summary="The recorder's signature: all of them or none 复核", patience=30)
async def sign_records(act: Act, body: Signing) -> Signed:
    return Signed(records=len(await signing.sign(act, body.ids)))


@door("POST", "/api/records/{id}/overtime", summary="Approve minutes beyond the plan")
async def approve_overtime(act: Act, path: ById, body: Overtime) -> Signed:
    await signing.extend(act, path.id, body.minutes)
    return Signed(records=1)


@door("POST", "/api/records/{id}/dispute", summary="The recorder does not sign: it must be corrected")
async def dispute_record(act: Act, path: ById, body: Saying) -> Signed:
    await signing.dispute(act, path.id, body.reason)
    return Signed(records=1)


@door("POST", "/api/records/{id}/correct", summary="Put another record in its place 更正")
async def correct_record(act: Act, path: ById, body: Correcting) -> Signed:
    await correcting.correct(
        act, path.id, minutes=body.minutes, reason=body.reason, came=body.came, left=body.left
    )  # fmt: skip
    return Signed(records=1)


@door("POST", "/api/records/{id}/objections", summary="Object to hours under public notice 异议", gone=True)
async def object_to_record(act: Act, path: ById, body: Saying) -> ObjectionView:
    said = await objecting.object_(act, path.id, body.reason)
    return ObjectionView(id=said.id, reason=said.reason, at=said.at, upheld=said.upheld, answer=said.answer)


@door("POST", "/api/objections/{id}/settle", summary="Uphold or dismiss an objection")
async def settle_objection(act: Act, path: ById, body: Settling) -> ObjectionView:
    said = await objecting.settle(act, path.id, upheld=body.upheld, answer=body.answer)
    return ObjectionView(id=said.id, reason=said.reason, at=said.at, upheld=said.upheld, answer=said.answer)
