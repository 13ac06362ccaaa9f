"""What every answer tells browsers: only our own scripts, no frames, no guessing of types, no leaking of addresses."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def policy(public_url: str) -> str:
    """The content security policy. Sockets of our own origin are named: older browsers do not count them as 'self'."""
    parts = urlsplit(public_url)
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    rules = (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # charts and kits set style attributes; no style can run code
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        f"connect-src 'self' {socket}",
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return "; ".join(rules)


class Headers:
    """ASGI middleware. A header that an answer set itself stands."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._set = {
            "Content-Security-Policy": policy(public_url),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
        }
        if public_url.startswith("https:"):
            self._set["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._set.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, told)
