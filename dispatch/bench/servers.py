"""Server processes as an operator starts them, to be measured: ready when they say so, killed at will."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PATIENCE_SECONDS: Final = 60
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class NoAnswerError(RuntimeError):
    """A server did not start, did not answer as it should, or lost an entry; says which."""


class Server:
    """``port``: the same through all its lives. ``program``: what Python is given to run."""

    program: tuple[str, ...] = ("-m", "dispatch", "serve")

    def __init__(self, url: str, folder: Path, name: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        given = {
            "CITONG_DATABASE_URL": url, "CITONG_VAR": str(folder), "CITONG_LOG_LEVEL": "warning",
            "CITONG_PUBLIC_URL": f"http://127.0.0.1:{self.port}", "CITONG_HOST": "127.0.0.1",
            "CITONG_PORT": str(self.port),
        }  # fmt: skip
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith("CITONG_")} | given
        self._said = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start it; :meth:`wait` returns when it is ready."""
        with self._said.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self.program], env=self._environment, stdout=log, stderr=log
            )

    def wait(self) -> None:
        """Raises :class:`NoAnswerError` when it does not become ready."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._process is not None and self._process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.05)
        lines = self._said.read_text("utf-8", "replace").splitlines() or ["it said nothing"]
        raise NoAnswerError(f"a server did not start: {lines[-1]}")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as line:
                line.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return line.recv(32).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def kill(self) -> None:
        """As by ``kill -9``."""
        self._process, process = None, self._process
        if process is not None:
            process.kill()
            process.wait(PATIENCE_SECONDS)

    def stop(self) -> None:
        self._process, process = None, self._process
        if process is not None:
            process.terminate()
            process.wait(PATIENCE_SECONDS)

    @property
    def memory_kb(self) -> int:
        """What it holds in memory just now."""
        assert self._process is not None
        lines = Path(f"/proc/{self._process.pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

    @property
    def processor_seconds(self) -> float:
        """What it took of the processors since it began."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def served(url: str, folder: Path, name: str) -> Iterator[Server]:
    """One server process on the database at ``url``, ready. Raises :class:`NoAnswerError`."""
    server = Server(url, folder, name)
    server.begin()
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@contextmanager
def serving(url: str, folder: Path, name: str) -> Iterator[int]:
    """The port of :func:`served`, for whoever wants no more."""
    with served(url, folder, name) as server:
        yield server.port
