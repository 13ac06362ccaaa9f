"""Planted bugs, as flags: each takes one guard away. The machine, or the race test named beside it, must notice.

``cap`` (the seat's guard) is P-1's in ``test_assignments``: no command on its own can break it. ``mailkey`` belongs to
the tests of the mail that leaves.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from dispatch import lifecycle
from dispatch.agenda import changes, events, phases
from dispatch.models import Assignment, SwapSide
from dispatch.roster import assignments, attendance, crews, pacts, seats, seeking
from dispatch.swaps import deals, exchange
from volunteer import access
from volunteer.api import idempotency
from volunteer.errors import Reason
from volunteer.models import Membership

Patch = pytest.MonkeyPatch
Run = Callable[[str], None]  # a statement on the database


async def _nothing(*_: object, **__: object) -> None:
    return None


async def _none(*_: object, **__: object) -> list[Reason]:
    return []


def _why_not(patch: Patch, wrong: Callable[[tuple[Reason, ...]], tuple[Reason, ...]]) -> None:
    real = assignments.why_not

    async def asked(*given: Any, **more: Any) -> tuple[Reason, ...]:
        return wrong(await real(*given, **more))

    patch.setattr(assignments, "why_not", asked)
    patch.setattr(seeking, "why_not", asked)


def expiry(patch: Patch) -> None:
    """Time does not end an offer; only the sweep does."""
    patch.setattr(seats, "lapsed", lambda line, at: False)


def idem(patch: Patch) -> None:
    """A key is not remembered."""

    async def once(act: Any, asked: Any, work: Any, **_: Any) -> Any:
        from volunteer import journal

        return await journal.writing(act, lambda w: work(act.joined(w)))

    patch.setattr(idempotency, "once", once)


def hasty(patch: Patch) -> None:
    """Whoever taps after their offer was answered is told that it is too late, also when they said yes to it."""
    patch.setattr(
        seats, "_OVER", seats._OVER.replace("status = ANY($3)", "status <> 'offered' AND $3::text[] IS NOT NULL")
    )


def overlap(patch: Patch) -> None:
    """The registry forgets that nobody is in two places; the constraint is dropped beside it."""
    _why_not(patch, lambda reasons: tuple(reason for reason in reasons if reason.rule not in ("overlap", "travel")))


def idor(patch: Patch) -> None:
    """Anybody may answer for anybody."""
    patch.setattr(access, "require", lambda *_: None)


def noseatback(patch: Patch) -> None:
    patch.setattr(seats, "give_back", _nothing)


def nofill(patch: Patch) -> None:
    patch.setattr(seats, "fill", _nothing)


def nocount(patch: Patch) -> None:
    """A yes takes no seat."""
    patch.setattr(seats, "take", _nothing)


def noevent(patch: Patch) -> None:
    """One kind of move is not said."""
    real = seats.tell

    async def tell(w: Any, kind: str, lines: Any) -> None:
        if kind != "withdrawn":
            await real(w, kind, lines)

    patch.setattr(seats, "tell", tell)


def dupevent(patch: Patch) -> None:
    """One kind of move is said twice."""
    real = seats.tell

    async def tell(w: Any, kind: str, lines: Any) -> None:
        for _ in range(1 + (kind == "declined")):
            await real(w, kind, lines)

    patch.setattr(seats, "tell", tell)


def dupoffer(patch: Patch) -> None:
    """Nobody looks whether the person has a claim already; the constraint is dropped beside it."""
    patch.setattr(assignments, "CLAIMS", ("nobody",))


def overhold(patch: Patch) -> None:
    """An open offer holds no seat."""

    async def free(seat: seats.Seat) -> int:
        return int(seat.need.max - seat.need.taken)

    patch.setattr(seats, "free", free)


def cancelall(patch: Patch) -> None:
    """An event is called off over the heads of those who are there, and they are let go."""
    table = {**lifecycle.ASSIGNMENT, "release": {"accepted": "released", "checked_in": "released"}}
    patch.setattr(seats, "ASSIGNMENT", table)
    patch.setattr(assignments, "ASSIGNMENT", table)
    real = events.Assignment.filter

    def found(*given: Any, **more: Any) -> Any:
        if more.get("status") == "checked_in":
            return real(id=UUID(int=0))
        if "status__in" in more:
            more = {**more, "status__in": (*more["status__in"], "checked_in")}
        return real(*given, **more)

    class Seen:
        filter = staticmethod(found)

    patch.setattr(events, "Assignment", Seen)


def stays(patch: Patch) -> None:
    """What a yes makes impossible stays open."""
    patch.setattr(seats, "withdraw_impossible", _nothing)


def twice(patch: Patch) -> None:
    """A no can be turned into a yes: the row enters another state."""
    table = {**lifecycle.ASSIGNMENT, "accept": {"offered": "accepted", "declined": "accepted"}}
    patch.setattr(seats, "ASSIGNMENT", table)
    patch.setattr(assignments, "ASSIGNMENT", table)


def queuejump(patch: Patch) -> None:
    """The last who came to the waiting list is asked first."""
    patch.setattr(seeking, "_NEXT", seeking._NEXT.replace("a.offered_at, a.id", "a.offered_at DESC, a.id DESC"))


def noqueue(patch: Patch) -> None:
    """Whoever comes along takes the seat that others wait for."""
    real = seeking.not_now

    async def not_now(*given: Any, **more: Any) -> list[Reason]:
        return [reason for reason in await real(*given, **more) if reason.rule != "waiting"]

    patch.setattr(seeking, "not_now", not_now)


def latemark(patch: Patch) -> None:
    """Stepping back is late at any time."""
    patch.setattr(seats, "free_until", lambda line: line.offered_at)


def oneself(patch: Patch) -> None:
    """The person who marked somebody absent may correct it alone."""
    real = seats.held

    async def held(w: Any, id_: UUID, verb: str, **more: Any) -> tuple[Assignment, seats.Seat]:
        line, seat = await real(w, id_, verb, **more)
        if verb == "attendance.correct":
            line.marked_by = None
        return line, seat

    patch.setattr(attendance, "held", held)


def uncounted(patch: Patch) -> None:
    """An absence counts for nothing."""
    patch.setattr(attendance, "_count", _nothing)


def overfull(patch: Patch) -> None:
    """A correction goes beside the seats although one is free."""

    class Elsewhere:
        def __getattr__(self, name: str) -> Any:
            return self._none if name == "retake" else getattr(seats, name)

        async def _none(self, *_: object) -> bool:
            return False

    patch.setattr(attendance, "seats", Elsewhere())


def regardless(patch: Patch) -> None:
    """A correction takes the seat for which somebody is being asked."""
    real = seats.free

    class Elsewhere:
        def __getattr__(self, name: str) -> Any:
            return self._free if name == "free" else getattr(seats, name)

        async def _free(self, seat: seats.Seat) -> int:
            return max(1, await real(seat))

    patch.setattr(attendance, "seats", Elsewhere())


def early(patch: Patch) -> None:
    """An event turns whenever somebody looks."""
    patch.setattr(phases, "_DUE", phases._DUE.replace(phases.DUE, "true"))
    patch.setattr(phases, "_IS_DUE", phases._IS_DUE.replace(phases.DUE, "true"))


def shrink(patch: Patch) -> None:
    """Fewer seats than people who have taken them."""
    patch.setattr(changes, "_too_few", _none)
    patch.setattr(changes, "_let_go", _nothing)


def halfswap(patch: Patch) -> None:
    """The last of a swap gets a seat and keeps the one that they gave."""
    real = exchange._given

    async def given(side: SwapSide) -> Assignment | None:
        return None if side.place else await real(side)

    patch.setattr(exchange, "_given", given)


def staleswap(patch: Patch) -> None:
    """What was lawful when it was proposed is taken for lawful at the last yes; the constraint is dropped beside it."""
    real = exchange.against

    async def against(*given: Any, **more: Any) -> list[Reason]:
        return [] if "everything" in more else await real(*given, **more)

    patch.setattr(exchange, "against", against)
    patch.setattr(exchange, "_beside_each_other", _none)


def loose(patch: Patch) -> None:
    """A swap outlives the seats that it is about."""
    patch.setattr(pacts, "changed", _nothing)


def anybody(patch: Patch) -> None:
    """A swap is done with the first yes."""
    real = deals._held

    async def held(w: Any, swap_id: UUID) -> Any:
        found = await real(w, swap_id)
        for side in found.sides:
            side.agreed_at = side.agreed_at or (found.at if side.volunteer_id != w.act.actor.id else None)
        return found

    patch.setattr(deals, "_held", held)


def unasked(patch: Patch) -> None:
    """Seats change hands on a locked roster without a coordinator's word."""
    patch.setattr(exchange, "locked", lambda seats_: False)


def forgetful(patch: Patch) -> None:
    """A shift that is moved leaves the hour at which its roster locks where it was."""
    real = changes._span

    async def span(event: Any) -> None:
        before = event.locks_at
        await real(event)
        event.locks_at = before
        await event.save(update_fields=["locks_at"])

    patch.setattr(changes, "_span", span)


def grudge(patch: Patch) -> None:
    """Who leaves a shift that was moved after their yes is late."""
    real = seats.free_until

    def free_until(line: Assignment) -> Any:
        line.moved_at = None
        return real(line)

    patch.setattr(seats, "free_until", free_until)


# The constraints that stand behind a guard, and how they come back: a bug is only seen when both are gone.
_SPANS = (
    "TRUNCATE assignment CASCADE; ALTER TABLE assignment ADD CONSTRAINT nobody_twice_at_once EXCLUDE USING gist ("
    "uuidrange(volunteer_id, volunteer_id, '[]') WITH &&, tstzrange(occupies_from, occupies_until, '[)') WITH &&) "
    "WHERE (status IN ('accepted', 'checked_in'))"
)
_CLAIM = (
    "TRUNCATE assignment CASCADE; "
    "CREATE UNIQUE INDEX one_live_claim ON assignment (need_id, volunteer_id) WHERE status IN "
    "('offered', 'standby', 'accepted', 'checked_in', 'completed', 'no_show')"
)
_CAPACITY = (
    "TRUNCATE assignment CASCADE; UPDATE need SET taken = 0; "
    "ALTER TABLE need ADD CONSTRAINT need_capacity CHECK (taken BETWEEN 0 AND max)"
)
BEHIND: dict[str, tuple[str, str]] = {
    "overlap": ("ALTER TABLE assignment DROP CONSTRAINT nobody_twice_at_once", _SPANS),
    "staleswap": ("ALTER TABLE assignment DROP CONSTRAINT nobody_twice_at_once", _SPANS),
    "shrink": ("ALTER TABLE need DROP CONSTRAINT need_capacity", _CAPACITY),
    "dupoffer": ("DROP INDEX one_live_claim", _CLAIM),
}


def headless(patch: Patch) -> None:
    """Every member answers for the team."""

    async def leaders(team_id: UUID) -> list[Any]:
        return list(await Membership.filter(team_id=team_id).values_list("volunteer_id", flat=True))

    patch.setattr(crews, "leaders", leaders)


def endless(patch: Patch) -> None:
    """An offer to a team stays open when nobody is left of it."""
    patch.setattr(crews, "_ENDS", {})


@contextmanager
def planted(name: str, patch: Patch, run: Run) -> Iterator[None]:
    before, after = BEHIND.get(name, ("", ""))
    if before:
        run(before)
    with patch.context() as inner:
        MUTANTS[name](inner)
        try:
            yield
        finally:
            if after:
                run(after)


MUTANTS: dict[str, Callable[[Patch], None]] = {
    mutant.__name__: mutant
    for mutant in (
        expiry, idem, hasty, overlap, idor, noseatback, nofill, nocount, noevent, dupevent, dupoffer, overhold,
        cancelall, stays, twice, queuejump, noqueue, latemark, oneself, uncounted, overfull, regardless, early, shrink,
        halfswap, staleswap, loose, anybody, unasked, forgetful, grudge, headless, endless,
    )
}  # fmt: skip
