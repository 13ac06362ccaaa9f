"""Who could take a need, and asking one person by hand."""

from datetime import timedelta
from uuid import UUID, uuid4

from dispatch.models import Assignment, Change, Draft, Need
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import START, World, starting
from volunteer.models import Notice, Volunteer


async def test_candidates_are_ranked_and_the_others_are_counted(tiny: World, as_: SignIn) -> None:
    boss = await tiny.person(free=False)
    near, far = await tiny.person(automated=False), await tiny.person(lat=24.80, lon=118.58)
    await tiny.person(free=False)
    need = await tiny.need()
    desk = await as_(boss, role="coordinator", region="350502")
    found = (await desk.get(f"/api/needs/{need.id}/candidates")).json()
    assert [c["volunteer"]["id"] for c in found["items"]] == [str(near.id), str(far.id)]
    assert found["eligible"] == 2
    assert {r["rule"]: r["people"] for r in found["reasons"]} == {"availability": 2}
    assert found["eligible"] + sum(r["people"] for r in found["reasons"]) == found["pool"] == 4


async def test_ask_one_by_hand_or_hear_every_reason(tiny: World, as_: SignIn) -> None:
    good, bad = await tiny.person(), await tiny.person(free=False, languages=[])
    need = await tiny.need(languages=["cmn"])
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    why = (await desk.get(f"/api/needs/{need.id}/why-not", params={"volunteer": str(bad.id)})).json()["reasons"]
    no = await desk.post(f"/api/needs/{need.id}/offer", json={"volunteer": str(bad.id)}, headers=key())
    assert no.status_code == 409
    assert [r["rule"] for r in no.json()["reasons"]] == [r["rule"] for r in why] == ["language", "availability"]
    yes = await desk.post(f"/api/needs/{need.id}/offer", json={"volunteer": str(good.id)}, headers=key())
    assert (yes.status_code, yes.json()["status"]) == (201, "offered")
    stranger = await as_(await tiny.person(), role="coordinator", region="350503")
    assert (await stranger.get(f"/api/needs/{need.id}/candidates")).status_code == 404


async def test_an_offer_is_taken_back_and_who_accepted_is_let_go_with_a_word(tiny: World, as_: SignIn) -> None:
    asked, going = await tiny.person(), await tiny.person()
    need = await tiny.need(seats=2)
    lines = [await tiny.offered(need, one) for one in (asked, going)]
    desk, phone = await as_(await tiny.person(free=False), role="coordinator", region="350502"), await as_(going)
    await phone.post(f"/api/assignments/{lines[1].id}/accept", headers=key())
    back, leave = f"/api/assignments/{lines[0].id}/withdraw", f"/api/assignments/{lines[1].id}/release"
    once = key()
    said = [await desk.post(back, json={}, headers=once) for _ in range(2)]
    assert [(one.status_code, one.json()["status"]) for one in said] == [(200, "withdrawn")] * 2
    assert (await desk.post(leave, json={}, headers=key())).status_code == 422, "nobody is let go without a word"
    done = await desk.post(leave, json={"reason": "场地变小"}, headers=key())
    assert (done.status_code, done.json()["status"]) == (200, "released")
    assert (await Need.get(id=need.id)).taken == 0
    (told,) = await Notice.filter(volunteer_id=going.id, kind="assignment.released", channel="app")
    assert told.data == {"reason": "场地变小"}
    again = await desk.post(back.replace("withdraw", "release"), json={"reason": "再来"}, headers=key())
    assert again.status_code == 410


async def test_a_yes_on_the_telephone_is_noted_at_the_desk(tiny: World, as_: SignIn) -> None:
    person, need = await tiny.person(), await tiny.need()
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    path, once = f"/api/needs/{need.id}/assign", key()
    body = {"volunteer": str(person.id), "reason": "电话里说好"}
    assert (await desk.post(path, json=body | {"reason": " "}, headers=key())).status_code == 422
    said = [await desk.post(path, json=body, headers=once) for _ in range(2)]
    assert [(one.status_code, one.json()["status"]) for one in said] == [(201, "accepted")] * 2
    assert said[0].content == said[1].content
    week = (await (await as_(person)).get("/api/assignments")).json()["items"]
    assert [(row["status"], row["can"]["cancel"]) for row in week] == [("accepted", True)]
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    assert (await auditor.post(path, json=body, headers=key())).status_code == 403
    assert (await (await as_(await tiny.person())).post(path, json=body, headers=key())).status_code == 404


async def test_only_who_may_ask_parts_with_people(tiny: World, as_: SignIn) -> None:
    me = await tiny.person()
    line = await tiny.offered(await tiny.need(), me)
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    stranger = await as_(await tiny.person(), role="coordinator", region="350503")
    for client, status in ((auditor, 403), (stranger, 404), (await as_(me), 403)):
        for verb in ("withdraw", "release"):
            path = f"/api/assignments/{line.id}/{verb}"
            assert (await client.post(path, json={"reason": "不行"}, headers=key())).status_code == status
    assert (await Assignment.get(id=line.id)).status == "offered"


async def test_who_served_is_not_let_go_afterwards(tiny: World, as_: SignIn) -> None:
    """The shift is over and nobody has called the roll yet."""
    line = await tiny.offered(await tiny.need(after=starting(-180), event={"state": "finished"}), await tiny.person())
    await Assignment.filter(id=line.id).update(status="accepted", answered_at=line.offered_at)
    await Need.filter(id=line.need_id).update(taken=1)
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    no = await desk.post(f"/api/assignments/{line.id}/release", json={"reason": "不算"}, headers=key())
    assert (no.status_code, no.json()["reasons"][0]["rule"]) == (409, "over")


async def test_small_changes_that_would_fill_a_need(tiny: World, as_: SignIn) -> None:
    """The one who masters it lives a little too far away; another has everything but the skill."""
    far = await tiny.person(lat=24.99, lon=118.58, max_km=8.0)
    await tiny.skill(far, "nanyin")
    learner = await tiny.person()
    need = await tiny.need(asks=[{"skill": "nanyin", "level": 2}])
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    found = (await desk.get(f"/api/needs/{need.id}/relaxations")).json()
    assert (found["missing"], found["today"], found["people"]) == (1, 0, [])
    told = {one["kind"]: one for one in found["items"]}
    assert [one["kind"] for one in found["items"]] == ["radius", "training"]
    assert [p["id"] for p in told["radius"]["people"]] == [str(far.id)]
    assert told["radius"]["text"] == "ask one person to go 5 km further"
    assert [p["id"] for p in told["training"]["people"]] == [str(learner.id)]
    assert told["training"]["text"] == "give one person one training in nanyin"
    chinese = (await desk.get(f"/api/needs/{need.id}/relaxations", headers={"accept-language": "zh"})).json()
    assert chinese["items"][0]["outcome"] == "可补 1 人"
    stranger = await as_(await tiny.person(free=False), role="coordinator", region="350503")
    assert (await stranger.get(f"/api/needs/{need.id}/relaxations")).status_code == 404


async def test_what_a_draft_would_take_is_taken(tiny: World, as_: SignIn) -> None:
    """The only one who could come is wanted elsewhere at that time by the draft."""
    one = await tiny.person()
    need, other = await tiny.need(), await tiny.need()
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    path = f"/api/needs/{need.id}/relaxations"
    assert [p["id"] for p in (await desk.get(path)).json()["people"]] == [str(one.id)]
    draft = await drafted(other, one)
    found = (await desk.get(path, params={"draft": str(draft)})).json()
    assert (found["today"], found["people"]) == (0, [])
    assert found["items"][0]["kind"] in ("later", "earlier")
    assert (await desk.get(path, params={"draft": str(uuid4())})).status_code == 404


async def drafted(need: Need, person: Volunteer) -> UUID:
    """A ready draft that would offer the need to the person."""
    draft = await Draft.create(
        id=uuid4(), region_id="350502", window_from=START, window_until=START + timedelta(days=7), seconds=5, seed=0,
        by_id=person.id, created_at=START, state="ready",
    )  # fmt: skip
    await Change.create(id=uuid4(), draft_id=draft.id, need_id=need.id, volunteer_id=person.id, kind="offer", why=[])
    return draft.id


async def test_whoever_stands_by_is_listed_masked_and_asked_out_of_turn(tiny: World, as_: SignIn) -> None:
    boss, holder, spare = [await tiny.person() for _ in range(3)]
    need = await tiny.need()
    line = await tiny.offered(need, holder)
    await (await as_(holder)).post(f"/api/assignments/{line.id}/accept", headers=key())
    desk, phone = await as_(boss, role="coordinator"), await as_(spare)
    once = key()
    for _ in range(2):
        asked = await desk.post(f"/api/needs/{need.id}/reserve", json={"volunteer": str(spare.id)}, headers=once)
        assert asked.status_code == 201, asked.text
    (row,) = (await desk.get(f"/api/needs/{need.id}/waiting")).json()["items"]
    assert row["volunteer"] == {"id": str(spare.id), "name": f"{spare.name[:1]}**"}
    for path in (f"needs/{need.id}/reserve", f"assignments/{row['id']}/promote"):
        body = {"volunteer": str(spare.id)} if "reserve" in path else None
        assert (await phone.post(f"/api/{path}", json=body, headers=key())).status_code in (403, 404)
    assert (await phone.get(f"/api/needs/{need.id}/waiting")).status_code == 404
    full = await desk.post(f"/api/assignments/{row['id']}/promote", headers=key())
    assert (full.status_code, full.json()["reasons"][0]["rule"]) == (409, "full")
    await (await as_(holder)).post(f"/api/assignments/{line.id}/cancel", json={}, headers=key())
    promoted = await desk.post(f"/api/assignments/{row['id']}/promote", headers=key())
    assert promoted.json() == {"items": []}
    assert (await phone.get("/api/offers")).json()["items"][0]["status"] == "offered"
