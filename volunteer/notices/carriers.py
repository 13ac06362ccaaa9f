"""The ways out that this operator has, each with its server, its lease and whom it reaches."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from volunteer import outside
from volunteer.gateway import Gateway
from volunteer.mail import Letter, Outcome, Post
from volunteer.models import Volunteer
from volunteer.settings import Settings


class Hand(Protocol):
    """Whatever takes one letter and says what became of it; never raises for what a server or a letter is like."""

    async def send(self, letter: Letter) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Carrier:
    """``host`` names the server for the breaker; ``lease`` is longer than one message can take."""

    host: str
    channels: tuple[str, ...]
    lease: timedelta
    open: Callable[[], AbstractAsyncContextManager[Hand]]
    address: Callable[[Volunteer], str]


def carriers(settings: Settings) -> list[Carrier]:
    found: list[Carrier] = []
    if settings.mail_host:
        # Connecting, greeting, sender, recipient and text may each use the limit.
        lease = timedelta(seconds=settings.mail_timeout * 6 + 10)
        host = f"{settings.mail_host}:{settings.mail_port}"
        found.append(Carrier(host, ("mail",), lease, lambda: Post(settings), lambda person: person.email or ""))
    if settings.gateway_url:
        lease = timedelta(seconds=outside.SECONDS + 10)
        host = urlsplit(settings.gateway_url).netloc.rpartition("@")[2]
        found.append(
            Carrier(host, settings.gateway_channels, lease, lambda: Gateway(settings), lambda person: person.phone)
        )
    if settings.push_key.get_secret_value():
        from volunteer.push import Pusher  # an extra: only who turns it on needs its library

        lease = timedelta(seconds=outside.SECONDS * 10 + 10)
        found.append(Carrier("push", ("push",), lease, lambda: Pusher(settings), lambda person: str(person.id)))
    return found


def channels(settings: Settings) -> tuple[str, ...]:
    """What this operator offers beside the inbox."""
    return tuple(channel for carrier in carriers(settings) for channel in carrier.channels)


def push_key(settings: Settings) -> str | None:
    """The public half of the operator's key; none where pushes are off."""
    if not settings.push_key.get_secret_value():
        return None
    from volunteer.push import coded, point, private

    return coded(point(private(settings.push_key.get_secret_value())))
