"""P-31: whatever a stranger sends, however much or slowly, is answered or cut off; memory stays, and people tap on.
``make faults PART=p31`` sends a gigabyte, and waits at five hundred doors.
"""

import asyncio
import gzip
import json
import os
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from tests.dispatch import world
from tests.dispatch.cli.program import citong
from tests.dispatch.world import World
from tests.e2e.house import House
from tests.faults.mutilated import Mutilated
from tests.faults.taps import Taps, broken, offers
from tests.waiting import PATIENCE

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
SENT: Final = 1024 * 2**20 if LONG else 48 * 2**20
SLOW: Final = 500 if LONG else 100
GROWN: Final = 50 * 2**20
POST: Final = b"POST /api/signin/code HTTP/1.1\r\nHost: citong\r\nContent-Type: application/json\r\n"

# Strangers are given up sooner than in the city, so that the test need not wait as long.
SOON: Final = """
import volunteer.api.http
from dispatch.app import guarded
guarded.HEAD_SECONDS, volunteer.api.http.BODY_SECONDS = 2.0, 2
"""
# The canary: no limits before the body.
OPEN: Final = """
from dispatch.app import guarded
guarded.HEAD_SECONDS, guarded.HEAD_BYTES = 3600.0, 2**40
"""


@pytest_asyncio.fixture(scope="module")
async def tiny(module_db: str) -> World:
    return await world.make()


@pytest_asyncio.fixture(scope="module")
async def house(module_db: str, run_folder: Path) -> AsyncIterator[House]:
    made = Mutilated(module_db, run_folder / f"limits-{uuid4().hex}.log", SOON, pool=8)
    await made.start()
    yield made
    made.stop()


def memory(house: House) -> int:
    """Bytes that the server holds."""
    status = Path(f"/proc/{house.pid}/status").read_text("ascii")
    return next(int(row.split()[1]) * 1024 for row in status.splitlines() if row.startswith("VmRSS"))


async def said(house: House, *parts: bytes, times: int = 1) -> bytes:
    """What is answered to these bytes, the last of them so many times; empty when the line is just cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    try:
        with suppress(ConnectionError):
            for part in parts[:-1]:
                writer.write(part)
            for _ in range(times):
                writer.write(parts[-1])
                await writer.drain()
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionError):
                return await reader.read(4096)
        return b""
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_p31_a_body_without_end_is_refused_and_held_nowhere(house: House) -> None:
    before = memory(house)
    piece = b"10000\r\n" + bytes(65536) + b"\r\n"
    answer = await said(house, POST + b"Transfer-Encoding: chunked\r\n\r\n", piece, times=SENT // 65536)
    assert answer == b"" or b" 413 " in answer.split(b"\r\n")[0]
    assert memory(house) < before + GROWN


async def test_p31_a_header_without_end_is_refused_and_held_nowhere(house: House) -> None:
    before = memory(house)
    for part in (b"a" * 65536, b"X-A: b\r\n" * 8192, b"/?a=b&" * 10_000):
        begin = b"GET /" if part.startswith(b"/") else b"GET / HTTP/1.1\r\nHost: citong\r\nX-Long: "
        answer = await said(house, begin, part, times=SENT // 2**18)
        assert answer == b"" or answer.split(b" ")[1] in (b"431", b"400"), answer[:200]
    assert memory(house) < before + GROWN


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("deep", b"[" * 100_000),
        ("deep object", b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
        ("many fields", json.dumps({f"f{n}": n for n in range(50_000)}).encode()),
        ("long number", b'{"email": ' + b"9" * 500_000 + b"}"),
        ("packed", gzip.compress(bytes(2**20)) * 900),  # each part would unpack to a megabyte
    ],
)
async def test_p31_odd_bodies_are_wrong_input(house: House, what: str, body: bytes) -> None:
    before = memory(house)
    async with httpx2.AsyncClient(base_url=house.home, timeout=PATIENCE, trust_env=False) as client:
        heads = {"content-type": "application/json"} | ({"content-encoding": "gzip"} if what == "packed" else {})
        answer = await client.post("/api/signin/code", content=body, headers=heads)
    assert answer.status_code in (413, 422), answer.text
    assert memory(house) < before + GROWN


async def test_p31_many_parameters_are_wrong_input(house: House) -> None:
    query = "&".join(f"a{n}=1" for n in range(3000))
    async with httpx2.AsyncClient(base_url=house.home, timeout=PATIENCE, trust_env=False) as client:
        answer = await client.get(f"/api/regions?{query}", headers={"range": "bytes=" + "0-1," * 2000})
    assert answer.status_code in (401, 422, 431)


class Strangers:
    """They open lines and send a byte now and then, in the head or in the body; ``cut``: how many were let go."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.cut = 0

    async def one(self, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._house.port)
        body = POST + b"Content-Length: 1000\r\n\r\n"
        writer.write(body if number % 2 else b"GET /api/me HTTP/1.1\r\nHost: ")
        try:
            while not writer.is_closing():
                writer.write(b"c")
                await writer.drain()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.2):
                        if not await reader.read(4096):
                            break
        except ConnectionError:
            pass
        finally:
            self.cut += 1
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def all(self) -> None:
        await asyncio.gather(*(self.one(number) for number in range(SLOW)))


async def test_p31_slow_strangers_are_let_go_and_people_tap_on(house: House, tiny: World) -> None:
    made = await offers(tiny, 60)
    strangers = Strangers(house)
    async with Taps(house, made).running() as ledger:
        async with asyncio.timeout(PATIENCE * 2):
            await strangers.all()
            while len(ledger.told) < len(made):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert strangers.cut == SLOW
    assert set(ledger.told.values()) == {200}
    assert await broken(ledger) == []


async def test_p31_canary_without_limits_before_the_body_strangers_stay(module_db: str, run_folder: Path) -> None:
    house = Mutilated(module_db, run_folder / f"open-{uuid4().hex}.log", OPEN, pool=4)
    await house.start()
    try:
        before = memory(house)
        waiting = asyncio.create_task(Strangers(house).one(0))
        await said_nothing(house, b"GET / HTTP/1.1\r\nX-Long: ", b"a" * 65536, times=1024)
        assert memory(house) > before + GROWN
        assert not waiting.done()
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
    finally:
        house.stop()


async def said_nothing(house: House, begin: bytes, part: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(begin)
    for _ in range(times):
        writer.write(part)
        await writer.drain()
    await asyncio.sleep(0.5)
    writer.transport.abort()
    assert not reader.at_eof()


def test_p31_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path, module_database_url: str) -> None:
    file = tmp_path / "people.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(300):
                sheet.write(bytes(2**20))
    done = citong("import", "volunteers", str(file), url=module_database_url)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) <= 3, done.err
