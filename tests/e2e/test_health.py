"""When a part of the house dies, those who look after others read it above their work, in their language."""

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect
from tortoise import connections

from tests.dispatch.world import World
from tests.e2e.looking import look
from tests.e2e.visits import PHONE, Visits
from volunteer import journal, notices, people
from volunteer.act import now, system
from volunteer.models import Notice, Volunteer
from volunteer.notices import holding

SAID = {
    "mail": {"zh-CN": "通知发不出去", "en": "Notices do not leave"},
    "held": {"zh-CN": "邮件先不发送", "en": "mail is held"},
}


@pytest.fixture(scope="module")
def black_hole() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent.getsockname()[1]


@pytest.fixture(scope="module")
def house_settings(black_hole: int) -> dict[str, object]:
    return {"mail_host": "127.0.0.1", "mail_port": black_hole, "mail_tls": "none", "mail_timeout": 1}


async def seen(page: Page, name: str) -> None:
    if folder := os.environ.get("CITONG_SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")
    found = await look(page)
    assert (found.nameless, found.twice) == ([], [])
    box = await page.locator(".house-state").bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= box["x"] + box["width"] <= await page.evaluate("innerWidth")


async def test_boards_and_desks_say_that_mail_is_dead_and_that_it_is_held(tiny: World, visits: Visits) -> None:
    boss = await tiny.person(email="boss@example.org")
    await people.grant(system(), boss.id, "coordinator", region="350502")
    await tiny.need()
    pages = {
        ("board", "zh-CN"): await visits.board(boss),
        ("board", "en"): await small(visits, boss, "board", "en"),
        ("desk", "en"): await visits.desk(boss, language="en"),
        ("desk", "zh-CN"): await small(visits, boss, "desk", "zh-CN"),
    }
    until = now() + timedelta(days=365)
    await journal.writing(system(), lambda w: notices.owe(w, "event.cancelled", boss.id, ref=uuid4(), until=until))
    await Notice.filter(channel="mail").update(due_at=now())
    for (face, language), page in pages.items():
        await expect(page.get_by_text(SAID["mail"][language])).to_be_visible()
        await seen(page, f"{face}-{language}-mail")
    await connections.get("default").execute_script(holding.HOLD)
    for (face, language), page in pages.items():
        await expect(page.get_by_text(SAID["held"][language])).to_be_visible()
        await expect(page.get_by_text(SAID["mail"][language])).to_be_hidden()
        await seen(page, f"{face}-{language}-held")
    await holding.release(system())
    await Notice.all().delete()
    for (_, language), page in pages.items():
        await expect(page.get_by_text(SAID["held"][language])).to_be_hidden()
        await expect(page.get_by_text(SAID["mail"][language])).to_be_hidden()


async def small(visits: Visits, boss: Volunteer, face: str, language: str) -> Page:
    page = await visits.blank(PHONE, language=language)
    await page.goto(await visits.house.link(boss, face))
    return page
