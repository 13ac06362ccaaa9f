"""Every screen in both languages: words instead of keys, one language at a time, names on all buttons, nothing beyond
the edge of a small phone. The town's own data is in Latin letters, so that each Chinese character is one of ours."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from dispatch.models import Event, Need, Shift, Venue
from dispatch.roster import assignments
from tests.dispatch.world import START, World
from tests.e2e.house import House
from tests.e2e.looking import Seen, look
from tests.e2e.visits import DESK, PHONE, Visits
from volunteer import journal, notices, people
from volunteer.act import system
from volunteer.models import Region, Skill, Volunteer

COUNTY = "350502"
NAMES = {"3505": "Quanzhou", COUNTY: "Licheng", "350502001": "Haibin", "350503": "Fengze"}
EVENT = {"title": "Open day", "title_en": "Open day", "risk_notice": "Mind the steps", "description": "For all ages"}
KEY = re.compile(r"(?<![\w@./-])[a-z][a-zA-Z_]*(?:\.[a-zA-Z_]+)+(?![\w@./])")
CHINESE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")

Walk = AsyncIterator[str]


@pytest_asyncio.fixture(scope="module")
async def town(tiny: World) -> World:
    for code, name in NAMES.items():
        await Region.filter(code=code).update(name=name)
    await Venue.all().update(name="Haibin Hall")
    await Skill.create(code="puppetry", name="Puppetry", name_en="Puppetry", discipline="theatre")
    return tiny


@pytest_asyncio.fixture(scope="module")
async def needs(town: World) -> list[Need]:
    """One that is filled half and asked for, one that nobody can do, one on an event of great weight."""
    half = await town.need(seats=2, event=EVENT, role="Helper")
    hole = await town.need(
        after=timedelta(days=1), event=EVENT | {"priority": 5}, role="Puppeteer",
        asks=[{"skill": "puppetry", "level": 4}], languages=["nan"], age_min=18, near_minors=True,
    )  # fmt: skip
    for number in range(2):
        person = await town.person(name=f"Helper {number}")
        line = await assignments.offer(system(), half.id, person.id)
        if number:
            await assignments.accept(system(), line.id)
    return [half, hole]


@pytest_asyncio.fixture(scope="module")
async def head(town: World) -> Volunteer:
    person = await town.person(name="Head", free=False, email="head@example.org")
    await people.grant(system(), person.id, "coordinator", region=COUNTY)
    event = (await Shift.get(id=(await town.need(event=EVENT | {"state": "cancelled"})).shift_id)).event_id
    until = START + timedelta(days=30)
    await journal.writing(system(), lambda w: notices.owe(w, "event.cancelled", person.id, ref=event, until=until))
    return person


@pytest_asyncio.fixture(scope="module")
async def volunteer(town: World) -> Volunteer:
    person = await town.person(name="Wu", email="wu@example.org")
    for day in range(2, 5):
        need = await town.need(after=timedelta(days=day), event=EVENT, role="Guide", leader=day == 3)
        line = await assignments.offer(system(), need.id, person.id)
        if day == 4:
            await assignments.accept(system(), line.id)
    return person


def judged(seen: Seen, language: str, where: str) -> None:
    assert seen.language == language, where
    keys = [text for _, text in seen.texts if KEY.search(text)]
    assert keys == [], f"{where}: keys instead of words"
    if language == "en":
        foreign = [text for spoken, text in seen.texts if spoken == "en" and CHINESE.search(text)]
        assert foreign == [], f"{where}: Chinese among English"
    else:
        assert any(CHINESE.search(text) for _, text in seen.texts), where
    assert seen.nameless == [], f"{where}: without a name"
    assert seen.twice == [], f"{where}: one id twice"
    assert seen.beyond == 0, f"{where}: wider than the screen"


async def in_both(page: Page, walk: Callable[[Page], Walk], switch: Callable[[Page], AsyncIterator[None]]) -> None:
    """Walk in Chinese, change the language on the page, walk again; the page is never loaded anew."""
    await page.evaluate("window.unbroken = true")
    for language in ("zh-CN", "en"):
        async for where in walk(page):
            judged(await look(page), language, f"{where} in {language}")
        if language == "zh-CN":
            async for _ in switch(page):
                await page.get_by_role("button", name="English").click()
                await expect(page.locator("html")).to_have_attribute("lang", "en")
    assert await page.evaluate("window.unbroken === true")


async def by_account(page: Page) -> AsyncIterator[None]:
    await page.locator("details.account summary").click()
    yield
    await page.locator("details.account summary").click()


async def by_me(page: Page) -> AsyncIterator[None]:
    await page.locator('nav a[href="/phone/me"]').click()
    yield


# ---- the walks: by nothing that depends on the language ----


async def on_the_phone(page: Page) -> Walk:
    await page.locator('nav a[href="/phone/"]').click()
    await expect(page.locator("article.offer")).to_have_count(2)
    for more in await page.locator("details summary").all():
        await more.click()
    yield "offers"
    await page.locator(".answers .button:not(.primary)").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    yield "reasons of a no"
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.locator('a[href="/phone/week"]').click()
    yield "week"
    await page.locator('nav a[href="/phone/me"]').click()
    await expect(page.get_by_role("switch")).to_be_visible()
    yield "me"
    await page.locator('a[href="/phone/hours"]').click()
    await expect(page.locator(".sums")).to_be_visible()
    yield "my hours"


def on_the_board(need: Need) -> Callable[[Page], Walk]:
    async def walk(page: Page) -> Walk:
        bar = page.locator(f'[data-bar="{need.shift_id}"]')
        narrow = page.viewport_size is not None and page.viewport_size["width"] == PHONE[0]
        if narrow:
            await page.locator("#tab-line").click()
        await expect(bar).to_be_visible()
        yield "board"
        await page.locator("#tab-attention").click()
        await expect(page.locator(".needy button").first).to_be_visible()
        yield "what needs a person"
        await page.locator("#tab-plan").click()
        await expect(page.locator(".wish")).to_be_visible()
        yield "plans"
        await page.locator("#tab-shift").click()
        yield "no shift"
        if narrow:
            await page.locator("#tab-line").click()
        await bar.click()
        await expect(page.locator(".one-shift .need")).to_have_count(1)
        await page.locator(".one-shift .need > button").first.click()
        await expect(page.locator(".one-shift .need details")).to_be_visible()
        yield "shift and whom to ask"
        await page.keyboard.press("Escape")

    return walk


def at_the_desk(event: Event) -> Callable[[Page], Walk]:
    """Another event begins at the same minute, so this one is asked for by name and not by its place."""

    async def walk(page: Page) -> Walk:
        line = page.locator(f'.event-line[data-event="{event.id}"]')
        await expect(line).to_be_visible()
        yield "list"
        await line.click()
        await expect(page.locator(".need-block")).to_have_count(1)
        await page.locator(".need-block > button[aria-expanded]").click()
        await expect(page.locator(".need-who details")).to_be_visible()
        yield "event and whom to ask"
        await page.locator(".sheet-pane .bar .ways > button").first.click()
        await expect(page.locator(".cancel-form")).to_be_visible()
        yield "calling it off"
        await page.locator('.sheet-pane a[href*="roster"]').click()
        await page.wait_for_url("**/roster**")
        yield "roster"
        await page.locator('.rail a[href="/desk/people"]').click()
        await expect(page.locator(".desk-people section")).to_have_count(4)
        yield "people"
        await page.locator('.rail a[href="/desk/hours"]').click()
        await page.locator(".desk-hours .asks > summary").click()
        await expect(page.locator(".ask-hours")).to_be_visible()
        yield "hours"
        await page.locator(".rail a.brand").click()

    return walk


async def test_the_phone(volunteer: Volunteer, visits: Visits) -> None:
    await in_both(await visits.phone(volunteer), on_the_phone, by_me)


async def test_the_smallest_phone(volunteer: Volunteer, visits: Visits) -> None:
    """Narrower than any that is sold: nothing lies beyond its edge."""
    page = await visits.phone(volunteer)
    await page.set_viewport_size({"width": 320, "height": 640})
    for path in ("", "week", "find", "me", "me/told", "hours", "inbox"):
        await page.goto(f"{visits.house.home}/phone/{path}")
        await expect(page.locator("main h1")).to_be_visible()
        judged(await look(page), "zh-CN", path)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["wide", "narrow"])
async def test_the_board(
    needs: list[Need], head: Volunteer, house: House, visits: Visits, size: tuple[int, int]
) -> None:
    page = await visits.blank(size)
    day = (START + timedelta(days=1, hours=8)).date().isoformat()  # where the hole lies, in local time
    days = (
        {"from": day, "days": 1}
        if size == PHONE
        else {"from": (START + timedelta(hours=8)).date().isoformat(), "days": 7}
    )
    await page.goto(await house.link(head, "board", region=COUNTY, **days))
    await in_both(page, on_the_board(needs[1]), by_account)


@pytest.mark.parametrize("which", [0, 1], ids=["half", "hole"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["wide", "narrow"])
async def test_the_desk(
    needs: list[Need], head: Volunteer, house: House, visits: Visits, size: tuple[int, int], which: int
) -> None:
    page = await visits.blank(size)
    shift = await Shift.get(id=needs[which].shift_id).prefetch_related("event")
    await page.goto(await house.link(head, "desk"))
    await in_both(page, at_the_desk(shift.event), by_account)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_doors(house: House, visits: Visits, language: str) -> None:
    """The pages before anybody signed in, and a link that is dead."""
    page = await visits.blank(PHONE, language=language)
    for path in ("", "phone/", "desk/", "board/#t=abcdefghijklmnopqrstuvwxyz"):
        await page.goto(f"{house.home}/{path}")
        await expect(page.locator("#email, .home a, main").first).to_be_visible()
        judged(await look(page), language, path)


PLANTED = (
    "<p>board.plan.run</p>",
    "<p title='phone.tabs'>x</p>",
    "<p>登录</p>",
    "<input placeholder='邮箱' aria-label='x'>",
    "<button></button>",
    "<a href='/'><span aria-hidden='true'>x</span></a>",
    "<i id='email'></i>",
    "<div style='width: 400px'>x</div>",
)


async def test_the_eye_is_not_blind(house: House, visits: Visits) -> None:
    """Canary: what every other test here looks for is found when it is put on a page."""
    page = await visits.blank(PHONE, language="en")
    await page.goto(f"{house.home}/phone/")
    await expect(page.locator("#email")).to_be_visible()
    judged(await look(page), "en", "as it is")
    for planted in PLANTED:
        await page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", planted)
        with pytest.raises(AssertionError):
            judged(await look(page), "en", planted)
        await page.evaluate("document.body.lastElementChild.remove()")
