"""How the fuzz knocks: with a key of its own for each write, and mostly at things that are there.

Loaded by schemathesis. ``CITONG_FUZZ_THERE``: JSON, what is there: nouns of paths and names of fields → values.
The check ``as_others`` asks the same again as everybody in ``CITONG_FUZZ_OTHERS`` (JSON, name → secret), looks at the
answers as closely, and writes them down in the file ``CITONG_FUZZ_TOLD``.
"""

import json
import os
import zlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis import checks

THERE: dict[str, list[str]] = json.loads(os.environ.get("CITONG_FUZZ_THERE", "{}"))


def _or_there(name: str, value: Any) -> Any:
    """The value, or instead of a good one something that is there; the same value always leads to the same choice."""
    known = THERE.get(name, [])
    chance = zlib.crc32(repr(value).encode())
    if not known or not isinstance(value, str) or chance % 4 == 0:
        return value
    return known[chance // 4 % len(known)]


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> Any:
    if path_parameters and context.operation is not None:
        noun = context.operation.path.split("/")[2]
        return {name: _or_there(noun, value) for name, value in path_parameters.items()}
    return path_parameters


@schemathesis.hook
def map_query(context: schemathesis.HookContext, query: Any) -> Any:
    return {name: _or_there(name, value) for name, value in query.items()} if isinstance(query, dict) else query


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    return {name: _or_there(name, value) for name, value in body.items()} if isinstance(body, dict) else body


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """A well-formed key is used for one case alone."""
    for name, value in (case.headers or {}).items():
        if name.lower() == "idempotency-key" and value and str(value).isprintable():
            case.headers[name] = uuid4().hex


@schemathesis.check
def as_others(ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case) -> None:
    closely = [checks.CHECKS.get_one(name) for name in os.environ["CITONG_FUZZ_CHECKS"].split(",")]
    with Path(os.environ["CITONG_FUZZ_TOLD"]).open("a", encoding="utf-8") as told:
        for name, secret in json.loads(os.environ["CITONG_FUZZ_OTHERS"]).items():
            headers = {"Cookie": f"citong_session={secret}", "Sec-Fetch-Site": "same-origin"}
            answer = case.call(headers=headers)
            told.write(json.dumps([name, case.method, case.operation.path, answer.status_code]) + "\n")
            case.validate_response(answer, checks=closely)
