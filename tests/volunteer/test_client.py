"""The client against real servers and against what a server may say: each entry once, in order, or a word about it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio

from tests.volunteer.api.wire import Served, say, serving
from tests.volunteer.conftest import Person
from tests.waiting import PATIENCE, eventually
from volunteer import client, journal, signin
from volunteer.act import Act, now
from volunteer.api.frames import Code
from volunteer.client import Client, Course, Down, Entry, Fresh, NoServerError, NoTopicError, NotSignedInError, Told
from volunteer.models import Entry as Row
from volunteer.models import Epoch
from volunteer.settings import Settings

BOARD = "region:350503"


class Heard:
    """Runs a client and keeps all that it tells."""

    def __init__(self, made: Client) -> None:
        self.client, self.told = made, list[Told]()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with aclosing(self.client.told()) as line:
            async for told in line:
                self.told.append(told)

    def seqs(self, topic: str = BOARD) -> list[int]:
        return [told.seq for told in self.told if isinstance(told, Entry) and told.topic == topic]

    def fresh(self) -> list[tuple[int, str]]:
        return [(told.seq, told.why) for told in self.told if isinstance(told, Fresh)]

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest_asyncio.fixture
async def served(db: str, settings: Settings) -> AsyncIterator[Served]:
    async with serving(db, settings) as served:
        yield served


def home(served: Served) -> str:
    return f"http://127.0.0.1:{served.port}"


async def test_from_a_number_and_from_now_on(served: Served, person: Person) -> None:
    who = await person(coordinator="350503")
    own = f"volunteer:{who.person.id}"
    for n in range(5):
        await say([BOARD], n=n)
    heard = Heard(Client(home(served), who.token, {BOARD: 2, own: None}))
    await eventually(lambda: heard.seqs() == [3, 4, 5])
    base = (await journal.heads([own]))[own]
    await eventually(lambda: heard.client.course.positions[own] == base)
    await say([BOARD, own], n=9)
    await eventually(lambda: (heard.seqs(), heard.seqs(own)) == ([3, 4, 5, 6], [base + 1]))
    assert heard.told[1] == Entry(BOARD, 3, (await _at(3)), "thing.done", None, {"n": 2})
    assert heard.fresh() == []
    await heard.stop()


async def _at(seq: int) -> str:
    return (await Row.get(topic=BOARD, seq=seq)).at.isoformat().replace("+00:00", "Z")


async def test_p7_it_comes_back_and_goes_on_where_it_stood(
    db: str, settings: Settings, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "FIRST_SECONDS", 0.05)
    who = await person(coordinator="350503")
    async with serving(db, settings) as served:
        heard = Heard(Client(home(served), who.token, {BOARD: 0}))
        await say([BOARD], n=1)
        await eventually(lambda: heard.seqs() == [1])
        for line in served.lines._lines:
            line.end(Code.RESTART)
        await say([BOARD], n=2)
        await eventually(lambda: heard.seqs() == [1, 2])
        assert any(isinstance(told, Down) for told in heard.told)
        await heard.stop()


async def test_a_restored_database_and_a_number_that_is_too_old_are_said(served: Served, person: Person) -> None:
    who = await person(coordinator="350503")
    await say([BOARD], n=1)
    heard = Heard(Client(home(served), who.token, {BOARD: 99}))
    await eventually(lambda: heard.fresh() == [(1, "ahead")])
    await say([BOARD], n=2)
    await eventually(lambda: heard.seqs() == [2])
    await Epoch.filter(name="live").update(value="restored")
    await eventually(lambda: heard.fresh()[1:] == [(0, "epoch")])
    await eventually(lambda: heard.seqs() == [2, 1, 2])
    assert heard.client.course.epoch == "restored"
    await heard.stop()


async def test_what_no_coming_back_mends_ends_it(served: Served, person: Person) -> None:
    who = await person(coordinator="350503")
    for topic in ("region:350502", "region:999999", "nonsense"):
        with pytest.raises(NoTopicError, match=topic):
            await _first(Client(home(served), who.token, {topic: None}))
    with pytest.raises(NotSignedInError):
        await _first(Client(home(served), "wrong", {BOARD: 0}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for address in (f"http://127.0.0.1:{port}", "ftp://x", "nowhere", f"{home(served)}/elsewhere"):
        with pytest.raises(NoServerError):
            await _first(Client(address, who.token, {BOARD: 0}))


async def test_p13_a_session_that_ends_ends_it(served: Served, person: Person) -> None:
    from volunteer import people

    who = await person(coordinator="350503")
    heard = Heard(Client(home(served), who.token, {BOARD: 0}))
    await say([BOARD], n=1)
    await eventually(lambda: heard.seqs() == [1])
    actor = await people.actor(who.token, now())
    assert actor is not None
    await signin.end(Act(actor, now()))
    with pytest.raises(NotSignedInError):
        await asyncio.wait_for(heard.task, PATIENCE)


async def _first(made: Client) -> None:
    async with asyncio.timeout(PATIENCE), aclosing(made.told()) as line:
        async for told in line:
            assert not isinstance(told, Entry)


# ---- what a server may say ----


def item(seq: int) -> dict[str, Any]:
    return {"s": seq, "at": "2026-01-01T00:00:00Z", "e": "thing.done", "id": None, "d": {}}


def told(course: Course, *frames: dict[str, Any]) -> list[Told]:
    return [one for frame in frames for one in course.hear(frame)]


def said(course: Course) -> list[dict[str, Any]]:
    frames = [json.loads(text) for text in course.out]
    course.out.clear()
    return frames


def seqs(entries: Iterable[Told]) -> list[int]:
    return [entry.seq for entry in entries if isinstance(entry, Entry)]


def standing(seq: int) -> Course:
    course = Course({BOARD: seq}, "e1")
    course.greet()
    said(course)
    assert told(course, {"k": "hello", "epoch": "e1"}, {"k": "live", "t": BOARD, "s": seq}) == []
    return course


def test_twice_is_once_and_a_hole_is_asked_for_once() -> None:
    course = standing(3)
    assert seqs(told(course, {"k": "ev", "t": BOARD, **item(3)}, {"k": "ev", "t": BOARD, **item(4)})) == [4]
    assert told(course, {"k": "ev", "t": BOARD, **item(6)}, {"k": "ev", "t": BOARD, **item(7)}) == []
    assert [(one["k"], one["s"]) for one in said(course)] == [("sub", 4)]
    batch = {"k": "evs", "t": BOARD, "a": [item(n) for n in (5, 6, 7)]}
    assert seqs(told(course, batch, {"k": "live", "t": BOARD, "s": 7})) == [5, 6, 7]
    assert said(course) == []


def test_a_ping_shows_what_was_lost_in_silence() -> None:
    course = standing(3)
    assert told(course, {"k": "ping", "h": {BOARD: 3}}) == []
    assert [one["k"] for one in said(course)] == ["pong"]
    told(course, {"k": "ping", "h": {BOARD: 5}})
    assert [one["k"] for one in said(course)] == ["pong", "sub"]


def test_after_slow_nothing_is_lost() -> None:
    course = standing(3)
    assert told(course, {"k": "reset", "t": BOARD, "why": "slow", "s": 90}) == []
    assert said(course)[0]["s"] == 3


def test_what_is_not_known_is_passed_over() -> None:
    course = standing(3)
    assert told(course, {"k": "festival", "x": 1}, {"k": "ev", "t": "region:1", **item(9)}) == []
    told(course, {"k": "bye", "code": 1012, "spread": 4000})
    assert course.spread == 4.0


@pytest.mark.parametrize(("code", "least", "most"), [(1006, 0, 1), (1012, 0, 1), (4410, 0, 1), (4429, 60, 120)])
def test_waits_grow_with_full_jitter(code: int, least: float, most: float) -> None:
    for draw in (0.0, 0.5, 1.0):
        made = Client("http://x", "t", {BOARD: 0}, draw=lambda draw=draw: draw)
        assert least <= made._after(code, stable=False) <= most
        waits = [made._after(1006, stable=False) for _ in range(9)]
        assert waits == [draw * min(30.0, 2.0**n) for n in range(1, 10)]
        assert made._after(1006, stable=True) == draw
        made.course.spread = 20.0
        assert made._after(1012, stable=False) == draw * 20.0


@pytest.mark.parametrize(("code", "least", "most"), [(1006, 10.0, 20.0), (4429, 60.0, 120.0)])
def test_whoever_is_told_to_stay_away_comes_back_spread_over_as_long_again(
    code: int, least: float, most: float
) -> None:
    for draw, wanted in ((0.0, least), (0.5, (least + most) / 2), (1.0, most)):
        made = Client("http://x", "t", {BOARD: 0}, draw=lambda draw=draw: draw)
        assert made._after(code, 10.0, stable=False) == wanted
