"""``/live``: the door of the live line. Cheap to knock at; nobody is let in without a session from a page of ours."""

from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from volunteer import database
from volunteer.act import Actor
from volunteer.api.caller import COOKIE
from volunteer.api.frames import Code
from volunteer.api.line import Line
from volunteer.api.lines import Lines

RETRY_SECONDS = 10


async def follow(socket: WebSocket) -> None:
    """Before the upgrade: 503 when full, switched off or without a database, 403 for a page that is not ours. After it:
    4501 without a session (so that a page learns why), 4429 with too many lines."""
    lines: Lines = socket.app.state.lines
    if lines.full or not socket.app.state.settings.live:
        return await _deny(socket, 503)
    secret = _secret(socket)
    if secret is None:
        return await _deny(socket, 403)
    try:
        actor = await lines.who(secret) if secret else None
    except database.GONE:
        return await _deny(socket, 503)
    try:
        await socket.accept()
        await _carry(lines, socket, actor, secret)
    except WebSocketDisconnect:
        return None


async def _carry(lines: Lines, socket: WebSocket, actor: Actor | None, secret: str) -> None:
    if actor is None:
        await socket.close(Code.SESSION_ENDED)
        return
    line = Line(socket, lines.hub, actor, secret)
    if not await lines.carry(line, socket.client.host if socket.client else None):
        await socket.close(Code.TOO_MANY)


def _secret(socket: WebSocket) -> str | None:
    """The session's secret, perhaps empty; ``None`` when the page that asks is not ours. A program brings its token in
    the ``Authorization`` header, which no page can set on a socket; a cookie counts only with our own origin."""
    header = socket.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""
    return socket.cookies.get(COOKIE, "") if _ours(socket) else None


def _ours(socket: WebSocket) -> bool:
    origin, host = socket.headers.get("origin", ""), socket.headers.get("host", "")
    public = urlsplit(socket.app.state.settings.public_url)
    asked = urlsplit(origin)
    if asked.scheme not in ("http", "https"):
        return False
    return (asked.scheme, asked.netloc) == (public.scheme, public.netloc) or (bool(host) and asked.netloc == host)


async def _deny(socket: WebSocket, status: int) -> None:
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    await socket.send_denial_response(Response(status_code=status, headers=headers))


route = WebSocketRoute("/live", follow, name="live")
