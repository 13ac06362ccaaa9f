"""The command as people run it: a program of its own, with a clean environment."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def trouble(self) -> str:
        """The one line that an expected failure leaves on standard error."""
        assert self.code == 1, (self.code, self.err)
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("citong: ")
        return lines[0].removeprefix("citong: ")


def citong(*words: str, url: str = "", **settings: str) -> Done:
    """Run it to the end. ``settings`` become CITONG_ variables; ``url`` names the database."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CITONG_")}
    environment |= {f"CITONG_{name.upper()}": value for name, value in settings.items()}
    if url:
        environment["CITONG_DATABASE_URL"] = url
    done = subprocess.run(
        [sys.executable, "-m", "dispatch", *words], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=240, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)
