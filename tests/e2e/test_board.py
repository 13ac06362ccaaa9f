"""The board moves by itself and misses nothing: taps on phones, a dead network, a killed server."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from dispatch.models import Assignment, Need
from tests.dispatch.world import START, World
from tests.e2e.house import House
from tests.e2e.visits import Visits
from tests.waiting import eventually
from volunteer import people
from volunteer.act import system
from volunteer.models import Volunteer

COUNTY = "350502"
DAYS = {"region": COUNTY, "from": (START + timedelta(hours=8)).date().isoformat(), "days": 7}

# What a board says of its bars, its totals and what needs a person; the order of rows is the looker's own.
SAYS = """() => ({
  bars: Object.fromEntries([...document.querySelectorAll('[data-bar]')].map(bar => [bar.dataset.bar, bar.innerText])),
  totals: document.querySelector('.totals').innerText,
  needy: [...document.querySelectorAll('.needy button')].map(item => item.innerText).sort(),
})"""


@pytest_asyncio.fixture(scope="module")
async def coordinator(tiny: World) -> Volunteer:
    person = await tiny.person(free=False)
    await people.grant(system(), person.id, "coordinator", region=COUNTY)
    return person


async def counts(page: Page, need: Need) -> str:
    """Filled of wished, as the bar of this need's shift shows it."""
    return await page.locator(f'[data-bar="{need.shift_id}"] .count').inner_text()


async def opened(visits: Visits, coordinator: Volunteer, need: Need) -> Page:
    """A board on which this need is seen, marked so that a new load would show."""
    page = await visits.board(coordinator, **DAYS)
    await expect(page.locator(f'[data-bar="{need.shift_id}"]')).to_be_visible()
    await expect(page.locator(".live-dot.live")).to_have_text("实时")
    await page.evaluate("window.unbroken = true")
    return page


async def unbroken(page: Page) -> bool:
    return bool(await page.evaluate("window.unbroken === true"))


async def test_a_tap_on_a_phone_fills_the_bar_on_an_open_board(
    tiny: World, house: House, visits: Visits, coordinator: Volunteer
) -> None:
    need, person = await tiny.need(seats=2), await tiny.person()
    line = await tiny.offered(need, person)
    board = await opened(visits, coordinator, need)
    assert await counts(board, need) == "0/2"
    phone = await visits.phone(person, service_workers="block")
    held, sent = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        sent.set()
        await held.wait()
        await route.continue_()

    await phone.route("**/accept", hold)
    card = phone.get_by_role("article", name="南音进校园")
    await card.get_by_role("button", name="接单").click()
    await sent.wait()
    await expect(card.get_by_text("正在接单…")).to_be_visible()
    assert "接单成功" not in await phone.locator("body").inner_text()
    assert (await Assignment.get(id=line.id)).status == "offered"

    async with phone.expect_response("**/accept") as answered:
        held.set()
    assert (await answered.value).status == 200
    await expect(card.get_by_text("接单成功")).to_be_visible()
    await expect(board.locator(f'[data-bar="{need.shift_id}"] .count')).to_have_text("1/2")
    await expect(board.locator(f'[data-bar="{need.shift_id}"] .fill .filled')).to_be_visible()
    await expect(board.locator(".ticker")).to_contain_text("1 人接单")
    assert await unbroken(board)
    assert (await Assignment.get(id=line.id)).status == "accepted"


class Evening:
    """Offers of one need that people answer over HTTP; ``ledger`` is what they were told, apart from the database."""

    def __init__(self, house: House, need: Need) -> None:
        self.house, self.need = house, need
        self.lines: list[tuple[Volunteer, UUID]] = []
        self.ledger: Counter[str] = Counter()

    async def offers(self, tiny: World, count: int) -> None:
        for _ in range(count):
            person = await tiny.person()
            self.lines.append((person, (await tiny.offered(self.need, person)).id))

    async def answer(self, *verbs: str) -> None:
        for verb in verbs:
            person, line = self.lines.pop()
            done = await self.house.post(person, f"/api/assignments/{line}/{verb}")
            assert done.status_code == 200, done.text
            self.ledger[done.json()["status"]] += 1

    @property
    def bar(self) -> tuple[str, str]:
        return f"{self.ledger['accepted']}/{self.need.desired}", f"{len(self.lines)} 份邀请待答复"


async def same(old: Page, new: Page) -> None:
    """Two boards say the same, sooner or later; what they say."""
    said: list[Any] = []

    async def equal() -> bool:
        said[:] = [await old.evaluate(SAYS), await new.evaluate(SAYS)]
        return bool(said[0] == said[1])

    try:
        await eventually(equal)
    except TimeoutError:
        assert said[0] == said[1]


async def caught_up(visits: Visits, coordinator: Volunteer, board: Page, evening: Evening) -> None:
    """The board that was away shows what the ledger knows, and what a board shows that is opened now."""
    bar = board.locator(f'[data-bar="{evening.need.shift_id}"]')
    await expect(bar.locator(".count")).to_have_text(evening.bar[0])
    await expect(bar).to_contain_text(evening.bar[1])
    assert await unbroken(board)
    fresh = await opened(visits, coordinator, evening.need)
    await same(board, fresh)


async def test_a_board_without_network_misses_nothing(
    tiny: World, house: House, visits: Visits, coordinator: Volunteer
) -> None:
    evening = Evening(house, await tiny.need(seats=6, after=timedelta(hours=24)))
    await evening.offers(tiny, 6)
    board = await opened(visits, coordinator, evening.need)
    await evening.answer("accept")
    await expect(board.locator(f'[data-bar="{evening.need.shift_id}"] .count')).to_have_text("1/6")

    await board.context.set_offline(True)
    await expect(board.locator(".live-dot.live")).to_have_count(0)
    before = await board.evaluate(SAYS)
    await evening.answer("accept", "decline", "accept", "decline")
    other = await opened(visits, coordinator, evening.need)
    await expect(other.locator(f'[data-bar="{evening.need.shift_id}"] .count')).to_have_text("3/6")
    assert await board.evaluate(SAYS) == before, "the network was not cut, so this proves nothing"

    await board.context.set_offline(False)
    await caught_up(visits, coordinator, board, evening)


async def test_a_killed_server_comes_back_and_nothing_was_missed(
    tiny: World, house: House, visits: Visits, coordinator: Volunteer
) -> None:
    evening = Evening(house, await tiny.need(seats=6, after=timedelta(hours=48)))
    await evening.offers(tiny, 6)
    board = await opened(visits, coordinator, evening.need)
    house.kill()
    await expect(board.locator(".live-dot.live")).to_have_count(0)
    await board.context.set_offline(True)  # it comes back after the changes, not between them
    await house.start()
    await evening.answer("decline", "accept", "accept", "decline")
    await board.context.set_offline(False)
    await caught_up(visits, coordinator, board, evening)
    await evening.answer("accept")
    await expect(board.locator(f'[data-bar="{evening.need.shift_id}"] .count')).to_have_text("3/6")
