"""What presses and stays unread climbs from channel to channel until somebody looks or it is over."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from volunteer import journal, notices
from volunteer.act import Act, Actor, now, system
from volunteer.models import Contact, Notice, Volunteer
from volunteer.notices import escalating, inbox
from volunteer.words import Pair

CHOSEN = {"change": ["mail"], "offer": ["mail"], "reminder": ["mail", "wechat"], "alarm": ["sms"]}


async def owed(person: Any, kind: str = "event.cancelled", **given: Any) -> tuple[Volunteer, Any]:
    who: Volunteer = (await person()).person
    await Volunteer.filter(id=who.id).update(phone="13800000000")
    await Contact.create(id=uuid4(), volunteer_id=who.id, channels=CHOSEN)
    ref = uuid4()
    given = {"ref": ref, "until": now() + timedelta(hours=6)} | given
    await journal.writing(system(), lambda w: notices.owe(w, kind, who.id, **given))
    return who, ref


async def later() -> None:
    """Half an hour passes, and what was due has left."""
    await Notice.filter(state="due").update(state="sent", sent_at=now())
    await Notice.filter(escalate_at__not_isnull=True).update(escalate_at=now() - timedelta(seconds=1))


async def used(who: Volunteer) -> list[str]:
    rows = Notice.filter(volunteer_id=who.id).exclude(channel="app").order_by("created_at")
    return await rows.values_list("channel", flat=True)


async def test_it_climbs_one_step_a_time_and_stops_at_the_top(person: Any) -> None:
    who, _ = await owed(person)
    assert await escalating.climb(system()) == 0, "not before half an hour has passed"
    assert await used(who) == ["mail"]
    for expected in (["mail", "wechat"], ["mail", "wechat", "sms"]):
        await later()
        assert await escalating.climb(system()) == 1
        assert await escalating.climb(system()) == 0
        assert await used(who) == expected
    await later()
    assert await escalating.climb(system()) == 0
    assert not await Notice.exists(escalate_at__not_isnull=True)
    ids = await Notice.filter(volunteer_id=who.id).values_list("message_id", flat=True)
    assert len(set(ids)) == 4


async def test_who_has_looked_is_left_alone(person: Any) -> None:
    who, _ = await owed(person)
    await inbox.read(Act(Actor(who.id), now()), (await Notice.get(channel="app")).id)
    await later()
    assert await escalating.climb(system()) == 0
    assert await used(who) == ["mail"]
    assert not await Notice.exists(escalate_at__not_isnull=True)


async def test_what_does_not_press_or_is_over_never_climbs(person: Any) -> None:
    calm, _ = await owed(person, "assignment.missed", until=None)
    over, _ = await owed(person)
    await Notice.filter(volunteer_id=over.id).update(until=now() - timedelta(seconds=1))
    await later()
    assert await escalating.climb(system()) == 0
    assert (await used(calm), await used(over)) == (["mail"], ["mail"])


async def test_an_offer_that_was_answered_by_its_letter_does_not_climb(
    person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, ref = await owed(person, "assignment.offered")
    state = "accepted"

    async def resolve(asked: Any) -> Any:
        return {ref: notices.Fact(Pair("南音", "Nanyin"), state=state)}

    monkeypatch.setitem(notices.resolvers, "assignment", resolve)
    await later()
    assert await escalating.climb(system()) == 0
    state = "offered"
    await Notice.filter(channel="app").update(escalate_at=now() - timedelta(seconds=1))
    assert await escalating.climb(system()) == 1
    assert await used(who) == ["mail", "wechat"]


async def test_a_step_that_has_not_left_yet_is_waited_for(person: Any) -> None:
    who, _ = await owed(person)
    await Notice.filter(channel="app").update(escalate_at=now() - timedelta(seconds=1))
    assert await escalating.climb(system()) == 0
    assert await used(who) == ["mail"]
    assert await Notice.filter(escalate_at__gt=now()).count() == 1


async def test_p23_what_only_another_release_has_words_for_keeps_nothing_from_climbing(person: Any) -> None:
    (strange, _), (who, _) = await owed(person), await owed(person)
    await Notice.filter(volunteer_id=strange.id).update(kind="lantern.lit")
    await later()
    assert await escalating.climb(system()) == 1
    assert await used(who) == ["mail", "wechat"]
    assert await used(strange) == ["mail"]
