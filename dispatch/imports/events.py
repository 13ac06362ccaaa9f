"""Events with shifts and needs as a file states them, and what an import makes of those that stand already. Pure.

An import changes what nobody is bound to: an event that is past publishing stays as it is, a shift keeps its time and
place and a need its conditions while anybody holds or was offered a seat on it. What would break that is a fault.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dispatch.imports.columns import Faults

CHANGEABLE = ("draft", "published", "postponed")


@dataclass(frozen=True, slots=True)
class Place:
    """A venue: known again by region and name. ``lat``/``lon`` of the file, or none: the region's approximate point."""

    region: str
    name: str
    lat: float | None = None
    lon: float | None = None
    zone: str = "Asia/Shanghai"

    @property
    def key(self) -> tuple[str, str]:
        return self.region, self.name


@dataclass(frozen=True, slots=True)
class NeedRow:
    """``asks``: (skill code, level). ``row``: where the file says it, for faults."""

    role: str
    min: int = 1
    desired: int = 1
    max: int = 1
    asks: tuple[tuple[str, int], ...] = ()
    languages: tuple[str, ...] = ()
    demands: tuple[str, ...] = ()
    age_min: int = 0
    age_max: int = 150
    near_minors: bool = False
    leader: bool = False
    mentor_role: str = ""
    per_mentor: int = 1
    team_id: UUID | None = None
    row: int | None = field(default=None, compare=False)

    @property
    def conditions(self) -> tuple[object, ...]:
        """What decides who may serve: fixed as soon as somebody was asked."""
        return (
            self.asks, self.languages, self.demands, self.age_min, self.age_max, self.near_minors, self.leader,
            self.mentor_role, self.per_mentor, self.team_id,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """Aware UTC, half-open; ``call`` and ``out`` in minutes. Needs are known again by their role."""

    place: Place
    starts_at: datetime
    ends_at: datetime
    call: int
    out: int
    needs: tuple[NeedRow, ...]

    @property
    def key(self) -> tuple[object, ...]:
        return self.place.key, self.starts_at, self.ends_at

    @property
    def fixed(self) -> tuple[object, ...]:
        """What people were told: kept as soon as somebody was asked."""
        return *self.key, self.call, self.out


@dataclass(frozen=True, slots=True)
class EventRow:
    """Known again by ``source`` and ``uid``. Region is the first shift's."""

    source: str
    uid: str
    title: str
    mode: str
    shifts: tuple[ShiftRow, ...]
    title_en: str = ""
    priority: int = 3
    quorum: int = 0
    expected_attendance: int = 0
    description: str = ""
    risk_notice: str = ""
    series: str | None = None
    row: int | None = field(default=None, compare=False)

    @property
    def region(self) -> str:
        return self.shifts[0].place.region

    def columns(self) -> dict[str, Any]:
        """The event's own columns as they will stand, series and state apart."""
        names = ("title", "title_en", "mode", "priority", "quorum", "expected_attendance", "description", "risk_notice")
        return {name: getattr(self, name) for name in names} | {
            "region_id": self.region,
            "leader": any(need.leader for shift in self.shifts for need in shift.needs),
            "starts_at": min(shift.starts_at for shift in self.shifts),
            "ends_at": max(shift.ends_at for shift in self.shifts),
        }

    def locks_at(self, hours: int) -> datetime:
        """The roster locks so many hours before the first call."""
        return min(s.starts_at - timedelta(minutes=s.call) for s in self.shifts) - timedelta(hours=hours)


# ---- what stands ----


@dataclass(frozen=True, slots=True)
class OldNeed:
    """``bound``: assignments that hold or wait for a seat. ``seats``: taken and offered. ``lines``: all assignments."""

    id: UUID
    is_: NeedRow
    bound: int
    seats: int
    lines: int


@dataclass(frozen=True, slots=True)
class OldShift:
    id: UUID
    is_: ShiftRow
    needs: tuple[OldNeed, ...]

    @property
    def bound(self) -> int:
        return sum(need.bound for need in self.needs)

    @property
    def lines(self) -> int:
        return sum(need.lines for need in self.needs)


@dataclass(frozen=True, slots=True)
class OldEvent:
    """``columns`` as :meth:`EventRow.columns` gives them."""

    id: UUID
    state: str
    version: int
    series: str | None
    columns: Mapping[str, Any]
    shifts: tuple[OldShift, ...]


# ---- what is to be done ----


@dataclass(frozen=True, slots=True)
class Change:
    """One event's new shape. ``old`` none = it is new. ``shifts`` and their needs: each with the id it has, or none."""

    row: EventRow
    old: OldEvent | None
    shifts: tuple[tuple[UUID | None, ShiftRow, tuple[tuple[UUID | None, NeedRow], ...]], ...]
    dropped_shifts: tuple[UUID, ...] = ()
    dropped_needs: tuple[UUID, ...] = ()


def change(row: EventRow, old: OldEvent | None, *, publish: bool, faults: Faults) -> Change | None:
    """What makes ``old`` into ``row``; none when nothing does. Faults are collected."""
    if publish and not row.risk_notice.strip():
        faults.add(
            row.row,
            "risk_notice",
            "发布前须写风险提示（条例第十二条）；请填写，或先不发布",
            "publishing needs a risk notice; write one, or import without publishing",
        )
    if old is None:
        return Change(row, None, tuple((None, s, tuple((None, n) for n in s.needs)) for s in row.shifts))
    made = _paired(row, old)
    if _same(row, old, made) and not (publish and old.state in ("draft", "postponed")):
        return None
    if old.state not in CHANGEABLE:
        faults.add(
            row.row,
            "title",
            f"活动已是 {old.state} 状态，导入不再改动它；请从文件里去掉，或在工作台处理",
            f"the event is {old.state}: an import changes it no more; drop it from the file or use the desk",
        )
    _bound(row, old, made, faults)
    return made


def _same(row: EventRow, old: OldEvent, made: Change) -> bool:
    return (
        row.columns() == old.columns
        and row.series == old.series
        and not made.dropped_shifts
        and not made.dropped_needs
        and sorted(_shape(s) for s in row.shifts) == sorted(_shape(s.is_) for s in old.shifts)
    )


def _shape(shift: ShiftRow) -> tuple[Any, ...]:
    needs = sorted((n.role, n.min, n.desired, n.max, repr(n.conditions)) for n in shift.needs)
    return (*shift.place.key, shift.starts_at, shift.ends_at, shift.call, shift.out, needs)


def _paired(row: EventRow, old: OldEvent) -> Change:
    """Old shifts with new ones: same place and time first, the rest in order of time; needs by role."""
    left: dict[object, list[OldShift]] = defaultdict(list)
    for shift in old.shifts:
        left[shift.is_.key].append(shift)
    pairs: list[tuple[ShiftRow, OldShift | None]] = [
        (shift, left[shift.key].pop(0) if left[shift.key] else None) for shift in row.shifts
    ]
    spare = iter(sorted((old for rest in left.values() for old in rest), key=lambda old: (old.is_.starts_at, old.id)))
    pairs = [(shift, was or next(spare, None)) for shift, was in pairs]
    dropped_needs: list[UUID] = []
    shifts = []
    for wanted, was in pairs:
        by_role = {need.is_.role: need for need in was.needs} if was else {}
        needs = tuple((by_role.pop(n.role).id if n.role in by_role else None, n) for n in wanted.needs)
        dropped_needs += [need.id for need in by_role.values()]
        shifts.append((was.id if was else None, wanted, needs))
    return Change(row, old, tuple(shifts), tuple(rest.id for rest in spare), tuple(dropped_needs))


def _bound(row: EventRow, old: OldEvent, made: Change, faults: Faults) -> None:
    by_id = {shift.id: shift for shift in old.shifts}
    needs = {need.id: need for shift in old.shifts for need in shift.needs}
    for id_ in made.dropped_shifts:
        if by_id[id_].lines:
            faults.add(row.row, "start", *_kept(by_id[id_].lines, "少了的班次", "a shift that the file lacks"))
    for id_ in made.dropped_needs:
        if needs[id_].lines:
            faults.add(
                row.row,
                "role",
                *_kept(
                    needs[id_].lines,
                    f"少了的岗位“{needs[id_].is_.role}”",
                    f"the need {needs[id_].is_.role!r} that the file lacks",
                ),
            )
    for shift_id, shift, wanted in made.shifts:
        was = by_id.get(shift_id) if shift_id else None
        if was is not None and was.bound and shift.fixed != was.is_.fixed:
            faults.add(row.row, "start", *_kept(was.bound, "改了时间或地点的班次", "a shift moved in time or place"))
        for need_id, need in wanted:
            before = needs.get(need_id) if need_id else None
            if before is None or not before.bound:
                continue
            if need.conditions != before.is_.conditions:
                faults.add(need.row or row.row, "role", *_kept(before.bound, "改了条件的岗位", "a changed need"))
            if need.max < before.seats:
                faults.add(
                    need.row or row.row,
                    "max",
                    f"已有 {before.seats} 人，最多人数不能更少",
                    f"{before.seats} seats are taken or offered: max cannot be less",
                )


def _kept(people: int, zh: str, en: str) -> tuple[str, str]:
    return (
        f"{zh}已有 {people} 条派单；请在工作台改动",
        f"{en} has {people} assignments; change it at the desk",
    )


# ---- rows into events ----


def doubles(rows: Iterable[EventRow]) -> Iterator[tuple[EventRow, EventRow]]:
    """Later rows whose uid an earlier one has, with that one."""
    seen: dict[tuple[str, str], EventRow] = {}
    for row in rows:
        first = seen.setdefault((row.source, row.uid), row)
        if first is not row:
            yield row, first


def asked(rows: Sequence[EventRow]) -> Iterator[tuple[NeedRow, str, int]]:
    """Every need with each skill and level that it asks for."""
    for row in rows:
        for shift in row.shifts:
            for need in shift.needs:
                for skill, level in need.asks:
                    yield need, skill, level
