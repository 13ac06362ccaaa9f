"""The doors of swaps: a proposal, its answers, what each may see, and the coordinator's last word."""

from datetime import timedelta
from uuid import uuid4

from dispatch.models import Event, Shift
from dispatch.roster import seeking
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.swaps.seating import lock, seated, teamed
from tests.dispatch.world import World, by, starting


async def test_a_swap_from_the_list_to_the_new_week(tiny: World, as_: SignIn) -> None:
    (a, one, line), (b, two, other) = await seated(tiny), await seated(tiny, after=24)
    mine, theirs = await as_(a), await as_(b)
    assert (await mine.get("/api/assignments")).json()["items"][0]["can"]["swap"] is True
    found = (await mine.get(f"/api/assignments/{line.id}/swaps")).json()
    assert [row["line"] for row in found["direct"]] == [str(other.id)]
    once = key()
    body = {"lines": [found["direct"][0]["line"]]}
    made = await mine.post(f"/api/assignments/{line.id}/swap", json=body, headers=once)
    assert made.status_code == 201, made.text
    again = await mine.post(f"/api/assignments/{line.id}/swap", json=body, headers=once)
    assert again.json() == made.json()
    (seen,) = (await theirs.get("/api/swaps")).json()["items"]
    assert (seen["mine"], seen["can"]) == (False, {"agree": True, "refuse": True, "withdraw": False})
    own = next(side for side in seen["sides"] if side["own"])
    assert (own["gives"]["need_id"], own["gets"]["need_id"]) == (str(two.id), str(one.id))
    done = await theirs.post(f"/api/swaps/{seen['id']}/agree", headers=key())
    assert (done.status_code, done.json()["state"]) == (200, "done")
    (row,) = (await mine.get("/api/assignments", params={"status": "accepted"})).json()["items"]
    assert row["need_id"] == str(two.id)
    late = await theirs.post(f"/api/swaps/{seen['id']}/refuse", json={}, headers=key())
    assert late.status_code == 409


async def test_bad_proposals_name_what_is_wrong(tiny: World, as_: SignIn) -> None:
    a, _, line = await seated(tiny)
    mine = await as_(a)
    for lines in ([], [str(uuid4())] * 3, ["x"]):
        answer = await mine.post(f"/api/assignments/{line.id}/swap", json={"lines": lines}, headers=key())
        assert answer.status_code == 422
        assert answer.json()["faults"][0]["field"].startswith("lines")
    for path, body in (("swap", {"lines": [str(uuid4())]}), ("hand-over", {"volunteer": str(uuid4())})):
        answer = await mine.post(f"/api/assignments/{line.id}/{path}", json=body, headers=key())
        assert answer.status_code == 404
    itself = await mine.post(f"/api/assignments/{line.id}/swap", json={"lines": [str(line.id)]}, headers=key())
    assert itself.status_code == 404


async def test_strangers_find_nothing(tiny: World, as_: SignIn) -> None:
    (a, one, line), (_, _, other) = await seated(tiny), await seated(tiny, after=24)
    mine, stranger = await as_(a), await as_(await tiny.person())
    made = (await mine.post(f"/api/assignments/{line.id}/swap", json={"lines": [str(other.id)]}, headers=key())).json()
    event = (await Shift.get(id=one.shift_id)).event_id
    for path in (f"/api/assignments/{line.id}/swaps", f"/api/events/{event}/swaps"):
        assert (await stranger.get(path)).status_code == 404
    for verb in ("agree", "refuse", "withdraw", "approve"):
        body = {"json": {}} if verb == "refuse" else {}
        assert (await stranger.post(f"/api/swaps/{made['id']}/{verb}", headers=key(), **body)).status_code == 404
    assert (await stranger.get("/api/swaps")).json()["items"] == []


async def test_a_handover_on_a_locked_roster_waits_at_the_desk(tiny: World, as_: SignIn) -> None:
    a, one, line = await seated(tiny)
    b = await tiny.person()
    await teamed(a, b)
    await lock(one)
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    mine, theirs = await as_(a), await as_(b)
    found = (await mine.get(f"/api/assignments/{line.id}/swaps")).json()
    body = {"volunteer": found["takers"][0]["volunteer"]}
    made = await mine.post(f"/api/assignments/{line.id}/hand-over", json=body, headers=key())
    assert (made.status_code, made.json()["approval"]) == (201, True)
    event = await Event.get(shifts__id=one.shift_id)
    where = f"/api/events/{event.id}/swaps"
    assert (await desk.get(where)).json()["items"] == []
    assert (await theirs.post(f"/api/swaps/{made.json()['id']}/agree", headers=key())).json()["state"] == "agreed"
    (row,) = (await desk.get(where)).json()["items"]
    assert {side["name"] for side in row["sides"]} == {a.name, b.name}
    assert (await auditor.get(where)).status_code == 403
    allowed = await desk.post(f"/api/swaps/{row['id']}/approve", headers=key())
    assert (allowed.status_code, allowed.json()["state"]) == (200, "done")
    assert (await desk.get(where)).json()["items"] == []


async def test_a_seat_that_is_near_cannot_be_swapped(tiny: World, as_: SignIn) -> None:
    a = await tiny.person()
    need = await tiny.need(after=starting(90), lasts=timedelta(hours=1))
    await seeking.take(by(a), need.id)
    mine = await as_(a)
    (row,) = (await mine.get("/api/assignments")).json()["items"]
    assert row["can"]["swap"] is False
