"""Doors of who may take part."""

from datetime import UTC, datetime, timedelta

from dispatch.models import Assignment
from tests.dispatch import world
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import World
from volunteer.models import Volunteer


async def test_look_suspend_and_lift(tiny: World, as_: SignIn) -> None:
    boss, gone = await tiny.person(), await tiny.person()
    for n in range(3):
        need = await tiny.need(
            after=datetime.now(UTC) - timedelta(days=9 * n + 1) - world.START, event={"state": "closed"}
        )
        await Assignment.filter(id=(await tiny.offered(need, gone)).id).update(status="no_show")
    desk = await as_(boss, role="coordinator", region="350502")
    found = (await desk.get("/api/standing")).json()
    assert [(row["volunteer"]["id"], row["absences"], row["advised"]) for row in found["review"]] == [
        (str(gone.id), 3, False)
    ]
    said = {"reason": "多次无故缺席"}
    answer = await desk.post(f"/api/volunteers/{gone.id}/suspend", json=said, headers=key())
    assert (answer.status_code, answer.json()) == (200, {"id": str(gone.id), "suspended": True})
    found = (await desk.get("/api/standing")).json()
    assert (found["review"], [row["reason"] for row in found["suspended"]]) == ([], [said["reason"]])
    assert (await desk.post(f"/api/volunteers/{gone.id}/lift", headers=key())).json()["suspended"] is False
    assert (await Volunteer.get(id=gone.id)).state == "active"
    assert (await desk.post(f"/api/volunteers/{gone.id}/lift", headers=key())).status_code == 409


async def test_people_are_found_by_name_letters_or_number_within_ones_scope(tiny: World, as_: SignIn) -> None:
    boss = await tiny.person()
    chen = await tiny.person(name="陈雅琴", pinyin="chenyaqin cyq", number="QZ77")
    away = await tiny.person(name="陈雅芳", pinyin="chenyafang cyf", region_id="350503")
    desk = await as_(boss, role="coordinator", region="350502")
    for words in ("陈雅", "chenya", "CYQ", "QZ77"):
        found = (await desk.post("/api/volunteers/find", json={"words": words})).json()["items"]
        assert [row["volunteer"]["id"] for row in found] == [str(chen.id)], words
    for words in ("雅琴", "%", "QZ7", "_"):
        assert (await desk.post("/api/volunteers/find", json={"words": words})).json()["items"] == [], words
    assert (await (await as_(away)).post("/api/volunteers/find", json={"words": "陈"})).status_code == 403


async def test_bounds_and_rights(tiny: World, as_: SignIn) -> None:
    boss, gone = await tiny.person(), await tiny.person()
    away, phone = await as_(boss, role="coordinator", region="350503"), await as_(gone)
    said = {"reason": "多次无故缺席"}
    assert (await away.post(f"/api/volunteers/{gone.id}/suspend", json=said, headers=key())).status_code == 404
    assert (await phone.post(f"/api/volunteers/{boss.id}/suspend", json=said, headers=key())).status_code == 404
    assert (await phone.get("/api/standing")).status_code == 403
    chief = await tiny.person()
    desk = await as_(chief, role="coordinator", region="350502")
    for wrong in ({"reason": ""}, {"reason": "x" * 301}, {"reason": "\u3000 "}, {}, {**said, "state": "exited"}):
        assert (await desk.post(f"/api/volunteers/{gone.id}/suspend", json=wrong, headers=key())).status_code == 422
    assert (await desk.post(f"/api/volunteers/{chief.id}/suspend", json=said, headers=key())).status_code == 409
