"""A house with the built faces, a tiny town in it, and a browser that visits."""

import fcntl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import ROOT, House, housed
from tests.e2e.visits import Visits
from tests.waiting import PATIENCE

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def faces(run_folder: Path) -> None:
    """The front end is built from the sources that lie here; one worker builds it, the others wait."""
    with (run_folder / "faces.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        hook = [sys.executable, "frontend/build_hook.py", "build"]
        built = subprocess.run(hook, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    if built.returncode or not (ROOT / "frontend/dist/index.html").is_file():
        pytest.fail(f"the front end cannot be built; run: make frontend\n{built.stdout}{built.stderr}", pytrace=False)


@pytest.fixture(scope="module")
def house_settings() -> dict[str, object]:
    """What a file of tests wants to be set otherwise in its house."""
    return {}


@pytest_asyncio.fixture(scope="module")
async def house(
    faces: None, module_db: str, run_folder: Path, house_settings: dict[str, object]
) -> AsyncIterator[House]:
    async with housed(module_db, run_folder / f"house-{uuid4().hex}.log", **house_settings) as house:
        yield house


@pytest_asyncio.fixture(scope="module")
async def tiny(module_db: str) -> World:
    return await world.make()


# A line that was cut several times may wait half a minute before it comes back.
expect.set_options(timeout=2 * PATIENCE * 1000)


@pytest_asyncio.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def visits(browser: Browser, house: House) -> AsyncIterator[Visits]:
    """Opens pages; none of them may have thrown an error that nobody caught."""
    made = Visits(browser, house)
    yield made
    await made.end()
    assert made.errors == []
