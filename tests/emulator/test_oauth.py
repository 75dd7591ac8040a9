"""Intuit's OAuth server (facts 1)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.emulator.conftest import CALLBACK, SECRET

ASK = {
    "client_id": "emulator",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "com.intuit.quickbooks.accounting",
    "state": "s&1",
}


@pytest.mark.parametrize(
    "name", ["openid_configuration", "openid_configuration/", "openid_sandbox_configuration/"]
)
def test_facts_1_1_discovery_answers_with_and_without_a_slash(control, name):
    body = control.session.get(f"{control.url}/.well-known/{name}", timeout=5).json()
    assert body["token_endpoint"] == f"{control.url}/oauth2/v1/tokens/bearer"
    assert body["claims_supported"] == ["aud", "exp", "iat", "iss", "realmid", "sub"]


def decide(control, realm, decision, **changes):
    answer = control.session.post(
        f"{control.url}/connect/oauth2",
        timeout=5,
        allow_redirects=False,
        data={**ASK, "realm": realm, "decision": decision, **changes},
    )
    assert answer.status_code == 302
    return {
        key: values[0]
        for key, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
    }


def test_facts_1_2_connect_comes_back_with_code_state_and_realm(control):
    realm = control.company("Blue Door")
    page = control.session.get(f"{control.url}/connect/oauth2", params=ASK, timeout=5).text
    assert "Blue Door" in page
    assert "QuickBooks emulator" in page
    back = decide(control, realm, "connect")
    assert (back["state"], back["realmId"]) == ("s&1", realm)
    assert control.exchange(back["code"]).status_code == 200


def test_facts_1_2_cancel_comes_back_with_access_denied_and_nothing_else(control):
    back = decide(control, control.company(), "cancel")
    assert back == {"error": "access_denied", "state": "s&1"}


def test_facts_1_2_an_unknown_scope_is_invalid(control):
    assert decide(control, control.company(), "connect", scope="bogus") == {
        "error": "invalid_scope",
        "state": "s&1",
    }


@pytest.mark.parametrize(
    "wrong", [{"client_id": "other"}, {"redirect_uri": ""}, {"redirect_uri": "javascript:alert(1)"}]
)
def test_facts_1_2_nobody_is_sent_back_for_a_wrong_app(control, wrong):
    answer = control.session.get(
        f"{control.url}/connect/oauth2", params={**ASK, **wrong}, timeout=5, allow_redirects=False
    )
    assert answer.status_code == 400


def test_facts_1_3_tokens_have_the_recorded_keys(control):
    answer = control.exchange(control.code(control.company()))
    body = answer.json()
    assert set(body) == {
        "token_type",
        "access_token",
        "refresh_token",
        "expires_in",
        "x_refresh_token_expires_in",
    }
    assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)
    assert body["x_refresh_token_expires_in"] == 8726400
    assert answer.headers["intuit_tid"].startswith("1-")


def test_facts_1_3_the_hard_expiry_comes_on_request(control):
    answer = control.exchange(
        control.code(control.company()), headers={"x-include-refresh-token-hard-expires-in": "true"}
    )
    assert answer.json()["x_refresh_token_hard_expires_in"] == 157680000


def test_facts_1_3_error_bodies(control):
    refused = control.refresh("nonsense")
    assert (refused.status_code, refused.text) == (400, '{"error":"invalid_grant"}')
    assert len(refused.content) == 25
    wrong = control.refresh("x", auth=("emulator", "wrong"))
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})


def test_facts_1_3_the_value_rotates_after_a_day_and_the_old_one_is_dead(control):
    first = control.exchange(control.code(control.company())).json()["refresh_token"]
    control.advance(hours=23)
    assert control.refresh(first).json()["refresh_token"] == first
    control.advance(hours=2)
    second = control.refresh(first).json()["refresh_token"]
    assert second != first
    assert control.refresh(first).status_code == 400
    assert control.refresh(second).status_code == 200


def test_facts_1_3_the_old_value_may_have_grace(control):
    control.switch(old_refresh_token_grace_hours=24)
    first = control.exchange(control.code(control.company())).json()["refresh_token"]
    control.advance(hours=25)
    second = control.refresh(first).json()["refresh_token"]
    assert control.refresh(first).json()["refresh_token"] == second
    control.advance(hours=25)
    assert control.refresh(first).status_code == 400


def test_facts_1_3_a_concurrent_refresh_may_kill_the_connection(control):
    control.switch(concurrent_refresh_kills=True)
    first = control.exchange(control.code(control.company())).json()["refresh_token"]
    control.advance(days=2)
    second = control.refresh(first).json()["refresh_token"]
    assert control.refresh(first).status_code == 400
    assert control.refresh(second).status_code == 400


def test_facts_1_3_an_idle_refresh_token_dies_after_its_days(control):
    token = control.exchange(control.code(control.company())).json()["refresh_token"]
    control.advance(days=102)
    assert control.refresh(token).status_code == 400


def test_facts_1_3_the_hard_cap_wins_over_rolling(control):
    control.switch(hard_expiry_days=10)
    tokens = control.exchange(control.code(control.company())).json()
    assert tokens["x_refresh_token_expires_in"] == 864000
    control.advance(days=9)
    assert control.refresh(tokens["refresh_token"]).status_code == 200
    token = control.refresh(tokens["refresh_token"]).json()
    control.advance(days=2)
    assert control.refresh(token.get("refresh_token", "")).status_code == 400


@pytest.mark.parametrize("kills", [True, False])
def test_facts_1_2_a_code_is_good_once(control, kills):
    control.switch(code_reuse_kills_tokens=kills)
    code = control.code(control.company())
    tokens = control.exchange(code).json()
    assert control.exchange(code).json() == {"error": "invalid_grant"}
    assert control.refresh(tokens["refresh_token"]).ok is not kills


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_facts_1_4_revoking_either_token_ends_both(control, books, which):
    def revoke():
        return control.session.post(
            f"{control.url}/v2/oauth2/tokens/revoke",
            auth=SECRET,
            json={"token": books.tokens[which]},
            timeout=5,
        )

    done = revoke()
    assert (done.status_code, done.content) == (200, b"")
    assert control.refresh(books.tokens["refresh_token"]).status_code == 400
    assert books.call("GET", "preferences").status_code == 401
    again = revoke()
    assert (again.status_code, again.content) == (400, b"")


def test_facts_1_5_userinfo_needs_openid(control, books):
    headers = {"Authorization": f"Bearer {books.tokens['access_token']}"}
    address = f"{control.url}/v1/openid_connect/userinfo"
    assert control.session.get(address, headers=headers, timeout=5).status_code == 401
    code = control.post(
        "grants",
        {
            "realm": books.realm,
            "redirect_uri": CALLBACK,
            "scope": "openid com.intuit.quickbooks.accounting",
        },
    )["code"]
    token = control.exchange(code).json()["access_token"]
    body = control.session.get(
        address, headers={"Authorization": f"Bearer {token}"}, timeout=5
    ).json()
    assert body["emailVerified"] is True


def test_facts_2_6_expired_tokens_get_the_lower_case_401(control, books):
    control.advance(hours=1)
    answer = books.call("GET", "preferences")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    body = answer.json()
    assert body["fault"]["type"] == "AUTHENTICATION"
    error = body["fault"]["error"][0]
    assert error["code"] == "3200"
    assert error["detail"].startswith("Token expired: ")
    assert isinstance(body["time"], int)


def test_facts_2_6_another_company_is_403_3100(control, books):
    books.realm = control.company("Other")
    answer = books.call("GET", "preferences")
    assert answer.status_code == 403
    assert answer.json()["fault"]["error"][0]["code"] == "3100"
    assert answer.json()["fault"]["type"] == "SERVICE"


def test_facts_1_7_disconnecting_inside_quickbooks_kills_the_tokens(control, books):
    control.post(f"{books.realm}/disconnect")
    assert books.call("GET", "preferences").status_code == 401
    assert control.refresh(books.tokens["refresh_token"]).json() == {"error": "invalid_grant"}
    assert control.get("companies")[0]["connected"] is False


def test_facts_1_2_redirect_uri_equals_a_registered_one(control):
    realm = control.company()
    control.post("redirects", {"redirect_uris": [CALLBACK]})
    assert control.get("redirects") == {"redirect_uris": [CALLBACK]}
    assert control.code(realm)
    for address, status in ((CALLBACK, 200), (f"{CALLBACK}?more", 400), (f"{CALLBACK}more", 400)):
        asked = {**ASK, "redirect_uri": address}
        page = control.session.get(f"{control.url}/connect/oauth2", params=asked, timeout=5)
        assert page.status_code == status
    control.post("redirects", {"redirect_uris": ["https://crm.example/"]})
    control.post("grants", {"realm": realm, "redirect_uri": CALLBACK}, status=400)
    control.reset()
    assert control.get("redirects") == {"redirect_uris": []}
