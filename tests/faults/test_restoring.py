"""P-22: a backup made under load is whole; what it is restored to lets nobody believe that no time has passed."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from dispatch.models import Assignment
from tests.dispatch import world
from tests.dispatch.cli.program import citong
from tests.dispatch.world import World
from tests.e2e.house import House, housed
from tests.faults.phones import Phones, token
from tests.volunteer.conftest import Sink
from tests.waiting import PATIENCE, eventually
from volunteer import backups, database, embedded, journal, notices
from volunteer.act import now, system
from volunteer.backups import restoring
from volunteer.models import Notice, Volunteer
from volunteer.settings import Settings

COUNTED = "SELECT count(*) FROM {table}"


@pytest_asyncio.fixture
async def empty(admin: asyncpg.Connection, server: embedded.Server) -> AsyncIterator[str]:
    """A database without anything."""
    name = f"restored_{uuid4().hex}"
    await admin.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def post() -> Iterator[Sink]:
    sink = Sink(Settings(public_url="http://citong.test"))
    yield sink
    sink.stop()


async def rows(url: str, query: str, *values: object) -> list[Any]:
    connection = await asyncpg.connect(database.dsn(url))
    try:
        return list(await connection.fetch(query, *values))
    finally:
        await connection.close()


async def one(url: str, query: str, *values: object) -> Any:
    return (await rows(url, query, *values))[0][0]


async def owed(person: Volunteer, *, later: bool = False) -> UUID:
    ref = uuid4()
    until = now() + timedelta(hours=9)
    await journal.writing(system(), lambda w: notices.owe(w, "event.cancelled", person.id, ref=ref, until=until))
    await Notice.filter(ref=ref).update(due_at=now() + timedelta(hours=1) if later else now())
    return ref


def letters(sink: Sink, address: str) -> int:
    return sum(letter.to == [address] for letter in list(sink.taken))


class Crowd:
    """Phones that say yes, one after the other, for as long as they are let; and what each was told, and when."""

    def __init__(self, tiny: World, house: House) -> None:
        self._tiny, self._phones = tiny, Phones([house.port])
        self.tried: list[UUID] = []
        self.told: list[UUID] = []

    async def run(self) -> None:
        need = await self._tiny.need(seats=400, after=timedelta(days=20))
        async with self._phones.client() as client:
            while True:
                person = await self._tiny.person()
                await self._phones.know(person)
                line = await self._tiny.offered(need, person)
                self.tried.append(line.id)
                answer = await self._phones.post(client, 0, person, f"/api/assignments/{line.id}/accept")
                assert answer.status_code == 200
                self.told.append(line.id)


async def follow(home: str, headers: dict[str, str], epoch: str, **since: int) -> list[dict[str, Any]]:
    """What a page hears that comes back with what it knows, up to the first word on each of its topics."""
    heard: list[dict[str, Any]] = []
    async with (
        asyncio.timeout(PATIENCE),
        connect(f"{home.replace('http', 'ws')}/live", additional_headers=headers, proxy=None) as line,
    ):
        await line.send(json.dumps({"k": "hello", "v": 1, "since": {"epoch": epoch} | since}))
        while sum(frame["k"] in ("live", "reset") for frame in heard) < len(since):
            heard.append(json.loads(await line.recv()))
    return heard


async def signed_in(house: House, sink: Sink, address: str) -> dict[str, str]:
    """By a code that came with the mail."""
    before = letters(sink, address)
    async with httpx2.AsyncClient(base_url=house.home, trust_env=False, timeout=PATIENCE) as client:
        asked = await client.post("/api/signin/code", json={"email": address})
        assert asked.status_code == 202
        await eventually(lambda: letters(sink, address) > before)
        text = next(one for one in reversed(sink.taken) if one.to == [address]).message.get_content()
        code = re.search(r"\b(\d{6})\b", text)
        assert code, text
        entered = await client.post("/api/signin/exchange", json={"email": address, "code": code[1]})
        assert entered.status_code == 200, entered.text
        return {"cookie": f"citong_session={entered.cookies['citong_session']}", "origin": house.home}


async def test_p22_a_backup_under_load_is_restored_whole_and_sets_nobody_back_silently(
    db: str, empty: str, post: Sink, run_folder: Path, tmp_path: Path
) -> None:
    tiny, file = await world.make(), tmp_path / "citong.backup"
    boss, owing = await tiny.person(email="boss@example.org"), await tiny.person(email="owed@example.org")
    before = await token(boss)
    mail = {name: getattr(post.settings, name) for name in ("mail_host", "mail_port", "mail_tls", "mail_timeout")}
    async with housed(db, run_folder / f"whole-{uuid4().hex}.log", **mail) as house:
        await owed(boss)
        await eventually(lambda: letters(post, "boss@example.org") == 1)
        await eventually(lambda: Notice.filter(state="sent", channel="mail").exists())
        held = await owed(owing, later=True)
        epoch, head = await journal.epoch(), (await journal.heads(["region:350502"]))["region:350502"]
        crowd = Crowd(tiny, house)
        tapping = asyncio.create_task(crowd.run())
        await eventually(lambda: len(crowd.told) >= 10)
        acknowledged = set(crowd.told)
        made = await asyncio.to_thread(citong, "backup", str(file), "--json", url=db)
        tapping.cancel()
        with suppress(asyncio.CancelledError):
            await tapping
    assert made.code == 0, made.err
    assert file.stat().st_mode & 0o077 == 0
    done = await asyncio.to_thread(citong, "restore", str(file), "--json", url=empty)
    assert (done.code, done.data["ok"], done.data["mail"]) == (0, True, "held"), done.err

    for table, count in made.data["tables"].items():
        extra = {"breaker": 1}.get(table, 0)  # what holds the mail
        assert await one(empty, COUNTED.format(table=table)) == count + extra, table
    there = {row["id"] for row in await rows(empty, "SELECT id FROM assignment WHERE status = 'accepted'")}
    assert acknowledged <= there <= set(crowd.tried)
    assert await one(empty, "SELECT value FROM epoch") != epoch

    await rows(empty, "UPDATE notice SET due_at = now() WHERE ref = $1", held)
    async with housed(empty, run_folder / f"again-{uuid4().hex}.log", **mail) as again:
        async with httpx2.AsyncClient(base_url=again.home, trust_env=False) as client:
            assert (await client.get("/api/me", headers=before)).status_code == 401
        session = await signed_in(again, post, "boss@example.org")
        heard = await follow(again.home, session, epoch, **{f"volunteer:{boss.id}": head + 5})
        assert (heard[-1]["k"], heard[-1]["why"]) == ("reset", "epoch")
        assert letters(post, "owed@example.org") == 0
        assert letters(post, "boss@example.org") == 2  # what was sent before, and the code
        freed = await asyncio.to_thread(citong, "restore", "--release-mail", "--json", url=empty)
        assert freed.data["waiting"] >= 1
        await eventually(lambda: letters(post, "owed@example.org") == 1)
    assert letters(post, "boss@example.org") == 2


async def test_p22_canary_a_restore_without_its_afterwards_believes_that_no_time_has_passed(
    db: str, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = await world.make()
    await token(await tiny.person())
    monkeypatch.setattr(restoring, "_AFTER", "")
    await backups.dump(db, tmp_path / "b")
    await backups.restore(empty, tmp_path / "b", hold=False)
    assert await one(empty, "SELECT value FROM epoch") == await journal.epoch()
    assert await one(empty, "SELECT count(*) FROM session WHERE ended_at IS NULL") == 1
    assert await one(empty, "SELECT count(*) FROM breaker") == 0


async def test_p22_a_restore_that_is_killed_has_changed_nothing(
    db: str, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at the worst moment: all rows are there, the last word is not said."""
    tiny = await world.make()
    need = await tiny.need(seats=3)
    await tiny.offered(need, await tiny.person())
    await backups.dump(db, tmp_path / "b")
    monkeypatch.setattr(restoring, "_AFTER", "SELECT pg_sleep(600);")
    restoring_ = asyncio.create_task(backups.restore(empty, tmp_path / "b"))
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"

    async def waits() -> bool:
        assert not restoring_.done(), restoring_.result()
        return bool(await one(db, asleep))

    await eventually(waits)
    restoring_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await restoring_
    assert await one(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert await Assignment.all().count() == 1
