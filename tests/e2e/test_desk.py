"""The desk: find an event, open it, ask one person by hand; a no comes with its reasons."""

from datetime import timedelta

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from dispatch.models import Assignment, Event, Need, Shift
from tests.dispatch.world import World
from tests.e2e.house import House
from tests.e2e.visits import PHONE, Visits
from volunteer import people
from volunteer.act import system
from volunteer.models import Volunteer

COUNTY = "350502"


@pytest_asyncio.fixture(scope="module")
async def clerk(tiny: World) -> Volunteer:
    person = await tiny.person(free=False, name="林晓敏")
    await people.grant(system(), person.id, "coordinator", region=COUNTY)
    return person


async def event_of(need: Need) -> Event:
    return await Event.get(id=(await Shift.get(id=need.shift_id)).event_id)


async def titles(page: Page) -> list[str]:
    return [await line.inner_text() for line in await page.locator(".event-line .title").all()]


async def test_the_list_is_filtered_kept_in_the_address_and_walked_by_keys(
    tiny: World, visits: Visits, clerk: Volunteer
) -> None:
    for day, (title, mode) in enumerate([("南音课", "tutoring"), ("书法课", "tutoring"), ("木偶戏", "performance")]):
        await tiny.need(after=timedelta(days=day), event={"title": title, "mode": mode})
    desk = await visits.desk(clerk)
    lines = desk.locator(".event-line")
    await expect(lines).to_have_count(3)
    await desk.get_by_label("服务方式").select_option("tutoring")
    await expect(lines).to_have_count(2)
    await desk.keyboard.press("Escape")
    await desk.locator("h1").click()
    await desk.keyboard.press("/")
    await desk.keyboard.type("书法")
    await expect(lines).to_have_count(1)
    await expect(lines).to_contain_text("书法课")
    await desk.wait_for_url("**q=**")
    await desk.reload()
    await expect(lines).to_have_count(1)
    await desk.get_by_role("button", name="清除筛选").first.click()
    await expect(lines).to_have_count(3)

    await desk.locator("h1").click()
    for key in ("j", "j", "j", "k"):
        await desk.keyboard.press(key)
    await expect(lines.nth(1)).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".sheet-pane h2").first).to_have_text("书法课")
    await desk.keyboard.press("Escape")
    await expect(desk.locator(".sheet-pane")).to_have_count(0)
    await expect(lines.nth(1)).to_be_focused()


async def test_one_person_is_asked_by_hand_and_the_sheet_follows_the_answer(
    tiny: World, house: House, visits: Visits, clerk: Volunteer
) -> None:
    need, person = await tiny.need(after=timedelta(days=4), event={"title": "开放日"}), await tiny.person(name="吴海生")
    desk = await visits.desk(clerk, f"events/{(await event_of(need)).id}")
    await desk.evaluate("window.unbroken = true")
    await desk.get_by_role("button", name="谁能来").click()
    await desk.get_by_role("button", name="，吴").click()
    await expect(desk.locator(".people .person").filter(has_text="吴")).to_contain_text("等待答复")
    await expect(desk.locator(".people .person").filter(has_text="吴")).to_contain_text("人工邀请")
    line = await Assignment.get(need_id=need.id)
    assert (line.volunteer_id, line.status, line.source) == (person.id, "offered", "hand")
    assert (await house.post(person, f"/api/assignments/{line.id}/accept")).status_code == 200
    await expect(desk.locator(".people .person").filter(has_text="吴")).to_contain_text("已接单")
    assert await desk.evaluate("window.unbroken === true")


async def test_a_yes_by_telephone_is_noted(tiny: World, visits: Visits, clerk: Volunteer) -> None:
    asked, called = await tiny.person(name="欧阳慧"), await tiny.person(name="司马青")
    need = await tiny.need(after=timedelta(days=9), seats=2, event={"title": "合唱"})
    await tiny.offered(need, asked)
    desk = await visits.desk(clerk, f"events/{(await event_of(need)).id}")
    waits = desk.locator(".people .person").filter(has_text="欧阳慧")
    await waits.get_by_role("button", name="已口头答应").click()
    await waits.get_by_label("怎么答应的").fill("电话里说好")
    await waits.get_by_role("button", name="已口头答应").click()
    await expect(waits).to_contain_text("已接单")
    await desk.get_by_role("button", name="谁能来").click()
    await desk.get_by_role("button", name="已口头答应 司").click()
    await desk.get_by_label("怎么答应的").fill("当面答应")
    await desk.locator(".noting").get_by_role("button", name="已口头答应").click()
    await expect(desk.locator(".people .person").filter(has_text="司马青")).to_contain_text("已接单")
    rows = await Assignment.filter(need_id=need.id).order_by("offered_at")
    assert [(row.volunteer_id, row.status) for row in rows] == [(asked.id, "accepted"), (called.id, "accepted")]


async def test_an_offer_is_taken_back_and_who_accepted_is_let_go(
    tiny: World, house: House, visits: Visits, clerk: Volunteer
) -> None:
    need = await tiny.need(after=timedelta(days=8), seats=2, event={"title": "读书会"})
    asked, going = await tiny.person(name="郑晓云"), await tiny.person(name="何建国")
    lines = [await tiny.offered(need, one) for one in (asked, going)]
    assert (await house.post(going, f"/api/assignments/{lines[1].id}/accept")).status_code == 200
    desk = await visits.desk(clerk, f"events/{(await event_of(need)).id}")
    waits, comes = (desk.locator(".people .person").filter(has_text=name) for name in ("郑晓云", "何建国"))
    await waits.get_by_role("button", name="收回邀请").click()
    await waits.get_by_role("button", name="收回邀请").click()
    await expect(waits).to_have_count(0)
    await comes.get_by_role("button", name="解除").click()
    await expect(comes.get_by_role("button", name="解除")).to_be_disabled()
    await comes.get_by_label("原因").fill("场地变小")
    await comes.get_by_role("button", name="解除").click()
    await expect(comes).to_have_count(0)
    assert [(await Assignment.get(id=line.id)).status for line in lines] == ["withdrawn", "released"]
    async with house.client(going) as phone:
        newest, *_ = (await phone.get("/api/notices")).json()["items"]
    assert newest["text"].endswith("场地变小")


async def test_a_no_is_told_with_its_reasons_and_changes_nothing(
    tiny: World, house: House, visits: Visits, clerk: Volunteer
) -> None:
    need, person = await tiny.need(after=timedelta(days=6), event={"title": "讲座"}), await tiny.person(name="许志明")
    rival = await tiny.need(after=timedelta(days=6), event={"title": "同时的演出"})
    desk = await visits.desk(clerk, f"events/{(await event_of(need)).id}")
    await desk.get_by_role("button", name="谁能来").click()
    ask = desk.get_by_role("button", name="，许")
    await expect(ask).to_be_visible()
    line = await tiny.offered(rival, person)  # meanwhile they say yes to something else at that time
    assert (await house.post(person, f"/api/assignments/{line.id}/accept")).status_code == 200

    async with desk.expect_response("**/offer") as answered:
        await ask.click()
    answer = await answered.value
    assert answer.status == 409
    reasons = (await answer.json())["reasons"]
    assert reasons
    alert = desk.get_by_role("alert").filter(has_text=reasons[0]["text"])
    for reason in reasons:
        await expect(alert).to_contain_text(reason["text"])
        if reason["remedy"]:
            await expect(alert).to_contain_text(reason["remedy"])
    assert await Assignment.filter(need_id=need.id).count() == 0


async def test_a_small_desk_brings_the_open_place_into_sight(tiny: World, visits: Visits, clerk: Volunteer) -> None:
    desk = await visits.blank(PHONE, language="en")
    await desk.goto(await visits.house.link(clerk, "desk", "inbox"))
    here = desk.locator(".rail .place.open")
    await expect(here).to_contain_text("Notices")
    await expect(here).to_be_in_viewport(ratio=0.95)
    await desk.locator(".rail .place").first.click()
    await expect(here).to_contain_text("Next two weeks")
    await expect(here).to_be_in_viewport(ratio=0.95)


async def test_a_page_older_than_the_server_is_loaded_anew_and_without_network_says_what_is_the_matter(
    tiny: World, visits: Visits, clerk: Volunteer
) -> None:
    """What is loaded late has another name since an upgrade."""
    event = await event_of(await tiny.need(event={"title": "灯谜会"}))
    desk = await visits.desk(clerk, f"events/{event.id}")
    roster, roll = desk.get_by_role("link", name="名单打印"), desk.get_by_role("link", name="点名")
    await expect(roster).to_be_visible()
    await desk.evaluate("window.unbroken = true")
    await desk.context.set_offline(True)
    await roll.click()
    await expect(desk.get_by_text("这一页没有打开")).to_be_visible()
    assert await desk.evaluate("window.unbroken")
    await desk.context.set_offline(False)
    renewed: list[Page] = []
    desk.on("load", lambda page: renewed.append(page))

    async def until_renewed(route: Route) -> None:
        await (route.continue_() if renewed else route.fulfill(status=404))

    await desk.route("**/assets/RosterScreen*.js", until_renewed)
    async with desk.expect_event("load"):
        await roster.click()
    await expect(roster).to_be_visible()
    assert await desk.evaluate("window.unbroken === undefined")
    await roster.click()
    await desk.wait_for_url("**/roster**")
    await expect(desk.locator("article.page")).to_contain_text("灯谜会")
