import asyncio
import importlib
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dispatch import imports
from dispatch.imports import Report, bulk
from tests.dispatch.imports.country import counts, places
from volunteer.act import Act, Actor
from volunteer.errors import Forbidden
from volunteer.models import Consent, Entry, Qualification, Volunteer, Weekly

HEADER = (
    "编号,姓名,性别,出生日期,县区,乡镇街道,邮箱,手机,专业技能,语言,可服务时间,最远公里,每周最多小时,"
    "交通方式,身体限制,同意自动派单,从业查询有效期,本人同意注册"
)
ONE = (
    "QZ1,单田芳,女,1980-05-01,鲤城,海滨街道,Fang@Example.org,13800000001,南音:4; 摄影:2,普通话;闽南语,"
    "周一 19:00-21:00; 周末 09:00-17:00 优先,20,6,公交,楼梯、夜间,是,2027-01-31,是"
)
TWO = "QZ2,林建国,男,1950/1/2,丰泽区,泉秀,,,,,,,,,,,,"
PEOPLE = f"{HEADER}\n{ONE}\n{TWO}"


async def skills_of(number: str) -> dict[str, int]:
    return dict(await Qualification.filter(volunteer__number=number).values_list("skill_id", "level"))


async def test_a_person_comes_in_whole(country, act, put):
    assert counts(await imports.volunteers(act, put(PEOPLE))) == (2, 2, 0, 0)
    one, two = await Volunteer.all().order_by("number")
    assert (one.name, one.gender, one.birth_date, one.region_id) == ("单田芳", "f", date(1980, 5, 1), "350502001")
    assert (one.email, one.phone, one.languages) == ("fang@example.org", "13800000001", ["minnan", "zh"])
    assert (one.max_km, one.max_week, one.travel_mode, one.limitations) == (20, 360, "bus", ["night", "stairs"])
    assert (one.checked_until, one.automated, one.state) == (date(2027, 1, 31), True, "active")
    assert one.pinyin.startswith("shantianfang stf")
    assert (one.lat, one.lon) == (24.9042, 118.5435)
    assert await skills_of("QZ1") == {"nanyin": 4, "photography": 2}
    week = await Weekly.filter(volunteer_id=one.id).order_by("weekday").values_list("weekday", "start", "end", "kind")
    assert week == [(0, 1140, 1260, "available"), (5, 540, 1020, "preferred"), (6, 540, 1020, "preferred")]
    assert (two.region_id, two.state, two.max_week, two.email) == ("350503002", "registered", 1200, None)
    assert await Consent.filter(purpose="registration").values_list("volunteer_id", flat=True) == [one.id]
    told = await Entry.filter(kind="volunteers.imported").order_by("topic").values_list("topic", "body")
    assert told == [(f"region:{code}", {"created": 1, "updated": 0}) for code in ("350502", "350503")]


async def twice(act, path) -> tuple[Report, bool]:
    """What the second import of the same file reports, and whether all stands as after the first."""
    await imports.volunteers(act, path)
    before = await everything()
    return await imports.volunteers(act, path), await everything() == before


async def everything() -> list[list[dict[str, Any]]]:
    tables = (Volunteer, Weekly, Qualification, Consent)
    rows = [await table.all().order_by("id").values() for table in tables]
    return [*rows, await Entry.filter(kind="volunteers.imported").order_by("topic", "seq").values("topic", "seq")]


async def test_p32_the_same_file_again_changes_nothing(country, act, put):
    report, same = await twice(act, put(PEOPLE))
    assert counts(report) == (2, 0, 0, 2)
    assert same
    assert [len(rows) for rows in await everything()] == [2, 3, 2, 1, 2]


async def test_p32_canary_who_knows_nobody_again_writes_them_anew(country, act, put, monkeypatch):
    module = importlib.import_module("dispatch.imports.volunteers")
    monkeypatch.setattr(module, "_KNOWN", f"{module._KNOWN} AND false")
    plain = "number,name,region_code\nQZ1,单田芳,350502001\nQZ2,林建国,350502001\n"
    report, same = await twice(act, put(plain))
    assert counts(report) != (2, 0, 0, 2)
    assert not same


async def test_columns_left_out_keep_what_is_known(country, act, put):
    await imports.volunteers(act, put(PEOPLE))
    await Volunteer.filter(number="QZ1").update(lat=24.95, lon=118.6, load=90)
    text = "number,name,region_code,phone\nQZ1,单田芳,350502001,13900000000\nQZ2,林建国,350502001,\n"
    assert counts(await imports.volunteers(act, put(text))) == (2, 0, 2, 0)
    one, two = await Volunteer.all().order_by("number")
    assert (one.phone, one.email, one.lat, one.load) == ("13900000000", "fang@example.org", 24.95, 90)
    assert (two.region_id, two.lat) == ("350502001", 24.9042)
    assert await skills_of("QZ1") == {"nanyin": 4, "photography": 2}


async def test_skills_of_the_file_replace_those_of_earlier_files_only(country, act, put):
    await imports.volunteers(act, put(PEOPLE))
    proven = await Qualification.get(volunteer__number="QZ1", skill_id="photography")
    await Qualification.filter(id=proven.id).update(evidence="certificate")
    text = "number,name,region_code,skills,availability\nQZ1,单田芳,350502001,音乐,Sun 09:00-10:00\n"
    assert counts(await imports.volunteers(act, put(text))) == (1, 0, 1, 0)
    assert await skills_of("QZ1") == {"music": 1, "photography": 2}
    assert await Weekly.all().values_list("weekday", "start") == [(6, 540)]


async def test_nobody_is_moved_back_and_consent_may_come_later(country, act, put):
    await imports.volunteers(act, put(PEOPLE))
    await Volunteer.filter(number="QZ1").update(state="suspended")
    header = "number,name,region_code,consent,guardian_until\n"
    text = f"{header}QZ1,单田芳,350502001,yes,\nQZ2,林建国,350503002,yes,2026-12-31\n"
    assert counts(await imports.volunteers(act, put(text))) == (2, 0, 1, 1)
    assert await Volunteer.all().order_by("number").values_list("state", flat=True) == ["suspended", "active"]
    guardian = await Consent.get(purpose="guardian")
    assert guardian.valid_until == datetime(2027, 1, 1, tzinfo=UTC)
    assert counts(await imports.volunteers(act, put(text))) == (2, 0, 0, 2)


async def test_nobody_who_left_is_brought_back(country, act, put):
    await imports.volunteers(act, put(PEOPLE))
    await Volunteer.filter(number="QZ1").update(state="exited", name="-", phone="", email=None)
    assert places(await imports.volunteers(act, put(PEOPLE))) == [(2, "number")]
    assert (await Volunteer.get(number="QZ1")).phone == ""


FAULTS = """number,name,gender,birth_date,region_code,email,skills,languages,availability,max_km,consent
110101199003071234,甲,,,350502001,,,,,,
A1,,,,350502001,,,,,,
A2,乙,?,,350502001,,,,,,
A3,丙,,1990-13-01,350502001,,,,,,
A4,丁,,2030-01-01,350502001,,,,,,
A5,戊,,,350599,,,,,,
A6,己,,,350502001,nobody,,,,,
A7,庚,,,350502001,,锡雕:3,,,,
A8,辛,,,350502001,,南音:9,,,,
A9,壬,,,350502001,,,克林贡语,,,
B1,癸,,,350502001,,,,周八 10:00-11:00,,
B2,子,,,350502001,,,,,-1,
B3,丑,,,350502001,,,,,,maybe
B4,寅\u202e,,,350502001,,,,,,
B5,"卯
辰",,,350502001,,,,,,
B6,巳,,,,,,,,,
B7,午,,,350502001,x@example.org,,,,,
B8,未,,,350502001,X@example.org,,,,,
B7,申,,,350502001,,,,,,
"""
WHERE = [
    (2, "number"), (3, "name"), (4, "gender"), (5, "birth_date"), (6, "birth_date"), (7, "region"), (8, "email"),
    (9, "skills"), (10, "skills"), (11, "languages"), (12, "weekly"), (13, "max_km"), (14, "consent"), (15, "name"),
    (16, "name"), (17, "region"), (19, "email"), (20, "number"),
]  # fmt: skip


async def test_every_fault_names_row_and_field_and_nobody_comes_in(country, act, put):
    report = await imports.volunteers(act, put(FAULTS))
    assert places(report) == WHERE
    assert await Volunteer.all().count() == 0
    assert not re.search(r"110101199003071234|nobody|x@example", "\n".join([*report.lines("zh"), *report.lines("en")]))


async def test_an_address_of_somebody_else_is_a_fault(country, act, put):
    await imports.volunteers(act, put(PEOPLE))
    text = "number,name,region_code,email\nQZ3,张三,350502001,fang@example.org\n"
    assert places(await imports.volunteers(act, put(text))) == [(2, "email")]


async def test_a_coordinator_imports_into_the_own_county_only(country, act, coordinator, put):
    await imports.volunteers(act, put(PEOPLE))
    text = "number,name,region_code\nQZ9,甲,350503002\nQZ8,乙,350502001\nQZ1,丙,350503002\n"
    assert places(await imports.volunteers(coordinator, put(text))) == [(3, "region"), (4, "number")]
    assert counts(await imports.volunteers(coordinator, put("number,name,region\nQZ9,甲,350503002\n"))) == (1, 1, 0, 0)
    with pytest.raises(Forbidden):
        await imports.volunteers(Act(Actor(None), act.at), put(PEOPLE))


async def two_at_once(act, put) -> tuple[list[tuple[int, int, int, int]], list[int]]:
    """What two imports of one file at the same moment say that they wrote (nothing, when they failed), and how many
    people, weeks and skills there are then."""
    rows = "".join(f"QZ{n},甲{n},350502001,南音:{n % 5 + 1},周一 09:00-10:00\n" for n in range(500))
    path = put("number,name,region_code,skills,availability\n" + rows)
    reports = await asyncio.gather(*(imports.volunteers(act, path) for _ in range(2)))
    stored = [await table.all().count() for table in (Volunteer, Weekly, Qualification)]
    return sorted(counts(report) for report in reports if report.ok), stored


async def test_p32_two_at_once_bring_everybody_once(country, act, put):
    assert await two_at_once(act, put) == ([(500, 0, 0, 500), (500, 500, 0, 0)], [500, 500, 500])


async def test_p32_canary_two_that_do_not_wait_for_each_other_meet(country, act, put, monkeypatch):
    both = asyncio.Barrier(2)

    async def together(_: object) -> None:
        await both.wait()

    monkeypatch.setattr(bulk, "alone", together)
    said, _ = await two_at_once(act, put)
    assert said != [(500, 0, 0, 500), (500, 500, 0, 0)]


async def test_many_faults_are_counted_and_the_first_are_shown(country, act, put):
    path = put("number,name,region_code\n" + "".join(f"A{n},甲,999\n" for n in range(3000)))
    report = await imports.volunteers(act, path)
    assert (len(report.faults), report.unlisted, report.rows) == (1000, 2000, 3000)
    assert "2000" in list(report.lines("en"))[-1]


async def test_progress_is_told_by_stage(country, act, put):
    heard = []
    rows = "".join(f"QZ{n},甲,350502001\n" for n in range(2500))
    await imports.volunteers(act, put("number,name,region_code\n" + rows), progress=lambda *told: heard.append(told))
    await asyncio.sleep(0)
    assert [told for told in heard if told[0] == "read"][-1] == ("read", 2500, None)
    assert ("decide", 2500, 2500) in heard
    assert ("write", 2500, 2500) in heard
