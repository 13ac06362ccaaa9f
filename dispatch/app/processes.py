"""Several processes on one port: started one after the other, started again when they fall, stopped together.

They share nothing but the listening socket and the database. Each dies with the parent, whatever kills that.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from typing import Any

log = logging.getLogger(__name__)

WATCH_SECONDS = 0.2
START_SECONDS = 120.0
STOP_SECONDS = 15.0
AGAIN_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1

Work = Callable[..., None]


class _Told(Exception):
    """Asked to stop."""


def several(count: int, work: Work, given: tuple[Any, ...]) -> None:
    """Run ``work(*given, ready)`` in ``count`` processes until SIGTERM or SIGINT. When the first does not come up the
    program ends with its status; one that falls later is started again."""
    family = _Family(work, given)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _tell)
    try:
        family.first()
        while len(family.children) < count:
            family.start()
        while True:
            time.sleep(WATCH_SECONDS)
            family.mend()
    except _Told:
        log.info("stopping %d processes", len(family.children))
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        family.stop()


def _tell(*_: object) -> None:
    raise _Told


class _Family:
    def __init__(self, work: Work, given: tuple[Any, ...]) -> None:
        self._work, self._given = work, given
        self._context = multiprocessing.get_context("spawn")
        self._up = self._context.Event()  # set by whichever serves first
        self.children: list[SpawnProcess] = []

    def start(self) -> None:
        child = self._context.Process(target=_run, args=(self._work, self._given, self._up, os.getpid()))
        child.start()
        self.children.append(child)

    def first(self) -> None:
        """One before the others: it brings the schema up to date, and says once why it cannot."""
        self.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._up.wait(WATCH_SECONDS):
            code = self.children[0].exitcode
            if code is not None:
                sys.exit(abs(code) or 1)
            if time.monotonic() > deadline:
                sys.exit("citong: the first process did not come up within two minutes; its log above may say why")

    def mend(self) -> None:
        fallen = [child for child in self.children if child.exitcode is not None]
        for child in fallen:
            log.error("a serving process fell and is started again", extra={"pid": child.pid, "code": child.exitcode})
            self.children.remove(child)
            time.sleep(AGAIN_SECONDS)
            self.start()

    def stop(self) -> None:
        for child in self.children:
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.join(max(0.1, deadline - time.monotonic()))
            if child.exitcode is None:
                log.error("a serving process did not stop and is killed", extra={"pid": child.pid})
                child.kill()
                child.join()


def _run(work: Work, given: tuple[Any, ...], up: Any, parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
    work(*given, up.set)
