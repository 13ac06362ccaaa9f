"""Two drafts side by side: what each fills, how it shares work and ways, whom it asks, what it leaves empty."""

from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from dispatch import bars, words
from dispatch.models import Change, Draft
from dispatch.planning import drafts
from volunteer.act import Language
from volunteer.errors import Fault, Invalid, Reason, Refused
from volunteer.models import Region

View = dict[str, Any]
Sides = tuple[Draft, Draft]

SHOWN = 40

_ASKED = """SELECT kind, count(*) FILTER (WHERE l AND r)::int AS both, count(*) FILTER (WHERE l AND NOT r)::int AS left,
  count(*) FILTER (WHERE r AND NOT l)::int AS right
FROM (SELECT kind, {who}, bool_or(draft_id = $1) AS l, bool_or(draft_id = $2) AS r FROM draft_change
  WHERE draft_id IN ($1, $2) GROUP BY kind, {who}) AS pair GROUP BY kind"""

_APART = """SELECT (array_agg(id))[1] AS id FROM draft_change WHERE draft_id IN ($1, $2)
GROUP BY kind, need_id, volunteer_id HAVING count(*) = 1 AND (array_agg(draft_id))[1] = $3 ORDER BY kind, id LIMIT $4"""

_HOLES = """SELECT need_id, coalesce(l.missing, 0) AS left, coalesce(r.missing, 0) AS right,
  count(*) FILTER (WHERE coalesce(l.missing, 0) > coalesce(r.missing, 0)) OVER ()::int AS lost,
  count(*) FILTER (WHERE coalesce(l.missing, 0) < coalesce(r.missing, 0)) OVER ()::int AS gained
FROM (SELECT need_id, missing FROM draft_hole WHERE draft_id = $1) l
FULL JOIN (SELECT need_id, missing FROM draft_hole WHERE draft_id = $2) r USING (need_id)
WHERE coalesce(l.missing, 0) <> coalesce(r.missing, 0)
ORDER BY abs(coalesce(l.missing, 0) - coalesce(r.missing, 0)) DESC, need_id LIMIT $3"""


async def compare(left: Draft, right: Draft, language: Language) -> View:
    """All figures of both. ``alike``: they plan the same days of the same region, so that seats can be set against each
    other. Raises :class:`Invalid` for one draft twice, :class:`Refused` (``no_plan``) when one holds no plan."""
    if left.id == right.id:
        raise Invalid([Fault("right", "请选择两个不同的方案", "is the same draft; choose another one")])
    for draft in (left, right):
        if "measures" not in draft.summary:
            raise Refused([Reason("no_plan", {"draft": str(draft.id)})])
    sides = (left, right)
    rows = await drafts.shown(sides, language)
    return {
        "left": rows[0],
        "right": rows[1],
        "alike": _place(left) == _place(right),
        "cover": await _cover(sides),
        **{noun: _both(sides, lambda draft, noun=noun: draft.summary["measures"][noun]) for noun in _WHOLE},
        "parts": _parts(sides, language),
        "lines": await _asked(sides, "need_id, volunteer_id"),
        "people": await _asked(sides, "volunteer_id"),
        "apart": {
            "left": await _apart(sides, left.id, language),
            "right": await _apart(sides, right.id, language),
        },
        "holes": await _holes(sides),
    }


_WHOLE = ("share", "ways", "reach", "strangers", "strange_lines")


def _place(draft: Draft) -> tuple[object, ...]:
    return draft.region_id, draft.window_from, draft.window_until


def _both(sides: Sides, figure: Any) -> View:
    return {"left": figure(sides[0]), "right": figure(sides[1])}


async def _cover(sides: Sides) -> View:
    """Seats in all, by mode, county and town, each place by its name."""
    found = [draft.summary["measures"]["cover"] for draft in sides]
    keys = {of: sorted(set(found[0][of]) | set(found[1][of])) for of in ("all", "mode", "county", "town")}
    regions = await Region.filter(code__in=[*keys["county"], *keys["town"]])
    names = {region.code: region.name for region in regions}
    nothing = {"mandatory": 0, "filled": 0, "wished": 0, "more": 0}
    return {
        of: [
            {
                "key": key,
                "name": names.get(key, key),
                "left": found[0][of].get(key, nothing),
                "right": found[1][of].get(key, nothing),
            }
            for key in keys[of]
        ]
        for of in keys
    }


def _parts(sides: Sides, language: Language) -> list[View]:
    parts = [draft.summary["parts"] for draft in sides]
    return [
        {
            "goal": goal,
            "name": words.pick(words.GOALS.get(goal, (goal, goal)), language),
            "left": parts[0].get(goal, 0),
            "right": parts[1].get(goal, 0),
        }
        for goal in dict.fromkeys((*parts[0], *parts[1]))
    ]


async def _asked(sides: Sides, who: str) -> View:
    """How many are newly asked or withdrawn by both drafts, by the left or the right one only."""
    ids = [draft.id for draft in sides]
    rows = await get_connection("default").execute_query_dict(_ASKED.format(who=who), ids)
    counted = {row["kind"]: {side: row[side] for side in ("both", "left", "right")} for row in rows}
    nothing = {"both": 0, "left": 0, "right": 0}
    return {"asked": counted.get("offer", nothing), "withdrawn": counted.get("withdraw", nothing)}


async def _apart(sides: Sides, only: UUID, language: Language) -> list[View]:
    """The first changes that this draft alone wants."""
    ids = [draft.id for draft in sides]
    rows = await get_connection("default").execute_query_dict(_APART, [*ids, only, SHOWN])
    return await drafts.drawn(await Change.filter(id__in=[row["id"] for row in rows]).order_by("kind", "id"), language)


async def _holes(sides: Sides) -> View:
    """Mandatory seats that are empty in one draft and not, or less, in the other. ``gained``: empty on the right."""
    db = get_connection("default")
    rows = await db.execute_query_dict(_HOLES, [sides[0].id, sides[1].id, SHOWN])
    found = await db.execute_query_dict(
        "SELECT id, shift_id FROM need WHERE id = ANY($1)", [[row["need_id"] for row in rows]]
    )
    shift = {row["id"]: row["shift_id"] for row in found}
    drawn = await bars.of(db, list(set(shift.values())))
    items = [
        {
            "need_id": row["need_id"],
            "role": next(need["role"] for need in bar["needs"] if need["id"] == row["need_id"]),
            "shift": bar,
            "left": row["left"],
            "right": row["right"],
        }
        for row in rows
        for bar in (drawn[shift[row["need_id"]]],)
    ]
    counts = {name: rows[0][name] if rows else 0 for name in ("gained", "lost")}
    return {**counts, "items": items}
