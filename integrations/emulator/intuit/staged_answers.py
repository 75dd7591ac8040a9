"""The answers that failure rules give in place of the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from integrations.emulator.fault_codes import example
from integrations.emulator.intuit import error_bodies
from integrations.emulator.jsontext import dumps

if TYPE_CHECKING:
    from integrations.emulator.emulator import Emulator
    from integrations.emulator.failures import Failure


def staged_answer(emulator: Emulator, failure: Failure, path: str) -> Response:
    """The token endpoint refuses in OAuth's own words (facts 1.3), the API in a Fault's."""
    api = path.startswith("/v3/")
    match failure.mode:
        case "fault":
            return error_bodies.refusal(emulator, example(failure.code), failure.status)
        case "unauthorized" if api:
            return error_bodies.unauthorized(emulator, "Token expired: (failure rule)")
        case "unauthorized":
            refused = dumps({"error": "invalid_client"})
            return Response(refused, 401, media_type="application/json;charset=utf-8")
        case "forbidden":
            return error_bodies.forbidden(emulator, failure.code or "3100")
        case "throttle" if api:
            return error_bodies.throttled(emulator, failure.retry_after)
        case "throttle":
            return Response(None, 429, _retry_after(failure))
        case "bad_gateway":
            return error_bodies.bad_gateway()
        case "gateway_timeout":
            return error_bodies.gateway_timeout()
        case _:
            return Response(
                failure.body,
                failure.status or 500,
                _retry_after(failure),
                media_type=failure.content_type,
            )


def _retry_after(failure: Failure) -> dict[str, str]:
    return {"Retry-After": str(failure.retry_after)} if failure.retry_after else {}
