"""Doors of service records, as their people meet them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.volunteer.api.conftest import application
from tests.volunteer.offices import Office, lapse, now
from volunteer import signin
from volunteer.act import system
from volunteer.api import records
from volunteer.models import Entry, ServiceRecord, Volunteer
from volunteer.records import locking, signing
from volunteer.records.signing import Line
from volunteer.settings import Settings


@pytest.fixture
def settings() -> Settings:
    return Settings(public_url="http://citong.test")


async def client(office: Office, settings: Settings, key: str = "", language: str = "en") -> httpx2.AsyncClient:
    headers = {"accept-language": language}
    if key:
        person = await Volunteer.get(id=office.people[key])
        if person.email is None:
            person.email = f"{person.number}@citong.test"
            await person.save()
        headers["authorization"] = f"Bearer {await signin.token(system(), person.email)}"
    app = application([records], settings)
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url=settings.public_url, headers=headers
    )  # fmt: skip


def tap() -> dict[str, str]:
    return {"idempotency-key": uuid4().hex}


async def test_a_record_from_the_leaders_list_to_my_hours(office: Office, settings: Settings) -> None:
    record = await office.served(came=20)
    leader, recorder, mine = [await client(office, settings, key) for key in ("leader", "recorder", "volunteer")]
    listed = (await leader.get("/api/records?stage=confirm")).json()
    assert (listed["total"], listed["next"]) == (1, None)
    (row,) = listed["items"]
    assert (row["volunteer"]["name"], row["minutes"], row["counted"], row["why_not"]) == ("陈volunteer", 90, 90, [])
    said = {"lines": [{"id": str(record.id), "minutes": 60, "reason": "早退"}]}
    once = tap()
    for _ in range(2):
        done = await leader.post("/api/records/confirm", json=said, headers=once)
        assert (done.status_code, done.json()) == (200, {"records": 1})
    assert done.headers["idempotent-replayed"] == "true"
    assert (await leader.get("/api/records?stage=sign")).json()["total"] == 0
    assert (await recorder.get("/api/records?stage=confirm")).json()["total"] == 0
    assert (await recorder.get("/api/records?stage=sign")).json()["items"][0]["reason"] == "早退"
    await recorder.post("/api/records/sign", json={"ids": [str(record.id)]}, headers=tap())
    hours = (await mine.get("/api/records/mine")).json()
    assert hours["sums"] == {"year": 0, "all": 0, "waiting": 60, "records": 1}
    assert (hours["items"][0]["state"], hours["items"][0]["can"]) == ("under_notice", {"object": True})
    topic = f"volunteer:{record.volunteer_id}"
    assert hours["live"]["topics"] == {topic: await Entry.filter(topic=topic).count()}
    await lapse(record)
    await locking.lock_due(system())
    hours = (await mine.get(f"/api/records/mine?year={(await now(record)).plan_from.year}")).json()
    assert (hours["sums"]["all"], hours["items"][0]["state"]) == (60, "locked")
    assert hours["items"][0]["can"] == {"object": False}


async def test_what_is_refused_says_why_and_changes_nothing(office: Office, settings: Settings) -> None:
    record = await office.served()
    leader, own = await client(office, settings, "leader"), await office.served("leader")
    said: dict[str, Any] = {"lines": [{"id": str(record.id)}, {"id": str(own.id)}]}
    refused = await leader.post("/api/records/confirm", json=said, headers=tap())
    assert (refused.status_code, refused.json()["reasons"][0]["text"]) == (409, "nobody signs for themselves")
    listed = {row["id"]: row for row in (await leader.get("/api/records")).json()["items"]}
    assert listed[str(own.id)]["why_not"] == ["nobody signs for themselves"]
    for wrong in ({"lines": []}, {"lines": said["lines"] * 101}, {"lines": [{"id": str(record.id), "minutes": -30}]}):
        assert (await leader.post("/api/records/confirm", json=wrong, headers=tap())).status_code == 422
    stranger = await client(office, settings, "stranger")
    for path, body in (
        ("confirm", said),
        ("sign", {"ids": [str(record.id)]}),
        (f"{record.id}/overtime", {"minutes": 30}),
        (f"{record.id}/dispute", {"reason": "不对"}),
        (f"{record.id}/correct", {"minutes": 30, "reason": "不对"}),
        (f"{record.id}/objections", {"reason": "不对"}),
    ):
        assert (await stranger.post(f"/api/records/{path}", json=body, headers=tap())).status_code == 404
    assert (await stranger.get("/api/records?stage=all")).json()["total"] == 0
    assert (await now(record)).version == 1


async def test_everybody_reads_the_public_notice_and_nobody_a_name(office: Office, settings: Settings) -> None:
    record = await office.served()
    await signing.confirm(office.act("leader"), [Line(record.id)])
    anybody = await client(office, settings)
    assert (await anybody.get("/api/records/public")).json() == {"items": [], "next": None, "total": 0}
    await signing.sign(office.act("recorder"), [record.id])
    answer = await anybody.get("/api/records/public?region=350502&q=南音")
    (row,) = answer.json()["items"]
    assert (row["name"], row["minutes"], row["unit"], row["objected"]) == ("陈**", 120, "海滨文化站", False)
    assert "陈volunteer" not in answer.text
    assert str(record.volunteer_id) not in answer.text
    for away in ("region=350503", "q=木偶", "q=%25%25", "q=_"):
        assert (await anybody.get(f"/api/records/public?{away}")).json()["total"] == 0, away
    await Volunteer.filter(id=record.volunteer_id).update(birth_date=record.plan_from.date() - timedelta(days=5000))
    (row,) = (await anybody.get("/api/records/public")).json()["items"]
    assert (row["name"], row["minor"]) == ("", True)


async def test_an_objection_is_answered_by_who_signed(office: Office, settings: Settings) -> None:
    record = await office.served()
    await signing.confirm(office.act("leader"), [Line(record.id)])
    await signing.sign(office.act("recorder"), [record.id])
    mine, recorder = await client(office, settings, "volunteer"), await client(office, settings, "recorder")
    path = f"/api/records/{record.id}/objections"
    said = (await mine.post(path, json={"reason": "多记了"}, headers=tap())).json()
    assert said["upheld"] is None
    (row,) = (await recorder.get("/api/records?stage=answer")).json()["items"]
    assert (row["objections"][0]["reason"], row["why_not"]) == ("多记了", [])
    settled = await recorder.post(
        f"/api/objections/{said['id']}/settle", json={"upheld": True, "answer": "属实"}, headers=tap()
    )  # fmt: skip
    assert settled.json()["upheld"] is True
    organiser = await client(office, settings, "organiser")
    (row,) = (await organiser.get("/api/records?stage=correct")).json()["items"]
    done = await organiser.post(
        f"/api/records/{row['id']}/correct", json={"minutes": 60, "reason": "核实"}, headers=tap()
    )
    assert done.status_code == 200
    hours = (await mine.get("/api/records/mine")).json()
    assert [(one["state"], one["minutes"], one["corrects"]) for one in hours["items"]] == [("confirmed", 60, True)]


async def test_long_lists_come_in_pages(office: Office, settings: Settings) -> None:
    made = {str((await office.served()).id) for _ in range(5)}
    leader = await client(office, settings, "leader")
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await leader.get(f"/api/records?limit=2{cursor}")).json()
        assert page["total"] == 5
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert (len(seen), set(seen)) == (5, made)
    assert (await leader.get("/api/records?cursor=abc")).status_code == 422
    assert await ServiceRecord.all().count() == 5
