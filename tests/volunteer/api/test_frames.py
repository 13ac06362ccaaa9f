"""Whatever a client says is answered as documented: a code, an error frame, or nothing; never a hang, never a 1011."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection

from tests.volunteer.api.conftest import Person
from tests.volunteer.api.wire import Served, closed, heard, hello, knock, serving, until
from volunteer import journal
from volunteer.api import following, frames, line
from volunteer.api.frames import Bad
from volunteer.settings import Settings

HELLO = {"k": "hello", "v": 1, "build": "x", "since": {}}
TOPICS = {f"region:{350000 + n}": 0 for n in range(51)}

FIRST: list[tuple[str, Any, int]] = [
    ("a pong before the hello", {"k": "pong"}, 4504),
    ("a subscription before the hello", {"k": "sub", "t": "region:3505", "s": 0}, 4504),
    ("an unknown kind before the hello", {"k": "greetings"}, 4504),
    ("no version", {"k": "hello"}, 4504),
    ("a version in words", HELLO | {"v": "1"}, 4504),
    ("a version that is true", HELLO | {"v": True}, 4504),
    ("a version to come", HELLO | {"v": 2}, 4526),
    ("a version long gone", HELLO | {"v": 0}, 4526),
    ("since as a list", HELLO | {"since": []}, 4504),
    ("a number below zero", HELLO | {"since": {"region:3505": -1}}, 4504),
    ("half a number", HELLO | {"since": {"region:3505": 1.5}}, 4504),
    ("a number beyond all", HELLO | {"since": {"region:3505": 2**70}}, 4504),
    ("an epoch that is a number", HELLO | {"since": {"epoch": 7}}, 4504),
    ("a topic without end", HELLO | {"since": {"x" * 61: 0}}, 4504),
    ("too many topics", HELLO | {"since": TOPICS}, 4429),
    ("a million topics", HELLO | {"since": {f"region:{n}": 0 for n in range(10_000)}}, 1009),
]

LATER: list[tuple[str, str | bytes | dict[str, Any], int]] = [
    ("nothing", "", 4504),
    ("half of JSON", '{"k":"sub","t":"reg', 4504),
    ("a list", "[]", 4504),
    ("a word", '"pong"', 4504),
    ("null", "null", 4504),
    ("a thousand nestings", "[" * 30_000, 4504),
    ("a number of a million digits", '{"k":"sub","t":"x","s":' + "9" * 60_000 + "}", 4504),
    ("not a number", '{"k":"sub","t":"region:3505","s":NaN}', 4504),
    ("no kind", {"t": "region:3505"}, 4504),
    ("a kind that is a number", {"k": 3}, 4504),
    ("a second hello", HELLO, 4504),
    ("a subscription to nothing", {"k": "sub", "s": 0, "r": 1}, 4504),
    ("a subscription to a number", {"k": "sub", "t": 5, "s": 0, "r": 1}, 4504),
    ("a subscription from nowhere", {"k": "sub", "t": "region:3505", "r": 1}, 4504),
    ("a subscription from true", {"k": "sub", "t": "region:3505", "s": True, "r": 1}, 4504),
    ("a request in words", {"k": "sub", "t": "region:3505", "s": 0, "r": "1"}, 4504),
    ("an epoch that is a list", {"k": "sub", "t": "region:3505", "s": 0, "r": 1, "epoch": []}, 4504),
    ("bytes", b"\x00\x01", 4504),
    ("one byte too many", '{"k":"pong","x":"' + "x" * 65_536 + '"}', 1009),
]


@pytest_asyncio.fixture
async def served(db: str, settings: Settings) -> AsyncIterator[Served]:
    async with serving(db, settings) as served:
        yield served


def text(said: str | bytes | dict[str, Any]) -> str | bytes:
    return json.dumps(said) if isinstance(said, dict) else said


async def greeted(door: ClientConnection) -> ClientConnection:
    await door.send(hello(await journal.epoch()))
    assert (await heard(door))["k"] == "hello"
    return door


async def test_p30_every_wrong_first_frame_has_its_code(served: Served, person: Person) -> None:
    who = await person()
    for name, said, code in FIRST:
        async with knock(served.port, who) as door:
            await door.send(text(said))
            assert await closed(door) == code, name


async def test_p30_every_wrong_later_frame_has_its_code(served: Served, person: Person) -> None:
    who = await person()
    for name, said, code in LATER:
        async with knock(served.port, who) as door:
            await (await greeted(door)).send(text(said))
            assert await closed(door) == code, name


async def test_text_that_is_no_utf_8(served: Served, person: Person) -> None:
    async with knock(served.port, await person()) as door:
        await (await greeted(door)).send(b'{"k":"\xff"}', text=True)
        assert await closed(door) == 1007


async def test_what_is_not_known_is_ignored_and_the_line_stays(served: Served, person: Person) -> None:
    async with knock(served.port, await person()) as door:
        await greeted(door)
        for said in ({"k": "wave", "x": 1}, {"k": "pong", "mood": "fine"}, {"k": "unsub", "t": "region:1", "r": 4}):
            await door.send(json.dumps(said))
        assert await heard(door) == {"k": "ok", "r": 4}
        await door.send('{"k":"sub","t":"region:\\ud800","s":0,"r":9,"colour":"red"}')
        assert await heard(door) == {"k": "err", "r": 9, "code": 404}


async def test_silence_instead_of_a_hello(served: Served, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "HELLO_SECONDS", 0.2)
    async with knock(served.port, await person()) as door:
        assert await closed(door) == 4408


async def test_a_flood_of_frames(served: Served, person: Person) -> None:
    async with knock(served.port, await person()) as door:
        await greeted(door)
        for _ in range(following.BURST + 30):
            await door.send('{"k":"pong"}')
        assert await closed(door) == 4429


async def test_the_fifty_first_topic(served: Served, person: Person) -> None:
    who = await person(coordinator="3505")
    async with knock(served.port, who) as door:
        await greeted(door)
        topics = ["region:3505", "region:350502", "region:350503", "region:350502001", f"volunteer:{who.person.id}"]
        for n, topic in enumerate(topics):
            await door.send(json.dumps({"k": "sub", "t": topic, "s": 0, "r": n}))
            await until(door, "live")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "MOST_TOPICS", 2)
        async with knock(served.port, who) as door:
            await greeted(door)
            for n, topic in enumerate(topics[:3]):
                await door.send(json.dumps({"k": "sub", "t": topic, "s": 0, "r": n}))
            assert await closed(door) == 4429


async def test_ping_and_pong(served: Served, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "PING_SECONDS", 0.2)
    monkeypatch.setattr(line, "PING_SPREAD", 0.1)
    monkeypatch.setattr(line, "PONG_SECONDS", 1.5)
    monkeypatch.setattr(line, "PONG_GRACE", 0.1)
    who = await person(coordinator="3505")
    async with knock(served.port, who) as door:
        await door.send(hello(await journal.epoch(), **{"region:350503": 0}))
        for _ in range(4):
            assert (await until(door, "ping"))[-1]["h"] == {"region:350503": 0}
            await door.send('{"k":"pong"}')
        assert await closed(door) == 4409


def test_batches_hold_all_entries_in_frames_of_bounded_size() -> None:
    items = [f'{{"s":{n},"d":"{"好" * (n % 700)}"}}' for n in range(1, 400)]
    texts = list(frames.batches("region:3505", items))
    assert all(len(text.encode()) < 65_536 for text in texts)
    assert [item["s"] for text in texts for item in json.loads(text)["a"]] == list(range(1, 400))


def test_reading_is_pure_and_total() -> None:
    read = frames.read('{"k":"sub","t":"region:3505","s":7,"r":1,"epoch":"e"}')
    assert read == frames.Sub("region:3505", 7, 1, "e")
    assert frames.read('{"k":"hello","v":1}') == frames.Hello("", {})
    with pytest.raises(Bad):
        frames.read("{")
