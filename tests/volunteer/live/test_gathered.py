"""Questions of a crowd go together, each answer is as new as its question, and nobody's leaving harms another."""

import asyncio

import pytest

from volunteer.live import Gathered


class Oracle:
    """Answers when told to, with the number of the query, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []
        self.go = asyncio.Semaphore(0)

    async def answer(self, keys: list[str]) -> dict[str, str]:
        self.asked.append(set(keys))
        number = len(self.asked)
        await self.go.acquire()
        if "bad" in keys:
            raise LookupError
        return {key: f"{key}{number}" for key in keys if key != "unknown"}


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_comes_during_a_query_is_answered_by_the_next() -> None:
    oracle = Oracle()
    ask = Gathered(oracle.answer)
    first = [asyncio.create_task(ask(["a", key])) for key in ("b", "unknown")]
    await turns()
    later = [asyncio.create_task(ask(["a"])) for _ in range(50)]
    await turns()
    assert oracle.asked == [{"a", "b", "unknown"}]
    oracle.go.release()
    assert await asyncio.gather(*first) == [{"a": "a1", "b": "b1"}, {"a": "a1"}]
    oracle.go.release()
    assert await asyncio.gather(*later) == [{"a": "a2"}] * 50
    assert oracle.asked[1:] == [{"a"}]
    assert await ask([]) == {}


async def test_a_failure_is_everybodys_of_that_query_and_of_no_other() -> None:
    oracle = Oracle()
    ask = Gathered(oracle.answer)
    failing = [asyncio.create_task(ask([key])) for key in ("a", "bad")]
    await turns()
    fine = asyncio.create_task(ask(["a"]))
    oracle.go.release()
    oracle.go.release()
    for task in failing:
        with pytest.raises(LookupError):
            await task
    assert await fine == {"a": "a2"}


async def test_who_leaves_takes_nobody_along() -> None:
    oracle = Oracle()
    ask = Gathered(oracle.answer)
    leaving, staying = asyncio.create_task(ask(["a"])), asyncio.create_task(ask(["b"]))
    await turns()
    leaving.cancel()
    await turns()
    oracle.go.release()
    assert await staying == {"b": "b1"}
    assert leaving.cancelled()
