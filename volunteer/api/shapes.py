"""What requests and answers are made of. Requests are strict, bounded and closed; answers are frozen values."""

import re
from datetime import UTC, date, datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

# Given to pydantic when the values come from a path or a query string, where everything is text.
STRINGS = {"strings": True}

_NO_NUL = r"^[^\u0000]*$"
_SAYS = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
_DAY = (
    r"20[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    r"|20([02468][048]|[13579][26])-02-29"
)
_CLOCK = r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


def _from_text(
    value: Any, info: core_schema.ValidationInfo, form: re.Pattern[str], make: type[int] | type[float]
) -> Any:
    if isinstance(value, str) and info.context == STRINGS and form.fullmatch(value):
        return make(value)
    return value


class Whole:
    """``Annotated[int, Whole(low, high)]``: a whole number within bounds; ``342.0`` is one, ``"342"`` and ``true`` are
    not (in a query, ``342`` is)."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = core_schema.int_schema(strict=True, ge=self.low, le=self.high)
        return core_schema.with_info_before_validator_function(_whole, inner)


def _whole(value: Any, info: core_schema.ValidationInfo) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _from_text(value, info, _WHOLE, int)


class Real:
    """``Annotated[float, Real(low, high)]``: a finite number within bounds."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = core_schema.float_schema(strict=True, ge=self.low, le=self.high, allow_inf_nan=False)
        return core_schema.with_info_before_validator_function(_real, inner)


def _real(value: Any, info: core_schema.ValidationInfo) -> Any:
    return _from_text(value, info, _NUMBER, float)


class Text:
    """``Annotated[str, Text(low, high)]``: so many characters, no NUL; ``form`` is a whole-text pattern."""

    def __init__(self, low: int, high: int, form: str = _NO_NUL) -> None:
        self.low, self.high, self.form = low, high, form

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema(strict=True, min_length=self.low, max_length=self.high, pattern=self.form)


class Words(Text):
    """:class:`Text` that says something: blanks alone are none."""

    def __init__(self, low: int, high: int) -> None:
        super().__init__(low, high, _SAYS)


class _Dated:
    """A date or an instant from its text alone: never from a number, never outside 2000–2099."""

    def __init__(self, kind: str, form: str) -> None:
        self.kind, self.form = kind, form

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = core_schema.str_schema(strict=True, pattern=f"^({self.form})$")
        told = core_schema.plain_serializer_function_ser_schema(lambda value: value.isoformat().replace("+00:00", "Z"))
        return core_schema.no_info_after_validator_function(self._made, inner, serialization=told)

    def _made(self, value: str) -> date | datetime:
        try:
            return date.fromisoformat(value) if self.kind == "day" else datetime.fromisoformat(value).astimezone(UTC)
        except ValueError as error:
            raise PydanticCustomError(self.kind, "wrong form") from error


Day = Annotated[date, _Dated("day", _DAY)]
Instant = Annotated[datetime, _Dated("instant", f"({_DAY}){_CLOCK}")]
RegionCode = Annotated[str, Text(4, 12, r"^([0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]


class Struct(BaseModel):
    """What a request brings. Unknown fields, numbers as text, unbounded numbers and unbounded texts do not exist: a
    field of plain ``int``, ``float``, ``str`` or ``date`` is refused when the class is made."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for name, hint in get_type_hints(cls, include_extras=True).items():
            if name in cls.model_fields and (bare := _bare(hint)):
                raise TypeError(
                    f"{cls.__name__}.{name}: give {bare.__name__} its bounds (Whole, Real, Text, Day, Instant)"
                )


def _bare(hint: Any) -> type | None:
    if hint in (int, float, str, bytes, date, datetime):
        return hint  # type: ignore[no-any-return]
    origin = get_origin(hint)
    if origin is None or origin not in (Union, UnionType, list, tuple, dict, set, frozenset):
        return None
    return next(filter(None, map(_bare, get_args(hint))), None)


class View(BaseModel):
    """What an answer holds. Every field is always there; instants leave as UTC with ``Z`` when they come as UTC."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_serialization_defaults_required=True,
    )


class Nothing(Struct):
    """An empty body."""


class ById(Struct):
    id: UUID


class Paged(Struct):
    """Ground of list queries: ``limit`` rows from ``cursor`` on."""

    limit: Annotated[int, Whole(1, 200)] = 50
    cursor: Annotated[str, Text(1, 400, r"^[A-Za-z0-9_-]+$")] | None = None


class Live(View):
    """From where to follow: the epoch and the numbers that the rows of the same answer were read at."""

    epoch: str
    topics: dict[str, int] = Field(examples=[{"region:350502": 123}])


class RegionName(View):
    code: str
    name: str


class UnitName(View):
    id: UUID
    name: str


class PersonName(View):
    """Masked where a list is shared."""

    id: UUID
    name: str
