"""From a coordinator's tap to the committed offer: ``POST /api/needs/{id}/repair`` against a real server and database.

A county with so many people and offers; one after the other accepts and steps back, and the hole is repaired by one
request that finds the best repair, judges it on today's rows and commits it.
"""

import asyncio
import http.client
import json
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from dispatch import queue
from dispatch.bench import offers, servers
from dispatch.bench.offers import Tap
from dispatch.models import Assignment
from dispatch.roster import assignments
from volunteer import database, embedded
from volunteer.act import Act, Actor, now
from volunteer.live import bell

HEARD = 0.15  # seconds that the server gets to hear of a dropout
WARMING = 120


def measured(people: int, dropouts: int) -> dict[str, Any]:
    """Milliseconds from the request to its answer: of the POST that repairs, of the GET that shows the proposals, and
    of a request that asks nothing, which tells how busy the machine is."""
    with tempfile.TemporaryDirectory(prefix="citong-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # root's PostgreSQL runs as another account, which must pass through
        with embedded.ensure(folder / "postgres") as server:
            return asyncio.run(_measured(server.url(), folder, people, dropouts))


async def _measured(url: str, folder: Path, people: int, dropouts: int) -> dict[str, Any]:
    await database.migrate(url)
    await queue.install(url)
    async with database.opened(url, pool=4), bell.ringing(url):
        place = await offers.county()
        _, token = await offers.coordinator()
        taps = await offers.crowd(place, people)
        with servers.serving(url, folder, "a") as port:
            desk = _Desk(port, token)
            need = (await Assignment.get(id=taps[0].assignment)).need_id
            await asyncio.to_thread(desk.warmed, str(need))
            bare, looked, made, refused = [], [], [], 0
            for tap in taps[:: max(1, people // dropouts)][:dropouts]:
                hole = await _left(tap)
                await asyncio.sleep(HEARD)
                bare.append((await asyncio.to_thread(desk.ping))[0])
                looked.append((await asyncio.to_thread(desk.get, hole))[0])
                seconds, status = await asyncio.to_thread(desk.post, hole)
                made += [seconds] if status == 201 else []
                refused += status != 201
    counts = {"people": people, "committed": len(made), "refused": refused}
    return {**counts, "bare": _ms(bare), "shown": _ms(looked), "repaired": _ms(made)}


async def _left(tap: Tap) -> str:
    """The person says yes and steps back; the need that they leave."""
    line = await Assignment.get(id=tap.assignment)
    act = Act(Actor(line.volunteer_id), now())
    await assignments.accept(act, line.id)
    await assignments.cancel(act, line.id)
    return str(line.need_id)


def _ms(seconds: list[float]) -> dict[str, float]:
    return (
        {f"p{share}_ms": round(float(np.percentile(seconds, share)) * 1000, 1) for share in (50, 95)} if seconds else {}
    )


class _Desk:
    """The coordinator's browser, as far as two requests need one."""

    def __init__(self, port: int, token: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def warmed(self, need: str) -> None:
        for _ in range(WARMING):
            self.line.request("GET", f"/api/needs/{need}/substitutes", headers=self.headers)
            if json.loads(self.line.getresponse().read())["ready"]:
                return
            time.sleep(1)
        raise servers.NoAnswerError(f"the roster was not read within {WARMING} s")

    def ping(self) -> tuple[float, int]:
        return self._timed("GET", "/healthz", None, {})

    def get(self, need: str) -> tuple[float, int]:
        return self._timed("GET", f"/api/needs/{need}/substitutes", None, {})

    def post(self, need: str) -> tuple[float, int]:
        return self._timed("POST", f"/api/needs/{need}/repair", "{}", {"Idempotency-Key": uuid4().hex})

    def _timed(self, method: str, path: str, body: str | None, more: dict[str, str]) -> tuple[float, int]:
        began = time.perf_counter()
        self.line.request(method, path, body, {**self.headers, **more})
        answer = self.line.getresponse()
        answer.read()
        return time.perf_counter() - began, answer.status
