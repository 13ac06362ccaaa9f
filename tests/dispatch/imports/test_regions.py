from pathlib import Path

import pytest

from dispatch import imports
from tests.dispatch.imports.country import REGIONS, counts, places
from volunteer.errors import Missing
from volunteer.models import Entry, Region

CITY = Path(__file__).parents[3] / "config" / "quanzhou"


async def test_the_citys_own_files_come_in_and_come_again(db, act):
    assert counts(await imports.regions(act, CITY / "regions.csv")) == (2761, 2761, 0, 0)
    assert await Region.filter(level="county", active=True).count() == 11
    assert await Region.filter(level="township", active=True).count() == 163
    report = await imports.skills(act, CITY / "skills.csv")
    assert counts(report)[1] == report.rows
    assert counts(await imports.regions(act, CITY / "regions.csv")) == (2761, 0, 0, 2761)
    assert counts(await imports.skills(act, CITY / "skills.csv")) == (report.rows, 0, 0, report.rows)
    assert await Entry.filter(kind="regions.imported", topic="region:3505").count() == 1


async def test_names_points_and_spellings_are_brought_up_to_date(country, act, put):
    changed = REGIONS.replace("海滨街道", "临江街道")
    changed = changed.replace("24.9042,118.5435,synthetic", "24.9050,118.5440,published")
    assert counts(await imports.regions(act, put(changed))) == (6, 0, 1, 5)
    region = await Region.get(code="350502001")
    assert (region.name, region.lat, region.point) == ("临江街道", 24.905, "published")
    assert region.pinyin.startswith("linjiangjiedao ljjd")


async def test_chinese_headers_and_derived_columns(country, act, put):
    text = "区划代码,名称,类型\n350503003,丰泽街道,街道\n350503003001,东湖社区,村\n"
    assert counts(await imports.regions(act, put(text.encode("gb18030")))) == (2, 2, 0, 0)
    region = await Region.get(code="350503003001")
    assert (region.level, region.parent_id, region.active) == ("village", "350503003", True)


async def test_every_fault_is_told_and_nothing_is_written(country, act, put):
    text = """code,name,level,parent,lat,lon
35050,短,,,,
350502002,临江街道,county,,,
350502003,鲤中街道,,350503,,
350504001,没有上级,,,,
350502004,半个点,,,24.9,
350502005,远,,,124.9,118
350502006,浮\u200b桥,,,,
350502007,一,,,,
350502007,二,,,,
350502008,,,,,
"""
    report = await imports.regions(act, put(text))
    assert places(report) == [
        (2, "code"), (3, "level"), (4, "parent"), (5, "parent"), (6, "lat"), (7, "lat"), (8, "name"), (10, "code"),
        (11, "name"),
    ]  # fmt: skip
    assert report.created == report.updated == 0
    assert await Region.all().count() == 6


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("code,name,colour", "unknown column"),
        ("code,nmae", "did you mean 'name'?"),
        ("code,名称,name", "stands twice"),
        ("name", "'code' is missing"),
    ],
)
async def test_a_wrong_header_is_told(country, act, put, header, says):
    report = await imports.regions(act, put(f"{header}\n1,2,3\n"))
    assert places(report)
    assert says in "\n".join(report.lines("en"))


async def test_a_dry_run_counts_and_writes_nothing(country, act, put):
    text = "code,name\n350503003,丰泽街道\n"
    report = await imports.regions(act, put(text), dry_run=True)
    assert counts(report) == (1, 1, 0, 0)
    assert report.dry
    assert "dry run" in next(iter(report.lines("en")))
    assert not await Region.exists(code="350503003")


async def test_only_who_answers_for_the_whole_city_may(country, coordinator, put):
    with pytest.raises(Missing):
        await imports.regions(coordinator, put(REGIONS))


async def test_unnamed_cells_are_told(country, act, put):
    assert places(await imports.regions(act, put("code,name\n350503003,丰泽,街道\n"))) == [(2, "row")]
