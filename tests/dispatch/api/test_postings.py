"""Posting work: the need check beside the form, and the event that comes of it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from dispatch.holes import crowds
from dispatch.models import Event, Need, Shift, Venue
from dispatch.pool import ZONE
from dispatch.roster import assignments
from tests.dispatch.api.conftest import Client, SignIn, key
from tests.dispatch.world import START, World, by
from tests.waiting import eventually
from volunteer.models import Entry, Override, Role, Skill, Unit, Weekly

Body = dict[str, Any]


def check(venue: UUID, **more: Any) -> Body:
    return {"venue": str(venue), "mode": "support", "minutes": 120, **more}


def posting(venue: UUID, **more: Any) -> Body:
    shift = {
        "venue": str(venue),
        "starts_at": START.isoformat(),
        "ends_at": (START + timedelta(hours=2)).isoformat(),
        "call": 30,
        "needs": [{"role": "助教", "min": 1, "desired": 2, "max": 3}],
        **more.pop("shift", {}),
    }
    return {"title": "南音进校园", "mode": "tutoring", "shifts": [shift], **more}


def faults(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.text
    return {fault["field"] for fault in answer.json()["faults"]}


async def by_hour(desk: Client, body: Body) -> dict[tuple[str, int], tuple[int, float]]:
    found = await desk.post("/api/needs/check", json=body)
    assert found.status_code == 200, found.text
    return {(slot["day"], slot["hour"]): (slot["eligible"], slot["chance"]) for slot in found.json()["slots"]}


async def test_the_check_says_who_could_come_at_each_hour(tiny: World, as_: SignIn) -> None:
    """One is free all day, one only until noon; a third is known to nobody."""
    one, two = await tiny.person(), await tiny.person(free=False)
    await Weekly.bulk_create([Weekly(id=uuid4(), volunteer_id=two.id, weekday=d, start=0, end=720) for d in range(7)])
    await tiny.skill(one, "nanyin")
    await tiny.skill(two, "nanyin")
    await tiny.person()
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    day = START.astimezone(ZONE).date() + timedelta(days=1)
    body = check(tiny.venue.id, asks=[{"skill": "nanyin", "level": 2}], **{"from": day.isoformat()})
    hours = await by_hour(desk, body)
    assert len(hours) == 7 * 17
    assert len(await by_hour(desk, body | {"minutes": 180})) == 7 * 16  # nothing goes on past midnight
    assert hours[day.isoformat(), 9][0] == 2
    assert hours[day.isoformat(), 11][0] == 1
    assert 0 < hours[day.isoformat(), 11][1] < hours[day.isoformat(), 9][1] < 1
    answer = (await desk.post("/api/needs/check", json=body)).json()
    assert answer["fit"] + sum(reason["people"] for reason in answer["reasons"]) == answer["pool"] == 4
    assert {reason["rule"] for reason in answer["reasons"]} == {"skill"}


@pytest.mark.parametrize("what", ["a day off", "a promise"])
async def test_what_changed_since_is_seen_after_a_moment(
    tiny: World, as_: SignIn, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    one = await tiny.person()
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    here = (START + timedelta(days=1)).astimezone(ZONE).replace(hour=10)
    body = check(tiny.venue.id, **{"from": here.date().isoformat()})
    slot = (here.date().isoformat(), here.hour)
    assert (await by_hour(desk, body))[slot][0] == 1
    monkeypatch.setattr(crowds, "FRESH_SECONDS", -1.0)

    async def nobody() -> bool:
        return (await by_hour(desk, body))[slot][0] == 0

    if what == "a promise":
        line = await tiny.offered(await tiny.need(after=here - START), one)
        await assignments.accept(by(one), line.id)
    else:
        away = {"starts_at": here - timedelta(hours=3), "ends_at": here + timedelta(hours=3), "kind": "unavailable"}
        await Override.create(id=uuid4(), volunteer_id=one.id, created_at=START - timedelta(days=9), **away)
    await eventually(nobody)


async def test_two_who_ask_first_wait_for_the_same_arrays(
    tiny: World, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tiny.person()
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    built = []
    honest = crowds._built

    async def counted(city: str, at: datetime) -> crowds._Kept:
        built.append(city)
        return await honest(city, at)

    monkeypatch.setattr(crowds, "_built", counted)
    found = await asyncio.gather(*(by_hour(desk, check(tiny.venue.id)) for _ in range(4)))
    assert all(hours == found[0] for hours in found)
    assert built == ["3505"]


async def test_a_check_elsewhere_or_too_far_ahead_names_the_field(tiny: World, as_: SignIn) -> None:
    away = await Venue.create(id=uuid4(), name="丰泽文化馆", region_id="350503")
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    assert faults(await desk.post("/api/needs/check", json=check(uuid4()))) == {"venue"}
    assert faults(await desk.post("/api/needs/check", json=check(away.id))) == {"venue"}
    late = (START + timedelta(days=90)).date().isoformat()
    assert faults(await desk.post("/api/needs/check", json=check(tiny.venue.id, **{"from": late}))) == {"from"}
    member = await as_(await tiny.person())
    assert (await member.post("/api/needs/check", json=check(tiny.venue.id))).status_code == 403


async def test_an_event_is_written_down_and_published(tiny: World, as_: SignIn) -> None:
    boss = await tiny.person()
    await Skill.create(code="nanyin", name="南音", name_en="Nanyin", discipline="music")
    desk = await as_(boss, role="coordinator", region="350502")
    body = posting(tiny.venue.id, description="三年级两个班")
    body["shifts"][0]["needs"][0] |= {"asks": [{"skill": "nanyin", "level": 2}], "near_minors": True, "leader": True}
    keyed = key()
    made = await desk.post("/api/events", json=body, headers=keyed)
    assert made.status_code == 201, made.text
    sheet = made.json()
    assert (sheet["state"], sheet["title"], sheet["leader"]) == ("draft", "南音进校园", True)
    (need,) = sheet["shifts"][0]["needs"]
    assert (need["min"], need["desired"], need["max"], need["near_minors"]) == (1, 2, 3, True)
    assert need["asks"] == [{"skill": "nanyin", "name": "Nanyin", "level": 2}]
    again = await desk.post("/api/events", json=body, headers=keyed)
    assert (again.json()["id"], await Event.all().count()) == (sheet["id"], 1)
    event = await Event.get(id=sheet["id"])
    assert (event.organiser_id, event.region_id) == (boss.id, tiny.venue.region_id)
    assert event.locks_at == START - timedelta(minutes=30, hours=24)
    assert await Entry.filter(topic=f"event:{event.id}", kind="event.posted").count() == 1
    refused = await desk.post(f"/api/events/{event.id}/publish", headers=key())
    assert [reason["rule"] for reason in refused.json()["reasons"]] == ["risk_notice"]
    safe = (await desk.post("/api/events", json=posting(tiny.venue.id, risk_notice="注意台阶"), headers=key())).json()
    out = await desk.post(f"/api/events/{safe['id']}/publish", headers=key())
    assert out.json()["state"] == "published"


async def test_every_fault_is_named_at_once_and_nothing_is_written(tiny: World, as_: SignIn) -> None:
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    body = posting(tiny.venue.id, quorum=9, unit=str(uuid4()))
    body["shifts"][0] |= {"ends_at": START.isoformat()}
    body["shifts"][0]["needs"] = [
        {
            "role": "助教", "min": 3, "desired": 2, "max": 2, "age_min": 60, "age_max": 20, "languages": ["elvish"],
            "asks": [{"skill": "juggling", "level": 1}, {"skill": "juggling", "level": 2}],
        }
    ]  # fmt: skip
    here = "shifts.0.needs.0"
    assert faults(await desk.post("/api/events", json=body, headers=key())) == {
        "shifts.0.ends_at", f"{here}.desired", f"{here}.age_max", f"{here}.asks", f"{here}.asks.0.skill",
        f"{here}.asks.1.skill", f"{here}.languages", "quorum", "unit",
    }  # fmt: skip
    past = posting(tiny.venue.id, shift={"starts_at": "2024-01-01T09:00:00Z", "ends_at": "2024-01-02T11:00:00Z"})
    assert faults(await desk.post("/api/events", json=past, headers=key())) == {
        "shifts.0.starts_at",
        "shifts.0.ends_at",
    }
    lost = posting(uuid4())
    assert faults(await desk.post("/api/events", json=lost, headers=key())) == {"shifts.0.venue"}
    blank = posting(tiny.venue.id, title="  ")
    assert faults(await desk.post("/api/events", json=blank, headers=key())) == {"title"}
    endless = posting(tiny.venue.id)
    endless["shifts"][0]["needs"][0] |= {"languages": ["x" * 41], "asks": [{"skill": "y" * 41, "level": 1}]}
    refused = await desk.post("/api/events", json=endless, headers=key())
    assert (refused.status_code, faults(refused)) == (422, {f"{here}.languages.0", f"{here}.asks.0.skill"})
    for model in (Event, Shift, Need):
        assert await model.all().count() == 0


async def test_nobody_posts_where_they_have_no_say(tiny: World, as_: SignIn) -> None:
    stranger = await as_(await tiny.person(), role="coordinator", region="350503")
    assert faults(await stranger.post("/api/events", json=posting(tiny.venue.id), headers=key())) == {"shifts.0.venue"}
    member = await as_(await tiny.person())
    assert (await member.post("/api/events", json=posting(tiny.venue.id), headers=key())).status_code == 403
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    assert (await auditor.post("/api/events", json=posting(tiny.venue.id), headers=key())).status_code == 403
    assert (await auditor.get("/api/venues")).status_code == 403
    assert await Event.all().count() == 0


async def test_places_are_found_by_name_in_the_own_regions(tiny: World, as_: SignIn) -> None:
    await Venue.create(id=uuid4(), name="丰泽文化馆", region_id="350503")
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    assert [v["name"] for v in (await desk.get("/api/venues")).json()["items"]] == ["海滨文化站"]
    assert (await desk.get("/api/venues", params={"q": "丰泽"})).json()["items"] == []
    city = await as_(await tiny.person(), role="coordinator", region="3505")
    found = (await city.get("/api/venues", params={"q": "文化", "region": "350503"})).json()["items"]
    assert [(v["name"], v["region"]["name"]) for v in found] == [("丰泽文化馆", "丰泽区")]


async def test_an_organiser_posts_in_the_units_name(tiny: World, as_: SignIn) -> None:
    unit = await Unit.create(id=uuid4(), name="鲤城区图书馆", kind="library", region_id="350502", created_at=START)
    person = await tiny.person()
    client = await as_(person)
    await Role.create(
        id=uuid4(), volunteer_id=person.id, role="organiser", unit_id=unit.id, since=START - timedelta(days=9)
    )
    assert faults(await client.post("/api/events", json=posting(tiny.venue.id), headers=key())) == {"shifts.0.venue"}
    made = await client.post("/api/events", json=posting(tiny.venue.id, unit=str(unit.id)), headers=key())
    assert made.json()["unit"]["name"] == "鲤城区图书馆"


@pytest.mark.parametrize("said", ["南音\u0000进校园", "\u0000", " \u3000"])
async def test_names_say_something_and_hold_no_nul(tiny: World, as_: SignIn, said: str) -> None:
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    role = {"needs": [{"role": said, "min": 1, "desired": 1, "max": 1}]}
    for body in (posting(tiny.venue.id, title=said), posting(tiny.venue.id, shift=role)):
        faults(await desk.post("/api/events", json=body, headers=key()))
