"""Taps in a real browser: a phone's page on one server, a board's on another, the time between finger and bar."""

import os
import shutil
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from dispatch.bench.offers import COUNTY, County
from dispatch.bench.servers import PATIENCE_SECONDS, NoAnswerError
from volunteer import signin
from volunteer.act import system
from volunteer.models import Volunteer

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Both pages read one wall clock, finer than a millisecond.
_NOW: Final = "performance.timeOrigin + performance.now()"
_TAP: Final = f"""button => new Promise(done => {{
  button.addEventListener('click', () => done({_NOW}), {{ capture: true, once: true }})
  button.click()
}})"""
_WATCH: Final = f"""id => {{
  const count = () => document.querySelector(`[data-bar="${{id}}"] .count`)?.textContent
  const before = count()
  window.moved = new Promise(done => new MutationObserver((_, watcher) => {{
    if (count() === before) return
    watcher.disconnect()
    requestAnimationFrame(() => done({_NOW}))
  }}).observe(document.body, {{ subtree: true, childList: true, characterData: true }}))
}}"""


def found() -> str:
    """The path of a browser. Raises :class:`NoAnswerError` without one."""
    path = os.environ.get("CITONG_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise NoAnswerError(f"no browser found ({', '.join(BROWSERS)}); install one or name it in CITONG_BROWSER")
    return path


async def measured(
    near: int, far: int, head: Volunteer, person: Volunteer, place: County, shifts: list[UUID]
) -> list[float]:
    """Seconds from each tap on 接单 to the frame in which the board's bar has moved, one tap at a time."""
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        raise NoAnswerError("playwright is missing; install what the tests need: make packages-test") from None
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found(), args=["--no-sandbox", "--disable-gpu"])
        board = await (await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})).new_page()
        phone = await (await browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})).new_page()
        for page in (board, phone):
            page.set_default_timeout(PATIENCE_SECONDS * 1000)
        first = (place.first + timedelta(hours=8)).date().isoformat()
        await board.goto(await _link(head, far, "board", f"?region={COUNTY}&from={first}&days=7"))
        await phone.goto(await _link(person, near, "phone"))
        await board.locator(".live-dot.live").wait_for()
        seconds = [await _once(board, phone, shift) for shift in shifts]
        await browser.close()
    return seconds


async def _once(board: Any, phone: Any, shift: UUID) -> float:
    await board.locator(f'[data-bar="{shift}"] .count').wait_for()
    await board.evaluate(_WATCH, str(shift))
    button = phone.locator(".offer .answers .button.primary").first  # soonest deadline first: the order of the shifts
    await button.wait_for()
    tapped = await button.evaluate(_TAP)
    moved = await board.evaluate("window.moved")
    return float(moved - tapped) / 1000


async def _link(person: Volunteer, port: int, face: str, query: str = "") -> str:
    made = await signin.link(system(), person.id, face, public_url=f"http://127.0.0.1:{port}")
    base, _, token = made.partition("#")
    return f"{base}{query}#{token}"
