"""My profile through the doors."""

from typing import Any

import pytest_asyncio

from volunteer import people as verbs
from volunteer.act import system
from volunteer.api import people
from volunteer.models import Role, Unit, Volunteer


@pytest_asyncio.fixture
async def client(clients: Any, town: None) -> Any:
    async with clients([people]) as open_:
        yield open_


async def test_a_member_sees_the_phone_and_their_own_topic(client: Any, person: Any) -> None:
    who = await person("陈小美", email="mei@example.org")
    me = (await client.get("/api/me", headers=who.headers)).json()
    assert me == {
        "id": str(who.person.id),
        "name": "陈小美",
        "email": "mei@example.org",
        "language": "zh",
        "region": {"code": "350502001", "name": "海滨街道"},
        "roles": [],
        "faces": ["phone"],
        "topics": [f"volunteer:{who.person.id}"],
        "county": "350502",
    }


async def test_roles_open_faces_and_topics(client: Any, person: Any) -> None:
    who = await person(coordinator="350503")
    me = (await client.get("/api/me", headers=who.headers)).json()
    assert me["roles"] == [{"role": "coordinator", "region": {"code": "350503", "name": "丰泽区"}, "unit": None}]
    assert me["faces"] == ["phone", "desk", "board"]
    assert me["topics"] == [f"volunteer:{who.person.id}", "region:350503"]
    assert me["county"] == "350503"


async def test_the_city_follows_its_counties(client: Any, person: Any) -> None:
    me = (await client.get("/api/me", headers=(await person(coordinator="3505")).headers)).json()
    assert me["topics"][1:] == ["region:3505", "region:350502", "region:350503"]
    assert me["county"] is None


async def test_a_role_in_a_unit_has_the_units_name(client: Any, person: Any) -> None:
    who = await person()
    unit = await Unit.create(name="市文化馆", kind="culture_centre", region_id="3505", created_at=who.person.created_at)
    await verbs.grant(system(), who.person.id, "organiser", unit=unit.id)
    me = (await client.get("/api/me", headers=who.headers)).json()
    assert me["roles"] == [{"role": "organiser", "region": None, "unit": {"id": str(unit.id), "name": "市文化馆"}}]
    assert me["faces"] == ["phone", "desk"]


async def test_the_language_is_kept(client: Any, person: Any) -> None:
    who = await person()
    write = who.headers | {"Idempotency-Key": "k"}
    assert (await client.patch("/api/me", headers=write, json={"language": "en"})).status_code == 200
    assert (await client.get("/api/me", headers=who.headers)).json()["language"] == "en"
    assert (await client.patch("/api/me", headers=who.headers | {"Idempotency-Key": "k2"}, json={})).status_code == 200
    for wrong in ({"language": "fr"}, {"language": "en", "state": "active"}, {"role": "admin"}):
        answer = await client.patch("/api/me", headers=who.headers | {"Idempotency-Key": "k3"}, json=wrong)
        assert answer.status_code == 422
    assert (await Volunteer.get(id=who.person.id)).language == "en"


async def test_roles_that_are_over_and_people_who_left_count_no_more(client: Any, person: Any) -> None:
    who = await person(coordinator="350502")
    await Role.filter(volunteer_id=who.person.id).update(until=who.person.created_at)
    assert (await client.get("/api/me", headers=who.headers)).json()["roles"] == []
    await Volunteer.filter(id=who.person.id).update(state="suspended")
    assert (await client.get("/api/me", headers=who.headers)).status_code == 401
