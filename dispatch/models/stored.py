"""Rows that SQL of our own has read, as the models know them: from columns, or from the JSON of a row."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from tortoise import fields
from tortoise.models import Model

M = TypeVar("M", bound=Model)


def made(model: type[M], rows: Sequence[Mapping[str, Any]] | None) -> list[M]:
    """Each row must have all columns of the model; more do no harm."""
    return [model._init_from_db(**_dated(model, row)) for row in rows or ()]  # noqa: SLF001  no public way is as quick


def _dated(model: type[Model], row: Mapping[str, Any]) -> dict[str, Any]:
    """Days are what the ORM takes as they come; JSON writes them out."""
    read = {name: date.fromisoformat(row[name]) for name in _days(model) if isinstance(row[name], str)}
    return {**row, **read}


@lru_cache(maxsize=64)
def _days(model: type[Model]) -> tuple[str, ...]:
    return tuple(name for name, field in model._meta.fields_map.items() if isinstance(field, fields.DateField))  # noqa: SLF001
