"""Repairs break nothing, cost what they say, and on tiny problems nothing that touches two people is better."""

from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from dispatch.planner import check, model
from dispatch.planner.desk import open_desk
from dispatch.planner.mending import repair
from dispatch.planner.mending.openings import Terms
from dispatch.planner.mending.proposals import Proposal
from dispatch.planner.mending.warm import Line, Warm, warmed
from dispatch.planner.plan import Reason
from dispatch.planner.problem import Event, Held, Need, Problem
from dispatch.planner.rules import why_not
from tests.dispatch.planner import tiny

ANY = Terms(now=0, consent=True, by_hand=True)
Pair = tuple[str, str]
odd = settings(
    max_examples=100,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking such problems takes minutes and shows little
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


# ---- rosters to tear holes into ----


def free_problems() -> st.SearchStrategy[Problem]:
    easy = tiny.problems().map(lambda made: tiny.easier(made, free=(tiny.ALWAYS,), max_km=2000.0, max_events=12))
    return st.one_of(tiny.problems(), easy)


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Problem, tuple[Line, ...], Pair]:
    """A planned problem, its lines as a roster (some accepted, some fixed), and one of them that somebody leaves."""
    posed = draw(free_problems())
    posed = replace(posed, roster=())
    pairs = [(one.person, one.need) for one in model.solve(posed, seconds=10.0, gap=0.0).choices]
    assume(pairs)
    hold = st.sampled_from(("open", "open", "open", "accepted", "fixed"))
    lines = tuple(Line(who, what, draw(hold), draw(st.booleans())) for who, what in pairs)
    return posed, lines, draw(st.sampled_from(pairs))


def seen(posed: Problem, lines: tuple[Line, ...], *, by_hand: bool = True) -> Problem:
    """The problem as the referee must see it: lines that count as kept are its roster."""
    if by_hand:
        people = tuple(replace(who, automated=True, declined=()) for who in posed.people)
        posed = replace(posed, people=people, events=tuple(replace(one, locked=False) for one in posed.events))
    return replace(posed, roster=tuple(Held(line.person, line.need, firm=False) for line in lines if line.held))


def broken(posed: Problem, pairs: set[Pair]) -> set[tuple[object, ...]]:
    """What is broken, so that what an event lacks is the same lack while its people change."""
    shift_of = {need.id: need.shift for need in posed.needs}
    event_of = {shift.id: shift.event for shift in posed.shifts}
    found: set[tuple[object, ...]] = set()
    for one in check.violations(posed, tiny.plan(*sorted(pairs))):
        if one.rule in ("leader", "quorum", "cast"):
            found.add(
                (one.rule, event_of[shift_of[one.needs[0]]], one.data.get("shift"), one.rule == "cast" and one.needs)
            )
        else:
            found.add((one.rule, one.people, one.needs))
    return found


def done(pairs: set[Pair], proposal: Proposal) -> set[Pair]:
    given_up = {(step.person, step.leaves) for step in proposal.steps}
    given_up |= {(step.instead, step.need) for step in proposal.steps}
    return (pairs - given_up) | {(step.person, step.need) for step in proposal.steps}


def total(posed: Problem, pairs: set[Pair]) -> int:
    return check.score(posed, tiny.plan(*sorted(pairs)))["total"]


def torn(posed: Problem, lines: tuple[Line, ...], hole: Pair) -> tuple[Warm, Problem, set[Pair], tuple[Line, ...]]:
    made = warmed(posed, lines)
    made.give_up(*hole, barred=True)
    left = tuple(line for line in lines if (line.person, line.need) != hole)
    return made, seen(posed, left), {(line.person, line.need) for line in left}, left


# ---- properties ----


@odd
@given(rosters())
def test_a_proposal_breaks_nothing_and_gains_what_it_says(made: tuple[Problem, tuple[Line, ...], Pair]):
    posed, lines, hole = made
    arrays, judged, pairs, _ = torn(posed, lines, hole)
    found = repair.repair(arrays, hole[1], ANY)
    before, worth = broken(judged, pairs), total(judged, pairs)
    for proposal in found.proposals:
        after = done(pairs, proposal)
        event(f"{len(proposal.steps)} people")
        assert broken(judged, after) <= before
        assert total(judged, after) - worth == proposal.gain > 0
        assert proposal.short >= 0
    assert [one.gain for one in found.proposals] == sorted((one.gain for one in found.proposals), reverse=True)


@odd
@given(rosters())
def test_no_better_repair_touches_two_people(made: tuple[Problem, tuple[Line, ...], Pair]):
    posed, lines, hole = made
    arrays, judged, pairs, left = torn(posed, lines, hole)
    found = repair.repair(arrays, hole[1], ANY)
    before, worth = broken(judged, pairs), total(judged, pairs)
    wished = {need.id: need.desired for need in judged.needs}[hole[1]]
    assume(sum(what == hole[1] for _, what in pairs) < wished)
    best = 0
    for first, after in every_repair(posed, left, hole):
        gain = total(judged, after) - worth
        if gain > best and broken(judged, after) <= before and alone(judged, first) <= before:
            best = gain
    assert best == (found.proposals[0].gain if found.proposals else 0)
    event("repaired" if best else "nothing helps")


def alone(posed: Problem, pairs: set[Pair]) -> set[tuple[object, ...]]:
    """What is broken but for what further people can mend: each step must be right when it is made."""
    return {one for one in broken(posed, pairs) if one[0] not in ("leader", "quorum", "cast", "mentor")}


def every_repair(posed: Problem, lines: tuple[Line, ...], hole: Pair) -> Iterator[tuple[set[Pair], set[Pair]]]:
    """One person to the hole, who may give up a line; its seat empty or with one more, who may give up one too. Each
    as the lines after the first step, and after all."""
    pairs = {(line.person, line.need) for line in lines}
    noes = {(person.id, need) for person in posed.people for need in person.declined}
    shift_of = {need.id: need.shift for need in posed.needs}
    moves = {(line.person, line.need) for line in lines if line.hold != "fixed"}
    for who in (person.id for person in posed.people):
        if who == hole[0] or (who, hole[1]) in (pairs | noes):
            continue
        for leaves in (None, *(what for one, what in moves if one == who)):
            after = (pairs - {(who, leaves)}) | {(who, hole[1])}
            yield after, after
            if leaves is None:
                continue
            for other in (person.id for person in posed.people):
                stepped_back = other == hole[0] and shift_of[leaves] == shift_of[hole[1]]
                if other == who or (other, leaves) in (pairs | noes) or stepped_back:
                    continue
                for then in (None, *(what for one, what in moves if one == other)):
                    yield after, (after - {(other, then)}) | {(other, leaves)}
    yield from every_handover(posed, lines, hole)


def every_handover(posed: Problem, lines: tuple[Line, ...], hole: Pair) -> Iterator[tuple[set[Pair], set[Pair]]]:
    """Somebody new takes the hole and, with it, all open offers that the one tutor has in its series."""
    desk = open_desk(posed)
    series = desk.series_of(desk.needs[hole[1]])
    told = [line for line in lines if series and desk.series_of(desk.needs[line.need]) == series]
    if len({line.person for line in told}) != 1 or any(line.hold != "open" for line in told):
        return
    left = {(line.person, line.need) for line in lines} - {(line.person, line.need) for line in told}
    for who in (person for person in posed.people if person.id not in (told[0].person, hole[0])):
        needs = [hole[1], *(line.need for line in told)]
        if not set(needs) & set(who.declined):
            after = left | {(who.id, need) for need in needs}
            yield after, after


@odd
@given(rosters(), st.booleans())
def test_those_eligible_are_whom_the_registry_lets_pass(made: tuple[Problem, tuple[Line, ...], Pair], by_hand: bool):
    posed, lines, hole = made
    arrays, _, pairs, left = torn(posed, lines, hole)
    firm = replace(posed, roster=tuple(Held(line.person, line.need) for line in left))
    found = repair.repair(arrays, hole[1], replace(ANY, by_hand=by_hand))
    assume(found.missing)
    yes = {
        who.id
        for who in posed.people
        if (who.id, hole[1]) not in pairs and who.id != hole[0] and hole[1] not in who.declined
        and not why_not(open_desk(firm), who.id, hole[1], by_hand=by_hand)
    }  # fmt: skip
    assert repair.eligible(arrays, hole[1], replace(ANY, by_hand=by_hand)) == len(yes)
    ranked = repair.substitutes(arrays, hole[1], replace(ANY, by_hand=by_hand))
    assert {one.steps[0].person for one in ranked} in (yes, set())


# ---- guards, each on the smallest roster that shows it ----

BUSY_ONE = (
    tiny.person("ann"),
    tiny.person("bo", max_day=0),
    tiny.person("cai", free=(tiny.ALWAYS,), blocked=("unit",)),
)


def two_events(**more: object) -> Problem:
    """Only ann can take the hole at nine; she serves at ten elsewhere, where cai could go instead."""
    given: dict[str, object] = {
        "people": BUSY_ONE,
        "events": (Event("e", priority=5, unit="unit"), Event("other", priority=1)),
        "shifts": (tiny.shift("s", "e"), tiny.shift("t", "other", hour=10)),
        "needs": (Need("hole", "s", "steward"), Need("seat", "t", "steward")),
        **more,
    }
    return tiny.problem(**given)


def asked(posed: Problem, *lines: Line, **terms: object) -> tuple[list[tuple[str, str, str | None]], ...]:
    """Each proposal as (person, need, leaves) of its steps."""
    found = repair.repair(warmed(posed, lines), "hole", replace(ANY, **terms))
    return tuple([(step.person, step.need, step.leaves) for step in one.steps] for one in found.proposals)


CHAIN = [("ann", "hole", "seat"), ("cai", "seat", None)]


def test_a_seat_given_up_is_taken_by_somebody_else():
    assert CHAIN in asked(two_events(), Line("ann", "seat"))


def test_who_accepted_moves_only_with_consent():
    found = repair.repair(warmed(two_events(), [Line("ann", "seat", "accepted")]), "hole", ANY)
    assert [(step.person, step.consent) for step in found.proposals[0].steps] == [("ann", True), ("cai", False)]
    assert asked(two_events(), Line("ann", "seat", "accepted"), consent=False) == ()


def test_what_is_fixed_never_moves():
    assert asked(two_events(), Line("ann", "seat", "fixed")) == ()


@pytest.mark.parametrize(("hours", "moves"), [(0, True), (2, True), (2.1, False)])
def test_nobody_is_moved_whose_shift_begins_soon(hours: float, moves: bool):
    frozen = round(hours * 60)
    assert (CHAIN in asked(two_events(), Line("ann", "seat"), now=tiny.at(0, 8), frozen_minutes=frozen)) is moves


def test_nobody_is_moved_out_of_reach():
    arrays = warmed(two_events(), [Line("ann", "seat")])
    near = arrays.tables.needs.event == 0
    assert repair.repair(arrays, "hole", replace(ANY, reach=near)).proposals == ()


def test_a_wished_seat_is_left_for_a_mandatory_one():
    posed = two_events(people=BUSY_ONE[:1], needs=(Need("hole", "s", "steward"), Need("seat", "t", "steward", 0, 1, 1)))
    assert asked(posed, Line("ann", "seat", held=False)) == ([("ann", "hole", "seat")],)


def test_a_mandatory_seat_is_not_robbed_for_one_worth_no_more():
    posed = two_events(people=BUSY_ONE[:1], events=(Event("e"), Event("other")))
    assert asked(posed, Line("ann", "seat", held=False)) == ()


def test_an_event_is_not_broken_to_mend_another():
    """The seat is worth less than the hole, but without it the other event falls below its quorum."""
    posed = two_events(
        people=(tiny.person("ann"), tiny.person("dan", limitations=("stairs",))),
        events=(Event("e", priority=5), Event("other", priority=1, quorum=2)),
        needs=(Need("hole", "s", "steward", demands=("stairs",)), Need("seat", "t", "steward", 2, 2, 2)),
    )
    lines = (Line("ann", "seat", held=False), Line("dan", "seat", held=False))
    assert asked(posed, *lines) == ()
    with patch.object(repair, "breaks", return_value=None):
        assert asked(posed, *lines) == ([("ann", "hole", "seat")],)


def test_one_person_cannot_make_an_empty_event_whole():
    posed = two_events(people=(tiny.person("ann"),), events=(Event("e", quorum=2), Event("other")))
    found = repair.repair(warmed(posed, []), "hole", ANY)
    assert found.proposals == ()
    assert found.impossible == Reason("quorum", {"wanted": 2, "possible": 1})
    assert repair.substitutes(warmed(posed, []), "hole", ANY) == ()


def test_who_stepped_back_is_not_asked_for_that_shift_again():
    arrays = warmed(tiny.problem(needs=(Need("hole", "s", "steward"),)), [Line("p", "hole")])
    arrays.give_up("p", "hole", barred=True)
    assert repair.repair(arrays, "hole", ANY).proposals == ()
    assert repair.eligible(arrays, "hole", ANY) == 0


@pytest.mark.parametrize("posed", [
    tiny.problem(people=(tiny.person("p", automated=False),), needs=(Need("hole", "s", "steward"),)),
    tiny.problem(events=(Event("e", locked=True),), needs=(Need("hole", "s", "steward"),)),
])  # fmt: skip
def test_only_a_person_asks_those_who_opted_out_and_changes_locked_rosters(posed: Problem):
    arrays = warmed(posed, [])
    assert len(repair.repair(arrays, "hole", ANY).proposals) == 1
    assert repair.repair(arrays, "hole", replace(ANY, by_hand=False)).proposals == ()


def test_a_full_need_has_no_hole():
    arrays = warmed(tiny.problem(), [Line("p", "n")])
    assert repair.repair(arrays, "n", ANY) == repair.Repair("n", 0, ())


def test_ranked_people_say_why_and_how_far_behind_the_best_they_are():
    people = (tiny.person("far", at=tiny.NEAR), tiny.person("home", at=tiny.HERE, knows=("v",)))
    first, second = repair.substitutes(warmed(tiny.problem(people=people), []), "n", ANY)
    assert (first.steps[0].person, first.short) == ("home", 0)
    assert first.steps[0].why[0].goal == "continuity"
    assert (second.steps[0].person, second.steps[0].metres) == ("far", 3898)
    assert second.short == first.gain - second.gain == 27_000 + 4_000


def test_who_said_no_is_not_asked_again():
    people = (tiny.person("p", declined=("n",)),)
    assert repair.repair(warmed(tiny.problem(people=people), []), "n", ANY).proposals == ()


def test_learners_come_only_beside_mentors():
    needs = (Need("mentor", "s", "guide"), Need("n", "s", "guide", 0, 1, 1, mentor="mentor"))
    posed = tiny.problem(people=(tiny.person("p"), tiny.person("q")), needs=needs)
    found = repair.repair(warmed(posed, []), "n", ANY)
    assert found.impossible == Reason("mentor", {"mentors": 0, "most": 0})
    assert len(repair.repair(warmed(posed, [Line("q", "mentor")]), "n", ANY).proposals) == 1


def test_what_a_person_costs_counts_once():
    people = (tiny.person("dear", cost=5_000), tiny.person("p", at=tiny.NEAR))
    first, second = repair.substitutes(warmed(tiny.problem(people=people), []), "n", ANY)
    assert (first.steps[0].person, second.short) == ("p", 1_000)


def test_a_series_goes_to_a_new_tutor_as_a_whole_or_not_at_all():
    people = (tiny.person("old"), tiny.person("new"))
    posed = tiny.problem(
        people=people,
        events=(Event("e", series="point"), Event("then", series="point")),
        shifts=(tiny.shift("s", "e"), tiny.shift("t", "then", day=1)),
        needs=(Need("hole", "s", "tutor"), Need("later", "t", "tutor")),
    )
    arrays = warmed(posed, [Line("old", "later")])
    arrays.give_up("old", "hole", barred=True)
    (found,) = repair.repair(arrays, "hole", ANY).proposals
    assert [(step.person, step.need, step.instead) for step in found.steps] == [
        ("new", "hole", None), ("new", "later", "old"),
    ]  # fmt: skip
    arrays.take(Line("old", "later", "accepted"))
    assert repair.repair(arrays, "hole", ANY).proposals == ()
