"""One transaction, shielded; numbers without gaps; nothing said that was not done."""

import asyncio
import random

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import TransactionManagementError
from tortoise.transactions import in_transaction

from volunteer import act, database, journal
from volunteer.journal import Writing
from volunteer.models import Entry, Region, Topic


async def say(topic: str, *, fail: bool = False, wait: float = 0) -> None:
    async def verb(w: Writing) -> None:
        w.entry("thing.done", topics=[topic, "region:3505"], body={"n": 1})
        await asyncio.sleep(wait)
        if fail:
            raise RuntimeError("no")

    await journal.writing(act.system(), verb)


async def test_entries_and_rows_share_one_fate(db: str) -> None:
    async def verb(w: Writing) -> None:
        await Region.create(code="3505", name="泉州市", level="city", kind="city")
        w.entry("region.made", topics=["region:3505"], body={})
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await journal.writing(act.system(), verb)
    assert await Region.all().count() == 0
    assert await Entry.all().count() == 0
    assert await Topic.all().count() == 0


async def test_p8_numbers_have_no_gaps_though_writers_fail(db: str) -> None:
    rng = random.Random(8)
    await asyncio.gather(
        *(say(f"event:{rng.randrange(3)}", fail=rng.random() < 0.2, wait=rng.random() / 100) for _ in range(120)),
        return_exceptions=True,
    )
    for topic in await Topic.all():
        seqs = await Entry.filter(topic=topic.name).order_by("id").values_list("seq", flat=True)
        assert seqs == list(range(1, topic.seq + 1))
    assert (await Topic.get(name="region:3505")).seq >= 60


async def test_p20_a_thousand_cancelled_writers_leave_the_pool_whole(database_url: str) -> None:
    async with database.opened(database_url, pool=4):
        rng = random.Random(20)
        for _ in range(40):
            tasks = [asyncio.create_task(say("event:x", wait=0.002)) for _ in range(25)]
            await asyncio.sleep(rng.random() / 100)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(30):
            await asyncio.gather(*(say("event:y") for _ in range(12)))
        assert (await Topic.get(name="event:y")).seq == 12


async def test_p20_canary_a_bare_transaction_drains_the_pool(database_url: str) -> None:
    """The same cancels on the ORM's own transaction: connections leak until nothing moves. Each is cancelled after so
    many turns of the loop, whatever the machine has to do, so that some are met while they begin."""

    async def bare() -> None:
        async with in_transaction() as db:
            await db.execute_query("SELECT pg_sleep(0.002)")

    drained = False
    async with database.opened(database_url, pool=2):
        try:
            for number in range(300):
                task = asyncio.create_task(bare())
                for _ in range(number % 10):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                async with asyncio.timeout(3):
                    await Topic.all().count()
        except TimeoutError:
            drained = True
    assert drained


async def test_a_cancelled_caller_leaves_a_finished_write(db: str) -> None:
    task = asyncio.create_task(say("event:z", wait=0.2))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        while not await Topic.exists(name="event:z"):  # noqa: ASYNC110 - another process could have written it
            await asyncio.sleep(0.05)


async def test_a_verb_inside_a_verb_joins_it(db: str) -> None:
    async def outer(w: Writing) -> None:
        inner = act.system().joined(w)
        await journal.writing(inner, lambda again: say_in(again))
        raise RuntimeError("no")

    async def say_in(w: Writing) -> None:
        w.entry("inner.done", topics=["event:q"], body={})

    with pytest.raises(RuntimeError):
        await journal.writing(act.system(), outer)
    assert await Entry.all().count() == 0


async def test_deadlocks_run_again_and_then_succeed(db: str) -> None:
    for code in ("3505", "3506"):
        await Region.create(code=code, name=code, level="city", kind="city")

    async def crosswise(first: str, second: str) -> None:
        async def verb(_: Writing) -> None:
            await Region.filter(code=first).select_for_update()
            await asyncio.sleep(0.05)
            await Region.filter(code=second).select_for_update()

        await journal.writing(act.system(), verb)

    await asyncio.gather(crosswise("3505", "3506"), crosswise("3506", "3505"))


async def test_p23_a_statement_that_a_migration_outdated_runs_again(database_url: str) -> None:
    """One connection prepares it, another one's owner adds a column: as two releases do side by side."""

    async def regions() -> list[dict[str, object]]:
        return [dict(row) for row in await get_connection("default").execute_query_dict("SELECT * FROM region")]

    async def verb(w: Writing) -> int:
        return len(await w.db.execute_query_dict("SELECT * FROM region"))

    connection = await asyncpg.connect(database.dsn(database_url))
    async with database.opened(database_url, pool=1):
        await Region.create(code="3505", name="泉州市", level="city", kind="city")
        for name in ("one", "two"):
            assert await journal.writing(act.system(), verb) == 1
            await connection.execute(f"ALTER TABLE region ADD COLUMN {name} int")
            assert await journal.writing(act.system(), verb) == 1
            await connection.execute(f"ALTER TABLE region ADD COLUMN {name}_more int")
            (row,), _ = await journal.reading(regions, [])
            assert f"{name}_more" in row
    await connection.close()


async def test_what_a_view_was_read_at(db: str) -> None:
    await say("event:a")
    await say("event:a")

    async def query() -> int:
        return await Entry.filter(topic="event:a").count()

    count, live = await journal.reading(query, ["event:a", "event:none"])
    assert count == live["topics"]["event:a"] == 2
    assert live["topics"]["event:none"] == 0
    assert live["epoch"] == await journal.epoch()


async def test_a_read_cannot_write(db: str) -> None:
    async def query() -> None:
        await Topic.create(name="event:a", seq=1, touched_at=act.now())

    with pytest.raises(TransactionManagementError):
        await journal.reading(query, [])


def test_who_hears_of_a_region() -> None:
    assert journal.topics_of("3505") == ("region:3505",)
    assert journal.topics_of("350502") == ("region:350502",)
    assert journal.topics_of("350502001003") == ("region:350502", "region:350502001")
