"""The hub hears of every commit, however it comes to know, and hands each entry on once and in order."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from tortoise import connections

from tests.volunteer.api.wire import say
from tests.waiting import PATIENCE, eventually
from volunteer import database, journal
from volunteer.act import system
from volunteer.journal import Writing
from volunteer.live import Frame, Heard, Hub, bell, hub, ringing
from volunteer.models import Entry, Epoch

ONE, TWO = "event:0192f000-0000-7000-8000-000000000001", "region:350502"


class Ledger:
    """A follower that writes down what it hears."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.restarts = 0
        self.stirred = 0

    def hear(self, heard: Heard, frame: Frame) -> None:
        assert f'"s":{heard.seq},' in frame.text
        self.seqs.append(heard.seq)

    def stir(self) -> None:
        self.stirred += 1

    def start_over(self) -> None:
        self.restarts += 1


@pytest_asyncio.fixture
async def here(db: str) -> AsyncIterator[Hub]:
    async with Hub(db).opened() as here:
        await eventually(lambda: here.bell.connected)
        yield here


class Elsewhere:
    """A writer in another process, as far as this one can tell: its commits ring no bell here, unless it notifies."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def say(self, topic: str, *, notify: bool) -> None:
        async with self.connection.transaction():
            seq = await self.connection.fetchval(
                "INSERT INTO topic (name, seq, touched_at) VALUES ($1, 1, clock_timestamp()) ON CONFLICT (name) "
                "DO UPDATE SET seq = topic.seq + 1, touched_at = clock_timestamp() RETURNING seq", topic,
            )  # fmt: skip
            await self.connection.execute(
                "INSERT INTO entry (topic, seq, at, kind, body) VALUES ($1, $2, now(), 'thing.done', '{}')", topic, seq
            )
        if notify:
            await self.connection.execute("SELECT pg_notify($1, $2)", bell.CHANNEL, bell.written({topic: seq}))


@pytest_asyncio.fixture
async def elsewhere(db: str) -> AsyncIterator[Elsewhere]:
    connection: Any = await asyncpg.connect(database.dsn(db))
    try:
        yield Elsewhere(connection)
    finally:
        await connection.close()


async def test_each_entry_once_to_each_follower_and_one_read_for_all(
    here: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[dict[str, int]] = []
    since = hub.window.since

    async def counted(positions: dict[str, int]) -> list[Heard]:
        reads.append(dict(positions))
        return await since(positions)

    monkeypatch.setattr(hub.window, "since", counted)
    ledgers = [Ledger() for _ in range(50)]
    for ledger in ledgers:
        assert await here.join({ONE: ledger}) == {ONE: 0}
    for n in range(30):
        await say([ONE, TWO], n=n)
    await eventually(lambda: all(len(ledger.seqs) == 30 for ledger in ledgers))
    assert all(ledger.seqs == list(range(1, 31)) for ledger in ledgers)
    assert len(reads) <= 30
    assert all(set(read) == {ONE} for read in reads)


async def test_a_follower_hears_only_what_comes_after_its_joining(here: Hub) -> None:
    await say([ONE], n=1)
    first, second = Ledger(), Ledger()
    assert await here.join({ONE: first}) == {ONE: 1}
    await say([ONE], n=2)
    await eventually(lambda: first.seqs == [2])
    assert await here.join({ONE: second}) == {ONE: 2}
    here.leave(ONE, first)
    await say([ONE], n=3)
    await eventually(lambda: second.seqs == [3])
    here.leave(ONE, second)
    assert first.seqs == [2]
    assert here.topics == 0


async def test_where_a_followed_topic_stands_is_known_without_asking_unless_somebody_knows_more(
    here: Hub, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "POLL_SECONDS", 3600)
    asked: list[list[str]] = []
    heads = here._heads._ask

    async def counted(topics: list[str]) -> Mapping[str, int]:
        asked.append(topics)
        return await heads(topics)

    monkeypatch.setattr(here._heads, "_ask", counted)
    await say([ONE], n=1)
    first, second, ahead = Ledger(), Ledger(), Ledger()
    assert await here.join({ONE: first}, {ONE: 1}) == {ONE: 1}
    await asyncio.sleep(1.2)  # the look that was already on its way
    assert await here.join({ONE: second}, {ONE: 0}) == {ONE: 1}
    assert asked == [[ONE]]
    await elsewhere.say(ONE, notify=False)
    assert await here.join({ONE: ahead}, {ONE: 2}) == {ONE: 2}
    assert asked == [[ONE], [ONE]]
    await eventually(lambda: first.seqs == second.seqs == [2])


async def test_who_was_sent_home_by_the_same_cut_shares_one_read(here: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = 0
    past = hub.window.past

    async def counted(topic: str, seq: int) -> list[Heard]:
        nonlocal reads
        reads += 1
        return await past(topic, seq)

    monkeypatch.setattr(hub.window, "past", counted)
    assert await here.past(ONE, 0) == []
    for n in range(3):
        await say([ONE], n=n)
    for _ in range(50):
        assert [heard.seq for heard in await here.past(ONE, 0)] == [1, 2, 3]
    assert reads == 2
    for seq in range(100):
        await here.past(ONE, seq)
    assert len(here._pasts) <= hub.PASTS


async def test_a_bell_from_elsewhere_is_heard(here: Hub, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "POLL_SECONDS", 3600)
    ledger = Ledger()
    await here.join({ONE: ledger})
    await asyncio.sleep(1.2)  # the look that was already on its way
    for _ in range(5):
        await elsewhere.say(ONE, notify=True)
    await eventually(lambda: ledger.seqs == [1, 2, 3, 4, 5])


async def test_a_program_without_a_hub_rings_what_it_commits(
    here: Hub, db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "POLL_SECONDS", 3600)
    ledger = Ledger()
    await here.join({ONE: ledger})
    await asyncio.sleep(1.2)  # the look that was already on its way
    with monkeypatch.context() as another:
        another.setattr(journal, "_bells", [])  # what is committed now is another program's
        async with ringing(db) as bell_there:
            await eventually(lambda: bell_there.connected)
            await say([ONE], n=1)
            await eventually(lambda: ledger.seqs == [1])


@pytest.mark.parametrize("looks", [True, False])
async def test_p7_a_lost_bell_costs_a_look_and_no_entry(
    here: Hub, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, looks: bool
) -> None:
    """Without the look (the canary) a commit that nobody rang for stays unheard."""
    ledger = Ledger()
    await here.join({ONE: ledger})
    if not looks:
        monkeypatch.setattr(hub, "POLL_SECONDS", 3600)
        await asyncio.sleep(1.2)
    for _ in range(3):
        await elsewhere.say(ONE, notify=False)
    if looks:
        await eventually(lambda: ledger.seqs == [1, 2, 3])
    else:
        await asyncio.sleep(3)
        assert ledger.seqs == []


async def test_p19_the_bell_is_held_again_after_a_cut(here: Hub, elsewhere: Elsewhere) -> None:
    ledger = Ledger()
    await here.join({ONE: ledger})
    for n in range(3):
        await elsewhere.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await elsewhere.say(ONE, notify=n % 2 == 0)
        await eventually(lambda n=n: len(ledger.seqs) == n + 1)
        await eventually(lambda: here.bell.connected)
    assert ledger.seqs == [1, 2, 3]


async def test_a_stir_is_heard_here_and_elsewhere_and_is_no_entry(here: Hub, db: str) -> None:
    near, far = Ledger(), Ledger()
    async with Hub(db).opened() as there:
        await eventually(lambda: there.bell.connected)
        await here.join({ONE: near})
        await there.join({ONE: far})

        async def verb(w: Writing) -> None:
            w.stir(ONE, TWO)

        await journal.writing(system(), verb)
        await eventually(lambda: (near.stirred >= 1, far.stirred >= 1) == (True, True))
        await say([ONE], n=1)
        await eventually(lambda: (near.seqs, far.seqs) == ([1], [1]))
    assert (await journal.heads([ONE, TWO])) == {ONE: 1, TWO: 0}


async def test_false_bells_are_no_entries(here: Hub, elsewhere: Elsewhere) -> None:
    ledger = Ledger()
    await here.join({ONE: ledger})
    for payload in (f"{ONE}=99", "*", "", "nonsense", f"{ONE}=-1", f"{ONE}=1e9", "=", "\ud7ff=5"):
        await elsewhere.connection.execute("SELECT pg_notify($1, $2)", bell.CHANNEL, payload)
    await elsewhere.say(ONE, notify=True)
    await eventually(lambda: ledger.seqs == [1])
    await elsewhere.say(ONE, notify=False)
    await eventually(lambda: ledger.seqs == [1, 2])


async def test_a_new_epoch_starts_everybody_over_and_the_numbers_anew(here: Hub, elsewhere: Elsewhere) -> None:
    ledger = Ledger()
    await say([ONE, TWO], n=1)
    await here.join({ONE: ledger})
    waiting = asyncio.create_task(here.wait(TWO, 1, PATIENCE))
    await Entry.all().delete()
    await connections.get("default").execute_query("UPDATE topic SET seq = 0")
    await Epoch.filter(name="live").update(value="restored")
    await eventually(lambda: ledger.restarts == 1)
    await waiting
    await elsewhere.say(ONE, notify=False)
    await eventually(lambda: ledger.seqs == [1])


async def test_p8_many_writers_in_many_processes_leave_no_hole(db: str) -> None:
    """Three hubs, eight writers, a tenth rolled back; every hub tells the same, in order."""
    rng = random.Random(8)
    async with AsyncExitStack() as stack:
        hubs = [await stack.enter_async_context(Hub(db).opened()) for _ in range(3)]
        ledgers = [Ledger() for _ in hubs]
        for each, ledger in zip(hubs, ledgers, strict=True):
            await each.join({ONE: ledger})

        async def write() -> None:
            for n in range(60):
                try:
                    await say([ONE, TWO], fail=rng.random() < 0.1, n=n)
                except LookupError:
                    continue

        await asyncio.gather(*(write() for _ in range(8)))
        head = (await journal.heads([ONE]))[ONE]
        assert head > 380
        await eventually(lambda: all(len(ledger.seqs) >= head for ledger in ledgers))
        assert all(ledger.seqs == list(range(1, head + 1)) for ledger in ledgers)


async def test_p8_canary_a_cursor_over_ids_loses_what_commits_late(db: str) -> None:
    """What the counter per topic is for: row ids become visible out of their order."""
    numbered, go = asyncio.Event(), asyncio.Event()

    async def slow(w: Writing) -> None:
        w.entry("thing.done", topics=[ONE], body={})
        w.lines, lines = [], w.lines
        open_ = Writing(w.act, w.db, lines)
        await journal._append(open_)
        numbered.set()
        await go.wait()

    writing = asyncio.create_task(journal.writing(system(), slow))
    await numbered.wait()
    await say([TWO], n=1)
    seen = await Entry.filter(id__gt=0).order_by("id")
    go.set()
    await writing
    seen += await Entry.filter(id__gt=seen[-1].id).order_by("id")
    assert len(seen) == 1
    assert await Entry.all().count() == 2


async def test_looking_wakes_nobody_who_knows_it_all(here: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.05)
    for n in range(3):
        await say([ONE], n=n)
    waiter = asyncio.create_task(here.wait(ONE, 3, PATIENCE))
    await asyncio.sleep(2)
    assert not waiter.done()
    await say([ONE], n=4)
    await asyncio.wait_for(waiter, PATIENCE)


async def test_waiting_costs_no_connection(here: Hub) -> None:
    waiters = [asyncio.create_task(here.wait(ONE, 0, PATIENCE)) for _ in range(200)]
    await asyncio.sleep(0.5)
    assert not any(waiter.done() for waiter in waiters)
    await say([ONE], n=1)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*waiters)
    assert here.topics == 0


def test_a_ring_names_its_topics_or_says_look() -> None:
    heads = {f"region:{350500 + n}": n for n in range(100)}
    assert bell.read(bell.written(heads)) == heads
    many = {f"volunteer:{n:036d}": n for n in range(1000)}
    assert bell.written(many) == bell.LOOK
    assert bell.read(bell.LOOK) == {}
