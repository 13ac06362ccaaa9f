"""Plans over HTTP: from the wish to the offers."""

from datetime import timedelta
from uuid import UUID

from dispatch.api.windows import ZONE
from dispatch.models import Assignment, Need
from dispatch.planning import plans
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import START, World
from volunteer import skills
from volunteer.models import Skill

FIRST = (START - timedelta(days=1)).astimezone(ZONE).date().isoformat()
WISH = {"region": "350502", "from": FIRST, "days": 7, "seconds": 20}


async def test_run_read_publish(tiny: World, as_: SignIn) -> None:
    boss = await tiny.person(automated=False)
    helper = await tiny.person(name="林小红")
    await tiny.need()
    await tiny.need(after=timedelta(hours=5), asks=[{"skill": "nanyin", "level": 1}])
    desk = await as_(boss, role="coordinator", region="350502")
    made = await desk.post("/api/drafts", json=WISH, headers=key())
    assert made.status_code == 202
    draft = made.json()
    assert (draft["state"], draft["counts"]) == ("running", None)
    again = await desk.post("/api/drafts", json=WISH, headers=key())
    assert again.status_code == 409
    await plans.execute(UUID(draft["id"]))
    ready = (await desk.get(f"/api/drafts/{draft['id']}")).json()
    assert ready["state"] == "ready"
    assert ready["counts"] == {"offers": 1, "withdrawals": 0, "people": 1, "events": 1}
    assert ready["gap"] == 0
    (change,) = (await desk.get(f"/api/drafts/{draft['id']}/changes")).json()["items"]
    assert change["volunteer"]["name"] == "林**"
    holes = (await desk.get(f"/api/drafts/{draft['id']}/holes")).json()
    assert holes["total"] == 1
    (hole,) = holes["items"]
    assert hole["text"].startswith("0 of 2 could: ")
    assert sum(r["people"] for r in hole["reasons"]) + hole["idle"] + hole["elsewhere_count"] == hole["pool"]
    done = await desk.post(f"/api/drafts/{draft['id']}/publish", headers=key())
    assert done.status_code == 200
    assert (done.json()["offered"], done.json()["told"], done.json()["stale"]) == (1, 1, [])
    line = await Assignment.get(volunteer_id=helper.id)
    assert line.status == "offered"
    newest = (await desk.get("/api/drafts", params={"region": "350502"})).json()["items"]
    assert newest[0]["state"] == "published"
    town = await as_(await tiny.person(), role="coordinator")
    assert (await town.get("/api/drafts", params={"region": "350502001"})).json()["items"] == []


async def test_cancel_and_discard(tiny: World, as_: SignIn) -> None:
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    draft = (await desk.post("/api/drafts", json=WISH, headers=key())).json()
    assert (await desk.post(f"/api/drafts/{draft['id']}/cancel", headers=key())).json()["state"] == "cancelled"
    assert (await desk.post(f"/api/drafts/{draft['id']}/publish", headers=key())).status_code == 409
    assert (await desk.post(f"/api/drafts/{draft['id']}/discard", headers=key())).json()["state"] == "discarded"


async def test_who_may(tiny: World, as_: SignIn) -> None:
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    assert (await auditor.post("/api/drafts", json=WISH, headers=key())).status_code == 403
    stranger = await as_(await tiny.person(), role="coordinator", region="350503")
    assert (await stranger.post("/api/drafts", json=WISH, headers=key())).status_code == 404
    for wrong in ({"seconds": 4}, {"days": 29}, {"region": "35x"}, {"from": "tomorrow"}, {"more": 1}):
        answer = await stranger.post("/api/drafts", json=WISH | wrong, headers=key())
        assert answer.status_code == 422, wrong


async def test_a_plan_names_the_accepted_seats_that_break_rules_by_themselves(tiny: World, as_: SignIn) -> None:
    boss, sitting = await tiny.person(automated=False), await tiny.person(name="林小红")
    await Skill.create(code="nan", name="闽南语", name_en="Hokkien", discipline="language", kind="language")
    await skills.learned(fresh=True)
    need = await tiny.need()
    line = await tiny.offered(need, sitting)
    await (await as_(sitting)).post(f"/api/assignments/{line.id}/accept", headers=key())
    await Need.filter(id=need.id).update(languages=["nan"])
    desk = await as_(boss, role="coordinator", region="350502")
    draft = (await desk.post("/api/drafts", json=WISH, headers=key())).json()
    assert draft["breaches"] == []
    await plans.execute(UUID(draft["id"]))
    (breach,) = (await desk.get(f"/api/drafts/{draft['id']}")).json()["breaches"]
    assert (breach["volunteer"]["name"], breach["shift_id"]) == ("林**", str(need.shift_id))
    assert breach["reasons"] == ["does not speak Hokkien, which the need asks for"]


async def test_a_plan_names_the_events_that_cannot_run_and_what_they_lack(tiny: World, as_: SignIn) -> None:
    boss, _ = await tiny.person(automated=False), await tiny.person()
    late = await tiny.need(after=timedelta(hours=9), event={"title": "灯会", "title_en": "Lanterns", "quorum": 3})
    soon = await tiny.need(after=timedelta(hours=1), event={"title": "庙会", "leader": True})
    desk = await as_(boss, role="coordinator", region="350502")
    draft = (await desk.post("/api/drafts", json=WISH, headers=key())).json()
    assert (draft["off"], draft["off_count"]) == ([], 0)
    await plans.execute(UUID(draft["id"]))
    made = (await desk.get(f"/api/drafts/{draft['id']}")).json()
    assert (made["status"], made["off_count"]) == ("proven", 2)
    assert [(one["title"], one["shift_id"]) for one in made["off"]] == [
        ("庙会", str(soon.shift_id)),
        ("灯会", str(late.shift_id)),
    ]
    assert made["off"][0]["reason"] == "not enough leaders: the leader needs ask for 1, 0 can be had"
    assert made["off"][1]["reason"] == "too few people to run: each shift wants 3, 1 can be had"
    assert made["off"][1]["remedy"] == "widen the search, lower the quorum or move the event"
    holes = (await desk.get(f"/api/drafts/{draft['id']}/holes")).json()["items"]
    assert {hole["shift"]["title"]: hole["idle"] for hole in holes} == {"庙会": 0, "灯会": 0}
    assert "1 too few in all, the event does not run" in {reason["text"] for h in holes for reason in h["reasons"]}
