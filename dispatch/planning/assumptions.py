"""What if: a problem under changed assumptions. Pure: a problem and assumptions in, a problem out; no row is touched.

What protects people is never assumed away: consent, age, guardians, background checks, qualifications, declared
limitations and blocks stay as they are, and neither hours nor rest are relaxed for minors or for people whose age is
unknown. What bends, how far and where, stands in ``SLACK``: looser, or stricter, which can be carried out; every other
rule is refused, with its reason in words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from dispatch.planner import problem as p
from dispatch.planner.desk import years
from dispatch.planner.rules import BY_NAME
from dispatch.pool import ZONE, minute
from dispatch.settings import policy
from volunteer import availability, days
from volunteer.errors import Fault, Invalid, Reason, Refused
from volunteer.spans import Span

Goal = Literal[
    "mandatory", "keep", "desired", "continuity", "preferred", "likes", "travel", "reliability", "level", "fairness",
    "equal",
]  # fmt: skip
Code = Annotated[str, Field(strict=True, pattern=r"^([0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]
Skill = Annotated[str, Field(strict=True, min_length=1, max_length=40, pattern=r"^[^\u0000]*$")]
Word = Annotated[str, Field(strict=True, min_length=1, max_length=30, pattern=r"^[a-z_]+$")]

MOST_PEOPLE = 2000
STRANGER = "what-if-"
LIFETIME = timedelta(days=400)
# A soft goal may weigh so many times what the policy gives it, the seats that must be filled a third to three times.
HEAVIEST, SPAN_OF_SEATS = 9, 3


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Relaxation(_Part):
    """``rule`` bends ``by`` so much (its unit and what loosens it: ``SLACK``) for everybody or every event in scope:
    people who live in ``region`` and hold ``skill``, events in ``region`` of ``mode``; left out = everywhere, all."""

    rule: Word
    by: Annotated[int, Field(strict=True, ge=-100_000, le=100_000)]
    region: Code | None = None
    skill: Skill | None = None
    mode: p.Mode | None = None


class Hours(_Part):
    """Local minutes of a weekday (0 = Monday), half-open; odd days follow the calendar as for everybody."""

    weekday: Annotated[int, Field(strict=True, ge=0, le=6)]
    start: Annotated[int, Field(strict=True, ge=0, le=1439)] = 480
    end: Annotated[int, Field(strict=True, ge=1, le=1440)] = 1320

    @property
    def kind(self) -> str:
        return "available"


class Ability(_Part):
    skill: Skill
    level: Annotated[int, Field(strict=True, ge=1, le=5)] = 1


class Newcomers(_Part):
    """``count`` people who do not exist: adults who live in ``region``, consent to planning and have served as much as
    an average person. ``free`` empty = at any time. ``checked``: with a background check that is valid throughout."""

    count: Annotated[int, Field(strict=True, ge=1, le=500)]
    region: Code
    skills: Annotated[tuple[Ability, ...], Field(max_length=20)] = ()
    languages: Annotated[tuple[Word, ...], Field(max_length=10)] = ("cmn", "nan")
    free: Annotated[tuple[Hours, ...], Field(max_length=50)] = ()
    max_km: Annotated[int, Field(strict=True, ge=1, le=200)] = 30
    checked: bool = False


class Freed(_Part):
    """The people in scope are free then besides."""

    hours: Annotated[tuple[Hours, ...], Field(min_length=1, max_length=50)]
    region: Code | None = None
    skill: Skill | None = None


class Assumptions(_Part):
    """``weights``: goals that weigh otherwise; ``off``: goals that do not count at all."""

    weights: Annotated[dict[Goal, Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]], Field(max_length=11)] = (
        Field(default_factory=dict)
    )
    off: Annotated[tuple[Goal, ...], Field(max_length=11)] = ()
    relaxed: Annotated[tuple[Relaxation, ...], Field(max_length=20)] = ()
    people: Annotated[tuple[Newcomers, ...], Field(max_length=20)] = ()
    freed: Annotated[tuple[Freed, ...], Field(max_length=20)] = ()

    @property
    def hypothetical(self) -> bool:
        """Whether a plan under these assumptions could not be carried out: people who do not exist, rules looser
        than they are. One under stricter rules can be."""
        return bool(self.people or self.freed) or any(
            one.rule not in SLACK or SLACK[one.rule].loosens(one.by) for one in self.relaxed
        )


ASSUMPTIONS: TypeAdapter[Assumptions] = TypeAdapter(Assumptions)


@dataclass(frozen=True, slots=True)
class Slack:
    """How far a rule bends. ``field``: of the person or event. ``loose`` and ``tight``: never beyond them, be it made
    looser or stricter; what lies beyond already stays. ``guarded``: not looser for minors."""

    of: Literal["person", "event"]
    field: str
    unit: Literal["km", "minutes", "events", "people"]
    low: int
    high: int
    loose: int
    tight: int
    guarded: bool = False

    def loosens(self, by: int) -> bool:
        """Whether so much more lets people do what they may not."""
        return (by > 0) == (self.loose > self.tight)

    def bent(self, now: float, by: int) -> float:
        edge = self.loose if self.loosens(by) else self.tight
        return max(min(now, edge), now + by) if by < 0 else min(max(now, edge), now + by)


SLACK: Mapping[str, Slack] = {
    "radius": Slack("person", "max_km", "km", -100, 100, 300, 1),
    "rest": Slack("person", "rest", "minutes", -240, 720, 480, 1440, guarded=True),
    "hours_day": Slack("person", "max_day", "minutes", -240, 240, 720, 60, guarded=True),
    "hours_week": Slack("person", "max_week", "minutes", -1200, 1200, 2880, 60, guarded=True),
    "hours_rolling": Slack("person", "max_rolling", "minutes", -1800, 1800, 4320, 60, guarded=True),
    "hours_month": Slack("person", "max_month", "minutes", -3600, 3600, 9600, 60, guarded=True),
    "events_month": Slack("person", "max_events", "events", -20, 20, 40, 1),
    "quorum": Slack("event", "quorum", "people", -50, 50, 1, 100),
}
# Why the others hold: the reason that is given for each.
HOLDS: Mapping[str, str] = {
    **dict.fromkeys(("automated", "age", "guardian", "background"), "holds_law"),
    **dict.fromkeys(("skill", "expired", "language", "limitation"), "holds_ability"),
    **dict.fromkeys(("blocked", "pair"), "holds_apart"),
    **dict.fromkeys(("overlap", "travel"), "holds_place"),
    "availability": "holds_free",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What assumptions refer to: where a region lies, which skills a skill includes."""

    points: Mapping[str, p.Point | None] = field(default_factory=dict)
    includes: Mapping[str, frozenset[str]] = field(default_factory=dict)


def judge(given: Assumptions, weights: p.Weights) -> None:
    """Raises :class:`Refused` with the reason of each rule that does not bend, else :class:`Invalid` with every fault:
    field and remedy."""
    reasons = [_held(one.rule) for one in given.relaxed if one.rule in BY_NAME and one.rule not in SLACK]
    if reasons:
        raise Refused(reasons)
    faults = [*_of_goals(given, weights), *_of_rules(given), *_of_people(given)]
    if faults:
        raise Invalid(faults)


def _held(rule: str) -> Reason:
    return Reason(HOLDS.get(rule, "holds"), {"rule": rule})


def _of_goals(given: Assumptions, weights: p.Weights) -> Iterator[Fault]:
    usual = asdict(weights)
    for goal, value in given.weights.items():
        low, high = limits(goal, usual[goal])
        if not low <= value <= high:
            zh, en = f"权重应在 {low} 到 {high} 之间", f"want a weight from {low} to {high}"
            yield Fault(f"assumptions.weights.{goal}", zh, en)
        if goal in given.off:
            zh, en = "已关闭的目标不能再设权重，请二选一", "is switched off as well; choose one of the two"
            yield Fault(f"assumptions.weights.{goal}", zh, en)
    if "mandatory" in given.off:
        zh, en = "必需岗位不能不计；可以在权重里调低", "mandatory seats always count; lower their weight instead"
        yield Fault("assumptions.off", zh, en)


def limits(goal: str, usual: int) -> tuple[int, int]:
    """Lowest and highest weight of a goal that the policy gives ``usual``."""
    if goal == "mandatory":
        return usual // SPAN_OF_SEATS, usual * SPAN_OF_SEATS
    return 0, max(1, usual) * HEAVIEST


def _of_rules(given: Assumptions) -> Iterator[Fault]:
    for number, one in enumerate(given.relaxed):
        place = f"assumptions.relaxed.{number}"
        slack = SLACK.get(one.rule)
        if slack is None:
            known = ", ".join(SLACK)
            yield Fault(f"{place}.rule", f"没有这条规则；可放宽的有：{known}", f"no such rule; these bend: {known}")
            continue
        if not slack.low <= one.by <= slack.high or one.by == 0:
            zh = f"改动量应在 {slack.low} 到 {slack.high} 之间，不为 0"
            yield Fault(f"{place}.by", zh, f"want an amount from {slack.low} to {slack.high}, but not 0")
        odd = "skill" if slack.of == "event" and one.skill else "mode" if slack.of == "person" and one.mode else ""
        if odd:
            zh, en = "这条规则不能按此限定范围，请留空", "does not narrow this rule; leave it out"
            yield Fault(f"{place}.{odd}", zh, en)


def _of_people(given: Assumptions) -> Iterator[Fault]:
    if sum(group.count for group in given.people) > MOST_PEOPLE:
        zh, en = f"假设的人数合计不超过 {MOST_PEOPLE}", f"at most {MOST_PEOPLE} people in all; ask for fewer"
        yield Fault("assumptions.people", zh, en)
    lists = [(f"people.{n}.free", group.free) for n, group in enumerate(given.people)]
    lists += [(f"freed.{n}.hours", group.hours) for n, group in enumerate(given.freed)]
    for place, hours in lists:
        for number, one in enumerate(hours):
            if one.end <= one.start:
                zh, en = "结束应晚于开始", "ends at or before its start; choose a later end"
                yield Fault(f"assumptions.{place}.{number}.end", zh, en)


# ---- problem to problem ----


def apply(posed: p.Problem, given: Assumptions, ground: Ground) -> p.Problem:
    """The problem under these (judged) assumptions. Without any it is the same; nobody and nothing is ever removed."""
    day = min((shift.day for shift in posed.shifts), default=0)
    people = tuple(_person(person, given, posed.window, day) for person in posed.people)
    load = sum(person.load for person in people) // max(1, len(people))
    return replace(
        posed,
        people=people + tuple(_newcomers(given.people, ground, posed.window, load)),
        events=tuple(_event(event, given.relaxed) for event in posed.events),
        weights=weighed(posed.weights, given),
    )


def weighed(weights: p.Weights, given: Assumptions) -> p.Weights:
    return replace(weights, **given.weights, **dict.fromkeys(given.off, 0))


def _person(person: p.Person, given: Assumptions, window: p.Span, day: int) -> p.Person:
    changed: dict[str, int | float] = {}
    for one in given.relaxed:
        slack = SLACK[one.rule]
        if (
            slack.of == "person"
            and _lives(person, one.region, one.skill)
            and (not slack.guarded or not slack.loosens(one.by) or _grown(person, day))
        ):
            now = changed.get(slack.field, getattr(person, slack.field))
            changed[slack.field] = slack.bent(now, one.by)
    spans = [span for one in given.freed if _lives(person, one.region, one.skill) for span in _open(one.hours, window)]
    if spans:
        return replace(person, **changed, free=_joined([*person.free, *spans]))  # type: ignore[arg-type]
    return replace(person, **changed) if changed else person  # type: ignore[arg-type]


def _event(event: p.Event, relaxed: Sequence[Relaxation]) -> p.Event:
    quorum = event.quorum
    for one in relaxed:
        here = one.region is None or event.region.startswith(one.region)
        if SLACK[one.rule].of == "event" and quorum and here and one.mode in (None, event.mode):
            quorum = int(SLACK[one.rule].bent(quorum, one.by))
    return event if quorum == event.quorum else replace(event, quorum=quorum)


def _lives(person: p.Person, region: str | None, skill: str | None) -> bool:
    there = region is None or person.region.startswith(region)
    return there and (skill is None or any(hold.skill == skill for hold in person.holds))


def _grown(person: p.Person, day: int) -> bool:
    return person.born is not None and day > 0 and years(person.born, day) >= 18


def _newcomers(groups: Sequence[Newcomers], ground: Ground, window: p.Span, load: int) -> Iterator[p.Person]:
    """With the ``load`` of an average person: fairness shall not send them before everybody who exists."""
    born = date(1990, 1, 1).toordinal()
    for number, group in enumerate(groups):
        holds = {(code, one.level) for one in group.skills for code in (one.skill, *ground.includes.get(one.skill, ()))}
        pattern = group.free or tuple(Hours(weekday=day, start=0, end=1440) for day in range(7))
        person = p.Person(
            id="-",
            at=ground.points.get(group.region),
            born=born,
            holds=tuple(p.Hold(code, level) for code, level in sorted(holds)),
            languages=tuple(sorted(set(group.languages))),
            free=_joined(_open(pattern, window)),
            max_km=float(group.max_km),
            speed=policy().speeds.bus,
            checked_until=window.end + int(LIFETIME.total_seconds() // 60) if group.checked else None,
            load=load,
            region=group.region,
        )
        yield from (replace(person, id=f"{STRANGER}{number}-{one}") for one in range(group.count))


def strange(id_: str) -> bool:
    """Whether this is a person of an assumption."""
    return id_.startswith(STRANGER)


def _open(hours: Sequence[Hours], window: p.Span) -> list[p.Span]:
    """These weekly hours within the window and the days around it."""
    at = [datetime.fromtimestamp(instant * 60, UTC) for instant in (window.start, window.end)]
    wide = Span(at[0] - timedelta(days=1), at[1] + timedelta(days=1))
    spans, _ = availability.spans(hours, [], wide, ZONE, days.calendar(wide, ZONE))
    return [p.Span(minute(span.start), minute(span.end)) for span in spans]


def _joined(spans: Sequence[p.Span]) -> tuple[p.Span, ...]:
    """Sorted; those that overlap or touch become one."""
    joined: list[p.Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if joined and span.start <= joined[-1].end:
            joined[-1] = p.Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
