"""Calling QuickBooks for a connection: a valid token, within the limits, metered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, TypeVar

from django.conf import settings
from django.utils import timezone

from integrations import attention, gate, tokens
from integrations.models import Cause, Connection
from integrations.quickbooks import faults
from integrations.quickbooks.client import CallReport, QuickBooksApi
from integrations.transactions import forbid_open_transaction

T = TypeVar("T")

_CONNECT_SECONDS: Final = 5.0


class NotAtHome(Exception):
    """A copy of the database on another address must not use the connection's tokens (R21)."""


class Session:
    """One connection's API while `open_api` lasts. Several threads may call through one session.

    `calls` counts the requests made, `reads` the metered ones among them.
    """

    def __init__(self, connection: Connection, *, background: bool) -> None:
        self.connection = connection
        self.calls = 0
        self.reads = 0
        self._background = background
        self._lock = threading.Lock()
        self._api = QuickBooksApi(
            api_url=settings.QUICKBOOKS_API_URL,
            realm=connection.realm,
            access_token=connection.access_token,
            before_call=self._before_call,
            on_call=self._on_call,
            timeouts=(_CONNECT_SECONDS, settings.QUICKBOOKS_ANSWER_SECONDS),
        )
        self._refused_before = attention.is_open(connection, Cause.LOST_RIGHTS)

    def call(self, fn: Callable[[QuickBooksApi], T]) -> T:
        """Return what `fn` returns for the API; after a 401 it is called once more.

        `fn` must therefore be repeatable: a read, or a write under its request id. Raises what
        the API raises, gate.BackingOff, and tokens.NotConnected once an admin disconnected.
        A Transient makes the whole connection back off before it propagates.
        """
        forbid_open_transaction()
        try:
            token = self._valid_token()
            try:
                result = fn(self._api)
            except faults.Unauthorized:
                self._replace(token)
                result = fn(self._api)
        except gate.BackingOff:
            raise
        except faults.Transient as exc:
            gate.back_off(self.connection.pk, gate.seconds_after(exc))
            raise
        except faults.Forbidden as exc:
            attention.open_item(self.connection, Cause.LOST_RIGHTS, facts={"code": exc.code})
            self._refused_before = True
            raise
        if self._refused_before:
            attention.close_item(self.connection, Cause.LOST_RIGHTS)
            self._refused_before = False
        return result

    def close(self) -> None:
        self._api.close()

    def _valid_token(self) -> str:
        """The token to call with; one that is about to end is exchanged before it is used."""
        with self._lock:
            token: str = self.connection.access_token
            ends = self.connection.access_expires_at
        return self._replace(token) if _ends_soon(ends) else token

    def _replace(self, token: str) -> str:
        with self._lock:
            current: str = self.connection.access_token
            # Else another thread of this session was faster.
            if current == token:
                current = tokens.refresh(self.connection, token)
                self._api.use_token(current)
            return current

    def _before_call(self, is_read: bool) -> None:
        gate.wait(self.connection.pk, self._background, is_read)

    def _on_call(self, report: CallReport) -> None:
        with self._lock:
            self.calls += 1
            self.reads += report.is_read


@contextmanager
def open_api(connection: Connection, *, background: bool = False) -> Iterator[Session]:
    """Open the API of a connection; background work leaves room for what a person waits for.

    The connection is as it was just read: older tokens cost a 401 and a look at the newer ones.
    Raises NotAtHome, tokens.NotConnected, or ReconnectNeeded before any call is made. Whether the
    connection is paused is the caller's question.
    """
    if connection.status == Connection.Status.DISCONNECTED:
        raise tokens.NotConnected
    if not connection.at_home:
        raise NotAtHome
    if connection.status == Connection.Status.RECONNECT_NEEDED:
        raise faults.ReconnectNeeded
    tokens.need_keys(connection)
    session = Session(connection, background=background)
    try:
        yield session
    finally:
        session.close()


def _ends_soon(ends: datetime | None) -> bool:
    return ends is None or ends - timezone.now() < tokens.AHEAD
