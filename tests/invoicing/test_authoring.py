"""Drafts and edits: what may change, what follows from it, and who hears of it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from contacts.models import FieldChange, Invoice, InvoiceLine, Origin, RecordKind
from contacts.services.invoicing import (
    AmountsError,
    Line,
    NotADraftError,
    NotEditableError,
    TotalBelowPaidError,
    copy_as_new,
    create_draft,
    delete_draft,
    mark_sent,
    update_invoice,
    void_invoice,
)
from contacts.services.payments import record_payment
from tests.factories import ContactFactory, InvoiceFactory, InvoiceLineFactory, ProductFactory

DAY = datetime.date(2026, 11, 23)
ONE = [Line(description="One", quantity=Decimal(1), unit_price=Decimal(80))]


def test_a_draft_is_due_after_the_business_usual_days(business, contact):
    business.payment_days = 14
    business.save()
    draft = create_draft(contact, issue_date=DAY)
    assert draft.due_date == datetime.date(2026, 12, 7)
    assert draft.currency == business.currency


def test_lines_and_percent_are_refigured_together(draft, announced):
    changed = update_invoice(draft, {"lines": ONE, "discount_percent": Decimal("12.5")})
    draft.refresh_from_db()
    assert changed == {"lines", "discount_percent", "subtotal", "discount", "total"}
    assert (draft.subtotal, draft.discount, draft.total, draft.balance) == (
        Decimal(80),
        Decimal(10),
        Decimal(70),
        Decimal(70),
    )
    assert announced == []


def test_a_percentage_follows_later_lines(draft):
    update_invoice(draft, {"discount_percent": Decimal(10)})
    update_invoice(draft, {"lines": ONE})
    draft.refresh_from_db()
    assert (draft.discount, draft.total) == (Decimal(8), Decimal(72))


def test_r15_an_edit_of_a_sent_invoice_announces_what_changed(sent, staff, announced):
    changed = update_invoice(sent, {"memo": "Thank you", "due_date": DAY, "lines": ONE}, by=staff)
    assert changed == {"memo", "due_date", "lines", "subtotal", "total"}
    assert announced == [(sent, changed)]
    sent.refresh_from_db()
    assert sent.balance == Decimal(80)


def test_the_same_values_change_nothing(sent, announced):
    lines = [
        Line(description="Oak table", quantity=Decimal("2.00"), unit_price=Decimal("100.0")),
        Line(description="Delivery", quantity=Decimal(1), unit_price=Decimal(50)),
    ]
    before = [line.pk for line in sent.lines.all()]
    assert not update_invoice(sent, {"lines": lines, "memo": sent.memo, "discount": Decimal(0)})
    assert [line.pk for line in sent.lines.all()] == before
    assert announced == []


def test_only_what_is_asked_for_is_written(sent):
    # Somebody else saved another field after this form was opened.
    stale = Invoice.objects.get(pk=sent.pk)
    update_invoice(sent, {"terms": "Net 15"})
    update_invoice(stale, {"memo": "Thank you"})
    sent.refresh_from_db()
    assert (sent.terms, sent.memo) == ("Net 15", "Thank you")


def test_what_was_paid_stays_paid(sent):
    record_payment(sent.contact, Decimal(100), DAY, allocations={sent: Decimal(100)})
    update_invoice(
        sent, {"lines": [Line(description="x", quantity=Decimal(1), unit_price=Decimal(130))]}
    )
    sent.refresh_from_db()
    assert sent.balance == Decimal(30)
    with pytest.raises(TotalBelowPaidError) as refused:
        update_invoice(sent, {"lines": ONE})
    assert refused.value.paid == Decimal(100)
    sent.refresh_from_db()
    assert (sent.total, sent.balance) == (Decimal(130), Decimal(30))


def test_r13_quickbooks_own_void_and_locked_ones_are_read_only(draft, announced):
    theirs = InvoiceFactory(origin=Origin.QUICKBOOKS, sent=True)
    void = InvoiceFactory(void=True)
    locked = InvoiceFactory(sent=True, locked_reason="It has a class in QuickBooks.")
    for invoice in (theirs, void, locked):
        with pytest.raises(NotEditableError):
            update_invoice(invoice, {"memo": "Mine"})
        invoice.refresh_from_db()
        assert invoice.memo == ""
    with pytest.raises(NotEditableError, match="has a class in QuickBooks"):
        update_invoice(locked, {"lines": ONE})
    assert announced == []


def test_customer_and_currency_are_settled_once_sent(draft, staff):
    somebody = ContactFactory()
    update_invoice(draft, {"contact": somebody, "currency": "EUR"})
    mark_sent(draft, by=staff)
    for changes in ({"contact": ContactFactory()}, {"currency": "USD"}):
        with pytest.raises(NotEditableError):
            update_invoice(draft, changes)
    draft.refresh_from_db()
    assert (draft.contact, draft.currency) == (somebody, "EUR")


@pytest.mark.parametrize(
    "changes",
    [
        {"discount": Decimal("250.01")},
        {"discount": Decimal("-0.01")},
        {"discount_percent": Decimal("100.01")},
        {"lines": [Line(description="x", quantity=Decimal(1), unit_price=Decimal(-1))]},
        {"lines": [Line(description="x", quantity=Decimal(10**6), unit_price=Decimal(10**5))]},
    ],
)
def test_impossible_figures_change_nothing(draft, changes):
    with pytest.raises(AmountsError):
        update_invoice(draft, changes)
    draft.refresh_from_db()
    assert (draft.total, draft.lines.count()) == (Decimal(250), 2)


def test_only_drafts_are_deleted(draft, staff, announced):
    pk = draft.pk
    delete_draft(draft, by=staff)
    assert not Invoice.objects.exists()
    assert not InvoiceLine.objects.exists()
    gone = FieldChange.objects.get(kind=RecordKind.INVOICE, record_id=pk, field="deleted")
    assert "Dana Reeves, 250.00 USD" in gone.old
    assert announced == []


def test_sent_and_void_ones_are_never_deleted(sent, staff):
    with pytest.raises(NotADraftError):
        delete_draft(sent, by=staff)
    void_invoice(sent, by=staff)
    with pytest.raises(NotADraftError):
        delete_draft(sent, by=staff)
    assert Invoice.objects.count() == 1


def test_a_copy_is_a_draft_of_today_with_the_same_contents(sent, staff, announced):
    update_invoice(sent, {"discount_percent": Decimal(10), "memo": "Thanks"})
    sent.refresh_from_db()
    announced.clear()
    copy = copy_as_new(sent, by=staff)
    assert (copy.number, copy.sent_at, copy.memo) == ("", None, "Thanks")
    assert (copy.subtotal, copy.discount, copy.total) == (Decimal(250), Decimal(25), Decimal(225))
    assert copy.due_date - copy.issue_date == sent.due_date - sent.issue_date
    assert [line.description for line in copy.lines.all()] == ["Oak table", "Delivery"]
    assert announced == []


def test_r17_a_copy_of_quickbooks_invoice_carries_no_tax(business, staff):
    theirs = InvoiceFactory(origin=Origin.QUICKBOOKS, sent=True, tax=Decimal(8), total=Decimal(108))
    product = ProductFactory()
    InvoiceLineFactory(invoice=theirs, product=product, quantity=None, unit_price=None, amount=100)
    copy = copy_as_new(theirs, by=staff)
    assert (copy.tax, copy.total, copy.origin) == (Decimal(0), Decimal(100), Origin.CRM)
    line = copy.lines.get()
    assert (line.product, line.quantity, line.unit_price) == (product, 1, 100)


def test_r10_the_history_shows_both_sets_of_lines(sent, staff):
    update_invoice(sent, {"lines": ONE}, by=staff)
    entry = FieldChange.objects.get(kind=RecordKind.INVOICE, record_id=sent.pk, field="lines")
    assert entry.old == "2 × Oak table at 100 = 200.00\n1 × Delivery at 50 = 50.00"
    assert entry.new == "1 × One at 80 = 80.00"
