"""Grants and tokens: issued, rotated, revoked (facts 1.3, 1.4)."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Any

from integrations.emulator.emulator import Emulator
from integrations.emulator.jsontext import Json

ACCESS_SECONDS = 3600
HOUR = 3600


class OAuthError(Exception):
    def __init__(self, error: str, status: int = 400, description: str = "") -> None:
        super().__init__(error)
        self.body = {"error": error} | ({"error_description": description} if description else {})
        self.status = status


def invalid_grant(emulator: Emulator) -> OAuthError:
    described = emulator.switches["invalid_grant_description"]
    return OAuthError("invalid_grant", 400, "" if described == "none" else described)


def new_code(emulator: Emulator, realm: str, redirect_uri: str, scope: str) -> str:
    """Consent given: a code that is good once."""
    code = "AB11" + secrets.token_urlsafe(33)
    emulator.store.run(
        "insert into code values (?,?,?,?,?,null)",
        (code, realm, redirect_uri, scope, emulator.clock.seconds()),
    )
    return code


def exchange_code(emulator: Emulator, code: str, redirect_uri: str) -> tuple[int, str]:
    """(grant, access token). Raises OAuthError; a second use may kill the first's tokens."""
    row = emulator.store.row("select * from code where code=?", (code,))
    if row is None:
        raise invalid_grant(emulator)
    if row["grant_id"] is not None:
        if emulator.switches["code_reuse_kills_tokens"]:
            revoke_grant(emulator, row["grant_id"])
        raise invalid_grant(emulator)
    now = emulator.clock.seconds()
    lasts = emulator.switches["code_seconds"]
    if redirect_uri != row["redirect_uri"] or now > row["issued"] + lasts:
        raise invalid_grant(emulator)
    grant: int = emulator.store.value(
        "insert into grant_ (realm, scope, refresh_token, refresh_since, refreshed, first_issued) "
        "values (?,?,?,?,?,?) returning id",
        (row["realm"], row["scope"], _refresh_value(), now, now, now),
    )
    emulator.store.run("update code set grant_id=? where code=?", (grant, code))
    return grant, issue_access(emulator, grant)


def refresh(emulator: Emulator, token: str) -> tuple[int, str]:
    """(grant, access token). The refresh token's value moves on after a day of the clock."""
    now = emulator.clock.seconds()
    row = _grant_of_refresh(emulator, token)
    if row is None or row["revoked"] is not None or now > _refresh_expires(emulator, row):
        raise invalid_grant(emulator)
    value, since = row["refresh_token"], row["refresh_since"]
    if now - since >= emulator.switches["rotate_hours"] * HOUR:
        emulator.store.run("insert into old_refresh_token values (?,?,?)", (value, row["id"], now))
        value, since = _refresh_value(), now
    emulator.store.run(
        "update grant_ set refresh_token=?, refresh_since=?, refreshed=? where id=?",
        (value, since, now, row["id"]),
    )
    return row["id"], issue_access(emulator, row["id"])


def _grant_of_refresh(emulator: Emulator, token: str) -> sqlite3.Row | None:
    store = emulator.store
    row = store.row("select * from grant_ where refresh_token=?", (token,))
    if row is not None:
        return row
    old = store.row("select * from old_refresh_token where token=?", (token,))
    if old is None:
        return None
    grace = emulator.switches["old_refresh_token_grace_hours"] * HOUR
    if emulator.clock.seconds() < old["replaced"] + grace:
        return store.row("select * from grant_ where id=?", (old["grant_id"],))
    if emulator.switches["concurrent_refresh_kills"]:
        revoke_grant(emulator, old["grant_id"])
    return None


def _hard_end(emulator: Emulator, row: sqlite3.Row) -> float:
    return float(row["first_issued"]) + float(emulator.switches["hard_expiry_days"]) * 86400


def _refresh_expires(emulator: Emulator, row: sqlite3.Row) -> float:
    rolling = float(row["refreshed"]) + float(emulator.switches["refresh_expiry_seconds"])
    return min(rolling, _hard_end(emulator, row))


def issue_access(emulator: Emulator, grant: int) -> str:
    token = "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0.." + secrets.token_urlsafe(600)
    emulator.store.run(
        "insert into access_token values (?,?,?)",
        (token, grant, emulator.clock.seconds() + ACCESS_SECONDS),
    )
    return token


def token_answer(emulator: Emulator, grant: int, access: str, *, hard: bool) -> Json:
    """The 200 body; the hard expiry only on request (facts 1.3)."""
    row: Any = emulator.store.row("select * from grant_ where id=?", (grant,))
    now = emulator.clock.seconds()
    body = {
        "token_type": "bearer",
        "access_token": access,
        "refresh_token": row["refresh_token"],
        "expires_in": ACCESS_SECONDS,
        "x_refresh_token_expires_in": round(_refresh_expires(emulator, row) - now),
    }
    if hard:
        body["x_refresh_token_hard_expires_in"] = round(_hard_end(emulator, row) - now)
    return body


def revoke(emulator: Emulator, token: str) -> bool:
    """Either token ends the whole grant; False when there is nothing to end."""
    row = emulator.store.row(
        "select id, revoked from grant_ where refresh_token=? or id=("
        "select grant_id from access_token where token=?)",
        (token, token),
    )
    if row is None or row["revoked"] is not None:
        return False
    revoke_grant(emulator, row["id"])
    return True


def revoke_grant(emulator: Emulator, grant: int) -> None:
    emulator.store.run(
        "update grant_ set revoked=? where id=? and revoked is null",
        (emulator.clock.seconds(), grant),
    )


def disconnect(emulator: Emulator, realm: str) -> int:
    """A person disconnects the app inside QuickBooks; how many grants that ended."""
    return emulator.store.run(
        "update grant_ set revoked=? where realm=? and revoked is null",
        (emulator.clock.seconds(), realm),
    )


def connected_since(emulator: Emulator, realm: str) -> float | None:
    since: float | None = emulator.store.value(
        "select min(first_issued) from grant_ where realm=? and revoked is null", (realm,)
    )
    return since


def _refresh_value() -> str:
    return "RT1-" + secrets.token_urlsafe(36)
