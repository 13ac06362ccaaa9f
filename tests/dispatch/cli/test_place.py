"""Settings, addresses and ports."""

import asyncio
import socket

import pytest

from dispatch.cli import place
from dispatch.cli.trouble import Trouble


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CITONG_HOST", "CITONG_PORT", "CITONG_PUBLIC_URL", "CITONG_CONFIG", "CITONG_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_what_is_given_wins_and_none_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITONG_PORT", "9001")
    assert place.settings(port=None).port == 9001
    assert place.settings(port=9002).port == 9002


def test_variables_of_others_are_no_slips_of_the_pen() -> None:
    place._spelt(f"CITONG_{name}" for name in ("CONFIG", "POLICY", "CALENDAR", "SERVER", "SERVICE_HOST", "PORT", "VAR"))
    for slip in ("CITONG_PROT", "CITONG_VARS", "CITONG_MAIL_PASSWROD"):
        with pytest.raises(Trouble, match=slip):
            place._spelt([slip])


def test_links_follow_the_port() -> None:
    found = place.bound(place.settings(port=0))
    assert found.port > 0
    assert found.public_url == f"http://127.0.0.1:{found.port}"
    assert place.bound(place.settings(host="0.0.0.0", port=0)).public_url.startswith("http://127.0.0.1:")


def test_a_named_address_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITONG_PUBLIC_URL", "https://citong.example")
    assert place.bound(place.settings(port=0)).public_url == "https://citong.example"


def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Trouble, match="cannot be had"):
        place.bound(place.settings(port=taken.getsockname()[1]))


async def test_what_is_no_postgres_is_told_from_one(database_url: str) -> None:
    async def chat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(chat, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Trouble, match="no PostgreSQL"):
            await place._reach(f"postgres://nobody@127.0.0.1:{port}/none")
    await place._reach(database_url)


def test_a_named_database_is_used_as_it_is(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITONG_DATABASE_URL", database_url)
    with place.database_url(place.settings()) as url:
        assert url == database_url
