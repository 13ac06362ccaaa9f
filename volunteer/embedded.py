"""A PostgreSQL of one's own: started when first needed, shared by all who name the folder, stopped by the last.

``ensure(folder)`` blocks; call it from a thread. Three locks in the folder decide everything. The kernel drops each
with the process that holds it, so nothing goes stale, whoever was killed and whatever number a process gets again:

- ``gate``     held for the moment in which somebody starts or stops the server;
- ``owners``   held shared by every program that uses the server: whoever gets it alone was the last;
- ``alive``    held by the server itself, which inherits it: free means that no part of it runs any more.

In the folder lie ``password`` (0600) and ``server/`` with ``data``, ``log`` and ``socket`` (elsewhere if the path is
too long). Linux and macOS only.
"""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

from volunteer import postgres
from volunteer.postgres import EmbeddedError

USER = "citong"
PATIENCE_SECONDS = 60

_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_MAX = 100  # bytes; Linux allows 107, macOS 103

# Written before every start; what an operator sets by ALTER SYSTEM still wins. The server's log holds nothing personal:
# errors are terse and carry no statement. Shared memory is a file: containers have little, logging out may empty it.
_SETTINGS = """\
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '128MB'
dynamic_shared_memory_type = 'mmap'
max_parallel_workers_per_gather = 0
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_error_verbosity = 'terse'
log_min_error_statement = 'panic'
log_parameter_max_length_on_error = 0
"""
_FORGETFUL = """\
max_wal_size = '128MB'
fsync = off
full_page_writes = off
synchronous_commit = off
"""


@dataclass(frozen=True, slots=True, eq=False)
class Server:
    """A running PostgreSQL that stays up at least until ``release``."""

    folder: Path
    programs: Path
    socket: Path
    password: str = field(repr=False)
    _hold: IO[bytes] = field(repr=False)

    def url(self, database: str = USER) -> str:
        """``postgres://…``. The database ``citong`` is there from the start; any other is the caller's to create."""
        host = quote(str(self.socket), safe="")
        return f"postgres://{USER}:{self.password}@/{quote(database, safe='')}?host={host}"

    def release(self) -> None:
        """Let go; the last living owner stops the server and waits for its end. A second call does nothing."""
        if self._hold.closed:
            return
        if not self.folder.exists():  # removed under a running program: the server notices by itself within a minute
            self._hold.close()
            return
        with _gate(self.folder):
            self._hold.close()
            if _free(self.folder / "owners") and not _free(self.folder / "alive"):
                _stop(self.folder, self.programs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def ensure(folder: Path, *, durable: bool = True) -> Server:
    """The server of ``folder``, made, started or adopted as need be; returns when it takes connections.

    ``durable=False`` gives up safety against power cuts for speed: for tests. No server is both at once.
    Raises ``EmbeddedError``.
    """
    folder = folder.expanduser().resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700 if os.geteuid() else 0o711, exist_ok=True)
        with _gate(folder):
            return _owned(folder, durable=durable)
    except OSError as error:
        raise EmbeddedError(f"no embedded PostgreSQL in {folder}: {error}; choose a folder of your own") from error


def _owned(folder: Path, *, durable: bool) -> Server:
    who = postgres.account(folder / "server")
    programs = postgres.programs(who)
    home = postgres.home(folder, who)
    if not (home / "data").exists():
        _init(folder, home, programs, who)
    password = _password(folder)
    hold = _opened(folder / "owners")
    fcntl.flock(hold, fcntl.LOCK_SH)
    try:
        address = _adopted(folder, home, durable=durable) or _started(folder, home, programs, who, durable=durable)
    except BaseException:
        hold.close()
        raise
    return Server(folder=folder, programs=programs, socket=address, password=password, _hold=hold)


# ---- locks ----


def _opened(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)


def _taken(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _free(path: Path) -> bool:
    with _opened(path) as probe:
        return _taken(probe)


@contextmanager
def _gate(folder: Path) -> Iterator[None]:
    deadline = time.monotonic() + 2 * PATIENCE_SECONDS
    with _opened(folder / "gate") as gate:
        while not _taken(gate):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"another program has held {folder}/gate for too long; end it and try again")
            time.sleep(0.02)
        yield


# ---- a new one ----


def _init(folder: Path, home: Path, programs: Path, who: pwd.struct_passwd | None) -> None:
    """A new cluster under a passing name, so that ``data`` is either whole or not there."""
    password, fresh, told = secrets.token_hex(16), home / "data.new", home / "password.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for path in (folder / "password", told):
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(password)
    if who:
        os.chown(told, who.pw_uid, who.pw_gid)
    words = [f"{programs}/initdb", "-D", f"{fresh}", "-U", USER, "--pwfile", f"{told}", "--auth=scram-sha-256"]
    words += [
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]
    try:
        failed, said = postgres.run(words, who)
    finally:
        told.unlink()
    if not failed:
        statement = f"CREATE DATABASE {USER};\n"
        failed, said = postgres.run(
            [f"{programs}/postgres", "--single", "-D", f"{fresh}", "postgres"], who, given=statement
        )
    if failed:
        raise EmbeddedError(f"initdb failed in {home}: {_gist(said)}")
    fresh.rename(home / "data")


def _password(folder: Path) -> str:
    try:
        return (folder / "password").read_text(encoding="ascii")
    except FileNotFoundError:
        raise EmbeddedError(f"{folder}/password is missing; bring it back, or remove {folder} to start empty") from None


# ---- a running one ----


def _adopted(folder: Path, home: Path, *, durable: bool) -> Path | None:
    """The socket folder of the server that runs, once it takes connections; None if none runs."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _free(folder / "alive"):
        address = _ready(home / "data" / "postmaster.pid")
        if address is not None and durable and _FORGETFUL in (home / "data" / "postgresql.conf").read_text("utf-8"):
            raise EmbeddedError(f"the server in {folder} runs without fsync, for tests; end the programs that use it")
        if address is not None:
            return address
        if time.monotonic() > deadline:
            raise EmbeddedError(f"the server in {folder} neither answers nor ends; see {home}/log")
        time.sleep(0.05)
    return None


def _ready(note: Path) -> Path | None:
    """The socket folder that PostgreSQL's own note names, if somebody answers there."""
    try:
        lines = note.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(Path(lines[4], _SOCKET)))
        except OSError:
            return None
    return Path(lines[4])


# ---- start and stop ----


def _started(folder: Path, home: Path, programs: Path, who: pwd.struct_passwd | None, *, durable: bool) -> Path:
    data, log, address = home / "data", home / "log", _socket_folder(home)
    if (made_by := (data / "PG_VERSION").read_text("ascii").strip()) != postgres.RELEASE:
        raise EmbeddedError(
            f"{data} is of PostgreSQL {made_by}, not {postgres.RELEASE}; dump it there and restore it here"
        )
    settings = _SETTINGS.format(socket=str(address).replace("'", "''")) + ("" if durable else _FORGETFUL)
    failed, said = postgres.run(["/bin/sh", "-c", 'cat > "$0"', f"{data}/postgresql.conf"], who, given=settings)
    if failed:
        raise EmbeddedError(f"cannot write {data}/postgresql.conf: {_gist(said)}")
    with _opened(folder / "alive") as alive:
        if not _taken(alive):
            raise EmbeddedError(f"something else holds {folder}/alive; end it and try again")
        # No server lives here: what the last one left only names process numbers that others may have by now.
        for left in (data / "postmaster.pid", address / f"{_SOCKET}.lock"):
            left.unlink(missing_ok=True)
        if log.exists():
            log.replace(home / "log.old")
        words = [
            f"{programs}/pg_ctl",
            "start",
            "-w",
            "-s",
            "-t",
            f"{PATIENCE_SECONDS}",
            "-D",
            f"{data}",
            "-l",
            f"{log}",
        ]
        failed, said = postgres.run(words, who, keep=[alive.fileno()])
    if failed:
        told = log.read_text(encoding="utf-8", errors="replace") if log.exists() else said
        raise EmbeddedError(f"PostgreSQL did not start: {_gist(told)}; see {log}")
    if _free(folder / "alive"):
        _stop(folder, programs)
        raise EmbeddedError(f"locks are not inherited in {folder} (a network file system?); choose a local folder")
    return address


def _stop(folder: Path, programs: Path) -> None:
    home = (folder / "server").resolve()
    words = [f"{programs}/pg_ctl", "stop", "-w", "-s", "-m", "fast", "-t", f"{PATIENCE_SECONDS}", "-D", f"{home}/data"]
    failed, said = postgres.run(words, postgres.account(home))
    if failed:
        raise EmbeddedError(f"PostgreSQL did not stop: {_gist(said)}; see {home}/log")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _free(folder / "alive"):  # pg_ctl is content once the server's note is gone, a moment before its end
        if time.monotonic() > deadline:
            raise EmbeddedError(f"a part of the server in {folder} goes on after its stop; see {home}/log")
        time.sleep(0.01)


def _socket_folder(home: Path) -> Path:
    """A folder that only the server's account may enter, with a path short enough for a socket."""
    owner, me = home.stat(), os.geteuid()
    chosen = home / "socket"
    if len(os.fsencode(chosen / _SOCKET)) > _SOCKET_PATH_MAX:
        own = os.environ.get("XDG_RUNTIME_DIR", "") if me else ""
        place = own if 0 < len(own) < 60 and Path(own).is_dir() else "/tmp"  # noqa: S108 - checked below
        chosen = Path(place, f"citong-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}")
    chosen.mkdir(mode=0o700, exist_ok=True)
    if chosen.lstat().st_uid == me != owner.st_uid:
        os.chown(chosen, owner.st_uid, owner.st_gid, follow_symlinks=False)
    found = chosen.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.st_uid or found.st_mode & 0o077:
        raise EmbeddedError(f"{chosen} belongs to somebody else or is open to others; remove it")
    return chosen


def _gist(said: str) -> str:
    """The one line that tells most."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error:" in line]
    return (telling or lines or ["it said nothing"])[-1]
