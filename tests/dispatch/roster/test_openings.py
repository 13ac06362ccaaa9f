"""Open seats: what is left out before it is judged is nothing that would have passed."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tortoise.connection import get_connection

from dispatch.bench import offers
from dispatch.bench.accept import Statement, _Recorder
from dispatch.models import Assignment, Need
from dispatch.roster import openings
from dispatch.roster.openings import Wish
from tests.dispatch import world
from tests.dispatch.world import START, World
from volunteer.models import Inclusion, Override, Volunteer, Weekly
from volunteer.spans import Span

WINDOW = Span(datetime.now(UTC), START + timedelta(days=20))


async def searched(person: Volunteer, *, unfit: bool) -> list[dict[str, object]]:
    who = await openings.seeker(person.id, WINDOW)
    items, more = await openings.listed(who, Wish(WINDOW, unfit=unfit), "zh", skip=0, limit=200)
    assert more is None
    return items


async def varied(tiny: World) -> list[Volunteer]:
    """People with few hours, with abilities that include others, with a promise; and needs of all sorts."""
    evening, able, seated, nobody = [await tiny.person(free=number > 1) for number in range(4)]
    for day in range(7):
        await Weekly.create(id=uuid4(), volunteer_id=evening.id, weekday=day, start=18 * 60, end=22 * 60)
    for hours, kind in ((30, "available"), (33, "unavailable"), (50, "preferred")):
        begins = START + timedelta(hours=hours, seconds=30)
        span = {"starts_at": begins, "ends_at": begins + timedelta(hours=4), "created_at": START}
        for person in (evening, able):
            await Override.create(id=uuid4(), volunteer_id=person.id, kind=kind, **span)
    await tiny.skill(able, "nanyin", 3)
    await tiny.skill(seated, "pipa", 1)
    await Inclusion.create(skill_id="nanyin", included_id="pipa")
    promise = await tiny.need(after=timedelta(hours=40))
    line = await tiny.offered(promise, seated)
    await Assignment.filter(id=line.id).update(status="accepted", answered_at=START)
    for number in range(36):
        asks = [{"skill": "pipa", "level": 1 + number % 4}] if number % 3 == 0 else []
        languages = ["nan"] if number % 7 == 0 else []
        need = await tiny.need(after=timedelta(hours=2 * number), seats=2, asks=asks, languages=languages)
        if number % 5 == 0:
            await tiny.need(shift_id=need.shift_id, role="引导")
    return [evening, able, seated, nobody]


async def test_what_is_left_out_unjudged_does_not_fit(db: str) -> None:
    people = await varied(await world.make())
    for person in people:
        everything = await searched(person, unfit=True)
        fits = [item["need_id"] for item in everything if not item["reasons"]]
        assert [item["need_id"] for item in await searched(person, unfit=False)] == fits
        assert 0 < len(fits) < len(everything)


async def test_the_soonest_seat_is_the_first_of_all_however_far_it_is(db: str) -> None:
    """Looking near first finds what looking at all four weeks does, and an offer of one's own comes before."""
    tiny = await world.make()
    people = await varied(tiny)
    far = await tiny.need(after=timedelta(days=22), seats=9)
    shown = set()
    for person in people:
        at = datetime.now(UTC)
        who = await openings.seeker(person.id, Span(at, at + openings.AHEAD))
        wish = Wish(Span(at, at + openings.AHEAD), km=who.me.max_km)
        while True:
            everything, _ = await openings.listed(who, wish, "zh", skip=0, limit=1)
            found = await openings.next_for(who, at, "zh")
            assert found == (everything[0] if everything else None)
            assert await openings.instead(person.id, at, "zh") == (found and {"opening": found})
            if found is None or found["need_id"] == far.id:
                break
            await Need.filter(id=found["need_id"]).update(taken=found["max"])
        shown.add(found and found["need_id"])
    assert shown == {None, far.id}
    offer = await tiny.offered(far, person)
    instead = await openings.instead(person.id, datetime.now(UTC), "zh")
    assert instead is not None
    assert instead["offer"]["id"] == offer.id


async def test_the_loser_of_a_race_waits_for_few_statements_however_much_does_not_fit(db: str) -> None:
    tiny = await world.make()
    person = await tiny.person()
    for number in range(30):
        await tiny.need(after=timedelta(minutes=number), asks=[{"skill": "pipa", "level": 1}])
    fit = await tiny.need(after=timedelta(hours=9))
    found, said = await next_for(person.id)
    assert found == fit.id
    assert len(said) <= 5


async def test_a_seat_behind_many_that_do_not_fit_is_the_next(db: str) -> None:
    """Only the rules know that these do not fit; the seat behind them is sooner than all of the weeks to come."""
    tiny = await world.make()
    person = await tiny.person()
    for number in range(7):
        await tiny.need(after=timedelta(minutes=number), languages=["nan"])
    near, _ = await tiny.need(after=timedelta(hours=5)), await tiny.need(after=timedelta(days=9))
    at = datetime.now(UTC)
    who = await openings.seeker(person.id, Span(at, at + openings.AHEAD))
    found = {most: await openings.next_for(who, at, "zh", most=most) for most in (2, 3, 300)}
    assert {most: one and one["need_id"] for most, one in found.items()} == dict.fromkeys((2, 3, 300), near.id)


async def next_for(person: UUID) -> tuple[UUID | None, list[Statement]]:
    """What the loser of a race is shown, and all that was asked for it."""
    log, recorder = logging.getLogger("tortoise.db_client"), _Recorder()
    before = log.level
    log.addHandler(recorder)
    log.setLevel(logging.DEBUG)
    try:
        at = datetime.now(UTC)
        found = await openings.next_for(await openings.seeker(person, Span(at, at + openings.AHEAD)), at, "zh")
    finally:
        log.setLevel(before)
        log.removeHandler(recorder)
    return found and found["need_id"], recorder.heard


def read(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Tables, and how many rows of them this part of a plan has looked at."""
    if "Relation Name" in plan:
        each = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        yield plan["Relation Name"], round(each * plan["Actual Loops"])
    for part in plan.get("Plans", ()):
        yield from read(part)


async def test_one_seat_is_found_without_reading_a_city(db: str) -> None:
    place = await offers.county()
    _, taps = await offers.rivals(place, 2, 1)
    await offers.openings(place, 1200)
    db_ = get_connection("default")
    await db_.execute_script("ANALYZE")
    found, said = await next_for((await Assignment.get(id=taps[0].assignment)).volunteer_id)
    assert found is not None
    looked = Counter[str]()
    for sql, values in said:
        rows = await db_.execute_query_dict(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        for table, count in read(json.loads(rows[0]["QUERY PLAN"])[0]["Plan"]):
            looked[table] += count
    assert looked["need"] > 0
    assert max(looked["need"], looked["event"]) < 100, looked
    assert looked["shift"] < 150, looked  # those of four days, by their time alone, and once
