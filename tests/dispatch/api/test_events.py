"""The desk's doors."""

from datetime import timedelta
from uuid import uuid4

from dispatch.models import Assignment, Event, Need
from dispatch.roster import assignments
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import World, by
from volunteer.models import Notice


async def test_the_list_is_scoped_filtered_and_paged(tiny: World, as_: SignIn) -> None:
    for n in range(5):
        await tiny.need(after=timedelta(hours=n), event={"title": f"辅导{n}", "mode": "tutoring"})
    await tiny.need(event={"title": "演出", "mode": "performance"})
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    page = (await desk.get("/api/events", params={"mode": "tutoring", "limit": 3})).json()
    assert (page["total"], [e["title"] for e in page["items"]]) == (5, ["辅导0", "辅导1", "辅导2"])
    rest = (await desk.get("/api/events", params={"mode": "tutoring", "limit": 3, "cursor": page["next"]})).json()
    assert ([e["title"] for e in rest["items"]], rest["next"]) == (["辅导3", "辅导4"], None)
    found = (await desk.get("/api/events", params={"q": "演出"})).json()
    assert [e["title"] for e in found["items"]] == ["演出"]
    by_venue = (await desk.get("/api/events", params={"q": "海滨"})).json()
    assert by_venue["total"] == 6
    stranger = await as_(await tiny.person(), role="coordinator", region="350503")
    assert (await stranger.get("/api/events")).json()["total"] == 0


async def test_a_sheet_masks_names_for_those_who_are_not_responsible(tiny: World, as_: SignIn) -> None:
    person = await tiny.person(name="欧阳小明")
    need = await tiny.need(asks=[{"skill": "nanyin", "level": 1}])
    await tiny.skill(person, "nanyin", 2)
    line = await tiny.offered(need, person)
    await assignments.accept(by(person), line.id)
    event = await Event.first()
    assert event is not None
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    for client, name in ((desk, "欧阳小明"), (auditor, "欧**")):
        sheet = (await client.get(f"/api/events/{event.id}")).json()
        (post,) = sheet["shifts"][0]["needs"]
        assert post["taken"] == 1
        assert post["asks"] == [{"skill": "nanyin", "name": "nanyin", "level": 1}]
        assert post["assignments"][0]["volunteer"]["name"] == name
    assert (await desk.get(f"/api/events/{uuid4()}")).status_code == 404


async def test_publishing_wants_the_risk_notice(tiny: World, as_: SignIn) -> None:
    need = await tiny.need(event={"state": "draft", "risk_notice": ""})
    event = await Event.get(shifts__needs__id=need.id)
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    no = await desk.post(f"/api/events/{event.id}/publish", headers=key())
    assert no.status_code == 409
    assert [r["rule"] for r in no.json()["reasons"]] == ["risk_notice"]
    await Event.filter(id=event.id).update(risk_notice="注意台阶")
    yes = await desk.post(f"/api/events/{event.id}/publish", headers=key())
    assert (yes.status_code, yes.json()["state"]) == (200, "published")


async def test_cancelling_lets_everybody_go(tiny: World, as_: SignIn) -> None:
    asked, coming = await tiny.person(), await tiny.person()
    need = await tiny.need(seats=2)
    await tiny.offered(need, asked)
    line = await tiny.offered(need, coming)
    await assignments.accept(by(coming), line.id)
    event = await Event.get(shifts__needs__id=need.id)
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    gone = await desk.post(f"/api/events/{event.id}/cancel", json={"reason": "台风" * 60}, headers=key())
    assert gone.json()["state"] == "cancelled"
    assert sorted(await Assignment.all().values_list("status", flat=True)) == ["released", "withdrawn"]
    assert (await Need.get(id=need.id)).taken == 0
    told = await Notice.filter(volunteer_id__in=[asked.id, coming.id]).values_list("kind", flat=True)
    assert told == ["event.cancelled", "event.cancelled"]
