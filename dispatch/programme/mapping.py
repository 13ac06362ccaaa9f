"""The mapping file (TOML): what a published programme means here. A programme names no staffing and may be held
elsewhere; ``config/programme.example.toml`` explains every line.

Patterns are shell-like (``*``, ``?``), case aside; one or a list of which any fits. A rule fits an item when each of
its fields does.
"""

import tomllib
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dispatch.programme.items import Item
from volunteer.errors import Fault, Invalid


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Patterns = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Line = Annotated[str, Field(max_length=120)]
Region = Annotated[str, Field(pattern=r"^(\d{4}|\d{6}|\d{9}|\d{12})$")]
Mode = Literal["tutoring", "training", "performance", "support"]
Minutes = Annotated[int, Field(ge=0, le=1440)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Priority = Annotated[int, Field(ge=1, le=5)]
Notice = Annotated[str, Field(max_length=500)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """Which items it is about; a field left out fits all."""

    track: Patterns = ()
    room: Patterns = ()
    kind: Patterns = ()
    title: Patterns = ()
    language: Patterns = ()

    def fits(self, item: Item) -> bool:
        return all(
            not patterns or any(fnmatchcase(getattr(item, field).lower(), pattern.lower()) for pattern in patterns)
            for field, patterns in (
                ("track", self.track), ("room", self.room), ("kind", self.kind), ("title", self.title),
                ("language", self.language),
            )
        )  # fmt: skip


class Needs(Rule):
    """People that each fitting item (or each shift with one) needs. ``skills``: ``code or name[:level]``."""

    role: Annotated[str, Field(min_length=1, max_length=60)]
    min: Count = 1
    desired: Count | None = None
    max: Annotated[int, Field(ge=1, le=10_000)] | None = None
    skills: Patterns = ()
    languages: Patterns = ()
    demands: Patterns = ()
    ages: tuple[Annotated[int, Field(ge=0, le=150)], Annotated[int, Field(ge=0, le=150)]] = (0, 150)
    near_minors: bool = False
    leader: bool = False


class Events(Rule):
    """What differs for some items; the first rule that fits wins."""

    mode: Mode | None = None
    priority: Priority | None = None
    quorum: Count | None = None
    risk_notice: Notice | None = None


class Event(_Strict):
    """What holds for every event."""

    mode: Mode = "support"
    priority: Priority = 3
    quorum: Count = 0
    risk_notice: Notice = ""
    region: Region | None = None
    call: Minutes = 0
    out: Minutes = 0


class Room(_Strict):
    """Where rooms of the programme are. Without ``venue`` the room's own name is the venue's."""

    room: Patterns
    venue: Line | None = None
    region: Region | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    call: Minutes | None = None
    out: Minutes | None = None


class Dates(_Strict):
    """``first``: the day on which the programme's first day falls here. ``keep``: the wall clock, or the instant."""

    first: date | None = None
    keep: Literal["clock", "instant"] = "clock"


class Shifts(_Strict):
    """``item``: an event for each item. ``room``: one for each room and day, its items joined into shifts of at most
    ``longest`` minutes, parted where nothing happens for more than ``gap``."""

    per: Literal["item", "room"] = "item"
    longest: Annotated[int, Field(ge=15, le=1440)] = 240
    gap: Minutes = 60


class Mapping(_Strict):
    """``source``: by which name (and an item's id) events are known again. ``zone``: of programmes that name none.
    ``place_zone``: of the venues here. ``faulty``: whether one item that cannot be read stops everything."""

    source: Annotated[str, Field(max_length=60)] = ""
    zone: Line | None = None
    place_zone: Line = "Asia/Shanghai"
    dates: Dates = Dates()
    shifts: Shifts = Shifts()
    event: Event = Event()
    events: tuple[Events, ...] = ()
    rooms: tuple[Room, ...] = ()
    skip: tuple[Rule, ...] = ()
    needs: tuple[Needs, ...] = ()
    faulty: Literal["refuse", "skip"] = "refuse"

    def skips(self, item: Item) -> bool:
        return any(rule.fits(item) for rule in self.skip)

    def room(self, name: str) -> Room:
        """The first rule for a room of this name; an empty one when there is none."""
        found = (r for r in self.rooms if any(fnmatchcase(name.lower(), p.lower()) for p in r.room))
        return next(found, Room(room=()))

    def wanted(self, item: Item) -> tuple[Needs, ...]:
        return tuple(rule for rule in self.needs if rule.fits(item))


def read_mapping(path: Path) -> Mapping:
    """Raises :class:`Invalid` with every fault, each named by its place in the file (``needs.2.role``)."""
    try:
        if path.stat().st_size > 1_000_000:
            raise Invalid([Fault(path.name, "对应表超过 1 MB", "the mapping is larger than 1 MB")])
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        fault = Fault(path.name, f"打不开对应表：{error.strerror}", f"cannot open the mapping: {error.strerror}")
        raise Invalid([fault]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Fault(path.name, f"不是有效的 TOML（UTF-8）：{error}", f"not valid TOML (UTF-8): {error}")
        raise Invalid([fault]) from error
    try:
        found = Mapping.model_validate(told)
    except ValidationError as error:
        raise Invalid(
            Fault(".".join(map(str, one["loc"])) or path.name, f"取值有误：{one['msg']}", one["msg"])
            for one in error.errors()
        ) from error
    if not found.needs:
        raise Invalid([Fault("needs", "至少要有一条 [[needs]]，说明需要什么人", "want at least one [[needs]]")])
    return found
