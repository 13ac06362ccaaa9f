"""How the fuzz knocks: with a key of its own for each write, and mostly at things that are there.

Loaded by schemathesis. ``CITONG_FUZZ_THERE``: JSON, what is there: nouns of paths and names of fields → values.
"""

import json
import os
import zlib
from typing import Any
from uuid import uuid4

import schemathesis

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
