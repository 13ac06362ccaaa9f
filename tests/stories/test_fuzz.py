"""Thousands of odd requests at every door, as nobody, as a volunteer, as the coordinator of the city and in
other roles: no door breaks, and every answer is one that the interface describes. The server's own counters tell which
doors opened. ``CITONG_EXAMPLES=2000`` tries so many in all ways there are.
"""

import asyncio
import json
import os
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from dispatch.models import Assignment, Event, Swap, TeamOffer
from dispatch.roster import assignments, casts, seeking
from dispatch.swaps import deals
from tests.dispatch import world
from tests.dispatch.world import World, by
from tests.e2e.house import ROOT, House, housed
from volunteer import journal, people, signin
from volunteer.act import Act, Actor, Grant, system
from volunteer.models import Membership, ServiceRecord, Team, Volunteer
from volunteer.records import objecting, proposing, signing
from volunteer.records.hours import Stay, Terms
from volunteer.records.proposing import Served
from volunteer.records.signing import Line

SEED = 20_260_301
MANY = int(os.environ.get("CITONG_EXAMPLES", "0"))
CASES = MANY or 10  # of each door
FEW = MANY or 2  # of each door, for each of the roles that share one run
PATIENCE_SECONDS = 240 + 60 * MANY  # the most that one run may take on a slow machine
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
)  # fmt: skip
# These need nobody to be signed in.
OPEN = {
    "/api/regions", "/api/regions/outlines", "/api/skills", "/api/signin/code", "/api/signin/exchange",
    "/api/links/open", "/api/links/answer", "/api/records/public",
}  # fmt: skip
# What else there is to be, and a door that opens to it.
ROLES = {
    "organiser": ("GET", "/api/board"), "leader": ("GET", "/api/events"),
    "recorder": ("GET", "/api/records"), "auditor": ("GET", "/api/drafts"), "admin": ("GET", "/api/drafts"),
}  # fmt: skip
OWN = {"/api/needs/{id}/take", "/api/needs/{id}/stand-by"}  # what anybody may do for themselves

Door = tuple[str, str]  # method, path as the interface writes it
COUNTED = re.compile(r'^citong_requests_total\{method="(\w+)",path="(.*?)",status="(\d+)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True)
class Town:
    house: House
    volunteer: Volunteer
    coordinator: Volunteer
    others: dict[str, Volunteer]
    there: dict[str, list[str]]

    async def counted(self) -> Counter[tuple[str, str, int]]:
        """How often each door gave each status since the server began."""
        async with httpx2.AsyncClient() as client:
            text = (await client.get(f"{self.house.home}/metrics")).text
        return Counter({(verb, path, int(status)): int(float(n)) for verb, path, status, n in COUNTED.findall(text)})

    async def interface(self) -> dict[str, dict[str, dict[str, object]]]:
        async with httpx2.AsyncClient() as client:
            described: dict[str, dict[str, dict[str, object]]] = (
                await client.get(f"{self.house.home}/api/openapi.json")
            ).json()
        return described


@pytest_asyncio.fixture(scope="module")
async def town(module_db: str, run_folder: Path) -> AsyncIterator[Town]:
    tiny = await world.make()
    volunteer = await tiny.person(email="wu@example.org")
    coordinator = await tiny.person(free=False, email="lin@example.org")
    await people.grant(system(), coordinator.id, "coordinator", region="3505")
    others = {role: await tiny.person(free=False, email=f"{role}@example.org") for role in ROLES}
    for role, person in others.items():
        await people.grant(system(), person.id, role, region="3505")
    crowd = [volunteer, *[await tiny.person() for _ in range(4)]]
    needs = [await tiny.need(seats=4, after=timedelta(days=day)) for day in range(4)]
    lines = [await assignments.offer(system(), need.id, person.id) for need in needs for person in crowd[:2]]
    swaps, teams, taken = await _shared(tiny, me=volunteer, mate=crowd[3])
    recorded = await _recorded(tiny, boss=others["admin"], people=crowd)
    said = await objecting.object_(by(volunteer), recorded[0].id, "有出入")
    async with housed(module_db, run_folder / f"house-{uuid4().hex}.log") as house:
        there = {
            "events": [str(event.id) for event in await Event.all()],
            "needs": [str(need.id) for need in needs],
            "assignments": [str(line.id) for line in [*lines, *taken]],
            "swaps": [str(swap.id) for swap in swaps],
            "team-offers": [str(offer.id) for offer in teams],
            "team": [str(offer.team_id) for offer in teams],
            "records": [str(record.id) for record in recorded],
            "objections": [str(said.id)],
            "volunteer": [str(person.id) for person in crowd],
            "region": ["3505", "350502", world.TOWN],
            "topic": ["region:350502", f"volunteer:{volunteer.id}", f"volunteer:{coordinator.id}"],
            "from": [world.START.date().isoformat()],
        }
        yield Town(house, volunteer, coordinator, others, there)


async def _shared(
    tiny: World, *, me: Volunteer, mate: Volunteer
) -> tuple[list[Swap], list[TeamOffer], list[Assignment]]:
    """Three seats of mine that others would like, three offers to the team that I lead, and the seats taken."""
    team = await Team.create(id=uuid4(), name="舞龙队", region_id=world.TOWN, created_at=world.START)
    for person in (me, mate):
        await Membership.create(id=uuid4(), team_id=team.id, volunteer_id=person.id, leads=person is me)
    swaps, teams, taken = [], [], []
    for day in range(5, 14, 3):
        one, other, third = [await tiny.need(seats=2, after=timedelta(days=day + more)) for more in range(3)]
        mine, theirs = await seeking.take(by(me), one.id), await seeking.take(by(mate), other.id)
        swaps.append(await deals.propose(by(mate), theirs.id, [mine.id]))
        teams.append(await casts.offer(system(), third.id, team.id))
        taken += [mine, theirs]
    return swaps, teams, taken


async def _recorded(tiny: World, *, boss: Volunteer, people: Sequence[Volunteer]) -> list[ServiceRecord]:
    """Two services of each of these people, the first under public notice, the others at every stage before it."""
    made = []
    for number, person in enumerate([*people[1:], *people]):
        ended = datetime.now(UTC) - timedelta(hours=4 + 3 * number)
        stay = Stay(ended - timedelta(hours=2), ended, ended - timedelta(hours=2), ended)
        served = Served(
            volunteer=person.id, cause=uuid4(), matter=uuid4(), title="南音进校园", title_en="", place="文化站",
            content="助教", region=world.TOWN, unit=None, organiser=None, leaders=frozenset(), source="roll",
            stay=stay, ended=ended,
        )  # fmt: skip
        made.append(await journal.writing(system(), lambda w, one=served: proposing.propose(w, one, Terms())))
    first = world.coordinator(boss)
    await signing.confirm(first, [Line(record.id) for record in made[:4]])
    second = Act(Actor((await tiny.person()).id, (Grant("recorder", "3505"),)), datetime.now(UTC))
    await signing.sign(second, [record.id for record in made[:2]])
    await signing.dispute(second, made[2].id, "签到表上没有")
    return made


async def ran(town: Town, *words: str, where: str = "", config: str = "", **more: str) -> tuple[int, str]:
    """One run of schemathesis, told ``more`` in its environment: its exit status, and what it said."""
    given = [
        "run", where or f"{town.house.home}/api/openapi.json", f"--checks={','.join(CHECKS)}", f"--seed={SEED}",
        "--no-color", "--no-shrink", "--generation-with-security-parameters=false", "--warnings=off",
        "--generation-database=none", "--exclude-path=/api/signout", "--suppress-health-check=all",
        "--header=Sec-Fetch-Site:same-origin", "--continue-on-failure", "--max-failures=12", *words,
    ]  # fmt: skip
    configured = [f"--config-file={Path(__file__).with_name(config)}.toml"] if config else []
    hooks = {"SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("fuzzing.py")), "NO_PROXY": "127.0.0.1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", *configured, *given,
        cwd=ROOT, env={**os.environ, **hooks, **more, "CITONG_FUZZ_THERE": json.dumps(town.there)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return process.returncode, said.decode("utf-8", "replace")


async def fuzz(town: Town, *words: str, cases: int = CASES, **more: str) -> Counter[tuple[str, str, int]]:
    """Odd cases at each door; how often each door gave each status. Fails with what schemathesis found, if it found
    anything, and when the server logged an error."""
    before = await town.counted()
    status, said = await ran(town, *(words or ["--phases=fuzzing"]), f"--max-examples={cases}", **more)
    if status:
        pytest.fail(f"{said}\n{town.house.said()}", pytrace=False)
    assert "[error" not in town.house.log.read_text("utf-8")
    return await town.counted() - before


async def edges(town: Town, person: Volunteer, *, lawful: bool = False) -> Counter[tuple[str, str, int]]:
    """The same as this person, who also tries all edges, or the ``lawful`` ones alone."""
    secret = await signin.token(system(), person.email or "")
    words = ["--phases=coverage,fuzzing", f"--header=Cookie:citong_session={secret}"]
    return await fuzz(town, *words, config="lawful" if lawful else "")


def opened(found: Counter[tuple[str, str, int]]) -> set[Door]:
    return {(verb, path) for verb, path, status in found if 200 <= status < 300 and path.startswith("/api/")}


async def test_as_nobody(town: Town) -> None:
    found = await fuzz(town)
    assert {path for _, path in opened(found)} - {"/api/openapi.json"} <= OPEN
    doors = [
        (verb.upper(), path)
        for path, verbs in (await town.interface())["paths"].items()
        for verb in verbs
        if path not in OPEN | {"/api/signout"}
    ]
    assert len(doors) > 20
    for verb, path in doors:
        assert {status for v, p, status in found if (v, p) == (verb, path)} == {401}, (verb, path)


async def test_as_a_volunteer(town: Town) -> None:
    """Edges that are against the interface are the coordinator's: whoever sends them is told the same."""
    found = await edges(town, town.volunteer, lawful=not MANY)
    assert opened(found) >= {
        ("GET", "/api/me"), ("PATCH", "/api/me"), ("GET", "/api/offers"), ("GET", "/api/assignments"),
        ("POST", "/api/assignments/{id}/accept"), ("GET", "/api/swaps"), ("POST", "/api/swaps/{id}/refuse"),
        ("GET", "/api/assignments/{id}/swaps"), ("GET", "/api/team-offers"), ("POST", "/api/team-offers/{id}/decline"),
    }  # fmt: skip
    shut = {path for _, path in opened(found) if path.startswith(("/api/board", "/api/drafts", "/api/needs"))}
    assert shut <= OWN
    assert sum(count for (_, _, status), count in found.items() if status == 401) == 0


async def test_as_the_coordinator_of_the_city(town: Town) -> None:
    found = await edges(town, town.coordinator)
    assert opened(found) >= {
        ("GET", "/api/board"), ("GET", "/api/board/attention"), ("GET", "/api/drafts"), ("POST", "/api/drafts"),
        ("GET", "/api/events"), ("GET", "/api/events/{id}"), ("GET", "/api/needs/{id}/candidates"),
        ("GET", "/api/needs/{id}/why-not"),
    }  # fmt: skip
    assert sum(count for (_, _, status), count in found.items() if status == 401) == 0


async def others(people: dict[str, Volunteer], told: Path) -> dict[str, str]:
    """What the check ``as_others`` is told in its environment."""
    secrets = {name: await signin.token(system(), person.email or "") for name, person in people.items()}
    given = {"OTHERS": json.dumps(secrets), "TOLD": str(told), "CHECKS": ",".join(CHECKS)}
    return {f"CITONG_FUZZ_{name}": value for name, value in given.items()}


@pytest_asyncio.fixture(scope="module")
async def told(town: Town, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[tuple[str, str, int]]]:
    """What all other roles were answered when each asked the same, in one run that begins as nobody."""
    file = tmp_path_factory.mktemp("fuzz") / "told"
    words = ["--phases=fuzzing", f"--checks={','.join(CHECKS)},as_others"]
    await fuzz(town, *words, cases=FEW, **await others(town.others, file))
    found: dict[str, Counter[tuple[str, str, int]]] = {role: Counter() for role in ROLES}
    for line in file.read_text("utf-8").splitlines():
        role, verb, path, status = json.loads(line)
        found[role][verb, path, status] += 1
    return found


@pytest.mark.parametrize("role", ROLES)
async def test_in_every_other_role(told: dict[str, Counter[tuple[str, str, int]]], role: str) -> None:
    """Fewer cases for each: together they take the time of one of the runs above."""
    assert len({(verb, path) for verb, path, _ in told[role]}) > 90
    assert ROLES[role] in opened(told[role])
    assert sum(count for (_, _, status), count in told[role].items() if status == 401) == 0


@pytest.mark.parametrize("looks", [",".join(CHECKS), "as_others"])
async def test_an_answer_that_is_not_as_described_is_found(town: Town, tmp_path: Path, looks: str) -> None:
    """Canary: the same run against an interface that promises more than the server keeps."""
    described = await town.interface()
    lied = json.dumps(described).replace('"kind"', '"kind_of_skill"')
    assert lied != json.dumps(described)
    (tmp_path / "openapi.json").write_text(lied, encoding="utf-8")
    words = [f"--url={town.house.home}", "--include-path=/api/regions", "--phases=fuzzing", "--max-examples=5"]
    asking = await others({"admin": town.others["admin"]}, tmp_path / "told")
    status, said = await ran(town, *words, f"--checks={looks}", where=str(tmp_path / "openapi.json"), **asking)
    assert status == 1, said
    assert "kind_of_skill" in said
