"""The address of a calendar is told once, changes when asked, and can be taken away."""

from typing import Any

import httpx2
import pytest_asyncio

from dispatch.api import MODULES, calendars
from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import World
from tests.volunteer.api.conftest import application
from volunteer.models import Contact, Volunteer
from volunteer.settings import Settings


@pytest_asyncio.fixture
async def program(tiny: World, settings: Settings) -> Any:
    """Somebody's calendar program: no session, no JSON."""
    app = application(list(MODULES), settings)
    app.router.routes.append(calendars.route)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://citong.test") as client:
        yield client


async def test_the_secret_address_works_until_it_is_renewed_or_taken_away(
    program: Any, tiny: World, as_: SignIn
) -> None:
    person = await tiny.person()
    await tiny.offered(await tiny.need(), person)
    client = await as_(person)
    first = (await client.post("/api/me/calendar", json={})).json()["url"]
    got = await program.get(first)
    assert (got.status_code, got.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert "STATUS:TENTATIVE" in got.text
    again = await program.get(first, headers={"if-none-match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    second = (await client.post("/api/me/calendar", json={})).json()["url"]
    assert (await program.get(first)).status_code == 404
    assert (await program.get(second)).status_code == 200
    secret = second.rpartition("/")[2].removesuffix(".ics")
    assert secret not in str(await Contact.all().values())
    await Volunteer.filter(id=person.id).update(state="exited")
    assert (await program.get(second)).status_code == 404
    await Volunteer.filter(id=person.id).update(state="active")
    assert (await client.delete("/api/me/calendar", headers=key())).status_code == 204
    assert (await program.get(second)).status_code == 404


async def test_a_guess_finds_nothing_and_a_stranger_gets_no_address(program: Any, tiny: World) -> None:
    for guess in ("x", "None", "%00", "a" * 500):
        assert (await program.get(f"/api/calendar/{guess}.ics")).status_code == 404
    assert (await program.post("/api/me/calendar", json={})).status_code == 401
