"""The inbox: what was owed is there at once, counted until it is read, and nobody else's."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from volunteer import journal, notices
from volunteer.act import Act, Actor, now, system
from volunteer.errors import Missing
from volunteer.models import Entry, Notice, Volunteer
from volunteer.notices import inbox
from volunteer.notices.abouts import Fact
from volunteer.words import Pair


async def owe(person: Volunteer, kind: str = "event.cancelled", **given: Any) -> None:
    await journal.writing(system(), lambda w: notices.owe(w, kind, person.id, **({"ref": uuid4()} | given)))


def by(person: Volunteer) -> Act:
    return Act(Actor(person.id), now())


async def page(person: Volunteer, **given: Any) -> list[inbox.Item]:
    return await inbox.page(by(person), **({"zone": "Asia/Shanghai", "language": "zh"} | given))


async def test_it_is_there_at_once_newest_first_in_pages(person: Any) -> None:
    who, other = (await person()).person, (await person()).person
    for kind in ("event.cancelled", "assignment.missed", "assignment.offered"):
        await owe(who, kind)
    await owe(other)
    got = await page(who)
    assert [item.kind for item in got] == ["assignment.offered", "assignment.missed", "event.cancelled"]
    assert [item.pressing for item in got] == [False, False, True]
    first = await page(who, limit=2)
    rest = await page(who, after=(first[-1].at, first[-1].id), limit=2)
    assert [item.id for item in first + rest] == [item.id for item in got]
    assert await inbox.unread(by(who)) == 3


async def test_reading_is_told_to_the_persons_other_screens_once(person: Any) -> None:
    who = (await person()).person
    await owe(who)
    await owe(who)
    one, two = await page(who)
    for _ in range(2):
        await inbox.read(by(who), one.id)
    assert await inbox.unread(by(who)) == 1
    assert await Entry.filter(kind="notice.read", topic=f"volunteer:{who.id}").count() == 1
    assert await inbox.read_all(by(who), two.at - timedelta(seconds=1)) == 0
    assert await inbox.read_all(by(who), now() + timedelta(minutes=1)) == 1
    assert await inbox.read_all(by(who), now()) == 0
    assert await Entry.filter(kind="notice.read").count() == 2
    assert [item.read for item in await page(who)] == [True, True]


async def test_nobody_reads_anothers_notice(person: Any) -> None:
    who, other = (await person()).person, (await person()).person
    await owe(who)
    row = await Notice.get(volunteer_id=who.id, channel="app")
    with pytest.raises(Missing):
        await inbox.read(by(other), row.id)
    mail = await Notice.get(volunteer_id=who.id, channel="mail")
    with pytest.raises(Missing):
        await inbox.read(by(who), mail.id)
    assert await inbox.read_all(by(other), now()) == 0


async def test_a_code_is_never_in_the_inbox(person: Any) -> None:
    who = (await person()).person
    await owe(who, "signin.code")
    assert await page(who) == []


async def test_an_offer_taken_back_before_anybody_looked_is_gone_and_not_spoken_of(person: Any) -> None:
    who, unseen, seen = (await person()).person, uuid4(), uuid4()
    await owe(who, "assignment.offered", ref=unseen)
    await owe(who, "assignment.offered", ref=seen)
    await inbox.read(by(who), (await Notice.get(ref=seen, channel="app")).id)
    for ref in (unseen, seen):
        await owe(who, "assignment.withdrawn", ref=ref)
    got = [(item.kind, item.read) for item in await page(who)]
    assert got == [("assignment.withdrawn", False), ("assignment.offered", True)]


async def test_it_says_what_it_is_about_as_that_is_today(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    who, ref = (await person()).person, uuid4()
    fact = Fact(Pair("南音{0}进校园", "Nanyin at school"), now(), "海滨文化站", "phone/week")

    async def resolve(refs: Any) -> Any:
        return {ref: fact}

    monkeypatch.setitem(notices.resolvers, "event", resolve)
    await owe(who, ref=ref)
    (item,) = await page(who)
    assert item.fact == fact
    assert item.subject == "一场活动已取消"


async def test_p23_what_only_another_release_has_words_for_is_left_to_that(person: Any) -> None:
    who = (await person()).person
    await owe(who)
    await owe(who, "assignment.missed")
    await Notice.filter(kind="assignment.missed").update(kind="lantern.lit")
    assert [item.kind for item in await page(who)] == ["event.cancelled"]
    assert await inbox.unread(by(who)) == 1
    assert await inbox.read_all(by(who), now() + timedelta(minutes=1)) == 1
    assert await Notice.filter(channel="app", read_at=None).count() == 1
