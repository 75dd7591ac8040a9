"""CDC, webhooks, merging and what a person does (facts 2.7, 3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

import pytest

from tests.emulator.conftest import sales_line

VERIFIER = "emulator-verifier"


@pytest.fixture
def receiver(control):
    """A webhook endpoint; `status` is what it answers next."""
    box = type("Box", (), {"deliveries": [], "status": 200})()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            box.deliveries.append((dict(self.headers.items()), body))
            self.send_response(box.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    control.post(
        "webhooks",
        {"url": f"http://127.0.0.1:{server.server_port}/hook", "verifier_token": VERIFIER},
    )
    yield box
    control.post("webhooks", {"url": ""})
    server.shutdown()
    thread.join()
    server.server_close()


def events(receiver, start=0):
    return [event for _, body in receiver.deliveries[start:] for event in json.loads(body)]


def test_facts_2_7_blocks_follow_the_entities_asked_for(books):
    customer = books.customer()
    invoice = books.invoice(customer)
    books.ok("POST", "invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation="delete")
    people, payments, invoices = books.cdc(entities="customer,Payment,Invoice")
    assert people["Customer"][0]["Id"] == customer["Id"]
    assert payments == {}
    stub = invoices["Invoice"][0]
    assert set(stub) == {"domain", "status", "Id", "MetaData"}  # shape 12
    assert set(stub["MetaData"]) == {"LastUpdatedTime"}
    assert "startPosition" not in invoices
    assert (invoices["maxResults"], invoices["totalCount"]) == (1, 1)


def test_facts_2_7_inactive_customers_come_whole(control, books):
    customer = books.customer()
    control.post(f"{books.realm}/Customer/{customer['Id']}/inactivate")
    assert books.cdc(entities="Customer")[0]["Customer"][0]["Active"] is False


@pytest.mark.parametrize(("inclusive", "count"), [(True, 1), (False, 0)])
def test_facts_7_2_the_boundary_is_a_switch(control, books, inclusive, count):
    control.switch(cdc_inclusive=inclusive)
    stamp = books.customer()["MetaData"]["LastUpdatedTime"]
    block = books.cdc(since=stamp, entities="Customer")[0]
    assert len(block.get("Customer", [])) == count


def test_facts_2_7_the_cap_and_the_look_back(control, books):
    control.post(f"{books.realm}/generate", {"customers": 1010})
    assert books.cdc(entities="Customer,Item")[0]["maxResults"] == 1000
    assert books.cdc(entities="Customer,Item")[1] == {}
    error = books.fault("GET", "cdc", entities="Customer", changedSince="2020-01-01")
    assert error["code"] == "500"
    assert "older than fixed days is not supported" in error["Detail"]
    assert books.fault("GET", "cdc", entities="TaxCode", changedSince="2099-01-01")["code"] == (
        "500"
    )


def test_shape_39_a_signed_cloudevents_batch(control, books, receiver):
    customer = books.customer()
    control.post("webhooks/flush")
    headers, body = receiver.deliveries[0]
    headers = {name.lower(): value for name, value in headers.items()}
    digest = hmac.new(VERIFIER.encode(), body, hashlib.sha256).digest()
    assert headers["intuit-signature"] == base64.b64encode(digest).decode()
    assert headers["content-type"] == "application/cloudevents-batch+json; charset=utf-8"
    assert headers["intuit-notification-schema-version"] == "2.0"
    event = json.loads(body)[0]
    assert event["type"] == "qbo.customer.created.v1"
    assert (event["intuitentityid"], event["intuitaccountid"]) == (customer["Id"], books.realm)
    assert event["time"].endswith("Z")
    assert event["data"] == {}


def test_facts_3_1_the_old_format(control, books, receiver):
    control.post("webhooks", {"format": "legacy"})
    books.customer()
    control.post("webhooks/flush")
    body = json.loads(receiver.deliveries[0][1])["eventNotifications"][0]
    assert body["realmId"] == books.realm
    assert body["dataChangeEvent"]["entities"][0]["operation"] == "Create"


def test_facts_3_3_events_leave_by_themselves_and_only_when_connected(control, books, receiver):
    other = control.company("Not connected")
    control.post(f"{other}/Customer", {"DisplayName": "Silent"})
    books.customer()
    deadline = time.monotonic() + 3
    while not receiver.deliveries and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [event["intuitaccountid"] for event in events(receiver)] == [books.realm]


@pytest.mark.parametrize("name", ["void", "voided"])
def test_facts_3_1_operations(control, books, receiver, name):
    control.switch(void_event=name)
    customer = books.customer()
    invoice = books.invoice(customer)
    books.ok("POST", "invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation="void")
    control.post("webhooks/flush")
    kinds = [event["type"].split(".")[1:3] for event in events(receiver)]
    assert kinds == [
        ["customer", "created"],
        ["invoice", "created"],
        ["customer", "updated"],
        ["invoice", name],
        ["customer", "updated"],
    ]


def test_facts_3_3_a_failure_is_retried_and_holds_later_events(control, books, receiver):
    receiver.status = 500
    books.customer("One")
    control.post("webhooks/flush")
    books.customer("Two")
    control.post("webhooks/flush")
    assert len(receiver.deliveries) == 1
    receiver.status = 200
    control.advance(seconds=11)
    control.post("webhooks/flush")
    assert [event["intuitentityid"] for event in events(receiver)] == ["1", "1", "2"]
    states = control.get("webhooks")["deliveries"]
    assert [(row["attempts"], row["status"]) for row in states] == [(1, 200), (2, 200)]


def test_an_unreachable_endpoint_hurts_nobody(control, books):
    control.post("webhooks", {"url": "http://127.0.0.1:9/none"})
    books.customer()
    control.post("webhooks/flush")
    state = control.get("webhooks")["deliveries"][0]
    assert state["delivered"] is None
    assert "Refused" in state["problem"]
    assert books.query("select count(*) from Customer") == {"totalCount": 1}


@pytest.mark.parametrize("treatment", ["absent", "deleted", "inactive"])
def test_facts_5_18_a_merge_moves_transactions_and_only_the_event_tells(
    control,
    books,
    receiver,
    treatment,
):
    control.switch(cdc_merged=treatment)
    loser, winner = books.customer("Loser"), books.customer("Winner")
    invoice = books.invoice(loser, 40)
    control.post(f"{books.realm}/Customer/{loser['Id']}/merge", {"into": winner["Id"]})
    control.post("webhooks/flush")
    merged = [event for event in events(receiver) if ".merged." in event["type"]]
    assert [(event["intuitentityid"], event["data"]) for event in merged] == [
        (winner["Id"], {"deletedid": loser["Id"]})
    ]
    moved = books.read("Invoice", invoice["Id"])
    assert moved["CustomerRef"] == {"value": winner["Id"], "name": "Winner"}
    assert books.read("Customer", winner["Id"])["Balance"] == 40
    seen = {row["Id"]: row for row in books.cdc(entities="Customer")[0]["Customer"]}
    if treatment == "absent":
        assert loser["Id"] not in seen
    elif treatment == "deleted":
        assert seen[loser["Id"]]["status"] == "Deleted"
    else:
        assert seen[loser["Id"]]["Active"] is False


def test_a_silent_change_moves_nothing_and_tells_nobody(control, books, receiver):
    customer = books.customer()
    invoice = books.invoice(customer, 40)
    control.post("webhooks/flush")
    before = len(receiver.deliveries)
    control.advance(seconds=5)
    line = {**invoice["Line"][0], "Amount": 40.01}
    control.post(f"{books.realm}/Invoice/{invoice['Id']}", {"Line": [line]}, silent=1)
    control.post("webhooks/flush")
    after = books.read("Invoice", invoice["Id"])
    assert after["TotalAmt"] == 40.01
    assert after["MetaData"] == invoice["MetaData"]
    assert len(receiver.deliveries) == before


def test_a_person_needs_no_token_and_fills_gaps(control, books):
    control.post(
        f"{books.realm}/Customer",
        {"DisplayName": "P", "PrimaryEmailAddr": {"Address": "p@example.com"}},
    )
    item = control.post(
        f"{books.realm}/Item",
        {"Name": "Rake", "Type": "Service", "UnitPrice": 12.5, "IncomeAccountRef": {"value": "1"}},
    )["Item"]
    body = control.post(
        f"{books.realm}/Invoice",
        {
            "CustomerRef": {"value": "1"},
            "Line": [
                {
                    "DetailType": "SalesItemLineDetail",
                    "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}, "Qty": 2},
                }
            ],
        },
    )["Invoice"]
    assert (body["TotalAmt"], body["DocNumber"], body["BillEmail"]["Address"]) == (
        25,
        "1001",
        "p@example.com",
    )
    control.post(f"{books.realm}/Invoice/{body['Id']}/void")
    control.post(f"{books.realm}/Invoice/{body['Id']}/delete")
    assert "Invoice" not in control.get(f"{books.realm}/store")
    control.post(f"{books.realm}/Customer/1/fly", status=404)
    control.post(f"{books.realm}/Customer", {"DisplayName": "P"}, status=400)


def test_a_company_can_change_its_settings_and_name(control):
    books = control.connect(control.company("Old Name"))
    customer = books.customer()
    control.post(f"{books.realm}/Preferences/1", {"TaxPrefs": {"UsingSalesTax": False}})
    assert books.invoice(customer, Line=[sales_line(100, tax="TAX")])["TotalAmt"] == 100
    control.post(f"{books.realm}/CompanyInfo/1", {"CompanyName": "New Name"})
    assert control.get("companies")[0]["name"] == "New Name"
    assert books.read("CompanyInfo", books.realm)["CompanyName"] == "New Name"
