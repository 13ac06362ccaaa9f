"""What the machine stands on: three needs, four people, two coordinators, on one loop of its own."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from tortoise import connections

from dispatch import invariants
from dispatch.models import Assignment, Need, Shift, Swap, TeamOffer
from tests.dispatch import world
from tests.dispatch.ledger import Ledger
from tests.dispatch.world import World
from volunteer.models import Membership, Team, Volunteer

PEOPLE: Final = 4
AHEAD: Final = timedelta(days=3)
HOURS: Final = (0, 1, 4)  # when each shift begins, from the first
SEATS: Final = (1, 1, 2)
LEADER: Final = 0
LEAST: Final = 2
# What the world's rows are set back to between two runs; the first shift begins in three days.
_CLEAN: Final = """TRUNCATE assignment, team_offer, call, notice, entry, topic, idempotency_key, service_record CASCADE;
UPDATE volunteer SET no_shows = 0; UPDATE event SET state = 'published', version = 1"""
_AFRESH: Final = """UPDATE need SET taken = 0, version = 1, min = {seats}, desired = {seats}, max = {seats}
WHERE id = '{need}';
UPDATE shift SET starts_at = '{begins}', ends_at = timestamptz '{begins}' + interval '2 hours'
WHERE id = '{shift}';
UPDATE event SET starts_at = '{begins}', ends_at = timestamptz '{begins}' + interval '2 hours', locks_at = NULL
WHERE id = (SELECT event_id FROM shift WHERE id = '{shift}')"""
_MOVE: Final = """UPDATE event SET
 starts_at = starts_at + '{by}', ends_at = ends_at + '{by}', locks_at = locks_at + '{by}';
UPDATE shift SET starts_at = starts_at + '{by}', ends_at = ends_at + '{by}';
UPDATE assignment SET occupies_from = occupies_from + '{by}', occupies_until = occupies_until + '{by}'"""


class Ground:
    """The rows that all runs share, on one loop; opened once a file."""

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self.loop = loop
        self.needs: list[Need] = []
        self.people: list[Volunteer] = []
        self.bosses: list[Volunteer] = []
        self.team: Team
        self.begins = world.START  # the first shift's usual hour

    def do(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(asyncio.ensure_future(work, loop=self.loop))

    async def lay(self) -> None:
        tiny: World = await world.make()
        self.people = [await tiny.person() for _ in range(PEOPLE)]
        self.bosses = [await tiny.person() for _ in range(2)]
        await self._teamed()  # so that everybody is everybody's colleague
        for hours, seats, mode in zip(HOURS, SEATS, ("reserve", "race", "reserve"), strict=True):
            self.needs.append(await tiny.need(after=timedelta(hours=hours), seats=seats, mode=mode))

    async def _teamed(self) -> None:
        """One team of all, led by the first; it goes with two."""
        self.team = await Team.create(
            id=uuid4(), name="舞龙队", region_id=world.TOWN, created_at=world.START, min_cast=LEAST
        )
        for number, person in enumerate(self.people):
            await Membership.create(id=uuid4(), team_id=self.team.id, volunteer_id=person.id, leads=number == LEADER)

    async def clean(self) -> None:
        db = connections.get("default")
        await db.execute_script(_CLEAN)
        now = (await db.execute_query_dict("SELECT clock_timestamp() AS at"))[0]["at"]
        self.begins = now + AHEAD
        for need, hours, seats in zip(self.needs, HOURS, SEATS, strict=True):
            begins = (self.begins + timedelta(hours=hours)).isoformat()
            await db.execute_script(_AFRESH.format(need=need.id, shift=need.shift_id, seats=seats, begins=begins))

    async def move(self, by_: timedelta) -> None:
        await connections.get("default").execute_script(_MOVE.format(by=f"{by_.total_seconds()} seconds"))
        self.begins += by_

    async def compare(self, ledger: Ledger) -> None:
        """The rows are what the oracle says, and no invariant is broken."""
        rows = {row.id: row for row in await Assignment.all()}
        assert {(row.id, row.status) for row in rows.values()} == {(line.id, line.status) for line in ledger.lines}
        for line in ledger.lines:
            row = rows[line.id]
            assert (row.version, row.late, row.extra) == (line.moves, line.late, line.extra), line
        deals = {(swap.id, swap.state, swap.version) for swap in await Swap.all()}
        assert deals == {(deal.id, deal.state, deal.moves) for deal in ledger.deals}
        casts = {(offer.id, offer.state) for offer in await TeamOffer.all()}
        assert casts == {(cast.id, cast.state) for cast in ledger.casts}
        needs = {need.id: need for need in await Need.all()}
        assert [(needs[need.id].taken, needs[need.id].max) for need in self.needs] == [
            (ledger.taken(number), place.cap) for number, place in enumerate(ledger.places)
        ]
        states = {shift.id: shift.event.state for shift in await Shift.all().prefetch_related("event")}
        assert [states[need.shift_id] for need in self.needs] == [place.state for place in ledger.places]
        missed = {v.id: v.no_shows for v in await Volunteer.filter(id__in=[p.id for p in self.people])}
        assert [missed[p.id] for p in self.people] == [ledger.missed.get(number, 0) for number in range(PEOPLE)]
        broken = [found.line() for found in await invariants.findings() if not found.holds]
        assert broken == [], broken

    async def size(self) -> int:
        """How many facts there are in all."""
        rows = await connections.get("default").execute_query_dict(
            "SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM notice) + (SELECT coalesce(sum(version), 0) "
            "FROM assignment) + (SELECT sum(version) FROM need) + (SELECT coalesce(sum(version), 0) FROM swap) "
            "+ (SELECT coalesce(sum(version), 0) FROM team_offer) AS n"
        )
        return int(rows[0]["n"])
