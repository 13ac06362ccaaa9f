"""A team is asked as a whole, and its leader answers: all have their seats or nobody, and nobody against their will."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from dispatch import invariants
from dispatch.models import Assignment, Need, TeamOffer
from dispatch.roster import assignments, casts, seeking
from tests.dispatch import world
from tests.dispatch.world import START, World, by, coordinator, itself
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Entry, Membership, Notice, Team, Volunteer


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


class Troupe:
    """Four people who go with three; the first leads. ``boss`` asks."""

    def __init__(self, tiny: World) -> None:
        self.tiny = tiny

    async def lay(self, *, least: int = 3, leads: bool = True) -> "Troupe":
        self.boss = await self.tiny.person()
        self.people = [await self.tiny.person() for _ in range(4)]
        self.team = await Team.create(id=uuid4(), name="舞龙队", region_id=world.TOWN, created_at=START, min_cast=least)
        for at, person in enumerate(self.people):
            await Membership.create(id=uuid4(), team_id=self.team.id, volunteer_id=person.id, leads=leads and at == 0)
        return self

    @property
    def leader(self) -> Volunteer:
        return self.people[0]

    async def asked(self, need: Need) -> TeamOffer:
        return await casts.offer(coordinator(self.boss), need.id, self.team.id)

    async def line(self, need: Need, at: int, status: str = "offered") -> Assignment:
        return await Assignment.get(need_id=need.id, volunteer_id=self.people[at].id, status=status)


async def sound() -> None:
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


def rules_of(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.rule for reason in error.value.reasons]


async def told(person: Volunteer) -> list[str]:
    rows = await Notice.filter(volunteer_id=person.id, channel="app").order_by("created_at")
    return [row.kind for row in rows]


async def statuses(need: Need) -> list[str]:
    return sorted(await Assignment.filter(need_id=need.id).values_list("status", flat=True))


async def test_the_leaders_yes_seats_everybody(tiny: World) -> None:
    troupe, need = await Troupe(tiny).lay(), await tiny.need(seats=5)
    made = await troupe.asked(need)
    assert await statuses(need) == ["offered"] * 4
    assert await told(troupe.leader) == ["team.offered"]
    assert await told(troupe.people[1]) == ["team.asked"]
    done = await casts.accept(by(troupe.leader), made.id)
    assert (done.state, done.answered_by) == ("accepted", troupe.leader.id)
    assert (await statuses(need), await world.taken(need.id)) == (["accepted"] * 4, 4)
    assert await told(troupe.people[1]) == ["team.asked", "team.accepted"]
    kinds = await Entry.filter(topic=f"volunteer:{troupe.people[2].id}").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["assignment.offered", "team.offered", "team.accepted", "assignment.accepted"]
    size = await Entry.all().count()
    assert (await casts.accept(by(troupe.leader), made.id)).version == done.version
    assert await Entry.all().count() == size
    await sound()


async def test_who_cannot_come_says_so_first_and_the_leader_hears_it(tiny: World) -> None:
    troupe, need = await Troupe(tiny).lay(), await tiny.need(seats=4)
    made = await troupe.asked(need)
    await assignments.decline(by(troupe.people[3]), (await troupe.line(need, 3)).id, "health")
    assert await told(troupe.leader) == ["team.offered", "team.missing"]
    assert await Entry.filter(topic=f"volunteer:{troupe.leader.id}", kind="team.changed", ref=made.id).count() == 1
    await casts.accept(by(troupe.leader), made.id)
    assert await statuses(need) == ["accepted"] * 3 + ["declined"]
    await sound()


async def test_fewer_than_the_team_goes_with_is_nobody(tiny: World) -> None:
    troupe, need = await Troupe(tiny).lay(), await tiny.need(seats=4)
    made = await troupe.asked(need)
    for at in (2, 3):
        await assignments.decline(by(troupe.people[at]), (await troupe.line(need, at)).id)
    with pytest.raises(Refused) as error:
        await casts.accept(by(troupe.leader), made.id)
    assert rules_of(error) == ["cast_short"]
    assert (await statuses(need), await world.taken(need.id)) == (["declined"] * 2 + ["offered"] * 2, 0)
    again = await assignments.again(by(troupe.people[3]), (await troupe.line(need, 3, "declined")).id)
    assert again.team_offer_id == made.id
    await casts.accept(by(troupe.leader), made.id)
    assert await world.taken(need.id) == 3
    await sound()


async def test_a_rule_against_one_is_a_no_for_all(tiny: World) -> None:
    troupe, need = await Troupe(tiny).lay(), await tiny.need(seats=4)
    made = await troupe.asked(need)
    await seeking.take(by(troupe.people[2]), (await tiny.need(after=timedelta(hours=1))).id)
    # What the other seat made impossible was taken back from the one, and the others still are enough.
    assert await statuses(need) == ["offered"] * 3 + ["withdrawn"]
    late = await tiny.need(after=timedelta(hours=1))
    await Assignment.filter(id=(await tiny.offered(late, troupe.people[1])).id).update(
        status="accepted", answered_at=START - timedelta(days=1)
    )
    await Need.filter(id=late.id).update(taken=1)
    with pytest.raises(Refused) as error:
        await casts.accept(by(troupe.leader), made.id)
    assert rules_of(error) == ["member_unfit"]
    assert await world.taken(need.id) == 0


async def test_only_leaders_answer_for_the_team(tiny: World) -> None:
    troupe, need = await Troupe(tiny).lay(), await tiny.need(seats=4)
    made, stranger = await troupe.asked(need), await tiny.person()
    for verb in (casts.accept, casts.decline):
        with pytest.raises(Missing):
            await verb(by(stranger), made.id)
        with pytest.raises(Refused) as error:
            await verb(by(troupe.people[1]), made.id)
        assert rules_of(error) == ["leader_answers"]
    for act in (troupe.people[1], troupe.leader):  # nor does anybody slip in alone
        with pytest.raises(Refused) as error:
            await assignments.accept(by(act), (await troupe.line(need, troupe.people.index(act))).id)
        assert rules_of(error) == ["leader_answers"]
    with pytest.raises((Missing, Forbidden)):
        await casts.offer(by(troupe.leader), need.id, troupe.team.id)
    with pytest.raises((Missing, Forbidden)):
        await casts.withdraw(by(troupe.leader), made.id)


async def test_the_leaders_no_frees_all_seats_and_tells_all(tiny: World) -> None:
    troupe, need = await Troupe(tiny).lay(), await tiny.need(seats=4)
    made = await troupe.asked(need)
    await Notice.all().update(read_at=START)
    assert (await casts.decline(by(troupe.leader), made.id, "busy")).state == "declined"
    assert await statuses(need) == ["declined"] * 4
    assert await told(troupe.people[1]) == ["team.asked", "team.declined"]
    with pytest.raises(Refused) as error:  # it is over for all of them
        await assignments.again(by(troupe.people[1]), (await troupe.line(need, 1, "declined")).id)
    assert rules_of(error) == ["too_late"]
    with pytest.raises(Refused):
        await casts.accept(by(troupe.leader), made.id)
    await sound()


async def test_time_ends_it_and_a_coordinator_may_take_it_back(tiny: World) -> None:
    troupe, need = await Troupe(tiny).lay(), await tiny.need(seats=4)
    made = await troupe.asked(need)
    ended = itself().at - timedelta(seconds=1)
    await Assignment.filter(need_id=need.id).update(expires_at=ended)
    await TeamOffer.filter(id=made.id).update(expires_at=ended)
    with pytest.raises(Refused) as error:
        await casts.accept(by(troupe.leader), made.id)
    assert (rules_of(error), error.value.gone) == (["too_late"], True)
    await assignments.expire_due(itself())
    assert (await TeamOffer.get(id=made.id)).state == "expired"
    second = await troupe.asked(need)
    assert (await casts.withdraw(coordinator(troupe.boss), second.id, "改期")).state == "withdrawn"
    assert await statuses(need) == ["expired"] * 4 + ["withdrawn"] * 4
    await sound()


async def test_a_team_is_asked_only_when_enough_of_it_fit_and_have_seats(tiny: World) -> None:
    troupe = await Troupe(tiny).lay()
    few = await tiny.need(seats=2)
    with pytest.raises(Refused) as error:
        await troupe.asked(few)
    assert rules_of(error) == ["cast_short"]
    three = await tiny.need(seats=3)
    await troupe.asked(three)
    assert await statuses(three) == ["offered"] * 3
    assert await Assignment.filter(need_id=three.id, volunteer_id=troupe.leader.id).exists()
    with pytest.raises(Refused) as error:
        await troupe.asked(three)
    assert "taken" in rules_of(error)
    headless = await Troupe(tiny).lay(leads=False)
    with pytest.raises(Refused) as error:
        await headless.asked(await tiny.need(seats=4, after=timedelta(days=2)))
    assert rules_of(error) == ["nobody_leads"]
    with pytest.raises(Missing):
        await casts.offer(coordinator(troupe.boss), three.id, UUID(int=1))
    await sound()


async def test_a_no_and_the_leaders_yes_at_once_leave_the_seats_counted(tiny: World) -> None:
    troupe = await Troupe(tiny).lay()
    for day in range(0, 16, 2):
        need = await tiny.need(seats=4, after=timedelta(days=day))
        made = await troupe.asked(need)
        line = await troupe.line(need, 3)
        ended = await asyncio.gather(
            casts.accept(by(troupe.leader), made.id), assignments.decline(by(troupe.people[3]), line.id),
            return_exceptions=True,
        )  # fmt: skip
        for error in (found for found in ended if isinstance(found, BaseException)):
            assert isinstance(error, Refused)
        assert await world.taken(need.id) in (3, 4)
    await sound()
