"""A small city in a real database: it holds together, its roster is legal, and it comes out the same again."""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest_asyncio
from tortoise import connections

from dispatch import demo, invariants, snapshot
from dispatch.demo import City, drawing
from dispatch.demo.arts import Catalogue
from dispatch.models import Assignment, Event, Need, Shift, Venue
from dispatch.planner import check, plan, problem, rules
from dispatch.planner.desk import open_desk
from dispatch.settings import policy
from volunteer import journal
from volunteer.act import system
from volunteer.models import Entry, Membership, Qualification, Region, Role, Skill, Team, Volunteer, Weekly

START = date(2026, 3, 9)
AT = datetime(2026, 3, 5, 2, tzinfo=UTC)
TABLES = (
    "unit", "venue", "volunteer", "role", "team", "membership", "weekly", "availability_override", "qualification",
    "consent", "block", "series", "event", "shift", "need", "assignment", "service_record", "credit",
)  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def city(module_db: str) -> AsyncIterator[City]:
    yield await demo.load(system(AT), size="S", seed=1, start=START)


async def digests() -> dict[str, str]:
    """One digest a table: of all columns of all rows but secrets, which nobody may foresee, in order of ids."""
    connection = connections.get("default")
    found = {}
    for table in TABLES:
        rows = await connection.execute_query_dict(
            f"SELECT (to_jsonb(t) - 'secret')::text AS line FROM {table} t ORDER BY id"
        )
        found[table] = hashlib.sha256("\n".join(row["line"] for row in rows).encode()).hexdigest()
    return found


PROGRAM = """
import asyncio, json, sys
from tests.dispatch.demo import test_city
from volunteer import database
from volunteer.act import system

async def main():
    async with database.opened(sys.argv[1]):
        await test_city.demo.load(system(test_city.AT), size="S", seed=1, start=test_city.START)
        print(json.dumps(await test_city.digests()))

asyncio.run(main())
"""


async def _problem() -> problem.Problem:
    async def snap() -> problem.Problem:
        return await snapshot.take("demo", "3505", demo.window(START), policy().weights)

    return (await journal.reading(snap, []))[0]


async def test_counts_are_those_of_the_size(city: City) -> None:
    assert (city.people, city.events) == (200, 40)
    assert await Volunteer.all().count() == 200
    ahead = await Event.filter(state="published").count()
    assert ahead == 40
    assert await Region.all().count() == 2761
    needs = await Need.filter(shift__event__state="published")
    assert city.mandatory == sum(need.min for need in needs)
    assert city.seats == sum(need.desired for need in needs)
    assert city.mandatory < city.seats


async def test_every_invariant_holds(city: City) -> None:
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


async def test_one_entry_tells_the_boards(city: City) -> None:
    entries = await Entry.filter(kind="city.seeded")
    assert {entry.topic for entry in entries} == {"region:3505", "region:350502", "region:350503", "region:350582"}
    assert entries[0].body["size"] == "S"
    assert {entry.kind for entry in await Entry.all()} == {"city.seeded", "regions.imported", "skills.imported"}


async def test_the_week_lies_in_its_window_and_its_places(city: City) -> None:
    span = demo.window(START)
    assert span.end - span.start == timedelta(days=7)
    events = await Event.filter(state="published")
    assert all(span.start <= event.starts_at and event.ends_at <= span.end for event in events)
    assert all(event.risk_notice and event.title_en and event.organiser_id for event in events)
    assert {event.mode for event in events} == {"tutoring", "training", "performance", "support"}
    inactive = set(await Region.filter(active=False).values_list("code", flat=True))
    venues = await Venue.all()
    assert all(venue.region_id not in inactive and venue.approximate and venue.lat for venue in venues)
    assert {venue.kind for venue in venues} >= {"station", "village", "school", "library", "stage"}


async def test_shifts_lie_inside_the_hours_that_their_mode_keeps(city: City) -> None:
    for shift in await Shift.filter(event__state="published"):
        local = shift.starts_at + timedelta(hours=8)
        assert 7 <= local.hour <= 20
        assert shift.ends_at - shift.starts_at <= timedelta(hours=3)


async def test_what_the_roster_holds_no_rule_forbids(city: City) -> None:
    """Every accepted or offered line of the week passes the registry as if it were asked anew."""
    posed = await _problem()
    assert posed.roster
    assert {held.firm for held in posed.roster} == {True, False}
    desk = open_desk(posed)
    assert [rules.why_not(desk, held.person, held.need) for held in posed.roster] == [()] * len(posed.roster)
    chosen = tuple(plan.Choice(held.person, held.need, held.firm) for held in posed.roster)
    kept = plan.Plan("demo", "", 0, "greedy", 0, 0, 0.0, 0, 0, 0, chosen)
    found = (*check.violations(posed, kept), *check.kept(posed, kept))
    # A show that only its leader has promised lacks its quorum until it is planned.
    assert {violation.rule for violation in found} <= {"quorum"}


async def test_the_problem_reads_back(city: City) -> None:
    posed = await _problem()
    assert problem.read(problem.write(posed)) == posed
    assert any(need.team for need in posed.needs)
    assert any(event.leader and event.quorum for event in posed.events)
    assert any(event.series for event in posed.events)
    assert any(person.knows for person in posed.people)
    assert len({event.waiting for event in posed.events}) > 1


async def test_the_past_is_served_and_counted(city: City) -> None:
    done = await Assignment.filter(status="completed").prefetch_related("need__shift__event", "volunteer")
    assert len(done) > 20
    for line in done:
        assert line.need.shift.event.state == "closed"
        assert line.need.shift.ends_at < AT
        assert line.volunteer.load >= 90


async def test_masters_are_rare_and_people_differ(city: City) -> None:
    holders = [await Qualification.filter(skill_id=code).count() for code in ("order", "calligraphy", "string-puppets")]
    assert holders[0] > holders[1] > holders[2]
    people = await Volunteer.all()
    surnames = [person.name[:1] for person in people]
    assert surnames.count("陈") > surnames.count("苏")
    assert sum(person.birth_date > date(START.year - 18, START.month, START.day) for person in people) > 1
    assert sum(person.birth_date < date(START.year - 60, START.month, START.day) for person in people) > 8
    assert all(person.pinyin and person.region_id[:6] in {"350502", "350503", "350582"} for person in people)
    assert await Weekly.all().count() > 400


async def test_teams_can_go_whole(city: City) -> None:
    for team in await Team.all():
        members = await Membership.filter(team_id=team.id)
        assert len(members) > team.min_cast
        assert sum(member.leads for member in members) == 1


async def test_personas_hold_their_roles(city: City) -> None:
    assert [persona.key for persona in city.personas] == [
        "volunteer", "leader", "organiser", "clerk", "recorder", "township", "county", "city", "evaluator", "auditor",
        "admin",
    ]  # fmt: skip
    for persona in city.personas:
        person = await Volunteer.get(email=persona.email)
        assert (person.id, person.name) == (persona.id, persona.name)
        assert persona.email.endswith("@demo.citong")
        assert await Role.exists(volunteer_id=persona.id, role=persona.role)


async def test_the_volunteer_has_an_offer_to_answer(city: City) -> None:
    volunteer, leader = city.personas[:2]
    lines = await Assignment.filter(volunteer_id=volunteer.id).values_list("status", flat=True)
    assert set(lines) == {"completed", "accepted", "offered"}
    led = await Assignment.filter(volunteer_id=leader.id, status="accepted", need__leader=True)
    assert len(led) == 1


async def test_the_same_seed_gives_the_same_rows_in_another_program(city: City, database_url: str) -> None:
    """Strings hash otherwise there, so that no order may hang on it."""
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, database_url, env=environment, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await other.communicate()
    assert json.loads(said) == await digests()
    assert len(set((await digests()).values())) == len(TABLES)


async def test_another_seed_gives_another_city(city: City) -> None:
    regions = await Region.all().order_by("code")
    skills = await Skill.all()
    catalogue = Catalogue({s.name: s.code for s in skills}, {s.name: s.code for s in skills})
    one, two = (drawing.draw(regions, catalogue, demo.SCALES["S"], seed=seed, start=START, at=AT) for seed in (1, 2))
    names = [[row.name for row in dict(drawn.rows)[Volunteer]] for drawn in (one, two)]
    assert names[0][:11] == names[1][:11]
    assert names[0][11:] != names[1][11:]
