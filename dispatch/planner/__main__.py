"""The planner as a filter: ``python -m dispatch.planner [options] < problem.json > plan.json``.

Standard output carries the plan and nothing else, written at once at the end. Standard error carries JSON lines:
``{"stage", "done": 0..1, "score", "bound", "seconds", "peak_mb"}`` while it works, at last ``{"stage": "done",
"seconds", "stages": {name: seconds}, "processor": {name: seconds}, "peak_mb"}``, or ``{"error", "faults"}``. Lines that
are no JSON objects are chatter of native libraries or a traceback.

With ``--farm`` others may solve the parts of a large plan. The problem is then the first line of the input. The parts
come out first, a line each: ``{"part", "of", "data"}``. ``python -m dispatch.planner part < data > answer`` solves one
(``data`` is base64 there and bytes here); ``{"part", "rows"}`` lines of the input bring the answers. What is not
answered when the input ends, or in time, is solved here. The plan comes last.

Ends with 0 (a plan), 2 (wrong options or problem), 3 (out of memory), 4 (out of time without a plan). When a solver
oversleeps the wall limit, the greedy plan is the answer. The work is done in a child of the process, which says why
when a signal ends that. SIGTERM ends both at any moment; they die with the thread that started them.
"""

import base64
import gc
import json
import os
import signal
import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn

from pydantic import ValidationError

from dispatch.planner import plan, problem
from dispatch.planner.watch import OUT_OF_TIME, Watch, die_with_parent, limit_memory, limit_time

if TYPE_CHECKING:
    from dispatch.planner.search.parts import Part
    from dispatch.planner.tables import Ints

WRONG: Final = 2
NO_ROOM: Final = ("map segment", "without exception set", "without setting an exception")
OUT_OF_MEMORY: Final = 3
FAULTS_SHOWN: Final = 50


class _Options(ArgumentParser):
    def __init__(self, watch: Watch) -> None:
        super().__init__(prog="python -m dispatch.planner", description="Reads a problem, writes a plan (JSON).")
        self._watch = watch
        self.add_argument("--seconds", type=float, default=60.0, help="wall limit, 0.1 to 86400 (default 60)")
        self.add_argument("--gap", type=float, default=0.001, help="stop when proven so near the best (default 0.001)")
        self.add_argument("--seed", type=int, default=0)
        self.add_argument("--memory", type=int, default=4096, help="limit of the address space in MB (default 4096)")
        self.add_argument("--largest", type=int, default=512, help="refuse a problem above so many MB (default 512)")
        self.add_argument("what", nargs="?", choices=("plan", "part"), default="plan", help="a whole plan, or one part")
        self.add_argument("--farm", action="store_true", help="hand the parts of a large plan out, and take answers")
        self.add_argument("--events", type=int, default=700, help="events of a part, about (default 700)")
        self.add_argument("--parent", type=int, help="process id of the caller: end at once if it is gone already")

    def read(self, words: list[str]) -> Namespace:
        options = self.parse_args(words)
        if not 0.1 <= options.seconds <= 86_400:
            self.error("--seconds must lie between 0.1 and 86400")
        if not 0 <= options.gap < 1:
            self.error("--gap must be at least 0 and below 1")
        if not 0 <= options.seed < 2**31:
            self.error("--seed must lie between 0 and 2147483647")
        if not 1 <= options.largest <= problem.MAX_BYTES // 1024**2:
            self.error("--largest must lie between 1 and 512 (MB)")
        if options.events < 1:
            self.error("--events must be at least 1")
        if options.memory < 256:
            self.error("--memory must be at least 256 (MB)")
        return options

    def error(self, message: str) -> NoReturn:
        self._watch.fail("wrong options", [message])
        raise SystemExit(WRONG)


def main(words: list[str], started: float) -> int:
    """``started`` on the monotonic clock; the wall limit counts from there. The work is done in a process of its own,
    so that somebody is left to say why when native code is killed or crashes."""
    watch = Watch(2, started)
    options = _Options(watch).read(words)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_parent(options.parent)
    limit_memory(options.memory)
    keeper = os.getpid()
    if worker := os.fork():
        return _kept(watch, options, worker)
    die_with_parent(keeper)
    return _worked(watch, options, started)


def _kept(watch: Watch, options: Namespace, worker: int) -> int:
    """Wait for the worker; when a signal ended it, say what that means."""
    code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    if code >= 0:
        return code
    if -code == signal.SIGALRM:
        watch.fail("no plan within the wall limit: native code did not let go; raise --seconds or plan less")
        return OUT_OF_TIME
    watch.fail(
        f"the solver was ended by signal {-code}, most likely for lack of memory: the limit is {options.memory} MB; "
        "raise --memory or plan a smaller scope or window"
    )
    return OUT_OF_MEMORY


def _worked(watch: Watch, options: Namespace, started: float) -> int:
    """The run itself."""
    answers = _Answers(watch)
    limit_time(watch, options.seconds - (time.monotonic() - started), answers.floor)
    try:
        return _answer(watch, options, started, answers)
    except (MemoryError, ImportError, SystemError) as error:
        if not lacks_memory(error):
            raise
        watch.fail(f"out of memory: the limit is {options.memory} MB; raise --memory or plan a smaller scope or window")
        return OUT_OF_MEMORY


def lacks_memory(error: Exception) -> bool:
    """A library that finds no room to load is out of memory as well, and so is one that finds none to say so."""
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in NO_ROOM)


class _Answers:
    """Where the plan goes, once: written by whoever has one first, the solver or, when it oversleeps, the clock."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._descriptor = _private_stdout()
        self._one = threading.Lock()
        self._made: Callable[[], plan.Plan] | None = None

    def keep(self, made: Callable[[], plan.Plan]) -> None:
        """What to answer with when nothing better comes in time."""
        self._made = made

    def floor(self) -> bool:
        """Answer with what is kept; whether there was anything, and nobody else is answering."""
        if self._made is None or not self._one.acquire(blocking=False):
            return False
        self._write(self._made())
        return True

    def give(self, made: plan.Plan) -> None:
        with self._one:
            self._write(made)

    def say(self, line: dict[str, Any]) -> None:
        _write(self._descriptor, json.dumps(line).encode() + b"\n")

    def farmed(self, several: "list[Part]", seconds: float, given: BinaryIO) -> "dict[int, Ints]":
        """Hand the parts out and take what answers come within so many seconds."""
        import numpy as np

        from dispatch.planner.search import parts

        for number, part in enumerate(several):
            data = base64.b64encode(parts.written(part)).decode()
            self.say({"part": number, "of": len(several), "data": data})
        told: dict[int, Ints] = {}

        def listen() -> None:
            while len(told) < len(several) and (line := given.readline()):
                answer = json.loads(line)
                told[int(answer["part"])] = np.array(answer["rows"], np.int64)

        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        listening.join(seconds)
        return dict(told)

    def _write(self, made: plan.Plan) -> None:
        _write(self._descriptor, plan.write(made) + b"\n")
        self._watch.finish()


def _answer(watch: Watch, options: Namespace, started: float, answers: _Answers) -> int:
    watch("read", 0.0, None, None)
    gc.disable()  # nothing of a problem is ever garbage, and looking for it takes longer than reading
    given: BinaryIO = sys.stdin.buffer
    if options.what == "part":
        return _part(watch, options, started, answers, given)
    try:
        most = options.largest * 1024 * 1024
        asked = problem.read(given.readline() if options.farm else problem.load(given, most))
    except problem.Malformed as malformed:
        return _refuse(watch, malformed.faults)
    except ValidationError as wrong:
        return _refuse(
            watch, tuple(_sentence(error["loc"], error["msg"]) for error in wrong.errors(include_input=False))
        )
    gc.freeze()
    gc.enable()
    watch("load", 0.0, None, None)
    from dispatch.planner import model  # after the limits, so that loading the solver is under them too
    from dispatch.planner.search import parts, program  # after the limits, so that loading the solver is under them too

    program.load()
    left = options.seconds - (time.monotonic() - started)
    left = max(0.0, left)
    farm = (lambda several, seconds: answers.farmed(several, seconds, given)) if options.farm else None
    parts.EVENTS = options.events
    how: dict[str, Any] = {"seconds": left, "gap": options.gap, "seed": options.seed, "progress": watch}
    answers.give(model.solve(asked, **how, floor=answers.keep, farm=farm))
    return 0


def _part(watch: Watch, options: Namespace, started: float, answers: "_Answers", given: BinaryIO) -> int:
    """One part of a plan, by itself."""
    from dispatch.planner.search import parts

    try:
        part = parts.read(given.read())
    except ValueError as wrong:
        return _refuse(watch, (str(wrong),))
    watch("rounding", 0.0, None, None)
    left = max(0.0, options.seconds - (time.monotonic() - started))
    rows = parts.solved(part, gap=options.gap / 10, seconds=left, seed=options.seed)
    if rows is None:
        watch.fail("no answer in time; raise --seconds")
        return OUT_OF_TIME
    answers.say({"rows": rows.tolist()})
    watch.finish()
    return 0


def _refuse(watch: Watch, faults: tuple[str, ...]) -> int:
    shown = list(faults[:FAULTS_SHOWN])
    if len(faults) > FAULTS_SHOWN:
        shown.append(f"and {len(faults) - FAULTS_SHOWN} more")
    watch.fail("the problem is malformed", shown)
    return WRONG


def _sentence(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place)) or 'problem'}: {message}"


def _private_stdout() -> int:
    """A descriptor of the real standard output. What native libraries print to theirs goes to standard error."""
    real = os.dup(1)
    os.dup2(2, 1)
    return real


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], time.monotonic()))
