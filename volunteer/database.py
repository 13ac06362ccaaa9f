"""How the rows are reached: one PostgreSQL, one pool a process, migrations under an advisory lock."""

import importlib.util
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise, connections
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled
from tortoise.migrations.api.migrate import migrate as run_migrations

# asyncpg and Tortoise errors that mean "the database is not there just now": answered by 503, never by 500.
GONE = (
    asyncpg.exceptions.InterfaceError,
    asyncpg.exceptions.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.TooManyConnectionsError,
    ConnectionError,
    FileNotFoundError,  # the file of its socket, while it starts again
    socket.gaierror,
    TimeoutError,
)

# One number that only migrators ask for: two of them at once wait for each other.
_MIGRATION_LOCK = 0x6369746F6E67
# A step over a city's rows takes as long as it takes; it still waits no longer for others' rows than anybody.
_MIGRATION_SECONDS = 3600

# Milliseconds. Who waits so long for somebody's row is told to try again, while the page still waits for the answer; no
# statement of a tap takes longer than the second, and those that may (publishing) say so; whoever was stopped in the
# middle of a transaction, by whatever, holds its locks no longer than the third.
_LIMITS = {"lock_timeout": "3000", "statement_timeout": "10000", "idle_in_transaction_session_timeout": "30000"}
# A server that went silent without a word (a cut cable) is given up after this, above every limit of its own.
_SILENCE_SECONDS = 60
# Whoever keeps connections that are silent for hours must keep alive what stands between, and see what died: seconds.
_ALIVE = {"tcp_keepalives_idle": "60", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "6"}
_UNLIMITED = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}

APPS = ("volunteer", "dispatch")

_OWN = 10_000  # PostgreSQL numbers what it comes with below this, for good
_TYPES: dict[frozenset[int], Any] = {}


class Pooled(asyncpg.Connection):
    """A connection that goes back to the pool without a round trip. What asyncpg would undo there is never done on one:
    settings are made for a transaction (``SET LOCAL``), advisory locks too, and nothing listens. A transaction that is
    still open is rolled back all the same."""

    def get_reset_query(self) -> str:
        return ""

    async def _introspect_types(self, typeoids: Collection[int], patience: float) -> Any:
        """What an array of numbers or ids is, the driver asks on each new connection, which takes longer than most of
        what they are there for. PostgreSQL's own have the same numbers everywhere: asked once a process."""
        known = frozenset(typeoids)
        if known in _TYPES:
            return _TYPES[known]
        found = await super()._introspect_types(typeoids, patience)  # type: ignore[no-untyped-call]
        if max(known) < _OWN:
            _TYPES[known] = found
        return found


def state(error: BaseException) -> str:
    """The SQLSTATE of an error, also when the ORM has wrapped it; empty for one that is not PostgreSQL's."""
    return str(getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None) or "")


def dsn(url: str) -> str:
    """The same address in the form asyncpg takes (``postgresql://``)."""
    return url.replace("postgres://", "postgresql://", 1)


def installed() -> list[str]:
    """The apps that are here: the network stands without the work."""
    return [app for app in APPS if importlib.util.find_spec(app) is not None]


def config(url: str, *, pool: int = 10, filled: bool = False, patience: int = 0) -> dict[str, Any]:
    """Tortoise's configuration. ``url`` may name a unix socket folder by ``?host=/folder``. ``filled``: with all
    connections of the pool open, which otherwise are when they are first wanted. ``patience``: seconds that one
    statement may take, for programs that nobody's tap waits for; 0 = as long as a tap's."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    credentials: dict[str, Any] = {
        "host": query.get("host", parts.hostname or "localhost"),
        "port": int(query.get("port", parts.port or 5432)),
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/") or "citong",
        "minsize": pool if filled else 1,
        "maxsize": pool,
        "connection_class": Pooled,
        # A crowd that comes after a quiet hour finds them open, and what they were asked before already understood.
        "max_inactive_connection_lifetime": 0,
        "max_cached_statement_lifetime": 0,
        "command_timeout": patience + _SILENCE_SECONDS,
        "server_settings": {"application_name": "citong", **_LIMITS, **_ALIVE},
    }
    if patience:
        credentials["server_settings"]["statement_timeout"] = str(patience * 1000)
    apps = installed()
    return {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {
            app: {"models": [f"{app}.models"], "default_connection": "default", "migrations": f"{app}.migrations"}
            for app in apps
        },
        "use_tz": True,
        "timezone": "UTC",
    }


@asynccontextmanager
async def opened(url: str, *, pool: int = 10, filled: bool = False, patience: int = 0) -> AsyncIterator[None]:
    """The ORM, ready, for every task of this process; closed on the way out. The rest: as :func:`config`."""
    await Tortoise.init(config=config(url, pool=pool, filled=filled, patience=patience), _enable_global_fallback=True)
    try:
        if filled:
            await connections.get("default").execute_query("SELECT 1")
        yield
    finally:
        await Tortoise.close_connections()


class _Plain(TransactionWrapper):
    """A connection of one's own, without a transaction."""

    async def begin(self) -> None:
        return None

    commit = rollback = begin


def held() -> TransactionContextPooled:
    """``async with held()``: all that this task asks inside goes over one connection, which is waited for once. For a
    few reads in a row, each of which sees what is committed by then. Start no task inside: it would use it too."""
    client: Any = connections.get("default")
    return TransactionContextPooled(_Plain(client), client._pool_init_lock)  # noqa: SLF001  as the ORM's own do


async def migrate(url: str) -> None:
    """Bring the schema up to date. Safe when several programs start at once."""
    async with alone(url):
        try:
            await run_migrations(config=config(url, pool=2, patience=_MIGRATION_SECONDS))
        finally:
            await Tortoise.close_connections()


@asynccontextmanager
async def alone(url: str) -> AsyncIterator[Any]:
    """A connection, while nobody else makes or changes the schema: programs that start wait here."""
    connection: Any = await asyncpg.connect(dsn(url))  # type: ignore[no-untyped-call]
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Any]:
    """A connection that sees the rows as they are now for as long as that takes, and changes none."""
    connection: Any = await asyncpg.connect(  # type: ignore[no-untyped-call]
        dsn(url), timeout=10, server_settings={"application_name": "citong snapshot", **_UNLIMITED}
    )
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
    finally:
        await connection.close()


# What `python -m tortoise -c volunteer.database.TORTOISE makemigrations` reads; it never connects.
TORTOISE = config("postgres://localhost/citong")
