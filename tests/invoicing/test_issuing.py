"""Sending, settling and voiding: what counts from then on, and what others are told."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from contacts.models import FieldChange, Invoice, Origin, Payment, RecordKind
from contacts.services.invoicing import (
    Line,
    NotSendableError,
    NotVoidableError,
    PaymentsApplyError,
    create_draft,
    mark_paid,
    mark_sent,
    void_invoice,
)
from contacts.services.payments import record_payment
from tests.factories import InvoiceFactory

DAY = datetime.date(2026, 11, 23)


def test_r15_a_draft_has_no_number_and_is_announced_to_nobody(draft, announced):
    assert draft.number == ""
    assert (draft.subtotal, draft.total, draft.balance) == (Decimal(250),) * 3
    assert announced == []


def test_r15_sending_draws_the_number_and_announces_once(draft, staff, announced):
    sent = mark_sent(draft, by=staff)
    assert sent.number == "NW-501"
    assert announced == [(draft, frozenset({"sent_at"}))]


def test_r16_sending_twice_sends_once(draft, staff, announced):
    first = mark_sent(draft, by=staff)
    again = mark_sent(draft, by=staff)
    assert (again.number, again.sent_at) == (first.number, first.sent_at)
    assert len(announced) == 1


def test_a_refused_sending_draws_no_number(business, contact, draft, staff):
    empty = create_draft(contact, [Line(description="Only words")])
    with pytest.raises(NotSendableError):
        mark_sent(empty, by=staff)
    assert mark_sent(draft, by=staff).number == "NW-501"


def test_a_number_that_is_in_use_is_passed_over(draft, staff):
    InvoiceFactory(number="NW-501", origin=Origin.CRM, sent=True)
    InvoiceFactory(number="NW-502", origin=Origin.QUICKBOOKS, sent=True)
    assert mark_sent(draft, by=staff).number == "NW-502"


def test_r15_paying_a_draft_sends_it_first_and_pays_all_of_it(draft, staff, announced):
    payment = mark_paid(draft, by=staff, date=DAY, method="Cash")
    draft.refresh_from_db()
    assert draft.balance == 0
    assert draft.number == "NW-501"
    assert (payment.amount, payment.date, payment.method) == (Decimal(250), DAY, "Cash")
    assert announced == [(draft, frozenset({"sent_at"})), (payment, frozenset({"created"}))]


def test_paying_pays_only_what_is_left(sent, staff):
    record_payment(sent.contact, Decimal(100), DAY, allocations={sent: Decimal(100)})
    assert mark_paid(sent, by=staff).amount == Decimal(150)
    assert mark_paid(sent, by=staff) is None
    assert Payment.objects.count() == 2


def test_void_owes_nothing_and_keeps_lines_and_total(sent, staff, announced):
    void_invoice(sent, by=staff, reason="Ordered twice")
    sent.refresh_from_db()
    assert (sent.total, sent.balance, sent.lines.count()) == (Decimal(250), Decimal(0), 2)
    assert sent.void_note == "Ordered twice"
    assert announced == [(sent, frozenset({"voided_at"}))]
    void_invoice(sent, by=staff)
    assert len(announced) == 1


def test_void_waits_for_live_payments(sent, staff, announced):
    payment = record_payment(sent.contact, Decimal(40), DAY, allocations={sent: Decimal(40)})
    announced.clear()
    with pytest.raises(PaymentsApplyError) as refused:
        void_invoice(sent, by=staff)
    assert refused.value.payments == [payment]
    sent.refresh_from_db()
    assert (sent.voided_at, sent.balance, announced) == (None, Decimal(210), [])


def test_void_with_its_payments_voids_them_first(sent, staff, announced):
    payment = record_payment(sent.contact, Decimal(40), DAY, allocations={sent: Decimal(40)})
    announced.clear()
    void_invoice(sent, by=staff, with_payments=True)
    sent.refresh_from_db()
    payment.refresh_from_db()
    assert payment.voided_at
    assert sent.balance == 0
    assert announced == [
        (payment, frozenset({"voided_at"})),
        (sent, frozenset({"voided_at"})),
    ]


def test_drafts_and_quickbooks_own_are_not_voided_here(draft, staff):
    theirs = InvoiceFactory(origin=Origin.QUICKBOOKS, sent=True)
    for invoice in (draft, theirs):
        with pytest.raises(NotVoidableError):
            void_invoice(invoice, by=staff)
    assert not Invoice.objects.filter(voided_at__isnull=False).exists()


def test_r22_history_tells_who_sent_and_who_voided(sent, staff):
    void_invoice(sent, by=staff, reason="Ordered twice")
    entries = FieldChange.objects.filter(kind=RecordKind.INVOICE, record_id=sent.pk).order_by("pk")
    assert [entry.field for entry in entries] == [
        "created",
        "sent_at",
        "number",
        "voided_at",
        "balance",
    ]
    assert {entry.by for entry in entries} == {staff}
    assert entries.last().note == "Ordered twice"
