"""Unsent is computed, never remembered: a lost outbox entry costs a day at most (design.md)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import Contact, Invoice, Payment, Product
from contacts.services.contacts import update_contact
from contacts.services.products import update_product
from integrations import attention, tasks
from integrations.models import Cause, Connection, InvoiceLink, OutboxEntry, PaymentLink
from integrations.pushing import sweep
from tests.pushing.test_edits import _there, _writes
from tests.pushing.test_invoices import an_invoice, pay, send, there


@pytest.fixture
def known(connected):
    """A linked contact and product, and an invoice of ours that is there and paid in part."""
    connected.ada = connected.customer()
    connected.consulting = connected.item("Consulting", "100.00")
    connected.pull()
    invoice = an_invoice(Contact.objects.get(), (Product.objects.get(name="Consulting"), 3, "100"))
    send(connected, invoice, "sent_at")
    send(connected, pay(invoice, Decimal(120)), "created")
    connected.emulator.forget_requests()
    return connected


def lose_entries():
    """What was edited is here; nothing says that QuickBooks lacks it."""
    OutboxEntry.objects.all().delete()
    OrmQ.objects.all().delete()


def a_day_later(world):
    Connection.objects.update(swept_at=timezone.now() - sweep.EVERY)
    world.poll()


def test_an_edit_that_lost_its_entry_is_found_the_next_day(known):
    update_contact(Contact.objects.get(), {"phone": "2"})
    update_product(Product.objects.get(name="Consulting"), {"description": "By the hour"})
    lose_entries()
    known.poll()
    assert _writes(known) == []

    a_day_later(known)

    assert _there(known, known.ada)["PrimaryPhone"]["FreeFormNumber"] == "2"
    assert _there(known, known.consulting, "Item")["Description"] == "By the hour"
    assert len(_writes(known)) == 2
    assert not OutboxEntry.objects.exists()


def test_r15_a_sent_invoice_and_its_payment_that_lost_their_entries_are_found(known):
    invoice = an_invoice(Contact.objects.get(), ("Travel", 1, "50"), number="INV-2")
    pay(invoice, Decimal(50))

    a_day_later(known)

    assert sorted(row["TotalAmt"] for row in there(known, "Payment")) == [50, 120]
    assert [row["Balance"] for row in there(known) if row["DocNumber"] == "INV-2"] == [0]


def test_r15_an_edited_invoice_that_lost_its_entry_is_found(known):
    Invoice.objects.update(memo="Thank you")
    a_day_later(known)
    assert there(known)[0]["CustomerMemo"]["value"] == "Thank you"


def test_r18_a_voided_payment_and_then_its_voided_invoice_are_found(known):
    Payment.objects.get().allocations.all().delete()
    Payment.objects.update(voided_at=timezone.now())
    a_day_later(known)
    assert there(known)[0]["Balance"] == 300

    Invoice.objects.update(voided_at=timezone.now(), balance=0)
    a_day_later(known)
    assert there(known)[0]["PrivateNote"].startswith("Voided")


def test_in_step_nothing_is_sent_and_only_settings_lists_and_changes_are_read(known):
    a_day_later(known)
    assert _writes(known) == []
    asked = [each["path"].rpartition("/")[2] for each in known.reads()]
    assert sorted(asked) == sorted(["cdc", known.realm, "preferences", *["query"] * 2])


def test_r14_drafts_older_invoices_and_frozen_ones_stay_here(known):
    before = an_invoice(Contact.objects.get(), ("Before", 1, "1"), number="INV-3")
    Invoice.objects.filter(pk=before.pk).update(
        created_at=known.connection.invoices_since_here - timedelta(seconds=1)
    )
    draft = an_invoice(Contact.objects.get(), ("Draft", 1, "1"), number="")
    Invoice.objects.filter(pk=draft.pk).update(sent_at=None)
    InvoiceLink.objects.update(frozen_at=timezone.now())
    PaymentLink.objects.update(frozen_at=timezone.now())
    Invoice.objects.update(memo="Frozen")
    a_day_later(known)
    assert _writes(known) == []


def test_r15_what_quickbooks_did_not_take_is_not_sent_for_ever(known):
    invoice = Invoice.objects.get()
    Invoice.objects.update(memo="Not taken")
    key = f"invoice-{invoice.pk}"
    attention.open_item(known.connection, Cause.NOT_TAKEN, key=key)
    a_day_later(known)
    assert _writes(known) == []


def test_one_of_several_workers_sweeps_and_goes_on_where_its_time_ended(known, monkeypatch):
    Connection.objects.update(swept_at=timezone.now() - sweep.EVERY)
    connection = known.connection
    assert [sweep.begin(connection), sweep.begin(connection)] == [True, False]
    Invoice.objects.update(memo="Thank you")
    monkeypatch.setattr(sweep, "WORK_SECONDS", -1.0)

    tasks.sweep(connection.pk)

    task = OrmQ.objects.get().task
    assert (task["func"], task["args"][:2]) == ("integrations.tasks.sweep", (connection.pk, 0))
    known.work()
    assert there(known)[0]["CustomerMemo"]["value"] == "Thank you"


def test_new_settings_are_read_when_quickbooks_tells_and_let_go_what_waited(known):
    preferences = {"SalesFormsPrefs": {"AllowDiscount": False}}
    known.emulator.change(known.realm, "Preferences", "1", preferences)
    tasks.read_company(known.connection.pk)
    assert known.connection.company["allows_discount"] is False
    invoice = an_invoice(
        Contact.objects.get(), ("Travel", 1, "50"), discount=Decimal(5), number="INV-2"
    )
    send(known, invoice)
    assert OutboxEntry.objects.get().held_cause == "no_discount"
    preferences = {"SalesFormsPrefs": {"AllowDiscount": True}}
    known.emulator.change(known.realm, "Preferences", "1", preferences)

    tasks.read_company(known.connection.pk)
    known.work()

    assert [row["TotalAmt"] for row in there(known) if row["DocNumber"] == "INV-2"] == [45]
    assert not OutboxEntry.objects.exists()
