"""PostgreSQL's programs as clients of a database: where it is goes by the environment, never by the arguments."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import IO

from volunteer import database, postgres

_TELLING = re.compile(r"(?:ERROR|FATAL|error): +(.*)")
_LONGEST = 300


def environment(url: str) -> dict[str, str]:
    """``PG…`` for libpq. The password is seen by nobody who lists processes."""
    given = database.config(url)["connections"]["default"]["credentials"]
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "database"}
    return os.environ | {key: str(given[name]) for key, name in names.items()} | {"LC_ALL": "C"}


@asynccontextmanager
async def started(
    words: Sequence[str], url: str, errors: IO[bytes], *, reads: bool = False, writes: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """One of them, running; killed on the way out if it still does. ``reads`` its input, ``writes`` its output, of
    which not all need have been read."""
    pipe, none = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        str(postgres.programs(None) / words[0]),
        *words[1:],
        env=environment(url),
        stdin=pipe if reads else none,
        stdout=pipe if writes else none,
        stderr=errors,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()  # `wait` alone would wait for ever for somebody who reads the rest


def said(errors: IO[bytes]) -> str:
    """The line of an error that tells most. What stands below it may hold rows, and is left out."""
    errors.seek(0)
    text = errors.read().decode(errors="replace")
    found = _TELLING.search(text)
    return (found[1] if found else text.strip().partition("\n")[0] or "it said nothing")[:_LONGEST]
