"""Drafts as coordinators read them: counts, changes, holes. Views only."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q

from dispatch import advice, bars, words
from dispatch.models import Change, Draft, Hole
from dispatch.planning import breaches, off, plans, supposed
from dispatch.planning.assumptions import strange
from dispatch.roster import seen
from dispatch.settings import policy
from volunteer import access
from volunteer import words as said
from volunteer.access import Thing, masked
from volunteer.act import Actor, Language
from volunteer.models import Volunteer

View = dict[str, Any]
_POINT = ("seconds", "score", "bound")
_COUNTED = ("offers", "withdrawals", "people", "events")

_COUNTS = """SELECT c.draft_id, count(*) FILTER (WHERE c.kind = 'offer')::int AS offers,
  count(*) FILTER (WHERE c.kind = 'withdraw')::int AS withdrawals, count(DISTINCT c.volunteer_id)::int AS people,
  count(DISTINCT s.event_id)::int AS events
FROM draft_change c JOIN need n ON n.id = c.need_id JOIN shift s ON s.id = n.shift_id WHERE c.draft_id = ANY($1)
GROUP BY c.draft_id"""


# Runs that came earlier and are not over: those that wait go first, those at work fill the workers.
_AHEAD = """SELECT count(*)::int AS ahead FROM draft d, draft mine WHERE mine.id = $1 AND d.id <> mine.id
AND d.state = 'running' AND d.fence = 0 AND (d.created_at, d.id) < (mine.created_at, mine.id)"""


async def listed(actor: Actor, region: str, skip: int, limit: int, language: Language) -> tuple[list[View], int]:
    """The drafts that concern a region and that the actor may read, newest first: its own, those inside it, those
    around it."""
    lengths = [length for length in (4, 6, 9, 12) if length < len(region)]
    around = [code for code in (region[:length] for length in lengths) if _readable(actor, code)]
    found = Draft.filter(Q(region_id__startswith=region) | Q(region_id__in=around))
    rows = await found.order_by("-created_at", "-id").offset(skip).limit(limit)
    return await shown(rows, language), await found.count()


def _readable(actor: Actor, region: str) -> bool:
    return access.may(actor, "draft.read", Thing("draft", region))


async def shown(rows: Sequence[Draft], language: Language) -> list[View]:
    """Drafts with their changes counted, their assumptions in words, and how many runs go first while they wait."""
    finished = [row.id for row in rows if row.state in ("ready", "published", "discarded")]
    counts = await get_connection("default").execute_query_dict(_COUNTS, [finished]) if finished else []
    counted = {row.pop("draft_id"): row for row in map(dict, counts)}
    given = {row.id: found for row in rows if (found := supposed.of(row)) is not None}
    names = await supposed.named(list(given.values()))
    usual = policy().weights
    broken, still = await breaches.told(rows, language), await off.told(rows, language)
    return [
        {
            **plans.row(row),
            "counts": counted.get(row.id, dict.fromkeys(_COUNTED, 0)) if row.id in finished else None,
            "assumed": supposed.told(given[row.id], usual, names, language) if row.id in given else [],
            "failure": _failure(row, language),
            "breaches": broken.get(row.id, []),
            "off": still.get(row.id, []),
            "off_count": len(row.summary.get("off", [])),
            "relaxes": row.summary.get("relaxes", []),
            "ahead": await _ahead(row),
            "curve": [dict(zip(_POINT, point, strict=True)) for point in row.progress.get("curve", [])],
        }
        for row in rows
    ]


def _failure(draft: Draft, language: Language) -> View | None:
    """Why a run failed, in words; what the planner itself said comes with it."""
    if draft.state != "failed":
        return None
    text, remedy = said.reason(f"plan_{draft.error}", {}, language)
    return {"text": text, "remedy": remedy, "details": draft.summary.get("faults", [])}


async def one(draft: Draft, language: Language) -> View:
    return (await shown([draft], language))[0]


async def _ahead(draft: Draft) -> int | None:
    """How many runs go before this one, while it waits for a worker."""
    if draft.state != "running" or draft.fence:
        return None
    rows = await get_connection("default").execute_query_dict(_AHEAD, [draft.id])
    return int(rows[0]["ahead"])


async def changes(
    draft_id: UUID, kind: str | None, skip: int, limit: int, language: Language
) -> tuple[list[View], int]:
    found = Change.filter(draft_id=draft_id, **({"kind": kind} if kind else {}))
    rows = await found.order_by("need__shift__starts_at", "need_id", "volunteer_id").offset(skip).limit(limit)
    return await drawn(rows, language), await found.count()


async def drawn(rows: Sequence[Change], language: Language) -> list[View]:
    """These changes with their place, person (masked) and reasons."""
    await Change.fetch_for_list(list(rows), "need__shift__event", "need__shift__venue__region", "volunteer")
    next_ = {row.runner_up_id for row in rows if row.runner_up_id is not None}
    named = {v.id: masked(v.name) for v in await Volunteer.filter(id__in=next_)}
    return [_change(row, named, language) for row in rows]


def _change(row: Change, named: Mapping[UUID, str], language: Language) -> View:
    told = words.why(row.why, language)
    stale = None
    if row.stale_rule:
        stale = {"rule": row.stale_rule, "text": stale_text(row.stale_rule, language)}
    return {
        "id": row.id,
        "kind": row.kind,
        "need_id": row.need_id,
        **seen.occasion(row.need),
        "volunteer": {"id": row.volunteer_id, "name": masked(row.volunteer.name), "region": row.volunteer.region_id},
        "worth": row.worth,
        "why": told,
        "why_text": words.why_text(told, language),
        "margin": row.margin,
        "next_text": _next(row, named, language) if row.kind == "offer" else "",
        "outcome": row.outcome,
        "stale": stale,
    }


def _next(row: Change, named: Mapping[UUID, str], language: Language) -> str:
    name = named.get(row.runner_up_id) if row.runner_up_id else None
    return advice.following(name, row.margin, policy().weights.travel, language)


def stale_text(rule: str, language: Language) -> str:
    """A stale change's rule in words: the planner's short form where it has one."""
    if rule in words.SHORT:
        return words.pick(words.SHORT[rule], language)
    return said.reason(rule, {}, language)[0]


async def holes(draft: Draft, skip: int, limit: int, language: Language) -> tuple[list[View], int]:
    """What the plan leaves empty, the most missing mandatory seats first."""
    found = Hole.filter(draft_id=draft.id)
    page = [row.found for row in await found.order_by("-missing", "-wished", "need_id").offset(skip).limit(limit)]
    places = await _places([UUID(hole["need"]) for hole in page])
    others = {UUID(e["person"]) for hole in page for e in hole["elsewhere"] if not strange(e["person"])}
    names = {str(v.id): masked(v.name) for v in await Volunteer.filter(id__in=others)}
    return [_hole(hole, places[UUID(hole["need"])], names, language) for hole in page], await found.count()


async def _places(need_ids: list[UUID]) -> dict[UUID, bars.Bar]:
    """The bar that each need stands on."""
    db = get_connection("default")
    rows = await db.execute_query_dict("SELECT id, shift_id FROM need WHERE id = ANY($1)", [need_ids])
    found = await bars.of(db, list({row["shift_id"] for row in rows}))
    return {row["id"]: found[row["shift_id"]] for row in rows}


def _hole(hole: View, bar: bars.Bar, names: dict[str, str], language: Language) -> View:
    need = next(n for n in bar["needs"] if str(n["id"]) == hole["need"])
    blocked = sorted(((b["rule"], b["people"]) for b in hole["blocked"]), key=lambda found: -found[1])
    eligible = hole["elsewhere_count"] + hole["idle"]
    return {
        "need_id": need["id"],
        "shift": bar,
        "role": need["role"],
        "missing": hole["missing"],
        "wished": hole["wished"],
        "pool": hole["pool"],
        "reasons": [{"rule": r, "people": n, "text": words.count(r, n, language)} for r, n in blocked],
        "idle": hole["idle"],
        "elsewhere_count": hole["elsewhere_count"],
        "elsewhere": [
            {
                "volunteer": {"id": e["person"], "name": names.get(e["person"], "**")},
                "need_id": e["need"],
                "cost": e["cost"],
            }
            for e in hole["elsewhere"]
            if not strange(e["person"])
        ],
        "text": words.hole(hole["pool"], eligible, blocked, language),
    }
