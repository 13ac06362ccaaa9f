"""iCalendar (RFC 5545) as a programme: events with a time of day, recurrences expanded. Pure.

The room is LOCATION, the track the first of CATEGORIES. Floating times take X-WR-TIMEZONE, else the zone that the
caller names. An id is UID (its part before ``@`` when that is a UUID, as frab writes it) and, where one UID stands for
several events, the start too.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from dispatch.programme.items import MOST, Item, Programme, bare, checked, named, tidy, zone
from volunteer.errors import Fault, Invalid

HORIZON = timedelta(days=731)  # how far recurrences are followed from the first event on
_UUID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@.*", re.IGNORECASE)


def read_ics(data: bytes, zone_name: str | None = None, *, lenient: bool = False) -> Programme:
    """Raises :class:`Invalid` with every fault. All-day entries are no items: they are told in ``skipped``, and so are,
    when ``lenient``, those that cannot be read."""
    calendar = _calendar(data)
    told = str(calendar.get("X-WR-TIMEZONE", "") or zone_name or "").strip()
    home = zone(told) if told else None
    events = [event for event in calendar.walk("VEVENT") if str(event.get("STATUS", "")).upper() != "CANCELLED"]
    if len(events) > MOST:
        raise Invalid([Fault("file", f"节目超过 {MOST} 个；请拆成几个文件", f"more than {MOST} items; split the file")])
    shared = {uid for uid, count in Counter(_uid(event) for event in _single(events)).items() if count > 1}
    items: list[Item] = []
    faults: list[Fault] = []
    skipped: list[Fault] = []
    for number, (event, repeats) in enumerate(_occurrences(calendar, events), 1):
        found = _item(number, event, home, apart=repeats or _uid(event) in shared)
        if isinstance(found, Item):
            items.append(found)
        elif found.field.endswith("DTSTART;VALUE=DATE"):
            skipped.append(found)
        else:
            faults.append(found)
    if any(fault.field == "time_zone" for fault in faults):
        missing = Fault(
            "time_zone",
            '日历没有写时区；请在对应表里加 zone = "Asia/Shanghai" 这样一行',
            'the calendar names no time zone; add a line like zone = "Asia/Shanghai" to the mapping',
        )
        faults = [missing, *(fault for fault in faults if fault.field != "time_zone")]
    return checked(
        tidy(str(calendar.get("X-WR-CALNAME", "")), 60), list(_apart(items)), faults, skipped, lenient=lenient
    )


def _calendar(data: bytes) -> icalendar.Calendar:
    try:
        found = icalendar.Calendar.from_ical(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise Invalid([Fault("file", "不是 UTF-8 编码；请重新导出", "not UTF-8; export it again", row)]) from error
    except (ValueError, IndexError, KeyError) as error:
        raise Invalid(
            [Fault("file", "日历文件不完整或有误；请重新下载", "the calendar is cut off or broken; download it again")]
        ) from error
    if not isinstance(found, icalendar.Calendar):
        raise Invalid([Fault("file", "不是日历文件（缺少 VCALENDAR）", "not a calendar (no VCALENDAR)")])
    return found


def _single(events: list[Any]) -> list[Any]:
    return [event for event in events if "RECURRENCE-ID" not in event]


def _occurrences(calendar: icalendar.Calendar, events: list[Any]) -> Iterator[tuple[Any, bool]]:
    """Every event, those that recur expanded; and whether it is one of several."""
    recurring = {_uid(event) for event in events if "RRULE" in event or "RDATE" in event or "RECURRENCE-ID" in event}
    for event in events:
        if _uid(event) not in recurring:
            yield event, False
    if not recurring:
        return
    starts = [_instant(event.decoded("DTSTART")) for event in events if "DTSTART" in event]
    first = min((start for start in starts if start is not None), default=None)
    if first is None:
        return
    if sum(_repeats(event) for event in events) > MOST:
        raise Invalid(
            [
                Fault(
                    "RRULE",
                    f"重复规则给出的节目可能超过 {MOST} 次；请缩短重复（一天之内的重复不支持）",
                    f"recurrences may give more than {MOST} items; shorten them (none within a day)",
                )
            ]
        )
    query = recurring_ical_events.of(calendar)
    for event in query.between(first - timedelta(days=1), first + HORIZON):
        if _uid(event) in recurring:
            yield event, True


def _repeats(event: Any) -> int:
    """At most how often the event recurs within the horizon: asked before anything is expanded."""
    told = event.get("RRULE")
    if told is None:
        return 0
    if isinstance(told, list):
        return MOST + 1
    often = {"DAILY": 1.0, "WEEKLY": 1 / 7, "MONTHLY": 1 / 28, "YEARLY": 1 / 365}.get(str(told.get("FREQ", [""])[0]))
    if often is None or any(len(told.get(part, [])) > 1 for part in ("BYHOUR", "BYMINUTE", "BYSECOND")):
        return MOST + 1
    each = max(1, *(len(told.get(part, [])) for part in ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH")))
    by_rule = min(HORIZON.days + 1, int(HORIZON.days * often * each * (5 if often < 1 / 7 else 1)) + 1)
    return min([by_rule, *(int(count) for count in told.get("COUNT", []))])


def _instant(at: object) -> datetime | None:
    if isinstance(at, datetime):
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime(at.year, at.month, at.day, tzinfo=UTC) if isinstance(at, date) else None


def _uid(event: Any) -> str:
    uid = str(event.get("UID", "")).strip()
    found = _UUID.fullmatch(uid)
    return found.group(1) if found else uid


def _item(number: int, event: Any, home: ZoneInfo | None, *, apart: bool) -> Item | Fault:
    title = tidy(str(event.get("SUMMARY", "")), 200)

    def fault(field: str, zh: str, en: str) -> Fault:
        return Fault(named(number, title, field), zh, en)

    if not title:
        return fault("SUMMARY", "没有标题；请补上", "no title; add one")
    try:
        start, end = event.start, event.end
    except (icalendar.IncompleteComponent, icalendar.InvalidCalendar, TypeError, ValueError):
        return fault("DTSTART", "没有可读的开始或结束时间", "no start or end that can be read")
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return fault("DTSTART;VALUE=DATE", "全天事项，没有时刻，未导入", "an all-day entry, no time of day: left out")
    if (start.tzinfo is None or end.tzinfo is None) and home is None:
        return Fault("time_zone", "", "")
    start, end = (at if at.tzinfo else at.replace(tzinfo=home) for at in (start, end))
    if end <= start:
        return fault(
            "DTEND",
            '结束不晚于开始；请改正日历，或在对应表里写 faulty = "skip"',
            'it ends before it starts; mend the calendar, or say faulty = "skip" in the mapping',
        )
    uid = _uid(event)
    if not uid:
        return fault("UID", "没有 UID，再次导入时无法认出", "no UID to know it again by")
    stamp = f"@{start.astimezone(UTC):%Y%m%dT%H%MZ}" if apart else ""
    zoned = start if home is None or start.tzinfo is not UTC else start.astimezone(home)
    return Item(
        uid=tidy(uid, 150) + stamp,
        number=number,
        title=title,
        start=zoned,
        end=end.astimezone(zoned.tzinfo),
        room=tidy(str(event.get("LOCATION", "")), 120),
        track=tidy(_category(event), 120),
        text=bare(str(event.get("DESCRIPTION", "")), 2000),
    )


def _category(event: Any) -> str:
    try:
        return str(next(iter(event.categories), ""))
    except (AttributeError, TypeError, ValueError):
        return ""


def _apart(items: list[Item]) -> Iterator[Item]:
    """Ids that are still shared get room and title: some publishers give all their events one UID."""
    shared = {uid for uid, count in Counter(item.uid for item in items).items() if count > 1}
    for item in items:
        yield replace(item, uid=f"{item.uid}/{item.room}/{item.title}"[:190]) if item.uid in shared else item
