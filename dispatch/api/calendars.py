"""The calendar of a person, at an address that is secret and can be changed; and the doors to that address."""

import hashlib

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dispatch.notices import calendars
from volunteer.act import Act, now
from volunteer.api import caller
from volunteer.api.http import Reply, View, door
from volunteer.notices import contacts


class CalendarAddress(View):
    """Told once: only its digest is kept."""

    url: str


@door("POST", "/api/me/calendar", summary="A fresh secret address for my calendar; the old one is dead", keyed=False)
async def renew_calendar(act: Act, request: Request) -> Reply[CalendarAddress]:
    secret = await contacts.renew_calendar(act)
    home = caller.settings(request).public_url.rstrip("/")
    return Reply(CalendarAddress(url=f"{home}/api/calendar/{secret}.ics"))


@door("DELETE", "/api/me/calendar", summary="Take my calendar's address away")
async def end_calendar(act: Act) -> None:
    await contacts.end_calendar(act)


async def _feed(request: Request) -> Response:
    at = now()
    person = await contacts.whose_calendar(request.path_params["secret"])
    if person is None:
        return PlainTextResponse("Not found\n", 404, {"Cache-Control": "no-store"})
    body = await calendars.feed(person, at, public_url=caller.settings(request).public_url)
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
        "Content-Disposition": 'inline; filename="citong.ics"',
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="text/calendar")


# Not a door: programs that read calendars send neither session nor JSON.
route = Route("/api/calendar/{secret:str}.ics", _feed, methods=["GET"])
