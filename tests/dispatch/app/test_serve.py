"""Real processes: two on one database tell each other, ends are polite, failed starts say one line, nothing stays."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dispatch import queue
from dispatch.models import Draft
from tests.dispatch import world
from tests.dispatch.app.program import PATIENCE, Program, started
from tests.dispatch.world import World, by
from tests.waiting import eventually
from volunteer import database, journal, people, signin
from volunteer.act import now, system
from volunteer.models import Volunteer
from volunteer.spans import Span

BOARD = "region:350502"


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


async def signed(tiny: World, **roles: str) -> tuple[Volunteer, dict[str, str]]:
    person = await tiny.person(email=f"{len(tiny.people)}@example.org")
    for role, region in roles.items():
        await people.grant(system(), person.id, role, region=region)
    return person, {"Authorization": f"Bearer {await signin.token(system(), person.email or '')}"}


async def port(program: Program) -> int:
    return await asyncio.to_thread(lambda: program.port)


async def ended(program: Program) -> int:
    return await asyncio.to_thread(program.ended)


async def follow(
    at: int, headers: dict[str, str], *topics: str, before: list[dict[str, Any]] | None = None
) -> ClientConnection:
    """A line that has caught up; ``before`` gets what was heard until then."""
    line = await connect(
        f"ws://127.0.0.1:{at}/live", additional_headers=headers, compression=None, proxy=None, open_timeout=PATIENCE
    ).__aenter__()
    heads = await journal.heads(topics)
    await line.send(json.dumps({"k": "hello", "v": 1, "since": {"epoch": await journal.epoch()} | heads}))
    for _ in topics:
        while (frame := await heard(line))["k"] != "live":
            (before if before is not None else []).append(frame)
    return line


async def heard(line: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        frame: dict[str, Any] = json.loads(await line.recv())
    return frame


async def closed(line: ClientConnection) -> list[Any]:
    """The frames up to the end, and its code."""
    frames: list[Any] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                frames.append(json.loads(await line.recv()))
    except ConnectionClosed as end:
        return [*frames, end.rcvd.code if end.rcvd else 1006]


@pytest_asyncio.fixture
async def pair(db: str, tiny: World, tmp_path: Path) -> AsyncIterator[tuple[Program, Program]]:
    with (
        started(tmp_path, database_url=db, port=0) as one,
        started(tmp_path, database_url=db, port=0, log_json="true") as two,
    ):
        await port(one)
        yield one, two


async def test_two_processes_tell_each_other_and_end_politely(pair: tuple[Program, Program], tiny: World) -> None:
    one, two = await port(pair[0]), await port(pair[1])
    _, boss = await signed(tiny, coordinator="350502")
    person, own = await signed(tiny)
    need = await tiny.need()
    line = await tiny.offered(need, person)
    board = await follow(two, boss, BOARD)
    phone = await follow(two, own, f"volunteer:{person.id}", f"event:{(await need.shift).event_id}")
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{one}", trust_env=False, timeout=PATIENCE) as client:
        answer = await client.post(
            f"/api/assignments/{line.id}/accept", json={}, headers=own | {"Idempotency-Key": "k1"}
        )
        assert answer.status_code == 200, answer.text
        entry = await heard(board)
        assert (entry["t"], entry["e"], entry["d"]["assignment"]["id"]) == (BOARD, "assignment.accepted", str(line.id))
        assert {(await heard(phone))["t"].partition(":")[0] for _ in range(2)} == {"volunteer", "event"}
        # P-13: signed out there, closed here.
        assert (await client.post("/api/signout", headers=own | {"Idempotency-Key": "k2"})).status_code == 204
    assert (await closed(phone))[-1] == 4501
    # P-14: told to come back, closed as a restart, and gone with status 0.
    pair[1].signal(signal.SIGTERM)
    frames = await closed(board)
    assert frames[-1] == 1012
    assert frames[-2]["k"] == "bye"
    assert await ended(pair[1]) == 0
    pair[0].signal(signal.SIGINT)
    assert await ended(pair[0]) == 0
    for program in pair:
        assert "Traceback" not in program.log
        assert "rror" not in program.log, program.log
    assert all(json.loads(said)["level"] for said in pair[1].log.splitlines())


async def test_p14_what_is_under_way_is_answered_before_the_end(
    pair: tuple[Program, Program], tiny: World, db: str
) -> None:
    one = await port(pair[0])
    person, own = await signed(tiny)
    line = await tiny.offered(await tiny.need(), person)
    holding: Any = await asyncpg.connect(database.dsn(db))
    held = holding.transaction()
    await held.start()
    await holding.execute("SELECT 1 FROM volunteer WHERE id = $1 FOR UPDATE", person.id)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{one}", trust_env=False, timeout=PATIENCE) as client:
        poll = asyncio.create_task(
            client.get("/api/entries", headers=own, params={"topic": f"volunteer:{person.id}", "since": 1, "wait": 25})
        )
        tap = asyncio.create_task(
            client.post(f"/api/assignments/{line.id}/accept", json={}, headers=own | {"Idempotency-Key": "k"})
        )
        await asyncio.sleep(1)
        pair[0].signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        await held.rollback()
        assert (await tap).status_code == 200
        assert (await poll).status_code == 200
    await holding.close()
    assert await ended(pair[0]) == 0


async def test_several_processes_behind_one_port(db: str, tiny: World, tmp_path: Path) -> None:
    _, boss = await signed(tiny, coordinator="350502")
    with started(tmp_path, database_url=db, port=0, workers=2) as program:
        await asyncio.to_thread(_up, program, 2)
        at = await port(program)
        lines = [await follow(at, boss, BOARD) for _ in range(4)]
        await journal.writing(system(), _nothing)
        for line in lines:
            assert (await heard(line))["e"] == "thing.done"
        children = _children(program.process.pid)
        fallen = children[0]
        os.kill(fallen, signal.SIGKILL)
        await asyncio.to_thread(_up, program, 3)
        assert fallen not in _children(program.process.pid)
        last = await follow(at, boss, BOARD)
        program.signal(signal.SIGTERM)
        assert (await closed(last))[-1] == 1012
        assert await ended(program) == 0


async def test_processes_die_with_their_parent(db: str, tiny: World, tmp_path: Path) -> None:
    with started(tmp_path, database_url=db, port=0, workers=2) as program:
        await asyncio.to_thread(_up, program, 2)
        children = _children(program.process.pid)
        assert len(children) == 2
        program.signal(signal.SIGKILL)
        await eventually(lambda: not any(_alive(child) for child in children))


async def _nothing(w: journal.Writing) -> None:
    w.entry("thing.done", topics=[BOARD], body={})


def _up(program: Program, count: int) -> None:
    import time

    deadline = time.monotonic() + PATIENCE
    while program.log.count("serving http") < count:
        assert time.monotonic() < deadline, program.log
        time.sleep(0.1)


def _children(pid: int) -> list[int]:
    """Serving processes alone: multiprocessing keeps one of its own beside them."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [int(child) for child in found if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()]


def _alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("ascii")
    except FileNotFoundError:
        return False


async def test_a_worker_alone_runs_plans_and_ends(db: str, tiny: World, tmp_path: Path) -> None:
    from dispatch.planning import plans

    boss, _ = await signed(tiny, coordinator="350502")
    await tiny.need()
    window = Span(world.START.replace(hour=0), world.START.replace(hour=0) + (world.START - now()) * 2)
    actor = by(boss).actor
    from volunteer.act import Act, Actor, Grant

    draft = await plans.run(Act(Actor(actor.id, (Grant("coordinator", "350502"),)), now()), "350502", window, seconds=5)
    with started(tmp_path, "work", database_url=db) as program:

        async def ready() -> bool:
            assert program.process.poll() is None, program.log
            return (await Draft.get(id=draft.id)).state == "ready"

        async with asyncio.timeout(PATIENCE):
            while not await ready():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        program.signal(signal.SIGTERM)
        assert await ended(program) == 0
    assert (await queue.state())["picked"] == 0


async def test_the_embedded_database_comes_and_goes_with_the_program(tmp_path: Path) -> None:
    with started(tmp_path, port=0) as program:
        at = await port(program)
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{at}", trust_env=False) as client:
            assert (await client.get("/readyz")).json()["database"] == "ok"
        program.signal(signal.SIGTERM)
        assert await ended(program) == 0
    assert not list((tmp_path / "var").rglob("postmaster.pid"))


@pytest.mark.parametrize("workers", [1, 2])
async def test_p26_a_failed_start_says_one_line(tmp_path: Path, workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        cases: list[tuple[dict[str, object], str]] = [
            ({"port": busy}, "choose another with --port"),
            ({"port": 0, "database_url": "postgres://u:p@127.0.0.1:1/x"}, "mend CITONG_DATABASE_URL"),
        ]
        for settings, words in cases:
            with started(tmp_path, workers=workers, **settings) as program:
                assert await ended(program) == 1
                assert words in program.log
                assert program.log.count("\n") == 1
                assert ":p@" not in program.log


async def test_p26_more_connections_than_the_database_has(db: str, tmp_path: Path) -> None:
    with started(tmp_path, port=0, database_url=db, workers=3, pool=40) as program:
        assert await ended(program) == 1
        assert "lower CITONG_POOL or CITONG_WORKERS" in program.log
        assert program.log.count("\n") == 1


async def test_p26_a_database_that_is_not_ours(db: str, tmp_path: Path) -> None:
    with started(tmp_path, port=0, database_url=db.replace("/test_", "/lost_", 1)) as program:
        assert await ended(program) == 1
        assert "CITONG_DATABASE_URL" in program.log
        assert program.log.count("\n") == 1
