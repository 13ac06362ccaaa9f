"""The phone's doors."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from dispatch.models import Assignment, Event
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import World


async def test_offers_are_mine_with_why_and_from_where_to_follow(tiny: World, as_: SignIn) -> None:
    me, other = await tiny.person(), await tiny.person()
    need = await tiny.need(seats=2)
    mine = await tiny.offered(need, me)
    await tiny.offered(need, other)
    why = [
        {"goal": "continuity", "worth": 27000, "data": {}},
        {"goal": "distance", "worth": -2000, "data": {}},
        {"goal": "fairness", "worth": -300, "data": {"load": 60}},
    ]
    await Assignment.filter(id=mine.id).update(why=why)
    phone = await as_(me)
    answer = (await phone.get("/api/offers")).json()
    (offer,) = answer["items"]
    assert offer["id"] == str(mine.id)
    assert offer["why_text"] == "You know this place and it is about 1.5 km from you"
    assert [reason["goal"] for reason in offer["why"]] == ["continuity", "distance"]
    assert offer["can"]["accept"] is True
    assert list(answer["live"]["topics"]) == [f"volunteer:{me.id}"]
    chinese = (await phone.get("/api/offers", headers={"accept-language": "zh-CN"})).json()
    assert chinese["items"][0]["why_text"] == "您熟悉这里、离您约 1.5 公里"


async def test_accept_needs_a_key_and_a_repeat_gives_the_same_bytes(tiny: World, as_: SignIn) -> None:
    me = await tiny.person()
    line = await tiny.offered(await tiny.need(), me)
    phone = await as_(me)
    path = f"/api/assignments/{line.id}/accept"
    assert (await phone.post(path)).status_code == 400
    tap = key()
    first = await phone.post(path, headers=tap)
    again = await phone.post(path, headers=tap)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["status"] == "accepted"
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    week = (await phone.get("/api/assignments")).json()["items"]
    assert [item["id"] for item in week] == [str(line.id)]


async def test_the_loser_of_a_race_is_shown_the_next_offer(tiny: World, as_: SignIn) -> None:
    winner, loser = await tiny.person(), await tiny.person()
    need, later = await tiny.need(), await tiny.need(after=timedelta(days=1))
    won, lost = await tiny.offered(need, winner), await tiny.offered(need, loser)
    spare = await tiny.offered(later, loser)
    await (await as_(winner)).post(f"/api/assignments/{won.id}/accept", headers=key())
    answer = await (await as_(loser)).post(f"/api/assignments/{lost.id}/accept", headers=key())
    assert answer.status_code == 410
    problem = answer.json()
    assert problem["code"] == "gone"
    assert problem["next"]["offer"]["id"] == str(spare.id)


async def test_a_late_tap_and_a_strangers_offer(tiny: World, as_: SignIn) -> None:
    me, stranger = await tiny.person(), await tiny.person()
    line = await tiny.offered(await tiny.need(), me, expires=datetime.now(UTC) - timedelta(minutes=1))
    late = await (await as_(me)).post(f"/api/assignments/{line.id}/accept", headers=key())
    assert late.status_code == 410
    assert late.json()["reasons"][0]["text"] == "the time to answer has passed"
    assert (await (await as_(stranger)).post(f"/api/assignments/{line.id}/accept", headers=key())).status_code == 404
    assert (await (await as_(me)).post(f"/api/assignments/{uuid4()}/accept", headers=key())).status_code == 404


async def test_every_reason_reaches_the_phone_with_its_remedy(tiny: World, as_: SignIn) -> None:
    me = await tiny.person(free=False)
    line = await tiny.offered(await tiny.need(languages=["nan"]), me)
    answer = await (await as_(me)).post(f"/api/assignments/{line.id}/accept", headers=key())
    assert answer.status_code == 409
    reasons = answer.json()["reasons"]
    assert {reason["rule"] for reason in reasons} == {"language", "availability"}
    assert all(reason["text"] and reason["remedy"] for reason in reasons)


async def test_decline_with_a_reason_and_step_back(tiny: World, as_: SignIn) -> None:
    me = await tiny.person()
    one = await tiny.offered(await tiny.need(), me)
    two = await tiny.offered(await tiny.need(after=timedelta(days=1)), me)
    phone = await as_(me)
    wrong = await phone.post(f"/api/assignments/{one.id}/decline", json={"reason": "bored"}, headers=key())
    assert wrong.status_code == 422
    done = await phone.post(f"/api/assignments/{one.id}/decline", json={"reason": "far"}, headers=key())
    assert done.json()["status"] == "declined"
    await phone.post(f"/api/assignments/{two.id}/accept", headers=key())
    back = await phone.post(f"/api/assignments/{two.id}/cancel", json={}, headers=key())
    assert back.json()["status"] == "cancelled"
    assert await Event.filter(state="published").count() == 2


async def test_nobody_is_asked_to_sign_in(tiny: World, as_: SignIn) -> None:
    phone = await as_(await tiny.person())
    phone.headers.pop("authorization")
    for path in ("/api/offers", "/api/assignments", "/api/board?region=350502", "/api/events"):
        assert (await phone.get(path)).status_code == 401, path
