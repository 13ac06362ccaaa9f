"""What an import did or would not do, row by row, for people to read. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from volunteer.act import Language
from volunteer.errors import Fault

KEPT = 1000  # faults that are kept; the rest is counted

_NOUNS = {
    "regions": ("区划", "regions"), "skills": ("技能", "skills"), "volunteers": ("志愿者", "volunteers"),
    "needs": ("岗位需求", "needs"), "programme": ("节目单活动", "events of the programme"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """``rows``: data rows read (items of a programme). ``created``, ``updated``, ``unchanged`` count what the noun
    says; all are 0 when there are ``faults``: then nothing was written. ``warnings`` stop nothing. ``unlisted``:
    faults beyond the first ``KEPT``. ``dry``: nothing was written, on request; the counts say what would have been.
    ``fields``: what people call the fields that faults name, in Chinese and English."""

    noun: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    unlisted: int = 0
    dry: bool = False
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        return not self.faults

    def lines(self, language: Language = "zh") -> Iterator[str]:
        """The outcome in one line, then every fault and warning: row, field, what is wrong and what mends it."""
        zh = language == "zh"
        noun = _NOUNS[self.noun][0 if zh else 1]
        yield self._outcome_zh(noun) if zh else self._outcome_en(noun)
        for fault in self.faults:
            yield self._line(fault, zh=zh, mark="错误" if zh else "error")
        if self.unlisted:
            yield f"……另有 {self.unlisted} 处错误未列出" if zh else f"… and {self.unlisted} more errors"
        for warning in self.warnings:
            yield self._line(warning, zh=zh, mark="提醒" if zh else "note")

    def _outcome_zh(self, noun: str) -> str:
        if not self.ok:
            return f"{noun}：读到 {self.rows} 行，{len(self.faults) + self.unlisted} 处错误，没有写入任何内容"
        would = "（试运行，未写入）" if self.dry else ""
        return f"{noun}：读到 {self.rows} 行，新增 {self.created}，更新 {self.updated}，未变 {self.unchanged}{would}"

    def _outcome_en(self, noun: str) -> str:
        if not self.ok:
            wrong = len(self.faults) + self.unlisted
            return f"{noun}: {self.rows} rows read, {wrong} error{'s' * (wrong != 1)}, nothing was written"
        would = " (dry run, nothing written)" if self.dry else ""
        return (
            f"{noun}: {self.rows} rows read, {self.created} created, {self.updated} updated, "
            f"{self.unchanged} unchanged{would}"
        )

    def _line(self, fault: Fault, *, zh: bool, mark: str) -> str:
        name = self.fields.get(fault.field, (fault.field, fault.field))[0 if zh else 1]
        if zh:
            where = f"第 {fault.row} 行" if fault.row is not None else ""
            return f"  {mark} {where}“{name}”：{fault.zh}"
        where = f"row {fault.row}, " if fault.row is not None else ""
        return f"  {mark} {where}{name}: {fault.en}"


def failed(
    noun: str,
    rows: int,
    faults: Sequence[Fault],
    count: int | None = None,
    *,
    fields: Mapping[str, tuple[str, str]] | None = None,
) -> Report:
    """A report of faults alone, in order of rows. ``count``: how many there were, if more than are given."""
    ordered = sorted(faults, key=lambda fault: fault.row or 0)[:KEPT]
    unlisted = (len(faults) if count is None else count) - len(ordered)
    return Report(noun, rows, faults=tuple(ordered), unlisted=unlisted, fields=fields or {})
