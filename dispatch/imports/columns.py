"""A table's columns: header names in Chinese or English → values, or faults that name row, field and remedy. Pure but
for :func:`parse`, which reads the file in a thread."""

import asyncio
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from dispatch.imports.cells import Cast, Wrong
from dispatch.imports.report import KEPT
from volunteer import tables
from volunteer.errors import Fault, Invalid

R = TypeVar("R")
Values = dict[str, Any]
# Stage, done, total (none = not known yet). Called on the event loop.
Progress = Callable[[str, int, int | None], None]
STEP = 1000
# The same cell gives the same value: as many are remembered for each column.
_MEMO = 5000


@dataclass(frozen=True, slots=True)
class Column:
    """``titles``: the header in Chinese, in English, and other names it goes by. ``needed``: the column must be there
    and no cell empty. An empty cell of another column gives ``default``."""

    name: str
    titles: tuple[str, ...]
    cast: Cast
    needed: bool = False
    default: Any = None


Fields = Mapping[str, tuple[str, str]]


def fields(columns: Iterable[Column]) -> Fields:
    """What people call the columns, in Chinese and English."""
    return {column.name: (column.titles[0], column.titles[1]) for column in columns}


@dataclass(slots=True)
class Faults:
    """Faults as they are found; beyond ``KEPT`` they are only counted."""

    kept: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, row: int | None, field_: str, zh: str, en: str) -> None:
        self.count += 1
        if self.count <= KEPT:
            self.kept.append(Fault(field_, zh, en, row))

    def __bool__(self) -> bool:
        return self.count > 0


@dataclass(frozen=True, slots=True)
class Parsed(Generic[R]):
    """``count``: data rows read, ``rows`` those without faults. ``present``: names of the columns that the file has."""

    rows: Sequence[R]
    count: int
    faults: Faults
    present: frozenset[str]


# Makes the noun's own row: number, values. Raises :class:`Misfit` for faults between cells.
Make = Callable[[int, Values], R]


class Misfit(ValueError):
    """Cells that do not go together: the column's name and what is wrong."""

    def __init__(self, column: str, zh: str, en: str) -> None:
        self.column = column
        self.zh = zh
        self.en = en
        super().__init__(en)


async def parse(
    path: Path,
    columns: Sequence[Column],
    make: Make[R],
    *,
    encoding: str | None = None,
    progress: Progress | None = None,
    limits: tables.Limits | None = None,
) -> Parsed[R]:
    """All rows of ``path`` as ``make`` makes them, off the event loop. Raises :class:`Invalid` when the file cannot be
    read or its header is wrong; faults of cells are collected."""
    loop = asyncio.get_running_loop()

    def tell(done: int) -> None:
        if progress is not None:
            loop.call_soon_threadsafe(progress, "read", done, None)

    return await asyncio.to_thread(parsed, tables.read(path, encoding=encoding, limits=limits), columns, make, tell)


def parsed(
    lines: Iterator[tables.Line], columns: Sequence[Column], make: Make[R], tell: Callable[[int], None]
) -> Parsed[R]:
    number, header = next(lines)
    places = headed(number, header, columns)
    defaults = {column.name: column.default for column in columns}
    memos: dict[int, dict[str, Any]] = {place: {} for place in places}
    faults = Faults()
    rows: list[R] = []
    count = 0
    for number, cells in lines:
        count += 1
        if count % STEP == 0:
            tell(count)
        values = _values(number, cells, places, memos, faults)
        if values is None:
            continue
        try:
            rows.append(make(number, defaults | values))
        except Misfit as misfit:
            faults.add(number, misfit.column, misfit.zh, misfit.en)
    tell(count)
    return Parsed(rows, count, faults, frozenset(column.name for column in places.values()))


def headed(number: int, header: Sequence[str], columns: Sequence[Column]) -> dict[int, Column]:
    """Which column stands at which place. Raises :class:`Invalid`: unknown, doubled and missing columns."""
    by_title = {_plain(title): column for column in columns for title in (column.name, *column.titles)}
    places: dict[int, Column] = {}
    faults: list[Fault] = []
    for place, title in enumerate(header):
        column = by_title.get(_plain(title))
        if column is None and title:
            faults.append(Fault(title, *_unknown(title, by_title), number))
        elif column is not None and column in places.values():
            faults.append(Fault(title, "这一列出现了两次；请只留一列", "this column stands twice; keep one", number))
        elif column is not None:
            places[place] = column
    for column in columns:
        if column.needed and column not in places.values():
            zh, en = column.titles[0], column.titles[1]
            faults.append(Fault(column.name, f"缺少“{zh}”列；请加上", f"the column {en!r} is missing; add it", number))
    if faults:
        raise Invalid(faults)
    return places


def _plain(title: str) -> str:
    return title.strip().strip("*＊").replace(" ", "").replace("_", "").replace("-", "").lower()


def _unknown(title: str, by_title: Mapping[str, Column]) -> tuple[str, str]:
    near = difflib.get_close_matches(_plain(title), by_title, 1, 0.6)
    if near:
        known = by_title[near[0]].titles
        return f"没有这一列；是不是“{known[0]}”？", f"unknown column; did you mean {known[1]!r}?"
    known_zh = "、".join(dict.fromkeys(column.titles[0] for column in by_title.values()))
    known_en = ", ".join(dict.fromkeys(column.titles[1] for column in by_title.values()))
    return f"没有这一列，请删去；可用的列：{known_zh}", f"unknown column, drop it; known are: {known_en}"


def _values(
    number: int, cells: Sequence[str], places: Mapping[int, Column], memos: Mapping[int, dict[str, Any]], faults: Faults
) -> Values | None:
    values: Values = {}
    before = faults.count
    dirty = tables.unseen("".join(cells)) is not None
    if any(cell and place not in places for place, cell in enumerate(cells)):
        faults.add(
            number,
            "row",
            "这一行有单元格不在任何列名之下；请检查有没有多余的逗号",
            "a cell stands under no column name; look for a stray comma",
        )
        return None
    for place, column in places.items():
        cell = cells[place] if place < len(cells) else ""
        memo = memos[place]
        if cell in memo:
            values[column.name] = memo[cell]
        elif cell or column.needed:
            try:
                values[column.name] = column.cast(_clean(cell, dirty=dirty))
            except Wrong as wrong:
                faults.add(number, column.name, wrong.zh, wrong.en)
            else:
                if len(memo) < _MEMO:
                    memo[cell] = values[column.name]
    return values if faults.count == before else None


def _clean(cell: str, *, dirty: bool) -> str:
    if not cell:
        raise Wrong("不能为空；请填写", "must not be empty; fill it in")
    if dirty and (point := tables.unseen(cell)) is not None:
        raise Wrong(
            f"含有看不见的字符 {point}；请重新输入这一格", f"holds the invisible character {point}; type the cell anew"
        )
    return cell
