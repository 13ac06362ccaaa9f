from datetime import UTC, datetime
from uuid import uuid4

import pytest

from dispatch import imports
from dispatch.models import Assignment, Event, Need, Series, Shift, Venue
from tests.dispatch.imports.country import counts, places
from volunteer.models import Entry, Qualification, Team, Volunteer

HEADER = (
    "活动编号,活动名称,服务模式,县区,乡镇街道,地点,日期,开始,结束,岗位,最少人数,期望人数,最多人数,技能,语言,年龄,"
    "接触未成年人,组长,优先级,成行人数,系列,风险提示,提前到岗分钟,撤场分钟"
)
LINES = [
    "A1,南音进社区,搭台演出,鲤城区,海滨街道,文化中心,2026-04-04,19:00,21:00,南音艺人,2,3,4,南音:3,闽南语,18-70,否,,4,3,,夜间返程注意安全,60,30",
    "A1,南音进社区,搭台演出,鲤城区,海滨街道,文化中心,2026-04-04,19:00,21:00,领队,1,1,1,,,,否,是,4,3,,夜间返程注意安全,60,30",
    "A1,南音进社区,搭台演出,鲤城区,海滨街道,文化中心,2026/4/5,19:00,21:00,南音艺人,2,,,音乐,,,,,4,3,,夜间返程注意安全,,",
    ",周末书法课,办班培训,丰泽,泉秀,泉秀图书馆,2026年4月4日,9:00,11:00,助教,1,,,,,16-,是,,,,周末课堂,,,",
    ",周末书法课,办班培训,丰泽,泉秀,泉秀图书馆,2026年4月11日,9:00,11:00,助教,1,,,,,16-,是,,,,周末课堂,,,",
]


def table(*lines: str) -> str:
    return "\n".join([HEADER, *lines])


def only(title: str, **more: str) -> str:
    """One plain row; ``more`` by English header."""
    row = {
        "title": title, "mode": "support", "region": "350502001", "venue": "广场", "date": "2026-04-04",
        "start": "09:00", "end": "11:00", "role": "引导",
    } | more  # fmt: skip
    return f"{','.join(row)}\n{','.join(row.values())}\n"


async def bound(need: Need, status: str = "accepted") -> Assignment:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    person = await Volunteer.create(
        id=uuid4(), number=uuid4().hex[:12], name="陈", region_id="350502001", created_at=at
    )
    if status == "accepted":
        await Need.filter(id=need.id).update(taken=need.taken + 1)
    shift = await Shift.get(id=need.shift_id)
    return await Assignment.create(
        id=uuid4(), need_id=need.id, volunteer_id=person.id, status=status, source="hand", expires_at=at,
        occupies_from=shift.starts_at, occupies_until=shift.ends_at, offered_at=at,
    )  # fmt: skip


async def test_rows_become_events_with_shifts_and_needs(country, act, put):
    assert counts(await imports.needs(act, put(table(*LINES)))) == (5, 3, 0, 0)
    show, *courses = await Event.all().order_by("-priority", "starts_at")
    assert (show.title, show.mode, show.state, show.region_id, show.leader, show.quorum) == (
        "南音进社区", "performance", "draft", "350502001", True, 3,
    )  # fmt: skip
    assert (show.starts_at, show.ends_at) == (
        datetime(2026, 4, 4, 11, tzinfo=UTC), datetime(2026, 4, 5, 13, tzinfo=UTC),
    )  # fmt: skip
    assert show.locks_at == datetime(2026, 4, 3, 10, tzinfo=UTC)
    first, second = await Shift.filter(event_id=show.id).order_by("starts_at")
    assert (first.call, first.out, second.call) == (60, 30, 0)
    artist, leader = await Need.filter(shift_id=first.id).order_by("leader")
    assert (artist.min, artist.desired, artist.max, artist.age_min, artist.age_max) == (2, 3, 4, 18, 70)
    assert (artist.asks, artist.languages) == ([{"skill": "nanyin", "level": 3}], ["minnan"])
    assert (leader.leader, leader.max) == (True, 1)
    other = await Need.get(shift_id=second.id)
    assert (other.min, other.desired, other.max) == (2, 2, 2)
    assert [course.title for course in courses] == ["周末书法课"] * 2
    assert (await Series.get()).name == "周末课堂"
    assert {course.series_id for course in courses} == {(await Series.get()).id}
    assert (await Need.filter(shift__event_id=courses[0].id).get()).near_minors
    venues = await Venue.all().order_by("region_id")
    assert [(v.name, v.lat, v.approximate) for v in venues] == [("文化中心", 24.9042, True), ("泉秀图书馆", 24.9, True)]


async def test_coming_again_doubles_nothing(country, act, put):
    await imports.needs(act, put(table(*LINES)))
    before = [await model.all().order_by("id").values() for model in (Event, Shift, Need, Venue, Series)]
    assert counts(await imports.needs(act, put(table(*LINES)))) == (5, 0, 0, 3)
    assert [await model.all().order_by("id").values() for model in (Event, Shift, Need, Venue, Series)] == before


async def test_changes_keep_ids_and_what_the_file_drops_goes(country, act, put):
    await imports.needs(act, put(table(*LINES)))
    show = await Event.get(mode="performance")
    shift = await Shift.filter(event_id=show.id).order_by("starts_at").first()
    artist = await Need.get(shift_id=shift.id, role="南音艺人")
    moved = LINES[0].replace("19:00,21:00", "18:30,20:30").replace("2,3,4", "2,4,6")
    report = await imports.needs(act, put(table(moved, LINES[3])))
    assert counts(report) == (2, 0, 1, 1)
    assert await Shift.filter(event_id=show.id).values_list("id", "starts_at") == [
        (shift.id, datetime(2026, 4, 4, 10, 30, tzinfo=UTC))
    ]
    (need,) = await Need.filter(shift_id=shift.id)
    assert (need.id, need.desired, need.max, need.version) == (artist.id, 4, 6, artist.version + 1)
    again = await Event.get(id=show.id)
    assert (again.version, again.leader) == (show.version + 1, False)
    kinds = await Entry.filter(ref=show.id).order_by("id").values_list("kind", "topic")
    assert kinds == [
        ("event.imported", "region:350502"),
        ("event.imported", "region:350502001"),
        ("event.changed", f"event:{show.id}"),
        ("event.changed", "region:350502"),
        ("event.changed", "region:350502001"),
    ]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"start": "10:00"}, "start"),
        ({"venue": "别处"}, "start"),
        ({"call": "30"}, "start"),
        ({"role": "秩序"}, "role"),
        ({"skills": "摄影"}, "role"),
        ({"ages": "18-60"}, "role"),
    ],
)
async def test_what_people_were_told_stays(country, act, put, more, where):
    await imports.needs(act, put(only("灯会", key="L1", max="3")))
    await bound(await Need.get(), "offered")
    before = await Need.all().values()
    report = await imports.needs(act, put(only("灯会", key="L1", max="3", **more)))
    assert places(report) == [(2, where)]
    assert "desk" in report.faults[0].en
    assert await Need.all().values() == before


async def test_counts_may_change_while_people_hold_seats(country, act, put):
    await imports.needs(act, put(only("灯会", key="L1", max="3")))
    need = await Need.get()
    await bound(need)
    await bound(await Need.get(), "offered")
    assert places(await imports.needs(act, put(only("灯会", key="L1", max="1")))) == [(2, "max")]
    assert counts(await imports.needs(act, put(only("灯节", key="L1", max="2")))) == (1, 0, 1, 0)
    after = await Need.get()
    assert (after.max, after.taken, (await Event.get()).title) == (2, 1, "灯节")


async def test_an_event_that_began_is_left_alone(country, act, put):
    await imports.needs(act, put(only("灯会", key="L1")))
    await Event.all().update(state="running")
    assert counts(await imports.needs(act, put(only("灯会", key="L1")))) == (1, 0, 0, 1)
    report = await imports.needs(act, put(only("灯会", key="L1", max="5")))
    assert places(report) == [(2, "title")]
    assert "running" in report.faults[0].en


async def test_publishing_needs_a_risk_notice_and_is_told(country, act, put):
    assert places(await imports.needs(act, put(only("灯会")), publish=True)) == [(2, "risk_notice")]
    assert await Event.all().count() == 0
    path = put(only("灯会", risk_notice="台阶湿滑"))
    assert counts(await imports.needs(act, path)) == (1, 1, 0, 0)
    assert counts(await imports.needs(act, path, publish=True)) == (1, 0, 1, 0)
    event = await Event.get()
    assert event.state == "published"
    assert await Entry.filter(ref=event.id, kind="event.published").count() == 3
    assert counts(await imports.needs(act, path)) == (1, 0, 0, 1)
    assert (await Event.get()).state == "published"


async def test_a_skill_nobody_has_is_a_warning(country, act, put):
    at = datetime(2026, 2, 1, tzinfo=UTC)
    person = await Volunteer.create(id=uuid4(), number="Q1", name="陈", region_id="350502001", created_at=at)
    await Qualification.create(id=uuid4(), volunteer_id=person.id, skill_id="nanyin", level=3)
    text = only("一", skills="音乐:3") + only("二", skills="南音:4;摄影").split("\n")[1] + "\n"
    report = await imports.needs(act, put(text))
    assert counts(report) == (2, 2, 0, 0)
    assert [(w.row, w.field) for w in report.warnings] == [(3, "asks"), (3, "asks")]
    lines = "\n".join(report.lines("zh"))
    assert "南音" in lines
    assert "摄影" in lines
    await Volunteer.all().update(state="paused")
    assert len((await imports.needs(act, put(text))).warnings) == 3


FAULTS = [
    ({"end": "08:00"}, "end"),
    ({"end": "09:00"}, "end"),
    ({"end": "02:00", "end_date": "2026-04-20"}, "end_date"),
    ({"start": "25:00"}, "start"),
    ({"date": "4月4日"}, "date"),
    ({"region": "350599001"}, "region"),
    ({"region": "", "county": "不知道"}, "county"),
    ({"region": ""}, "region"),
    ({"mode": "跳舞"}, "mode"),
    ({"skills": "飞行"}, "asks"),
    ({"min": "3", "max": "2"}, "min"),
    ({"max": "0"}, "max"),
    ({"ages": "70-18"}, "ages"),
    ({"priority": "9"}, "priority"),
    ({"lat": "24.9"}, "lat"),
    ({"call": "2000"}, "call"),
    ({"languages": "克林贡语"}, "languages"),
    ({"role": ""}, "role"),
    ({"venue": "广\x00场"}, "venue"),
]


@pytest.mark.parametrize(("more", "field"), FAULTS)
async def test_every_fault_is_told_and_nothing_comes_in(country, act, put, more, field):
    report = await imports.needs(act, put(only("灯会", **more)))
    assert places(report) == [(2, field)]
    assert await Event.all().count() == await Venue.all().count() == 0


async def test_rows_of_one_event_must_agree(country, act, put):
    text = table(
        LINES[0],
        LINES[1].replace(",4,3,,夜", ",5,3,,夜"),
        LINES[0],
        LINES[0].replace("南音艺人", "司鼓").replace(",60,30", ",90,30"),
    )
    assert places(await imports.needs(act, put(text))) == [(3, "priority"), (4, "role"), (5, "call")]


async def test_a_night_takes_an_end_date(country, act, put):
    text = only("守岁", start="22:00", end="24:00") + only("守夜", start="22:00", end="02:00").split("\n")[1]
    assert places(await imports.needs(act, put(text))) == [(3, "end")]
    path = put(only("守夜", start="22:00", end="02:00", end_date="2026-04-05", lat="24.91", lon="118.6"))
    assert counts(await imports.needs(act, path)) == (1, 1, 0, 0)
    event, venue = await Event.get(), await Venue.get()
    assert (event.ends_at - event.starts_at).total_seconds() == 4 * 3600
    assert (venue.lat, venue.approximate) == (24.91, False)


async def test_a_coordinator_imports_into_the_own_county_only(country, coordinator, put):
    assert places(await imports.needs(coordinator, put(only("灯会")))) == [(2, "region")]
    assert counts(await imports.needs(coordinator, put(only("灯会", region="350503002")))) == (1, 1, 0, 0)


async def test_a_dry_run_writes_nothing(country, act, put):
    report = await imports.needs(act, put(table(*LINES)), dry_run=True)
    assert counts(report) == (5, 3, 0, 0)
    assert await Event.all().count() == await Venue.all().count() == 0
    assert not await Entry.exists(kind="event.imported")


async def test_learners_name_a_role_of_their_shift(country, act, put):
    header, row = only("拜师", role="带教").splitlines()
    learners = row.replace("带教", "学员")
    table_ = f"{header},mentor_role,per_mentor\n{row},,\n{learners},带教,2\n"
    assert counts(await imports.needs(act, put(table_)))[0] == 2
    assert {n.role: (n.mentor_role, n.per_mentor) for n in await Need.all()} == {"带教": ("", 1), "学员": ("带教", 2)}
    refused = await imports.needs(act, put(table_.replace("带教,2", "师傅,2")))
    assert [fault.field for fault in refused.faults] == ["mentor_role"]


async def test_a_team_goes_whole_to_a_need_that_names_it(country, act, put):
    team = await Team.create(id=uuid4(), name="梨园戏社", region_id="350502001", created_at=act.at)
    header, row = only("戏曲专场", role="演员").splitlines()
    table_ = f"{header},队伍\n{row},梨园戏社\n"
    assert counts(await imports.needs(act, put(table_)))[0] == 1
    assert [need.team_id for need in await Need.all()] == [team.id]
    assert counts(await imports.needs(act, put(table_)))[1:] == (0, 0, 1), "the same again changes nothing"
    unknown = await imports.needs(act, put(table_.replace("梨园戏社", "高甲戏社")))
    assert [(fault.field, fault.row) for fault in unknown.faults] == [("team", 2)]
    await Team.create(id=uuid4(), name="梨园戏社", region_id="350502001", created_at=act.at)
    several = await imports.needs(act, put(table_))
    assert "several teams" in several.faults[0].en
