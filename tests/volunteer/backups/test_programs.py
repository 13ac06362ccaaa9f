"""PostgreSQL's programs are gone when whoever started them is done, whatever they still wanted to say."""

import asyncio
import tempfile

from tests.waiting import PATIENCE, eventually
from volunteer import embedded
from volunteer.backups import programs

TALK = "SELECT repeat('x', 1000) FROM generate_series(1, 20000)"


async def test_a_program_that_nobody_listens_to_any_more_is_ended(server: embedded.Server) -> None:
    words = ("psql", "--no-psqlrc", "--tuples-only", f"--command={TALK}")
    with tempfile.TemporaryFile() as errors:
        async with (
            asyncio.timeout(PATIENCE),
            programs.started(words, server.url("postgres"), errors, writes=True) as it,
        ):
            reader = it.stdout
            assert reader is not None
            await eventually(lambda: reader._paused)  # all places where words can wait for a reader are full
    assert it.returncode == -9
