"""The words of a notice, found when it is shown or sent: the inbox and every channel say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from volunteer.act import Language
from volunteer.models import Notice
from volunteer.notices.abouts import Fact, facts
from volunteer.notices.kinds import KINDS
from volunteer.words import Pair

GREETING = Pair("{name}，您好！\n\n", "Hello {name},\n\n")
MANY = Pair("您有 {n} 条新通知", "You have {n} new notices")
BECAUSE = Pair("原因：{reason}", "The reason given: {reason}")
ANSWER = Pair("无需登录，直接答复：{link}", "Answer without signing in: {link}")
CLOSE = Pair(
    "\n\n打开刺桐：{link}\n\n此邮件由系统发出，请勿直接回复。\n",
    "\n\nOpen Citong: {link}\n\nThis mail was sent by a program.\n",
)
_DAYS = Pair("周一 周二 周三 周四 周五 周六 周日", "Mon Tue Wed Thu Fri Sat Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Said:
    """One notice in one language. ``line``: title, time and place of what it is about. ``link``: where it is answered
    without signing in."""

    subject: str
    text: str
    line: str
    link: str = ""


async def told(rows: Sequence[Notice]) -> dict[object, Fact]:
    """What each of these notices is about, by the notice's id; only those that are about something."""
    about = {row.id: (noun, row.ref) for row in rows if row.ref is not None and (noun := KINDS[row.kind].noun)}
    found = await facts(about.values())
    return {row: found[one] for row, one in about.items() if one in found}


def moot(row: Notice, fact: Fact | None) -> bool:
    """Nobody need act on it any more."""
    alive = KINDS[row.kind].alive
    return bool(alive) and fact is not None and fact.state not in alive


def said(row: Notice, fact: Fact | None, zone: str, language: Language, more: Mapping[str, Any] | None = None) -> Said:
    """The notice in words, with the ``reason`` that a person gave, if any. What the data lacks stands as nothing."""
    kind = KINDS[row.kind]
    filling = _Filling(row.data) | dict(more or {})
    if row.until and "until" not in filling:
        filling["until"] = local(row.until, zone, language)
    line = ""
    if fact is not None:
        when = local(fact.starts_at, zone, language) if fact.starts_at else ""
        filling["when"] = when
        parts = [part for part in (fact.title.in_(language), when, fact.place) if part]
        line = (" · " if language == "en" else "，").join(parts)
    subject, text = kind.subject.in_(language), kind.text.in_(language)
    told_ = text.format_map(_Filling(filling))
    if filling.get("reason"):
        told_ += "\n" + BECAUSE.in_(language).format(reason=filling["reason"])
    return Said(subject.format_map(_Filling(filling)).rstrip(" ：:"), told_, line)


class _Filling(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def local(at: datetime, zone: str, language: Language) -> str:
    """A moment as people read it: 11月28日 周六 19:00, Sat 28 Nov 19:00."""
    here = at.astimezone(ZoneInfo(zone))
    day = _DAYS.in_(language).split()[here.weekday()]
    if language == "en":
        return f"{day} {here.day} {_MONTHS[here.month - 1]} {here:%H:%M}"
    return f"{here.month}月{here.day}日 {day} {here:%H:%M}"


def letter(parts: Sequence[Said], name: str, link: str, language: Language) -> tuple[str, str]:
    """Subject and text of one message that says all of these."""
    if len(parts) == 1:
        body = _whole(parts[0], language)
        subject = parts[0].subject
    else:
        subject = MANY.in_(language).format(n=len(parts))
        body = "\n\n".join(
            f"{number}. {part.subject}\n{_whole(part, language)}" for number, part in enumerate(parts, 1)
        )
    # Only our own sentences are formats: names and titles are never read as one.
    greeting = GREETING.in_(language).format(name=name)
    return subject, f"{greeting}{body}{CLOSE.in_(language).format(link=link) if link else ''}"


def _whole(part: Said, language: Language) -> str:
    answer = ANSWER.in_(language).format(link=part.link) if part.link else ""
    return "\n".join(text for text in (part.line, part.text, answer) if text)
