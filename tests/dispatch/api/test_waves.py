"""The doors of asking in waves."""

from datetime import timedelta
from uuid import uuid4

from dispatch.models import Call
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import START, World


async def test_a_need_is_called_and_put_to_rest(tiny: World, as_: SignIn) -> None:
    board = await as_(await tiny.person(), role="coordinator", region="350502")
    need = await tiny.need()
    called = await board.post(f"/api/needs/{need.id}/call", headers=key())
    assert called.status_code == 200
    assert called.json()["state"] == "running"
    assert called.json()["due_at"] is not None
    rested = await board.post(f"/api/needs/{need.id}/rest", headers=key())
    assert (rested.json()["state"], rested.json()["reason"]) == ("resting", "person")
    assert (await Call.get(need_id=need.id)).due_at is None
    assert (await board.post(f"/api/needs/{uuid4()}/call", headers=key())).status_code == 404


async def test_strangers_call_nobody(tiny: World, as_: SignIn) -> None:
    need = await tiny.need()
    for person in (await as_(await tiny.person()), await as_(await tiny.person(), role="coordinator", region="350503")):
        for verb in ("call", "rest"):
            assert (await person.post(f"/api/needs/{need.id}/{verb}", headers=key())).status_code == 404
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    assert (await auditor.post(f"/api/needs/{need.id}/call", headers=key())).status_code == 403
    assert not await Call.exists()


async def test_a_full_need_is_refused_with_its_reason(tiny: World, as_: SignIn) -> None:
    board = await as_(await tiny.person(), role="coordinator", region="350502")
    need = await tiny.need(taken=1)
    answer = await board.post(f"/api/needs/{need.id}/call", headers=key())
    assert answer.status_code == 409
    assert answer.json()["reasons"][0]["rule"] == "full"


async def test_one_person_stands_by_for_several_risky_shifts(tiny: World, as_: SignIn) -> None:
    """Two needs whose offers are out are at risk; who could cover both is named, masked, and nobody else."""
    board = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    asked, spare = [await tiny.person() for _ in range(2)], await tiny.person(lat=24.905)
    needs = [await tiny.need(after=timedelta(hours=5 * i)) for i in range(2)]
    for need, person in zip(needs, asked, strict=True):
        await tiny.offered(need, person, expires=START - timedelta(hours=1))
    window = {"region": "350502", "from": (START - timedelta(days=1)).date().isoformat(), "limit": "1"}
    (item,) = (await board.get("/api/board/standby", params=window)).json()["items"]
    assert item["volunteer"] == {"id": str(spare.id), "name": f"{spare.name[:1]}**"}
    assert item["needs"] == [str(need.id) for need in needs]
    assert 0 < item["saves"] < 2
    auditor = await as_(await tiny.person(free=False), role="auditor", region="350502")
    assert (await auditor.get("/api/board/standby", params=window)).status_code == 403


async def test_limits_are_set_read_and_taken_back(tiny: World, as_: SignIn) -> None:
    board = await as_(await tiny.person(), role="coordinator", region="350502")
    need = await tiny.need()
    event = str((await need.shift).event_id)
    assert (await board.get("/api/limits", params={"event": event})).json()["origin"] == "policy"
    body = {"region": "350502", "mode": "automatic", "max_waves": 3, "max_contacts": 9}
    assert (await board.post("/api/limits", json=body, headers=key())).status_code == 200
    read = (await board.get("/api/limits", params={"event": event})).json()
    assert read == {
        "mode": "automatic", "max_waves": 3, "max_contacts": 9, "origin": "region", "of": "350502", "write": True,
    }  # fmt: skip
    back = await board.post("/api/limits", json={"region": "350502", "mode": "inherit"}, headers=key())
    assert back.json()["origin"] == "policy"
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    assert (await auditor.get("/api/limits", params={"region": "350502"})).json()["write"] is False
    assert (await auditor.post("/api/limits", json=body, headers=key())).status_code == 403


async def test_wrong_limits_are_named(tiny: World, as_: SignIn) -> None:
    board = await as_(await tiny.person(), role="coordinator", region="350502")
    for wrong, field in (
        ({"mode": "off"}, "region"),
        ({"mode": "off", "region": "350502", "event": str(uuid4())}, "region"),
        ({"mode": "never", "region": "350502"}, "mode"),
        ({"mode": "off", "region": "350502", "max_waves": 0}, "max_waves"),
    ):
        answer = await board.post("/api/limits", json=wrong, headers=key())
        assert answer.status_code == 422
        assert [fault["field"] for fault in answer.json()["faults"]] == [field]
    assert (await board.get("/api/limits")).status_code == 422
