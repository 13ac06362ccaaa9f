"""The catalogue of skills from a table. Re-import brings names and inclusions up to date; nothing is removed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dispatch.imports import bulk, cells
from dispatch.imports.columns import Column, Faults, Progress, Values, fields, parse
from dispatch.imports.report import Report, failed
from volunteer import journal
from volunteer.act import Act
from volunteer.errors import Invalid
from volunteer.models import Inclusion, Region, Skill

_KINDS = {
    "skill": "skill", "training": "training", "language": "language",
    "技能": "skill", "培训": "training", "语言": "language",
}  # fmt: skip


def _code(cell: str) -> str:
    if len(cell) > 40 or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell):
        raise cells.Wrong(
            "技能代码只用小写字母、数字和连字符，最长 40",
            "a skill code is of lower case letters, digits and hyphens, 40 at most",
        )
    return cell


def _codes(cell: str) -> frozenset[str]:
    return frozenset(_code(code) for part in cells.parts(cell) for code in part.split())


COLUMNS = (
    Column("code", ("代码", "code", "技能代码"), _code, needed=True),
    Column("name", ("名称", "name"), cells.line(60), needed=True),
    Column("name_en", ("英文名称", "name_en", "name in English"), cells.line(80), needed=True),
    Column("discipline", ("门类", "discipline"), cells.line(30), needed=True),
    Column("kind", ("种类", "kind"), cells.one_of(_KINDS), default="skill"),
    Column("includes", ("包含", "includes"), _codes, default=frozenset()),
)

FIELDS = fields(COLUMNS)

_TYPES = {"code": "text", "name": "text", "name_en": "text", "discipline": "text", "kind": "text"}


@dataclass(frozen=True, slots=True)
class Ability:
    """A row of the catalogue as it will stand."""

    code: str
    name: str
    name_en: str
    discipline: str
    kind: str
    includes: frozenset[str]


def _ability(number: int, values: Values) -> tuple[int, Ability]:
    return number, Ability(**values)


async def skills(
    act: Act, path: Path, *, encoding: str | None = None, dry_run: bool = False, progress: Progress | None = None
) -> Report:
    """Import the table at ``path``; all of it or, with faults, nothing. Raises :class:`Forbidden`. A file without the
    column of inclusions leaves them as they are."""
    await bulk.may_everywhere(act, "skill")
    try:
        parsed = await parse(path, COLUMNS, _ability, encoding=encoding, progress=progress)
    except Invalid as invalid:
        return failed("skills", 0, invalid.faults, fields=FIELDS)
    faults = parsed.faults

    async def verb(open_: journal.Writing) -> Report:
        await bulk.alone(open_.db)
        known = await _known(open_)
        wanted = _merged(parsed.rows, known, faults, keep="includes" not in parsed.present)
        if faults:
            return failed("skills", parsed.count, faults.kept, faults.count, fields=FIELDS)
        new = [row for row in wanted.values() if row.code not in known]
        changed = [row for row in wanted.values() if row.code in known and known[row.code] != row]
        if not dry_run:
            await _write(open_, [*new, *changed])
        same = len(wanted) - len(new) - len(changed)
        return Report("skills", parsed.count, len(new), len(changed), same, dry=dry_run)

    return await bulk.settled(act, verb, "skills", parsed.count)


async def _known(open_: journal.Writing) -> dict[str, Ability]:
    inner: dict[str, set[str]] = {}
    for skill, included in await Inclusion.all().using_db(open_.db).values_list("skill_id", "included_id"):
        inner.setdefault(skill, set()).add(included)
    found = await Skill.all().using_db(open_.db)
    return {
        s.code: Ability(s.code, s.name, s.name_en, s.discipline, s.kind, frozenset(inner.get(s.code, ())))
        for s in found
    }


def _merged(
    rows: Iterable[tuple[int, Ability]], known: Mapping[str, Ability], faults: Faults, *, keep: bool
) -> dict[str, Ability]:
    """The rows by code, with what was wrong: doubles, names taken, unknown or circular inclusions."""
    wanted: dict[str, Ability] = {}
    numbers: dict[str, int] = {}
    for number, row in rows:
        if row.code in wanted:
            faults.add(number, "code", f"{row.code} 在文件里出现了两次", f"{row.code} stands twice in the file")
        includes = known[row.code].includes if keep and row.code in known else row.includes
        wanted[row.code] = Ability(row.code, row.name, row.name_en, row.discipline, row.kind, includes)
        numbers[row.code] = number
    whole = {**known, **wanted}
    owner: dict[str, str] = {}
    for code, row in sorted(whole.items(), key=lambda item: item[0] in wanted):
        if owner.setdefault(row.name, code) != code:
            faults.add(
                numbers.get(code),
                "name",
                f"名称与 {owner[row.name]} 相同；请改名",
                f"{owner[row.name]} has the same name; choose another",
            )
    for code, number in numbers.items():
        for inner in sorted(wanted[code].includes - whole.keys()):
            faults.add(number, "includes", f"没有技能 {inner}；请先列出它", f"no skill {inner}; list it too")
        if code in _reach(code, whole):
            faults.add(
                number,
                "includes",
                f"{code} 绕了一圈又包含自己；请去掉一处",
                f"{code} includes itself in a circle; drop one link",
            )
    return wanted


def _reach(code: str, whole: Mapping[str, Ability]) -> set[str]:
    seen: set[str] = set()
    waiting = list(whole[code].includes)
    while waiting:
        inner = waiting.pop()
        if inner not in seen:
            seen.add(inner)
            waiting.extend(whole[inner].includes if inner in whole else ())
    return seen


async def _write(open_: journal.Writing, rows: list[Ability]) -> None:
    if not rows:
        return
    # Names are unique at every moment: those that change step aside first, so that two may change places.
    await open_.db.execute_query("UPDATE skill SET name = '~' || code WHERE code = ANY($1)", [[r.code for r in rows]])
    plain = [{name: getattr(row, name) for name in _TYPES} for row in rows]
    await bulk.upsert(open_.db, "skill", _TYPES, ["code"], plain, change=[name for name in _TYPES if name != "code"])
    codes = [row.code for row in rows]
    await Inclusion.filter(skill_id__in=codes).using_db(open_.db).delete()
    inner = [{"skill_id": row.code, "included_id": code} for row in rows for code in sorted(row.includes)]
    await bulk.upsert(
        open_.db, "inclusion", {"skill_id": "text", "included_id": "text"}, ["skill_id", "included_id"], inner
    )
    roots = await Region.filter(parent_id__isnull=True).using_db(open_.db).values_list("code", flat=True)
    open_.entry("skills.imported", topics=[f"region:{root}" for root in roots], body={"skills": len(rows)})
