from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.quickbooks import discovery, faults, oauth

TOKENS = {
    "token_type": "bearer",
    "access_token": "eyJ-secret-access",
    "refresh_token": "RT1-secret-refresh",
    "expires_in": 3600,
    "x_refresh_token_expires_in": 8726400,
}
BASIC = "Basic " + base64.b64encode(b"client-7:hush-hush").decode()


def document(url):
    return json.dumps(
        {
            "issuer": "https://oauth.platform.intuit.example/op/v1",
            "authorization_endpoint": f"{url}/connect/oauth2",
            "token_endpoint": f"{url}/oauth2/v1/tokens/bearer",
            "userinfo_endpoint": f"{url}/v1/openid_connect/userinfo",
            "revocation_endpoint": f"{url}/v2/oauth2/tokens/revoke",
            "jwks_uri": f"{url}/op/v1/jwks",
            "claims_supported": ["realmid"],
        }
    ).encode()


@pytest.fixture
def app(intuit):
    """The app, with Intuit's document already known unless a test forgets it."""
    found = oauth.IntuitApp(
        client_id="client-7",
        client_secret="hush-hush",
        discovery_url=f"{intuit.url}/.well-known/openid_configuration",
        redirect_uri="https://crm.example/callback/",
    )
    intuit.reply(body=document(intuit.url))
    discovery.endpoints(found.discovery_url)
    intuit.seen.clear()
    return found


def form(seen):
    return {key: values[0] for key, values in parse_qs(seen.body.decode()).items()}


def test_r2_the_consent_address_carries_our_state_and_the_accounting_scope(intuit, app):
    url = urlsplit(oauth.authorization_url(app, "state-123"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{intuit.url}/connect/oauth2"
    assert parse_qs(url.query) == {
        "client_id": ["client-7"],
        "response_type": ["code"],
        "scope": ["com.intuit.quickbooks.accounting"],
        "redirect_uri": ["https://crm.example/callback/"],
        "state": ["state-123"],
    }


def test_the_document_is_fetched_once_and_not_per_call(intuit, app):
    discovery.forget()
    intuit.always.body = document(intuit.url)
    for _ in range(3):
        oauth.authorization_url(app, "s")
    assert [seen.path for seen in intuit.seen] == ["/.well-known/openid_configuration"]


def test_an_old_document_serves_while_the_portal_is_away(intuit, app, monkeypatch):
    monkeypatch.setattr(discovery, "MAX_AGE", -1.0)
    discovery.forget()
    intuit.reply(body=document(intuit.url))
    intuit.always.status = 503
    assert oauth.authorization_url(app, "s") == oauth.authorization_url(app, "s")
    assert len(intuit.seen) == 2
    oauth.authorization_url(app, "s")
    assert len(intuit.seen) == 2


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (503, b"", faults.ServerTrouble),
        (429, b"", faults.Throttled),
        (404, b"{}", faults.UnexpectedAnswer),
        (200, b"<html>", faults.UnexpectedAnswer),
        (200, document("ftp://elsewhere"), faults.UnexpectedAnswer),
        (404, document("http://127.0.0.1"), faults.UnexpectedAnswer),
    ],
)
def test_no_document_at_all_is_a_fault(intuit, app, status, body, expected):
    discovery.forget()
    intuit.reply(status, body)
    with pytest.raises(expected):
        oauth.authorization_url(app, "s")


def test_r2_a_code_is_exchanged_once(intuit, app):
    intuit.reply(body=json.dumps(TOKENS).encode())
    tokens = oauth.exchange(app, "code-1")
    assert (tokens.access_token, tokens.refresh_token) == (
        "eyJ-secret-access",
        "RT1-secret-refresh",
    )
    assert (tokens.expires_in, tokens.refresh_expires_in) == (3600, 8726400)
    assert tokens.hard_expires_in is None
    (seen,) = intuit.seen
    assert (seen.method, seen.path) == ("POST", "/oauth2/v1/tokens/bearer")
    assert form(seen) == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://crm.example/callback/",
    }
    assert seen.headers["Authorization"] == BASIC
    assert seen.headers["x-include-refresh-token-hard-expires-in"] == "true"


def test_a_refresh_gives_the_next_refresh_token_and_the_hard_end(intuit, app):
    body = TOKENS | {"refresh_token": "RT1-next", "x_refresh_token_hard_expires_in": 157680000}
    intuit.reply(body=json.dumps(body).encode())
    tokens = oauth.refresh(app, "RT1-old")
    assert (tokens.refresh_token, tokens.hard_expires_in) == ("RT1-next", 157680000)
    assert form(intuit.seen[0]) == {"grant_type": "refresh_token", "refresh_token": "RT1-old"}


def test_a_netrc_file_does_not_replace_the_apps_keys(intuit, app, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    intuit.reply(body=json.dumps(TOKENS).encode())
    oauth.refresh(app, "RT1-old")
    assert intuit.seen[0].headers["Authorization"] == BASIC


@pytest.mark.parametrize("extra", ["a.b.c", "e30.e30.e30", "", None, 5, "bm8=.bm8=.x"])
def test_an_id_token_nobody_asked_for_costs_no_tokens(intuit, app, extra):
    intuit.reply(body=json.dumps(TOKENS | {"id_token": extra}).encode())
    assert oauth.refresh(app, "RT1-old").refresh_token == "RT1-secret-refresh"
    assert len(intuit.seen) == 1


def test_keys_of_the_answer_do_not_reach_the_client(intuit, app):
    intuit.reply(body=json.dumps(TOKENS | {"close": "x", "token_endpoint": "y"}).encode())
    assert oauth.refresh(app, "RT1-old").access_token == "eyJ-secret-access"


INVALID_GRANT = b'{"error":"invalid_grant"}'


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, INVALID_GRANT, faults.ReconnectNeeded),
        (
            400,
            b'{"error":"invalid_grant","error_description":"Token invalid"}',
            faults.ReconnectNeeded,
        ),
        (401, b'{"error":"invalid_client"}', faults.BadClientKeys),
        (429, b"", faults.Throttled),
        (500, INVALID_GRANT, faults.ServerTrouble),
        (503, b"", faults.ServerTrouble),
        (408, b"", faults.TimedOut),
        (400, b"invalid_grant", faults.UnexpectedAnswer),
        (400, b"<html>invalid_grant</html>", faults.UnexpectedAnswer),
        (400, b'{"error":{"code":"invalid_grant"}}', faults.UnexpectedAnswer),
        (400, b"", faults.UnexpectedAnswer),
        (400, b'{"error":"invalid_request"}', faults.UnexpectedAnswer),
        (302, b"", faults.UnexpectedAnswer),
        (200, b"", faults.UnexpectedAnswer),
        (200, b"<html>", faults.UnexpectedAnswer),
        (200, b'{"access_token":"a"}', faults.UnexpectedAnswer),
        (200, b'["invalid_grant"]', faults.UnexpectedAnswer),
    ],
)
def test_r21_only_intuits_own_invalid_grant_means_reconnect(intuit, app, status, body, expected):
    for call in (oauth.refresh, oauth.exchange):
        intuit.reply(status, body, headers={"intuit_tid": "1-0-f"})
        with pytest.raises(faults.QuickBooksError) as caught:
            call(app, "RT1-secret-spent")
        assert type(caught.value) is expected
        assert (caught.value.status, caught.value.intuit_tid) == (status, "1-0-f")
        assert "RT1-secret" not in f"{caught.value!r} {caught.value.__cause__!r}"
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_throttled_refresh_tells_its_wait(intuit, app):
    intuit.reply(429, b"", headers={"Retry-After": "60"})
    with pytest.raises(faults.Throttled) as caught:
        oauth.refresh(app, "RT1-old")
    assert caught.value.retry_after == 60.0


def test_a_refresh_without_an_answer_may_have_spent_the_token(intuit, app):
    intuit.reply(drop=True)
    with pytest.raises(faults.TimedOut) as caught:
        oauth.refresh(app, "RT1-old")
    assert caught.value.outcome_unknown


def test_intuit_out_of_reach(intuit, app):
    intuit.stop()
    with pytest.raises(faults.Unreachable):
        oauth.refresh(app, "RT1-old")
    discovery.forget()
    with pytest.raises(faults.Unreachable):
        oauth.refresh(app, "RT1-old")


@pytest.mark.parametrize(
    ("status", "body"), [(200, b""), (400, b""), (400, INVALID_GRANT), (200, b"<html>")]
)
def test_r20_revoking_is_done_when_the_tokens_are_gone(intuit, app, status, body):
    intuit.reply(status, body)
    oauth.revoke(app, "RT1-old")
    (seen,) = intuit.seen
    assert (seen.path, json.loads(seen.body)) == (
        "/v2/oauth2/tokens/revoke",
        {"token": "RT1-old"},
    )
    assert seen.headers["Authorization"] == BASIC


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, b'{"error":"invalid_client"}', faults.BadClientKeys),
        (400, b'{"error":"invalid_client"}', faults.BadClientKeys),
        (503, b"", faults.ServerTrouble),
        (429, b"", faults.Throttled),
    ],
)
def test_r20_a_failed_revocation_is_told(intuit, app, status, body, expected):
    intuit.reply(status, body)
    with pytest.raises(expected):
        oauth.revoke(app, "RT1-old")


def test_no_secret_is_in_any_repr(intuit, app):
    intuit.reply(body=json.dumps(TOKENS).encode())
    shown = f"{app!r} {oauth.refresh(app, 'RT1-secret-old')!r}"
    assert "secret" not in shown.replace("client_secret", "")
    assert "hush" not in shown
