"""A coordinator plans a week on the board and publishes it; a phone that is open rings."""

from datetime import timedelta
from typing import Any

from playwright.async_api import Page, expect

from dispatch.models import Assignment, Draft, Need
from tests.dispatch.world import START, World
from tests.e2e.house import House
from tests.e2e.visits import PHONE, Visits
from volunteer import people
from volunteer.act import system
from volunteer.models import Entry, Skill

COUNTY = "350502"
DAYS = {"region": COUNTY, "from": (START + timedelta(hours=8)).date().isoformat(), "days": 7}

# Every text that the plan's progress showed, in order.
WATCH = """() => {
  window.shown = []
  const look = () => {
    const text = document.querySelector('.draft .progress')?.innerText
    if (text && text !== window.shown.at(-1)) window.shown.push(text)
  }
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
}"""


async def test_a_plan_runs_in_sight_leaves_holes_with_reasons_and_is_published_to_phones(
    tiny: World, house: House, visits: Visits
) -> None:
    await Skill.create(code="puppetry", name="木偶", name_en="puppetry", discipline="theatre")
    hours = [timedelta(hours=12 * number) for number in range(8)]
    needs = [await tiny.need(after=after, seats=2, event={"title": f"辅导{at}"}) for at, after in enumerate(hours)]
    hole = await tiny.need(asks=[{"skill": "puppetry", "level": 4}], role="操偶师", event={"title": "木偶戏"})
    crowd = [await tiny.person() for _ in range(24)]
    head = await tiny.person(free=False)
    await people.grant(system(), head.id, "coordinator", region=COUNTY)

    board = await visits.board(head, **DAYS)
    await board.evaluate("window.unbroken = true")
    draft = await planned_in_sight(board)
    await a_hole_gives_its_reasons(board)
    async with house.client(head) as client:
        changes = (await client.get(f"/api/drafts/{draft.id}/changes", params={"limit": 200})).json()["items"]
    await expect(board.locator(".draft .changes li")).to_have_count(len(changes))
    assert len(changes) == 2 * len(needs)

    someone = next(person for person in crowd if str(person.id) == changes[0]["volunteer"]["id"])
    phone = await visits.phone(someone)
    await published_to(phone, board, changes)
    for need in needs:
        bar = board.locator(f'[data-bar="{need.shift_id}"]')
        await expect(bar).to_contain_text("2 份邀请待答复")
    await expect(board.locator(f'[data-bar="{hole.shift_id}"]')).to_contain_text("还差 1 人")
    assert await board.evaluate("window.unbroken === true")
    asked = {(str(line.need_id), str(line.volunteer_id)) for line in await Assignment.filter(status="offered")}
    assert asked == {(change["need_id"], change["volunteer"]["id"]) for change in changes}
    assert {need.taken for need in await Need.all()} == {0}


async def test_the_board_says_which_events_cannot_run_and_that_a_plan_is_only_a_first_one(
    tiny: World, visits: Visits
) -> None:
    """Nobody is there for a quorum of three; the run is marked as one that had too little time."""
    await tiny.need(event={"title": "灯会", "quorum": 3})
    await tiny.person()
    head = await tiny.person(free=False)
    await people.grant(system(), head.id, "coordinator", region=COUNTY)
    board = await visits.board(head, **DAYS)
    await board.get_by_role("tab", name="方案").click()
    await board.get_by_role("button", name="开始计算").click()
    still = board.locator(".draft .still")
    await expect(still).to_contain_text("1 个活动凑不齐人")
    await still.locator("summary").click()
    await expect(still).to_contain_text("灯会")
    await expect(still).to_contain_text("每班至少 3 人，可派 1 人")
    await expect(board.locator(".draft .summary")).not_to_contain_text("初步方案")
    await still.get_by_role("button").click()
    await expect(board.get_by_role("heading", name="灯会")).to_be_visible()

    await Draft.filter(region_id=COUNTY).update(status="greedy")
    await board.reload()
    await board.get_by_role("tab", name="方案").click()
    await board.locator(".earlier li button").first.click()
    await expect(board.locator(".draft .summary")).to_contain_text("只是一份初步方案")


async def planned_in_sight(board: Page) -> Draft:
    """Run a plan on the board; its progress and its bound are shown while it runs, and nobody is asked yet."""
    await board.evaluate(WATCH)
    await board.get_by_role("tab", name="方案").click()
    await board.get_by_label("计算时间").select_option("15")
    await board.get_by_role("button", name="开始计算").click()
    draft_panel = board.locator(".draft")
    await expect(draft_panel.locator(".chip").first).to_have_text("待发布")
    shown = await board.evaluate("window.shown")
    assert any("正在读取人员和活动" in text for text in shown), shown
    assert any("理论上限" in text for text in shown), shown
    draft = await Draft.get(region_id=COUNTY)
    assert await Entry.filter(topic=f"region:{COUNTY}", kind="draft.progressed", ref=draft.id).count() > 0
    assert await Assignment.all().count() == 0  # nobody was asked yet
    return draft


async def a_hole_gives_its_reasons(board: Page) -> None:
    draft_panel = board.locator(".draft")
    await draft_panel.get_by_role("button", name="仍缺").click()
    told = draft_panel.locator(".changes li").filter(has_text="木偶戏")
    await expect(told).to_contain_text("操偶师")
    await expect(told).to_contain_text("还差 1 人")
    await expect(told).to_contain_text("木偶")
    assert len((await told.locator("span.small").last.inner_text()).strip()) > 5
    await draft_panel.get_by_role("button", name="变动").click()


async def published_to(phone: Page, board: Page, changes: list[dict[str, Any]]) -> None:
    """The board publishes, the open phone shows its offer without being loaded again."""
    draft_panel = board.locator(".draft")
    await expect(phone.get_by_text("现在没有邀请")).to_be_visible()
    await phone.evaluate("window.unbroken = true")
    assert phone.viewport_size == {"width": PHONE[0], "height": PHONE[1]}

    await draft_panel.get_by_role("button", name="发布方案").click()
    await draft_panel.get_by_role("button", name="确认发布").click()
    await expect(draft_panel.get_by_role("status")).to_contain_text(f"发出 {len(changes)} 份邀请")
    await expect(phone.get_by_role("article", name=changes[0]["event"]["title"])).to_be_visible()
    await expect(phone.get_by_role("button", name="接单").first).to_be_enabled()
    assert await phone.evaluate("window.unbroken === true")
