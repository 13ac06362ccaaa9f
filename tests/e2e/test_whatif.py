"""A coordinator asks "what if", sets two plans side by side, and publishes the one that can be carried out."""

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from dispatch.models import Assignment, Change, Draft
from tests.dispatch.world import START, TOWN, World
from tests.e2e.house import House
from tests.e2e.visits import Visits
from volunteer import people
from volunteer.act import system
from volunteer.models import Skill

COUNTY = "350502"
DAYS = {"region": COUNTY, "from": (START + timedelta(hours=8)).date().isoformat(), "days": 7}


async def test_two_plans_side_by_side_and_only_the_real_one_is_published(
    tiny: World, house: House, visits: Visits
) -> None:
    await Skill.create(code="nanyin", name="南音", name_en="Nanyin", discipline="music")
    for number in range(3):
        await tiny.need(after=timedelta(hours=6 * number), event={"title": f"辅导{number}"})
    await tiny.need(after=timedelta(hours=30), asks=[{"skill": "nanyin", "level": 2}], event={"title": "南音雅集"})
    for _ in range(6):
        await tiny.person()
    head = await tiny.person(free=False)
    await people.grant(system(), head.id, "coordinator", region=COUNTY)
    board = await visits.board(head, **DAYS)

    await board.get_by_role("tab", name="方案").click()
    await board.get_by_label("计算时间").select_option("15")
    await board.get_by_role("button", name="开始计算").click()
    chip = board.locator(".draft > header .chip")
    await expect(chip).to_have_text("待发布")
    real = await Draft.get(region_id=COUNTY)
    await what_if(board)
    await expect(chip).to_have_text("假设方案")
    await expect(board.locator(".draft .assumed")).to_contain_text("新增 5 人")
    await expect(board.locator(".draft")).to_contain_text("不能发布")
    await expect(board.get_by_role("button", name="发布方案")).to_have_count(0)
    supposed = await Draft.exclude(id=real.id).get(region_id=COUNTY)
    assert (supposed.hypothetical, supposed.filled) == (True, 4)
    assert (await house.post(head, f"/api/drafts/{supposed.id}/publish")).status_code == 409

    await compared(board, real, supposed)
    await board.locator(".compare-side.left").get_by_role("link", name="打开方案").click()
    await board.get_by_role("button", name="发布方案").click()
    await board.get_by_role("button", name="确认发布").click()
    await expect(board.get_by_role("status").filter(has_text="已发布")).to_contain_text("发出 3 份邀请")
    assert await Assignment.filter(status="offered", draft_id=real.id).count() == 3
    assert (await Draft.get(id=supposed.id)).state == "ready"


async def what_if(board: Page) -> None:
    """From the plan that is open to one with five people more who play Nanyin."""
    await board.get_by_role("button", name="改动假设再算").click()
    await board.get_by_role("button", name="增加一批人").click()
    row = board.locator(".what-if .row")
    await row.get_by_label("技能").select_option("nanyin")
    await row.get_by_label("级别").select_option("3")
    await expect(board.locator(".what-if")).to_contain_text("只供比较，不能发布")
    await board.get_by_role("button", name="按这些假设计算").click()


async def compared(board: Page, real: Draft, supposed: Draft) -> None:
    """The earlier plan is ticked; both stand side by side, can be swapped by a key, and survive a reload."""
    await board.locator(".earlier input").first.check()
    await board.get_by_role("link", name="对比这两个方案").click()
    await expect(board).to_have_url(re.compile(rf"/board/compare\?left={real.id}&right={supposed.id}$"))
    row = board.get_by_role("row", name="必需岗位到位")
    await expect(row.get_by_role("cell")).to_have_text(["3", "4", "+1(更好)"])
    await expect(board.get_by_text("B 少 1 个缺口")).to_be_visible()
    await expect(board.locator(".changed").last).to_contain_text("南音雅集")
    await board.keyboard.press("x")
    await expect(row.get_by_role("cell")).to_have_text(["4", "3", "−1(更差)"])
    await board.keyboard.press("x")
    await board.reload()
    await expect(row.get_by_role("cell")).to_have_text(["3", "4", "+1(更好)"])


async def test_a_plan_is_stopped_on_the_board_which_says_so(tiny: World, visits: Visits) -> None:
    await tiny.need(after=timedelta(hours=50), seats=2, event={"title": "社区讲座"})
    head = await tiny.person(free=False)
    await people.grant(system(), head.id, "coordinator", region=TOWN)
    board = await visits.board(head, **(DAYS | {"region": TOWN}))
    await board.get_by_role("tab", name="方案").click()
    await board.get_by_role("button", name="开始计算").click()
    await board.get_by_role("button", name="停止计算").click()
    await expect(board.locator(".draft > header .chip")).to_have_text("已停止")
    await expect(board.locator(".draft")).to_contain_text("没有通知任何人")
    draft = await Draft.get(region_id=TOWN)
    assert (draft.state, await Change.filter(draft_id=draft.id).count()) == ("cancelled", 0)
    await board.reload()
    await board.get_by_role("tab", name="方案").click()
    await expect(board.locator(".earlier")).to_contain_text("已停止")
