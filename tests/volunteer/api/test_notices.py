"""The inbox and the choices of how to be told, through the doors."""

from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from volunteer import journal, notices
from volunteer.act import system
from volunteer.api import notices as doors
from volunteer.models import Contact, Subscription, Volunteer
from volunteer.settings import Settings


@pytest.fixture
def settings() -> Settings:
    return Settings(public_url="http://citong.test", mail_host="mail.citong.test")


@pytest_asyncio.fixture
async def client(clients: Any, town: None) -> Any:
    async with clients([doors]) as open_:
        yield open_


async def owe(person: Volunteer, kind: str = "event.cancelled") -> None:
    await journal.writing(system(), lambda w: notices.owe(w, kind, person.id, ref=uuid4()))


def key() -> dict[str, str]:
    return {"idempotency-key": uuid4().hex}


async def test_paging_and_reading(client: Any, person: Any) -> None:
    who, other = await person(), await person()
    for _ in range(5):
        await owe(who.person)
    first = (await client.get("/api/notices?limit=3", headers=who.headers)).json()
    assert (len(first["items"]), first["unread"]) == (3, 5)
    assert list(first["live"]["topics"]) == [f"volunteer:{who.person.id}"]
    rest = (await client.get(f"/api/notices?limit=3&cursor={first['next']}", headers=who.headers)).json()
    assert (len(rest["items"]), rest["next"]) == (2, None)
    one = first["items"][0]
    assert one["subject"] == "一场活动已取消"
    assert (one["group"], one["read"], one["pressing"], one["about"]) == ("change", False, True, None)
    answer = await client.post(f"/api/notices/{one['id']}/read", json={}, headers=who.headers | key())
    assert (answer.status_code, answer.json()) == (200, {"unread": 4})
    foreign = await client.post(f"/api/notices/{one['id']}/read", json={}, headers=other.headers | key())
    assert foreign.status_code == 404
    done = await client.post("/api/notices/read", json={"until": one["at"]}, headers=who.headers | key())
    assert done.json() == {"unread": 0}
    assert (await client.get("/api/notices/unread", headers=who.headers)).json() == {"unread": 0}


@pytest.mark.parametrize("cursor", ["x", "AAAA", "MjAyNiB4", "OTk5OS0wMS0wMVQwMDowMDowMCswMDowMCBhYmM"])
async def test_a_cursor_of_somebody_elses_making_is_refused(client: Any, person: Any, cursor: str) -> None:
    answer = await client.get(f"/api/notices?cursor={cursor}", headers=(await person()).headers)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["field"] == "cursor"


async def test_an_inbox_needs_a_person(client: Any) -> None:
    for path in ("/api/notices", "/api/notices/unread", "/api/me/contact"):
        assert (await client.get(path)).status_code == 401


async def test_choices_are_kept_and_only_what_reaches_the_person_can_be_chosen(client: Any, person: Any) -> None:
    who = await person()
    found = (await client.get("/api/me/contact", headers=who.headers)).json()
    assert found["channels"] == {"offer": ["mail"], "change": ["mail"], "reminder": ["mail"], "alarm": ["mail"]}
    assert (found["quiet_from"], found["quiet_until"], found["far"], found["near"]) == (1320, 480, 1440, 120)
    assert (found["digest"], found["offered"], found["refused"]) == (None, ["mail"], False)
    wanted = {name: found[name] for name in ("channels", "quiet_from", "quiet_until", "far", "near")}
    wanted |= {"digest": 1080, "quiet_from": 1260, "near": 0}
    wanted["channels"] = found["channels"] | {"change": []}
    for _ in range(2):
        kept = await client.put("/api/me/contact", json=wanted, headers=who.headers | key())
        assert kept.status_code == 200
    assert {name: kept.json()[name] for name in wanted} == wanted
    assert await Contact.all().count() == 1
    wanted["channels"] = found["channels"] | {"offer": ["sms"]}
    refused = await client.put("/api/me/contact", json=wanted, headers=who.headers | key())
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["field"] == "channels.offer"
    assert (await Contact.get()).channels["offer"] == ["mail"]
    late = await client.put("/api/me/contact", json=wanted | {"quiet_until": 1440}, headers=who.headers | key())
    assert late.status_code == 422


async def test_a_browser_is_allowed_for_one_person_and_let_go(client: Any, person: Any) -> None:
    who, other = await person(), await person()
    assert (await client.get("/api/me/push", headers=who.headers)).json() == {"key": None}
    browser = {"endpoint": "https://push.example.org/x?y=1", "p256dh": "B" * 87, "auth": "a" * 22}
    for signed in (who, who, other):
        answer = await client.post("/api/me/push", json=browser, headers=signed.headers | key())
        assert answer.status_code == 204
    assert await Subscription.all().values_list("volunteer_id", flat=True) == [other.person.id]
    ending = {"endpoint": browser["endpoint"]}
    for signed, left in ((who, 1), (other, 0)):
        await client.post("/api/me/push/end", json=ending, headers=signed.headers | key())
        assert await Subscription.all().count() == left
    for wrong in ({"endpoint": "http://127.0.0.1/"}, {"p256dh": "x"}, {"auth": ""}):
        answer = await client.post("/api/me/push", json=browser | wrong, headers=who.headers | key())
        assert answer.status_code == 422
