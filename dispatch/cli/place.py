"""Where this installation keeps its things: its settings, and the database, our own one or the one that is named."""

import asyncio
import difflib
import os
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from dispatch.cli.trouble import Trouble
from volunteer import embedded
from volunteer.settings import Settings

_REACH_SECONDS: Final = 5
_POSTGRES: Final = "postgres"
# What a client may say first to a PostgreSQL server, which answers with one letter: S or N.
_MEND: Final = "start it or mend CITONG_DATABASE_URL"
_HELLO: Final = bytes.fromhex("0000000804d2162f")


def settings(**given: Any) -> Settings:
    """The settings in force; what is ``given`` (and not None) wins. Raises pydantic's error, or :class:`Trouble`."""
    _spelt(os.environ)
    path = os.environ.get("CITONG_CONFIG")
    if path and not Path(path).is_file():
        raise Trouble(f"CITONG_CONFIG names {path}, which is not a file")
    return Settings(**{name: value for name, value in given.items() if value is not None})


def _spelt(names: Iterable[str]) -> None:
    """A variable that is nearly a setting's is a slip of the pen: unheard, another database might be served. Others
    that begin alike belong to other programs (containers bring some)."""
    ours = [f"CITONG_{name.upper()}" for name in Settings.model_fields]
    for name in names:
        near = difflib.get_close_matches(name, ours, 1, 0.88) if name.startswith("CITONG_") else []
        if near and name not in ours:
            raise Trouble(f"{name} is no setting; it is spelt {near[0]}")


@contextmanager
def database_url(found: Settings) -> Iterator[str]:
    """The address of the database. Without one in the settings our own PostgreSQL under ``var`` runs meanwhile; it is
    shared with every other program that uses the folder, and stops with the last."""
    if url := named(found):
        yield url
        return
    with embedded.ensure(found.var / _POSTGRES) as server:
        yield server.url()


def named(found: Settings) -> str:
    """The address of the database that the settings name, once something answers there; empty when they name none."""
    url = found.database_url.get_secret_value()
    if url:
        asyncio.run(_reach(url))
    return url


async def _reach(url: str) -> None:
    """Pass when a PostgreSQL answers at that address; a silent one is given up soon."""
    from volunteer import database

    try:
        wanted = database.config(url)["connections"]["default"]["credentials"]
    except ValueError as error:
        said = f"setting CITONG_DATABASE_URL: not an address ({error}); want postgres://user@host/name"
        raise Trouble(said) from error
    host, port = wanted["host"], wanted["port"]
    try:
        async with asyncio.timeout(_REACH_SECONDS):
            letter = await _greet(host, port)
    except TimeoutError:
        raise Trouble(f"no answer from {host}:{port} in {_REACH_SECONDS} s; {_MEND}") from None
    except OSError as error:
        raise Trouble(f"no database at {host}:{port} ({error.strerror or error}); {_MEND}") from error
    if letter not in (b"S", b"N"):
        raise Trouble(f"what answers at {host}:{port} is no PostgreSQL; mend CITONG_DATABASE_URL")


async def _greet(host: str, port: int) -> bytes:
    if host.startswith("/"):
        reader, writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    else:
        reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(_HELLO)
        return await reader.read(1)
    finally:
        writer.close()


async def migrate(url: str) -> None:
    """Bring the schema and the queue's tables up to date."""
    from dispatch import queue
    from volunteer import database

    await database.migrate(url)
    await queue.install(url)


@asynccontextmanager
async def rows(url: str) -> AsyncIterator[None]:
    """The ORM on a database whose schema is up to date."""
    from volunteer import database

    await migrate(url)
    async with database.opened(url):
        yield


def bound(found: Settings) -> Settings:
    """The settings with a port that can be had just now (0 becomes one that is free), and with links that lead there
    unless the settings name another address. Raises :class:`Trouble` when the port is taken."""
    host, port = found.host, found.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = error.strerror or str(error)
            raise Trouble(f"port {port} on {host} cannot be had ({why}); choose another with --port") from error
        port = probe.getsockname()[1]
    if "public_url" in found.model_fields_set:
        return found.model_copy(update={"port": port})
    near = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return found.model_copy(update={"port": port, "public_url": f"http://{near}:{port}"})
