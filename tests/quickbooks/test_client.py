from __future__ import annotations

import gzip
import json
import socket
import threading
from datetime import UTC, datetime

import pytest

from integrations.quickbooks import faults
from integrations.quickbooks.client import QuickBooksApi
from tests.quickbooks import samples

REALM = "9130357992221046"
ANSWERED = datetime(2026, 7, 4, 17, 11, 12, 345000, tzinfo=UTC)
TID = "1-00000000-aaaaaaaaaaaaaaaaaaaaaaaa"


@pytest.fixture
def calls():
    return []


@pytest.fixture
def api(intuit, calls):
    with QuickBooksApi(
        api_url=f"{intuit.url}/v3/",
        realm=REALM,
        access_token="token-1",
        on_call=calls.append,
        timeouts=(1.0, 0.2),
    ) as client:
        yield client


def test_a_query_travels_in_the_body_and_gives_exact_rows(intuit, api):
    rows = [samples.customer(Id="1"), samples.customer(Id="2")]
    intuit.reply(body=samples.page("Customer", rows))
    page = api.query("SELECT * FROM Customer WHERE DisplayName = 'Ann & Co'")
    assert (page.kind, page.time) == ("Customer", ANSWERED)
    assert page.records == [samples.encoded(row) for row in rows]
    (seen,) = intuit.seen
    assert (seen.method, seen.path) == ("POST", f"/v3/company/{REALM}/query")
    assert seen.params == {"minorversion": "75"}
    assert seen.body == b"SELECT * FROM Customer WHERE DisplayName = 'Ann & Co'"
    assert seen.headers["Content-Type"] == "application/text"
    assert seen.headers["Accept"] == "application/json"
    assert seen.headers["Authorization"] == "Bearer token-1"


def test_letters_beyond_ascii_say_how_they_are_written(intuit, api):
    intuit.always.body = samples.page("Customer", [])
    api.query("SELECT * FROM Customer WHERE DisplayName = 'Žofie'")
    assert intuit.seen[0].headers["Content-Type"] == "application/text; charset=utf-8"
    assert "Žofie".encode() in intuit.seen[0].body


def test_a_page_without_rows_is_empty(intuit, api):
    intuit.reply(body=samples.page("Invoice", []))
    page = api.query("select * from Invoice startposition 1")
    assert (page.kind, page.records) == ("Invoice", [])


def test_counters_before_the_rows_do_not_matter(intuit, api):
    intuit.reply(
        body=b'{"QueryResponse":{"startPosition":1,"totalCount":1,"Invoice":[{"Id":"1"}]},'
        b'"time":"2026-07-04T17:11:12Z"}'
    )
    assert api.query("SELECT * FROM Invoice").records == [b'{"Id":"1"}']


def test_a_count(intuit, api):
    intuit.reply(body=b'{"QueryResponse":{"totalCount":6},"time":"2026-07-04T17:11:12Z"}')
    assert api.count("SELECT COUNT(*) FROM Customer") == 6
    intuit.reply(body=b'{"QueryResponse":{},"time":"2026-07-04T17:11:12Z"}')
    with pytest.raises(faults.UnexpectedAnswer):
        api.count("SELECT COUNT(*) FROM Customer")


def test_no_cursor_moves_without_intuits_clock(intuit, api):
    intuit.reply(body=b'{"QueryResponse":{"Customer":[]}}')
    with pytest.raises(faults.UnexpectedAnswer):
        api.query("SELECT * FROM Customer")


CDC = {
    "CDCResponse": [
        {
            "QueryResponse": [
                {"Customer": [samples.customer()], "startPosition": 1, "maxResults": 1},
                {},
                {
                    "Invoice": [
                        samples.invoice(),
                        {"domain": "QBO", "status": "Deleted", "Id": "979"},
                    ],
                    "totalCount": 2,
                },
            ]
        }
    ],
    "time": "2026-07-04T10:11:12.345-07:00",
}


def test_one_call_reads_the_changes_of_all_kinds(intuit, api):
    intuit.reply(body=json.dumps(CDC).encode())
    changes = api.cdc(["Customer", "Item", "Invoice"], datetime(2026, 7, 4, 8, 0, 1, tzinfo=UTC))
    assert changes.time == ANSWERED
    assert {kind: len(rows) for kind, rows in changes.by_kind.items()} == {
        "Customer": 1,
        "Item": 0,
        "Invoice": 2,
    }
    assert changes.may_be_cut is False
    (seen,) = intuit.seen
    assert (seen.method, seen.path) == ("GET", f"/v3/company/{REALM}/cdc")
    assert seen.params["entities"] == "Customer,Item,Invoice"
    assert seen.params["changedSince"] == "2026-07-04T00:00:01-08:00"


def test_a_thousand_changes_may_be_cut(intuit, api):
    block = {"Customer": [{"Id": "1"}] * 600}, {"Item": [{"Id": "1"}] * 400}
    body = {"CDCResponse": [{"QueryResponse": list(block)}], "time": CDC["time"]}
    intuit.reply(body=json.dumps(body).encode())
    assert api.cdc(["Customer", "Item"], ANSWERED).may_be_cut is True


def test_a_fault_inside_the_changes_is_a_fault(intuit, api):
    inside = {"Fault": {"Error": [{"Message": "m", "code": "4002"}], "type": "ValidationFault"}}
    body = {"CDCResponse": [inside], "time": CDC["time"]}
    intuit.reply(body=json.dumps(body).encode())
    with pytest.raises(faults.UnreadablePage):
        api.cdc(["Customer"], ANSWERED)


def test_one_object(intuit, api):
    raw = samples.encoded(samples.invoice())
    intuit.reply(body=b'{"Invoice":%s,"time":"2026-07-04T10:11:12.345-07:00"}' % raw)
    assert api.read("Invoice", "266") == raw
    assert intuit.seen[0].path == f"/v3/company/{REALM}/invoice/266"


@pytest.mark.parametrize("wrong", ["../customer/1", "", "1?x=1", "1/pdf"])
def test_what_cannot_be_an_id_is_not_asked_for(intuit, api, wrong):
    with pytest.raises(faults.NotFound):
        api.read("Invoice", wrong)
    assert intuit.seen == []


@pytest.mark.parametrize("wrong", ["", "..", "1/2", "12 3", "١٢"])
def test_what_cannot_be_a_realm_is_refused(wrong):
    with pytest.raises(ValueError, match="not a realm"):
        QuickBooksApi(api_url="http://127.0.0.1:1/v3", realm=wrong, access_token="t")


def test_the_company_and_its_preferences(intuit, api):
    intuit.reply(body=b'{"CompanyInfo":{"Id":"1"},"time":"2026-07-04T10:11:12.345-07:00"}')
    intuit.reply(body=b'{"Preferences":{"Id":"1"},"time":"2026-07-04T10:11:12.345-07:00"}')
    assert api.company_info() == api.preferences() == b'{"Id":"1"}'
    assert [seen.path.removeprefix(f"/v3/company/{REALM}") for seen in intuit.seen] == [
        f"/companyinfo/{REALM}",
        "/preferences",
    ]


def test_r16_a_write_sends_exactly_these_bytes_under_its_request_id(intuit, api):
    body = b'{"Line": [ ],"Memo":"\xc5\xbd"}'
    intuit.reply(
        body=b'{"Invoice":{"Id":"9"},"time":"2026-07-04T10:11:12.345-07:00"}',
        headers={"intuit_tid": TID},
    )
    answer = api.write("invoice", body, "req-1", {"operation": "void"})
    (seen,) = intuit.seen
    assert (seen.method, seen.path, seen.body) == ("POST", f"/v3/company/{REALM}/invoice", body)
    assert seen.params == {"minorversion": "75", "requestid": "req-1", "operation": "void"}
    assert seen.headers["Content-Type"] == "application/json"
    assert (answer.status, answer.intuit_tid, answer.time) == (200, TID, ANSWERED)
    assert answer.object("Invoice") == b'{"Id":"9"}'
    with pytest.raises(faults.UnexpectedAnswer):
        answer.object("Customer")


def test_r16_a_write_without_an_answer_may_have_happened(intuit, api):
    intuit.reply(hang=True)
    with pytest.raises(faults.TimedOut) as caught:
        api.write("invoice", b"{}", "req-1")
    assert caught.value.outcome_unknown
    assert len(intuit.seen) == 1


@pytest.mark.parametrize("broken", [{"drop": True}, {"body": b'{"Inv', "announced": 500}])
def test_r16_a_line_that_breaks_after_sending_leaves_the_outcome_open(intuit, api, broken):
    intuit.reply(**broken)
    with pytest.raises(faults.TimedOut):
        api.write("invoice", b"{}", "req-1")
    assert len(intuit.seen) == 1


def test_r16_a_server_that_is_not_there_got_nothing(api):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}/v3"
        with (
            QuickBooksApi(api_url=closed, realm=REALM, access_token="t") as nowhere,
            pytest.raises(faults.Unreachable) as caught,
        ):
            nowhere.write("invoice", b"{}", "req-1")
    assert not caught.value.outcome_unknown


def test_no_text_of_a_failure_names_the_realm(intuit, api):
    intuit.reply(drop=True)
    with pytest.raises(faults.TimedOut) as caught:
        api.preferences()
    assert REALM not in f"{caught.value!r}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_faults_carry_status_and_trace_id(intuit, api):
    fault = {"Fault": {"Error": [{"Message": "m", "Detail": "d", "code": "5010"}], "type": "V"}}
    intuit.reply(400, json.dumps(fault).encode(), headers={"Intuit-Tid": TID})
    with pytest.raises(faults.StaleObject) as caught:
        api.write("invoice", b"{}", "req-1")
    assert (caught.value.code, caught.value.status, caught.value.intuit_tid) == ("5010", 400, TID)


def test_a_redirect_is_not_followed_with_the_token(intuit, api):
    intuit.reply(302, b"", headers={"Location": f"{intuit.url}/elsewhere"})
    with pytest.raises(faults.UnexpectedAnswer):
        api.preferences()
    assert len(intuit.seen) == 1


def test_cookies_are_not_kept(intuit, api):
    intuit.always.body = b'{"Preferences":{}}'
    intuit.always.headers = {"Set-Cookie": "a=b; Path=/"}
    api.preferences()
    api.preferences()
    assert "Cookie" not in intuit.seen[1].headers


def test_a_netrc_file_does_not_replace_the_token(intuit, api, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    intuit.always.body = b'{"Preferences":{}}'
    api.preferences()
    assert intuit.seen[0].headers["Authorization"] == "Bearer token-1"


def test_compressed_answers_are_read(intuit, api):
    body = gzip.compress(b'{"Preferences":{"Id":"1"}}')
    intuit.reply(body=body, headers={"Content-Encoding": "gzip"})
    assert api.preferences() == b'{"Id":"1"}'


def test_a_new_token_is_used_from_the_next_call_on(intuit, api):
    intuit.always.body = b'{"Preferences":{}}'
    api.use_token("token-2")
    api.preferences()
    assert intuit.seen[0].headers["Authorization"] == "Bearer token-2"


def test_r26_every_call_is_reported_without_realm_and_statement(intuit, api, calls):
    intuit.reply(body=samples.page("Item", []))
    intuit.reply(body=b'{"Invoice":{}}', headers={"intuit_tid": TID})
    intuit.reply(429, b"")
    intuit.reply(drop=True)
    api.query("SELECT * FROM Item WHERE Name = 'x'")
    api.write("invoice", b"{}", "req-1")
    with pytest.raises(faults.Throttled):
        api.read("Invoice", "5")
    with pytest.raises(faults.TimedOut):
        api.preferences()
    assert [(call.method, call.path, call.status, call.is_read) for call in calls] == [
        ("POST", "/query", 200, True),
        ("POST", "/invoice", 200, False),
        ("GET", "/invoice/5", 429, True),
        ("GET", "/preferences", 0, True),
    ]
    assert calls[1].intuit_tid == TID
    assert all(0 < call.ms < 2000 for call in calls)


def test_the_gate_is_asked_before_each_call_and_may_refuse_it(intuit):
    asked = []

    def gate(is_read):
        asked.append((len(intuit.seen), is_read))
        if len(asked) == 2:
            raise faults.Throttled

    intuit.always.body = b'{"Preferences":{}}'
    with QuickBooksApi(
        api_url=f"{intuit.url}/v3", realm=REALM, access_token="t", before_call=gate
    ) as api:
        api.preferences()
        with pytest.raises(faults.Throttled):
            api.preferences()
    assert asked == [(0, True), (1, True)]
    assert len(intuit.seen) == 1


def test_pages_may_be_fetched_by_several_threads(intuit, api):
    intuit.always.body = samples.page("Customer", [samples.customer()] * 50)
    pages = []
    threads = [
        threading.Thread(target=lambda: pages.append(api.query("SELECT * FROM Customer")))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(page.records) for page in pages] == [50] * 6


def test_answers_show_no_customer_data_in_their_repr(intuit, api):
    intuit.reply(body=samples.page("Customer", [samples.customer()]))
    assert "Okafor" not in repr(api.query("SELECT * FROM Customer"))
