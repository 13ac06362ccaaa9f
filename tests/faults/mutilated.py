"""A server with a guard taken away: the canaries' server. It is the real program in every other way."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.house import ROOT, House


def program(without: str, *words: str) -> tuple[str, str]:
    """What Python is given to run the program with these words. ``without``: Python that takes the guard away before
    the program begins."""
    return "-c", f"{without}\nimport sys\nfrom dispatch.__main__ import main\nsys.argv = {['citong', *words]}\nmain()\n"


class Mutilated(House):
    """``without``: as for :func:`program`."""

    def __init__(self, url: str, log: Path, without: str, **settings: object) -> None:
        super().__init__(url, log, **settings)
        self._without = without

    def _begun(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *program(self._without, "serve", "--port", str(self.port))], cwd=ROOT,
                env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip
