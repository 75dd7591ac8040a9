"""Customers merged in QuickBooks: only the event tells into whom, and may be late (facts 5.18)."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from contacts.models import Contact, Invoice, RecordKind
from integrations.models import CustomerLink, InvoiceLink, WebhookEvent
from integrations.record_states import states_of
from tests.chaos.post import Post, deliver
from tests.engine.test_addresses import link


def notify(world, survivor, loser):
    """As Intuit's merged event does, whenever it comes."""
    WebhookEvent.objects.create(
        connection=world.connection,
        dedupe_key=f"{survivor['Id']}-{loser['Id']}-{WebhookEvent.objects.count()}",
        kind="Customer",
        operation="merged",
        external_id=survivor["Id"],
        deleted_id=loser["Id"],
        at=timezone.now() - datetime.timedelta(seconds=1),
        received_at=timezone.now(),
    )


@pytest.mark.parametrize("shown", ["absent", "deleted", "inactive"])
def test_r5_invoices_go_with_the_survivor_whenever_the_event_comes(connected, shown):
    connected.emulator.switch(cdc_merged=shown)
    item = connected.item()
    for order in ("event first", "together", "event last", "event twice"):
        name = order.replace(" ", "")
        loser = connected.customer(f"Ada {name}", f"ada.{name}@example.com")
        survivor = connected.customer(f"Bea {name}", f"bea.{name}@example.com")
        invoice = connected.invoice(loser, item)
        connected.pull()

        if order == "event first":
            notify(connected, survivor, loser)
            connected.pull()
        connected.act("Customer", loser, "merge", into=survivor["Id"])
        if order in ("together", "event twice"):
            notify(connected, survivor, loser)
        connected.pull()
        if order in ("event last", "event twice"):
            notify(connected, survivor, loser)
            connected.pull()

        kept = InvoiceLink.objects.get(external_id=invoice["Id"])
        assert kept.invoice.contact == link(survivor).contact, order
        assert kept.customer_id == survivor["Id"]
        assert link(survivor).is_main
        assert link(loser).gone_at is not None
        assert not link(loser).is_main
    assert Contact.objects.count() == 8


def test_r5_two_merges_of_one_second_told_in_the_old_shape_are_two(connected):
    connected.emulator.switch(cdc_merged="absent", event_dress="plain")
    post = Post(connected.emulator, form="legacy")
    losers = [connected.customer(f"Ada {n}", f"ada.{n}@example.com") for n in range(2)]
    survivor = connected.customer("Bea Miles", "bea@example.com")
    connected.pull()
    for loser in losers:
        connected.act("Customer", loser, "merge", into=survivor["Id"])
    for body in post.collect():
        deliver(body)
    connected.work()

    assert [link(loser).gone_at is not None for loser in losers] == [True, True]


def test_r5_row_that_still_names_the_loser_leads_to_the_survivor(connected):
    loser = connected.customer("Ada Lovelace", "ada@example.com")
    survivor = connected.customer("Bea Miles", "bea@example.com")
    item = connected.item()
    invoice = connected.invoice(loser, item)
    connected.pull()
    # The event alone: QuickBooks' own rows have not changed yet.
    notify(connected, survivor, loser)
    connected.pull()
    connected.change("Invoice", invoice, DueDate="2030-01-01")
    connected.pull()

    assert Invoice.objects.get().contact == link(survivor).contact
    assert str(Invoice.objects.get().due_date) == "2030-01-01"


def test_r5_merged_main_customer_leaves_the_contact_to_the_next_one(connected):
    first = connected.customer("Shared One", "team@example.com", CompanyName="One")
    second = connected.customer("Shared Two", "team@example.com", CompanyName="Two")
    connected.pull()
    assert link(first).is_main

    connected.act("Customer", first, "merge", into=second["Id"])
    notify(connected, second, first)
    connected.pull()

    assert CustomerLink.objects.get(is_main=True) == link(second)
    assert Contact.objects.get().company == "Two"


def test_r6_parked_invoice_of_a_loser_comes_in_for_the_survivor(connected):
    loser = connected.customer("No Address", email=None)
    survivor = connected.customer("Bea Miles", "bea@example.com")
    connected.invoice(loser, connected.item())
    connected.pull()
    assert not Invoice.objects.exists()

    # The event alone, then also what QuickBooks does to the invoice.
    notify(connected, survivor, loser)
    connected.pull()
    assert Invoice.objects.get().contact == link(survivor).contact
    connected.act("Customer", loser, "merge", into=survivor["Id"])
    connected.pull()
    assert Invoice.objects.get().contact == link(survivor).contact


def test_r5_invoices_of_a_loser_wait_with_its_contact_for_a_survivor_without_address(connected):
    loser = connected.customer("Ada Lovelace", "ada@example.com")
    survivor = connected.customer("No Address", email=None)
    invoice = connected.invoice(loser, connected.item())
    connected.pull()
    connected.act("Customer", loser, "merge", into=survivor["Id"])
    notify(connected, survivor, loser)
    connected.pull()
    assert Invoice.objects.get().contact.email == "ada@example.com"
    connected.change("Invoice", invoice, DueDate="2030-01-01")
    connected.pull()
    assert str(Invoice.objects.get().due_date) == "2030-01-01"

    connected.change("Customer", survivor, PrimaryEmailAddr={"Address": "bea@example.com"})
    connected.pull()
    assert Invoice.objects.get().contact.email == "bea@example.com"


def test_r5_customer_merged_into_one_without_an_address_leaves_its_contact_alone(connected):
    ada = connected.customer("Ada Lovelace", "ada@example.com")
    survivor = connected.customer("Lovelace and Daughters", email=None)
    connected.pull()
    contact = Contact.objects.get()

    connected.act("Customer", ada, "merge", into=survivor["Id"])
    notify(connected, survivor, ada)
    connected.pull()
    connected.poll()

    assert CustomerLink.objects.get().gone_at is not None
    state = states_of(RecordKind.CONTACT, [contact.pk])[contact.pk]
    assert state.label == "Gone"
    assert state.reason.startswith("Deleted or merged away in QuickBooks")
