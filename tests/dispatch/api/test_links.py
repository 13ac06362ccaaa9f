"""A letter's link: looking changes nothing, a POST answers, and nothing else is opened by it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
import pytest_asyncio

from dispatch.api import MODULES
from dispatch.models import Assignment
from tests.dispatch.world import World
from tests.volunteer.api.conftest import application
from volunteer import journal
from volunteer.act import now, system
from volunteer.models import Link, Session, Volunteer
from volunteer.notices import links
from volunteer.settings import Settings


@pytest_asyncio.fixture
async def nobody(tiny: World, settings: Settings) -> Any:
    """A browser that nobody is signed in with."""
    app = application(list(MODULES), settings)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://citong.test", headers={"accept-language": "en"}
    ) as client:
        yield client


async def linked(person: Volunteer, ref: UUID, **lasts: float) -> str:
    until = now() + timedelta(**(lasts or {"hours": 1}))
    return await journal.writing(system(), lambda w: links.issue(w, person.id, ref, until))


async def test_the_offer_is_seen_and_taken_without_signing_in(nobody: Any, tiny: World) -> None:
    person = await tiny.person(name="陈小美")
    line = await tiny.offered(await tiny.need(), person)
    token = await linked(person, line.id)
    for _ in range(3):  # a mail program that looks at links answers for nobody
        seen = (await nobody.post("/api/links/open", json={"token": token})).json()
    assert (seen["name"], [row["id"] for row in seen["items"]]) == ("陈小美", [str(line.id)])
    assert (await Assignment.get(id=line.id)).status == "offered"
    wanted = {"token": token, "assignment": str(line.id), "answer": "accept"}
    for _ in range(2):
        answer = await nobody.post("/api/links/answer", json=wanted)
        assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert "set-cookie" not in answer.headers
    assert not await Session.exists()


async def test_a_no_is_a_no_however_often_it_is_said(nobody: Any, tiny: World) -> None:
    person = await tiny.person()
    line = await tiny.offered(await tiny.need(), person)
    wanted = {"token": await linked(person, line.id), "assignment": str(line.id), "answer": "decline", "reason": "busy"}
    for _ in range(2):
        assert (await nobody.post("/api/links/answer", json=wanted)).json()["status"] == "declined"
    late = await nobody.post("/api/links/answer", json=wanted | {"answer": "accept"})
    assert late.status_code in (409, 410)


async def test_a_link_of_a_publication_shows_its_offers_and_no_others(nobody: Any, tiny: World) -> None:
    person, other, draft = await tiny.person(), await tiny.person(), uuid4()
    first = await tiny.offered(await tiny.need(), person)
    second = await tiny.offered(await tiny.need(after=timedelta(hours=5)), person)
    apart = await tiny.offered(await tiny.need(after=timedelta(hours=9)), person)
    foreign = await tiny.offered(await tiny.need(), other)
    await Assignment.filter(id__in=[first.id, second.id, foreign.id]).update(draft_id=draft)
    token = await linked(person, draft)
    seen = (await nobody.post("/api/links/open", json={"token": token})).json()
    assert {row["id"] for row in seen["items"]} == {str(first.id), str(second.id)}
    for line in (apart, foreign):
        wanted = {"token": token, "assignment": str(line.id), "answer": "accept"}
        assert (await nobody.post("/api/links/answer", json=wanted)).status_code == 404
        assert (await Assignment.get(id=line.id)).status == "offered"


@pytest.mark.parametrize("why", ["unknown", "over", "gone"])
async def test_a_dead_link_opens_nothing_and_says_what_to_do(nobody: Any, tiny: World, why: str) -> None:
    person = await tiny.person()
    line = await tiny.offered(await tiny.need(), person)
    token = await linked(person, line.id, seconds=-1 if why == "over" else 60)
    if why == "gone":
        await Volunteer.filter(id=person.id).update(state="suspended")
    token = token[::-1] if why == "unknown" else token
    for path, more in (("open", {}), ("answer", {"assignment": str(line.id), "answer": "accept"})):
        answer = await nobody.post(f"/api/links/{path}", json={"token": token} | more)
        assert answer.status_code == 410
        assert answer.json()["reasons"][0]["rule"] == "dead_answer_link"
        assert answer.json()["reasons"][0]["remedy"] == "sign in to see your offers"
    assert (await Assignment.get(id=line.id)).status == "offered"


async def test_a_link_is_no_session_and_only_its_digest_is_kept(nobody: Any, tiny: World) -> None:
    person = await tiny.person()
    line = await tiny.offered(await tiny.need(), person)
    token = await linked(person, line.id)
    for headers in ({"authorization": f"Bearer {token}"}, {"cookie": f"citong_session={token}"}):
        assert (await nobody.get("/api/offers", headers=headers)).status_code == 401
    assert token not in str(await Link.all().values())
    foreign = await nobody.post("/api/links/open", json={"token": token}, headers={"origin": "https://elsewhere.test"})
    assert foreign.status_code == 403
    await Link.all().update(expires_at=now() - timedelta(days=2))
    await links.sweep(now())
    assert not await Link.exists()
