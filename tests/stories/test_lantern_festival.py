"""Lantern Festival in a small town, from the first line of the programme to the closed roll, as its people live it:
through HTTP, the live line and letters only, with a server process of its own and a real mail server.

Wu plans the evening and the day after; somebody says no, somebody drops out an hour before it begins, two swap, all
sign in by the code on the screen. The board on the wall hears everything once and never has to ask again.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from dispatch import invariants
from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import House, housed
from tests.stories.board import Board, followed, same_as_fresh
from tests.volunteer.conftest import Sink
from tests.waiting import eventually
from volunteer import people
from volunteer.act import system
from volunteer.models import Contact, Volunteer
from volunteer.quiet import ZONE
from volunteer.settings import Settings

# So that the story can be told at any hour and in one sitting: no night, sign-in opens early, seats change hands late.
POLICY = """lock_hours = 0
signin_opens = 120
[asking]
quiet_from = 08:00:00
quiet_until = 08:00:00
[swaps]
close_hours = 0
"""
HELPERS, COUNTY = 8, "350502"
Phone = httpx2.AsyncClient


@pytest.fixture(scope="module")
def letters() -> Iterator[Sink]:
    sink = Sink(Settings())
    yield sink
    sink.stop()


@pytest_asyncio.fixture(scope="module")
async def town(module_db: str) -> World:
    return await world.make()


@pytest_asyncio.fixture(scope="module")
async def house(module_db: str, town: World, letters: Sink, run_folder: Path) -> AsyncIterator[House]:
    policy = run_folder / f"lantern-{uuid4().hex}.toml"
    policy.write_text(POLICY, "utf-8")
    mail = {name: getattr(letters.settings, name) for name in ("mail_host", "mail_port", "mail_tls")}
    async with housed(module_db, run_folder / f"lantern-{uuid4().hex}.log", policy=policy, **mail) as house:
        yield house


class Town:
    """Everybody's phones, by the person's id; ``desk``: the coordinator's."""

    def __init__(self, desk: Phone, phones: dict[str, Phone], people_: dict[str, Volunteer], sink: Sink) -> None:
        self.desk, self.phones, self.people, self.sink = desk, phones, people_, sink

    async def offers(self) -> dict[str, list[dict[str, Any]]]:
        return {who: (await phone.get("/api/offers")).json()["items"] for who, phone in self.phones.items()}

    async def does(self, phone: Phone, path: str, **body: object) -> Any:
        answer = await phone.post(path, json=body) if body or not path.endswith(BARE) else await phone.post(path)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json()

    async def letter(self, who: str, words: str) -> None:
        """A letter to this person that says so has left and was taken."""
        address = self.people[who].email

        def came() -> bool:
            mine = [one.message for one in self.sink.taken if address in one.to]
            return any(words in f"{one['Subject']}\n{one.get_content()}" for one in mine)

        await eventually(came)


BARE = ("/publish", "/accept", "/agree", "/complete", "/call")


@pytest_asyncio.fixture
async def people_of(town: World, house: House, letters: Sink) -> AsyncIterator[Town]:
    wu = await town.person(name="吴明远", free=False, email="wu@example.org")
    await people.grant(system(), wu.id, "coordinator", region=COUNTY)
    helpers = [await town.person(name=f"志愿者{n}", email=f"helper{n}@example.org") for n in range(HELPERS)]
    for person in helpers:
        await Contact.create(id=uuid4(), volunteer_id=person.id, quiet_from=0, quiet_until=0)
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(house.client(wu))
        phones = {str(person.id): await stack.enter_async_context(house.client(person)) for person in helpers}
        yield Town(desk, phones, {str(person.id): person for person in helpers}, letters)


async def test_a_lantern_festival(town: World, people_of: Town) -> None:
    t, today = people_of, datetime.now(UTC).astimezone(ZONE).date()
    query: dict[str, object] = {"region": COUNTY, "from": today.isoformat(), "days": 3}
    evening = await posted(t, town)
    async with followed(t.desk, query) as board:
        await planned_and_published(t, today.isoformat())
        await answered(t)
        await eventually(lambda: filled(board) == {3, 2})
        await an_hour_before(t, evening)
        await eventually(lambda: filled(board) == {3, 2})
        await swapped(t)
        await the_roll(t, evening)
        await eventually(lambda: "assignment.completed" in board.heard)
        for kind in ("offered", "declined", "cancelled", "accepted", "swapped", "checked_in"):
            assert f"assignment.{kind}" in board.heard, kind
        await same_as_fresh(t.desk, query, board)
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


def filled(board: Board) -> set[int]:
    return {bar["filled"] for bar in board.bars.values()}


async def posted(t: Town, town: World) -> str:
    """The evening begins in little more than an hour; the lanterns are taken down a day later."""
    begins = (datetime.now(UTC) + timedelta(minutes=70)).replace(second=0, microsecond=0)
    shifts = [
        {
            "venue": str(town.venue.id), "starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=2)).isoformat(),
            "needs": [{"role": role, "min": seats, "desired": seats, "max": seats}],
        }
        for at, role, seats in ((begins, "灯会引导", 3), (begins + timedelta(days=1), "撤灯", 2))
    ]  # fmt: skip
    for title, shift in (("元宵灯会", shifts[0]), ("灯会收尾", shifts[1])):
        body = {"title": title, "mode": "support", "risk_notice": "人多，注意脚下", "shifts": [shift]}
        event = await t.does(t.desk, "/api/events", **body)
        await t.does(t.desk, f"/api/events/{event['id']}/publish")
    found = (await t.desk.get("/api/events", params={"q": "元宵灯会"})).json()["items"]
    sheet = (await t.desk.get(f"/api/events/{found[0]['id']}")).json()
    shift: str = sheet["shifts"][0]["id"]
    return shift


async def planned_and_published(t: Town, today: str) -> None:
    """The planner proposes five people for five seats; one tap asks them, and each gets a letter."""
    draft = await t.does(t.desk, "/api/drafts", region=COUNTY, days=3, seconds=5, **{"from": today})

    async def ready() -> bool:
        state = (await t.desk.get(f"/api/drafts/{draft['id']}")).json()["state"]
        assert state in ("running", "ready"), state
        return bool(state == "ready")

    await eventually(ready)
    done = await t.does(t.desk, f"/api/drafts/{draft['id']}/publish")
    assert (done["offered"], done["stale"]) == (5, [])
    asked = [who for who, offers in (await t.offers()).items() if offers]
    for who in asked:
        await t.letter(who, "您有新的服务邀请")


async def answered(t: Town) -> None:
    """One says no; the board asks the best of the others; all the rest say yes."""
    offers = [(who, one) for who, mine in (await t.offers()).items() for one in mine]
    (nay, no), *yeses = sorted(offers, key=lambda found: found[1]["shift"]["starts_at"])
    await t.does(t.phones[nay], f"/api/assignments/{no['id']}/decline", reason="busy")
    for who, one in yeses:
        await t.does(t.phones[who], f"/api/assignments/{one['id']}/accept")
    await repaired(t, no["need_id"], not_by=nay)


async def repaired(t: Town, need: str, *, not_by: str) -> None:
    """The board's first proposal for the hole is asked, and that person says yes."""

    async def read() -> bool:
        found = (await t.desk.get(f"/api/needs/{need}/substitutes")).json()
        return bool(found["ready"] and found["proposals"])

    await eventually(read)
    made = await t.does(t.desk, f"/api/needs/{need}/repair", steps=[])
    (offer,) = made["offers"]
    assert offer["volunteer"] != not_by
    await t.letter(offer["volunteer"], "您有一份新的服务邀请")
    await t.does(t.phones[offer["volunteer"]], f"/api/assignments/{offer['assignment']}/accept")


async def lines(t: Town, title: str) -> list[tuple[str, dict[str, Any]]]:
    """Who has accepted what of this event, as their phones show it."""
    found = []
    for who, phone in t.phones.items():
        mine = (await phone.get("/api/assignments", params={"status": "accepted"})).json()["items"]
        found += [(who, row) for row in mine if row["event"]["title"] == title]
    return found


async def an_hour_before(t: Town, evening: str) -> None:
    """Somebody falls ill. It is near, the seat is free at once, and the next in line takes it."""
    who, row = (await lines(t, "元宵灯会"))[0]
    assert row["shift"]["id"] == evening
    gone = await t.does(t.phones[who], f"/api/assignments/{row['id']}/cancel", reason="health")
    assert gone["status"] == "cancelled"
    await repaired(t, row["need_id"], not_by=who)


async def swapped(t: Town) -> None:
    """One of the evening would rather take the lanterns down; the phone says with whom that can be done."""
    (who, row), *_ = await lines(t, "元宵灯会")
    found = (await t.phones[who].get(f"/api/assignments/{row['id']}/swaps")).json()
    other = next(one for one in found["direct"] if one["seat"]["event"]["title"] == "灯会收尾")
    owners = {line["id"]: person for person, line in await lines(t, "灯会收尾")}
    mate = owners[other["line"]]
    swap = await t.does(t.phones[who], f"/api/assignments/{row['id']}/swap", lines=[other["line"]])
    await t.letter(mate, "有人想和您换班")
    done = await t.does(t.phones[mate], f"/api/swaps/{swap['id']}/agree")
    assert done["state"] == "done"
    for person in (who, mate):
        await t.letter(person, "换班成功")
    assert who in {person for person, _ in await lines(t, "灯会收尾")}
    assert mate in {person for person, _ in await lines(t, "元宵灯会")}


async def the_roll(t: Town, evening: str) -> None:
    """All type what the screen shows; a wrong code is not taken; the coordinator closes the roll."""
    tonight = await lines(t, "元宵灯会")
    assert len(tonight) == 3
    for who, row in tonight:
        wrong = await t.phones[who].post(f"/api/assignments/{row['id']}/sign-in", json={"code": "12345"})
        assert (wrong.status_code, wrong.json()["reasons"][0]["rule"]) == (409, "venue_code")
        code = (await t.desk.get(f"/api/shifts/{evening}/code")).json()["typed"]
        await t.does(t.phones[who], f"/api/assignments/{row['id']}/sign-in", code=code)
    closed = await t.does(t.desk, f"/api/shifts/{evening}/complete")
    assert closed["completed"] == 3
