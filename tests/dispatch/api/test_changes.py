"""The doors for changing what was published."""

from datetime import timedelta
from uuid import uuid4

from dispatch.models import Assignment, Need, Shift
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import World


async def test_seats_are_resized_a_need_is_called_off_and_a_shift_moved(tiny: World, as_: SignIn) -> None:
    asked = await tiny.person()
    need = await tiny.need(seats=3)
    line = await tiny.offered(need, asked)
    shift = await Shift.get(id=need.shift_id)
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    smaller = await desk.post(f"/api/needs/{need.id}/resize", json={"max": 2}, headers=key())
    assert (smaller.status_code, smaller.json()["shifts"][0]["needs"][0]["max"]) == (200, 2)
    hours = {
        "starts_at": (shift.starts_at + timedelta(days=1)).isoformat(),
        "ends_at": (shift.ends_at + timedelta(days=1)).isoformat(),
        "venue": str(tiny.venue.id),
        "reason": "改期",
    }
    once = key()
    moved = await desk.post(f"/api/shifts/{shift.id}/move", json=hours, headers=once)
    assert moved.status_code == 200, moved.text
    assert moved.json()["turns_to"] == "locked"
    again = await desk.post(f"/api/shifts/{shift.id}/move", json=hours, headers=once)
    assert again.json() == moved.json()
    assert (await Assignment.get(id=line.id)).occupies_from == shift.starts_at + timedelta(days=1)
    wrong = await desk.post(f"/api/shifts/{shift.id}/move", json=hours | {"venue": str(uuid4())}, headers=key())
    assert (wrong.status_code, [fault["field"] for fault in wrong.json()["faults"]]) == (422, ["venue"])
    off = await desk.post(f"/api/needs/{need.id}/cancel", json={"reason": "改为自助"}, headers=key())
    assert (off.status_code, (await Need.get(id=need.id)).max) == (200, 0)
    assert (await Assignment.get(id=line.id)).status == "withdrawn"


async def test_a_stranger_finds_nothing_to_change_and_a_reader_may_not(tiny: World, as_: SignIn) -> None:
    need = await tiny.need()
    event = (await Shift.get(id=need.shift_id)).event_id
    stranger = await as_(await tiny.person(), role="coordinator", region="350503")
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    for client, status in ((stranger, 404), (auditor, 403)):
        for path, body in (
            (f"/api/needs/{need.id}/resize", {"max": 2}),
            (f"/api/needs/{need.id}/cancel", {"reason": "台风"}),
            (f"/api/events/{event}/phase", {"phase": "supervised"}),
        ):
            answer = await client.post(path, json=body, headers=key())
            assert answer.status_code == status, (path, answer.text)


async def test_who_watches_over_an_event_is_on_its_sheet(tiny: World, as_: SignIn) -> None:
    event = (await Shift.get(id=(await tiny.need()).shift_id)).event_id
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    assert (await desk.get(f"/api/events/{event}")).json()["phase"] == "open"
    made = await desk.post(f"/api/events/{event}/phase", json={"phase": "supervised"}, headers=key())
    assert (made.status_code, made.json()["phase"]) == (200, "supervised")
    assert (await desk.post(f"/api/events/{event}/phase", json={"phase": "x"}, headers=key())).status_code in (400, 422)
