"""CDC, merging and what a person does (facts 2.7, 5.18)."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import sales_line
from tests.emulator.receiver import events, receiver

__all__ = ["receiver"]


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


@pytest.mark.parametrize("entity", ["JournalCode", "TaxAgency", "TaxCode", "TaxRate"])
def test_facts_2_7_cdc_is_not_supported_for(books, entity):
    asked = {"entities": f"Customer,{entity}", "changedSince": "2099-01-01"}
    assert books.fault("GET", "cdc", **asked)["code"] == "500"


def test_facts_2_7_what_the_emulator_keeps_none_of_did_not_change(books):
    assert books.cdc(entities="TimeActivity,Estimate") == [{}, {}]


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


@pytest.mark.parametrize("treatment", ["absent", "deleted", "inactive"])
def test_facts_3_2_items_merge_too(control, books, receiver, treatment):
    control.switch(cdc_merged=treatment)
    told = {"Type": "Service", "IncomeAccountRef": {"value": "1"}}
    loser, winner = (books.save("Item", {"Name": name, **told}) for name in ("Old", "New"))
    line = sales_line(40, item=loser["Id"])
    invoice = books.invoice(books.customer(), Line=[line])
    control.post(f"{books.realm}/Item/{loser['Id']}/merge", {"into": winner["Id"]})
    control.post("webhooks/flush")
    merged = [event for event in events(receiver) if event["type"] == "qbo.item.merged.v1"]
    assert [(event["intuitentityid"], event["data"]) for event in merged] == [
        (winner["Id"], {"deletedid": loser["Id"]})
    ]
    moved = books.read("Invoice", invoice["Id"])
    assert moved["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"] == winner["Id"]
    assert moved["SyncToken"] == "1"
    seen = {row["Id"]: row for row in books.cdc(entities="Item")[0]["Item"]}
    shown = {"absent": None, "deleted": "Deleted", "inactive": False}[treatment]
    row = seen.get(loser["Id"], {})
    assert row.get("status", row.get("Active")) == shown


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
