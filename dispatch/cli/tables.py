"""``citong import …``: real input from files, all of it or nothing."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from dispatch.cli import place, screen

if TYPE_CHECKING:
    from dispatch.imports import Report

tables = typer.Typer(no_args_is_help=True, help="Bring in tables: all of a file or, with faults, nothing of it.")


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


File = Annotated[Path, typer.Argument(help="CSV or XLSX; the first row names the columns, in Chinese or English.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Judge the whole file, say what would change, write nothing.")]
Encoding = Annotated[str | None, typer.Option(help="Of a CSV file: utf-8 or gb18030; found out when not given.")]
Speech = Annotated[Language | None, typer.Option("--language", help="Of the report; else that of the terminal.")]


def _command(noun: str) -> Callable[..., None]:
    def command(
        file: File,
        dry_run: DryRun = False,
        encoding: Encoding = None,
        language: Speech = None,
        as_json: screen.Json = False,
    ) -> int:
        return _bring(noun, file, language, as_json=as_json, encoding=encoding, dry_run=dry_run)

    return screen.plainly(command)


def _bring(noun: str, file: Path, language: Language | None, *, as_json: bool, **how: Any) -> int:
    """Run the importer of that noun and show its report. The exit code: 1 when the file has faults."""
    with file.open("rb"):  # what cannot be read is said before a database is started
        pass
    with place.database_url(place.settings()) as url, screen.bar("reading", quiet=as_json) as bar:
        report = asyncio.run(_brought(url, noun, file, how, bar))
    _show(report, language or _spoken(), as_json=as_json)
    return 0 if report.ok else screen.BROKEN


async def _brought(url: str, noun: str, file: Path, how: Mapping[str, Any], bar: screen.Bar) -> "Report":
    from dispatch import imports
    from volunteer.act import system

    verbs: Mapping[str, Callable[..., Awaitable[Report]]] = {
        "regions": imports.regions,
        "skills": imports.skills,
        "volunteers": imports.volunteers,
        "needs": imports.needs,
        "programme": imports.programme,
    }

    def progress(stage: str, done: int, of: int | None) -> None:
        bar.at(stage, done, of or max(done, 1))

    async with place.rows(url):
        return await verbs[noun](system(), file, progress=progress, **how)


def _spoken() -> Language:
    return Language.ZH if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("zh") else Language.EN


def _show(report: "Report", language: Language, *, as_json: bool) -> None:
    if as_json:
        told = {name: value for name, value in asdict(report).items() if name != "fields"}
        screen.data(told | {"ok": report.ok})
        return
    for line in report.lines(language.value):
        screen.words(line)


_NOUNS: Final = {
    "regions": "The administrative tree: 区划代码, 名称, 级别, 类型, 上级代码, 启用, 纬度, 经度.",
    "skills": "The catalogue of abilities: 代码, 名称, 英文名称, 门类, 种类, 包含.",
    "volunteers": "The register of people: 编号, 姓名, 县区, 乡镇街道, 技能, 可服务时间 … (see volunteers.example.csv)",
}
_AGAIN: Final = "Coming again with the same file changes nothing."
for _noun, _help in _NOUNS.items():
    tables.command(_noun, help=f"{_help} {_AGAIN}")(_command(_noun))


Publish = Annotated[bool, typer.Option("--publish", help="Publish the events; else they come as drafts.")]


@tables.command("needs", help=f"Events with shifts and needs: 活动编号, 活动名称, 地点, 日期, 岗位, 技能 … {_AGAIN}")
@screen.plainly
def needs(
    file: File,
    publish: Publish = False,
    zone: Annotated[str, typer.Option(help="Of the times in the file.")] = "Asia/Shanghai",
    dry_run: DryRun = False,
    encoding: Encoding = None,
    language: Speech = None,
    as_json: screen.Json = False,
) -> int:
    how = {"encoding": encoding, "dry_run": dry_run, "publish": publish, "zone": zone}
    return _bring("needs", file, language, as_json=as_json, **how)


@tables.command("programme", help=f"A published programme: schedule.xml or .json (frab, pretalx), iCalendar. {_AGAIN}")
@screen.plainly
def programme(
    file: Annotated[Path, typer.Argument(help="The programme; its format is told by how it begins.")],
    mapping: Annotated[Path, typer.Option(help="Whom items need and where rooms are; see programme.example.toml.")],
    publish: Publish = False,
    dry_run: DryRun = False,
    language: Speech = None,
    as_json: screen.Json = False,
) -> int:
    with mapping.open("rb"):
        pass
    how = {"mapping": mapping, "dry_run": dry_run, "publish": publish}
    return _bring("programme", file, language, as_json=as_json, **how)
