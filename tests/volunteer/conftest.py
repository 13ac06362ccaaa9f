"""A small network: a city with two counties, people with roles and tokens, and a mail server that can be moody."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller

from tests.volunteer import offices
from volunteer import people, signin
from volunteer.act import system
from volunteer.models import Region, Volunteer
from volunteer.settings import Settings

HOME = "http://citong.test"

REGIONS = (
    ("3505", "泉州市", "city", None),
    ("350502", "鲤城区", "county", "3505"),
    ("350503", "丰泽区", "county", "3505"),
    ("350502001", "海滨街道", "township", "350502"),
)


@dataclass
class Signed:
    """Somebody with a token of a program."""

    person: Volunteer
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


Person = Callable[..., Awaitable[Signed]]


@pytest_asyncio.fixture
async def town(db: str) -> None:
    for code, name, level, parent in REGIONS:
        await Region.create(code=code, name=name, level=level, kind=level, parent_id=parent, lat=24.9, lon=118.6)


@pytest_asyncio.fixture
async def office(db: str) -> offices.Office:
    """A unit whose people record hours."""
    return await offices.make()


@pytest.fixture
def settings() -> Settings:
    return Settings(public_url=HOME)


@pytest.fixture
def person(town: None) -> Person:
    """Make a person: ``await person("陈小美", coordinator="350502")``; roles are given in regions."""

    async def make(name: str = "陈小美", *, email: str = "", language: str = "zh", **roles: str) -> Signed:
        email = email or f"{uuid4().hex}@example.org"
        made = await people.add(system(), name=name, region="350502001", email=email, language=language)
        for role, region in roles.items():
            await people.grant(system(), made.id, role, region=region)
        return Signed(made, await signin.token(system(), email))

    return make


# ---- mail ----


@dataclass
class Taken:
    """One message that the server took."""

    id: str
    to: list[str]
    message: EmailMessage


class Sink:
    """A real SMTP server on a free port. ``modes``: what it does to the next messages, one each, then all is well:
    ``RCPT 550``, ``DATA 421``, ``DATA cut`` (takes it and hangs up), ``DATA stall`` (never answers)."""

    def __init__(self, settings: Settings) -> None:
        self.modes: list[str] = []
        self.taken: list[Taken] = []
        self.connections = 0
        self.delay = 0.0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.controller.start()
        self.connections = 0  # the controller's own knock
        fields = {"mail_host": "127.0.0.1", "mail_port": port, "mail_tls": "none", "mail_timeout": 5}
        self.settings = settings.model_copy(update=fields)

    def stop(self) -> None:
        if self.controller.server is not None:
            self.controller.stop()

    def _mode(self, verb: str) -> str:
        if self.modes and self.modes[0].startswith(verb):
            return self.modes.pop(0).split()[1]
        return ""

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if mode := self._mode("MAIL"):
            return f"{mode} no"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if mode := self._mode("RCPT"):
            return f"{mode} no"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.delay)
        mode = self._mode("DATA")
        if mode.isdigit():
            return f"{mode} no"
        if mode == "stall":
            await asyncio.sleep(3)
            return "451 too late"
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append(Taken(str(message["Message-ID"]), list(envelope.rcpt_tos), message))
        if mode == "cut":
            server.transport.abort()
        return "250 taken"


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    made = Sink(settings)
    yield made
    made.stop()
