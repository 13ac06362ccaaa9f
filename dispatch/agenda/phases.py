"""The phases of an event: open or supervised while people join, and the turns that time makes, swept.

A turn happens once, in a transaction of its own, judged by the database's clock under the event's lock.
"""

import logging
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from dispatch import lifecycle
from dispatch.agenda import events
from dispatch.lifecycle import EVENT
from dispatch.models import Assignment, Event, Need
from dispatch.roster import seats, served
from dispatch.turns import DUE, TURNS
from volunteer import database, journal
from volunteer.act import Act
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing

log = logging.getLogger(__name__)

# While an event is in one of these it may be said who watches over it.
WATCHABLE: Final = ("draft", "published", "locked", "postponed")
# What hangs loose when an event leaves a state: who was asked and never answered, who signed in and never out.
LOOSE: Final = {"running": ("offered", "standby"), "finished": ("checked_in",)}

_DUE: Final = f"SELECT e.id FROM event e WHERE e.state = ANY($1) AND ({DUE}) ORDER BY e.starts_at, e.id LIMIT $2"  # noqa: S608
_IS_DUE: Final = f"SELECT {DUE} AS due FROM event e WHERE e.id = $1"  # noqa: S608


async def supervise(act: Act, event_id: UUID, phase: str) -> Event:
    """``supervised``: whoever leaves a mandatory seat empty raises the alarm at once; the right to leave stays.
    ``open``: they do not."""

    async def verb(w: Writing) -> Event:
        event = await events.held(act, event_id)
        if event.phase == phase:
            return event
        if event.state not in WATCHABLE:
            raise Refused([Reason("step", {"verb": phase, "status": event.state})])
        event.phase = phase
        await event.save(update_fields=["phase"])
        return await events.move(w, event, event.state, "opened" if phase == "open" else "supervised")

    return await journal.writing(act, verb)


async def turn_due(act: Act, *, limit: int = 200) -> int:
    """Turn the events whose time has come, each as far as it goes; how many turns there were."""
    rows = await get_connection("default").execute_query_dict(_DUE, [list(TURNS), limit])
    turned = 0
    for row in rows:
        try:
            while await turn(act, row["id"]):
                turned += 1
        except (*database.GONE, OSError):
            raise
        except Exception:  # one that cannot turn keeps no other from turning
            log.exception("an event could not be turned", extra={"event": str(row["id"])})
    return turned


async def turn(act: Act, event_id: UUID) -> bool:
    """Turn this event once if it is due. What was not answered by the end of an event has expired; who signed in and
    never out has served until the end of the plan when it is closed, and whoever led confirms the hours."""

    async def verb(w: Writing) -> bool:
        before = (await Event.get(id=event_id)).state
        loose = await _loose(event_id, before)
        if before in LOOSE:
            await seats.hold(w, [line.volunteer_id for line in loose])
            await seats.grip(w, [need.id for need in await Need.filter(shift__event_id=event_id)])
        event = await Event.filter(id=event_id).select_for_update().get()
        if event.state not in TURNS or not (await w.db.execute_query_dict(_IS_DUE, [event_id]))[0]["due"]:
            return False
        if event.state in LOOSE and not (event.state == before and await _tied(w, event, loose)):
            return False  # somebody was asked or came meanwhile: the next sweep holds them too
        step, told = TURNS[event.state]
        await events.move(w, event, lifecycle.step(EVENT, event.state, step), told)
        return True

    return await journal.writing(act, verb, patience=60)


async def _loose(event_id: UUID, state: str) -> list[Assignment]:
    lines = Assignment.filter(need__shift__event_id=event_id, status__in=LOOSE.get(state, ()))
    return await lines.order_by("volunteer_id", "id")


async def _tied(w: Writing, event: Event, held: list[Assignment]) -> bool:
    """Whether nothing hangs loose any more; ``held``: the lines whose people are held."""
    lines, people = await _loose(event.id, event.state), {line.volunteer_id for line in held}
    if any(line.volunteer_id not in people for line in lines):
        return False
    if event.state == "finished":
        await _served(w, lines)
    else:
        await _expired(w, lines)
    return True


async def _expired(w: Writing, lines: list[Assignment]) -> None:
    at = await w.clock()
    for line in lines:
        await seats.move(line, "expire", answered_at=at)
    await seats.tell(w, "expired", lines)


async def _served(w: Writing, lines: list[Assignment]) -> None:
    for line in lines:
        await seats.move(line, "complete", checked_out_at=line.checked_out_at or line.occupies_until)
        await seats.tell(w, "completed", [line])
        await served.propose(w, line, await seats.find(line.need_id))
