"""What went wrong, in one line that names the remedy. Only the unexpected shows a traceback.

Imports are inside the functions: most commands end well and need none of them.
"""

import errno
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from volunteer.errors import CitongError, Forbidden, Invalid, Missing, Refused
from volunteer.postgres import EmbeddedError

_SHOWN: Final = 8
_SYSTEM: Final = {errno.ENOENT: "no such file", errno.EACCES: "no permission", errno.EISDIR: "is a folder, want a file"}
# What PostgreSQL says (SQLSTATE) → what helps. Its own words name users and databases, never passwords or rows.
_STATES: Final = {
    "42P01": "the database lacks our tables; run: citong migrate",
    "55P03": "somebody else holds these rows; stop the other program first",
}
_AWAY: Final = ("08", "28", "3D", "53", "57")


class Trouble(Exception):
    """An expected failure of a command; its text is the whole message."""


def line(error: BaseException) -> str | None:
    """The message for an expected error; None for one that nobody foresaw."""
    match error:
        case Trouble() | EmbeddedError():
            return str(error)
        case CitongError():
            return _refusal(error)
        case ValidationError():
            return _wrong_fields(error)
        case tomllib.TOMLDecodeError():
            return f"the settings file is not valid TOML: {error}"
        case OSError() if error.filename is not None:
            return f"{error.filename}: {_SYSTEM.get(error.errno or 0, error.strerror)}"
        case _:
            return _malformed(error) or _backup(error) or _database(error)


def _refusal(error: CitongError) -> str:
    from dispatch import words as _  # noqa: F401 - registers the sentences of the work
    from volunteer import words

    match error:
        case Invalid():
            return _listed([f"{fault.field}: {fault.en}" for fault in error.faults])
        case Refused():
            said = [words.reason(reason.rule, dict(reason.data), "en") for reason in error.reasons]
            return "; ".join(f"{text} ({remedy})" if remedy else text for text, remedy in said)
        case Missing():
            return f"there is no such {error.noun}"
        case Forbidden():
            return f"this needs a role that may {error.verb}"
        case _:
            return str(error)


def _wrong_fields(error: ValidationError) -> str:
    """Settings by the variable that sets them; fields of a file by their place. Values are never repeated."""
    ours = error.title == "Settings"
    return _listed([f"{_place(fault, ours=ours)}: {_fault(fault)}" for fault in error.errors(include_input=False)])


def _fault(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such name"
    return str(fault["msg"]).removeprefix("Value error, ")


def _place(fault: Mapping[str, Any], *, ours: bool) -> str:
    name = ".".join(map(str, fault["loc"])) or "the whole"
    if ours and fault["type"] == "extra_forbidden":
        return f"setting {name}"  # a line of the file, not a variable
    return f"setting CITONG_{name.upper()}" if ours else name


def _listed(faults: list[str]) -> str:
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return "; ".join(faults[:_SHOWN]) + more


def _malformed(error: BaseException) -> str | None:
    from dispatch.planner.problem import Malformed

    return _listed(list(error.faults)) if isinstance(error, Malformed) else None


def _backup(error: BaseException) -> str | None:
    from volunteer.backups import BackupError

    return str(error) if isinstance(error, BackupError) else None


def _database(error: BaseException) -> str | None:
    from tortoise.exceptions import BaseORMException

    from volunteer.database import GONE

    state = str(getattr(error, "sqlstate", "") or "")
    if state in _STATES:
        return _STATES[state]
    if isinstance(error, GONE) or state[:2] in _AWAY:
        return f"the database says: {str(error) or type(error).__name__}; check CITONG_DATABASE_URL"
    if isinstance(error, BaseORMException) and error.__cause__ is not None:
        return line(error.__cause__)
    return None
