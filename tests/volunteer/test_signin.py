"""Sessions, tokens, links and guesses, under concurrency and with time running."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from tortoise import connections

from volunteer import codes, journal, people, signin
from volunteer.act import Act, Actor, now, system
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.models import Entry, Notice, Session, SigninCode, Volunteer

HERE = {"address": "198.51.100.7", "days": 30}
NOBODY = Actor(id=None)


def _act() -> Act:
    return Act(NOBODY, now())


async def _issued(person: Volunteer, **kwargs: Any) -> codes.Issued:
    return await journal.writing(system(), lambda w: codes.issue(w, person.id, **{"minutes": 10} | kwargs))


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_no_secret_is_stored(person: Any) -> None:
    who = (await person()).person
    issued = await _issued(who)
    opened = await signin.by_code(_act(), who.email, issued.code, **HERE)
    rows: list[dict[str, Any]] = []
    for table in ("session", "signin_code", "attempt", "entry", "notice"):
        rows += await connections.get("default").execute_query_dict(f"SELECT * FROM {table}")
    stored = str(rows)
    for secret in (issued.code + "'", issued.token, opened.secret, who.email, "198.51.100.7"):
        assert secret not in stored


async def _guesses(who: Volunteer) -> Counter[str]:
    issued = await _issued(who)

    async def guess() -> str:
        try:
            await signin.by_code(_act(), who.email, _wrong(issued.code), **HERE)
        except Refused as no:
            return no.reasons[0].rule
        return "in"

    return Counter(await asyncio.gather(*[guess() for _ in range(40)]))


async def test_parallel_guesses_are_counted_together(person: Any) -> None:
    assert await _guesses((await person()).person) == {"wrong_code": 10, "too_many": 30}
    assert (await SigninCode.get()).tries == 10


async def test_canary_guesses_that_do_not_queue_are_more_than_ten(person: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(signin, "_QUEUE", "SELECT $1::text")
    monkeypatch.setattr(signin, "_COUNT", f"{signin._COUNT} AND pg_sleep(0.01) IS NOT NULL")
    assert (await _guesses((await person()).person))["wrong_code"] > 10


async def test_guesses_from_many_networks_count_for_the_one_account(person: Any) -> None:
    who = (await person()).person
    issued = await _issued(who)
    for n in range(10):
        with pytest.raises(Refused, match="wrong_code"):
            await signin.by_code(_act(), who.email, _wrong(issued.code), address=f"203.0.113.{n}", days=1)
    with pytest.raises(Refused) as no:
        await signin.by_code(_act(), who.email, issued.code, address="203.0.113.200", days=1)
    assert 0 < int(no.value.reasons[0].data["seconds"]) <= 600


async def test_an_old_guess_does_not_count(person: Any) -> None:
    who = (await person()).person
    for _ in range(10):
        with pytest.raises(Refused, match="wrong_code"):
            await signin.by_code(_act(), who.email, "123456", **HERE)
    await connections.get("default").execute_query("UPDATE attempt SET at = at - interval '10 minutes'")
    issued = await _issued(who)
    assert await signin.by_code(_act(), who.email, issued.code, **HERE)


async def test_one_line_of_ipv6_is_one_address(person: Any) -> None:
    for n in range(signin.GUESSES_ADDRESS):
        with pytest.raises(Refused, match="wrong_code"):
            await signin.by_code(_act(), f"{n}@example.org", "123456", address=f"2001:db8:1:2::{n:x}", days=1)
    with pytest.raises(Refused, match="too_many"):
        await signin.by_code(_act(), "z@example.org", "123456", address="2001:db8:1:2:ffff::1", days=1)
    with pytest.raises(Refused, match="wrong_code"):
        await signin.by_code(_act(), "z@example.org", "123456", address="2001:db8:1:3::1", days=1)


async def test_a_link_is_taken_once_by_one_of_many(person: Any) -> None:
    issued = await _issued((await person()).person)
    done = await asyncio.gather(
        *[signin.by_token(_act(), issued.token, days=1) for _ in range(8)], return_exceptions=True
    )
    assert Counter(type(one).__name__ for one in done) == {"Opened": 1, "Refused": 7}
    assert all(one.gone for one in done if isinstance(one, Refused))


async def test_a_code_dies_with_its_time(person: Any) -> None:
    who = (await person()).person
    issued = await _issued(who)
    await SigninCode.all().update(expires_at=now())
    with pytest.raises(Refused, match="wrong_code"):
        await signin.by_code(_act(), who.email, issued.code, **HERE)
    with pytest.raises(Refused):
        await signin.by_token(_act(), issued.token, days=1)


async def test_a_suspended_person_is_nobody(person: Any) -> None:
    who = await person()
    issued = await _issued(who.person)
    await Volunteer.filter(id=who.person.id).update(state="suspended")
    with pytest.raises(Refused, match="wrong_code"):
        await signin.by_code(_act(), who.person.email, issued.code, **HERE)
    with pytest.raises(Refused):
        await signin.by_token(_act(), issued.token, days=1)
    await signin.ask(_act(), who.person.email, face="phone", address="")
    assert not await Notice.exists()
    assert await people.actor(who.token, now()) is None


async def test_asking_owes_five_mails_at_most_and_unknown_addresses_none(person: Any) -> None:
    who = (await person()).person
    for email in (who.email, "nobody@example.org"):
        for _ in range(8):
            await signin.ask(_act(), email, face="phone", address="198.51.100.7")
    assert await Notice.filter(volunteer_id=who.id).count() == signin.MAILS_ACCOUNT
    assert await Notice.all().count() == signin.MAILS_ACCOUNT


async def test_asking_without_end_from_one_network_is_refused(town: None) -> None:
    for n in range(signin.MAILS_ADDRESS):
        await signin.ask(_act(), f"{n}@example.org", face="phone", address="198.51.100.7")
    with pytest.raises(Refused):
        await signin.ask(_act(), "z@example.org", face="phone", address="198.51.100.7")
    await signin.ask(_act(), "z@example.org", face="phone", address="198.51.100.8")


async def test_a_token_is_a_session_of_a_program(person: Any) -> None:
    who = await person(coordinator="350502")
    actor = await people.actor(who.token, now())
    assert actor is not None
    assert (actor.id, [grant.role for grant in actor.grants]) == (who.person.id, ["coordinator"])
    assert (await Session.get()).kind == "token"
    assert await people.actor(who.token, now() + timedelta(days=366)) is None
    assert await people.actor(who.token + "x", now()) is None
    with pytest.raises(Missing):
        await signin.token(system(), "nobody@example.org")
    with pytest.raises(Forbidden):
        await signin.token(Act(actor, now()), who.person.email)


async def test_a_demo_link_opens_again_until_its_time_is_over(person: Any) -> None:
    who = (await person()).person
    url = await signin.link(system(), who.id, "desk", public_url="https://c.test/", minutes=600, again=True)
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path, parts.query) == ("https", "c.test", "/desk/", "")
    token = parts.fragment.removeprefix("t=")
    for _ in range(3):
        assert (await signin.by_token(_act(), token, days=1)).volunteer == who.id
    await SigninCode.all().update(expires_at=now())
    with pytest.raises(Refused):
        await signin.by_token(_act(), token, days=1)


async def test_a_link_of_once_opens_once_and_has_no_code(person: Any) -> None:
    who = (await person()).person
    url = await signin.link(system(), who.id, "phone", public_url="http://c.test", minutes=5)
    await signin.by_token(_act(), url.partition("#t=")[2], days=1)
    with pytest.raises(Refused):
        await signin.by_token(_act(), url.partition("#t=")[2], days=1)
    with pytest.raises(Missing):
        await signin.link(system(), uuid4(), "phone", public_url="http://c.test")


async def test_ending_says_so_once(person: Any) -> None:
    who = (await person()).person
    opened = await signin.by_token(_act(), (await _issued(who)).token, days=1)
    actor = await people.actor(opened.secret, now())
    assert actor is not None
    for _ in range(2):
        await signin.end(Act(actor, now()))
    assert await people.actor(opened.secret, now()) is None
    assert await Entry.filter(kind="session.ended", topic=f"volunteer:{who.id}").count() == 1


async def test_the_sweep_forgets_only_what_is_over(person: Any) -> None:
    who = (await person()).person
    await _issued(who)
    await signin.ask(_act(), who.email, face="phone", address="198.51.100.7")
    await signin.sweep(now())
    assert await _counts() == {"attempt": 2, "signin_code": 1, "session": 1}
    await signin.sweep(now() + timedelta(days=400))
    assert await _counts() == {"attempt": 0, "signin_code": 0, "session": 0}


async def _counts() -> dict[str, int]:
    tables = ", ".join(f"(SELECT count(*) FROM {name}) AS {name}" for name in ("attempt", "signin_code", "session"))
    return (await connections.get("default").execute_query_dict(f"SELECT {tables}"))[0]
