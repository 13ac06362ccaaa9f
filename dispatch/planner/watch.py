"""What surrounds a planner run as a process: its progress lines, and the limits that end it whatever it does."""

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic_core import to_json

OUT_OF_TIME: Final = 4
GRACE_SECONDS: Final = 1.2  # between the wall limit and the end of a run that overslept it
LATE_SECONDS: Final = 0.1  # and before the floor is asked
REPORT_EVERY: Final = 0.1
_PR_SET_PDEATHSIG: Final = 1

Number = int | float | None


class Watch:
    """Writes one JSON object a line to a file descriptor and times the stages: a stage lasts from its first report to
    the first report of the next one. Reports inside a stage are thinned to ten a second."""

    def __init__(self, descriptor: int, started: float) -> None:
        """``started`` on the monotonic clock."""
        self._descriptor = descriptor
        self._started = started
        self._stage: str | None = None
        self._since = started
        self._told = 0.0
        self._spent = 0.0  # what came before the first stage belongs to it: starting Python
        self.stages: dict[str, float] = {}
        self.processor: dict[str, float] = {}

    def __call__(self, stage: str, done: float, score: int | None, bound: int | None) -> None:
        now = time.monotonic()
        if stage == self._stage and done < 1 and now - self._told < REPORT_EVERY:
            return
        self._enter(stage, now)
        self._told = now
        line = {"stage": stage, "done": round(done, 4), "score": score, "bound": bound}
        self.say({**line, "seconds": self._elapsed(now), "peak_mb": peak_mb()})

    def finish(self) -> None:
        """The last line: total seconds, seconds by stage, by the clock and of the processor, peak memory."""
        now = time.monotonic()
        self._enter(None, now)
        stages = {stage: round(seconds, 4) for stage, seconds in self.stages.items()}
        spent = {stage: round(seconds, 4) for stage, seconds in self.processor.items()}
        said = {"stage": "done", "seconds": self._elapsed(now), "stages": stages, "processor": spent}
        self.say({**said, "peak_mb": peak_mb()})

    def fail(self, error: str, faults: Sequence[str] = ()) -> None:
        self.say({"error": error, "faults": list(faults)})

    def say(self, line: Mapping[str, object]) -> None:
        """In one write, so that a line is never torn by another writer on a pipe."""
        os.write(self._descriptor, to_json(dict(line)) + b"\n")

    def _enter(self, stage: str | None, now: float) -> None:
        if stage == self._stage:
            return
        spent = time.process_time()
        if self._stage is not None:
            self.stages[self._stage] = self.stages.get(self._stage, 0.0) + now - self._since
            self.processor[self._stage] = self.processor.get(self._stage, 0.0) + spent - self._spent
        self._stage, self._since, self._spent = stage, now, spent

    def _elapsed(self, now: float) -> float:
        return round(now - self._started, 4)


def peak_mb() -> float:
    """Peak resident memory of this program. ``ru_maxrss`` would also count the parent it was forked from."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return next((int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmHWM")), 0.0)


def die_with_parent(parent: int | None) -> None:
    """Asks Linux to kill this process with the thread that started it. ``parent``: the process id that it should still
    have; when it has another already the parent died before this call, and the process ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        raise SystemExit(0)


def limit_memory(megabytes: int) -> None:
    """Address space, never above a limit that is already set."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = megabytes * 1024 * 1024
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def limit_time(watch: Watch, seconds: float, floor: Callable[[], bool]) -> None:
    """Ends the process soon after ``seconds`` from now: with the answer that ``floor`` gives then, if it says that it
    gave one, else with a line that says so; by the kernel's alarm if native code keeps the interpreter from both."""

    def end() -> None:
        if floor():
            os._exit(0)
        time.sleep(GRACE_SECONDS - LATE_SECONDS)
        watch.fail(f"no plan within the wall limit and {GRACE_SECONDS} s of grace; raise --seconds or plan less")
        os._exit(OUT_OF_TIME)

    timer = threading.Timer(seconds + LATE_SECONDS, end)
    timer.daemon = True
    timer.start()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_SECONDS + 0.5)
