"""Failure rules, and every form in which Intuit refuses (facts 1.3, 2.1, 2.6)."""

from __future__ import annotations

import pytest
import requests

from integrations.emulator.fault_codes import EXAMPLES
from integrations.emulator.limits import Limits


def customers(books):
    return books.query("select count(*) from Customer")["totalCount"]


@pytest.mark.parametrize(
    ("rule", "status", "kept"),
    [
        ({"mode": "status", "status": 503, "body": "<html>"}, 503, 0),
        ({"mode": "throttle"}, 429, 0),
        ({"mode": "unauthorized"}, 401, 0),
        ({"mode": "slow", "seconds": 0.05}, 200, 1),
        ({"mode": "reset_before"}, None, 0),
        ({"mode": "reset_after"}, None, 1),
        ({"mode": "truncate"}, None, 1),
        ({"mode": "timeout", "seconds": 0.1}, None, 1),
        ({"mode": "timeout_before", "seconds": 0.1}, None, 0),
    ],
)
def test_failure_rules(control, books, rule, status, kept):
    control.post("failures", {"method": "POST", "path": "/customer", "nth": 1, **rule})
    if status is None:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            books.call("POST", "customer", {"DisplayName": "Once"})
    else:
        assert books.call("POST", "customer", {"DisplayName": "Once"}).status_code == status
    assert customers(books) == kept
    assert books.ok("POST", "customer", {"DisplayName": "Twice"})


def test_a_rule_can_hit_the_second_or_the_first_few(control, books):
    control.post("failures", {"mode": "status", "path": "/preferences", "nth": 2})
    control.post("failures", {"mode": "status", "path": "/companyinfo", "count": 2, "status": 502})
    assert [books.call("GET", "preferences").status_code for _ in range(3)] == [200, 500, 200]
    assert [books.call("GET", f"companyinfo/{books.realm}").status_code for _ in range(3)] == [
        502,
        502,
        200,
    ]
    control.post("failures", {"mode": "explode"}, status=400)
    control.post("failures", {"mode": "fault", "code": "1"}, status=400)
    control.session.delete(f"{control.url}/control/failures", timeout=5)
    assert control.get("failures") == []


def test_a_rule_can_begin_late_and_end_again(control, books):
    control.post("failures", {"mode": "status", "path": "/preferences", "nth": 2, "count": 2})
    answers = [books.call("GET", "preferences").status_code for _ in range(4)]
    assert answers == [200, 500, 500, 200]


def test_a_rule_can_look_into_the_body(control, books):
    control.post("failures", {"mode": "status", "status": 503, "containing": "Ada"})
    assert books.call("POST", "customer", {"DisplayName": "Bo"}).status_code == 200
    assert books.call("POST", "customer", {"DisplayName": "Ada"}).status_code == 503


@pytest.mark.parametrize("code", sorted(EXAMPLES, key=int))
def test_facts_2_6_every_code_can_be_had(control, books, code):
    control.post("failures", {"mode": "fault", "code": code, "path": "/preferences", "nth": 1})
    answer = books.call("GET", "preferences")
    fault = answer.json()["Fault"]
    assert (answer.status_code, fault["type"], fault["Error"][0]["code"]) == (
        EXAMPLES[code].status,
        EXAMPLES[code].kind,
        code,
    )
    assert isinstance(answer.json()["time"], str)


def test_facts_2_1_a_success_may_carry_a_fault(control, books):
    rule = {"mode": "fault", "code": "6240", "status": 200, "path": "/customer"}
    control.post("failures", rule)
    answer = books.call("POST", "customer", {"DisplayName": "Once"})
    assert answer.status_code == 200
    assert answer.json()["Fault"]["Error"][0]["code"] == "6240"
    assert customers(books) == 0


@pytest.mark.parametrize("code", ["3100", "3202"])
def test_facts_2_6_403_is_lower_case(control, books, code):
    control.post("failures", {"mode": "forbidden", "code": code})
    answer = books.call("GET", "preferences")
    fault = answer.json()["fault"]
    assert (answer.status_code, fault["type"], fault["error"][0]["code"]) == (403, "SERVICE", code)
    assert isinstance(answer.json()["time"], int)


@pytest.mark.parametrize(
    ("mode", "status", "kind", "words"),
    [
        ("bad_gateway", 502, "text/html", "<center>nginx</center>"),
        ("gateway_timeout", 504, "text/plain", "stream timeout"),
    ],
)
def test_facts_2_1_what_a_server_in_front_says(control, books, mode, status, kind, words):
    control.post("failures", {"mode": mode})
    answer = books.call("GET", "preferences")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, kind)
    assert words in answer.text


@pytest.mark.parametrize(
    ("form", "kind", "words"),
    [
        ("xml", "application/xml", "<?xml"),
        ("json", "application/json", '"code":"3001"'),
        ("empty", None, ""),
    ],
)
def test_facts_7_3_the_body_of_429_is_a_switch(control, books, form, kind, words):
    control.switch(throttle_body=form, retry_after=form == "json")
    control.post("failures", {"mode": "throttle"})
    answer = books.call("GET", "preferences")
    assert (answer.status_code, answer.headers.get("content-type")) == (429, kind)
    assert words in answer.text
    assert answer.headers.get("Retry-After") == ("60" if form == "json" else None)


def test_facts_1_3_the_token_endpoint_refuses_in_its_own_words(control, books):
    control.post("failures", {"mode": "throttle", "path": "/tokens/", "nth": 1})
    control.post("failures", {"mode": "unauthorized", "path": "/tokens/", "nth": 2})
    throttled = control.refresh(books.tokens["refresh_token"])
    assert (throttled.status_code, throttled.content) == (429, b"")
    refused = control.refresh(books.tokens["refresh_token"])
    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_client"})


def test_facts_2_8_limits_per_second_and_minute_follow_the_clock(control, books):
    control.switch(limits=True)
    answers = [books.call("GET", "preferences") for _ in range(12)]
    refused = answers[-1]
    assert refused.status_code == 429
    assert refused.text.startswith("<?xml")
    assert "errorCode=003001" in refused.text
    assert "Retry-After" not in refused.headers
    assert [answer.status_code for answer in answers].count(200) == 10
    control.advance(seconds=1)
    assert books.call("GET", "preferences").status_code == 200


def test_facts_2_8_500_a_minute_for_each_company():
    limits = Limits()
    calls = [limits.allow("1", float(second)) for second in range(50) for _ in range(10)]
    assert all(calls)
    assert not limits.allow("1", 59.0)
    assert limits.allow("2", 59.0)
    assert limits.allow("1", 60.0)


def test_facts_7_8_what_a_dead_token_hears(control, books):
    control.switch(revoked_detail="Token expired")
    control.post(f"{books.realm}/disconnect")
    error = books.call("GET", "preferences").json()["fault"]["error"][0]
    assert (error["code"], error["detail"][:15]) == ("3200", "Token expired: ")


def test_facts_7_8_a_suspended_company_refuses_everything(control, books):
    control.switch(subscription="suspended")
    for answer in (books.call("GET", "preferences"), books.call("POST", "customer", {})):
        assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (403, "3202")
