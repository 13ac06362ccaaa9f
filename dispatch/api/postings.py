"""Posting work: places to choose from, the need check, and the event written down as a draft."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from dispatch.agenda import outlook, postings
from dispatch.api.events import sheet
from dispatch.api.views import Counted, EventView, VenueView
from volunteer.act import Act
from volunteer.api.http import Day, Instant, Struct, Text, View, Whole, Words, door
from volunteer.api.shapes import RegionCode, RegionName

Mode = Literal["tutoring", "training", "performance", "support"]
Demand = Literal["stairs", "night", "heavy", "loud"]
Minutes = Annotated[int, Whole(0, 240)]


class Ask(Struct):
    skill: Annotated[str, Text(1, 40)]
    level: Annotated[int, Whole(1, 5)] = 1


class Who(Struct):
    """Who is needed. ``min`` are mandatory, ``desired`` wished. ``team``: only its members, as many as it goes with or
    nobody."""

    min: Annotated[int, Whole(0, 500)] = 1
    desired: Annotated[int, Whole(1, 500)] = 1
    asks: Annotated[list[Ask], Field(max_length=6)] = Field(default_factory=list)
    languages: Annotated[list[Annotated[str, Text(1, 40)]], Field(max_length=4)] = Field(default_factory=list)
    demands: Annotated[list[Demand], Field(max_length=4)] = Field(default_factory=list)
    age_min: Annotated[int, Whole(0, 150)] = 0
    age_max: Annotated[int, Whole(0, 150)] = 150
    near_minors: bool = False
    team: UUID | None = None


class Check(Who):
    """A need that is not saved yet, at a venue, for the week from ``from`` on (today by default)."""

    venue: UUID
    unit: UUID | None = None
    mode: Mode
    minutes: Annotated[int, Whole(15, 960)]
    call: Minutes = 0
    out: Minutes = 0
    since: Annotated[Day | None, Field(alias="from")] = None


class Hour(View):
    """``eligible``: people who could come if it began then; ``chance``: that enough of those asked say yes."""

    starts_at: datetime
    day: date
    hour: int
    eligible: int
    chance: float


class Outlook(View):
    """``fit``: people whom nothing but time keeps from it; with the counts of ``reasons`` they sum to ``pool``.
    ``read_at``: the state of people's promises that this was looked up in."""

    from_: date = Field(alias="from")
    zone: str
    pool: int
    fit: int
    reasons: list[Counted]
    slots: list[Hour]
    read_at: datetime


class PostedNeed(Who):
    """``mentor_role``: these are learners' seats; for each person who serves in that role on the same shift up to
    ``per_mentor`` may come."""

    role: Annotated[str, Words(1, 60)]
    max: Annotated[int, Whole(1, 500)] = 1
    leader: bool = False
    mentor_role: Annotated[str, Text(0, 60)] = ""
    per_mentor: Annotated[int, Whole(1, 1000)] = 1


class PostedShift(Struct):
    venue: UUID
    starts_at: Instant
    ends_at: Instant
    call: Minutes = 0
    out: Minutes = 0
    needs: Annotated[list[PostedNeed], Field(min_length=1, max_length=20)]


class Posting(Struct):
    """What, for whom, when and where, who is needed, risks. ``quorum``: runs only with so many (0 = always).
    ``series``: the name of the sessions that it belongs to; all of one place share their tutor."""

    title: Annotated[str, Words(1, 200)]
    title_en: Annotated[str, Text(0, 200)] = ""
    mode: Mode
    priority: Annotated[int, Whole(1, 5)] = 3
    unit: UUID | None = None
    description: Annotated[str, Text(0, 2000)] = ""
    risk_notice: Annotated[str, Text(0, 500)] = ""
    expected_attendance: Annotated[int, Whole(0, 1_000_000)] = 0
    quorum: Annotated[int, Whole(0, 500)] = 0
    series: Annotated[str, Text(0, 120)] = ""
    shifts: Annotated[list[PostedShift], Field(min_length=1, max_length=20)]


class Places(Struct):
    """``q`` looks in names."""

    region: RegionCode | None = None
    q: Annotated[str, Text(1, 80)] | None = None


class Venues(View):
    items: list[VenueView]


class TeamChoice(View):
    """``least``: with fewer it does not go; ``people``: how many it has."""

    id: UUID
    name: str
    region: RegionName
    least: int
    people: int


class TeamChoices(View):
    items: list[TeamChoice]


@door("GET", "/api/venues", summary="Places to hold an event, by name")
async def list_venues(act: Act, query: Places) -> Venues:
    found = await postings.venues(act, query.q or "", query.region or "")
    names = ("id", "name", "lat", "lon", "approximate")
    rows = [
        {name: getattr(v, name) for name in names} | {"region": {"code": v.region_id, "name": v.region.name}}
        for v in found
    ]
    return Venues.model_validate({"items": rows})


@door("GET", "/api/teams", summary="Teams that can be asked to go whole, by name")
async def list_teams(act: Act, query: Places) -> TeamChoices:
    return TeamChoices.model_validate({"items": await postings.teams(act, query.q or "", query.region or "")})


@door("POST", "/api/needs/check", summary="Who could come at each hour of a week, and how likely it fills", keyed=False)
async def check_need(act: Act, body: Check) -> Outlook:
    plan = outlook.Plan(
        body.venue,
        body.unit,
        body.mode,
        body.minutes,
        body.call,
        body.out,
        _who(body) | {"languages": tuple(body.languages), "demands": tuple(body.demands)},
        [(ask.skill, ask.level) for ask in body.asks],
        body.team,
    )
    return Outlook.model_validate(await outlook.checked(act, plan, body.since))


@door("POST", "/api/events", summary="Write an event down as a draft", status=201)
async def post_event(act: Act, body: Posting) -> EventView:
    columns = body.model_dump(exclude={"shifts", "unit", "series"})
    shifts = [
        postings.PostedShift(
            shift.venue, shift.starts_at, shift.ends_at, shift.call, shift.out, [_need(need) for need in shift.needs]
        )
        for shift in body.shifts
    ]
    event = await postings.post(act, postings.Posting(columns, body.unit, shifts, body.series.strip()))
    return await sheet(act, event.id)


def _who(body: Who) -> dict[str, Any]:
    return {name: getattr(body, name) for name in ("min", "desired", "age_min", "age_max", "near_minors")}


def _need(need: PostedNeed) -> postings.PostedNeed:
    columns = _who(need) | {
        **{name: getattr(need, name) for name in ("role", "max", "leader", "per_mentor")},
        "mentor_role": need.mentor_role.strip(),
        "team_id": need.team,
        "languages": list(need.languages),
        "demands": list(need.demands),
    }
    return postings.PostedNeed(columns, [(ask.skill, ask.level) for ask in need.asks])
