"""P-44: what is planted anywhere near a log line does not come out, and no text can forge a line."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from volunteer import logs

PLANTED = (
    "hunter2-password", "tok_9f8e7d6c5b4a", "citong-cookie-value", "13800138000", "chen.xiaomei@example.org",
    "350502199001011234", "sekrit", "35050219900101123X",
)  # fmt: skip


@contextmanager
def logged(level: str = "debug", *, as_json: bool) -> Iterator[io.StringIO]:
    """The program's log, and afterwards the loggers as they were."""
    root, out, real = logging.getLogger(), io.StringIO(), sys.stderr
    handlers, before = root.handlers[:], root.level
    sys.stderr = out
    try:
        logs.setup(level, as_json=as_json)
        yield out
    finally:
        sys.stderr = real
        root.handlers[:] = handlers
        root.setLevel(before)
        logging.captureWarnings(False)
        for name in ("uvicorn.error", "uvicorn.access", "asyncio", "apscheduler", "pgqueuer", "tortoise", "websockets"):
            logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.parametrize("as_json", [True, False])
def test_p44_nothing_personal_comes_out(as_json: bool) -> None:
    log = logging.getLogger("volunteer.somewhere")
    with logged(as_json=as_json) as out:
        log.info(
            "signed in", extra={
                "email": PLANTED[4], "phone": PLANTED[3], "password": PLANTED[0], "token": PLANTED[1],
                "headers": {"Cookie": f"citong_session={PLANTED[2]}", "Authorization": f"Bearer {PLANTED[1]}"},
                "database_url": f"postgres://citong:{PLANTED[6]}@host/db",
            },
        )  # fmt: skip
        log.warning("call %s, write to %s, number %s or %s", PLANTED[3], PLANTED[4], PLANTED[5], PLANTED[7])
        log.error("cannot reach postgres://citong:sekrit@10.0.0.1:5432/citong and http://x/#t=tok_9f8e7d6c5b4a")
        log.error("no page at /api/calendar/tok_9f8e7d6c5b4a.ics nor at /phone/#o=tok_9f8e7d6c5b4a")
        log.info("GET with citong_session=citong-cookie-value; Authorization: Bearer tok_9f8e7d6c5b4a", extra={"n": 1})
        try:
            try:
                raise ValueError(f"Key (email)=({PLANTED[4]}) already exists")
            except ValueError as error:
                raise RuntimeError(f"password {PLANTED[0]} of {PLANTED[3]}") from error
        except RuntimeError:
            log.exception("it broke")
        logging.getLogger("asyncpg").error("DETAIL: %s", {"phone": PLANTED[3], "deep": [{"mail": PLANTED[4]}]})
    said = out.getvalue()
    for marker in PLANTED:
        assert marker not in said, marker
    assert "RuntimeError <- ValueError" in said
    assert "test_logs.py" in said


@pytest.mark.parametrize("as_json", [True, False])
def test_p44_no_text_forges_a_line(as_json: bool) -> None:
    with logged(as_json=as_json) as out:
        logging.getLogger("x").info("name: a\r\n2026-01-01 [error] forged", extra={"why": "b\nforged too"})
        logging.getLogger("x").warning("two")
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    if as_json:
        assert [json.loads(line)["level"] for line in lines] == ["info", "warning"]


def test_what_is_harmless_stays_whole() -> None:
    with logged(as_json=True) as out:
        logging.getLogger("x").info(
            "done", extra={
                "job": "plan", "id": "01930000-1380-7138-8000-138001380001", "seconds": 1.5, "seq": 13800138000,
                "none": None, "yes": True,
            },
        )  # fmt: skip
    said = json.loads(out.getvalue())
    assert (said["job"], said["seconds"], said["seq"], said["none"], said["yes"]) == (
        "plan",
        1.5,
        13800138000,
        None,
        True,
    )
    assert said["id"] == "01930000-1380-7138-8000-138001380001"


def test_the_level_holds_and_libraries_stay_quiet() -> None:
    with logged("warning", as_json=False) as out:
        logging.getLogger("volunteer").info("hidden")
        logging.getLogger("uvicorn.error").info("hidden too")
        logging.getLogger("volunteer").warning("seen")
    assert "hidden" not in out.getvalue()
    assert "seen" in out.getvalue()
