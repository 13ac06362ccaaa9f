"""Posting work: the form, the map of the week beside it, and the event that comes of it."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from playwright.async_api import Page, Route, expect

from dispatch.models import Event, Need
from tests.dispatch.world import START, TOWN, World
from tests.e2e.visits import Visits
from volunteer import people
from volunteer.act import system
from volunteer.models import Membership, Team

COUNTY = "350502"


async def test_an_event_is_posted_at_the_hour_that_the_map_shows(tiny: World, visits: Visits) -> None:
    """Nothing but the keyboard in the map; what is lacking is named where it lacks."""
    await tiny.person()
    boss = await tiny.person(free=False)
    await people.grant(system(), boss.id, "coordinator", region=COUNTY)
    desk = await visits.desk(boss)
    await desk.get_by_role("link", name="新建活动").click()
    await desk.get_by_role("button", name="立即发布").click()
    await expect(desk.get_by_text("请填写活动名称")).to_be_visible()
    await desk.get_by_label("活动名称").fill("南音进校园")
    await desk.get_by_label("场地").click()
    await desk.get_by_role("option", name=re.compile("海滨文化站")).click()
    await desk.get_by_label("岗位名称").fill("助教")
    await expect(desk.get_by_text("符合助教要求的有")).to_be_visible()
    cell = desk.locator(".heat button[tabindex='0']")
    await cell.focus()
    await desk.keyboard.press("End")
    for _ in range(4):
        await desk.keyboard.press("ArrowDown")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".heat [aria-pressed='true']")).to_have_attribute(
        "aria-label", re.compile("10:00：1 人能来")
    )
    await expect(desk.get_by_label("开始", exact=True)).to_have_value("10:00")
    await expect(desk.get_by_label("结束", exact=True)).to_have_value("12:00")
    await desk.get_by_role("button", name="立即发布").click()
    await expect(desk.get_by_text("发布前请先写明可能的风险")).to_be_visible()
    await desk.get_by_label("风险说明").fill("注意台阶")
    await desk.get_by_role("button", name="立即发布").click()
    await expect(desk.get_by_role("heading", name="南音进校园")).to_be_visible()
    event = await Event.get(title="南音进校园")
    need = await Need.get(shift__event_id=event.id)
    assert (event.state, event.organiser_id, need.role) == ("published", boss.id, "助教")


async def test_a_series_a_whole_team_and_learners_are_posted_on_the_page(tiny: World, visits: Visits) -> None:
    member, boss = await tiny.person(), await tiny.person(free=False)
    team = await Team.create(id=uuid4(), name="海滨木偶队", region_id=TOWN, min_cast=2, created_at=START)
    await Membership.create(id=uuid4(), team_id=team.id, volunteer_id=member.id)
    await people.grant(system(), boss.id, "coordinator", region=COUNTY)
    desk = await visits.desk(boss, "new")
    await written(desk, "木偶课")
    await desk.get_by_label("系列").fill("周三木偶课")
    await desk.get_by_role("button", name="再加一个岗位").click()
    learners = desk.locator(".post-need").nth(1)
    await learners.get_by_label("岗位名称").fill("学员")
    await learners.get_by_text("整队出动、见习带教").click()
    await learners.get_by_label("见习岗位").select_option("助教")
    await learners.get_by_label("每名带教最多带几人").fill("3")
    await desk.get_by_role("button", name="再加一个岗位").click()
    cast = desk.locator(".post-need").nth(2)
    await cast.get_by_label("岗位名称").fill("演员")
    await cast.get_by_text("整队出动、见习带教").click()
    await cast.get_by_label("只由一支队伍").click()
    await desk.get_by_role("option", name=re.compile("海滨木偶队.*1 人，至少 2 人才去")).click()
    await desk.get_by_role("button", name="立即发布").click()
    await expect(desk.get_by_role("heading", name="木偶课")).to_be_visible()
    await expect(desk.get_by_text("海滨木偶队")).to_be_visible()
    event = await Event.get(title="木偶课").prefetch_related("series")
    found = {need.role: need for need in await Need.filter(shift__event_id=event.id)}
    assert event.series is not None
    assert event.series.name == "周三木偶课"
    assert (found["学员"].mentor_role, found["学员"].per_mentor) == ("助教", 3)
    assert (found["演员"].team_id, found["助教"].team_id) == (team.id, None)


async def written(desk: Page, title: str) -> None:
    """All that must be said, as it stands on the page."""
    await desk.get_by_label("活动名称").fill(title)
    await desk.get_by_label("场地").click()
    await desk.get_by_role("option", name=re.compile("海滨文化站")).click()
    await desk.get_by_label("日期").fill((datetime.now(UTC) + timedelta(days=20)).date().isoformat())
    await desk.get_by_label("开始", exact=True).fill("10:00")
    await desk.get_by_label("结束", exact=True).fill("12:00")
    await desk.get_by_label("岗位名称").fill("助教")
    await desk.get_by_label("风险说明").fill("注意台阶")


async def test_an_event_is_made_once_though_its_answer_is_lost_and_it_cannot_be_published(
    tiny: World, visits: Visits
) -> None:
    boss = await tiny.person(free=False)
    await people.grant(system(), boss.id, "coordinator", region=COUNTY)
    desk = await visits.desk(boss, "new")
    await written(desk, "书法课")
    lost: list[int] = []

    async def lose(route: Route) -> None:
        if lost or route.request.method != "POST":
            await route.continue_()
        else:
            lost.append((await route.fetch()).status)
            await route.abort()

    async def refuse(route: Route) -> None:
        await route.fulfill(status=409, json={"code": "refused", "title": "不能发布", "detail": "场地已被占用"})

    await desk.route("**/api/events", lose)
    await desk.route("**/publish", refuse)
    publish = desk.get_by_role("button", name="立即发布")
    await publish.click()
    await expect(desk.get_by_role("alert").filter(has_text="服务器")).to_be_visible()
    assert lost == [201]
    await publish.click()
    await expect(desk.get_by_text("场地已被占用")).to_be_visible()
    await expect(publish).to_have_count(0)
    assert [event.state for event in await Event.filter(title="书法课")] == ["draft"]
    await desk.get_by_role("link", name="打开草稿").click()
    await expect(desk.get_by_role("heading", name="书法课")).to_be_visible()


async def test_what_was_begun_is_there_again_until_it_is_sent_or_begun_anew(tiny: World, visits: Visits) -> None:
    boss = await tiny.person(free=False)
    await people.grant(system(), boss.id, "coordinator", region=COUNTY)
    desk = await visits.desk(boss, "new")
    begun = desk.get_by_text("这是您上次没有发出的内容")
    await written(desk, "元宵灯会")
    await expect(begun).to_have_count(0)
    await desk.locator(".rail a.brand").click()
    await desk.get_by_role("link", name="新建活动").click()
    await expect(begun).to_be_visible()
    await expect(desk.get_by_label("活动名称")).to_have_value("元宵灯会")
    await expect(desk.locator(".el-select").filter(has=desk.locator("#venue"))).to_contain_text("海滨文化站")
    await desk.reload()
    await expect(begun).to_be_visible()
    await desk.get_by_role("button", name="重新填写").click()
    await expect(begun).to_have_count(0)
    await expect(desk.get_by_label("活动名称")).to_have_value("")
    await written(desk, "元宵灯会")
    await desk.get_by_role("button", name="立即发布").click()
    await expect(desk.get_by_role("heading", name="元宵灯会")).to_be_visible()
    await desk.get_by_role("link", name="新建活动").click()
    await expect(desk.get_by_label("活动名称")).to_have_value("")
    await expect(begun).to_have_count(0)
