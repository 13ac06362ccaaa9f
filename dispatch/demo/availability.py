"""When the people of the demo can serve, as rows: the weekly pattern, and exceptions in the demo week."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.demo.chance import Ids
from dispatch.demo.people import Resident
from volunteer import days
from volunteer.models import Override, Weekly
from volunteer.spans import Span

ZONE = ZoneInfo("Asia/Shanghai")


class Days:
    """The days about a week, counted from its first. A holiday keeps Sunday's hours, a make-up workday a weekday's."""

    def __init__(self, start: date):
        self.start = start
        self._calendar = days.calendar(Span(instant(start, -60, 0), instant(start, 30, 0)), ZONE)

    def weekday(self, day: int) -> int:
        """The weekday (0 = Monday) whose pattern the day follows."""
        return self._calendar.weekday(self.start + timedelta(days=day))

    def weekend(self, day: int) -> bool:
        return self.weekday(day) > 4

    def on(self, weekday: int) -> int | None:
        """The first day of the week that follows this weekday."""
        return next((day for day in range(7) if self.weekday(day) == weekday), None)


def instant(start: date, day: int, minute: int) -> datetime:
    """The UTC instant of a local minute on the day ``day`` days after ``start``."""
    local = datetime.combine(start + timedelta(days=day), time(), ZONE) + timedelta(minutes=minute)
    return local.astimezone(UTC)


def weekly(people: Sequence[Resident], seed: int, start: date) -> list[Weekly]:
    ids = Ids(seed, "weekly", start)
    return [
        Weekly(
            id=ids(),
            volunteer_id=person.id,
            weekday=weekday,
            start=begin,
            end=end,
            kind="preferred" if weekday in person.preferred else "available",
        )
        for person in people
        for weekday, spans in enumerate(person.week)
        for begin, end in spans
    ]


def overrides(people: Sequence[Resident], seed: int, start: date) -> list[Override]:
    """A day away is a whole local day."""
    ids = Ids(seed, "override", start)
    return [
        Override(
            id=ids(),
            volunteer_id=person.id,
            starts_at=instant(start, day, 0),
            ends_at=instant(start, day + 1, 0),
            kind="unavailable",
            created_at=instant(start, -3, 600),
        )
        for person in people
        for day in sorted(person.away)
    ]
