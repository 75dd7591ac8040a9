"""Who may call the accounting API: bearer tokens, and the answers when not (facts 2.6)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from integrations.emulator.emulator import Emulator
from integrations.emulator.jsontext import dumps


class Refused(Exception):
    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def check_access(emulator: Emulator, authorization: str, realm: str) -> None:
    """Raises Refused with 401 for the token and 403 for the company."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 10 < len(token) < 4096:
        raise Refused(unauthorized(emulator, "Malformed bearer token: too short or too long"))
    row = emulator.store.row(
        "select expires, realm, scope, revoked from access_token join grant_ "
        "on grant_.id = grant_id where token=?",
        (token,),
    )
    if row is None:
        raise Refused(unauthorized(emulator, f"Invalid token: {token}"))
    if row["revoked"] is not None:
        raise Refused(unauthorized(emulator, f"Token revoked: {token}"))
    if row["expires"] <= emulator.clock.seconds():
        raise Refused(unauthorized(emulator, f"Token expired: {token}"))  # it quotes the token
    if row["realm"] != realm or "accounting" not in row["scope"]:
        raise Refused(forbidden(emulator))


def unauthorized(emulator: Emulator, detail: str) -> Response:
    body = _envelope(
        emulator,
        "message=AuthenticationFailed; errorCode=003200; statusCode=401",
        detail,
        "3200",
        "AUTHENTICATION",
    )
    return Response(
        body,
        401,
        {"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'},
        media_type="application/json",
    )


def forbidden(emulator: Emulator) -> Response:
    body = _envelope(
        emulator,
        "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
        None,
        "3100",
        "SERVICE",
    )
    return Response(body, 403, media_type="application/json")


def throttled(emulator: Emulator, retry_after: int = 0) -> Response:
    """XML even though JSON was asked for (facts 2.6)."""
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<IntuitResponse time="{emulator.clock.envelope()}" '
        'xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001">'
        "<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>"
        "<Detail>The request limit was reached.  Try again later</Detail></Error></Fault>"
        "</IntuitResponse>"
    )
    headers = {}
    if retry_after or emulator.switches["retry_after"]:
        headers["Retry-After"] = str(retry_after or 60)
    return Response(text, 429, headers, media_type="application/xml")


def _envelope(emulator: Emulator, message: str, detail: str | None, code: str, kind: str) -> str:
    # shape 3: lower-case keys, and a time in milliseconds that is a number.
    error: dict[str, Any] = {"message": message, "detail": detail, "code": code, "element": None}
    return dumps(
        {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": kind},
            "report": None,
            "queryResponse": None,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": None,
            "requestId": None,
            "time": int(emulator.clock.seconds() * 1000),
            "status": None,
            "cdcresponse": [],
        }
    )
