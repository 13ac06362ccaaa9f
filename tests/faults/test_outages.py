"""P-19 and P-21: a database that restarts, cuts everybody off, is full or may only be read is answered for by 503 with
a reason; nothing that was acknowledged is lost, nothing is half done, and all heals by itself.
"""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from tests.conftest import TEMPLATE
from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import House, housed
from tests.faults.mutilated import Mutilated
from tests.faults.phones import token
from tests.faults.taps import Offers, Taps, broken, offers
from tests.waiting import PATIENCE, eventually
from volunteer import backups, database, embedded, postgres
from volunteer.models import Volunteer

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
RESTARTS: Final = 5 if LONG else 1
STORMS: Final = 10 if LONG else 3
OFFERS: Final = 600 if LONG else 80

CUT: Final = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""

# The canary: nobody knows that a database may be away.
CLUELESS: Final = """
from volunteer.api import problem
problem.GONE, problem._BUSY_STATES, problem._UNWRITABLE = (), frozenset(), {}
"""


# ---- P-19: it restarts, it cuts everybody off ----


@pytest_asyncio.fixture
async def own(database_url: str, run_folder: Path, tmp_path: Path) -> AsyncIterator[embedded.Server]:
    """A PostgreSQL that may be hurt, and that forgets nothing when it is; its tables come from a backup."""
    with embedded.ensure(run_folder / f"own-{uuid4().hex[:6]}") as server:
        await backups.dump(database_url, tmp_path / "empty")
        await backups.restore(server.url(), tmp_path / "empty", hold=False)
        yield server
        control(server, "stop")  # who restarted it did not hand on the lock by which it is known to run


def control(server: embedded.Server, *words: str) -> None:
    home = (server.folder / "server").resolve()
    who = postgres.account(home)
    failed, said = postgres.run(
        [f"{server.programs}/pg_ctl", *words, "-w", "-s", "-D", f"{home}/data", "-l", f"{home}/log"], who
    )
    assert not failed, said


async def cut(url: str) -> None:
    connection: Any = await asyncpg.connect(database.dsn(url))
    try:
        await connection.execute(CUT)
    finally:
        await connection.close()


@asynccontextmanager
async def outages(server: embedded.Server, house: House) -> AsyncIterator[tuple[World, Taps]]:
    """Phones tap while the database is taken away, again and again; afterwards they are all answered."""
    async with AsyncExitStack() as stack:
        await house.start()
        stack.callback(house.stop)
        await stack.enter_async_context(database.opened(server.url()))
        tiny = await world.make()
        taps = Taps(house, await offers(tiny, OFFERS), pause=0.1)
        async with taps.running() as ledger:
            await eventually(lambda: len(ledger.told) > 5)
            for _ in range(STORMS):
                await cut(server.url())
                await asyncio.sleep(0.2)
            for _ in range(RESTARTS):
                await asyncio.to_thread(control, server, "restart", "-m", "immediate")
                before = len(ledger.told)
                await eventually(lambda before=before: len(ledger.told) > before + 5)
            assert taps.left, "the last outages met nobody"
        yield tiny, taps


async def ready(house: House) -> None:
    async with httpx2.AsyncClient() as client:

        async def green() -> bool:
            return (await client.get(f"{house.home}/readyz")).status_code == 200

        await eventually(green)


async def test_p19_a_database_that_restarts_is_waited_for_and_nothing_is_lost(
    own: embedded.Server, run_folder: Path
) -> None:
    house = House(own.url(), run_folder / f"outage-{uuid4().hex}.log", pool=8)
    async with outages(own, house) as (_, taps):
        assert set(taps.ledger.told.values()) == {200}, house.said()
        assert taps.ledger.put_off["busy"] > 0
        assert await broken(taps.ledger) == []
        await ready(house)
    assert "logged as" not in house.log.read_text("utf-8"), "an answer that nobody foresaw"


async def test_p19_canary_a_server_that_knows_of_no_outage_breaks(own: embedded.Server, run_folder: Path) -> None:
    house = Mutilated(own.url(), run_folder / f"clueless-{uuid4().hex}.log", CLUELESS, pool=8)
    async with outages(own, house) as (_, taps):
        assert 500 in taps.ledger.told.values()


# ---- P-21: it is full, or may only be read ----


@contextmanager
def disk(folder: Path, who: Any) -> Iterator[Path]:
    """A small one, with a folder that PostgreSQL's account owns."""
    at = folder / f"disk-{uuid4().hex[:6]}"
    at.mkdir(mode=0o711)
    words = ["mount", "-t", "tmpfs", "-o", "size=64m,mode=0711", "citong", str(at)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("a small disk of its own needs the right to mount one")
    try:
        (at / "space").mkdir(mode=0o700)
        if who:
            os.chown(at / "space", who.pw_uid, who.pw_gid)
        yield at / "space"
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


async def stuffed(connection: Any) -> None:
    """Until the last row of the last page has no room."""
    await connection.execute("CREATE TABLE filler (t text); ALTER TABLE filler ALTER t SET STORAGE PLAIN")
    for size in (7_000, 900, 90):
        try:
            while True:
                await connection.execute("INSERT INTO filler SELECT repeat('x', $1) FROM generate_series(1, 50)", size)
        except asyncpg.DiskFullError:
            continue


@asynccontextmanager
async def full(server: embedded.Server, admin: Any, folder: Path) -> AsyncIterator[tuple[str, Any, Any]]:
    """A database on a disk of its own, how that is filled, and how it gets room again."""
    name = f"full_{uuid4().hex[:12]}"

    async def run(work: Any) -> None:
        connection: Any = await asyncpg.connect(database.dsn(server.url(name)))
        try:
            await work(connection)
        finally:
            await connection.close()

    with disk(folder, postgres.account((server.folder / "server").resolve())) as place:
        await admin.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'")
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} TABLESPACE {name} STRATEGY FILE_COPY")
        yield server.url(name), lambda: run(stuffed), lambda: run(lambda to: to.execute("DROP TABLE filler"))
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.execute(f"DROP TABLESPACE {name}")


@asynccontextmanager
async def barred(server: embedded.Server, admin: Any, folder: Path) -> AsyncIterator[tuple[str, Any, Any]]:
    """A database that may only be read, as one that follows another."""
    name = f"barred_{uuid4().hex[:12]}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")

    async def fill() -> None:
        await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await cut(server.url(name))

    async def free() -> None:
        await admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await cut(server.url(name))

    yield server.url(name), fill, free
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def refused(house: House, made: Offers, boss: Volunteer, fill: Any, code: str) -> None:
    """What can be read is read; what would be written is refused with the reason; probes are red."""
    heads = await token(boss)
    person, line = made[0]
    own = await token(person)
    await fill()
    async with httpx2.AsyncClient(base_url=house.home, timeout=PATIENCE, trust_env=False) as client:

        async def said() -> bool:
            path = f"/api/assignments/{line.id}/accept"
            answer = await client.post(path, headers=own | {"idempotency-key": uuid4().hex}, json={})
            assert answer.status_code in (200, 503), house.said()
            return answer.status_code == 503 and answer.json()["code"] == code

        async def red() -> bool:
            return (await client.get("/readyz")).status_code == 503

        await eventually(said)
        assert (await client.get("/api/me", headers=heads)).status_code == 200
        assert (await client.get("/api/events", headers=heads)).status_code == 200
        await eventually(red)


@pytest.mark.parametrize(("way", "code"), [(full, "no_room"), (barred, "read_only")])
async def test_p21_a_database_that_takes_no_writes_is_read_and_heals(
    server: embedded.Server, admin: Any, run_folder: Path, way: Any, code: str
) -> None:
    async with (
        way(server, admin, run_folder) as (url, fill, free),
        database.opened(url),
        housed(url, run_folder / f"{code}-{uuid4().hex}.log", pool=8) as house,
    ):
        tiny = await world.make()
        boss = await tiny.person(email="boss@example.org")
        made = await offers(tiny, 40)
        await refused(house, await offers(tiny, 1), boss, fill, code)
        taps = Taps(house, made)
        await free()
        await ready(house)
        async with taps.running() as ledger:
            await eventually(lambda: len(ledger.told) == len(made))
        assert set(ledger.told.values()) == {200}
        assert await broken(ledger) == []
        assert "logged as" not in house.log.read_text("utf-8"), "an answer that nobody foresaw"


async def test_p21_canary_a_server_that_knows_no_reason_breaks(
    server: embedded.Server, admin: Any, run_folder: Path
) -> None:
    async with barred(server, admin, run_folder) as (url, fill, _), database.opened(url):
        tiny = await world.make()
        ((person, line),) = await offers(tiny, 1)
        own = await token(person)
        house = Mutilated(url, run_folder / f"clueless-{uuid4().hex}.log", CLUELESS, pool=8)
        await house.start()
        try:
            await fill()
            path = f"{house.home}/api/assignments/{line.id}/accept"
            async with httpx2.AsyncClient(timeout=PATIENCE, trust_env=False) as client:

                async def broke() -> bool:
                    answer = await client.post(path, headers=own | {"idempotency-key": uuid4().hex}, json={})
                    return answer.status_code == 500

                await eventually(broke)
        finally:
            house.stop()
