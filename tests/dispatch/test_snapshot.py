"""The bridge to the planner, and the promise on it: a person's own verdict and the plan's are one and the same."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from dispatch import settings, snapshot
from dispatch.holes import keeping
from dispatch.models import Assignment, Event, Need, Series, Shift, Venue
from dispatch.planner import model
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import eligible
from dispatch.planner.mending import repair
from dispatch.planner.problem import Problem, Weights, read, write
from dispatch.planner.reasons.relaxations import relaxations
from dispatch.planner.tables import tabulate
from dispatch.roster import verdicts
from tests.dispatch import world
from tests.dispatch.world import World
from volunteer import journal
from volunteer.models import Block, Consent, Override, Volunteer, Weekly
from volunteer.spans import Span


async def scattered(seed: int) -> World:
    """Fourteen people of all sorts, a dozen needs of all sorts within three days, some already promised."""
    rng = random.Random(seed)
    tiny = await world.make()
    for _ in range(14):
        await somebody(tiny, rng)
    one, two = rng.sample(tiny.people, 2)
    await Block.create(id=uuid4(), volunteer_id=one.id, other_id=two.id, since=datetime.now(UTC))
    series = await Series.create(id=uuid4(), name="周六辅导", region_id=world.TOWN)
    for _ in range(12):
        need = await tiny.need(
            after=timedelta(hours=rng.randrange(60)),
            lasts=timedelta(minutes=rng.choice([60, 120, 180])),
            seats=rng.randint(1, 3),
            event={
                "series_id": rng.choice([None, None, series.id]),
                "state": rng.choice(["published", "published", "published", "locked"]),
            },
            asks=rng.choice([[], [], [{"skill": "nanyin", "level": 2}], [{"skill": "shufa", "level": 3}]]),
            languages=rng.choice([[], [], ["nan"]]),
            demands=rng.choice([[], ["stairs"]]),
            near_minors=rng.random() < 0.2,
            age_min=rng.choice([0, 18]),
        )
        for person in rng.sample(tiny.people, rng.randint(0, 1)):
            await promised(tiny, need, person)
    return tiny


async def somebody(tiny: World, rng: random.Random) -> None:
    now = datetime.now(UTC)
    person = await tiny.person(
        free=rng.random() < 0.8,
        birth_date=now.date() - timedelta(days=365 * rng.choice([12, 30, 40, 70])),
        automated=rng.random() < 0.9,
        languages=rng.choice([["cmn"], ["cmn", "nan"], []]),
        limitations=rng.choice([[], [], ["stairs"]]),
        max_km=rng.choice([0.5, 30, 30, 30]),
        max_day=rng.choice([180, 1440, 1440]),
        max_week=rng.choice([300, 10080, 10080]),
        max_events=rng.choice([1, 100, 100]),
        rest=rng.choice([0, 600]),
        travel_mode=rng.choice(["walk", "car"]),
        checked_until=rng.choice([None, now.date() + timedelta(days=400)]),
    )
    for code in rng.sample(["nanyin", "shufa"], rng.randint(0, 2)):
        await tiny.skill(person, code, rng.randint(1, 5), rng.choice([None, world.START + timedelta(hours=20)]))
    own = {"id": uuid4(), "volunteer_id": person.id}
    if rng.random() < 0.3:
        await Weekly.create(**own, weekday=rng.randrange(7), start=480, end=1200, kind="preferred")
    if rng.random() < 0.3:
        ends = world.START + timedelta(hours=3)
        await Override.create(**own, starts_at=world.START, ends_at=ends, kind="unavailable", created_at=now)
    if rng.random() < 0.5:
        await Consent.create(**own, purpose="guardian", version="1", given_at=now)


async def promised(tiny: World, need: Need, person: Volunteer) -> None:
    """An accepted line, if the person has no other at that time."""
    line = await tiny.offered(need, person)
    clash = await Assignment.filter(
        volunteer_id=line.volunteer_id, status="accepted",
        occupies_from__lt=line.occupies_until, occupies_until__gt=line.occupies_from,
    ).exists()  # fmt: skip
    if clash:
        await line.delete()
    else:
        await Assignment.filter(id=line.id).update(status="accepted")
        await Need.filter(id=need.id).update(taken=1)


@pytest.mark.parametrize("seed", range(3))
async def test_the_verdict_of_a_sign_up_is_the_planners_for_every_single_pair(db: str, seed: int) -> None:
    tiny = await scattered(seed)

    async def take() -> Problem:
        window = Span(world.START - timedelta(days=1), world.START + timedelta(days=5))
        return await snapshot.take("all", "350502", window, Weights())

    posed, _ = await journal.reading(take, [])
    pairs = eligible(tabulate(open_desk(posed)))
    people, needs = posed.people, posed.needs
    feasible = {(people[p].id, needs[n].id) for p, n in zip(pairs.person, pairs.need, strict=True)}
    held = {(line.person, line.need) for line in posed.roster}
    yes = no = 0
    for person in tiny.people:
        for need in await Need.all():
            pair = (str(person.id), str(need.id))
            if pair in held:
                continue
            reasons = await verdicts.why_not(person.id, need.id, by_hand=False)
            assert (reasons == ()) == (pair in feasible), (reasons, pair)
            yes, no = yes + (not reasons), no + bool(reasons)
    assert yes >= 3
    assert no >= 50


async def test_only_open_sessions_of_a_series_bind_its_tutor(db: str) -> None:
    """A plan knows what is open; a yes must not be judged by who came before."""
    tiny = await world.make()
    series = await Series.create(id=uuid4(), name="周六辅导", region_id=world.TOWN)
    before, person, other = [await tiny.person() for _ in range(3)]
    past = await tiny.need(after=timedelta(days=-9), event={"series_id": series.id, "state": "closed"})
    await promised(tiny, past, before)
    await Assignment.filter(need_id=past.id).update(status="completed", checked_in_at=world.START - timedelta(days=9))
    need = await tiny.need(event={"series_id": series.id})
    assert await verdicts.why_not(person.id, need.id) == ()
    assert await able(need) == {person.id, before.id, other.id}
    await promised(tiny, await tiny.need(after=timedelta(days=2), event={"series_id": series.id}), other)
    assert [reason.rule for reason in await verdicts.why_not(person.id, need.id)] == ["series"]
    assert await verdicts.why_not(other.id, need.id) == ()
    assert await able(need) == {other.id}


async def test_a_plan_knows_the_tutor_of_sessions_beyond_its_window(db: str) -> None:
    """Whom a plan asks can say yes: their own verdict looks at all open sessions of the series."""
    tiny = await world.make()
    series = await Series.create(id=uuid4(), name="周六辅导", region_id=world.TOWN)
    person, tutor = [await tiny.person() for _ in range(2)]
    need = await tiny.need(event={"series_id": series.id})
    later = await tiny.need(after=timedelta(days=9), event={"series_id": series.id})
    await promised(tiny, later, tutor)

    async def take() -> Problem:
        return await snapshot.take("week", "350502", Span(world.START, world.START + timedelta(days=7)), Weights())

    posed, _ = await journal.reading(take, [])
    found = eligible(tabulate(open_desk(posed)))
    assert [one.id for one in posed.needs] == [str(need.id)]
    assert [posed.people[at].id for at in found.person.tolist()] == [str(tutor.id)]
    assert [reason.rule for reason in await verdicts.why_not(person.id, need.id, by_hand=False)] == ["series"]
    await Event.filter(shifts__id=later.shift_id).update(state="cancelled")
    posed, _ = await journal.reading(take, [])
    assert len(eligible(tabulate(open_desk(posed))).person) == 2


async def able(need: Need) -> set[UUID]:
    """Who the desk says could take it."""
    event = (await Shift.get(id=need.shift_id)).event_id
    posed, _ = await journal.reading(lambda: snapshot.of_event(event, Weights()), [])
    pairs = eligible(tabulate(open_desk(posed)))
    number = [one.id for one in posed.needs].index(str(need.id))
    return {UUID(posed.people[at].id) for at in pairs.person[pairs.need == number].tolist()}


async def test_availability_and_history_reach_the_problem(db: str) -> None:
    tiny = await world.make()
    person = await tiny.person()
    await tiny.skill(person, "nanyin", 4)
    need = await tiny.need(asks=[{"skill": "nanyin", "level": 2}])
    posed = (await snapshot.pair(person.id, need.id, Weights())).problem
    (seen,) = posed.people
    assert [(hold.skill, hold.level) for hold in seen.holds] == [("nanyin", 4)]
    assert seen.free
    assert posed.shifts[0].end - posed.shifts[0].start == 120


async def of(need: Need) -> Problem:
    posed, _ = await journal.reading(lambda: snapshot.of_event(need.shift.event_id, Weights()), [])
    return posed


@pytest.mark.parametrize("status", ["declined", "cancelled", "released", "no_show"])
async def test_whoever_said_no_or_left_is_not_asked_again_by_itself(db: str, status: str) -> None:
    tiny = await world.make()
    person, need = await tiny.person(), await tiny.need()
    await need.fetch_related("shift")
    line = await tiny.offered(need, person)
    await Assignment.filter(id=line.id).update(status=status)
    assert (await of(need)).people[0].declined == (str(need.id),)
    assert [reason.rule for reason in await verdicts.why_not(person.id, need.id, by_hand=False)][:1] == ["declined"]
    assert [reason.rule for reason in await verdicts.why_not(person.id, need.id)] == []
    if status == "no_show":
        return  # the claim stands: there is no second one
    await tiny.offered(need, person)
    assert (await of(need)).people[0].declined == ()


async def test_learners_name_their_mentors_need_and_weeks_roll(db: str) -> None:
    tiny = await world.make()
    await tiny.person(max_week=600)
    mentors = await tiny.need(role="带教")
    await mentors.fetch_related("shift")
    learners = await tiny.need(shift_id=mentors.shift_id, role="学员", mentor_role="带教", per_mentor=2)
    posed = await of(mentors)
    found = {need.id: (need.mentor, need.per_mentor) for need in posed.needs}
    assert found == {str(mentors.id): (None, 1), str(learners.id): (str(mentors.id), 2)}
    assert posed.people[0].max_rolling == 900


async def test_a_place_with_several_events_waits_once(db: str) -> None:
    """The first event counts the whole wait, the next only the days since."""
    tiny = await world.make()
    needs = [await tiny.need(after=timedelta(days=day)) for day in (5, 0, 2)]
    window = Span(world.START - timedelta(days=1), world.START + timedelta(days=9))
    posed, _ = await journal.reading(lambda: snapshot.take("all", "350502", window, Weights()), [])
    waiting = {event.id: event.waiting for event in posed.events}
    shifts = [await Shift.get(id=need.shift_id) for need in needs]
    assert [waiting[str(shift.event_id)] for shift in shifts] == [2, 90, 1]


ROADS = "from,to,km\n350502001,350503,40\n"


@pytest.fixture
def far_by_road(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The next county is a kilometre away as the crow flies, but forty by road."""
    (tmp_path / "roads.csv").write_text(ROADS, "utf-8")
    (tmp_path / "policy.toml").write_text(f'roads = "{tmp_path / "roads.csv"}"\n', "utf-8")
    monkeypatch.setenv("CITONG_POLICY", str(tmp_path / "policy.toml"))
    settings.policy.cache_clear()
    yield
    settings.policy.cache_clear()


@pytest.mark.parametrize("bridged", [True, False])
async def test_a_plan_of_one_county_knows_the_road_to_a_promise_in_the_next(
    db: str, request: pytest.FixtureRequest, bridged: bool
) -> None:
    """As the same person's own verdict does, and the roster kept warm for repairs, and what would fill the need."""
    if not bridged:
        request.getfixturevalue("far_by_road")
    tiny = await world.make()
    person = await tiny.person()
    other = await Venue.create(id=uuid4(), name="东湖文化站", region_id="350503", lat=24.91, lon=118.60)
    there = await tiny.need(event={"region_id": "350503"})
    await Shift.filter(id=there.shift_id).update(venue_id=other.id)
    line = await tiny.offered(there, person)
    await Assignment.filter(id=line.id).update(status="accepted")
    here = await tiny.need(after=timedelta(hours=3))
    window = Span(world.START - timedelta(hours=1), world.START + timedelta(hours=20))

    async def query() -> Problem:
        return await snapshot.take("p", "350502", window, Weights())

    posed, _ = await journal.reading(query, [])
    assert read(write(posed)) == posed
    plan = model.solve(posed)
    said = [reason.rule for reason in await verdicts.why_not(person.id, here.id)]
    warm = await keeping.read("350502", settings.policy().repair)
    able = repair.eligible(warm, str(here.id), repair.Terms(0))
    event = await Event.get(id=(await Shift.get(id=here.shift_id)).event_id)
    filled, _ = await journal.reading(lambda: snapshot.of_event(event.id, Weights()), [])
    found = relaxations(filled, str(here.id), posed.window)
    assert (len(plan.choices), said, able, found.today) == ((1, [], 1, 1) if bridged else (0, ["travel"], 0, 0))
