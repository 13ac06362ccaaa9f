"""Doors of the day itself."""

from datetime import UTC, datetime, timedelta

from dispatch.models import Assignment, Shift, Venue
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import World, starting


async def test_a_day_by_code_and_by_roll(tiny: World, as_: SignIn) -> None:
    boss, one, two, gone = [await tiny.person() for _ in range(4)]
    need = await tiny.need(seats=3, after=starting(20))
    lines = []
    for person in (one, two, gone):
        line = await tiny.offered(need, person, expires=datetime.now(UTC) + timedelta(minutes=15))
        taken = await (await as_(person)).post(f"/api/assignments/{line.id}/accept", headers=key())
        lines.append(taken.json())
    assert lines[0]["sign_in"]["opens_at"] < lines[0]["sign_in"]["closes_at"]
    await Venue.all().update(approximate=False)
    desk, phone = await as_(boss, role="coordinator"), await as_(one)
    code = (await desk.get(f"/api/shifts/{need.shift_id}/code")).json()
    assert len(code["typed"]) == 6
    assert (await phone.get(f"/api/shifts/{need.shift_id}/code")).status_code == 404
    path = f"/api/assignments/{lines[0]['id']}"
    wrong = await phone.post(f"{path}/sign-in", json={"code": "x"}, headers=key())
    assert (wrong.status_code, wrong.json()["reasons"][0]["rule"]) == (409, "venue_code")
    here = {"code": code["typed"], "place": {"lat": 24.91, "lon": 118.59}}
    done = await phone.post(f"{path}/sign-in", json=here, headers=key())
    assert (done.status_code, done.json()["status"]) == (200, "checked_in")
    called = await desk.post(f"/api/assignments/{lines[1]['id']}/check-in", json={}, headers=key())
    assert called.json()["checked_in_at"]
    begins = datetime.now(UTC) - timedelta(minutes=45)
    await Shift.filter(id=need.shift_id).update(starts_at=begins)
    missed = await desk.post(f"/api/assignments/{lines[2]['id']}/no-show", json={"excused": True}, headers=key())
    assert missed.json()["status"] == "no_show"
    left = await phone.post(f"{path}/check-out", json={}, headers=key())
    assert left.json()["checked_out_at"]
    closed = await desk.post(f"/api/shifts/{need.shift_id}/complete", headers=key())
    assert closed.json() == {"completed": 2}
    sheet = (await desk.get(f"/api/events/{(await need.shift).event_id}")).json()
    placed = {row["volunteer"]["id"]: row for row in sheet["shifts"][0]["needs"][0]["assignments"]}
    assert (placed[str(one.id)]["came_by"], placed[str(one.id)]["near"]) == ("code", True)
    assert (placed[str(gone.id)]["status"], placed[str(gone.id)]["excused"]) == ("no_show", True)
    assert sheet["can"]["call"]


async def test_a_wrong_code_is_counted_and_its_key_is_free_again(tiny: World, as_: SignIn) -> None:
    boss, one = await tiny.person(), await tiny.person()
    need = await tiny.need(after=starting(20))
    line = await tiny.offered(need, one, expires=datetime.now(UTC) + timedelta(minutes=15))
    phone, desk = await as_(one), await as_(boss, role="coordinator")
    await phone.post(f"/api/assignments/{line.id}/accept", headers=key())
    tap = key()
    path = f"/api/assignments/{line.id}/sign-in"
    assert (await phone.post(path, json={"code": "nope"}, headers=tap)).status_code == 409
    await line.refresh_from_db()
    assert line.guesses == 1
    code = (await desk.get(f"/api/shifts/{need.shift_id}/code")).json()
    assert (await phone.post(path, json={"code": code["scanned"]}, headers=tap)).status_code == 200


async def test_a_correction_by_a_second_person(tiny: World, as_: SignIn) -> None:
    boss, second, one = [await tiny.person() for _ in range(3)]
    need = await tiny.need(after=starting(-40))
    line = await tiny.offered(need, one, expires=datetime.now(UTC) + timedelta(minutes=15))
    await (await as_(one)).post(f"/api/assignments/{line.id}/accept", headers=key())
    first = await as_(boss, role="coordinator")
    await first.post(f"/api/assignments/{line.id}/no-show", json={}, headers=key())
    begins = (await need.shift).starts_at
    body = {
        "reason": "名册上有签名", "came": begins.isoformat().replace("+00:00", "Z"),
        "left": (begins + timedelta(minutes=30)).isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    path = f"/api/assignments/{line.id}/correct"
    alone = await first.post(path, json=body, headers=key())
    assert (alone.status_code, alone.json()["reasons"][0]["rule"]) == (409, "second_person")
    done = await (await as_(second, role="coordinator")).post(path, json=body, headers=key())
    assert (done.status_code, done.json()["status"]) == (200, "completed")
    short = await first.post(path, json=body | {"reason": "x"}, headers=key())
    assert (short.status_code, short.json()["faults"][0]["field"]) == (422, "reason")


async def test_the_leader_on_the_spot_reads_the_sheet_with_names(tiny: World, as_: SignIn) -> None:
    leader, one = await tiny.person(name="陈老师"), await tiny.person(name="林小明")
    need = await tiny.need(after=starting(20), leader=True)
    other = await tiny.need(shift_id=need.shift_id, role="引导")
    for person, where in ((leader, need), (one, other)):
        line = await tiny.offered(where, person, expires=datetime.now(UTC) + timedelta(minutes=15))
        await (await as_(person)).post(f"/api/assignments/{line.id}/accept", headers=key())
    event = (await need.shift).event_id
    sheet = (await (await as_(leader)).get(f"/api/events/{event}")).json()
    rows = [row for part in sheet["shifts"][0]["needs"] for row in part["assignments"]]
    assert [(row["volunteer"]["name"], row["own"]) for row in rows] == [("陈老师", True), ("林小明", False)]
    assert sheet["can"] == {"write": False, "offer": False, "call": True, "correct": False}
    assert (await (await as_(one)).get(f"/api/events/{event}")).status_code == 404


async def test_blanks_are_no_reason_and_no_evidence(tiny: World, as_: SignIn) -> None:
    boss, one = await tiny.person(), await tiny.person()
    need = await tiny.need(after=starting(-600), event={"state": "finished"})
    line = await tiny.offered(need, one)
    await Assignment.filter(id=line.id).update(status="accepted", answered_at=line.offered_at)
    desk, path = await as_(boss, role="coordinator"), f"/api/assignments/{line.id}/make-up"
    shift = await Shift.get(id=need.shift_id)
    times = {"came": shift.starts_at.isoformat(), "left": shift.ends_at.isoformat()}
    said = times | {"reason": "忘记签到", "evidence": "合影"}
    for wrong in ({"evidence": "  "}, {"reason": "\u3000\u3000"}):
        assert (await desk.post(path, json=said | wrong, headers=key())).status_code == 422
    assert (await desk.post(path, json=said, headers=key())).status_code == 200
