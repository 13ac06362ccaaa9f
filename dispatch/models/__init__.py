"""Rows of the work, one file a noun group."""

from dispatch.models.crews import TeamOffer
from dispatch.models.drafts import Change, Draft, DraftPart, Hole
from dispatch.models.events import Event, Need, Series, Shift, Venue
from dispatch.models.orders import Order
from dispatch.models.presence import Onlooker
from dispatch.models.roster import Assignment
from dispatch.models.swaps import Swap, SwapSide
from dispatch.models.watches import Watch
from dispatch.models.waves import Call, Limit

__all__ = [
    "Assignment",
    "Call",
    "Change",
    "Draft",
    "DraftPart",
    "Event",
    "Hole",
    "Limit",
    "Need",
    "Onlooker",
    "Order",
    "Series",
    "Shift",
    "Swap",
    "SwapSide",
    "TeamOffer",
    "Venue",
    "Watch",
]
