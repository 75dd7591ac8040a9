from __future__ import annotations

from datetime import date
from decimal import Decimal

from integrations.quickbooks.mapping.payments import payment_from
from integrations.quickbooks.records import AppliedRecord
from tests.quickbooks import samples


def mapped(**changes):
    return payment_from(samples.encoded(samples.payment(**changes)))


def test_r18_every_field_is_read():
    record = mapped()
    assert (record.external_id, record.sync_token, record.customer_id) == ("301", 0, "71")
    assert (record.date, record.currency) == (date(2026, 7, 2), "USD")
    assert (record.amount, record.unapplied) == (Decimal(150), Decimal(25))
    assert (record.reference, record.method_id, record.note) == ("CHQ 4411", "2", "by post")
    assert record.voided is False
    assert record.applied == (AppliedRecord("266", Decimal(125), "Invoice"),)


def test_r18_an_unapplied_payment_has_no_parts():
    record = mapped(Line=[], UnappliedAmt=150)
    assert (record.applied, record.unapplied) == ((), Decimal(150))


def test_r18_split_over_invoices_and_a_credit():
    parts = [("266", "Invoice", 100), ("267", "Invoice", 70.5), ("90", "CreditMemo", 20.5)]
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": txn, "TxnType": type_}]}
        for txn, type_, amount in parts
    ]
    assert [
        (each.invoice_id, each.txn_type, each.amount) for each in mapped(Line=lines).applied
    ] == [
        ("266", "Invoice", Decimal(100)),
        ("267", "Invoice", Decimal("70.5")),
        ("90", "CreditMemo", Decimal("20.5")),
    ]


def test_an_amount_over_several_links_is_counted_once():
    linked = [{"TxnId": "1", "TxnType": "Invoice"}, {"TxnId": "2", "TxnType": "Invoice"}]
    applied = mapped(Line=[{"Amount": 50, "LinkedTxn": linked}]).applied
    assert [each.amount for each in applied] == [Decimal(50), Decimal(0)]


def test_the_zero_payment_that_links_credits_is_not_void():
    note = "Created by QB Online to link credits to charges."
    row = samples.without(samples.payment(TotalAmt=0, PrivateNote=note), "DepositToAccountRef")
    assert payment_from(samples.encoded(row)).voided is False


def test_r18_a_voided_payment():
    record = mapped(TotalAmt=0, UnappliedAmt=0, Line=[], PrivateNote="Voided - by post")
    assert (record.voided, record.amount) == (True, Decimal(0))
