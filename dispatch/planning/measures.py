"""What a plan does to a city, in figures that two plans can be compared by. Pure: problem and plan in, figures out.

All lines count, those that were firm before too. People of an assumption count where seats are filled and on the way
there, never where work is shared out: fairness is about people who exist.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dispatch.planner import problem as p
from dispatch.planner.desk import km
from dispatch.planner.plan import Plan
from dispatch.planning.assumptions import strange

# Upper edges of the buckets: hours that a person serves in the ledger with this plan, kilometres of a line.
HOURS = (0, 4, 8, 16, 32)
KM = (2, 5, 10, 20)
# A place that waited so many days counts as not served lately (domain: 90 days).
LONG_WAIT = 90


@dataclass(slots=True)
class Cover:
    """Seats: the mandatory ones and those filled, the wished ones besides and those filled."""

    mandatory: int = 0
    filled: int = 0
    wished: int = 0
    more: int = 0

    def add(self, need: p.Need, count: int) -> None:
        self.mandatory += need.min
        self.filled += min(count, need.min)
        self.wished += need.desired - need.min
        self.more += max(0, min(count, need.desired) - need.min)


@dataclass(frozen=True, slots=True)
class Share:
    """How work is shared among those who live in the scope or serve in the plan and may be planned. ``gini`` in
    thousandths, over the hours of the ledger with this plan; ``idle``: they serve nowhere in this plan; ``buckets``:
    people by hours (``HOURS``)."""

    people: int = 0
    serving: int = 0
    idle: int = 0
    minutes: int = 0
    most: int = 0
    gini: int = 0
    buckets: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """From home to the venue as the crow flies, in metres; ``buckets``: lines by kilometres (``KM``)."""

    lines: int = 0
    metres: int = 0
    longest: int = 0
    buckets: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """Places that were not served for a long time: how many have an event here, how many see somebody come."""

    places: int = 0
    served: int = 0


@dataclass(frozen=True, slots=True)
class Measures:
    cover: dict[str, dict[str, Cover]] = field(default_factory=dict)
    share: Share = field(default_factory=Share)
    ways: Ways = field(default_factory=Ways)
    reach: Reach = field(default_factory=Reach)
    strangers: int = 0
    strange_lines: int = 0

    def dumped(self) -> dict[str, Any]:
        return asdict(self)


def measure(posed: p.Problem, made: Plan, region: str) -> Measures:
    """The figures of ``made``; work is shared among the people of ``region`` and whoever serves in the plan."""
    lines = [(choice.person, choice.need) for choice in made.choices]
    strangers = [who for who, _ in lines if strange(who)]
    return Measures(
        cover=_cover(posed, Counter(need for _, need in lines)),
        share=_share(posed, lines, region),
        ways=_ways(posed, lines),
        reach=_reach(posed, {need for _, need in lines}),
        strangers=len(set(strangers)),
        strange_lines=len(strangers),
    )


def _cover(posed: p.Problem, served: Counter[str]) -> dict[str, dict[str, Cover]]:
    found: dict[str, dict[str, Cover]] = {of: defaultdict(Cover) for of in ("all", "mode", "county", "town")}
    shifts = {shift.id: shift for shift in posed.shifts}
    events = {event.id: event for event in posed.events}
    for need in posed.needs:
        event = events[shifts[need.shift].event]
        keys = {"all": "", "mode": event.mode, "county": event.region[:6], "town": event.region[:9]}
        for of, key in keys.items():
            found[of][key].add(need, served[need.id])
    return {of: dict(sorted(rows.items())) for of, rows in found.items()}


def _share(posed: p.Problem, lines: Sequence[tuple[str, str]], region: str) -> Share:
    minutes: Counter[str] = Counter()
    length = {shift.id: shift.end - shift.start for shift in posed.shifts}
    shift_of = {need.id: need.shift for need in posed.needs}
    for who, need in lines:
        minutes[who] += length[shift_of[need]]
    among = [
        person
        for person in posed.people
        if not strange(person.id) and (person.id in minutes or (person.automated and person.region.startswith(region)))
    ]
    ledger = [person.load + minutes[person.id] for person in among]
    serving = sum(person.id in minutes for person in among)
    return Share(
        people=len(among),
        serving=serving,
        idle=len(among) - serving,
        minutes=sum(minutes[person.id] for person in among),
        most=max(ledger, default=0),
        gini=gini(ledger),
        buckets=_buckets((-(-value // 60) for value in ledger), HOURS),
    )


def gini(values: Sequence[int]) -> int:
    """0 = all the same, 1000 = one has everything; in thousandths, rounded down."""
    total = sum(values)
    if not total:
        return 0
    ranked = sum((2 * rank - len(values) - 1) * value for rank, value in enumerate(sorted(values), 1))
    return 1000 * ranked // (len(values) * total)


def _ways(posed: p.Problem, lines: Sequence[tuple[str, str]]) -> Ways:
    home = {person.id: person.at for person in posed.people}
    place = {venue.id: venue.at for venue in posed.venues}
    venue = {shift.id: shift.venue for shift in posed.shifts}
    shift_of = {need.id: need.shift for need in posed.needs}
    metres = [round(1000 * km(home[who], place[venue[shift_of[need]]])) for who, need in lines]
    return Ways(len(metres), sum(metres), max(metres, default=0), _buckets((-(-one // 1000) for one in metres), KM))


def _buckets(values: Iterable[int], edges: Sequence[int]) -> tuple[int, ...]:
    """How many are at most each edge and above the one before; the last counts what lies above all."""
    counted = [0] * (len(edges) + 1)
    for value in values:
        counted[bisect_left(edges, value)] += 1
    return tuple(counted)


def _reach(posed: p.Problem, served: set[str]) -> Reach:
    event_of = {shift.id: shift.event for shift in posed.shifts}
    reached = {event_of[need.shift] for need in posed.needs if need.id in served}
    waiting = [event for event in posed.events if event.waiting >= LONG_WAIT]
    return Reach(len({event.region for event in waiting}), len({e.region for e in waiting if e.id in reached}))
