"""Events, shifts and needs from one table: a row is one need.

Rows with one event number (within a region) are one event; without numbers, rows of one title, region and day are. Of
an event's rows those with the same place and time share a shift. A need is known again by event, shift and role.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.imports import bulk, cells, reference, skilled
from dispatch.imports.bookings import book
from dispatch.imports.columns import Column, Faults, Misfit, Progress, Values, fields, parse
from dispatch.imports.events import EventRow, NeedRow, Place, ShiftRow
from dispatch.imports.reference import LIMITATIONS, MODES, Atlas, Catalogue
from dispatch.imports.report import Report, failed
from volunteer.act import Act
from volunteer.errors import Invalid

SOURCE = "table"
_EVENT_COLUMNS = (
    "title", "title_en", "mode", "priority", "quorum", "expected_attendance", "description", "risk_notice", "series",
)  # fmt: skip


def _ages(cell: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,3})?\s*[-–~～至到]\s*(\d{1,3})?|(\d{1,3})\s*(?:\+|岁?以上)", cell.replace("岁", ""))
    low, high = (int(found.group(1) or found.group(3) or 0), int(found.group(2) or 150)) if found else (1, 0)
    if not 0 <= low <= high <= 150:
        raise cells.Wrong("应写成 18-65、18- 或 -65", "write it like 18-65, 18- or -65")
    return low, high


COLUMNS = (
    Column("key", ("活动编号", "event_number", "event key"), cells.line(60), default=""),
    Column("title", ("活动名称", "title", "活动", "event"), cells.line(120), needed=True),
    Column("title_en", ("英文名称", "title_en"), cells.line(200), default=""),
    Column("mode", ("服务模式", "mode"), cells.one_of(MODES), needed=True),
    Column("region", ("区划代码", "region_code", "region"), cells.line(12), default=""),
    Column("county", ("县区", "county", "县（市、区）", "县市区"), cells.line(80), default=""),
    Column("township", ("乡镇街道", "township", "乡镇（街道）", "乡镇"), cells.line(80), default=""),
    Column("venue", ("地点", "venue", "场地"), cells.line(120), needed=True),
    Column("lat", ("纬度", "lat", "latitude"), cells.number(-90, 90)),
    Column("lon", ("经度", "lon", "longitude"), cells.number(-180, 180)),
    Column("date", ("日期", "date"), cells.day, needed=True),
    Column("start", ("开始", "start", "开始时间"), cells.minute_of_day, needed=True),
    Column("end", ("结束", "end", "结束时间"), cells.minute_of_day, needed=True),
    Column("end_date", ("结束日期", "end_date"), cells.day),
    Column("role", ("岗位", "role"), cells.line(60), needed=True),
    Column("min", ("最少人数", "min"), cells.whole(0, 10_000), default=1),
    Column("desired", ("期望人数", "desired"), cells.whole(0, 10_000)),
    Column("max", ("最多人数", "max"), cells.whole(1, 10_000)),
    Column("asks", ("技能", "skills", "所需技能"), cells.graded, default=()),
    Column("languages", ("语言", "languages"), cells.parts, default=()),
    Column("demands", ("现场条件", "demands"), cells.listed(LIMITATIONS), default=()),
    Column("ages", ("年龄", "ages"), _ages, default=(0, 150)),
    Column("near_minors", ("接触未成年人", "near_minors"), cells.yes, default=False),
    Column("leader", ("组长", "leader"), cells.yes, default=False),
    Column("mentor_role", ("带教岗位", "mentor_role"), cells.line(60), default=""),
    Column("per_mentor", ("每名带教人数", "per_mentor"), cells.whole(1, 1000), default=1),
    Column("team", ("队伍", "team"), cells.line(120), default=""),
    Column("priority", ("优先级", "priority"), cells.whole(1, 5), default=3),
    Column("quorum", ("成行人数", "quorum"), cells.whole(0, 10_000), default=0),
    Column("expected_attendance", ("预计观众", "expected_attendance"), cells.whole(0, 10_000_000), default=0),
    Column("series", ("系列", "series"), cells.line(120)),
    Column("risk_notice", ("风险提示", "risk_notice"), cells.text(500), default=""),
    Column("description", ("内容说明", "description"), cells.text(5000), default=""),
    Column("call", ("提前到岗分钟", "call_minutes", "call"), cells.whole(0, 1440), default=0),
    Column("out", ("撤场分钟", "out_minutes", "out"), cells.whole(0, 1440), default=0),
)
FIELDS = fields(COLUMNS)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its event's columns, its shift without needs, its need."""

    row: int
    key: str
    event: Mapping[str, Any]
    day: date
    shift: ShiftRow
    need: NeedRow


@dataclass(frozen=True, slots=True)
class Maker:
    """Cells → :class:`Line`. ``zone``: of the clock that the table writes."""

    atlas: Atlas
    catalogue: Catalogue
    zone: ZoneInfo

    def __call__(self, row: int, values: Values) -> Line:
        spot = self.atlas.of(values["region"], values["county"], values["township"])
        if (values["lat"] is None) != (values["lon"] is None):
            raise Misfit("lat", "纬度与经度要么都填，要么都不填", "give both lat and lon, or neither")
        place = Place(spot.code, values["venue"], values["lat"], values["lon"], self.zone.key)
        start, end = self._span(values)
        shift = ShiftRow(place, start, end, values["call"], values["out"], ())
        event = {name: values[name] for name in _EVENT_COLUMNS}
        return Line(row, values["key"], event, values["date"], shift, self._need(row, values))

    def _span(self, values: Values) -> tuple[datetime, datetime]:
        start = self._instant(values["date"], values["start"])
        end = self._instant(values["end_date"] or values["date"], values["end"])
        if end <= start:
            raise Misfit(
                "end",
                "班次的结束不晚于开始；跨夜请填“结束日期”",
                "the shift ends before it starts; for a night fill in end_date",
            )
        if end - start > timedelta(days=7):
            raise Misfit("end_date", "一个班次长过 7 天；请分成几个班次", "a shift longer than 7 days; split it")
        return start, end

    def _instant(self, day: date, minute: int) -> datetime:
        midnight = datetime.combine(day, time())
        return (midnight + timedelta(minutes=minute)).replace(tzinfo=self.zone).astimezone(UTC)

    def _need(self, row: int, values: Values) -> NeedRow:
        low = values["min"]
        desired = values["desired"] if values["desired"] is not None else max(low, 1)
        most = values["max"] if values["max"] is not None else max(desired, 1)
        if not low <= desired <= most:
            raise Misfit(
                "min",
                f"应有 最少 ≤ 期望 ≤ 最多，现为 {low}、{desired}、{most}",
                f"want min ≤ desired ≤ max, got {low}, {desired}, {most}",
            )
        asks = tuple(sorted((self.catalogue.skill(word, "asks"), level) for word, level in values["asks"]))
        languages = tuple(sorted({self.catalogue.language(word) for word in values["languages"]}))
        youngest, oldest = values["ages"]
        return NeedRow(
            values["role"], low, desired, most, asks, languages, values["demands"], youngest, oldest,
            values["near_minors"], values["leader"], values["mentor_role"], values["per_mentor"],
            self.catalogue.team(values["team"]) if values["team"] else None, row,
        )  # fmt: skip


async def needs(
    act: Act,
    path: Path,
    *,
    encoding: str | None = None,
    zone: str = "Asia/Shanghai",
    publish: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import the table at ``path``; everything or, with any fault, nothing. Events come as drafts unless ``publish``.
    The report counts events. Raises :class:`Forbidden` when the actor may import nowhere."""
    bulk.may_somewhere(act)
    maker = Maker(await reference.atlas(act.actor), await reference.catalogue(), ZoneInfo(zone))
    try:
        parsed = await parse(path, COLUMNS, maker, encoding=encoding, progress=progress)
    except Invalid as invalid:
        return failed("needs", 0, invalid.faults, fields=FIELDS)
    rows = await asyncio.to_thread(lambda: list(_events(parsed.rows, parsed.faults)))
    if parsed.faults:
        return failed("needs", parsed.count, parsed.faults.kept, parsed.faults.count, fields=FIELDS)
    warnings = await skilled.nobody(rows, maker.catalogue, act.at, "asks")
    return await book(
        act, rows, noun="needs", count=parsed.count, atlas=maker.atlas, publish=publish, dry_run=dry_run,
        fields=FIELDS, warnings=warnings, progress=progress,
    )  # fmt: skip


def _events(lines: Sequence[Line], faults: Faults) -> Iterator[EventRow]:
    """The lines as events, in the order of their first lines."""
    by_uid: dict[str, list[Line]] = {}
    for line in lines:
        region = line.shift.place.region
        uid = f"{region}:{line.key}" if line.key else f"{region}:{line.day.isoformat()}:{line.event['title']}"
        by_uid.setdefault(uid, []).append(line)
    for uid, members in by_uid.items():
        first = members[0]
        for line in members[1:]:
            for name in _EVENT_COLUMNS:
                if line.event[name] != first.event[name]:
                    faults.add(
                        line.row,
                        name,
                        f"同一活动在第 {first.row} 行写的不一样；请写成相同",
                        f"row {first.row} of the same event says otherwise; make them equal",
                    )
        yield EventRow(source=SOURCE, uid=uid, shifts=tuple(_shifts(members, faults)), row=first.row, **first.event)


def _shifts(lines: Sequence[Line], faults: Faults) -> Iterator[ShiftRow]:
    by_span: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        by_span.setdefault(line.shift.key, []).append(line)
    for members in sorted(by_span.values(), key=lambda m: (m[0].shift.starts_at, m[0].row)):
        first = members[0]
        roles: dict[str, int] = {}
        for line in members:
            if (earlier := roles.setdefault(line.need.role, line.row)) != line.row:
                faults.add(
                    line.row,
                    "role",
                    f"与第 {earlier} 行是同一班次的同一岗位；请合并，或改岗位名称",
                    f"same shift and role as row {earlier}; merge them or rename the role",
                )
            if line.shift.fixed != first.shift.fixed:
                faults.add(
                    line.row,
                    "call",
                    f"同一班次在第 {first.row} 行的到岗、撤场不一样；请写成相同",
                    f"row {first.row} of the same shift has other call or out minutes; make them equal",
                )
        _mentors(members, faults)
        yield replace(first.shift, needs=tuple(line.need for line in members))


def _mentors(members: Sequence[Line], faults: Faults) -> None:
    """Learners' seats name the role of those beside them: one of the same shift that is not for learners itself."""
    needs = {line.need.role: line.need for line in members}
    for line in members:
        role = line.need.mentor_role
        if role and (role not in needs or needs[role].mentor_role):
            faults.add(
                line.row,
                "mentor_role",
                f"同一班次没有可带教的岗位“{role}”；请填写该班次的带教岗位名称",
                f"the shift has no need {role!r} whose people could be mentors; name one that it has",
            )
