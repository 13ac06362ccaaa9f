"""A cursor over a stable order: how many rows it stands behind, as text that only we make."""

import base64
import re

from volunteer.errors import Fault, Invalid

_CURSOR = re.compile(rb"after:([0-9]{1,9})")


def skipped(cursor: str | None) -> int:
    """How many rows a cursor stands behind. Raises :class:`Invalid` for one that we never gave."""
    if cursor is None:
        return 0
    try:
        given = _CURSOR.fullmatch(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if given is None:
            raise ValueError("not of our making")
        return int(given[1])
    except ValueError as error:
        raise Invalid(
            [Fault("cursor", "游标无效，请从第一页开始", "is not a cursor of ours; start at page one")]
        ) from error


def cursor(skip: int | None) -> str | None:
    return None if skip is None else base64.urlsafe_b64encode(f"after:{skip}".encode()).decode().rstrip("=")


def after(skip: int, limit: int, total: int) -> str | None:
    """The cursor of the next page, when there is one."""
    return cursor(skip + limit) if skip + limit < total else None
