"""P-8: however many write at once, in however many processes, and however late some commit, a reader that goes by the
numbers of a topic misses nothing. The writers' own ledgers and the entry table are the oracle.

Commits are made to overlap: a trigger lets each wait a moment between its number and its end, and a tenth end in a
rollback there. ``make faults PART=p8`` runs the long form.
"""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest_asyncio

from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import housed
from tests.faults.followers import COUNTY, TOWN, followers, running, stop, truth
from tests.waiting import eventually
from volunteer import database, journal

ROOT: Final = Path(__file__).parents[2]
LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
PROCESSES, TASKS, EACH = 2, 8, 1_250 if LONG else 40

WRITER: Final = """
import asyncio, json, random, sys
import asyncpg
from tortoise.exceptions import BaseORMException
from volunteer import database, journal
from volunteer.act import system
url, who, tasks, each, topics = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:]
rng, kept, undone = random.Random(who), [], 0
async def write(task):
    global undone
    for n in range(each):
        number = (who * tasks + task) * each + n
        to = rng.choice([[topics[0]], [topics[1]], topics])
        async def verb(w, number=number, to=to):
            w.entry("thing.done", topics=to, body={"n": number, "fail": rng.random() < 0.1})
        try:
            await journal.writing(system(), verb)
        except (asyncpg.PostgresError, BaseORMException):
            undone += 1
        else:
            kept.append((number, to))
async def main():
    async with database.opened(url, pool=tasks):
        await asyncio.gather(*(write(task) for task in range(tasks)))
    json.dump({"kept": kept, "undone": undone}, sys.stdout)
asyncio.run(main())
"""

# Deferred: it runs at the commit, when the number is taken and the row is there, and nobody else sees either.
LATE: Final = """
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_sleep(random() * 0.004);
  IF (NEW.body->>'fail')::boolean THEN RAISE EXCEPTION 'undone'; END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.kind = 'thing.done') EXECUTE FUNCTION late();
"""


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


class Cursor:
    """The canary: a reader that goes by row ids, as one would by a bigserial, as fast as it can."""

    def __init__(self, connection: Any) -> None:
        self._connection, self._last, self.enough = connection, 0, False
        self.read: list[tuple[str, int]] = []

    async def run(self) -> None:
        while not self.enough:
            await self._look()
        await self._look()

    async def _look(self) -> None:
        rows = await self._connection.fetch(
            "SELECT id, topic, seq FROM entry WHERE id > $1 AND kind = 'thing.done' ORDER BY id", self._last
        )
        for row in rows:
            self._last = row["id"]
            self.read.append((row["topic"], row["seq"]))


def started(db: str, who: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, db, str(who), str(TASKS), str(EACH), COUNTY, TOWN], cwd=ROOT,
        stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


async def finished(writers: list["subprocess.Popen[bytes]"]) -> list[dict[str, Any]]:
    told = []
    for writer in writers:
        out, _ = await asyncio.to_thread(writer.communicate)
        assert writer.returncode == 0
        told.append(json.loads(out))
    return told


async def test_p8_late_commits_leave_no_hole_and_a_cursor_over_ids_loses_them(
    tiny: World, db: str, run_folder: Path
) -> None:
    async with AsyncExitStack() as stack:
        connection: Any = await asyncpg.connect(database.dsn(db))
        stack.push_async_callback(connection.close)
        await connection.execute(LATE)
        houses = [
            await stack.enter_async_context(housed(db, run_folder / f"commits-{number}.log", pool=6))
            for number in range(2)
        ]
        following = await followers(tiny, [house.home for house in houses], 4)
        tasks = running(following)
        await eventually(lambda: all(follower.client.course.epoch for follower in following))
        cursor = Cursor(connection)
        reading = asyncio.create_task(cursor.run())
        told = await finished([started(db, who) for who in range(PROCESSES)])
        heads = await journal.heads([COUNTY, TOWN])
        await eventually(lambda: all(follower.has(heads) for follower in following))
        cursor.enough = True
        await reading
        await stop(tasks)
        expected = await truth(following[0].base)
    kept = [(topic, number) for one in told for number, topics in one["kept"] for topic in topics]
    assert sum(one["undone"] for one in told) > PROCESSES * TASKS * EACH / 20
    assert sorted(kept) == sorted((topic, n) for rows in expected.values() for topic, _, n in rows)
    for topic, rows in expected.items():
        assert [seq for _, seq, _ in rows] == list(range(1 + following[0].base[topic], heads[topic] + 1))
        for follower in following:
            assert [row for row in follower.ledger if row[0] == topic] == rows
    lost = {row[:2] for rows in expected.values() for row in rows} - set(cursor.read)
    assert lost, "the canary: going by row ids must lose what commits late"
