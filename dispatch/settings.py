"""The policy of the work: timers, limits and the planner's weights, each with the default of ``config/policy.toml``.

``CITONG_POLICY`` names another file; what it leaves out keeps its default. A test holds file and code equal.
"""

import os
import tomllib
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dispatch.planner.problem import Weights
from volunteer.errors import Fault, Invalid
from volunteer.records.hours import Terms

Speed = Annotated[float, Field(gt=0, le=200)]
Share = Annotated[float, Field(gt=0, lt=1)]


class Asking(BaseModel):
    """How offers go out in waves. A wave is the fewest offers after which the mandatory seats are filled with
    probability ``target`` and the wished ones with ``wished``, while more yeses than seats come with at most ``over``
    (``over_urgent`` when there is no time for another wave). Nobody is asked more than ``a_week`` times in seven days;
    nobody is asked and no offer ends between ``quiet_from`` and ``quiet_until`` unless the shift begins within
    ``urgent_hours``. ``automation``, ``max_waves`` and ``max_contacts`` hold where no coordinator has set others.
    ``history_days``: answers of so many days make the odds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: Share = 0.9
    wished: Share = 0.5
    over: Annotated[float, Field(ge=0, le=1)] = 0.25
    over_urgent: Annotated[float, Field(ge=0, le=1)] = 0.6
    a_week: Annotated[int, Field(ge=1, le=50)] = 4
    quiet_from: time = time(22)
    quiet_until: time = time(8)
    urgent_hours: Annotated[int, Field(ge=0, le=168)] = 12
    automation: Literal["off", "suggest", "automatic"] = "suggest"
    max_waves: Annotated[int, Field(ge=1, le=50)] = 4
    max_contacts: Annotated[int, Field(ge=1, le=1000)] = 20
    history_days: Annotated[int, Field(ge=1, le=3650)] = 365


class Speeds(BaseModel):
    """Kilometres of road an hour, door to door, by the way people travel."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    walk: Speed = 4.0
    bike: Speed = 10.0
    bus: Speed = 18.0
    car: Speed = 35.0


class Repairing(BaseModel):
    """How holes are repaired. Nobody is moved whose shift begins within ``frozen_hours``; with ``consent`` people who
    accepted may be asked to move, and keep their seat until they say yes. Rosters are kept warm by ``scope`` for the
    next ``days``, read anew after ``refresh_minutes`` when asked; one of more than ``pairs`` covers fewer days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frozen_hours: Annotated[int, Field(ge=0, le=168)] = 12
    consent: bool = True
    scope: Literal["county", "city"] = "county"
    days: Annotated[int, Field(ge=1, le=28)] = 14
    refresh_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    pairs: Annotated[int, Field(ge=10_000, le=100_000_000)] = 8_000_000


class Swapping(BaseModel):
    """How people give each other seats. A swap waits as long as an offer would, and at the latest until ``close_hours``
    before the first call time among its seats. ``locked``: on a locked roster it is ``free``, needs a coordinator's
    ``approval``, or is ``closed``. Nobody has more than ``asked`` open proposals to answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    close_hours: Annotated[int, Field(ge=0, le=168)] = 2
    locked: Literal["free", "approval", "closed"] = "approval"
    asked: Annotated[int, Field(ge=1, le=50)] = 5


class Recording(BaseModel):
    """How hours are recorded (志愿服务记录与证明出具办法 art. 7, 11): credited in units of ``unit`` minutes; to be
    explained below ``least`` per cent of the plan; recorded within ``due_days`` working days after the end, of these
    ``notice_days`` under public notice; whoever must sign is reminded after ``nudge_days``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: Literal[10, 15, 30, 60] = 30
    least: Annotated[int, Field(ge=0, le=100)] = 60
    due_days: Annotated[int, Field(ge=5, le=60)] = 10
    notice_days: Annotated[int, Field(ge=3, le=30)] = 3
    nudge_days: Annotated[int, Field(ge=0, le=30)] = 2

    @model_validator(mode="after")
    def _fits(self) -> "Recording":
        if self.notice_days >= self.due_days:
            raise ValueError("notice_days must be fewer than due_days")
        return self

    @property
    def terms(self) -> Terms:
        return Terms(self.unit, self.least, self.due_days, self.notice_days, self.nudge_days)


class Absences(BaseModel):
    """Unexcused absences within ``months``: from ``review`` on a coordinator is to look at them, from ``suspend`` on a
    suspension is advised. A person decides (domain 4.1)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    months: Annotated[int, Field(ge=1, le=120)] = 12
    review: Annotated[int, Field(ge=1, le=1000)] = 3
    suspend: Annotated[int, Field(ge=1, le=1000)] = 5


class Policy(BaseModel):
    """``offer_hours``: an offer stands so long, or half of the time left if that is shorter, never below the floor.
    ``lock_hours``: the roster locks so long before the call time; leaving after it is marked late.
    Sign-in at the venue opens ``signin_opens`` minutes before the call time and ends ``signin_closes`` minutes after
    the start; from ``absent_after`` minutes after it who has not come may be marked absent. A code changes every
    ``code_seconds`` and is taken ``code_grace`` seconds longer, for those who type; ``near_metres`` from the venue
    counts as there.
    ``alarm_hours``: coordinators and the organiser are told of a shift that lacks mandatory people so long before it
    (0 = never), and once more ``alarm_again_hours`` before it.
    ``rolling_percent``: in any seven days nobody serves more than so much of their own weekly limit (0 = no limit).
    ``roads``: a table of known ways between places, see ``dispatch/roads.py``; empty = none.
    ``gap``: a plan proven so near to the best is good enough (0.001 = 0.1 %)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    offer_hours: Annotated[int, Field(ge=1, le=336)] = 48
    offer_floor_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    lock_hours: Annotated[int, Field(ge=0, le=168)] = 24
    signin_opens: Annotated[int, Field(ge=0, le=240)] = 30
    signin_closes: Annotated[int, Field(ge=0, le=240)] = 15
    absent_after: Annotated[int, Field(ge=0, le=240)] = 30
    code_seconds: Annotated[int, Field(ge=10, le=300)] = 30
    code_grace: Annotated[int, Field(ge=0, le=60)] = 10
    alarm_hours: Annotated[int, Field(ge=0, le=336)] = 48
    alarm_again_hours: Annotated[int, Field(ge=0, le=336)] = 12
    near_metres: Annotated[int, Field(ge=50, le=10_000)] = 500
    gap: Annotated[float, Field(ge=0, lt=1)] = 0.001
    planner_memory_mb: Annotated[int, Field(ge=256, le=262_144)] = 4096
    rolling_percent: Annotated[int, Field(ge=0, le=700)] = 150
    roads: str = ""
    speeds: Speeds = Speeds()
    asking: Asking = Asking()
    repair: Repairing = Repairing()
    swaps: Swapping = Swapping()
    records: Recording = Recording()
    absences: Absences = Absences()
    weights: Weights = Weights()


def read(path: Path) -> Policy:
    """The policy in a TOML file. Raises :class:`Invalid` naming each wrong setting."""
    try:
        return Policy.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise Invalid([Fault(path.name, f"不是有效的 TOML:{error}", f"is not valid TOML: {error}")]) from error
    except ValidationError as error:
        faults = [Fault(".".join(map(str, e["loc"])), f"取值有误：{e['msg']}", e["msg"]) for e in error.errors()]
        raise Invalid(faults) from error


@lru_cache(maxsize=1)
def policy() -> Policy:
    """The policy in force, read once a process."""
    path = os.environ.get("CITONG_POLICY")
    return read(Path(path)) if path else Policy()
