"""The hours of the weeks that are over, as rows: recorded long ago, under public notice, some waiting for a signature.

Every record obeys the constraints of its table: nobody confirms or signs for themselves, the recorder ran nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from dispatch.demo.chance import Ids
from dispatch.models import Assignment, Event, Need, Shift, Venue
from dispatch.settings import policy
from volunteer import days
from volunteer.models import Credit, Role, ServiceRecord
from volunteer.quiet import ZONE
from volunteer.records import hours
from volunteer.records.hours import MINUTE, Stay, Terms
from volunteer.records.proposing import deadlines

# Of the records whose notice could still be running, so many wait for the first signature, and so many for the second.
_PROPOSED: Final = 0.25
_CONFIRMED: Final = 0.5
LATELY: Final = timedelta(days=12)


class Hours:
    """Draws one record a completed line; ``records`` and ``credits`` grow. ``recorder``: the role of whoever signs; in
    their own unit every second record of late waits for them."""

    def __init__(self, draw: Random, ids: Ids, recorder: Role, at: datetime) -> None:
        self.draw, self.ids, self.at = draw, ids, at
        self.recorder, self.unit = recorder.volunteer_id, recorder.unit_id
        self.own = 0
        self.terms: Terms = policy().records.terms
        self.records: list[ServiceRecord] = []
        self.credits: list[Credit] = []

    def of(
        self,
        lines: Sequence[Assignment],
        needs: Sequence[Need],
        shifts: Sequence[Shift],
        events: Sequence[Event],
        venues: Sequence[Venue],
    ) -> None:
        by_need = {need.id: need for need in needs}
        by_shift = {shift.id: shift for shift in shifts}
        by_event: Mapping[UUID, Event] = {event.id: event for event in events}
        places = {venue.id: venue.name for venue in venues}
        for line in lines:
            if line.status == "completed":
                need = by_need[line.need_id]
                shift = by_shift[need.shift_id]
                record = self._proposed(line, need, by_event[shift.event_id], places[shift.venue_id])
                self._went_on(record)
                self.records.append(record)

    def _proposed(self, line: Assignment, need: Need, event: Event, place: str) -> ServiceRecord:
        came, left = line.checked_in_at or line.occupies_from, line.checked_out_at or line.occupies_until
        stay = Stay(line.occupies_from, line.occupies_until, came, left)
        return ServiceRecord(
            id=self.ids(), volunteer_id=line.volunteer_id, cause=line.id, matter=event.id, title=event.title,
            title_en=event.title_en, place=place, content=need.role, unit_id=event.unit_id,
            region_id=event.region_id, organiser_id=event.organiser_id, leaders=[],
            source=self.draw.choice(("checkin", "checkin", "roll")), plan_from=stay.since, plan_until=stay.until,
            came_at=stay.came, left_at=stay.left, unit_minutes=self.terms.unit, least_percent=self.terms.least,
            notice_days=self.terms.notice_days, minutes=hours.credit(stay, self.terms.unit), overtime=0,
            state="proposed", reason="", evidence="", version=1, created_at=event.ends_at,
            **deadlines(event.ends_at, self.terms),
        )  # fmt: skip

    def _went_on(self, record: ServiceRecord) -> None:
        """As far as a diligent office would have come with it."""
        confirmer = record.organiser_id
        if confirmer is None or confirmer == record.volunteer_id or self.recorder in (confirmer, record.volunteer_id):
            return
        signed = days.working_days_after(record.created_at, 1, ZONE) + timedelta(hours=10)
        until = days.working_days_after(signed, record.notice_days, ZONE)
        fate = self._fate(record, until)
        if fate < _PROPOSED or signed - timedelta(hours=1) > self.at:
            return
        record.confirmed_by, record.confirmed_at = confirmer, signed - timedelta(hours=1)
        record.state, record.version = "confirmed", 2
        if fate < _CONFIRMED or signed > self.at:
            return
        record.signed_by, record.notice_from, record.notice_until = self.recorder, signed, until
        record.state, record.version = "under_notice", 3
        if until <= self.at:
            record.state, record.version, record.locked_at = "locked", 4, until + MINUTE
            self.credits.append(self._credited(record, until + MINUTE))

    def _fate(self, record: ServiceRecord, until: datetime) -> float:
        fate = self.draw.random()
        if record.unit_id == self.unit and record.created_at > self.at - LATELY:
            self.own += 1
            return _CONFIRMED - 0.01 if self.own % 2 else 0.0
        return fate if until > self.at else 1.0

    def _credited(self, record: ServiceRecord, at: datetime) -> Credit:
        return Credit(
            id=self.ids(), record_id=record.id, volunteer_id=record.volunteer_id, kind="credit", minutes=record.minutes,
            at=at,
        )  # fmt: skip

    def rows(self) -> Iterator[tuple[type[ServiceRecord] | type[Credit], list[ServiceRecord] | list[Credit]]]:
        yield ServiceRecord, self.records
        yield Credit, self.credits
