"""Intuit's discovery document, fetched once a day and not once per call."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

import msgspec
import requests

from integrations.quickbooks import faults, transport

MAX_AGE: Final = 24 * 3600.0
"""Seconds a document is used before it is fetched anew."""

_TIMEOUTS: transport.Timeouts = (5.0, 15.0)
# After a failed renewal the old document serves this long before the next try.
_GRACE = 300.0


class Endpoints(msgspec.Struct, frozen=True):
    """The three addresses we use. Others in the document are ignored."""

    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str


@dataclass(slots=True)
class _Kept:
    endpoints: Endpoints
    until: float


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def endpoints(discovery_url: str) -> Endpoints:
    """Return the addresses of the document at this URL, from memory while it is fresh.

    An old document goes on serving while Intuit's portal is away. Raises Unreachable, TimedOut,
    ServerTrouble or UnexpectedAnswer only if there never was one.
    """
    kept = _kept.get(discovery_url)
    if kept is not None and time.monotonic() < kept.until:
        return kept.endpoints
    try:
        fresh = _fetch(discovery_url)
    except faults.QuickBooksError:
        if kept is None:
            raise
        with _lock:
            kept.until = time.monotonic() + _GRACE
        return kept.endpoints
    with _lock:
        _kept[discovery_url] = _Kept(fresh, time.monotonic() + MAX_AGE)
    return fresh


def forget() -> None:
    """Drop what is in memory, for tests that move the server."""
    with _lock:
        _kept.clear()


def _fetch(discovery_url: str) -> Endpoints:
    try:
        response = requests.get(
            discovery_url, headers={"Accept": "application/json"}, timeout=_TIMEOUTS
        )
    except requests.RequestException as exc:
        raise transport.as_fault(exc) from None
    status = response.status_code
    if status == 429:
        raise faults.Throttled(status=status)
    if status >= 500:
        raise faults.ServerTrouble(status=status)
    try:
        found = msgspec.json.decode(response.content, type=Endpoints)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise faults.UnexpectedAnswer(status=status) from None
    if status != 200 or not all(map(_is_address, msgspec.structs.astuple(found))):
        raise faults.UnexpectedAnswer(status=status)
    return found


def _is_address(url: str) -> bool:
    return url.startswith(("https://", "http://"))
