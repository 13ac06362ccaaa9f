"""Who has promised what, as rows: the weeks that are over, and the published roster of the demo week.

Every line passes the strict rules of ``fitting``; nobody has two lines on a day; ``taken`` of each need is counted
here.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from dispatch.demo.chance import Ids, stream
from dispatch.demo.events import Place, Writer
from dispatch.demo.fitting import Bench, km
from dispatch.demo.occasions import Occasion
from dispatch.demo.people import Resident
from dispatch.lifecycle import SEATED
from dispatch.models import Assignment
from dispatch.roster.assignments import reply_by
from dispatch.settings import policy

WEEKS_BACK: Final = 3
# Of the events that belong to no series, so many took place in each earlier week too.
_SAMPLE: Final = 0.15
# Of the needs that a plan may fill, so many stand on the roster already; of those, so many are accepted.
_ROSTERED: Final = 0.08
_ACCEPTED: Final = 0.6
# A tutor serves often: limits per month that leave room for it.
_EVENTS_A_MONTH: Final = 24


class Roster:
    """Draws lines; ``lines`` grows."""

    def __init__(self, bench: Bench, *, seed: int, start: date, at: datetime):
        self.draw: Random = stream(seed, "roster")
        self.past: Random = stream(seed, "answers of the past")
        self.past_ids = Ids(seed, "refusal", start)
        self.refused: set[UUID] = set()
        self.ids = Ids(seed, "assignment", start)
        self.bench, self.at = bench, at
        self.lines: list[Assignment] = []

    # ---- the weeks that are over ----

    def served(self, writer: Writer, occasions: Sequence[Occasion], regulars: dict[str, Resident]) -> None:
        """Earlier weeks of every series, with the same tutor each time (``regulars`` by series come first), and of some
        other occasions. The people's ledgers grow by what they served."""
        past = [o for o in occasions if o.series] + [
            o for o in occasions if not o.series and o.mode != "performance" and self.draw.random() < _SAMPLE
        ]
        for weeks in range(WEEKS_BACK, 0, -1):
            for occasion in [occasion.weeks_ago(weeks) for occasion in past]:
                for place in writer.add(occasion, closed=True) if writer.over(occasion) else ():
                    self._completed(place, regulars)

    def _completed(self, place: Place, regulars: dict[str, Resident]) -> None:
        series = place.occasion.series
        tutor = regulars.get(series) if series and place.seats.asks else None
        for _ in range(max(1, place.need.min)):
            person = tutor or self.bench.pick(self.draw, [place], tries=25)
            if person is None or not self.bench.fits(person, [place]):
                continue
            if series and place.seats.asks:
                regulars.setdefault(series, person)
            self._said_no(place, person)
            self._line(place, person, "completed")
            person.taken.add(place.session.day)
            person.row.load += place.session.minutes
            person.row.max_events = max(person.row.max_events, _EVENTS_A_MONTH)
            person.row.max_month = max(person.row.max_month, 2400)

    def _said_no(self, place: Place, served: Resident) -> None:
        """Whoever was asked before and could not, or left it: mostly those who live farther away."""
        for _ in range(self.past.choice((0, 0, 1, 1, 2))):
            asked = [self.bench.pick(self.past, [place], tries=8) for _ in range(2)]
            others = [person for person in asked if person is not None and person.id not in self.refused | {served.id}]
            if others:
                far = max(others, key=lambda person: (km(person, place), person.id))
                one = far if self.past.random() < 0.7 else others[0]
                self._line(place, one, "declined" if self.past.random() < 0.6 else "expired")
                self.refused.add(one.id)
        self.refused.clear()

    # ---- the demo week ----

    def published(self, places: Sequence[Place], regulars: dict[str, Resident]) -> None:
        """A few seats of the week, outside events that run only with a leader or a quorum: whole series for one tutor,
        its regular if there is one, else one need each."""
        open_ = [p for p in places if not p.occasion.leader and not p.occasion.quorum and self._ahead(p)]
        wanted = round(_ROSTERED * len(open_))
        for place in self.draw.sample(open_, len(open_)):
            if wanted <= 0:
                return
            group = self._group(place, open_)
            person = self._tutor(group, regulars) or self.bench.pick(self.draw, group)
            if person is not None and not any(p.need.taken for p in group):
                wanted -= len(group)
                status = "accepted" if self.draw.random() < _ACCEPTED else "offered"
                for each in group:
                    self._line(each, person, status)
                person.taken = set(range(7))

    def promise(self, place: Place, person: Resident, status: str) -> None:
        """This very line, if the place is still ahead."""
        if self._ahead(place):
            self._line(place, person, status)
            person.taken.add(place.session.day)

    def _ahead(self, place: Place) -> bool:
        return place.event.state == "published" and place.shift.starts_at > self.at + timedelta(hours=6)

    def _group(self, place: Place, open_: Sequence[Place]) -> list[Place]:
        if place.occasion.series is None or place.need.max > 1:
            return [place]
        return [p for p in open_ if p.occasion.series == place.occasion.series and p.seats.role == place.seats.role]

    def _tutor(self, group: Sequence[Place], regulars: dict[str, Resident]) -> Resident | None:
        regular = regulars.get(group[0].occasion.series or "") if group[0].seats.asks else None
        return regular if regular is not None and self.bench.fits(regular, group) else None

    # ---- one line ----

    def _line(self, place: Place, person: Resident, status: str) -> None:
        shift, done = place.shift, status == "completed"
        said_no = status in ("declined", "expired")
        draw, ids = (self.past, self.past_ids) if said_no else (self.draw, self.ids)
        offered_at = self._asked(shift.starts_at, status)
        answered_at = None if status == "offered" else offered_at + timedelta(hours=draw.randint(1, 20))
        came = shift.starts_at - timedelta(minutes=draw.randint(1, shift.call or 5))
        left = shift.ends_at + timedelta(minutes=draw.randint(0, 10))
        place.need.taken += status in SEATED
        self.lines.append(
            Assignment(
                id=ids(),
                need_id=place.need.id,
                volunteer_id=person.id,
                status=status,
                source="plan",
                pinned=False,
                late=False,
                occupies_from=shift.starts_at - timedelta(minutes=shift.call),
                occupies_until=shift.ends_at + timedelta(minutes=shift.out),
                offered_at=offered_at,
                expires_at=reply_by(offered_at, shift.starts_at, policy()),
                answered_at=answered_at,
                decline_reason="",
                checked_in_at=came if done else None,
                checked_out_at=left if done else None,
                draft_id=None,
                why=_why(place, person),
                version=1 if answered_at is None else 2,
            )
        )

    def _asked(self, starts: datetime, status: str) -> datetime:
        """When the offer was made: days before a shift that is over, two days ago, or just now."""
        if status in ("completed", "declined", "expired"):
            return starts - timedelta(hours=self.past.randint(30, 220))
        ago = timedelta(minutes=self.draw.randint(5, 90))
        return self.at - ago - timedelta(days=2) * (status == "accepted")


def _why(place: Place, person: Resident) -> list[dict[str, Any]]:
    """What a plan of last week might have said: the tutor knows the place, and how far it is."""
    far = round(km(person, place))
    reasons: list[dict[str, Any]] = [{"goal": "travel", "worth": -1000 * far, "data": {"km": far}}]
    if place.occasion.series and place.seats.asks:
        reasons.insert(0, {"goal": "continuity", "worth": 27_000, "data": {}})
    return reasons
