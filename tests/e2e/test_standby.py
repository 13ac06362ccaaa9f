"""Somebody is asked to stand by from the board: they are told, and asked for the seat when it comes free."""

from playwright.async_api import expect

from dispatch.models import Assignment
from dispatch.roster import seeking
from tests.dispatch.world import World, by
from tests.e2e.visits import Visits
from volunteer import people
from volunteer.act import system

COUNTY = "350502"


async def test_a_full_shift_gets_somebody_to_stand_by(tiny: World, visits: Visits) -> None:
    boss = await tiny.person(free=False, name="林晓敏")
    await people.grant(system(), boss.id, "coordinator", region=COUNTY)
    holder, spare = await tiny.person(name="陈雅琴"), await tiny.person(name="吴海生")
    need = await tiny.need()
    await seeking.take(by(holder), need.id)
    board = await visits.board(boss)
    await expect(board.locator(f'[data-bar="{need.shift_id}"]')).to_be_visible()
    await board.locator(".reserves > summary").press("Enter")
    await expect(board.locator(".reserves")).to_contain_text("目前没有需要请人候补的班次")
    await board.locator(f'[data-bar="{need.shift_id}"]').click()
    await board.get_by_role("button", name="谁能候补").click()
    await board.locator(".people li").filter(has_text="吴**").get_by_role("button", name="请其候补").click()
    await expect(board.locator(".waits")).to_contain_text("候补 1 人")
    await expect(board.locator(".people li").filter(has_text="吴**")).to_contain_text("已在候补")
    line = await Assignment.get(need_id=need.id, volunteer_id=spare.id)
    assert (line.status, line.source) == ("standby", "hand")
    phone = await visits.phone(spare)
    await expect(phone.locator("nav.tabs")).to_be_visible()
    await phone.goto(f"{visits.house.home}/phone/inbox")
    await expect(phone.get_by_text("请您候补一个班次").first).to_be_visible()
    await board.locator(".waits").get_by_role("button", name="移出候补").click()
    await expect(board.locator(".waits")).to_have_count(0)
    assert (await Assignment.get(id=line.id)).status == "withdrawn"
    await expect(
        board.locator(".people li").filter(has_text="吴**").get_by_role("button", name="请其候补")
    ).to_be_visible()
