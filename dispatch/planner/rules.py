"""The rule registry: every *no* has a name, data, a sentence and a remedy, in Chinese and English.

The order of ``RULES`` is the order in which holes are counted ("first failing rule"). A pair rule judges one person on
one need against that person's promises; a rule without a verdict concerns a whole set and only lends its words.
``eligibility.py`` states the pair rules once more for arrays; a property test holds the two equal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from dispatch.planner.desk import Commitment, Desk, km, month, week, years
from dispatch.planner.plan import Reason, Value
from dispatch.planner.problem import Event, Need, Person, Shift
from dispatch.planner.sayings import SAYINGS, Saying

Data = dict[str, Value]
Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Case:
    """One person on one need, with the promises that bind the person elsewhere."""

    desk: Desk
    person: Person
    need: Need
    shift: Shift
    event: Event
    here: Commitment
    promised: tuple[Commitment, ...]
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """``verdicts`` yields the data of each breach; none = the rule concerns a set of lines, not one pair."""

    name: str
    saying: Saying
    verdicts: Callable[[Case], Iterator[Data]] | None = None


def why_not(desk: Desk, person_id: str, need_id: str, *, by_hand: bool = False) -> tuple[Reason, ...]:
    """Every reason why the person cannot take the need, in registry order; empty = yes. ``by_hand`` waives the
    rules that bind only the planner (``automated``, ``locked``, ``declined``). Raises ``KeyError`` for unknown ids."""
    person, need = desk.people[person_id], desk.needs[need_id]
    shift = desk.shifts[need.shift]
    case = Case(
        desk,
        person,
        need,
        shift,
        desk.events[shift.event],
        desk.line(need_id, person_id),
        desk.commitments(person, besides=need_id),
        by_hand,
    )
    return tuple(Reason(rule.name, data) for rule in PAIR_RULES if rule.verdicts for data in rule.verdicts(case))


def say(reason: Reason, lang: Lang) -> tuple[str, str]:
    """The reason as a sentence and its remedy. Raises ``KeyError`` for a name that is not in the registry."""
    said = BY_NAME[reason.rule].saying
    sentence, remedy = (said.zh, said.zh_remedy) if lang == "zh" else (said.en, said.en_remedy)
    return sentence.format_map(reason.data), remedy.format_map(reason.data)


def _automated(case: Case) -> Iterator[Data]:
    if not case.person.automated and not case.by_hand:
        yield {}


def _locked(case: Case) -> Iterator[Data]:
    if case.event.locked and not case.by_hand:
        yield {"event": case.event.id}


def _team(case: Case) -> Iterator[Data]:
    team = case.need.team
    if team is not None and case.person.id not in case.desk.members[team]:
        yield {"team": team}


def _skill(case: Case) -> Iterator[Data]:
    for ask in case.need.asks:
        have = max((h.level for h in case.person.holds if h.skill == ask.skill), default=0)
        if have < ask.level:
            yield {"skill": ask.skill, "level": ask.level, "have": have}


def _expired(case: Case) -> Iterator[Data]:
    for ask in case.need.asks:
        holds = [h for h in case.person.holds if h.skill == ask.skill and h.level >= ask.level]
        if holds and not any(h.until is None or h.until >= case.shift.end for h in holds):
            until = max(h.until for h in holds if h.until is not None)
            yield {"skill": ask.skill, "level": ask.level, "until": until}


def _language(case: Case) -> Iterator[Data]:
    for language in case.need.languages:
        if language not in case.person.languages:
            yield {"language": language}


def _age(case: Case) -> Iterator[Data]:
    low, high = case.need.age_min, case.need.age_max
    if (low, high) == (0, 150):
        return
    if case.person.born is None:
        yield {"least": low, "most": high, "age": "?"}
    elif not low <= (age := years(case.person.born, case.shift.day)) <= high:
        yield {"least": low, "most": high, "age": age}


def _guardian(case: Case) -> Iterator[Data]:
    born, until = case.person.born, case.person.guardian_until
    if born is not None and years(born, case.shift.day) < 18 and (until is None or until < case.shift.end):
        yield {"age": years(born, case.shift.day)}


def _background(case: Case) -> Iterator[Data]:
    until = case.person.checked_until
    if case.need.near_minors and (until is None or until < case.shift.end):
        yield {}


def _limitation(case: Case) -> Iterator[Data]:
    for demand in case.need.demands:
        if demand in case.person.limitations:
            yield {"demand": demand}


def _blocked(case: Case) -> Iterator[Data]:
    if case.event.unit in case.person.blocked:
        yield {"unit": case.event.unit}


def _declined(case: Case) -> Iterator[Data]:
    if case.need.id in case.person.declined and not case.by_hand:
        yield {"need": case.need.id}


def _radius(case: Case) -> Iterator[Data]:
    far = km(case.person.at, case.here.at)
    if far > case.person.max_km:
        yield {"km": _tenths(far), "limit": _tenths(case.person.max_km)}


def _availability(case: Case) -> Iterator[Data]:
    if not any(s.start <= case.here.start and case.here.end <= s.end for s in case.person.free):
        yield {"start": case.here.start, "end": case.here.end}


def _overlap(case: Case) -> Iterator[Data]:
    for other in case.promised:
        if _clash(case.here, other):
            yield _with(other)


def _travel(case: Case) -> Iterator[Data]:
    for other in case.promised:
        if not _clash(case.here, other):
            trip, gap = case.desk.travel_minutes(case.person, case.here, other), _gap(case.here, other)
            if gap < trip:
                yield _with(other) | {"gap": gap, "trip": trip}


def _rest(case: Case) -> Iterator[Data]:
    for other in case.promised:
        if other.day != case.here.day and not _clash(case.here, other):
            gap = _gap(case.here, other)
            if gap < case.person.rest:
                yield _with(other) | {"gap": gap, "rest": case.person.rest}


def _hours_day(case: Case) -> Iterator[Data]:
    yield from _hours(case, lambda day: day, case.person.max_day)


def _hours_week(case: Case) -> Iterator[Data]:
    yield from _hours(case, week, case.person.max_week)


def _hours_rolling(case: Case) -> Iterator[Data]:
    day, limit = case.here.day, case.person.max_rolling
    have = max(
        sum(other.minutes for other in case.promised if first <= other.day < first + 7)
        for first in range(day - 6, day + 1)
    )
    if have + case.here.minutes > limit:
        yield {"have": have, "more": case.here.minutes, "limit": limit}


def _hours_month(case: Case) -> Iterator[Data]:
    yield from _hours(case, month, case.person.max_month)


def _hours(case: Case, period: Callable[[int], int], limit: int) -> Iterator[Data]:
    here = period(case.here.day)
    have = sum(other.minutes for other in case.promised if period(other.day) == here)
    if have + case.here.minutes > limit:
        yield {"have": have, "more": case.here.minutes, "limit": limit}


def _events_month(case: Case) -> Iterator[Data]:
    here = month(case.here.day)
    then = [other for other in case.promised if month(other.day) == here]
    events = {other.event for other in then if other.event is not None} | {case.event.id}
    count = len(events) + sum(other.event is None for other in then)
    if count > case.person.max_events:
        yield {"count": count, "limit": case.person.max_events}


def _role(case: Case) -> Iterator[Data]:
    for other in case.promised:
        if other.event == case.event.id and other.role is not None and other.role != case.need.role:
            yield {"event": case.event.id, "role": other.role}


def _series(case: Case) -> Iterator[Data]:
    key = case.desk.series_of(case.need)
    if key is None:
        return
    for tutor in sorted(case.desk.tutors.get(key, frozenset()) - {case.person.id}):
        yield {"series": key[0], "role": key[1], "tutor": tutor}


def _pair(case: Case) -> Iterator[Data]:
    for other in sorted(case.desk.on_shift.get(case.shift.id, frozenset()) - {case.person.id}):
        if other in case.person.blocked or case.person.id in case.desk.people[other].blocked:
            yield {"person": other}


def _clash(a: Commitment, b: Commitment) -> bool:
    return (a.start < b.end and b.start < a.end) or (a.shift is not None and a.shift == b.shift)


def _gap(a: Commitment, b: Commitment) -> int:
    return max(a.start - b.end, b.start - a.end)


def _with(other: Commitment) -> Data:
    return {"need": other.need or "", "start": other.start, "end": other.end}


def _tenths(value: float) -> str:
    return f"{value:.1f}"


PAIR_RULES: tuple[Rule, ...] = (
    Rule("automated", SAYINGS["automated"], _automated),
    Rule("locked", SAYINGS["locked"], _locked),
    Rule("team", SAYINGS["team"], _team),
    Rule("skill", SAYINGS["skill"], _skill),
    Rule("expired", SAYINGS["expired"], _expired),
    Rule("language", SAYINGS["language"], _language),
    Rule("age", SAYINGS["age"], _age),
    Rule("guardian", SAYINGS["guardian"], _guardian),
    Rule("background", SAYINGS["background"], _background),
    Rule("limitation", SAYINGS["limitation"], _limitation),
    Rule("blocked", SAYINGS["blocked"], _blocked),
    Rule("declined", SAYINGS["declined"], _declined),
    Rule("radius", SAYINGS["radius"], _radius),
    Rule("availability", SAYINGS["availability"], _availability),
    Rule("overlap", SAYINGS["overlap"], _overlap),
    Rule("travel", SAYINGS["travel"], _travel),
    Rule("rest", SAYINGS["rest"], _rest),
    Rule("hours_day", SAYINGS["hours_day"], _hours_day),
    Rule("hours_week", SAYINGS["hours_week"], _hours_week),
    Rule("hours_rolling", SAYINGS["hours_rolling"], _hours_rolling),
    Rule("hours_month", SAYINGS["hours_month"], _hours_month),
    Rule("events_month", SAYINGS["events_month"], _events_month),
    Rule("role", SAYINGS["role"], _role),
    Rule("series", SAYINGS["series"], _series),
    Rule("pair", SAYINGS["pair"], _pair),
)
SET_RULES: tuple[Rule, ...] = tuple(
    Rule(name, SAYINGS[name]) for name in ("serving", "capacity", "leader", "quorum", "cast", "mentor")
)
RULES: tuple[Rule, ...] = PAIR_RULES + SET_RULES
BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}
