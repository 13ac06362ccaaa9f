"""Quiet hours of offers: nobody is asked at night, and no offer ends at night, unless the shift is near. Pure."""

from datetime import datetime, timedelta

from dispatch.settings import Asking
from volunteer import quiet
from volunteer.quiet import ZONE, Quiet

__all__ = ["MORNING", "ZONE", "answerable", "night", "urgent", "waking"]

# After the night people get at least so long to answer.
MORNING = timedelta(hours=1)


def urgent(at: datetime, starts: datetime, terms: Asking) -> bool:
    """The shift begins too soon to wait for the morning."""
    return starts - at <= timedelta(hours=terms.urgent_hours)


def night(at: datetime, terms: Asking) -> tuple[datetime, datetime] | None:
    """The quiet hours that ``at`` falls into, from and until; none when they begin as they end."""
    return quiet.night(at, Quiet(terms.quiet_from, terms.quiet_until))


def waking(at: datetime, starts: datetime, terms: Asking) -> datetime:
    """When somebody may next be asked about a shift that begins at ``starts``: now, or when the night is over."""
    found = None if urgent(at, starts, terms) else night(at, terms)
    return at if found is None else found[1]


def answerable(at: datetime, until: datetime, starts: datetime, floor: timedelta, terms: Asking) -> datetime:
    """A deadline moved out of the night: an hour into the morning if half of what is left of the time to the start is
    still ahead then, else to the evening before, if that leaves the floor; an urgent one stays."""
    found = None if urgent(at, starts, terms) else night(until - timedelta(seconds=1), terms)
    if found is None:
        return until
    evening, morning = found[0], found[1] + MORNING
    if morning <= until + (starts - until) / 2:
        return morning
    return evening if evening >= at + floor else until
