"""Which days are which: public holidays, the weekend days that are worked instead, and how working days are counted.

The rule of days: a public holiday on a workday follows the person's Sunday, a Saturday that is worked instead follows
Friday, such a Sunday Monday. National days are those of PyPI ``holidays`` (China, State Council notices; a year without
one yet is a forecast); the days of the table that ``CITONG_CALENDAR`` names win.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import holidays

from volunteer import tables
from volunteer.errors import Fault, Invalid
from volunteer.spans import Span

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6

DayKind = Literal["holiday", "workday", "normal"]
Local = Mapping[date, DayKind]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that do not follow their own weekday → the weekday (0 = Monday) that they follow."""

    follows: Mapping[date, int] = field(default_factory=dict)

    def weekday(self, day: date) -> int:
        return self.follows.get(day, day.weekday())


def calendar(window: Span, zone: tzinfo, local: Local | None = None) -> Calendar:
    """The odd days of ``window`` in ``zone``; ``local`` (none = :func:`own_days`) wins over the national calendar."""
    local = own_days() if local is None else local
    day, last = window.start.astimezone(zone).date(), window.end.astimezone(zone).date()
    return _odd(day, last, frozenset(local.items()))


# People are many, and looked at in the same weeks.
@lru_cache(maxsize=64)
def _odd(day: date, last: date, local: frozenset[tuple[date, DayKind]]) -> Calendar:
    own, follows = dict(local), {}
    while day <= last:
        if (weekday := _followed(day, own.get(day, _national(day)))) != day.weekday():
            follows[day] = weekday
        day += timedelta(days=1)
    return Calendar(MappingProxyType(follows))


def _followed(day: date, kind: DayKind) -> int:
    weekday = day.weekday()
    if kind == "holiday" and weekday < SATURDAY:
        return SUNDAY
    if kind == "workday" and weekday >= SATURDAY:
        return FRIDAY if weekday == SATURDAY else MONDAY
    return weekday


def _national(day: date) -> DayKind:
    off, worked = _year(day.year)
    return "workday" if day in worked else "holiday" if day in off else "normal"


@lru_cache(maxsize=16)
def _year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    # A make-up workday may lie in the year before or after the holiday that it pays for.
    known = holidays.country_holidays("CN", years=(year - 1, year, year + 1))
    return frozenset(known), frozenset(known.weekend_workdays)


@lru_cache(maxsize=1)
def own_days() -> Local:
    """The days of the file that ``CITONG_CALENDAR`` names, read once a process; without a name none."""
    path = os.environ.get("CITONG_CALENDAR")
    return local_days(Path(path)) if path else {}


def local_days(path: Path) -> dict[date, DayKind]:
    """The operator's own days: a table of ``date``, ``kind`` (holiday, workday, normal) and ``name``. Raises
    :class:`Invalid` with every fault."""
    found: dict[date, DayKind] = {}
    faults: list[Fault] = []
    kinds: dict[str, DayKind] = {"holiday": "holiday", "workday": "workday", "normal": "normal"}
    for number, cells in tables.read(path):
        day, kind = (*cells, "", "")[:2]
        if number == 1 and (day, kind) == ("date", "kind"):
            continue
        try:
            found[date.fromisoformat(day)] = kinds[kind]
        except ValueError:
            faults.append(Fault("date", "不是日期；请写成 2026-03-08 这样", "not a date; want 2026-03-08", number))
        except KeyError:
            faults.append(Fault("kind", "应为 holiday、workday 或 normal", "want holiday, workday or normal", number))
    if faults:
        raise Invalid(faults)
    return found


def works(day: date, local: Local | None = None) -> bool:
    """Whether offices work on this day: a weekday that is no holiday, or a weekend day that is worked instead."""
    local = own_days() if local is None else local
    return _followed(day, local.get(day, _national(day))) < SATURDAY


def working_days_after(at: datetime, count: int, zone: tzinfo, local: Local | None = None) -> datetime:
    """The end of the ``count``-th whole working day after the day of ``at``: midnight there, in ``zone``. The day of
    ``at`` itself never counts, so that every deadline leaves ``count`` whole days."""
    local = own_days() if local is None else local
    day = at.astimezone(zone).date()
    while count > 0:
        day += timedelta(days=1)
        count -= works(day, local)
    return midnight(day, zone, after=1)


def midnight(day: date, zone: tzinfo, *, after: int = 0) -> datetime:
    """The beginning of the day so many days after this one."""
    return datetime.combine(day + timedelta(days=after), time(), zone)
