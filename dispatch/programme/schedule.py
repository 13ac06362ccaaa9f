"""``schedule.xml`` and ``schedule.json`` as Pentabarf, frab and pretalx publish them. Pure.

Both say the same: a conference with days, rooms in days, events in rooms. Newer files give each event an instant with
an offset (``date``) and the conference a ``time_zone_name``; older ones only a wall clock on a day, then the zone must
come from elsewhere. What starts before ``day_change`` belongs to the night after its day.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dispatch.programme.items import Item, Programme, bare, checked, lasting, named, tidy, zone
from volunteer.errors import Fault, Invalid

_TEXTS = (
    "date", "start", "end", "duration", "room", "slug", "title", "subtitle", "track", "type", "language", "abstract",
    "description",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Raw:
    """One event as text; ``day``: the date of the day that it stands under."""

    day: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Conference:
    name: str
    zone: ZoneInfo | None
    day_change: timedelta


def read_xml(data: bytes, zone_name: str | None = None, *, lenient: bool = False) -> Programme:
    """``zone_name`` is taken when the file names none. ``lenient``: items that cannot be read are left out. Raises
    :class:`Invalid` with every fault."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        row, column = error.position
        raise Invalid(
            [
                Fault(
                    "file",
                    f"XML 不完整或有误（第 {row} 行第 {column} 列）；请重新下载",
                    f"the XML is cut off or broken (line {row}, column {column}); download it again",
                    row,
                )
            ]
        ) from error
    except DefusedXmlException as error:
        raise Invalid(
            [
                Fault(
                    "file",
                    "XML 含有实体或 DTD 定义，出于安全不予读取；请去掉",
                    "the XML defines entities or a DTD, which is refused for safety; remove it",
                )
            ]
        ) from error
    if root.tag != "schedule" or next(root.iter("event"), None) is None:
        raise Invalid(
            [
                Fault(
                    "file",
                    "不是 frab/pretalx 的 schedule.xml（缺少 <schedule> 或 <event>）",
                    "not a schedule.xml of frab or pretalx (no <schedule> or no <event>)",
                )
            ]
        )
    facts = {child.tag: child.text or "" for child in root.find("conference") or ()}
    return _programme(facts, list(_xml_events(root)), zone_name, lenient=lenient)


def _xml_events(root: Element) -> Iterator[_Raw]:
    for day in root.iter("day"):
        for room in day:
            for event in [room] if room.tag == "event" else room.iter("event"):
                texts = {child.tag: child.text or "" for child in event if child.tag in _TEXTS}
                texts.setdefault("room", room.get("name", ""))
                yield _Raw(day.get("date", ""), texts | {k: event.get(k, "") for k in ("guid", "id")})


def read_json(data: bytes, zone_name: str | None = None, *, lenient: bool = False) -> Programme:
    """As :func:`read_xml`."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError) as error:
        fault = Fault(
            "file",
            "JSON 不完整或有误；请重新下载",
            "the JSON is cut off or broken; download it again",
            getattr(error, "lineno", None),
        )
        raise Invalid([fault]) from error
    conference = _inside(_inside(whole, "schedule"), "conference")
    days = conference.get("days")
    if not isinstance(days, list):
        raise Invalid(
            [
                Fault(
                    "file",
                    "不是 frab/pretalx 的 schedule.json（缺少 schedule.conference.days）",
                    "not a schedule.json of frab or pretalx (no schedule.conference.days)",
                )
            ]
        )
    facts = {name: _text(value) for name, value in conference.items()}
    return _programme(facts, list(_json_events(days)), zone_name, lenient=lenient)


def _json_events(days: list[Any]) -> Iterator[_Raw]:
    for day in days:
        for room, events in _inside(day, "rooms").items():
            for event in events if isinstance(events, list) else ():
                if isinstance(event, dict):
                    texts = {name: _text(event.get(name)) for name in (*_TEXTS, "guid", "id")}
                    yield _Raw(_text(day.get("date")), texts | {"room": texts["room"] or str(room)})


def _inside(value: object, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    """Text of a field; pretalx gives some in several languages: English, else the first."""
    if isinstance(value, dict):
        value = value.get("en") or next(iter(value.values()), "")
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


# ---- both ----


def _programme(facts: Mapping[str, str], raws: list[_Raw], zone_name: str | None, *, lenient: bool) -> Programme:
    conference = _conference(facts, zone_name)
    items: list[Item] = []
    faults: list[Fault] = []
    for number, raw in enumerate(raws, 1):
        found = _item(number, raw, conference)
        if isinstance(found, Item):
            items.append(found)
        else:
            faults.append(found)
    if conference.zone is None and any(fault.field == "time_zone" for fault in faults):
        missing = Fault(
            "time_zone",
            '节目单没有写时区；请在对应表里加 zone = "Europe/Brussels" 这样一行',
            'the programme names no time zone; add a line like zone = "Europe/Brussels" to the mapping',
        )
        faults = [missing, *(fault for fault in faults if fault.field != "time_zone")]
    doubled = dict(_doubles(items))
    faults += doubled.values()
    return checked(conference.name, [i for i in items if i.number not in doubled], faults, lenient=lenient)


def _conference(facts: Mapping[str, str], zone_name: str | None) -> _Conference:
    name = facts.get("acronym") or facts.get("title") or ""
    told = (facts.get("time_zone_name") or zone_name or "").strip()
    change = lasting(":".join(facts.get("day_change", "").split(":")[:2]))
    return _Conference(tidy(name, 60), zone(told) if told else None, change or timedelta())


def _item(number: int, raw: _Raw, conference: _Conference) -> Item | Fault:
    texts = raw.texts
    title = tidy(texts.get("title"), 200)

    def fault(field: str, zh: str, en: str) -> Fault:
        return Fault(named(number, title, field), zh, en)

    if not title:
        return fault("title", "没有标题；请在节目单里补上", "no title; add one to the programme")
    start = _start(raw, conference)
    if start is None:
        return (
            Fault("time_zone", "", "")
            if _clock(raw)
            else fault(
                "start",
                "看不懂开始时间；应为 2026-03-08T19:00:00+08:00，或日期加 19:00",
                "no start that can be read; want 2026-03-08T19:00:00+08:00, or a date and 19:00",
            )
        )
    lasts = lasting(texts.get("duration", ""))
    if lasts is None:
        return fault("duration", "看不懂时长；应为 时:分", "no duration that can be read; want hours:minutes")
    if lasts > timedelta(days=7):
        return fault("duration", "时长超过 7 天；应为 时:分", "it lasts more than 7 days; want hours:minutes")
    if lasts <= timedelta():
        return fault(
            "duration",
            '结束不晚于开始；请改正节目单，或在对应表里写 faulty = "skip"',
            'it ends before it starts; mend the programme, or say faulty = "skip" in the mapping',
        )
    uid = texts.get("guid") or (f"id:{texts['id']}" if texts.get("id") else texts.get("slug", ""))
    if not uid:
        return fault("guid", "没有 guid、id 或 slug，再次导入时无法认出", "no guid, id or slug to know it again by")
    return Item(
        uid=tidy(uid, 190),
        number=number,
        title=title,
        start=start,
        end=start + lasts,
        room=tidy(texts.get("room"), 120),
        track=tidy(texts.get("track"), 120),
        kind=tidy(texts.get("type"), 60),
        language=tidy(texts.get("language"), 20),
        subtitle=tidy(texts.get("subtitle"), 200),
        text=bare(texts.get("abstract") or texts.get("description"), 2000),
    )


def _start(raw: _Raw, conference: _Conference) -> datetime | None:
    """The instant it starts, in the programme's zone (or with the offset it was told with); none when unknown."""
    try:
        told = datetime.fromisoformat(raw.texts.get("date", "").strip())
    except ValueError:
        told = None
    if told is not None and told.tzinfo is not None:
        return told if conference.zone is None else told.astimezone(conference.zone)
    found = told if told is not None and told.time() != time() else _clock(raw, conference.day_change)
    if found is None or conference.zone is None:
        return None
    return found.replace(tzinfo=conference.zone)


def _clock(raw: _Raw, day_change: timedelta = timedelta()) -> datetime | None:
    """The wall clock on its day; before ``day_change`` it is the night after."""
    since = lasting(raw.texts.get("start", ""))
    try:
        day = date.fromisoformat((raw.day or raw.texts.get("date", ""))[:10])
    except ValueError:
        return None
    if since is None or since >= timedelta(days=1) or ":" not in raw.texts.get("start", ""):
        return None
    return datetime.combine(day, time()) + since + timedelta(days=since < day_change)


def _doubles(items: list[Item]) -> Iterator[tuple[int, Fault]]:
    seen: dict[str, Item] = {}
    for item in items:
        first = seen.setdefault(item.uid, item)
        if first is not item:
            yield item.number, Fault(
                named(item.number, item.title, "guid"), f"与第 {first.number} 个节目编号相同；请改成各不相同",
                f"item {first.number} has the same id; make them differ",
            )  # fmt: skip
