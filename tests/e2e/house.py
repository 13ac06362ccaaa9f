"""The real program, as an operator starts it: a process with a port and a database of its own, to be killed at will."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import httpx2

from tests.waiting import PATIENCE
from volunteer import signin
from volunteer.act import system
from volunteer.models import Volunteer

ROOT = Path(__file__).parents[2]


class House:
    """``settings`` become CITONG_ variables. What it says goes to ``log``. ``program``: the module that is run, of the
    sources below ``root``."""

    program, root = "dispatch", ROOT

    def __init__(self, url: str, log: Path, **settings: object) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.home = f"http://127.0.0.1:{self.port}"
        self.log = log
        given = {"database_url": url, "public_url": self.home, "pool": 6, "var": log.parent / "var", **settings}
        clean = {key: value for key, value in os.environ.items() if not key.startswith("CITONG_")}
        self._environment = clean | {f"CITONG_{name.upper()}": str(value) for name, value in given.items()}
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Return when it says that it is ready."""
        self._process = self._begun()
        async with httpx2.AsyncClient() as client:
            for _ in range(PATIENCE * 20):
                if self._process.poll() is not None:
                    raise AssertionError(f"the server ended with {self._process.returncode}:\n{self.said()}")
                try:
                    if (await client.get(f"{self.home}/readyz")).status_code == 200:
                        return
                except httpx2.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"the server is not ready after {PATIENCE} s:\n{self.said()}")

    def _begun(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", self.program, "serve", "--port", str(self.port)],
                cwd=self.root, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self) -> None:
        """As by ``kill -9``."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def tell(self, number: signal.Signals) -> None:
        """Send the signal and go on; :meth:`ended` waits."""
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Its status, once it has ended by itself."""
        assert self._process is not None
        status = await asyncio.to_thread(self._process.wait, PATIENCE)
        self._process = None
        return status

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _end(self, number: signal.Signals) -> None:
        """Nothing is left of it, even when it does not end as it was told."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(number)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise

    def said(self) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-40:])

    async def link(self, person: Volunteer, face: str, path: str = "", **query: object) -> str:
        """An address that signs this person in and opens a page of that face."""
        made = await signin.link(system(), person.id, face, public_url=self.home)
        base, _, token = made.partition("#")
        return f"{base}{path}{'?' if query else ''}{urlencode(query)}#{token}"

    @asynccontextmanager
    async def client(self, person: Volunteer) -> AsyncIterator[httpx2.AsyncClient]:
        """A program that acts for this person over HTTP; each request gets a key of its own."""
        if person.email is None:
            person.email = f"{person.number}@citong.test"
            await person.save(update_fields=["email"])
        headers = {"authorization": f"Bearer {await signin.token(system(), person.email)}", "accept-language": "en"}

        async def keyed(request: httpx2.Request) -> None:
            request.headers["idempotency-key"] = uuid4().hex

        async with httpx2.AsyncClient(
            base_url=self.home, headers=headers, event_hooks={"request": [keyed]}, timeout=PATIENCE
        ) as client:
            yield client

    async def post(self, person: Volunteer, path: str, body: dict[str, object] | None = None) -> httpx2.Response:
        async with self.client(person) as client:
            return await client.post(path, json=body or {})


@asynccontextmanager
async def housed(url: str, log: Path, kind: type[House] = House, **settings: object) -> AsyncIterator[House]:
    house = kind(url, log, **settings)
    try:
        await house.start()
        yield house
    finally:
        house.stop()
