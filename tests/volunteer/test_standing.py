"""Who may take part: suspended by a coordinator of their region, told why, and let back by one."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from volunteer import journal, notices, people, standing
from volunteer.act import Act, Actor, Grant, now, system
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Contact, Entry, Notice, Suspension, Volunteer

WHY = "多次无故缺席"


def boss(who: Volunteer, region: str = "350502", role: str = "coordinator") -> Act:
    return Act(Actor(who.id, (Grant(role, region),)), now())


async def state(person: Volunteer) -> str:
    return (await Volunteer.get(id=person.id)).state


async def test_suspended_and_back(person: Any) -> None:
    chief, gone = (await person()).person, await person()
    await Volunteer.filter(id=gone.person.id).update(state="paused")
    row = await standing.suspend(boss(chief), gone.person.id, WHY)
    assert (await standing.suspend(boss(chief), gone.person.id, "again")).id == row.id
    assert (await state(gone.person), await people.actor(gone.token, now())) == ("suspended", None)
    (shown,) = await standing.suspended(boss(chief))
    assert (shown["id"], shown["reason"], shown["by"]) == (gone.person.id, WHY, chief.name)
    await standing.lift(boss(chief), gone.person.id)
    assert (await state(gone.person), await standing.suspended(boss(chief))) == ("paused", [])
    assert await people.actor(gone.token, now()) is None, "a session that ended does not come back"
    told = await Entry.filter(kind="volunteer.standing", topic=f"volunteer:{gone.person.id}").order_by("seq")
    assert [entry.body["state"] for entry in told] == ["suspended", "paused"]
    assert WHY not in str([entry.body for entry in await Entry.all()])
    with pytest.raises(Refused) as error:
        await standing.lift(boss(chief), gone.person.id)
    assert [reason.rule for reason in error.value.reasons] == ["not_suspended"]


async def test_the_reason_leaves_by_mail_though_nothing_else_does(person: Any, sink: Any) -> None:
    chief, gone = (await person()).person, (await person()).person
    await Contact.create(id=uuid4(), volunteer_id=gone.id, channels={"change": ["mail"]})
    await journal.writing(system(), lambda w: notices.owe(w, "event.cancelled", gone.id, ref=gone.id))
    await Contact.filter(volunteer_id=gone.id).update(channels={"change": []})
    await standing.suspend(boss(chief), gone.id, WHY)
    await Notice.filter(channel="mail").update(due_at=now())
    await notices.send_due(sink.settings)
    (letter,) = sink.taken
    assert letter.message.get_content().count(WHY) == 1
    assert await Notice.filter(channel="mail", state="dropped", error="nobody").count() == 1


async def test_only_a_coordinator_of_their_region_and_never_oneself(person: Any) -> None:
    chief, other = (await person()).person, (await person()).person
    for act in (boss(chief, "350503"), Act(Actor(chief.id), now())):
        for verb in (standing.suspend(act, other.id, WHY), standing.lift(act, other.id)):
            with pytest.raises(Missing):
                await verb
    with pytest.raises(Forbidden):
        await standing.suspend(boss(chief, role="organiser"), other.id, WHY)
    with pytest.raises(Forbidden):
        await standing.suspended(boss(chief, role="organiser"))
    with pytest.raises(Refused) as error:
        await standing.suspend(boss(chief), chief.id, WHY)
    assert [reason.rule for reason in error.value.reasons] == ["not_oneself"]
    await Volunteer.filter(id=other.id).update(state="exited")
    with pytest.raises(Refused):
        await standing.suspend(boss(chief), other.id, WHY)
    assert not await Suspension.exists()


async def test_many_at_once_are_one(person: Any) -> None:
    chief, gone = (await person()).person, (await person()).person
    await asyncio.gather(*(standing.suspend(boss(chief), gone.id, f"{WHY}{n}") for n in range(5)))
    assert await Suspension.all().count() == 1
