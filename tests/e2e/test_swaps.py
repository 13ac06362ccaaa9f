"""Seats change hands on phones; where the roster is locked, the desk has the last word."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from dispatch.models import Assignment, Event, Need, Shift
from dispatch.roster import seeking
from tests.dispatch.swaps.seating import lock, teamed
from tests.dispatch.world import World, by
from tests.e2e.looking import look
from tests.e2e.test_day import shot
from tests.e2e.visits import Visits
from volunteer import people
from volunteer.act import system
from volunteer.models import Volunteer

WEEKS = 8


async def sober(page: Page) -> None:
    seen = await look(page)
    assert (seen.nameless, seen.twice, seen.beyond) == ([], [], 0)


async def seated(tiny: World, name: str, title: str, day: int, **fields: object) -> tuple[Volunteer, Need, Assignment]:
    person = await tiny.person(name=name)
    event = {"title": title, "title_en": fields.pop("english", title)}
    need = await tiny.need(after=timedelta(days=day), event=event, **fields)
    return person, need, await seeking.take(by(person), need.id)


async def to_swap(phone: Page, line: Assignment, path: str = "/phone/") -> None:
    """By the week, as a person would find it."""
    await phone.locator('a[href="/phone/week"]').click()
    link = phone.locator(f'a[href="/phone/swap/{line.id}"]')
    for _ in range(WEEKS):
        await expect(phone.locator("main .one-day, main .empty").first).to_be_visible()
        if await link.count():
            break
        await phone.locator("header.week-head a").last.click()
        await phone.wait_for_load_state("networkidle")
    await link.click()


async def test_two_swap_on_their_phones(tiny: World, visits: Visits) -> None:
    me, mine, line = await seated(tiny, "陈雅琴", "元宵灯会 引导", 1)
    other, theirs, _ = await seated(tiny, "吴建国", "南音进校园", 3)
    phone = await visits.phone(me)
    await to_swap(phone, line)
    card = phone.locator(".choice").filter(has_text="南音进校园")
    await expect(card).to_contain_text("吴**")
    await shot(phone, "swap-choose-zh")
    await sober(phone)
    await card.get_by_role("button", name="提议换班").click()
    await expect(phone.get_by_role("article", name="您提议换班")).to_contain_text("等待答复")
    await shot(phone, "swap-proposed-zh")
    rival = await visits.phone(other, language="en")
    asked = rival.get_by_role("article", name="Somebody would like to swap with you")
    await expect(asked).to_contain_text("陈**")
    await shot(rival, "swap-asked-en")
    await sober(rival)
    await asked.get_by_role("button", name="Agree").click()
    await expect(asked).to_contain_text("The swap is done")
    await expect(phone.get_by_text("换班成功，日程已更新。")).to_be_visible()
    await shot(rival, "swap-done-en")
    for person, need in ((me, theirs), (other, mine)):
        assert (await Assignment.get(volunteer_id=person.id, status="accepted")).need_id == need.id


async def test_a_ring_and_a_colleague_are_shown_in_english(tiny: World, visits: Visits) -> None:
    me, second, third, mate = [await tiny.person(name=name) for name in ("Wu Mei", "Lin Hao", "Cai Yun", "Su Ping")]
    await teamed(me, mate)
    lines = []
    for number, (person, theirs, given) in enumerate(
        ((me, ("drum", "song"), "drum"), (second, ("drum", "flute"), "flute"), (third, ("flute", "song"), "song"))
    ):
        for skill in theirs:
            await tiny.skill(person, skill)
        need = await tiny.need(
            after=timedelta(days=10 + number), asks=[{"skill": given, "level": 1}],
            event={"title": f"Parade {number + 1}", "mode": "performance"}, role="Player",
        )  # fmt: skip
        lines.append(await seeking.take(by(person), need.id))
    await tiny.skill(mate, "drum")
    phone = await visits.phone(me, language="en")
    await to_swap(phone, lines[0])
    await expect(phone.get_by_role("heading", name="A swap of three")).to_be_visible()
    await expect(phone.locator(".takers")).to_contain_text("Su Ping")
    await shot(phone, "swap-ring-en")
    await sober(phone)
    await phone.get_by_role("button", name="Propose it to both").click()
    await expect(phone.get_by_role("article", name="You propose a swap")).to_be_visible()
    await shot(phone, "swap-ring-proposed-en")
    await phone.get_by_role("button", name="Take it back").click()
    await phone.get_by_role("button", name="Ask Su Ping").click()
    await expect(phone.get_by_role("article", name="You propose to hand a shift over")).to_contain_text("Su Ping")
    await sober(phone)


@pytest.mark.parametrize("answer", ["批准", "不批准"])
async def test_the_desk_has_the_last_word_on_a_locked_roster(tiny: World, visits: Visits, answer: str) -> None:
    """The sheet hears of it by the line: it is open before anybody agrees."""
    me, need, line = await seated(tiny, "林秋月", "府文庙 讲解", 30 if answer == "批准" else 40)
    mate = await tiny.person(name="蔡明")
    await teamed(me, mate)
    await lock(need)
    head = await tiny.person(name="黄主任", free=False)
    await people.grant(system(), head.id, "coordinator", region="350502")
    event = await Event.get(id=(await Shift.get(id=need.shift_id)).event_id)
    desk = await visits.desk(head, f"events/{event.id}")
    await expect(desk.locator(".need-block")).to_have_count(1)
    phone, other = await visits.phone(me), await visits.phone(mate)
    await to_swap(phone, line)
    await phone.locator(".takers li").filter(has_text="蔡明").get_by_role("button", name="请接替").click()
    asked = other.get_by_role("article", name="同事请您接替一个班次")
    await expect(asked).to_contain_text("还要由调度员批准")
    await shot(other, "handover-asked-zh")
    await asked.get_by_role("button", name="同意").click()
    await expect(asked).to_contain_text("等调度员批准")
    box = desk.get_by_role("region", name="等您批准的换班和转交")
    await expect(box).to_contain_text("蔡明")
    await shot(desk, "handover-desk-zh")
    await sober(desk)
    await box.get_by_role("button", name=answer, exact=True).click()
    if answer == "不批准":
        await box.get_by_label("原因").fill("排练已定")
        await shot(desk, "handover-desk-no-zh")
        await box.get_by_role("button", name="不批准").click()
    await expect(box).to_have_count(0)
    said = "转交成功" if answer == "批准" else "调度员没有批准"
    await expect(asked).to_contain_text(said)
    holder = await Assignment.get(need_id=need.id, status="accepted")
    assert holder.volunteer_id == (mate.id if answer == "批准" else me.id)
