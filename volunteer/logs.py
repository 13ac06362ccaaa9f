"""What the program says to its operator: one line an event, on standard error, without anything personal.

Every record of every library passes here. An exception is told by its kind and its frames, never by its words: those
repeat what people typed. Whatever looks like a secret, an address, a phone or an identity number is struck out.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import ExcInfo, Processor

STRUCK = "***"

_SECRET = re.compile(
    r"pass|secret|token|cookie|authori[sz]ation|credential|dsn|database_url|e?mail(_?to|_?from)?$|phone|^name$|_name$|pinyin|birth|id_number",
    re.IGNORECASE,
)
_HARMLESS = frozenset({"logger_name", "file_name", "job_name", "host_name"})
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<=://)[^/\s@]+@",  # credentials in an address
        r"[\w.+-]+@[\w-]+(\.[\w-]+)+",
        r"(?<![\w-])1[3-9]\d{9}(?![\w-])",
        r"(?<![\w-])[1-9]\d{16}[\dXx](?![\w-])",
        r"(?i)(?<=bearer )\S+",
        r"(?<=[#?&][to]=)[\w-]+",
        r"(?<=/api/calendar/)[\w-]+",
        r"(?<=citong_session=)[\w-]+",
    )
)
_DEEPEST = 4


def setup(level: str = "info", *, as_json: bool = False) -> None:
    """Send all records of this process to standard error, as lines for people or, ``as_json``, for programs."""
    shared: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        told,
        struck,
    ]
    colours = not as_json and sys.stderr.isatty()
    shown: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    for noisy in ("uvicorn.error", "uvicorn.access", "asyncio", "apscheduler", "pgqueuer", "tortoise", "websockets"):
        quiet = logging.getLogger(noisy)
        quiet.handlers.clear()
        quiet.propagate = True
        quiet.setLevel(max(logging.WARNING, root.level))
    # A sweep that still runs when it is due again is left out by design; the clock itself tells of one that stays away.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def told(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its kind and frames; causes likewise."""
    info: ExcInfo | bool | None = event.pop("exc_info", None)
    found = sys.exc_info() if info is True else info
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = " <- ".join(type(one).__name__ for one in _chain(error))
        event["frames"] = [
            f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}"
            for one in _chain(error)
            for frame in traceback.extract_tb(one.__traceback__)[-12:]
        ]
    event.pop("stack_info", None)
    return event


def _chain(error: BaseException) -> list[BaseException]:
    found = [error]
    while len(found) < _DEEPEST and (error := error.__cause__ or error.__context__):  # type: ignore[assignment]
        found.append(error)
    return found


def struck(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event without secrets and personal data, and on one line."""
    for key, value in event.items():
        event[key] = STRUCK if _SECRET.search(key) and key not in _HARMLESS else _clean(value)
    return event


def _clean(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        for pattern in _PATTERNS:
            value = pattern.sub(STRUCK, value)
        return value.replace("\r", "\\r").replace("\n", "\\n")
    if isinstance(value, dict) and depth < _DEEPEST:
        return {key: STRUCK if _SECRET.search(str(key)) else _clean(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        return [_clean(inner, depth + 1) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else _clean(str(value), depth + 1)
