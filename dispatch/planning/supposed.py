"""Assumptions among rows: what they name must exist, and people read them in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dispatch import pool, words
from dispatch.models import Draft
from dispatch.planner.problem import Weights
from dispatch.planning import assumptions
from dispatch.planning.assumptions import ASSUMPTIONS, SLACK, Assumptions, Ground, Hours, Newcomers, Relaxation
from volunteer.act import Language
from volunteer.errors import Fault, Invalid
from volunteer.models import Region, Skill

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Names:
    """What the codes of assumptions are called."""

    regions: Mapping[str, str]
    skills: Mapping[str, Pair]


def stored(given: Assumptions | None) -> dict[str, Any] | None:
    """As a draft keeps them; assumptions that assume nothing are none."""
    if given is None or given == Assumptions():
        return None
    kept: dict[str, Any] = ASSUMPTIONS.dump_python(given, mode="json")
    return kept


def of(draft: Draft) -> Assumptions | None:
    return None if draft.assumptions is None else ASSUMPTIONS.validate_python(draft.assumptions)


async def judge(given: Assumptions, weights: Weights) -> None:
    """As :func:`assumptions.judge`, and all regions and skills exist."""
    assumptions.judge(given, weights)
    names = await named([given])
    faults = [_unknown(place, "区划", "region") for place, code in _regions(given) if code not in names.regions]
    faults += [_unknown(place, "技能", "skill") for place, code in _skills(given) if code not in names.skills]
    if faults:
        raise Invalid(faults)


def _unknown(place: str, zh: str, en: str) -> Fault:
    return Fault(f"assumptions.{place}", f"没有这个{zh}；请从列表中选择", f"no such {en}; choose one from the list")


async def named(all_: list[Assumptions]) -> Names:
    regions = {code for given in all_ for _, code in _regions(given)}
    skills = {code for given in all_ for _, code in _skills(given)}
    return Names(
        {region.code: region.name for region in await Region.filter(code__in=regions)} if regions else {},
        {skill.code: (skill.name, skill.name_en) for skill in await Skill.filter(code__in=skills)} if skills else {},
    )


async def ground(given: Assumptions) -> Ground:
    """Where the newcomers live and what their skills include."""
    codes = {group.region for group in given.people}
    regions = await Region.filter(code__in=codes)
    return Ground({one.code: pool.point(one.lat, one.lon) for one in regions}, await pool.included())


def _regions(given: Assumptions) -> Iterator[Pair]:
    """Each region code and where it stands."""
    for noun in ("relaxed", "people", "freed"):
        for number, one in enumerate(getattr(given, noun)):
            if one.region is not None:
                yield f"{noun}.{number}.region", one.region


def _skills(given: Assumptions) -> Iterator[Pair]:
    for noun in ("relaxed", "freed"):
        for number, one in enumerate(getattr(given, noun)):
            if one.skill is not None:
                yield f"{noun}.{number}.skill", one.skill
    for number, group in enumerate(given.people):
        for place, ability in enumerate(group.skills):
            yield f"people.{number}.skills.{place}.skill", ability.skill


# ---- in words ----


def told(given: Assumptions, weights: Weights, names: Names, language: Language) -> list[dict[str, str]]:
    """One short sentence for each assumption; ``kind``: weights, off, relaxed, people, freed."""
    said = [("off", _off(goal, language)) for goal in given.off]
    said += [("weights", _weight(goal, value, weights, language)) for goal, value in given.weights.items()]
    said += [("relaxed", _relaxed(one, names, language)) for one in given.relaxed]
    said += [("people", _people(group, names, language)) for group in given.people]
    for one in given.freed:
        where = _where(one.region, one.skill, names, language)
        hours = _hours(one.hours, language)
        said.append(("freed", f"{where}另有空：{hours}" if language == "zh" else f"{where} also free {hours}"))
    return [{"kind": kind, "text": text} for kind, text in said]


def _off(goal: str, language: Language) -> str:
    name = words.pick(words.GOALS[goal], language)
    return f"不计“{name}”" if language == "zh" else f"{name} does not count"


def _weight(goal: str, value: int, weights: Weights, language: Language) -> str:
    name, usual = words.pick(words.GOALS[goal], language), getattr(weights, goal)
    times = f"{value / usual:.2g}" if usual else f"{value:,}"
    return f"“{name}”权重 × {times}" if language == "zh" else f"{name} weighs × {times}"


def _relaxed(one: Relaxation, names: Names, language: Language) -> str:
    slack = SLACK[one.rule]
    bent = (
        f"{words.pick(words.BENDING[one.rule], language)} {one.by:+d} {words.pick(words.UNITS[slack.unit], language)}"
    )
    bent = bent.replace("-", "−")
    if slack.of == "person":
        where = _where(one.region, one.skill, names, language)
        return f"{where}{bent}" if language == "zh" else f"{bent} for {where}"
    place = names.regions.get(one.region, one.region) if one.region else ""
    mode = words.pick(words.MODES[one.mode], language) if one.mode else ""
    if language == "zh":
        return f"{place or '各地'}{mode}活动{bent}"
    return f"{bent} for {mode or 'all'} events{f' in {place}' if place else ''}"


def _people(group: Newcomers, names: Names, language: Language) -> str:
    place = names.regions.get(group.region, group.region)
    zh = language == "zh"
    skills = ("、" if zh else ", ").join(
        f"{_skill(one.skill, names, language)} {one.level} 级" if zh
        else f"{_skill(one.skill, names, language)} level {one.level}"
        for one in group.skills
    )  # fmt: skip
    hours = _hours(group.free, language) if group.free else ("随时有空" if zh else "always free")
    more = [part for part in (skills, hours) if part]
    if zh:
        return f"假设 {place}新增 {group.count} 人（{'；'.join(more)}）"
    return f"{group.count} more people in {place} ({'; '.join(more)})"


def _hours(hours: tuple[Hours, ...], language: Language) -> str:
    days = [
        words.pick(words.WEEKDAYS[one.weekday], language) + f" {_clock(one.start)}–{_clock(one.end)}" for one in hours
    ]
    return ("、" if language == "zh" else ", ").join(days)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _skill(code: str, names: Names, language: Language) -> str:
    return words.pick(names.skills.get(code, (code, code)), language)


def _where(region: str | None, skill: str | None, names: Names, language: Language) -> str:
    """Whom an assumption is about."""
    place = names.regions.get(region, region) if region else ""
    able = _skill(skill, names, language) if skill else ""
    if language == "zh":
        return f"{place or '所有'}{f'会{able}的' if able else ''}志愿者"
    return f"{place or 'all'} volunteers{f' with {able}' if able else ''}"
