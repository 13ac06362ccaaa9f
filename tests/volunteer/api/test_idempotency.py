"""One effect per key: replays byte for byte, other bodies refused, the second of two waits for the first."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random
from typing import Annotated, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.volunteer.api.conftest import application, served
from volunteer import journal
from volunteer.act import Act, now, system
from volunteer.api import idempotency
from volunteer.api.http import Struct, Text, View, Whole, door
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Entry, IdempotencyKey


class Deed(Struct):
    what: Annotated[str, Text(1, 20)]
    wait: Annotated[int, Whole(0, 2000)] = 0


class Done(View):
    what: str
    by: str
    mark: str


@door("POST", "/i/deeds", summary="Do it", status=201)
async def do_deed(act: Act, body: Deed) -> Done:
    async def verb(w: Writing) -> Done:
        await asyncio.sleep(body.wait / 1000)
        w.entry("deed.done", topics=["region:3505"], body={"what": body.what})
        if body.what == "refuse":
            raise Refused([Reason("reset_later")])
        if body.what == "break":
            raise RuntimeError
        return Done(what=body.what, by=str(act.actor.id), mark=uuid4().hex)

    return await journal.writing(act, verb)


HERE = [sys.modules[__name__]]


@pytest_asyncio.fixture
async def client(clients: Any, town: None) -> Any:
    async with clients(HERE) as open_:
        yield open_


@pytest_asyncio.fixture
async def me(person: Any) -> dict[str, str]:
    return (await person()).headers


async def _do(client: Any, who: dict[str, str], key: str, what: str = "sing", wait: int = 0, query: str = "") -> Any:
    headers = who | {"Idempotency-Key": key}
    return await client.post(f"/i/deeds{query}", headers=headers, json={"what": what, "wait": wait})


async def _deeds() -> int:
    return await Entry.filter(kind="deed.done").count()


async def test_the_same_key_gives_the_same_answer_and_no_second_deed(client: Any, me: dict[str, str]) -> None:
    first, *others = [await _do(client, me, "k") for _ in range(3)]
    assert first.status_code == 201
    assert "idempotent-replayed" not in first.headers
    for again in others:
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers["content-type"] == first.headers["content-type"]
    assert await _deeds() == 1


async def test_ten_at_once_wait_for_the_first(client: Any, me: dict[str, str]) -> None:
    answers = await asyncio.gather(*[_do(client, me, "k", wait=200) for _ in range(10)])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted("idempotent-replayed" in answer.headers for answer in answers) == [False] + [True] * 9
    assert await _deeds() == 1


async def test_the_same_key_with_something_else_is_refused(client: Any, me: dict[str, str]) -> None:
    await _do(client, me, "k")
    answer = await _do(client, me, "k", what="dance")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert await _deeds() == 1


async def test_a_key_belongs_to_its_person_and_path(client: Any, person: Any) -> None:
    ours, theirs = [await _do(client, (await person()).headers, "k") for _ in range(2)]
    assert ours.json()["by"] != theirs.json()["by"]
    assert "idempotent-replayed" not in theirs.headers
    assert await _deeds() == 2


async def test_refusals_and_failures_are_not_kept_and_leave_nothing(client: Any, me: dict[str, str]) -> None:
    for what, status in (("refuse", 409), ("break", 500), ("refuse", 409)):
        assert (await _do(client, me, "k", what=what)).status_code == status
    assert await IdempotencyKey.all().count() == 0
    assert await _deeds() == 0
    assert (await _do(client, me, "k")).status_code == 201


async def test_one_waiting_behind_a_failure_does_the_deed(client: Any, me: dict[str, str]) -> None:
    async def later() -> Any:
        await asyncio.sleep(0.1)
        return await _do(client, me, "k")

    broken, done = await asyncio.gather(_do(client, me, "k", what="break", wait=400), later())
    assert (broken.status_code, done.status_code) == (500, 201)
    assert await _deeds() == 1


async def test_whoever_waits_too_long_is_told_to_come_back(client: Any, me: dict[str, str]) -> None:
    """A lock is waited for three seconds; the key's holder here takes longer."""
    scope = await _holding(client, me)
    answer = await _do(client, me, "held")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"]
    scope.set()


async def _holding(client: Any, me: dict[str, str]) -> asyncio.Event:
    await _do(client, me, "probe")
    row = await IdempotencyKey.get(key="probe")
    held, free = asyncio.Event(), asyncio.Event()

    async def work(_: Act) -> idempotency.Answered:
        held.set()
        await free.wait()
        return idempotency.Answered(200, b"")

    asked = idempotency.Claim(row.scope, "held", row.digest)
    task = asyncio.create_task(idempotency.once(system(), asked, work))
    free.task = task  # type: ignore[attr-defined]  # kept alive by the event that frees it
    await held.wait()
    return free


async def test_old_answers_are_swept_and_fresh_ones_stay(client: Any, me: dict[str, str]) -> None:
    for key in ("old", "older", "fresh"):
        await _do(client, me, key)
    await IdempotencyKey.filter(key__startswith="old").update(at=now() - idempotency.KEPT - timedelta(minutes=1))
    assert await idempotency.sweep(now(), limit=1) == 1
    assert await idempotency.sweep(now()) == 1
    assert await IdempotencyKey.all().values_list("key", flat=True) == ["fresh"]


async def test_a_cut_connection_does_the_deed_once(client: Any, me: dict[str, str]) -> None:
    """The caller gives up while the write runs; the write ends as if nobody had left, and the retry is a replay."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_do(client, me, "k", wait=300), 0.1)
    answer = await _do(client, me, "k", wait=300)
    assert (answer.status_code, answer.headers.get("idempotent-replayed")) == (201, "true")
    assert await _deeds() == 1


# ---- replies that are lost on the way ----


@asynccontextmanager
async def _lossy(port: int, draw: Random) -> AsyncIterator[int]:
    """A way to the server that carries every request and loses half of the replies, after the server has spoken."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        try:
            lost = draw.random() < 0.5
            back.write(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(len(BODY)))
            reply = await there.read()  # the server closes when it has said all
            if not lost:
                writer.write(reply)
        finally:
            for end in (back, writer):
                end.close()

    async with await asyncio.start_server(carry, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


BODY = b'{"what":"sing","wait":0}'


async def _knock(port: int, who: dict[str, str], key: str) -> int:
    """The status of one try, 0 when the reply was lost."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        "POST /i/deeds HTTP/1.1", "Host: citong.test", "Connection: close", "Content-Type: application/json",
        f"Content-Length: {len(BODY)}", f"Idempotency-Key: {key}", f"Authorization: {who['Authorization']}",
    ]  # fmt: skip
    writer.write("\r\n".join([*lines, "", ""]).encode() + BODY)
    try:
        reply = await reader.read()
    except ConnectionError:
        reply = b""
    writer.close()
    return int(reply.split()[1]) if reply else 0


async def _sing(port: int, who: dict[str, str], deeds: int) -> int:
    """Do so many deeds, each until it is acknowledged, eight at a time; the ledger: how many were."""
    waiting = [uuid4().hex for _ in range(deeds)]
    ledger = 0

    async def phone() -> None:
        nonlocal ledger
        while waiting:
            key, status = waiting.pop(), 0
            while status == 0:
                status = await _knock(port, who, key)
            assert status == 201
            ledger += 1

    await asyncio.gather(*[phone() for _ in range(8)])
    return ledger


async def _lossy_day(settings: Any, who: dict[str, str], deeds: int) -> int:
    """How many deeds were done when so many were acknowledged, each asked for with one key until it was."""
    async with served(application(HERE, settings)) as port, _lossy(port, Random(3)) as way:
        assert await _sing(way, who, deeds) == deeds
    return await _deeds()


async def test_p3_lost_replies_and_retries_make_one_deed_each(settings: Any, me: dict[str, str]) -> None:
    assert await _lossy_day(settings, me, 500) == 500


async def test_p3_canary_a_server_that_mistakes_the_key_does_a_deed_again(
    settings: Any, me: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "key", lambda header: uuid4().hex)
    assert await _lossy_day(settings, me, 20) > 20
