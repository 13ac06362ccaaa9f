"""The program as operators run it: processes of its own, settings from the environment, ends by signals."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATIENCE = 90
_SERVING = re.compile(r"serving http://127\.0\.0\.1:(\d+)")


@dataclass
class Program:
    """``log`` is all that it said on standard error."""

    process: subprocess.Popen[bytes]
    file: Path

    @property
    def log(self) -> str:
        return self.file.read_text("utf-8")

    @property
    def port(self) -> int:
        """The port, once every process serves. Ends the test when the program ended."""
        deadline = time.monotonic() + PATIENCE
        while not (found := _SERVING.search(self.log)):
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)
        return int(found[1])

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        """Its status, when it has ended by itself."""
        return self.process.wait(PATIENCE)


@contextmanager
def started(folder: Path, what: str = "serve", **settings: object) -> Iterator[Program]:
    """``serve`` or ``work`` with these settings; killed at the end if it still runs."""
    file = folder / f"{what}-{time.monotonic_ns()}.log"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CITONG_")}
    environment |= {f"CITONG_{name.upper()}": str(value) for name, value in settings.items()}
    environment |= {"PYTHONPATH": str(ROOT), "CITONG_VAR": str(folder / "var"), "PYTHONUNBUFFERED": "1"}
    with file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), what], env=environment, stdout=log, stderr=log, cwd=folder
        )
    try:
        yield Program(process, file)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


if __name__ == "__main__":
    from dispatch import app
    from volunteer.settings import Settings

    getattr(app, sys.argv[1])(Settings())
