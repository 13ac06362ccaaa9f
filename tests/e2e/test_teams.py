"""A team is asked at the desk, a member says that they cannot come, and the leader's phone answers for all."""

from uuid import uuid4

from playwright.async_api import Page, expect

from dispatch.models import Assignment, Shift
from tests.dispatch import world
from tests.dispatch.world import START, World
from tests.e2e.looking import look
from tests.e2e.test_day import shot
from tests.e2e.visits import Visits
from volunteer import people
from volunteer.act import system
from volunteer.models import Membership, Team


async def sober(page: Page) -> None:
    seen = await look(page)
    assert (seen.nameless, seen.twice, seen.beyond) == ([], [], 0)


async def taken_back(desk: Page) -> None:
    """By keyboard alone: Escape leaves the offer as it is, Enter takes it back with a reason."""
    back = desk.get_by_role("button", name="收回邀请")
    await back.press("Enter")
    form = desk.locator(".need-teams form")
    await expect(form).to_contain_text("收到邀请的 4 人都会得到通知")
    await expect(form.get_by_role("textbox")).to_be_focused()
    await shot(desk, "team-back-zh")
    await sober(desk)
    await desk.keyboard.press("Escape")
    await expect(back).to_be_focused()
    await back.press("Enter")
    await desk.keyboard.type("换了日子")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".need-teams")).to_contain_text("4 人能来，3 人成队")


async def test_a_team_answers_by_its_leader(tiny: World, visits: Visits) -> None:
    names = ("陈舞龙", "林锣鼓", "吴绣球", "蔡灯笼")
    cast = [await tiny.person(name=name) for name in names]
    team = await Team.create(id=uuid4(), name="海滨舞龙队", region_id=world.TOWN, created_at=START, min_cast=3)
    for at, person in enumerate(cast):
        await Membership.create(id=uuid4(), team_id=team.id, volunteer_id=person.id, leads=at == 0)
    head = await tiny.person(name="黄主任", free=False)
    await people.grant(system(), head.id, "coordinator", region="350502")
    need = await tiny.need(seats=4, role="舞龙", event={"title": "元宵踩街", "mode": "performance"})

    desk = await visits.desk(head, f"events/{(await Shift.get(id=need.shift_id)).event_id}")
    await desk.locator(".need-block > button[aria-expanded]").click()
    teams = desk.locator(".need-teams")
    await expect(teams).to_contain_text("4 人能来，3 人成队")
    await shot(desk, "team-desk-zh")
    await sober(desk)
    await teams.get_by_role("button", name="邀请全队").click()
    await expect(teams).to_contain_text("邀请了 4 人，等队长答复")
    await taken_back(desk)
    assert await Assignment.filter(need_id=need.id, status="withdrawn").count() == 4
    await teams.get_by_role("button", name="邀请全队").click()
    await expect(teams).to_contain_text("邀请了 4 人，等队长答复")

    member = await visits.phone(cast[3], language="en")
    theirs = member.get_by_role("article", name="海滨舞龙队 is asked")
    await expect(theirs).to_contain_text("Your leader answers for the team")
    await shot(member, "team-member-en")
    await sober(member)
    leader = await visits.phone(cast[0])
    mine = leader.get_by_role("article", name="海滨舞龙队受到邀请")
    await expect(mine.get_by_role("button", name="代表 4 人接单")).to_be_visible()
    await theirs.get_by_role("button", name="I cannot come").click()
    await expect(mine.get_by_role("button", name="代表 3 人接单")).to_be_visible()
    await expect(mine.locator("li").first).to_contain_text("蔡灯笼")
    await shot(leader, "team-leader-zh")
    await sober(leader)
    await mine.get_by_role("button", name="代表 3 人接单").click()
    await expect(mine).to_contain_text("全队已接单")
    await expect(theirs).to_contain_text("The whole team is in")
    await shot(leader, "team-done-zh")
    lines = await Assignment.filter(need_id=need.id).exclude(status="withdrawn")
    assert sorted(line.status for line in lines) == ["accepted"] * 3 + ["declined"]
