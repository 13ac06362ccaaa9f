"""The demo week: what takes place where and when, and whom it needs."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final
from uuid import UUID

from dispatch.demo.arts import RARE, Catalogue
from dispatch.demo.availability import Days
from dispatch.demo.chance import stream
from dispatch.demo.occasions import Occasion, Seats, Session
from dispatch.demo.people import SLOTS
from dispatch.demo.places import Hall, Places, Town
from dispatch.demo.programme import DUTIES, SHOWS, TAUGHT, TUTORED, Duty, Stage, Subject
from dispatch.demo.teams import Teams, Troupe

# Shares of all events: tutoring points, courses, shows, duties.
_SHARES: Final = (32, 26, 17, 25)
_PRIORITY: Final = ((1, 2, 3, 4, 5), (8, 20, 47, 18, 7))


def occasions(
    places: Places, teams: Teams, catalogue: Catalogue, *, events: int, seed: int, days: Days,
    fixed: Sequence[Occasion] = (),
) -> list[Occasion]:  # fmt: skip
    """Exactly ``events`` occasions, the ``fixed`` ones first. Towns are chosen by their people, and one time in five
    evenly, so that far villages come too."""
    return _Writing(places, teams, catalogue, seed, days).all(events, fixed)


class _Writing:
    """Draws the programme; ``made`` grows."""

    def __init__(self, places: Places, teams: Teams, catalogue: Catalogue, seed: int, days: Days):
        self.draw: Random = stream(seed, "week")
        self.places, self.teams, self.catalogue = places, teams, catalogue
        self.days = days
        self.made: list[Occasion] = []
        self.series: set[str] = set()
        self.stages: set[tuple[UUID, int]] = set()

    def all(self, events: int, fixed: Sequence[Occasion]) -> list[Occasion]:
        self.made.extend(fixed)
        for occasion in fixed:
            self.series.update({occasion.series} if occasion.series else ())
            self.stages.update((s.team, n.day) for n in occasion.sessions for s in n.seats if s.team)
        kinds: tuple[Callable[[Town, int], None], ...] = (self._tutoring, self._course, self._show, self._duty)
        while len(self.made) < events:
            by_people = self.draw.random() < 0.8
            weights = self.places.weights if by_people else None
            town = self.draw.choices(self.places.towns, weights)[0]
            self.draw.choices(kinds, _SHARES)[0](town, events - len(self.made))
        return self.made

    # ---- the four modes ----

    def _tutoring(self, town: Town, room: int) -> None:
        subject = self._subject(TUTORED)
        hall = self._hall(town, ("village", "village", "school", "station"))
        name = f"{hall.place}{subject.word}辅导点"
        if name in self.series:
            return
        self.series.add(name)
        minors = self.draw.random() < subject.minors
        days = sorted(self.draw.sample(range(7), min(room, self.draw.choice((1, 1, 2, 2)))))
        level = self.draw.choice(subject.level)
        priority = self._priority()
        helpers = self._assistants(((0, 1, 1), (1, 1, 2), (1, 2, 2)), minors)
        for day in days:
            begin = self.draw.choice((540, 870)) if self.days.weekend(day) else 1140
            session = Session(day, begin, 90, 15, 15, (self._teacher("辅导教师", subject, level, minors), helpers))
            about = f"固定辅导点，每周同一位老师，{subject.word}从入门教起。"
            self.made.append(
                Occasion(name, f"{subject.english} tutoring point", "tutoring", hall, priority, (session,), about, name)
            )

    def _course(self, town: Town, room: int) -> None:
        subject = self._subject(TAUGHT)
        hall = self._hall(town, ("station", "centre", "school", "heritage"))
        minors = self.draw.random() < subject.minors
        count = min(room, self.draw.choice((1, 1, 2)))
        name = f"{hall.place}{subject.word}"
        if name in self.series:
            return
        self.series.add(name)
        level, priority = self.draw.choice(subject.level), self._priority()
        for day in sorted(self.draw.sample(range(7), count)):
            slot = self.draw.choice((0, 1, 2)) if self.days.weekend(day) else self.draw.choice((2, 2, 2, 0))
            local = (self.catalogue.language("闽南语"),) if subject.skill in ("南音", "高甲戏") else ()
            seats = (
                self._teacher("授课教师", subject, level, minors, languages=local),
                self._assistants(((1, 1, 2), (1, 2, 3)), minors),
            )
            session = Session(day, SLOTS[slot][0] + 60, 120, 15, 15, seats)
            about = f"{subject.word}，面向居民公益招生，材料由主办单位准备。"
            series = name if count > 1 else None
            self.made.append(
                Occasion(name, subject.english, "training", hall, priority, (session,), about, series, audience=30)
            )

    def _show(self, town: Town, _: int) -> None:
        troupes = self.teams.of(town.county)
        if not troupes:
            return
        troupe = self.draw.choice(troupes)
        weekday, slot = self.draw.choice(troupe.hours)
        day = self.days.on(weekday)
        if day is None or (troupe.team.id, day) in self.stages:
            return
        self.stages.add((troupe.team.id, day))
        stage = self.draw.choice(SHOWS)
        hall = self._hall(town, stage.hall)
        self.made.append(show(stage, hall, troupe, (day, slot), self._priority(), self.catalogue, self.draw))

    def _duty(self, town: Town, _: int) -> None:
        duty = self.draw.choices(DUTIES, [duty.share for duty in DUTIES])[0]
        hall = self._hall(town, duty.hall)
        fit = [day for day in range(7) if self.days.weekend(day) or not duty.weekend]
        day = self.draw.choice(fit or range(7))
        count = self.draw.choice(duty.shifts)
        led = len(duty.crew) > 2 and self.draw.random() < 0.4
        sessions = tuple(
            Session(day, SLOTS[slot][0] + 60, 180, self.draw.choice((15, 30)), 15, self._crew(duty, led and slot == 0))
            for slot in range(count)
        )
        about = f"{duty.word}，按班次配合主办单位，到场先向领队报到。"
        self.made.append(
            Occasion(
                f"{hall.place}{duty.word}", duty.english, "support", hall, self._priority(), sessions, about,
                quorum=self.draw.choice((0, 0, 3)) if sum(low for *_, (low, _, _) in duty.crew) >= 3 else 0,
                audience=duty.audience,
            )
        )  # fmt: skip

    # ---- their parts ----

    def _teacher(self, role: str, subject: Subject, level: int, minors: bool, languages: tuple[str, ...] = ()) -> Seats:
        asks = ((self.catalogue.code(subject.skill), level),)
        return Seats(role, (1, 1, 1), asks, languages, age_min=18, near_minors=minors)

    def _assistants(self, counts: Sequence[tuple[int, int, int]], minors: bool) -> Seats:
        return Seats("助教", self.draw.choice(counts), near_minors=minors, age_min=18 if minors else 16)

    def _crew(self, duty: Duty, led: bool) -> tuple[Seats, ...]:
        seats = [
            Seats(role, count, ((self.catalogue.code(skill), level),) if skill else ())
            for role, skill, level, count in duty.crew
        ]
        if led:
            seats.append(Seats("领队", (1, 1, 1), age_min=18, leader=True))
        if duty.hall[0] == "heritage" and self.draw.random() < 0.3:
            seats.append(Seats("英语讲解员", (0, 1, 1), (), (self.catalogue.language("英语"),)))
        return tuple(seats)

    def _subject(self, subjects: Sequence[Subject]) -> Subject:
        return self.draw.choices(subjects, [subject.share for subject in subjects])[0]

    def _hall(self, town: Town, kinds: Sequence[str]) -> Hall:
        kind = self.draw.choice(kinds)
        if kind in ("centre", "library", "heritage"):
            return next(hall for hall in self.places.centres[town.county] if hall.kind == kind)
        halls = [hall for hall in town.halls if hall.kind == kind]
        return self.draw.choice(halls or list(town.halls))

    def _priority(self) -> int:
        return self.draw.choices(*_PRIORITY)[0]


def show(
    stage: Stage, hall: Hall, troupe: Troupe, when: tuple[int, int], priority: int, catalogue: Catalogue, draw: Random
) -> Occasion:
    """The troupe's evening or afternoon in that hall; ``when``: day of the week's start, slot."""
    day, slot = when
    session = Session(day, SLOTS[slot][0] + 75, 120, 60, 30, _show_seats(troupe, catalogue, draw))
    return Occasion(
        f"{stage.word}·{troupe.team.name}走进{hall.place}",
        f"{stage.english}: {troupe.art.english}",
        "performance",
        hall,
        priority,
        (session,),
        f"{troupe.team.name}专场演出，约 {stage.audience} 名观众，提前一小时到场装台。",
        quorum=troupe.team.min_cast + 2,
        audience=stage.audience,
        host=troupe.unit,
    )


def _show_seats(troupe: Troupe, catalogue: Catalogue, draw: Random) -> tuple[Seats, ...]:
    """A team goes whole, with a leader and hands for the stage; half of the shows have a host who speaks Hokkien."""
    cast, members = troupe.team.min_cast, len(troupe.members)
    asks = ((catalogue.code(troupe.art.skill), 2),)
    seats = [
        Seats("演员", (cast, min(cast + 2, members), members), asks, team=troupe.team.id),
        Seats("领队", (1, 1, 1), age_min=18, leader=True),
        Seats("舞台助理", (1, 3, 4), demands=("heavy",), age_min=18),
    ]
    if troupe.art.skill not in RARE or draw.random() < 0.5:
        seats.append(Seats("音响", (0, 1, 1), ((catalogue.code("音响"), 1),)))
    if draw.random() < 0.5:
        seats.append(Seats("主持人", (1, 1, 1), ((catalogue.code("主持"), 1),), (catalogue.language("闽南语"),)))
    return tuple(seats)
