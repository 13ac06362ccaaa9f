"""Who does not read costs only themselves: ended when the entries are personal, told to start over on a board."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection

from tests.volunteer.api.conftest import Person, Signed
from tests.volunteer.api.wire import Reader, Served, heard, hello, knock, say, serving, until
from tests.waiting import eventually
from volunteer import journal
from volunteer.api import line
from volunteer.api.following import Following
from volunteer.live import Backlog
from volunteer.settings import Settings

BOARD = "region:350503"
LARGE = "好" * 600


@pytest_asyncio.fixture
async def served(db: str, settings: Settings) -> AsyncIterator[Served]:
    async with serving(db, settings) as served:
        yield served


async def narrow(served: Served, who: Signed, **since: int) -> ClientConnection:
    """A client on a thin line, that reads only when asked to."""
    thin = socket.socket()
    thin.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    thin.setblocking(False)
    await asyncio.get_running_loop().sock_connect(thin, ("127.0.0.1", served.port))
    opened = await knock(served.port, who, sock=thin, max_queue=1).__aenter__()
    await opened.send(hello(await journal.epoch(), **since))
    await until(opened, "live")
    opened.transport.pause_reading()
    return opened


async def flood(topics: list[str], count: int) -> None:
    for start in range(0, count, 20):
        await asyncio.gather(*(say(topics, n=n, pad=LARGE) for n in range(start, start + 20)))


async def test_p10_a_personal_line_that_is_not_read_ends_and_the_others_hear_all(
    served: Served, person: Person
) -> None:
    who, boss = await person(), await person(coordinator="3505")
    own = f"volunteer:{who.person.id}"
    base = (await journal.heads([own]))[own]
    stuck = [await narrow(served, who, **{own: base}) for _ in range(3)]
    healthy = Reader(served.port, boss, {BOARD: 0}, await journal.epoch())
    reading = asyncio.create_task(healthy.stay())
    await eventually(lambda: BOARD in healthy.live)
    await flood([own, BOARD], 2_500)
    await eventually(lambda: healthy.topics[BOARD] == 2_500)
    assert [s for _, s, _ in healthy.ledger] == list(range(1, 2_501))
    await eventually(lambda: len(served.lines) == 1)  # each was ended, though it never read its end
    reading.cancel()
    for each in stuck:
        each.transport.abort()


async def test_p10_a_board_that_is_not_read_starts_over_without_a_hole(
    served: Served, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "SEND_SECONDS", 600)  # however long the flood takes here
    boss = await person(coordinator="3505")
    slow = await narrow(served, boss, **{BOARD: 0})
    await flood([BOARD], 2_500)
    await eventually(lambda: not any(each.following for each in served.lines._lines))
    slow.transport.resume_reading()
    frames = await until(slow, "reset")
    assert frames[-1]["why"] == "slow"
    got = [frame["s"] for frame in frames if frame["k"] == "ev"]
    assert got == list(range(1, len(got) + 1))
    assert len(got) < frames[-1]["s"] <= 2_500
    await slow.send(json.dumps({"k": "sub", "t": BOARD, "s": len(got), "r": 1}))
    later = [item["s"] for frame in await until(slow, "live") if frame["k"] == "evs" for item in frame["a"]]
    assert got + later == list(range(1, 2_501))
    await slow.close()


async def test_p10_what_is_held_for_a_reader_is_bounded(
    served: Served, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    most: list[int] = []
    put = Backlog.put

    def watched(self: Backlog, *args: Any, **kwargs: Any) -> bool:
        done = put(self, *args, **kwargs)
        most.append(self._bytes)
        return done

    monkeypatch.setattr(Backlog, "put", watched)
    boss = await person(coordinator="3505")
    await flood([BOARD], 600)
    late = await narrow(served, boss, **{f"volunteer:{boss.person.id}": 0})
    await late.send(json.dumps({"k": "sub", "t": BOARD, "s": 0, "r": 1}))
    await asyncio.sleep(1)
    late.transport.resume_reading()
    got = [item["s"] for frame in await until(late, "live") if frame["k"] == "evs" for item in frame["a"]]
    assert got == list(range(1, 601))
    assert max(most) <= 256 * 1024
    await late.close()


async def test_a_line_whose_frame_cannot_be_sent_is_given_up(
    served: Served, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "SEND_SECONDS", 0.3)
    boss = await person(coordinator="3505")
    stuck = await narrow(served, boss, **{BOARD: 0})
    await flood([BOARD], 2_500)
    await eventually(lambda: len(served.lines) == 0)
    stuck.transport.abort()


@pytest.mark.parametrize("catches_up", [True, False])
async def test_p7_canary_a_line_that_does_not_catch_up_has_holes(
    served: Served, person: Person, monkeypatch: pytest.MonkeyPatch, catches_up: bool
) -> None:
    if not catches_up:

        async def skip(self: line.Line, following: Following, head: int, why: object) -> None:
            following.seq, following.live = head, True

        monkeypatch.setattr(line.Line, "_continue", skip)
    boss = await person(coordinator="3505")
    reader = Reader(served.port, boss, {BOARD: 0}, await journal.epoch())
    await say([BOARD], n=1)
    reading = asyncio.create_task(reader.stay())
    await eventually(lambda: bool(len(served.lines)) and served.hub.topics > 0)
    await asyncio.sleep(0.5)
    await say([BOARD], n=2)
    if catches_up:
        await eventually(lambda: reader.topics[BOARD] == 2)
        reading.cancel()
    else:
        with pytest.raises(AssertionError, match="a hole"):
            await asyncio.wait_for(reading, 30)
    assert await _silent(served)


async def _silent(served: Served) -> bool:
    await eventually(lambda: len(served.lines) == 0)
    return True


async def test_heard_of_by_name_only(served: Served, person: Person) -> None:
    """A frame is the stored entry and nothing else: no actor, no row id."""
    boss = await person(coordinator="3505")
    async with knock(served.port, boss) as opened:
        await opened.send(hello(await journal.epoch(), **{BOARD: 0}))
        await until(opened, "live")
        await say([BOARD], n=1)
        assert set(await heard(opened)) == {"k", "t", "s", "at", "e", "id", "d"}
