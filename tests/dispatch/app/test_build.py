"""The composed program: every door is there, the faces fall back to their pages, health tells the truth."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from dispatch import app as program
from dispatch.app import parts, watchdog
from dispatch.app.faces import Faces
from tests.dispatch import world
from tests.waiting import eventually
from volunteer import beats, live
from volunteer.act import Actor, Grant
from volunteer.api.doors import doors
from volunteer.errors import Missing
from volunteer.models import Notice
from volunteer.settings import Settings

HOME = "http://citong.test"


@asynccontextmanager
async def running(url: str, web: Path, **settings: object) -> AsyncIterator[tuple[Starlette, httpx2.AsyncClient]]:
    app = program.build(Settings(database_url=SecretStr(url), public_url=HOME, **settings), web=web)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app, client=("127.0.0.1", 5)), base_url=HOME) as client,
    ):
        yield app, client


def test_openapi_names_every_door_once() -> None:
    paths = program.openapi()["paths"]
    listed = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert listed == {(door.method, door.path) for door in doors(list(program.build.__globals__["MODULES"]))}
    assert ("GET", "/api/entries") in listed
    assert ("POST", "/api/assignments/{id}/accept") in listed


async def test_faces_doors_and_health_share_one_port(database_url: str, web: Path) -> None:
    async with running(database_url, web) as (app, client):
        for path, title in [
            ("/", "start"), ("/phone/", "phone"), ("/phone/offers/7", "phone"), ("/desk/events", "desk"),
            ("/board/", "board"),
        ]:  # fmt: skip
            answer = await client.get(path)
            assert (answer.status_code, title in answer.text) == (200, True), path
            assert answer.headers["cache-control"] == "no-cache"
            assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert (await client.get("/phone")).headers["location"] == "/phone/"
        assert (await client.get("/phone/worker.js")).headers["cache-control"] == "no-cache"
        for path in ("/phone/x.js", "/assets/nothing.js", "/secret.txt", "/../secret.txt", "/%2e%2e/secret.txt",
                     "/phone/..%2f..%2fsecret.txt", "/.vite/manifest.json", "/nothing"):  # fmt: skip
            assert (await client.get(path)).status_code == 404, path
        for path in ("/api/nothing", "/api/", "/api/assignments/x/y/z"):
            assert (await client.get(path)).json()["code"] == "missing", path
        assert (await client.put("/api/me", json={})).headers["allow"].count(",") == 2
        assert (await client.get("/api/signout")).status_code == 405
        assert (await client.get("/api/me")).status_code == 401
        assert (await client.get("/api/openapi.json")).json()["openapi"] == "3.1.0"
        assert (await client.get("/healthz")).json() == {"ok": True}
        await eventually(lambda: app.state.parts.worker.connected)
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            200, {"database": "ok", "clock": "ok", "queue": "ok", "mail": "off", "live": "ok"},
        )  # fmt: skip


async def test_hashed_assets_are_kept_for_ever_and_travel_packed(database_url: str, web: Path) -> None:
    async with running(database_url, web) as (_, client):
        answer = await client.get("/assets/phone-BemkMD63.js")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.text == "let x;" * 400
        plain = await client.get("/assets/phone-BemkMD63.js", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        again = await client.get("/assets/phone-BemkMD63.js", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert (await client.get("/assets/mark.svg")).headers["cache-control"] == "public, max-age=86400"


async def test_readiness_says_what_is_wrong(database_url: str, web: Path) -> None:
    async with running(database_url, web, mail_host="127.0.0.1", mail_port=1) as (app, client):
        await eventually(lambda: app.state.parts.worker.connected)
        person = await (await world.make()).person()
        long_ago = world.START.replace(year=2020)
        await Notice.create(
            id=person.id, volunteer=person, kind="event.cancelled", channel="mail", message_id="<x@y>", due_at=long_ago,
            created_at=long_ago,
        )  # fmt: skip
        late = await client.get("/readyz")
        assert (late.status_code, late.json()["mail"] in ("stuck", "away")) == (503, True)
        assert (await client.get("/readyz/here")).json() == {"database": "ok", "live": "ok"}
        await Notice.all().delete()
        beat = next(iter(app.state.parts.clock._beats.values()))
        beat.at, beat.running = -1e9, False
        stuck = await client.get("/readyz")
        assert (stuck.status_code, stuck.json()["clock"]) == (503, "late")


async def test_readiness_without_a_database(database_url: str, web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beats, "_OTHERS", "SELECT pg_sleep(60), '' AS part, $1::uuid")
    monkeypatch.setattr(watchdog, "ANSWER_SECONDS", 0.2)
    async with running(database_url, web) as (_, client):
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["database"]) == (503, "away")


async def test_figures_tell_routes_and_stay_inside(database_url: str, web: Path) -> None:
    async with running(database_url, web) as (app, client):
        await client.get("/phone/offers/0192f000-0000-7000-8000-000000000000")
        said = (await client.get("/metrics")).text
        assert 'citong_requests_total{method="GET",path="/{path:page}",status="200"} 1.0' in said
        assert 'citong_jobs{state="queued"} 0.0' in said
        assert "citong_live_lines 0.0" in said
        outside = httpx2.ASGITransport(app=app, client=("1.1.1.1", 5))
        async with httpx2.AsyncClient(transport=outside, base_url=HOME) as stranger:
            assert (await stranger.get("/metrics")).status_code == 404


async def test_without_a_built_front_end_the_page_says_so(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    async with running(database_url, tmp_path / "empty") as (_, client):
        answer = await client.get("/phone/")
        assert answer.status_code == 503
        assert "make frontend" in answer.text
        assert (await client.get("/api/me")).status_code == 401


def test_packed_files_are_what_they_pack(web: Path) -> None:
    for file in Faces(web).files.values():
        assert file.packed is None or gzip.decompress(file.packed) == file.body


async def test_who_may_follow_an_event(db: str) -> None:
    live.resolvers["event"] = parts.event
    tiny = await world.make()
    asked, other = await tiny.person(), await tiny.person()
    need = await tiny.need()
    line = await tiny.offered(need, asked)
    event = (await need.shift).event_id
    topic = f"event:{event}"
    await live.require(Actor(asked.id), topic)
    await live.require(Actor(other.id, (Grant("coordinator", "350502"),)), topic)
    for grants in ((), (Grant("coordinator", "350503"),), (Grant("member", "3505"),)):
        with pytest.raises(Missing):
            await live.require(Actor(other.id, grants), topic)
    line.status = "declined"
    await line.save(update_fields=["status"])
    with pytest.raises(Missing):
        await live.require(Actor(asked.id), topic)


def test_p3_every_door_that_writes_asks_for_a_key_but_these() -> None:
    """Signing in and letters' links come without a session to keep an answer for; a check and finding somebody write
    nothing; a fresh secret replaces the last one however often it is asked for; a beat says the same however often it
    comes."""
    free = {one.path for one in doors(list(program.build.__globals__["MODULES"])) if one.writes and not one.keyed}
    assert free == {
        "/api/signin/code", "/api/signin/exchange", "/api/needs/check", "/api/links/open", "/api/links/answer",
        "/api/me/calendar", "/api/presence/{id}", "/api/volunteers/find",
    }  # fmt: skip
