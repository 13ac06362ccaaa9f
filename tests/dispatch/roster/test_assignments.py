"""The verbs on an assignment, one after the other and all at once."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from tortoise.exceptions import IntegrityError

from dispatch.models import Assignment, Event, Need
from dispatch.roster import assignments, seats
from tests.dispatch import world
from tests.dispatch.world import World, by, coordinator, itself
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Entry, Notice, Topic, Volunteer


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


def rules_of(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.rule for reason in error.value.reasons]


async def test_a_coordinator_asks_and_the_person_says_yes(tiny: World) -> None:
    boss, person = await tiny.person(), await tiny.person()
    need = await tiny.need(seats=2)
    offered = await assignments.offer(coordinator(boss), need.id, person.id)
    assert (offered.status, offered.source) == ("offered", "hand")
    assert offered.expires_at is not None
    assert offered.expires_at <= world.START
    accepted = await assignments.accept(by(person), offered.id)
    assert accepted.status == "accepted"
    assert await world.taken(need.id) == 1
    kinds = await Entry.filter(topic=f"volunteer:{person.id}").order_by("seq").values_list("kind", flat=True)
    assert kinds == ["assignment.offered", "assignment.accepted"]
    for topic in ("region:350502", f"region:{world.TOWN}", f"event:{(await need.shift).event_id}"):
        assert (await Topic.get(name=topic)).seq == 2
    assert await Notice.filter(volunteer_id=person.id, kind="assignment.offered").count() == 1


async def test_entries_carry_counts_and_no_names(tiny: World) -> None:
    person = await tiny.person(name="欧阳小明")
    need = await tiny.need(seats=1)
    line = await tiny.offered(need, person)
    await assignments.accept(by(person), line.id)
    entry = await Entry.filter(kind="assignment.accepted").first()
    assert entry is not None
    assert entry.body["bar"]["filled"] == 1
    assert entry.body["need"]["filled"] == 1
    assert "欧阳" not in str(entry.body)


async def test_saying_yes_twice_changes_nothing_more(tiny: World) -> None:
    person = await tiny.person()
    line = await tiny.offered(await tiny.need(seats=2), person)
    await assignments.accept(by(person), line.id)
    before = await Entry.all().count()
    again = await assignments.accept(by(person), line.id)
    assert again.status == "accepted"
    assert await Entry.all().count() == before
    assert await world.taken(line.need_id) == 1


async def test_a_stranger_finds_no_such_offer_and_a_colleague_may_not_answer_it(tiny: World) -> None:
    owner, stranger, boss = await tiny.person(), await tiny.person(), await tiny.person()
    line = await tiny.offered(await tiny.need(), owner)
    with pytest.raises(Missing):
        await assignments.accept(by(stranger), line.id)
    with pytest.raises(Forbidden):
        await assignments.accept(coordinator(boss), line.id)
    assert (await Assignment.get(id=line.id)).status == "offered"


async def test_declining_costs_nothing_and_frees_the_held_seat(tiny: World) -> None:
    boss, one, two = await tiny.person(), await tiny.person(), await tiny.person()
    need = await tiny.need(seats=1)
    line = await assignments.offer(coordinator(boss), need.id, one.id)
    with pytest.raises(Refused) as error:
        await assignments.offer(coordinator(boss), need.id, two.id)
    assert rules_of(error) == ["full"]
    await assignments.decline(by(one), line.id, "busy")
    assert (await Assignment.get(id=line.id)).decline_reason == "busy"
    assert (await assignments.offer(coordinator(boss), need.id, two.id)).status == "offered"
    await one.refresh_from_db()
    assert (one.no_shows, one.load) == (0, 0)


async def test_an_offer_after_its_deadline_is_gone_by_the_databases_clock(tiny: World) -> None:
    person = await tiny.person()
    line = await tiny.offered(await tiny.need(), person, expires=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(Refused) as error:
        await assignments.accept(by(person), line.id)
    assert rules_of(error) == ["too_late"]
    assert error.value.gone
    assert await assignments.expire_due(itself()) == 1
    assert (await Assignment.get(id=line.id)).status == "expired"
    assert await assignments.expire_due(itself()) == 0


async def test_the_last_seat_fills_the_others_offers_in_the_same_moment(tiny: World) -> None:
    need = await tiny.need(seats=1)
    winner, loser = await tiny.person(), await tiny.person()
    won, lost = await tiny.offered(need, winner), await tiny.offered(need, loser)
    await assignments.accept(by(winner), won.id)
    assert (await Assignment.get(id=lost.id)).status == "filled"
    with pytest.raises(Refused) as error:
        await assignments.accept(by(loser), lost.id)
    assert error.value.gone


async def test_accepting_withdraws_what_it_makes_impossible(tiny: World) -> None:
    person = await tiny.person()
    first, second = await tiny.need(), await tiny.need(after=timedelta(hours=1))
    later = await tiny.need(after=timedelta(hours=2))
    lines = [await tiny.offered(need, person) for need in (first, second, later)]
    await assignments.accept(by(person), lines[0].id)
    statuses = [(await Assignment.get(id=line.id)).status for line in lines]
    assert statuses == ["accepted", "withdrawn", "offered"]
    assert (await assignments.accept(by(person), lines[2].id)).status == "accepted"


async def test_stepping_back_frees_the_seat_and_is_marked_late_after_the_cut_off(tiny: World) -> None:
    person = await tiny.person()
    need, soon = await tiny.need(), await tiny.need(after=timedelta(days=-2, hours=5))
    for wanted, late in ((need, False), (soon, True)):
        line = await tiny.offered(wanted, person)
        await assignments.accept(by(person), line.id)
        done = await assignments.cancel(by(person), line.id)
        assert (done.status, done.late) == ("cancelled", late)
        assert await world.taken(wanted.id) == 0


async def test_every_reason_is_told_at_once(tiny: World) -> None:
    boss = await tiny.person()
    child = await tiny.person(free=False, birth_date=datetime.now(UTC).date() - timedelta(days=365 * 12))
    need = await tiny.need(asks=[{"skill": "nanyin", "level": 3}], languages=["nan"], near_minors=True)
    with pytest.raises(Refused) as error:
        await assignments.offer(coordinator(boss), need.id, child.id)
    assert set(rules_of(error)) == {"skill", "language", "guardian", "background", "availability"}
    assert await Assignment.all().count() == 0


async def test_a_closed_event_takes_nobody(tiny: World) -> None:
    person = await tiny.person()
    need = await tiny.need()
    line = await tiny.offered(need, person)
    await Event.all().update(state="cancelled")
    with pytest.raises(Refused) as error:
        await assignments.accept(by(person), line.id)
    assert rules_of(error) == ["closed"]


async def test_the_undo_of_a_no_is_a_new_offer_for_the_time_that_was_left(tiny: World) -> None:
    boss, me, other = await tiny.person(), await tiny.person(), await tiny.person()
    need = await tiny.need()
    first = await assignments.offer(coordinator(boss), need.id, me.id, pinned=True)
    await assignments.decline(by(me), first.id, "busy")
    second = await assignments.again(by(me), first.id)
    assert (second.status, second.expires_at, second.pinned) == ("offered", first.expires_at, True)
    assert second.id != first.id
    await assignments.decline(by(me), second.id)
    await assignments.offer(coordinator(boss), need.id, other.id)
    with pytest.raises(Refused) as error:
        await assignments.again(by(me), second.id)
    assert (rules_of(error), error.value.gone) == (["full"], True)
    with pytest.raises(Missing):
        await assignments.again(by(other), second.id)


async def test_a_replacement_may_be_asked_while_the_shift_runs(tiny: World) -> None:
    boss, spare = await tiny.person(), await tiny.person()
    need = await tiny.need(after=world.starting(-20))
    with pytest.raises(Refused) as error:
        await assignments.offer(coordinator(boss), need.id, spare.id, source="plan")
    assert rules_of(error) == ["begun"]
    line = await assignments.offer(coordinator(boss), need.id, spare.id)
    assert line.expires_at is not None
    assert line.expires_at - line.offered_at == timedelta(minutes=15)
    assert (await assignments.accept(by(spare), line.id)).status == "accepted"


async def test_a_race_asks_more_people_than_there_are_seats(tiny: World) -> None:
    boss, people = await tiny.person(), [await tiny.person() for _ in range(3)]
    need = await tiny.need(mode="race")
    lines = [await assignments.offer(coordinator(boss), need.id, person.id) for person in people]
    await assignments.accept(by(people[1]), lines[1].id)
    assert [(await Assignment.get(id=line.id)).status for line in lines] == ["filled", "accepted", "filled"]


# ---- all at once ----


async def _race(tiny: World, phones: int, free: int) -> tuple[int, Need]:
    """``phones`` people accept ``free`` seats at the same moment; how many were told yes."""
    need = await tiny.need(seats=free, mode="race")
    lines = [(p, await tiny.offered(need, p)) for p in [await tiny.person() for _ in range(phones)]]
    random.Random(phones).shuffle(lines)

    async def tap(person: Volunteer, line: Assignment) -> bool:
        try:
            return (await assignments.accept(by(person), line.id)).status == "accepted"
        except Refused as refused:
            return not refused.gone

    answers = await asyncio.gather(*(tap(person, line) for person, line in lines))
    return sum(answers), await Need.get(id=need.id)


async def test_p1_200_phones_on_the_last_three_seats(tiny: World) -> None:
    winners, need = await _race(tiny, 200, 3)
    assert winners == 3
    assert need.taken == 3
    assert await Assignment.filter(need_id=need.id, status="accepted").count() == 3
    assert await Assignment.filter(need_id=need.id, status="filled").count() == 197


async def test_p1_canary_without_the_guard_the_race_oversells(tiny: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same race with the locks skipped and the seat counted by reading first: more winners than seats."""

    async def unlocked(*_: object) -> None:
        return None

    async def read_then_write(_: object, seat: seats.Seat) -> None:
        count = await Assignment.filter(need_id=seat.need.id, status="accepted").count()
        await asyncio.sleep(0.02)
        if count >= seat.need.max:
            raise Refused([], gone=True)

    monkeypatch.setattr(seats, "both", unlocked)
    monkeypatch.setattr(seats, "take", read_then_write)
    winners, _ = await _race(tiny, 40, 3)
    assert winners > 3


async def test_p2_accept_and_expiry_meet(tiny: World) -> None:
    """Offers that end within the next moment, phones and the sweep at once: one terminal state each, by the clock."""
    need = await tiny.need(seats=60)
    lines = []
    for _ in range(40):
        person = await tiny.person()
        lines.append((person, await tiny.offered(need, person)))
    ends = datetime.now(UTC) + timedelta(seconds=0.4)
    await Assignment.all().update(expires_at=ends)

    async def tap(person: Volunteer, line: Assignment) -> str:
        await asyncio.sleep(random.uniform(0.2, 0.6))
        try:
            return (await assignments.accept(by(person), line.id)).status
        except Refused:
            return "no"

    async def sweep() -> None:
        for _ in range(8):
            await assignments.expire_due(itself())
            await asyncio.sleep(0.1)

    answers, _ = await asyncio.gather(asyncio.gather(*(tap(p, a) for p, a in lines)), sweep())
    await assignments.expire_due(itself())
    for (_, line), answer in zip(lines, answers, strict=True):
        row = await Assignment.get(id=line.id)
        assert row.status == ("accepted" if answer == "accepted" else "expired")
        assert row.answered_at is not None
        assert (row.answered_at < ends) == (row.status == "accepted")
    assert await world.taken(need.id) == answers.count("accepted")


async def test_p5_one_person_cannot_be_in_two_places(tiny: World) -> None:
    """Two overlapping offers of one person, both accepted at once, many times: never both."""
    for _ in range(15):
        person = await tiny.person()
        one, two = await tiny.need(), await tiny.need(after=timedelta(hours=1))
        lines = [await tiny.offered(one, person), await tiny.offered(two, person)]
        answers = await asyncio.gather(
            *(assignments.accept(by(person), line.id) for line in lines), return_exceptions=True
        )
        assert sum(isinstance(answer, Assignment) for answer in answers) == 1
        assert await Assignment.filter(volunteer_id=person.id, status="accepted").count() == 1


async def test_rules_without_a_constraint_hold_for_two_taps_at_once(tiny: World) -> None:
    """Two hours a day at most, two offers of two hours on one day, both accepted at once: one is told no."""
    morning = world.START.replace(hour=2) + timedelta(days=1) - world.START
    for _ in range(10):
        person = await tiny.person(max_day=120)
        one, two = (
            await tiny.need(after=morning, lasts=timedelta(hours=1)),
            await tiny.need(after=morning + timedelta(hours=1)),
        )
        lines = [await tiny.offered(one, person), await tiny.offered(two, person)]
        answers = await asyncio.gather(
            *(assignments.accept(by(person), line.id) for line in lines), return_exceptions=True
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Assignment", "Refused"]


async def test_the_last_bar_told_is_the_true_one(tiny: World) -> None:
    """Four needs of one shift accepted at once: whoever follows the board ends with what a fresh look shows."""
    for _ in range(5):
        need = await tiny.need()
        needs = [need] + [await tiny.need(shift_id=need.shift_id, role=f"岗位{n}") for n in range(3)]
        lines = [(p, await tiny.offered(n, p)) for n in needs for p in [await tiny.person()]]
        await asyncio.gather(*(assignments.accept(by(p), line.id) for p, line in lines))
        topic = f"event:{(await need.shift).event_id}"
        last = await Entry.filter(topic=topic).order_by("-seq").first()
        assert last is not None
        assert last.body["bar"]["filled"] == 4


async def test_a_suspended_person_is_not_asked(tiny: World) -> None:
    boss, gone = await tiny.person(), await tiny.person(state="suspended")
    with pytest.raises(Refused) as error:
        await assignments.offer(coordinator(boss), (await tiny.need()).id, gone.id)
    assert rules_of(error) == ["inactive"]


async def test_what_is_over_cannot_be_cancelled(tiny: World) -> None:
    person = await tiny.person()
    line = await tiny.offered(await tiny.need(after=timedelta(days=-4)), person)
    await Assignment.filter(id=line.id).update(status="accepted")
    with pytest.raises(Refused) as error:
        await assignments.cancel(by(person), line.id)
    assert rules_of(error) == ["over"]


async def test_p5_the_database_itself_refuses_the_second_place(tiny: World) -> None:
    person = await tiny.person()
    one, two = await tiny.need(), await tiny.need(after=timedelta(hours=1))
    first, second = await tiny.offered(one, person), await tiny.offered(two, person)
    await Assignment.filter(id=first.id).update(status="accepted")
    with pytest.raises(IntegrityError, match="nobody_twice_at_once"):
        await Assignment.filter(id=second.id).update(status="accepted")


async def test_an_offer_lasts_half_the_time_left_and_two_days_at_most() -> None:
    from dispatch.settings import Policy

    at, terms = datetime(2026, 3, 1, 4, tzinfo=UTC), Policy()  # noon there: nothing ends in the night
    assert assignments.reply_by(at, at + timedelta(days=10), terms) == at + timedelta(hours=terms.offer_hours)
    assert assignments.reply_by(at, at + timedelta(hours=10), terms) == at + timedelta(hours=5)
    assert assignments.reply_by(at, at + timedelta(minutes=6), terms) == at + timedelta(minutes=6)
