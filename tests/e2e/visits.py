"""People at their screens: each visit is a browser context of its own, signed in by a link."""

from typing import Any

from playwright.async_api import Browser, Page

from tests.e2e.house import House
from tests.waiting import PATIENCE
from volunteer.models import Volunteer

DESK, PHONE = (1280, 800), (390, 844)


class Visits:
    """``errors``: what pages threw and nobody caught."""

    def __init__(self, browser: Browser, house: House) -> None:
        self.errors: list[str] = []
        self._browser, self.house = browser, house
        self._contexts: list[Any] = []

    async def blank(self, size: tuple[int, int] = DESK, *, language: str = "zh-CN", **options: Any) -> Page:
        """An empty page in a context of its own."""
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=language, timezone_id="Asia/Shanghai",
            has_touch=size == PHONE, **options,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE * 1000)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    async def board(self, person: Volunteer, *, language: str = "zh-CN", **query: object) -> Page:
        page = await self.blank(language=language)
        await page.goto(await self.house.link(person, "board", **query))
        return page

    async def phone(self, person: Volunteer, *, language: str = "zh-CN", **options: Any) -> Page:
        page = await self.blank(PHONE, language=language, **options)
        await page.goto(await self.house.link(person, "phone"))
        return page

    async def desk(self, person: Volunteer, path: str = "", *, language: str = "zh-CN", **query: object) -> Page:
        page = await self.blank(language=language)
        await page.goto(await self.house.link(person, "desk", path, **query))
        return page

    async def end(self) -> None:
        for context in self._contexts:
            await context.close()
