"""Where sockets are switched off a board still moves: it reads the journal every half minute, and says so."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.dispatch.world import World
from tests.e2e.house import House
from tests.e2e.test_board import COUNTY, DAYS
from tests.e2e.visits import Visits
from volunteer import people
from volunteer.act import system


@pytest.fixture(scope="module")
def house_settings() -> dict[str, object]:
    return {"live": "false"}


async def test_without_sockets_a_board_moves_by_the_slow_way(tiny: World, house: House, visits: Visits) -> None:
    boss, need, person = await tiny.person(free=False), await tiny.need(seats=2), await tiny.person()
    await people.grant(system(), boss.id, "coordinator", region=COUNTY)
    line = await tiny.offered(need, person)
    page = await visits.blank()
    await page.clock.install()
    await page.goto(await house.link(boss, "board", **DAYS))
    count = page.locator(f'[data-bar="{need.shift_id}"] .count')
    await expect(count).to_have_text("0/2")
    await expect(page.locator(".live-dot.live")).to_have_count(0)
    await page.evaluate("window.unbroken = true")
    assert (await house.post(person, f"/api/assignments/{line.id}/accept")).status_code == 200
    await page.clock.fast_forward(timedelta(seconds=46).seconds * 1000)  # half a minute, give or take half
    await expect(count).to_have_text("1/2")
    assert await page.evaluate("window.unbroken === true")
    await expect(page.locator(".live-dot.live")).to_have_count(0)
