"""The tree and its outlines through the doors."""

from typing import Any

import pytest_asyncio

from volunteer.api import regions


@pytest_asyncio.fixture
async def client(clients: Any, town: None) -> Any:
    async with clients([regions]) as open_:
        yield open_


async def test_regions_by_level_and_parent(client: Any) -> None:
    async def codes(query: str) -> list[str]:
        return [row["code"] for row in (await client.get(f"/api/regions{query}")).json()["items"]]

    assert await codes("?level=county") == ["350502", "350503"]
    assert await codes("?parent=350502") == ["350502001"]
    assert await codes("?parent=3505&level=township") == []
    assert len(await codes("")) == 4
    row = (await client.get("/api/regions?parent=350502")).json()["items"][0]
    assert row == {
        "code": "350502001", "name": "海滨街道", "level": "township", "kind": "township", "parent": "350502",
        "active": True, "lat": 24.9, "lon": 118.6, "point": "",
    }  # fmt: skip


async def test_a_wrong_level_or_code_is_422(client: Any) -> None:
    for query in ("level=planet", "parent=35", "parent=35050", "parent=abcd"):
        assert (await client.get(f"/api/regions?{query}")).status_code == 422


async def test_outlines_are_geojson_and_asked_for_once(client: Any) -> None:
    first = await client.get("/api/regions/outlines")
    assert first.status_code == 200
    features = first.json()["features"]
    assert {feature["properties"]["code"] for feature in features} >= {"350502", "350503"}
    assert {feature["geometry"]["type"] for feature in features} == {"MultiPolygon"}
    again = await client.get("/api/regions/outlines", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get("/api/regions/outlines", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
