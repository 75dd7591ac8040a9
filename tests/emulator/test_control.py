"""The request log, samples, pages and start-up."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tests.emulator.conftest import ROOT, Control, sales_line


def test_the_log_has_every_intuit_request_and_no_secrets(control, books):
    books.customer("Logged")
    entries = control.get("requests")
    assert [entry["path"].rsplit("/", 1)[-1] for entry in entries] == ["bearer", "customer"]
    assert entries[0]["body"] == "grant_type=authorization_code"
    assert entries[1]["realm"] == books.realm
    assert "Logged" in entries[1]["body"]
    assert control.get("requests", after=entries[1]["id"]) == []


def test_samples_hold_the_shapes(control):
    control.reset(samples=True)
    names = {company["name"]: company["realm"] for company in control.get("companies")}
    assert len(names) == 5
    store = control.get(f"{names['Cedar Lane Supply']}/store")
    people, invoices = store["Customer"], store["Invoice"]
    assert (len(people), len(store["Item"]), len(invoices), len(store["Payment"])) == (
        62,
        42,
        30,
        14,
    )
    assert sum("PrimaryEmailAddr" not in person for person in people) >= 8
    assert any(person.get("BillAddr") == {"Id": "333"} for person in people)
    assert any(person.get("Level") == 2 for person in people)
    assert any(item["Type"] == "Group" for item in store["Item"])
    assert any(invoice.get("PrivateNote", "").startswith("Voided") for invoice in invoices)
    assert any(
        line["DetailType"] == "GroupLineDetail" for invoice in invoices for line in invoice["Line"]
    )
    offsets = {person["MetaData"]["CreateTime"][-6:] for person in people}
    assert offsets <= {"-07:00", "-08:00"}
    for company in names.values():
        books = control.connect(company)
        assert books.read("CompanyInfo", company)["Id"] == "1"


def test_balances_of_the_samples_add_up(control):
    control.reset(samples=True)
    for company in control.get("companies"):
        store = control.get(f"{company['realm']}/store")
        for person in store.get("Customer", []):
            owed = sum(
                sign * record[key]
                for entity, key, sign in (
                    ("Invoice", "Balance", 1),
                    ("Payment", "UnappliedAmt", -1),
                    ("CreditMemo", "Balance", -1),
                )
                for record in store.get(entity, [])
                if record["CustomerRef"]["value"] == person["Id"]
            )
            assert person["Balance"] == pytest.approx(owed)


def test_generating_is_fast_and_mixed(control, books):
    started = time.monotonic()
    control.post(f"{books.realm}/generate", {"customers": 5000, "items": 50, "invoices": 200})
    assert time.monotonic() - started < 3
    store = control.get(f"{books.realm}/store")
    with_email = sum("PrimaryEmailAddr" in person for person in store["Customer"])
    assert 0.93 < with_email / 5000 < 0.97
    assert len({person["DisplayName"] for person in store["Customer"]}) == 5000
    assert len(store["Invoice"]) == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/requests",
        "/webhooks",
        "/settings",
        "/company/{realm}/customers?q=a",
        "/company/{realm}/items",
        "/company/{realm}/settings",
        "/company/{realm}/invoices?page=2",
        "/company/{realm}/payments",
        "/company/{realm}/customers/new",
        "/company/{realm}/items/new",
        "/company/{realm}/invoices/new",
        "/company/{realm}/payments/new",
        "/app/items",
        "/company/{realm}/customers/1",
        "/company/{realm}/customers/1/edit",
        "/app/customerdetail?nameId=1",
        "/app/invoice?txnId=1",
        "/app/recvpayment?txnId=2",
        "/app/apps/myapps",
    ],
)
def test_pages_show(control, books, path):
    customer = books.customer()
    books.payment(customer, 5, (books.invoice(customer), 5))
    answer = control.session.get(control.url + path.format(realm=books.realm), timeout=5)
    assert answer.status_code == 200
    assert "QuickBooks emulator" in answer.text


def test_a_person_works_on_the_pages(control, books):
    company = f"{control.url}/company/{books.realm}"

    def post(path, **form):
        return control.session.post(company + path, data=form, timeout=5)

    assert post("/customers/new", DisplayName="Web Person", email="w@example.com").ok
    assert post("/items/new", Name="Spade", Type="Service", UnitPrice="1,250.50").ok
    item = books.query("select * from Item where Name='Spade'")["Item"][0]
    made = post("/invoices/new", customer="web person", item1=item["Id"], qty1="2", discount="10")
    assert "Invoice 1001" in made.text
    assert "$2,250.90" in made.text
    assert "Done." in post("/invoices/1/pay", amount="250.90").text
    assert books.read("Invoice", "1")["Balance"] == 2000
    assert post("/customers/1/edit", DisplayName="Web Person", phone="5").ok
    person = books.read("Customer", "1")
    assert "PrimaryEmailAddr" not in person
    assert person["PrimaryPhone"]["FreeFormNumber"] == "5"
    assert post("/invoices/1/act/void").ok
    assert post("/customers/1/act/inactivate").ok
    wrong = post("/customers/new", DisplayName="Web Person (deleted)")
    assert wrong.status_code == 400
    assert "already exists" in wrong.text
    assert post("/disconnect").ok
    assert books.call("GET", "preferences").status_code == 401


def test_my_apps_lists_what_is_connected_and_disconnects_it(control, books):
    apps = f"{control.url}/app/apps/myapps"
    connected = control.session.get(apps, timeout=5).text
    assert f'action="/company/{books.realm}/disconnect"' in connected
    assert control.session.post(f"{control.url}/company/{books.realm}/disconnect", timeout=5).ok
    assert "No app is connected" in control.session.get(apps, timeout=5).text


def test_forms_from_elsewhere_are_refused(control):
    answer = control.session.post(
        f"{control.url}/reset", timeout=5, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403


def test_a_store_outlives_its_process(tmp_path):
    def run(action):
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "integrations.emulator",
                "--port",
                "0",
                "--store",
                str(tmp_path / "new" / "store.sqlite3"),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        control = Control(process.stdout.readline().split()[-1])
        try:
            return action(control)
        finally:
            control.session.close()
            process.kill()
            process.wait(10)
            process.stdout.close()

    def first(control):
        realm = control.get("companies")[0]["realm"]
        control.advance(days=1)
        control.switch(void_event="voided")
        return control.connect(realm)

    books = run(first)

    def second(control):
        books.control = control
        assert control.get("switches")["void_event"] == "voided"
        assert control.get("clock")["offset"] == 86400
        return books.query("select count(*) from Item")

    assert run(second)["totalCount"] > 30


def test_a_person_creates_the_missing_tax_code_and_closes_the_books(control):
    books = control.connect(control.company(country="GB"))
    settings = f"{control.url}/company/{books.realm}/settings"
    added = control.session.post(settings + "/tax-codes", data={"name": "Exempt"}, timeout=5)
    assert "The tax code Exempt exists." in added.text
    code = books.query("select * from TaxCode where Name = 'Exempt'")["TaxCode"][0]
    body = books.invoice(books.customer(), Line=[sales_line(10, tax=code["Id"])])
    assert (body["TotalAmt"], body["TxnTaxDetail"]["TotalTax"]) == (10, 0)
    form = {"UsingSalesTax": "on", "BookCloseDate": "2020-01-31"}
    assert control.session.post(settings, data=form, timeout=5).ok
    preferences = books.ok("GET", "preferences")["Preferences"]
    assert preferences["AccountingInfoPrefs"]["BookCloseDate"] == "2020-01-31"
    assert preferences["SalesFormsPrefs"]["AllowDiscount"] is False
    control.session.post(f"{settings}/tax-codes/{code['Id']}", timeout=5)
    assert "TaxCode" not in books.query("select * from TaxCode where Name = 'Exempt'")
    control.session.post(settings, data={"UsingSalesTax": "on"}, timeout=5)
    kept = books.ok("GET", "preferences")["Preferences"]["AccountingInfoPrefs"]
    assert "BookCloseDate" not in kept
