"""Signing in with nothing but an address: the code and the link of a mail that really left."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.dispatch.world import World
from tests.e2e.house import House
from tests.e2e.visits import PHONE, Visits
from tests.volunteer.conftest import Sink, Taken
from tests.waiting import eventually
from volunteer.models import Session
from volunteer.settings import Settings


@pytest.fixture(scope="module")
def post() -> Iterator[Sink]:
    made = Sink(Settings())
    yield made
    made.stop()


@pytest.fixture(scope="module")
def house_settings(post: Sink) -> dict[str, object]:
    names = ("mail_host", "mail_port", "mail_tls", "mail_timeout")
    return {name: getattr(post.settings, name) for name in names}


async def asked(page: Page, email: str) -> None:
    await page.get_by_label("邮箱").fill(email)
    await page.get_by_role("button", name="发送验证码").click()
    await expect(page.get_by_role("heading", name="6 位验证码")).to_be_visible()
    await expect(page.locator("form p").filter(has_text=email)).to_be_visible()


async def mail_to(post: Sink, email: str) -> Taken:
    found: list[Taken] = []

    def there() -> bool:
        found[:] = [taken for taken in post.taken if taken.to == [email]]
        return bool(found)

    await eventually(there)
    return found[-1]


def text_of(mail: Taken) -> str:
    part = mail.message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def test_by_the_code_of_the_mail(tiny: World, house: House, post: Sink, visits: Visits) -> None:
    person = await tiny.person(email="chen@example.org", name="陈雅琴")
    phone = await visits.blank(PHONE)
    await phone.goto(f"{house.home}/phone/")
    await phone.get_by_label("邮箱").fill("chen@example")
    await phone.get_by_role("button", name="发送验证码").click()
    await expect(phone.get_by_role("alert")).to_contain_text("完整的邮箱地址")
    await asked(phone, "chen@example.org")
    (code,) = set(re.findall(r"(?<!\d)\d{6}(?!\d)", text_of(await mail_to(post, "chen@example.org"))))

    field = phone.get_by_label("6 位验证码")
    await field.fill(f"{(int(code) + 1) % 1_000_000:06}")
    await expect(phone.get_by_role("alert").filter(has_text="验证码")).to_be_visible()
    assert await Session.filter(volunteer_id=person.id).count() == 0
    await field.fill(code)
    await expect(phone.get_by_text("现在没有邀请")).to_be_visible()
    assert await Session.filter(volunteer_id=person.id, kind="browser").count() == 1

    await phone.reload()
    await expect(phone.get_by_text("现在没有邀请")).to_be_visible()
    (cookie,) = await phone.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert code not in phone.url

    await phone.get_by_role("link", name="我的").click()
    await phone.get_by_role("button", name="退出登录").click()
    await expect(phone.get_by_label("邮箱")).to_be_visible()
    assert await Session.filter(volunteer_id=person.id, ended_at=None).count() == 0


async def test_by_the_link_of_the_mail_which_opens_once(tiny: World, house: House, post: Sink, visits: Visits) -> None:
    person = await tiny.person(email="lin@example.org", name="林晓敏")
    phone = await visits.blank(PHONE)
    await phone.goto(f"{house.home}/phone/")
    await asked(phone, "lin@example.org")
    links = re.findall(r"https?://\S+#t=[\w-]+", text_of(await mail_to(post, "lin@example.org")))
    assert len(set(links)) == 1
    assert urlsplit(links[0]).query == ""  # the secret is in the fragment, which no server and no log sees

    other = await visits.blank(PHONE)
    await other.goto(links[0])
    await expect(other.get_by_text("现在没有邀请")).to_be_visible()
    assert await other.evaluate("location.hash") == ""
    assert await Session.filter(volunteer_id=person.id, kind="browser").count() == 1
    again = await visits.blank(PHONE)
    await again.goto(links[0])
    await expect(again.get_by_text("这个链接已经用过或过期了")).to_be_visible()


async def test_a_stranger_is_answered_alike_and_gets_no_mail(
    tiny: World, house: House, post: Sink, visits: Visits
) -> None:
    await tiny.person(email="wu@example.org", name="吴海生")
    page = await visits.blank()
    await page.goto(f"{house.home}/board/")
    await asked(page, "nobody@example.org")
    other = await visits.blank()
    await other.goto(f"{house.home}/board/")
    await asked(other, "wu@example.org")
    await mail_to(post, "wu@example.org")
    assert [taken for taken in post.taken if taken.to == ["nobody@example.org"]] == []
