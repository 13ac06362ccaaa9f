"""A coordinator looks at absences, suspends somebody with a reason, and lets them back."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from dispatch.models import Assignment
from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.looking import look
from tests.e2e.visits import PHONE, Visits
from volunteer import people
from volunteer.act import system
from volunteer.models import Block, Volunteer


async def test_absent_suspended_and_back(tiny: World, visits: Visits) -> None:
    boss, gone = await tiny.person(name="林晓敏"), await tiny.person(name="蔡秀兰", number="QZ77")
    await people.grant(system(), boss.id, "coordinator", region="350502")
    for n in range(5):
        ago = datetime.now(UTC) - timedelta(days=9 * n + 1)
        need = await tiny.need(after=ago - world.START, event={"state": "closed"})
        await Assignment.filter(id=(await tiny.offered(need, gone)).id).update(status="no_show")
    desk = await visits.desk(boss)
    await desk.get_by_role("link", name="人员").click()
    absent = desk.get_by_role("region", name="缺勤待核实")
    await expect(absent.get_by_role("listitem")).to_contain_text("无故缺勤 5 次")
    await desk.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await absent.get_by_role("button", name="暂停 蔡秀兰").click()
    await absent.get_by_label("原因（会告诉本人）").fill("多次无故缺席，已电话核实")
    seen = await look(desk)
    assert (seen.nameless, seen.twice, seen.beyond) == ([], [], 0)
    await absent.get_by_role("button", name="暂停", exact=True).click()
    await expect(desk.get_by_text("已暂停蔡秀兰", exact=True)).to_be_visible()
    assert (await Volunteer.get(id=gone.id)).state == "suspended"
    await expect(absent).to_contain_text("没有需要核实的缺勤")
    out = desk.get_by_role("region", name="已暂停")
    await expect(out.get_by_role("listitem")).to_contain_text("由林晓敏暂停：多次无故缺席，已电话核实")
    await out.get_by_role("button", name="恢复 蔡秀兰").click()
    await expect(desk.get_by_text("蔡秀兰已恢复", exact=True)).to_be_visible()
    assert (await Volunteer.get(id=gone.id)).state == "active"
    found = desk.get_by_role("region", name="查找人员")
    await found.get_by_placeholder("姓名、拼音或编号").fill("QZ77")
    await found.get_by_role("button", name="查找").click()
    await expect(found.get_by_role("listitem")).to_contain_text("蔡秀兰")


async def test_two_are_kept_apart_and_let_together_again(tiny: World, visits: Visits) -> None:
    boss, _ = await tiny.person(name="林晓敏"), await tiny.person(name="黄美玉", number="QZ81")
    await tiny.person(name="王志强", number="QZ82")
    await people.grant(system(), boss.id, "coordinator", region="350502")
    desk = await visits.desk(boss)
    await desk.get_by_role("link", name="人员").click()
    apart = desk.get_by_role("region", name="互不安排")
    await expect(apart).to_contain_text("没有互不安排的人")
    for number, deed in (("QZ81", "选这个人 黄美玉"), ("QZ82", "互不安排 王志强")):
        await apart.get_by_role("textbox").fill(number)
        await apart.get_by_role("button", name="查找").click()
        await apart.get_by_role("button", name=deed).click()
    await expect(apart.get_by_role("status")).to_contain_text("黄美玉与王志强不再安排在一起")
    await expect(apart.get_by_role("listitem")).to_contain_text("QZ82")
    seen = await look(desk)
    assert (seen.nameless, seen.twice, seen.beyond) == ([], [], 0)
    assert await Block.all().count() == 1
    await desk.reload()
    await apart.get_by_role("button", name="解除 黄美玉").click()
    await expect(apart).to_contain_text("没有互不安排的人")
    assert await Block.all().count() == 0
