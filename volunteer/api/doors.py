"""What a door is, and how a function becomes one."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter

from volunteer.act import Act
from volunteer.api.caller import WRITES
from volunteer.api.shapes import View

V = TypeVar("V", bound="View | None")
Handler = Callable[..., Awaitable[Any]]
H = TypeVar("H", bound=Handler)
Instead = Callable[[Act, Any], Awaitable[View | None]]
Over = Callable[[Act, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reply(Generic[V]):
    """An answer with headers of its own. Not for keyed doors: a replay knows only status and body."""

    view: V
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Door:
    """One method of one path, and everything the layer and OpenAPI must know of it."""

    method: str
    path: str
    handler: Handler
    status: int
    summary: str
    public: bool
    keyed: bool
    gone: bool
    limited: bool
    etag: bool
    patience: int | None
    instead: Instead | None
    over: Over | None
    names: frozenset[str]
    takes: Mapping[str, Any]
    gives: Any

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def writes(self) -> bool:
        return self.method in WRITES

    @property
    def bare(self) -> bool:
        """Takes no body."""
        return "body" not in self.takes


_DOORS: dict[str, list[Door]] = {}


def door(
    method: str,
    path: str,
    *,
    summary: str,
    status: int = 200,
    public: bool = False,
    keyed: bool = True,
    gone: bool = False,
    limited: bool = False,
    etag: bool = False,
    patience: int | None = None,
    instead: Instead | None = None,
    over: Over | None = None,
) -> Callable[[H], H]:
    """Declare a door. ``public``: works without sign-in. ``keyed=False``: a write without Idempotency-Key (it opens its
    own transaction). ``gone`` / ``limited``: may answer 410 / 429. ``etag``: a GET that answers 304 to what the caller
    has. ``patience``: seconds one statement may take. ``instead(act, path)``: asked after a refusal has rolled back;
    its view is the problem's ``next``. ``over(act, path)``: asked before a transaction is opened; raises the refusal of
    what has ended for good and never was done, for the many who come too late."""

    def declare(handler: H) -> H:
        hints = get_type_hints(handler, include_extras=True)
        names = frozenset(inspect.signature(handler).parameters)
        gives = hints["return"]
        if get_origin(gives) is Reply:
            gives = get_args(gives)[0]
        if names - {"act", "path", "query", "body", "request"}:
            raise TypeError(f"{handler.__name__}: a door takes act, path, query, body, request")
        takes: dict[str, Any] = {name: TypeAdapter(hints[name]) for name in ("path", "query", "body") if name in names}
        made = Door(
            method, path, handler, 204 if gives is type(None) else status, summary, public, keyed, gone, limited, etag,
            patience, instead, over, names, takes, None if gives is type(None) else gives,
        )  # fmt: skip
        _DOORS.setdefault(handler.__module__, []).append(made)
        return handler

    return declare


def doors(modules: Sequence[ModuleType]) -> list[Door]:
    """The doors of these modules. Two of one name, or of one method and path, are an error."""
    found = [one for module in modules for one in _DOORS.get(module.__name__, [])]
    for key in (lambda one: one.name, lambda one: (one.method, one.path)):
        seen: set[object] = set()
        for one in found:
            if key(one) in seen:
                raise ValueError(f"two doors share {key(one)}")
            seen.add(key(one))
    return found
