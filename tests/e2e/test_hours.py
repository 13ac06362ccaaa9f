"""Hours from the roll to the ledger on real screens: whoever led confirms on the phone, a recorder signs at the desk,
everybody reads the notice, the volunteer objects, and the answer ends it."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, expect

from dispatch.models import Assignment, Event, Need, Shift
from dispatch.roster import assignments, attendance
from tests.dispatch.world import World, by, coordinator, starting
from tests.e2e.looking import look
from tests.e2e.visits import PHONE, Visits
from volunteer import people
from volunteer.act import system
from volunteer.models import ServiceRecord, Volunteer
from volunteer.quiet import ZONE

HOUR = timedelta(hours=1)


async def served(tiny: World) -> tuple[Volunteer, Volunteer]:
    """A leader and a helper who served two hours this morning; the helper left early."""
    leader, helper, boss = [await tiny.person(name=name) for name in ("吴海生", "陈雅琴", "林晓敏")]
    first = await tiny.need(after=starting(10), leader=True, event={"title": "开放日", "title_en": "Open day"})
    second = await tiny.need(shift_id=first.shift_id, role="引导")
    lines = []
    for need, person in ((first, leader), (second, helper)):
        line = await tiny.offered(need, person, expires=datetime.now(UTC) + HOUR)
        lines.append(await assignments.accept(by(person), line.id))
    begins = datetime.now(UTC).replace(microsecond=0) - 3 * HOUR
    span = {"starts_at": begins, "ends_at": begins + 2 * HOUR}
    await Shift.filter(id=first.shift_id).update(**span)
    await Event.all().update(**span)
    await Assignment.all().update(occupies_from=begins, occupies_until=begins + 2 * HOUR)
    for line, left in zip(lines, (2 * HOUR, 1.5 * HOUR), strict=True):
        await attendance.check_in(coordinator(boss), line.id, at=begins)
        await attendance.complete(coordinator(boss), line.id, left=begins + left)
    assert await Need.all().count() == 2
    return leader, helper


async def small(page: Page) -> None:
    """Nothing on it is nameless or wider than a phone."""
    seen = await look(page)
    assert (seen.nameless, seen.twice, seen.beyond) == ([], [], 0)


async def confirmed(visits: Visits, leader: Volunteer) -> None:
    """By the leader, on the phone: not their own, and not fewer without a reason."""
    lead = await visits.phone(leader)
    await lead.get_by_role("link", name="我的").click()
    await lead.get_by_role("link", name="我的时长").click()
    await lead.get_by_text("有 2 条时长等您确认").click()
    own = lead.locator(".hours-line").filter(has_text="吴海生")
    await expect(own.get_by_role("checkbox")).to_be_disabled()
    await expect(own).to_contain_text("不能处理自己的服务记录")
    other = lead.locator(".hours-line").filter(has_text="陈雅琴")
    await other.get_by_role("checkbox").check()
    await other.get_by_role("combobox").select_option("60")
    await lead.get_by_role("button", name="确认 1 条").click()
    await expect(other.get_by_role("alert")).to_have_text("请写明原因")
    await expect(other.get_by_role("textbox")).to_be_focused()
    await lead.keyboard.type("提前离开")
    await small(lead)
    await lead.get_by_role("button", name="确认 1 条").click()
    await expect(lead.locator(".hours-line")).to_have_count(1)


async def signed(desk: Page) -> None:
    """By the recorder, at the desk; the sheet can be taken away."""
    line = desk.locator(".hours-line")
    await expect(line).to_contain_text("说明：提前离开")
    await line.get_by_role("checkbox").check()
    await desk.get_by_role("button", name="复核并公示 1 条").click()
    await expect(desk.get_by_text("没有等待复核的记录")).to_be_visible()
    await desk.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await desk.get_by_role("link", name="全部记录").click()
    await expect(desk.locator(".hours-line")).to_have_count(2)
    await small(desk)
    async with desk.expect_download() as saved:
        await desk.get_by_role("link", name="导出 CSV").click()
    text = (await (await saved.value).path()).read_text("utf-8-sig")
    assert "陈雅琴" in text
    assert "提前离开" in text


async def objected(phone: Page) -> None:
    """By the volunteer, on the phone."""
    await phone.get_by_role("link", name="我的").click()
    await phone.get_by_role("link", name="我的时长").click()
    await expect(phone.locator(".sums")).to_contain_text("0 小时")
    await phone.get_by_role("button", name="有出入").click()
    await phone.get_by_label("这条记录哪里不对？").fill("我到了一个半小时")
    await phone.get_by_role("button", name="提出异议").click()
    await expect(phone.locator(".own-hours .said")).to_contain_text("等待答复")
    await small(phone)


async def test_hours_go_through_four_hands(tiny: World, visits: Visits) -> None:
    leader, helper = await served(tiny)
    recorder = await tiny.person(free=False, name="许志明")
    await people.grant(system(), recorder.id, "recorder", region="350502")
    await confirmed(visits, leader)
    record = await ServiceRecord.get(volunteer_id=helper.id)
    assert (record.state, record.minutes, record.confirmed_by) == ("confirmed", 60, leader.id)
    desk = await visits.desk(recorder, "hours")
    await signed(desk)

    notice = await visits.blank(PHONE)
    await notice.goto(f"{visits.house.home}/notice")
    await expect(notice.get_by_role("listitem")).to_contain_text("陈**")
    await expect(notice.get_by_role("button", name="提出异议")).to_have_count(0)
    await small(notice)

    phone = await visits.phone(helper)
    await objected(phone)
    await desk.get_by_role("link", name="有异议").click()
    await desk.get_by_label("答复给提出异议的人").fill("签退时间可证，维持一小时")
    await desk.get_by_role("button", name="不成立").click()
    await expect(desk.get_by_text("没有待答复的异议")).to_be_visible()
    await phone.reload()
    await expect(phone.locator(".own-hours .said")).to_contain_text(re.compile("不成立：签退时间可证"))
    assert (await ServiceRecord.get(id=record.id)).state == "under_notice"


async def test_hours_that_no_roll_shows_are_asked_for_on_the_phone(tiny: World, visits: Visits) -> None:
    person, need = await tiny.person(name="蔡秀兰"), await tiny.need(after=starting(10))
    line = await tiny.offered(need, person, expires=datetime.now(UTC) + HOUR)
    await assignments.accept(by(person), line.id)
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 4 * HOUR
    span = {"starts_at": begins, "ends_at": begins + 2 * HOUR}
    await Shift.filter(id=need.shift_id).update(**span)
    await Event.filter(shifts__id=need.shift_id).update(**span, state="finished")
    await Assignment.filter(id=line.id).update(occupies_from=begins, occupies_until=begins + 2 * HOUR)
    phone = await visits.phone(person)
    await phone.get_by_role("link", name="日程").click()
    if begins.astimezone(ZONE).isocalendar()[1] != datetime.now(ZONE).isocalendar()[1]:
        await phone.get_by_role("link", name="前一周").click()
    await phone.get_by_text("没有记上到场？申请补录时长").click()
    await phone.get_by_label("为什么没有记上").fill("忘记签到")
    await phone.get_by_label("证明", exact=True).fill("签名册第 3 行")
    await small(phone)
    await phone.get_by_role("button", name="申请补录").click()
    await expect(phone.get_by_text("已申请 2 小时，等待审核")).to_be_visible()
    record = await ServiceRecord.get(cause=line.id)
    assert (record.source, record.asked_by, record.evidence) == ("makeup", person.id, "签名册第 3 行")


async def test_hours_of_somebody_else_are_asked_for_at_the_desk(tiny: World, visits: Visits) -> None:
    boss, person, need = await tiny.person(), await tiny.person(name="蔡秀兰"), await tiny.need(after=starting(10))
    await people.grant(system(), boss.id, "coordinator", region="350502")
    line = await tiny.offered(need, person, expires=datetime.now(UTC) + HOUR)
    await assignments.accept(by(person), line.id)
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 30 * HOUR
    span = {"starts_at": begins, "ends_at": begins + 2 * HOUR}
    await Shift.filter(id=need.shift_id).update(**span)
    await Event.filter(shifts__id=need.shift_id).update(**span, state="closed")
    await Assignment.filter(id=line.id).update(occupies_from=begins, occupies_until=begins + 2 * HOUR)
    desk = await visits.desk(boss, "hours")
    await desk.get_by_text("为没有记上到场的人申请补录").click()
    await desk.get_by_label("哪场活动").select_option(str((await Shift.get(id=need.shift_id)).event_id))
    await desk.get_by_label("为谁").select_option(str(line.id))
    await desk.get_by_label("为什么没有记上").fill("签到码没有显示")
    await desk.get_by_label("证明", exact=True).fill("签名册第 3 行")
    await desk.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await small(desk)
    await desk.get_by_role("button", name="申请补录").click()
    await expect(desk.get_by_text("已申请 2 小时，等待审核")).to_be_visible()
    record = await ServiceRecord.get(cause=line.id)
    assert (record.source, record.asked_by, record.volunteer_id) == ("makeup", boss.id, person.id)
