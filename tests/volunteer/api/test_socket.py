"""The live line over real sockets: nothing missed, nothing twice, nobody harmed by another, rights at once."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

from tests.volunteer.api.conftest import Person
from tests.volunteer.api.wire import Reader, Served, closed, heard, hello, knock, say, serving, until
from tests.waiting import PATIENCE, eventually
from volunteer import journal, live, people, signin
from volunteer.access import Thing
from volunteer.act import Act, now, system
from volunteer.api import lines
from volunteer.api.line import Line
from volunteer.api.lines import Limits
from volunteer.models import Entry, Epoch
from volunteer.settings import Settings

BOARD = "region:350503"


@pytest_asyncio.fixture
async def served(db: str, settings: Settings) -> AsyncIterator[Served]:
    async with serving(db, settings) as served:
        yield served


async def test_hello_catch_up_and_live(served: Served, person: Person) -> None:
    who = await person(coordinator="350503")
    for n in range(3):
        await say([BOARD], n=n)
    async with knock(served.port, who) as line:
        await line.send(hello(await journal.epoch(), **{BOARD: 1}))
        greeting, batch, live = await until(line, "live")
        assert greeting["k"] == "hello"
        assert greeting["v"] == 1
        assert [item["s"] for item in batch["a"]] == [2, 3]
        assert live == {"k": "live", "t": BOARD, "s": 3}
        await say([BOARD], n=9)
        entry = await heard(line)
        assert (entry["k"], entry["t"], entry["s"], entry["e"], entry["d"]) == ("ev", BOARD, 4, "thing.done", {"n": 9})


async def test_p7_cut_anywhere_and_resume_gives_each_entry_once_in_order(served: Served, person: Person) -> None:
    rng = random.Random(7)
    who = await person(coordinator="3505")
    topics = [BOARD, f"volunteer:{who.person.id}", "region:350502001"]
    base = await journal.heads(topics)
    reader = Reader(served.port, who, dict(base), await journal.epoch())
    written = asyncio.Event()

    async def write() -> None:
        for n in range(400):
            await say(rng.sample(topics, rng.randint(1, 3)), n=n)
            await asyncio.sleep(rng.random() / 100)
        written.set()

    writing = asyncio.create_task(write())
    cuts = 0
    while not written.is_set():
        await reader.stay(rng.uniform(0.01, 0.4))
        cuts += 1
    await writing
    heads = await journal.heads(topics)
    async with asyncio.timeout(PATIENCE):
        while reader.topics != heads:
            await reader.stay(0.5)
    assert cuts > 5
    assert reader.resets == []
    for topic in topics:
        truth = await Entry.filter(topic=topic, seq__gt=base[topic]).order_by("seq")
        assert [(s, n) for t, s, n in reader.ledger if t == topic] == [(e.seq, e.body["n"]) for e in truth]


async def test_p7_who_comes_and_goes_while_others_are_told_misses_nothing(
    served: Served, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.hub, "SLICE", 1)
    monkeypatch.setattr(live.hub, "REST_FROM", 0.0)
    rng = random.Random(70)
    who, epoch = await person(coordinator="350503"), await journal.epoch()
    readers = [Reader(served.port, who, {BOARD: 0}, epoch) for _ in range(4)]
    written = asyncio.Event()

    async def come_and_go(reader: Reader) -> None:
        while not written.is_set():
            await reader.stay(rng.uniform(0.01, 0.4))
        reading = asyncio.create_task(reader.stay())
        await eventually(lambda: reader.topics[BOARD] == 200)
        reading.cancel()

    async def write() -> None:
        for n in range(200):
            await say([BOARD], n=n)
        written.set()

    await asyncio.gather(write(), *(come_and_go(reader) for reader in readers))
    for reader in readers:
        assert [s for _, s, _ in reader.ledger] == list(range(1, 201))
        assert reader.resets == []


async def test_p8_sixteen_writers_and_a_tail_reader_without_a_hole(served: Served, person: Person) -> None:
    rng = random.Random(8)
    who = await person(coordinator="350503")
    reader = Reader(served.port, who, {BOARD: 0}, await journal.epoch())
    reading = asyncio.create_task(reader.stay())

    async def write(writer: int) -> None:
        for n in range(40):
            try:
                await say([BOARD], n=writer * 100 + n, fail=rng.random() < 0.1)
            except LookupError:
                continue

    await asyncio.gather(*(write(writer) for writer in range(16)))
    head = (await journal.heads([BOARD]))[BOARD]
    assert 500 < head < 640
    await eventually(lambda: reader.topics[BOARD] == head)
    reading.cancel()
    assert [s for _, s, _ in reader.ledger] == list(range(1, head + 1))


async def test_a_hole_can_be_asked_for_again(served: Served, person: Person) -> None:
    who = await person(coordinator="350503")
    async with knock(served.port, who) as line:
        await line.send(hello(await journal.epoch(), **{BOARD: 0}))
        await until(line, "live")
        for n in range(3):
            await say([BOARD], n=n)
        await line.send(json.dumps({"k": "sub", "t": BOARD, "s": 1, "r": 5}))
        frames = await until(line, "live")
        assert {"k": "ok", "r": 5} in frames
        batch = next(frame for frame in frames if frame["k"] == "evs")
        assert [item["s"] for item in batch["a"]] == [2, 3]
        await line.send(json.dumps({"k": "unsub", "t": BOARD, "r": 6}))
        assert (await until(line, "ok"))[-1]["r"] == 6
        await say([BOARD], n=4)
        await line.send(json.dumps({"k": "sub", "t": BOARD, "s": 3, "r": 7}))
        assert [f["k"] for f in await until(line, "live")] == ["ok", "evs", "live"]


async def test_who_follows_is_told_to_look_when_something_stirs(served: Served, person: Person) -> None:
    who = await person(coordinator="350503")

    async def verb(w: journal.Writing) -> None:
        w.stir(BOARD, "region:350502")

    async with knock(served.port, who) as line:
        await line.send(hello(await journal.epoch(), **{BOARD: 0}))
        await until(line, "live")
        await journal.writing(system(), verb)
        assert await heard(line) == {"k": "here", "t": BOARD}
        await say([BOARD], n=1)
        assert (await until(line, "ev"))[-1]["s"] == 1


async def test_resume_is_refused_when_it_would_lie(served: Served, person: Person) -> None:
    who = await person(coordinator="350503")
    await say([BOARD, f"volunteer:{who.person.id}"], n=1)
    epoch = await journal.epoch()
    async with knock(served.port, who) as line:
        await line.send(hello("another", **{BOARD: 1}))
        assert (await until(line, "reset"))[-1] == {"k": "reset", "t": BOARD, "why": "epoch", "s": 1}
    async with knock(served.port, who) as line:
        await line.send(hello(epoch, **{BOARD: 99}))
        assert (await until(line, "reset"))[-1] == {"k": "reset", "t": BOARD, "why": "ahead", "s": 1}
    await _age(BOARD, 1_200)
    async with knock(served.port, who) as line:
        await line.send(hello(epoch, **{BOARD: 1}))
        assert (await until(line, "reset"))[-1] == {"k": "reset", "t": BOARD, "why": "old", "s": 1_201}
        await line.send(json.dumps({"k": "sub", "t": BOARD, "s": 300, "r": 1}))
        assert (await until(line, "live"))[-1]["s"] == 1_201


async def _age(topic: str, count: int) -> None:
    """So many entries that are a week old."""
    for n in range(count // 100):
        await asyncio.gather(*(say([topic], n=n) for _ in range(100)))
    await Entry.filter(topic=topic).update(at=now().replace(year=2020))


async def test_a_new_epoch_starts_open_lines_over(served: Served, person: Person) -> None:
    who = await person(coordinator="350503")
    async with knock(served.port, who) as line:
        await line.send(hello(await journal.epoch(), **{BOARD: 0}))
        await until(line, "live")
        await Epoch.filter(name="live").update(value="restored")
        greeting, reset = await until(line, "reset")
        assert greeting["epoch"] == "restored"
        assert reset == {"k": "reset", "t": BOARD, "why": "epoch"}
        await line.send(json.dumps({"k": "sub", "t": BOARD, "s": 0, "r": 1, "epoch": "restored"}))
        await until(line, "live")
        await say([BOARD], n=1)
        assert (await heard(line))["s"] == 1


# ---- rights ----


async def test_topics_of_others_look_like_topics_that_are_not_there(served: Served, person: Person) -> None:
    who, other = await person(), await person(coordinator="350502")
    epoch = await journal.epoch()
    for asking, topic in [
        (who, BOARD), (who, f"volunteer:{other.person.id}"), (other, BOARD), (other, "region:999999"),
        (other, "event:0192f000-0000-7000-8000-000000000000"), (who, "nonsense"), (who, "region:35050"),
    ]:  # fmt: skip
        async with knock(served.port, asking) as line:
            await line.send(hello(epoch, **{topic: 0}))
            assert (await until(line, "reset"))[-1] == {"k": "reset", "t": topic, "why": "rights"}
            await line.send(json.dumps({"k": "sub", "t": topic, "s": 0, "r": 3}))
            assert await heard(line) == {"k": "err", "r": 3, "code": 404}


async def test_p13_a_session_that_ends_takes_its_sockets_along(served: Served, person: Person) -> None:
    who, other = await person(coordinator="350503"), await person(coordinator="350503")
    actor = await people.actor(who.token, now())
    assert actor is not None
    epoch = await journal.epoch()
    async with knock(served.port, who) as line, knock(served.port, other) as kept:
        for each in (line, kept):
            await each.send(hello(epoch, **{BOARD: 0}))
            await until(each, "live")
        await signin.end(Act(actor, now()))
        assert await closed(line) == 4501
        await say([BOARD], n=1)
        assert (await heard(kept))["s"] == 1
    async with knock(served.port, who) as line:
        assert await closed(line) == 4501


async def test_p13_a_role_that_ends_takes_its_topics_along(served: Served, person: Person) -> None:
    from volunteer.models import Role

    who = await person(coordinator="350503")
    own = f"volunteer:{who.person.id}"
    async with knock(served.port, who) as line:
        await line.send(hello(await journal.epoch(), **{BOARD: 0, own: 0}))
        await until(line, "live")
        await until(line, "live")
        await Role.filter(volunteer_id=who.person.id).update(until=now())
        await say([own], "role.ended", n=1)
        assert {"k": "reset", "t": BOARD, "why": "rights"} in await until(line, "reset")


async def test_only_pages_of_ours_with_a_session_may_knock(served: Served, person: Person) -> None:
    who = await person()
    cookie = {"Cookie": f"citong_session={who.token}"}
    own = f"http://127.0.0.1:{served.port}"
    for origin in (None, "null", "https://citong.test", "http://citong.test.evil.example", "http://evil.example", "x"):
        with pytest.raises(InvalidStatus) as refused:
            await knock(served.port, headers=cookie | ({"Origin": origin} if origin else {})).__aenter__()
        assert refused.value.response.status_code == 403
    for origin in (own, "http://citong.test"):
        async with knock(served.port, headers=cookie | {"Origin": origin}) as line:
            await line.send(hello(await journal.epoch()))
            assert (await heard(line))["k"] == "hello"
    async with knock(served.port, headers={"Origin": own}) as line:
        assert await closed(line) == 4501
    async with knock(served.port, headers={"Authorization": "Bearer wrong"}) as line:
        assert await closed(line) == 4501


async def test_p13_a_seat_that_ends_takes_its_event_along(
    served: Served, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, event = await person(), UUID("0192f000-0000-7000-8000-000000000001")
    seated = {who.person.id}

    async def lies(_: UUID) -> Thing:
        return Thing("event", "350503", people=frozenset(seated))

    monkeypatch.setitem(live.resolvers, "event", lies)
    async with knock(served.port, who) as line:
        await line.send(hello(await journal.epoch(), **{f"event:{event}": 0}))
        await until(line, "live")
        seated.clear()
        await say([f"volunteer:{who.person.id}"], "assignment.released", n=1)
        assert (await until(line, "reset"))[-1] == {"k": "reset", "t": f"event:{event}", "why": "rights"}


# ---- limits ----


async def test_nobody_is_looked_at_before_it_is_time(
    served: Served, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    beat = Line.beat

    def counted(self: Line, clock: float) -> float:
        nonlocal looks
        looks += 1
        return beat(self, clock)

    monkeypatch.setattr(lines, "BEAT_SECONDS", 0.02)
    async with knock(served.port, await person()) as line:
        await line.send(hello(await journal.epoch()))
        await heard(line)
        await eventually(lambda: not any(each._busy for each in served.lines._lines))
        await asyncio.sleep(1)
        monkeypatch.setattr(Line, "beat", counted)
        await asyncio.sleep(1)
        assert looks <= 1


async def test_too_many_lines(db: str, settings: Settings, person: Person) -> None:
    who = await person()
    async with serving(db, settings, limits=Limits(lines=3, per_person=2)) as served:
        async with knock(served.port, who), knock(served.port, who):
            async with knock(served.port, who) as third:
                assert await closed(third) == 4429
            async with knock(served.port, await person()):
                with pytest.raises(InvalidStatus) as refused:
                    await knock(served.port, await person()).__aenter__()
                assert refused.value.response.status_code == 503
                assert refused.value.response.headers["Retry-After"] == "10"
        await eventually(lambda: not len(served.lines))
        async with knock(served.port, who) as line:
            await line.send(hello(await journal.epoch()))
            assert (await heard(line))["k"] == "hello"


async def test_p14_a_polite_restart(served: Served, person: Person) -> None:
    readers = [await person() for _ in range(5)]
    lines = [await knock(served.port, who).__aenter__() for who in readers]
    for line in lines:
        await line.send(hello(await journal.epoch()))
        await heard(line)
    await served.lines.farewell()
    served.server.should_exit = True
    for line in lines:
        assert await heard(line) == {"k": "bye", "code": 1012, "spread": 20}
        assert await closed(line) == 1012
