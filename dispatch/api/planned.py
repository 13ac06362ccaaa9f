"""What the answers about plans hold."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from dispatch.api.views import Ref
from dispatch.planning.assumptions import Assumptions
from volunteer.api.shapes import Live, View


class DraftProgress(View):
    stage: str | None = None
    done: float | None = None
    score: int | None = None
    bound: int | None = None
    seconds: float | None = None


class Counts(View):
    offers: int
    withdrawals: int
    people: int
    events: int


class CurvePoint(View):
    seconds: float
    score: int | None
    bound: int | None


class Assumed(View):
    """``kind``: weights, off, relaxed, people, freed."""

    kind: str
    text: str


class Failure(View):
    """Why a run failed, what would mend it, and the planner's own words."""

    text: str
    remedy: str
    details: list[str]


class BreachView(View):
    """An accepted or pinned line that broke rules by itself when the plan was made; only people can solve it."""

    volunteer: Ref
    shift_id: UUID
    role: str
    title: str
    title_en: str
    starts_at: datetime
    reasons: list[str]


class OffView(View):
    """An event that the plan leaves without anybody because it cannot come together, what it lacks and what would mend
    that. ``shift_id``: its first shift."""

    event_id: UUID
    shift_id: UUID
    title: str
    title_en: str
    starts_at: datetime
    zone: str
    reason: str
    remedy: str


class DraftView(View):
    """A planner run. ``status``: how it ended (proven, unproven, cut_short, greedy; see ``planner.plan.Plan``).
    ``gap`` = (bound - score) / bound, proven; ``most`` bounds the mandatory seats fillable at all; ``relaxes``: the
    rules that the bound does not enforce, though the plan does. ``off``: the first of ``off_count`` events that cannot
    run. ``assumed``: its assumptions in words; ``hypothetical``: it can never be published. ``ahead``: runs that go
    before it, while it waits. ``curve``: how score and bound came together."""

    id: UUID
    region: str
    from_: datetime = Field(alias="from")
    until: datetime
    state: str
    status: str
    seed: int
    seconds: int
    progress: DraftProgress | None
    score: int | None
    bound: int | None
    gap: float | None
    mandatory: int | None
    filled: int | None
    most: int | None
    counts: Counts | None = None
    assumptions: Assumptions | None = None
    assumed: tuple[Assumed, ...] = ()
    hypothetical: bool
    ahead: int | None = None
    curve: tuple[CurvePoint, ...] = ()
    failure: Failure | None = None
    breaches: tuple[BreachView, ...] = ()
    off: tuple[OffView, ...] = ()
    off_count: int = 0
    relaxes: tuple[str, ...] = ()
    error: str
    created_at: datetime
    ended_at: datetime | None
    version: int
    live: Live | None = None
