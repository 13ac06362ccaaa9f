"""People who are kept apart are not sent together, by hand, by their own wish or by a plan."""

from uuid import UUID

from dispatch.models import Change
from dispatch.planning import plans
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.api.test_drafts import WISH
from tests.dispatch.world import World


async def test_kept_apart_and_let_together_again(tiny: World, as_: SignIn) -> None:
    boss, one, other = await tiny.person(automated=False), await tiny.person(), await tiny.person()
    need = await tiny.need(seats=2)
    line = await tiny.offered(need, one)
    await (await as_(one)).post(f"/api/assignments/{line.id}/accept", headers=key())
    desk = await as_(boss, role="coordinator", region="350502")
    kept = await desk.post(f"/api/volunteers/{one.id}/apart", json={"other": str(other.id)}, headers=key())
    assert kept.status_code == 200, kept.text
    (shown,) = (await desk.get("/api/apart")).json()["items"]
    assert (shown["volunteer"]["id"], shown["other"]["id"], shown["unit"]) == (str(one.id), str(other.id), None)

    refused = await desk.post(f"/api/needs/{need.id}/offer", json={"volunteer": str(other.id)}, headers=key())
    assert (refused.status_code, [r["rule"] for r in refused.json()["reasons"]]) == (409, ["pair"])
    draft = (await desk.post("/api/drafts", json=WISH, headers=key())).json()
    await plans.execute(UUID(draft["id"]))
    assert await Change.filter(draft_id=draft["id"]).count() == 0
    (hole,) = (await desk.get(f"/api/drafts/{draft['id']}/holes")).json()["items"]
    assert {reason["rule"]: reason["people"] for reason in hole["reasons"]}["pair"] == 1

    lifted = await desk.post(f"/api/apart/{shown['id']}/lift", headers=key())
    assert lifted.json() == {"id": shown["id"], "apart": False}
    asked = await desk.post(f"/api/needs/{need.id}/offer", json={"volunteer": str(other.id)}, headers=key())
    assert asked.status_code in (200, 201), asked.text


async def test_who_may_and_what_is_named(tiny: World, as_: SignIn) -> None:
    one, other = await tiny.person(), await tiny.person()
    phone = await as_(one)
    assert (await phone.get("/api/apart")).status_code == 403
    path, body = f"/api/volunteers/{one.id}/apart", {"other": str(other.id)}
    assert (await phone.post(path, json=body, headers=key())).status_code in (403, 404)
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    empty = await desk.post(path, json={}, headers=key())
    assert (empty.status_code, [fault["field"] for fault in empty.json()["faults"]]) == (422, ["other"])
    away = await tiny.person(region_id="350503")
    assert (await desk.post(path, json={"other": str(away.id)}, headers=key())).status_code == 404
