"""What waited when *invoices since* moves is not sent, and is listed (R19)."""

from __future__ import annotations

import pytest

from contacts.models import Contact, Product
from integrations import resetting
from integrations.models import InvoiceLink, OutboxEntry, Run
from tests.pushing.test_invoices import an_invoice, send, there


@pytest.fixture
def held(connected):
    """An invoice of a contact without an address: it waits for a person."""
    connected.item("Consulting", "100.00")
    connected.pull()
    contact = Contact.objects.create(first_name="No", last_name="Address")
    send(connected, an_invoice(contact, (Product.objects.get(name="Consulting"), 1, "100")))
    return contact


def test_r19_reset_cancels_older_waiting_invoices_and_lists_them(connected, held):
    assert OutboxEntry.objects.get().state == OutboxEntry.State.HELD

    resetting.request(connected.connection, connected.admin)
    connected.work()
    Contact.objects.filter(pk=held.pk).update(email="late@example.com")
    connected.pull()

    assert not OutboxEntry.objects.exists()
    assert not InvoiceLink.objects.exists()
    assert there(connected) == []
    assert "INV-1001" in Run.objects.get(kind=Run.Kind.RESET).message
