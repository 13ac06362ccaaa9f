"""A phone in a lift: taps wait, are never called done before the server says so, and arrive once."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from dispatch.models import Assignment, Need
from tests.dispatch.world import World
from tests.e2e.house import House
from tests.e2e.visits import PHONE, Visits
from tests.waiting import eventually
from volunteer.models import Entry, IdempotencyKey, Volunteer

# Keeps a ledger of every moment in which the page says that somebody is in.
WATCH = """() => {
  window.claims = []
  const look = () => document.body.innerText.includes('接单成功') && window.claims.push(navigator.onLine)
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
  look()
}"""

HONEST = "window.claims.length > 0 && window.claims.every(Boolean)"


async def card(page: Page, title: str) -> Locator:
    found = page.get_by_role("article", name=title)
    await expect(found).to_be_visible()
    return found


async def offer(tiny: World, person: Volunteer, title: str, day: int) -> Assignment:
    need = await tiny.need(after=timedelta(days=day), event={"title": title})
    return await tiny.offered(need, person)


async def arrivals(line: Assignment, kind: str) -> int:
    """How often the journal says it, on the person's own topic."""
    return await Entry.filter(topic=f"volunteer:{line.volunteer_id}", kind=f"assignment.{kind}", ref=line.id).count()


@pytest_asyncio.fixture
async def person(tiny: World) -> AsyncIterator[Volunteer]:
    yield await tiny.person()


async def tapped_offline(phone: Page, title: str) -> None:
    """A yes where there is no network; from here on a ledger is kept of what the page claims."""
    await (await card(phone, title)).get_by_role("button", name="接单").wait_for()
    await phone.evaluate(WATCH)
    await phone.context.set_offline(True)
    await expect(phone.get_by_text("没有网络。")).to_be_visible()
    await (await card(phone, title)).get_by_role("button", name="接单").click()


async def back_in_reach(phone: Page, line: Assignment) -> list[str]:
    """The network comes back, and the first answer to this yes is lost on its way: what it was."""
    lost: list[str] = []

    async def lose_the_first_answer(route: Route) -> None:
        if lost:
            await route.continue_()
        else:
            lost.append(await (await route.fetch()).text())
            await route.abort()

    await phone.route(f"**/{line.id}/accept", lose_the_first_answer)
    await phone.context.set_offline(False)
    return lost


async def keys(line: Assignment) -> int:
    """How many different taps the server took the yeses to this offer for."""
    return await IdempotencyKey.filter(scope__endswith=f"/{line.id}/accept").count()


async def test_p4_taps_without_network_wait_and_arrive_once(tiny: World, visits: Visits, person: Volunteer) -> None:
    yes, no = await offer(tiny, person, "南音", 0), await offer(tiny, person, "书法", 1)
    phone = await visits.phone(person, service_workers="block")
    await tapped_offline(phone, "南音")
    await expect(await card(phone, "南音")).to_contain_text("接单还没有发出")
    await (await card(phone, "书法")).get_by_role("button", name="谢绝").click()
    await phone.get_by_role("button", name="那时没空").click()
    await expect(phone.get_by_text("2 项操作会在联网后发送。")).to_be_visible()
    assert {line.status for line in await Assignment.filter(volunteer_id=person.id)} == {"offered"}

    lost = await back_in_reach(phone, yes)
    await expect(await card(phone, "南音")).to_contain_text("接单成功")
    await expect(await card(phone, "书法")).to_contain_text("已谢绝")
    assert len(lost) == 1
    assert await phone.evaluate(HONEST)
    statuses = {row.id: row.status for row in await Assignment.filter(volunteer_id=person.id)}
    assert statuses == {yes.id: "accepted", no.id: "declined"}
    assert await arrivals(yes, "accepted") == await arrivals(no, "declined") == 1
    assert await keys(yes) == 1


async def mutilated(visits: Visits, person: Volunteer, found: str, instead: str) -> tuple[Page, list[str]]:
    """A phone whose program says otherwise at one place, and the files in which it does."""
    changed: list[str] = []

    async def change(route: Route) -> None:
        answer = await route.fetch()
        text, count = re.subn(found, instead, await answer.text())
        changed.extend([route.request.url] * count)
        await route.fulfill(response=answer, body=text)

    phone = await visits.blank(PHONE, service_workers="block")
    await phone.route("**/assets/*.js", change)
    await phone.goto(await visits.house.link(person, "phone"))
    return phone, changed


async def test_p4_canary_a_phone_that_makes_its_key_when_it_sends_arrives_twice(
    tiny: World, visits: Visits, person: Volunteer
) -> None:
    yes = await offer(tiny, person, "拍胸舞", 5)
    phone, changed = await mutilated(visits, person, r"(.Idempotency-Key.:)\w+\.key", r"\1crypto.randomUUID()")
    await tapped_offline(phone, "拍胸舞")
    assert len(changed) == 1
    await back_in_reach(phone, yes)
    await expect(await card(phone, "拍胸舞")).to_contain_text("接单成功")
    assert await keys(yes) == 2


async def test_p4_canary_a_phone_that_hopes_claims_what_is_not_so(
    tiny: World, visits: Visits, person: Volunteer
) -> None:
    yes = await offer(tiny, person, "提线木偶", 6)
    async with visits.house.client(person) as client:
        rows = (await client.get("/api/offers")).json()["items"]
    row = next(row for row in rows if row["id"] == str(yes.id)) | {"status": "accepted"}
    hope = f"{{outcome:'done',body:{json.dumps(row)}}}"
    phone, changed = await mutilated(visits, person, r"\{outcome:.later.,wait:0\}", hope.replace("\\", r"\\"))
    await tapped_offline(phone, "提线木偶")
    assert len(changed) == 1
    await expect(await card(phone, "提线木偶")).to_contain_text("接单成功")
    assert not await phone.evaluate(HONEST)
    assert (await Assignment.get(id=yes.id)).status == "offered"


async def test_the_reason_of_a_no_stays_until_it_is_read(
    tiny: World, house: House, visits: Visits, person: Volunteer
) -> None:
    line, rival = await offer(tiny, person, "导览", 0), await tiny.person()
    theirs = await tiny.offered(await Need.get(id=line.need_id), rival)
    phone = await visits.phone(person, service_workers="block")
    await card(phone, "导览")
    await phone.evaluate(WATCH)
    await phone.context.set_offline(True)
    await (await card(phone, "导览")).get_by_role("button", name="接单").click()
    await expect(await card(phone, "导览")).to_contain_text("接单还没有发出")
    assert (await house.post(rival, f"/api/assignments/{theirs.id}/accept")).status_code == 200

    async with phone.expect_response(f"**/{line.id}/accept") as answered:
        await phone.context.set_offline(False)
    assert (await answered.value).status == 410
    await phone.wait_for_load_state("networkidle")  # the offers were read again
    said = phone.get_by_role("alert")
    assert await said.count() == 1
    assert len((await said.inner_text()).strip()) > 5
    await phone.get_by_role("button", name="知道了").click()
    await expect(said).to_have_count(0)
    assert await phone.evaluate("window.claims") == []
    assert (await Assignment.get(id=line.id)).status == "filled"
    assert await arrivals(line, "accepted") == 0


async def test_p4_a_page_started_without_network_still_has_the_tap_and_two_tabs_send_it_once(
    tiny: World, visits: Visits, person: Volunteer
) -> None:
    line = await offer(tiny, person, "木偶戏", 3)
    phone = await visits.phone(person)
    await card(phone, "木偶戏")
    await phone.evaluate("navigator.serviceWorker.ready.then(() => null)")
    await phone.reload()  # the first load after the worker took over is the one it serves
    assert await phone.evaluate("navigator.serviceWorker.controller !== null")
    await phone.context.set_offline(True)
    await (await card(phone, "木偶戏")).get_by_role("button", name="接单").click()
    await expect(await card(phone, "木偶戏")).to_contain_text("接单还没有发出")

    await phone.reload()
    await expect(phone.get_by_text("1 项操作会在联网后发送。")).to_be_visible()
    await expect(await card(phone, "木偶戏")).to_contain_text("接单还没有发出")
    other = await phone.context.new_page()
    await other.goto(phone.url)
    await expect(other.get_by_text("1 项操作会在联网后发送。")).to_be_visible()
    assert (await Assignment.get(id=line.id)).status == "offered"

    await phone.context.set_offline(False)
    for page in (phone, other):
        await expect(await card(page, "木偶戏")).to_contain_text("接单成功")
    assert (await Assignment.get(id=line.id)).status == "accepted"

    async def once() -> bool:
        return await arrivals(line, "accepted") == 1

    await eventually(once)
    assert await keys(line) == 1
