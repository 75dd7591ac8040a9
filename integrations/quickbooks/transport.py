"""HTTP sessions for Intuit: time-outs always, no redirects, no cookies, failures told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.exceptions import ProxyError as PoolProxyError
from urllib3.exceptions import SSLError as PoolSSLError

from integrations.quickbooks import faults

Timeouts = tuple[float, float]
"""Seconds to connect, and seconds of silence while waiting for the answer."""

_POOL = 8
# What urllib3 reports when the request never left this machine.
_NEVER_SENT = (NewConnectionError, ConnectTimeoutError, PoolProxyError, PoolSSLError)

_NEVER_CONNECTED = (
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.SSLError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)


def prepare(
    session: requests.Session,
    authorize: Callable[[requests.PreparedRequest], requests.PreparedRequest],
) -> None:
    """Set a session up for one of Intuit's servers.

    `authorize` sees every request last; having one also keeps a .netrc file from putting its own
    password over our header.
    """
    session.auth = authorize
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = "crmsync"
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=_POOL, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)


def trace_id(headers: Mapping[str, str]) -> str:
    """Return Intuit's trace id of an answer, "" without one; both spellings were seen."""
    return headers.get("intuit_tid") or headers.get("intuit-tid") or ""


def as_fault(error: requests.RequestException) -> faults.QuickBooksError:
    """Return our exception for a failed request: Unreachable only if nothing can have arrived.

    Raise it `from None`: requests' own text quotes the address and with it the realm.
    """
    if isinstance(error, _NEVER_CONNECTED):
        return faults.Unreachable()
    if isinstance(error, requests.ConnectionError):
        cause = error.args[0] if error.args else None
        if isinstance(getattr(cause, "reason", None), _NEVER_SENT):
            return faults.Unreachable()
    return faults.TimedOut()
