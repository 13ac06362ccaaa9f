"""Two coordinators on one board, each on a server of its own: they see each other, and who works on which seat."""

import os
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from dispatch.models import Assignment, Need
from tests.dispatch.world import World
from tests.e2e.house import House, housed
from tests.e2e.looking import look
from tests.e2e.test_board import COUNTY, DAYS
from tests.e2e.visits import PHONE, Visits
from volunteer import people
from volunteer.act import system
from volunteer.models import Volunteer


@pytest_asyncio.fixture
async def elsewhere(browser: Browser, house: House, module_db: str, run_folder: Path) -> Any:
    """Visits to a second server on the same database."""
    async with housed(module_db, run_folder / "presence.log") as second:
        made = Visits(browser, second)
        yield made
        await made.end()
        assert made.errors == []


async def coordinator(tiny: World, name: str, pinyin: str) -> Volunteer:
    person = await tiny.person(free=False, name=name, pinyin=pinyin)
    await people.grant(system(), person.id, "coordinator", region=COUNTY)
    return person


async def at_the_shift(visits: Visits, person: Volunteer, need: Need, **kwargs: Any) -> Page:
    page = await visits.board(person, **DAYS, **kwargs)
    await page.locator(f'[data-bar="{need.shift_id}"]').click()
    return page


async def shot(page: Page, name: str) -> None:
    """Kept for whoever wants to look: CITONG_SHOTS names a folder."""
    if folder := os.environ.get("CITONG_SHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png")


async def test_two_see_each_other_and_take_a_seat_over_with_a_word(
    tiny: World, visits: Visits, elsewhere: Visits
) -> None:
    need, free = await tiny.need(seats=2), await tiny.person()
    chen, lin = await coordinator(tiny, "陈雅琴", "chenyaqin cyq"), await coordinator(tiny, "林志远", "linzhiyuan lzy")
    one = await at_the_shift(visits, chen, need)
    two = await at_the_shift(elsewhere, lin, need)
    await expect(one.locator(".also .onlooker")).to_have_text("林ZY")
    await expect(two.locator(f'[data-bar="{need.shift_id}"] .onlooker')).to_have_text("陈YQ")

    await one.get_by_role("button", name="所有合适的人").click()
    await expect(one.locator(".seat-mark")).to_contain_text("别人能看到您正在处理这个岗位")
    warned = two.locator(".seat-mark.risk")
    await expect(warned).to_contain_text("陈YQ")
    await expect(warned).to_contain_text("您仍可照常操作")
    await shot(two, "presence-warned")

    # A mark is no lock: the other one asks somebody all the same.
    await two.get_by_role("button", name="所有合适的人").click()
    row = two.locator(".people li")
    await row.get_by_role("button", name="发邀请").click()
    await expect(row).to_contain_text("邀请已发出")
    assert await Assignment.filter(need_id=need.id, volunteer_id=free.id, status="offered").exists()

    await warned.get_by_role("button", name="我来接手").click()
    await warned.get_by_label("给陈YQ留句话").fill("这所学校我熟")
    await shot(two, "presence-taking")
    await warned.get_by_role("button", name="我来接手").click()
    await expect(two.locator(".seat-mark")).to_contain_text("别人能看到您正在处理这个岗位")
    await expect(one.locator(".seat-mark.risk")).to_contain_text("林ZY已从您这里接手：“这所学校我熟”")
    await shot(one, "presence-ousted")

    small = await visits.blank(PHONE, language="en-GB")
    await small.goto(await visits.house.link(chen, "board", **(DAYS | {"days": 1})))
    await small.locator(f'[data-bar="{need.shift_id}"]').click()
    await expect(small.locator(".seat-mark.risk")).to_contain_text("林ZY has been working on this seat since")
    await shot(small, "presence-phone")
    await small.get_by_role("tab", name="Time line").click()
    await expect(small.locator(".also")).to_contain_text("Also here")
    await shot(small, "presence-phone-line")
    assert (await look(small)).beyond == 0

    await two.close()
    await expect(one.locator(".also")).to_have_count(0)
    await expect(one.locator(".seat-mark")).to_contain_text("别人能看到您正在处理这个岗位")
