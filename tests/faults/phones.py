"""Phones that tap over HTTP, each for one person."""

import ssl
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import httpx2

from tests.waiting import PATIENCE
from volunteer import codes, signin
from volunteer.act import system
from volunteer.models import Session, Volunteer

# None of these phones speaks TLS. A client that reads all the world's authorities first takes two hundred times as long
# to make, and nobody else gets on meanwhile.
NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def token(person: Volunteer) -> dict[str, str]:
    if person.email is None:
        person.email = f"{person.number}@citong.test"
        await person.save(update_fields=["email"])
    return {"authorization": f"Bearer {await signin.token(system(), person.email)}", "accept-language": "en"}


class Phones:
    """Clients of their own, each on one of the houses in turn; what they were told, by assignment."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._heads: dict[str, dict[str, str]] = {}
        self._limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)

    async def know(self, *people: Volunteer) -> None:
        """Tokens come as rows: there are many people, and how one signs in is not what they are here for."""
        rows, at = [], datetime.now(UTC)
        for person in people:
            secret = codes.secret()
            row = Session(id=uuid4(), volunteer_id=person.id, kind="token", digest=codes.digest(secret))
            row.created_at, row.expires_at = at, at + timedelta(days=1)
            rows.append(row)
            self._heads[str(person.id)] = {"authorization": f"Bearer {secret}", "accept-language": "en"}
        await Session.bulk_create(rows, batch_size=500)

    async def post(
        self, client: httpx2.AsyncClient, number: int, person: Volunteer, path: str, key: str = ""
    ) -> httpx2.Response:
        headers = self._heads[str(person.id)] | {"idempotency-key": key or uuid4().hex}
        url = f"http://127.0.0.1:{self._ports[number % len(self._ports)]}{path}"
        return await client.post(url, headers=headers, json={})

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(limits=self._limits, timeout=PATIENCE * 4, verify=NO_TLS)
