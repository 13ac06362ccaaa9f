"""Teams as they are asked: which could go, and what leaders and members see of an offer. Views only."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from dispatch import snapshot
from dispatch.lifecycle import CLAIMS
from dispatch.models import Assignment, Need, TeamOffer
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import eligible
from dispatch.planner.tables import tabulate
from dispatch.pool import point
from dispatch.roster import seen
from dispatch.roster.candidates import by_hand
from dispatch.roster.seats import Seat
from dispatch.settings import policy
from volunteer import journal
from volunteer.act import Act
from volunteer.models import Membership, Team, Volunteer

View = dict[str, Any]

SHOWN_DAYS: Final = 7
MOST: Final = 50
TEAMS: Final = 20


async def able(seat: Seat) -> list[View]:
    """The teams whose answer is awaited, then those of which enough could go today, most first. ``fit``: so many of it
    are asked, or could go, whether or not there are seats for all of them."""

    async def query() -> list[View]:
        posed = by_hand(await snapshot.of_event(seat.event.id, policy().weights))
        pairs = eligible(tabulate(open_desk(posed)))
        number = [need.id for need in posed.needs].index(str(seat.need.id))
        held = {line.person for line in posed.roster if line.need == str(seat.need.id)}
        fit = {posed.people[at].id for at in pairs.person[pairs.need == number].tolist()} - held
        members: dict[UUID, list[bool]] = {}
        for row in await Membership.filter(volunteer_id__in=[UUID(one) for one in fit]):
            members.setdefault(row.team_id, []).append(row.leads)
        led = {row.team_id for row in await Membership.filter(team_id__in=list(members), leads=True)}
        waits = {offer.team_id: offer.id for offer in await TeamOffer.filter(need_id=seat.need.id, state="offered")}
        found: list[View] = []
        for team in await Team.filter(id__in=[*members, *waits]).order_by("name", "id"):
            offer, count = waits.get(team.id), len(members.get(team.id, ()))
            if offer is not None:
                count = await Assignment.filter(team_offer_id=offer, status="offered").count()
            elif count < max(1, team.min_cast) or team.id not in led:
                continue
            found.append({"id": team.id, "name": team.name, "least": team.min_cast, "fit": count, "offer": offer})
        return sorted(found, key=lambda one: (one["offer"] is None, -one["fit"]))[:TEAMS]

    found, _ = await journal.reading(query, [])
    return found


async def mine(act: Act, me: Volunteer) -> list[View]:
    """Offers to teams that I lead, or in which I am asked: open ones, and those answered in the last days."""
    led = [row.team_id for row in await Membership.filter(volunteer_id=me.id, leads=True)]
    in_ = [line.team_offer_id for line in await Assignment.filter(volunteer_id=me.id).exclude(team_offer_id=None)]
    found: dict[UUID, TeamOffer] = {}
    since = act.at - timedelta(days=SHOWN_DAYS)
    for some in (TeamOffer.filter(team_id__in=led), TeamOffer.filter(id__in=in_)):
        for offer in await some.filter(offered_at__gt=since).order_by("expires_at", "id").limit(MOST):
            found[offer.id] = offer
    shown_first = sorted(found.values(), key=lambda offer: (offer.state != "offered", offer.expires_at, offer.id))
    return await shown(shown_first, me)


async def shown(offers: Sequence[TeamOffer], me: Volunteer) -> list[View]:
    """With the names of all who are asked: they are one team."""
    needs = {
        need.id: need
        for need in await Need.filter(id__in=[offer.need_id for offer in offers]).prefetch_related(
            "shift__event", "shift__venue__region"
        )
    }
    teams = {team.id: team for team in await Team.filter(id__in=[offer.team_id for offer in offers])}
    led = {row.team_id for row in await Membership.filter(volunteer_id=me.id, leads=True)}
    views = []
    for offer in offers:
        lines = (
            await Assignment.filter(team_offer_id=offer.id).order_by("offered_at", "id").prefetch_related("volunteer")
        )
        newest = {line.volunteer_id: line for line in lines}
        least = max(1, teams[offer.team_id].min_cast)
        coming = sum(line.status in ("offered", *CLAIMS) for line in newest.values())
        leads, waits = offer.team_id in led, offer.state == "offered"
        names = ("id", "state", "offered_at", "expires_at", "answered_at", "version")
        views.append(
            {
                **{name: getattr(offer, name) for name in names},
                "team": {"id": offer.team_id, "name": teams[offer.team_id].name},
                "least": least,
                "seat": {"need_id": offer.need_id, **seen.facts(needs[offer.need_id], point(me.lat, me.lon))},
                "members": [
                    {
                        "own": line.volunteer_id == me.id,
                        "line": line.id if line.volunteer_id == me.id else None,
                        "name": line.volunteer.name,
                        "status": line.status,
                    }
                    for line in newest.values()
                ],
                "leads": leads,
                "can": {"accept": leads and waits and coming >= least, "decline": leads and waits},
            }
        )
    return views
