"""When people can serve: weekly pattern, public holidays and make-up workdays, exceptions → free and preferred spans.

Which weekday a day follows is said in :mod:`volunteer.days`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from volunteer.days import Calendar, Local, calendar
from volunteer.models import Override, Weekly
from volunteer.spans import Span, merged, minus, within

_SCAN = timedelta(hours=6)  # no zone changes its offset there and back within so short a time

Spans = tuple[Span, ...]


class Pattern(Protocol):
    """As :class:`Weekly`: local minutes of a weekday, half-open."""

    @property
    def weekday(self) -> Any: ...
    @property
    def start(self) -> Any: ...
    @property
    def end(self) -> Any: ...
    @property
    def kind(self) -> Any: ...


class Exempt(Protocol):
    """As :class:`Override`: aware instants, half-open."""

    starts_at: Any
    ends_at: Any
    kind: Any


# ---- spans ----


def spans(
    weekly: Iterable[Pattern], overrides: Sequence[Exempt], window: Span, zone: tzinfo, calendar: Calendar
) -> tuple[Spans, Spans]:
    """``(free, preferred)`` inside ``window``: sorted, merged, UTC; ``free`` holds ``preferred``.

    Exact across changes of the offset: an instant is free when the local clock, whichever time round, shows a minute of
    the pattern of the day it shows. ``overrides``: oldest first, the later wins.
    """
    pattern = tuple(sorted((int(p.weekday), int(p.start), int(p.end), str(p.kind)) for p in weekly))
    free, preferred = _regular(pattern, window, zone, tuple(sorted(calendar.follows.items())))
    for override in overrides:
        span = Span(override.starts_at.astimezone(UTC), override.ends_at.astimezone(UTC))
        free = minus(free, [span]) if override.kind == "unavailable" else merged([*free, span])
        preferred = merged([*preferred, span]) if override.kind == "preferred" else minus(preferred, [span])
    return (within(free, window), within(preferred, window)) if overrides else (free, preferred)


def _regular(
    pattern: tuple[tuple[int, int, int, str], ...], window: Span, zone: tzinfo, follows: tuple[tuple[date, int], ...]
) -> tuple[Spans, Spans]:
    """The union of what each line of the pattern gives by itself."""
    lines = [(kind, _line(weekday, start, end, window, zone, follows)) for weekday, start, end, kind in pattern]
    best = [span for kind, spans in lines if kind == "preferred" for span in spans]
    return merged([span for _, spans in lines for span in spans]), merged(best)


# Patterns are many, their lines few; spans are immutable.
@lru_cache(maxsize=16_384)
def _line(
    weekday: int, start: int, end: int, window: Span, zone: tzinfo, follows: tuple[tuple[date, int], ...]
) -> Spans:
    opens, closes = timedelta(minutes=start), timedelta(minutes=end)
    found = []
    for midnight, followed, reach in _days(window, zone, follows):
        since, until = max(midnight + opens, reach.start), min(midnight + closes, reach.end)
        if followed == weekday and since < until:
            found.append(Span(since, until))
    return tuple(found)


@lru_cache(maxsize=64)
def _days(window: Span, zone: tzinfo, follows: tuple[tuple[date, int], ...]) -> tuple[tuple[datetime, int, Span], ...]:
    """For each stretch of the window with one offset, its local days: midnight as that offset has it (UTC), the weekday
    followed, and the stretch."""
    odd = Calendar(dict(follows))
    days: list[tuple[datetime, int, Span]] = []
    for reach, offset in _stretches(window, zone):
        day, last = (reach.start + offset).date(), (reach.end + offset).date()
        while day <= last:
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - offset
            days.append((midnight, odd.weekday(day), reach))
            day += timedelta(days=1)
    return tuple(days)


def _stretches(window: Span, zone: tzinfo) -> Iterable[tuple[Span, timedelta]]:
    """The window cut where the offset from UTC changes (found to the second)."""
    since, at = window.start.astimezone(UTC), window.start.astimezone(UTC)
    end = window.end.astimezone(UTC)
    while at < end:
        after = min(at + _SCAN, end)
        if _offset(after, zone) != _offset(at, zone):
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if _offset(middle, zone) == _offset(at, zone) else (low, middle)
            change = high.replace(microsecond=0)
            yield Span(since, change), _offset(at, zone)
            since = change
        at = after
    if since < end:
        yield Span(since, end), _offset(since, zone)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


# ---- rows ----


async def of(
    ids: Collection[UUID], window: Span, zone: tzinfo, local: Local | None = None
) -> dict[UUID, tuple[Spans, Spans]]:
    """``(free, preferred)`` of each of these people inside ``window``; nobody is left out."""
    weekly: dict[UUID, list[Weekly]] = defaultdict(list)
    for row in await Weekly.filter(volunteer_id__in=ids):
        weekly[row.volunteer_id].append(row)
    overrides: dict[UUID, list[Override]] = defaultdict(list)
    touching = Override.filter(volunteer_id__in=ids, starts_at__lt=window.end, ends_at__gt=window.start)
    for override in await touching.order_by("created_at", "id"):
        overrides[override.volunteer_id].append(override)
    days = calendar(window, zone, local)
    return {id_: spans(weekly[id_], overrides[id_], window, zone, days) for id_ in ids}
