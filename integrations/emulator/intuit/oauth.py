"""Intuit's OAuth server: discovery, tokens, revocation, user information (facts 1)."""

from __future__ import annotations

import base64
import binascii
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.emulator.emulator import Emulator
from integrations.emulator.intuit import tokens
from integrations.emulator.jsontext import dumps

SCOPES = ["openid", "email", "profile", "address", "phone"]


def emulator_of(request: Request) -> Emulator:
    emulator: Emulator = request.app.state.emulator
    return emulator


async def discovery(request: Request) -> Response:
    base = str(request.base_url).rstrip("/")
    return JSONResponse(
        {
            "issuer": "https://oauth.platform.intuit.com/op/v1",
            "authorization_endpoint": f"{base}/connect/oauth2",
            "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
            "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
            "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
            "jwks_uri": f"{base}/op/v1/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": SCOPES,
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
        }
    )


def is_the_app(request: Request) -> bool:
    """Basic authentication only: client_secret_post is advertised and fails (facts 1.1)."""
    app = emulator_of(request).app
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return scheme.lower() == "basic" and pair == f"{app.client_id}:{app.client_secret}"


def oauth_json(body: object, status: int = 200) -> Response:
    return Response(
        dumps(body),
        status,
        headers={"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"},
        media_type="application/json;charset=utf-8",
    )


async def token(request: Request) -> Response:
    emulator = emulator_of(request)
    form = await request.form()
    if not is_the_app(request):
        return oauth_json({"error": "invalid_client"}, 401)
    hard = request.headers.get("x-include-refresh-token-hard-expires-in", "").lower() == "true"
    try:
        # No transaction: revoking after a misused code must outlive the refusal.
        if form.get("grant_type") == "authorization_code":
            grant, access = tokens.exchange_code(
                emulator, str(form.get("code", "")), str(form.get("redirect_uri", ""))
            )
        elif form.get("grant_type") == "refresh_token":
            grant, access = tokens.refresh(emulator, str(form.get("refresh_token", "")))
        else:
            raise tokens.OAuthError("unsupported_grant_type")
    except tokens.OAuthError as error:
        return oauth_json(error.body, error.status)
    return oauth_json(tokens.token_answer(emulator, grant, access, hard=hard))


async def revoke(request: Request) -> Response:
    """200 and nothing, or 400 and nothing (facts 1.4)."""
    if not is_the_app(request):
        return oauth_json({"error": "invalid_client"}, 401)
    try:
        given = json.loads(await request.body())
    except ValueError:
        given = dict(await request.form())
    value = str(given.get("token", "")) if isinstance(given, dict) else ""
    return Response(status_code=200 if tokens.revoke(emulator_of(request), value) else 400)


async def userinfo(request: Request) -> Response:
    emulator = emulator_of(request)
    value = request.headers.get("authorization", "").partition(" ")[2]
    row = emulator.store.row(
        "select scope from access_token join grant_ on grant_.id=grant_id where token=? "
        "and expires>? and revoked is null",
        (value, emulator.clock.seconds()),
    )
    if row is None or "openid" not in row["scope"].split():
        return oauth_json({"error": "invalid_token"}, 401)
    return oauth_json(
        {
            "sub": "5f6f7a0e-1d4b-4a52-9a57-1f0c6f9d2b11",
            "email": "robin@example.com",
            "emailVerified": True,
            "givenName": "Robin",
            "familyName": "Example",
        }
    )


async def jwks(request: Request) -> Response:
    return JSONResponse({"keys": []})


ROUTES = [
    *[
        Route(f"/.well-known/{name}{slash}", discovery)
        for name in (
            "openid_configuration",
            "openid_sandbox_configuration",
            "openid-sandbox-configuration",
        )
        for slash in ("", "/")
    ],
    Route("/oauth2/v1/tokens/bearer", token, methods=["POST"]),
    Route("/v2/oauth2/tokens/revoke", revoke, methods=["POST"]),
    Route("/v1/openid_connect/userinfo", userinfo),
    Route("/op/v1/jwks", jwks),
]
