"""What boards read of the roster."""

from datetime import UTC, datetime, timedelta

from dispatch.roster import seen
from tests.dispatch import world
from volunteer.spans import Span


async def test_the_gravest_holes_are_listed_and_the_others_counted(db: str) -> None:
    tiny = await world.make()
    for priority in range(1, 6):
        await tiny.need(event={"priority": priority})
    window = Span(datetime.now(UTC), datetime.now(UTC) + timedelta(days=9))
    for limit, more in ((2, 3), (5, 0), (9, 0)):
        items, left = await seen.attention("350502", window, datetime.now(UTC), "zh", {}, limit=limit)
        assert (len(items), left) == (min(limit, 5), more)
        assert [item["shift"]["priority"] for item in items] == [5, 4, 3, 2, 1][:limit]
