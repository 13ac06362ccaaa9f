"""Whoever comes too late is told so without a transaction, and in the very words of the one that would have judged."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from dispatch.bench.accept import _Recorder
from dispatch.lifecycle import ASSIGNMENT, GONE
from dispatch.models import Assignment, Need
from dispatch.roster import seats
from tests.dispatch.api.conftest import Client, SignIn, key
from tests.dispatch.world import World
from volunteer.errors import Refused
from volunteer.models import IdempotencyKey, Volunteer

STATUSES = sorted({status for moves in ASSIGNMENT.values() for one in moves.items() for status in one})

Told = tuple[int, bytes]


async def tap(phone: Client, line: UUID, headers: dict[str, str] | None = None) -> Told:
    answer = await phone.post(f"/api/assignments/{line}/accept", headers=headers or key())
    return answer.status_code, answer.content


async def put(line: Assignment, status: str) -> None:
    """The row as it is in this status."""
    came = {"checked_in": ("checked_in_at",), "completed": ("checked_in_at", "checked_out_at")}.get(status, ())
    await Assignment.filter(id=line.id).update(status=status, **dict.fromkeys(came, line.occupies_from))


@contextmanager
def slowly() -> Iterator[None]:
    """Nothing is refused before a transaction is opened."""

    async def judge_it_there(*_: object) -> None:
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seats, "over", judge_it_there)
        yield


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """How often a tap was refused at once (true), how often it was left to a transaction."""
    found, real = Counter[bool](), seats.over

    async def over(*given: Any) -> None:
        try:
            await real(*given)
        except Refused:
            found[True] += 1
            raise
        found[False] += 1

    monkeypatch.setattr(seats, "over", over)
    return found


@asynccontextmanager
async def heard() -> AsyncIterator[list[str]]:
    """The statements that are sent meanwhile."""
    log, recorder = logging.getLogger("tortoise.db_client"), _Recorder()
    before, found = log.level, list[str]()
    log.addHandler(recorder)
    log.setLevel(logging.DEBUG)
    try:
        yield found
    finally:
        log.setLevel(before)
        log.removeHandler(recorder)
        found += [sql for sql, _ in recorder.heard]


@pytest.mark.parametrize("spare", ["offer", "opening", "nothing"])
@pytest.mark.parametrize("status", [status for status in STATUSES if status not in ("offered", "accepted")])
async def test_both_ways_say_the_same_of_every_status(
    tiny: World, as_: SignIn, early: Counter[bool], status: str, spare: str
) -> None:
    """To the person, a colleague who may not answer, and a stranger; with whatever is left to show."""
    me, boss, stranger = [await tiny.person() for _ in range(3)]
    line = await tiny.offered(await tiny.need(), me)
    await put(line, status)
    if spare != "nothing":
        other = await tiny.need(after=timedelta(days=9))
        if spare == "offer":
            await tiny.offered(other, me)
    for phone, at_once in ((await as_(me), status in GONE), (await as_(boss, role="coordinator"), False),
                           (await as_(stranger), False)):  # fmt: skip
        early.clear()
        quick = await tap(phone, line.id)
        assert early == {at_once: 1}
        with slowly():
            assert await tap(phone, line.id) == quick
        assert quick[0] >= 400
    assert await IdempotencyKey.all().count() == 0


async def test_whoever_comes_too_late_is_told_in_few_words_with_the_database(tiny: World, as_: SignIn) -> None:
    me = await tiny.person()
    line = await tiny.offered(await tiny.need(), me)
    await tiny.need(after=timedelta(days=1))
    await Assignment.filter(id=line.id).update(status="filled")
    phone = await as_(me)
    async with heard() as quick:
        assert (await tap(phone, line.id))[0] == 410
    assert len(quick) == 6  # who, whether it is over, who looks, what is free, what bears on it, what is known of them
    assert not any("idempotency_key" in sql for sql in quick)
    with slowly():
        async with heard() as slow:
            await tap(phone, line.id)
    assert any("idempotency_key" in sql for sql in slow)


async def test_a_race_refuses_early_only_what_the_rows_refuse(tiny: World, as_: SignIn, early: Counter[bool]) -> None:
    """Sixty phones at once on three seats, three times: who wins is decided as ever, most losers are told at once, and
    each is told what they are told again by the slow way."""
    people = [await tiny.person() for _ in range(60)]
    await tiny.need(after=timedelta(days=20))
    phones = [await as_(person) for person in people]
    for day in range(3):
        need = await tiny.need(seats=3, mode="race", after=timedelta(days=day))
        lines = [line.id for line in await tiny.all_offered(need, people)]
        early.clear()
        said = await asyncio.gather(*(tap(phone, line) for phone, line in zip(phones, lines, strict=True)))
        assert Counter(status for status, _ in said) == {200: 3, 410: 57}
        assert early[True] > 0, "the canary lives: nobody was told at once"
        assert (await Need.get(id=need.id)).taken == 3
        with slowly():
            for phone, line, (status, body) in zip(phones, lines, said, strict=True):
                if status == 410:
                    assert await tap(phone, line) == (status, body)


async def test_a_yes_that_was_given_is_given_again_whatever_became_of_it(tiny: World, as_: SignIn) -> None:
    """The kept answer comes before every verdict on how the line stands by now."""
    me = await tiny.person()
    phone = await as_(me)
    line = await tiny.offered(await tiny.need(), me)
    same = key()
    first = await tap(phone, line.id, same)
    assert first[0] == 200
    for status in ("cancelled", "released", "no_show", "checked_in", "completed"):
        await put(line, status)
        assert await tap(phone, line.id, same) == first
    answer = await phone.post(f"/api/assignments/{line.id}/accept?again=1", headers=same)
    assert answer.status_code == 422


async def test_the_same_key_at_once_has_one_answer_while_others_race(tiny: World, as_: SignIn) -> None:
    """Each phone taps four times with one key, all phones at once: the winner is told yes four times, byte for byte,
    and no loser ever."""
    people: list[Volunteer] = [await tiny.person() for _ in range(8)]
    phones = [await as_(person) for person in people]
    for day in range(4):
        need = await tiny.need(seats=2, mode="race", after=timedelta(days=day))
        lines = await tiny.all_offered(need, people)
        keys = [{"idempotency-key": uuid4().hex} for _ in people]
        taps = [
            tap(phone, line.id, same)
            for phone, line, same in zip(phones, lines, keys, strict=True)
            for _ in range(4)
        ]  # fmt: skip
        said = await asyncio.gather(*taps)
        each = [said[number : number + 4] for number in range(0, len(said), 4)]
        assert Counter(tuple(status for status, _ in four) for four in each) == {(200,) * 4: 2, (410,) * 4: 6}
        assert all(len({body for _, body in four}) == 1 for four in each)
