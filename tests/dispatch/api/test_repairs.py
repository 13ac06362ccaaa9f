"""The board's doors to a repair."""

from dispatch.holes.keeping import Keeper
from dispatch.settings import policy
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.holes.test_repairs import Chain
from tests.dispatch.world import World
from volunteer.live import Hub


async def test_a_chain_is_shown_and_asked(tiny: World, as_: SignIn) -> None:
    laid = await Chain(tiny).lay("accepted")
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    shown = (await desk.get(f"/api/needs/{laid.hole.id}/substitutes")).json()
    assert (shown["ready"], shown["missing"], shown["eligible"]) == (True, 1, 0)
    one = shown["proposals"][0]
    first, then = one["steps"]
    assert (first["volunteer"]["name"], first["consent"], first["leaves"]["id"]) == (
        f"{laid.ann.name[:1]}**", True, str(laid.seat.id),
    )  # fmt: skip
    assert (then["volunteer"]["id"], then["need"]["id"], then["leaves"]) == (str(laid.bo.id), str(laid.seat.id), None)
    assert one["touched"] == 2
    assert one["gain"] > 0 <= one["short"]
    steps = [
        {"volunteer": s["volunteer"]["id"], "need": s["need"]["id"], "leaves": s["leaves"] and s["leaves"]["id"]}
        for s in one["steps"]
    ]
    phone = await as_(laid.ann)
    once = key()
    made = await desk.post(f"/api/needs/{laid.hole.id}/repair", json={"steps": steps}, headers=once)
    assert made.status_code == 201
    assert [(o["volunteer"], o["waits"]) for o in made.json()["offers"]] == [(str(laid.ann.id), True)]
    (offer,) = (await phone.get("/api/offers")).json()["items"]
    assert offer["replaces"]["title"] == "南音进校园"
    again = await desk.post(f"/api/needs/{laid.hole.id}/repair", json={"steps": steps}, headers=once)
    assert (again.content, again.headers["idempotent-replayed"]) == (made.content, "true")


async def test_without_steps_the_best_repair_is_made_once(db: str, tiny: World, as_: SignIn) -> None:
    async with Hub(db).opened() as hub, Keeper(hub, policy().repair).opened() as keeper:
        await _made_once(tiny, as_, keeper)


async def _made_once(tiny: World, as_: SignIn, keeper: Keeper) -> None:
    near, _ = await tiny.person(), await tiny.person(lat=24.8, lon=118.58)
    need = await tiny.need()
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    early = await desk.post(f"/api/needs/{need.id}/repair", json={}, headers=key())
    assert (early.status_code, early.json()["reasons"][0]["rule"]) == (409, "reading")
    assert await keeper.warm("350502", str(need.id)) is not None
    made = await desk.post(f"/api/needs/{need.id}/repair", json={}, headers=key())
    assert [o["volunteer"] for o in made.json()["offers"]] == [str(near.id)]
    full = await desk.post(f"/api/needs/{need.id}/repair", json={}, headers=key())
    assert full.status_code == 409


async def test_a_foreign_need_is_no_need(tiny: World, as_: SignIn) -> None:
    need = await tiny.need()
    person = await tiny.person()
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350503")
    assert (await desk.get(f"/api/needs/{need.id}/substitutes")).status_code == 404
    body = {"steps": [{"volunteer": str(person.id), "need": str(need.id)}]}
    assert (await desk.post(f"/api/needs/{need.id}/repair", json=body, headers=key())).status_code == 404
    own = await as_(person)
    assert (await own.get(f"/api/needs/{need.id}/substitutes")).status_code == 404


async def test_odd_steps_are_named(tiny: World, as_: SignIn) -> None:
    need = await tiny.need()
    other = await tiny.need()
    desk = await as_(await tiny.person(free=False), role="coordinator", region="350502")
    body = {"steps": [{"volunteer": str(need.id), "need": str(other.id)}]}
    no = await desk.post(f"/api/needs/{need.id}/repair", json=body, headers=key())
    assert (no.status_code, no.json()["faults"][0]["field"]) == (422, "steps")
