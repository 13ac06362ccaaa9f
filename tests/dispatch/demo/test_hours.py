"""The demo's hours: every stage is there, and no invariant is broken by them."""

from collections import Counter
from datetime import UTC, date, datetime

from dispatch import demo, invariants
from volunteer.act import system
from volunteer.models import Credit, Role, ServiceRecord

AT = datetime(2026, 2, 28, 2, tzinfo=UTC)


async def test_hours_of_the_past_weeks_stand_at_every_stage(db: str) -> None:
    await demo.load(system(AT), size="S", seed=1, start=date(2026, 3, 2))
    states = Counter(str(state) for state in await ServiceRecord.all().values_list("state", flat=True))
    assert {"proposed", "confirmed", "under_notice", "locked"} <= set(states)
    assert states["locked"] == await Credit.all().count()
    recorder = await Role.get(role="recorder")
    assert await ServiceRecord.filter(unit_id=recorder.unit_id, state="confirmed").exists()
    assert [found.line() for found in await invariants.findings() if not found.holds] == []
