"""The web application and the process that serves it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from uvicorn.protocols.http.h11_impl import H11Protocol

from integrations.emulator.control import api, company_settings, deep_links, pages, system_pages
from integrations.emulator.emulator import Emulator
from integrations.emulator.intuit import accounting, consent, oauth
from integrations.emulator.intuit.wire import Wire
from integrations.emulator.templating import HERE


class AbortableProtocol(H11Protocol):
    """Hands each request its transport, so that failure rules can drop the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def application(emulator: Emulator) -> Wire:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        deliveries = asyncio.create_task(emulator.events.run())
        yield
        deliveries.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await deliveries

    app = Starlette(
        lifespan=lifespan,
        routes=[
            *oauth.ROUTES,
            *consent.ROUTES,
            *accounting.ROUTES,
            *api.ROUTES,
            *company_settings.ROUTES,
            *pages.ROUTES,
            *system_pages.ROUTES,
            *deep_links.ROUTES,
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
    )
    app.state.emulator = emulator
    return Wire(app, emulator)


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one.

    The protocol is named because asyncio sets TCP_NODELAY only then.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


class AnnouncingServer(uvicorn.Server):
    """Prints one line when it answers, for whoever started the process."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            print(f"emulator ready {address}", flush=True)  # noqa: T201


def serve(emulator: Emulator, port: int, log_level: str = "warning", **options: Any) -> None:
    """Serve until interrupted."""
    logging.basicConfig(level=log_level.upper())
    config = uvicorn.Config(
        application(emulator),
        http=AbortableProtocol,
        log_level=log_level,
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
        **options,
    )
    AnnouncingServer(config).run([listen(port)])
