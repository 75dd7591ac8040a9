"""Each external id links to one record: the database itself says so (design.md)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from integrations.models import CustomerLink, InvoiceLink, ItemLink, PaymentLink

LINKS = {
    "Customer": CustomerLink,
    "Item": ItemLink,
    "Invoice": InvoiceLink,
    "Payment": PaymentLink,
}


@pytest.mark.parametrize("kind", LINKS)
def test_r16_no_second_link_of_one_id(connected, kind):
    """Not even to another record."""
    ada, item = connected.customer(), connected.item()
    bea = connected.customer("Bea Miles", "bea@example.com")
    other = connected.item("Rope", "4.50")
    invoices = [connected.invoice(ada, item), connected.invoice(bea, other)]
    for invoice in invoices:
        connected.payment({"Id": invoice["CustomerRef"]["value"]}, (invoice, 50))
    connected.pull()
    first, second = LINKS[kind].objects.order_by("pk")[:2]
    first_id = first.external_id
    second.external_id, second.is_main = first_id, False

    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    assert LINKS[kind].objects.filter(external_id=first_id).count() == 1
