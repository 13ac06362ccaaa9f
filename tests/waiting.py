"""Waiting for what must come about, generously: no test asserts a time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

PATIENCE = 30


async def eventually(true: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return once it is true; :class:`TimeoutError` when it never is."""
    async with asyncio.timeout(PATIENCE):
        while not await _answer(true):  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.02)


async def _answer(true: Callable[[], bool | Awaitable[bool]]) -> bool:
    found = true()
    return await found if inspect.isawaitable(found) else bool(found)
