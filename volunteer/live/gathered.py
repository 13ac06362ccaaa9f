"""What many ask at the same time is asked of the database as one."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextvars import copy_context
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Gathered(Generic[K, V]):
    """``ask`` answers many keys with one query. While one is under way all who come wait for the next, so that nobody
    is given an answer older than the question; a crowd shares few queries and one connection."""

    def __init__(self, ask: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._ask = ask
        self._one = asyncio.Lock()
        self._keys: set[K] = set()
        self._next: asyncio.Task[Mapping[K, V]] | None = None
        self._context = copy_context()  # whoever asks may hold an open transaction

    async def __call__(self, keys: Collection[K]) -> dict[K, V]:
        """The answers; a key that has none is left out. Raises what the query raised."""
        if not keys:
            return {}
        self._keys.update(keys)
        if self._next is None:
            self._next = asyncio.create_task(self._asked(), name="live question", context=self._context)
        found = await asyncio.shield(self._next)
        return {key: found[key] for key in keys if key in found}

    async def _asked(self) -> Mapping[K, V]:
        async with self._one:
            keys, self._keys, self._next = list(self._keys), set(), None
            return await self._ask(keys)
