"""Two plans side by side over HTTP."""

from uuid import UUID

from dispatch.api.drafts import ChangeView
from dispatch.api.planned import DraftView
from dispatch.api.views import Bar
from dispatch.planning import comparisons, plans
from volunteer.act import Act
from volunteer.api.http import Struct, View, door


class Pair(Struct):
    left: UUID
    right: UUID


class Figure(View):
    """One whole number of each draft."""

    left: int
    right: int


class Cover(View):
    """Mandatory seats and those filled; wished seats besides and those filled."""

    mandatory: int
    filled: int
    wished: int
    more: int


class Covered(View):
    """``key``: a mode, or a region's code."""

    key: str
    name: str
    left: Cover
    right: Cover


class Covers(View):
    all: list[Covered]
    mode: list[Covered]
    county: list[Covered]
    town: list[Covered]


class Share(View):
    """How work is shared among those who live in the region or serve in the plan. ``gini`` in thousandths over the
    hours of the ledger; ``idle``: they serve nowhere in this plan; ``buckets``: people with 0, up to 4, 8, 16, 32 and
    with more hours."""

    people: int
    serving: int
    idle: int
    minutes: int
    most: int
    gini: int
    buckets: tuple[int, ...]


class Shares(View):
    left: Share
    right: Share


class Way(View):
    """Metres from home to the venue as the crow flies; ``buckets``: lines of up to 2, 5, 10, 20 km and of more."""

    lines: int
    metres: int
    longest: int
    buckets: tuple[int, ...]


class Ways(View):
    left: Way
    right: Way


class Reach(View):
    """Places not served for 90 days or longer that have an event, and those of them where somebody comes."""

    places: int
    served: int


class Reached(View):
    left: Reach
    right: Reach


class Part(View):
    goal: str
    name: str
    left: int
    right: int


class Split(View):
    both: int
    left: int
    right: int


class Asked(View):
    asked: Split
    withdrawn: Split


class Apart(View):
    """The first changes that only one of them wants."""

    left: list[ChangeView]
    right: list[ChangeView]


class HolePair(View):
    need_id: UUID
    role: str
    shift: Bar
    left: int
    right: int


class HolesCompared(View):
    """``gained``: needs that lack more people on the right than on the left; ``lost``: the other way round."""

    gained: int
    lost: int
    items: list[HolePair]


class Comparison(View):
    """``alike``: both plan the same days of the same region. ``strangers``, ``strange_lines``: made-up people who
    serve, and their lines."""

    left: DraftView
    right: DraftView
    alike: bool
    cover: Covers
    share: Shares
    ways: Ways
    reach: Reached
    strangers: Figure
    strange_lines: Figure
    parts: list[Part]
    lines: Asked
    people: Asked
    apart: Apart
    holes: HolesCompared


@door("GET", "/api/drafts/compare", summary="Two plans side by side")
async def compare_drafts(act: Act, query: Pair) -> Comparison:
    left, right = await plans.find(act, query.left), await plans.find(act, query.right)
    return Comparison.model_validate(await comparisons.compare(left, right, act.actor.language))
