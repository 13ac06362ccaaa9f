"""How long somebody served: the arithmetic of hours. Pure.

办法 art. 7: hours are the time really given, in hours, fixed reasonably by the organisation. Here: what lies between
coming and leaving and within the plan (with call time and get-out, without the way there), in half hours, to the
nearest; never above the plan and the overtime that a second person approved.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MINUTE: Final = timedelta(minutes=1)
LONGEST: Final = 24 * 60  # minutes that one service may take, overtime included


@dataclass(frozen=True, slots=True)
class Terms:
    """``unit``: minutes of the smallest credit; ``least``: per cent of the plan below which hours must be explained;
    ``due_days``: working days after the end until which a service is to be recorded (art. 11), ``notice_days`` of
    these at least under public notice; ``nudge_days``: after so many whoever must sign is reminded."""

    unit: int = 30
    least: int = 60
    due_days: int = 10
    notice_days: int = 3
    nudge_days: int = 2


@dataclass(frozen=True, slots=True)
class Stay:
    """When somebody was to be there, and when they were. Half-open, aware; ``came`` is not after ``left``."""

    since: datetime
    until: datetime
    came: datetime
    left: datetime

    def within(self, overtime: int = 0) -> timedelta:
        """The time that counts: inside the plan, and inside ``overtime`` minutes after it."""
        ends = min(self.left, self.until + overtime * MINUTE)
        return max(timedelta(), ends - max(self.came, self.since))

    @property
    def plan(self) -> timedelta:
        return self.until - self.since


def credit(stay: Stay, unit: int, overtime: int = 0) -> int:
    """Minutes to credit: whole units, the nearest (half a unit counts up), as many at most as fit into the plan and the
    ``overtime``."""
    served = stay.within(overtime)
    return (
        min((2 * served + unit * MINUTE) // (2 * unit * MINUTE), (stay.plan + overtime * MINUTE) // (unit * MINUTE))
        * unit
    )


def short(minutes: int, plan: timedelta, least: int) -> bool:
    """Whether so few minutes need an explanation: under ``least`` per cent of the plan."""
    return minutes * MINUTE * 100 < plan * least


def spoken(minutes: int) -> str:
    """Hours as people write them: ``2`` or ``2.5``."""
    return f"{minutes / 60:g}"
