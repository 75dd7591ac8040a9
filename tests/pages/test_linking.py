"""Linking by hand, unlinking, leaving alone and sending, as a person presses it (R9, R22)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from contacts.models import Contact, FieldChange, Invoice, Product, RecordKind
from contacts.services.contacts import update_contact
from integrations.models import (
    Connection,
    CustomerLink,
    InvoiceLink,
    ItemLink,
    OutboxEntry,
    Reason,
    SetAside,
)
from integrations.record_states import states_of
from tests.engine.world import World
from tests.factories import ContactFactory, ProductFactory
from tests.pages.conftest import person
from tests.signing_in import signed_in


@pytest.fixture
def world(emulator, transactional_db):
    """A connected company with nothing in it."""
    world = World(emulator, person("ada@business.example", role="admin", first_name="Ada"))
    world.connect()
    world.work()
    world.emulator.forget_requests()
    return world


@pytest.fixture
def client(world):
    return signed_in(person("sam@business.example", first_name="Sam"))


def page(client, record):
    return client.get(record.get_absolute_url()).content.decode()


def state(kind, record):
    return states_of(kind, [record.pk])[record.pk].label


def press(client, name, *args, **data):
    return client.post(reverse(f"integrations:{name}", args=args), data, follow=True)


def said(response):
    return response.content.decode()


def customers(world):
    return world.emulator.store(world.realm).get("Customer", [])


def test_r9_send_to_quickbooks_creates_the_customer_once(world, client):
    contact = ContactFactory(email="grace@example.com", first_name="Grace", last_name="Hopper")
    assert reverse("integrations:send_contact", args=[contact.pk]) in page(client, contact)

    press(client, "send_contact", contact.pk)
    press(client, "send_contact", contact.pk)
    waiting = page(client, contact)
    assert "It is on its way to QuickBooks." in waiting
    assert reverse("integrations:send_contact", args=[contact.pk]) not in waiting
    world.work()

    [there] = customers(world)
    assert there["PrimaryEmailAddr"]["Address"] == "grace@example.com"
    assert state(RecordKind.CONTACT, contact) == "In step"
    assert "Send to QuickBooks" not in page(client, contact)


def test_r9_send_to_quickbooks_links_the_customer_of_that_address(world, client):
    world.customer("Grace Hopper", "grace@example.com")
    contact = ContactFactory(email="grace@example.com")
    press(client, "send_contact", contact.pk)
    world.work()
    assert len(customers(world)) == 1
    assert CustomerLink.objects.get().contact == contact


def test_r6_without_an_address_nothing_is_sent(world, client):
    contact = ContactFactory(without_email=True)
    assert "Send to QuickBooks" not in page(client, contact)
    assert "Without an email address" in said(press(client, "send_contact", contact.pk))
    assert not OutboxEntry.objects.exists()


def test_sending_needs_a_post_and_a_connection(world, client):
    contact = ContactFactory()
    address = reverse("integrations:send_contact", args=[contact.pk])
    assert client.get(address).status_code == 405
    Connection.objects.update(status="disconnected", access_token="", refresh_token="")
    assert "QuickBooks is not connected." in said(client.post(address, follow=True))
    assert "Link by hand" not in page(client, contact)


def linkable(world):
    """A customer there and a contact here that only a person can know to be one."""
    there = world.customer("Ada Lovelace", "ada@example.com", CompanyName="Engines")
    world.customer("Adam Ant", email=None)
    contact = ContactFactory(
        first_name="Augusta", last_name="King", email="countess@example.com", company=""
    )
    return there, contact


def test_r22_a_contact_is_linked_by_hand(world, client):
    there, contact = linkable(world)
    world.customer("Someone Else", "else@example.com")
    address = reverse("integrations:link_contact", args=[contact.pk])
    assert address in page(client, contact)
    world.emulator.forget_requests()

    found = said(client.get(address, {"q": "ada"}))

    assert len(world.reads()) == 1
    assert "Ada Lovelace" in found
    assert "Adam Ant" in found
    assert "It has no email address there" in found
    assert "Someone Else" not in found
    assert f'value="{there["Id"]}"' in found

    answer = client.post(address, {"choice": there["Id"]}, follow=True)

    assert "Linked." in said(answer)
    contact.refresh_from_db()
    assert (contact.first_name, contact.email, contact.company) == (
        "Ada",
        "ada@example.com",
        "Engines",
    )
    old = FieldChange.objects.get(record_id=contact.pk, field="email", kind="contact")
    assert (old.old, old.by.email) == ("countess@example.com", "sam@business.example")
    assert state(RecordKind.CONTACT, contact) == "In step"
    world.work()
    assert Contact.objects.filter(customer_links__isnull=False).count() == 2
    assert CustomerLink.objects.get(external_id=there["Id"]).contact == contact


def test_r22_the_search_begins_with_the_address(world, client):
    there, contact = linkable(world)
    update_contact(contact, {"email": "ada@example.com"})
    found = said(client.get(reverse("integrations:link_contact", args=[contact.pk])))
    assert f'value="{there["Id"]}"' in found


def test_r22_what_is_linked_already_cannot_be_chosen(world, client):
    there, contact = linkable(world)
    world.pull()
    address = reverse("integrations:link_contact", args=[contact.pk])
    found = said(client.get(address, {"q": "Ada Lovelace"}))
    assert "It is Ada Lovelace here." in found
    assert f'value="{there["Id"]}"' not in found
    assert "linked to another record" in said(
        client.post(address, {"choice": there["Id"]}, follow=True)
    )
    assert CustomerLink.objects.get().contact != contact


@pytest.mark.parametrize("choice", ["", "999999", "1' OR '1", "²"])
def test_a_choice_that_is_none_changes_nothing(world, client, choice):
    _, contact = linkable(world)
    address = reverse("integrations:link_contact", args=[contact.pk])
    answer = client.post(address, {"choice": choice}, follow=True)
    assert answer.status_code == 200
    assert not CustomerLink.objects.exists()


def test_a_search_that_quickbooks_does_not_answer_says_so(world, client):
    _, contact = linkable(world)
    world.emulator.fail(path="/query", mode="status", status=500)
    answer = client.get(reverse("integrations:link_contact", args=[contact.pk]), {"q": "ada"})
    assert "QuickBooks" in said(answer)
    assert "Nothing was changed" in said(answer)


def test_r22_invoices_that_waited_come_in_with_the_link(world, client):
    there, contact = linkable(world)
    world.pull()
    press(client, "unlink", "contact", CustomerLink.objects.get().pk)
    world.invoice(there, world.item())
    world.pull()
    assert not Invoice.objects.exists()

    address = reverse("integrations:link_contact", args=[contact.pk])
    client.post(address, {"choice": there["Id"]})
    world.work()

    assert Invoice.objects.get().contact == contact


def test_r22_a_product_is_linked_by_hand(world, client):
    there = world.item("Consulting", "80.00", Sku="C-1")
    product = ProductFactory(name="Advice", full_name="Advice", sku="")
    address = reverse("integrations:link_product", args=[product.pk])
    assert address in page(client, product)

    assert "Consulting" in said(client.get(address, {"q": "consult"}))
    client.post(address, {"choice": there["Id"]})

    product.refresh_from_db()
    assert (product.name, product.sku, product.unit_price) == ("Consulting", "C-1", 80)
    world.work()
    assert not Product.objects.exclude(pk=product.pk).filter(name="Consulting").exists()
    assert ItemLink.objects.get(external_id=there["Id"]).product == product


def test_r22_unlink_keeps_both_and_does_not_come_back(world, client):
    there = world.customer()
    world.pull()
    link = CustomerLink.objects.get()
    contact = link.contact
    address = reverse("integrations:unlink", args=["contact", link.pk])
    assert address in page(client, contact)
    assert "Both records stay" in said(client.get(address))
    assert CustomerLink.objects.exists()

    client.post(address)
    world.change("Customer", there, CompanyName="New name")
    world.pull()
    world.import_again()

    assert not CustomerLink.objects.exists()
    assert Contact.objects.get() == contact
    assert SetAside.objects.get().reason == Reason.NOT_WANTED
    assert len(customers(world)) == 1
    update_contact(contact, {"phone": "555 0100"})
    world.work()
    assert "PrimaryPhone" not in customers(world)[0]
    assert state(RecordKind.CONTACT, contact) == "Not synced"


def test_r22_what_was_unlinked_can_be_included_again(world, client):
    world.customer()
    world.pull()
    contact = Contact.objects.get()
    press(client, "unlink", "contact", CustomerLink.objects.get().pk)
    press(client, "include", SetAside.objects.get().pk)
    assert CustomerLink.objects.get().contact == contact


def test_r22_an_edit_that_waited_is_not_sent_after_unlinking(world, client):
    world.customer()
    world.pull()
    link = CustomerLink.objects.get()
    update_contact(link.contact, {"phone": "555 0100"})
    assert OutboxEntry.objects.exists()
    press(client, "unlink", "contact", link.pk)
    world.work()
    assert not OutboxEntry.objects.exists()
    assert len(customers(world)) == 1


def test_r5_another_customer_is_the_main_one_once_the_main_one_is_unlinked(world, client):
    first = world.customer("Team One", "team@example.com")
    second = world.customer("Team Two", "team@example.com")
    world.pull()
    press(client, "unlink", "contact", CustomerLink.objects.get(external_id=first["Id"]).pk)
    [left] = CustomerLink.objects.all()
    assert (left.external_id, left.is_main) == (second["Id"], True)


def test_r22_a_product_is_unlinked(world, client):
    there = world.item("Consulting")
    world.pull()
    link = ItemLink.objects.get(external_id=there["Id"])
    press(client, "unlink", "product", link.pk)
    world.import_again()
    assert not ItemLink.objects.filter(external_id=there["Id"]).exists()
    assert Product.objects.get(name="Consulting") == link.product


def test_r22_do_not_sync_this_one_stops_both_directions_until_it_is_synced_again(world, client):
    there = world.customer("Ada Lovelace", CompanyName="Engines")
    world.pull()
    link = CustomerLink.objects.get()
    contact = link.contact
    assert "Do not sync this one" in page(client, contact)

    press(client, "leave_alone", "contact", link.pk)
    press(client, "leave_alone", "contact", link.pk)
    world.change("Customer", there, CompanyName="Looms")
    update_contact(contact, {"phone": "555 0100"})
    world.pull()
    world.import_again()

    contact.refresh_from_db()
    assert contact.company == "Engines"
    assert "PrimaryPhone" not in customers(world)[0]
    assert state(RecordKind.CONTACT, contact) == "Not synced"
    shown = page(client, contact)
    assert "Somebody chose not to sync it" in shown
    assert "Sync it again" in shown

    answer = press(client, "sync_again", "contact", link.pk)
    world.work()

    assert "It is synced again" in said(answer)
    contact.refresh_from_db()
    assert (contact.company, contact.phone) == ("Looms", "555 0100")
    assert customers(world)[0]["PrimaryPhone"]["FreeFormNumber"] == "555 0100"
    assert state(RecordKind.CONTACT, contact) == "In step"


def test_r22_a_product_is_left_alone(world, client):
    there = world.item("Consulting", "80.00")
    world.pull()
    link = ItemLink.objects.get(external_id=there["Id"])
    press(client, "leave_alone", "product", link.pk)
    world.change("Item", there, UnitPrice=90)
    world.pull()
    assert Product.objects.get(name="Consulting").unit_price == 80
    press(client, "sync_again", "product", link.pk)
    assert Product.objects.get(name="Consulting").unit_price == 90


def test_r22_an_invoice_is_left_alone_and_catches_up_with_its_payments(world, client):
    customer, item = world.customer(), world.item()
    there = world.invoice(customer, item)
    world.pull()
    link = InvoiceLink.objects.get()
    press(client, "leave_alone", "invoice", link.pk)
    world.payment(customer, (there, 50))
    world.pull()
    assert Invoice.objects.get().balance == 200
    assert state(RecordKind.INVOICE, link.invoice) == "Not synced"

    press(client, "sync_again", "invoice", link.pk)
    world.work()

    invoice = Invoice.objects.get()
    assert (invoice.balance, invoice.credited) == (150, 0)
    assert invoice.allocations.get().amount == 50
    assert state(RecordKind.INVOICE, invoice) == "In step"


def test_r19_what_a_reset_froze_cannot_be_woken_up(world, client):
    there = world.invoice(world.customer(), world.item())
    world.pull()
    world.emulator.advance(5)
    world.import_again("reset")
    link = InvoiceLink.objects.get()
    assert link.frozen_at
    assert state(RecordKind.INVOICE, link.invoice) == "Frozen"
    assert "Sync it again" not in page(client, link.invoice)
    world.change("Invoice", there, PrivateNote="changed")
    assert "before a reset" in said(press(client, "sync_again", "invoice", link.pk))
    link.refresh_from_db()
    assert link.frozen_at


def test_r22_a_skipped_customer_is_set_to_not_sync(world, client):
    there = world.customer("Adam Ant", email=None)
    world.pull()
    aside = SetAside.objects.get()
    assert reverse("integrations:leave_out", args=[aside.pk]) in said(client.get("/skipped/"))
    press(client, "leave_out", aside.pk)
    world.change("Customer", there, PrimaryEmailAddr={"Address": "adam@example.com"})
    world.pull()
    assert not Contact.objects.exists()
    press(client, "include", aside.pk)
    assert Contact.objects.get().email == "adam@example.com"


@pytest.mark.parametrize("name", ["leave_alone", "sync_again"])
def test_decisions_need_a_post_and_a_known_link(world, client, name):
    world.customer()
    world.pull()
    pk = CustomerLink.objects.get().pk
    assert client.get(reverse(f"integrations:{name}", args=["contact", pk])).status_code == 405
    for kind, other in (("contact", pk + 1), ("payment", pk), ("nonsense", pk)):
        address = reverse(f"integrations:{name}", args=[kind, other])
        assert client.post(address).status_code == 404
