"""One cell of text → one value, or :class:`Wrong` with what is wrong and what mends it. Pure."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

Cast = Callable[[str], Any]

_YES = {"是", "有", "对", "y", "yes", "true", "1", "√", "同意"}
_NO = {"否", "无", "没有", "不", "n", "no", "false", "0", "×", "不同意"}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(\d{1,2})[:：](\d{2})(?::00)?")
_BETWEEN = re.compile(r"[;；,，、|\n]")
_EMAIL = re.compile(r"[^@\s\"<>(),;:\\]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 \-]{4,18}")


class Wrong(ValueError):
    """Not a value. Both languages; never repeats what may be personal."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def line(most: int) -> Cast:
    """Text of one line, at most ``most`` characters."""

    def cast(cell: str) -> str:
        if "\n" in cell or "\r" in cell:
            raise Wrong("单元格里有换行；请改成一行", "a line break inside the cell; make it one line")
        return text(most)(cell)

    return cast


def text(most: int) -> Callable[[str], str]:
    """Text, at most ``most`` characters."""

    def cast(cell: str) -> str:
        if len(cell) > most:
            raise Wrong(
                f"有 {len(cell)} 个字，上限 {most}；请缩短", f"{len(cell)} characters, the limit is {most}; shorten it"
            )
        return cell

    return cast


def whole(low: int, high: int) -> Cast:
    """A whole number from ``low`` to ``high``."""

    def cast(cell: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,9}", cell) or not low <= int(cell) <= high:
            raise Wrong(f"应为 {low} 到 {high} 的整数", f"want a whole number from {low} to {high}")
        return int(cell)

    return cast


def number(low: float, high: float) -> Cast:
    """A decimal number from ``low`` to ``high``."""

    def cast(cell: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise Wrong(f"应为 {low:g} 到 {high:g} 的数", f"want a number from {low:g} to {high:g}")
        return value

    return cast


def yes(cell: str) -> bool:
    if cell.lower() in _YES:
        return True
    if cell.lower() in _NO:
        return False
    raise Wrong("应填“是”或“否”", "want yes or no")


def one_of(words: Mapping[str, str]) -> Cast:
    """One of ``words`` (as written, case aside) → its value."""
    by_word = {word.lower(): value for word, value in words.items()}
    shown = "、".join(words), ", ".join(words)

    def cast(cell: str) -> str:
        if cell.lower() not in by_word:
            raise Wrong(f"没有这个选项；可填 {shown[0]}", f"no such choice; use one of {shown[1]}")
        return by_word[cell.lower()]

    return cast


def listed(words: Mapping[str, str]) -> Cast:
    """A list of ``words`` → their values, sorted, each once."""
    one = one_of(words)
    return lambda cell: tuple(sorted({one(part) for part in parts(cell)}))


def day(cell: str) -> date:
    """A date: 2026-03-08, 2026/3/8, 2026年3月8日, 20260308."""
    found = _DATE.fullmatch(cell)
    try:
        year, month, number_ = (int(part) for part in (found.groups() if found else ()) if part is not None)
        return date(year, month, number_)
    except ValueError:
        raise Wrong("不是日期；请写成 2026-03-08 这样", "not a date; write it like 2026-03-08") from None


def minute_of_day(cell: str) -> int:
    """A time of day as minutes since midnight; 24:00 is the end of the day."""
    found = _TIME.fullmatch(cell)
    minutes = int(found.group(1)) * 60 + int(found.group(2)) if found else -1
    if found is None or int(found.group(2)) > 59 or not 0 <= minutes <= 1440:
        raise Wrong("不是时刻；请写成 19:00 这样", "not a time of day; write it like 19:00")
    return minutes


def clock(cell: str) -> time:
    """A time of day, 00:00 to 23:59."""
    minutes = minute_of_day(cell)
    if minutes == 1440:
        raise Wrong("时刻最晚 23:59", "the latest time is 23:59")
    return time(minutes // 60, minutes % 60)


def parts(cell: str) -> list[str]:
    """A list with ; , 、 | or their full-width forms between."""
    return [part.strip() for part in _BETWEEN.split(cell) if part.strip()]


def email(cell: str) -> str:
    if len(cell) > 254 or not _EMAIL.fullmatch(cell):
        raise Wrong("不是电子邮箱；请写成 name@example.org 这样", "not an e-mail address; want name@example.org")
    return cell.lower()


def phone(cell: str) -> str:
    if not _PHONE.fullmatch(cell):
        raise Wrong(
            "不是电话号码；只用数字、空格、连字符和开头的 +",
            "not a phone number; use digits, blanks, hyphens and a leading + only",
        )
    return cell


def graded(cell: str) -> list[tuple[str, int]]:
    """Words with a level from 1 to 5 each, 1 unless said: ``南音:4; 摄影``."""
    found: dict[str, int] = {}
    for part in parts(cell):
        word, _, level = part.replace("：", ":").partition(":")
        level = level.strip().removesuffix("级") or "1"
        if level not in "12345" or len(level) != 1:
            raise Wrong(f"“{word}”的等级应为 1 到 5", f"the level of {word!r} is from 1 to 5")
        if word.strip() in found:
            raise Wrong(f"“{word}”写了两次", f"{word!r} stands twice")
        found[word.strip()] = int(level)
    return list(found.items())
