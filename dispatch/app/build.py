"""The application: doors, live line, faces, health; their order is the order in which they are asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import api
from dispatch.api import calendars
from dispatch.app import parts
from dispatch.app.faces import Faces
from dispatch.app.health import Figures, Measured
from volunteer.api import apart, entries, http, notices, people, records, regions, sheets, signin, skills, socket
from volunteer.api.headers import Headers
from volunteer.api.lines import Limits
from volunteer.api.openapi import openapi as described
from volunteer.settings import Settings

MODULES: tuple[ModuleType, ...] = (signin, people, apart, notices, records, regions, skills, *api.MODULES, entries)


def build(
    settings: Settings, *, worker: bool = True, limits: Limits | None = None, web: Path | None = None
) -> Starlette:
    """The application; its lifespan opens the database, brings the schema up to date, and starts hub, clock and (with
    ``worker``) a worker of the queue. ``web``: the folder of the built faces, else where they usually lie."""
    figures = Figures()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with parts.running(settings, worker=worker, limits=limits) as running:
            app.state.parts, app.state.hub, app.state.lines = running, running.hub, running.lines
            yield

    app = Starlette(
        routes=_routes(figures, Faces(web)),
        exception_handlers={HTTPException: http.unanswered},
        lifespan=lifespan,
        middleware=[
            Middleware(Measured, figures=figures),
            Middleware(Headers, public_url=settings.public_url),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
        ],
    )
    app.router.redirect_slashes = False
    app.state.settings = settings
    return app


def _routes(figures: Figures, faces: Faces) -> list[BaseRoute]:
    async def described_here(_: Request) -> Response:
        return JSONResponse(openapi(), headers={"Cache-Control": "no-cache"})

    return [
        *http.routes(list(MODULES)),
        Route("/api/openapi.json", described_here),
        calendars.route,
        sheets.route,
        socket.route,
        *figures.routes(),
        *faces.routes(),
    ]


def openapi() -> dict[str, Any]:
    """The interface as OpenAPI 3.1."""
    return described(list(MODULES))
