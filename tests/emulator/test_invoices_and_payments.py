"""What invoices and payments do to each other and to customers (facts 4.3, 4.4, 4.6)."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import sales_line


def change(books, entity, record, **fields):
    return books.save(
        entity, {"Id": record["Id"], "SyncToken": record["SyncToken"], "sparse": True, **fields}
    )


def test_shape_28_lines_end_with_a_subtotal_without_id(books):
    body = books.invoice(
        books.customer(),
        Line=[
            sales_line(20.5, Qty=2, UnitPrice=10.25),
            {"DetailType": "DescriptionOnly", "Description": "Thanks", "Amount": 5},
        ],
    )
    assert [line["DetailType"] for line in body["Line"]] == [
        "SalesItemLineDetail",
        "DescriptionOnly",
        "SubTotalLineDetail",
    ]
    assert [line.get("Id") for line in body["Line"]] == ["1", "2", None]
    assert "Amount" not in body["Line"][1]
    assert (body["TotalAmt"], body["Balance"], body["LinkedTxn"]) == (20.5, 20.5, [])
    assert body["TxnTaxDetail"] == {"TotalTax": 0}


def test_shape_31_whole_amounts_are_integers_and_prices_keep_their_decimals(control, books):
    answer = books.call(
        "POST",
        "invoice",
        {
            "CustomerRef": {"value": books.customer()["Id"]},
            "Line": [sales_line(277.69, Qty=3, UnitPrice=92.5633333), sales_line(97.31)],
        },
    )
    assert '"TotalAmt":375,' in answer.text
    assert '"UnitPrice":92.5633333' in answer.text


def test_facts_4_3_a_discount_line(books):
    percent = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    body = books.invoice(books.customer(), Line=[sales_line(50), percent])
    assert body["TotalAmt"] == 45
    assert body["Line"][-1]["Amount"] == 5
    assert "Id" not in body["Line"][-1]


def test_facts_2_3_sent_lines_replace_all_lines(books):
    made = books.invoice(books.customer(), Line=[sales_line(10), sales_line(20)])
    kept = {**made["Line"][1], "Amount": 25}
    body = change(books, "Invoice", made, Line=[kept, sales_line(1)])
    assert [(line.get("Id"), line["Amount"]) for line in body["Line"]] == [
        ("2", 25),
        ("3", 1),
        (None, 26),
    ]
    assert body["TotalAmt"] == 26


@pytest.mark.parametrize(
    ("custom", "sent", "expected"),
    [(True, None, None), (True, "X-1", "X-1"), (False, None, "1001"), (False, "X-1", "X-1")],
)
def test_facts_4_3_document_numbers(control, custom, sent, expected):
    books = control.connect(control.company(sales_tax=False, custom_numbers=custom))
    fields = {"DocNumber": sent} if sent else {}
    assert books.invoice(books.customer(), **fields).get("DocNumber") == expected


def test_facts_2_6_a_number_taken_is_6140(control, books):
    customer = books.customer()
    books.invoice(customer, DocNumber="7")
    body = {"CustomerRef": {"value": customer["Id"]}, "Line": [sales_line(1)], "DocNumber": "7"}
    error = books.fault("POST", "invoice", body)
    assert error["code"] == "6140"
    assert "DocNumber=7 is assigned to TxnType=Invoice with TxnId=1" in error["Detail"]
    assert books.ok("POST", "invoice", body, include="allowduplicatedocnum")


def test_facts_5_16_automatic_numbering_may_replace_a_number(control):
    control.switch(docnumber_when_auto="replace")
    books = control.connect(control.company(sales_tax=False, custom_numbers=False))
    assert books.invoice(books.customer(), DocNumber="X")["DocNumber"] == "1001"


def test_facts_2_3_a_balance_moves_the_customer_without_its_token(control, books):
    customer = books.customer()
    control.advance(seconds=5)
    books.invoice(customer, 80)
    after = books.read("Customer", customer["Id"])
    assert (after["Balance"], after["SyncToken"]) == (80, "0")
    assert after["MetaData"]["LastUpdatedTime"] > customer["MetaData"]["LastUpdatedTime"]


def test_facts_4_4_a_payment_changes_the_invoice(books):
    customer = books.customer()
    invoice = books.invoice(customer, 80)
    paid = books.payment(customer, 100, (invoice, 80))
    assert paid["UnappliedAmt"] == 20
    after = books.read("Invoice", invoice["Id"])
    assert (after["Balance"], after["SyncToken"]) == (0, "1")
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert books.read("Customer", customer["Id"])["Balance"] == -20


def test_facts_4_4_a_payment_over_two_invoices_and_back(books):
    customer = books.customer()
    one, two = books.invoice(customer, 50), books.invoice(customer, 70)
    paid = books.payment(customer, 90, (one, 50), (two, 40))
    assert books.read("Invoice", two["Id"])["Balance"] == 30
    change(
        books,
        "Payment",
        paid,
        Line=[{"Amount": 70, "LinkedTxn": [{"TxnId": two["Id"], "TxnType": "Invoice"}]}],
    )
    assert books.read("Invoice", one["Id"])["Balance"] == 50
    assert books.read("Invoice", one["Id"])["LinkedTxn"] == []
    assert books.read("Invoice", two["Id"])["Balance"] == 0


def test_shape_35_unapplied_payments_have_no_lines(books):
    paid = books.payment(books.customer(), 75)
    assert (paid["Line"], paid["UnappliedAmt"]) == ([], 75)


@pytest.mark.parametrize("how", ["delete", "void"])
def test_facts_4_4_removing_a_payment_opens_the_invoice(books, how):
    customer = books.customer()
    invoice = books.invoice(customer, 80)
    paid = books.payment(customer, 80, (invoice, 80))
    params = (
        {"operation": "delete"} if how == "delete" else {"operation": "update", "include": "void"}
    )
    answer = books.ok(
        "POST", "payment", {"Id": paid["Id"], "SyncToken": "0", "sparse": True}, **params
    )["Payment"]
    after = books.read("Invoice", invoice["Id"])
    assert (after["Balance"], after["LinkedTxn"]) == (80, [])
    assert books.read("Customer", customer["Id"])["Balance"] == 80
    if how == "delete":
        assert answer == {"domain": "QBO", "status": "Deleted", "Id": paid["Id"]}  # shape 12
        assert books.fault("GET", f"payment/{paid['Id']}")["code"] == "610"
    else:
        assert (answer["TotalAmt"], answer["PrivateNote"], answer["Line"]) == (0, "Voided", [])


@pytest.mark.parametrize(("amount", "total", "code"), [(90, 90, "6000"), (60, 50, "6000")])
def test_facts_4_4_too_much_is_refused(books, amount, total, code):
    customer = books.customer()
    invoice = books.invoice(customer, 80)
    error = books.fault(
        "POST",
        "payment",
        {
            "CustomerRef": {"value": customer["Id"]},
            "TotalAmt": total,
            "Line": [
                {"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
            ],
        },
    )
    assert error["code"] == code


def test_facts_4_4_another_customers_invoice_is_620_but_a_parent_may_pay(books):
    parent = books.customer("Parent")
    child = books.customer("Child", ParentRef={"value": parent["Id"]})
    other = books.customer("Other")
    invoice = books.invoice(child, 80)
    error = books.fault(
        "POST",
        "payment",
        {
            "CustomerRef": {"value": other["Id"]},
            "TotalAmt": 80,
            "Line": [{"Amount": 80, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}],
        },
    )
    assert error["code"] == "620"
    assert books.payment(parent, 80, (invoice, 80))["UnappliedAmt"] == 0


def test_shape_15_void(books):
    customer = books.customer()
    made = books.invoice(
        customer, Line=[sales_line(30, Qty=3, UnitPrice=10)], DocNumber="V1", PrivateNote="mine"
    )
    paid = books.payment(customer, 30, (made, 30))
    body = books.ok("POST", "invoice", {"Id": made["Id"], "SyncToken": "1"}, operation="void")[
        "Invoice"
    ]
    assert (body["TotalAmt"], body["Balance"], body["LinkedTxn"]) == (0, 0, [])
    assert body["PrivateNote"].startswith("Voided")
    assert body["DocNumber"] == "V1"
    assert [line["Amount"] for line in body["Line"]] == [0, 0]
    assert not {"Qty", "UnitPrice"} & body["Line"][0]["SalesItemLineDetail"].keys()
    assert int(body["SyncToken"]) > 1
    assert books.read("Payment", paid["Id"])["UnappliedAmt"] == 30
    assert books.read("Customer", customer["Id"])["Balance"] == -30


@pytest.mark.parametrize("way", ["refuse", "unlink"])
def test_facts_2_3_deleting_a_paid_invoice(control, books, way):
    control.switch(delete_linked=way)
    customer = books.customer()
    made = books.invoice(customer, 30)
    paid = books.payment(customer, 30, (made, 30))
    body = {"Id": made["Id"], "SyncToken": "1"}
    if way == "refuse":
        assert books.fault("POST", "invoice", body, operation="delete")["code"] == "6000"
        return
    assert books.ok("POST", "invoice", body, operation="delete")["Invoice"]["status"] == "Deleted"
    assert books.read("Payment", paid["Id"])["UnappliedAmt"] == 30
    assert (
        books.fault("POST", "customer", {"Id": made["Id"], "SyncToken": "9"}, operation="delete")[
            "code"
        ]
        == "500"
    )


def test_an_invoice_lowered_below_what_was_paid_gives_the_rest_back(books):
    customer = books.customer()
    made = books.invoice(customer, 100)
    paid = books.payment(customer, 100, (made, 100))
    change(books, "Invoice", books.read("Invoice", made["Id"]), Line=[sales_line(60)])
    assert books.read("Invoice", made["Id"])["Balance"] == 0
    assert books.read("Payment", paid["Id"])["UnappliedAmt"] == 40
    assert books.read("Customer", customer["Id"])["Balance"] == -40


def test_facts_2_6_closed_books_are_6210(control, books):
    control.post(
        f"{books.realm}/Preferences/1", {"AccountingInfoPrefs": {"BookCloseDate": "2026-06-30"}}
    )
    error = books.fault(
        "POST",
        "invoice",
        {
            "CustomerRef": {"value": books.customer()["Id"]},
            "TxnDate": "2026-06-30",
            "Line": [sales_line(1)],
        },
    )
    assert error["code"] == "6210"
    kept = books.ok("GET", "preferences")["Preferences"]["AccountingInfoPrefs"]
    assert kept["UseAccountNumbers"] is False


def test_facts_4_6_american_automatic_tax(control):
    books = control.connect(control.company())
    body = books.invoice(books.customer(), Line=[sales_line(100, tax="TAX"), sales_line(50)])
    assert body["TotalAmt"] == 158.25
    assert len(body["TxnTaxDetail"]["TaxLine"]) == 2
    assert body["TxnTaxDetail"]["TxnTaxCodeRef"] == {"value": "2"}
    assert "GlobalTaxCalculation" not in body
    override = books.invoice(
        books.customer("B"), Line=[sales_line(100, tax="TAX")], TxnTaxDetail={"TotalTax": 3}
    )
    assert override["TotalAmt"] == 103


@pytest.mark.parametrize(("country", "word"), [("GB", "VAT"), ("CA", "GST/HST")])
def test_shape_10_outside_the_us_every_line_needs_a_code(control, country, word):
    books = control.connect(control.company(country=country))
    error = books.fault(
        "POST",
        "invoice",
        {"CustomerRef": {"value": books.customer()["Id"]}, "Line": [sales_line(100, tax=None)]},
    )
    assert error["code"] == "6000"
    assert f"have a {word} rate" in error["Detail"]


def test_facts_4_6_vat_exempt_and_inclusive(control):
    books = control.connect(control.company(country="GB", exempt=True))
    codes = {code["Name"]: code["Id"] for code in books.query("select * from TaxCode")["TaxCode"]}
    customer = books.customer()
    exempt = books.invoice(customer, Line=[sales_line(100, tax=codes["Exempt"])])
    assert (exempt["TotalAmt"], exempt["GlobalTaxCalculation"]) == (100, "TaxExcluded")
    gross = books.invoice(
        customer, Line=[sales_line(100, tax=codes["20.0% S"])], GlobalTaxCalculation="TaxInclusive"
    )
    line = gross["Line"][0]
    assert (line["Amount"], line["SalesItemLineDetail"]["TaxInclusiveAmt"]) == (100, 120)
    assert gross["TotalAmt"] == 120
    rate = books.query("select * from TaxRate where Name = '20.0% S'")["TaxRate"][0]
    assert "RateValue" not in rate  # shape 33


def test_facts_4_6_rounding_is_a_switch(control):
    books = control.connect(control.company(country="GB"))
    customer = books.customer()
    lines = [sales_line(0.02, tax="1") for _ in range(3)]
    assert books.invoice(customer, Line=lines)["TxnTaxDetail"]["TotalTax"] == 0.01
    control.switch(tax_rounding="line")
    assert books.invoice(customer, Line=lines)["TxnTaxDetail"]["TotalTax"] == 0


def test_facts_4_6_an_invoice_is_in_its_customers_currency(control):
    books = control.connect(control.company(country="CA", multicurrency=True, sales_tax=False))
    customer = books.customer(CurrencyRef={"value": "USD"})
    body = books.invoice(customer, 100, CurrencyRef={"value": "USD"})
    assert body["CurrencyRef"]["value"] == "USD"
    assert body["HomeTotalAmt"] == round(100 * body["ExchangeRate"], 2)
    error = books.fault(
        "POST",
        "invoice",
        {
            "CustomerRef": {"value": customer["Id"]},
            "Line": [sales_line(1)],
            "CurrencyRef": {"value": "CAD"},
        },
    )
    assert error["code"] == "6000"


@pytest.mark.parametrize("required", [False, True])
def test_facts_5_21_with_several_currencies_each_transaction_names_its_own(control, required):
    control.switch(exchange_rate_required=required)
    books = control.connect(control.company(multicurrency=True))
    customer = books.customer(CurrencyRef={"value": "EUR"})
    told = {"CustomerRef": {"value": customer["Id"]}}
    for path, content in (("invoice", {"Line": [sales_line(9)]}), ("payment", {"TotalAmt": 9})):
        error = books.fault("POST", path, told | content)
        assert (error["code"], error["element"]) == ("2020", "CurrencyRef")
        euros = told | content | {"CurrencyRef": {"value": "EUR"}}
        answer = books.call("POST", path, euros)
        assert answer.ok is not required
        if required:
            assert answer.json()["Fault"]["Error"][0]["element"] == "ExchangeRate"
            assert books.ok("POST", path, euros | {"ExchangeRate": 1.1})


def test_facts_2_3_sending_marks_as_sent(books):
    made = books.invoice(books.customer())
    assert books.fault("POST", f"invoice/{made['Id']}/send")["code"] == "2020"
    sent = books.ok("POST", f"invoice/{made['Id']}/send", sendTo="a@example.com")["Invoice"]
    assert (sent["EmailStatus"], sent["BillEmail"]["Address"]) == ("EmailSent", "a@example.com")


def test_facts_4_4_a_deposited_payment_is_6540(control, books):
    paid = books.payment(books.customer(), 75)
    control.post(f"{books.realm}/Payment/{paid['Id']}/deposit")
    body = {"Id": paid["Id"], "SyncToken": "1", "sparse": True, "PrivateNote": "x"}
    assert books.fault("POST", "payment", body)["code"] == "6540"
    assert books.fault("POST", "payment", body, operation="delete")["code"] == "6540"
    assert books.read("Payment", paid["Id"])["LinkedTxn"][0]["TxnType"] == "Deposit"


@pytest.mark.parametrize(
    ("entity", "key", "element"),
    [("Class", "ClassRef", "Klasses"), ("Department", "DepartmentRef", "Depts")],
)
def test_facts_4_3_class_and_location_are_kept_and_checked(books, entity, key, element):
    place = books.save(entity, {"Name": "North"})
    kept = books.invoice(books.customer(), **{key: {"value": place["Id"]}})
    assert kept[key] == {"value": place["Id"], "name": "North"}
    unknown = {"CustomerRef": kept["CustomerRef"], "Line": [sales_line(10)], key: {"value": "999"}}
    refused = books.fault("POST", "invoice", unknown)
    assert (refused["code"], element in refused["Detail"]) == ("2500", True)
