"""Each part is killed for real; probes turn red, boards are told; and what works elsewhere is not missed."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from tortoise import connections

from dispatch import jobs, queue
from dispatch.app import watchdog
from dispatch.app.watchdog import Watchdog
from tests.dispatch import world
from tests.dispatch.app.test_build import running
from tests.dispatch.app.test_serve import follow, heard, signed
from tests.waiting import eventually
from volunteer import beats, database, journal, notices
from volunteer.act import now, system
from volunteer.journal import Writing
from volunteer.live import hub
from volunteer.models import Notice
from volunteer.notices import flow, holding

BOARD = "region:350502"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a minute holds, in seconds."""
    monkeypatch.setattr(watchdog, "EVERY_SECONDS", 0.2)
    monkeypatch.setattr(watchdog, "STARVED_SECONDS", 1.0)
    monkeypatch.setattr(jobs, "WATCH_SECONDS", 0.2)
    monkeypatch.setattr(hub, "LATE_SECONDS", 2.0)
    monkeypatch.setattr(flow, "PATIENCE", flow.timedelta(seconds=1))


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[int]:
    """The application on a free port; its lifespan is the caller's."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, ws="websockets-sansio", lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listening]))
    await eventually(lambda: server.started)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        app.state.hub.release()
        await task


def cancelled(name: str) -> None:
    """The task of that name is gone, as if it had never been started again."""
    (task,) = [one for one in asyncio.all_tasks() if one.get_name() == name]
    task.cancel()


def stopped(clock: jobs.Clock) -> None:
    cancelled("clock watch")
    assert clock._scheduler is not None
    clock._scheduler.pause()


async def ready(app: Starlette, client: httpx2.AsyncClient) -> None:
    async def green() -> bool:
        return (await client.get("/readyz")).status_code == 200

    await eventually(green)


async def red(client: httpx2.AsyncClient, part: str, *words: str) -> None:
    """Until the probe says so; that requests are served here stays true."""

    async def told() -> bool:
        answer = await client.get("/readyz")
        return answer.status_code == 503 and answer.json()[part] in words

    await eventually(told)


async def owed() -> None:
    tiny = await world.make()
    person = await tiny.person(email="a@example.org")
    until = now() + timedelta(days=365)
    await journal.writing(system(), lambda w: notices.owe(w, "event.cancelled", person.id, ref=uuid4(), until=until))
    await Notice.filter(channel="mail").update(due_at=now())


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A mail server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent.getsockname()[1]


async def test_a_clock_that_stops_turns_the_house_red_and_the_board_is_told(
    db: str, web: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = await world.make()
    _, boss = await signed(tiny, coordinator="350502")
    person, own = await signed(tiny)
    async with running(db, web) as (app, client), served(app) as port:
        await ready(app, client)
        board = await follow(port, boss, BOARD)
        phone = await follow(port, own, f"volunteer:{person.id}")
        stopped(app.state.parts.clock)
        await red(client, "clock", "late")
        assert (await client.get("/readyz/here")).status_code == 200
        assert await word(board) == ["clock"]
        late = await follow(port, boss, BOARD, before=(frames := []))
        assert {"k": "health", "ill": ["clock"]} in frames, "who comes later hears it with the greeting"
        assert 'citong_part{part="clock"} 0.0' in (await client.get("/metrics")).text
        # It goes on: the board hears that, too.
        app.state.parts.clock._scheduler.resume()
        await ready(app, client)
        assert await word(board) == []
        await late.close()
        await journal.writing(system(), _said(f"volunteer:{person.id}"))
        assert (await heard(phone))["k"] == "ev", "phones are told nothing of this"


def _said(topic: str) -> Any:
    async def verb(w: Writing) -> None:
        w.entry("thing.done", topics=[topic], body={})

    return verb


async def word(line: Any) -> list[str]:
    while (frame := await heard(line))["k"] != "health":
        continue
    return list(frame["ill"])


async def test_canary_a_watchdog_that_looks_at_nothing_stays_green(
    db: str, web: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watchdog, "_own", lambda _: {"clock": True, "queue": True, "live": True})
    async with running(db, web) as (app, client):
        await ready(app, client)
        stopped(app.state.parts.clock)
        await eventually(lambda: not app.state.parts.clock.alive)
        assert (await client.get("/readyz")).status_code == 200


async def test_a_watchdog_that_stumbles_again_and_again_is_ill_itself(
    db: str, web: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(db, web) as (app, client):
        await ready(app, client)
        monkeypatch.setattr(watchdog, "LATE_SECONDS", 1.0)

        def stumble(*_: object) -> None:
            raise RuntimeError("no way to tell")

        monkeypatch.setattr(Watchdog, "_tell", stumble)
        await red(client, "watchdog", "late")


async def test_a_worker_that_dies_and_one_that_takes_nothing(db: str, web: Path) -> None:
    async with running(db, web) as (app, client):
        await ready(app, client)
        await journal.writing(system(), lambda w: queue.put(w, "nobody takes this", {}))
        await red(client, "queue", "stuck")
        await connections.get("default").execute_query("DELETE FROM pgqueuer")
        await ready(app, client)
        cancelled("queue worker")
        await red(client, "queue", "late")


async def test_what_works_elsewhere_is_not_missed_until_its_beats_end(db: str, web: Path) -> None:
    async with running(db, web) as (app, client):
        await ready(app, client)
        cancelled("queue worker")
        await red(client, "queue", "late")
        await connections.get("default").execute_query(
            "INSERT INTO beat VALUES ('queue', gen_random_uuid(), now(), now() + interval '1 second')"
        )
        found = (await client.get("/readyz")).json()
        assert found["queue"] == "elsewhere"
        await red(client, "queue", "late")


async def test_a_live_line_that_hears_nothing(db: str, web: Path) -> None:
    async with running(db, web) as (app, client):
        await ready(app, client)
        cancelled("live _look")
        await red(client, "live", "late")
        assert (await client.get("/readyz/here")).status_code == 503


@pytest.mark.parametrize(("seconds", "words"), [(60, "stuck"), (1, "away")])
async def test_mail_into_a_black_hole(db: str, web: Path, black_hole: int, seconds: int, words: str) -> None:
    given = {"mail_host": "127.0.0.1", "mail_port": black_hole, "mail_tls": "none", "mail_timeout": seconds}
    async with running(db, web, **given) as (app, client):
        await ready(app, client)
        await owed()
        await red(client, "mail", words)
        assert (await client.get("/readyz/here")).status_code == 200


async def test_mail_that_is_held_is_said_and_fails_nothing(db: str, web: Path, black_hole: int) -> None:
    tiny = await world.make()
    _, boss = await signed(tiny, coordinator="350502")
    await connections.get("default").execute_script(holding.HOLD)
    async with running(db, web, mail_host="127.0.0.1", mail_port=black_hole) as (app, client), served(app) as port:
        await ready(app, client)
        assert (await client.get("/readyz")).json()["mail"] == "held"
        await eventually(lambda: bool(app.state.lines._ill))
        board = await follow(port, boss, BOARD, before=(frames := []))
        assert {"k": "health", "ill": ["mail.held"]} in frames
        await board.close()


async def test_a_database_that_takes_no_writes(db: str, web: Path, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "LATE_SECONDS", 1.0)
    name = db.partition("@/")[2].partition("?")[0]
    async with running(db, web) as (app, client):
        await ready(app, client)
        await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
            name,
        )
        await red(client, "database", "takes no writes")
        assert (await client.get("/readyz/here")).status_code == 200, "what can be read is read"
        await admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
            name,
        )
        await ready(app, client)


async def test_a_process_that_ends_politely_is_missed_by_nobody(db: str, web: Path) -> None:
    async with running(db, web) as (app, client):
        await ready(app, client)
        await eventually(lambda: _beats(3))
    async with database.opened(db):
        assert not await _rows("SELECT 1 FROM beat")


async def _beats(count: int) -> bool:
    return len(await _rows("SELECT part FROM beat WHERE due_at > clock_timestamp()")) == count


async def _rows(query: str) -> list[Any]:
    return list(await connections.get("default").execute_query_dict(query))


async def test_old_beats_are_forgotten(db: str) -> None:
    await beats.beat(["clock"])
    await connections.get("default").execute_query("UPDATE beat SET due_at = now() - interval '2 hours'")
    await journal.writing(system(), beats.sweep)
    assert not await _rows("SELECT 1 FROM beat")
