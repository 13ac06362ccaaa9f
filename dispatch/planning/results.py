"""What a finished plan leaves in the database: its figures, the changes it wants, the holes it sees. Pure."""

from typing import Any
from uuid import UUID

from dispatch.models import Change, Hole
from dispatch.planner import plan as p
from dispatch.planner import problem
from dispatch.planning import measures
from dispatch.planning.assumptions import strange
from volunteer.act import fresh_id, now


def figures(posed: problem.Problem, made: p.Plan, region: str) -> dict[str, Any]:
    """The draft's columns."""
    summary = {
        "off": [p.OFF.dump_python(off, mode="json") for off in made.off],
        "relaxes": list(made.relaxes),
        "breaches": [p.BREACH.dump_python(one, mode="json") for one in made.breaches if not strange(one.person)],
        "parts": made.parts,
        "measures": measures.measure(posed, made, region).dumped(),
    }
    names = ("status", "score", "bound", "gap", "mandatory", "filled", "most", "digest")
    return {name: getattr(made, name) for name in names} | {"summary": summary}


def changes(draft_id: UUID, posed: problem.Problem, made: p.Plan) -> list[Change]:
    """What publishing would change: new offers, and open offers that the plan no longer wants. Firm lines never, and
    nothing for people whom an assumption made up."""
    today = {(held.person, held.need): held.firm for held in posed.roster}
    wanted = {(choice.person, choice.need): choice for choice in made.choices if not strange(choice.person)}
    offers = [_offer(draft_id, choice) for pair, choice in wanted.items() if pair not in today]
    gone = [pair for pair, firm in today.items() if not firm and pair not in wanted]
    return offers + [_change(draft_id, person, need, kind="withdraw") for person, need in gone]


def _offer(draft_id: UUID, choice: p.Choice) -> Change:
    real = choice.runner_up is not None and not strange(choice.runner_up)
    return _change(
        draft_id,
        choice.person,
        choice.need,
        kind="offer",
        worth=sum(why.worth for why in choice.why),
        why=[{"goal": why.goal, "worth": why.worth, "data": why.data} for why in choice.why],
        runner_up_id=UUID(choice.runner_up) if real else None,
        margin=choice.margin,
    )


def _change(draft_id: UUID, person: str, need: str, **more: Any) -> Change:
    given = {"worth": 0, "why": [], "outcome": "", "stale_rule": "", **more}
    ids = {"id": fresh_id(now()), "draft_id": draft_id, "need_id": UUID(need), "volunteer_id": UUID(person)}
    return Change(**ids, **given)


def holes(draft_id: UUID, made: p.Plan) -> list[Hole]:
    return [
        Hole(
            id=fresh_id(now()),
            draft_id=draft_id,
            need_id=UUID(unmet.need),
            missing=unmet.missing,
            wished=unmet.wished,
            found=p.UNMET.dump_python(unmet, mode="json"),
        )
        for unmet in made.unmet
    ]
