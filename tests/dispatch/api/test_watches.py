"""Watch rules through the doors."""

from tests.dispatch import world
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import World


async def test_add_list_and_drop(tiny: World, as_: SignIn) -> None:
    client = await as_(await tiny.person(), role="coordinator", region="350502")
    wanted = {"region": world.TOWN, "hours": 36, "missing": 2}
    made = await client.post("/api/watches", json=wanted, headers=key())
    assert made.status_code == 201
    assert made.json() | {"id": ""} == wanted | {"id": "", "region": {"code": world.TOWN, "name": "海滨街道"}}
    assert (await client.get("/api/watches")).json()["items"] == [made.json()]
    other = await as_(await tiny.person(), role="coordinator", region="350502")
    path = f"/api/watches/{made.json()['id']}"
    assert (await other.delete(path, headers=key())).status_code == 404
    assert (await client.delete(path, headers=key())).status_code == 204
    assert (await client.get("/api/watches")).json()["items"] == []


async def test_bounds_and_rights(tiny: World, as_: SignIn) -> None:
    client = await as_(await tiny.person(), role="coordinator", region="350502")
    for wrong in ({"hours": 0}, {"hours": 337}, {"missing": 0}, {"region": "35"}):
        answer = await client.post("/api/watches", json={"region": "350502", "hours": 9} | wrong, headers=key())
        assert answer.status_code == 422, wrong
    member = await as_(await tiny.person())
    answer = await member.post("/api/watches", json={"region": "350502", "hours": 9}, headers=key())
    assert answer.status_code in (403, 404)
