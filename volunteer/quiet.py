"""Quiet hours: at night nobody is written to, unless the morning would be too late. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

# The time of the network; people live in one zone.
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Quiet:
    """From and until by the clock on the wall, over midnight as a rule; none when both are equal. What is over within
    ``urgent`` does not wait for the morning."""

    begins: time = time(22)
    ends: time = time(8)
    urgent: timedelta = timedelta(hours=12)


HOUSE = Quiet()


def night(at: datetime, hours: Quiet) -> tuple[datetime, datetime] | None:
    """The quiet hours that ``at`` falls into, from and until."""
    if hours.begins == hours.ends:
        return None
    here = at.astimezone(ZONE)
    for day in (here.date() - timedelta(days=1), here.date()):
        begins = datetime.combine(day, hours.begins, ZONE)
        over = hours.ends <= hours.begins
        ends = datetime.combine(day + timedelta(days=1) if over else day, hours.ends, ZONE)
        if begins <= here < ends:
            return begins.astimezone(at.tzinfo), ends.astimezone(at.tzinfo)
    return None


def waking(at: datetime, over: datetime | None, hours: Quiet) -> datetime:
    """When somebody may next be told of something that is over at ``over``: now, or when the night ends."""
    if over is not None and over - at <= hours.urgent:
        return at
    found = night(at, hours)
    if found is None or (over is not None and over <= found[1]):
        return at
    return found[1]
