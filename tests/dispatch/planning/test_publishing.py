"""P-6: whatever a draft proposes, and whatever people do while it is published, nobody's yes is written over, and each
change is done or listed as stale.

The drafts here propose at random, worse than any planner would; people tap at the same moment. What their phones were
told is kept apart from the rows, and compared.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tortoise.exceptions import IntegrityError

from dispatch import invariants
from dispatch.models import Assignment, Change, Draft, Need
from dispatch.planning import publishing
from dispatch.roster import assignments, seats, seeking
from tests.dispatch import world
from tests.dispatch.world import START, World, by, coordinator
from volunteer.errors import Missing, Refused
from volunteer.models import Volunteer

LIVES = 12
HOURS = (0, 1, 3, 5)  # after the start; the first two overlap


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


class Life:
    """A few people and needs on a day of their own, an offer or a seat here and there, and a draft about them."""

    def __init__(self, tiny: World, number: int) -> None:
        self.tiny, self.chance, self.day = tiny, random.Random(number), timedelta(days=number)
        self.yes: set[UUID] = set()  # lines that somebody was told are theirs
        self.left: set[UUID] = set()  # and of these, the lines that they left again

    async def lay(self, boss: Volunteer) -> None:
        self.people = await self.tiny.crowd(5)
        seats_ = [self.chance.randint(1, 2) for _ in HOURS]
        self.needs = [
            await self.tiny.need(after=self.day + timedelta(hours=hour), seats=count)
            for hour, count in zip(HOURS, seats_, strict=True)
        ]
        for need, count in zip(self.needs, seats_, strict=True):
            for person in self.chance.sample(self.people, self.chance.randint(0, count)):
                line = await self.tiny.offered(need, person)
                await Assignment.filter(id=line.id).update(source="plan")
        self.lines = await Assignment.filter(need_id__in=[need.id for need in self.needs])
        begins = START + self.day
        self.draft = await Draft.create(
            id=uuid4(), region_id="350502", window_from=begins - timedelta(hours=6), created_at=START,
            window_until=begins + timedelta(hours=12), state="ready", by_id=boss.id,
        )  # fmt: skip
        for need in self.needs:
            for person in self.chance.sample(self.people, 3):
                kind = self.chance.choice(["offer", "withdraw"])
                await Change.create(
                    id=uuid4(), draft_id=self.draft.id, need_id=need.id, volunteer_id=person.id, kind=kind
                )

    async def lived(self, boss: Volunteer) -> None:
        """Each offer is answered, and some look for a seat of their own: half of them before the coordinator
        publishes, half at the same moment."""
        taps: list[Awaitable[Any]] = [self._answer(line) for line in self.lines]
        taps += [self._take(self.chance.choice(self.people), self.chance.choice(self.needs)) for _ in range(3)]
        self.chance.shuffle(taps)
        await asyncio.gather(*taps[::2])
        await asyncio.gather(*taps[1::2], publishing.publish(coordinator(boss), self.draft.id))

    async def _answer(self, line: Assignment) -> None:
        person = next(one for one in self.people if one.id == line.volunteer_id)
        what, wait = self.chance.choice(["yes", "yes", "no", "yes and back"]), self.chance.uniform(0, 0.08)
        await asyncio.sleep(wait)
        try:
            if what == "no":
                await assignments.decline(by(person), line.id)
                return
            await assignments.accept(by(person), line.id)
            if what != "yes":
                await assignments.cancel(by(person), line.id)
                self.left.add(line.id)
        except Refused:
            return
        self.yes.add(line.id)

    async def _take(self, person: Volunteer, need: Need) -> None:
        await asyncio.sleep(self.chance.uniform(0, 0.08))
        try:
            self.yes.add((await seeking.take(by(person), need.id)).id)
        except (Refused, Missing):
            return

    async def complaints(self) -> list[str]:
        rows = {line.id: line for line in await Assignment.filter(need_id__in=[need.id for need in self.needs])}
        kept = [rows[id_] for id_ in self.yes - self.left]
        return [
            *(f"{line.id}: written over, {line.status}" for line in kept if line.status != "accepted"),
            *(
                f"change {change.id}: {change.outcome or 'forgotten'}"
                for change in await Change.filter(draft_id=self.draft.id)
                if change.outcome not in ("done", "stale") or (change.outcome == "stale") != bool(change.stale_rule)
            ),
        ]


async def complaints(tiny: World) -> list[str]:
    """What there is to say against so many lives."""
    boss, said = await tiny.person(free=False), list[str]()
    for number in range(LIVES):
        life = Life(tiny, number)
        await life.lay(boss)
        try:
            await life.lived(boss)
        except (IntegrityError, Refused) as error:
            return [*said, f"life {number}: {type(error).__name__}"]
        said += await life.complaints()
    return [*said, *(found.line() for found in await invariants.findings() if not found.holds)]


async def test_p6_no_draft_writes_over_what_people_said(tiny: World) -> None:
    assert await complaints(tiny) == []
    outcomes = await Change.all().values_list("kind", "outcome")
    assert set(outcomes) == {(kind, outcome) for kind in ("offer", "withdraw") for outcome in ("done", "stale")}


def forced(patch: pytest.MonkeyPatch) -> None:
    """Changes are made without asking today's rows."""
    patch.setattr(publishing, "_stale", lambda *_: "")


def rude(patch: pytest.MonkeyPatch) -> None:
    """What is to be taken back is taken back, whatever was answered meanwhile."""

    async def withdraw(changes: Any, *_: Any) -> list[Assignment]:
        taken = []
        for change in changes:
            change.outcome = "done"
            line = await Assignment.get_or_none(
                need_id=change.need_id, volunteer_id=change.volunteer_id, status__in=("offered", "accepted")
            )
            if line is not None:
                await seats.store(line, status="withdrawn")
                taken.append(line)
        return taken

    patch.setattr(publishing, "_withdraw", withdraw)


def forgetful(patch: pytest.MonkeyPatch) -> None:
    """What no longer holds is left out without a word."""
    real = publishing._offer

    async def offer(act: Any, draft: Any, changes: Any, *more: Any) -> list[Assignment]:
        made = await real(act, draft, changes, *more)
        for change in changes:
            if change.outcome == "stale":
                change.outcome, change.stale_rule = "", ""
        return made

    patch.setattr(publishing, "_offer", offer)


@pytest.mark.parametrize("careless", [forced, rude, forgetful])
async def test_p6_canary_who_asks_nobody_again_is_found_out(
    tiny: World, monkeypatch: pytest.MonkeyPatch, careless: Any
) -> None:
    careless(monkeypatch)
    assert await complaints(tiny) != []
