"""How a person wants to be told: channels by group, quiet hours, reminders, the daily letter."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from volunteer import codes, journal
from volunteer.act import Act, fresh_id
from volunteer.errors import Fault, Forbidden, Invalid
from volunteer.journal import Writing
from volunteer.models import Contact, Subscription, Volunteer
from volunteer.notices.kinds import GROUPS, HOUSE, Channel

# So many browsers of one person are pushed to; the oldest makes room.
BROWSERS = 5


@dataclass(frozen=True, slots=True)
class Choices:
    """Minutes of the local day and before the call time; ``digest`` none: what is calm comes at once."""

    channels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    quiet_from: int = 1320
    quiet_until: int = 480
    far: int = 1440
    near: int = 120
    digest: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is chosen, with the house's choice where the person made none. ``offered``: the channels that this operator
    has and that reach the person. ``refused``: a server said for good that it does not know their address.
    ``calendar``: their calendar has an address."""

    choices: Choices
    offered: tuple[str, ...]
    refused: bool
    calendar: bool = False


def _me(act: Act) -> UUID:
    if act.actor.id is None:
        raise Forbidden("contact.write", anonymous=True)
    return act.actor.id


async def hold(w: Writing, person: UUID) -> None:
    """Whoever writes a person's choices for the first time waits for whoever does so too."""
    await w.db.execute_query("SELECT 1 FROM volunteer WHERE id = $1 FOR NO KEY UPDATE", [person])


async def known(act: Act, offered: Sequence[str]) -> Known:
    """One's own choices. ``offered``: the operator's channels."""
    person = await Volunteer.get(id=_me(act))
    row = await Contact.get_or_none(volunteer_id=person.id)
    reaching = tuple(channel for channel in offered if _reaches(person, channel))
    chosen = row.channels if row else {}
    channels: dict[str, list[str]] = {
        group: [c for c in chosen.get(group, HOUSE[group]) if c in reaching] for group in GROUPS
    }
    if row is None:
        return Known(Choices(channels), reaching, False)
    choices = Choices(channels, row.quiet_from, row.quiet_until, row.far, row.near, row.digest)
    return Known(choices, reaching, bool(row.refused) and row.refused == _address(person), bool(row.calendar))


async def unreached(people: Collection[Volunteer]) -> frozenset[UUID]:
    """Of these people, whose mail address does not exist, as its server said for good."""
    refused = {
        row.volunteer_id: row.refused
        for row in await Contact.filter(volunteer_id__in={person.id for person in people}).exclude(refused="")
    }
    return frozenset(person.id for person in people if refused.get(person.id) == _address(person))


def _reaches(person: Volunteer, channel: str) -> bool:
    if channel in ("sms", "wechat"):
        return bool(person.phone)
    return channel != "mail" or bool(person.email)


def _address(person: Volunteer) -> str:
    return codes.digest(person.email or "")


async def choose(act: Act, wanted: Choices, offered: Sequence[str]) -> None:
    """Take one's own choices over. :class:`Invalid` for a channel that does not reach the person here."""
    me = _me(act)

    async def verb(w: Writing) -> None:
        await hold(w, me)
        held = await known(act, offered)
        faults = [
            _fault(group, channel)
            for group, channels in sorted(wanted.channels.items())
            for channel in channels
            if channel not in held.offered
        ]
        if faults:
            raise Invalid(faults)
        values: dict[str, Any] = {
            "channels": {group: list(dict.fromkeys(channels)) for group, channels in wanted.channels.items()},
            "quiet_from": wanted.quiet_from, "quiet_until": wanted.quiet_until,
            "far": wanted.far, "near": wanted.near, "digest": wanted.digest,
        }  # fmt: skip
        if not await Contact.filter(volunteer_id=me).update(**values):
            await Contact.create(id=fresh_id(act.at), volunteer_id=me, **values)
        w.entry("contact.changed", topics=[f"volunteer:{me}"], ref=me, body={})

    await journal.writing(act, verb)


async def renew_calendar(act: Act) -> str:
    """The secret of a fresh address for one's calendar, told once; the address before it is dead."""
    me, secret = _me(act), codes.secret()

    async def verb(w: Writing) -> None:
        await hold(w, me)
        if not await Contact.filter(volunteer_id=me).update(calendar=codes.digest(secret)):
            await Contact.create(id=fresh_id(act.at), volunteer_id=me, calendar=codes.digest(secret))
        w.entry("calendar.renewed", topics=[f"volunteer:{me}"], ref=me, body={})

    await journal.writing(act, verb)
    return secret


async def end_calendar(act: Act) -> None:
    """From now on one's calendar has no address."""
    me = _me(act)

    async def verb(w: Writing) -> None:
        if await Contact.filter(volunteer_id=me, calendar__not_isnull=True).update(calendar=None):
            w.entry("calendar.ended", topics=[f"volunteer:{me}"], ref=me, body={})

    await journal.writing(act, verb)


async def allow(act: Act, endpoint: str, p256dh: str, auth: str) -> None:
    """This browser may be pushed to, for oneself; whoever else it was for is no longer told there."""
    me = _me(act)

    async def verb(w: Writing) -> None:
        await hold(w, me)
        await Subscription.filter(endpoint=endpoint).delete()
        row = Subscription(id=fresh_id(act.at), volunteer_id=me, endpoint=endpoint, p256dh=p256dh, auth=auth)
        row.created_at = act.at
        await row.save(force_create=True)
        for old in (await Subscription.filter(volunteer_id=me).order_by("-created_at"))[BROWSERS:]:
            await old.delete()
        w.entry("contact.changed", topics=[f"volunteer:{me}"], ref=me, body={})

    await journal.writing(act, verb)


async def disallow(act: Act, endpoint: str) -> None:
    """This browser is told no more."""
    me = _me(act)

    async def verb(w: Writing) -> None:
        if await Subscription.filter(volunteer_id=me, endpoint=endpoint).delete():
            w.entry("contact.changed", topics=[f"volunteer:{me}"], ref=me, body={})

    await journal.writing(act, verb)


async def whose_calendar(secret: str) -> UUID | None:
    """Whose calendar lies at this address; nobody's when it is unknown or its person may not sign in."""
    row = await Contact.get_or_none(calendar=codes.digest(secret), volunteer__state__in=codes.SIGNS_IN)
    return None if row is None else row.volunteer_id


def _fault(group: str, channel: Channel | str) -> Fault:
    return Fault(
        f"channels.{group}",
        "此渠道目前不能送达您，请去掉，或先补充联系方式",
        f"{channel} does not reach you here; leave it out, or add your address or number first",
    )
