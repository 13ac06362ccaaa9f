"""What tests of swaps share: people who have taken a seat each, and short words for what they have."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from dispatch import invariants
from dispatch.models import Assignment, Event, Need, Shift
from dispatch.roster import seeking
from tests.dispatch import world
from tests.dispatch.world import START, World, by, itself
from volunteer.errors import Refused
from volunteer.models import Membership, Notice, Team, Volunteer


async def sound() -> None:
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


async def seated(tiny: World, *, after: float = 0, **event: object) -> tuple[Volunteer, Need, Assignment]:
    """Somebody new who has taken the only seat of a need that begins so many hours after the world's start."""
    person = await tiny.person()
    need = await tiny.need(after=timedelta(hours=after), event=event)
    return person, need, await seeking.take(by(person), need.id)


async def seats_of(person: Volunteer) -> set[UUID]:
    return set(await Assignment.filter(volunteer_id=person.id, status="accepted").values_list("need_id", flat=True))


async def told(person: Volunteer) -> list[str]:
    rows = await Notice.filter(volunteer_id=person.id, channel="app").exclude(kind="assignment.offered")
    return sorted(row.kind for row in rows)


def rules_of(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.rule for reason in error.value.reasons]


async def teamed(*people: Volunteer) -> None:
    team = await Team.create(id=uuid4(), name=uuid4().hex, region_id=world.TOWN, created_at=START)
    for person in people:
        await Membership.create(id=uuid4(), team_id=team.id, volunteer_id=person.id)


async def lock(need: Need) -> None:
    shift = await Shift.get(id=need.shift_id)
    await Event.filter(id=shift.event_id).update(state="locked", locks_at=itself().at - timedelta(hours=1))
