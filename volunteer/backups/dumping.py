"""From a database to a file: beside everybody's work, as the database was at one moment."""

import asyncio
import hashlib
import importlib.metadata
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from volunteer import database
from volunteer.backups import programs
from volunteer.backups.files import CHUNK, DUMP, BackupError, Manifest, Told, written

# What was seen of real cities: the packed dump is a sixth of what lies on disk. For the bar alone.
_PACKED = 6
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_STATE = """SELECT clock_timestamp() AS at, current_setting('server_version') AS postgres,
pg_database_size(current_database()) AS bytes, to_regclass('public.tortoise_migrations') IS NOT NULL AS ours"""
_SCHEMA = "SELECT app || '.' || name AS name FROM public.tortoise_migrations ORDER BY app, name"


async def dump(url: str, to: Path, told: Told = lambda _, __: None) -> Manifest:
    """Write the database as it is now to ``to``, which appears when it is whole, and belongs to its writer alone.
    Raises :class:`BackupError`."""
    if to.exists():  # noqa: ASYNC240 - nothing else runs here that could wait for a disk
        raise BackupError(f"{to} is there already; choose another name, a backup is never written over")
    part = to.with_name(f"{to.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            manifest = await _dumped(url, file, told)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        part.rename(to)
    finally:
        part.unlink(missing_ok=True)
    return manifest


async def _dumped(url: str, file: IO[bytes], told: Told) -> Manifest:
    """One snapshot for the counts and for the dump: the transaction that shows it stays open until both are done."""
    async with database.snapshot(url) as connection:
        state = await connection.fetchrow(_STATE)
        if not state["ours"]:
            raise BackupError("the database holds nothing of Citong; mend CITONG_DATABASE_URL, or run: citong migrate")
        name = await connection.fetchval("SELECT pg_export_snapshot()")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
            digest, size = await _pulled(url, name, packed, lambda done: told("writing", _share(done, state["bytes"])))
            manifest = Manifest(
                format="citong backup",
                version=1,
                citong=importlib.metadata.version("citong"),
                postgres=state["postgres"],
                made_at=state["at"],
                schema=tuple(row["name"] for row in await connection.fetch(_SCHEMA)),
                rows=await _counted(connection),
                bytes=size,
                sha256=digest,
            )
            written(packed, manifest)
    told("written", 1.0)
    return manifest


def _share(done: int, on_disk: int) -> float:
    return min(0.99, done * _PACKED / max(1, on_disk))


async def _counted(connection: Any) -> dict[str, int]:
    names = [row["tablename"] for row in await connection.fetch(_TABLES)]
    return {name: await connection.fetchval(f'SELECT count(*) FROM public."{name}"') for name in names}  # noqa: S608


async def _pulled(url: str, snapshot: str, packed: zipfile.ZipFile, told: Callable[[int], None]) -> tuple[str, int]:
    """What ``pg_dump`` writes, into the file as it comes; its digest and its size."""
    words = ("pg_dump", "--format=custom", "--compress=gzip:5", "--no-owner", "--no-privileges", "--no-password")
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as errors:
        async with programs.started((*words, f"--snapshot={snapshot}"), url, errors, writes=True) as process:
            assert process.stdout is not None
            with packed.open(DUMP, "w", force_zip64=True) as into:
                while part := await process.stdout.read(CHUNK):
                    digest.update(part)
                    await asyncio.to_thread(into.write, part)
                    size += len(part)
                    told(size)
            if await process.wait():
                raise BackupError(f"pg_dump ended without a backup: {programs.said(errors)}")
    return digest.hexdigest(), size
