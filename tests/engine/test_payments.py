"""Payments on synced invoices: shared out, elsewhere, credited, unapplied, undone (R18)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contacts.models import Allocation, Contact, Invoice, Payment
from integrations.models import InvoiceLink, PaymentLink, Run, SetAside


def invoice_of(row):
    return InvoiceLink.objects.get(external_id=row["Id"]).invoice


def payment_of(row):
    return PaymentLink.objects.get(external_id=row["Id"]).payment


def shares(row):
    return sorted(payment_of(row).allocations.values_list("amount", flat=True))


def assert_adds_up():
    """Always: amount = allocations + elsewhere + unapplied; total - balance = paid + credited."""
    for payment in Payment.objects.filter(voided_at=None):
        parts = sum(payment.allocations.values_list("amount", flat=True), Decimal(0))
        assert payment.amount == parts + payment.elsewhere + payment.unapplied
    for invoice in Invoice.objects.filter(voided_at=None):
        paid = sum(
            invoice.allocations.filter(payment__voided_at=None).values_list("amount", flat=True),
            Decimal(0),
        )
        assert invoice.total - invoice.balance == paid + invoice.credited


def test_r18_parent_pays_the_invoices_of_its_sub_customers_and_changes_its_mind(connected):
    parent = connected.customer("Parent Company", "parent@example.com")
    child = connected.customer(
        "Child One", "child@example.com", ParentRef={"value": parent["Id"]}, Job=True
    )
    item = connected.item()
    mine, theirs = connected.invoice(parent, item), connected.invoice(child, item)
    payment = connected.payment(parent, (mine, 50), (theirs, 200), total=300)
    connected.pull()

    paid = payment_of(payment)
    assert paid.contact.email == "parent@example.com"
    assert (paid.amount, paid.unapplied, paid.elsewhere) == (300, 50, 0)
    assert shares(payment) == [50, 200]
    assert (invoice_of(mine).balance, invoice_of(theirs).balance) == (150, 0)
    assert_adds_up()

    part = {"Amount": 120, "LinkedTxn": [{"TxnId": mine["Id"], "TxnType": "Invoice"}]}
    connected.change("Payment", payment, TotalAmt=120, Line=[part])
    connected.pull()
    assert shares(payment) == [120]
    assert (invoice_of(mine).balance, invoice_of(theirs).balance) == (80, 200)

    connected.change("Payment", payment, Line=[])
    connected.pull()
    assert shares(payment) == []
    assert payment_of(payment).unapplied == 120
    assert invoice_of(mine).balance == 200

    connected.change("Payment", payment, Line=[part])
    connected.pull()
    assert shares(payment) == [120]
    connected.act("Payment", payment, "void")
    connected.pull()
    assert payment_of(payment).voided_at is not None
    assert shares(payment) == []
    assert invoice_of(mine).balance == 200
    assert_adds_up()


def test_r18_credit_memo_shows_as_credited_and_not_as_money(connected):
    ada, item = connected.customer(), connected.item()
    invoice = connected.invoice(ada, item)
    connected.credit(ada, item, invoice, 40)
    connected.pull()
    here = invoice_of(invoice)
    assert (here.balance, here.credited) == (160, 40)
    assert not Payment.objects.exists()

    paid = connected.payment(ada, (invoice, 60))
    connected.pull()
    here.refresh_from_db()
    assert (here.balance, here.credited, shares(paid)) == (100, 40, [60])
    assert_adds_up()


@pytest.mark.parametrize("moves", [True, False])
def test_r18_payment_in_the_second_of_its_invoice_shows_at_once(connected, moves):
    """facts 4.4: whether a payment moves its invoice's SyncToken is inferred; its time has whole
    seconds (facts 5.10)."""
    connected.emulator.switch(payment_moves_token=moves)
    connected.emulator.stand_still()
    ada, item = connected.customer(), connected.item()
    nobody = connected.customer("No Address", email=None)
    invoice, parked = connected.invoice(ada, item), connected.invoice(nobody, item)
    connected.pull()
    connected.payment(ada, (invoice, 50))
    connected.pull()
    assert invoice_of(invoice).balance == 150
    other = connected.payment(ada, (invoice, 150))
    connected.payment(nobody, (parked, 60))
    connected.pull()
    assert invoice_of(invoice).balance == 0
    connected.act("Payment", other, "void")
    # What was parked says by now what is there by now.
    connected.change("Customer", nobody, PrimaryEmailAddr={"Address": "now@example.com"})
    connected.pull()
    assert (invoice_of(invoice).balance, invoice_of(parked).balance) == (150, 140)
    assert_adds_up()
    unchanged = list(Invoice.objects.order_by("pk").values())
    connected.pull()
    assert list(Invoice.objects.order_by("pk").values()) == unchanged


@pytest.mark.parametrize("applied", [True, False])
def test_r18_what_a_customer_made_inactive_still_owed_is_credited(connected, applied):
    """facts 4.1: QuickBooks balances it with a credit memo; no money came in."""
    connected.emulator.switch(balancing_credit_applied=applied)
    ada, item = connected.customer(), connected.item()
    invoice = connected.invoice(ada, item)
    connected.payment(ada, (invoice, 50))
    connected.pull()
    connected.act("Customer", ada, "inactivate")
    connected.pull()
    here = invoice_of(invoice)
    assert (here.balance, here.credited) == ((0, 150) if applied else (150, 0))
    assert Payment.objects.get().amount == 50
    assert_adds_up()


@pytest.mark.parametrize("verb", ["void", "delete"])
def test_r18_credit_of_an_invoice_that_was_voided_is_free_again_and_not_shown(connected, verb):
    ada, item = connected.customer(), connected.item()
    invoice = connected.invoice(ada, item)
    connected.credit(ada, item, invoice, 40)
    connected.pull()
    assert invoice_of(invoice).credited == 40

    connected.act("Invoice", invoice, verb)
    connected.pull()
    here = invoice_of(invoice)
    assert here.voided_at is not None
    assert (here.total, here.balance, here.credited) == (200, 0, 0)


def test_r18_payment_over_synced_parked_and_older_invoices_shows_the_rest_elsewhere(world):
    parent = world.customer("Parent Company", "parent@example.com")
    child = world.customer("No Address", None, ParentRef={"value": parent["Id"]}, Job=True)
    item = world.item()
    old = world.invoice(parent, item)
    world.emulator.advance(10)
    world.connect()
    world.work()
    mine = world.invoice(parent, item)
    parked = [world.invoice(child, item), world.invoice(child, item)]
    payment = world.payment(parent, (old, 200), (mine, 100), (parked[0], 70), (parked[1], 30))
    only_parked = world.payment(parent, (parked[0], 10), (parked[1], 20))
    world.pull()

    assert shares(payment) == [100]
    assert payment_of(payment).elsewhere == 300
    assert SetAside.objects.filter(kind="Payment").count() == 1
    assert_adds_up()

    # The invoices come in after their payments.
    world.change("Customer", child, PrimaryEmailAddr={"Address": "child@example.com"})
    world.pull()
    assert shares(payment) == [30, 70, 100]
    assert payment_of(payment).elsewhere == 200
    assert shares(only_parked) == [10, 20]
    assert [invoice_of(each).credited for each in parked] == [0, 0]
    assert not SetAside.objects.exists()
    assert_adds_up()


def test_r18_parked_payment_that_pays_nothing_of_ours_any_more_is_forgotten(connected):
    nobody, item = connected.customer("No Address", email=None), connected.item()
    invoice = connected.invoice(nobody, item)
    payment = connected.payment(nobody, (invoice, 50))
    connected.pull()
    assert set(SetAside.objects.values_list("kind", flat=True)) == {
        "Customer",
        "Invoice",
        "Payment",
    }
    connected.change("Payment", payment, Line=[])
    connected.pull()
    connected.change("Invoice", invoice, DocNumber="edited")
    connected.pull()
    assert SetAside.objects.get(kind="Invoice").label == "edited"
    connected.act("Invoice", invoice, "delete")
    connected.pull()
    assert set(SetAside.objects.values_list("kind", flat=True)) == {"Customer"}

    connected.change("Customer", nobody, PrimaryEmailAddr={"Address": "now@example.com"})
    connected.pull()
    assert Contact.objects.count() == 1
    assert not Invoice.objects.exists()
    assert not Payment.objects.exists()


@pytest.mark.parametrize("undone", ["change", "void", "delete"])
def test_r19_frozen_invoice_keeps_its_share_of_a_payment_that_lives_on(connected, undone):
    ada, item = connected.customer(), connected.item()
    old = connected.invoice(ada, item)
    connected.pull()
    connected.emulator.advance(5)
    connected.import_again(Run.Kind.RESET)
    new = connected.invoice(ada, item)
    payment = connected.payment(ada, (new, 80))
    connected.pull()
    # As if the payment had been over both before the reset.
    Allocation.objects.create(payment=payment_of(payment), invoice=invoice_of(old), amount=20)
    before = Invoice.objects.filter(pk=invoice_of(old).pk).values().get()

    if undone == "change":
        parts = [
            {"Amount": 60, "LinkedTxn": [{"TxnId": new["Id"], "TxnType": "Invoice"}]},
            {"Amount": 20, "LinkedTxn": [{"TxnId": old["Id"], "TxnType": "Invoice"}]},
        ]
        connected.change("Payment", payment, Line=parts)
    else:
        connected.act("Payment", payment, undone)
    connected.pull()

    assert Invoice.objects.filter(pk=invoice_of(old).pk).values().get() == before
    assert 20 in shares(payment)
    assert invoice_of(new).balance == (140 if undone == "change" else 200)
    if undone == "change":
        assert payment_of(payment).elsewhere == 0
