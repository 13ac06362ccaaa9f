"""``citong watch`` as people run it: a program beside a real server, told by lines, ended by Ctrl-C."""

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.dispatch import world
from tests.dispatch.cli.program import ROOT, citong
from tests.dispatch.world import World
from tests.e2e.house import House, housed
from tests.volunteer.api.wire import say
from tests.waiting import eventually
from volunteer import people, signin
from volunteer.act import system

BOARD = "region:350502"


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


@pytest_asyncio.fixture
async def house(db: str, run_folder: Path) -> AsyncIterator[House]:
    async with housed(db, run_folder / "watched.log") as house:
        yield house


async def token(tiny: World) -> str:
    boss = await tiny.person(email="boss@example.org")
    await people.grant(system(), boss.id, "coordinator", region="350502")
    return await signin.token(system(), "boss@example.org")


class Watch:
    """The program, what it printed so far, and what it said on standard error. ``terminal``: it prints to one."""

    def __init__(self, house: House, secret: str, *words: str, terminal: bool = False) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("CITONG_")}
        end, out = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dispatch", "watch", *words, "--server", house.home], cwd=ROOT,
            env=clean | {"CITONG_TOKEN": secret, "COLUMNS": "300", "TERM": "xterm"}, stdout=out,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        os.close(out)
        os.set_blocking(end, False)
        self._end, self._printed = end, b""

    @property
    def printed(self) -> list[str]:
        with suppress(BlockingIOError):  # nothing more just now
            while part := os.read(self._end, 65536):
                self._printed += part
        return self._printed.decode().splitlines()

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.printed if line.endswith("}")]

    def seqs(self) -> list[int]:
        return [row["seq"] for row in self.rows if "kind" in row]

    async def ended(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Told to end: its status, and what it said on standard error."""
        self.process.send_signal(number)
        _, said = await asyncio.to_thread(self.process.communicate)
        return self.process.returncode, said.decode()


async def test_it_tells_what_happens_through_a_restart_and_ends_by_ctrl_c(tiny: World, house: House) -> None:
    await say([BOARD], n=1)
    watch = Watch(house, await token(tiny), BOARD, "--since", "0")
    await eventually(lambda: len(watch.seqs()) >= 1)
    base = watch.seqs()[-1]
    house.kill()
    await say([BOARD], n=2)
    await house.start()
    await say([BOARD], n=3)
    await eventually(lambda: watch.seqs()[-1:] == [base + 2])
    assert watch.seqs() == list(range(1, base + 3))
    assert watch.rows[-1] == watch.rows[-1] | {"topic": BOARD, "kind": "thing.done", "id": None, "data": {"n": 3}}
    assert await watch.ended() == (0, "")


async def test_in_a_terminal_it_prints_lines_for_people(tiny: World, house: House) -> None:
    from dispatch.roster import assignments

    secret = await token(tiny)
    need, person = await tiny.need(seats=3), await tiny.person()
    watch = Watch(house, secret, BOARD, "region:350502001", terminal=True)
    line = await tiny.offered(need, person)
    while not any("assignment.accepted" in printed for printed in watch.printed):
        await say([BOARD], n=1)  # it follows from now on: whenever that is, something is still to come
        await asyncio.sleep(0.2)
        if watch.printed and (await assignments.accept(world.by(person), line.id)).status == "accepted":
            await eventually(lambda: any("assignment.accepted" in printed for printed in watch.printed))
    shown = next(printed for printed in watch.printed if "assignment.accepted" in printed)
    assert "南音进校园" in shown
    assert "1/3" in shown
    assert shown.count(BOARD) == 1
    assert "\x1b[" in shown
    code, said = await watch.ended(signal.SIGTERM)
    assert code == 0
    assert said.strip().splitlines() == [f"· connected to {house.home}"]


async def test_what_it_cannot_watch_is_one_line(tiny: World, house: House) -> None:
    secret = await token(tiny)

    async def trouble(*words: str, **settings: str) -> str:
        return (await asyncio.to_thread(citong, "watch", *words, **settings)).trouble

    assert "citong token EMAIL" in await trouble(BOARD)
    assert "not signed in" in await trouble(BOARD, token="wrong", public_url=house.home)
    assert "region:999999" in await trouble("region:999999", "--server", house.home, token=secret)
    assert "nothing answers at http://127.0.0.1:1" in await trouble(BOARD, "--server", "http://127.0.0.1:1", token="x")
    assert "--since" in await trouble(BOARD, "region:350503", "--since", "3", token="x")
