"""What a backup is like: a ZIP of two members, the dump as ``pg_dump`` wrote it and a manifest, which is written last.

So a file that was cut off has no manifest, and one byte changed anywhere is noticed before anything is restored.
"""

import hashlib
import importlib
import pkgutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from volunteer import database

DUMP, MANIFEST = "database.dump", "manifest.json"
CHUNK = 1 << 18
_MANIFEST_BYTES = 1_000_000

Told = Callable[[str, float], None]


class BackupError(Exception):
    """A backup that cannot be made or restored; the message is one line and names the remedy."""


class Manifest(BaseModel):
    """``schema_``: the migrations that the database had, as ``app.name``; ``rows``: how many each table held at the
    moment of the dump."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["citong backup"]
    version: Literal[1]
    citong: str = Field(max_length=40)
    postgres: str = Field(max_length=40)
    made_at: datetime
    schema_: tuple[str, ...] = Field(alias="schema")
    rows: dict[str, int]
    bytes: int
    sha256: str


def written(to: zipfile.ZipFile, manifest: Manifest) -> None:
    to.writestr(MANIFEST, manifest.model_dump_json(by_alias=True, indent=1))


@contextmanager
def opened(path: Path, told: Told = lambda _, __: None) -> Iterator[tuple[Manifest, IO[bytes]]]:
    """The manifest of a whole, undamaged backup that this program understands, and its dump from the first byte.
    Raises :class:`BackupError`, and :class:`OSError` for a file that cannot be read."""
    try:
        with zipfile.ZipFile(path) as file:
            manifest = _manifest(path, file)
            _judge(path, manifest)
            _whole(path, file, manifest, told)
            with file.open(DUMP) as dump:
                yield manifest, dump
    except zipfile.BadZipFile as error:
        raise BackupError(f"{path} is no whole backup of Citong: {_gist(error)}; take another one") from None
    except (zlib.error, EOFError) as error:
        raise BackupError(f"{path} is damaged ({type(error).__name__}); take another one") from None


def _manifest(path: Path, file: zipfile.ZipFile) -> Manifest:
    names = {one.filename: one for one in file.infolist()}
    found = names.get(MANIFEST)
    if found is None or DUMP not in names or found.file_size > _MANIFEST_BYTES:
        raise BackupError(f"{path} is no backup of Citong; want a file that `citong backup` wrote")
    try:
        return Manifest.model_validate_json(file.read(found))
    except ValidationError as error:
        field = ".".join(map(str, error.errors(include_input=False)[0]["loc"])) or "the whole"
        raise BackupError(f"{path}: its manifest is not one this Citong knows ({field}); take another file") from None


def _judge(path: Path, manifest: Manifest) -> None:
    """Whether this program knows every step that made the schema of the backup."""
    newer = sorted(set(manifest.schema_) - set(known()))
    if newer:
        raise BackupError(
            f"{path} was made by a newer Citong ({manifest.citong}, schema {newer[0]}); install that one first"
        )


def _whole(path: Path, file: zipfile.ZipFile, manifest: Manifest, told: Told) -> None:
    digest, seen = hashlib.sha256(), 0
    with file.open(DUMP) as dump:
        while part := dump.read(CHUNK):
            digest.update(part)
            seen += len(part)
            told("checking the file", seen / max(1, manifest.bytes))
    if seen != manifest.bytes or digest.hexdigest() != manifest.sha256:
        raise BackupError(f"{path} is damaged: its dump is not the one that was written; take another one")


def known() -> list[str]:
    """The migrations that this program has, as ``app.name``."""
    found = []
    for app in database.installed():
        package = importlib.import_module(f"{app}.migrations")
        found += [f"{app}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    return found


def _gist(error: Exception) -> str:
    said = str(error)
    return said[:1].lower() + said[1:]
