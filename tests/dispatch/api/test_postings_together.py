"""Posting what is done together: teams that go whole, learners beside their mentors, sessions of one tutor."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from dispatch import snapshot
from dispatch.models import Event, Need, Series
from dispatch.planner.problem import Weights
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.api.test_postings import by_hour, check, faults, posting
from tests.dispatch.world import START, TOWN, World
from volunteer.models import Membership, Team, Volunteer
from volunteer.spans import Span

DAYS = Span(START - timedelta(days=1), START + timedelta(days=9))


async def troupe(*members: Volunteer, name: str = "海滨木偶队", region: str = TOWN) -> Team:
    team = await Team.create(id=uuid4(), name=name, region_id=region, min_cast=2, created_at=START)
    for person in members:
        await Membership.create(id=uuid4(), team_id=team.id, volunteer_id=person.id)
    return team


def needs(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"needs": [{"role": "老师", "min": 1, "desired": 1, "max": 1} | row for row in rows]}


async def test_what_is_posted_together_is_planned_together(tiny: World, as_: SignIn) -> None:
    team = await troupe(await tiny.person(), await tiny.person())
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    body = posting(
        tiny.venue.id,
        series=" 周三南音课 ",
        risk_notice="注意台阶",
        shift=needs(
            {},
            {"role": "学员", "mentor_role": "老师", "per_mentor": 3, "desired": 3, "max": 3},
            {"role": "演员", "team": str(team.id), "desired": 2, "max": 4},
        ),
    )
    for day in range(2):
        body["shifts"][0] |= {key_: (START + timedelta(days=day, hours=at)).isoformat() for key_, at in
                              (("starts_at", 0), ("ends_at", 2))}  # fmt: skip
        made = await desk.post("/api/events", json=body, headers=key())
        assert made.status_code == 201, made.text
        assert (await desk.post(f"/api/events/{made.json()['id']}/publish", headers=key())).status_code == 200
    (series,) = await Series.all()
    assert (series.name, series.region_id) == ("周三南音课", tiny.venue.region_id)
    assert {event.series_id for event in await Event.all()} == {series.id}
    posed = await snapshot.take("p", "350502", DAYS, Weights())
    role = {need.id: need.role for need in posed.needs}
    assert {event.series for event in posed.events} == {str(series.id)}
    assert [(role[need.mentor or ""], need.per_mentor) for need in posed.needs if need.role == "学员"] == [
        ("老师", 3)
    ] * 2
    assert {need.team for need in posed.needs if need.role == "演员"} == {str(team.id)}
    assert [(one.min_cast, len(one.members)) for one in posed.teams] == [(2, 2)]


async def test_learners_without_mentors_and_teams_that_are_not_there_are_named(tiny: World, as_: SignIn) -> None:
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    wrong = needs(
        {"mentor_role": "老师"},
        {"role": "学员", "mentor_role": "师傅"},
        {"role": "徒孙", "mentor_role": "学员"},
        {"role": "演员", "team": str(uuid4())},
    )
    found = await desk.post("/api/events", json=posting(tiny.venue.id, shift=wrong), headers=key())
    here = "shifts.0.needs"
    assert faults(found) == {f"{here}.{n}.mentor_role" for n in (0, 1, 2)} | {f"{here}.3.team"}
    assert await Need.all().count() == await Series.all().count() == 0
    assert faults(await desk.post("/api/needs/check", json=check(tiny.venue.id, team=str(uuid4())))) == {"team"}


async def test_the_check_of_a_teams_need_counts_its_members_alone(tiny: World, as_: SignIn) -> None:
    one, two, _ = [await tiny.person() for _ in range(3)]
    team = await troupe(one)
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    body = check(tiny.venue.id, **{"from": (START + timedelta(days=1)).date().isoformat()})
    assert {count for count, _ in (await by_hour(desk, body)).values()} == {3}
    mine = body | {"team": str(team.id)}
    assert {count for count, _ in (await by_hour(desk, mine)).values()} == {1}
    answer = (await desk.post("/api/needs/check", json=mine)).json()
    assert {reason["rule"]: reason["people"] for reason in answer["reasons"]} == {"team": 3}
    await Membership.create(id=uuid4(), team_id=team.id, volunteer_id=two.id)
    assert {count for count, _ in (await by_hour(desk, mine)).values()} == {2}


async def test_teams_are_found_by_name_by_whoever_posts(tiny: World, as_: SignIn) -> None:
    team = await troupe(await tiny.person())
    await troupe(name="丰泽高甲队", region="350503")
    desk = await as_(await tiny.person(), role="coordinator", region="350502")
    found = (await desk.get("/api/teams")).json()["items"]
    assert [row["name"] for row in found] == ["丰泽高甲队", "海滨木偶队"]
    (mine,) = (await desk.get("/api/teams", params={"q": "木偶"})).json()["items"]
    assert (UUID(mine["id"]), mine["least"], mine["people"], mine["region"]["code"]) == (team.id, 2, 1, TOWN)
    assert (await desk.get("/api/teams", params={"region": "350504"})).json()["items"] == []
    member = await as_(await tiny.person())
    assert (await member.get("/api/teams")).status_code == 403
