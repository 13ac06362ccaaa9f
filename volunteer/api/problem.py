"""Every error as an answer: RFC 9457 problem+json in the caller's language, with code, faults, reasons and remedy."""

import json
import logging
import traceback
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from pydantic import ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from volunteer import database, errors, words
from volunteer.act import Language
from volunteer.api.shapes import View
from volunteer.database import GONE
from volunteer.errors import CitongError, Forbidden, Invalid, Missing, Refused

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"

STATUS = {
    "key_missing": 400, "anonymous": 401, "forbidden": 403, "cross_site": 403, "missing": 404, "not_allowed": 405,
    "refused": 409, "running": 409, "gone": 410, "reset": 410, "wrong_code": 410, "dead_link": 410, "too_large": 413,
    "too_slow": 408,
    "unsupported": 415, "invalid": 422, "key_reused": 422, "too_many": 429, "broken": 500, "busy": 503,
    "no_room": 503, "read_only": 503,
}  # fmt: skip

# A refusal for one of these reasons alone answers by that code.
_BY_RULE = ("running", "reset", "too_many", "wrong_code", "dead_link")
_BY_STATUS = {401: "anonymous", 403: "forbidden", 404: "missing", 405: "not_allowed", 413: "too_large", 503: "busy"}
_RETRY = {"busy": 2, "no_room": 30, "read_only": 10}

# SQLSTATEs of a database that is there but cannot just now: locks, deadlocks, limits, shutting down, read-only.
_BUSY_STATES = {
    "40001",
    "40P01",
    "55P03",
    "57014",
    "57P01",
    "57P02",
    "57P03",
    "53200",
    "53300",
    "25P03",
}
# And of one that takes no writes, by the code that says why.
_UNWRITABLE = {"53100": "no_room", "25006": "read_only"}


# Whoever sends fifty thousand wrong fields is told of the first hundred.
MOST_FAULTS = 100


class Fault(View):
    """What is wrong with one field, and what would mend it. ``row`` counts as a spreadsheet does."""

    field: str
    row: int | None = None
    text: str

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


class Reason(View):
    """Why not: the rule's name, its data, the sentence and what would mend it."""

    rule: str
    data: dict[str, str | int | float | bool | None]
    text: str
    remedy: str


class Problem(View):
    """RFC 9457. ``code`` is the stable word; ``faults`` come with 422, ``reasons`` with 409, 410 and 429. A problem may
    have members of its own: ``next``."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    faults: list[Fault] | None = None
    reasons: list[Reason] | None = None

    model_config = ConfigDict(extra="ignore", json_schema_serialization_defaults_required=False)


class ProtocolError(Exception):
    """A problem of the protocol itself, by its code; raised in the endpoint layer only."""

    def __init__(self, code: str, **data: str | int) -> None:
        self.code = code
        self.data = data
        super().__init__(code)


def told(reasons: Iterable[errors.Reason], language: Language) -> list[Reason]:
    """Reasons in words; what reads the same is said once."""
    out: dict[tuple[str, str], Reason] = {}
    for reason in reasons:
        text, remedy = words.reason(reason.rule, reason.data, language)
        out.setdefault((reason.rule, text), Reason(rule=reason.rule, data=dict(reason.data), text=text, remedy=remedy))
    return list(out.values())


def problem(
    code: str,
    language: Language,
    *,
    data: Mapping[str, str | int] | None = None,
    faults: Iterable[errors.Fault] = (),
    reasons: Iterable[errors.Reason] = (),
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """The answer for ``code``. ``data`` fills the usual sentence, ``extra`` are members of its own (``next``)."""
    title, detail = words.problem(code, language)
    body = Problem(
        type=f"/problems/{code}",
        title=title,
        status=STATUS[code],
        detail=detail.format_map(dict(data or {})),
        code=code,
        faults=[Fault(field=f.field, row=f.row, text=f.en if language == "en" else f.zh) for f in faults] or None,
        reasons=told(reasons, language) or None,
    )
    content = body.model_dump(mode="json", exclude_none=True) | dict(extra or {})
    raw = json.dumps(content, ensure_ascii=False).encode()
    return Response(raw, STATUS[code], _manners(code) | dict(headers or {}), MEDIA)


def _manners(code: str) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if code == "anonymous":
        headers["WWW-Authenticate"] = "Bearer"
    if code in _RETRY:
        headers["Retry-After"] = str(_RETRY[code])
    if code in ("too_large", "too_slow"):
        headers["Connection"] = "close"
    return headers


def answer(error: Exception, language: Language, *, extra: Mapping[str, Any] | None = None) -> Response:
    """Any exception as its answer. What nobody foresaw is logged by an id, without its message (it may hold data)."""
    match error:
        case ProtocolError():
            return problem(error.code, language, data=error.data)
        case Invalid():
            return problem("invalid", language, faults=error.faults)
        case Missing():
            return problem("missing", language, data={"noun": words.noun(error.noun, language)})
        case Forbidden():
            return problem("anonymous" if error.anonymous else "forbidden", language)
        case Refused():
            return _refused(error, language, extra)
        case HTTPException():
            return _of_framework(error, language)
        case CitongError():
            raise TypeError(f"an error of no kind: {type(error).__name__}") from error
    if refused := _UNWRITABLE.get(database.state(error)):
        log.error("the database takes no writes", extra={"why": refused})
        return problem(refused, language)
    if _away(error):
        log.warning("the database is not there just now", extra={"error": type(error).__name__})
        return problem("busy", language)
    name = uuid4().hex[:12]
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s, logged as %s\n%s", type(error).__name__, name, frames, extra={"id": name})
    return problem("broken", language, data={"id": name})


def _away(error: Exception) -> bool:
    """Whether the database is not there just now. The driver's own "internal error" is what a connection says that was
    cut while its next statement was being sent."""
    return isinstance(error, GONE) or database.state(error) in _BUSY_STATES


def _refused(error: Refused, language: Language, extra: Mapping[str, Any] | None) -> Response:
    code = "gone" if error.gone else "refused"
    headers = {}
    if len(error.reasons) == 1 and error.reasons[0].rule in _BY_RULE:
        code = error.reasons[0].rule
        if code == "too_many":
            headers["Retry-After"] = str(error.reasons[0].data.get("seconds", 60))
    return problem(code, language, reasons=error.reasons, headers=headers, extra=extra)


def _of_framework(error: HTTPException, language: Language) -> Response:
    code = _BY_STATUS.get(error.status_code, "invalid")
    data = {"noun": words.noun("page", language), "limit": "…"}
    return problem(code, language, data=data, headers=error.headers)


def invalid(error: ValidationError, part: str = "") -> Invalid:
    """pydantic's findings as faults: where, what, and the remedy in both languages; never the value itself."""
    found = error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
    return Invalid([_fault(one, part) for one in found])


def _fault(found: ErrorDetails, part: str) -> errors.Fault:
    said = words.fault(found["type"], found.get("ctx", {}))
    place = ".".join(str(step) for step in found["loc"])
    return errors.Fault(place or part or "body", said.zh, said.en)


async def unanswered(request: Request, error: Exception) -> Response:
    """Starlette's handler of last resort: what no door answered (404, 405, 413, a fault outside the doors)."""
    from volunteer.api.caller import spoken

    return answer(error, spoken(request.headers.get("accept-language", "")) or "zh")
