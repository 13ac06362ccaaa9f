"""What the models promise stands in the database: the migrations make it, not only the classes."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.transactions import in_transaction

from tests.waiting import eventually
from volunteer import database

_MADE = """SELECT c.relname AS row, n.conname AS name FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
UNION SELECT t.relname, i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_class t ON t.oid = x.indrelid WHERE x.indisunique"""


async def test_every_constraint_of_a_model_is_one_of_the_database(db: str) -> None:
    """A table that a migration makes has no constraints yet; each must be added by an operation of its own."""
    made = {(row["row"], row["name"]) for row in await get_connection("default").execute_query_dict(_MADE)}
    wanted = {
        (model._meta.db_table, constraint.name)
        for models in Tortoise.apps.values()
        for model in models.values()
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint | UniqueConstraint)
    }
    assert len(wanted) > 30
    assert sorted(wanted - made) == []


async def test_a_statement_alone_is_one_round_trip(db: str) -> None:
    """Nothing is sent when a connection goes back to the pool, and nothing of a transaction is left on it."""
    heard: list[str] = []
    async with database.opened(db, pool=1):
        client = get_connection("default")
        async with client.acquire_connection() as connection:
            connection.add_query_logger(lambda record: heard.append(record.query))
        await client.execute_query_dict("SELECT 1 AS one")
        assert heard == ["SELECT 1 AS one"]
        async with in_transaction() as inside:
            await inside.execute_query("SET LOCAL lock_timeout = 7")
        assert heard[1:] == ["BEGIN;", "SET LOCAL lock_timeout = 7", "COMMIT;"]
        assert (await client.execute_query_dict("SHOW lock_timeout"))[0]["lock_timeout"] == "3s"


async def test_reads_in_a_row_hold_one_connection_and_no_transaction(db: str) -> None:
    heard: list[str] = []
    async with database.opened(db, pool=1):
        client = get_connection("default")
        async with client.acquire_connection() as connection:
            connection.add_query_logger(lambda record: heard.append(record.query))
        async with database.held():
            mine = get_connection("default")
            assert mine is not client
            await mine.execute_query_dict("SELECT 1 AS one")
            waiting = asyncio.create_task(client.execute_query_dict("SELECT 3 AS three"))
            await asyncio.sleep(0)
            await mine.execute_query_dict("SELECT 2 AS two")
            async with in_transaction() as inside:
                await inside.execute_query("SET LOCAL lock_timeout = 7")
        assert get_connection("default") is client
        await waiting
        with pytest.raises(LookupError):
            async with database.held():
                raise LookupError
        assert client._pool.get_idle_size() == 1
    assert heard == ["SELECT 1 AS one", "SELECT 2 AS two", "BEGIN;", "SET LOCAL lock_timeout = 7", "COMMIT;",
                     "SELECT 3 AS three"]  # fmt: skip


async def test_a_reader_that_is_cancelled_at_any_moment_gives_its_connection_back(db: str) -> None:
    async def reads() -> None:
        async with database.held():
            for _ in range(2):
                await get_connection("default").execute_query("SELECT pg_sleep(0.001)")

    async with database.opened(db, pool=2):
        client = get_connection("default")
        for number in range(300):
            tasks = [asyncio.create_task(reads()) for _ in range(3)]
            for _ in range(number % 12):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(30):
            await asyncio.gather(*(client.execute_query("SELECT 1") for _ in range(6)))
        await eventually(lambda: client._pool.get_idle_size() == client._pool.get_size())


async def test_a_full_pool_is_open_before_anybody_asks_and_stays(db: str) -> None:
    """A crowd that comes after a quiet hour waits for no connection, and for no statement to be understood again."""
    async with database.opened(db, pool=4, filled=True):
        pool = get_connection("default")._pool
        assert (pool.get_size(), pool.get_idle_size()) == (4, 4)
        for holder in pool._holders:
            assert holder._inactive_callback is None, "it would be closed after some minutes"
            assert holder._con._stmt_cache.get_max_lifetime() == 0
    async with database.opened(db, pool=4):
        await get_connection("default").execute_query("SELECT 1")
        assert get_connection("default")._pool.get_size() == 1


async def test_what_a_type_is_is_asked_once_a_process(db: str) -> None:
    sql, heard = "SELECT $1::uuid[] AS ids, $2::int[] AS numbers", list[str]()
    ids, numbers = [uuid4(), uuid4()], [1, 2, 3]
    for _ in range(2):
        connection: Any = await asyncpg.connect(database.dsn(db), connection_class=database.Pooled)
        heard.clear()
        with connection.query_logger(lambda record: heard.append(record.query)):
            row = await connection.fetchrow(sql, ids, numbers)
        await connection.close()
        assert (row["ids"], row["numbers"]) == (ids, numbers)
    assert heard == [sql]
