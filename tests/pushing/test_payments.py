"""Payments both ways (R18): in part, split, too much, taken back, entered twice."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from contacts.models import Contact, Payment, Product
from contacts.services.payments import record_payment, update_payment, void_payment
from integrations import attention
from integrations.models import OutboxEntry, PaymentLink
from tests.pushing.test_edits import _writes
from tests.pushing.test_invoices import an_invoice, send, there

DAY = datetime.date(2026, 11, 23)


@pytest.fixture
def sold(connected):
    """Two invoices of ours over 100 and 50, both there."""
    connected.ada = connected.customer()
    connected.item("Consulting", "100.00")
    connected.pull()
    contact, consulting = Contact.objects.get(), Product.objects.get(name="Consulting")
    connected.invoices = [
        an_invoice(contact, (consulting, 1, "100")),
        an_invoice(contact, (consulting, 1, "50"), number="INV-1002"),
    ]
    for invoice in connected.invoices:
        send(connected, invoice)
    connected.emulator.forget_requests()
    return connected


def balances(world):
    """As QuickBooks has them, and as they are here."""
    stored = {row["DocNumber"]: Decimal(str(row["Balance"])) for row in there(world)}
    here = []
    for invoice in world.invoices:
        invoice.refresh_from_db()
        here.append(invoice.balance)
    assert here == [stored[invoice.number] for invoice in world.invoices]
    return here


def test_r18_in_part_then_more_then_split_over_both(sold):
    one, two = sold.invoices
    payment = record_payment(one.contact, Decimal(30), DAY, allocations={one: Decimal(30)})
    sold.work()
    assert balances(sold) == [70, 50]
    assert (len(_writes(sold)), len(sold.reads())) == (1, 0)

    shares = {one: Decimal(60), two: Decimal(30)}
    update_payment(payment, {"amount": Decimal(90), "allocations": shares})
    sold.work()

    assert balances(sold) == [40, 20]
    [row] = there(sold, "Payment")
    assert (row["TotalAmt"], row["UnappliedAmt"]) == (90, 0)
    assert (len(_writes(sold)), len(sold.reads())) == (2, 0)


def test_r18_what_is_too_much_goes_along_as_credit(sold):
    one, _ = sold.invoices
    record_payment(one.contact, Decimal(130), DAY, allocations={one: Decimal(100)})
    sold.work()
    [row] = there(sold, "Payment")
    assert (row["TotalAmt"], row["UnappliedAmt"]) == (130, 30)
    assert balances(sold) == [0, 50]
    sold.pull()
    payment = Payment.objects.get()
    assert (payment.amount, payment.unapplied) == (130, 30)


@pytest.mark.parametrize("side", ["here", "voided there", "deleted there"])
def test_r18_taken_back_on_either_side_it_re_opens_the_invoice_on_both(sold, side):
    one, _ = sold.invoices
    payment = record_payment(one.contact, Decimal(100), DAY, allocations={one: Decimal(100)})
    sold.work()
    assert balances(sold) == [0, 50]
    [row] = there(sold, "Payment")
    if side == "here":
        void_payment(payment, reason="Bounced")
        sold.work()
    else:
        sold.act("Payment", row, "void" if side == "voided there" else "delete")
    sold.pull()

    assert balances(sold) == [100, 50]
    payment.refresh_from_db()
    assert payment.voided_at
    assert payment.allocations.count() == 0
    assert not OutboxEntry.objects.exists()


def test_r18_entered_by_two_people_one_there_and_one_here_the_second_is_asked_about(sold):
    one, _ = sold.invoices
    record_payment(one.contact, Decimal(100), DAY, allocations={one: Decimal(100)})
    sold.work()
    customer, [invoice] = sold.ada, [row for row in there(sold) if row["DocNumber"] == "INV-1002"]
    sold.payment(customer, (invoice, 50))
    two = sold.invoices[1]
    second = record_payment(two.contact, Decimal(50), DAY, allocations={two: Decimal(50)})
    sold.work()

    assert len(there(sold, "Payment")) == 2
    assert not PaymentLink.objects.filter(payment=second).exists()
    [item] = attention.open_items()
    assert (item.facts["why"], item.facts["record"]) == ("already_paid", second.pk)


@pytest.mark.parametrize("code", ["620", "2500", "6000"])
def test_r18_its_invoice_went_to_another_customer_unheard_and_it_is_paid_there(sold, code):
    """facts 4.4: QuickBooks refuses another customer's invoice, with one of three codes."""
    sold.emulator.switch(other_customers_invoice=code)
    one, _ = sold.invoices
    bea = sold.customer("Ada Second", "ada@example.com")
    sold.pull()
    [row] = [row for row in there(sold) if row["DocNumber"] == one.number]
    sold.change("Invoice", row, CustomerRef={"value": bea["Id"]})
    record_payment(one.contact, Decimal(100), DAY, allocations={one: Decimal(100)})
    sold.work()
    assert balances(sold) == [0, 50]
    [paid] = there(sold, "Payment")
    assert paid["CustomerRef"]["value"] == bea["Id"]
    assert not OutboxEntry.objects.exists()
