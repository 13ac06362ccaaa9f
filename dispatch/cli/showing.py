"""What the demo shows: a city that stands, its published plan, the first answers, and a draft to read."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.functions import Count

from dispatch import demo
from dispatch.cli import place, planning, screen
from dispatch.cli.trouble import Trouble
from dispatch.demo import City, Persona
from dispatch.models import Assignment, Change, Draft
from dispatch.offers import limits
from dispatch.planning import plans, publishing, runs
from volunteer import signin
from volunteer.act import Act, Actor, Grant, now, system
from volunteer.models import Region

_CITY: Final = "3505"
_COUNTY, _COUNTY_NAME = "350582", "晋江市"
_AUTOMATIC: Final = "350502"  # 鲤城区 lets the program ask by itself; elsewhere it suggests
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_LINK_MINUTES: Final = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Wish:
    """Which city. ``start`` none = the next Monday that is not tomorrow; ``seconds``: for the planner."""

    size: demo.Size
    seed: int
    start: date | None
    seconds: int
    fresh: bool


async def prepared(url: str, public_url: str, wish: Wish, *, quiet: bool) -> dict[str, Any]:
    """Bring the city about, plan and publish; what was done before is not done again. What there is to tell."""
    async with place.rows(url):
        city, notes = await _standing(wish, quiet=quiet)
        told: dict[str, Any] = {"city": _counts(city), "notes": notes}
        if city.window.end > now():
            with screen.bar("plan", quiet=quiet) as bar:
                told |= await _shown(city, wish.seconds, bar)
        else:
            notes.append("the week of this city is over; --fresh makes a new one")
        return told | {"links": [await _link(persona, public_url) for persona in city.personas]}


async def _standing(wish: Wish, *, quiet: bool) -> tuple[City, list[str]]:
    """The city that stands, or a new one, and what is to be said about that."""
    city = await demo.found()
    if city is not None and wish.fresh:
        await demo.clear(system())
        city = None
    if city is None:
        with screen.bar("load", quiet=quiet) as bar:
            start = wish.start or _monday()
            return await demo.load(system(), size=wish.size, seed=wish.seed, start=start, progress=bar.at), []
    notes = ["this city stood already and is used again"]
    if (city.size, city.seed) != (wish.size, wish.seed):
        notes.append(f"it is size {city.size}, seed {city.seed}; for size {wish.size}, seed {wish.seed} add --fresh")
    return city, notes


def _monday() -> date:
    """The next Monday in Quanzhou that is at least two days away, so that nothing is locked yet."""
    today = now().astimezone(_ZONE).date()
    return today + timedelta(days=(-2 - today.weekday()) % 7 + 2)


def _counts(city: City) -> dict[str, Any]:
    names = ("size", "seed", "people", "events", "seats", "mandatory")
    start = city.window.start.astimezone(_ZONE).date()
    return {name: getattr(city, name) for name in names} | {"start": start.isoformat()}


async def _shown(city: City, seconds: int, bar: screen.Bar) -> dict[str, Any]:
    published = await _newest(city, _CITY, "published")
    if published is None:
        boss = _coordinator(city, "city", _CITY)
        made = await _plan(city, boss, _CITY, seconds, bar)
        published = (await publishing.publish(boss, made.id)).draft
        if await Region.exists(code=_AUTOMATIC):
            await limits.put(boss, "automatic", 4, 20, region=_AUTOMATIC)
    draft = await _newest(city, _COUNTY, "ready")
    if draft is None and await _newest(city, _COUNTY, "published") is None:
        await demo.answer(published.id, _COUNTY, seed=city.seed, progress=bar.at)
        draft = await _plan(city, _coordinator(city, "county", _COUNTY), _COUNTY, seconds, bar)
    bar.at("ready", 1.0)
    return {"plan": _figures(published), "roster": await _roster(city), "draft": await _draft(draft)}


async def _plan(city: City, act: Act, region: str, seconds: int, bar: screen.Bar) -> Draft:
    async def watch(said: runs.Progress) -> None:
        bar.at(f"plan {region}: {planning.stage(said)}", float(said.get("done") or 0.0))

    asked = await plans.run(act, region, city.window, seconds=seconds, seed=city.seed)
    made = await plans.execute(asked.id, watch=watch)
    if made.state != "ready":
        faults = "".join(f"; {fault}" for fault in made.summary.get("faults", [])[:5])
        raise Trouble(f"the planner made no plan of {region}: {made.error or made.state}{faults}")
    return made


def _coordinator(city: City, key: str, region: str) -> Act:
    """An act of that persona: a person publishes every plan."""
    persona = next(persona for persona in city.personas if persona.key == key)
    return Act(Actor(persona.id, (Grant("coordinator", region),)), now())


async def _newest(city: City, region: str, state: str) -> Draft | None:
    query = Draft.filter(region_id=region, state=state, window_from=city.window.start, window_until=city.window.end)
    return await query.order_by("-created_at").first()


def _figures(draft: Draft) -> dict[str, Any]:
    names = ("status", "score", "bound", "gap", "mandatory", "filled", "most", "seed")
    return {name: getattr(draft, name) for name in names} | {"violations": 0, "id": str(draft.id)}


async def _roster(city: City) -> dict[str, int]:
    """How many lines of the week stand in each status."""
    span = city.window
    lines = Assignment.filter(occupies_from__gte=span.start, occupies_from__lt=span.end)
    counted = await lines.annotate(n=Count("id")).group_by("status").values_list("status", "n")
    return dict(counted)


async def _draft(draft: Draft | None) -> dict[str, Any] | None:
    if draft is None:
        return None
    changes = Change.filter(draft_id=draft.id).annotate(n=Count("id")).group_by("kind")
    kinds = dict(await changes.values_list("kind", "n"))
    counts = {"offers": kinds.get("offer", 0), "withdrawals": kinds.get("withdraw", 0)}
    return _figures(draft) | {"region": draft.region_id, "name": _COUNTY_NAME} | counts


async def _link(persona: Persona, public_url: str) -> dict[str, str]:
    url = await _address(persona.id, persona.face, public_url)
    return {
        "key": persona.key, "label": persona.label, "name": persona.name, "email": persona.email, "role": persona.role,
        "scope": persona.scope, "face": persona.face, "url": url,
    }  # fmt: skip


async def _address(persona: UUID, face: str, public_url: str) -> str:
    return await signin.link(system(), persona, face, public_url=public_url, minutes=_LINK_MINUTES, again=True)
