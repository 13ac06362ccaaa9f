"""What may be wrong with one letter, or with the server, and what that costs the others: nothing."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tortoise import connections

from volunteer import journal, mail, notices
from volunteer.act import now, system
from volunteer.mail import Outcome
from volunteer.models import Notice, Volunteer
from volunteer.notices import sending

# What the server does to the first letters, one each: not now, not this text, never this one, hung up afterwards.
MOODS = ("RCPT 451", "DATA 452", "RCPT 550", "DATA cut", "DATA 421", "MAIL 451", "DATA cut")


async def owe(who: Volunteer, kind: str = "event.cancelled", **given: Any) -> None:
    given = {"ref": uuid4(), "until": now() + timedelta(hours=2)} | given
    await journal.writing(system(), lambda w: notices.owe(w, kind, who.id, **given))


async def later() -> None:
    """Time passes: whatever waits is due, and the server has rested."""
    await Notice.filter(state="due").update(due_at=now() - timedelta(seconds=1), claimed_until=None)
    await connections.get("default").execute_query("DELETE FROM breaker")


async def letters(**which: Any) -> list[str]:
    """How the letters stand."""
    rows = Notice.filter(channel="mail", **which).order_by("created_at", "id")
    return [row.state for row in await rows]


async def spoilt(**which: Any) -> None:
    """A row whose data is no data, as a hand-mended database may hold one."""
    await Notice.filter(channel="mail", **which).update(data=["no", "data"])


# ---- P-24: one letter that nobody can write ----


async def test_p24_a_letter_that_cannot_be_written_stops_nobody(sink: Any, person: Any) -> None:
    bad, good = (await person()).person, (await person()).person
    await owe(bad)
    await owe(good)
    await spoilt(volunteer_id=bad.id)
    assert await notices.send_due(sink.settings) == 1
    assert (await letters(volunteer_id=good.id), await letters(volunteer_id=bad.id)) == (["sent"], ["due"])
    await later()
    assert await notices.send_due(sink.settings) == 0
    await Notice.filter(volunteer_id=bad.id).update(created_at=now() - timedelta(days=3))
    await later()
    await notices.send_due(sink.settings)
    assert await letters(volunteer_id=bad.id) == ["failed"], "two days are enough"


async def test_p24_of_letters_that_were_to_go_together_the_others_go(sink: Any, person: Any) -> None:
    who = (await person()).person
    for kind in ("event.cancelled", "assignment.missed", "shift.ahead"):
        await owe(who, kind)
    await spoilt(kind="assignment.missed")
    for _ in range(2):
        await notices.send_due(sink.settings)
        await later()
    assert await letters() == ["sent", "due", "sent"]
    assert len(sink.taken) == 2


async def test_p24_canary_the_first_that_fails_ends_it_for_all(
    sink: Any, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "away", lambda error: True)
    for kind in ("event.cancelled", "assignment.missed"):
        await owe((await person()).person, kind)
    await spoilt(kind="event.cancelled")
    for _ in range(3):
        with pytest.raises(AttributeError, match="list"):
            await notices.send_due(sink.settings)
        await later()
    assert sink.taken == []


async def test_p23_a_letter_that_only_another_release_has_words_for_is_left_to_that(sink: Any, person: Any) -> None:
    for kind in ("event.cancelled", "assignment.missed"):
        await owe((await person()).person, kind)
    await Notice.filter(kind="event.cancelled").update(kind="lantern.lit")
    assert await notices.send_due(sink.settings) == 1
    assert await letters(kind="lantern.lit") == ["due"]
    assert (await Notice.get(kind="lantern.lit", channel="mail")).tries == 0


# ---- P-27: one server in all its moods ----


async def moody(sink: Any, person: Any) -> None:
    """Twenty letters to a server that takes the first few badly, until nothing is due any more."""
    for number in range(20):
        await owe((await person(f"陈{number}")).person)
    sink.modes = list(MOODS)
    for _ in range(len(MOODS) + 2):
        await notices.send_due(sink.settings)
        await later()


async def test_p27_whatever_a_server_does_each_letter_arrives_but_the_refused(sink: Any, person: Any) -> None:
    await moody(sink, person)
    assert sorted(await letters()) == ["failed", *["sent"] * 19]
    arrived = [got.id for got in sink.taken]
    assert len(set(arrived)) == 19
    assert len(arrived) - len(set(arrived)) <= MOODS.count("DATA cut"), "twice only whose answer was lost"


async def test_p27_canary_without_classes_of_refusals_letters_are_lost(
    sink: Any, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "judged", lambda error: Outcome("never", broken=True))
    await moody(sink, person)
    assert (await letters()).count("failed") > 1


def test_p27_waits_grow_to_two_hours() -> None:
    minutes = [sending.wait(tries) / timedelta(minutes=1) for tries in range(1, 8)]
    for waited, planned in zip(minutes, (1, 5, 15, 30, 120, 120, 120), strict=True):
        assert planned * 0.8 <= waited <= planned * 1.2
