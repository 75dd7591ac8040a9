"""OAuth 2.0 with Intuit: the consent address, tokens for a code, fresh tokens, revocation.

Nothing here remembers a token. One refresh at a time, and keeping the new refresh token before
the access token is used, are the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec
import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes

from integrations.quickbooks import answers, discovery, faults, transport

_TIMEOUTS: transport.Timeouts = (5.0, 30.0)


@dataclass(frozen=True, slots=True)
class IntuitApp:
    """The app as registered with Intuit, and where Intuit is."""

    client_id: str
    client_secret: str = field(repr=False)
    discovery_url: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Intuit gave. The lifetimes are seconds from now; `hard_expires_in` is the end of the
    five years that no refresh prolongs, None if Intuit did not say."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int
    hard_expires_in: int | None


class _TokenAnswer(msgspec.Struct):
    access_token: str
    refresh_token: str
    expires_in: int
    x_refresh_token_expires_in: int
    x_refresh_token_hard_expires_in: int | None = None


class _ErrorAnswer(msgspec.Struct):
    error: str = ""
    error_description: str | None = None


class _Answered(Exception):
    """Carries an answer past the library's reading of it.

    The library would set every key of the body as an attribute of the client and check an
    id_token nobody asked for, failing over either after the refresh token was already spent.
    """

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self.response = response


class _Client(AuthClient):  # type: ignore[misc]
    """intuitlib's requests without its GET per construction, with time-outs; each ends in
    `_Answered` or in requests' own exception."""

    def __init__(self, app: IntuitApp) -> None:
        requests.Session.__init__(self)
        transport.prepare(self, lambda request: request)
        self.headers["x-include-refresh-token-hard-expires-in"] = "true"
        found = discovery.endpoints(app.discovery_url)
        self.client_id = app.client_id
        self.client_secret = app.client_secret
        self.redirect_uri = app.redirect_uri
        self.auth_endpoint = found.authorization_endpoint
        self.token_endpoint = found.token_endpoint
        self.revoke_endpoint = found.revocation_endpoint
        self.state_token = self.realm_id = self.refresh_token = self.access_token = None

    def request(self, method: str, url: str, **options: Any) -> NoReturn:
        options |= {"timeout": _TIMEOUTS, "allow_redirects": False}
        raise _Answered(super().request(method, url, **options))


def authorization_url(app: IntuitApp, state: str) -> str:
    """Return where to send the browser for the consent to the accounting scope.

    Raises the faults of `discovery.endpoints` if Intuit was never reached before.
    """
    with _Client(app) as client:
        return str(client.get_authorization_url([Scopes.ACCOUNTING], state_token=state))


def exchange(app: IntuitApp, code: str) -> Tokens:
    """Return the tokens for a code, which can be exchanged once only.

    Raises ReconnectNeeded for a code that is used up or old, BadClientKeys, or a Transient.
    """
    with _Client(app) as client:
        return _tokens(lambda: client.get_bearer_token(code))


def refresh(app: IntuitApp, refresh_token: str) -> Tokens:
    """Return fresh tokens; the refresh token may be another one now.

    Raises ReconnectNeeded only for Intuit's own invalid_grant, BadClientKeys, or a Transient,
    after which the token may have been spent all the same.
    """
    with _Client(app) as client:
        return _tokens(lambda: client.refresh(refresh_token))


def revoke(app: IntuitApp, token: str) -> None:
    """End the connection at Intuit: both tokens die. 400 means that they were dead already.

    Raises BadClientKeys or a Transient.
    """
    with _Client(app) as client:
        response = _answer(lambda: client.revoke(token))
        error = _error_of(response)
        if response.status_code != 200 and (
            response.status_code != 400 or error.error == "invalid_client"
        ):
            raise _fault_of(response, error)


def _tokens(call: Callable[[], object]) -> Tokens:
    response = _answer(call)
    if response.status_code != 200:
        raise _fault_of(response, _error_of(response))
    try:
        told = msgspec.json.decode(response.content, type=_TokenAnswer, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _fault_of(response, _error_of(response)) from None
    return Tokens(
        access_token=told.access_token,
        refresh_token=told.refresh_token,
        expires_in=told.expires_in,
        refresh_expires_in=told.x_refresh_token_expires_in,
        hard_expires_in=told.x_refresh_token_hard_expires_in,
    )


def _answer(call: Callable[[], object]) -> requests.Response:
    """Make one of the library's requests and return the HTTP answer."""
    try:
        call()
    except _Answered as answered:
        return answered.response
    except requests.RequestException as exc:
        raise transport.as_fault(exc) from None
    raise faults.UnexpectedAnswer


def _error_of(response: requests.Response) -> _ErrorAnswer:
    try:
        return msgspec.json.decode(response.content, type=_ErrorAnswer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _ErrorAnswer()


def _fault_of(response: requests.Response, error: _ErrorAnswer) -> faults.QuickBooksError:
    status = response.status_code
    tid = transport.trace_id(response.headers)
    about = error.error_description or ""
    if status == 429:
        wait = answers.retry_after(response.headers.get("Retry-After"))
        return faults.Throttled(retry_after=wait, status=status, intuit_tid=tid)
    kind: type[faults.QuickBooksError] = faults.UnexpectedAnswer
    if status >= 500:
        kind = faults.ServerTrouble
    elif status == 408:
        kind = faults.TimedOut
    elif error.error == "invalid_grant":
        kind = faults.ReconnectNeeded
    elif error.error == "invalid_client":
        kind = faults.BadClientKeys
    code = error.error if error.error.isidentifier() else ""
    return kind(code=code, status=status, intuit_tid=tid, detail=about)
