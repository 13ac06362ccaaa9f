"""From a wish to plan to people who are asked: run, execute, publish.

``run`` stores a draft and queues it; ``execute`` (in a worker, at least once) takes a snapshot, plans in a process of
its own, checks, and stores the difference to the roster; ``publish`` re-checks every change against today's rows and
makes offers of what still holds. A person publishes every plan.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.expressions import Q

from dispatch import lifecycle, queue, snapshot
from dispatch.lifecycle import DRAFT
from dispatch.models import Change, Draft, Hole
from dispatch.planner import problem
from dispatch.planning import assumptions, farming, results, runs, supposed
from dispatch.planning.assumptions import Assumptions
from dispatch.settings import policy
from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act, fresh_id, now, system
from volunteer.database import GONE
from volunteer.errors import Fault, Invalid, Missing, Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Region
from volunteer.spans import Span

log = logging.getLogger(__name__)

# Progress goes to the board at most so often; a run whose heart has not beaten for so long belongs to nobody.
PROGRESS_EVERY = 0.4
BEAT_EVERY = 0.5
CURVE_MOST = 240  # points
STALE = timedelta(seconds=30)
# A run that ended its worker so often is not tried again.
TRIES = 3
LONGEST_WINDOW = timedelta(days=28)


async def run(
    act: Act, region: str, window: Span, *, seconds: int = 30, seed: int = 0, given: Assumptions | None = None
) -> Draft:
    """Ask for a plan of all open events that start in ``window`` inside ``region``, perhaps under assumptions. One runs
    per region at a time. Raises :class:`Invalid` for a window that ends in the past or is longer than four weeks and
    for assumptions out of range, :class:`Refused` when a run is under way (``running``) or a rule does not bend."""

    async def verb(w: Writing) -> Draft:
        access.require(act.actor, "draft.run", Thing("region", region))
        if not await Region.exists(code=region):
            raise Missing("region")
        _reasonable(window, act.at)
        if given is not None:
            await supposed.judge(given, policy().weights)
        draft = Draft(
            id=fresh_id(act.at),
            region_id=region,
            window_from=window.start,
            window_until=window.end,
            seconds=seconds,
            seed=seed,
            by_id=act.actor.id,
            created_at=act.at,
            assumptions=supposed.stored(given),
            hypothetical=given is not None and given.hypothetical,
        )
        await draft.save(force_create=True)
        await draft.refresh_from_db()
        await queue.put(w, "plan", {"draft": str(draft.id)})
        tell(w, "progressed", draft)
        return draft

    try:
        return await journal.writing(act, verb)
    except IntegrityError as error:
        if "one_running_draft" in str(error):
            raise Refused([Reason("running", {"region": region})]) from error
        raise


def _reasonable(window: Span, at: datetime) -> None:
    if window.end <= at:
        raise Invalid(
            [Fault("from", "时间窗已经过去，请选择今天或以后的日期", "the window lies in the past; choose a later day")]
        )
    if window.end - window.start > LONGEST_WINDOW:
        raise Invalid([Fault("days", "时间窗最长 28 天，请缩短", "the window is longer than 28 days; shorten it")])


async def find(act: Act, draft_id: UUID) -> Draft:
    draft = await Draft.get_or_none(id=draft_id)
    if draft is None:
        raise Missing("draft")
    access.require(act.actor, "draft.read", Thing("draft", draft.region_id))
    return draft


async def cancel(act: Act, draft_id: UUID) -> Draft:
    """Stop a running plan; its process ends within a moment."""
    return await _step(act, draft_id, "cancel", "draft.run")


async def discard(act: Act, draft_id: UUID) -> Draft:
    """Put a draft away unpublished."""
    return await _step(act, draft_id, "discard", "draft.publish")


async def _step(act: Act, draft_id: UUID, move: str, right: str) -> Draft:
    async def verb(w: Writing) -> Draft:
        found = await find(act, draft_id)
        access.require(act.actor, right, Thing("draft", found.region_id))
        draft = await Draft.filter(id=draft_id).select_for_update().get()
        after = lifecycle.step(DRAFT, draft.state, move)
        if draft.state != after:
            await store(draft, state=after, ended_at=act.at)
            tell(w, "discarded" if move == "discard" else "ended", draft)
        return draft

    return await journal.writing(act, verb)


async def execute(draft_id: UUID, *, watch: runs.Watcher | None = None) -> Draft:
    """Carry out a queued run. At-least-once: whoever takes it raises the fence, and a result with an older fence is
    dropped. ``watch`` also gets every progress line (a terminal's bar)."""
    fence = await _claim(draft_id)
    draft = await Draft.get(id=draft_id)
    if fence is None:
        return draft

    stop = asyncio.Event()
    teller = _Teller(draft_id, fence, stop, watch)
    beating = asyncio.create_task(teller.beat())
    try:
        posed, outcome = await _solved(draft, teller, stop)
    except _Stopped:
        return await Draft.get(id=draft_id)
    except BaseException:
        await _let_go(draft_id, fence)
        raise
    finally:
        beating.cancel()
    return await _keep(draft_id, fence, posed, outcome)


async def _solved(draft: Draft, teller: "_Teller", stop: asyncio.Event) -> tuple[problem.Problem, runs.Outcome]:
    async def snap() -> problem.Problem:
        window = Span(draft.window_from, draft.window_until)
        weights = policy().weights
        posed = await snapshot.take(str(draft.id), draft.region_id, window, weights, between=teller.going)
        given = supposed.of(draft)
        return posed if given is None else assumptions.apply(posed, given, await supposed.ground(given))

    posed, _ = await journal.reading(snap, [])
    outcome = await runs.solve(
        posed,
        seconds=draft.seconds,
        seed=draft.seed,
        gap=policy().gap,
        memory_mb=policy().planner_memory_mb,
        watch=teller.progress,
        stop=stop,
        farm=farming.Farm(draft.id, teller.fence),
    )
    return posed, outcome


async def _let_go(draft_id: UUID, fence: int) -> None:
    """The run ended badly here: the next try need not wait until its heart is known to be still."""

    async def verb(_: Writing) -> None:
        await Draft.filter(id=draft_id, state="running", fence=fence).update(beat_at=None)

    await journal.writing(system(), verb)


async def _claim(draft_id: UUID) -> int | None:
    """Take the run, unless it is over or somebody's heart still beats for it."""

    async def verb(w: Writing) -> int | None:
        draft = await Draft.filter(id=draft_id).select_for_update().first()
        if draft is None:
            raise Missing("draft")
        at = await w.clock()
        alive = draft.beat_at is not None and at - draft.beat_at < STALE
        if draft.state != "running" or alive:
            return None
        if draft.fence >= TRIES:
            after = lifecycle.step(DRAFT, draft.state, "fail")
            await store(draft, state=after, ended_at=at, error="tries")
            tell(w, "ended", draft)
            return None
        await store(draft, fence=draft.fence + 1, beat_at=at, progress={"stage": "snapshot"})
        tell(w, "progressed", draft)
        return draft.fence

    return await journal.writing(system(), verb)


class _Stopped(Exception):
    """The run was cancelled or taken over."""


class _Teller:
    """Writes progress and heartbeats for one claimed run, and notices when it was cancelled or taken over."""

    def __init__(self, draft_id: UUID, fence: int, stop: asyncio.Event, watch: runs.Watcher | None) -> None:
        self.draft_id, self.fence, self.stop, self.watch = draft_id, fence, stop, watch
        self.told, self.stage = 0.0, "snapshot"
        self.curve: list[tuple[Any, ...]] = []

    async def progress(self, said: runs.Progress) -> None:
        if self.watch is not None:
            await self.watch(said)
        clock = asyncio.get_running_loop().time()
        if clock - self.told < PROGRESS_EVERY and said.get("stage") == self.stage:
            return
        self.told, self.stage = clock, str(said.get("stage"))
        line = {key: said.get(key) for key in ("stage", "done", "score", "bound", "seconds")}
        if line["score"] is not None or line["bound"] is not None:
            self.curve = _grown(self.curve, (line["seconds"], line["score"], line["bound"]))

        async def verb(w: Writing) -> None:
            draft = await Draft.filter(id=self.draft_id).select_for_update().get()
            if draft.state != "running" or draft.fence != self.fence:
                self.stop.set()
                return
            await store(draft, progress=line | {"curve": self.curve}, beat_at=await w.clock())
            tell(w, "progressed", draft)

        await journal.writing(system(), verb)

    def going(self) -> None:
        if self.stop.is_set():
            raise _Stopped

    async def beat(self) -> None:
        """A beat that fails is told and left out: the next one comes soon, and a run without any is taken over."""

        async def verb(w: Writing) -> int:
            mine = Draft.filter(id=self.draft_id, state="running", fence=self.fence)
            return await mine.update(beat_at=await w.clock())

        while not self.stop.is_set():
            await asyncio.sleep(BEAT_EVERY)
            try:
                if not await journal.writing(system(), verb):
                    self.stop.set()
            except (*GONE, OperationalError) as error:
                log.warning(
                    "a heartbeat was left out", extra={"draft": str(self.draft_id), "why": type(error).__name__}
                )


def _grown(curve: list[tuple[Any, ...]], point: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The curve with a point more; a long one keeps every second point, so that it stays short however long it runs."""
    return [*(curve[::2] if len(curve) >= CURVE_MOST else curve), point]


async def _keep(draft_id: UUID, fence: int, posed: problem.Problem, outcome: runs.Outcome) -> Draft:
    """Store what came of it, unless the run was cancelled or taken over meanwhile."""
    made = outcome.plan
    changes = [] if made is None else results.changes(draft_id, posed, made)
    holes = [] if made is None else results.holes(draft_id, made)

    async def verb(w: Writing) -> Draft:
        draft = await Draft.filter(id=draft_id).select_for_update().get()
        if draft.state != "running" or draft.fence != fence:
            return draft
        at = await w.clock()
        if made is None:
            after = lifecycle.step(DRAFT, draft.state, "fail")
            await store(draft, state=after, ended_at=at, error=outcome.error[:300], summary={"faults": outcome.faults})
        else:
            await Change.bulk_create(changes, batch_size=500)
            await Hole.bulk_create(holes, batch_size=500)
            figures = results.figures(posed, made, draft.region_id)
            await store(draft, state=lifecycle.step(DRAFT, draft.state, "finish"), ended_at=at, **figures)
        tell(w, "ended", draft)
        return draft

    return await journal.writing(system(), verb, patience=60)


async def store(draft: Draft, **fields: Any) -> None:
    """Set these columns, one version on."""
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.version += 1
    await draft.save(update_fields=["version", *fields])


def tell(w: Writing, kind: str, draft: Draft) -> None:
    """One entry ``draft.<kind>`` to the boards of the draft's region."""
    w.entry(f"draft.{kind}", topics=journal.topics_of(draft.region_id), ref=draft.id, body={"draft": row(draft)})


def row(draft: Draft) -> dict[str, Any]:
    """The draft as boards show it; figures only."""
    shown = ("id", "state", "status", "seed", "seconds", "score", "bound", "gap", "mandatory", "filled", "most")
    more = ("assumptions", "hypothetical", "error", "created_at", "ended_at", "version")
    return {name: getattr(draft, name) for name in (*shown, *more)} | {
        "region": draft.region_id,
        "from": draft.window_from,
        "until": draft.window_until,
        "progress": {key: value for key, value in draft.progress.items() if key != "curve"} or None,
    }


async def unfinished() -> list[UUID]:
    """Runs whose heart stopped: the sweep queues them again."""
    before = now() - STALE
    still = Q(beat_at__lt=before) | Q(beat_at__isnull=True, created_at__lt=before)
    stale = await Draft.filter(still, state="running")
    return [draft.id for draft in stale]
