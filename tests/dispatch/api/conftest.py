"""The work's doors over real rows, and people who are signed in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from dispatch.app.build import MODULES
from tests.dispatch import world
from tests.dispatch.world import START, World
from tests.volunteer.api.conftest import application
from volunteer import signin
from volunteer.act import system
from volunteer.models import Role, Volunteer
from volunteer.settings import Settings

Client = httpx2.AsyncClient
SignIn = Callable[..., Awaitable[Client]]


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


@pytest.fixture
def settings() -> Settings:
    return Settings(public_url="http://citong.test")


@pytest_asyncio.fixture
async def as_(tiny: World, settings: Settings) -> AsyncIterator[SignIn]:
    """``await as_(person, role="coordinator", region="350502")``: a client that is this person."""
    app = application(list(MODULES), settings)
    opened: list[Client] = []

    async def signed(person: Volunteer, *, role: str = "", region: str = world.TOWN) -> Client:
        if role:
            since = START - timedelta(days=9)
            await Role.create(id=uuid4(), volunteer_id=person.id, role=role, region_id=region, since=since)
        if person.email is None:
            person.email = f"{person.number}@citong.test"
            await person.save()
        token = await signin.token(system(), person.email)
        client = Client(
            transport=httpx2.ASGITransport(app=app),
            base_url=settings.public_url,
            headers={"authorization": f"Bearer {token}", "accept-language": "en"},
        )
        opened.append(client)
        return client

    yield signed
    for client in opened:
        await client.aclose()


def key() -> dict[str, str]:
    return {"idempotency-key": uuid4().hex}
