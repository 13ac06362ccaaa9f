"""Needs that ask for people in waves: through the verbs, one after the other and by many clocks at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from dispatch import quiet, settings
from dispatch.models import Assignment, Call, Change, Draft, Event, Limit, Need
from dispatch.offers import forecast, limits, waves
from dispatch.planning import publishing
from dispatch.roster import assignments, calls, seeking
from tests.dispatch import world
from tests.dispatch.calling import asked, automatic, crowd, of, policy, say_no, sweep, tiny
from tests.dispatch.world import World, by, coordinator, itself
from volunteer import journal
from volunteer.act import Act, Actor, Grant
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Entry, Notice
from volunteer.spans import Span

__all__ = ["policy", "tiny"]
pytestmark = pytest.mark.usefixtures("policy")


async def test_a_need_is_filled_wave_after_wave(tiny: World) -> None:
    people, need = await crowd(tiny, 4), await tiny.need()
    await automatic()
    opened = await waves.call(itself(), need.id)
    assert (opened.state, opened.cause, opened.number) == ("running", "hand", 0)
    await sweep()
    assert await asked(need) == people[:1]
    await say_no(need)
    await sweep()
    assert await asked(need) == people[:2]
    line = await Assignment.get(need_id=need.id, status="offered")
    await assignments.accept(by(await line.volunteer), line.id)
    await Call.filter(need_id=need.id).update(due_at=datetime.now(UTC))
    await sweep()
    found = await of(need)
    assert (found.state, found.reason, found.number, found.asked) == ("resting", "filled", 2, 2)
    assert await Assignment.filter(need_id=need.id, source="wave").count() == 2
    kinds = (
        await Entry.filter(topic="region:350502", kind__startswith="call.")
        .order_by("seq")
        .values_list("kind", flat=True)
    )
    assert kinds == ["call.opened", "call.sent", "call.sent", "call.rested"]
    assert await Notice.filter(kind="assignment.offered").count() == 2


async def test_a_race_asks_several_and_a_reserve_one(tiny: World) -> None:
    await crowd(tiny, 8)
    reserve, race = await tiny.need(), await tiny.need(after=timedelta(hours=4), mode="race")
    for need in (reserve, race):
        await waves.call(itself(), need.id)
    await sweep()
    assert len(await asked(reserve)) == 1
    # One seat, everybody at the prior's 0.6: with two offers P(two yeses) = 0.36 is above the cap, unless it is urgent.
    assert len(await asked(race)) == 1
    wide = await tiny.need(after=timedelta(hours=8), mode="race", seats=3)
    await waves.call(itself(), wide.id)
    await sweep()
    assert len(await asked(wide)) == 4


async def test_whoever_steps_back_is_followed_by_the_next_wave_by_itself(tiny: World) -> None:
    people, need = await crowd(tiny, 3), await tiny.need()
    await automatic()
    first = tiny.people[0]
    line = await assignments.offer(itself(), need.id, first.id)
    await assignments.accept(by(first), line.id)
    assert not await Call.exists(need_id=need.id)
    await assignments.cancel(by(first), line.id)
    assert (await of(need)).cause == "dropout"
    await sweep()
    assert await asked(need) == people[:2]


async def test_suggested_waves_wait_for_a_person(tiny: World) -> None:
    people, need = await crowd(tiny, 3), await tiny.need()
    boss = await tiny.person(lat=24.0)
    await waves.call(coordinator(boss), need.id)
    await sweep()
    await say_no(need)
    await sweep()
    found = await of(need)
    assert (found.state, found.suggested, found.due_at) == ("suggested", 1, None)
    assert await asked(need) == people[:1]
    await waves.call(coordinator(boss), need.id)
    await sweep()
    assert await asked(need) == people[:2]
    assert (await of(need)).number == 2


async def test_off_means_off(tiny: World) -> None:
    people, need = await crowd(tiny, 3), await tiny.need()
    await limits.put(itself(), "off", 4, 20, region="350502")
    line = await assignments.offer(itself(), need.id, people[0])
    await assignments.decline(by(tiny.people[0]), line.id)
    await sweep()
    assert ((await of(need)).state, (await of(need)).reason) == ("resting", "off")
    await waves.call(itself(), need.id)  # a person's own word still counts, once
    await sweep()
    assert await asked(need) == people[:2]


async def test_limits_end_a_call(tiny: World) -> None:
    people, need = await crowd(tiny, 5), await tiny.need()
    await automatic(2, 20)
    await waves.call(itself(), need.id)
    for _ in range(2):
        await sweep()
        await say_no(need)
    await sweep()
    assert await asked(need) == people[:2]
    assert (await of(need)).reason == "limit"


async def test_an_event_s_limits_win_over_its_regions_and_those_over_the_policys(tiny: World) -> None:
    need = await tiny.need()
    event = await Event.get(id=(await need.shift).event_id)
    assert (await limits.of_event(event)).origin == "policy"
    await limits.put(itself(), "off", 1, 1, region="3505")
    await limits.put(itself(), "suggest", 2, 2, region="350502")
    assert (await limits.of_event(event)).max_waves == 2
    await limits.put(itself(), "automatic", 3, 3, event_id=event.id)
    assert (await limits.of_event(event)).mode == "automatic"
    await limits.clear(itself(), event_id=event.id)
    await limits.clear(itself(), region="350502")
    assert (await limits.of_event(event)).of == "3505"


async def test_two_who_set_the_first_limits_of_a_place_at_once_both_may(tiny: World) -> None:
    event = await Event.get(id=(await (await tiny.need()).shift).event_id)
    for place in ({"region": "350502"}, {"event_id": event.id}):
        await asyncio.gather(*(limits.put(itself(), "suggest", n, 9, **place) for n in range(1, 6)))
    assert await Limit.all().count() == 2


async def test_only_a_coordinator_of_the_place_sets_limits(tiny: World) -> None:
    boss = await tiny.person()
    with pytest.raises(Missing):
        await limits.put(coordinator(boss, "350503"), "off", 1, 1, region="350502")
    auditor = Act(Actor(boss.id, (Grant("auditor", "350502"),)), datetime.now(UTC))
    with pytest.raises(Forbidden):
        await limits.put(auditor, "off", 1, 1, region="350502")
    assert (await limits.put(coordinator(boss), "off", 1, 1, region="350502")).mode == "off"


async def test_a_person_s_stop_holds_until_a_person_calls(tiny: World) -> None:
    people, need = await crowd(tiny, 3), await tiny.need()
    await automatic()
    await waves.call(itself(), need.id)
    await sweep()
    await waves.stop(itself(), need.id)
    await say_no(need)
    await sweep()
    assert await asked(need) == people[:1]
    await waves.call(itself(), need.id)
    await sweep()
    assert await asked(need) == people[:2]


async def test_nobody_left_is_said(tiny: World) -> None:
    await crowd(tiny, 1)
    need = await tiny.need()
    await automatic()
    await waves.call(itself(), need.id)
    await sweep()
    await say_no(need)
    await sweep()
    assert (await of(need)).reason == "nobody"


async def test_what_is_full_or_over_calls_nobody(tiny: World) -> None:
    person, need = await tiny.person(), await tiny.need()
    line = await assignments.offer(itself(), need.id, person.id)
    await assignments.accept(by(person), line.id)
    with pytest.raises(Refused):
        await waves.call(itself(), need.id)
    closed = await tiny.need(after=timedelta(hours=5), event={"state": "cancelled"})
    with pytest.raises(Refused):
        await waves.call(itself(), closed.id)
    gone = await tiny.need(after=timedelta(hours=9))
    await waves.call(itself(), gone.id)
    await Event.filter(id=(await gone.shift).event_id).update(state="cancelled")
    await sweep()
    assert (await of(gone)).reason == "over"


async def test_who_did_not_agree_to_be_planned_is_not_asked_by_the_program(tiny: World) -> None:
    await tiny.person(lat=24.91, lon=118.59, automated=False)
    other, need = await tiny.person(lat=24.80), await tiny.need()
    await waves.call(itself(), need.id)
    await sweep()
    assert await asked(need) == [other.id]


async def test_among_equals_the_one_not_asked_for_longest_goes_first(tiny: World) -> None:
    one, two = await tiny.person(), await tiny.person()
    earlier = await tiny.need(after=timedelta(hours=30))
    first = await tiny.offered(earlier, one)
    await Assignment.filter(id=first.id).update(status="declined", offered_at=datetime.now(UTC) - timedelta(days=9))
    need = await tiny.need()
    await waves.call(itself(), need.id)
    await sweep()
    assert await asked(need) == [two.id]


async def test_the_waiting_list_goes_first(tiny: World) -> None:
    """A seat that came free belongs to whoever waits for it, not to the next in line."""
    people, need = await crowd(tiny, 3), await tiny.need()
    await automatic()
    line = await assignments.offer(itself(), need.id, people[1])
    await assignments.accept(by(tiny.people[1]), line.id)
    await seeking.stand_by(by(tiny.people[2]), need.id)
    await assignments.cancel(by(tiny.people[1]), line.id)
    await sweep()
    assert await Assignment.filter(need_id=need.id, source="wave").count() == 0
    await seeking.promote_due(itself())
    assert (await Assignment.get(need_id=need.id, status="offered")).volunteer_id == people[2]


async def test_somebody_who_misses_their_shift_is_replaced_while_it_is_worth_it(tiny: World) -> None:
    await crowd(tiny, 3)
    await automatic()
    running = datetime.now(UTC) - world.START - timedelta(minutes=40)
    need = await tiny.need(after=running, lasts=timedelta(hours=3), event={"state": "locked"})
    late = await tiny.need(after=running, lasts=timedelta(minutes=70), event={"state": "locked"})
    for one in (need, late):
        await journal.writing(itself(), lambda w, one=one: calls.stir(w, "missed", [one.id]))
    await sweep()
    assert len(await asked(need)) == 1
    assert ((await of(late)).reason, await asked(late)) == ("over", [])


async def published(tiny: World, need: Need, people: list[UUID]) -> publishing.Published:
    """A draft that offers the need to these people, published by a coordinator."""
    boss, window = await tiny.person(lat=24.0, automated=False), Span(world.START, world.START + timedelta(days=2))
    draft = await Draft.create(
        id=uuid4(), region_id="350502", window_from=window.start, window_until=window.end, state="ready",
        created_at=datetime.now(UTC),
    )  # fmt: skip
    for person in people:
        await Change.create(id=uuid4(), draft_id=draft.id, need_id=need.id, volunteer_id=person, kind="offer")
    return await publishing.publish(coordinator(boss), draft.id)


async def test_publishing_is_the_first_wave(tiny: World) -> None:
    """Where an offer holds its seat the plan's own offers are it; where the first yes wins, more are asked at once."""
    people = await crowd(tiny, 8)
    reserve, race = await tiny.need(), await tiny.need(after=timedelta(hours=5), mode="race", seats=3)
    await published(tiny, reserve, people[:1])
    found = await of(reserve)
    assert (found.state, found.cause, found.number, found.asked) == ("running", "publish", 1, 1)
    await published(tiny, race, people[:2])
    assert ((await of(race)).number, (await of(race)).asked) == (0, 2)
    await sweep()
    assert len(await asked(reserve)) == 1
    assert set(people[:2]) < set(await asked(race))
    assert len(await asked(race)) > 2


async def test_a_publication_keeps_to_the_week_too(tiny: World) -> None:
    people, need = await crowd(tiny, 2), await tiny.need(seats=2)
    for i in range(settings.policy().asking.a_week):
        line = await tiny.offered(await tiny.need(after=timedelta(hours=5 + 3 * i)), tiny.people[0])
        await Assignment.filter(id=line.id).update(status="declined")
    done = await published(tiny, need, people)
    assert [(change.volunteer_id, change.stale_rule) for change in done.stale] == [(people[0], "asked_often")]
    assert [line.volunteer_id for line in done.offered] == [people[1]]


# ---- at night ----


async def test_nobody_is_asked_at_night(tiny: World, policy: Path) -> None:
    here = datetime.now(UTC).astimezone(quiet.ZONE).replace(second=0, microsecond=0)
    begins, ends = here - timedelta(hours=1), here + timedelta(hours=1)
    policy.write_text(f"[asking]\nquiet_from = {begins:%H:%M}:00\nquiet_until = {ends:%H:%M}:00\n")
    settings.policy.cache_clear()
    await crowd(tiny, 2)
    calm = await tiny.need()
    urgent = await tiny.need(after=world.START.replace() - world.START - timedelta(hours=40))
    for need in (calm, urgent):
        await waves.call(itself(), need.id)
    await sweep()
    assert await asked(calm) == []
    assert len(await asked(urgent)) == 1
    assert (await of(calm)).due_at == ends


# ---- the risk of a shift ----


async def test_the_risk_of_a_shift_is_what_is_missing(tiny: World) -> None:
    person, other = await tiny.person(), await tiny.person()
    need = await tiny.need(seats=1)
    at = datetime.now(UTC)
    model = await forecast.model(at)
    assert (await forecast.risks([need.shift_id], model, at))[need.shift_id].short == 1.0
    line = await assignments.offer(itself(), need.id, person.id)
    waiting = (await forecast.risks([need.shift_id], model, at))[need.shift_id]
    assert waiting.short == pytest.approx(1 - 0.6 * 0.9, abs=0.05)
    assert [one.id for one in waiting.flight[need.id]] == [line.id]
    await assignments.accept(by(person), line.id)
    assert (await forecast.risks([need.shift_id], model, at))[need.shift_id].short == pytest.approx(0.1, abs=0.05)
    assert other.id is not None
