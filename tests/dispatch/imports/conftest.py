"""What tests of imports share: files, a small country to import into, and one coordinator."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatch import imports
from tests.dispatch.imports.country import REGIONS, SKILLS
from volunteer.act import Act, Actor, Grant, system

AT = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def act() -> Act:
    return system(AT)


@pytest.fixture
def coordinator() -> Act:
    """Of 丰泽区 alone."""
    return Act(Actor(uuid4(), (Grant("coordinator", region="350503"),)), AT)


@pytest.fixture
def put(tmp_path: Path):
    """Write a file, give its path."""

    def put(text: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return put


@pytest_asyncio.fixture
async def country(db: str, act: Act, put) -> None:
    assert (await imports.regions(act, put(REGIONS))).ok
    assert (await imports.skills(act, put(SKILLS))).ok
