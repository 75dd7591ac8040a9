"""Around every answer of the Intuit side: intuit_tid, the request log, failure rules."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integrations.emulator.intuit.staged_answers import staged_answer

if TYPE_CHECKING:
    from integrations.emulator.emulator import Emulator
    from integrations.emulator.failures import Failure

INTUIT_PATHS = re.compile(r"/(\.well-known|connect|oauth2|v1|v2|v3|op)/")
REALM = re.compile(r"/v3/company/(\d+)/")
TIMEOUT_SECONDS = 130.0  # facts 2.8: Intuit cuts after 120 s; a client gives up before


class Wire:
    def __init__(self, app: ASGIApp, emulator: Emulator) -> None:
        self.app = app
        self.emulator = emulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not INTUIT_PATHS.match(scope["path"]):
            await self.app(scope, receive, send)
            return
        started, resets = time.perf_counter(), self.emulator.resets
        at = self.emulator.clock.envelope()
        body = await _read_body(receive)

        def log() -> None:
            if self.emulator.resets == resets:
                self._log(scope, body, exchange.status, at, started)

        exchange = _Exchange(self.emulator, scope, body, send, log)
        target = scope["path"] + "?" + scope["query_string"].decode("latin-1")
        try:
            await exchange.run(self.app, self.emulator.failures.hit(scope["method"], target, body))
        finally:
            exchange.log_once()

    def _log(self, scope: Scope, body: bytes, status: int, at: str, started: float) -> None:
        realm = REALM.match(scope["path"])
        self.emulator.log.add(
            at=at,
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            status=status,
            ms=(time.perf_counter() - started) * 1000,
            body=_without_secrets(scope, body),
            realm=realm.group(1) if realm else "",
        )


class _Exchange:
    """One request; status 0 in the log means that no answer left."""

    def __init__(
        self,
        emulator: Emulator,
        scope: Scope,
        body: bytes,
        send: Send,
        log: Callable[[], None],
    ) -> None:
        self.emulator = emulator
        self._log: Callable[[], None] | None = log
        self.scope = scope
        self.body = body
        self.send = send
        self.status = 0

    def log_once(self) -> None:
        """Write the request down; before its line breaks, so that nobody sees one without it."""
        log, self._log = self._log, None
        if log is not None:
            log()

    async def run(self, app: ASGIApp, failure: Failure | None) -> None:
        if failure is None:
            await app(self.scope, self._receive, self._forward)
            return
        match failure.mode:
            case "slow":
                await asyncio.sleep(failure.seconds)
                await app(self.scope, self._receive, self._forward)
            case "reset_before":
                await self._reset()
            case "timeout_before":
                await asyncio.sleep(failure.seconds or TIMEOUT_SECONDS)
                await self._reset()
            case "truncate":
                await self._truncate(app)
            case "reset_after" | "timeout":  # the work is done, the answer is lost
                await app(self.scope, self._receive, _swallow)
                if failure.mode == "timeout":
                    await asyncio.sleep(failure.seconds or TIMEOUT_SECONDS)
                await self._reset()
            case _:
                response = staged_answer(self.emulator, failure, self.scope["path"])
                await response(self.scope, self._receive, self._forward)

    async def _receive(self) -> Message:
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def _forward(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", []), *_trace()]
        await self.send(message)

    async def _truncate(self, app: ASGIApp) -> None:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await app(self.scope, self._receive, hold)
        await self._forward(held[0])
        content = b"".join(message.get("body", b"") for message in held[1:])
        await self.send(
            {"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True}
        )
        await asyncio.sleep(0.01)
        await self._reset()

    async def _reset(self) -> None:
        """Drop the connection. The server puts the transport where we find it."""
        self.log_once()
        with contextlib.suppress(KeyError):
            self.scope["state"]["transport"].abort()
        await asyncio.sleep(0.01)  # let the loss of the connection be noticed


def _trace() -> list[tuple[bytes, bytes]]:
    """facts 1.3, 1.6, 2.1: on every answer."""
    tid = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return [
        (b"intuit_tid", tid.encode()),
        (b"x-spanid", secrets.token_hex(8).encode()),
        (b"x-amzn-trace-id", f"Root={tid}".encode()),
        (b"x-content-type-options", b"nosniff"),
    ]


async def _swallow(message: Message) -> None:
    """An answer that nobody gets."""


async def _read_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _without_secrets(scope: Scope, body: bytes) -> bytes:
    """Token calls are logged without what they carry."""
    if "/tokens/" not in scope["path"]:
        return body
    kind = re.search(rb"grant_type=\w+", body)
    return kind.group(0) if kind else b"(hidden)"
