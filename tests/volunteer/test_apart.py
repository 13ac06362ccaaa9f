"""Who is not sent together: decided by a coordinator of both, told to neither, and undone by one."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.volunteer.test_standing import boss
from volunteer import apart
from volunteer.act import Act, Actor, now
from volunteer.errors import Forbidden, Invalid, Missing, Refused
from volunteer.models import Block, Entry, Unit


async def test_two_are_kept_apart_once_from_either_side_and_let_together_again(person: Any) -> None:
    chief, one, other = (await person()).person, (await person("林一")).person, (await person("王二")).person
    row = await apart.keep(boss(chief), one.id, other.id)
    assert (await apart.keep(boss(chief), other.id, one.id)).id == row.id
    (shown,) = await apart.listed(boss(chief, "350502001"))
    assert (shown["volunteer_id"], shown["other_id"], shown["unit_id"]) == (one.id, other.id, None)
    await apart.lift(boss(chief), row.id)
    assert await apart.listed(boss(chief)) == []
    with pytest.raises(Missing):
        await apart.lift(boss(chief), row.id)


async def test_neither_side_is_told_and_the_journal_names_nobody(person: Any) -> None:
    chief, one, other = (await person()).person, (await person()).person, (await person()).person
    row = await apart.keep(boss(chief), one.id, other.id)
    await apart.lift(boss(chief), row.id)
    told = await Entry.filter(kind="volunteer.apart")
    assert {entry.topic for entry in told} == {"region:350502001", "region:350502"}
    assert {str(entry.body) for entry in told} == {"{}"}
    assert {entry.ref for entry in told} == {row.id}


async def test_a_person_is_kept_from_a_unit(person: Any) -> None:
    chief, one = (await person()).person, (await person()).person
    unit = await Unit.create(id=uuid4(), name="鲤城区图书馆", kind="library", region_id="350502", created_at=now())
    row = await apart.keep(boss(chief), one.id, unit=unit.id)
    assert (await apart.keep(boss(chief), one.id, unit=unit.id)).id == row.id
    assert [shown["unit_name"] for shown in await apart.listed(boss(chief))] == ["鲤城区图书馆"]


async def test_only_whoever_cares_for_both_says_so(person: Any) -> None:
    chief, one, other = (await person()).person, (await person()).person, (await person()).person
    for act in (boss(chief, "350503"), Act(Actor(one.id), now())):
        with pytest.raises((Missing, Forbidden)):
            await apart.keep(act, one.id, other.id)
        with pytest.raises((Missing, Forbidden)):
            await apart.lift(act, (await apart.keep(boss(chief), one.id, other.id)).id)
    with pytest.raises(Forbidden):
        await apart.listed(Act(Actor(one.id), now()))
    with pytest.raises(Missing):
        await apart.keep(boss(chief), one.id, uuid4())
    assert await apart.listed(boss(chief, "350503")) == []


async def test_what_makes_no_sense_is_refused_with_its_remedy(person: Any) -> None:
    chief, one = (await person()).person, (await person()).person
    for wrong in ({}, {"other": chief.id, "unit": uuid4()}, {"unit": uuid4()}):
        with pytest.raises(Invalid):
            await apart.keep(boss(chief), one.id, **wrong)
    with pytest.raises(Refused) as error:
        await apart.keep(boss(chief), one.id, one.id)
    assert [reason.rule for reason in error.value.reasons] == ["apart_oneself"]
    assert await Block.all().count() == 0


async def test_two_who_say_it_at_once_say_it_once(person: Any) -> None:
    chief, one, other = (await person()).person, (await person()).person, (await person()).person
    pairs = ((one.id, other.id), (other.id, one.id)) * 3
    rows = await asyncio.gather(*(apart.keep(boss(chief), *pair) for pair in pairs))
    assert len({row.id for row in rows}) == await Block.all().count() == 1
