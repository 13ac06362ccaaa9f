"""What the work's answers hold; the shapes that more than one door uses."""

from datetime import datetime
from typing import Any
from uuid import UUID

from volunteer.api.shapes import Live, RegionName, UnitName, View


class Ref(View):
    id: UUID
    name: str


class NeedBar(View):
    id: UUID
    role: str
    leader: bool
    min: int
    desired: int
    max: int
    filled: int
    offered: int
    version: int


class Bar(View):
    """One shift in counts. ``filled``: accepted, checked in or completed; ``offered``: waiting for an answer.
    ``turns_to``: the state that its event takes by itself, at ``turns_at``."""

    id: UUID
    event_id: UUID
    title: str
    title_en: str
    mode: str
    state: str
    priority: int
    starts_at: datetime
    ends_at: datetime
    min: int
    desired: int
    max: int
    filled: int
    offered: int
    version: int
    region_id: str
    venue_id: UUID
    phase: str
    turns_to: str | None
    turns_at: datetime | None
    needs: list[NeedBar]


class WhyView(View):
    """Why this person: the goal, what it added to the plan's score, one sentence."""

    goal: str
    worth: int
    text: str


class Counted(View):
    """So many people fail first at this rule."""

    rule: str
    people: int
    text: str


class ReasonView(View):
    rule: str
    data: dict[str, Any]
    text: str
    remedy: str


class EventBrief(View):
    id: UUID
    title: str
    title_en: str
    mode: str
    description: str
    risk_notice: str
    state: str


class ShiftTimes(View):
    id: UUID
    starts_at: datetime
    ends_at: datetime
    call_at: datetime
    out_at: datetime
    zone: str


class VenueView(View):
    """``approximate``: the point is a township's, not the venue's own."""

    id: UUID
    name: str
    region: RegionName
    lat: float | None = None
    lon: float | None = None
    approximate: bool = True


class Can(View):
    """``again``: take a no back, while the offer would still stand; ``swap``: give the seat to somebody else."""

    accept: bool
    decline: bool
    cancel: bool
    again: bool
    check_out: bool
    undo: bool
    swap: bool


class SignIn(View):
    """Between when the venue's code is taken."""

    opens_at: datetime
    closes_at: datetime


class GivenUp(View):
    title: str
    title_en: str
    starts_at: datetime


class AssignmentView(View):
    """A line of the roster as its volunteer sees it. ``with_count``: others who accepted the same shift; ``replaces``:
    the seat of their own that a yes gives up; ``free_until``: stepping back after it is marked late;
    ``team_offer``: asked with the whole team, whose leader answers."""

    id: UUID
    status: str
    version: int
    need_id: UUID
    event: EventBrief
    shift: ShiftTimes
    venue: VenueView
    role: str
    leader: bool
    km: float | None
    with_count: int
    why: list[WhyView]
    why_text: str
    source: str
    offered_at: datetime
    expires_at: datetime | None
    answered_at: datetime | None
    late: bool
    replaces: GivenUp | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    free_until: datetime
    sign_in: SignIn | None
    team_offer: UUID | None
    can: Can


class OpeningCan(View):
    take: bool
    stand_by: bool


class OpeningView(View):
    """A need that people may join. ``free``: seats that neither an offer holds nor somebody waits for; ``reasons``:
    every rule that speaks against, empty = it fits."""

    need_id: UUID
    event: EventBrief
    shift: ShiftTimes
    venue: VenueView
    role: str
    leader: bool
    km: float | None
    min: int
    max: int
    taken: int
    free: int
    waiting: int
    reasons: list[ReasonView]
    can: OpeningCan


class Alternative(View):
    """What is open instead: the person's next offer; without one, the soonest free seat that fits."""

    offer: AssignmentView | None = None
    opening: OpeningView | None = None


class Assignments(View):
    items: list[AssignmentView]
    live: Live


class EventRow(View):
    id: UUID
    title: str
    title_en: str
    mode: str
    state: str
    priority: int
    region: RegionName
    starts_at: datetime
    ends_at: datetime
    venue_names: list[str]
    min: int
    desired: int
    max: int
    filled: int
    offered: int
    version: int


class Placed(View):
    """Somebody on a need. The name is masked unless the viewer is responsible for the event. ``unreached``: their mail
    address does not exist, says its server; told to whom the name is."""

    id: UUID
    status: str
    version: int
    offered_at: datetime
    expires_at: datetime | None
    answered_at: datetime | None
    source: str
    late: bool
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    came_by: str
    near: bool | None
    excused: bool
    extra: bool
    own: bool
    undo: bool
    unreached: bool
    volunteer: Ref
    why_text: str


class AskView(View):
    skill: str
    name: str
    level: int


class NeedView(View):
    id: UUID
    role: str
    leader: bool
    mode: str
    min: int
    desired: int
    max: int
    taken: int
    offered: int
    version: int
    asks: list[AskView]
    languages: list[str]
    age_min: int
    age_max: int
    near_minors: bool
    mentor_role: str
    per_mentor: int
    team: Ref | None
    assignments: list[Placed]


class ShiftView(View):
    id: UUID
    starts_at: datetime
    ends_at: datetime
    call_at: datetime
    out_at: datetime
    venue: VenueView
    needs: list[NeedView]


class SheetCan(View):
    """``call``: call the roll."""

    write: bool
    offer: bool
    call: bool
    correct: bool


class EventView(EventRow):
    description: str
    risk_notice: str
    source: str
    phase: str
    turns_to: str | None
    turns_at: datetime | None
    quorum: int
    leader: bool
    locks_at: datetime | None
    unit: UnitName | None
    series: Ref | None
    shifts: list[ShiftView]
    can: SheetCan
    live: Live
