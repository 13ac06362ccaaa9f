"""Doors of the day itself: the code at the venue, the roll, who is there and who is not."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from dispatch.api.assignments import shown
from dispatch.api.views import AssignmentView
from dispatch.planner.problem import Point
from dispatch.roster import attendance, served, undoing
from volunteer.act import Act
from volunteer.api.http import ById, Instant, Real, Struct, Text, View, Words, door


class Whereabouts(Struct):
    """Where the phone is. Only whether that is near the venue is kept."""

    lat: Annotated[float, Real(-90, 90)]
    lon: Annotated[float, Real(-180, 180)]


class SignIn(Struct):
    """``code``: six figures as shown, or what the square code holds."""

    code: Annotated[str, Text(1, 40)]
    place: Whereabouts | None = None


class At(Struct):
    """``at``: an earlier moment, within the shift; none = now."""

    at: Instant | None = None


class Absence(Struct):
    excused: bool = False


class Correction(Struct):
    """``reason``: for the file; it is not told."""

    reason: Annotated[str, Words(2, 200)]
    came: Instant
    left: Instant


class MakeUp(Struct):
    """``evidence``: what shows it, such as a photo, a list that was signed, who was there."""

    came: Instant
    left: Instant
    reason: Annotated[str, Words(2, 300)]
    evidence: Annotated[str, Words(2, 500)]


class CodeView(View):
    """``until``: when the next code is shown; ``typed``: to read out, ``scanned``: for a square code."""

    shift: UUID
    typed: str
    scanned: str
    until: datetime
    now: datetime


class HoursAsked(View):
    """The record that waits for two reviewers, and the minutes that it would give."""

    record: UUID
    minutes: int


class Closed(View):
    """How many were confirmed."""

    completed: int


@door("GET", "/api/shifts/{id}/code", summary="The sign-in code that the venue shows now")
async def read_code(act: Act, path: ById) -> CodeView:
    code = await attendance.code(act, path.id)
    found = {"shift": path.id, "typed": code.typed, "scanned": code.scanned, "until": code.until, "now": code.at}
    return CodeView.model_validate(found)


@door("POST", "/api/assignments/{id}/sign-in", summary="I am here: by the venue's code 签到", gone=True)
async def sign_in(act: Act, path: ById, body: SignIn) -> AssignmentView:
    there = Point(body.place.lat, body.place.lon) if body.place else None
    return await shown(act, await attendance.sign_in(act, path.id, body.code, there=there))


@door("POST", "/api/assignments/{id}/check-in", summary="Roll call: this person is here", gone=True)
async def check_in(act: Act, path: ById, body: At) -> AssignmentView:
    return await shown(act, await attendance.check_in(act, path.id, at=body.at))


@door("POST", "/api/assignments/{id}/undo-check-in", summary="That sign-in was a mistake: mine to take back")
async def undo_check_in(act: Act, path: ById) -> AssignmentView:
    return await shown(act, await undoing.undo(act, path.id))


@door("POST", "/api/assignments/{id}/check-out", summary="They leave 签退", gone=True)
async def check_out(act: Act, path: ById, body: At) -> AssignmentView:
    return await shown(act, await attendance.check_out(act, path.id, at=body.at))


@door("POST", "/api/assignments/{id}/no-show", summary="They did not come; the seat is free at once", gone=True)
async def miss_assignment(act: Act, path: ById, body: Absence) -> AssignmentView:
    return await shown(act, await attendance.miss(act, path.id, excused=body.excused))


@door("POST", "/api/assignments/{id}/complete", summary="They served", gone=True)
async def complete_assignment(act: Act, path: ById, body: At) -> AssignmentView:
    return await shown(act, await attendance.complete(act, path.id, left=body.at))


@door("POST", "/api/assignments/{id}/correct", summary="They were there after all, says a second person", gone=True)
async def correct_assignment(act: Act, path: ById, body: Correction) -> AssignmentView:
    return await shown(act, await attendance.correct(act, path.id, body.reason, came=body.came, left=body.left))


@door("POST", "/api/shifts/{id}/complete", summary="Confirm everybody who signed in", patience=60)
async def complete_shift(act: Act, path: ById) -> Closed:
    return Closed(completed=len(await attendance.complete_all(act, path.id)))


@door("POST", "/api/assignments/{id}/make-up", summary="Ask for hours that no roll shows 补录")
async def make_up_hours(act: Act, path: ById, body: MakeUp) -> HoursAsked:
    record = await served.make_up(
        act, path.id, came=body.came, left=body.left, reason=body.reason, evidence=body.evidence
    )
    return HoursAsked(record=record.id, minutes=record.minutes)
