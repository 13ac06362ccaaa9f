"""Presence through the doors."""

from uuid import uuid4

from tests.dispatch.api.conftest import SignIn
from tests.dispatch.world import World

COUNTY = {"region": "350502"}


async def test_beat_see_take_over_and_leave(tiny: World, as_: SignIn) -> None:
    need = await tiny.need()
    one = await as_(await tiny.person(name="陈雅琴", pinyin="chenyaqin cyq"), role="coordinator", region="350502")
    two = await as_(await tiny.person(), role="coordinator", region="350502")
    mine, theirs = f"/api/presence/{uuid4()}", f"/api/presence/{uuid4()}"
    at = {**COUNTY, "need": str(need.id)}
    first = await one.put(mine, json=at)
    assert first.json() == {"others": [], "held": True, "ousted": None, "seconds": 45}
    warned = (await two.put(theirs, json=at)).json()
    (other,) = warned["others"]
    assert not warned["held"]
    assert other | {"since": ""} == {
        "initials": "陈YQ", "shift": str(need.shift_id), "need": str(need.id), "since": "",
    }  # fmt: skip
    assert (await two.put(theirs, json={**at, "take": True, "word": "我来"})).json()["held"]
    assert (await one.put(mine, json=at)).json()["ousted"]["word"] == "我来"
    assert (await one.delete(theirs)).status_code == 204  # not theirs to end: nothing happens
    assert not (await one.put(mine, json=at)).json()["held"]
    assert (await two.delete(theirs)).status_code == 204
    assert (await one.put(mine, json=at)).json()["held"]


async def test_bounds_and_rights(tiny: World, as_: SignIn) -> None:
    boss = await as_(await tiny.person(), role="coordinator", region="350502")
    member, page = await as_(await tiny.person()), f"/api/presence/{uuid4()}"
    for wrong in ({"region": "35"}, {"need": "x"}, {"word": "x" * 81}, {"take": 1}, {"who": "me"}):
        assert (await boss.put(page, json=COUNTY | wrong)).status_code == 422, wrong
    assert (await boss.put("/api/presence/page", json=COUNTY)).status_code == 422
    assert (await boss.put(page, json={"region": "350503"})).status_code == 404
    assert (await boss.put(page, json={**COUNTY, "shift": str(uuid4())})).status_code == 404
    assert (await member.put(page, json=COUNTY)).status_code in (403, 404)
    boss.headers.pop("authorization")
    assert (await boss.put(page, json=COUNTY)).status_code == 401
    assert (await boss.delete(page)).status_code == 401
