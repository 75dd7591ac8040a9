"""What Intuit answers instead of the work, in each of the forms it has been seen in (facts 2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from integrations.emulator.faults import Fault
from integrations.emulator.intuit.xmltext import as_xml
from integrations.emulator.jsontext import dumps

if TYPE_CHECKING:
    from integrations.emulator.emulator import Emulator

JSON = "application/json"


def fault_text(emulator: Emulator, fault: Fault) -> str:
    """Upper-case keys, and a time with milliseconds."""
    return dumps({"Fault": fault.body(), "time": emulator.clock.envelope()})


def refusal(emulator: Emulator, fault: Fault, status: int = 0) -> Response:
    """`status` 200 is the Fault that comes with HTTP 200 (facts 2.1)."""
    return Response(fault_text(emulator, fault), status or fault.status, media_type=JSON)


def unauthorized(emulator: Emulator, detail: str) -> Response:
    body = _lower_case(
        emulator,
        "message=AuthenticationFailed; errorCode=003200; statusCode=401",
        detail,
        "3200",
        "AUTHENTICATION",
    )
    headers = {"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'}
    return Response(body, 401, headers, media_type=JSON)


def forbidden(emulator: Emulator, code: str = "3100") -> Response:
    """3100: not this app's company; 3202: its subscription lapsed."""
    name = "ApplicationAuthorizationFailed" if code == "3100" else "SubscriptionSuspended"
    message = f"message={name}; errorCode=00{code}; statusCode=403"
    return Response(_lower_case(emulator, message, None, code, "SERVICE"), 403, media_type=JSON)


def throttled(emulator: Emulator, retry_after: int = 0) -> Response:
    """XML even though JSON was asked for; what it looks like today is not known (facts 7.3)."""
    headers = {}
    if retry_after or emulator.switches["retry_after"]:
        headers["Retry-After"] = str(retry_after or 60)
    message = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    detail = "The request limit was reached.  Try again later"
    form = emulator.switches["throttle_body"]
    if form == "empty":
        return Response(None, 429, headers)
    if form == "json":
        body = _lower_case(emulator, message, detail, "3001", "SERVICE")
        return Response(body, 429, headers, media_type=JSON)
    error = {"code": "3001", "Message": message, "Detail": detail}
    fault = {"type": "SERVICE", "Error": [error]}
    text = as_xml({"time": emulator.clock.envelope(), "Fault": fault})
    return Response(text, 429, headers, media_type="application/xml")


def bad_gateway() -> Response:
    """shape 9: the page of the server in front."""
    text = (
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
        "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
        "</body>\r\n</html>\r\n"
    )
    return Response(text, 502, media_type="text/html")


def gateway_timeout() -> Response:
    """facts 2.1: a few bare words."""
    return Response("stream timeout", 504, media_type="text/plain")


def _lower_case(emulator: Emulator, message: str, detail: str | None, code: str, kind: str) -> str:
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
