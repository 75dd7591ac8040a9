from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from integrations.quickbooks.mapping.invoices import invoice_from
from tests.quickbooks import samples
from tests.quickbooks.samples import discount_line, item_line, subtotal_line, text_line


def mapped(**changes):
    return invoice_from(samples.encoded(samples.invoice(**changes)))


def figures(record):
    return tuple(
        str(Decimal(each).quantize(Decimal("0.01")))
        for each in (record.subtotal, record.discount, record.tax, record.total, record.balance)
    )


def amounts(record):
    return sum((line.amount or Decimal(0) for line in record.lines), Decimal(0))


def test_r13_head_of_an_invoice():
    record = mapped()
    assert (record.external_id, record.sync_token) == ("266", 1)
    assert (record.customer_id, record.customer_name) == ("71", "Okafor Timber")
    assert (record.doc_number, record.currency, record.term_id) == ("1039", "USD", "3")
    assert (record.issue_date, record.due_date) == (date(2026, 6, 30), date(2026, 7, 30))
    assert record.memo == "Thank you for\nyour business."
    assert (record.email, record.private_note) == ("marta@okafor.example", "")
    assert record.voided is False
    assert figures(record) == ("1380.00", "0.00", "0.00", "1380.00", "1380.00")


def test_the_subtotal_line_is_not_counted_twice():
    record = mapped()
    assert [line.kind for line in record.lines] == ["item", "item"]
    assert amounts(record) == record.subtotal == Decimal(1380)


def test_r13_a_line_has_its_product_quantity_price_and_date():
    line = mapped(
        Line=[item_line(277.69, Qty=3, UnitPrice=92.5633333, ServiceDate="2026-06-01")]
    ).lines[0]
    assert (line.position, line.kind, line.item_id) == (1, "item", "18")
    assert (line.item_name, line.bundle_name) == ("Timber:Oak board", "")
    assert (line.quantity, line.unit_price) == (Decimal(3), Decimal("92.5633333"))
    assert (line.amount, line.service_date) == (Decimal("277.69"), date(2026, 6, 1))


def test_a_line_without_quantity_and_price_has_none():
    line = item_line(40)
    del line["SalesItemLineDetail"]["Qty"], line["SalesItemLineDetail"]["UnitPrice"]
    found = mapped(Line=[line]).lines[0]
    assert (found.quantity, found.unit_price, found.amount) == (None, None, Decimal(40))


@pytest.mark.parametrize("order", [1, -1])
def test_r13_discount_stands_apart_wherever_its_line_is(order):
    tail = [subtotal_line(200), discount_line(20.00)][::order]
    record = mapped(
        Line=[item_line(200), *tail],
        TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}, "TotalTax": 15.30},
        TotalAmt=195.30,
        Balance=100,
    )
    assert figures(record) == ("200.00", "20.00", "15.30", "195.30", "100.00")
    assert len(record.lines) == 1


def test_a_text_line_has_no_amount():
    text, inline = mapped(Line=[text_line("Phase one"), text_line("Subtotal: $200.00")]).lines
    assert (text.kind, text.description, text.amount) == ("text", "Phase one", None)
    assert (inline.kind, inline.position) == ("subtotal", 2)


def test_r13_bundles_are_opened():
    bundle = {
        "Id": "7",
        "Amount": 60,
        "DetailType": "GroupLineDetail",
        "GroupLineDetail": {
            "GroupItemRef": {"value": "33", "name": "Starter kit (deleted)"},
            "Quantity": 1,
            "Line": [item_line(20), item_line(40)],
        },
    }
    record = mapped(Line=[item_line(5), bundle, subtotal_line(65)], TotalAmt=65, Balance=65)
    assert [(line.position, line.bundle_name) for line in record.lines] == [
        (1, ""),
        (2, "Starter kit"),
        (3, "Starter kit"),
    ]
    assert amounts(record) == record.subtotal == Decimal(65)


def test_a_bundle_without_its_lines_is_one_line():
    bundle = {
        "Amount": 60,
        "DetailType": "GroupLineDetail",
        "GroupLineDetail": {"GroupItemRef": {"value": "33", "name": "Kit"}, "Quantity": 2},
    }
    (line,) = mapped(Line=[bundle], TotalAmt=60).lines
    assert (line.kind, line.item_id, line.bundle_name) == ("item", "33", "Kit")
    assert (line.quantity, line.amount) == (Decimal(2), Decimal(60))


def test_shipping_is_a_line_of_its_own_kind():
    record = mapped(
        Line=[item_line(100), item_line(12.5, ItemRef={"value": "SHIPPING_ITEM_ID"})],
        TotalAmt=112.5,
    )
    assert [(line.kind, line.item_id) for line in record.lines] == [
        ("item", "18"),
        ("shipping", None),
    ]
    assert record.subtotal == Decimal("112.5")


def test_gross_prices_leave_net_lines_and_a_net_subtotal():
    record = mapped(
        GlobalTaxCalculation="TaxInclusive",
        Line=[item_line(100, TaxInclusiveAmt=120, TaxCodeRef={"value": "4"})],
        TxnTaxDetail={"TotalTax": 20},
        TotalAmt=120,
        Balance=120,
    )
    assert figures(record) == ("100.00", "0.00", "20.00", "120.00", "120.00")
    assert record.lines[0].amount == Decimal(100)


def test_a_cent_lost_in_gross_prices_stays_in_the_subtotal():
    record = mapped(
        GlobalTaxCalculation="TaxInclusive",
        Line=[item_line(33.33), item_line(33.33), item_line(33.33)],
        TxnTaxDetail={"TotalTax": 20},
        TotalAmt=120,
    )
    assert record.subtotal - record.discount + record.tax == record.total == Decimal(120)
    assert record.subtotal == Decimal(100)


def test_r13_a_void_invoice_is_known_by_its_note_and_its_zeros():
    gone = {"UnitPrice": None, "Qty": None}
    void = {"TotalAmt": 0, "Balance": 0, "Line": [item_line(0, **gone), subtotal_line(0)]}
    assert mapped(**void, PrivateNote="Voided").voided is True
    assert mapped(**void, PrivateNote="Voided\ncall Marta").voided is True
    assert mapped(**void).voided is False
    assert mapped(**void, PrivateNote="Not voided").voided is False
    assert mapped(PrivateNote="Voided cheque enclosed").voided is False


def test_a_free_invoice_whose_note_begins_with_voided_is_not_void():
    lines = [item_line(100), item_line(-100)]
    assert mapped(TotalAmt=0, Balance=0, Line=lines, PrivateNote="Voided...").voided is False


def test_what_is_absent_is_empty():
    row = samples.without(
        samples.invoice(), "DocNumber", "DueDate", "BillEmail", "SalesTermRef", "TxnTaxDetail",
        "CustomerMemo", "CurrencyRef", "Line",
    )  # fmt: skip
    record = invoice_from(samples.encoded(row))
    assert (record.doc_number, record.due_date, record.email) == ("", None, "")
    assert (record.term_id, record.memo, record.currency) == (None, "", "")
    assert (record.lines, record.tax) == ((), Decimal(0))


def test_a_child_customer_is_shown_without_the_suffix():
    ref = {"value": "72", "name": "Shed (deleted)"}
    assert mapped(CustomerRef=ref).customer_name == "Shed"
