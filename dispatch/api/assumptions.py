"""What a plan may assume otherwise than it is: goals with their weights, rules that bend, each with its range."""

from dataclasses import asdict
from typing import Literal, get_args

from dispatch import words
from dispatch.planning.assumptions import SLACK, Goal, limits
from dispatch.settings import policy
from volunteer import access
from volunteer.access import Thing
from volunteer.act import Act
from volunteer.api.http import Struct, View, door
from volunteer.api.shapes import RegionCode


class Where(Struct):
    region: RegionCode


class GoalView(View):
    """``usual``: what the policy gives it. A soft goal can be switched off too."""

    goal: str
    name: str
    usual: int
    low: int
    high: int
    soft: bool


class SlackView(View):
    """``of``: person (narrowed by region and skill) or event (by region and mode). ``loosens``: whether more or less of
    it makes the rule looser; a plan under stricter rules can be published."""

    rule: str
    name: str
    of: str
    unit: str
    low: int
    high: int
    loosens: Literal["more", "less"]


class Assumable(View):
    goals: list[GoalView]
    rules: list[SlackView]


@door("GET", "/api/drafts/assumable", summary="What a plan may assume otherwise than it is")
async def read_assumable(act: Act, query: Where) -> Assumable:
    access.require(act.actor, "draft.run", Thing("region", query.region))
    language = act.actor.language
    goals = []
    weights = asdict(policy().weights)
    for goal in get_args(Goal):
        usual = weights[goal]
        low, high = limits(goal, usual)
        name = words.pick(words.GOALS[goal], language)
        goals.append(GoalView(goal=goal, name=name, usual=usual, low=low, high=high, soft=goal != "mandatory"))
    rules = [
        SlackView(
            rule=rule,
            name=words.pick(words.BENDING[rule], language),
            of=slack.of,
            unit=words.pick(words.UNITS[slack.unit], language),
            low=slack.low,
            high=slack.high,
            loosens="more" if slack.loosens(1) else "less",
        )
        for rule, slack in SLACK.items()
    ]
    return Assumable(goals=goals, rules=rules)
