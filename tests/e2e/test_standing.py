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
from volunteer.models import Volunteer


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
    await desk.get_by_placeholder("姓名、拼音或编号").fill("QZ77")
    await desk.get_by_role("button", name="查找").click()
    found = desk.get_by_role("region", name="查找人员")
    await expect(found.get_by_role("listitem")).to_contain_text("蔡秀兰")
