"""Rows that SQL of our own has read, as the models know them: from columns, or from the JSON of a row."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from tortoise import fields
from tortoise.models import Model

M = TypeVar("M", bound=Model)


def made(model: type[M], rows: Sequence[Mapping[str, Any]] | None) -> list[M]:
    """Each row must have all columns of the model; more do no harm."""
    return [model._init_from_db(**_dated(model, row)) for row in rows or ()]  # noqa: SLF001  no public way is as quick


def _dated(model: type[Model], row: Mapping[str, Any]) -> dict[str, Any]:
    """Days and instants are what the ORM takes as they come; JSON writes them out. The ORM's own reading of an instant
    takes ten times as long."""
    read = {name: parse(row[name]) for name, parse in _written(model) if isinstance(row.get(name), str)}
    return {**row, **read}


@lru_cache(maxsize=64)
def _written(model: type[Model]) -> tuple[tuple[str, Callable[[str], date]], ...]:
    kinds: dict[type, Callable[[str], date]] = {
        fields.DateField: date.fromisoformat,
        fields.DatetimeField: datetime.fromisoformat,
    }
    every = model._meta.fields_map.items()  # noqa: SLF001
    return tuple((name, kinds[type(field)]) for name, field in every if type(field) in kinds)
