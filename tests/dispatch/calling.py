"""What tests of waves share: a policy without a night, people in a line, short words for what they do."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from dispatch import settings
from dispatch.models import Assignment, Call, Need
from dispatch.offers import limits, waves
from dispatch.roster import assignments
from tests.dispatch import world
from tests.dispatch.world import World, itself

DAY_AND_NIGHT = "[asking]\nquiet_from = 08:00:00\nquiet_until = 08:00:00\n"


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The policy's defaults, without a night: tests run at any hour."""
    file = tmp_path / "policy.toml"
    file.write_text(DAY_AND_NIGHT)
    monkeypatch.setenv("CITONG_POLICY", str(file))
    settings.policy.cache_clear()
    yield file
    settings.policy.cache_clear()


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def crowd(tiny: World, count: int) -> list[UUID]:
    """So many people, the first living nearest: the order in which they are asked."""
    people = [await tiny.person(lat=24.91 - 0.02 * i, lon=118.59) for i in range(count)]
    return [person.id for person in people]


async def asked(need: Need) -> list[UUID]:
    lines = await Assignment.filter(need_id=need.id).order_by("offered_at", "id")
    return [line.volunteer_id for line in lines]


async def of(need: Need) -> Call:
    return await Call.get(need_id=need.id)


async def sweep() -> int:
    return await waves.sweep(itself())


async def say_no(need: Need) -> None:
    line = await Assignment.get(need_id=need.id, status="offered")
    await assignments.decline(world.by(await line.volunteer), line.id)


async def automatic(waves_: int = 4, contacts: int = 20) -> None:
    await limits.put(itself(), "automatic", waves_, contacts, region="350502")
