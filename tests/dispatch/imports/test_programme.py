"""A festival held elsewhere becomes work here, once."""

from datetime import UTC, datetime

import pytest

from dispatch import imports
from dispatch.models import Event, Need, Shift, Venue
from tests.dispatch.imports.country import counts, places
from tests.dispatch.programme.papers import ITEMS, frab_json, ics, xml
from volunteer.errors import Missing

MAPPING = """
source = "fest"
[dates]
first = 2026-12-05
[event]
region = "350502001"
risk_notice = "注意台阶"
call = 20
[[events]]
track = "Music"
mode = "performance"
priority = 5
[[rooms]]
room = "Yard"
venue = "后院"
region = "350503002"
lat = 24.91
lon = 118.61
out = 30
[[skip]]
kind = "break"
[[needs]]
role = "引导"
max = 2
[[needs]]
track = "Music"
role = "领队"
leader = true
skills = ["南音:2"]
languages = ["minnan"]
ages = [18, 60]
demands = ["night"]
"""


@pytest.fixture
def mapped(put):
    return lambda text=MAPPING: put(text, "mapping.toml")


async def test_items_become_events_on_other_days_at_the_same_hours(country, act, put, mapped):
    report = await imports.programme(act, put(xml()), mapped())
    assert counts(report) == (5, 4, 0, 0)
    assert (report.warnings[0].field, report.warnings[0].en[:1]) == ("items", "1")
    opening, talk, choir, walk = await Event.all().order_by("starts_at")
    assert opening.title == "Opening"
    assert opening.starts_at == datetime(2026, 12, 5, 1, 30, tzinfo=UTC)  # 09:30 in Quanzhou
    assert (opening.state, opening.mode, opening.priority, opening.region_id) == ("draft", "support", 3, "350502001")
    assert talk.description == "About What is <b>?"
    assert (choir.mode, choir.priority, choir.leader) == ("performance", 5, True)
    assert walk.starts_at == datetime(2026, 12, 5, 17, tzinfo=UTC)  # one at night, the day after
    shift = await Shift.get(event_id=walk.id).prefetch_related("venue")
    assert (shift.call, shift.out, shift.venue.name, shift.venue.region_id) == (20, 30, "后院", "350503002")
    assert (shift.venue.lat, shift.venue.approximate) == (24.91, False)
    guide, leader = await Need.filter(shift_id=shift.id).order_by("leader")
    assert (guide.role, guide.min, guide.desired, guide.max) == ("引导", 1, 1, 2)
    assert (leader.asks, leader.languages, leader.demands) == ([{"skill": "nanyin", "level": 2}], ["minnan"], ["night"])
    assert (leader.age_min, leader.age_max, leader.leader) == (18, 60, True)
    hall = await Venue.get(name="Hall")
    assert (hall.lat, hall.approximate) == (24.9042, True)


async def test_another_dialect_of_the_same_programme_changes_nothing(country, act, put, mapped):
    await imports.programme(act, put(xml()), mapped())
    ids = set(await Event.all().values_list("id", flat=True))
    assert counts(await imports.programme(act, put(xml()), mapped())) == (5, 0, 0, 4)
    assert counts(await imports.programme(act, put(frab_json()), mapped())) == (5, 0, 0, 4)
    report = await imports.programme(act, put(ics()), mapped(MAPPING.replace('kind = "break"', 'title = "lunch"')))
    assert report.created == 0
    assert set(await Event.all().values_list("id", flat=True)) == ids


async def test_a_new_publication_updates_and_tells_what_is_gone(country, act, put, mapped):
    await imports.programme(act, put(xml()), mapped())
    old = await Event.get(title="Opening")
    moved = tuple(
        (*item[:3], "11:00", *item[4:6], "Grand opening", *item[7:]) if item[1] == "1" else item
        for item in ITEMS if item[1] != "3"
    )  # fmt: skip
    report = await imports.programme(act, put(xml(items=moved)), mapped())
    assert counts(report) == (4, 0, 1, 2)
    event = await Event.get(id=old.id)
    assert (event.title, event.starts_at) == ("Grand opening", datetime(2026, 12, 5, 3, tzinfo=UTC))
    assert (await Shift.get(event_id=old.id)).starts_at == event.starts_at
    assert any("Choir" in warning.zh for warning in report.warnings)
    assert await Event.exists(title="Choir")


async def test_rooms_become_shifts(country, act, put, mapped):
    by_room = MAPPING.replace("[event]", '[shifts]\nper = "room"\nlongest = 180\ngap = 60\n[event]')
    assert counts(await imports.programme(act, put(xml()), mapped(by_room))) == (5, 2, 0, 0)
    hall = await Event.get(region_id="350502001")
    assert hall.title == "Hall fest 12月5日"
    spans = await Shift.filter(event_id=hall.id).order_by("starts_at").values_list("starts_at", "ends_at")
    assert [(a.hour + 8, (b - a).total_seconds() / 60) for a, b in spans] == [(9, 120), (15, 60)]
    roles = [
        sorted(await Need.filter(shift_id=s.id).values_list("role", flat=True))
        for s in await Shift.filter(event_id=hall.id).order_by("starts_at")
    ]
    assert roles == [["引导"], ["引导", "领队"]]
    assert "09:30 Opening" in hall.description
    assert counts(await imports.programme(act, put(frab_json()), mapped(by_room))) == (5, 0, 0, 2)


async def test_a_programme_without_a_name_leaves_no_hole_in_titles(country, act, put, mapped):
    by_room = MAPPING.replace("[event]", '[shifts]\nper = "room"\n[event]')
    assert (await imports.programme(act, put(ics()), mapped(by_room))).ok
    titles = await Event.all().values_list("title", "title_en")
    assert titles
    assert not [words for pair in titles for words in pair if "  " in words]


async def test_rules_of_one_role_join(country, act, put, mapped):
    more = '[[needs]]\nrole = "引导"\ntrack = "Main"\nmin = 3\nskills = ["摄影"]\n'
    await imports.programme(act, put(xml()), mapped(MAPPING + more))
    needs = await Need.filter(shift__event__title="Opening")
    assert [(n.role, n.min, n.max, n.asks) for n in needs] == [("引导", 3, 3, [])]


async def test_publishing(country, act, put, mapped):
    silent = MAPPING.replace("注意台阶", "")
    report = await imports.programme(act, put(xml()), mapped(silent), publish=True)
    assert places(report) == [(None, "risk_notice")] * 4
    assert counts(await imports.programme(act, put(xml()), mapped(), publish=True)) == (5, 4, 0, 0)
    assert await Event.all().distinct().values_list("state", flat=True) == ["published"]


@pytest.mark.parametrize(
    ("data", "mapping", "where"),
    [
        (xml(zone=None, dates=False), MAPPING, ["time_zone"]),
        (xml()[:-60], MAPPING, ["file"]),
        (xml(), MAPPING.replace("350503002", "350599002"), ["rooms"]),
        (xml(), MAPPING.replace('region = "350502001"', ""), ["rooms"]),
        (xml(), MAPPING.replace("lat = 24.91", ""), ["rooms"]),
        (xml(), MAPPING.replace("南音", "飞行"), ["needs.1.skills"]),
        (xml(), MAPPING.replace("minnan", "klingon"), ["needs.1.languages"]),
        (xml(), MAPPING.replace("max = 2", "max = 2\nmin = 3"), ["needs.0.min"]),
        (xml(), MAPPING.replace('["night"]', '["moon"]'), ["needs.1.skills"]),
        (xml(), MAPPING.replace('kind = "break"', ""), ["items"]),
        (xml(), MAPPING.replace('"fest"', '"fest"\nplace_zone = "Mars"'), ["place_zone"]),
        (xml(), MAPPING.replace('role = "领队"', 'rule = "领队"'), ["needs.1.role", "needs.1.rule"]),
    ],
)
async def test_every_fault_names_its_place_and_nothing_comes_in(country, act, put, mapped, data, mapping, where):
    report = await imports.programme(act, put(data), mapped(mapping))
    assert [field for _, field in places(report)] == where
    assert await Event.all().count() == await Venue.all().count() == 0


async def test_items_that_cannot_be_read_may_be_skipped(country, act, put, mapped):
    bad = tuple((*item[:4], "00:00", *item[5:]) if item[1] == "3" else item for item in ITEMS)
    report = await imports.programme(act, put(xml(items=bad)), mapped())
    assert len(places(report)) == 1
    lenient = mapped(MAPPING.replace('"fest"', '"fest"\nfaulty = "skip"'))
    report = await imports.programme(act, put(xml(items=bad)), lenient)
    assert counts(report) == (4, 3, 0, 0)
    assert "Choir" in report.warnings[0].field


async def test_zones_of_the_mapping(country, act, put, mapped):
    zoned = MAPPING.replace('"fest"', '"fest"\nzone = "Europe/Brussels"')
    report = await imports.programme(act, put(xml(zone=None, dates=False)), mapped(zoned))
    assert counts(report) == (5, 4, 0, 0)
    same = MAPPING.replace("first = 2026-12-05", 'keep = "instant"')
    await imports.programme(act, put(xml()), mapped(same))
    assert (await Event.get(title="Opening")).starts_at == datetime(2026, 5, 1, 7, 30, tzinfo=UTC)


async def test_a_dry_run_and_a_coordinator(country, act, coordinator, put, mapped):
    assert (await imports.programme(act, put(xml()), mapped(), dry_run=True)).dry
    assert await Event.all().count() == 0
    assert places(await imports.programme(coordinator, put(xml()), mapped())) == [(None, "rooms")]
    with pytest.raises(Missing):
        await imports.skills(coordinator, put("code,name,name_en,discipline\n"))
