"""The work of a made-up week: tutoring series, courses, performances by troupes, and support at fairs and rites.

About six wished seats an event: two sessions in five are tutoring (three seats), a quarter courses (three, taught by a
master of a rare art now and then), the rest performances and support (thirteen each).
"""

from dataclasses import dataclass, field
from random import Random

from dispatch.bench.crowd import COMMON, HERITAGE, MIDNIGHT, MONDAY, SLOTS, Troupe
from dispatch.bench.places import Town
from dispatch.planner.problem import Asks, Event, Mode, Need, Shift, Venue


@dataclass(slots=True)
class Programme:
    """What stands so far. ``known``: ids of series and venues by town."""

    events: list[Event] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    known: dict[str, list[str]] = field(default_factory=dict)

    def add(self, draw: Random, venue: Venue, mode: Mode, *, series: str | None = None, quorum: int = 0) -> Event:
        event = Event(
            id=f"e{len(self.events):05d}",
            mode=mode,
            priority=draw.choices((1, 2, 3, 4, 5), (10, 20, 45, 18, 7))[0],
            unit=f"u{draw.randrange(20):02d}",
            region=venue.region,
            series=series,
            leader=mode == "performance" or (mode == "support" and draw.random() < 0.4),
            quorum=quorum,
            waiting=min(365, int(draw.expovariate(1 / 40))),
            locked=draw.random() < 0.01,
        )
        self.events.append(event)
        return event

    def shift(self, event: Event, venue: Venue, start: int, minutes: int, *, call: int = 0, out: int = 0) -> Shift:
        """``start`` in local minutes since Monday's midnight."""
        at = MIDNIGHT + start
        day = MONDAY + start // 1440
        shift = Shift(f"s{len(self.shifts):05d}", event.id, venue.id, at, at + minutes, day, call, out)
        self.shifts.append(shift)
        return shift

    def need(self, shift: Shift, role: str, seats: tuple[int, int, int], **more: object) -> None:
        low, wished, most = seats
        made = Need(f"n{len(self.needs):06d}", shift.id, role, low, wished, most, **more)  # type: ignore[arg-type]
        self.needs.append(made)


def programme(draw: Random, towns: tuple[Town, ...], troupes: tuple[Troupe, ...], events: int) -> Programme:
    """Exactly ``events`` events. Towns are chosen by their people, and one time in five evenly (villages come too)."""
    made = Programme()
    weights = [town.weight for town in towns]
    while len(made.events) < events:
        town = draw.choice(towns) if draw.random() < 0.2 else draw.choices(towns, weights)[0]
        venue = draw.choice(town.venues)
        kind = draw.random()
        left = events - len(made.events)
        if kind < 0.26:
            _tutoring(draw, made, venue, min(left, draw.choice((1, 2, 2, 3))))
        elif kind < 0.56:
            _course(draw, made, venue, min(left, draw.choice((1, 1, 2))))
        elif kind < 0.78 and troupes:
            here = [troupe for troupe in troupes if troupe.county == town.county] or troupes
            _performance(draw, made, venue, draw.choice(here))
        else:
            _support(draw, made, venue)
    return made


def _remember(made: Programme, venue: Venue, thing: str) -> None:
    made.known.setdefault(venue.region, []).append(thing)


def _tutoring(draw: Random, made: Programme, venue: Venue, sessions: int) -> None:
    """A tutoring point: the same hour on several days, one tutor throughout."""
    series = f"series-{len(made.events):05d}"
    _remember(made, venue, series)
    subject = draw.choices(
        ("homework", "english", "calligraphy", "painting", "coding", "chess"), (50, 15, 12, 10, 6, 7)
    )
    level = draw.choice((1, 1, 2))
    for day in sorted(draw.sample(range(7), sessions)):
        start = day * 1440 + (1110 if day < 5 else draw.choice((525, 855)))
        event = made.add(draw, venue, "tutoring", series=series)
        shift = made.shift(event, venue, start, 90, call=15, out=15)
        made.need(shift, "tutor", (1, 1, 1), asks=(Asks(subject[0], level),), near_minors=True, age_min=18)
        made.need(shift, "assistant", (1, 2, 3), near_minors=True, age_min=16)


def _course(draw: Random, made: Programme, venue: Venue, sessions: int) -> None:
    """A course, one time in three in a rare art; a second session is the same course with the same teacher."""
    rare = draw.random() < 0.35
    skill = draw.choice(HERITAGE if rare else COMMON)
    series = f"series-{len(made.events):05d}" if sessions > 1 else None
    if series:
        _remember(made, venue, series)
    minors = draw.random() < 0.25
    slot = draw.choice((0, 1, 2))
    for day in sorted(draw.sample(range(7), sessions)):
        event = made.add(draw, venue, "training", series=series)
        shift = made.shift(event, venue, day * 1440 + SLOTS[slot][0] + 45, 120, call=15, out=15)
        made.need(shift, "teacher", (1, 1, 1), asks=(Asks(skill, draw.choice((2, 3, 3))),), near_minors=minors)
        made.need(shift, "assistant", (1, 2, 3), near_minors=minors, languages=("minnan",) if rare else ())


def _performance(draw: Random, made: Programme, venue: Venue, troupe: Troupe) -> None:
    """A troupe goes whole with a leader, or the show does not run."""
    team = troupe.team
    day, slot = draw.choice(troupe.slots)
    cast = team.min_cast
    event = made.add(draw, venue, "performance", quorum=cast + 2)
    shift = made.shift(event, venue, day * 1440 + SLOTS[slot][0] + 75, 120, call=60, out=30)
    asks = (Asks(troupe.skill, 2),)
    made.need(shift, "cast", (cast, min(cast + 2, len(team.members)), len(team.members)), asks=asks, team=team.id)
    made.need(shift, "leader", (1, 1, 1), leader=True, age_min=18)
    made.need(shift, "crew", (1, 3, 4), demands=("heavy",))
    if draw.random() < 0.5:
        made.need(shift, "host", (1, 1, 1), asks=(Asks("hosting", 1),), languages=("minnan",))


def _support(draw: Random, made: Programme, venue: Venue) -> None:
    """A fair, a rite or a run: one to three shifts on one or two days."""
    event = made.add(draw, venue, "support", quorum=draw.choice((0, 0, 3)))
    day = draw.randrange(7)
    for number in range(draw.choice((1, 2, 2, 3))):
        slot = number if number < 3 else 0
        shift = made.shift(event, venue, day * 1440 + SLOTS[slot][0] + 40, 180, call=draw.choice((15, 30)), out=15)
        low = draw.randint(2, 5)
        made.need(shift, "steward", (low, low + draw.randint(0, 2), low + 4), asks=draw.choice(((), (Asks("order"),))))
        if draw.random() < 0.5:
            made.need(shift, "guide", (1, 1, 2), asks=(Asks("guiding", 1),), languages=draw.choice((("zh",), ("en",))))
        if draw.random() < 0.3:
            made.need(shift, "first-aid", (1, 1, 1), asks=(Asks("first-aid", 2),))
        if event.leader and number == 0:
            made.need(shift, "leader", (1, 1, 1), leader=True, age_min=18)
