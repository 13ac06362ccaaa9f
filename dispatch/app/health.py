"""How this process is: alive, ready, and in figures."""

import asyncio
import ipaddress
import logging
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tortoise import connections

from dispatch import queue
from dispatch.app.parts import Parts
from dispatch.app.watchdog import HERE, UNWRITABLE, Watchdog, ill
from volunteer import database

log = logging.getLogger(__name__)

ANSWER_SECONDS = 3.0
_LATE = "SELECT count(*) AS late FROM notice WHERE state = 'due' AND due_at < clock_timestamp() - interval '10 minutes'"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


async def healthz(_: Request) -> Response:
    """The process answers. Asks nobody."""
    return JSONResponse({"ok": True})


async def readyz(request: Request) -> Response:
    """200 when every part works, here or elsewhere; each part in a word. Whoever watches the house asks this."""
    found = await _watchdog(request).found()
    return _told(found, ill(found))


async def here(request: Request) -> Response:
    """200 when this process can serve requests, though the clock, the queue or mail be ill, or nothing can be written:
    others would serve no better. Whoever shares requests out asks this."""
    found = await _watchdog(request).found()
    wrong = [part for part in ill(found) if part in HERE and found[part] != UNWRITABLE]
    return _told({part: found[part] for part in HERE}, wrong)


def _told(found: dict[str, str], wrong: list[str]) -> Response:
    return JSONResponse(found, 503 if wrong else 200, {"Cache-Control": "no-store"})


def _watchdog(request: Request) -> Watchdog:
    parts: Parts = request.app.state.parts
    return parts.watchdog


class Figures:
    """What Prometheus reads. One process tells its own: with several behind one port each scrape meets one of them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "citong_requests", "HTTP requests", ["method", "path", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "citong_request_seconds", "Time to answer", ["method", "path"], buckets=_BUCKETS, registry=self.registry
        )
        self.lines = Gauge("citong_live_lines", "Open sockets", registry=self.registry)
        self.topics = Gauge("citong_live_topics", "Topics followed", registry=self.registry)
        self.bell = Gauge("citong_live_bell", "1 while the bell between processes is heard", registry=self.registry)
        self.jobs = Gauge("citong_jobs", "Jobs of the queue", ["state"], registry=self.registry)
        self.oldest = Gauge(
            "citong_jobs_oldest_seconds", "How long the oldest job has been due", registry=self.registry
        )
        self.parts = Gauge("citong_part", "1 while the part works", ["part"], registry=self.registry)
        self.mail = Gauge("citong_notices_late", "Notices due for more than ten minutes", registry=self.registry)

    async def metrics(self, request: Request) -> Response:
        """For callers inside the operator's network only; the others see nothing here."""
        if not _inside(request):
            return PlainTextResponse("Not found\n", 404)
        parts: Parts = request.app.state.parts
        self.lines.set(len(parts.lines))
        self.topics.set(parts.hub.topics)
        self.bell.set(parts.hub.bell.connected)
        found = await parts.watchdog.found()
        for part in found:
            self.parts.labels(part).set(part not in ill(found))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._ask()
        except (*database.GONE, OSError) as error:
            log.warning("figures without the database's", extra={"error": type(error).__name__})
        return Response(generate_latest(self.registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _ask(self) -> None:
        jobs = await queue.state()
        for state in ("queued", "picked", "parked"):
            self.jobs.labels(state).set(jobs[state])
        self.oldest.set(jobs["oldest"])
        self.mail.set((await connections.get("default").execute_query_dict(_LATE))[0]["late"])

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/readyz/here", here),
            Route("/metrics", self.metrics),
        ]


def _inside(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_private
    except ValueError:
        return False


class Measured:
    """ASGI middleware: counts and times requests by their route, never by their path."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self._app, self._figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = "500", time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            path = getattr(scope.get("route"), "path", "")
            self._figures.requests.labels(scope["method"], path, status).inc()
            self._figures.seconds.labels(scope["method"], path).observe(time.perf_counter() - began)
