"""Workers and people at the same time, with real threads and connections (design.md)."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from contacts.models import Contact, Invoice, Payment, RecordKind
from contacts.services.contacts import update_contact
from contacts.services.payments import record_payment, void_payment
from integrations import assignments, importing, leases, outbox, tasks
from integrations.models import CustomerLink, Lease, Run
from integrations.pulling import pull as pulling
from integrations.pulling import wake
from tests.connection.threads import together
from tests.engine.threads import eventually, meanwhile, somebody_waits_for_a_lock
from tests.factories import ContactFactory


def cdc_calls(world):
    return world.emulator.requests("/cdc")


def test_many_pulls_at_once_apply_each_change_once(connected):
    for number in range(5):
        connected.customer(f"Person {number}", f"p{number}@example.com")
    pk = connected.connection.pk
    wake(pk)
    together(4, lambda: tasks.pull(pk))

    assert Contact.objects.count() == 5
    assert CustomerLink.objects.count() == 5
    assert Run.objects.filter(kind=Run.Kind.PULL).count() == 1
    assert len(cdc_calls(connected)) == 1


def test_wish_that_comes_while_the_last_call_is_under_way_is_served(connected):
    pk = connected.connection.pk
    connected.emulator.fail(mode="slow", path="/cdc", nth=1, seconds=0.7)
    wake(pk)
    with meanwhile(tasks.pull, pk) as first:
        eventually(lambda: Lease.objects.filter(until__isnull=False, name="pull").exists())
        time.sleep(0.2)
        connected.customer()
        wake(pk)
        # Another worker finds the lease taken and leaves the wish to its holder.
        tasks.pull(pk)
        assert not first.done()

    assert Contact.objects.count() == 1
    here = connected.connection
    assert here.wanted == here.served


def test_holder_whose_lease_ran_out_commits_nothing(connected):
    pk = connected.connection.pk
    connected.customer()
    connected.emulator.fail(mode="slow", path="/cdc", nth=1, seconds=0.7)
    before = connected.connection.cursor
    wake(pk)
    with meanwhile(pulling.pull, pk) as slow:
        eventually(lambda: Lease.objects.filter(until__isnull=False, name="pull").exists())
        Lease.objects.filter(name="pull").update(until=timezone.now() - timedelta(seconds=1))
        taken = leases.take(pk, Lease.Name.PULL, 60)
        assert taken is not None
    with pytest.raises(leases.LeaseLost):
        slow.result()
    assert not Contact.objects.exists()
    assert connected.connection.cursor == before

    taken.release()
    connected.poll()
    assert Contact.objects.count() == 1


def test_pull_waits_for_whoever_saves_a_contact_instead_of_meeting_in_a_deadlock(connected):
    ada = connected.customer()
    connected.pull()
    connected.change("Customer", ada, CompanyName="Engines")
    pk, contact = connected.connection.pk, Contact.objects.get()
    wake(pk)
    locked = threading.Event()

    def save_and_merge():
        with transaction.atomic():
            update_contact(contact, {"phone": "555"}, by=connected.admin)
            locked.set()
            eventually(somebody_waits_for_a_lock)
            # What merging does: the contact's row first, then its links.
            CustomerLink.objects.filter(contact=contact).update(display_name="Ada")

    with meanwhile(save_and_merge) as person:
        locked.wait(10)
        tasks.pull(pk)
    person.result()
    contact.refresh_from_db()
    assert (contact.phone, contact.company) == ("555", "Engines")


def test_edit_made_while_its_contact_is_linked_is_not_lost(connected):
    contact = ContactFactory(email="ada@example.com", first_name="Augusta", phone="")
    connected.customer()
    pk = connected.connection.pk
    wake(pk)
    locked = threading.Event()

    def save():
        with transaction.atomic():
            update_contact(contact, {"phone": "555"}, by=connected.admin)
            locked.set()
            eventually(somebody_waits_for_a_lock)

    with meanwhile(save) as person:
        locked.wait(10)
        tasks.pull(pk)
    person.result()
    contact.refresh_from_db()
    assert (contact.first_name, contact.phone) == ("Ada", "555")
    assert CustomerLink.objects.get().contact == contact


def test_who_holds_the_connections_row_keeps_no_edit_from_being_saved(connected):
    """Each outbox entry refers to that row: an edit that waited there with its own locks would
    meet the end of an import in a deadlock."""
    connection = connected.connection

    def save():
        with transaction.atomic(), database.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            outbox.enqueue(connection, RecordKind.CONTACT, 1)

    with transaction.atomic():
        importing.start(connection, kind=Run.Kind.RESET, trigger=Run.Trigger.PERSON)
        assignments.choose(connection, {})
        wake(connection.pk)
        with meanwhile(save) as person:
            person.result()


def test_payment_recorded_while_its_customer_and_invoice_arrive_is_kept(connected):
    """The page has the contact and waits for the invoice; the payment refers to both of them."""
    ada = connected.customer()
    row = connected.invoice(ada, connected.item())
    connected.pull()
    connected.change("Customer", ada, CompanyName="Engines")
    connected.change("Invoice", row, PrivateNote="Thank you")
    invoice = Invoice.objects.get()
    pk = connected.connection.pk
    wake(pk)
    locked = threading.Event()

    def pay():
        with transaction.atomic():
            record_payment(
                invoice.contact,
                Decimal(10),
                invoice.issue_date,
                allocations={invoice: Decimal(10)},
            )
            locked.set()
            eventually(somebody_waits_for_a_lock)

    with meanwhile(pay) as person:
        locked.wait(10)
        tasks.pull(pk)
    person.result()
    invoice.refresh_from_db()
    assert (invoice.contact.company, invoice.private_note) == ("Engines", "Thank you")
    assert Payment.objects.get().amount == 10


def test_payment_voided_while_it_and_its_invoice_arrive_meets_no_deadlock(connected):
    """Whoever edits a payment has it before its invoices, and so does the page."""
    ada = connected.customer()
    row = connected.invoice(ada, connected.item())
    paid = connected.payment(ada, (row, 50))
    connected.pull()
    connected.change("Invoice", row, PrivateNote="Thank you")
    connected.change("Payment", paid, PrivateNote="By cheque")
    payment = Payment.objects.get()
    pk = connected.connection.pk
    wake(pk)
    locked = threading.Event()

    def void():
        with transaction.atomic():
            Payment.objects.select_for_update().get(pk=payment.pk)
            locked.set()
            eventually(somebody_waits_for_a_lock)
            void_payment(payment)

    with meanwhile(void) as person:
        locked.wait(10)
        tasks.pull(pk)
    person.result()
    payment.refresh_from_db()
    assert payment.voided_at is not None
    assert payment.note == "By cheque"
    assert Invoice.objects.get().private_note == "Thank you"
