"""What QuickBooks does not take is shown (R15), and asked no longer once both sides agree (R23)."""

from __future__ import annotations

import pytest

from contacts.models import Contact, Product
from contacts.services.contacts import update_contact
from contacts.services.products import update_product
from integrations.models import Attention, Cause, OutboxEntry


def asked():
    """The fields that somebody is asked about."""
    items = Attention.objects.filter(cause=Cause.NOT_TAKEN, closed_at=None)
    return sorted(item.facts["fields"] for item in items)


@pytest.mark.parametrize("agreed_by", ["there", "here"])
def test_r23_a_field_that_was_not_cleared_is_asked_about_until_the_sides_agree(
    connected, agreed_by
):
    """Facts 7.14: whether an empty text clears is not known."""
    ada = connected.customer(PrimaryPhone={"FreeFormNumber": "555-0100"})
    item = connected.item(Sku="C-1", Description="By the hour")
    connected.pull()
    connected.emulator.switch(blank_clears=False)

    update_contact(Contact.objects.get(), {"phone": ""})
    update_product(Product.objects.get(sku="C-1"), {"description": ""})
    connected.work()
    assert asked() == [["description"], ["phone"]]

    # Another change is no answer.
    connected.change("Customer", ada, CompanyName="Engines")
    connected.change("Item", item, UnitPrice=3)
    connected.pull()
    assert asked() == [["description"], ["phone"]]

    if agreed_by == "there":
        connected.change("Customer", ada, PrimaryPhone=None)
        connected.change("Item", item, Description=None)
        connected.pull()
    else:
        update_contact(Contact.objects.get(), {"phone": "555-0100"})
        update_product(Product.objects.get(sku="C-1"), {"description": "By the hour"})
        connected.work()
    assert asked() == []
    assert not OutboxEntry.objects.exists()
