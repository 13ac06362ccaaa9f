"""What the planner answers. No times of day, no durations: the same problem and seed give the same bytes."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from dispatch.planner.problem import FORMAT, Id

Value = int | str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person cannot take a need: the broken rule's name and the data its sentence is filled with."""

    rule: str
    data: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Why:
    """Why this person: a goal's name (``scarcity``, ``distance``, ``fairness``, ``continuity`` …), what it
    added to the score (negative = cost), and the data its sentence is filled with. Largest first."""

    goal: str
    worth: int
    data: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One person on one need. ``runner_up`` is the best other person who could serve there instead, all other lines
    staying; ``margin`` the score the choice is better by when only this seat is looked at."""

    person: Id
    need: Id
    firm: bool = False
    why: tuple[Why, ...] = ()
    runner_up: Id | None = None
    margin: int | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """So many people of the pool fail first at this rule."""

    rule: str
    people: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An eligible person who serves elsewhere, and what moving them here would cost the whole score (from prices)."""

    person: Id
    need: Id
    cost: int


@dataclass(frozen=True, slots=True)
class Unmet:
    """A hole. ``blocked`` sums with ``elsewhere_count`` and ``idle`` to ``pool`` (everybody in the problem); it counts
    whom the plan's lines of others keep away as well, and those who could come to an event that does not come together.
    ``idle``: eligible people who serve nowhere in conflict yet are not sent (their goals cost more than the seat)."""

    need: Id
    missing: int
    wished: int
    pool: int
    blocked: tuple[Blocked, ...] = ()
    elsewhere_count: int = 0
    elsewhere: tuple[Elsewhere, ...] = ()
    idle: int = 0


@dataclass(frozen=True, slots=True)
class Off:
    """An event that cannot or does not run, and why: a rule's name (``leader``, ``quorum``, ``team``)."""

    event: Id
    reason: Reason


@dataclass(frozen=True, slots=True)
class Breach:
    """An accepted or pinned line that breaks rules as it stands, some of them perhaps against another such line. It
    stays in every plan all the same; only people can solve it."""

    person: Id
    need: Id
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """``status``: ``proven`` (stopped by the wanted gap or optimal), ``unproven`` (its work was done before that),
    ``cut_short`` (the clock ended it), ``greedy`` (the floor: no solver answered in time). ``bound`` >= score of any
    plan; ``gap`` = (bound - score) / bound, 0 when both are equal. ``most`` bounds the mandatory seats that can be
    filled at all. ``relaxes``: rules that the bound does not enforce (the plan always does). ``parts`` adds up to
    ``score``."""

    problem: Id
    digest: str
    seed: int
    status: Literal["proven", "unproven", "cut_short", "greedy"]
    score: int
    bound: int
    gap: Annotated[float, Field(ge=0)]
    mandatory: int
    filled: int
    most: int
    choices: tuple[Choice, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    off: tuple[Off, ...] = ()
    relaxes: tuple[str, ...] = ()
    parts: dict[str, int] = field(default_factory=dict)
    breaches: tuple[Breach, ...] = ()
    format: Literal[1] = FORMAT


PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
UNMET: TypeAdapter[Unmet] = TypeAdapter(Unmet)
OFF: TypeAdapter[Off] = TypeAdapter(Off)
BREACH: TypeAdapter[Breach] = TypeAdapter(Breach)


def read(data: bytes) -> Plan:
    return PLAN.validate_json(data)


def write(plan: Plan) -> bytes:
    return PLAN.dump_json(plan)
