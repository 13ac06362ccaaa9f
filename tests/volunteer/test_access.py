"""Who may do what where."""

from uuid import uuid4

import pytest

from volunteer import access
from volunteer.access import Thing
from volunteer.act import SYSTEM, Actor, Grant
from volunteer.errors import Forbidden, Missing

ME, OTHER = uuid4(), uuid4()
UNIT = uuid4()
COUNTY, TOWN, NEXT = "350502", "350502001", "350503"


def actor(*grants: Grant) -> Actor:
    return Actor(ME, grants)


def test_a_region_holds_what_lies_below_it() -> None:
    county = actor(Grant("coordinator", COUNTY))
    assert access.may(county, "draft.run", Thing("region", TOWN))
    assert not access.may(county, "draft.run", Thing("region", NEXT))
    assert not access.may(actor(Grant("coordinator", TOWN)), "draft.run", Thing("region", COUNTY))


def test_a_unit_counts_for_its_own_things_only() -> None:
    organiser = actor(Grant("organiser", unit=UNIT))
    assert access.may(organiser, "event.write", Thing("event", TOWN, UNIT))
    assert not access.may(organiser, "event.write", Thing("event", TOWN, uuid4()))
    assert not access.may(organiser, "event.write", Thing("event", TOWN))


def test_only_the_person_answers_an_offer() -> None:
    thing = Thing("assignment", TOWN, people=frozenset({ME}))
    assert access.may(actor(), "assignment.answer", thing)
    assert not access.may(Actor(OTHER, (Grant("coordinator", "3505"),)), "assignment.answer", thing)


def test_what_nobody_shows_you_does_not_exist() -> None:
    with pytest.raises(Missing):
        access.require(actor(Grant("coordinator", NEXT)), "event.read", Thing("event", TOWN))
    with pytest.raises(Missing):
        access.require(actor(Grant("member", COUNTY)), "event.read", Thing("event", TOWN))


def test_what_you_see_but_may_not_do_is_forbidden() -> None:
    with pytest.raises(Forbidden) as error:
        access.require(actor(Grant("auditor", COUNTY)), "draft.publish", Thing("draft", TOWN))
    assert not error.value.anonymous


def test_nobody_is_asked_to_sign_in() -> None:
    with pytest.raises(Forbidden) as error:
        access.require(Actor(None), "event.read", Thing("event", TOWN))
    assert error.value.anonymous


def test_the_program_itself_may_do_everything() -> None:
    for verb in access.MAY:
        access.require(SYSTEM, verb, Thing("anything", TOWN))
    assert access.scopes(SYSTEM, "event.read") is None


def test_lists_are_scoped_by_the_roles_that_may() -> None:
    mixed = actor(Grant("coordinator", COUNTY), Grant("member", NEXT), Grant("organiser", unit=UNIT))
    assert access.scopes(mixed, "event.read") == (frozenset({COUNTY}), frozenset({UNIT}))


def test_names_are_masked() -> None:
    assert access.masked("陈小明") == "陈**"
    assert access.masked("") == "**"
