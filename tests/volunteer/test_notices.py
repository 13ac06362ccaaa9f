"""What is owed leaves once, in time, in the person's language; whatever servers do, nothing is lost or sent late."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tortoise import connections
from tortoise.queryset import QuerySet

from volunteer import codes, journal, notices, signin
from volunteer.act import Act, Actor, now, system
from volunteer.errors import Reason, Refused
from volunteer.mail import Outcome
from volunteer.models import Notice, SigninCode, Volunteer
from volunteer.notices import contacts, sending
from volunteer.notices.carriers import carriers
from volunteer.settings import Settings
from volunteer.words import Pair


async def _owe(person: Volunteer, kind: str = "assignment.offered", **kwargs: Any) -> None:
    given = {"ref": uuid4(), "until": now() + timedelta(hours=2)} | kwargs
    await journal.writing(system(), lambda w: notices.owe(w, kind, person.id, **given))


def _letters() -> QuerySet[Notice]:
    return Notice.filter(channel="mail")


async def _again() -> None:
    """Time passes: whatever waits is due."""
    await Notice.filter(state="due").update(due_at=now() - timedelta(seconds=1), claimed_until=None)
    await connections.get("default").execute_query("DELETE FROM breaker")


async def test_an_offer_becomes_one_letter_in_the_persons_language(sink: Any, person: Any) -> None:
    for language, subject in (("zh", "您有一份新的服务邀请"), ("en", "You have a new offer to serve")):
        who = (await person("陈小美", language=language)).person
        await _owe(who)
        assert await notices.send_due(sink.settings) == 1
        got = sink.taken[-1]
        assert (got.message["Subject"], got.to) == (subject, [who.email])
        text = got.message.get_content()
        assert "陈小美" in text
        assert "http://citong.test/phone/" in text
        assert re.search(r"\d{2}:\d{2}", text)
    assert await notices.send_due(sink.settings) == 0
    assert await _letters().filter(state="sent", error="", sent_at__not_isnull=True).count() == 2


async def test_a_signin_mail_carries_a_fresh_code_that_works_and_the_outbox_never_did(sink: Any, person: Any) -> None:
    who = (await person()).person
    await signin.ask(Act(Actor(None), now()), who.email, face="board", address="198.51.100.7")
    assert not await SigninCode.exists()
    assert await notices.send_due(sink.settings) == 1
    text = sink.taken[0].message.get_content()
    code = re.search(r"\b(\d{6})\b", text)
    link = re.search(r"http://citong\.test/board/#t=(\S+)", text)
    assert code
    assert link
    assert code[1] not in str(await Notice.all().values())
    opened = await signin.by_code(Act(Actor(None), now()), who.email, code[1], address="", days=1)
    assert opened.volunteer == who.id
    with pytest.raises(Refused):
        await signin.by_token(Act(Actor(None), now()), link[1], days=1)


async def test_owing_twice_is_owing_once_and_shares_the_fate_of_its_cause(person: Any) -> None:
    who, ref = (await person()).person, uuid4()
    for _ in range(2):
        await _owe(who, ref=ref)
    assert await _letters().count() == await Notice.filter(channel="app").count() == 1

    async def verb(w: journal.Writing) -> None:
        await notices.owe(w, "assignment.offered", who.id, ref=uuid4())
        raise Refused([Reason("no")])

    with pytest.raises(Refused):
        await journal.writing(system(), verb)
    assert await _letters().count() == await Notice.filter(channel="app").count() == 1
    with pytest.raises(KeyError):
        await _owe(who, "never.heard")


async def test_p27_what_is_over_is_dropped_never_sent_late(sink: Any, person: Any) -> None:
    who = (await person()).person
    await _owe(who, until=now() - timedelta(seconds=1))
    await _owe(who, until=now() + timedelta(minutes=5))
    assert await notices.send_due(sink.settings) == 1
    assert sorted(await _letters().values_list("state", flat=True)) == ["dropped", "sent"]


async def test_a_withdrawal_that_overtakes_its_offer_silences_both(sink: Any, person: Any) -> None:
    who, early, late = (await person()).person, uuid4(), uuid4()
    await _owe(who, ref=early)
    await _owe(who, "assignment.withdrawn", ref=early)
    await _owe(who, ref=late)
    assert await notices.send_due(sink.settings) == 1
    await _owe(who, "assignment.withdrawn", ref=late)
    assert await notices.send_due(sink.settings) == 1
    assert [got.message["Subject"] for got in sink.taken] == ["您有一份新的服务邀请", "一份服务邀请已撤回"]


async def test_without_a_mail_server_everything_stays_due(person: Any) -> None:
    await _owe((await person()).person)
    assert await notices.send_due(Settings(mail_host="")) == 0
    assert (await _letters().get()).state == "due"


async def test_nobody_to_reach_is_dropped(sink: Any, person: Any) -> None:
    gone, silent = (await person()).person, (await person()).person
    await _owe(gone)
    await _owe(silent)
    await Volunteer.filter(id=gone.id).update(state="exited")
    await Volunteer.filter(id=silent.id).update(email=None)
    assert await notices.send_due(sink.settings) == 0
    assert await Notice.filter(state="dropped", error="nobody").count() == 2


async def test_p27_later_is_tried_again_further_and_further_apart_with_the_same_id(sink: Any, person: Any) -> None:
    await _owe((await person()).person, until=now() + timedelta(hours=9))
    sink.modes = ["RCPT 451"] * 5
    for minutes in (1, 5, 15, 30, 120):
        assert await notices.send_due(sink.settings) == 0
        row = await _letters().get()
        assert (row.state, row.error, row.claimed_until) == ("due", "451", None)
        assert minutes * 0.75 < (row.due_at - now()).total_seconds() / 60 <= minutes * 1.2
        assert await notices.send_due(sink.settings) == 0  # not before it is due
        await _again()
    assert await notices.send_due(sink.settings) == 1
    assert [got.id for got in sink.taken] == [row.message_id]
    assert (await _letters().get()).tries == 6


async def test_p27_a_refusal_for_good_stops_and_two_days_are_enough(sink: Any, person: Any) -> None:
    who = (await person()).person
    await _owe(who)
    sink.modes = ["RCPT 550"]
    assert await notices.send_due(sink.settings) == 0
    assert (await _letters().get()).state == "failed"
    await _owe((await person()).person, until=now() + timedelta(hours=9))
    await Notice.filter(state="due").update(created_at=now() - sending.GIVE_UP)
    sink.modes = ["RCPT 451"]
    assert await notices.send_due(sink.settings) == 0
    assert await Notice.filter(state="failed").count() == 2


async def test_p27_an_address_that_does_not_exist_gets_no_more_mail_until_it_is_another(sink: Any, person: Any) -> None:
    who = (await person()).person
    await _owe(who)
    sink.modes = ["RCPT 550"]
    await notices.send_due(sink.settings)
    assert (await contacts.known(Act(Actor(who.id), now()), ["mail"])).refused
    await _owe(who)
    assert await Notice.filter(channel="app").count() == 2, "the inbox is always there"
    assert await _letters().count() == 1
    await Volunteer.filter(id=who.id).update(email=f"{uuid4().hex}@example.org")
    assert not (await contacts.known(Act(Actor(who.id), now()), ["mail"])).refused
    await _owe(who)
    assert await notices.send_due(sink.settings) == 1


async def test_p27_trouble_of_the_server_rests_the_whole_batch(sink: Any, person: Any) -> None:
    for _ in range(4):
        await _owe((await person()).person)
    sink.modes = ["MAIL 421"]
    assert await notices.send_due(sink.settings) == 0
    rows = await _letters()
    assert sorted(row.tries for row in rows) == [0, 0, 0, 1]
    assert all(row.claimed_until is None for row in rows)
    assert await notices.send_due(sink.settings) == 0  # nobody knocks again within the minute, whatever falls due
    await _owe((await person()).person)
    assert await notices.send_due(sink.settings) == 0
    assert sink.connections == 1
    await _again()
    assert await notices.send_due(sink.settings) == 5


async def test_a_poisoned_address_stops_nobody(sink: Any, person: Any) -> None:
    bad, good = (await person()).person, (await person()).person
    await _owe(bad)
    await _owe(good)
    await Volunteer.filter(id=bad.id).update(email="x@y\r\nBcc: z@w")
    assert await notices.send_due(sink.settings) == 1
    assert (await _letters().get(volunteer_id=bad.id)).state == "failed"


async def test_two_senders_share_the_work_and_send_nothing_twice(sink: Any, person: Any) -> None:
    for number in range(40):
        await _owe((await person(f"陈{number}")).person)
    sink.delay = 0.01
    sent = await asyncio.gather(*[notices.send_due(sink.settings, limit=15) for _ in range(4)])
    assert sum(sent) == 40
    assert len({got.id for got in sink.taken}) == len(sink.taken) == 40


async def test_a_sender_that_died_is_taken_over_and_one_that_woke_up_does_nothing(sink: Any, person: Any) -> None:
    await _owe((await person()).person)
    dead = await sending._claim(carriers(sink.settings)[0], 10)
    assert await notices.send_due(sink.settings) == 0  # still leased
    await Notice.all().update(claimed_until=now() - timedelta(seconds=1))
    assert await notices.send_due(sink.settings) == 1
    assert await sending._written(sink.settings, carriers(sink.settings)[0], dead[0]) is None
    await sending._marked(dead[0], Outcome("later"))
    assert (await _letters().get()).state == "sent"
    assert len(sink.taken) == 1


async def test_a_letter_that_was_taken_and_lost_its_answer_comes_again_as_itself(sink: Any, person: Any) -> None:
    await _owe((await person()).person)
    sink.modes = ["DATA cut"]
    assert await notices.send_due(sink.settings) == 0
    await _again()
    assert await notices.send_due(sink.settings) == 1
    assert len(sink.taken) == 2
    assert len({got.id for got in sink.taken}) == 1


async def test_what_is_due_for_one_person_at_once_is_one_message(sink: Any, person: Any) -> None:
    who, other = (await person("陈{name}美")).person, (await person()).person
    for kind in ("assignment.offered", "assignment.offered", "event.cancelled", "assignment.filled"):
        await _owe(who, kind)
    await _owe(who, "signin.code")
    await _owe(other)
    assert await notices.send_due(sink.settings) == 3
    mine = [got for got in sink.taken if got.to == [who.email]]
    assert [got.message["Subject"] for got in mine] == ["您有 4 条新通知", "刺桐登录验证码"]
    text = mine[0].message.get_content()
    assert text.count("您有一份新的服务邀请") == 2
    assert "一场活动已取消" in text
    assert text.startswith("陈{name}美，您好！")
    assert await _letters().filter(state="sent").count() == 6
    await _owe(who)
    assert await notices.send_due(sink.settings) == 1


async def test_a_message_that_is_tried_again_says_the_same_and_what_came_since_comes_apart(
    sink: Any, person: Any
) -> None:
    who = (await person()).person
    await _owe(who)
    await _owe(who)
    sink.modes = ["DATA cut"]
    assert await notices.send_due(sink.settings) == 0
    await _again()
    await _owe(who, "event.cancelled")
    assert await notices.send_due(sink.settings) == 2
    first, again, later = sink.taken
    assert first.id == again.id != later.id
    texts = [re.sub(r"#o=\S+", "", got.message.get_content()) for got in (first, again)]
    assert texts[0] == texts[1]
    assert await _letters().filter(state="sent").count() == 3


async def test_what_led_others_and_fell_away_lets_them_go_on(sink: Any, person: Any) -> None:
    who = (await person()).person
    await _owe(who, until=now() + timedelta(minutes=1))
    await _owe(who, "event.cancelled")
    sink.modes = ["RCPT 451"]
    assert await notices.send_due(sink.settings) == 0
    await _letters().filter(kind="assignment.offered").update(until=now() - timedelta(seconds=1))
    await _again()
    assert await notices.send_due(sink.settings) == 1
    assert [got.message["Subject"] for got in sink.taken] == ["一场活动已取消"]


async def test_an_offer_that_was_answered_needs_no_letter(
    sink: Any, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, refs = (await person()).person, [uuid4(), uuid4()]
    states = dict(zip(refs, ("accepted", "offered"), strict=True))

    async def resolve(asked: Any) -> Any:
        return {ref: notices.Fact(Pair("南音", "Nanyin"), now(), "文化站", state=states[ref]) for ref in asked}

    monkeypatch.setitem(notices.resolvers, "assignment", resolve)
    for ref in refs:
        await _owe(who, ref=ref)
    for _ in range(2):  # the one that led fell away: the other goes at the next turn
        await notices.send_due(sink.settings)
        await _again()
    assert len(sink.taken) == 1
    assert "南音" in sink.taken[0].message.get_content()
    assert await _letters().filter(state="dropped", error="moot").count() == 1


async def test_every_kind_has_whole_words(sink: Any, person: Any) -> None:
    for language in ("zh", "en"):
        who = (await person("李", language=language)).person
        for kind in notices.KINDS:
            await _owe(who, kind, ref=uuid4())
            assert await notices.send_due(sink.settings, limit=50) == 1
    for got in sink.taken:
        assert not re.search(r"[{}?]", got.message.get_content().replace("？", ""))
        assert got.message["Message-ID"]


async def test_every_code_mailed_is_digested(sink: Any, person: Any) -> None:
    await _owe((await person()).person, "signin.code", data={"face": "desk"})
    await notices.send_due(sink.settings)
    text = sink.taken[0].message.get_content()
    rows = str(await connections.get("default").execute_query_dict("SELECT * FROM signin_code"))
    token = re.search(r"#t=(\S+)", text)
    assert token
    assert token[1] not in rows
    assert codes.digest(token[1]) in rows
