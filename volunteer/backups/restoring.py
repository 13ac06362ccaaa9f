"""From a file to a database, in one transaction; and what a database that was set back must not do."""

import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from volunteer import database
from volunteer.backups import programs
from volunteer.backups.files import CHUNK, BackupError, Manifest, Told, opened
from volunteer.notices import holding

_OTHERS = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_type = 'client backend'"""
_TABLES = """SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""

# Of the server's own limits only these could end a long restore; the last is not known to all releases.
_BEGIN = """BEGIN;
SELECT set_config(name, '0', true) FROM pg_settings
WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout');
"""
_CLEAR = "DROP SCHEMA IF EXISTS public CASCADE;\nCREATE SCHEMA public;\n"
_NOT_KNOWN_TO_ALL = b"SET transaction_timeout = 0;\n"

# Every number that a client knows means nothing now; who was signed out since then would be signed in again, and a code
# that was used would be good once more.
_AFTER = """
UPDATE public.epoch SET value = replace(gen_random_uuid()::text, '-', '') WHERE name = 'live';
UPDATE public.session SET ended_at = clock_timestamp() WHERE ended_at IS NULL;
UPDATE public.signin_code SET used_at = clock_timestamp() WHERE used_at IS NULL;
"""
_COUNT = """DO $$ BEGIN IF (SELECT count(*) FROM public."{name}") <> {rows} THEN
RAISE EXCEPTION 'table {name} has not the {rows} rows that the manifest names'; END IF; END $$;
"""


async def restore(
    url: str, path: Path, *, replace: bool = False, hold: bool = True, told: Told = lambda _, __: None
) -> Manifest:
    """Make the database what the file says: all of it, or nothing when this fails or is killed. It must be empty,
    unless ``replace`` throws away what it holds, and nobody may use it. ``hold``: no mail leaves until it is
    released. Raises :class:`BackupError`."""
    with opened(path, told) as (manifest, dump):
        async with database.alone(url) as connection:
            await _free(connection, replace=replace)
            after = _AFTER + (holding.HOLD if hold else "")
            begin = _BEGIN + (_CLEAR if replace else "")
            await _poured(url, dump, begin, _counts(manifest.rows) + after, _Bar(told, manifest.bytes))
    told("restored", 1.0)
    return manifest


def _counts(rows: Mapping[str, int]) -> str:
    for name in rows:
        if not name.isidentifier():
            raise BackupError(f"the manifest names a table {name[:40]!r}, which cannot be ours; take another file")
    return "".join(_COUNT.format(name=name, rows=count) for name, count in rows.items())


async def _free(connection: Any, *, replace: bool) -> None:
    others = await connection.fetchval(_OTHERS)
    if others:
        raise BackupError(f"other programs use this database ({others} connections); stop them first")
    if not replace and await connection.fetchval(_TABLES):
        raise BackupError("the database is not empty; name an empty one, or say --replace to throw away what it holds")


class _Bar:
    def __init__(self, told: Told, size: int) -> None:
        self._told, self._size, self._fed = told, max(1, size), 0

    def fed(self, count: int) -> None:
        self._fed += count
        share = self._fed / self._size
        self._told("restoring" if share < 1 else "building indexes", min(0.95, share))


async def _poured(url: str, dump: IO[bytes], begin: str, after: str, bar: _Bar) -> None:
    """``pg_restore`` reads the dump and writes statements, ``psql`` runs them; around them stand ours. Only the very
    last says COMMIT: whoever dies before that has changed nothing."""
    restore = ("pg_restore", "--file=-", "--no-owner", "--no-privileges", "--exit-on-error")
    run = ("psql", "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse")
    with tempfile.TemporaryFile() as wrong, tempfile.TemporaryFile() as refused:
        async with (
            programs.started(restore, url, wrong, reads=True, writes=True) as reader,
            programs.started(run, url, refused, reads=True) as runner,
        ):
            assert reader.stdin is not None
            assert reader.stdout is not None
            assert runner.stdin is not None
            feeding = asyncio.create_task(_fed(dump, reader.stdin, bar))
            try:
                await _put(runner.stdin, begin.encode())
                first = (await reader.stdout.read(CHUNK)).replace(_NOT_KNOWN_TO_ALL, b"")
                await _put(runner.stdin, first)
                while part := await reader.stdout.read(CHUNK):
                    await _put(runner.stdin, part)
                if await reader.wait():
                    raise BackupError(f"pg_restore cannot read the dump: {programs.said(wrong)}")
                await feeding
                await _put(runner.stdin, f"\n{after}\nCOMMIT;\n".encode())
                runner.stdin.close()
                ended = await runner.wait()
            except (BrokenPipeError, ConnectionResetError):
                ended = await runner.wait() or 1
            finally:
                feeding.cancel()
                with suppress(asyncio.CancelledError):
                    await feeding
            if ended:
                raise BackupError(f"nothing was restored: {programs.said(refused)}")


async def _fed(dump: IO[bytes], into: asyncio.StreamWriter, bar: _Bar) -> None:
    """A reader that ends early says why by its end, not by this pipe."""
    try:
        while part := await asyncio.to_thread(dump.read, CHUNK):
            await _put(into, part)
            bar.fed(len(part))
        into.close()
    except (BrokenPipeError, ConnectionResetError):
        return


async def _put(into: asyncio.StreamWriter, data: bytes) -> None:
    into.write(data)
    await into.drain()
