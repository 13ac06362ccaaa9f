"""Through which channels a notice goes, and when: the table, the person's choices, their quiet hours. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from volunteer.notices.kinds import HOUSE, OUTWARD, Channel, Group, Kind
from volunteer.quiet import HOUSE as HOURS
from volunteer.quiet import ZONE, Quiet, waking

# An urgent notice that nobody read goes through the next channel after so long.
UNREAD = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Reach:
    """How a person can be reached, and how they want to be. ``channels``: what they chose, by group. ``digest``: when
    the daily letter comes, if they want one."""

    mail: bool = False
    phone: bool = False
    push: bool = False
    channels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    quiet: Quiet = HOURS
    digest: time | None = None

    def reaches(self, channel: str) -> bool:
        return {"app": True, "mail": self.mail, "sms": self.phone, "wechat": self.phone, "push": self.push}[channel]

    def wants(self, group: Group) -> tuple[Channel, ...]:
        """The outward channels of a group: what was chosen, else the house's; only those that reach the person."""
        chosen = self.channels.get(group, HOUSE[group])
        return tuple(channel for channel in OUTWARD if channel in chosen and self.reaches(channel))


def pressing(kind: Kind, at: datetime, until: datetime | None, hours: Quiet) -> bool:
    """Must not stay unread: urgent by its nature, or over before long."""
    return kind.weight == "urgent" or (until is not None and until - at <= hours.urgent)


def ways(kind: Kind, reach: Reach, at: datetime, until: datetime | None) -> list[tuple[Channel, datetime]]:
    """Channels beside the inbox, each with the time from which it may leave. A notice that signs in goes by mail, at
    once; what is calm waits for the daily letter if the person wants one and it still matters then."""
    if kind.opens:
        return [("mail", at)]
    due = waking(at, until, reach.quiet)
    if reach.digest is not None and kind.weight == "calm":
        daily = next_at(at, reach.digest)
        due = daily if until is None or daily < until else due
    wanted = reach.wants(kind.group)
    if kind.parting and reach.mail and "mail" not in wanted:
        wanted = (*wanted, "mail")
    return [(channel, due) for channel in wanted]


def next_at(at: datetime, clock: time) -> datetime:
    """The next time that the wall's clock shows this."""
    here = at.astimezone(ZONE)
    today = datetime.combine(here.date(), clock, ZONE)
    chosen = today if today > here else datetime.combine(here.date() + timedelta(days=1), clock, ZONE)
    return chosen.astimezone(at.tzinfo)


def ladder(reach: Reach, used: Sequence[str]) -> Channel | None:
    """The next channel for what stays unread: any that reaches the person and was not used, whatever the group."""
    chosen = {channel for group in reach.channels.values() for channel in group} | set(HOUSE["offer"])
    return next((c for c in OUTWARD if c not in used and c in chosen and reach.reaches(c)), None)
