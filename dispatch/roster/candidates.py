"""Who could take one need today: the planner's own arrays, asked for a single seat. Reads, never writes."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np

from dispatch import snapshot, words
from dispatch.planner import goals
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import NAMES, eligible
from dispatch.planner.problem import Problem
from dispatch.planner.tables import kilometres, tabulate
from dispatch.roster.seats import Seat
from dispatch.settings import policy
from volunteer import journal
from volunteer.access import masked
from volunteer.act import Language
from volunteer.models import Volunteer

# Goals that speak for a person, by the words that say them.
_SPEAKS = ("continuity", "preferred", "likes", "travel", "reliability")


def by_hand(posed: Problem) -> Problem:
    """The same problem as a person who asks by hand sees it: nobody opted out of being asked or said no before,
    no roster is locked."""
    people = tuple(replace(person, automated=True, declined=()) for person in posed.people)
    return replace(posed, people=people, events=tuple(replace(event, locked=False) for event in posed.events))


async def able(seat: Seat, limit: int) -> list[tuple[UUID, int]]:
    """The best ``limit`` of those who could take this need and agreed to be asked by the program, and what each is
    worth to the planner; read from the rows."""

    async def query() -> list[tuple[UUID, int]]:
        posed = await snapshot.of_event(seat.event.id, policy().weights)
        posed = replace(posed, events=tuple(replace(event, locked=False) for event in posed.events))
        tables = tabulate(open_desk(posed))
        pairs = eligible(tables)
        mine = pairs.need == [need.id for need in posed.needs].index(str(seat.need.id))
        people, needs, spare = pairs.person[mine], pairs.need[mine], pairs.spare[mine]
        worth = goals.worths(tables, people, needs, spare)
        best = np.lexsort((people, -worth))[:limit].tolist()
        return [(UUID(posed.people[people[i]].id), int(worth[i])) for i in best]

    found, _ = await journal.reading(query, [])
    return found


async def ranked(seat: Seat, limit: int, language: Language) -> dict[str, Any]:
    """The best ``limit`` people for this need by the planner's goals (ties: the lighter ledger first), how many are
    eligible in all, and how many of the pool fail first at which rule; eligible and refused sum to the pool."""

    async def query() -> dict[str, Any]:
        posed = by_hand(await snapshot.of_event(seat.event.id, policy().weights))
        tables = tabulate(open_desk(posed))
        pairs = eligible(tables)
        number = [need.id for need in posed.needs].index(str(seat.need.id))
        held = {line.person for line in posed.roster if line.need == str(seat.need.id)}
        mine = pairs.need == number
        people, needs, spare = pairs.person[mine], pairs.need[mine], pairs.spare[mine]
        worth = goals.worths(tables, people, needs, spare)
        order = np.lexsort((people, tables.people.load[people], -worth))
        table = goals.line_goals(tables, people, needs, spare)
        km = kilometres(
            tables.people.lat[people], tables.people.lon[people], tables.needs.lat[needs], tables.needs.lon[needs]
        )
        best = [i for i in order.tolist() if posed.people[people[i]].id not in held][:limit]
        named = {v.id: v for v in await Volunteer.filter(id__in=[UUID(posed.people[people[i]].id) for i in best])}
        items = []
        for i in best:
            person = named[UUID(posed.people[people[i]].id)]
            far = round(float(km[i]), 1)
            why = [
                {"goal": goal, "worth": int(table[goal][i]), "data": {"km": far}} for goal in _SPEAKS if table[goal][i]
            ]
            told = words.why(why, language)
            items.append(
                {
                    "volunteer": {"id": person.id, "name": masked(person.name), "region": person.region_id},
                    "km": far,
                    "worth": int(worth[i]),
                    "why_text": words.why_text(told, language),
                }
            )
        refused = {NAMES[r]: int(count) for r, count in enumerate(pairs.refused[number]) if count}
        counted = sorted(refused.items(), key=lambda found: (-found[1], found[0]))
        return {
            "eligible": int(mine.sum()),
            "pool": len(posed.people),
            "reasons": [{"rule": rule, "people": n, "text": words.count(rule, n, language)} for rule, n in counted],
            "items": items,
        }

    found, _ = await journal.reading(query, [])
    return found
