"""A published programme, whatever file it came in. Pure."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from volunteer.errors import Fault, Invalid

MOST = 20_000  # items in one programme
_TAGS = re.compile(r"<[^>]{0,400}>")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a programme. ``start``/``end``: aware, in the programme's own zone. ``kind``: talk, lecture, break …
    as the file says. ``uid`` is stable from one publication to the next; ``number``: its place in the file, from 1."""

    uid: str
    number: int
    title: str
    start: datetime
    end: datetime
    room: str = ""
    track: str = ""
    kind: str = ""
    language: str = ""
    subtitle: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Programme:
    """``name``: the conference's acronym or title. ``skipped``: entries that are no items (all-day notes), as notes."""

    name: str
    items: tuple[Item, ...]
    skipped: tuple[Fault, ...] = ()

    @property
    def first(self) -> date:
        return min(item.start.date() for item in self.items)


def checked(
    name: str, items: Sequence[Item], faults: Iterable[Fault], skipped: Iterable[Fault] = (), *, lenient: bool = False
) -> Programme:
    """The programme, in order of time. Raises :class:`Invalid` with every fault, and for none or too many items.
    ``lenient``: faults of single items (``#…``) are told as skipped."""
    found = list(faults)
    if lenient:
        skipped = [*skipped, *(fault for fault in found if fault.field.startswith("#"))]
        found = [fault for fault in found if not fault.field.startswith("#")]
    if not found and not items:
        found.append(Fault("file", "节目单里没有任何节目", "the programme holds no items"))
    if len(items) > MOST:
        found.append(Fault("file", f"节目超过 {MOST} 个；请拆成几个文件", f"more than {MOST} items; split the file"))
    if found:
        raise Invalid(found)
    return Programme(name, tuple(sorted(items, key=lambda item: (item.start, item.room, item.uid))), tuple(skipped))


def tidy(words: str | None, most: int) -> str:
    """Other people's words, fit for our screens: nothing invisible, single blanks, cut at ``most``."""
    clean = " ".join(_UNSEEN.sub("", words or "").split())
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def bare(words: str | None, most: int) -> str:
    """As :func:`tidy`, of text that may hold HTML: without its mark-up."""
    return tidy(html.unescape(_TAGS.sub(" ", words or "")), most)


def zone(name: str, field: str = "time_zone") -> ZoneInfo:
    """An IANA zone. Raises :class:`Invalid`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            [
                Fault(
                    field,
                    f"没有时区“{name[:60]}”；请写成 Asia/Shanghai 这样",
                    f"no time zone {name[:60]!r}; write it like Asia/Shanghai",
                )
            ]
        ) from None


def lasting(text: str) -> timedelta | None:
    """``[days:]hours:minutes``, or plain minutes; none when it is neither."""
    parts = text.strip().split(":")
    if not all(part.isdecimal() and len(part) <= 5 for part in parts) or len(parts) > 3:
        return None
    numbers = [int(part) for part in parts]
    if len(numbers) == 1:
        return timedelta(minutes=numbers[0])
    *days, hours, minutes = numbers
    return timedelta(days=days[0] if days else 0, hours=hours, minutes=minutes)


def named(number: int, title: str, field: str) -> str:
    """How a fault names an item: its place, its title and the field."""
    return f"#{number} {title[:60]} · {field}"
