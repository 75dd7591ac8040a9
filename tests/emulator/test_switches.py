"""What section 7 of the facts leaves open: each reading can be had."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.emulator.books import Books
from integrations.emulator.control.pages import after_disconnecting
from integrations.emulator.emulator import App, Emulator
from integrations.emulator.samples.load import open_company
from integrations.emulator.store import Store
from integrations.emulator.switches import SWITCHES
from tests.emulator.receiver import events, receiver
from tests.emulator.test_oauth import ASK

__all__ = ["receiver"]

OPEN_POINTS = set(range(1, 16)) - {10}  # 7.10 is about prices


def sparse(row, **content):
    return {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True, **content}


def test_each_open_point_of_the_facts_has_a_switch():
    named = {
        int(point) for switch in SWITCHES for point in re.findall(r"\b7\.(\d+)", switch.source)
    }
    assert named == OPEN_POINTS


def test_7_1_answers_are_kept_for_some_time(control, books):
    control.switch(replay_hours=24)
    first = books.call("POST", "customer", {"DisplayName": "Once"}, requestid="r")
    control.advance(hours=23)
    control.connect(books.realm)
    books.tokens = control.refresh(books.tokens["refresh_token"]).json()
    assert books.call("POST", "customer", {"DisplayName": "Once"}, requestid="r").text == first.text
    control.advance(hours=2)
    books.tokens = control.refresh(books.tokens["refresh_token"]).json()
    assert books.fault("POST", "customer", {"DisplayName": "Once"}, requestid="r")["code"] == "6240"


@pytest.mark.parametrize(("kept", "code"), [(True, "6080"), (False, None)])
def test_7_1_refusals_may_be_kept_too(control, books, kept, code):
    control.switch(replay_errors=kept)
    assert books.fault("POST", "customer", {}, requestid="r")["code"] == "6080"
    again = books.call("POST", "customer", {"DisplayName": "Now"}, requestid="r").json()
    assert again.get("Fault", {"Error": [{}]})["Error"][0].get("code") == code


@pytest.mark.parametrize(("alone", "counts"), [(False, [3, 0]), (True, [3, 3])])
def test_7_2_the_cap_may_count_each_entity(control, books, alone, counts):
    control.switch(cdc_cap=3, cdc_cap_per_entity=alone)
    control.post(f"{books.realm}/generate", {"customers": 4, "items": 4})
    blocks = books.cdc(entities="Customer,Item")
    assert [block.get("maxResults", 0) for block in blocks] == counts


@pytest.mark.parametrize(("told", "count"), [("cut", 3), ("all", 4), ("refused", None)])
def test_7_2_what_becomes_of_more_than_the_cap(control, books, told, count):
    control.switch(cdc_cap=3, cdc_over_cap=told)
    control.post(f"{books.realm}/generate", {"customers": 2, "invoices": 2})
    since = control.get("clock")["now"][:10]
    answer = books.call("GET", "cdc", entities="Customer,Invoice", changedSince=since)
    if count is None:
        assert answer.json()["Fault"]["Error"][0]["code"] == "500"
    else:
        blocks = answer.json()["CDCResponse"][0]["QueryResponse"]
        assert sum(block["maxResults"] for block in blocks) == count


@pytest.mark.parametrize(("told", "code"), [("500", "500"), ("4001", "4001"), ("answered", None)])
def test_7_2_cdc_from_long_ago(control, books, told, code):
    control.switch(cdc_too_old=told)
    answer = books.call("GET", "cdc", entities="Customer", changedSince="2011-01-01").json()
    assert answer.get("Fault", {"Error": [{}]})["Error"][0].get("code") == code


@pytest.mark.parametrize(
    ("told", "keys"),
    [
        ("state", {"error", "state"}),
        ("everything", {"error", "state", "error_description", "realmId"}),
        ("nothing", {"error"}),
    ],
)
def test_7_5_a_refusal_at_the_consent_page(control, told, keys):
    control.switch(deny_answer=told)
    asked = {**ASK, "realm": control.company(), "decision": "cancel"}
    answer = control.session.post(
        f"{control.url}/connect/oauth2", data=asked, allow_redirects=False, timeout=5
    )
    assert parse_qs(urlsplit(answer.headers["location"]).query).keys() == keys


def test_7_6_a_code_is_good_for_some_time(control):
    control.switch(code_seconds=60, invalid_grant_description="Incorrect Token type or clientID")
    code = control.code(control.company())
    control.advance(seconds=61)
    assert control.exchange(code).json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect Token type or clientID",
    }


def test_7_7_the_life_of_a_refresh_token(control, books):
    control.switch(refresh_expiry_seconds=8640000)
    told = control.refresh(books.tokens["refresh_token"]).json()
    assert told["x_refresh_token_expires_in"] == 8640000


@pytest.mark.parametrize("told", [True, False])
def test_7_11_the_disconnect_page_may_not_be_told_the_realm(told):
    landing = "https://crm.example/disconnected/"
    store = Store(":memory:")
    emulator = Emulator(store, App(disconnect_url=landing))
    emulator.switches.change({"disconnect_page_realm": told})
    realm = open_company(emulator, "Test & Co").realm
    where = after_disconnecting(Books(emulator, realm)).headers["location"]
    store.db.close()
    assert where == (f"{landing}?realmId={realm}" if told else landing)


@pytest.mark.parametrize("several", [True, False])
def test_7_12_several_addresses_in_one_field(control, books, several):
    control.switch(several_emails=several)
    address = {"Address": "a@example.com, b@example.com"}
    answer = books.call("POST", "customer", {"DisplayName": "x", "PrimaryEmailAddr": address})
    assert answer.ok is several


@pytest.mark.parametrize(("ignored", "status"), [(True, 400), (False, 200)])
def test_7_13_case_and_blanks_of_names(control, books, ignored, status):
    control.switch(names_ignore_case=ignored, names_ignore_blanks=ignored)
    books.customer("Ada")
    assert books.call("POST", "customer", {"DisplayName": "ADA"}).status_code == status
    assert books.call("POST", "customer", {"DisplayName": " Ada "}).status_code == status


@pytest.mark.parametrize("suffix", ["(deleted 2)", "(deleted) (deleted)"])
def test_7_13_the_second_inactive_record_of_a_name(control, books, suffix):
    control.switch(second_deleted_name=suffix)
    for _ in range(2):
        last = books.save("Customer", sparse(books.customer("Vera"), Active=False))
    assert last["DisplayName"] == f"Vera {suffix}"


@pytest.mark.parametrize(("clears", "expected"), [(True, None), (False, "n")])
def test_7_14_null_in_a_sparse_update(control, books, clears, expected):
    control.switch(null_clears=clears)
    body = books.save("Customer", sparse(books.customer(Notes="n"), Notes=None))
    assert body.get("Notes") == expected


@pytest.mark.parametrize(("told", "status"), [("ignore", 200), ("refuse", 400)])
def test_7_15_read_only_keys_sent_back(control, books, told, status):
    control.switch(read_only_keys=told)
    made = books.customer()
    assert books.call("POST", "customer", sparse(made, Balance=5)).status_code == status
    assert books.call("POST", "customer", sparse(made, Balance=0)).status_code == 200


@pytest.mark.parametrize("thin", [True, False])
def test_facts_2_2_queries_are_thinner_than_reads(control, thin):
    control.switch(thin_queries=thin)
    books = control.connect(control.company(sales_tax=True))
    made = books.customer()
    assert "DefaultTaxCodeRef" in books.read("Customer", made["Id"])
    row = books.query("select * from Customer")["Customer"][0]
    assert ("DefaultTaxCodeRef" in row) is not thin


@pytest.mark.parametrize("old", [True, False])
def test_facts_2_2_queries_may_show_an_older_time_than_reads(control, books, old):
    control.switch(old_query_times=old)
    made = books.customer()
    control.advance(seconds=5)
    books.invoice(made)
    moved = books.read("Customer", made["Id"])["MetaData"]["LastUpdatedTime"]
    assert moved > made["MetaData"]["LastUpdatedTime"]
    [row] = books.query("select * from Customer")["Customer"]
    assert row["Balance"] == 100
    assert (row["MetaData"]["LastUpdatedTime"] == moved) is not old
    # What was edited has a version of its own, which a query shows as it is.
    edited = books.save("Customer", sparse(made, Notes="n"))
    [row] = books.query("select * from Customer")["Customer"]
    assert row["MetaData"] == edited["MetaData"]


@pytest.mark.parametrize("there", [True, False])
def test_facts_4_2_sku_may_be_missing_from_a_star(control, books, there):
    control.switch(sku_in_star=there)
    control.post(f"{books.realm}/generate", {"items": 5})
    rows = books.query("select * from Item")["Item"]
    assert any("Sku" in row for row in rows) is there
    assert any("Sku" in row for row in books.query("select *, sku from Item")["Item"])


def test_facts_2_1_faults_may_come_with_200(control, books):
    control.switch(fault_with_200=True)
    answer = books.call("POST", "customer", {})
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (200, "6080")


@pytest.mark.parametrize("status", ["400", "500"])
def test_shape_8_either_status_of_4002(control, books, status):
    control.switch(bad_email_breaks_query=True, bad_email_status=status)
    books.invoice(books.customer(), BillEmail={"Address": "a@example.com, b@example.com"})
    for path, asked in (
        ("query", {"query": "select * from Invoice"}),
        ("cdc", {"entities": "Invoice", "changedSince": control.get("clock")["now"][:10]}),
    ):
        answer = books.call("GET", path, **asked)
        fault = answer.json()["Fault"]
        assert (answer.status_code, fault["Error"][0]["code"]) == (int(status), "4002")
        assert fault["type"] == ("ValidationFault" if status == "400" else "Service")


def test_facts_2_6_a_user_without_rights(control, books):
    control.switch(permission_denied=True)
    assert books.fault("POST", "customer", {"DisplayName": "x"})["code"] == "5020"


@pytest.mark.parametrize("told", ["deleted", "updated"])
def test_facts_3_2_the_event_of_becoming_inactive(control, books, receiver, told):
    control.switch(inactive_event=told)
    books.save("Customer", sparse(books.customer(), Active=False))
    control.post("webhooks/flush")
    assert [event["type"].split(".")[2] for event in events(receiver)] == ["created", told]


@pytest.mark.parametrize("raised", [True, False])
def test_facts_2_3_a_moved_balance_may_raise_an_event(control, books, receiver, raised):
    control.switch(balance_event=raised)
    books.invoice(books.customer())
    control.post("webhooks/flush")
    assert ("qbo.customer.updated.v1" in [event["type"] for event in events(receiver)]) is raised


@pytest.mark.parametrize(("applied", "owed"), [(True, [0, 20]), (False, [100, 30])])
def test_facts_4_1_a_customer_made_inactive_is_credited(control, books, applied, owed):
    control.switch(balancing_credit_applied=applied)
    nora, empty = books.customer(), books.customer("Owes Nothing")
    invoices = [books.invoice(nora, amount) for amount in (100, 30)]
    books.payment(nora, 20)  # on account: so much less is to be credited
    for each in (nora, empty):
        control.post(f"{books.realm}/Customer/{each['Id']}/inactivate")
    off = books.read("Customer", nora["Id"])
    assert (off["Active"], off["Balance"]) == (False, 0)
    [credit] = books.query("select * from CreditMemo")["CreditMemo"]
    assert (credit["CustomerRef"]["value"], credit["TotalAmt"]) == (nora["Id"], 110)
    assert [books.read("Invoice", each["Id"])["Balance"] for each in invoices] == owed


@pytest.mark.parametrize("code", ["620", "2500", "6000"])
def test_facts_4_4_the_code_for_another_customers_invoice(control, books, code):
    control.switch(other_customers_invoice=code)
    nora, bea = books.customer(), books.customer("Bea Miles")
    lines = [
        {
            "Amount": 5,
            "LinkedTxn": [{"TxnId": books.invoice(bea)["Id"], "TxnType": "Invoice"}],
        }
    ]
    told = {"CustomerRef": {"value": nora["Id"]}, "TotalAmt": 5, "Line": lines}
    assert books.fault("POST", "payment", told)["code"] == code


@pytest.mark.parametrize("too", [False, True])
def test_facts_2_3_each_kind_is_voided_its_own_way(control, books, too):
    control.switch(payment_operation_void=too)
    nora = books.customer()
    invoice, payment = books.invoice(nora), books.payment(nora, 40)
    included = {"operation": "update", "include": "void"}
    assert books.fault("POST", "invoice", sparse(invoice), **included)["code"] == "500"
    assert books.save("Invoice", sparse(invoice), operation="void")["Balance"] == 0
    answer = books.call("POST", "payment", sparse(payment), operation="void")
    assert answer.ok is too
    if not too:
        assert answer.json()["Fault"]["Error"][0]["code"] == "500"
        assert books.save("Payment", sparse(payment), **included)["TotalAmt"] == 0


@pytest.mark.parametrize(("moves", "token"), [(True, "1"), (False, "0")])
def test_facts_4_4_a_payment_may_move_its_invoices_token(control, books, receiver, moves, token):
    control.switch(payment_moves_token=moves)
    nora = books.customer()
    invoice = books.invoice(nora)
    control.advance(seconds=5)
    books.payment(nora, 40, (invoice, 40))
    paid = books.read("Invoice", invoice["Id"])
    assert (paid["Balance"], paid["SyncToken"]) == (60, token)
    assert paid["MetaData"]["LastUpdatedTime"] > invoice["MetaData"]["LastUpdatedTime"]
    control.post("webhooks/flush")
    # facts 5.23: the event comes either way.
    assert "qbo.invoice.updated.v1" in [event["type"] for event in events(receiver)]


@pytest.mark.parametrize(("keeps", "name"), [(True, "Vera (deleted)"), (False, "Vera")])
def test_facts_2_3_the_suffix_may_go_on_the_way_back(control, books, keeps, name):
    control.switch(reactivate_keeps_suffix=keeps)
    off = books.save("Customer", sparse(books.customer("Vera"), Active=False))
    assert books.save("Customer", sparse(off, Active=True))["DisplayName"] == name


@pytest.mark.parametrize("flows", [True, False])
def test_facts_4_3_a_changed_address_may_flow_into_lines(control, books, flows):
    control.switch(reflow_addresses=flows)
    made = books.invoice(books.customer())
    address = {"Line1": "1 Oak", "City": "Salem", "PostalCode": "97301"}
    changed = books.save("Invoice", sparse(made, BillAddr=address))["BillAddr"]
    assert changed.get("Line2") == ("Salem  97301" if flows else None)
    assert changed.get("City") == (None if flows else "Salem")
