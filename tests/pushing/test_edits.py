"""Edits of linked contacts and products follow to QuickBooks, once and field by field (R9-R12)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contacts.models import Contact, FieldChange, Product
from contacts.services.contacts import update_contact
from contacts.services.products import update_product
from integrations import outbox
from integrations.models import Attention, Cause, CustomerLink, OutboxEntry
from tests.factories import ContactFactory


def _there(world, row, kind="Customer"):
    return next(each for each in world.emulator.store(world.realm)[kind] if each["Id"] == row["Id"])


def _writes(world):
    return [
        each
        for each in world.emulator.requests("/v3/company/", method="POST")
        if not each["path"].endswith("/query")
    ]


@pytest.fixture
def ada(connected):
    row = connected.customer(PrimaryPhone={"FreeFormNumber": "1"}, CompanyName="Engines")
    connected.pull()
    connected.emulator.forget_requests()
    return row


def test_r9_edit_of_a_linked_contact_is_one_write_and_no_read(connected, ada):
    contact = Contact.objects.get()

    update_contact(contact, {"phone": "2", "city": "London"})
    connected.work()

    there = _there(connected, ada)
    assert there["PrimaryPhone"]["FreeFormNumber"] == "2"
    assert there["BillAddr"]["City"] == "London"
    assert there["CompanyName"] == "Engines"
    assert (len(_writes(connected)), len(connected.reads())) == (1, 0)
    assert not OutboxEntry.objects.exists()
    link = CustomerLink.objects.get()
    assert (link.sync_token, link.apart) == (int(there["SyncToken"]), [])


def test_r10_fields_edited_on_both_sides_are_merged_and_quickbooks_wins_the_same_one(
    connected, ada
):
    contact = Contact.objects.get()
    connected.change(
        "Customer", ada, PrimaryPhone={"FreeFormNumber": "theirs"}, GivenName="Augusta"
    )

    update_contact(contact, {"phone": "ours", "company": "Looms"})
    connected.work()

    contact.refresh_from_db()
    there = _there(connected, ada)
    assert (contact.first_name, contact.phone, contact.company) == ("Augusta", "theirs", "Looms")
    assert (there["PrimaryPhone"]["FreeFormNumber"], there["CompanyName"]) == ("theirs", "Looms")
    assert FieldChange.objects.filter(field="phone", old="ours", new="theirs").exists()
    assert not OutboxEntry.objects.exists()


def test_r16_timeout_after_the_write_changes_the_customer_once(connected, ada):
    contact = Contact.objects.get()
    connected.emulator.fail(method="POST", path="/customer", count=1, mode="reset_after")

    update_contact(contact, {"phone": "2"})
    connected.work()
    first = OutboxEntry.objects.get()
    _let_time_pass(connected)
    outbox.enqueue(connected.connection, "product", 0)
    connected.work()

    there = _there(connected, ada)
    assert there["PrimaryPhone"]["FreeFormNumber"] == "2"
    assert there["SyncToken"] == "1"
    sent = [each["query"] for each in _writes(connected)]
    assert len(sent) == 2
    assert all(first.request_id in query for query in sent)
    assert not OutboxEntry.objects.exists()


def test_r9_send_to_quickbooks_links_the_customer_of_that_address(connected):
    connected.customer("Grace Hopper", "grace@example.com", PrimaryPhone={"FreeFormNumber": "9"})
    grace = ContactFactory(email="GRACE@example.com", first_name="G", phone="")

    outbox.enqueue(connected.connection, "contact", grace.pk)
    connected.work()

    grace.refresh_from_db()
    assert (grace.first_name, grace.phone) == ("Grace", "9")
    assert CustomerLink.objects.get(contact=grace).is_main
    assert _writes(connected) == []


def test_r9_new_customer_gets_its_address_in_the_name_where_the_name_is_taken(connected):
    connected.emulator.add(connected.realm, "Vendor", {"DisplayName": "Alan Turing"})
    alan = ContactFactory(
        email="alan@example.com", first_name="Alan", middle_name="", last_name="Turing"
    )

    outbox.enqueue(connected.connection, "contact", alan.pk)
    connected.work()

    names = [row["DisplayName"] for row in connected.emulator.store(connected.realm)["Customer"]]
    assert names == ["Alan Turing (alan@example.com)"]
    connected.pull()
    assert Contact.objects.count() == 1
    assert CustomerLink.objects.get().contact == alan


def test_r9_inactive_customer_of_that_address_asks_a_person(connected):
    old = connected.customer("Old Friend", "old@example.com")
    connected.act("Customer", old, "inactivate")
    contact = ContactFactory(email="old@example.com")

    outbox.enqueue(connected.connection, "contact", contact.pk)
    connected.work()

    assert OutboxEntry.objects.get().state == OutboxEntry.State.HELD
    assert Attention.objects.get(cause=Cause.PUSH_HELD).facts["why"] == "inactive_match"
    assert _writes(connected) == []


def test_r12_edit_of_a_linked_product_follows_to_the_cent(connected):
    item = connected.item("Consulting", "100.00")
    connected.pull()
    product = Product.objects.get(name="Consulting")

    update_product(product, {"unit_price": Decimal("92.5633333"), "description": "By the hour"})
    connected.work()

    there = _there(connected, item, "Item")
    assert Decimal(str(there["UnitPrice"])) == Decimal("92.5633333")
    assert there["Description"] == "By the hour"


def test_one_rejected_record_never_blocks_another(connected, ada):
    contact = Contact.objects.get()
    bob = connected.customer("Bob Noyce", "bob@example.com")
    connected.pull()
    connected.emulator.fail(
        method="POST",
        path="/customer",
        count=1,
        mode="status",
        status=400,
        body='{"Fault":{"Error":[{"Message":"no","Detail":"no","code":"2010"}],"type":"ValidationFault"}}',
    )

    update_contact(contact, {"phone": "2"})
    update_contact(Contact.objects.get(email="bob@example.com"), {"phone": "3"})
    connected.work()

    assert OutboxEntry.objects.get().state == OutboxEntry.State.HELD
    assert _there(connected, bob)["PrimaryPhone"]["FreeFormNumber"] == "3"


def _let_time_pass(world):
    OutboxEntry.objects.update(not_before=world.connection.connected_at)
    world.connection.__class__.objects.update(back_off_until=None)
