"""The doors of offers to whole teams."""

from dispatch.roster import casts
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.roster.test_casts import Troupe
from tests.dispatch.world import World, coordinator


async def test_a_team_is_asked_at_the_desk_and_answers_by_its_leaders_phone(tiny: World, as_: SignIn) -> None:
    troupe, need = await Troupe(tiny).lay(), await tiny.need(seats=4)
    desk = await as_(troupe.boss, role="coordinator", region="350502")
    leader, member = await as_(troupe.leader), await as_(troupe.people[1])
    where = f"/api/needs/{need.id}"
    (row,) = (await desk.get(f"{where}/teams")).json()["items"]
    assert row == {"id": str(troupe.team.id), "name": "舞龙队", "least": 3, "fit": 4, "offer": None}
    once = key()
    made = await desk.post(f"{where}/offer-team", json={"team": row["id"]}, headers=once)
    assert made.status_code == 201, made.text
    again = await desk.post(f"{where}/offer-team", json={"team": row["id"]}, headers=once)
    assert again.json() == made.json()
    (asked,) = (await desk.get(f"{where}/teams")).json()["items"]
    assert asked == row | {"offer": made.json()["id"]}
    (mine,) = (await member.get("/api/offers")).json()["items"]
    assert (mine["team_offer"], mine["can"]["accept"], mine["can"]["decline"]) == (made.json()["id"], False, True)
    no = await member.post(f"/api/assignments/{mine['id']}/decline", json={"reason": "busy"}, headers=key())
    assert no.status_code == 200
    assert [one["fit"] for one in (await desk.get(f"{where}/teams")).json()["items"]] == [3]
    (seen,) = (await leader.get("/api/team-offers")).json()["items"]
    assert (seen["leads"], seen["can"]) == (True, {"accept": True, "decline": True})
    assert [one["name"] for one in seen["members"] if one["status"] == "declined"] == [troupe.people[1].name]
    (theirs,) = (await member.get("/api/team-offers")).json()["items"]
    assert (theirs["leads"], theirs["can"]["accept"]) == (False, False)
    refused = await member.post(f"/api/team-offers/{seen['id']}/accept", headers=key())
    assert (refused.status_code, refused.json()["reasons"][0]["rule"]) == (409, "leader_answers")
    done = await leader.post(f"/api/team-offers/{seen['id']}/accept", headers=key())
    assert (done.status_code, done.json()["state"]) == (200, "accepted")
    late = await leader.post(f"/api/team-offers/{seen['id']}/decline", json={}, headers=key())
    assert late.status_code == 409


async def test_strangers_and_readers_find_nothing_to_do(tiny: World, as_: SignIn) -> None:
    troupe, need = await Troupe(tiny).lay(), await tiny.need(seats=4)
    made = await casts.offer(coordinator(troupe.boss), need.id, troupe.team.id)
    stranger = await as_(await tiny.person(), role="coordinator", region="350503")
    auditor = await as_(await tiny.person(), role="auditor", region="350502")
    for client, status in ((stranger, 404), (auditor, 403)):
        assert (await client.get(f"/api/needs/{need.id}/teams")).status_code == status
        body = {"team": str(troupe.team.id)}
        assert (await client.post(f"/api/needs/{need.id}/offer-team", json=body, headers=key())).status_code == status
        took = await client.post(f"/api/team-offers/{made.id}/withdraw", json={}, headers=key())
        assert took.status_code == status
    for verb, body in (("accept", None), ("decline", {})):
        answer = await stranger.post(f"/api/team-offers/{made.id}/{verb}", json=body, headers=key())
        assert answer.status_code in (404, 422), answer.text
    assert (await stranger.get("/api/team-offers")).json()["items"] == []
    desk = await as_(troupe.boss, role="coordinator", region="350502")
    back = await desk.post(f"/api/team-offers/{made.id}/withdraw", json={"reason": "改期"}, headers=key())
    assert (back.status_code, back.json()["state"]) == (200, "withdrawn")
    assert [one["offer"] for one in (await desk.get(f"/api/needs/{need.id}/teams")).json()["items"]] == [None]
