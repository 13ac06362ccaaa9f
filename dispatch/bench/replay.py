"""One policy of asking, played through a made-up town: every offer, answer, deadline and dropout in order of time."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random

from dispatch import quiet
from dispatch.bench.habits import BEGINS, DAY, Diary, Gap, Somebody, Town, instant, km
from dispatch.planner.chances.odds import Answer, Ask, Odds, Said
from dispatch.planner.chances.wave import Goal, Opening, size
from dispatch.roster.seats import reply_by
from dispatch.settings import Policy


@dataclass(slots=True)
class Offer:
    """``at``/``until``: minutes since the beginning. ``ended``: when it was answered, or ended by us."""

    person: str
    gap: str
    ask: Ask
    at: int
    until: int
    said: Said = "open"
    ended: int | None = None
    would: str = ""

    def answer(self, now: int) -> Answer:
        age = (now - self.at) / DAY
        waited = ((self.ended if self.ended is not None else now) - self.at) / (self.until - self.at)
        return Answer(self.ask, self.said, min(1.0, waited), f"{self.gap}@{self.at}", age)


@dataclass(slots=True)
class State:
    """One need: who is asked, who has said yes and not stepped back; when its seats were first full."""

    gap: Gap
    offers: list[Offer] = field(default_factory=list)
    holds: set[str] = field(default_factory=set)
    full_at: int | None = None
    look_at: int | None = None

    def open(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.ended is None]

    @property
    def missing(self) -> int:
        return self.gap.seats - len(self.holds)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was out when a batch had been sent: so many are ``wanted`` of these offers; ``full`` says whether so many
    said yes, or would have if others had not been quicker."""

    sent_at: int
    wanted: int
    offers: tuple[tuple[Ask, float], ...]
    gap: str
    lines: tuple[Offer, ...]

    @property
    def full(self) -> bool:
        return sum(line.would == "yes" for line in self.lines) >= self.wanted


# (state, chances of the line in order) -> how many to ask now
Asker = Callable[["Replay", State, Sequence[Somebody], int], int]


class Replay:
    """Plays ``town`` under ``policy`` from what happened ``before``; ``until`` (minutes) nothing more is posted."""

    def __init__(self, town: Town, policy: Asker, *, race: bool, since: int = 0, until: int | None = None):
        self.town, self.policy, self.race = town, policy, race
        self.since, self.until = since, until if until is not None else town.days * DAY
        self.terms, self.diary = Policy(), Diary()
        self.states: dict[str, State] = {}
        self.forecasts: list[Forecast] = []
        self.queue: list[tuple[int, int, Callable[[int], None]]] = []
        self.number = count()

    def after(self, before: "Replay") -> "Replay":
        """Go on from the diary of another replay."""
        for name in ("served", "asked"):
            for person, times in getattr(before.diary, name).items():
                getattr(self.diary, name)[person].extend(t for t in times if t < self.since)
        return self

    def play(self) -> "Replay":
        for gap in self.town.gaps:
            if self.since <= gap.posted < self.until:
                self.states[gap.id] = State(gap)
                self._at(gap.posted, self._look(gap.id))
        while self.queue:
            at, _, do = heapq.heappop(self.queue)
            do(at)
        return self

    def _at(self, minute: int, do: Callable[[int], None]) -> None:
        heapq.heappush(self.queue, (minute, next(self.number), do))

    def _look(self, gap_id: str) -> Callable[[int], None]:
        def do(at: int) -> None:
            state = self.states[gap_id]
            gap = state.gap
            if at >= gap.starts or state.missing <= 0:
                return
            waking = quiet.waking(instant(at), instant(gap.starts), self.terms.asking)
            if (later := int((waking - BEGINS) / timedelta(minutes=1))) > at:
                self._at(later, do)
                return
            line = self._line(state, at)
            asked = self.policy(self, state, line, at)
            for who in line[:asked]:
                self._ask(state, who, at)
            if asked:
                out = state.open()
                known = tuple((o.ask, (at - o.at) / (o.until - o.at)) for o in out)
                self.forecasts.append(Forecast(at, state.missing, known, gap.id, tuple(out)))

        return do

    def _line(self, state: State, at: int) -> list[Somebody]:
        """Who fits and may be asked, the nearest first; among neighbours whoever was not asked for longest."""
        gap, before = state.gap, {offer.person for offer in state.offers}
        fit = [
            who
            for who in self.town.people.values()
            if who.county == gap.county
            and gap.skill in who.skills
            and who.id not in before
            and self.diary.lately(who.id, at) < self.terms.asking.a_week
            and not any(abs(then - gap.starts) < 240 for then in self.diary.served[who.id])
        ]
        last = {who.id: max(self.diary.asked[who.id], default=-1) for who in fit}
        return sorted(fit, key=lambda who: (int(km(who.at, gap.at) / 3), last[who.id], who.id))

    def ask_of(self, who: Somebody, gap: Gap, at: int) -> Ask:
        starts = instant(gap.starts)
        minute = starts.hour * 60 + starts.minute
        far = km(who.at, gap.at)
        return Ask(
            who.id, gap.mode, gap.starts - at, starts.weekday(), minute, far, gap.county,
            self.diary.lately(who.id, at), self.diary.busy(who.id, gap.starts),
        )  # fmt: skip

    def _ask(self, state: State, who: Somebody, at: int) -> None:
        gap = state.gap
        stands = reply_by(instant(at), instant(gap.starts), self.terms)
        until = max(at + 1, int((stands - BEGINS) / timedelta(minutes=1)))
        offer = Offer(who.id, gap.id, self.ask_of(who, gap, at), at, until)
        offer.would, when = self.town.answer(who, gap, at, until, self.diary)
        self.diary.asked[who.id].append(at)
        state.offers.append(offer)
        self._at(when, lambda now: self._answered(state, offer, now))

    def _answered(self, state: State, offer: Offer, at: int) -> None:
        if offer.ended is not None:
            return
        offer.ended = at
        offer.said = "yes" if offer.would == "yes" else "no" if offer.would == "no" else "silent"
        if offer.said == "yes":
            state.holds.add(offer.person)
            self.diary.served[offer.person].append(state.gap.starts)
            self.diary.agreed[state.gap.id].add(offer.person)
            leaves = self.town.drops(self.town.people[offer.person], state.gap, at)
            if leaves is not None:
                self._at(leaves, lambda now: self._dropped(state, offer.person, now))
            if len(state.holds) >= state.gap.room:
                for other in state.open():
                    other.ended = at
            if state.missing <= 0 and state.full_at is None:
                state.full_at = at
        self._at(at, self._look(state.gap.id))

    def _dropped(self, state: State, person: str, at: int) -> None:
        state.holds.discard(person)
        self.diary.served[person].remove(state.gap.starts)
        self._at(at, self._look(state.gap.id))


def office(seed: int) -> Asker:
    """What a busy office did before: asks a handful at once, by feel, and waits until all of them have answered."""
    draw = Random(f"{seed}/office")

    def ask(_: Replay, state: State, line: Sequence[Somebody], __: int) -> int:
        return 0 if state.open() else min(len(line), draw.choice((1, 1, 2, 3)) * state.missing)

    return ask


def one_by_one(_: Replay, state: State, line: Sequence[Somebody], __: int) -> int:
    """One open offer for each missing seat; the next person when somebody says no or lets it lapse."""
    return max(0, min(len(line), state.missing - len(state.open())))


def waves(odds: Odds) -> Asker:
    """The product's own: the fewest offers that fill the need surely enough."""

    def ask(replay: Replay, state: State, line: Sequence[Somebody], at: int) -> int:
        asking, gap = replay.terms.asking, state.gap
        flight = tuple(odds.still(o.ask, (at - o.at) / (o.until - o.at)) for o in state.open())
        urgent = quiet.urgent(instant(at), instant(gap.starts), asking)
        over = asking.over_urgent if urgent else asking.over
        goals = (Goal(state.missing, asking.target),)
        opening = Opening(goals, gap.room - len(state.holds), flight, not replay.race, over, odds.shock)
        chances = [odds.chance(replay.ask_of(who, gap, at)) for who in line[: asking.max_contacts]]
        return size(opening, chances).offers

    return ask


def asked_most(replay: Replay) -> int:
    """How often the most asked person was asked in any seven days."""
    times: dict[str, list[int]] = defaultdict(list)
    for state in replay.states.values():
        for offer in state.offers:
            times[offer.person].append(offer.at)
    return max((sum(t - 7 * DAY < u <= t for u in all_) for all_ in times.values() for t in all_), default=0)
