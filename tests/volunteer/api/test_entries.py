"""The slow way reads the same log by the same rules."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest_asyncio

from tests.volunteer.api.conftest import Person, Signed
from tests.volunteer.api.wire import Served, say, serving
from volunteer import journal, people, signin
from volunteer.act import Act, now
from volunteer.models import Entry
from volunteer.settings import Settings

BOARD = "region:350503"


@pytest_asyncio.fixture
async def served(db: str, settings: Settings) -> AsyncIterator[Served]:
    async with serving(db, settings) as served:
        yield served


@pytest_asyncio.fixture
async def client(served: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{served.port}", timeout=40, trust_env=False) as client:
        yield client


async def entries(client: httpx2.AsyncClient, who: Signed | None, **query: Any) -> httpx2.Response:
    return await client.get("/api/entries", params=query, headers=who.headers if who else {})


async def test_entries_come_in_order_with_head_and_epoch(client: httpx2.AsyncClient, person: Person) -> None:
    who = await person(coordinator="350503")
    for n in range(5):
        await say([BOARD], n=n)
    answer = await entries(client, who, topic=BOARD, since=1, limit=3)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["epoch"], body["topic"], body["head"]) == (await journal.epoch(), BOARD, 5)
    assert [(item["s"], item["e"], item["d"]["n"]) for item in body["items"]] == [
        (2, "thing.done", 1), (3, "thing.done", 2), (4, "thing.done", 3),
    ]  # fmt: skip
    assert body["items"][0]["at"].endswith("Z")


async def test_a_poll_waits_for_news_and_only_so_long(client: httpx2.AsyncClient, person: Person) -> None:
    who = await person(coordinator="350503")
    waiting = [asyncio.create_task(entries(client, who, topic=BOARD, since=0, wait=25)) for _ in range(5)]
    done, _ = await asyncio.wait(waiting, timeout=1)
    assert not done
    await say([BOARD], n=1)
    for answer in await asyncio.gather(*waiting):
        assert [item["s"] for item in answer.json()["items"]] == [1]
    empty = await entries(client, who, topic=BOARD, since=1, wait=1)
    assert (empty.status_code, empty.json()["items"], empty.json()["head"]) == (200, [], 1)


async def test_polling_on_reads_each_entry_once(client: httpx2.AsyncClient, person: Person) -> None:
    who = await person(coordinator="350503")
    written = asyncio.create_task(_write(200))
    seen: list[int] = []
    while len(seen) < 200:
        answer = await entries(client, who, topic=BOARD, since=len(seen), limit=17, wait=5)
        seen += [item["s"] for item in answer.json()["items"]]
    await written
    assert seen == list(range(1, 201))


async def _write(count: int) -> None:
    for n in range(count):
        await say([BOARD], n=n)


async def test_foreign_topics_are_missing_and_nobody_is_anonymous(client: httpx2.AsyncClient, person: Person) -> None:
    who, other = await person(), await person()
    assert (await entries(client, None, topic=BOARD, since=0)).status_code == 401
    for topic in (BOARD, f"volunteer:{other.person.id}", "region:999999", "nonsense", "event:1"):
        answer = await entries(client, who, topic=topic, since=0, wait=20)
        assert (answer.status_code, answer.json()["code"]) == (404, "missing"), topic
    assert (await entries(client, who, topic=f"volunteer:{who.person.id}", since=0)).status_code == 200


async def test_a_poll_tells_what_is_ill_to_those_who_look_after_others(
    served: Served, client: httpx2.AsyncClient, person: Person
) -> None:
    """What a socket hears as a word of its own."""
    boss, other = await person(coordinator="350503"), await person()
    own = f"volunteer:{other.person.id}"
    assert (await entries(client, boss, topic=BOARD, since=0)).json()["ill"] == []
    waiting = asyncio.create_task(entries(client, boss, topic=BOARD, since=0, wait=1))
    served.lines.tell_health(["mail", "clock"])
    assert (await waiting).json()["ill"] == ["mail", "clock"]
    assert (await entries(client, other, topic=own, since=0)).json()["ill"] == []
    served.lines.tell_health([])
    assert (await entries(client, boss, topic=BOARD, since=0)).json()["ill"] == []


async def test_numbers_that_cannot_be_continued_from(client: httpx2.AsyncClient, person: Person) -> None:
    who = await person(coordinator="350503")
    await say([BOARD], n=1)
    ahead = await entries(client, who, topic=BOARD, since=9, wait=20)
    assert (ahead.status_code, ahead.json()["code"]) == (410, "reset")
    for _ in range(11):
        await asyncio.gather(*(say([BOARD], n=n) for n in range(100)))
    assert (await entries(client, who, topic=BOARD, since=0)).status_code == 200
    await Entry.filter(topic=BOARD).update(at=now().replace(year=2020))
    assert (await entries(client, who, topic=BOARD, since=0)).json()["code"] == "reset"
    assert (await entries(client, who, topic=BOARD, since=900)).status_code == 200


async def test_wrong_questions_name_the_field(client: httpx2.AsyncClient, person: Person) -> None:
    who = await person()
    for query, field in [
        ({"topic": BOARD}, "since"), ({"topic": BOARD, "since": -1}, "since"), ({"since": 0}, "topic"),
        ({"topic": BOARD, "since": 0, "wait": 26}, "wait"), ({"topic": BOARD, "since": 0, "limit": 0}, "limit"),
        ({"topic": "x" * 61, "since": 0}, "topic"), ({"topic": BOARD, "since": 2**60}, "since"),
    ]:  # fmt: skip
        answer = await entries(client, who, **query)
        assert answer.status_code == 422
        assert answer.json()["faults"][0]["field"] == field


async def test_p13_a_poll_that_waits_ends_with_its_session(client: httpx2.AsyncClient, person: Person) -> None:
    who = await person(coordinator="350503")
    actor = await people.actor(who.token, now())
    assert actor is not None
    waiting = asyncio.create_task(entries(client, who, topic=BOARD, since=0, wait=25))
    await asyncio.sleep(0.5)
    await signin.end(Act(actor, now()))
    await say([BOARD], n=1)
    assert (await waiting).status_code == 401


async def test_p14_polls_that_wait_are_answered_when_the_process_ends(
    served: Served, client: httpx2.AsyncClient, person: Person
) -> None:
    who = await person(coordinator="350503")
    waiting = asyncio.create_task(entries(client, who, topic=BOARD, since=0, wait=25))
    await asyncio.sleep(0.5)
    served.hub.release()
    answer = await waiting
    assert (answer.status_code, answer.json()["items"]) == (200, [])
