"""Who may call the accounting API: bearer tokens, and the answers when not (facts 2.6)."""

from __future__ import annotations

from starlette.responses import Response

from integrations.emulator.emulator import Emulator
from integrations.emulator.intuit.error_bodies import forbidden, throttled, unauthorized


class Refused(Exception):
    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def check_access(emulator: Emulator, authorization: str, realm: str) -> None:
    """Raises Refused: 401 for the token, 403 for the company, 429 for too many calls."""
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
        # facts 7.8: what it says after a disconnect is not known.
        raise Refused(unauthorized(emulator, f"{emulator.switches['revoked_detail']}: {token}"))
    if row["expires"] <= emulator.clock.seconds():
        raise Refused(unauthorized(emulator, f"Token expired: {token}"))  # it quotes the token
    if row["realm"] != realm or "accounting" not in row["scope"]:
        raise Refused(forbidden(emulator))
    if emulator.switches["subscription"] == "suspended":
        raise Refused(forbidden(emulator, "3202"))
    if emulator.switches["limits"] and not emulator.limits.allow(realm, emulator.clock.seconds()):
        raise Refused(throttled(emulator))
