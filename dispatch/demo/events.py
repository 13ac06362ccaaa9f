"""From occasions to rows: events, shifts, needs and series, each with the person who organises it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from dispatch.demo.availability import instant
from dispatch.demo.chance import Ids
from dispatch.demo.occasions import RISKS, Occasion, Seats, Session
from dispatch.demo.people import Resident
from dispatch.models import Event, Need, Series, Shift
from volunteer.models import Role

_NOTICE_DAYS: Final = 14  # an event is written so many days before it takes place


@dataclass(frozen=True, slots=True)
class Place:
    """A need of the demo with everything that decides who can take it."""

    need: Need
    shift: Shift
    event: Event
    occasion: Occasion
    session: Session
    seats: Seats


@dataclass(slots=True)
class Events:
    """Rows in the order in which they were made; ``places`` has one line a need."""

    events: list[Event] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    series: dict[str, Series] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)


class Writer:
    """Makes rows of occasions. ``at``: now; an event whose roster lock has passed by then is locked already."""

    def __init__(self, organisers: dict[UUID, UUID], *, lock_hours: int, seed: int, start: date, at: datetime):
        self.ids = {noun: Ids(seed, noun, start) for noun in ("event", "shift", "need", "series")}
        self.organisers, self.lock, self.start, self.at = organisers, timedelta(hours=lock_hours), start, at
        self.rows = Events()

    def add(self, occasion: Occasion, *, closed: bool = False) -> list[Place]:
        """The occasion as rows; ``closed``: it is over. Its needs."""
        event = self._event(occasion, closed=closed)
        self.rows.events.append(event)
        made = []
        for session in occasion.sessions:
            shift = Shift(
                id=self.ids["shift"](), event_id=event.id, venue_id=occasion.hall.venue.id, call=session.call,
                out=session.out, starts_at=self._instant(session, 0), ends_at=self._instant(session, session.minutes),
            )  # fmt: skip
            self.rows.shifts.append(shift)
            for seats in session.seats:
                need = _need(self.ids["need"](), shift.id, seats)
                self.rows.needs.append(need)
                made.append(Place(need, shift, event, occasion, session, seats))
        self.rows.places.extend(made)
        return made

    def over(self, occasion: Occasion) -> bool:
        """Whether all of it has passed by now."""
        return all(self._instant(session, session.minutes) <= self.at for session in occasion.sessions)

    def _instant(self, session: Session, minutes: int) -> datetime:
        return instant(self.start, session.day, session.begin + minutes)

    def _event(self, occasion: Occasion, *, closed: bool) -> Event:
        starts = min(self._instant(session, 0) for session in occasion.sessions)
        ends = max(self._instant(session, session.minutes) for session in occasion.sessions)
        locks = min(self._instant(session, -session.call) for session in occasion.sessions) - self.lock
        return Event(
            id=self.ids["event"](),
            title=occasion.title,
            title_en=occasion.english,
            mode=occasion.mode,
            state="closed" if closed else "locked" if locks <= self.at else "published",
            phase="open",
            priority=occasion.priority,
            unit_id=occasion.unit,
            region_id=occasion.hall.venue.region_id,
            series_id=self._series(occasion),
            order_id=None,
            organiser_id=self.organisers.get(occasion.unit),
            leader=occasion.leader,
            quorum=occasion.quorum,
            expected_attendance=occasion.audience,
            description=occasion.about,
            risk_notice=RISKS[occasion.mode],
            source="",
            source_uid=None,
            starts_at=starts,
            ends_at=ends,
            locks_at=locks,
            version=1,
            created_at=starts - timedelta(days=_NOTICE_DAYS),
        )

    def _series(self, occasion: Occasion) -> UUID | None:
        if occasion.series is None:
            return None
        if occasion.series not in self.rows.series:
            region = occasion.hall.venue.region_id
            self.rows.series[occasion.series] = Series(id=self.ids["series"](), name=occasion.series, region_id=region)
        return self.rows.series[occasion.series].id


def _need(id_: UUID, shift: UUID, seats: Seats) -> Need:
    low, wished, most = seats.count
    return Need(
        id=id_,
        shift_id=shift,
        role=seats.role,
        min=low,
        desired=wished,
        max=most,
        taken=0,
        asks=[{"skill": skill, "level": level} for skill, level in seats.asks],
        languages=list(seats.languages),
        demands=list(seats.demands),
        age_min=seats.age_min,
        age_max=seats.age_max,
        near_minors=seats.near_minors,
        leader=seats.leader,
        team_id=seats.team,
        mode="reserve",
        version=1,
    )


def organisers(
    occasions: Sequence[Occasion], people: Sequence[Resident], given: dict[UUID, UUID], *, seed: int, start: date
) -> tuple[dict[UUID, UUID], list[Role]]:
    """Who organises for each unit: those ``given``, else a grown-up of the hall's township or county, who gets the
    role. Both by unit."""
    ids = Ids(seed, "organiser-role", start)
    grown = [person for person in people if 25 <= person.age < 70 and not person.persona]
    at_home: dict[str, list[Resident]] = {}
    for person in grown:
        at_home.setdefault(person.town.code, []).append(person)
        at_home.setdefault(person.town.county, []).append(person)
    chosen, rows = dict(given), []
    for occasion in occasions:
        region = occasion.hall.venue.region_id
        near = at_home.get(region[:9]) or at_home.get(region[:6]) or grown
        if occasion.unit not in chosen:
            person = near[len(chosen) % len(near)]
            chosen[occasion.unit] = person.id
            rows.append(
                Role(
                    id=ids(), volunteer_id=person.id, role="organiser", region_id=None, unit_id=occasion.unit,
                    since=person.row.created_at, until=None,
                )
            )  # fmt: skip
    return chosen, rows
