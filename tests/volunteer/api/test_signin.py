"""Signing in through the doors: the code, the link, the cookie, and what strangers learn."""

from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from volunteer import codes, journal
from volunteer import signin as verbs
from volunteer.act import system
from volunteer.api import people, regions, signin, skills
from volunteer.models import Notice, Session

MODULES = [people, regions, signin, skills]
PAGE = {"Origin": "http://citong.test"}


@pytest_asyncio.fixture
async def client(clients: Any, town: None) -> Any:
    async with clients(MODULES) as open_:
        yield open_


async def _issued(person: Any, minutes: int = 10) -> codes.Issued:
    return await journal.writing(system(), lambda w: codes.issue(w, person.id, minutes=minutes))


async def _exchange(client: Any, **body: str) -> Any:
    return await client.post("/api/signin/exchange", json=body, headers=PAGE)


async def test_a_code_opens_a_session_that_a_cookie_carries(client: Any, person: Any) -> None:
    who = await person(coordinator="350502")
    issued = await _issued(who.person)
    answer = await _exchange(client, email=who.person.email.upper(), code=issued.code)
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    secret = cookie.split(";")[0].removeprefix("citong_session=")
    assert not await Session.exists(digest=secret)
    assert await Session.exists(digest=codes.digest(secret), kind="browser")
    assert (await client.get("/api/me")).json() == answer.json()["me"]


async def test_a_code_and_a_link_work_once_together(client: Any, person: Any) -> None:
    who = await person()
    issued = await _issued(who.person)
    assert (await _exchange(client, token=issued.token)).status_code == 200
    again = await _exchange(client, token=issued.token)
    assert (again.status_code, again.json()["code"]) == (410, "dead_link")
    assert again.json()["reasons"][0]["rule"] == "dead_link"
    late = await _exchange(client, email=who.person.email, code=issued.code)
    assert (late.status_code, late.json()["code"]) == (410, "wrong_code")


async def test_a_cookie_is_secure_behind_tls(clients: Any, person: Any, settings: Any) -> None:
    settings.public_url = "https://citong.test"
    issued = await _issued((await person()).person)
    async with clients(MODULES) as client:
        answer = await client.post("/api/signin/exchange", json={"token": issued.token})
        assert "; Secure" in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@b.c"},
        {"code": "123456"},
        {"email": "a@b.c", "code": "123456", "token": "x" * 43},
        {"token": ""},
    ],
)
async def test_a_half_or_double_exchange_is_422(client: Any, body: dict[str, str]) -> None:
    assert (await _exchange(client, **body)).status_code == 422


async def test_known_and_unknown_addresses_get_the_same_answer(client: Any, person: Any) -> None:
    who = await person()
    known, unknown = [
        await client.post("/api/signin/code", json={"email": email, "face": "desk"}, headers=PAGE)
        for email in (who.person.email, "nobody@example.org")
    ]
    assert known.status_code == unknown.status_code == 202
    assert known.content == unknown.content == b'{"sent":true,"seconds":600}'
    assert known.headers == unknown.headers
    notice = await Notice.get()
    assert (notice.kind, notice.volunteer_id, notice.state) == ("signin.code", who.person.id, "due")
    assert notice.data == {"face": "desk"}


async def test_a_wrong_code_of_known_and_unknown_looks_the_same(client: Any, person: Any) -> None:
    who = await person()
    issued = await _issued(who.person)
    wrong = "000000" if issued.code != "000000" else "000001"
    known, unknown = [
        await _exchange(client, email=email, code=wrong) for email in (who.person.email, "nobody@example.org")
    ]
    assert known.status_code == unknown.status_code == 410
    assert known.content == unknown.content


async def test_guesses_end_but_the_link_still_opens(client: Any, person: Any) -> None:
    who = await person()
    issued = await _issued(who.person)
    wrong = "000000" if issued.code != "000000" else "000001"
    for _ in range(verbs.GUESSES_ACCOUNT):
        assert (await _exchange(client, email=who.person.email, code=wrong)).status_code == 410
    stopped = await _exchange(client, email=who.person.email, code=issued.code)
    assert (stopped.status_code, stopped.json()["code"]) == (429, "too_many")
    assert 0 < int(stopped.headers["retry-after"]) <= 600
    assert (await _exchange(client, token=issued.token)).status_code == 200


async def test_one_network_address_cannot_try_all_accounts(client: Any) -> None:
    answers = [
        (await _exchange(client, email=f"{n}@example.org", code="123456")).status_code
        for n in range(verbs.GUESSES_ADDRESS + 1)
    ]
    assert answers == [410] * verbs.GUESSES_ADDRESS + [429]
    forged = {"X-Forwarded-For": "203.0.113.9"} | PAGE
    again = await client.post("/api/signin/exchange", json={"email": "z@example.org", "code": "123456"}, headers=forged)
    assert again.status_code == 429


async def test_signing_out_ends_the_session_everywhere_and_says_so(client: Any, person: Any) -> None:
    who = await person()
    issued = await _issued(who.person)
    await _exchange(client, token=issued.token)
    stolen = client.cookies["citong_session"]
    answer = await client.post("/api/signout", headers=PAGE | {"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 204
    assert "citong_session=" in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    for headers in ({"Cookie": f"citong_session={stolen}"}, {"Authorization": f"Bearer {stolen}"}):
        assert (await client.get("/api/me", headers=headers)).status_code == 401
    entry = (await journal.since(f"volunteer:{who.person.id}", 0))[-1]
    assert (entry.kind, entry.actor) == ("session.ended", who.person.id)
    assert entry.body == {"session": str(entry.ref)}
    assert (await client.post("/api/signout", headers=PAGE | {"Idempotency-Key": "k"})).status_code == 204


async def test_a_strangers_page_signs_nobody_in(client: Any, person: Any) -> None:
    issued = await _issued((await person()).person)
    answer = await client.post(
        "/api/signin/exchange", json={"token": issued.token}, headers={"Origin": "http://evil.test"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


async def test_addresses_that_could_leave_a_header_are_refused(client: Any) -> None:
    for email in ("a b@c.d", "a@b\r\nBcc: x@y.z", "a@b,c@d", "<a@b>", "a@", "@b", "中@b.c", "a\u0000@b.c"):
        answer = await client.post("/api/signin/code", json={"email": email}, headers=PAGE)
        assert answer.status_code == 422, email
