"""Adding people and roles, and how others see them."""

from typing import Any
from uuid import uuid4

import pytest

from volunteer import journal, people
from volunteer.act import Act, Actor, Grant, now, system
from volunteer.errors import Forbidden, Invalid, Missing, Refused
from volunteer.models import Role, Volunteer


async def test_a_person_starts_with_number_point_and_spelling(town: None) -> None:
    made = await people.add(system(), name="陈小美", region="350502001", email=" Mei@Example.org ")
    assert made.email == "mei@example.org"
    assert (made.lat, made.lon) == (24.9, 118.6)
    assert "chenxiaomei" in made.pinyin.split()
    assert made.number.startswith("350502")
    assert len(made.number) == 16
    assert (made.state, made.max_week) == ("active", 1200)
    entry = (await journal.since("region:350502001", 0))[0]
    assert (entry.kind, entry.ref, entry.body) == ("volunteer.added", made.id, {"region": "350502001"})


async def test_an_address_belongs_to_one_person(town: None) -> None:
    await people.add(system(), name="陈小美", region="350502", email="mei@example.org")
    with pytest.raises(Refused) as no:
        await people.add(system(), name="林一", region="350502", email="MEI@example.org")
    assert no.value.reasons[0].rule == "email_taken"
    with pytest.raises(Invalid):
        await people.add(system(), name="林一", region="999999")
    assert await Volunteer.all().count() == 1


async def test_only_a_coordinator_of_the_place_adds_people(town: None) -> None:
    here, there = (Act(Actor(uuid4(), (Grant("coordinator", code),)), now()) for code in ("350502", "350503"))
    assert await people.add(here, name="林一", region="350502001")
    with pytest.raises(Missing):
        await people.add(there, name="林二", region="350502001")


async def test_a_role_is_granted_once_by_the_system_alone(person: Any) -> None:
    who = await person()
    first = await people.grant(system(), who.person.id, "recorder", region="350502")
    again = await people.grant(system(), who.person.id, "recorder", region="350502")
    assert first.id == again.id
    assert await Role.all().count() == 1
    admin = Act(Actor(who.person.id, (Grant("admin", "3505"),)), now())
    with pytest.raises(Forbidden):
        await people.grant(admin, who.person.id, "admin", region="3505")
    for wrong in ({"role": "king", "region": "3505"}, {"role": "system", "region": "3505"}, {"role": "admin"},
                  {"role": "admin", "region": "1"}, {"role": "admin", "unit": uuid4()}):  # fmt: skip
        with pytest.raises(Invalid):
            await people.grant(system(), who.person.id, **wrong)
    with pytest.raises(Missing):
        await people.grant(system(), uuid4(), "admin", region="3505")


async def test_names_are_whole_for_coordinators_and_oneself_and_masked_for_others(person: Any) -> None:
    one, other = (await person("陈小美")).person, (await person("林一")).person

    async def names(actor: Actor) -> list[str]:
        shown = await people.shown(actor, [one.id, other.id, uuid4()])
        return [shown[one.id].name, shown[other.id].name]

    assert await names(Actor(one.id)) == ["陈小美", "林**"]
    assert await names(Actor(uuid4(), (Grant("coordinator", "3505"),))) == ["陈小美", "林一"]
    assert await names(Actor(uuid4(), (Grant("coordinator", "350503"),))) == ["陈**", "林**"]
    assert await names(Actor(uuid4(), (Grant("recorder", "3505"),))) == ["陈**", "林**"]
