"""P-43: requests leave to the public internet alone; a canary on the loopback sees none of thirty ways to reach it."""

import asyncio
import socket
from typing import Any

import pytest

from tests.volunteer.receiving import receiving
from volunteer import outside
from volunteer.outside import Barred

FORMS = (
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://LOCALHOST:{port}/", "http://localhost.:{port}/",
    "http://127.1:{port}/", "http://127.0.1:{port}/", "http://2130706433:{port}/", "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/", "http://0177.0.0.1:{port}/", "http://017700000001:{port}/", "http://0:{port}/",
    "http://0.0.0.0:{port}/", "http://127.255.255.254:{port}/", "http://[::1]:{port}/", "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/", "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/", "http://[64:ff9b:1::7f00:1]:{port}/", "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/", "http://[fec0::1]:{port}/", "http://[fc00::1]:{port}/", "http://[ff02::1]:{port}/",
    "http://10.0.0.1:{port}/", "http://172.16.0.1:{port}/", "http://192.168.1.1:{port}/", "http://100.64.0.1:{port}/",
    "http://169.254.169.254/latest/meta-data/", "http://192.0.2.1:{port}/", "http://198.18.0.1:{port}/",
    "http://224.0.0.1:{port}/", "http://255.255.255.255:{port}/", "http://240.0.0.1:{port}/",
    "http://citong.test@127.0.0.1:{port}/", "http://a:b@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@citong.test/",
    "http://１２７.0.0.1:{port}/", "http://ⓛocalhost:{port}/", "http://127.0.0.1:{port}/ HTTP/1.1\r\nX: y",
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://",
    "http://:{port}/", "http://127.0.0.1:99999/", "https://127.0.0.1:{port}/", "",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
async def test_no_form_of_an_inner_address_is_spoken_to(form: str) -> None:
    async with receiving() as canary:
        with pytest.raises((Barred, OSError)):
            await outside.post(form.format(port=canary.port), b"{}", {})
        assert canary.knocks == 0


async def test_the_canary_sings_where_the_operator_allows_its_host() -> None:
    async with receiving() as canary:
        for allowed in ("127.0.0.1", canary.host):
            answer = await outside.post(canary.url, b"{}", {}, allow=[allowed])
            assert (answer.status, answer.body) == (200, b"ok")
        with pytest.raises(Barred):
            await outside.post(canary.url, b"{}", {}, allow=["127.0.0.2", "localhost", "127.0.0.1:1"])
        assert canary.knocks == 2
        assert canary.got[0].line == "POST /hook?city=3505 HTTP/1.1"
        assert canary.got[0].headers["host"] == canary.host


async def _names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A name server that says something else each time it is asked."""
    asked: list[str] = []
    said = list(answers)

    async def lookup(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in said.pop(0)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lookup, raising=False)
    return asked


async def test_a_name_that_changes_its_mind_is_asked_once_and_believed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as canary:
        asked = await _names(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
        target = await outside.judged(f"http://rebinding.test:{canary.port}/")
        assert target.address == "93.184.216.34"
        asked = await _names(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
        await outside.post(f"http://gateway.test:{canary.port}/", b"{}", {}, allow=["gateway.test"])
        assert (asked, canary.knocks) == (["gateway.test"], 1)


async def test_one_inner_address_among_public_ones_bars_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    await _names(monkeypatch, ["93.184.216.34", "127.0.0.1"], [])
    with pytest.raises(Barred):
        await outside.judged("http://both.test/")
    with pytest.raises(Barred):
        await outside.judged("http://neither.test/")


async def test_a_redirect_is_an_answer_not_a_way() -> None:
    async with receiving() as gateway, receiving() as canary:
        gateway.answers = [f"HTTP/1.1 302 Found\r\nLocation: {canary.url}\r\nContent-Length: 0\r\n\r\n".encode()]
        answer = await outside.post(gateway.url, b"{}", {}, allow=[gateway.host])
        assert (answer.status, canary.knocks) == (302, 0)


async def test_no_more_is_read_than_a_short_answer_and_no_longer_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as gateway:
        gateway.answers = [b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000, b"SSH-2.0-x\r\n", b"a" * 100_000, b""]
        answer = await outside.post(gateway.url, b"{}", {}, allow=[gateway.host])
        assert len(answer.body) <= outside.ANSWER_BYTES
        for _ in range(2):
            with pytest.raises(ConnectionError):
                await outside.post(gateway.url, b"{}", {}, allow=[gateway.host])
        monkeypatch.setattr(outside, "SECONDS", 0.2)
        with pytest.raises(TimeoutError):
            await outside.post(gateway.url, b"{}", {}, allow=[gateway.host])


async def test_no_header_breaks_out_of_its_line() -> None:
    async with receiving() as gateway:
        with pytest.raises(Barred):
            await outside.post(gateway.url, b"{}", {"X": "a\r\nY: b"}, allow=[gateway.host])
        assert gateway.got == []


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("::ffff:93.184.216.34", True),
        ("2002:5db8:d822::", True),
        ("2001:db8::1", False),
        ("::1", False),
        ("x", False),
    ],
)
def test_public(address: str, may: bool) -> None:
    assert outside.public(address) is may
