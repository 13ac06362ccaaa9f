"""The phone's doors to open seats."""

from datetime import timedelta

from tests.dispatch.api.conftest import SignIn, key
from tests.dispatch.world import World
from volunteer import skills
from volunteer.models import Skill, Volunteer


async def test_what_fits_is_listed_by_start_with_distance_and_free_seats(tiny: World, as_: SignIn) -> None:
    me, other = await tiny.person(), await tiny.person()
    later, sooner = await tiny.need(seats=2, after=timedelta(days=1)), await tiny.need(seats=3)
    await tiny.offered(sooner, other)
    await tiny.need(languages=["nan"], after=timedelta(days=2))
    mine = await tiny.need(after=timedelta(days=3))
    await tiny.offered(mine, me)
    await tiny.need(event={"state": "draft"})
    phone = await as_(me)
    answer = (await phone.get("/api/openings")).json()
    assert [item["need_id"] for item in answer["items"]] == [str(sooner.id), str(later.id)]
    first = answer["items"][0]
    assert (first["free"], first["km"], first["reasons"], first["can"]["take"]) == (2, 1.5, [], True)
    unfit = (await phone.get("/api/openings?unfit=true")).json()["items"]
    assert [item["reasons"][0]["rule"] for item in unfit if item["reasons"]] == ["language"]
    assert unfit[-1]["reasons"][0]["remedy"]
    assert unfit[-1]["can"] == {"take": False, "stand_by": False}


async def test_lists_are_cut_by_day_kind_distance_and_pages(tiny: World, as_: SignIn) -> None:
    me = await tiny.person()
    for day in range(5):
        await tiny.need(after=timedelta(days=day), event={"mode": "training" if day == 4 else "support"})
    phone = await as_(me)
    page = (await phone.get("/api/openings?limit=2")).json()
    rest = (await phone.get(f"/api/openings?limit=9&cursor={page['next']}")).json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (2, 3, None)
    seen = {item["need_id"] for item in (*page["items"], *rest["items"])}
    assert len(seen) == 5
    assert len((await phone.get("/api/openings?mode=training")).json()["items"]) == 1
    assert (await phone.get("/api/openings?km=1")).json()["items"] == []
    await Volunteer.filter(id=me.id).update(lat=None, lon=None)
    assert len((await phone.get("/api/openings?km=1")).json()["items"]) == 5


async def test_taking_a_seat_and_losing_it_to_another_shows_what_is_open(tiny: World, as_: SignIn) -> None:
    me, rival = await tiny.person(), await tiny.person()
    need, spare = await tiny.need(), await tiny.need(after=timedelta(days=1))
    phone, other = await as_(me), await as_(rival)
    tap = key()
    won = await phone.post(f"/api/needs/{need.id}/take", headers=tap)
    assert (won.status_code, won.json()["status"], won.json()["source"]) == (201, "accepted", "self")
    again = await phone.post(f"/api/needs/{need.id}/take", headers=tap)
    assert (again.content, again.headers["idempotent-replayed"]) == (won.content, "true")
    lost = await other.post(f"/api/needs/{need.id}/take", headers=key())
    assert lost.status_code == 410
    assert lost.json()["next"]["opening"]["need_id"] == str(spare.id)
    full = (await other.get("/api/openings?full=true")).json()["items"]
    assert [item["can"]["stand_by"] for item in full] == [True, False]
    waits = await other.post(f"/api/needs/{need.id}/stand-by", headers=key())
    assert (waits.status_code, waits.json()["status"]) == (201, "standby")
    week = (await other.get("/api/assignments")).json()["items"]
    assert [item["status"] for item in week] == ["standby"]
    assert week[0]["can"]["cancel"]


async def test_a_no_names_the_skill_and_the_language_not_their_codes(tiny: World, as_: SignIn) -> None:
    person = await tiny.person()
    await Skill.create(code="nanyin.pipa", name="南音琵琶", name_en="Nanyin lute", discipline="music")
    await Skill.create(code="nan", name="闽南语", name_en="Hokkien", discipline="language", kind="language")
    need = await tiny.need(asks=[{"skill": "nanyin.pipa", "level": 2}], languages=["nan"])
    await skills.learned(fresh=True)
    phone = await as_(person)
    listed = (await phone.get("/api/openings?unfit=true")).json()["items"]
    taken = await phone.post(f"/api/needs/{need.id}/take", json={}, headers=key())
    for reasons in (listed[0]["reasons"], taken.json()["reasons"]):
        said = " ".join(reason["text"] + reason["remedy"] for reason in reasons)
        assert "Nanyin lute" in said
        assert "Hokkien" in said
        assert "nan " not in said
        assert {reason["data"].get("skill") for reason in reasons} >= {"nanyin.pipa"}
