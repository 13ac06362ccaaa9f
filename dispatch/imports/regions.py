"""The administrative tree from a table. Re-import brings names, points and activity up to date; nothing is removed."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dispatch.imports import bulk, cells
from dispatch.imports.columns import Column, Faults, Misfit, Progress, Values, fields, parse
from dispatch.imports.report import Report, failed
from volunteer import journal
from volunteer.act import Act
from volunteer.errors import Invalid
from volunteer.models import Region
from volunteer.pinyin import spelt

LEVELS = {4: "city", 6: "county", 9: "township", 12: "village"}
_ABOVE = {4: 0, 6: 4, 9: 6, 12: 9}
_LEVEL_WORDS = {
    "city": "city", "county": "county", "township": "township", "village": "village",
    "市": "city", "县": "county", "区县": "county", "乡镇": "township", "村": "village", "村社区": "village",
}  # fmt: skip
_KIND_WORDS = {
    **{kind: kind for kind in ("city", "county", "subdistrict", "town", "township", "zone", "village")},
    "市": "city", "县": "county", "街道": "subdistrict", "镇": "town", "乡": "township", "园区": "zone",
    "村": "village",
}  # fmt: skip
_POINTS = {
    "published": "published", "synthetic": "synthetic", "approximate": "approximate",
    "公布": "published", "合成": "synthetic", "约略": "approximate",
}  # fmt: skip


def _code(cell: str) -> str:
    if not cell.isdecimal() or not cell.isascii() or len(cell) not in LEVELS:
        raise cells.Wrong("区划代码应为 4、6、9 或 12 位数字", "a region code has 4, 6, 9 or 12 digits")
    return cell


COLUMNS = (
    Column("code", ("区划代码", "code", "代码"), _code, needed=True),
    Column("name", ("名称", "name"), cells.line(80), needed=True),
    Column("level", ("级别", "level"), cells.one_of(_LEVEL_WORDS), default=""),
    Column("kind", ("类型", "kind"), cells.one_of(_KIND_WORDS), default=""),
    Column("parent", ("上级代码", "parent", "上级"), _code, default=""),
    Column("active", ("启用", "active"), cells.yes, default=True),
    Column("lat", ("纬度", "lat", "latitude"), cells.number(-90, 90)),
    Column("lon", ("经度", "lon", "longitude"), cells.number(-180, 180)),
    Column("point", ("坐标来源", "point"), cells.one_of(_POINTS), default=""),
)

FIELDS = fields(COLUMNS)

_TYPES = {
    "code": "text", "name": "text", "pinyin": "text", "level": "text", "kind": "text", "parent_id": "text",
    "active": "boolean", "lat": "double precision", "lon": "double precision", "point": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A row as it will stand; columns as in :class:`Region`."""

    code: str
    name: str
    pinyin: str
    level: str
    kind: str
    parent_id: str | None
    active: bool
    lat: float | None
    lon: float | None
    point: str


def _place(number: int, values: Values) -> tuple[int, Place]:
    code: str = values["code"]
    level, parent = LEVELS[len(code)], code[: _ABOVE[len(code)]]
    if values["level"] not in ("", level):
        raise Misfit(
            "level",
            f"{len(code)} 位代码是 {level} 级；请改级别或代码",
            f"a code of {len(code)} digits is a {level}; mend level or code",
        )
    if values["parent"] not in ("", parent):
        raise Misfit("parent", f"上级代码应为 {parent or '空'}", f"the parent must be {parent or 'empty'}")
    if (values["lat"] is None) != (values["lon"] is None):
        raise Misfit("lat", "纬度与经度要么都填，要么都不填", "give both lat and lon, or neither")
    name: str = values["name"]
    return number, Place(
        code, name, spelt(name), level, values["kind"] or level, parent or None, values["active"],
        values["lat"], values["lon"], values["point"],
    )  # fmt: skip


async def regions(
    act: Act, path: Path, *, encoding: str | None = None, dry_run: bool = False, progress: Progress | None = None
) -> Report:
    """Import the table at ``path``. Writes all of it or, with faults, nothing. Raises :class:`Forbidden`, never for the
    contents of the file: those are in the report."""
    await bulk.may_everywhere(act, "region")
    try:
        parsed = await parse(path, COLUMNS, _place, encoding=encoding, progress=progress)
    except Invalid as invalid:
        return failed("regions", 0, invalid.faults, fields=FIELDS)
    faults = parsed.faults
    rows = _once(parsed.rows, faults)

    async def verb(open_: journal.Writing) -> Report:
        await bulk.alone(open_.db)
        known = await _known(open_)
        _fatherless(parsed.rows, known, rows, faults)
        if faults:
            return failed("regions", parsed.count, faults.kept, faults.count, fields=FIELDS)
        new = [row for code, row in rows.items() if code not in known]
        changed = [row for code, row in rows.items() if code in known and known[code] != row]
        if not dry_run:
            # Parents first: a row's parent stands before it does.
            ordered = sorted([*new, *changed], key=lambda row: (len(row.code), row.code))
            await bulk.upsert(
                open_.db,
                "region",
                _TYPES,
                ["code"],
                [asdict(row) for row in ordered],
                change=[name for name in _TYPES if name != "code"],
            )
            _told(open_, new, changed)
        return Report("regions", parsed.count, len(new), len(changed), len(rows) - len(new) - len(changed), dry=dry_run)

    return await bulk.settled(act, verb, "regions", parsed.count)


def _once(rows: Iterable[tuple[int, Place]], faults: Faults) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for number, row in rows:
        if row.code in places:
            faults.add(
                number,
                "code",
                f"{row.code} 在文件里出现了两次；请只留一行",
                f"{row.code} stands twice in the file; keep one row",
            )
        places[row.code] = row
    return places


def _fatherless(
    rows: Iterable[tuple[int, Place]], known: Mapping[str, Place], places: Mapping[str, Place], faults: Faults
) -> None:
    for number, row in rows:
        if row.parent_id is not None and row.parent_id not in places and row.parent_id not in known:
            faults.add(
                number,
                "parent",
                f"没有上级区划 {row.parent_id}；请在文件里加上它",
                f"no parent region {row.parent_id}; add it to the file",
            )


async def _known(open_: journal.Writing) -> dict[str, Place]:
    found: list[dict[str, Any]] = await Region.all().using_db(open_.db).values(*_TYPES)
    return {row["code"]: Place(**row) for row in found}


def _told(open_: journal.Writing, new: Iterable[Place], changed: Iterable[Place]) -> None:
    """One entry for each city that the rows lie in."""
    counts: dict[str, list[int]] = {}
    for place, rows in ((0, new), (1, changed)):
        for row in rows:
            counts.setdefault(row.code[:4], [0, 0])[place] += 1
    for city, (created, updated) in counts.items():
        open_.entry("regions.imported", topics=[f"region:{city}"], body={"created": created, "updated": updated})
