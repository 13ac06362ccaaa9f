"""A published programme into events with shifts and needs, by a mapping file. Coming again it updates by id."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tortoise.connection import get_connection

from dispatch import programme as published
from dispatch.imports import bulk, cells, reference, skilled
from dispatch.imports.bookings import book
from dispatch.imports.columns import Faults, Misfit, Progress
from dispatch.imports.events import EventRow, NeedRow, Place, ShiftRow
from dispatch.imports.reference import LIMITATIONS, Atlas, Catalogue
from dispatch.imports.report import Report, failed
from dispatch.programme import Item, Mapping, Programme
from dispatch.programme.items import zone
from dispatch.programme.mapping import Events, Needs
from volunteer.act import Act
from volunteer.errors import Fault, Invalid

FIELDS = {
    "file": ("文件", "file"), "time_zone": ("时区", "time zone"), "items": ("节目", "items"),
    "rooms": ("场地", "rooms"), "needs": ("岗位", "needs"), "risk_notice": ("风险提示", "risk_notice"),
    "title": ("活动", "title"), "start": ("时间", "start"), "role": ("岗位", "role"), "max": ("人数", "max"),
}  # fmt: skip
_GONE = """SELECT title, count(*) OVER ()::int AS count FROM event
WHERE source = $1 AND source_uid <> ALL($2) AND state IN ('draft', 'published', 'locked') ORDER BY starts_at LIMIT 3"""


async def programme(
    act: Act,
    path: Path,
    mapping: Path,
    *,
    publish: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import the programme at ``path`` as ``mapping`` says; everything or, with any fault, nothing. Events come as
    drafts unless ``publish``. The report counts items as rows and events as created, updated, unchanged. Raises
    :class:`Forbidden` when the actor may import nowhere."""
    bulk.may_somewhere(act)
    try:
        rules = published.read_mapping(mapping)
        lenient = rules.faulty == "skip"
        found = await asyncio.to_thread(published.read, path, rules.zone, lenient=lenient)
        place_zone = zone(rules.place_zone, "place_zone")
    except Invalid as invalid:
        return failed("programme", 0, invalid.faults, fields=FIELDS)
    if progress is not None:
        progress("read", len(found.items), len(found.items))
    desk = _Desk(found, rules, place_zone, await reference.atlas(act.actor), await reference.catalogue())
    rows = await asyncio.to_thread(lambda: list(desk.events()))
    if desk.faults:
        return failed("programme", len(found.items), desk.faults.kept, desk.faults.count, fields=FIELDS)
    warnings = [
        *found.skipped, *desk.warnings(), *await _gone(desk.source, rows),
        *await skilled.nobody(rows, desk.catalogue, act.at, "needs"),
    ]  # fmt: skip
    return await book(
        act, rows, noun="programme", count=len(found.items), atlas=desk.atlas, publish=publish, dry_run=dry_run,
        fields=FIELDS, warnings=warnings, progress=progress,
    )  # fmt: skip


async def _gone(source: str, rows: Sequence[EventRow]) -> list[Fault]:
    """A warning about events of an earlier publication that this one has no more."""
    found = await get_connection("default").execute_query_dict(_GONE, [source, [row.uid for row in rows]])
    if not found:
        return []
    names, count = "、".join(row["title"][:40] for row in found), found[0]["count"]
    return [
        Fault(
            "items",
            f"上次导入的 {count} 个活动已不在节目单里，未作改动：{names}……；如已取消请在工作台取消",
            f"{count} events of the last import are no longer in the programme and were left alone: {names} …; "
            "cancel them at the desk if they were dropped",
        )
    ]


@dataclass(slots=True)
class _Desk:
    """One programme being turned into events. Faults of the mapping and of regions are collected."""

    programme: Programme
    rules: Mapping
    place_zone: ZoneInfo
    atlas: Atlas
    catalogue: Catalogue
    faults: Faults = field(default_factory=Faults)
    unstaffed: int = 0
    skipped: int = 0
    _places: dict[str, Place | None] = field(default_factory=dict)
    _needs: dict[Needs, NeedRow] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return self.rules.source or self.programme.name or "programme"

    def warnings(self) -> Iterator[Fault]:
        if self.unstaffed:
            yield Fault(
                "items",
                f"{self.unstaffed} 个节目没有适用的岗位规则，未导入；需要时请加一条无条件的 [[needs]]",
                f"{self.unstaffed} items fit no rule of needs and were left out; add [[needs]] without "
                "conditions to staff them all",
            )
        if self.skipped:
            yield Fault("items", f"{self.skipped} 个节目按 [[skip]] 略过", f"{self.skipped} items skipped by [[skip]]")

    def events(self) -> Iterator[EventRow]:
        self._read_needs()
        items = []
        for item in self.programme.items:
            if self.rules.skips(item):
                self.skipped += 1
            elif not self.rules.wanted(item):
                self.unstaffed += 1
            elif self._place(item.room) is not None:
                items.append(item)
        if not items and not self.faults:
            self.faults.add(
                None,
                "items",
                "没有一个节目需要人手；请检查 [[needs]] 与 [[skip]]",
                "no item needs anybody; check [[needs]] and [[skip]]",
            )
        if not self.faults:
            yield from self._by_room(items) if self.rules.shifts.per == "room" else map(self._of_item, items)

    # ---- what rules mean ----

    def _read_needs(self) -> None:
        for number, rule in enumerate(self.rules.needs):
            try:
                self._needs[rule] = self._need(rule)
            except Misfit as misfit:
                self.faults.add(None, f"needs.{number}.{misfit.column}", misfit.zh, misfit.en)

    def _need(self, rule: Needs) -> NeedRow:
        desired = rule.desired if rule.desired is not None else max(rule.min, 1)
        most = rule.max if rule.max is not None else max(desired, 1)
        if not rule.min <= desired <= most:
            raise Misfit(
                "min",
                f"应有 最少 ≤ 期望 ≤ 最多，现为 {rule.min}、{desired}、{most}",
                f"want min ≤ desired ≤ max, got {rule.min}, {desired}, {most}",
            )
        if rule.ages[0] > rule.ages[1]:
            raise Misfit("ages", "年龄上限小于下限", "the upper age is below the lower")
        try:
            graded = cells.graded(";".join(rule.skills))
            demands = cells.listed(LIMITATIONS)(";".join(rule.demands)) if rule.demands else ()
        except cells.Wrong as wrong:
            raise Misfit("skills", wrong.zh, wrong.en) from wrong
        asks = tuple(sorted((self.catalogue.skill(word), level) for word, level in graded))
        languages = tuple(sorted({self.catalogue.language(word) for word in rule.languages}))
        return NeedRow(
            rule.role, rule.min, desired, most, asks, languages, demands, *rule.ages, rule.near_minors, rule.leader
        )

    def _place(self, room: str) -> Place | None:
        """Where the room is; none (and a fault, once) when nobody says."""
        if room not in self._places:
            self._places[room] = None
            rule = self.rules.room(room)
            region, venue = rule.region or self.rules.event.region, rule.venue or room
            if region is None or not venue:
                self.faults.add(
                    None,
                    "rooms",
                    f"不知道“{room}”在哪里；请加一条 [[rooms]]，或在 [event] 写 region",
                    f"nobody says where {room!r} is; add [[rooms]] for it, or region in [event]",
                )
            elif (rule.lat is None) != (rule.lon is None):
                self.faults.add(None, "rooms", f"“{room}”的 lat 与 lon 要都写", f"give both lat and lon of {room!r}")
            else:
                try:
                    code = self.atlas.find(region).code
                    self._places[room] = Place(code, venue, rule.lat, rule.lon, self.place_zone.key)
                except Misfit as misfit:
                    self.faults.add(None, "rooms", misfit.zh, misfit.en)
        return self._places[room]

    def _here(self, at: datetime) -> datetime:
        """The instant here: the same wall clock (or instant), as many days later as the first day is moved."""
        first = self.rules.dates.first
        moved = timedelta(days=(first - self.programme.first).days if first else 0)
        if self.rules.dates.keep == "instant":
            return (at + moved).astimezone(UTC)
        return (at.replace(tzinfo=None) + moved).replace(tzinfo=self.place_zone).astimezone(UTC)

    def _span(self, items: Sequence[Item]) -> tuple[datetime, datetime]:
        last = max(items, key=lambda item: item.end)
        return self._here(items[0].start), self._here(last.start) + (last.end - last.start)

    # ---- events ----

    def _of_item(self, item: Item) -> EventRow:
        text = "\n".join(part for part in (item.subtitle, item.text) if part)
        return replace(self._event([item], item.uid, item.title), description=text, shifts=(self._shift([item]),))

    def _by_room(self, items: Iterable[Item]) -> Iterator[EventRow]:
        days: dict[tuple[str, date], list[Item]] = {}
        for item in items:
            days.setdefault((item.room, item.start.date()), []).append(item)
        for (room, day), members in days.items():
            place = self._place(room)
            here = self._here(datetime.combine(day, time(12), members[0].start.tzinfo)).astimezone(self.place_zone)
            assert place is not None
            row = self._event(
                members,
                f"room:{room}:{day.isoformat()}"[:200],
                _titled(place.name, self.programme.name, f"{here.month}月{here.day}日"),
            )
            titles = "\n".join(f"{item.start:%H:%M} {item.title}" for item in members)
            yield replace(
                row,
                title_en=_titled(room, self.programme.name, here.date().isoformat())[:200],
                description=titles[:5000],
                shifts=tuple(map(self._shift, self._blocks(members))),
            )

    def _blocks(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        longest, gap = (timedelta(minutes=m) for m in (self.rules.shifts.longest, self.rules.shifts.gap))
        block: list[Item] = []
        for item in items:
            end = max((one.end for one in block), default=item.start)
            if block and (item.start - end > gap or max(end, item.end) - block[0].start > longest):
                yield block
                block = []
            block.append(item)
        yield block

    def _event(self, items: Sequence[Item], uid: str, title: str) -> EventRow:
        rule = next((rule for rule in self.rules.events if rule.fits(items[0])), Events())
        usual = self.rules.event
        return EventRow(
            source=self.source,
            uid=uid,
            title=title[:200],
            mode=rule.mode or usual.mode,
            shifts=(),
            priority=rule.priority or usual.priority,
            quorum=usual.quorum if rule.quorum is None else rule.quorum,
            risk_notice=usual.risk_notice if rule.risk_notice is None else rule.risk_notice,
        )

    def _shift(self, items: Sequence[Item]) -> ShiftRow:
        place, rule = self._place(items[0].room), self.rules.room(items[0].room)
        assert place is not None
        rules = dict.fromkeys(need for item in items for need in self.rules.wanted(item))
        call = self.rules.event.call if rule.call is None else rule.call
        out = self.rules.event.out if rule.out is None else rule.out
        return ShiftRow(place, *self._span(items), call, out, tuple(_joined(self._needs[rule] for rule in rules)))


def _titled(*words: str) -> str:
    """These words as a title; calendars often have no name."""
    return " ".join(word for word in words if word)


def _joined(needs: Iterable[NeedRow]) -> Iterator[NeedRow]:
    """One need for each role: where several rules name it, the conditions of the first and the highest counts."""
    by_role: dict[str, list[NeedRow]] = {}
    for need in needs:
        by_role.setdefault(need.role, []).append(need)
    for same in by_role.values():
        low, desired, most = (max(counts) for counts in zip(*((n.min, n.desired, n.max) for n in same), strict=True))
        yield replace(same[0], min=low, desired=desired, max=most)
