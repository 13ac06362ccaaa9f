"""A server with a guard taken away: the canaries' server. It is the real program in every other way."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.house import ROOT, House

_RUN = "\nimport sys\nfrom dispatch.__main__ import main\nsys.argv = ['citong', 'serve', '--port', '{port}']\nmain()\n"


class Mutilated(House):
    """``without``: Python that takes the guard away before the program begins."""

    def __init__(self, url: str, log: Path, without: str, **settings: object) -> None:
        super().__init__(url, log, **settings)
        self._without = without

    def _begun(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", self._without + _RUN.format(port=self.port)], cwd=ROOT, env=self._environment,
                stdout=log, stderr=log,
            )  # fmt: skip
