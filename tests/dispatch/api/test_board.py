"""The board's doors."""

from datetime import timedelta

from dispatch.api.windows import ZONE
from tests.dispatch.api.conftest import SignIn
from tests.dispatch.world import START, World

FIRST = (START - timedelta(days=1)).astimezone(ZONE).date().isoformat()


async def test_a_county_sees_its_bars_and_where_to_follow(tiny: World, as_: SignIn) -> None:
    boss, person = await tiny.person(), await tiny.person()
    need = await tiny.need(seats=3, event={"priority": 5})
    await tiny.offered(need, person)
    board = await as_(boss, role="coordinator", region="350502")
    seen = (await board.get("/api/board", params={"region": "350502", "from": FIRST, "days": 7})).json()
    assert seen["totals"] == {
        "events": 1, "shifts": 1, "seats": 3, "mandatory": 3, "filled": 0, "offered": 1, "holes": 3,
    }  # fmt: skip
    (row,) = seen["rows"]
    assert row["venue"]["name"] == "海滨文化站"
    assert row["shifts"][0]["needs"][0]["offered"] == 1
    assert list(seen["live"]["topics"]) == ["region:350502"]
    assert seen["next"] is None


async def test_a_city_follows_its_counties(tiny: World, as_: SignIn) -> None:
    board = await as_(await tiny.person(), role="coordinator", region="3505")
    seen = (await board.get("/api/board", params={"region": "3505"})).json()
    assert set(seen["live"]["topics"]) == {"region:3505", "region:350502", "region:350503"}


async def test_what_needs_a_person_now_is_ordered_by_risk(tiny: World, as_: SignIn) -> None:
    board = await as_(await tiny.person(), role="coordinator", region="350502")
    calm = await tiny.need(after=timedelta(days=3), event={"priority": 1})
    grave = await tiny.need(after=timedelta(days=1), seats=2, event={"priority": 5})
    items = (await board.get("/api/board/attention", params={"region": "350502", "from": FIRST})).json()["items"]
    assert [item["need_id"] for item in items] == [str(grave.id), str(calm.id)]
    assert items[0]["missing"] == 2
    assert [item["risk"] for item in items] == [1.0, 1.0]


async def test_offers_in_flight_lower_a_hole_and_show_their_clocks(tiny: World, as_: SignIn) -> None:
    board = await as_(await tiny.person(), role="coordinator", region="350502")
    asked, bare = await tiny.need(after=timedelta(hours=30)), await tiny.need(after=timedelta(hours=30))
    line = await tiny.offered(asked, await tiny.person(), expires=START)
    seen = {"region": "350502", "from": FIRST}
    items = (await board.get("/api/board/attention", params=seen)).json()["items"]
    assert [item["need_id"] for item in items] == [str(bare.id), str(asked.id)]
    assert items[0]["risk"] == 1.0 > items[1]["risk"] > 0.2
    risks = (await board.get("/api/board/risks", params=seen)).json()["items"]
    found = {risk["shift_id"]: risk for risk in risks}
    assert found[str(asked.shift_id)]["flight"] == 1
    assert found[str(asked.shift_id)]["until"] == [line.expires_at.isoformat().replace("+00:00", "Z")]
    assert found[str(bare.shift_id)] == {
        "shift_id": str(bare.shift_id), "risk": 1.0, "flight": 0, "until": [], "calls": [],
        "needs": [{"need_id": str(bare.id), "risk": 1.0}],
    }  # fmt: skip


async def test_a_neighbours_board_does_not_exist(tiny: World, as_: SignIn) -> None:
    board = await as_(await tiny.person(), role="coordinator", region="350503")
    assert (await board.get("/api/board", params={"region": "350502"})).status_code == 404
    member = await as_(await tiny.person())
    assert (await member.get("/api/board", params={"region": "350502"})).status_code == 404


async def test_bad_windows_are_named(tiny: World, as_: SignIn) -> None:
    board = await as_(await tiny.person(), role="coordinator", region="350502")
    for wrong in (
        {"days": "0"},
        {"days": "15"},
        {"from": "2026-02-30"},
        {"after": "nonsense"},
        {"after": "YWZ0ZXI6LTE"},
        {"days": "x"},
    ):
        answer = await board.get("/api/board", params={"region": "350502", **wrong})
        assert answer.status_code == 422
        assert answer.json()["faults"][0]["field"].endswith(next(iter({"after": "cursor"}.get(k, k) for k in wrong)))
