"""What-if plans and two plans side by side, over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from dispatch.api.windows import ZONE
from dispatch.models import Assignment, Draft
from dispatch.planning import plans
from dispatch.planning.assumptions import SLACK
from tests.dispatch.api.conftest import Client, SignIn, key
from tests.dispatch.world import START, TOWN, World
from volunteer.models import Skill

FIRST = (START - timedelta(days=1)).astimezone(ZONE).date().isoformat()
WISH = {"region": "350502", "from": FIRST, "days": 7, "seconds": 20}
NEWCOMERS = {
    "people": [{"count": 3, "region": TOWN, "skills": [{"skill": "nanyin", "level": 4}], "languages": ["cmn"]}]
}


async def planned(desk: Client, **more: Any) -> dict[str, Any]:
    made = await desk.post("/api/drafts", json=WISH | more, headers=key())
    assert made.status_code == 202, made.text
    await plans.execute(UUID(made.json()["id"]))
    ready: dict[str, Any] = (await desk.get(f"/api/drafts/{made.json()['id']}")).json()
    assert ready["state"] == "ready", ready["error"]
    return ready


async def test_a_plan_with_made_up_people_fills_more_says_so_and_is_never_published(tiny: World, as_: SignIn) -> None:
    await Skill.create(code="nanyin", name="南音", name_en="nanyin", discipline="music")
    await tiny.person(name="林小红")
    await tiny.need()
    need = await tiny.need(after=timedelta(hours=5), asks=[{"skill": "nanyin", "level": 3}])
    desk = await as_(await tiny.person(automated=False), role="coordinator", region="350502")
    real = await planned(desk)
    supposed = await planned(desk, assumptions=NEWCOMERS)
    assert (real["filled"], real["hypothetical"], real["assumptions"]) == (1, False, None)
    assert (supposed["filled"], supposed["hypothetical"]) == (2, True)
    (said,) = supposed["assumed"]
    assert said == {"kind": "people", "text": "3 more people in 海滨街道 (nanyin level 4; always free)"}
    refused = await desk.post(f"/api/drafts/{supposed['id']}/publish", headers=key())
    assert refused.status_code == 409
    (reason,) = refused.json()["reasons"]
    assert reason["rule"] == "hypothetical"
    assert "nobody could carry it out" in reason["text"]
    assert await Assignment.all().count() == 0
    assert (await Draft.get(id=supposed["id"])).state == "ready"

    board = await desk.get("/api/board/attention", params={"region": "350502", "from": FIRST, "days": 7})
    pools = {item["need_id"]: item["pool"] for item in board.json()["items"]}
    assert pools[str(need.id)] == 2  # what was only supposed explains nothing of today

    found = (await desk.get("/api/drafts/compare", params={"left": real["id"], "right": supposed["id"]})).json()
    assert found["alike"] is True
    assert found["strangers"] == {"left": 0, "right": found["strangers"]["right"]}
    assert found["strangers"]["right"] >= 1
    (whole,) = found["cover"]["all"]
    assert (whole["left"]["filled"], whole["right"]["filled"]) == (1, 2)
    assert [row["name"] for row in found["cover"]["county"]] == ["鲤城区"]
    assert [(hole["need_id"], hole["left"], hole["right"]) for hole in found["holes"]["items"]] == [
        (str(need.id), 1, 0)
    ]
    assert (found["holes"]["gained"], found["holes"]["lost"]) == (0, 1)
    asked = found["lines"]["asked"]
    assert asked["both"] + asked["left"] == real["counts"]["offers"]
    assert asked["both"] + asked["right"] == supposed["counts"]["offers"]
    parts = {part["goal"]: part for part in found["parts"]}
    assert sum(part["left"] for part in found["parts"]) == real["score"]
    assert parts["mandatory"]["name"] == "mandatory seats"


async def test_a_plan_with_other_weights_alone_can_be_published(tiny: World, as_: SignIn) -> None:
    await tiny.person()
    await tiny.need()
    desk = await as_(await tiny.person(automated=False), role="coordinator", region="350502")
    draft = await planned(desk, assumptions={"weights": {"travel": 3000}, "off": ["fairness"]}, seed=7)
    assert (draft["hypothetical"], draft["seed"]) == (False, 7)
    assert [said["text"] for said in draft["assumed"]] == ["fair sharing does not count", "distance weighs × 3"]
    done = await desk.post(f"/api/drafts/{draft['id']}/publish", headers=key())
    assert done.status_code == 200
    assert done.json()["offered"] == 1


async def test_a_relaxed_radius_reaches_farther_and_is_not_published(tiny: World, as_: SignIn) -> None:
    await tiny.person(lat=25.0, max_km=5.0)
    await tiny.need()
    desk = await as_(await tiny.person(automated=False), role="coordinator", region="350502")
    assert (await planned(desk))["filled"] == 0
    draft = await planned(desk, assumptions={"relaxed": [{"rule": "radius", "by": 10, "region": "350502"}]})
    assert (draft["filled"], draft["hypothetical"]) == (1, True)
    assert draft["assumed"][0]["text"] == "farthest distance +10 km for 鲤城区 volunteers"
    assert (await desk.post(f"/api/drafts/{draft['id']}/publish", headers=key())).status_code == 409


async def test_a_stricter_radius_sends_fewer_and_can_be_published(tiny: World, as_: SignIn) -> None:
    await tiny.person(lat=25.0, max_km=30.0)
    await tiny.person(max_km=30.0)
    await tiny.need(seats=2)
    desk = await as_(await tiny.person(automated=False), role="coordinator", region="350502")
    assert (await planned(desk))["filled"] == 2
    draft = await planned(desk, assumptions={"relaxed": [{"rule": "radius", "by": -25}]})
    assert (draft["filled"], draft["hypothetical"]) == (1, False)
    assert draft["assumed"][0]["text"] == "farthest distance −25 km for all volunteers"
    assert (await desk.post(f"/api/drafts/{draft['id']}/publish", headers=key())).json()["offered"] == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"weights": {"travel": 1_000_000}}, "assumptions.weights.travel"),
        ({"relaxed": [{"rule": "radius", "by": 5, "region": "350599"}]}, "assumptions.relaxed.0.region"),
        (
            {"people": [{"count": 1, "region": TOWN, "skills": [{"skill": "flying"}]}]},
            "assumptions.people.0.skills.0.skill",
        ),
        ({"people": [{"count": 0, "region": TOWN}]}, "assumptions.people.0.count"),
        ({"luck": 1}, "assumptions.luck"),
    ],
)
async def test_wrong_assumptions_are_named_and_change_nothing(
    tiny: World, as_: SignIn, given: dict[str, object], field: str
) -> None:
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    answer = await desk.post("/api/drafts", json=WISH | {"assumptions": given}, headers=key())
    assert answer.status_code == 422
    assert field in {fault["field"] for fault in answer.json()["faults"]}
    assert await Draft.all().count() == 0


async def test_what_the_law_protects_is_refused_in_words(tiny: World, as_: SignIn) -> None:
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    for rule in ("age", "guardian", "background", "automated", "skill"):
        wish = WISH | {"assumptions": {"relaxed": [{"rule": rule, "by": 1}]}}
        answer = await desk.post("/api/drafts", json=wish, headers=key())
        assert answer.status_code == 409
        (reason,) = answer.json()["reasons"]
        assert reason["text"].endswith("are never assumed away")
        assert reason["remedy"].startswith("suppose more people")
    assert await Draft.all().count() == 0


async def test_what_may_be_assumed_is_told_with_its_range(tiny: World, as_: SignIn) -> None:
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    found = (await desk.get("/api/drafts/assumable", params={"region": "350502"})).json()
    goals = {goal["goal"]: goal for goal in found["goals"]}
    assert (goals["mandatory"]["soft"], goals["travel"]["low"]) == (False, 0)
    assert all(goal["low"] <= goal["usual"] <= goal["high"] for goal in found["goals"])
    assert {rule["rule"] for rule in found["rules"]} == set(SLACK)
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    assert (await auditor.get("/api/drafts/assumable", params={"region": "350502"})).status_code == 403


async def test_who_may_compare_and_what(tiny: World, as_: SignIn) -> None:
    await tiny.person()
    await tiny.need()
    desk = await as_(await tiny.person(automated=False), role="coordinator", region="350502")
    first, second = await planned(desk), await planned(desk)
    pair = {"left": first["id"], "right": second["id"]}
    assert (await desk.get("/api/drafts/compare", params=pair)).status_code == 200
    stranger = await as_(await tiny.person(), role="coordinator", region="350503")
    assert (await stranger.get("/api/drafts/compare", params=pair)).status_code == 404
    for wrong in ({"right": first["id"]}, {"right": "x"}, {"more": "1"}):
        assert (await desk.get("/api/drafts/compare", params=pair | wrong)).status_code == 422
    assert (await desk.get("/api/drafts/compare", params=pair | {"right": str(uuid4())})).status_code == 404
    running = (await desk.post("/api/drafts", json=WISH, headers=key())).json()
    answer = await desk.get("/api/drafts/compare", params=pair | {"right": running["id"]})
    assert answer.status_code == 409
    assert [reason["rule"] for reason in answer.json()["reasons"]] == ["no_plan"]


async def test_drafts_are_listed_in_pages_and_only_those_one_may_read(tiny: World, as_: SignIn) -> None:
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    made = []
    for _ in range(3):
        draft = (await desk.post("/api/drafts", json=WISH, headers=key())).json()
        await desk.post(f"/api/drafts/{draft['id']}/cancel", headers=key())
        made.append(draft["id"])
    first = (await desk.get("/api/drafts", params={"region": "350502", "limit": 2})).json()
    assert (first["total"], len(first["items"])) == (3, 2)
    rest = (await desk.get("/api/drafts", params={"region": "350502", "limit": 2, "cursor": first["next"]})).json()
    assert rest["next"] is None
    assert [row["id"] for row in first["items"] + rest["items"]] == made[::-1]
    town = await as_(await tiny.person(), role="coordinator", region=TOWN)
    assert (await town.get("/api/drafts", params={"region": TOWN})).json()["total"] == 0
    assert (await desk.get("/api/drafts", params={"region": TOWN})).json()["total"] == 3


async def test_a_waiting_plan_knows_how_many_go_first(tiny: World, as_: SignIn) -> None:
    town = await as_(await tiny.person(), role="coordinator", region=TOWN)
    county = await as_(await tiny.person(), role="coordinator", region="350502")
    first = (await town.post("/api/drafts", json=WISH | {"region": TOWN}, headers=key())).json()
    second = (await county.post("/api/drafts", json=WISH, headers=key())).json()
    assert (first["ahead"], second["ahead"]) == (0, 1)
    await plans.execute(UUID(first["id"]))
    again = (await county.get(f"/api/drafts/{second['id']}")).json()
    assert again["ahead"] == 0
    done = (await county.get(f"/api/drafts/{first['id']}")).json()
    assert done["ahead"] is None
    assert [point["seconds"] for point in done["curve"]] == sorted(point["seconds"] for point in done["curve"])
