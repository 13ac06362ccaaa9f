"""One port for pages, interface and live line; as many processes as wanted behind it."""

import asyncio
import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from tortoise.exceptions import DBConnectionError

from dispatch.app import parts, processes
from dispatch.app.build import build
from dispatch.app.guarded import Guarded
from dispatch.app.watchdog import Watchdog, Watched
from dispatch.app.wired import Wired
from volunteer import database, live, logs
from volunteer.postgres import EmbeddedError
from volunteer.settings import Settings

log = logging.getLogger(__name__)

BACKLOG = 2048
SEND_BUFFER = 128 * 1024  # a stuck peer is noticed after so much
USER_TIMEOUT_MS = 15_000  # what the kernel gives a peer that acknowledges nothing
GRACE_SECONDS = 8
FRAME_BYTES = 65_536
OPEN_FILES = 65_536
_TURNED_AWAY = ("28", "3D", "53")  # SQLSTATE classes: wrong password or user, no such database, no resources


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; returns after a polite end. A start that fails ends the program with status 1 and
    one line that names the remedy."""
    logs.setup(settings.log_level, as_json=settings.log_json)
    with listening(settings.host, settings.port) as sock:
        if settings.workers == 1:
            one(settings, sock)
        else:
            processes.several(settings.workers, _child, (settings, sock))


def one(settings: Settings, sock: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve in this process on a bound port."""
    _open_files()
    app = build(settings)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Guarded,
        ws=Wired,
        ws_per_message_deflate=False,
        ws_max_size=FRAME_BYTES,
        ws_ping_interval=None,  # the live line has its own, which notices a page that sleeps
        lifespan="off",  # held here, so that a failed start is one line and the database outlives the last request
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=BACKLOG,
    )

    async def run() -> None:
        async with app.router.lifespan_context(app):
            host, port = sock.getsockname()[:2]
            gc.collect()
            gc.freeze()  # what is here now stays: nobody waits while it is looked through for garbage
            log.info("serving http://%s:%d", f"[{host}]" if ":" in host else host, port)
            ready()
            await _Server(config, app).serve([sock])

    _plainly(run(), config.get_loop_factory())


def _child(settings: Settings, sock: socket.socket, ready: Callable[[], None]) -> None:
    logs.setup(settings.log_level, as_json=settings.log_json)
    one(settings, sock, ready)


def work(settings: Settings) -> None:
    """Work on the queue alone, until SIGTERM or SIGINT."""
    logs.setup(settings.log_level, as_json=settings.log_json)

    async def until_told() -> None:
        stop = asyncio.Event()
        _on_signals(stop.set)
        async with (
            parts.rows(settings) as url,
            live.ringing(url),
            parts.working(url, settings) as worker,
            Watchdog(Watched(settings, worker)).opened(),
        ):
            log.info("working on the queue")
            await stop.wait()

    _plainly(until_told())


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The port, bound and ready. What is set on it is inherited by every connection."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
        try:
            sock.bind((host, port))
            sock.listen(BACKLOG)
        except OSError as error:
            why = error.strerror or type(error).__name__
            sys.exit(f"citong: cannot listen on {host} port {port} ({why}); choose another with --port or CITONG_PORT")
        sock.set_inheritable(True)
        yield sock


class _Server(uvicorn.Server):
    """Says good-bye to the live line first. Signals are ours: uvicorn would raise them again at its end, before the
    database is closed."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._starlette = app

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        _on_signals(self.stop)
        yield

    def stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._starlette.state.lines.farewell()
        await super().shutdown(sockets)


def _on_signals(told: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)


def _open_files() -> None:
    """Every socket is a file: take what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _plainly(main: Coroutine[Any, Any, None], factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    """Run to the end; a database that cannot be had ends the program with one line."""
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(main)
    except (EmbeddedError, parts.CrowdedError) as error:
        sys.exit(f"citong: {error}")
    except (*database.GONE, OSError, DBConnectionError) as error:
        sys.exit(f"citong: the database is not there ({type(error).__name__}); start it or mend CITONG_DATABASE_URL")
    except Exception as error:
        state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", "")
        if str(state)[:2] not in _TURNED_AWAY:
            raise
        sys.exit(f"citong: the database turns us away ({type(error).__name__}); mend CITONG_DATABASE_URL")
