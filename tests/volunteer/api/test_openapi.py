"""The document says what the doors do: every door, every error, closed and bounded inputs, stable names."""

import json
from typing import Any

import pytest

from volunteer.api import http, people, regions, signin, skills
from volunteer.api.http import View, door
from volunteer.api.problem import STATUS

MODULES = [people, regions, signin, skills]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return http.openapi(MODULES)


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, found) for path, methods in document["paths"].items() for method, found in methods.items()]


def test_every_door_is_there_under_its_function_name(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    said = {(found["operationId"], method, path) for path, method, found in _operations(document)}
    assert said == {(one.name, one.method.lower(), one.path) for one in http.doors(MODULES)}
    json.dumps(document)


def test_schemas_have_the_names_of_their_classes(document: dict[str, Any]) -> None:
    names = set(document["components"]["schemas"])
    assert {"Me", "Role", "RegionName", "UnitName", "Problem", "Fault", "Reason", "RegionList", "Exchange"} <= names
    assert not [name for name in names if not name.isalnum()]
    text = json.dumps(document)
    assert all(f'"#/components/schemas/{name}"' in text for name in names)


def test_every_error_is_a_problem_with_its_status(document: dict[str, Any]) -> None:
    for path, method, found in _operations(document):
        wanted = {"422", "500", "503"}
        if method != "get":
            wanted |= {"403", "409", "413", "415"}
        if found["security"] != [{}]:
            wanted |= {"401", "403", "404"}
        assert wanted <= set(found["responses"]), (path, method)
        for status, answer in found["responses"].items():
            if int(status) >= 400:
                assert int(status) in STATUS.values()
                assert list(answer["content"]) == ["application/problem+json"]


def test_writes_name_their_key_and_the_exempt_do_not(document: dict[str, Any]) -> None:
    keyed = {
        found["operationId"]
        for _, _, found in _operations(document)
        if any(parameter["name"] == "Idempotency-Key" for parameter in found["parameters"])
    }
    assert keyed == {"change_me", "sign_out"}


def test_every_input_is_closed_and_bounded(document: dict[str, Any]) -> None:
    inputs = [document["components"]["schemas"][name] for name in ("AskCode", "Exchange", "ChangeMe")]
    assert all(shape["additionalProperties"] is False for shape in inputs)
    fields = [field for shape in inputs for field in shape["properties"].values()]
    fields += [p["schema"] for _, _, found in _operations(document) for p in found["parameters"]]
    for field in fields:
        for form in field.get("anyOf", [field]):
            if form.get("type") == "string":
                assert "maxLength" in form or "enum" in form or form.get("format") == "uuid", form
            if form.get("type") == "integer":
                assert {"minimum", "maximum"} <= set(form)


def test_answers_always_hold_every_field(document: dict[str, Any]) -> None:
    for name in ("Me", "Region", "Sent"):
        shape = document["components"]["schemas"][name]
        assert set(shape["required"]) == set(shape["properties"])


def test_two_models_of_one_name_are_refused() -> None:
    import sys

    def _make(say: str) -> type[View]:
        return type("Twin", (View,), {"__annotations__": {say: str}, "__module__": f"twins.{say}"})

    async def one() -> Any: ...
    async def two() -> Any: ...

    one.__annotations__["return"], two.__annotations__["return"] = _make("a"), _make("b")
    for path, handler in (("/twin/1", one), ("/twin/2", two)):
        handler.__module__ = "twins"
        door("GET", path, summary="Twin")(handler)
    module = type(sys)("twins")
    with pytest.raises(ValueError, match="share a name"):
        http.openapi([module])
