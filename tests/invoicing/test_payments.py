"""Money received: what it pays, what it may not, and what its invoices owe afterwards (R18)."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from contacts.models import Allocation, Origin, Payment
from contacts.services.payments import (
    MoreThanOwedError,
    NotPayableError,
    PaymentError,
    ReadOnlyPaymentError,
    record_payment,
    update_payment,
    void_payment,
)
from tests.factories import AllocationFactory, ContactFactory, InvoiceFactory, PaymentFactory

DAY = datetime.date(2026, 11, 23)


def balance(invoice):
    invoice.refresh_from_db()
    return invoice.balance


@pytest.fixture
def other(sent):
    """A second invoice of the same customer, made in QuickBooks: 100.00."""
    return InvoiceFactory(contact=sent.contact, origin=Origin.QUICKBOOKS, sent=True)


def pay(invoice, amount, **more):
    amount = Decimal(amount)
    return record_payment(invoice.contact, amount, DAY, allocations={invoice: amount}, **more)


def test_r18_a_part_payment_lowers_the_balance_at_once(sent, announced):
    payment = pay(sent, "99.99", method="Check", reference="1207")
    assert balance(sent) == Decimal("150.01")
    assert announced == [(payment, frozenset({"created"}))]


def test_r18_one_payment_is_split_over_invoices_of_either_side(sent, other, announced):
    payment = record_payment(
        sent.contact,
        Decimal(300),
        DAY,
        allocations={sent: Decimal(250), other: Decimal(50)},
    )
    assert (balance(sent), balance(other)) == (Decimal(0), Decimal(50))
    assert payment.unapplied == 0
    assert announced == [(payment, frozenset({"created"}))]


def test_r18_more_than_is_owed_needs_a_word_and_never_goes_below_zero(sent, announced):
    with pytest.raises(MoreThanOwedError) as refused:
        pay(sent, 260)
    assert refused.value.owed == Decimal(250)
    assert (Payment.objects.count(), balance(sent), announced) == (0, Decimal(250), [])
    payment = pay(sent, 260, more_than_owed=True)
    assert (balance(sent), payment.unapplied) == (Decimal(0), Decimal(10))


def test_parts_cannot_exceed_what_was_received(sent, other):
    with pytest.raises(PaymentError):
        record_payment(
            sent.contact, Decimal(60), DAY, allocations={sent: Decimal(50), other: Decimal(50)}
        )
    assert not Payment.objects.exists()


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-5), Decimal("10000000000.00")])
def test_impossible_amounts_are_refused(sent, amount):
    with pytest.raises(PaymentError):
        record_payment(sent.contact, amount, DAY, allocations={})
    assert not Payment.objects.exists()


def test_drafts_void_ones_other_customers_and_mixed_currencies_take_no_money(sent, draft, staff):
    unsent = InvoiceFactory(contact=sent.contact)
    void = InvoiceFactory(contact=sent.contact, void=True)
    foreign = InvoiceFactory(contact=ContactFactory(), sent=True)
    for invoice in (unsent, void, foreign):
        with pytest.raises(NotPayableError):
            record_payment(sent.contact, Decimal(10), DAY, allocations={invoice: Decimal(10)})
    euros = InvoiceFactory(contact=sent.contact, sent=True, currency="EUR")
    with pytest.raises(PaymentError, match="EUR and USD"):
        record_payment(
            sent.contact, Decimal(20), DAY, allocations={sent: Decimal(10), euros: Decimal(10)}
        )
    assert not Payment.objects.exists()


def test_a_payment_has_the_currency_of_its_invoices(sent):
    euros = InvoiceFactory(contact=sent.contact, sent=True, currency="EUR")
    assert pay(euros, 10).currency == "EUR"


def test_r18_void_reopens_what_was_paid(sent, other, announced):
    payment = record_payment(
        sent.contact, Decimal(300), DAY, allocations={sent: Decimal(250), other: Decimal(50)}
    )
    announced.clear()
    void_payment(payment, reason="Bounced")
    payment.refresh_from_db()
    assert (balance(sent), balance(other)) == (Decimal(250), Decimal(100))
    assert (payment.amount, payment.void_note) == (Decimal(300), "Bounced")
    assert announced == [(payment, frozenset({"voided_at"}))]
    void_payment(payment)
    assert len(announced) == 1
    assert balance(sent) == Decimal(250)


def test_an_edit_moves_balances_by_the_difference_and_tells_what_changed(sent, other, announced):
    payment = pay(sent, 100)
    announced.clear()
    changed = update_payment(
        payment,
        {
            "amount": Decimal(120),
            "reference": "77",
            "method": "",
            "allocations": {sent: Decimal(90), other: Decimal(30)},
        },
    )
    assert changed == {"amount", "reference", "allocations"}
    assert (balance(sent), balance(other)) == (Decimal(160), Decimal(70))
    assert announced == [(payment, changed)]


def test_an_edit_that_changes_nothing_is_no_edit(sent, announced):
    payment = pay(sent, 100)
    announced.clear()
    assert not update_payment(payment, {"amount": Decimal("100.00"), "date": DAY})
    assert not update_payment(payment, {"allocations": {sent: Decimal(100)}})
    assert announced == []


def test_the_payments_own_part_does_not_count_against_it(sent):
    payment = pay(sent, 250)
    update_payment(payment, {"allocations": {sent: Decimal(200)}})
    assert balance(sent) == Decimal(50)
    payment.refresh_from_db()
    assert payment.unapplied == Decimal(50)
    with pytest.raises(MoreThanOwedError):
        update_payment(payment, {"allocations": {sent: Decimal("250.01")}})


def test_r18_parts_elsewhere_and_void_payments_are_read_only(other, announced):
    part = AllocationFactory(invoice=other, amount=Decimal(40))
    Payment.objects.filter(pk=part.payment_id).update(elsewhere=Decimal(60))
    void = PaymentFactory(contact=other.contact, voided_at="2026-11-01T00:00Z")
    with pytest.raises(ReadOnlyPaymentError, match="only QuickBooks holds"):
        update_payment(part.payment, {"amount": Decimal(1)})
    with pytest.raises(ReadOnlyPaymentError):
        void_payment(part.payment)
    with pytest.raises(ReadOnlyPaymentError):
        update_payment(void, {"amount": Decimal(1)})
    assert Allocation.objects.get().amount == Decimal(40)
    assert announced == []


def test_r18_what_quickbooks_credited_stays_taken_off(sent):
    # QuickBooks took 30 off by a credit note, which the pull wrote into the balance.
    type(sent).objects.filter(pk=sent.pk).update(balance=Decimal(220), credited=Decimal(30))
    payment = pay(sent, 220)
    assert balance(sent) == 0
    void_payment(payment)
    assert balance(sent) == Decimal(220)
