"""The endpoint layer: a door is one typed function; around it stand rights, limits, languages, keys and errors.

    @door("POST", "/api/things/{id}/open", summary="Open it")
    async def open_thing(act: Act, path: ById, body: Nothing) -> ThingView: ...

Parameters by name, each if wanted: ``act``; ``path``, ``query``, ``body`` (:class:`Struct`); ``request``, the raw one.
The return annotation is the answer: a :class:`View`, ``Reply[View]`` when headers go with it, ``None`` for 204. A
writing door runs inside one transaction together with its idempotency row: verbs join it through ``act``.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from volunteer import database, skills, words
from volunteer.act import Act
from volunteer.api import caller, idempotency
from volunteer.api.doors import Door, Reply, door, doors
from volunteer.api.idempotency import Answered
from volunteer.api.openapi import openapi
from volunteer.api.problem import ProtocolError, Reason, answer, invalid, problem, told, unanswered
from volunteer.api.shapes import (
    STRINGS,
    ById,
    Day,
    Instant,
    Live,
    Nothing,
    Paged,
    Real,
    Struct,
    Text,
    View,
    Whole,
    Words,
)
from volunteer.errors import Fault, Forbidden, Invalid, Refused

__all__ = [
    "ById", "Day", "Door", "Instant", "Live", "Nothing", "Paged", "Real", "Reason", "Reply", "Struct", "Text", "View",
    "Whole", "Words", "door", "doors", "openapi", "problem", "routes", "told", "unanswered",
]  # fmt: skip


# What a whole body gets, also on a bad network.
BODY_SECONDS = 60


def routes(modules: Sequence[ModuleType]) -> list[Route]:
    """One route a path with all its methods, so that a 405 names them all."""
    paths: dict[str, dict[str, Door]] = {}
    for one in doors(modules):
        paths.setdefault(one.path, {})[one.method] = one
    return [Route(path, _endpoint(methods), methods=list(methods)) for path, methods in paths.items()]


def _endpoint(methods: Mapping[str, Door]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await _answer(methods["GET" if request.method == "HEAD" else request.method], request)

    return endpoint


async def _answer(one: Door, request: Request) -> Response:
    language = caller.spoken(request.headers.get("accept-language", "")) or "zh"
    try:
        act = await caller.act(request)
        language = act.actor.language
        return await _serve(one, act, request)
    except ClientDisconnect:
        return Response(status_code=400)
    except Exception as error:  # noqa: BLE001  every error has an answer; the unforeseen is logged there
        return answer(await _worded(error), language)


async def _worded(error: Exception) -> Exception:
    """The same error, once the names of what it speaks of are known; else why they could not be read."""
    try:
        if isinstance(error, Refused):
            await _names(error)
    except Exception as why:  # noqa: BLE001  that is what is answered then
        return why
    return error


async def _names(error: Refused) -> None:
    if any(words.coded(reason.data) for reason in error.reasons):
        await skills.learned()


async def _serve(one: Door, act: Act, request: Request) -> Response:
    if act.actor.id is None and not one.public:
        raise Forbidden(one.name, anonymous=True)
    key = idempotency.key(request.headers.get("idempotency-key")) if one.writes and one.keyed else None
    raw = await _body(one, request)
    given = _given(one, request, raw)
    headers: dict[str, str] = {"Cache-Control": "no-store"}
    try:
        if key is None or act.actor.id is None:
            return _response(one, request, await _run(one, act, given, headers), headers)
        asked = idempotency.claim(act, key, request.method, request.url.path, request.url.query.encode() + b"\n" + raw)
        first = one.over and partial(one.over, act, given.get("path"))
        done = await idempotency.once(
            act, asked, lambda joined: _run(one, joined, given, headers), patience=one.patience, first=first
        )
    except Refused as error:
        if one.instead is None:
            raise
        await _names(error)
        async with database.held():  # asked now that the refused transaction is gone
            view = await one.instead(act, given.get("path"))
        return answer(error, act.actor.language, extra={"next": view and view.model_dump(mode="json")})
    if done.replayed:
        headers["Idempotent-Replayed"] = "true"
    return _response(one, request, done, headers)


async def _run(one: Door, act: Act, given: Mapping[str, Any], headers: dict[str, str]) -> Answered:
    view = await one.handler(**given, **({"act": act} if "act" in one.names else {}))
    if isinstance(view, Reply):
        headers.update(view.headers)
        view = view.view
    return Answered(one.status, b"" if view is None else view.model_dump_json().encode())


def _response(one: Door, request: Request, done: Answered, headers: dict[str, str]) -> Response:
    if one.etag:
        headers |= {"ETag": f'"{hashlib.sha256(done.body).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    return Response(done.body, done.status, headers, media_type="application/json" if done.body else None)


async def _body(one: Door, request: Request) -> bytes:
    """The raw body, never more than the limit. :class:`ProtocolError` for a wrong media type, too much or too slow."""
    if not one.writes:
        return b""
    limit = caller.settings(request).body_limit
    raw = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > limit:
                    raise ProtocolError("too_large", limit=limit)
    except TimeoutError:
        raise ProtocolError("too_slow", seconds=BODY_SECONDS) from None
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json" and (raw or not one.bare):
        raise ProtocolError("unsupported")
    return bytes(raw)


def _given(one: Door, request: Request, raw: bytes) -> dict[str, Any]:
    """Path, query and body as values; every fault of all three at once in one :class:`Invalid`."""
    given: dict[str, Any] = {"request": request} if "request" in one.names else {}
    faults: list[Fault] = []
    pairs = request.query_params.multi_items()
    texts = {"path": dict(request.path_params), "query": dict(pairs)}
    repeated = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    faults += [_say("repeated", name) for name in sorted(repeated)]
    if "query" not in one.takes:
        faults += [_say("extra_forbidden", name) for name in texts["query"]]
    if one.bare and raw.strip() not in (b"", b"{}"):
        faults.append(_say("extra_forbidden", "body"))
    for part, shape in one.takes.items():
        try:
            given[part] = shape.validate_json(raw) if part == "body" else shape.validate_strings(
                texts[part], context=STRINGS)  # fmt: skip
        except ValidationError as error:
            faults += invalid(error, part).faults
    if faults:
        raise Invalid(faults)
    return given


def _say(kind: str, name: str) -> Fault:
    said = words.fault(kind, {})
    return Fault(name[:80], said.zh, said.en)
