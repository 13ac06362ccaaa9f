"""What boards are asked by: a window of whole days."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from volunteer.act import Act
from volunteer.spans import Span

ZONE = ZoneInfo("Asia/Shanghai")


def days(first: date, count: int) -> Span:
    """``count`` whole local days from ``first`` on."""
    begin = datetime.combine(first, time(), ZONE)
    return Span(begin, datetime.combine(first + timedelta(days=count), time(), ZONE))


def first(act: Act, given: date | None) -> date:
    """The day that was asked for; today when none was."""
    return given or act.at.astimezone(ZONE).date()
