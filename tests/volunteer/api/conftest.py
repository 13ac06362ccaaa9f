"""Real doors, and a client that speaks to them in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from tests.volunteer.conftest import Person, Signed
from tests.waiting import eventually
from volunteer.api import http
from volunteer.api.headers import Headers
from volunteer.settings import Settings

__all__ = ["Person", "Signed", "application", "clients", "served", "speaking"]


def application(modules: list[ModuleType], settings: Settings) -> Starlette:
    app = Starlette(routes=http.routes(modules), exception_handlers={HTTPException: http.unanswered})
    app.add_middleware(Headers, public_url=settings.public_url)
    app.state.settings = settings
    return app


@asynccontextmanager
async def speaking(app: Any, **kwargs: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, **kwargs), base_url=app.state.settings.public_url
    ) as client:
        yield client


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[int]:
    """The application on a real server in this process; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
    running = asyncio.create_task(server._serve([listening]))
    await eventually(lambda: server.started)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await running


@pytest.fixture
def clients(settings: Settings) -> Callable[..., Any]:
    """``async with clients([module]) as client``: the doors of these modules."""

    def opened(modules: list[ModuleType], **kwargs: Any) -> Any:
        return speaking(application(modules, settings), **kwargs)

    return opened
