"""What the benches of the live line share: many people's tokens, the process that holds their sockets, and taps."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from dispatch.bench.holders import MOST_SECONDS
from dispatch.bench.offers import COUNTY, TOWN
from dispatch.bench.phones import Phone, Said
from dispatch.bench.servers import NoAnswerError, Server
from volunteer import codes, journal
from volunteer.act import fresh_id
from volunteer.models import Role, Session, Volunteer

TOPIC: Final = f"region:{COUNTY}"
A_PERSON: Final = 4  # sockets of one person; five are allowed
_NEVER: Final = datetime(2099, 1, 1, tzinfo=UTC)


async def tokens(count: int) -> list[str]:
    """Tokens for so many sockets that follow the county, four of each person. People come as rows: a thousand of them
    by the public verbs would take minutes, and are not what is measured."""
    secrets, at = [], datetime.now(UTC)
    people, roles, sessions = [], [], []
    for _ in range(-(-count // A_PERSON)):
        id_, secret = fresh_id(at), codes.secret()
        people.append(Volunteer(id=id_, number=id_.hex[-18:], name="陈雅琴", region_id=TOWN, created_at=at))
        roles.append(Role(id=fresh_id(at), volunteer_id=id_, role="coordinator", region_id=COUNTY, since=at))
        session = Session(id=fresh_id(at), volunteer_id=id_, kind="token", digest=codes.digest(secret))
        session.created_at, session.expires_at = at, _NEVER
        sessions.append(session)
        secrets += [secret] * A_PERSON
    await Volunteer.bulk_create(people, batch_size=500)
    await Role.bulk_create(roles, batch_size=500)
    await Session.bulk_create(sessions, batch_size=500)
    return secrets[:count]


class Holders:
    """The process that holds the sockets. Raises :class:`NoAnswerError` when it does not do as asked."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def open(self, server: Server, given: list[str], rate: int) -> dict[str, Any]:
        """More sockets, so many a second; when all have caught up."""
        head = (await journal.heads([TOPIC]))[TOPIC]
        where = {"port": server.port, "topic": TOPIC, "seq": head, "epoch": await journal.epoch()}
        return await self.ask("open", tokens=given, rate=rate, **where)

    async def arrived(self, said: list[Said]) -> dict[str, Any]:
        """From each tap to each socket."""
        found = await self.ask("arrived", tapped={str(one.assignment): one.tapped for one in said})
        if gaps := found.get("gaps"):
            raise NoAnswerError(f"sockets lost {gaps} entries")
        return found

    async def ask(self, do: str, **said: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do} | said).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise NoAnswerError(f"the process that holds the sockets gave up at: {do}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def holding(jitter: float = MOST_SECONDS) -> AsyncIterator[Holders]:
    """``jitter``: within how many seconds sockets come back."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dispatch.bench.holders", str(jitter), stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip
    try:
        yield Holders(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def steadily(phones: list[Phone], rate: float) -> list[Said]:
    """Say yes on each phone, so many a second, whether or not the ones before are answered."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    said = []
    for number, phone in enumerate(phones):
        await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
        said.append(loop.create_task(phone.accept()))
    return list(await asyncio.gather(*said))
