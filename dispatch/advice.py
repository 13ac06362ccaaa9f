"""What would fill a hole, as a person would say it. Pure."""

from collections.abc import Mapping

from dispatch.planner.reasons.relaxations import Relaxation
from dispatch.words import Pair, pick
from volunteer.act import Language

# {n}: the amount; {who}: how many people it is asked of; {name}: the skill or language.
SAID: Mapping[str, Pair] = {
    "hand": ("不由系统自动排班，请您亲自邀请 {who} 人", "ask {who} by hand; they are not planned automatically"),
    "later": ("推迟 {n} 分钟开始", "begin {n} minutes later"),
    "earlier": ("提前 {n} 分钟开始", "begin {n} minutes earlier"),
    "longer": ("请 {who} 人多留出 {n} 分钟", "ask {who} to be free {n} minutes longer"),
    "radius": ("请 {who} 人多走 {n} 公里", "ask {who} to go {n} km further"),
    "series": ("这一场另请一位老师", "let another tutor take this session"),
    "level": ("{name}降低 {n} 级，由在场的熟手带着做", "ask {name} {n} level lower, beside a master who is there"),
    "language": ("不要求{name}，在场有人会说", "do without {name}; somebody there speaks it"),
    "age": ("年龄范围放宽 {n} 岁", "widen the ages by {n} years"),
    "hours": ("请 {who} 人这周多服务 {n} 分钟", "ask {who} to serve {n} minutes more than they set"),
    "team": ("不限指定队伍，向其他志愿者开放", "open it to people outside the team"),
    "quorum": ("成行人数减少 {n} 人", "let it run with {n} fewer people"),
    "guardian": ("请 {who} 人的监护人签署同意书", "have the guardians of {who} sign"),
    "renewal": ("请 {who} 人续办已过期的资质", "have {who} renew an expired qualification"),
    "background": ("为 {who} 人办理背景核查", "make a background check for {who}"),
    "training": ("为 {who} 人安排一次{name}培训", "give {who} one training in {name}"),
}
# A choice's margin over the next person, said in kilometres of way; {n} is that many.
NEXT: Mapping[str, Pair] = {
    "nobody": ("没有其他人合适", "nobody else could"),
    "level": ("与下一位 {name} 差不多", "about as fitting as {name}, who would be next"),
    "some": (
        "比下一位 {name} 更合适，相当于近 {n} 公里",
        "fits better than {name}, who would be next, as if {n} km nearer",
    ),
    "far": ("比下一位 {name} 合适得多", "fits far better than {name}, who would be next"),
}
CLOSE_KM, FAR_KM = 2, 60
FILLS: Pair = ("可补 {seats} 人", "fills {seats}")
AGREE: Pair = ("需在场的 {touched} 人同意", "{touched} already there must agree")


def text(found: Relaxation, names: Mapping[str, str], language: Language) -> str:
    """The change as one sentence. ``names``: of skills and languages, by code."""
    change = found.change
    count = len(change.people)
    who = str(count) if language == "zh" else "one person" if count == 1 else f"{count} people"
    name = names.get(change.subject, change.subject)
    return pick(SAID[change.kind], language).format(n=change.amount, who=who, name=name)


def outcome(found: Relaxation, language: Language) -> str:
    """What it yields, and who must agree."""
    parts = [pick(FILLS, language).format(seats=found.seats)]
    if found.touched:
        parts.append(pick(AGREE, language).format(touched=found.touched))
    return ("，" if language == "zh" else ", ").join(parts)


def following(name: str | None, margin: int | None, a_kilometre: int, language: Language) -> str:
    """Who would have been next, and by how much. ``a_kilometre``: what one costs in the score."""
    if name is None or margin is None:
        return pick(NEXT["nobody"], language)
    km = round(margin / max(1, a_kilometre))
    which = "level" if km < CLOSE_KM else "some" if km < FAR_KM else "far"
    return pick(NEXT[which], language).format(name=name, n=km)
