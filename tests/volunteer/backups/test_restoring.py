"""A restore happens to an empty database that nobody uses, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from tests.waiting import PATIENCE
from volunteer import backups, database, embedded
from volunteer.act import system
from volunteer.backups import BackupError
from volunteer.notices import holding


@pytest_asyncio.fixture
async def empty(admin: asyncpg.Connection, server: embedded.Server) -> AsyncIterator[str]:
    name = f"restored_{uuid4().hex}"
    await admin.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def fetched(url: str, query: str) -> object:
    connection = await asyncpg.connect(database.dsn(url))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_it_must_be_empty_or_said_to_be_replaced(db: str, empty: str, tmp_path: Path) -> None:
    await backups.dump(db, tmp_path / "b")
    await fetched(empty, "CREATE TABLE public.theirs (id int)")
    with pytest.raises(BackupError, match="--replace"):
        await backups.restore(empty, tmp_path / "b")
    assert await fetched(empty, "SELECT to_regclass('public.epoch')") is None
    await backups.restore(empty, tmp_path / "b", replace=True)
    assert await fetched(empty, "SELECT count(*) FROM public.epoch") == 1
    assert await fetched(empty, "SELECT to_regclass('public.theirs')") is None


async def test_nobody_may_use_it(db: str, empty: str, tmp_path: Path) -> None:
    await backups.dump(db, tmp_path / "b")
    user = await asyncpg.connect(database.dsn(empty))
    try:
        with pytest.raises(BackupError, match="other programs use this database"):
            await backups.restore(empty, tmp_path / "b", replace=True)
    finally:
        await user.close()


async def test_rows_that_are_missing_undo_it_all(db: str, empty: str, tmp_path: Path) -> None:
    from tests.volunteer.backups.test_files import changed

    await backups.dump(db, tmp_path / "b")
    short = changed(tmp_path / "b", lambda m: m["rows"].update(epoch=2))
    with pytest.raises(BackupError, match="nothing was restored: table epoch has not the 2 rows"):
        await backups.restore(empty, short)
    assert await fetched(empty, "SELECT to_regclass('public.epoch')") is None
    odd = changed(tmp_path / "b", lambda m: m["rows"].update({'x"; DROP TABLE epoch': 1}))
    with pytest.raises(BackupError, match="cannot be ours"):
        await backups.restore(empty, odd)


async def test_what_fails_at_once_is_told_however_much_there_was_to_restore(
    db: str, empty: str, tmp_path: Path
) -> None:
    await fetched(db, "CREATE TABLE public.much AS SELECT md5(n::text) AS text FROM generate_series(1, 100000) AS n")
    await backups.dump(db, tmp_path / "b")
    await fetched(
        empty, f"ALTER DATABASE {empty.rpartition('/')[2].partition('?')[0]} SET default_transaction_read_only = on"
    )
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(BackupError, match=r"nothing was restored: cannot execute .+ in a read-only"):
            await backups.restore(empty, tmp_path / "b")


async def test_a_backup_is_never_written_over_nor_left_half(db: str, empty: str, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(BackupError, match="there already"):
        await backups.dump(db, tmp_path / "b")
    assert (tmp_path / "b").read_text() == "mine"
    with pytest.raises(BackupError, match="holds nothing of Citong"):
        await backups.dump(empty, tmp_path / "c")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


async def test_held_mail_is_released_once(db: str) -> None:
    assert not await holding.held()
    assert await holding.release(system()) is None
    await database_says(holding.HOLD)
    assert await holding.held()
    assert await holding.release(system()) == 0
    assert not await holding.held()


async def database_says(statement: str) -> None:
    from tortoise import connections

    await connections.get("default").execute_script(statement)
