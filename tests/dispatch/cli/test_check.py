"""``citong check`` on a real database, whole and damaged."""

import asyncpg
import pytest

from dispatch import invariants
from dispatch.cli import check
from dispatch.invariants import INVARIANTS
from tests.dispatch.cli.program import citong
from volunteer import database


async def test_a_line_for_each_invariant(database_url: str) -> None:
    done = citong("check", url=database_url)
    assert done.code == 0
    assert [line.split()[:2] for line in done.out.splitlines()] == [["ok", i.name] for i in INVARIANTS]


async def test_damage_ends_with_one_and_is_named(database_url: str) -> None:
    connection = await asyncpg.connect(database.dsn(database_url))
    await connection.execute("INSERT INTO topic (name, seq, touched_at) VALUES ('region:1', 4, now())")
    await connection.close()
    done = citong("check", "--json", url=database_url)
    assert done.code == 1
    assert not done.data["ok"]
    assert [i["name"] for i in done.data["invariants"] if i["broken"]] == ["I11"]
    assert "BROKEN I11" in citong("check", url=database_url).out


async def test_an_empty_database_is_told_to_migrate(server: object, admin: asyncpg.Connection) -> None:
    await admin.execute("CREATE DATABASE bare")
    try:
        assert "citong migrate" in citong("check", url=server.url("bare")).trouble
        assert citong("migrate", url=server.url("bare")).out == "the database is up to date\n"
        assert citong("check", url=server.url("bare")).code == 0
    finally:
        await admin.execute("DROP DATABASE bare WITH (FORCE)")


async def test_a_city_may_take_longer_than_a_tap(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow answer to all questions at once is waited for; whoever serves people gives up long before."""
    monkeypatch.setattr(database, "_SILENCE_SECONDS", 1)
    connection = await asyncpg.connect(database.dsn(db))
    await connection.execute("ALTER TABLE draft RENAME TO draft_rows")
    await connection.execute("CREATE VIEW draft AS SELECT d.* FROM pg_sleep(0.7), draft_rows d")
    await connection.close()
    async with database.opened(db):
        with pytest.raises(TimeoutError):
            await invariants.findings()
    assert all(found.holds for found in await check.findings(db))
