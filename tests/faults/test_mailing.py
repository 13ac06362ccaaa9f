"""P-17: senders that are killed while they send lose nothing; a second copy is at most one a kill, and known as one.
``make faults PART=p17`` kills thirty times in six hundred letters.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from tortoise.connection import get_connection

from tests.volunteer.conftest import REGIONS, Sink
from tests.waiting import eventually
from volunteer import journal, notices
from volunteer.act import fresh_id, now, system
from volunteer.models import Notice, Region, Volunteer
from volunteer.settings import Settings

ROOT = Path(__file__).parents[2]
LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
KILLS: Final = 30 if LONG else 3
A_KILL: Final = 20  # letters; so that each kill meets senders that send

# A sender as a worker runs it, in a process of its own. ``careless`` takes the guards away: claims and fences.
SENDER = """
import asyncio, json, sys
from volunteer import database, notices
from volunteer.notices import sending
from volunteer.settings import Settings
url, settings, careless = sys.argv[1], Settings(**json.loads(sys.argv[2])), sys.argv[3] == "careless"
if careless:
    sending._CLAIM = sending._CLAIM.replace("AND (claimed_until IS NULL OR claimed_until < clock_timestamp())", "")
    sending._CLAIM = sending._CLAIM.replace("FOR UPDATE SKIP LOCKED", "")
    sending._HOLD = sending._HOLD.replace("AND fence = $3", "AND $3::int IS NOT NULL")
    sending._MARK = sending._MARK.replace("AND fence = $2", "AND $2::int IS NOT NULL")
async def main():
    async with database.opened(url, pool=2):
        print("ready", flush=True)
        while True:
            await notices.send_due(settings, limit=8)
            await asyncio.sleep(0.02)
asyncio.run(main())
"""


class Sender:
    """One of the processes; it is killed by its own id."""

    def __init__(self, url: str, settings: Settings, way: str = "careful") -> None:
        names = ("mail_host", "mail_port", "mail_tls", "mail_timeout")
        told = json.dumps({name: getattr(settings, name) for name in names})
        self.process = subprocess.Popen(
            [sys.executable, "-c", SENDER, url, told, way], cwd=ROOT, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    async def ready(self) -> None:
        assert self.process.stdout is not None
        assert await asyncio.to_thread(self.process.stdout.readline) == b"ready\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


async def _town() -> None:
    for code, name, level, parent in REGIONS:
        await Region.create(code=code, name=name, level=level, kind=level, parent_id=parent)


async def _owed(count: int) -> list[str]:
    """So many people, each owed one letter; their addresses."""
    until, addresses = now() + timedelta(hours=9), []
    for _ in range(count):
        number = uuid4().hex[:12]
        address = f"{number}@example.org"
        person = Volunteer(
            id=fresh_id(now()), number=number, name="陈", region_id="350502001", email=address, created_at=now()
        )
        await person.save(force_create=True)
        who = person.id
        await journal.writing(
            system(), lambda w, who=who: notices.owe(w, "event.cancelled", who, ref=uuid4(), until=until)
        )
        addresses.append(address)
    return addresses


def _copies(sink: Sink) -> dict[str, Counter[str]]:
    """How often each address got each Message-ID."""
    got: dict[str, Counter[str]] = {}
    for letter in list(sink.taken):
        got.setdefault(letter.to[0], Counter())[letter.id] += 1
    return got


@pytest.fixture
def moody() -> Any:
    """A server that takes its time over each answer."""
    sink = Sink(Settings(public_url="http://citong.test"))
    sink.settings = sink.settings.model_copy(update={"mail_timeout": 2})
    sink.delay = 0.08
    yield sink
    sink.stop()


async def test_p17_killed_senders_lose_nothing_and_repeat_at_most_what_was_under_way(db: str, moody: Sink) -> None:
    await _town()
    addresses: list[str] = []
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    senders = [Sender(db, moody.settings), Sender(db, moody.settings)]
    kills = 0
    try:
        for sender in senders:
            await sender.ready()
        while kills < KILLS:
            before = len(moody.taken)
            addresses += await _owed(A_KILL)
            await eventually(lambda before=before: len(moody.taken) > before)
            await asyncio.sleep(chance.uniform(0, 0.2))
            chosen = chance.randrange(2)
            senders[chosen].kill()
            kills += 1
            senders[chosen] = Sender(db, moody.settings)
            await senders[chosen].ready()
    finally:
        for sender in senders:
            sender.kill()
    kills += len(senders)
    moody.delay = 0
    await asyncio.sleep(0.3)  # what the dead handed over arrives
    while await Notice.exists(channel="mail", state="due"):
        past = now() - timedelta(seconds=1)
        await Notice.filter(state="due").update(claimed_until=past, due_at=past)
        await get_connection("default").execute_query("DELETE FROM breaker")
        await notices.send_due(moody.settings)
    copies = _copies(moody)
    assert set(copies) == set(addresses), f"seed {seed}"
    assert {len(ids) for ids in copies.values()} == {1}, f"a second copy is known as one; seed {seed}"
    assert sum(sum(ids.values()) - 1 for ids in copies.values()) <= kills, f"seed {seed}"


async def test_p17_canary_senders_without_claims_repeat_themselves(db: str, moody: Sink) -> None:
    await _town()
    await _owed(A_KILL * 3)
    senders = [Sender(db, moody.settings, "careless"), Sender(db, moody.settings, "careless")]
    try:
        for sender in senders:
            await sender.ready()
        await eventually(lambda: any(sum(ids.values()) > 1 for ids in _copies(moody).values()))
    finally:
        for sender in senders:
            sender.kill()
