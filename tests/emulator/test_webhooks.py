"""Events: their two shapes, how they are delivered, and tried again (facts 3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import pytest

from tests.emulator.receiver import VERIFIER, events, receiver

__all__ = ["receiver"]


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


# facts 3.3, in seconds; the last one for ever.
SCHEDULE = (10, 20, 30, 300, 1200, 7200, 14400, 21600, 21600, 21600)


def test_facts_3_3_the_whole_schedule_of_retries(control, books, receiver):
    receiver.status = 500
    books.customer()
    control.post("webhooks/flush")
    for tries, wait in enumerate(SCHEDULE, 1):
        assert len(receiver.deliveries) == tries
        control.advance(seconds=wait - 5)
        control.post("webhooks/flush")
        assert len(receiver.deliveries) == tries
        control.advance(seconds=5)
        control.post("webhooks/flush")
    assert len({body for _, body in receiver.deliveries}) == 1
    assert len({headers["intuit-t-id"] for headers, _ in receiver.deliveries}) == 11


def test_facts_3_3_later_events_need_not_be_held_back(control, books, receiver):
    control.switch(events_held_back=False)
    receiver.status = 500
    books.customer("One")
    control.post("webhooks/flush")
    receiver.status = 200
    books.customer("Two")
    control.post("webhooks/flush")
    assert [event["intuitentityid"] for event in events(receiver)] == ["1", "2"]


def test_facts_3_3_a_failure_holds_nothing_of_another_company(control, books, receiver):
    other = control.connect(control.company("Other", sales_tax=False))
    receiver.status = 500
    books.customer()
    control.post("webhooks/flush")
    receiver.status = 200
    other.customer()
    control.post("webhooks/flush")
    assert [event["intuitaccountid"] for event in events(receiver)] == [books.realm, other.realm]


@pytest.mark.parametrize("form", ["cloudevents", "legacy"])
def test_facts_3_1_several_companies_in_one_delivery(control, books, receiver, form):
    control.switch(events_of_companies_together=True)
    other = control.connect(control.company("Other", sales_tax=False))
    # Gathered meanwhile, however slow the machine.
    control.post("webhooks", {"enabled": False, "format": form})
    books.customer()
    other.customer()
    control.post("webhooks", {"enabled": True})
    control.post("webhooks/flush")
    assert len(receiver.deliveries) == 1
    body = json.loads(receiver.deliveries[0][1])
    if form == "legacy":
        realms = [one["realmId"] for one in body["eventNotifications"]]
    else:
        realms = [event["intuitaccountid"] for event in body]
    assert realms == [books.realm, other.realm]


def test_facts_3_3_deliveries_may_arrive_twice(control, books, receiver):
    control.switch(events_twice=True)
    books.customer()
    control.post("webhooks/flush")
    first, second = receiver.deliveries
    assert first[1] == second[1]


def test_facts_3_3_the_newest_may_come_first(control, books, receiver):
    control.post("webhooks", {"enabled": False})
    control.switch(events_reversed=True)
    for name in ("One", "Two", "Three"):
        books.customer(name)
    control.post("webhooks", {"enabled": True})
    control.post("webhooks/flush")
    assert [event["intuitentityid"] for event in events(receiver)] == ["3", "2", "1"]


def test_facts_3_3_events_may_wait(control, books, receiver):
    control.switch(event_delay_seconds=300)
    books.customer()
    control.post("webhooks/flush")
    assert receiver.deliveries == []
    assert control.get("webhooks")["waiting_events"] == 1
    control.advance(seconds=300)
    control.post("webhooks/flush")
    assert len(events(receiver)) == 1


def test_facts_3_1_events_in_their_plainest_dress(control, books, receiver):
    control.switch(event_dress="plain")
    customer = books.customer()
    loser = books.customer("Loser")
    control.post(f"{books.realm}/Customer/{loser['Id']}/merge", {"into": customer["Id"]})
    control.post("webhooks/flush")
    made, _, merged = events(receiver)
    assert made["type"] == "qbo.customer.Created.v1"
    assert made["id"].endswith(f"-Customer-{customer['Id']}")
    assert made["time"][19:] == "Z"
    assert not {"data", "datacontenttype"} & made.keys()
    assert merged["data"] == {"deletedid": loser["Id"]}


@pytest.mark.parametrize(("dress", "tail"), [("full", "Z"), ("plain", "00")])
def test_shape_16_times_of_the_old_format(control, books, receiver, dress, tail):
    control.post("webhooks", {"format": "legacy"})
    control.switch(event_dress=dress)
    books.customer()
    control.post("webhooks/flush")
    notification = json.loads(receiver.deliveries[0][1])["eventNotifications"][0]
    written = notification["dataChangeEvent"]["entities"][0]["lastUpdated"]
    assert written.endswith(tail)
    assert written[-5] in ".-"
