"""The words people use for their week → weekly patterns. Pure.

Entries are parted by ``;`` (or a line break), each ``days [times] [优先]``:

- days: 周一, 星期二, 礼拜三, 周日/周天, 周一至周五, 周一、周三, 工作日, 周末, 每天; Mon, Tuesday, Mon-Fri, weekdays,
  weekends, daily;
- times: 19:00-21:00, several with commas; 上午 08:00-12:00, 下午 12:00-18:00, 晚上 18:00-22:00, 全天 (also when left
  out) 00:00-24:00; morning, afternoon, evening, all day;
- 优先, preferred: the person likes these hours best.

``周一 19:00-21:00; 周末 09:00-12:00,14:00-17:00 优先`` → patterns as :class:`volunteer.models.Weekly` stores them.
"""

import re
from collections.abc import Iterator

from dispatch.imports.cells import Wrong, minute_of_day

# (weekday, start, end, kind): 0 = Monday, local minutes, half-open.
Pattern = tuple[int, int, int, str]

_NAMES = ("一", "二", "三", "四", "五", "六", "日")
_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETS = {
    "工作日": range(5), "周末": range(5, 7), "双休日": range(5, 7), "每天": range(7), "每日": range(7),
    "weekdays": range(5), "weekends": range(5, 7), "weekend": range(5, 7), "daily": range(7), "everyday": range(7),
}  # fmt: skip
_PARTS = {
    "上午": (480, 720), "下午": (720, 1080), "晚上": (1080, 1320), "全天": (0, 1440),
    "morning": (480, 720), "afternoon": (720, 1080), "evening": (1080, 1320), "allday": (0, 1440),
}  # fmt: skip
_WORST = 70  # patterns a person may have

_LIKED = re.compile(r"(优先|preferred|\*)$")
_ENTRY = re.compile(r"[;；\n]")
_TIMES = re.compile(r"(\d{1,2}[:：]\d{2})[-－–—~～至到](\d{1,2}[:：]\d{2})")
_RANGE = re.compile(r"(.+?)[-－–—~～至到](.+)")


def patterns(cell: str) -> frozenset[Pattern]:
    """What the cell says, overlaps merged within a kind. Raises :class:`Wrong`."""
    found: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for entry in _ENTRY.split(cell):
        if plain := re.sub(r"\s+", "", entry).lower():
            for weekday, start, end, kind in _entry(plain, entry.strip()):
                found.setdefault((weekday, kind), []).append((start, end))
    merged = frozenset(
        (weekday, start, end, kind) for (weekday, kind), spans in found.items() for start, end in _merged(spans)
    )
    if len(merged) > _WORST:
        raise Wrong(f"时间段太多（{len(merged)}），上限 {_WORST}", f"{len(merged)} spans, the limit is {_WORST}")
    return merged


def _entry(plain: str, shown: str) -> Iterator[Pattern]:
    kind = "preferred" if _LIKED.search(plain) else "available"
    plain = _LIKED.sub("", plain)
    split = re.search(r"\d|" + "|".join(_PARTS), plain)
    days, times = (plain[: split.start()], plain[split.start() :]) if split else (plain, "")
    for weekday in _days(days, shown):
        for start, end in _times(times, shown):
            yield weekday, start, end, kind


def _days(text: str, shown: str) -> list[int]:
    found: list[int] = []
    for part in re.split(r"[,，、/]", text.strip(",，、:：")):
        if part in _SETS:
            found += _SETS[part]
        elif (ends := _RANGE.fullmatch(part)) is not None:
            first, last = _day(ends.group(1), shown), _day(ends.group(2), shown)
            found += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
        else:
            found.append(_day(part, shown))
    return found


def _day(text: str, shown: str) -> int:
    bare = re.sub(r"^(周|星期|礼拜)", "", text).replace("天", "日")
    for weekday in range(7):
        if bare == _NAMES[weekday] or (len(text) >= 3 and _ENGLISH[weekday].startswith(text.rstrip("."))):
            return weekday
    raise Wrong(
        f"看不懂“{shown}”里的日子；请写成 周一、周一至周五、周末、工作日、每天",
        f"no day in {shown!r}; write Mon, Mon-Fri, weekends, weekdays or daily",
    )


def _times(text: str, shown: str) -> list[tuple[int, int]]:
    if not text:
        return [(0, 1440)]
    spans: list[tuple[int, int]] = []
    for part in re.split(r"[,，、]", text):
        if part in _PARTS:
            spans.append(_PARTS[part])
            continue
        ends = _TIMES.fullmatch(part)
        if ends is None:
            raise Wrong(
                f"看不懂“{shown}”里的时间；请写成 周一 19:00-21:00，各条之间用分号",
                f"no times in {shown!r}; write Mon 19:00-21:00, semicolons between entries",
            )
        start, end = minute_of_day(ends.group(1)), minute_of_day(ends.group(2))
        if end <= start:
            raise Wrong(
                f"“{shown}”结束不晚于开始；跨夜请分两段写：22:00-24:00; 次日 00:00-02:00",
                f"{shown!r} ends before it starts; write a night as two spans, 22:00-24:00 and 00:00-02:00",
            )
        spans.append((start, end))
    return spans


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
