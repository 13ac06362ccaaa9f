"""What all tests share: one PostgreSQL a run, a migrated template, a database of its own for each test, and a browser.

``server`` starts the embedded PostgreSQL, once for all workers. ``database_url`` is a fresh database for one test,
``module_database_url`` one for a file of tests that only read or that clean up after themselves; ``db`` and
``module_db`` open the ORM on them. ``chromium`` is the path of a browser; tests that need one carry ``browser``.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from volunteer import embedded

FOLDER = "CITONG_TEST_FOLDER"
TEMPLATE = "template_citong"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

# Quick and narrow first, so that a plain mistake shows within seconds; of the slow ones the longest first, so that
# nobody waits for one of them at the end.
LONGEST = ("faults/test_upgrading", "faults/test_line", "faults/test_solving", "faults/test_restoring")
ORDER = ("test_shape.py", "dispatch/planner", "volunteer", "dispatch", "config", "stories", "e2e", *LONGEST, "faults")

# No test judges how long an example takes: a busy machine is no fault of the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """The program that was started by hand makes the run's folder; workers inherit its name."""
    if not hasattr(config, "workerinput"):
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a hundred programs are started: none compiles all anew
        memory = Path("/dev/shm")  # creating a database there takes a twentieth of the time
        roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
        folder = Path(tempfile.mkdtemp(prefix="citong-", dir=memory if roomy else None))
        folder.chmod(0o711)  # root's server runs as another account, which must pass through
        os.environ[FOLDER] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(tests).as_posix()
        return next((place for place, part in enumerate(ORDER) if path.startswith(part)), len(ORDER))

    items.sort(key=rank)


# ---- PostgreSQL ----


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """The run's own folder: a short path, on a quick disk, that any account may pass through. Gone after the run."""
    return Path(os.environ[FOLDER])


@pytest.fixture(scope="session")
def server(run_folder: Path) -> Iterator[embedded.Server]:
    with embedded.ensure(run_folder / "pg", durable=False) as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def admin(server: embedded.Server) -> AsyncIterator[asyncpg.Connection]:
    """A connection that makes and drops databases; the template stands when it is given out."""
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute("SELECT pg_advisory_lock(1)")  # one worker makes it, the others wait
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", TEMPLATE):
            await _make_template(connection, server)
        await connection.execute("SELECT pg_advisory_unlock(1)")
        yield connection
    finally:
        await connection.close()


async def _make_template(connection: asyncpg.Connection, server: embedded.Server) -> None:
    from dispatch import queue
    from volunteer import database

    await connection.execute("DROP DATABASE IF EXISTS template_making WITH (FORCE)")
    await connection.execute("CREATE DATABASE template_making")
    await database.migrate(server.url("template_making"))
    await queue.install(server.url("template_making"))
    await connection.execute(f"ALTER DATABASE template_making RENAME TO {TEMPLATE}")


@asynccontextmanager
async def _fresh(admin: asyncpg.Connection, server: embedded.Server) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    try:
        yield server.url(name)
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database_url(admin: asyncpg.Connection, server: embedded.Server) -> AsyncIterator[str]:
    async with _fresh(admin, server) as url:
        yield url


@pytest_asyncio.fixture(scope="module")
async def module_database_url(admin: asyncpg.Connection, server: embedded.Server) -> AsyncIterator[str]:
    async with _fresh(admin, server) as url:
        yield url


@pytest_asyncio.fixture
async def db(database_url: str) -> AsyncIterator[str]:
    """The ORM, opened on a fresh database; its address."""
    from volunteer import database

    async with database.opened(database_url):
        yield database_url


@pytest_asyncio.fixture(scope="module")
async def module_db(module_database_url: str) -> AsyncIterator[str]:
    """The ORM, opened on one database for the whole file. Not together with ``db`` in one file: one ORM a process."""
    from volunteer import database

    async with database.opened(module_database_url):
        yield module_database_url


# ---- the browser ----


def _browser() -> str | None:
    return os.environ.get("CITONG_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and _browser() is None:
        said = f"no browser found ({', '.join(BROWSERS)}); install one or name it in CITONG_BROWSER"
        if os.environ.get("CITONG_REQUIRE_BROWSER"):
            pytest.fail(said, pytrace=False)
        pytest.skip(said)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser."""
    path = _browser()
    assert path is not None, "a test that asks for chromium must carry the marker `browser`"
    return path
