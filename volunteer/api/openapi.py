"""The doors as OpenAPI 3.1: every answer and every error, under stable names."""

from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import CoreSchema

from volunteer.api import caller, problem
from volunteer.api.doors import Door, doors
from volunteer.api.shapes import View

_REF = "#/components/schemas/{model}"
_JSON = "application/json"
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_SECURITY = {
    "cookie": {"type": "apiKey", "in": "cookie", "name": caller.COOKIE},
    "token": {"type": "http", "scheme": "bearer"},
}
_SAID = {
    "key_missing": "No Idempotency-Key", "anonymous": "Not signed in", "forbidden": "Not within the caller's roles",
    "missing": "No such thing", "refused": "Refused, with every reason", "gone": "Its time or last seat has passed",
    "too_large": "The body is too large", "too_slow": "The body was not complete in time",
    "unsupported": "Not application/json", "invalid": "Wrong input, by field",
    "too_many": "Too many tries", "busy": "Busy just now", "broken": "Something broke; nothing was changed",
}  # fmt: skip

Inputs = list[tuple[str, JsonSchemaMode, CoreSchema]]


def openapi(modules: Sequence[ModuleType]) -> dict[str, Any]:
    """The document for these modules' doors. :class:`ValueError` when two models share a name."""
    listed = doors(modules)
    shapes: dict[str, tuple[TypeAdapter[Any], JsonSchemaMode]] = {
        "problem": (TypeAdapter(problem.Problem), "serialization")
    }
    for one in listed:
        shapes |= {f"{one.name}.{part}": (shape, "validation") for part, shape in one.takes.items()}
        for part, view in (("gives", one.gives), ("next", _next(one))):
            if view is not None:
                shapes[f"{one.name}.{part}"] = (TypeAdapter(view), "serialization")
    inputs: Inputs = [(name, mode, shape.core_schema) for name, (shape, mode) in shapes.items()]
    refs, definitions = GenerateJsonSchema(ref_template=_REF).generate_definitions(inputs)
    schemas: dict[str, Any] = dict(definitions.items())
    if doubled := [name for name in schemas if "__" in name]:
        raise ValueError(f"models that share a name: {', '.join(doubled)}")
    known = {name: refs[name, mode] for name, mode, _ in inputs}
    paths: dict[str, dict[str, Any]] = {}
    for one in listed:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, known, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Citong", "version": _version()},
        "paths": paths,
        "components": {"schemas": _used(schemas, paths), "securitySchemes": _SECURITY},
    }


def _version() -> str:
    try:
        return version("citong")
    except PackageNotFoundError:
        return "0"


def _next(one: Door) -> Any:
    """What ``instead`` promises, if it says more than just a view."""
    hint = get_type_hints(one.instead)["return"] if one.instead else None
    return None if hint == View | None else hint


def _operation(one: Door, known: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        found for part in ("path", "query") if part in one.takes
        for found in _parameters(part, _whole(known[f"{one.name}.{part}"], schemas))
    ]  # fmt: skip
    if one.writes and one.keyed:
        parameters.append(_KEY)
    made: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [one.handler.__module__.rpartition(".")[2]],
        "parameters": parameters,
        "responses": _responses(one, known),
        "security": [{}] if one.public else [{"cookie": []}, {"token": []}],
    }
    if "body" in one.takes:
        made["requestBody"] = {"required": True, "content": {_JSON: {"schema": known[f"{one.name}.body"]}}}
    return made


def _whole(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _parameters(part: str, schema: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """A path's or query's fields as parameters. What may be left out is left out, never sent as null."""
    for name, field in schema.get("properties", {}).items():
        shape = {key: value for key, value in field.items() if key != "title" and value is not None}
        if "anyOf" in shape:
            forms = [form for form in shape.pop("anyOf") if form != {"type": "null"}]
            shape |= forms[0] if len(forms) == 1 else {"anyOf": forms}
        required = part == "path" or name in schema.get("required", [])
        yield {"name": name, "in": part, "required": required, "schema": shape}


def _responses(one: Door, known: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": one.summary}
    if one.gives is not None:
        good["content"] = {_JSON: {"schema": known[f"{one.name}.gives"]}}
    if one.writes and one.keyed:
        good["headers"] = {"Idempotent-Replayed": {"schema": {"const": "true"}, "description": "An earlier answer"}}
    responses = {str(one.status): good}
    if one.etag:
        responses["304"] = {"description": "What the caller has is current"}
    for code in _codes(one):
        schema: dict[str, Any] = known["problem"]
        if f"{one.name}.next" in known and code in ("refused", "gone"):
            shown = {"anyOf": [known[f"{one.name}.next"], {"type": "null"}]}
            schema = {"allOf": [schema, {"type": "object", "properties": {"next": shown}}]}
        responses[str(problem.STATUS[code])] = {
            "description": _SAID[code],
            "content": {problem.MEDIA: {"schema": schema}},
        }
    return responses


def _codes(one: Door) -> list[str]:
    """Which problems this door may answer with."""
    wanted = {
        "key_missing": one.writes and one.keyed,
        "anonymous": not one.public,
        "forbidden": one.writes or not one.public,
        "missing": not one.public or "path" in one.takes,
        "refused": one.writes,
        "gone": one.gone,
        "too_large": one.writes,
        "too_slow": one.writes,
        "unsupported": one.writes,
        "invalid": True,
        "too_many": one.limited,
        "busy": True,
        "broken": True,
    }
    return [code for code, may in wanted.items() if may]


def _used(schemas: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """Only what an operation reaches: query and path structs became parameters."""
    reached: set[str] = set()
    waiting: list[Any] = [paths]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in reached:
                reached.add(name)
                waiting.append(schemas[name])
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return {name: schemas[name] for name in sorted(reached)}
