"""P-24 for sweeps: a row that no verb can move, as a hand-mended database may hold one, is said aloud, and all that is
due after it is done all the same.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from tortoise import connections

from dispatch.models import Assignment, Swap
from dispatch.roster import assignments, seeking
from dispatch.swaps import deals
from tests.dispatch import world
from tests.dispatch.swaps.seating import seated
from tests.dispatch.world import World, by, itself
from volunteer import journal
from volunteer.act import Act


@pytest_asyncio.fixture
async def tiny(db: str) -> AsyncIterator[World]:
    yield await world.make()


async def stuck(table: str, id_: UUID) -> None:
    """Nothing can change this row any more."""
    sql = f"ALTER TABLE {table} ADD CONSTRAINT stuck CHECK (id <> '{id_}') NOT VALID"
    await connections.get("default").execute_script(sql)


async def ending(tiny: World) -> list[Assignment]:
    """Two offers that are over, the older one first; it cannot end."""
    now = datetime.now(UTC)
    lines = [
        await tiny.offered(await tiny.need(), await tiny.person(), expires=now - timedelta(minutes=minutes))
        for minutes in (2, 1)
    ]
    await stuck("assignment", lines[0].id)
    return lines


async def statuses(lines: list[Assignment]) -> list[str]:
    return [(await Assignment.get(id=line.id)).status for line in lines]


async def test_p24_an_offer_that_cannot_end_keeps_no_other_from_it(
    tiny: World, caplog: pytest.LogCaptureFixture
) -> None:
    lines = await ending(tiny)
    assert await assignments.expire_due(itself()) == 1
    assert await statuses(lines) == ["offered", "expired"]
    assert [getattr(said, "of", "") for said in caplog.records if said.levelname == "ERROR"] == [str(lines[0].id)]


async def test_p24_canary_one_after_the_other_ends_at_the_first_that_fails(
    tiny: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def bare(act: Act, verbs: object) -> int:
        return sum([await journal.writing(act, verb) for _, verb in verbs])  # type: ignore[attr-defined]

    monkeypatch.setattr(journal, "each", bare)
    lines = await ending(tiny)
    with pytest.raises(Exception, match="stuck"):
        await assignments.expire_due(itself())
    assert await statuses(lines) == ["offered", "offered"]


async def test_p24_a_waiting_list_that_cannot_move_keeps_no_other_from_it(tiny: World) -> None:
    lines = []
    for _ in range(2):
        (holder, need, held), waits = await seated(tiny), await tiny.person()
        lines.append(await seeking.stand_by(by(waits), need.id))
        await assignments.cancel(by(holder), held.id)
    lines.sort(key=lambda line: line.need_id)  # as they are asked
    await stuck("assignment", lines[0].id)
    assert await seeking.promote_due(itself()) == 1
    assert await statuses(lines) == ["standby", "offered"]


async def test_p24_a_swap_that_cannot_lapse_keeps_no_other_from_it(tiny: World) -> None:
    swaps = []
    for minutes in (2, 1):
        (a, _, line), (_, _, other) = (
            await seated(tiny, after=48 * minutes),
            await seated(tiny, after=48 * minutes + 24),
        )
        swap = await deals.propose(by(a), line.id, [other.id])
        await Swap.filter(id=swap.id).update(expires_at=datetime.now(UTC) - timedelta(minutes=minutes))
        swaps.append(swap.id)
    await stuck("swap", swaps[0])
    assert await deals.lapse_due(itself()) == 1
    assert [(await Swap.get(id=id_)).state for id_ in swaps] == ["proposed", "lapsed"]
