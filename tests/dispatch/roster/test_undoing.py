"""A sign-in by mistake is taken back by whoever made it; the seat stays, as another line."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from dispatch import invariants
from dispatch.models import Assignment, Need
from dispatch.roster import assignments, attendance, seen, undoing
from tests.dispatch import world
from tests.dispatch.world import World, by, coordinator, starting
from volunteer.errors import Missing, Refused
from volunteer.models import Entry, Volunteer
from volunteer.spans import Span


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def seated(tiny: World) -> tuple[Volunteer, Assignment, Need]:
    person, need = await tiny.person(), await tiny.need(after=starting(10))
    line = await tiny.offered(need, person, expires=datetime.now(UTC) + timedelta(hours=1))
    await assignments.accept(by(person), line.id)
    return person, line, need


def rules(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.rule for reason in error.value.reasons]


async def test_the_roll_is_taken_back_by_whoever_called_it(tiny: World) -> None:
    boss, other = await tiny.person(), await tiny.person()
    person, line, need = await seated(tiny)
    await attendance.check_in(coordinator(boss), line.id)
    for act in (coordinator(other), by(person)):
        with pytest.raises(Refused) as error:
            await undoing.undo(act, line.id)
        assert rules(error) == ["not_your_mark"]
    with pytest.raises(Missing):
        await undoing.undo(by(other), line.id)
    again = await undoing.undo(coordinator(boss), line.id)
    assert (again.status, again.volunteer_id, again.checked_in_at) == ("accepted", person.id, None)
    assert again.id != line.id
    assert (await undoing.undo(coordinator(boss), line.id)).id == again.id
    assert (await Assignment.get(id=line.id)).status == "released"
    assert await world.taken(need.id) == 1
    told = await Entry.filter(topic=f"volunteer:{person.id}").order_by("seq").values_list("kind", flat=True)
    assert told[-2:] == ["assignment.unchecked", "assignment.reseated"]
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


async def test_one_who_signed_in_by_the_code_takes_it_back_and_may_sign_in_again(tiny: World) -> None:
    boss = await tiny.person()
    person, line, need = await seated(tiny)
    code = await attendance.code(coordinator(boss), need.shift_id)
    await attendance.sign_in(by(person), line.id, code.typed)
    with pytest.raises(Refused) as error:
        await undoing.undo(coordinator(boss), line.id)
    assert rules(error) == ["not_your_mark"]
    window = Span(datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1))
    statuses = ["accepted", "checked_in", "released"]
    (shown,) = await seen.mine(person.id, window, statuses, "zh")
    assert shown["can"]["undo"] is True
    again = await undoing.undo(by(person), line.id)
    (shown,) = await seen.mine(person.id, window, statuses, "zh")
    assert (shown["id"], shown["status"], shown["can"]["undo"]) == (again.id, "accepted", False)
    done = await attendance.sign_in(by(person), again.id, code.typed)
    assert (done.status, done.guesses) == ("checked_in", 0)


async def test_who_has_left_or_served_is_not_unmade(tiny: World) -> None:
    boss = await tiny.person()
    _, line, _ = await seated(tiny)
    with pytest.raises(Refused):
        await undoing.undo(coordinator(boss), line.id)
    await attendance.check_in(coordinator(boss), line.id)
    await attendance.check_out(coordinator(boss), line.id)
    with pytest.raises(Refused) as error:
        await undoing.undo(coordinator(boss), line.id)
    assert rules(error) == ["step"]
    await attendance.complete(coordinator(boss), line.id)
    with pytest.raises(Refused):
        await undoing.undo(coordinator(boss), line.id)
