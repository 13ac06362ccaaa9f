"""A day on the spot: somebody finds a seat, comes, types the code that the leader's screen shows; the roll closes."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Page, expect

from dispatch.models import Assignment, Need, Shift
from dispatch.roster import attendance
from tests.dispatch.world import World, starting
from tests.e2e.looking import look
from tests.e2e.visits import Visits
from tests.waiting import eventually
from volunteer import people
from volunteer.act import system
from volunteer.models import Volunteer


async def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look: ``CITONG_SHOTS`` names the folder."""
    if folder := os.environ.get("CITONG_SHOTS"):
        await page.screenshot(path=str(Path(folder, f"{name}.png")), full_page=True)


async def sober(page: Page) -> None:
    seen = await look(page)
    assert (seen.nameless, seen.twice, seen.beyond) == ([], [], 0)


async def test_a_seat_is_found_taken_and_waited_for(tiny: World, visits: Visits) -> None:
    me, rival = await tiny.person(name="陈雅琴"), await tiny.person()
    one = await tiny.need(seats=1, event={"title": "南音进校园"}, after=timedelta(hours=3))
    await tiny.need(seats=2, event={"title": "书法课", "mode": "training"}, after=timedelta(days=1), languages=["nan"])
    await tiny.need(seats=3, event={"title": "元宵灯会"}, after=timedelta(days=2))
    phone = await visits.phone(me)
    await phone.get_by_role("link", name="找活动").click()
    card = phone.get_by_role("article").filter(has_text="南音进校园")
    await expect(card).to_contain_text("还有 1 个名额")
    await expect(phone.get_by_text("书法课")).to_have_count(0)
    await shot(phone, "find-zh")
    await sober(phone)
    await card.get_by_role("button", name="报名").click()
    await expect(card).to_contain_text("报名成功")
    await phone.get_by_label("也看不合适的").check()
    await expect(phone.get_by_role("article").filter(has_text="书法课")).to_contain_text("不会岗位要求的语言")
    await shot(phone, "find-unfit-zh")
    other = await visits.phone(rival, language="en")
    await other.get_by_role("link", name="Find").click()
    await other.get_by_label("Also full ones").check()
    full = other.get_by_role("article").filter(has_text="南音进校园")
    await full.get_by_role("button", name="Wait for a seat").click()
    await expect(full).to_contain_text("You are on the list")
    await shot(other, "find-en")
    await sober(other)
    assert (await Assignment.get(need_id=one.id, volunteer_id=rival.id)).status == "standby"


async def coordinating(tiny: World) -> Volunteer:
    person = await tiny.person(free=False)
    await people.grant(system(), person.id, "coordinator", region="350502")
    return person


async def came(tiny: World, need: Need, name: str) -> Volunteer:
    person = await tiny.person(name=name)
    line = await tiny.offered(need, person, expires=datetime.now(UTC) + timedelta(hours=1))
    await Assignment.filter(id=line.id).update(status="accepted", answered_at=datetime.now(UTC))
    await Need.filter(id=need.id).update(taken=await Assignment.filter(need_id=need.id, status="accepted").count())
    return person


async def test_the_code_on_the_leaders_screen_lets_people_in(tiny: World, visits: Visits) -> None:
    need = await tiny.need(after=starting(10), leader=True, event={"title": "社区灯谜会"})
    helpers = await tiny.need(shift_id=need.shift_id, role="引导", seats=3)
    leader = await came(tiny, need, "林组长")
    one, two, three = [await came(tiny, helpers, name) for name in ("陈雅琴", "黄志强", "吴小燕")]
    post = await visits.phone(leader)
    await post.get_by_role("link", name="日程").click()
    await post.get_by_role("link", name="点名").click()
    await expect(post.get_by_text("到场 0 / 4 人")).to_be_visible()
    await shot(post, "roll-zh")
    await sober(post)
    await post.get_by_role("button", name="显示签到码").click()
    figures = post.locator(".code-wall .typed")
    await expect(figures).to_have_text(re.compile(r"\d{3} \d{3}"))
    await shot(post, "wall-zh")
    phone = await visits.phone(one)
    await phone.get_by_role("link", name="日程").click()
    await shot(phone, "week-zh")
    await phone.get_by_role("button", name="签到").click()
    await shot(phone, "signin-zh")
    await phone.get_by_label("签到码").fill((await figures.inner_text()).replace(" ", ""))
    await phone.get_by_role("dialog").get_by_role("button", name="签到", exact=True).click()
    await expect(phone.get_by_text("已签到")).to_be_visible()
    await expect(phone.locator(".van-overlay")).not_to_be_visible()
    await sober(phone)

    scanned = await post.evaluate("document.querySelector('.code-wall .square svg') !== null")
    assert scanned
    await post.get_by_role("button", name="关闭").click()
    await expect(post.get_by_text("到场 1 / 4 人")).to_be_visible()
    row = post.get_by_role("listitem").filter(has_text="黄志强")
    await row.get_by_role("button", name="到了").click()
    await expect(row).to_contain_text("点名")
    assert (await Assignment.get(volunteer_id=two.id)).marked_by == leader.id

    await Shift.filter(id=need.shift_id).update(starts_at=datetime.now(UTC) - timedelta(minutes=40))
    await post.reload()
    absent = post.get_by_role("listitem").filter(has_text="吴小燕")
    await absent.get_by_role("button", name="没来").click()
    await shot(post, "roll-absent-zh")
    await absent.get_by_role("button", name="请了假，或有特殊情况").click()
    await expect(absent).to_contain_text("请假未到")
    await post.get_by_role("button", name="确认已签到的 2 人完成服务").click()
    await expect(post.get_by_text("已确认 2 人。")).to_be_visible()
    await shot(post, "roll-done-zh")
    statuses = await Assignment.filter(need_id=helpers.id).order_by("status").values_list("status", flat=True)
    assert statuses == ["completed", "completed", "no_show"]
    assert (await Assignment.get(volunteer_id=three.id)).excused


async def test_a_scanned_address_signs_in_by_itself(tiny: World, visits: Visits) -> None:
    need = await tiny.need(after=starting(10), event={"title": "布袋戏"})
    person = await came(tiny, need, "郑阿姨")
    phone = await visits.phone(person)
    await expect(phone.get_by_role("heading", name="邀请", exact=True)).to_be_visible()
    code = await attendance.code(system(), need.shift_id)
    await phone.evaluate(f"location.hash = 'c={need.shift_id}.{code.scanned}'")
    await phone.reload()

    async def here() -> bool:
        return (await Assignment.get(volunteer_id=person.id)).came_by == "qr"

    await eventually(here)
    await expect(phone.get_by_text("已签到")).to_be_visible()
    assert code.scanned not in phone.url


async def test_a_scanned_address_says_why_it_signs_nobody_in(tiny: World, visits: Visits) -> None:
    need = await tiny.need(after=starting(10), event={"title": "茶会"})
    phone = await visits.phone(await tiny.person())
    await expect(phone.get_by_role("heading", name="邀请", exact=True)).to_be_visible()
    await phone.goto("about:blank")
    await phone.goto(f"{visits.house.home}/phone/#c={need.shift_id}.{'x' * 20}")
    await expect(phone.get_by_text("您不在这个班次的名单上")).to_be_visible()
    await phone.get_by_role("button", name="知道了").click()
    await expect(phone.get_by_text("您不在这个班次的名单上")).to_have_count(0)


async def test_the_desk_calls_the_roll_and_a_second_person_corrects(tiny: World, visits: Visits) -> None:
    need = await tiny.need(after=starting(-45), event={"title": "木偶戏体验"})
    await came(tiny, need, "许文静")
    first, second = await coordinating(tiny), await coordinating(tiny)
    desk = await visits.desk(first, f"events/{(await need.shift).event_id}/roll", language="en")
    row = desk.get_by_role("listitem").filter(has_text="许文静")
    await row.get_by_role("button", name="Absent").click()
    await row.get_by_role("button", name="Not excused").click()
    await expect(row.locator(".noted")).to_have_text("Did not come")
    await shot(desk, "desk-roll-en")
    other = await visits.desk(second, f"events/{(await need.shift).event_id}/roll")
    line = other.get_by_role("listitem").filter(has_text="许文静")
    await line.get_by_role("button", name="更正").click()
    await line.get_by_label("更正的理由").fill("签到表上有名字")
    await shot(other, "desk-correct-zh")
    await line.get_by_role("button", name="更正为到场").click()
    await expect(line.locator(".noted")).to_contain_text("已完成")
    await sober(other)
