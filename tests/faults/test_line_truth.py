"""P-9: snapshot + entries = truth. Random lives against real PostgreSQL; after every command each audience's screen,
which read its view once and then took entries by the reducer of the real front end, shows what a fresh view shows.

``make faults PART=p9`` plays a hundred longer lives.
"""

import asyncio
import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from dispatch import bars
from tests.dispatch.ground import Ground
from tests.dispatch.machine import Life
from tests.dispatch.roster.test_assignments_machine import QUIET
from tests.faults.audience import Audience, View
from volunteer import database

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
LIVES, STEPS = (100, 40) if LONG else (8, 25)


class Watched(Life):
    """A life with an audience. What no command does (the days that pass, rows that are aged) is read anew."""

    audience: Audience
    blind = False

    def open(self, scene: str, first: list[int]) -> None:
        self.ground.do(self.audience.reread())
        super().open(scene, first)

    def check(self) -> None:
        super().check()
        self.ground.do(self.audience.reread() if self.blind else self.audience.follow())

    def the_day_comes(self, often: int) -> None:
        self.blind = True
        super().the_day_comes(often)
        self.blind = False

    def an_offer_ends(self, pick: int) -> None:
        super().an_offer_ends(pick)
        self.ground.do(self.audience.reread())


class Forgetful(Audience):
    """A canary: every third entry is lost on the way."""

    def taken(self, rows: list[View]) -> list[View]:
        return [row for row in rows if row["s"] % 3]


@pytest.fixture(scope="module")
def ground(module_database_url: str) -> Iterator[Ground]:
    loop = asyncio.new_event_loop()
    context = database.opened(module_database_url)
    loop.run_until_complete(context.__aenter__())
    made = Ground(loop)
    made.do(made.lay())
    yield made
    loop.run_until_complete(context.__aexit__(None, None, None))
    loop.close()


def play(ground: Ground, audience: Audience, *, lives: int = LIVES, steps: int = STEPS) -> None:
    try:
        if not audience.screens:
            ground.do(audience.seat())
        machine = type("WatchedHere", (Watched,), {"ground": ground, "audience": audience})
        run_state_machine_as_test(machine, settings=settings(QUIET, max_examples=lives, stateful_step_count=steps))
    finally:
        audience.close()


def test_p9_every_screen_shows_what_a_fresh_one_would_after_every_command(ground: Ground) -> None:
    audience = Audience(ground)
    play(ground, audience)
    for name in ("board", "attention", "sheet", "offers", "week"):
        assert audience.kept[name] > 3, f"{name} was read anew each time, so this proves nothing: {audience.kept}"


def test_p9_canary_a_screen_that_loses_entries_is_found_out(ground: Ground) -> None:
    with pytest.raises(AssertionError):
        play(ground, Forgetful(ground), lives=50)


def test_p9_canary_an_entry_with_an_old_bar_is_found_out(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    around = bars.around

    async def before(*args: Any) -> dict[Any, Any]:
        found = await around(*args)
        return {need: bar | {"filled": 0} for need, bar in found.items()}

    monkeypatch.setattr(bars, "around", before)
    with pytest.raises(AssertionError):
        play(ground, Audience(ground), lives=50)
