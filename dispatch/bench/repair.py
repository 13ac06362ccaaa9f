"""``citong bench repair``: random dropouts on a planned week, each repaired on warm arrays and by an exact model.

The plan is made by the real planner process; all its lines count as published, six in ten as accepted (they stay), the
rest as open offers. The exact model is one whole program, by OR-Tools, over the 60 events nearest to the hole in place
and time: everybody who serves there and, for each need, the 40 best of those who serve nowhere in its way. No need may
take more people than it has, but for the hole, so that both answer the same question. Figures: milliseconds by the
wall and by the processor, gains compared, people touched.
"""

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

import numpy as np
from rich.console import Console

from dispatch.bench import mending, rivals
from dispatch.bench.plan import NoPlanError, planned
from dispatch.bench.weeks import week
from dispatch.planner import check
from dispatch.planner.desk import km
from dispatch.planner.mending import repair
from dispatch.planner.mending.openings import Terms
from dispatch.planner.mending.repair import Repair
from dispatch.planner.mending.warm import Line, Warm, warmed
from dispatch.planner.plan import Choice, Plan
from dispatch.planner.problem import Busy, Held, Id, Need, Person, Problem

NEAR: Final = 60  # events
BEST: Final = 40  # people for each need who serve nowhere in its way
ACCEPTED: Final = 0.6
KM_A_MINUTE: Final = 0.3  # how far apart in place is as far as a minute apart in time
MILLI: Final = 1000.0
Figures = dict[str, Any]
Pair = tuple[Id, Id]


@dataclass(frozen=True, slots=True)
class Dropout:
    """One hole, how it was repaired, and the seconds it took: by the wall, by the processor, substitutes alone."""

    line: Line
    found: Repair
    wall: float
    spent: float
    ranking: float


def measure(size: str, seed: int, *, dropouts: int, referee: int, seconds: float, console: Console) -> Figures:
    """Plan a week, then let ``dropouts`` people step back one by one; the first ``referee`` holes also go to the exact
    model."""
    with console.status("planning a week"):
        posed = week(size, seed)
        plan = _planned(posed, seed, seconds)
    draw = Random(seed)
    firm = {(held.person, held.need) for held in posed.roster if held.firm}
    lines = [_line(choice, firm, draw) for choice in plan.choices]
    began, clock = time.process_time(), time.perf_counter()
    arrays = warmed(posed, lines)
    made = {"seconds": round(time.perf_counter() - clock, 3), "cpu_seconds": round(time.process_time() - began, 3)}
    chosen = draw.sample(lines, min(dropouts, len(lines)))
    repaired = [_dropped(arrays, line) for line in chosen]
    field = _Neighbourhood(posed, arrays)
    judged = []
    with console.status("asking the exact model") as status:
        for number, one in enumerate(repaired[:referee]):
            status.update(f"asking the exact model: {number} of {min(referee, len(repaired))}")
            judged.append(_compared(field, lines, one))
    return {
        "week": {"size": size, "seed": seed, "people": len(posed.people), "events": len(posed.events)},
        "plan": {"status": plan.status, "lines": len(lines), "filled": check.filled(posed, plan)},
        "warm": {**made, "pairs": len(arrays.pool.person)},
        "repair": _times([one.wall for one in repaired], [one.spent for one in repaired]),
        "substitutes": _times([one.ranking for one in repaired], []),
        "outcome": _outcome(repaired),
        "referee": _verdict(judged),
    }


def _planned(posed: Problem, seed: int, seconds: float) -> Plan:
    """The planner's plan; where it finds none in time, the greedy floor."""
    try:
        plan, _ = planned(posed, seconds=seconds, gap=0.001, seed=seed, memory=4096, say=lambda _: None)
    except NoPlanError:
        floor = rivals.greedy(rivals.survey(posed)).plan
        assert floor is not None
        return floor
    return plan


def _line(choice: Choice, firm: set[Pair], draw: Random) -> Line:
    pair = (choice.person, choice.need)
    return Line(*pair, "accepted" if pair in firm or draw.random() < ACCEPTED else "open")


def _dropped(arrays: Warm, line: Line) -> Dropout:
    """The person steps back, the hole is looked at, and the roster put back as it was."""
    barred = {need: set(who) for need, who in arrays.barred.items()}
    wall, spent = time.perf_counter(), time.process_time()
    arrays.give_up(line.person, line.need, barred=True)
    found = repair.repair(arrays, line.need, Terms(now=0))
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    ranking = time.process_time()
    repair.substitutes(arrays, line.need, Terms(now=0))
    ranking = time.process_time() - ranking
    arrays.barred = barred
    arrays.take(line)
    return Dropout(line, found, wall, spent, ranking)


def _times(wall: list[float], spent: list[float]) -> Figures:
    figures = {"p50_ms": wall, "p95_ms": wall, "cpu_p50_ms": spent, "cpu_p95_ms": spent}
    return {
        name: round(float(np.percentile(values, 50 if "p50" in name else 95)) * MILLI, 3)
        for name, values in figures.items()
        if values
    }


def _outcome(repaired: list[Dropout]) -> Figures:
    best = [one.found.proposals[0] if one.found.proposals else None for one in repaired]
    touched = [
        len({who for step in proposal.steps for who in (step.person, step.instead) if who})
        for proposal in best
        if proposal
    ]
    return {
        "dropouts": len(best),
        "directly": sum(bool(p and len(p.steps) == 1 and p.steps[0].leaves is None) for p in best),
        "by_a_move": sum(bool(p and len(p.steps) == 1 and p.steps[0].leaves is not None) for p in best),
        "by_a_chain": sum(bool(p and len(p.steps) > 1 and not p.steps[1].instead) for p in best),
        "by_a_new_tutor": sum(bool(p and len(p.steps) > 1 and p.steps[1].instead) for p in best),
        "impossible": sum(p is None for p in best),
        "touched_on_average": round(sum(touched) / max(1, len(touched)), 3),
    }


# ---- the exact model ----


class _Neighbourhood:
    """The problem by ids, to cut parts out of it."""

    def __init__(self, posed: Problem, arrays: Warm) -> None:
        self.posed, self.arrays = posed, arrays
        self.people = {person.id: person for person in posed.people}
        self.needs = {need.id: need for need in posed.needs}
        self.shifts = {shift.id: shift for shift in posed.shifts}
        self.venues = {venue.id: venue for venue in posed.venues}

    def near(self, need: Id) -> set[Id]:
        """The events nearest to the need's, by kilometres and minutes."""
        here = self.shifts[self.needs[need].shift]
        at = self.venues[here.venue].at
        far: dict[Id, float] = {}
        for shift in self.posed.shifts:
            apart = km(at, self.venues[shift.venue].at) + abs(shift.start - here.start) * KM_A_MINUTE
            far[shift.event] = min(apart, far.get(shift.event, apart))
        return set(sorted(far, key=lambda event: (far[event], event))[:NEAR])

    def cut(self, lines: Iterable[Line], hole: Line) -> Problem:
        """The problem of the neighbourhood as ``lines`` leave it: who serves outside is busy then."""
        events = self.near(hole.need)
        shifts = {shift.id for shift in self.posed.shifts if shift.event in events}
        mine = [need for need in self.posed.needs if need.shift in shifts]
        names = {need.id for need in mine}
        inside = [line for line in lines if line.need in names]
        count: dict[Id, int] = {hole.need: 1}
        outside: dict[Id, list[Busy]] = {}
        for line in lines:
            if line.need in names:
                count[line.need] = count.get(line.need, 0) + 1
            else:
                outside.setdefault(line.person, []).append(self._busy(line.need))
        who = {line.person for line in inside} | self._idle(names, hole)
        tutors = self._tutors(lines, names)
        people = tuple(
            self._person(person, outside, hole, tuple(need for need, tutor in tutors if tutor != person.id))
            for person in self.posed.people
            if person.id in who
        )
        return replace(
            self.posed,
            people=people,
            teams=tuple(
                replace(team, members=tuple(member for member in team.members if member in who))
                for team in self.posed.teams
            ),
            events=tuple(replace(event, locked=False) for event in self.posed.events if event.id in events),
            shifts=tuple(shift for shift in self.posed.shifts if shift.id in shifts),
            needs=tuple(_capped(need, count.get(need.id, 0)) for need in mine),
            roster=tuple(Held(line.person, line.need, line.hold != "open") for line in inside),
        )

    def _tutors(self, lines: Iterable[Line], needs: set[Id]) -> list[Pair]:
        """Needs of a series that has a tutor outside, with that tutor: nobody else may take them."""
        arrays, number = self.arrays, self.arrays.tables.need_number
        series = arrays.tables.needs.series
        outside = {(int(series[number[line.need]]), line.person) for line in lines if line.need not in needs}
        return [(need, who) for need in needs for key, who in outside if key >= 0 and key == series[number[need]]]

    def _idle(self, needs: set[Id], hole: Line) -> set[Id]:
        arrays, found = self.arrays, set[Id]()
        for need in needs:
            what = arrays.tables.need_number[need]
            low, high = int(arrays.pool.first[what]), int(arrays.pool.first[what + 1])
            person = arrays.pool.person[low:high]
            idle = np.flatnonzero(arrays.filled[person] == 0) if need != hole.need else np.arange(high - low)
            best = idle[np.argsort(-arrays.pool.worth[low:high][idle], kind="stable")]
            found |= {self.posed.people[who].id for who in person[best[: BEST if need != hole.need else None]]}
        return found

    def _busy(self, need: Id) -> Busy:
        shift = self.shifts[self.needs[need].shift]
        at = self.venues[shift.venue].at
        return Busy(shift.start - shift.call, shift.end + shift.out, shift.day, shift.end - shift.start, at)

    def _person(self, person: Person, outside: dict[Id, list[Busy]], hole: Line, noes: tuple[Id, ...]) -> Person:
        """As a coordinator sees them; whoever stepped back is not asked for that shift again."""
        mine = outside.get(person.id, [])
        served = sum(busy.minutes for busy in mine)
        person = replace(person, automated=True, declined=noes, busy=(*person.busy, *mine), load=person.load + served)
        if person.id != hole.person:
            return person
        here = self._busy(hole.need)
        return replace(person, busy=(*person.busy, replace(here, minutes=0)))


def _capped(need: Need, count: int) -> Need:
    """The same seats, no more of them than are filled."""
    return replace(need, min=min(need.min, count), desired=count, max=max(count, need.max))


def _compared(field: _Neighbourhood, lines: list[Line], one: Dropout) -> tuple[int, int, float]:
    """What the repair gains, what the exact model gains, and the seconds that one took."""
    left = [line for line in lines if line is not one.line]
    posed = field.cut(left, one.line)
    began = time.process_time()
    answer = rivals.whole(rivals.survey(posed), seconds=60.0, gap=0.0)
    spent = time.process_time() - began
    kept = _plan(posed, [(held.person, held.need) for held in posed.roster])
    hole = check.score(posed, kept)["total"]
    exact = 0 if answer.plan is None else check.score(posed, answer.plan)["total"] - hole
    return (one.found.proposals[0].gain if one.found.proposals else 0), exact, spent


def _plan(posed: Problem, pairs: list[Pair]) -> Plan:
    choices = tuple(Choice(*pair) for pair in pairs)
    return Plan(posed.id, "", 0, "greedy", 0, 0, 0.0, 0, 0, 0, choices)


def _verdict(judged: list[tuple[int, int, float]]) -> Figures:
    if not judged:
        return {}
    worse = [exact - gain for gain, exact, _ in judged if exact > gain]
    return {
        "holes": len(judged),
        "not_worse": len(judged) - len(worse),
        "share": round(1 - len(worse) / len(judged), 4),
        "better": sum(gain > exact for gain, exact, _ in judged),
        "worst_loss": max(worse, default=0),
        "cpu_seconds_each": round(sum(spent for _, _, spent in judged) / len(judged), 3),
    }


def main(
    size: str = "L", seed: int = 1, dropouts: int = 200, referee: int = 200, seconds: float = 120.0, requests: int = 0,
    people: int = 600,
    *, as_json: bool = False,
) -> None:  # fmt: skip
    """Repair random dropouts of a made-up week and compare with an exact model."""
    console = Console(stderr=True)
    figures = measure(size, seed, dropouts=dropouts, referee=referee, seconds=seconds, console=console)
    if requests:
        with console.status("asking a real server"):
            figures["requests"] = mending.measured(people, requests)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    for name, row in figures.items():
        Console().print(f"[bold]{name}[/bold]  " + "  ".join(f"{key} {value}" for key, value in row.items()))
